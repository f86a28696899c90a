"""What concerns people, mailboxes, exports and the clock, rather than one document."""

from dataclasses import dataclass
from datetime import datetime

from facteur.domain.documents import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardDocument:
    """An archived document goes where the dossier's rules say (services/archive/forwarding)."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Send one document under one rule, or try again."""

    dossier: str
    delivery: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryServer:
    """Test the SFTP server of a forwarding rule, and pin its host key when it has none yet."""

    dossier: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteExport:
    """Make an export that was asked for, or the next part of it; the page shows how far it is."""

    dossier: str
    export: str
    part: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKit:
    """Examine a part of an exit kit that somebody brings, or take some of its documents in."""

    dossier: str
    export: str
    step: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSignUp:
    """Somebody asks for an account: a mail confirms the address, or says that it has one."""

    email: str
    name: str
    kind: str  # "company" | "firm"
    siren: str
    company: str
    siret: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginReset:
    """Somebody forgot a password: a mail with a link, if the address has an account."""

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellAccess:
    """Something else opens an account from now on: a mail tells its owner."""

    email: str
    name: str
    what: str  # credentials.Happening: PASSKEY_ADDED, PROVIDER_ADDED
    detail: str  # the passkey's name, the provider's
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInvitation:
    """Mail an invitation with a fresh link; ``owner`` is that of Invitation.owner."""

    owner: str
    invitation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountWaiting:
    """Count again what waits in the dossiers of a firm: its portfolio is being looked at."""

    firm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkHosted:
    """A SIREN has a dossier now: the cards that bear it say so, in every dossier (JF-23)."""

    siren: str
    after: str = ""  # the last dossier whose cards were looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchMailbox:
    """Fetch what is new in a mailbox of a dossier."""

    dossier: str
    mailbox: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchAgain:
    """« Rejouer »: take a mail of a fetched mailbox again, whatever the rules said of it."""

    dossier: str
    mailbox: str
    mail: str  # mailboxes.Fetched.id
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeAddress:
    """The ninety days of a mail address that was given up are over."""

    dossier: str
    local: str  # what stands before the @
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigests:
    """Look for what is news in this window, and prepare the digests that will tell of it."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigest:
    """Mail one person what is due, at one address, in all their dossiers."""

    user: str
    address: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAddress:
    """A user wants to be written to at another address: mail it a link first."""

    dossier: str
    user: str
    address: str
    rule: str = ""  # of forwarding, when archived invoices shall go there


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyNotifications:
    """« Appliquer à tous mes dossiers »: a user's choices for one dossier, given to the others."""

    dossier: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFeedback:
    """A mail of ours came back, or its reader complained: SES says so."""

    address: str
    what: str  # an attention.Feedback
    notice: str  # SES's identifier: a second delivery counts once
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The clock: send what is due, find stored mails and uploads without a document, re-lay locks."""  # noqa: E501

    at: datetime
    starting: bool = False  # the platform just started: look at everything, wait for nothing
