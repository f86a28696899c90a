"""Everything that is true: dossiers, documents, histories, references, the agenda."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from facteur.domain.commands import Scheduled
from facteur.domain.documents import Direction, Document, DocumentRef, State
from facteur.domain.dossiers import Dossier, Member
from facteur.domain.events import Entry
from facteur.domain.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A reference to write with ``must not exist``: uniqueness, and the way back to a document."""

    kind: str  # "SHA256", "NUMBER", "MESSAGE", "UPLOAD", "MAILBOX"…
    value: str
    target: str  # the document (or dossier) it names
    exclusive: bool = True  # False: last writer wins, no conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One transaction: a document with its new history, claims and follow-up commands."""

    document: Document  # version = the one loaded; 0 = must not exist yet
    entries: tuple[Entry, ...] = ()
    claims: tuple[Claim, ...] = ()
    commands: tuple[Scheduled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """A page of a list and the cursor of the next one, "" at the end."""

    documents: tuple[Document, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecord:
    """A mail that came, whether or not it made documents: shown with its reasons."""

    dossier: str
    id: str
    key: str
    at: datetime
    sender: str
    subject: str
    message_id: str
    direction: Direction
    documents: tuple[str, ...] = ()
    set_aside: tuple[Fault, ...] = ()  # one per part set aside; values: filename, reason


class Store(Protocol):
    """Everything that is true: dossiers, documents, histories, references, the agenda."""

    def dossier(self, dossier: str) -> Dossier:
        """A dossier; NotFoundError."""
        ...

    def save_dossier(
        self, dossier: Dossier, members: Sequence[Member], mailboxes: Mapping[str, Direction]
    ) -> None:
        """Create a dossier with its members and mailboxes (addresses); DuplicateError."""
        ...

    def dossiers(self) -> tuple[Dossier, ...]:
        """All dossiers (few: used by the sweep and the first start)."""
        ...

    def dossiers_of(self, names: Sequence[str]) -> Mapping[str, Dossier]:
        """Those of these dossiers that there are, by identifier: a call for a hundred."""
        ...

    def mailbox(self, address: str) -> tuple[str, Direction] | None:
        """The dossier and direction of a mail address (normalised), None when unknown."""
        ...

    def members_of(self, user: str) -> tuple[Member, ...]:
        """The memberships of a user, one per dossier."""
        ...

    def members(self, dossier: str) -> tuple[Member, ...]:
        """The members of a dossier."""
        ...

    def document(self, ref: DocumentRef) -> Document:
        """A document's head, read consistently; NotFoundError."""
        ...

    def document_and_dossier(self, ref: DocumentRef) -> tuple[Document, Dossier]:
        """A document's head and its dossier, read consistently in one call; NotFoundError."""
        ...

    def history(self, ref: DocumentRef) -> tuple[Entry, ...]:
        """The whole history of a document, in order."""
        ...

    def documents(
        self,
        dossier: str,
        direction: Direction,
        *,
        state: State | None = None,
        limit: int = 50,
        cursor: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> DocumentPage:
        """Newest first; of one state, or of all; received from ``since`` on, before ``until``."""
        ...

    def cursor(self, document: Document) -> str:
        """The cursor of what comes after a document, in every list that may hold it."""
        ...

    def counts(self, dossier: str, direction: Direction) -> Mapping[State, int]:
        """How many documents are in each state: one call, whatever their number."""
        ...

    def claimed(self, dossier: str, kind: str, value: str) -> str | None:
        """What a reference names, None when nothing claimed it."""
        ...

    def mark(self, dossier: str, kind: str, value: str, target: str) -> None:
        """Remember a reference on its own, outside a document's transaction (idempotent)."""
        ...

    def near(self, dossier: str, amount: str, day: str) -> tuple[tuple[str, str], ...]:
        """(document, number) of the dossier's invoices with that total and issue date."""
        ...

    def unseen(self, dossier: str, direction: Direction) -> tuple[str, ...]:
        """The documents of which something was said and nobody opened, the last said first."""
        ...

    def documents_of(self, dossier: str, names: Sequence[str]) -> Mapping[str, Document]:
        """Those of these documents that there are, by identifier: a call for a hundred."""
        ...

    def commit(self, changes: Changes) -> Document:
        """Write it all or nothing; the document with its new version.

        StaleVersionError when the document moved, DuplicateError when a claim is taken.
        Also keeps the ``near`` rows (total and date of ``document.summary``) in step.
        """
        ...

    def due(self, now: datetime, *, limit: int = 100) -> tuple[Scheduled, ...]:
        """Commands of the agenda due by now, oldest first."""
        ...

    def schedule(self, scheduled: Scheduled) -> None:
        """Put a command in the agenda on its own (no document changes)."""
        ...

    def done(self, *command_ids: str) -> None:
        """Take commands out of the agenda: they were sent, or run."""
        ...

    def save_mail(self, mail: MailRecord) -> None:
        """Record a mail (idempotent by dossier and id)."""
        ...

    def mails(self, dossier: str, *, limit: int = 50) -> tuple[MailRecord, ...]:
        """The last mails of a dossier, newest first."""
        ...

    def trashed_before(self, at: datetime, *, limit: int = 100) -> tuple[Document, ...]:
        """Documents put in the trash before then, oldest first, of every dossier."""
        ...

    def to_erase(self, *, limit: int = 100) -> tuple[Document, ...]:
        """Deleted documents whose files are still there, of every dossier."""
        ...

    def sealed_since(self, at: datetime) -> tuple[Document, ...]:
        """Documents archived since then: the sweep lays their locks again."""
        ...
