"""One row class per kind: where a value stands in the table, and its way back.

| kind     | pk                     | sk               | listing                   | todo                    | agenda            |
|----------|------------------------|------------------|---------------------------|-------------------------|-------------------|
| dossier  | D#d                    | DOSSIER          | DOSSIERS / d              |                         |                   |
| member   | D#d                    | MEMBER#u         | USER#u / d                |                         |                   |
| document | D#d#DOC#i              | HEAD             | D#d#IN (OUT) / received#i | D#d#IN#STATE / received#i | SEALED / sealed#d#i; NEWS / since#d#i |
| event    | D#d#DOC#i              | EVENT#000007     | D#d#LOG / at#i#000007     |                         |                   |
| near     | D#d#NEAR#total#day     | i                |                           |                         |                   |
| claim    | REF#kind#d#value       | REF              |                           |                         |                   |
| mailbox  | REF#MAILBOX#address    | REF              |                           |                         |                   |
| command  | COMMAND#c              | COMMAND          |                           |                         | AGENDA / due#c    |
| mail     | D#d#MAIL#m             | MAIL             | D#d#MAILS / received#m    |                         |                   |
| api key  | KEY#digest             | KEY              | D#d#KEYS / created#id     |                         |                   |

Members, firms, links and invitations: people.py; what nobody saw yet: unseen.py. In the ephemeral table, where rows end by
themselves (TTL on ``expires_at``): sessions, tickets and counted attempts (sessions.py), and the
records of Powertools' idempotency (once.py).

The agenda is one partition: its rows live for seconds, and a partition takes a thousand writes a
second; sharding it would only make the sweep read more.
"""  # noqa: E501

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from pynamodb.attributes import UnicodeAttribute

from facteur.adapters.aws.table import (
    DecimalAttribute,
    Row,
    foreign,
    instant,
    part,
)
from facteur.domain.attention import WAITING_STATES, waiting_since
from facteur.domain.commands import Scheduled
from facteur.domain.documents import Direction, Document, State, Summary
from facteur.domain.dossiers import Dossier, Member, normalise_address
from facteur.domain.errors import FacteurError
from facteur.domain.events import Entry, Event
from facteur.domain.keys import ApiKey
from facteur.domain.serial import SerialError, dumps, loads
from facteur.ports import MailRecord

log = logging.getLogger(__name__)

HEAD, REF, DOSSIER, COMMAND, MAIL, KEY = "HEAD", "REF", "DOSSIER", "COMMAND", "MAIL", "KEY"
DOSSIERS, DUE = "DOSSIERS", "AGENDA"
SEALED, TRASH, ERASE = "SEALED", "TRASH", "ERASE"  # documents that a round of the clock looks at
NEWS, ASIDE, ALERTS = "NEWS", "ASIDE", "ALERTS"  # what people are written to about
MOST_BODY = 380_000  # bytes; DynamoDB takes 400 kB a row, key and indexes included
_MOST_FAULTS, _MOST_SOURCES, _MOST_ASIDE = 50, 100, 100
_MOST_DIGITS = 38  # of a DynamoDB number

#: They have lists of their own, or a place on another document's page.
OUT_OF_LISTS = frozenset({State.TRASHED, State.DELETED, State.JOINED})

_ROADS = {Direction.PURCHASE: "IN", Direction.SALE: "OUT"}


def text_of(value: object) -> str:
    """The body of a row; FacteurError("store.too_large") for what no row can hold."""
    body = dumps(value)
    if len(body) > MOST_BODY:
        raise FacteurError("store.too_large", kind=type(value).__name__, size=len(body))
    return body.decode()


# ── Dossiers ────────────────────────────────────────────────────────────────────────────────────


def dossier_pk(dossier: str) -> str:
    """Partition of a dossier's own rows."""
    return f"D#{part(dossier)}"


class DossierRow(Row, discriminator="dossier"):
    """A dossier."""

    @classmethod
    def of(cls, dossier: Dossier) -> "DossierRow":
        """The row of a dossier, with the version it will have."""
        return cls(
            dossier_pk(dossier.id),
            DOSSIER,
            version=dossier.version + 1,
            listing_pk=DOSSIERS,
            listing_sk=dossier.id,
            body=text_of(dossier),
        )

    def value(self) -> Dossier:
        """The dossier of this row."""
        return replace(loads(Dossier, self.body), version=self.version)


def user_pk(user: str) -> str:
    """Listing partition of a user's memberships."""
    return f"USER#{part(user)}"


class MemberRow(Row, discriminator="member"):
    """A user's membership of a dossier."""

    @classmethod
    def of(cls, member: Member) -> "MemberRow":
        """The row of a membership."""
        return cls(
            dossier_pk(member.dossier),
            f"MEMBER#{part(member.user)}",
            listing_pk=user_pk(member.user),
            listing_sk=member.dossier,
            body=text_of(member),
        )

    def value(self) -> Member:
        """The membership of this row."""
        return loads(Member, self.body)


