"""What can be asked: one frozen dataclass per command, imperative names.

``services/run.py`` holds the table command → service. A command queued by a policy has an
identifier derived from the event that caused it, so sending it twice is harmless.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from facteur.domain.documents import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMail:
    """A raw mail lies in the intake bucket. ``recipients`` are the envelope's."""

    key: str
    recipients: tuple[str, ...]
    received_at: datetime
    sender: str = ""  # envelope
    verdicts: Mapping[str, str] = field(default_factory=dict)  # spf, dkim, dmarc, spam, virus
    dossier: str = ""  # of a fetched mailbox: it decides, not the recipients
    direction: Direction | None = None  # what its rule said


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintMail:
    """A mail without attachment seems to be a receipt: its body becomes a document."""

    mail: ReceiveMail
    dossier: str
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveUpload:
    """A file was uploaded by a presigned form; its object metadata say by whom and for which."""

    key: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """Read the original: structured data, else text layer, else OCR; then convert."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPages:
    """Draw the images of a document's pages, beside its road: nothing waits for them."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexWords:
    """Write the words of a document where the search looks; out of there in the trash."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOcr:
    """Ask whether an asynchronous OCR job has ended."""

    dossier: str
    document: str
    job: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertDocument:
    """Turn the candidate into an EN 16931 invoice and a Factur-X."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInvoice:
    """Run the official rules, then register: duplicates, à contrôler or à accepter."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectDocument:
    """A user corrected fields of the candidate. Values are raw text by field name."""

    dossier: str
    document: str
    version: int  # the version the user saw
    values: Mapping[str, object]
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDocument:
    """A user accepts; sealing follows."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftCircuit:
    """A gérant takes a document out of its approval circuit."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseDocument:
    """A user refuses, with a reason."""

    dossier: str
    document: str
    version: int
    reason: str
    by: str
    comment: str = ""
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDuplicates:
    """« Ce n'est pas un doublon »."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareKind:
    """A user says what a document is: facture, avoir, autre (JF-17); "" takes the word back."""

    dossier: str
    document: str
    version: int
    kind: str  # a DeclaredKind, or ""
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDocument:
    """A user says on which pages of a file new invoices start (PE-04); WriteParts follows."""

    dossier: str
    document: str
    version: int
    starts: tuple[int, ...]  # pages, from 2: the first invoice starts on page 1
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepWhole:
    """« C'est une seule facture »: the proposal to split the file is set aside."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFile:
    """A part was decided: seal the file that it was cut from once every part is."""

    dossier: str
    document: str  # the file's


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteParts:
    """Write the parts of a file where its user said, each a document of its own."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealDocument:
    """Write the archive: original, Factur-X, canonical JSON and evidence, under Object Lock."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDocument:
    """A sealed sale goes to its buyer's dossier, when the buyer is on this platform too."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnFromDocument:
    """An accepted document tells who its supplier is, and what was corrected (services/learning)."""  # noqa: E501

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeDocument:
    """A bank account was approved: the document that it held goes on."""

    dossier: str
    document: str
    iban: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDocument:
    """A user chose the accounting values of a document; its party's card stays as it is."""

    dossier: str
    document: str
    version: int
    values: Mapping[str, str]  # parties.Defaults, by name
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAccounting:
    """An archived document was fetched for accounting, or is to be fetched again."""

    dossier: str
    document: str
    status: str  # documents.Accounting
    how: str  # decisions.statuses: manual, export, api, undo
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPayment:
    """Somebody says what became of the payment of an archived document."""

    dossier: str
    document: str
    status: str  # documents.PaymentStatus
    how: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteExport:
    """Make an export that was asked for, or the next part of it; the page shows how far it is."""

    dossier: str
    export: str
    part: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDocument:
    """Take a quarantined document through the road again."""

    dossier: str
    document: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashDocument:
    """A user puts a document that nobody accepted in the trash."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDocument:
    """A user takes a document out of the trash: back where it was."""

    dossier: str
    document: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDocument:
    """Delete a document of the trash for good: a user confirmed, or its thirty days are over."""

    dossier: str
    document: str
    by: str
    by_name: str = ""


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
class SendInvitation:
    """Mail an invitation with a fresh link; ``owner`` is that of Invitation.owner."""

    owner: str
    invitation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountWaiting:
    """Count again what waits in the dossiers of a firm: its portfolio is being looked at."""

    firm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchMailbox:
    """Fetch what is new in a mailbox of a dossier."""

    dossier: str
    mailbox: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchAgain:
    """« Retraiter »: take a mail of a fetched mailbox again, whatever the rules said of it."""

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
class AskApproval:
    """A circuit stops a document: mail a link to those of its approvers who have no account."""

    dossier: str
    document: str


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


Command = (
    ReceiveMail
    | PrintMail
    | ReceiveUpload
    | ReadDocument
    | DrawPages
    | IndexWords
    | CollectOcr
    | ConvertDocument
    | CheckInvoice
    | CorrectDocument
    | AcceptDocument
    | LiftCircuit
    | RefuseDocument
    | ClearDuplicates
    | DeclareKind
    | SplitDocument
    | KeepWhole
    | WriteParts
    | SealFile
    | SealDocument
    | TransferDocument
    | LearnFromDocument
    | CodeDocument
    | FreeDocument
    | SetAccounting
    | SetPayment
    | WriteExport
    | ReplayDocument
    | TrashDocument
    | RestoreDocument
    | DeleteDocument
    | BeginSignUp
    | BeginReset
    | SendInvitation
    | CountWaiting
    | FetchMailbox
    | FetchAgain
    | FreeAddress
    | AskApproval
    | SendDigests
    | SendDigest
    | ConfirmAddress
    | CopyNotifications
    | RecordFeedback
    | Sweep
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A command in the agenda: its identifier and when it is due."""

    id: str
    command: Command
    due: datetime
