"""What each user wants to hear of, what is news, and what became of the addresses we write to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from facteur.domain.attention import Mailing, Settings, Topic
from facteur.domain.commands import Scheduled
from facteur.domain.documents import Document
from facteur.domain.journal import JournalEntry
from facteur.ports.store import MailRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestKey:
    """Names a digest: for whom, where to, when."""

    user: str
    address: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What a digest will tell of a dossier: identifiers of documents and mails, by block."""

    dossier: str
    news: Mapping[Topic, frozenset[str]]


class Notifications(Protocol):
    """Everything that decides who is written to."""

    def settings(self, dossier: str, user: str) -> Settings | None:
        """What a user chose for a dossier, None when they never chose; read consistently."""
        ...

    def settings_of(self, dossier: str) -> tuple[Settings, ...]:
        """What the people of a dossier chose: one call."""
        ...

    def save(self, settings: Settings, entries: Sequence[JournalEntry]) -> Settings:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        ...

    def window(self) -> datetime | None:
        """Until when news were looked for; None before the first time."""
        ...

    def move_window(
        self, before: datetime | None, until: datetime, follow: Sequence[Scheduled]
    ) -> None:
        """Look from ``until`` on, and put what follows in the agenda, in one transaction.

        StaleVersionError (``notifications.stale``) when somebody else moved it.
        """
        ...

    def news(self, since: datetime, until: datetime) -> tuple[Document, ...]:
        """The documents that began to wait after ``since``, until ``until``, in any dossier."""
        ...

    def set_aside(self, since: datetime, until: datetime) -> tuple[MailRecord, ...]:
        """The mails of that time of which something was set aside, in any dossier."""
        ...

    def raise_alert(self, dossier: str, alert: str, at: datetime) -> None:
        """Something failed that no waiting document shows; again under its name: news again."""
        ...

    def alerts(self, since: datetime, until: datetime) -> tuple[tuple[str, str], ...]:
        """(dossier, alert) of what failed in that time, in any dossier."""
        ...

    def said(self, since: datetime, until: datetime) -> tuple[tuple[str, str], ...]:
        """(dossier, document) of what was said of invoices in that time and nobody saw yet."""
        ...

    def mark(self, key: DigestKey, dossier: str, topic: Topic, news: Collection[str]) -> None:
        """A digest will tell of these; marking twice changes nothing."""
        ...

    def pending(self, key: DigestKey) -> tuple[Pending, ...]:
        """What a digest is to tell of."""
        ...

    def told(self, key: DigestKey) -> None:
        """It was told, or is worth no mail any more: forget it."""
        ...

    def mailing(self, address: str) -> Mailing:
        """What became of an address; a new one when nothing did."""
        ...

    def save_mailing(self, mailing: Mailing) -> Mailing:
        """Write it; StaleVersionError (``mailing.stale``) when it moved."""
        ...