# ── Documents ───────────────────────────────────────────────────────────────────────────────────


def document_pk(dossier: str, document: str) -> str:
    """Partition of a document: its head and its history."""
    return f"{dossier_pk(dossier)}#DOC#{part(document)}"


def list_pk(dossier: str, direction: Direction, state: State | None = None) -> str:
    """Partition of a list: of one state (todo index), or of all (listing index)."""
    whole = f"{dossier_pk(dossier)}#{_ROADS[direction]}"
    return whole if state is None else f"{whole}#{state.name}"


class DocumentRow(Row, discriminator="document"):
    """A document's head. ``state`` and ``total`` are for whoever reads the table itself."""

    state = UnicodeAttribute()
    total = DecimalAttribute(null=True)
    near = UnicodeAttribute(null=True)  # partition of this document's near row, "" when none
    party = UnicodeAttribute(null=True)  # whose list of invoices it stands in
    news = UnicodeAttribute(null=True)  # since when it is news (domain/attention.waiting_since)

    @classmethod
    def of(cls, document: Document) -> "DocumentRow":
        """The row of a document, with the version it will have."""
        place = f"{instant(document.received_at)}#{document.id}"
        agenda, at = (SEALED, document.seal.at) if document.seal else (None, None)
        if document.trashed_at:
            agenda, at = TRASH, document.trashed_at
        elif document.state is State.DELETED and document.files:
            agenda, at = ERASE, document.received_at
        listed = document.state not in OUT_OF_LISTS
        return cls(
            document_pk(document.dossier, document.id),
            HEAD,
            version=document.version,
            listing_pk=list_pk(document.dossier, document.direction) if listed else None,
            listing_sk=place if listed else None,
            todo_pk=list_pk(document.dossier, document.direction, document.state),
            todo_sk=place,
            agenda_pk=agenda,
            agenda_sk=f"{instant(at)}#{document.dossier}#{document.id}" if at else None,
            state=document.state.value,
            total=_storable(document.summary.total_incl_vat),
            near=near_pk_of(document.dossier, document.summary) or None,
            party=document.party or None,
            body=text_of(document),
        )

    def keep_news(self, document: Document, events: Iterable[Event], before: str | None) -> None:
        """Since when it is news; while it waits for somebody, it stands under NEWS."""
        held = None if before is None else datetime.fromisoformat(before)
        since = waiting_since(document, events, held)
        self.news = None if since is None else instant(since)
        if since is not None and document.state in WAITING_STATES:
            self.agenda_pk = NEWS
            self.agenda_sk = f"{self.news}#{document.dossier}#{document.id}"

    def value(self) -> Document:
        """The document of this row."""
        return replace(loads(Document, self.body), version=self.version)


def bounded(document: Document) -> Document:
    """The document as a row can hold it: the first 50 faults and 100 sources.

    All faults stand in the report (a file), all sources in the history.
    """
    return replace(
        document,
        faults=document.faults[:_MOST_FAULTS],
        sources=document.sources[:_MOST_SOURCES],
    )


def _storable(amount: Decimal | None) -> Decimal | None:
    """The amount when DynamoDB has digits enough for it; a forged XML may print a thousand."""
    if amount is None or len(format(amount, "f")) > _MOST_DIGITS:
        return None
    return amount


def event_sk(sequence: int) -> str:
    """Sort key of an entry: six digits, so that text order is history's order."""
    return f"EVENT#{sequence:06d}"


def log_pk(dossier: str) -> str:
    """Partition of the events of a whole dossier, in the listing index."""
    return f"{dossier_pk(dossier)}#LOG"


class EventRow(Row, discriminator="event"):
    """An entry of a document's history, written once."""

    @classmethod
    def of(cls, dossier: str, document: str, entry: Entry) -> "EventRow":
        """The row of an entry."""
        return cls(
            document_pk(dossier, document),
            event_sk(entry.sequence),
            listing_pk=log_pk(dossier),
            listing_sk=f"{instant(entry.event.at)}#{part(document)}#{entry.sequence:06d}",
            body=text_of(entry),
        )

    def value(self) -> Entry:
        """The entry of this row."""
        return loads(Entry, self.body)


def near_pk(dossier: str, amount: str, day: str) -> str:
    """Partition of the documents with one total and issue date; "" when it is no amount."""
    try:
        total = Decimal(amount)
    except InvalidOperation:
        return ""
    if not total.is_finite():
        return ""
    plain = format(total.normalize(), "f")  # 120.0 and 120.00 are one total
    return f"{dossier_pk(dossier)}#NEAR#{foreign(plain)}#{part(day)}"


