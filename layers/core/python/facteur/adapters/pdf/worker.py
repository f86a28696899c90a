"""The child process that touches PDFs and images: `python -m facteur.adapters.pdf.worker BYTES`.

Each operation takes the file's bytes and answers data and byte strings (frames.py). What is slow
to import is imported by the operation that needs it, so that reading starts at once.
"""

import io
import struct
import zlib
from array import array
from datetime import datetime
from itertools import pairwise
from typing import Any

import pikepdf
import pypdfium2

from facteur.adapters.child_loop import Handler, serve
from facteur.adapters.frames import Message
from facteur.adapters.pdf import embedded, text
from facteur.adapters.pdf import words as words_of
from facteur.adapters.readable import MARK as OUR_MARK
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault

REFUSALS: dict[type[Exception], str] = {
    pikepdf.PasswordError: "unreadable.encrypted",
    pikepdf.PdfError: "unreadable.damaged",
    pypdfium2.PdfiumError: "unreadable.damaged",
    embedded.TooLargeError: "unreadable.bomb",
    RecursionError: "unreadable.damaged",
    OSError: "unreadable.damaged",  # Pillow's word for a truncated or unknown image
    SyntaxError: "unreadable.damaged",  # and for a broken PNG
    zlib.error: "unreadable.damaged",
    struct.error: "unreadable.damaged",
    # pikepdf's words for an object that is not what the specification says it is:
    ValueError: "unreadable.damaged",
    TypeError: "unreadable.damaged",
    KeyError: "unreadable.damaged",
    AttributeError: "unreadable.damaged",
}


