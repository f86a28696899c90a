"""Tests of reading PDFs: words where they stand, files inside, what kind of file it is."""

import io
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest
import typst
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.errors import UnreadableError
from facteur.domain.pages import Page
from facteur.ports import Limits
from PIL import ImageStat

from tests import samples
from tests.samples import Text


def _words(page: Page) -> list[str]:
    return [word.text for word in page.words]


def _ink(data: bytes, page: Page) -> list[float]:
    """How dark the page is under each word, 0 for white paper."""
    document = pypdfium2.PdfDocument(data)
    image = document[0].render(scale=2).to_pil().convert("L")
    document.close()
    shares = []
    for word in page.words:
        box = word.box.turned(-page.turn)
        area = image.crop(
            (
                int(box.left * image.width),
                int(box.top * image.height),
                max(int(box.right * image.width), int(box.left * image.width) + 1),
                max(int(box.bottom * image.height), int(box.top * image.height) + 1),
            )
        )
        shares.append(255 - ImageStat.Stat(area).mean[0])
    return shares


def test_an_invoice_reads_as_it_looks(pdf):
    """Every word of the page, in order, accents and signs included."""
    page = pdf.read(samples.text_pdf()).pages.pages[0]
    texts = _words(page)
    assert texts[:4] == ["Menuiserie", "Kervella", "SARL", "FACTURE"]
    assert "Échéance" in texts
    assert "€" in texts
    at = texts.index("TTC")
    assert texts[at - 1 : at + 4] == ["Total", "TTC", "1", "310,40", "€"]
    assert len(texts) == sum(len(line.text.split()) for line in samples.INVOICE)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (40, 420, 560, 820)])
def test_boxes_lie_on_the_ink(pdf, rotate, crop):
    """Turned and cropped pages too: each box covers its word on the page as it is displayed."""
    data = samples.text_pdf(rotate=rotate, crop=crop)
    content = pdf.read(data)
    page = content.pages.pages[0]
    assert len(page.words) == sum(len(line.text.split()) for line in samples.INVOICE)
    assert page.turn == -rotate // 90 % 4  # text that is displayed sideways is given upright
    assert min(_ink(data, page)) > 5
    assert (page.width > page.height) == (crop is not None)


def test_text_that_climbs_is_read_as_words(pdf):
    """Vertical text in a margin gives whole words, after the page's own lines."""
    data = samples.text_pdf((*samples.INVOICE, Text(30, 100, "RCS Brest 552100554", 8, 1)))
    page = pdf.read(data).pages.pages[0]
    assert _words(page)[-3:] == ["RCS", "Brest", "552100554"]
    assert page.turn == 0
    assert min(_ink(data, page)) > 5
    assert page.words[-3].box.top > page.words[-1].box.top


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_page_drawn_sideways_is_read_upright(pdf, turn):
    """Text that runs up the sheet: words and size are those of the page turned upright."""
    x, y = {1: (200, 100), 2: (500, 600), 3: (400, 700)}[turn]
    step = {1: (14, 0), 2: (0, 14), 3: (-14, 0)}[turn]
    lines = [
        Text(x + step[0] * i, y + step[1] * i, f"Ligne {i} de la facture", 10, turn)
        for i in range(8)
    ]
    data = samples.text_pdf(lines)
    page = pdf.read(data).pages.pages[0]
    texts = _words(page)
    assert texts == [word for line in lines for word in line.text.split()]
    assert page.turn == turn
    assert (page.width > page.height) == (turn != 2)
    assert min(_ink(data, page)) > 5
    made = pdf.facturx(
        data, samples.cii(), "EN 16931", words=pdf.read(data).pages, title="F",
        created=datetime(2026, 11, 20, tzinfo=UTC),
    )  # fmt: skip
    assert made.road == "raster"
    again = pdf.read(made.data).pages.pages[0]
    assert sorted(_words(again)) == sorted(texts)


def test_what_was_typed_into_a_form_is_read_and_drawn(pdf):
    """A field's value is part of the page for its reader."""
    data = samples.form_pdf("Net 250,00")
    assert _words(pdf.read(data).pages.pages[0]) == ["Net", "250,00"]


def test_pages_come_in_order_with_their_sizes(pdf):
    """Two pages, their size in points."""
    pages = pdf.read(samples.text_pdf(pages=2)).pages
    assert [page.number for page in pages.pages] == [1, 2]
    assert pages.total == 2
    assert pages.origin == "text"
    assert abs(pages.pages[0].width - 595.28) < 0.1
    assert pages.has_text


