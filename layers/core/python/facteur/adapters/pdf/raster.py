"""The last road to PDF/A-3b: each page as an image, its words beneath, invisible but searchable.

For files with fonts that are not embedded, or with what the validator does not know. 200 dpi keeps
small print legible; grey pages are stored as grey. The page keeps its size in points, within the
bounds of PDF/A (ISO 19005-3 §6.1.13: 3 to 14,400).
"""

from collections.abc import Sequence

import pikepdf
import pypdfium2
from PIL import Image, ImageChops

from facteur.adapters.images import add_page, encoded_frame
from facteur.adapters.pdf import render
from facteur.adapters.pdf.hidden import HiddenFont
from facteur.adapters.pdf.words import Placed

DPI = 200
DPI_OF_LONG = 130  # of documents of many pages, so that the file stays one that can be mailed
LONG = 40
QUALITY = 80
COLOUR = 12  # difference between channels below which a pixel is grey


def drawn(document: pypdfium2.PdfDocument, words: Sequence[Sequence[Placed]]) -> pikepdf.Pdf:
    """A new document of the pages as images; ``words`` page by page, in page fractions."""
    pdf = pikepdf.new()
    hidden = HiddenFont(pdf, (word for page in words for word in page))
    dpi = DPI if len(document) <= LONG else DPI_OF_LONG
    for index, image in enumerate(render.bitmaps(document, dpi=dpi, first=1, last=0)):
        size = _size(document, index)
        frame = encoded_frame(_grey_if_grey(image.convert("RGB")), quality=QUALITY)
        beneath = words[index] if index < len(words) else ()
        text = b"\n".join(hidden.write(beneath, size, "/F"))
        add_page(pdf, frame, size, text=text, font=hidden.font)
    return pdf


def _size(document: pypdfium2.PdfDocument, index: int) -> tuple[float, float]:
    """Width and height in points, as displayed."""
    page = document[index]
    width, height = page.get_size()
    page.close()
    scale = min(1.0, 14_400 / max(width, height, 1.0))
    return max(3.0, width * scale), max(3.0, height * scale)


def _grey_if_grey(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    spread = max(
        ImageChops.difference(red, green).getextrema()[1],
        ImageChops.difference(green, blue).getextrema()[1],
    )
    return image if spread > COLOUR else image.convert("L")