def read(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """Info, words and embedded files of a PDF."""
    (data,) = blobs
    check_pdf(data)
    with pikepdf_opened(data) as pdf:
        files = embedded.files_of(pdf)
        invoice = embedded.choose_invoice(files)
        encrypted = pdf.is_encrypted
    document = pdfium_opened(data, words["pages"])
    try:
        total = len(document)
        pages = text.text_pages(document)
    finally:
        document.close()
    kept = [one for one in files if one.data is not None]
    return Message(
        {
            "encrypted": encrypted,
            "total": total,
            "pages": [[page.width, page.height, len(page.words), page.turn] for page in pages],
            "invoice": kept.index(invoice) if invoice else -1,
            "files": [[one.name, one.media_type, one.relationship] for one in kept],
            "names": [one.name for one in files],
        },
        (
            "\n".join(word.text for page in pages for word in page.words).encode(errors="replace"),
            array("f", [edge for page in pages for word in page.words for edge in word[1:5]])
            .tobytes(),
            *(one.data or b"" for one in kept),
        ),
    )  # fmt: skip


def container(_words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """How an invoice hangs in its PDF: faults, and whether it is the PDF/A-3 it claims to be."""
    from facteur.adapters.pdf import container as carrying  # noqa: PLC0415
    from facteur.adapters.pdf import pdfa  # noqa: PLC0415

    (data,) = blobs
    check_pdf(data)
    with pikepdf_opened(data) as pdf:
        files = embedded.files_of(pdf)
        claims = carrying.metadata_of(pdf)
    invoice = embedded.choose_invoice(files)
    if invoice is None:
        return Message({"faults": [], "pdfa": False})
    judged = pdfa.judged(data) if claims.claims_pdfa3 else None
    broken = judged is None or judged.broken
    faults = carrying.faults_of(files, invoice, claims, broken=broken)
    return Message(
        {
            "faults": [_fault(fault) for fault in faults],
            "pdfa": judged is not None and judged.proved,
        }
    )


def images(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """Pages of a PDF as images."""
    from facteur.adapters.pdf import render  # noqa: PLC0415

    (data,) = blobs
    check_pdf(data)
    document = pdfium_opened(data, words["pages"])
    try:
        drawn = tuple(
            render.page_images(
                document,
                dpi=words["dpi"],
                first=words["first"],
                last=words["last"],
                form=words["form"],
                turns=words["turns"],
            )
        )
    finally:
        document.close()
    return Message({}, drawn)


def pages(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """A PDF for each range of pages."""
    from facteur.adapters.pdf import cut  # noqa: PLC0415

    (data,) = blobs
    check_pdf(data)
    with pikepdf_opened(data) as pdf:
        return Message({}, tuple(cut.parts(pdf, words["ranges"], most_pages=words["pages"])))


def sheets(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """Which of some pages are blank, and the codes on the others."""
    from facteur.adapters.pdf import separators  # noqa: PLC0415

    (data,) = blobs
    check_pdf(data)
    document = pdfium_opened(data, words["pages"])
    try:
        return Message({"sheets": list(separators.look(document, words["numbers"]))})
    finally:
        document.close()


def read_back(_words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """The embedded files, as a library reads them that did not write them."""
    from facteur.adapters.pdf import read_back as second  # noqa: PLC0415

    (data,) = blobs
    check_pdf(data)
    found = second.attached(data)
    return Message(
        {"files": [[one.name, one.relationship] for one in found]},
        tuple(one.data for one in found),
    )


def from_images(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """A PDF of images, one a page, upright."""
    from facteur.adapters import images as pictures  # noqa: PLC0415

    left = int(words["pages"])
    made: list[pictures.Frame] = []
    for data in blobs:
        made += pictures.frames(
            data, most_pixels=words["pixels"], most_frames=max(0, left - len(made))
        )
    return Message({}, (pictures.pdf_of(made),))


def facturx(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """The document as a Factur-X: repaired, else drawn as images; what validation found."""
    from facteur.adapters.pdf import embed, hidden, pdfa, raster  # noqa: PLC0415

    data, xml, texts, edges = blobs
    check_pdf(data)
    level, title = words["level"], words["title"]
    created = datetime.fromisoformat(words["created"])
    given = _placed(words["counts"], texts, edges)
    with pikepdf_opened(data) as pdf:
        files = embedded.files_of(pdf)
        road = "readable" if _is_our_own(pdf) else "repaired"
        pdfa.dropped(pdf)
        if words["scanned"] and given:
            hidden.lay(pdf, given)
        written = pdfa.finished(pdf, xml, level, title=title, created=created)
    if written.findings:
        document = pdfium_opened(data, words["pages"])
        try:
            beneath = given or [
                [words_of.turned(word, -page.turn) for word in page.words]
                for page in text.text_pages(document)
            ]
            with raster.drawn(document, beneath) as pdf:
                embed.add_files(pdf, files)
                written = pdfa.finished(pdf, xml, level, title=title, created=created)
        finally:
            document.close()
        road = "raster"
    return Message({"road": road, "findings": written.findings}, (written.data,))


def readable(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """The readable page of an invoice, from the texts of its view."""
    from facteur.adapters.readable.draw import draw  # noqa: PLC0415

    drawn = draw(
        blobs[0].decode(), timestamp=words["timestamp"], template=words.get("template", "page")
    )
    return Message({}, (drawn,))


def check_pdf(data: bytes) -> None:
    """UnreadableError for nothing at all, and for what is no PDF."""
    if not data:
        raise UnreadableError("unreadable.empty")
    if b"%PDF-" not in data[:1024]:
        raise UnreadableError("unreadable.not_pdf")


def pikepdf_opened(data: bytes) -> pikepdf.Pdf:
    """The document for pikepdf, repaired as far as it can; PdfError."""
    return pikepdf.open(io.BytesIO(data), suppress_warnings=True)


def pdfium_opened(data: bytes, most_pages: int) -> pypdfium2.PdfDocument:
    """The document for PDFium; what PDFium alone cannot open, pikepdf repairs first."""
    try:
        return text.open_document(data, most_pages=most_pages)
    except pypdfium2.PdfiumError:
        out = io.BytesIO()
        with pikepdf_opened(data) as pdf:
            pdf.save(out)
        return text.open_document(out.getvalue(), most_pages=most_pages)


def _load_the_rest() -> None:
    """Import what repairing and drawing need, while nobody waits."""
    import facteur.adapters.pdf.pdfa  # noqa: PLC0415
    import facteur.adapters.pdf.raster  # noqa: F401, PLC0415


def _is_our_own(pdf: pikepdf.Pdf) -> bool:
    """True for a page that readable/draw.py made."""
    return OUR_MARK in str(pdf.docinfo.get("/Keywords", ""))


def _placed(counts: list[int], texts: bytes, edges: bytes) -> list[list[words_of.Placed]]:
    """Words given by the caller, page by page; empty when none were."""
    boxes, held = array("f", edges), texts.decode().split("\n") if texts else []
    edge = iter(boxes)
    corners = zip(edge, edge, edge, edge, strict=True)
    placed = [words_of.Placed(one, *box) for one, box in zip(held, corners, strict=True)]
    starts = [sum(counts[:index]) for index in range(len(counts) + 1)]
    return [placed[one:other] for one, other in pairwise(starts)] if placed else []


def _fault(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "severity": fault.severity.value, "values": fault.values}


HANDLERS: dict[str, Handler] = {
    "read": read,
    "container": container,
    "images": images,
    "pages": pages,
    "sheets": sheets,
    "from_images": from_images,
    "read_back": read_back,
    "facturx": facturx,
    "readable": readable,
}

if __name__ == "__main__":
    serve(HANDLERS, refusals=REFUSALS, pause=_load_the_rest)
