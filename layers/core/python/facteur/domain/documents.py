"""A document: what was received, where it stands, and the decisions that move it.

One document is one invoice (or something that is not one) in one dossier. Its life:

    reçu → lu → à contrôler | à accepter → accepté → archivé
                     ↓             ↓
                  refusé        refusé            quarantaine, from anywhere, replayable

A file that holds several invoices is split by its user: découpé, and each part is a document.

Only decisions.py moves a document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from facteur.domain.faults import Fault
from facteur.domain.lifecycle.records import StatusRecord, Transmission


class State(StrEnum):
    """Where a document stands."""

    RECEIVED = "received"  # Reçu: the bytes are kept, nothing is read yet
    READ = "read"  # Lu: the candidate exists, conversion and rules are running
    TO_CHECK = "to_check"  # À contrôler: something does not check, a person looks
    TO_ACCEPT = "to_accept"  # À accepter
    ACCEPTED = "accepted"  # Accepté: being sealed
    REFUSED = "refused"  # Refusé
    ARCHIVED = "archived"  # Archivé: sealed under Object Lock
    QUARANTINED = "quarantined"  # Quarantaine: could not go on, replayable
    SPLITTING = "splitting"  # Découpage en cours: a user said where, the parts are being written
    SPLIT = "split"  # Découpé: its parts are documents of their own and go on without it
    TRASHED = "trashed"  # À la corbeille: not accepted, out of the lists, restored in a click
    JOINED = "joined"  # Rattaché: another road of an invoice that is here; its file is kept
    DELETED = "deleted"  # Supprimé: its files are gone, its name, hash and history stay


OPEN_STATES = frozenset({State.RECEIVED, State.READ, State.TO_CHECK, State.TO_ACCEPT})


class Direction(StrEnum):
    """Purchases or sales."""

    PURCHASE = "purchase"
    SALE = "sale"


class Channel(StrEnum):
    """The road a document came by."""

    MAIL = "mail"
    UPLOAD = "upload"
    PHOTO = "photo"  # the phone page
    API = "api"
    PLATFORM = "platform"  # from another dossier of this platform
    PA = "pa"  # a plateforme agréée


class DeclaredKind(StrEnum):
    """What its sender says a document is, before anything read it (JF-17)."""

    INVOICE = "invoice"  # facture d'achat, or de vente: the direction tells
    CREDIT_NOTE = "credit_note"  # avoir
    OTHER = "other"  # autre


class Verdict(StrEnum):
    """What the official rules answered. A validator that could not run is never VALID."""

    VALID = "valid"
    INVALID = "invalid"
    UNVERIFIED = "unverified"
    NOT_CONCERNED = "not_concerned"  # the reform does not apply: a foreign party


class Accounting(StrEnum):
    """Accounting status of an archived document (JF-61)."""

    TO_FETCH = "to_fetch"  # À récupérer
    FETCHED = "fetched"  # Récupérée


class PaymentStatus(StrEnum):
    """Payment status (JF-62)."""

    UNPAID = "unpaid"
    PARTIAL = "partial"
    PLANNED = "planned"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """Names a document; it always names its dossier too, so no query can forget it."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One road by which the document came: a document may have several."""

    channel: Channel
    at: datetime
    sender: str = ""  # mail address, user id or key name
    subject: str = ""  # of the mail
    message_id: str = ""  # of the mail
    raw_key: str = ""  # the raw mail or upload in the intake bucket
    authenticated: bool = False  # SPF or DKIM passed, or a signed-in user, or an API key
    connection: str = ""  # of an approved platform
    flow: str = ""  # its flowId there
    document: str = ""  # the joined document that holds what came by this road


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """Where a document was cut from: the file that held several invoices, and which pages."""

    document: str  # the file's own document
    first: int  # pages, from 1, both included
    last: int
    sha256: str = ""  # of the file, so that a part's history names its bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPart:
    """One of the invoices that a file seems to hold: its pages and what was read there."""

    first: int  # pages, from 1, both included
    last: int
    why: str = ""  # "separator" | "number" | "count" | "seller" | "blank" | "date"; first: ""
    kind: str = ""
    number: str = ""
    seller: str = ""
    buyer: str = ""
    total: Decimal | None = None
    currency: str = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of the document in the archive bucket. The version is what Object Lock protects."""

    key: str
    version_id: str
    sha256: str
    size: int
    media_type: str
    filename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImages:
    """The images of a document's first pages, in order; none when they could not be drawn."""

    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedFile:
    """A file embedded in a PDF (or in an XML invoice), its bytes within our limits."""

    filename: str
    data: bytes
    media_type: str = ""
    relationship: str = ""  # AFRelationship, without the slash


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What lists show of the invoice; filled when it was read."""

    kind: str = ""  # "invoice", "credit_note", … or what the page is when it is no invoice
    type_code: str = ""  # BT-3: of the issuer's data, else what the kind stands for
    number: str = ""
    seller_name: str = ""
    seller_siren: str = ""
    seller_key: str = (
        ""  # siren, else vat, else normalised name: who the seller is, for duplicates
    )
    buyer_name: str = ""
    issue_date: date | None = None
    due_date: date | None = None
    currency: str = "EUR"
    total_excl_vat: Decimal | None = None
    total_incl_vat: Decimal | None = None
    amount_due: Decimal | None = None

    @property
    def to_pay(self) -> Decimal | None:
        """What it asks for (BT-115, else BT-112), positive; None where it does not say."""
        whole = self.amount_due if self.amount_due is not None else self.total_incl_vat
        return None if whole is None else abs(whole)

    @property
    def most_paid(self) -> Decimal | None:
        """The most that payments may tell of it: its whole (BT-112) where part was paid before.

        What BT-113 took off shows as a BT-115 below BT-112: nothing remains due of an invoice
        « déjà payée » (BT-23 S2, B2, M2), whose whole was collected all the same (status 212).
        Positive; None where it does not say.
        """
        said = (self.amount_due, self.total_incl_vat)
        return max((abs(one) for one in said if one is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The Factur-X made (or kept) for the document, and what was checked about it."""

    profile: str  # "EN 16931", "BASIC WL", "EXTENDED"… as fx:ConformanceLevel says
    road: str  # "original" | "repaired" | "raster" | "readable" (page drawn by us from the data)
    pdfa: bool  # proved PDF/A-3b; False is shown as « non conforme PDF/A »
    verdict: Verdict = Verdict.UNVERIFIED
    rulebook: str = ""  # versions of the rule files that answered
    reform: Verdict = Verdict.UNVERIFIED  # BR-FR: « conformité réforme », shown, not blocking


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Another document that this one may be the double of."""

    document: str
    reason: str  # "sha256" | "number" | "same_number" (of one that came after) | "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Somebody a circuit asks: a member of the dossier, or anybody with a mail address."""

    id: str  # the user's identifier; ``mail:<address>`` for somebody without an account
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What an approver gave."""

    by: str  # Approver.id
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The proof that the document is kept: versions under Object Lock until a date."""

    at: datetime
    until: datetime
    mode: str  # GOVERNANCE | COMPLIANCE
    chain: str  # last hash of the history
    files: tuple[StoredFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One attempt to send the invoice itself by a platform, and what became of it (IP-22)."""

    connection: str
    tracking_id: str
    sha256: str
    at: datetime
    transmission: Transmission = Transmission.WAITING
    flow: str = ""  # the platform's flow id, once it took it
    failure: str = ""  # reason code of the refusal
    failure_text: str = ""  # the platform's words


class Relation(StrEnum):
    """How two invoices of a dossier hold together (BG-3), said from the document that has it."""

    CORRECTS = "corrects"  # it is a corrective invoice (384…) of the other
    CREDITS = "credits"  # it is a credit note of the other
    CORRECTED_BY = "corrected_by"
    CREDITED_BY = "credited_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another invoice of the dossier that this one names, or that names this one."""

    document: str
    relation: Relation
    number: str = ""  # BT-1 of the other
    whole: bool = False  # of a credit note: it takes back the whole amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The head: what screens and decisions need. The candidate and reports are JSON files."""

    dossier: str
    id: str
    direction: Direction
    state: State
    received_at: datetime
    filename: str
    media_type: str
    sha256: str
    size: int
    sources: tuple[Source, ...]
    files: Mapping[str, StoredFile] = field(default_factory=dict)  # by role: ROLES below
    pages: int = 0  # page images among ``files``: of documents read before DrawPages existed
    sheets: int = 0  # pages of the file, with or without an image; 0 = not counted
    turns: tuple[int, ...] = ()  # quarter turns clockwise that set each page upright
    structured: bool = False  # the data are the issuer's own XML: read-only
    summary: Summary = Summary()
    faults: tuple[Fault, ...] = ()
    conversion: Conversion | None = None
    duplicates: tuple[Duplicate, ...] = ()
    duplicates_cleared: bool = False  # « ce n'est pas un doublon »
    failure: Fault | None = None  # why it is in quarantine
    ocr_job: str = ""
    proposal: tuple[ProposedPart, ...] = ()  # the invoices that the file seems to hold
    apart: tuple[int, ...] = ()  # separator sheets and blank pages: at the edge of no part
    kept_whole: bool = False  # a user said that it is one invoice
    cuts: tuple[int, ...] = ()  # pages where a user said that a new invoice starts
    parts: tuple[str, ...] = ()  # the documents it was split into
    declared_kind: DeclaredKind | None = None  # the user's word, None when nobody gave it
    from_body: bool = False  # its page was printed from the body of a mail
    part_of: PartOf | None = None  # the file that it was cut from
    circuit: str = ""  # name of the approval circuit that stops it
    approvers: tuple[Approver, ...] = ()  # whom it asks
    approvals: tuple[Approval, ...] = ()  # what they gave
    refusal: str = ""  # reason code
    refusal_comment: str = ""
    accounting: Accounting = Accounting.TO_FETCH
    payment: PaymentStatus = PaymentStatus.UNPAID
    fetched_at: datetime | None = None  # when it became « Récupérée »
    fetched_by: str = ""  # and by whom
    seal: Seal | None = None
    party: str = ""  # the card of its supplier (purchases) or customer (sales), once matched
    coding: Mapping[str, str] = field(default_factory=dict)  # parties.Defaults, by name
    statuses: tuple[StatusRecord, ...] = ()  # of its lifecycle, in the order they came
    unseen: tuple[str, ...] = ()  # what was said of it and nobody opened (lifecycle/telling)
    sendings: tuple[Sending, ...] = ()  # of the invoice itself, in order
    related: tuple[Related, ...] = ()  # credit notes and corrective invoices, both ways
    buyer_address: str = ""  # where it is sent: BT-49, BT-34 of a self-billed one; scheme 0225
    to_send_since: datetime | None = None  # accepted, and sealed once it was sent (JF-59)
    told_late: bool = False  # and that it waits for long was told
    kept_unsent: bool = False  # « archiver sans envoyer »
    joined_to: str = ""  # the document that it is another road of
    trashed_at: datetime | None = None  # since when it is in the trash
    trashed_from: str = ""  # the state it was in before
    was_accepted: bool = False  # sealing failed after somebody accepted it: never for the trash
    events: int = 0  # length of the history
    chain: str = ""  # hash of its last entry
    version: int = 0  # of the row: 0 = not stored yet

    @property
    def ref(self) -> DocumentRef:
        """Its name."""
        return DocumentRef(self.dossier, self.id)

    @property
    def waited_for(self) -> tuple[Approver, ...]:
        """Who has not approved yet, in the circuit's order; () without a circuit."""
        given = {one.by for one in self.approvals}
        return tuple(one for one in self.approvers if one.id not in given)

    @property
    def duplicate_blocks(self) -> bool:
        """True while a possible double stops acceptance."""
        return bool(self.duplicates) and not self.duplicates_cleared


#: Roles of a document's files (keys ``<dossier>/<document>/<role>…`` in the archive bucket).
ROLES = (
    "original",  # the bytes as received, never altered
    "facturx",  # the Factur-X PDF
    "invoice_xml",  # the XML of the invoice: the issuer's own, or ours
    "candidate",  # JSON: fields, provenance, confidence (domain/candidate.py)
    "report",  # JSON: validation report
    "canonical",  # JSON: the invoice as accepted, canonical form
    "evidence",  # JSON: hashes, versions, validation, history
    "readable",  # PDF: the view that the platform gave of an XML invoice
    "sent-…",  # what was sent to a platform, if no file above (services/flows/transmitting)
    "words",  # JSON: the words read, so that a correction needs no OCR
)