def near_pk_of(dossier: str, summary: Summary) -> str:
    """Partition of a document's near row, "" while its total or issue date is unknown."""
    if summary.total_incl_vat is None or summary.issue_date is None:
        return ""
    return near_pk(dossier, str(summary.total_incl_vat), summary.issue_date.isoformat())


class NearRow(Row, discriminator="near"):
    """A document among those of one total and issue date; ``number`` tells how near it is."""

    number = UnicodeAttribute()

    @classmethod
    def of(cls, pk: str, document: str, number: str = "") -> "NearRow":
        """The row of a document in a partition of ``near_pk``."""
        return cls(pk, part(document), number=number.encode(errors="replace").decode())


class ClaimRow(Row, discriminator="claim"):
    """A reference that names a document."""

    target = UnicodeAttribute()

    @classmethod
    def of(cls, dossier: str, kind: str, value: str, target: str = "") -> "ClaimRow":
        """The row of a reference; ``target`` may be left out to ask for it."""
        return cls(claim_pk(dossier, kind, value), REF, target=target)


def claim_pk(dossier: str, kind: str, value: str) -> str:
    """Partition of a reference of a dossier."""
    return f"REF#{part(kind)}#{part(dossier)}#{foreign(value)}"


def mailbox_pk(address: str) -> str:
    """Partition of a mail address."""
    return f"REF#MAILBOX#{foreign(normalise_address(address))}"


class MailboxRow(Row, discriminator="mailbox"):
    """A mail address that brings documents to a dossier."""

    target = UnicodeAttribute()
    direction = UnicodeAttribute()

    @classmethod
    def of(cls, address: str, dossier: str, direction: Direction) -> "MailboxRow":
        """The row of a mailbox."""
        return cls(mailbox_pk(address), REF, target=part(dossier), direction=direction.value)


# ── The agenda, mails, keys ─────────────────────────────────────────────────────────────────────


def command_pk(identifier: str) -> str:
    """Partition of a command in the agenda."""
    return f"COMMAND#{foreign(identifier)}"


class CommandRow(Row, discriminator="command"):
    """A command in the agenda. ``command`` is what it asks, apart from when it is due."""

    command = UnicodeAttribute()

    @classmethod
    def of(cls, scheduled: Scheduled) -> "CommandRow":
        """The row of a scheduled command."""
        return cls(
            command_pk(scheduled.id),
            COMMAND,
            agenda_pk=DUE,
            agenda_sk=f"{instant(scheduled.due)}#{foreign(scheduled.id)}",
            command=text_of(scheduled.command),
            body=text_of(scheduled),
        )

    def value(self) -> Scheduled:
        """The command of this row."""
        return loads(Scheduled, self.body)


def readable(row: CommandRow) -> Scheduled | None:
    """The command of a row, None when it cannot be read: one must not stop the others."""
    try:
        return row.value()
    except SerialError:
        log.exception("%s of the agenda cannot be read", row.pk)
        return None


def mails_pk(dossier: str) -> str:
    """Listing partition of a dossier's mails."""
    return f"{dossier_pk(dossier)}#MAILS"


class MailRow(Row, discriminator="mail"):
    """A mail that came. Its identifier alone is its key: a second delivery writes the same row."""

    @classmethod
    def of(cls, mail: MailRecord) -> "MailRow":
        """The row of a mail; of what was set aside, the first hundred."""
        return cls(
            f"{dossier_pk(mail.dossier)}#MAIL#{foreign(mail.id)}",
            MAIL,
            listing_pk=mails_pk(mail.dossier),
            listing_sk=f"{instant(mail.at)}#{foreign(mail.id)}",
            agenda_pk=ASIDE if mail.set_aside else None,
            agenda_sk=f"{instant(mail.at)}#{foreign(mail.id)}" if mail.set_aside else None,
            body=text_of(replace(mail, set_aside=mail.set_aside[:_MOST_ASIDE])),
        )

    def value(self) -> MailRecord:
        """The mail of this row."""
        return loads(MailRecord, self.body)


def key_pk(digest: str) -> str:
    """Partition of an API key."""
    return f"KEY#{part(digest)}"


def keys_pk(dossier: str) -> str:
    """Listing partition of a dossier's API keys."""
    return f"{dossier_pk(dossier)}#KEYS"


class ApiKeyRow(Row, discriminator="api_key"):
    """An API key, by the hash of its secret."""

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyRow":
        """The row of an API key."""
        return cls(
            key_pk(key.digest),
            KEY,
            version=key.version + 1,
            listing_pk=keys_pk(key.dossier),
            listing_sk=f"{instant(key.created_at)}#{key.id}",
            body=text_of(key),
        )

    def value(self) -> ApiKey:
        """The API key of this row."""
        return replace(loads(ApiKey, self.body), version=self.version)
