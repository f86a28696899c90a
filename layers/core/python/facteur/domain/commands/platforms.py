"""What goes between a dossier and its approved platforms: asking, taking, sending, following."""

from dataclasses import dataclass
from datetime import datetime

from facteur.domain.flows import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncConnection:
    """Ask a platform what changed; a long walk goes on from its cursor in another command."""

    dossier: str
    connection: str
    cursor: str = ""  # of the next page
    after: datetime | None = None  # where this walk began, when it goes on
    reached: datetime | None = None  # the latest change seen on this walk
    step: int = 1  # which command of this walk it is


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFlow:
    """Take one flow: an invoice becomes a document, a status is applied, ours is acknowledged."""

    dossier: str
    connection: str
    flow: str  # the platform's flowId
    known: Flow | None = None  # as the search described it: spares a call
    again: bool = False  # somebody asked: what was quarantined is taken anew
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInvoice:
    """« Envoyer par la plateforme »: a person sends a sale, or sends it again (NO-04).

    ``address``: the buyer's address (BT-49) to write in the place of the one on the invoice.
    """

    dossier: str
    document: str
    by: str
    by_name: str = ""
    connection: str = ""  # "": the dossier's default
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmitInvoice:
    """Submit what SendInvoice asked for; ``tracking`` names the sending."""

    dossier: str
    document: str
    tracking: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmitStatus:
    """Submit a status set here: the CDAR of one record of the document."""

    dossier: str
    document: str
    record: str  # StatusRecord.id
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSending:
    """Ask what the platform thinks of what we sent it, until it says."""

    dossier: str
    connection: str
    tracking: str
    flow: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceSwitch:
    """Do what a change of platform asks for today: the new one sends, or the old one is left."""

    dossier: str
    switch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellSwitch:
    """A change of platform could not be made on its day: tell who may change the settings."""

    dossier: str
    switch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetConsent:
    """A consent at a platform was begun: forget its secrets if nobody came back."""

    dossier: str
    connection: str
