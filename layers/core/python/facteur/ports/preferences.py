"""What a dossier chose, and the journal of who changed what."""

from collections.abc import Sequence
from typing import Protocol

from facteur.domain.acceptance import Preferences
from facteur.domain.journal import JournalEntry


class PreferencesStore(Protocol):
    """The preferences of dossiers."""

    def load(self, dossier: str) -> Preferences:
        """A dossier's preferences; those of a new dossier when it never chose."""
        ...

    def save(self, preferences: Preferences, entries: Sequence[JournalEntry]) -> Preferences:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        ...


class Journal(Protocol):
    """What people changed in a dossier, apart from its documents; append-only."""

    def add(self, entries: Sequence[JournalEntry]) -> None:
        """Append (idempotent by identifier)."""
        ...

    def entries(self, dossier: str, *, limit: int = 100) -> tuple[JournalEntry, ...]:
        """The last entries of a dossier, newest first."""
        ...
