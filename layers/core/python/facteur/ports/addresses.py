"""The mail addresses that dossiers chose."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from facteur.domain.addresses import Addresses
from facteur.domain.commands import Scheduled
from facteur.domain.documents import Direction
from facteur.domain.journal import JournalEntry


class AddressBook(Protocol):
    """Which names a dossier chose, in step with the mailboxes that are routed."""

    def load(self, dossier: str) -> Addresses:
        """What a dossier chose; nothing chosen when it never did."""
        ...

    def save(
        self,
        addresses: Addresses,
        *,
        take: Mapping[str, Direction],
        free: Sequence[str] = (),
        commands: Sequence[Scheduled] = (),
        entries: Sequence[JournalEntry] = (),
    ) -> Addresses:
        """Write it all or nothing: the book, the whole addresses taken and freed, what follows.

        StaleVersionError when the book moved; DuplicateError (``mailbox.taken``) when an address
        is another dossier's. Frees nothing that is not this dossier's.
        """
        ...
