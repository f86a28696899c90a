"""The time, new identifiers, the queue and the guard of what runs once."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from facteur.domain.commands import Scheduled

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


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


class Later(Protocol[T_co]):
    """An answer that is being worked out."""

    def result(self) -> T_co:
        """The answer, waited for; raises what the work raised."""
        ...


class Beside(Protocol):
    """Lets a call that waits (for a child process) run beside what its caller does meanwhile."""

    def __call__(self, call: Callable[[], T], /) -> Later[T]:
        """Start the call; from then on it runs in another thread, or when it is asked for."""
        ...


class OnDemand(Generic[T]):
    """Later, without threads: a call that is made when its answer is first asked for."""

    def __init__(self, call: Callable[[], T], /) -> None:
        self._call = call

    def result(self) -> T:
        """The answer."""
        return self._answer

    @cached_property
    def _answer(self) -> T:
        return self._call()


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
