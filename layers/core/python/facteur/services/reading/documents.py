"""A received document → read and converted: one visit, one commit (decision 24).

Reading and conversion run together; the official rules run elsewhere, and the page images are
drawn meanwhile (drawing.py). What cannot be read raises UnreadableError and ends in quarantine,
its bytes untouched.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from facteur.domain import reach, totals
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.commands import CollectOcr, ConvertDocument, ReadDocument, Scheduled
from facteur.domain.companies import OwnIdentity
from facteur.domain.decisions import Decision, ReadResult, read, start_ocr
from facteur.domain.decisions.base import told
from facteur.domain.documents import Direction, Document, DocumentRef, State, StoredFile, Summary
from facteur.domain.dossiers import Dossier
from facteur.domain.errors import UnreadableError
from facteur.domain.events import Happened
from facteur.domain.faults import Fault
from facteur.domain.pages import PageSet
from facteur.domain.self_billing import side_for
from facteur.domain.serial import dumps, loads
from facteur.domain.vouching import vouched
from facteur.formats.detect import detect
from facteur.ports import Context
from facteur.services.intake import roads
from facteur.services.intake.doubles import doubles
from facteur.services.parties import recognising
from facteur.services.parties.recognising import Recognised
from facteur.services.reading import converting, proposing
from facteur.services.reading.converting import Begun, Converted, Material
from facteur.services.reading.drawing import MOST_PAGE_IMAGES
from facteur.services.reading.registering import summary_of
from facteur.services.staircase import Steps, commit

_MOST_OCR_ATTEMPTS = 60  # of 30 s each: an asynchronous job that long will not end
_WITNESS_ATTEMPTS = 10  # after five minutes words are read without what else the engine finds
_OCR_PATIENCE = timedelta(seconds=30)


def read_document(command: ReadDocument, context: Context) -> Steps:
    """Read and convert a received document; does nothing when it was read already."""
    ref = DocumentRef(command.dossier, command.document)
    document, dossier = context.store.document_and_dossier(ref)
    if document.state is not State.RECEIVED or document.ocr_job:
        return document, ()
    data = context.blobs.get(document.files["original"])
    material = converting.gather(data, context.readers)
    if material.scanned_pages:
        job = _job(document, material, context)
        if job:
            return commit(start_ocr(document, job, at=context.clock.now()), context)
        material = converting.recognise(material, context.readers)
    return _finish(document, dossier, data, material, context)


def _job(document: Document, material: Material, context: Context) -> str | None:
    """An asynchronous OCR job for several pages, where the engine has them."""
    if context.ocr is None or material.scanned_pages == 1:
        return None
    if material.photos:  # a job reads the original, whose words are not where the page shows them
        return None
    if material.scanned_pages > context.limits.ocr_pages:  # a job reads, and bills, every page
        return None
    return context.ocr.start(document.files["original"])


def collect_ocr(command: CollectOcr, context: Context) -> Steps:
    """Fetch the words of an asynchronous OCR job; asks again later while it runs."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.RECEIVED or document.ocr_job != command.job:
        return document, ()
    if context.ocr is None:
        raise UnreadableError("unreadable.no_ocr")
    patient = command.attempt < _WITNESS_ATTEMPTS
    words = context.ocr.collect(command.job, document.files["original"], patient=patient)
    if words is None:
        return document, (_ask_again(command, context),)
    data = context.blobs.get(document.files["original"])
    material = Material(pdf=_pdf_of(data, context), origin=Origin.OCR)
    dossier = context.store.dossier(document.dossier)
    return _finish(document, dossier, data, converting.with_words(material, words), context)


def _ask_again(command: CollectOcr, context: Context) -> Scheduled:
    if command.attempt >= _MOST_OCR_ATTEMPTS:
        raise UnreadableError("unreadable.ocr_timeout")
    again = replace(command, attempt=command.attempt + 1)
    scheduled = Scheduled(
        id=f"{command.document}-ocr-{command.job[:40]}-{again.attempt}",
        command=again,
        due=context.clock.now() + _OCR_PATIENCE,
    )
    context.store.schedule(scheduled)
    return scheduled


