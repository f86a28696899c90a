"""Page images, drawn beside the road of the document: nothing waits for them.

The document page shows each page as an image, with the fields' boxes over it. Drawing one takes
as long as reading it, so it happens while the official rules run in their own function, after
the document was read and committed. What was drawn is remembered apart from the document's head,
under a reference of its own: the rules, a person and the drawing never race for the same version.
A file that cannot be drawn shows no image, and stops nothing.

Source: docs/decisions/0100 (page images beside the road) and 0045 (one image per page).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from facteur.domain.commands import DrawPages
from facteur.domain.documents import Document, DocumentRef, PageImages, State, StoredFile
from facteur.domain.errors import UnreadableError
from facteur.domain.events import Entry, Happened
from facteur.domain.serial import dumps, loads
from facteur.formats.detect import Kind, detect
from facteur.ports import Context
from facteur.services.staircase import Steps

log = logging.getLogger(__name__)

PAGE_DPI = 150
MOST_PAGE_IMAGES = 20
#: How long after its reading a page without image still says that one is coming: a drawing that
#: was interrupted is sent again by the sweep after five minutes.
PATIENCE = timedelta(minutes=15)
_REFERENCE = "PAGES"
_READ = frozenset({Happened.INVOICE_READ, Happened.DOCUMENT_NOT_RECOGNISED})


def draw_pages(command: DrawPages, context: Context) -> Steps:
    """Draw and keep the images of a document's first pages; drawn again, the last ones count."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is State.DELETED:
        return document, ()  # its files are erased, or about to be: nothing is written beside them
    run = f"{document.dossier}/{document.id}/{context.ids.new()}"
    files = tuple(
        context.blobs.put(f"{run}/page-{number}", image, "image/jpeg")
        for number, image in enumerate(_drawn(document, context), start=1)
    )
    _remember(document.ref, PageImages(files=files), context)
    return document, ()


def give_up(command: DrawPages, context: Context) -> None:
    """Remember that the pages could not be drawn, so that nobody waits for them."""
    _remember(DocumentRef(command.dossier, command.document), PageImages(), context)


def page_images(document: Document, context: Context) -> tuple[StoredFile, ...] | None:
    """The images of a document's pages, in order: () when there are none, None: not drawn yet."""
    if document.pages:
        return tuple(document.files[f"page-{number + 1}"] for number in range(document.pages))
    held = context.store.claimed(document.dossier, _REFERENCE, document.id)
    return None if held is None else loads(PageImages, held).files


def still_coming(history: Sequence[Entry], now: datetime) -> bool:
    """True for a while after a reading: what was not drawn yet soon will be."""
    read = [entry.event.at for entry in history if entry.event.name in _READ]
    return bool(read) and now - read[-1] < PATIENCE


def _remember(ref: DocumentRef, images: PageImages, context: Context) -> None:
    context.store.mark(ref.dossier, _REFERENCE, ref.document, dumps(images).decode())


def _drawn(document: Document, context: Context) -> tuple[bytes, ...]:
    """The pages as JPEG; none of what cannot be drawn."""
    try:
        pdf = _page_of(document, context)
        if pdf is None:
            return ()
        return context.pdf.images(
            pdf, dpi=PAGE_DPI, last=MOST_PAGE_IMAGES, form="jpeg", turns=document.turns
        )
    except UnreadableError as error:
        log.warning("no page images for %s: %s", document.id, error)
        return ()


def _page_of(document: Document, context: Context) -> bytes | None:
    """The page that was received; of data alone, the one that their Factur-X shows."""
    data = context.blobs.get(document.files["original"])
    kind = detect(data)
    if kind is Kind.PDF:
        return data
    if kind.is_image:
        return context.pdf.from_images((data,))
    shown = document.files.get("facturx")
    return None if shown is None else context.blobs.get(shown)
