"""Who signs in and who may see what: identity, sessions, one-time links, members, mails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from facteur.domain.documents import Direction
from facteur.domain.dossiers import Dossier, Member
from facteur.domain.journal import JournalEntry
from facteur.domain.people import Firm, FirmMember, Invitation, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser: stored by the hash of its cookie's token."""

    digest: str
    user: str
    email: str
    name: str
    dossier: str  # the one that is open; "" while none is
    csrf: str
    created_at: datetime
    expires_at: datetime
    dossier_name: str = ""  # shown in the header, without asking again at each page
    firm: str = ""  # theirs, for the menu alone: rights are asked for each time
    seen_at: datetime | None = None  # to a few minutes: each request is not written
    address: str = ""  # network address at sign-in, shown to its owner
    agent: str = ""  # the browser's own name for itself, likewise

    @property
    def id(self) -> str:
        """What names it in a page: nothing can be done with it but end it."""
        return self.digest[:16]


class Sessions(Protocol):
    """Short-lived rows: sessions, sign-in throttling."""

    def save(self, session: Session) -> None:
        """Store a session."""
        ...

    def load(self, digest: str) -> Session | None:
        """The session, None when unknown or expired."""
        ...

    def touch(self, session: Session) -> None:
        """Write a session again unless it was dropped meanwhile."""
        ...

    def drop(self, digest: str) -> None:
        """Sign out."""
        ...

    def of_user(self, user: str) -> tuple[Session, ...]:
        """The open sessions of a user, newest first."""
        ...

    def hit(self, name: str, *, window_seconds: int) -> int:
        """Count an attempt under a name in the current window; the count after it."""
        ...

    def forget(self, name: str, *, window_seconds: int) -> None:
        """Take back the attempts counted under a name in the current window."""
        ...

    def take_back(self, name: str, *, window_seconds: int) -> None:
        """Take back one of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a one-time link or a half-done sign-in stands for, stored by its token's hash."""

    digest: str
    kind: str  # "sign_up", "reset", "invitation", "second_factor", "totp", "passkey"…
    expires_at: datetime
    values: Mapping[str, str] = field(default_factory=dict)


class Tickets(Protocol):
    """Things that work once, and not for long."""

    def save(self, ticket: Ticket) -> None:
        """Store a ticket."""
        ...

    def load(self, digest: str) -> Ticket | None:
        """The ticket, None when unknown, taken or expired. It stays."""
        ...

    def take(self, digest: str) -> Ticket | None:
        """The ticket, for the only time: of two calls at once, one gets it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who signed in, as the identity provider knows them."""

    subject: str
    email: str
    name: str
    second_factor: bool = False  # an authenticator's code is asked at sign-in
    enabled: bool = True  # False: the operator closed the account


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """The password was right; a code of the authenticator is still needed."""

    email: str
    state: str  # the provider's own, secret, good for minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpSetup:
    """An authenticator about to be added: what it must know, and the provider's own state."""

    secret: str  # base 32, shown once (RFC 6238)
    state: str


class Identity(Protocol):
    """Credentials belong to the identity provider (Cognito); roles and sessions are ours."""

    def sign_in(self, email: str, password: str) -> Person | SecondFactor | None:
        """The person, or what is still needed; None when address and password do not go together.

        UnavailableError.
        """
        ...

    def second_factor(self, asked: SecondFactor, code: str) -> Person | None:
        """The person, None when the code is wrong; InvalidError (``sign_in.too_late``)."""
        ...

    def create(self, email: str, name: str, password: str) -> Person:
        """Create a confirmed user (first start, invitations); answers the existing one."""
        ...

    def find(self, email: str) -> Person | None:
        """The person with this address, None when there is none."""
        ...

    def set_password(self, email: str, password: str) -> None:
        """Give a user another password; InvalidError (``password.weak``)."""
        ...

    def start_totp(self, email: str, password: str) -> TotpSetup | None:
        """Begin to add an authenticator; None when the password is wrong."""
        ...

    def confirm_totp(self, email: str, setup: TotpSetup, code: str) -> bool:
        """Finish: the authenticator showed this code; from now on it is asked at sign-in."""
        ...

    def remove_totp(self, email: str) -> None:
        """Ask no code any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFile:
    """A file attached to a mail."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to one person: text and the same as HTML."""

    to: str
    subject: str
    text: str
    html: str
    sender_name: str = "Facteur"
    unsubscribe: str = ""  # address that a POST to stops such mails (RFC 8058)
    files: tuple[MailFile, ...] = ()


class Mailer(Protocol):
    """Sends mails of ours."""

    def send(self, mail: Mail) -> None:
        """Send; InvalidError (``email.invalid``) for an address that is none; UnavailableError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChanges:
    """One transaction: whoever comes, goes or changes, with what the journals say of it.

    ``dossier`` carries the version that was loaded: writing it again serialises what must not
    happen twice at once (the last gérant leaves).
    """

    dossier: Dossier | None = None  # version 0: must not exist yet
    firm: Firm | None = None  # likewise
    members: Sequence[Member] = ()
    gone: Sequence[Member] = ()
    firm_members: Sequence[FirmMember] = ()
    firm_gone: Sequence[FirmMember] = ()
    invitations: Sequence[Invitation] = ()  # version 0: must not exist yet
    links: Sequence[Link] = ()  # version 0: must not exist yet
    unlinked: Sequence[Link] = ()
    mailboxes: Mapping[str, Direction] = field(default_factory=dict)  # of ``dossier``
    entries: Sequence[JournalEntry] = ()


class People(Protocol):
    """Members of dossiers, firms, the links between them, invitations."""

    def member(self, dossier: str, user: str) -> Member | None:
        """A user's membership of a dossier, read consistently."""
        ...

    def members(self, dossier: str) -> tuple[Member, ...]:
        """Everybody of a dossier, by name."""
        ...

    def firm(self, firm: str) -> Firm:
        """A firm; NotFoundError."""
        ...

    def firm_member(self, firm: str, user: str) -> FirmMember | None:
        """A user's membership of a firm, read consistently."""
        ...

    def firm_members(self, firm: str) -> tuple[FirmMember, ...]:
        """Everybody of a firm, by name."""
        ...

    def firms_of(self, user: str) -> tuple[FirmMember, ...]:
        """The firms of a user."""
        ...

    def link(self, dossier: str, firm: str) -> Link | None:
        """The link between a dossier and a firm, read consistently."""
        ...

    def links_of_dossier(self, dossier: str) -> tuple[Link, ...]:
        """The firms linked to a dossier, asked for or active."""
        ...

    def links_of_firm(self, firm: str) -> tuple[Link, ...]:
        """The dossiers linked to a firm, with what waits in each: one question, whatever their
        number."""
        ...

    def invitation(self, owner: str, identifier: str) -> Invitation | None:
        """An invitation of a dossier or firm (``Invitation.owner``)."""
        ...

    def invitations(self, owner: str) -> tuple[Invitation, ...]:
        """The invitations of a dossier or firm, oldest first."""
        ...

    def commit(self, changes: PeopleChanges) -> None:
        """Write it all or nothing.

        StaleVersionError (``people.stale``) when somebody was faster; DuplicateError
        (``mailbox.taken``, ``dossier.exists``).
        """
        ...