def convert_document(command: ConvertDocument, context: Context) -> Steps:
    """Convert again from a corrected candidate; words and pages are those already read."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.READ or document.conversion is not None:
        return document, ()
    files = document.files
    candidate = loads(Candidate, context.blobs.get(files["candidate"]))
    words = loads(PageSet, context.blobs.get(files["words"])) if "words" in files else None
    data = context.blobs.get(files["original"])
    unread = () if words is None else converting.left_unread(words)
    material = Material(pdf=_pdf_of(data, context), words=words, said=unread)
    own = own_identity(context.store.dossier(document.dossier))
    known = recognising.recognised(document, candidate, words, own, context, learnt=False)
    return _commit_reading(known, data, material, own, context)


def _pdf_of(data: bytes, context: Context) -> bytes:
    """The page of a file that is a PDF or an image."""
    return context.pdf.from_images((data,)) if detect(data).is_image else data


def own_identity(dossier: Dossier) -> OwnIdentity:
    """What tells the dossier's own name from the other party's on a page."""
    return OwnIdentity(siren=dossier.siren, vat=dossier.vat, name=dossier.name)


def own_side(direction: Direction) -> str:
    """The dossier is the buyer of its purchases and the seller of its sales."""
    return "buyer" if direction is Direction.PURCHASE else "seller"


def _finish(
    document: Document, dossier: Dossier, data: bytes, material: Material, context: Context
) -> Steps:
    """From material to a committed reading."""
    document = _settled(document, material, dossier, context)
    own, side = own_identity(dossier), own_side(document.direction)
    candidate = vouched(converting.candidate_of(material, own=own, side=side), dossier, side)
    words = None if material.structured else material.words
    known = recognising.recognised(document, candidate, words, own, context)
    typed = _typed(document, known.candidate, context)
    candidate, differences = converting.compared(typed, material, own=own, side=side)
    material = replace(material, said=(*material.said, *differences))
    known = replace(known, candidate=candidate)
    return _commit_reading(known, data, material, own, context)


def _settled(
    document: Document, material: Material, dossier: Dossier, context: Context
) -> Document:
    """The document on its own side: a self-billed invoice may have come in on the other one.

    What the dossier bills in a supplier's name was sent with its sales, and is a purchase; what a
    customer bills in the dossier's name came with its purchases, and is a sale (IP-12, PE-33).
    """
    invoice = material.parsed.invoice if material.parsed else None
    if invoice is None or not invoice.is_self_billed:
        return document
    wanted = side_for(invoice.seller.siren, invoice.buyer.siren, dossier.siren)
    if wanted in (None, document.direction):
        return document
    moved = replace(document, direction=wanted, party="")
    event = told(Happened.SIDE_SETTLED, context.clock.now(), side=wanted.value)
    return commit(Decision(document=moved, events=(event,)), context)[0]


def _typed(document: Document, candidate: Candidate, context: Context) -> Candidate:
    """The candidate with what a person typed before the document was replayed."""
    if "candidate" not in document.files:
        return candidate
    before = loads(Candidate, context.blobs.get(document.files["candidate"]))
    typed = {
        name: one for name, one in before.fields.items() if one.provenance.origin is Origin.USER
    }
    if not typed:
        return candidate
    return replace(candidate, fields={**candidate.fields, **typed}, kind=before.kind)


def _commit_reading(
    known: Recognised, data: bytes, material: Material, own: OwnIdentity, context: Context
) -> Steps:
    """Convert what holds, write the files, commit the state."""
    document, candidate = known.document, known.candidate
    lot = proposing.lot(document, data, material, own, context)
    begun: Begun | None = None
    faults = proposing.faults_of(lot)
    if not lot.parts:  # several invoices are not converted as one
        begun, faults = converting.begin(
            data,
            candidate,
            material,
            title=document.filename,
            created=document.received_at,
            readers=context.readers,
        )
    recognised = candidate.kind in converting.RECOGNISED
    about_us: tuple[Fault, ...] = ()
    if recognised and not lot.parts:
        about_us = totals.recipient(candidate, own, side=own_side(document.direction))
    summary = Summary() if lot.parts else summary_of(candidate)
    put = _shelf(document, context)
    files = _files(document, candidate, material, begun, put)
    converted: Converted | None = None
    if begun is not None:  # its Factur-X was written while those files were kept
        converted, unproved = begun.finished()
        faults = (*faults, *unproved)
        files["facturx"] = _facturx(document, converted, put)
    read_by = None if material.structured else material.words
    result = ReadResult(
        summary=summary,
        faults=(*material.faults, *faults, *about_us, *(() if lot.parts else known.faults)),
        files=files,
        pages=0,  # DrawPages sees to them
        structured=material.structured,
        origin="xml" if read_by is None else read_by.origin,
        conversion=None if converted is None else converted.conversion,
        recognised=recognised,
        sheets=0 if material.words is None else material.words.total,
        silent="" if read_by is None else read_by.silent,
        proposal=lot.parts,
        apart=lot.apart,
    )
    document = replace(
        document,
        turns=_turns(material) or document.turns,
        buyer_address=_buyer_address(material),
    )
    if converted is not None:  # the rules come next, and the search for doubles with them
        decision = read(document, result, document.duplicates, at=context.clock.now())
        return commit(decision, context)
    twins, claims = doubles(document, summary, context)
    if lot.parts:
        claims = ()  # a number belongs to the part that bears it
    decision = read(document, result, twins, at=context.clock.now())
    stored, follow = commit(decision, context, claims=claims)
    if twins and not lot.parts:
        stored = roads.settle(stored, twins, context)[0]
    return stored, follow


def _buyer_address(material: Material) -> str:
    """BT-49 of the issuer's own XML (BT-34 if self-billed), of the French directory."""
    if material.parsed is None:
        return ""
    invoice = material.parsed.invoice
    held = (invoice.seller if invoice.is_self_billed else invoice.buyer).electronic_address
    return held.value if held is not None and held.scheme == reach.SCHEME else ""


