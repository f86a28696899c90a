"""Looking for documents by their words, and the views that a person saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from facteur.domain.documents import Document, DocumentRef
from facteur.domain.search import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document that answers, and the text to show where."""

    document: Document
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """A page of answers, newest first, and the cursor of the next one, "" at the end."""

    found: tuple[Found, ...]
    cursor: str = ""
    narrow: bool = False  # too many words begin so: some were left out


class Words(Protocol):
    """The words of documents. Another dossier's are never looked at."""

    def index(self, ref: DocumentRef, at: datetime, text: str, words: Sequence[str]) -> None:
        """Replace the words of a document, received ``at``; none takes it out. Idempotent."""
        ...

    def find(self, dossier: str, asked: Question, *, limit: int, cursor: str = "") -> FoundPage:
        """The documents that have all the terms, newest first. InvalidError (cursor.invalid).

        The number of calls never depends on the number of documents.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A list that a person named: where it is and its filters, as its address writes them."""

    id: str
    name: str
    path: str  # "/achats" or "/ventes"
    query: str


class Views(Protocol):
    """The views of a person in a dossier, seen by nobody else."""

    def of(self, dossier: str, user: str) -> tuple[View, ...]:
        """A person's views, oldest first."""
        ...

    def save(self, dossier: str, user: str, view: View) -> None:
        """Keep a view (again: replaced)."""
        ...

    def forget(self, dossier: str, user: str, view: str) -> None:
        """Forget a view; nothing happens when there is none."""
        ...