def test_a_scan_has_no_words(pdf):
    """A PDF of pictures says so: OCR is for the caller to ask."""
    pages = pdf.read(samples.scan_pdf()).pages
    assert pages.pages[0].words == ()
    assert not pages.has_text


def test_a_font_without_meaning_gives_no_text(pdf):
    """Glyphs that nothing ties to characters are not words: the page goes to OCR."""
    made = typst.compile("Total TTC : 1 310,40 à payer avant le 14/12/2026\n\n".encode() * 9)
    assert pdf.read(made).pages.has_text
    with pikepdf.open(io.BytesIO(made)) as document:
        for one in document.objects:
            if isinstance(one, pikepdf.Dictionary) and "/ToUnicode" in one:
                del one["/ToUnicode"]
        content = pdf.read(samples.saved(document))
    assert content.pages.pages[0].words == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable.empty"),
        (b"GIF89a" + b"\0" * 200, "unreadable.not_pdf"),
        (b"%PDF-1.4\nnothing that follows makes sense", "unreadable.damaged"),
        (samples.encrypted(samples.text_pdf(), user="secret"), "unreadable.encrypted"),
        (samples.text_pdf((), pages=501), "unreadable.too_many_pages"),
    ],
    ids=["empty", "not a PDF", "damaged", "encrypted", "501 pages"],
)
def test_what_cannot_be_read_says_why(pdf, data, code):
    """Each reason has its own code."""
    with pytest.raises(UnreadableError) as caught:
        pdf.read(data)
    assert caught.value.code == code


def test_a_file_protected_against_changes_only_is_read(pdf):
    """An owner's password does not keep anybody from reading."""
    content = pdf.read(samples.encrypted(samples.text_pdf(), user=""))
    assert content.info.encrypted
    assert content.pages.has_text


def test_the_page_limit_is_settable():
    """A house may take fewer pages."""
    small = ChildPdf(Limits(pages=2))
    try:
        with pytest.raises(UnreadableError) as caught:
            small.read(samples.text_pdf(pages=3))
    finally:
        small.close()
    assert caught.value.values == {"pages": "3", "most": "2"}


def test_a_truncated_file_is_repaired(pdf):
    """A download that stopped before the cross-reference table still opens."""
    data = samples.text_pdf()
    assert pdf.read(data[: data.rindex(b"xref")]).pages.has_text


def test_the_invoice_and_the_other_files_are_told_apart(pdf):
    """The XML invoice by its name, the rest beside it with names, types and bytes."""
    data = samples.with_file(samples.text_pdf(), b"<a/>")
    data = samples.with_file(
        data, b"%PDF-x", name="dossier\\bon de livraison.pdf", relationship="Supplement",
        media_type="application/pdf",
    )  # fmt: skip
    content = pdf.read(data)
    assert content.invoice_xml is not None
    assert (content.invoice_xml.filename, content.invoice_xml.data) == ("factur-x.xml", b"<a/>")
    assert content.invoice_xml.relationship == "Data"
    assert content.invoice_xml.media_type == "text/xml"
    (other,) = content.files
    assert (other.filename, other.data) == ("bon de livraison.pdf", b"%PDF-x")
    assert other.media_type == "application/pdf"
    assert content.info.attachments == ("factur-x.xml", "bon de livraison.pdf")


def test_a_file_of_an_encrypted_document_is_read_in_clear(pdf):
    """Decryption comes before the filters."""
    data = samples.encrypted(samples.with_file(samples.text_pdf(), b"<a/>" * 100), user="")
    content = pdf.read(data)
    assert content.invoice_xml is not None
    assert content.invoice_xml.data == b"<a/>" * 100


def test_an_order_is_no_invoice(pdf):
    """Other XML that travels in PDFs stays an ordinary attachment."""
    order = b"<rsm:SCRDMCCBDACIOMessageStructure/>"
    content = pdf.read(samples.with_file(samples.text_pdf(), order, name="order-x.xml"))
    assert content.invoice_xml is None
    assert [one.filename for one in content.files] == ["order-x.xml"]


def test_a_large_annex_is_left_but_named(pdf):
    """An attachment beyond the bound is not read, and not hidden either."""
    data = samples.attachment_bomb(100 << 20, name="annexe.bin")
    content = pdf.read(data)
    assert content.files == ()
    assert content.info.attachments == ("annexe.bin",)
    assert content.pages.has_text
