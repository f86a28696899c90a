"""The API keys of dossiers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from facteur.domain.journal import JournalEntry
from facteur.domain.keys import ApiKey


class ApiKeys(Protocol):
    """Keys by their hash, and a dossier's list of them."""

    def find(self, digest: str) -> ApiKey | None:
        """The key with this digest, over or not; None when there is none."""
        ...

    def of_dossier(self, dossier: str) -> tuple[ApiKey, ...]:
        """Every key that a dossier had, newest first."""
        ...

    def save(self, keys: Sequence[ApiKey], entries: Sequence[JournalEntry]) -> None:
        """Write keys (new ones have version 0) and what the journal says, all or nothing.

        DuplicateError (``api_key.exists``); StaleVersionError when one moved.
        """
        ...

    def used(self, key: ApiKey, at: datetime) -> None:
        """Note a use; nothing happens when the key changed meanwhile."""
        ...
