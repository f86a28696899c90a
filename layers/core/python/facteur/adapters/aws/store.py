"""The Store port on DynamoDB: load, query, and one transaction for everything that changes.

``commit`` is the only way a document changes: its head under the condition that nobody moved it,
its new entries, the references it claims, its ``near`` row and the commands that follow stand or
fall together (decision 7). Heads, histories and references are read consistently; lists come from
indexes, which may be a moment late on AWS.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pynamodb.expressions.condition import Condition

from facteur.adapters.aws import items, unseen
from facteur.adapters.aws.counters import counted, counter_writes
from facteur.adapters.aws.items import (
    ClaimRow,
    CommandRow,
    DocumentRow,
    DossierRow,
    EventRow,
    MailboxRow,
    MailRow,
    MemberRow,
    NearRow,
)
from facteur.adapters.aws.party_items import document_writes
from facteur.adapters.aws.table import (
    AGENDA,
    LISTING,
    TODO,
    Row,
    Table,
    Write,
    always,
    instant,
)
from facteur.adapters.aws.writing import (
    claim_writes,
    command_writes,
    entry_write,
    head_write,
    stale,
)
from facteur.domain.commands import Scheduled
from facteur.domain.documents import Direction, Document, DocumentRef, State
from facteur.domain.dossiers import Dossier, Member
from facteur.domain.errors import DuplicateError, NotFoundError, unknown_place
from facteur.domain.events import Entry
from facteur.ports import Changes, DocumentPage, MailRecord

_PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z#[^#]{1,200}")
_MOMENT = timedelta(microseconds=1)
_MOST_SEEN = 50  # heads that a process remembers

T = TypeVar("T")


class AwsStore:
    """Everything that is true, in one table. Implements facteur.ports.Store."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._seen: dict[str, tuple[DocumentRow, Document]] = {}

    # ── Dossiers ────────────────────────────────────────────────────────────────────────────────

    def dossier(self, dossier: str) -> Dossier:
        """A dossier; NotFoundError."""
        row = self._table.get(DossierRow, items.dossier_pk(dossier), items.DOSSIER)
        return _found(row, dossier=dossier).value()

    def save_dossier(
        self, dossier: Dossier, members: Sequence[Member], mailboxes: Mapping[str, Direction]
    ) -> None:
        """Create a dossier with its members and mailboxes, in one transaction.

        DuplicateError: ``dossier.exists``, or ``mailbox.taken`` by another dossier.
        """
        new = Row.pk.does_not_exist()
        exists = always(DuplicateError("dossier.exists", dossier=dossier.id))
        writes = [Write(DossierRow.of(dossier), condition=new, refused=exists)]
        writes += (Write(MemberRow.of(member)) for member in members)
        for address, direction in mailboxes.items():
            writes.append(
                Write(
                    MailboxRow.of(address, dossier.id, direction),
                    condition=new | (MailboxRow.target == dossier.id),
                    refused=always(DuplicateError("mailbox.taken", address=address)),
                )
            )
        self._table.write(writes)

    def dossiers(self) -> tuple[Dossier, ...]:
        """All dossiers, by identifier."""
        rows = self._table.query(DossierRow, items.DOSSIERS, index=LISTING)
        return tuple(row.value() for row in rows)

    def dossiers_of(self, names: Sequence[str]) -> Mapping[str, Dossier]:
        """Those of these dossiers that there are, by identifier: a call for a hundred."""
        keys = [(items.dossier_pk(one), items.DOSSIER) for one in dict.fromkeys(names)]
        found = (row.value() for row in self._table.get_many(DossierRow, keys))
        return {one.id: one for one in found}

    def mailbox(self, address: str) -> tuple[str, Direction] | None:
        """The dossier and direction of a mail address, None when unknown."""
        row = self._table.get(MailboxRow, items.mailbox_pk(address), items.REF)
        return None if row is None else (row.target, Direction(row.direction))

    def members_of(self, user: str) -> tuple[Member, ...]:
        """The memberships of a user, one per dossier."""
        rows = self._table.query(MemberRow, items.user_pk(user), index=LISTING)
        return tuple(row.value() for row in rows)

    def members(self, dossier: str) -> tuple[Member, ...]:
        """The members of a dossier, by identifier; read consistently."""
        pk = items.dossier_pk(dossier)
        rows = self._table.query(MemberRow, pk, MemberRow.sk.startswith("MEMBER#"))
        return tuple(row.value() for row in rows)

    # ── Documents ───────────────────────────────────────────────────────────────────────────────

    def document(self, ref: DocumentRef) -> Document:
        """A document's head, read consistently; NotFoundError."""
        return _found(self._head(ref), document=ref.document)[1]

    def document_and_dossier(self, ref: DocumentRef) -> tuple[Document, Dossier]:
        """A document's head and its dossier, read consistently in one call; NotFoundError."""
        pk = items.document_pk(ref.dossier, ref.document)
        keys = ((pk, items.HEAD), (items.dossier_pk(ref.dossier), items.DOSSIER))
        rows = self._table.get_many(Row, keys, consistent=True)
        found: dict[type[Row], Any] = {type(one): one for one in rows}
        head: DocumentRow = _found(found.get(DocumentRow), document=ref.document)
        dossier: DossierRow = _found(found.get(DossierRow), dossier=ref.dossier)
        return self._see(head, head.value())[1], dossier.value()

    def history(self, ref: DocumentRef) -> tuple[Entry, ...]:
        """The whole history of a document, in order."""
        pk = items.document_pk(ref.dossier, ref.document)
        rows = self._table.query(EventRow, pk, EventRow.sk.startswith("EVENT#"))
        return tuple(row.value() for row in rows)

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
        """Newest first; of one state, or of all; received from ``since`` on, before ``until``.

        InvalidError(``cursor.invalid``).
        """
        index = LISTING if state is None else TODO
        pk = items.list_pk(dossier, direction, state)
        rows = list(
            self._table.query(
                DocumentRow,
                pk,
                _between(index, since, until),
                index=index,
                limit=limit + 1,  # one more tells whether another page follows
                newest_first=True,
                after=_after(cursor, dossier, index, pk, since, until) if cursor else None,
            )
        )
        more = len(rows) > limit
        return DocumentPage(
            documents=tuple(row.value() for row in rows[:limit]),
            cursor=_cursor(rows[limit - 1]) if more else "",
        )

    def cursor(self, document: Document) -> str:
        """The cursor of what comes after a document, in every list that may hold it."""
        return _cursor(DocumentRow.of(document))

    def counts(self, dossier: str, direction: Direction) -> Mapping[State, int]:
        """How many documents are in each state: one call, whatever their number."""
        return counted(self._table, dossier, direction)

    def trashed_before(self, at: datetime, *, limit: int = 100) -> tuple[Document, ...]:
        """Documents put in the trash before then, oldest first, of every dossier."""
        before = DocumentRow.agenda_sk < instant(at)
        rows = self._table.query(DocumentRow, items.TRASH, before, index=AGENDA, limit=limit)
        return tuple(row.value() for row in rows)

    def to_erase(self, *, limit: int = 100) -> tuple[Document, ...]:
        """Deleted documents whose files are still there, of every dossier."""
        rows = self._table.query(DocumentRow, items.ERASE, index=AGENDA, limit=limit)
        return tuple(row.value() for row in rows)

    def sealed_since(self, at: datetime) -> tuple[Document, ...]:
        """Documents archived since then, oldest first."""
        rows = self._table.query(
            DocumentRow, items.SEALED, DocumentRow.agenda_sk >= instant(at), index=AGENDA
        )
        return tuple(row.value() for row in rows)

    def _head(self, ref: DocumentRef) -> tuple[DocumentRow, Document] | None:
        pk = items.document_pk(ref.dossier, ref.document)
        row = self._table.get(DocumentRow, pk, items.HEAD)
        return None if row is None else self._see(row, row.value())

    def _see(self, row: DocumentRow, document: Document) -> tuple[DocumentRow, Document]:
        """Remember a stored head, for the commit that follows: most have it loaded just before."""
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[row.pk] = row, document
        return row, document

    def _stored(self, document: Document) -> tuple[DocumentRow, Document]:
        """The head as it was stored in this document's version; StaleVersionError when it moved.

        A version is written once, so one that was seen needs no reading again; whether it is
        still the last one is the transaction's own condition.
        """
        pk = items.document_pk(document.dossier, document.id)
        found = self._seen.get(pk)
        if found is None or found[0].version != document.version:
            found = self._head(document.ref)
        if found is None or found[0].version != document.version:
            raise stale(document)
        return found

    # ── References ──────────────────────────────────────────────────────────────────────────────

    def claimed(self, dossier: str, kind: str, value: str) -> str | None:
        """What a reference names, None when nothing claimed it."""
        row = self._table.get(ClaimRow, items.claim_pk(dossier, kind, value), items.REF)
        return None if row is None else row.target

    def mark(self, dossier: str, kind: str, value: str, target: str) -> None:
        """Remember a reference on its own, outside a document's transaction (idempotent)."""
        self._table.put(ClaimRow.of(dossier, kind, value, target))

    def near(self, dossier: str, amount: str, day: str) -> tuple[tuple[str, str], ...]:
        """(document, number) of the dossier's invoices with that total and issue date."""
        pk = items.near_pk(dossier, amount, day)
        rows = self._table.query(NearRow, pk) if pk else ()
        return tuple((row.sk, row.number) for row in rows)

    def unseen(self, dossier: str, direction: Direction) -> tuple[str, ...]:
        """The documents of which something was said and nobody opened, the last said first."""
        return unseen.listed(self._table, dossier, direction)

    def documents_of(self, dossier: str, names: Sequence[str]) -> Mapping[str, Document]:
        """Those of these documents that there are, by identifier: a call for a hundred."""
        return unseen.heads(self._table, dossier, names)

    # ── The transaction ─────────────────────────────────────────────────────────────────────────

    def commit(self, changes: Changes) -> Document:
        """Write it all or nothing; the document with its new version.

        StaleVersionError (``document.stale``) when the document moved; DuplicateError
        (``claim.taken``: kind, value, target) when another document holds a claim; ValueError for
        more than 100 actions.
        """
        before = changes.document
        document = items.bounded(replace(before, version=before.version + 1))
        row = DocumentRow.of(document)
        self._table.write(
            [
                head_write(row, before),
                *(entry_write(document, entry) for entry in changes.entries),
                *claim_writes(document, changes.claims),
                *self._kept_in_step(row, document, changes),
                *command_writes(changes.commands),
            ]
        )
        self._see(row, document)
        return document

    def _kept_in_step(
        self, row: DocumentRow, document: Document, changes: Changes
    ) -> Iterator[Write]:
        """Keep the near row in step with total and date: the stored head knows the old one.

        The list of its party's invoices and the numbers of its list are kept in step likewise,
        since when the document is news, and what was said of it that nobody saw.
        """
        near, number, party, stored, news = "", "", "", None, None
        before: tuple[str, ...] = ()
        if changes.document.version:
            row_before, head = self._stored(changes.document)
            near, party, news = row_before.near or "", head.party, row_before.news
            number, stored, before = head.summary.number, head, unseen.unseen_in(head)
        row.keep_news(document, (one.event for one in changes.entries), news)
        yield from counter_writes(document, stored)
        yield from document_writes(document, before=party)
        yield from unseen.unseen_writes(document, before, changes)
        if near and near != row.near:
            yield Write(NearRow.of(near, document.id), delete=True)
        if row.near and (near, number) != (row.near, document.summary.number):
            yield Write(NearRow.of(row.near, document.id, document.summary.number))

    # ── The agenda ──────────────────────────────────────────────────────────────────────────────

    def due(self, now: datetime, *, limit: int = 100) -> tuple[Scheduled, ...]:
        """Commands of the agenda due by now, oldest first.

        One that this release cannot read (written by a later one) is left there, and said.
        """
        rows = self._table.query(
            CommandRow,
            items.DUE,
            CommandRow.agenda_sk < instant(now + _MOMENT),
            index=AGENDA,
            limit=limit,
        )
        return tuple(one for one in map(items.readable, rows) if one is not None)

    def schedule(self, scheduled: Scheduled) -> None:
        """Put a command in the agenda on its own; the same one again changes nothing.

        DuplicateError (``command.taken``) when its identifier names another command.
        """
        self._table.write([*command_writes((scheduled,))])

    def done(self, *command_ids: str) -> None:
        """Take commands out of the agenda: they were sent, or run."""
        if len(command_ids) == 1:
            self._table.delete(items.command_pk(command_ids[0]), items.COMMAND)
        else:
            keys = [(items.command_pk(one), items.COMMAND) for one in command_ids]
            self._table.write_many((), keys)

    # ── Mails ───────────────────────────────────────────────────────────────────────────────────

    def save_mail(self, mail: MailRecord) -> None:
        """Record a mail (idempotent by dossier and identifier)."""
        self._table.put(MailRow.of(mail))

    def mails(self, dossier: str, *, limit: int = 50) -> tuple[MailRecord, ...]:
        """The last mails of a dossier, newest first."""
        rows = self._table.query(
            MailRow, items.mails_pk(dossier), index=LISTING, limit=limit, newest_first=True
        )
        return tuple(row.value() for row in rows)


