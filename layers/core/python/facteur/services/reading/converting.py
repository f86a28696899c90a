"""Bytes → material → candidate → Factur-X, without any store: what pages and commands share.

Structured data first, else the text layer, else OCR. What cannot be read raises UnreadableError.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from facteur.domain import building, totals
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.companies import OwnIdentity
from facteur.domain.documents import Conversion, Verdict
from facteur.domain.errors import UnreadableError
from facteur.domain.extraction import extract
from facteur.domain.faults import Fault, Severity, blocking
from facteur.domain.invoice import Invoice
from facteur.domain.pages import Page, PageSet
from facteur.domain.rules import reform_applies
from facteur.formats import xml_invoice
from facteur.formats.detect import Kind, detect
from facteur.ports import Container, EmbeddedFile, FacturxFile, Later, Readers

OCR_DPI = 200

#: What a candidate may be and still be turned into an invoice.
RECOGNISED = frozenset({"invoice", "receipt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the bytes hold: the page as PDF, the words, the issuer's XML, attached files."""

    pdf: bytes | None = None
    words: PageSet | None = None
    origin: Origin = Origin.TEXT
    parsed: xml_invoice.ParsedInvoice | None = None
    xml: bytes = b""
    container: Later[Container] | None = None  # judged while the data and the page are read
    files: tuple[EmbeddedFile, ...] = ()
    said: tuple[Fault, ...] = ()  # what reading found, the container's faults apart
    photos: bool = False  # ``pdf`` shows pages mended from photographs: not the bytes received
    scanned_pages: int = 0  # pages that only OCR can read; ``words`` is then still None

    @property
    def structured(self) -> bool:
        """True when the data are the issuer's own XML."""
        return self.parsed is not None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that was found; waits for what is judged beside."""
        carried = self.container.result().faults if self.container else ()
        return (*carried, *self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """An invoice's XML and its Factur-X; ``facturx`` None means that the original is one."""

    xml: bytes
    facturx: FacturxFile | None
    conversion: Conversion


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A conversion that was begun: the XML is there, the Factur-X is written beside."""

    xml: bytes
    invoice: Invoice
    level: str
    drawn: bool = False  # the page is ours: the issuer sent none
    making: Later[FacturxFile] | None = None  # None: the original is one

    def finished(self) -> tuple[Converted, tuple[Fault, ...]]:
        """What was converted, once the Factur-X is written, and what could not be proved of it."""
        if self.making is None:
            kept = _conversion(self.invoice, self.level, road="original", pdfa=True)
            return Converted(xml=self.xml, facturx=None, conversion=kept), ()
        made = self.making.result()
        road = "readable" if self.drawn else made.road
        conversion = _conversion(self.invoice, self.level, road=road, pdfa=made.pdfa)
        faults: tuple[Fault, ...] = ()
        if not made.pdfa:
            values = {"findings": ", ".join(made.findings[:5])}
            faults = (Fault(code="facturx.not_pdfa", severity=Severity.WARNING, values=values),)
        return Converted(xml=self.xml, facturx=made, conversion=conversion), faults


def gather(data: bytes, readers: Readers) -> Material:
    """What the bytes hold, OCR left aside: ``scanned_pages`` says when it is needed."""
    if len(data) > readers.limits.upload_bytes:
        raise UnreadableError(
            "unreadable.too_large", limit=readers.limits.upload_bytes // (1024 * 1024)
        )
    kind = detect(data)
    if kind is Kind.PDF:
        return _of_pdf(data, readers)
    if kind.is_invoice_xml:
        parsed = xml_invoice.parse(data)
        return Material(
            parsed=parsed,
            xml=data,
            origin=Origin.XML,
            files=parsed.attachments,
            said=parsed.faults,
        )
    if kind.is_image:
        pdf = readers.pdf.from_images((data,))
        return Material(
            pdf=pdf,
            origin=Origin.OCR,
            photos=kind is not Kind.TIFF,
            scanned_pages=readers.pdf.read(pdf).info.pages,
        )
    codes = {Kind.EMPTY: "unreadable.empty", Kind.CDAR: "unreadable.lifecycle_message"}
    raise UnreadableError(codes.get(kind, "unreadable.unknown_type"), kind=kind.value)


def _of_pdf(data: bytes, readers: Readers) -> Material:
    content = readers.pdf.read(data)
    faults: tuple[Fault, ...] = ()
    if content.invoice_xml is not None:
        container = readers.beside(lambda: readers.pdf.container(data))
        try:
            parsed = xml_invoice.parse(content.invoice_xml.data)
        except UnreadableError as error:
            unreadable = Fault(code="facturx.xml_unreadable", values={"reason": error.code})
            faults = (*container.result().faults, unreadable)
        else:
            return Material(
                pdf=data,
                words=content.pages,
                origin=Origin.XML,
                parsed=parsed,
                xml=content.invoice_xml.data,
                container=container,
                files=(*content.files, *parsed.attachments),
                said=parsed.faults,
            )
    found = Material(pdf=data, files=content.files, said=faults)
    if content.pages.has_text:
        return with_words(found, content.pages)
    return replace(found, origin=Origin.OCR, scanned_pages=content.info.pages)


def recognise(material: Material, readers: Readers) -> Material:
    """The words of a scanned page, read now by the OCR engine, page by page, within the limit."""
    if readers.ocr is None or material.pdf is None:
        raise UnreadableError("unreadable.no_ocr")
    found: list[Page] = []
    for number in range(1, min(material.scanned_pages, readers.limits.ocr_pages) + 1):
        image = readers.pdf.images(
            material.pdf, dpi=OCR_DPI, first=number, last=number, form="jpeg"
        )[0]
        found += readers.ocr.read(image, page=number).pages
    words = PageSet(
        pages=tuple(found), origin=f"ocr:{readers.ocr.name}", total=material.scanned_pages
    )
    return with_words(material, words)


def with_words(material: Material, words: PageSet) -> Material:
    """The material with what was read; says how many pages were left unread."""
    return replace(material, words=words, said=(*material.said, *left_unread(words)))


def left_unread(words: PageSet) -> tuple[Fault, ...]:
    """Says how many pages were not read, when there are some."""
    if words.total <= len(words.pages):
        return ()
    values = {"read": str(len(words.pages)), "total": str(words.total)}
    return (Fault(code="pages.left_unread", severity=Severity.WARNING, values=values),)


def candidate_of(material: Material, *, own: OwnIdentity | None, side: str) -> Candidate:
    """The candidate invoice of what was gathered; ``side`` is ours: "buyer" or "seller"."""
    if material.parsed is not None:
        return xml_invoice.to_candidate(material.parsed)
    if material.words is None:
        raise UnreadableError("unreadable.nothing")
    return extract(material.words, own=own, own_side=side, origin=material.origin)


#: Fields whose value on the page should be the one in the issuer's data.
COMPARED = ("number", "issue_date", "total_incl_vat", "amount_due", "iban")


def compared(
    candidate: Candidate, material: Material, *, own: OwnIdentity | None, side: str
) -> tuple[Candidate, tuple[Fault, ...]]:
    """An issuer's data beside what his page says: where each value stands, and what differs.

    The data are what counts (invoice-formats.md §12); but a page that surely says something else,
    or that is no invoice at all, is for a person to see. A page without words says nothing.
    """
    if material.parsed is None or material.words is None or not material.words.has_text:
        return candidate, ()
    page = extract(material.words, own=own, own_side=side, origin=Origin.TEXT)
    fields = dict(candidate.fields)
    faults: list[Fault] = []
    for name, read in page.fields.items():
        given = fields.get(name)
        if given is None:
            continue
        if given.value == read.value:
            found = read.provenance
            place = replace(given.provenance, page=found.page, box=found.box, text=found.text)
            fields[name] = replace(given, provenance=place)
        elif name in COMPARED and read.sure:
            values = {"data": str(given.value), "page": str(read.value)}
            faults.append(Fault(code="page.differs", path=name, values=values))
    if page.kind not in RECOGNISED:
        faults.append(Fault(code="page.other", values={"kind": page.kind}))
    return replace(candidate, fields=fields), tuple(faults)


def faults_of(candidate: Candidate, *, received: date) -> tuple[Fault, ...]:
    """All that does not check in a candidate that came that day; one fault alone when it is no
    invoice."""
    if candidate.kind not in RECOGNISED:
        return (Fault(code="document.not_recognised", values={"kind": candidate.kind}),)
    return totals.check(candidate, received=received)


def convert(
    data: bytes,
    candidate: Candidate,
    material: Material,
    *,
    title: str,
    created: datetime,
    readers: Readers,
) -> tuple[Converted | None, tuple[Fault, ...]]:
    """The Factur-X of a candidate that checks, and all the faults found on the way.

    None when the data do not hold (the faults say why).
    """
    begun, checks = begin(data, candidate, material, title=title, created=created, readers=readers)
    if begun is None:
        return None, checks
    converted, faults = begun.finished()
    return converted, (*checks, *faults)


def begin(
    data: bytes,
    candidate: Candidate,
    material: Material,
    *,
    title: str,
    created: datetime,
    readers: Readers,
) -> tuple[Begun | None, tuple[Fault, ...]]:
    """As ``convert``, without waiting for the Factur-X: files can be kept while it is written.

    ``created`` is when the file was received: its Factur-X is of that moment, whenever it is made.

    An issuer's XML is embedded as it is; a good Factur-X is kept whole.
    """
    checks = faults_of(candidate, received=created.date())
    if candidate.kind not in RECOGNISED:
        return None, checks
    if material.parsed is not None:
        invoice = material.parsed.invoice
        xml, level = xml_invoice.for_facturx(material.xml, material.parsed)
        if _already_facturx(material, xml):
            return Begun(xml=xml, invoice=invoice, level=level), checks
    else:
        if blocking(checks):
            return None, checks
        built, level, faults = building.build(candidate)
        checks = (*checks, *faults)
        if built is None or blocking(faults):
            return None, checks
        invoice = built
        xml = xml_invoice.write_cii(invoice, level)

    def made() -> FacturxFile:
        page = _page_of(material, readers) if drawn else material.pdf or data
        return readers.pdf.facturx(
            page, xml, level, words=material.words, title=title, created=created
        )

    drawn = material.parsed is not None and material.pdf is None
    making = readers.beside(made)
    return Begun(xml=xml, invoice=invoice, level=level, drawn=drawn, making=making), checks


def _conversion(invoice: Invoice, level: str, *, road: str, pdfa: bool) -> Conversion:
    """What is known before the rules answer: also whether those of the reform apply at all."""
    reform = Verdict.UNVERIFIED if reform_applies(invoice) else Verdict.NOT_CONCERNED
    return Conversion(profile=level, road=road, pdfa=pdfa, reform=reform)


def _already_facturx(material: Material, xml: bytes) -> bool:
    """True when the file received is itself a good Factur-X: it is kept as it is."""
    if material.container is None or xml != material.xml:
        return False
    held = material.container.result()
    return held.pdfa and not blocking(held.faults)


def _page_of(material: Material, readers: Readers) -> bytes:
    """The page of an invoice that came as XML alone: the issuer's own, else one drawn by us."""
    for one in material.files:
        if one.relationship == "LISIBLE" and one.data.startswith(b"%PDF"):
            return one.data
    if material.parsed is None:
        raise UnreadableError("unreadable.nothing")
    return readers.pdf.readable(material.parsed.invoice)
