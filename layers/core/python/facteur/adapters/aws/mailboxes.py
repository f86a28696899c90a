"""The MailboxBook port on DynamoDB.

| kind      | pk              | sk                      | listing             |
|-----------|-----------------|-------------------------|---------------------|
| fetch box | D#d             | FETCH#b                 | FETCHED_BOXES / d#b |
| fetched   | D#d#FETCHED#b   | validity#uid, in digits |                     |
"""

from collections.abc import Sequence
from dataclasses import replace

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import LISTING, Row, Table, Write, always, part
from facteur.domain.errors import NotFoundError, StaleVersionError
from facteur.domain.journal import JournalEntry
from facteur.domain.mailboxes import Fetched, Mailbox
from facteur.domain.serial import loads

BOXES = "FETCHED_BOXES"
_DIGITS = 10  # UIDs and UIDVALIDITY are 32 bits


class FetchBoxRow(Row, discriminator="fetch_box"):
    """A mailbox to fetch."""

    @classmethod
    def of(cls, mailbox: Mailbox) -> "FetchBoxRow":
        """The row of a mailbox, with the version it will have."""
        return cls(
            dossier_pk(mailbox.dossier),
            f"FETCH#{part(mailbox.id)}",
            version=mailbox.version + 1,
            listing_pk=BOXES,
            listing_sk=f"{mailbox.dossier}#{mailbox.id}",
            body=text_of(mailbox),
        )

    def value(self) -> Mailbox:
        """The mailbox of this row."""
        return replace(loads(Mailbox, self.body), version=self.version)


class FetchedRow(Row, discriminator="fetched"):
    """A mail of a fetched mailbox and what became of it."""

    @classmethod
    def of(cls, one: Fetched) -> "FetchedRow":
        """The row of a processed mail: a later outcome takes its place."""
        return cls(fetched_pk(one.dossier, one.mailbox), _place(one.id), body=text_of(one))

    def value(self) -> Fetched:
        """The processed mail of this row."""
        return loads(Fetched, self.body)


def fetched_pk(dossier: str, mailbox: str) -> str:
    """Partition of the processed mails of a mailbox."""
    return f"{dossier_pk(dossier)}#FETCHED#{part(mailbox)}"


def _place(identifier: str) -> str:
    validity, _dash, uid = identifier.partition("-")
    if not (validity.isascii() and validity.isdecimal() and uid.isascii() and uid.isdecimal()):
        raise NotFoundError("not_found")
    return f"{int(validity):0{_DIGITS}}#{int(uid):0{_DIGITS}}"


class AwsMailboxBook:
    """Implements facteur.ports.MailboxBook."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def mailbox(self, dossier: str, identifier: str) -> Mailbox:
        """A mailbox, read consistently; NotFoundError."""
        row = self._table.get(FetchBoxRow, dossier_pk(dossier), f"FETCH#{part(identifier)}")
        if row is None:
            raise NotFoundError("not_found")
        return row.value()

    def of_dossier(self, dossier: str) -> tuple[Mailbox, ...]:
        """The mailboxes of a dossier, oldest first."""
        rows = self._table.query(FetchBoxRow, dossier_pk(dossier), Row.sk.startswith("FETCH#"))
        return tuple(row.value() for row in rows)

    def all(self) -> tuple[Mailbox, ...]:
        """The mailboxes of every dossier."""
        rows = self._table.query(FetchBoxRow, BOXES, index=LISTING)
        return tuple(row.value() for row in rows)

    def save(
        self,
        mailbox: Mailbox,
        *,
        fetched: Sequence[Fetched] = (),
        entries: Sequence[JournalEntry] = (),
    ) -> Mailbox:
        """Write a mailbox with mails that were processed; StaleVersionError."""
        before = mailbox.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("fetch_box.stale", id=mailbox.id))
        self._table.write(
            [
                Write(FetchBoxRow.of(mailbox), condition=condition, refused=stale),
                *(Write(FetchedRow.of(one)) for one in fetched),
                *journal_writes(entries),
            ]
        )
        return replace(mailbox, version=before + 1)

    def remove(self, mailbox: Mailbox, entries: Sequence[JournalEntry]) -> None:
        """Forget a mailbox."""
        gone = Write(FetchBoxRow.of(mailbox), delete=True)
        self._table.write([gone, *journal_writes(entries)])

    def fetched(self, dossier: str, mailbox: str, *, limit: int = 100) -> tuple[Fetched, ...]:
        """The last processed mails, newest first."""
        rows = self._table.query(
            FetchedRow, fetched_pk(dossier, mailbox), limit=limit, newest_first=True
        )
        return tuple(row.value() for row in rows)

    def one_fetched(self, dossier: str, mailbox: str, identifier: str) -> Fetched:
        """A processed mail by its name; NotFoundError."""
        row = self._table.get(FetchedRow, fetched_pk(dossier, mailbox), _place(identifier))
        if row is None:
            raise NotFoundError("not_found")
        return row.value()
