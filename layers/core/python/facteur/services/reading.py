"""A document's bytes → a candidate → a Factur-X: structured data first, else text, else OCR.

Everything of one document runs in one visit (decision 24): reading, conversion and page images;
only the official rules run elsewhere. What cannot be read raises UnreadableError and ends in
quarantine, its bytes untouched.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from facteur.domain import building, totals
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.commands import CollectOcr, ConvertDocument, ReadDocument, Scheduled
from facteur.domain.decisions import ReadResult, read, start_ocr
from facteur.domain.documents import (
    Conversion,
    Direction,
    Document,
    DocumentRef,
    State,
    StoredFile,
)
from facteur.domain.dossiers import Dossier
from facteur.domain.errors import UnreadableError
from facteur.domain.extraction import OwnIdentity, extract
from facteur.domain.faults import Fault, Severity, blocking
from facteur.domain.pages import PageSet
from facteur.domain.serial import dumps, loads
from facteur.formats import xml_invoice
from facteur.formats.detect import Kind, detect
from facteur.ports import Context, EmbeddedFile, FacturxFile, PdfContent
from facteur.services.registering import doubles, summary_of
from facteur.services.staircase import commit

log = logging.getLogger(__name__)

PAGE_DPI = 150
MOST_PAGE_IMAGES = 20
_MOST_OCR_ATTEMPTS = 60  # of 30 s each: an asynchronous job that long will not end

Steps = tuple[Document | None, tuple[Scheduled, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What reading found in the bytes: the page as PDF, the words, the issuer's XML."""

    pdf: bytes | None = None
    words: PageSet | None = None
    origin: Origin = Origin.TEXT
    parsed: xml_invoice.ParsedInvoice | None = None
    xml: bytes = b""
    container: PdfContent | None = None
    files: tuple[EmbeddedFile, ...] = ()
    faults: tuple[Fault, ...] = ()
    job: str = ""


def read_document(command: ReadDocument, context: Context) -> Steps:
    """Read and convert a received document; does nothing when it was read already."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.RECEIVED or document.ocr_job:
        return document, ()
    data = context.blobs.get(document.files["original"])
    material = _material(data, document, context)
    if material.job:
        return commit(start_ocr(document, material.job, at=context.clock.now()), context)
    return _finish(document, data, material, context)


def collect_ocr(command: CollectOcr, context: Context) -> Steps:
    """Fetch the words of an asynchronous OCR job; asks again later while it runs."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.RECEIVED or document.ocr_job != command.job:
        return document, ()
    if context.ocr is None:
        raise UnreadableError("unreadable.no_ocr")
    words = context.ocr.collect(command.job)
    if words is None:
        if command.attempt >= _MOST_OCR_ATTEMPTS:
            raise UnreadableError("unreadable.ocr_timeout")
        again = replace(command, attempt=command.attempt + 1)
        scheduled = Scheduled(
            id=f"{command.document}-{command.job[:40]}-{again.attempt}",
            command=again,
            due=context.clock.now() + timedelta(seconds=30),
        )
        context.store.schedule(scheduled)
        return document, (scheduled,)
    data = context.blobs.get(document.files["original"])
    pdf = data
    if detect(data).is_image:
        pdf = context.pdf.from_images((data,))
    material = Material(pdf=pdf, words=words, origin=Origin.OCR, faults=_left_unread(words))
    return _finish(document, data, material, context)


