"""The text layer of a PDF, by PDFium: words with boxes, page by page.

Character boxes come through PDFium's C interface (fpdf_text.h), because it is several times faster
than asking for words. Boxes follow the page as it is displayed: cropped, turned by /Rotate. Text
of form fields and notes is part of what a reader sees, so such pages are flattened first, in
memory. A page whose font tells no characters has no text layer: OCR reads it.
Source: PDFium public/fpdf_text.h, fpdfview.h; ISO 32000-1 §9.10 (extraction of text content).
"""

import ctypes
import math
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from facteur.adapters.pdf.words import (
    Glyph,
    Placed,
    clean,
    in_reading_order,
    sideways,
    turned,
    words_of,
)
from facteur.domain.errors import UnreadableError

MAX_WORDS = 200_000  # of one document: what a thousand dense pages hold
MAX_NOTES = 5_000  # looked at on one page
UNKNOWN_SHARE = 0.3  # of characters without a meaning: beyond, the text layer is no use


_made = tuple.__new__  # thousands a page: NamedTuple's own way takes twice as long
SPACE = Glyph(" ", 0, 0, 0, 0)
UNKNOWN = "\ufffd"

#: Characters that mean themselves, by their code: nearly all there are.
_USUAL = {code: chr(code) for code in (*range(0x20, 0x7F), *range(0xC0, 0x180))}

Edges = tuple[float, float, float, float]


class TextPage(NamedTuple):
    """A page upright: its size in points, its words, the quarter turns that made it upright."""

    width: float
    height: float
    words: list[Placed]
    turn: int = 0


def open_document(data: bytes, *, most_pages: int) -> pypdfium2.PdfDocument:
    """The document; UnreadableError ``.encrypted`` or ``.too_many_pages``, else PdfiumError."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableError("unreadable.encrypted") from None
        raise
    if len(document) > most_pages:
        raise UnreadableError("unreadable.too_many_pages", pages=len(document), most=most_pages)
    return document


def text_pages(document: pypdfium2.PdfDocument) -> list[TextPage]:
    """The pages with their words; fewer than the document has once MAX_WORDS is reached."""
    pages: list[TextPage] = []
    total = 0
    for index in range(len(document)):
        page = _flat(document, index)
        try:
            pages.append(_read(page))
        finally:
            page.close()
        total += len(pages[-1].words)
        if total > MAX_WORDS:
            break
    return pages


def _flat(document: pypdfium2.PdfDocument, index: int) -> pypdfium2.PdfPage:
    """A page, with what was typed into its forms and notes made part of it."""
    page = document[index]
    if not any(_has_text(page.raw, at) for at in range(_notes(page.raw))):
        return page
    done = pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
    if done != pdfium.FLATTEN_SUCCESS:
        return page
    page.close()  # the flattened content shows on a page that is loaded again
    return document[index]


def _notes(page: Any) -> int:
    return min(int(pdfium.FPDFPage_GetAnnotCount(page)), MAX_NOTES)


def _has_text(page: Any, at: int) -> bool:
    """True for a form field, a stamp or a text box; links and the like only mark a place."""
    note = pdfium.FPDFPage_GetAnnot(page, at)
    kind = pdfium.FPDFAnnot_GetSubtype(note) if note else pdfium.FPDF_ANNOT_UNKNOWN
    pdfium.FPDFPage_CloseAnnot(note)
    return kind in (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP)


def _read(page: pypdfium2.PdfPage) -> TextPage:
    width, height = (max(1.0, side) for side in page.get_size())
    text = pdfium.FPDFText_LoadPage(page.raw)
    if not text:
        return TextPage(width, height, [])
    try:
        glyphs = _glyphs(text, _Frame(page.get_bbox(), page.get_rotation()))
    finally:
        pdfium.FPDFText_ClosePage(text)
    words = words_of(glyphs, aspect=width / height)
    turn = -sideways(words) % 4
    if turn:
        words = in_reading_order([turned(word, turn) for word in words])
    size = (height, width) if turn % 2 else (width, height)
    return TextPage(*size, words, turn)


class _Frame:
    """From the page's own coordinates to fractions of the page as displayed."""

    def __init__(self, box: tuple[float, float, float, float], rotation: int) -> None:
        self.left, self.bottom = box[0], box[1]
        self.width = max(box[2] - box[0], 1e-6)
        self.height = max(box[3] - box[1], 1e-6)
        self.turn = rotation // 90 % 4

    def place(self, left: float, bottom: float, right: float, top: float) -> Edges:
        """Left, top, right and bottom of a box, as displayed."""
        x0, x1 = (left - self.left) / self.width, (right - self.left) / self.width
        y0, y1 = (bottom - self.bottom) / self.height, (top - self.bottom) / self.height
        match self.turn:
            case 1:
                return y0, x0, y1, x1
            case 2:
                return 1 - x1, y0, 1 - x0, y1
            case 3:
                return 1 - y1, 1 - x1, 1 - y0, 1 - x0
            case _:
                return x0, 1 - y1, x1, 1 - y0


