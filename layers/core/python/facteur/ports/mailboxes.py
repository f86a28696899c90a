"""Mailboxes that we fetch: what is kept of them, and the way to their servers."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
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

    def open(self, mailbox: Mailbox, password: str) -> AbstractContextManager[Folder]:
        """A folder, read-only, within bounds of time and size.

        ForbiddenError ``imap.login``; NotFoundError ``imap.folder``; UnavailableError
        ``imap.unreachable``, ``imap.broken``; InvalidError ``imap.private`` for a server that is
        not on the public Internet.
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
