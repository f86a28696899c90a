"""Pages that are no invoice's: blank ones, and separator sheets with a code.

A sheet between invoices bears a code that says what it is: ours (a QR code), or the PATCHT of
scanning programs (Code 39, Code 128, QR). A page is blank when almost nothing on it is darker
than its paper, its edges left aside: a scanner shades them.
Sources: ISO/IEC 18004 (QR), 15417 (Code 128), 16388 (Code 39), decoded by zxing-cpp.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pypdfium2
from PIL import Image

from facteur.adapters.pdf import render

DPI = 150
_REDUCED = 3  # to 50 dpi, where dust and the grain of paper are gone
_EDGE = 0.05  # of each side
_INK = 0.75  # darker than that share of the paper's brightness
_MOST_INK = 0.0004  # of the page: a dozen letters have more
_DARKEST_PAPER = 96  # of 255: a page that dark is a picture


def look(document: pypdfium2.PdfDocument, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    """For each page (from 1): its number, whether it is blank, the texts of its codes."""
    for number in numbers:
        if not 1 <= number <= len(document):
            continue
        (image,) = render.bitmaps(document, dpi=DPI, first=number, last=number)
        grey = image.convert("L")
        blank = is_blank(grey)
        yield {"number": number, "blank": blank, "codes": [] if blank else codes(grey)}


def is_blank(grey: Image.Image) -> bool:
    """True when a page in grey has nothing on it."""
    small = grey.reduce(_REDUCED)
    width, height = small.size
    inside = small.crop(
        (
            int(width * _EDGE),
            int(height * _EDGE),
            max(1, int(width * (1 - _EDGE))),
            max(1, int(height * (1 - _EDGE))),
        )
    )
    counts = inside.histogram()
    pixels = sum(counts)
    half, paper = 0, 255
    for level in range(255, -1, -1):  # the brighter half of the page is its paper
        half += counts[level]
        if half * 2 >= pixels:
            paper = level
            break
    if paper < _DARKEST_PAPER:
        return False
    return bool(sum(counts[: int(paper * _INK)]) <= _MOST_INK * pixels)


def codes(grey: Image.Image) -> list[str]:
    """The texts of the codes on a page, those that can be a separator's."""
    import zxingcpp  # noqa: PLC0415 - only pages with few words pay for it

    kinds = zxingcpp.BarcodeFormat
    wanted = zxingcpp.BarcodeFormats([kinds.QRCode, kinds.Code128, kinds.Code39])
    return [one.text[:100] for one in zxingcpp.read_barcodes(grey, formats=wanted)]
