"""Pages as images, by PDFium: for the screen, for OCR, and for the raster road to PDF/A.

Pixels are bounded whatever size the page claims: a page of 200,000 points is drawn smaller.
Form fields are drawn with what was typed into them.
Source: PDFium public/fpdfview.h, fpdf_formfill.h (a form must be initialised to be drawn).
"""

import io
from collections.abc import Iterator, Sequence
from itertools import chain, repeat

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

MAX_PIXELS = 20_000_000  # of one drawn page: A3 at 300 dpi
MAX_SIDE = 12_000  # WebP ends at 16,383
_TURNS = {  # Pillow counts the other way
    1: Image.Transpose.ROTATE_270,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}
FORMS = {
    "webp": ("WEBP", {"quality": 80, "method": 2}),
    "jpeg": ("JPEG", {"quality": 88}),
    "png": ("PNG", {"compress_level": 3}),
}
#: How Pillow passes on libwebp's VP8_ENC_ERROR_OUT_OF_MEMORY and ..._BITSTREAM_OUT_OF_MEMORY
#: (webp/encode.h): the page is not damaged, and a fresh child may have the room.
_NO_MEMORY = ("encoding error 1", "encoding error 2")


def page_images(
    document: pypdfium2.PdfDocument,
    *,
    dpi: int,
    first: int,
    last: int,
    form: str,
    turns: Sequence[int] = (),
) -> Iterator[bytes]:
    """Pages ``first`` to ``last`` encoded as ``form`` ("webp", "jpeg" or "png").

    ``turns``: the quarter turns clockwise of each, none for those it does not reach.
    """
    drawn = bitmaps(document, dpi=dpi, first=first, last=last)
    for image, turn in zip(drawn, chain(turns, repeat(0)), strict=False):
        yield encoded(image.transpose(_TURNS[turn % 4]) if turn % 4 else image, form)


def bitmaps(
    document: pypdfium2.PdfDocument, *, dpi: int, first: int, last: int
) -> Iterator[Image.Image]:
    """Pages as bitmap() gives them, one at a time so that only one is in memory."""
    if document.get_formtype() != pdfium.FORMTYPE_NONE and not document.formenv:
        document.init_forms()
    for index in range(max(0, first - 1), min(last or len(document), len(document))):
        page = document[index]
        try:
            yield bitmap(page, dpi=dpi)
        finally:
            page.close()


def bitmap(page: pypdfium2.PdfPage, *, dpi: int) -> Image.Image:
    """One page drawn at ``dpi``, or as large as the bounds allow, as an image of mode RGBX.

    Four bytes a pixel are Pillow's own form: the image is PDFium's memory, never copied.
    """
    width, height = (max(1.0, side) for side in page.get_size())
    scale = min(
        dpi / 72,
        (MAX_PIXELS / (width * height)) ** 0.5,
        MAX_SIDE / max(width, height),
    )
    drawn = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
    try:
        return drawn.to_pil()
    finally:
        drawn.close()


def encoded(image: Image.Image, form: str) -> bytes:
    """The image as bytes of one of FORMS."""
    name, options = FORMS[form]
    out = io.BytesIO()
    if name != "JPEG":  # the only one that takes the fourth byte of a pixel
        image = image.convert("RGB")
    try:
        image.save(out, name, **options)
    except ValueError as error:
        if str(error) in _NO_MEMORY:
            raise MemoryError from error
        raise
    return out.getvalue()