def _glyphs(text: Any, frame: _Frame) -> list[Glyph]:
    """Every character of a page as Glyph; empty when most of them mean nothing."""
    box, tight = pdfium.FS_RECTF(), [ctypes.c_double() for _ in range(4)]
    box_at, tight_at = ctypes.byref(box), [ctypes.byref(one) for one in tight]
    unicode_of, loose = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    place, upright = frame.place, frame.turn == 0
    start, foot, width, height = frame.left, frame.bottom, frame.width, frame.height
    glyphs: list[Glyph] = []
    high, turn, fresh, guessed, seen, unknown = 0, 0, True, False, 0, 0
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = unicode_of(text, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        character = _USUAL.get(code)
        if character is None:
            character = _meant(text, index, code, high)
        high = 0
        if character == " ":
            glyphs.append(SPACE)
            fresh = True
            continue
        if not character:
            continue
        if fresh:
            turn = _turn(pdfium.FPDFText_GetCharAngle(text, index))
            guessed = pdfium.FPDFText_HasUnicodeMapError(text, index) == 1
            fresh = False
        seen += 1
        unknown += guessed or character == UNKNOWN or "\ue000" <= character < "\uf900"
        if turn % 2 or not loose(text, index, box_at) or box.left >= box.right:
            pdfium.FPDFText_GetCharBox(
                text, index, tight_at[0], tight_at[1], tight_at[2], tight_at[3]
            )
            left, right, bottom, top = (one.value for one in tight)
        else:
            left, right, bottom, top = box.left, box.right, box.bottom, box.top
        if upright:  # nearly always: as _Frame.place does it, without the detour
            edges = (
                (left - start) / width,
                1 - (top - foot) / height,
                (right - start) / width,
                1 - (bottom - foot) / height,
            )
        else:
            edges = place(left, bottom, right, top)
        glyphs.append(_made(Glyph, (character, *edges, (turn + frame.turn) % 4)))
    return glyphs if unknown <= UNKNOWN_SHARE * seen else []


def _meant(text: Any, index: int, code: int, high: int) -> str:
    """What a rare character contributes to a word; ``high``: the surrogate before it, 0 for none.

    UNKNOWN for one that the font gives no meaning.
    """
    if 0xDC00 <= code < 0xE000:
        code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0
    elif code < 0x20 and pdfium.FPDFText_HasUnicodeMapError(text, index) == 1:
        code = 0
    return clean(chr(code)) if 0 < code < 0x110000 else UNKNOWN


def _turn(angle: float) -> int:
    """Quarter turns clockwise of text at this angle (radians; PDFium counts clockwise)."""
    return round(angle / (math.pi / 2)) % 4 if angle and math.isfinite(angle) else 0
