"""What opens, reads, draws and checks a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from facteur.domain.documents import EmbeddedFile, StoredFile, Verdict
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice
from facteur.domain.letters import Letter
from facteur.domain.pages import PageSet
from facteur.domain.splitting import Sheet


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """How an invoice hangs in the PDF that carries it."""

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

    def container(self, data: bytes) -> Container:
        """Judge the file that carries an invoice; nothing to say of one that carries none."""
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

    def printed(self, letter: Letter) -> bytes:
        """The body of a mail as a PDF, labelled as such: the same bytes for the same letter."""
        ...

    def pages(self, data: bytes, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
        """A PDF for each range of pages (first, last; from 1, both included; last 0: the end).

        The same bytes for the same file and range. UnreadableError as above, ``.too_large`` when
        the parts together would not fit, ``.damaged`` when a page is not there.
        """
        ...

    def sheets(self, data: bytes, numbers: Sequence[int]) -> tuple[Sheet, ...]:
        """Which of these pages are blank, and the codes that the others bear."""
        ...

    def read_back(self, data: bytes) -> tuple[EmbeddedFile, ...]:
        """The embedded files, read by another library than the one that embedded them."""
        ...

    def from_images(self, images: Sequence[bytes]) -> bytes:
        """A PDF holding the images (JPEG, PNG, HEIC, TIFF frames), one page each, upright."""
        ...


class Ocr(Protocol):
    """Reads images: words with boxes. The embedded engine answers at once; Textract may take long.

    An engine that was set to may also give what it found by itself (``Page.finds``). Words never
    wait for that nor depend on it: a witness that fails is ``Finds.silent``.
    """

    name: str

    def read(self, image: bytes, *, page: int = 1) -> PageSet:
        """One page image (JPEG or PNG) → its words, at once; UnavailableError, UnreadableError."""
        ...

    def start(self, file: StoredFile) -> str | None:
        """Start an asynchronous job on a stored PDF or TIFF; None: this engine has none."""
        ...

    def collect(self, job: str, file: StoredFile, *, patient: bool = True) -> PageSet | None:
        """The result of a job on ``file``, None while it runs; UnreadableError when it failed.

        ``patient``: also None while the engine is still busy with its own finds; without it, words
        that are there are given at once.
        """
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

    def check_status(self, xml: bytes) -> RuleReport:
        """Check one lifecycle message (CDAR): its XSD, then BR-FR-CDV. ``reform`` says nothing."""
        ...

    def check_report(self, xml: bytes) -> RuleReport:
        """Check one e-reporting file (flux 10): its XSD, then the State's rules."""
        ...