def convert_document(command: ConvertDocument, context: Context) -> Steps:
    """Convert again from a corrected candidate; the words and pages are those already read."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.READ or document.conversion is not None:
        return document, ()
    candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    data = context.blobs.get(document.files["original"])
    words = None
    if "words" in document.files:
        words = loads(PageSet, context.blobs.get(document.files["words"]))
    pdf = data
    if detect(data).is_image:
        pdf = context.pdf.from_images((data,))
    material = Material(pdf=pdf, words=words)
    dossier = context.store.dossier(document.dossier)
    return _commit_reading(document, dossier, data, candidate, material, context)


def _material(data: bytes, document: Document, context: Context) -> Material:
    """What the bytes hold; UnreadableError when it is nothing we can read."""
    kind = detect(data)
    if kind is Kind.EMPTY:
        raise UnreadableError("unreadable.empty")
    if kind is Kind.PDF:
        return _of_pdf(data, document, context)
    if kind.is_invoice_xml:
        parsed = xml_invoice.parse(data)
        return Material(
            parsed=parsed,
            xml=data,
            origin=Origin.XML,
            files=parsed.attachments,
            faults=parsed.faults,
        )
    if kind.is_image:
        return _of_image(data, document, context)
    if kind is Kind.CDAR:
        raise UnreadableError("unreadable.lifecycle_message")
    raise UnreadableError("unreadable.unknown_type", kind=kind.value)


def _of_pdf(data: bytes, document: Document, context: Context) -> Material:
    content = context.pdf.read(data)
    faults: list[Fault] = [*content.faults]
    if content.invoice_xml is not None:
        try:
            parsed = xml_invoice.parse(content.invoice_xml.data)
        except UnreadableError as error:
            faults.append(Fault(code="facturx.xml_unreadable", values={"reason": error.code}))
        else:
            return Material(
                pdf=data,
                words=content.pages,
                origin=Origin.XML,
                parsed=parsed,
                xml=content.invoice_xml.data,
                container=content,
                files=(*content.files, *parsed.attachments),
                faults=(*faults, *parsed.faults),
            )
    if content.pages.has_text:
        faults += _left_unread(content.pages)
        return Material(pdf=data, words=content.pages, files=content.files, faults=tuple(faults))
    scanned = _scan(document, data, content.info.pages, context)
    return replace(scanned, files=content.files, faults=(*faults, *scanned.faults))


def _of_image(data: bytes, document: Document, context: Context) -> Material:
    pdf = context.pdf.from_images((data,))
    return _scan(document, pdf, context.pdf.read(pdf).info.pages, context)


def _scan(document: Document, pdf: bytes, pages: int, context: Context) -> Material:
    """The words of a page image: at once, or a job when the engine wants one for many pages."""
    if context.ocr is None:
        raise UnreadableError("unreadable.no_ocr")
    most = min(pages, context.limits.ocr_pages)
    if most > 1:
        job = context.ocr.start(document.files["original"])
        if job:
            return Material(job=job)
    found = []
    for number in range(1, most + 1):
        image = context.pdf.images(pdf, dpi=200, first=number, last=number, form="jpeg")[0]
        found += context.ocr.read(image, page=number).pages
    words = PageSet(pages=tuple(found), origin=f"ocr:{context.ocr.name}", total=pages)
    return Material(pdf=pdf, words=words, origin=Origin.OCR, faults=_left_unread(words))


def _left_unread(words: PageSet) -> tuple[Fault, ...]:
    """Says how many pages were not read, when there are some."""
    if words.total <= len(words.pages):
        return ()
    values = {"read": str(len(words.pages)), "total": str(words.total)}
    return (Fault(code="pages.left_unread", severity=Severity.WARNING, values=values),)


def own_identity(dossier: Dossier) -> OwnIdentity:
    """What tells the dossier's own name from its supplier's on a page."""
    return OwnIdentity(siren=dossier.siren, vat=dossier.vat, name=dossier.name)


def _finish(document: Document, data: bytes, material: Material, context: Context) -> Steps:
    """From material to a committed reading."""
    dossier = context.store.dossier(document.dossier)
    if material.parsed is not None:
        candidate = xml_invoice.to_candidate(material.parsed)
    elif material.words is not None:
        side = "buyer" if document.direction is Direction.PURCHASE else "seller"
        candidate = extract(
            material.words, own=own_identity(dossier), own_side=side, origin=material.origin
        )
    else:
        raise UnreadableError("unreadable.nothing")
    return _commit_reading(document, dossier, data, candidate, material, context)


def _commit_reading(
    document: Document,
    dossier: Dossier,
    data: bytes,
    candidate: Candidate,
    material: Material,
    context: Context,
) -> Steps:
    """Convert what holds, write the files, commit the state."""
    recognised = candidate.kind in ("invoice", "receipt")
    faults = list(material.faults)
    converted: _Converted | None = None
    if not recognised:
        faults.append(Fault(code="document.not_recognised", values={"kind": candidate.kind}))
    else:
        checks = (*totals.check(candidate), *_about_us(candidate, dossier, document))
        faults += checks
        converted, more = _convert(data, candidate, material, checks, document, context)
        faults += more
    files = _files(document, candidate, material, converted, context)
    summary = summary_of(candidate)
    images = _page_images(document, converted, material, context)
    result = ReadResult(
        summary=summary,
        faults=tuple(faults),
        files={**files, **images},
        pages=len(images),
        structured=material.parsed is not None or document.structured,
        origin=material.words.origin if material.parsed is None and material.words else "xml",
        conversion=None if converted is None else converted.conversion,
        recognised=recognised,
    )
    twins, claims = ((), ()) if converted else doubles(document, summary, context)
    decision = read(document, result, twins or document.duplicates, at=context.clock.now())
    return commit(decision, context, claims=claims)


def _about_us(candidate: Candidate, dossier: Dossier, document: Document) -> tuple[Fault, ...]:
    """Is the dossier the buyer (purchases) or the seller (sales) of the page? (decision 26)"""
    side = "buyer" if document.direction is Direction.PURCHASE else "seller"
    return totals.recipient(candidate, own_identity(dossier), side=side)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Converted:
    xml: bytes
    facturx: FacturxFile | None  # None: the original is the Factur-X
    conversion: Conversion


def _convert(
    data: bytes,
    candidate: Candidate,
    material: Material,
    checks: tuple[Fault, ...],
    document: Document,
    context: Context,
) -> tuple[_Converted | None, tuple[Fault, ...]]:
    """The Factur-X of a candidate that checks, and the faults that stopped or marked it."""
    if material.parsed is not None:
        xml, level = xml_invoice.for_facturx(material.xml, material.parsed)
        if _already_facturx(material, xml):
            conversion = Conversion(profile=level, road="original", pdfa=True)
            return _Converted(xml=xml, facturx=None, conversion=conversion), ()
        page = material.pdf or _page_of(material, context)
    else:
        if any(fault.blocking and fault.code not in _NOT_ABOUT_DATA for fault in checks):
            return None, ()
        invoice, level, faults = building.build(candidate)
        if invoice is None or blocking(faults):
            return None, faults
        xml = xml_invoice.write_cii(invoice, level)
        page = material.pdf or data
    made = context.pdf.facturx(
        page,
        xml,
        level,
        words=material.words,
        title=document.filename,
        created=document.received_at,
    )
    road = "readable" if material.parsed is not None and material.pdf is None else made.road
    conversion = Conversion(profile=level, road=road, pdfa=made.pdfa)
    faults = ()
    if not made.pdfa:
        values = {"findings": ", ".join(made.findings[:5])}
        faults = (Fault(code="facturx.not_pdfa", severity=Severity.WARNING, values=values),)
    return _Converted(xml=xml, facturx=made, conversion=conversion), faults


#: Faults that stop acceptance but not conversion: the data themselves hold.
_NOT_ABOUT_DATA = frozenset({"buyer.other", "seller.other"})


def _already_facturx(material: Material, xml: bytes) -> bool:
    """True when the file received is itself a good Factur-X: it is kept as it is."""
    held = material.container
    return held is not None and held.pdfa and xml == material.xml and not blocking(held.faults)


def _page_of(material: Material, context: Context) -> bytes:
    """The page of an invoice that came as XML alone: the issuer's own, else one drawn by us."""
    for one in material.files:
        if one.relationship == "LISIBLE" and one.data.startswith(b"%PDF"):
            return one.data
    if material.parsed is None:
        raise UnreadableError("unreadable.nothing")
    return context.pdf.readable(material.parsed.invoice)


