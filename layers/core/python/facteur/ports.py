"""What the house asks of the world: one Protocol per need, and the Context that holds them.

Adapters implement these; services use them and never know which body is behind. Every method that
touches a dossier's data takes its identifier. Errors are those of domain/errors.py: an adapter
translates, nothing of boto3 or pynamodb crosses this line.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from facteur.domain.commands import Scheduled
from facteur.domain.documents import Direction, Document, DocumentRef, State, StoredFile, Verdict
from facteur.domain.documents import EmbeddedFile as EmbeddedFile  # noqa: PLC0414 - formats too
from facteur.domain.dossiers import Dossier, Member
from facteur.domain.events import Entry
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice
from facteur.domain.pages import PageSet


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, in UTC, aware."""
        ...


class Ids(Protocol):
    """New identifiers."""

    def new(self) -> str:
        """A new identifier: URL-safe, sortable by time (26 characters, lower case)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A reference to write with ``must not exist``: uniqueness, and the way back to a document."""

    kind: str  # "SHA256", "NUMBER", "MESSAGE", "UPLOAD", "MAILBOX"…
    value: str
    target: str  # the document (or dossier) it names
    exclusive: bool = True  # False: last writer wins, no conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One transaction: a document with its new history, claims and follow-up commands."""

    document: Document  # version = the one loaded; 0 = must not exist yet
    entries: tuple[Entry, ...] = ()
    claims: tuple[Claim, ...] = ()
    commands: tuple[Scheduled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """A page of a list and the cursor of the next one, "" at the end."""

    documents: tuple[Document, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecord:
    """A mail that came, whether or not it made documents: shown with its reasons."""

    dossier: str
    id: str
    key: str
    at: datetime
    sender: str
    subject: str
    message_id: str
    direction: Direction
    documents: tuple[str, ...] = ()
    set_aside: tuple[Fault, ...] = ()  # one per part set aside; values: filename, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key as stored: never the key, only its hash."""

    dossier: str
    id: str
    name: str
    digest: str  # SHA-256 of the key, hex
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser: stored by the hash of its cookie's token."""

    digest: str
    user: str
    email: str
    name: str
    dossier: str
    csrf: str
    created_at: datetime
    expires_at: datetime


class Store(Protocol):
    """Everything that is true: dossiers, documents, histories, references, the agenda."""

    def dossier(self, dossier: str) -> Dossier:
        """A dossier; NotFoundError."""
        ...

    def save_dossier(
        self, dossier: Dossier, members: Sequence[Member], mailboxes: Mapping[str, Direction]
    ) -> None:
        """Create a dossier with its members and mailboxes (addresses); DuplicateError."""
        ...

    def dossiers(self) -> tuple[Dossier, ...]:
        """All dossiers (few: used by the sweep and the first start)."""
        ...

    def mailbox(self, address: str) -> tuple[str, Direction] | None:
        """The dossier and direction of a mail address (normalised), None when unknown."""
        ...

    def members_of(self, user: str) -> tuple[Member, ...]:
        """The memberships of a user, one per dossier."""
        ...

    def document(self, ref: DocumentRef) -> Document:
        """A document's head, read consistently; NotFoundError."""
        ...

    def history(self, ref: DocumentRef) -> tuple[Entry, ...]:
        """The whole history of a document, in order."""
        ...

    def documents(
        self,
        dossier: str,
        direction: Direction,
        *,
        state: State | None = None,
        limit: int = 50,
        cursor: str = "",
    ) -> DocumentPage:
        """Newest first; of one state, or of all."""
        ...

    def cursor(self, document: Document) -> str:
        """The cursor of what comes after a document, in every list that may hold it."""
        ...

    def count(self, dossier: str, direction: Direction, state: State, *, most: int = 1000) -> int:
        """How many documents are in a state, counted up to ``most``."""
        ...

    def claimed(self, dossier: str, kind: str, value: str) -> str | None:
        """What a reference names, None when nothing claimed it."""
        ...

    def mark(self, dossier: str, kind: str, value: str, target: str) -> None:
        """Remember a reference on its own, outside a document's transaction (idempotent)."""
        ...

    def near(self, dossier: str, amount: str, day: str) -> tuple[tuple[str, str], ...]:
        """(document, number) of the dossier's invoices with that total and issue date."""
        ...

    def commit(self, changes: Changes) -> Document:
        """Write it all or nothing; the document with its new version.

        StaleVersionError when the document moved, DuplicateError when a claim is taken.
        Also keeps the ``near`` rows (total and date of ``document.summary``) in step.
        """
        ...

    def due(self, now: datetime, *, limit: int = 100) -> tuple[Scheduled, ...]:
        """Commands of the agenda due by now, oldest first."""
        ...

    def schedule(self, scheduled: Scheduled) -> None:
        """Put a command in the agenda on its own (no document changes)."""
        ...

    def done(self, command_id: str) -> None:
        """Take a command out of the agenda: it was sent."""
        ...

    def save_mail(self, mail: MailRecord) -> None:
        """Record a mail (idempotent by dossier and id)."""
        ...

    def mails(self, dossier: str, *, limit: int = 50) -> tuple[MailRecord, ...]:
        """The last mails of a dossier, newest first."""
        ...

    def api_key(self, digest: str) -> ApiKey | None:
        """The key with this digest, None when unknown or revoked."""
        ...

    def save_api_key(self, key: ApiKey) -> None:
        """Create a key."""
        ...

    def sealed_since(self, at: datetime) -> tuple[Document, ...]:
        """Documents archived since then: the sweep lays their locks again."""
        ...


class Sessions(Protocol):
    """Short-lived rows: sessions, sign-in throttling."""

    def save(self, session: Session) -> None:
        """Store a session."""
        ...

    def load(self, digest: str) -> Session | None:
        """The session, None when unknown or expired."""
        ...

    def drop(self, digest: str) -> None:
        """Sign out."""
        ...

    def hit(self, name: str, *, window_seconds: int) -> int:
        """Count an attempt under a name in the current window; the count after it."""
        ...

    def forget(self, name: str, *, window_seconds: int) -> None:
        """Take back the attempts counted under a name in the current window."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """A presigned S3 POST: the form a browser or a program sends the file with."""

    url: str
    fields: Mapping[str, str]
    key: str
    expires_at: datetime
    max_bytes: int


class Blobs(Protocol):
    """Files: the intake bucket (passing) and the archive bucket (kept)."""

    def intake(self, key: str) -> tuple[bytes, Mapping[str, str]]:
        """Bytes and user metadata of a received object; NotFoundError."""
        ...

    def intake_keys(self, prefix: str, *, since: datetime) -> Iterable[tuple[str, datetime]]:
        """Keys under a prefix stored since then, with their times."""
        ...

    def upload_form(
        self,
        key: str,
        *,
        media_types: Sequence[str],
        max_bytes: int,
        metadata: Mapping[str, str],
        now: datetime,
        redirect: str = "",
    ) -> UploadForm:
        """A presigned POST into the intake bucket, good for an hour; size and type enforced.

        ``redirect`` (success_action_redirect) is where a browser without scripts lands after it.
        """
        ...

    def origins(self) -> tuple[str, ...]:
        """The web origins (``https://host``) of the presigned forms and links: for the CSP."""
        ...

    def put(self, key: str, data: bytes, media_type: str, *, filename: str = "") -> StoredFile:
        """Write a new object of the archive bucket (If-None-Match: *).

        Writing the same bytes again answers the stored one; other bytes under a taken key raise
        DuplicateError.
        """
        ...

    def get(self, file: StoredFile) -> bytes:
        """The bytes of that version; NotFoundError, UnreadableError if the hash differs."""
        ...

    def lock(self, file: StoredFile, *, until: datetime, mode: str) -> None:
        """Put a version under Object Lock until a date (idempotent; never shortens)."""
        ...

    def put_passing(self, key: str, data: bytes, media_type: str, filename: str) -> str:
        """Write a passing object (an export) to the intake bucket; a presigned link to it."""
        ...

    def link(self, file: StoredFile, *, download: bool, seconds: int = 300) -> str:
        """A presigned GET of that version; ``download`` names the file and forces saving."""
        ...


class Queue(Protocol):
    """Sends commands to the function that runs them."""

    def send(self, scheduled: Scheduled, *, delay_seconds: int = 0) -> None:
        """Send now (delay up to 900 s)."""
        ...


class Once(Protocol):
    """At most one effective run per command identifier."""

    def run(self, command_id: str, work: Callable[[], None]) -> None:
        """Run ``work`` unless it already ran to its end; concurrent calls: one runs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfInfo:
    """What a PDF is, learnt within limits."""

    pages: int
    encrypted: bool = False  # opens without a password, but is encrypted
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfContent:
    """Everything one visit of the child process reads from a PDF."""

    info: PdfInfo
    pages: PageSet
    invoice_xml: EmbeddedFile | None = None  # factur-x.xml, zugferd-invoice.xml, xrechnung.xml…
    files: tuple[EmbeddedFile, ...] = ()  # the other attachments
    faults: tuple[Fault, ...] = ()  # of the Factur-X container (AF, XMP, names)
    pdfa: bool = False  # claims and passes PDF/A-3 by our own check


@dataclass(frozen=True, slots=True, kw_only=True)
class FacturxFile:
    """A Factur-X that was written, and what was proved about it."""

    data: bytes
    road: str  # "repaired" | "raster" | "readable"
    pdfa: bool
    findings: tuple[str, ...] = ()


class Pdf(Protocol):
    """PDFs are read, rendered and rewritten in a child process with memory and time limits.

    UnreadableError (codes ``unreadable.encrypted``, ``.damaged``, ``.too_many_pages``, ``.bomb``,
    ``.timeout``, ``.memory``, ``.empty``, ``.not_pdf``) when a file cannot be handled within them.
    """

    def read(self, data: bytes) -> PdfContent:
        """Info, words of the text layer, embedded XML and files: one visit."""
        ...

    def images(
        self,
        data: bytes,
        *,
        dpi: int,
        first: int = 1,
        last: int = 0,
        form: str = "webp",
        turns: Sequence[int] = (),
    ) -> tuple[bytes, ...]:
        """Pages ``first`` to ``last`` (0: all, within the cap) as images, pixels capped.

        ``turns``: quarter turns clockwise for each of them (Page.turn), so that a sheet that lies
        on its side is shown upright and the boxes of its words fit.
        """
        ...

    def facturx(
        self,
        data: bytes,
        xml: bytes,
        level: str,
        *,
        words: PageSet | None,
        title: str,
        created: datetime,
    ) -> FacturxFile:
        """The page as PDF/A-3b with the XML embedded as factur-x.xml at this conformance level.

        ``level`` is fx:ConformanceLevel ("EN 16931", "BASIC WL", "EXTENDED"…). ``words`` become
        the invisible text of a scan, and of a page that has to be rendered as an image.
        """
        ...

    def readable(self, invoice: Invoice) -> bytes:
        """A page drawn from the data of an invoice that came without one, labelled as ours."""
        ...

    def pages(self, data: bytes, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
        """A PDF for each range of pages (first, last; from 1, both included; last 0: the end).

        The same bytes for the same file and range. UnreadableError as above, ``.too_large`` when
        the parts together would not fit, ``.damaged`` when a page is not there.
        """
        ...

    def from_images(self, images: Sequence[bytes]) -> bytes:
        """A PDF holding the images (JPEG, PNG, HEIC, TIFF frames), one page each, upright."""
        ...


class Ocr(Protocol):
    """Reads images: words with boxes. The embedded engine answers at once; Textract may take long."""  # noqa: E501

    name: str

    def read(self, image: bytes, *, page: int = 1) -> PageSet:
        """One page image (JPEG or PNG) → its words, at once; UnavailableError, UnreadableError."""
        ...

    def start(self, file: StoredFile) -> str | None:
        """Start an asynchronous job on a stored PDF or TIFF; None: this engine has none."""
        ...

    def collect(self, job: str) -> PageSet | None:
        """The result of a job, None while it runs; UnreadableError when it failed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """What the official rules answered about one XML invoice."""

    verdict: Verdict  # of XSD and the profile's schematron
    reform: Verdict  # of BR-FR Flux 2
    findings: tuple[Fault, ...] = ()  # official and ours, source tells
    versions: Mapping[str, str] = field(default_factory=dict)
    profile: str = ""


class Rulebook(Protocol):
    """The official rules: XSD, then schematrons. UNVERIFIED when they cannot run, never valid."""

    def check(self, xml: bytes) -> RuleReport:
        """Check one CII or UBL document, whatever its BT-24."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who signed in, as the identity provider knows them."""

    subject: str
    email: str
    name: str


class Identity(Protocol):
    """Credentials belong to the identity provider (Cognito); roles and sessions are ours."""

    def sign_in(self, email: str, password: str) -> Person | None:
        """The person, None when address and password do not go together; UnavailableError."""
        ...

    def create(self, email: str, name: str, password: str) -> Person:
        """Create a confirmed user (first start, invitations); answers the existing one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of what we take; each is settable (config.py)."""

    mail_bytes: int = 25 * 1024 * 1024
    upload_bytes: int = 50 * 1024 * 1024
    pages: int = 500  # of one PDF
    ocr_pages: int = 50
    image_pixels: int = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """What reading and converting need: no store, so that a command line can have them too."""

    pdf: Pdf
    ocr: Ocr | None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The ports a service may use: built once by bootstrap.py."""

    store: Store
    blobs: Blobs
    queue: Queue
    once: Once
    pdf: Pdf
    ocr: Ocr | None
    rulebook: Rulebook
    identity: Identity
    sessions: Sessions
    clock: Clock
    ids: Ids
    inbound_domain: str
    site_url: str
    lock_mode: str
    retention_days: int
    limits: Limits = field(default_factory=Limits)
    here: frozenset[type] = frozenset()  # commands that this function runs itself, unqueued

    @property
    def readers(self) -> Readers:
        """The ports that reading and converting need."""
        return Readers(pdf=self.pdf, ocr=self.ocr, limits=self.limits)
