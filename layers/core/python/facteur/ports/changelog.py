"""What changed in a dossier, in order of time: the change feed of the API (PE-31)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from facteur.domain.events import Happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened to one document."""

    document: str
    name: Happened
    at: datetime
    place: str  # the cursor that comes after it


class Changelog(Protocol):
    """The events of all documents of a dossier."""

    def since(
        self, dossier: str, place: str, *, until: datetime, limit: int
    ) -> tuple[Change, ...]:
        """What happened after a place ("": from the beginning) and before a time, oldest first."""
        ...