def _files(
    document: Document,
    candidate: Candidate,
    material: Material,
    converted: _Converted | None,
    context: Context,
) -> dict[str, StoredFile]:
    """Write what reading made. Keys carry a new identifier: a second run never collides."""
    run = f"{document.dossier}/{document.id}/{context.ids.new()}"
    stem = document.filename.rsplit(".", 1)[0] or "facture"

    def put(role: str, data: bytes, media_type: str, filename: str) -> StoredFile:
        return context.blobs.put(f"{run}/{role}", data, media_type, filename=filename)

    files = {"candidate": put("candidate", dumps(candidate), "application/json", "candidat.json")}
    if material.words is not None and material.parsed is None:
        files["words"] = put("words", dumps(material.words), "application/json", "mots.json")
    if converted is not None:
        files["invoice_xml"] = put("invoice_xml", converted.xml, "application/xml", f"{stem}.xml")
        files["facturx"] = (
            document.files["original"]
            if converted.facturx is None
            else put("facturx", converted.facturx.data, "application/pdf", f"{stem}-facturx.pdf")
        )
    for place, one in enumerate(material.files, start=1):
        role = f"attachment-{place}"
        kind = one.media_type or "application/octet-stream"
        files[role] = put(role, one.data, kind, one.filename)
    return files


def _page_images(
    document: Document,
    converted: _Converted | None,
    material: Material,
    context: Context,
) -> dict[str, StoredFile]:
    """The pages as images for the document page; a file that cannot be drawn shows none."""
    if document.pages:
        return {}
    source = material.pdf
    if source is None and converted is not None and converted.facturx is not None:
        source = converted.facturx.data
    if source is None:
        return {}
    try:
        images = context.pdf.images(source, dpi=PAGE_DPI, last=MOST_PAGE_IMAGES)
    except UnreadableError as error:
        log.warning("no page images for %s: %s", document.id, error)
        return {}
    run = f"{document.dossier}/{document.id}/{context.ids.new()}"
    return {
        f"page-{number}": context.blobs.put(f"{run}/page-{number}", image, "image/webp")
        for number, image in enumerate(images, start=1)
    }