def _found(row: T | None, **values: object) -> T:
    if row is None:
        raise NotFoundError("not_found", **values)
    return row


def _between(index: str, since: datetime | None, until: datetime | None) -> Condition | None:
    """The condition on an index's sort key, which begins with when the document was received."""
    place = DocumentRow.listing_sk if index == LISTING else DocumentRow.todo_sk
    if since is not None and until is not None:
        return place.between(instant(since), instant(until))
    if since is not None:
        return place >= instant(since)
    return None if until is None else place < instant(until)


def _cursor(row: DocumentRow) -> str:
    """The place of a row in its list; the dossier is never read from it."""
    return base64.urlsafe_b64encode(str(row.todo_sk).encode()).decode().rstrip("=")


def _after(
    cursor: str,
    dossier: str,
    index: str,
    pk: str,
    since: datetime | None,
    until: datetime | None,
) -> dict[str, str]:
    """The key to start behind. Partitions come from the question, so a cursor of another dossier
    (or one that was made up) names no place but one in this list, within the period asked."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        place = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        place = ""
    early = since is not None and place < instant(since)
    late = until is not None and place > instant(until)
    if not _PLACE.fullmatch(place) or early or late:
        raise unknown_place()
    document = place.rsplit("#", 1)[1]
    return {
        "pk": items.document_pk(dossier, document),
        "sk": items.HEAD,
        f"{index}_pk": pk,
        f"{index}_sk": place,
    }