def _turns(material: Material) -> tuple[int, ...]:
    """The quarter turns of the pages that will be shown; none when all stand upright."""
    pages = material.words.pages[:MOST_PAGE_IMAGES] if material.words else ()
    turns = tuple(page.turn for page in pages)
    return turns if any(turns) else ()


Put = Callable[[str, bytes, str, str], StoredFile]


def _shelf(document: Document, context: Context) -> Put:
    """Keeps (role, bytes, media type, file name) beside the document's other files.

    Keys carry a new identifier: a second run never collides.
    """
    run = f"{document.dossier}/{document.id}/{context.ids.new()}"

    def put(role: str, data: bytes, media_type: str, filename: str) -> StoredFile:
        return context.blobs.put(f"{run}/{role}", data, media_type, filename=filename)

    return put


def _files(
    document: Document, candidate: Candidate, material: Material, begun: Begun | None, put: Put
) -> dict[str, StoredFile]:
    """Keep what reading found, and the invoice's XML."""
    files = {"candidate": put("candidate", dumps(candidate), "application/json", "candidat.json")}
    if material.words is not None and not material.structured and "words" not in document.files:
        files["words"] = put("words", dumps(material.words), "application/json", "mots.json")
    if begun is not None:
        name = f"{_stem(document)}.xml"
        files["invoice_xml"] = put("invoice_xml", begun.xml, "application/xml", name)
    for place, one in enumerate(material.files, start=1):
        kind = one.media_type or "application/octet-stream"
        role = f"attachment-{place}"
        files[role] = put(role, one.data, kind, one.filename)
    return files


def _facturx(document: Document, converted: Converted, put: Put) -> StoredFile:
    """Keep the Factur-X; the original, where it is one."""
    if converted.facturx is None:
        return document.files["original"]
    name = f"{_stem(document)}-facturx.pdf"
    return put("facturx", converted.facturx.data, "application/pdf", name)


def _stem(document: Document) -> str:
    return document.filename.rsplit(".", 1)[0] or "facture"
