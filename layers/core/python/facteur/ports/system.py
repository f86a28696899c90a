"""The time, new identifiers, the queue and the guard of what runs once."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from facteur.domain.commands import Scheduled


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, in UTC, aware."""
        ...


class Ids(Protocol):
    """New identifiers."""

    def new(self) -> str:
        """A new identifier: URL-safe, sortable by time (26 characters, lower case)."""
        ...


class Queue(Protocol):
    """Sends commands to the function that runs them."""

    def send(self, scheduled: Scheduled, *, delay_seconds: int = 0) -> None:
        """Send now (delay up to 900 s)."""
        ...


class Once(Protocol):
    """At most one effective run per command identifier."""

    def run(self, command_id: str, work: Callable[[], None]) -> None:
        """Run ``work`` unless it already ran to its end; concurrent calls: one runs."""
        ...
