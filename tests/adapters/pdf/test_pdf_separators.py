"""Pages that are no invoice's: blank ones and separator sheets, drawn and looked at for real."""

# ruff: noqa: S311 - chance that must be repeatable

import io
import random

import pikepdf
import pypdfium2
import pytest
import segno
from facteur.adapters.pdf import render
from facteur.adapters.pdf.client import ChildPdf
from facteur.adapters.pdf.separators import codes, is_blank
from facteur.domain.splitting import Sheet
from facteur.web.showing import separator_sheet
from PIL import Image, ImageDraw, ImageFilter

from tests import samples


def _joined(*files: bytes) -> bytes:
    pdf = pikepdf.Pdf.new()
    for data in files:
        with pikepdf.open(io.BytesIO(data)) as other:
            pdf.pages.extend(other.pages)
    return samples.saved(pdf)


def _drawn(data: bytes, *, dpi: int = 150) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    (image,) = render.bitmaps(document, dpi=dpi, first=1, last=1)
    document.close()
    return image.convert("L")


def _empty() -> bytes:
    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    return samples.saved(pdf)


def test_the_child_tells_sheets_blank_pages_and_invoices_apart() -> None:
    """One visit for the pages asked about; a page that is not there is left out."""
    sheet = separator_sheet.pdf().encode("ascii")
    data = _joined(samples.text_pdf(samples.INVOICE), sheet, _empty())
    client = ChildPdf()
    try:
        found = client.sheets(data, (1, 2, 3, 9))
    finally:
        client.close()

    assert [1, 2, 3] == [one.number for one in found]
    assert [False, True, False] == [one.separates for one in found]
    assert [False, False, True] == [one.blank for one in found]


@pytest.mark.parametrize("turn", [0, 90, 180, 270, 4])
def test_our_sheet_is_read_from_a_grey_noisy_scan_whatever_its_turn(turn: int) -> None:
    """A scanner at 150 dpi: grey paper, grain, a little blur, laid any way round."""
    chance = random.Random(7)
    image = _drawn(separator_sheet.pdf().encode("ascii")).point(lambda one: 30 + one * 200 // 255)
    for _ in range(4000):
        x, y = chance.randrange(image.width), chance.randrange(image.height)
        image.putpixel((x, y), chance.randrange(256))
    image = image.filter(ImageFilter.GaussianBlur(1)).rotate(turn, expand=True, fillcolor=230)

    assert any(Sheet(number=1, codes=(one,)).separates for one in codes(image))


@pytest.mark.parametrize("text", ["PATCHT", "PATCH-T", "patch t"])
def test_the_code_of_scanning_programs_separates_too(text: str) -> None:
    """As a QR code here; what a payment code says separates nothing."""
    out = io.BytesIO()
    segno.make(text, micro=False).save(out, kind="png", scale=8, border=4)

    (read,) = codes(Image.open(out).convert("L"))
    assert Sheet(number=1, codes=(read,)).separates
    assert not Sheet(number=1, codes=("BCD\n002\n1\nSCT",)).separates


def test_dust_and_shaded_edges_leave_a_page_blank_and_a_line_of_text_does_not() -> None:
    """What a scanner adds is no ink; a single short line is."""
    chance = random.Random(3)
    paper = Image.new("L", (1240, 1754), 232)
    draw = ImageDraw.Draw(paper)
    draw.rectangle((0, 0, 30, 1754), fill=90)
    for _ in range(60):
        x, y = chance.randrange(1240), chance.randrange(1754)
        draw.point((x, y), fill=40)
    assert is_blank(paper)

    assert not is_blank(_drawn(samples.text_pdf((samples.Text(60, 700, "Page laissee vide"),))))
    assert not is_blank(Image.new("L", (1240, 1754), 20)), "a black page is a picture"
