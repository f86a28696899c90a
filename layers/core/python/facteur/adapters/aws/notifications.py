"""The Notifications port on DynamoDB, and the attributes by which a document is news.

| kind      | pk                       | sk       | agenda                       |
|-----------|--------------------------|----------|------------------------------|
| notify    | D#d                      | NOTIFY#u |                              |
| document  | D#d#DOC#i                | HEAD     | NEWS / since#d#i             |
| mail      | D#d#MAIL#m               | MAIL     | ASIDE / at#m                 |
| alert     | D#d                      | ALERT#a  | ALERTS / at#d#a              |
| pending   | DIGEST#u#address#due     | d        |                              |
| window    | NOTIFICATIONS            | WINDOW   |                              |
| mailing   | REF#MAILTO#address       | REF      |                              |

A document that waits for somebody stands in the ``agenda`` index under NEWS, sorted by since when:
no row is written for it besides its own, and it leaves by itself when it moves on. The clock's
round reads the new end of that partition: one call, whatever the number of dossiers.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from facteur.adapters.aws.items import (
    ALERTS,
    ASIDE,
    NEWS,
    CommandRow,
    DocumentRow,
    MailRow,
    dossier_pk,
    text_of,
)
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import AGENDA, Row, Table, Write, always, foreign, instant, part
from facteur.adapters.aws.unseen import STATUSES, UnseenRow
from facteur.domain.attention import Mailing, Settings, Topic
from facteur.domain.commands import Scheduled
from facteur.domain.documents import Document
from facteur.domain.dossiers import normalise_address
from facteur.domain.errors import StaleVersionError
from facteur.domain.journal import JournalEntry
from facteur.domain.serial import loads
from facteur.ports import DigestKey, MailRecord, Pending

WINDOW_PK, WINDOW = "NOTIFICATIONS", "WINDOW"
_MOST_DELETES = 100


class SettingsRow(Row, discriminator="notify"):
    """What a user chose for a dossier."""

    @classmethod
    def of(cls, settings: Settings) -> "SettingsRow":
        """The row, with the version it will have."""
        return cls(
            dossier_pk(settings.dossier),
            _settings_sk(settings.user),
            version=settings.version + 1,
            body=text_of(settings),
        )

    def value(self) -> Settings:
        """The settings of this row."""
        return replace(loads(Settings, self.body), version=self.version)


class WindowRow(Row, discriminator="window"):
    """Until when news were looked for."""

    until = UnicodeAttribute()


class AlertRow(Row, discriminator="alert"):
    """Something that failed and that no waiting document shows."""

    @classmethod
    def of(cls, dossier: str, alert: str, at: datetime) -> "AlertRow":
        """The row of an alert."""
        return cls(
            dossier_pk(dossier),
            f"ALERT#{part(alert)}",
            agenda_pk=ALERTS,
            agenda_sk=f"{instant(at)}#{dossier}#{alert}",
        )


class PendingRow(Row, discriminator="pending"):
    """What a digest will tell of a dossier."""

    waiting = UnicodeSetAttribute(null=True)
    errors = UnicodeSetAttribute(null=True)


class MailingRow(Row, discriminator="mailing"):
    """An address we write to."""

    @classmethod
    def of(cls, mailing: Mailing) -> "MailingRow":
        """The row, with the version it will have."""
        return cls(
            _mailing_pk(mailing.address),
            "REF",
            version=mailing.version + 1,
            body=text_of(mailing),
        )

    def value(self) -> Mailing:
        """The address of this row."""
        return replace(loads(Mailing, self.body), version=self.version)


def _settings_sk(user: str) -> str:
    return f"NOTIFY#{part(user)}"


def _mailing_pk(address: str) -> str:
    return f"REF#MAILTO#{foreign(normalise_address(address))}"


def _digest_pk(key: DigestKey) -> str:
    where = hashlib.sha256(key.address.encode()).hexdigest()[:32]
    return f"DIGEST#{part(key.user)}#{where}#{instant(key.due)}"


class AwsNotifications:
    """Implements facteur.ports.Notifications."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # ── Settings ────────────────────────────────────────────────────────────────────────────────

    def settings(self, dossier: str, user: str) -> Settings | None:
        """What a user chose for a dossier, None when they never chose."""
        row = self._table.get(SettingsRow, dossier_pk(dossier), _settings_sk(user))
        return None if row is None else row.value()

    def settings_of(self, dossier: str) -> tuple[Settings, ...]:
        """What the people of a dossier chose."""
        mine = SettingsRow.sk.startswith("NOTIFY#")
        rows = self._table.query(SettingsRow, dossier_pk(dossier), mine)
        return tuple(row.value() for row in rows)

    def save(self, settings: Settings, entries: Sequence[JournalEntry]) -> Settings:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        stale = StaleVersionError("notifications.stale")
        write = _versioned(SettingsRow.of(settings), settings.version, stale)
        self._table.write([write, *journal_writes(entries)])
        return replace(settings, version=settings.version + 1)

    # ── News ────────────────────────────────────────────────────────────────────────────────────

    def window(self) -> datetime | None:
        """Until when news were looked for."""
        row = self._table.get(WindowRow, WINDOW_PK, WINDOW)
        return None if row is None else datetime.fromisoformat(row.until)

    def move_window(
        self, before: datetime | None, until: datetime, follow: Sequence[Scheduled]
    ) -> None:
        """Look from ``until`` on; what follows is in the agenda, or nothing moved."""
        held = WindowRow.until == instant(before) if before else Row.pk.does_not_exist()
        row = WindowRow(WINDOW_PK, WINDOW, until=instant(until))
        stale = always(StaleVersionError("notifications.stale"))
        self._table.write(
            [
                Write(row, condition=held, refused=stale),
                *(Write(CommandRow.of(one)) for one in follow),
            ]
        )

    def news(self, since: datetime, until: datetime) -> tuple[Document, ...]:
        """The documents that began to wait in that time, oldest first."""
        between = DocumentRow.agenda_sk.between(_after(since), _after(until))
        rows = self._table.query(DocumentRow, NEWS, between, index=AGENDA)
        return tuple(row.value() for row in rows)

    def set_aside(self, since: datetime, until: datetime) -> tuple[MailRecord, ...]:
        """The mails of that time of which something was set aside."""
        between = MailRow.agenda_sk.between(_after(since), _after(until))
        rows = self._table.query(MailRow, ASIDE, between, index=AGENDA)
        return tuple(row.value() for row in rows)

    def raise_alert(self, dossier: str, alert: str, at: datetime) -> None:
        """Something failed; again under its name, it is news again."""
        self._table.put(AlertRow.of(dossier, alert, at))

    def alerts(self, since: datetime, until: datetime) -> tuple[tuple[str, str], ...]:
        """(dossier, alert) of what failed in that time."""
        between = AlertRow.agenda_sk.between(_after(since), _after(until))
        rows = self._table.query(AlertRow, ALERTS, between, index=AGENDA)
        return tuple(
            (str(row.pk).removeprefix("D#"), str(row.sk).removeprefix("ALERT#")) for row in rows
        )

    def said(self, since: datetime, until: datetime) -> tuple[tuple[str, str], ...]:
        """(dossier, document) of what was said of invoices in that time and nobody saw yet."""
        between = UnseenRow.agenda_sk.between(_after(since), _after(until))
        rows = self._table.query(UnseenRow, STATUSES, between, index=AGENDA)
        return tuple((str(row.pk).split("#")[1], str(row.sk)) for row in rows)

    def mark(self, key: DigestKey, dossier: str, topic: Topic, news: Collection[str]) -> None:
        """A digest will tell of these; marking twice changes nothing."""
        block = PendingRow.waiting if topic is Topic.WAITING else PendingRow.errors
        self._table.update(
            PendingRow,
            _digest_pk(key),
            part(dossier),
            [block.add(set(news)), PendingRow.kind.set(PendingRow)],
        )

    def pending(self, key: DigestKey) -> tuple[Pending, ...]:
        """What a digest is to tell of."""
        return tuple(
            Pending(
                dossier=row.sk,
                news={
                    Topic.WAITING: frozenset(row.waiting or ()),
                    Topic.ERRORS: frozenset(row.errors or ()),
                },
            )
            for row in self._table.query(PendingRow, _digest_pk(key))
        )

    def told(self, key: DigestKey) -> None:
        """Forget what a digest was to tell of."""
        rows = list(self._table.query(PendingRow, _digest_pk(key)))
        for first in range(0, len(rows), _MOST_DELETES):
            some = rows[first : first + _MOST_DELETES]
            self._table.write([Write(PendingRow(row.pk, row.sk), delete=True) for row in some])

    # ── Addresses ───────────────────────────────────────────────────────────────────────────────

    def mailing(self, address: str) -> Mailing:
        """What became of an address; a new one when nothing did."""
        row = self._table.get(MailingRow, _mailing_pk(address), "REF")
        return Mailing(address=normalise_address(address)) if row is None else row.value()

    def save_mailing(self, mailing: Mailing) -> Mailing:
        """Write it; StaleVersionError when it moved."""
        stale = StaleVersionError("mailing.stale")
        self._table.write([_versioned(MailingRow.of(mailing), mailing.version, stale)])
        return replace(mailing, version=mailing.version + 1)


def _after(at: datetime) -> str:
    """Behind every key of that very moment."""
    return f"{instant(at)}~"


def _versioned(row: Row, before: int, stale: StaleVersionError) -> Write:
    condition = Row.version == before if before else Row.pk.does_not_exist()
    return Write(row, condition=condition, refused=always(stale))
