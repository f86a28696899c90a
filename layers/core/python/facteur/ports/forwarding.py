"""Where what is archived goes by itself, and what became of each document."""

from collections.abc import Sequence
from typing import Protocol

from facteur.domain.forwarding import Delivery, Forwarding
from facteur.domain.journal import JournalEntry


class Forwardings(Protocol):
    """Rules and deliveries; every call names the dossier."""

    def load(self, dossier: str) -> Forwarding:
        """The rules of a dossier, none when it never made one."""
        ...

    def save(self, forwarding: Forwarding, entries: Sequence[JournalEntry]) -> Forwarding:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        ...

    def begin(self, delivery: Delivery) -> bool:
        """Write a delivery that must not exist yet; False when it does."""
        ...

    def update(self, delivery: Delivery) -> None:
        """Write what became of a delivery."""
        ...

    def delivery(self, dossier: str, delivery: str) -> Delivery:
        """A delivery; NotFoundError."""
        ...

    def deliveries(self, dossier: str, *, limit: int = 100) -> tuple[Delivery, ...]:
        """The last deliveries of a dossier, newest first."""
        ...
