"""What people changed in a dossier's settings: who, when, what, from what to what.

The counterpart of a document's history for everything that is not a document: preferences,
parties, members, addresses, keys. Append-only; shown under « Paramètres › Journal ».
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MOST_TEXT = 500  # characters of one value kept in the journal


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One change: ``what`` is a code (web/messages: ``journal.<what>``), values are plain text."""

    dossier: str
    id: str
    at: datetime
    what: str
    by: str
    by_name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def bounded(values: Mapping[str, object]) -> dict[str, str]:
    """Values as the journal keeps them: text, each within ``MOST_TEXT`` characters."""
    return {name: str(value)[:MOST_TEXT] for name, value in values.items()}
