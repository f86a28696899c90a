"""Mailboxes that we fetch: what is kept of them, and the way to their servers."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from facteur.domain.journal import JournalEntry
from facteur.domain.mailboxes import Envelope, Fetched, Mailbox


class Folder(Protocol):
    """An open folder of a mail server, read-only.

    UnavailableError (``imap.unreachable``, ``imap.broken``) whenever the server misbehaves.
    """

    validity: int  # UIDVALIDITY
    next_uid: int  # UIDNEXT

    def after(self, uid: int, *, most: int) -> tuple[int, ...]:
        """The UIDs above this one, lowest first, ``most`` at most."""
        ...

    def envelopes(self, uids: Sequence[int]) -> tuple[Envelope, ...]:
        """Sender, subject and size of these mails; those that are gone are left out."""
        ...

    def mail(self, uid: int) -> bytes | None:
        """A whole mail, left unread; None when it is gone."""
        ...


class MailServers(Protocol):
    """Opens folders of mail servers."""

    def open(self, mailbox: Mailbox, secret: str) -> AbstractContextManager[Folder]:
        """A folder, read-only, within bounds of time and size.

        ``secret``: the password, or an access token where the mailbox has a provider.
        ForbiddenError ``imap.login``, ``imap.token``; NotFoundError ``imap.folder``;
        UnavailableError ``imap.unreachable``, ``imap.broken``, ``imap.no_token``; InvalidError
        ``imap.private`` for a server that is not on the public Internet.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailProvider:
    """Who lets us into mailboxes by consent, as pages show it."""

    name: str  # "google", "microsoft", or another of the installation's own
    label: str  # « Gmail, Google Workspace »
    host: str  # its IMAP server


@dataclass(frozen=True, slots=True, kw_only=True)
class MailGrant:
    """What a provider gave: an access token for one round, and the refresh token to keep."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


class MailConsents(Protocol):
    """The providers whose mailboxes are opened by their owner's consent (RFC 6749)."""

    def providers(self) -> Sequence[MailProvider]:
        """Those that this installation is registered at, in its order; maybe none."""
        ...

    def consent_url(
        self, provider: str, *, user: str, state: str, verifier: str, back: str
    ) -> str:
        """Where the owner of a mailbox consents; NotFoundError for a provider we do not have."""
        ...

    def exchange(self, provider: str, *, code: str, verifier: str, back: str) -> MailGrant:
        """What a consent's code gives. Errors as ``renew``."""
        ...

    def renew(self, provider: str, refresh: str) -> MailGrant:
        """A new access token, and the refresh token that counts from now on.

        ForbiddenError ``fetch_box.lost``: the consent was taken back, or ended.
        UnavailableError: ``fetch_box.client`` (the provider does not know this installation any
        more), ``fetch_box.provider_away``.
        """
        ...


class MailboxBook(Protocol):
    """The fetched mailboxes of dossiers, and their processed mails."""

    def mailbox(self, dossier: str, identifier: str) -> Mailbox:
        """A mailbox; NotFoundError."""
        ...

    def of_dossier(self, dossier: str) -> tuple[Mailbox, ...]:
        """The mailboxes of a dossier."""
        ...

    def all(self) -> tuple[Mailbox, ...]:
        """The mailboxes of every dossier: for the clock."""
        ...

    def save(
        self,
        mailbox: Mailbox,
        *,
        fetched: Sequence[Fetched] = (),
        entries: Sequence[JournalEntry] = (),
    ) -> Mailbox:
        """Write a mailbox (new: version 0) with mails that were processed; StaleVersionError."""
        ...

    def remove(self, mailbox: Mailbox, entries: Sequence[JournalEntry]) -> None:
        """Forget a mailbox; what came by it stays."""
        ...

    def fetched(self, dossier: str, mailbox: str, *, limit: int = 100) -> tuple[Fetched, ...]:
        """The last processed mails, newest first."""
        ...

    def one_fetched(self, dossier: str, mailbox: str, identifier: str) -> Fetched:
        """A processed mail by its name; NotFoundError."""
        ...
