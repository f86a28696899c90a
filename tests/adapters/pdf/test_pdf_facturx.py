"""Tests of writing Factur-X: the container by its bytes, PDF/A by veraPDF, pages by pixels."""

import io
import re
from datetime import UTC, datetime

import facturx
import pikepdf
import pytest
from facteur.domain.errors import UnreadableError
from facteur.domain.pages import Box, Page, PageSet, Word
from facteur.ports import Container, FacturxFile
from PIL import Image, ImageChops, ImageStat

from tests import samples
from tests.adapters.pdf.conftest import corpus
from tests.verapdf import broken_rules

MOMENT = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
XML = samples.cii()
FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


def _made(pdf, data: bytes, *, level: str = "EN 16931", title: str = "Facture", words=None):
    return pdf.facturx(data, XML, level, words=words, title=title, created=MOMENT)


def _opened(made: FacturxFile) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(made.data))


def _names(document: pikepdf.Pdf) -> list[str]:
    return [str(one) for one in document.Root.Names.EmbeddedFiles.Names][::2]


def _difference(pdf, one: bytes, other: bytes) -> float:
    """The largest mean difference of a colour between two documents' pages (0 to 255)."""
    pages = [
        [
            Image.open(io.BytesIO(png)).convert("RGB")
            for png in pdf.images(data, dpi=80, form="png")
        ]
        for data in (one, other)
    ]
    assert [page.size for page in pages[0]] == [page.size for page in pages[1]]
    return max(
        max(ImageStat.Stat(ImageChops.difference(left, right)).mean)
        for left, right in zip(*pages, strict=True)
    )


def _inputs() -> dict[str, bytes]:
    with_action = pikepdf.open(io.BytesIO(samples.embedded_pdf()))
    with_action.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    with_action.Root.PageMode = pikepdf.Name.UseAttachments
    with_action.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Print))
    with_action.pages[0].obj.Dur = 3
    with_action.trailer.DocChecksum = pikepdf.Name("/ABC")
    return {
        "fonts embedded": samples.embedded_pdf(),
        "actions": samples.saved(with_action),
        "scan": samples.scan_pdf(pages=2),
        "fonts missing": samples.text_pdf(pages=2),
        "turned": samples.text_pdf(rotate=90),
        "cropped": samples.text_pdf(crop=(40, 420, 560, 820)),
        "form": samples.form_pdf(),
        "protected": samples.encrypted(samples.embedded_pdf(), user=""),
        "huge": samples.text_pdf(size=(40_000, 30_000)),
    }


INPUTS = _inputs()
REPAIRED = {"fonts embedded", "actions", "scan", "protected"}


@pytest.mark.parametrize("name", INPUTS)
def test_every_kind_of_page_becomes_pdfa(pdf, name):
    """By one road or the other, our check passes and veraPDF agrees."""
    made = _made(pdf, INPUTS[name])
    assert made.road == ("repaired" if name in REPAIRED else "raster")
    assert made.findings == ()
    assert made.pdfa
    assert broken_rules(made.data) == ()


@pytest.mark.parametrize("name", sorted(set(INPUTS) - {"huge"}))
def test_the_page_is_unchanged_to_the_eye(pdf, name):
    """Repaired pages keep every pixel; drawn ones differ by less than an eye can tell."""
    made = _made(pdf, INPUTS[name])
    assert _difference(pdf, INPUTS[name], made.data) <= (0 if name in REPAIRED else 2)


def test_the_words_of_a_drawn_page_can_still_be_found(pdf):
    """A page that became an image is searchable: same words, same places."""
    before = pdf.read(INPUTS["fonts missing"]).pages.pages[1].words
    after = pdf.read(_made(pdf, INPUTS["fonts missing"]).data).pages.pages[1].words
    assert [word.text for word in after] == [word.text for word in before]
    assert all(
        abs(one.box.left - other.box.left) < 0.01 and abs(one.box.middle - other.box.middle) < 0.01
        for one, other in zip(before, after, strict=True)
    )


def test_given_words_become_the_invisible_text(pdf):
    """What OCR read of a page, in any alphabet, lies beneath its image."""
    words = tuple(
        Word(text, Box(0.1 + 0.25 * i, 0.1, 0.3 + 0.25 * i, 0.12))
        for i, text in enumerate(("Łódź", "Ελλάδα", "1 (2)"))
    )
    pages = PageSet(pages=(Page(number=1, words=words),), origin="ocr:rapidocr", total=1)
    made = _made(pdf, INPUTS["form"], words=pages)
    read = pdf.read(made.data).pages.pages[0].words
    assert [word.text for word in read] == ["Łódź", "Ελλάδα", "1(2)"]
    assert made.pdfa
    assert broken_rules(made.data) == ()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_scan_becomes_searchable(pdf, rotate):
    """What OCR read lies over the picture, where it was read, however the page is turned."""
    with pikepdf.open(io.BytesIO(samples.scan_pdf())) as document:
        document.pages[0].obj.Rotate = rotate
        document.pages[0].obj.CropBox = pikepdf.Array([20, 30, 580, 820])
        data = samples.saved(document)
    words = tuple(
        Word(text, Box(0.1 + 0.3 * i, 0.2, 0.3 + 0.3 * i, 0.22)) for i, text in enumerate("abc")
    )
    pages = PageSet(pages=(Page(number=1, words=words),), origin="ocr:rapidocr", total=1)
    made = _made(pdf, data, words=pages)
    assert (made.road, made.pdfa) == ("repaired", True)
    assert broken_rules(made.data) == ()
    assert _difference(pdf, data, made.data) == 0
    found = pdf.read(made.data).pages.pages[0]
    assert [word.text for word in found.words] == ["a", "b", "c"]
    for one, other in zip(found.words, words, strict=True):
        box = one.box.turned(-found.turn)
        assert box.left == pytest.approx(other.box.left, abs=0.01)
        assert box.middle == pytest.approx(other.box.middle, abs=0.01)


def test_the_container_is_as_the_specification_wants_it(pdf):
    """Asserted on the bytes, because validators of PDF/A do not look."""
    made = _made(pdf, INPUTS["fonts missing"])
    with _opened(made) as document:
        assert _names(document) == ["factur-x.xml"]
        (spec,) = document.Root.AF
        assert spec.objgen == document.Root.Names.EmbeddedFiles.Names[1].objgen
        assert spec.AFRelationship == "/Data"
        assert (str(spec.F), str(spec.UF)) == ("factur-x.xml", "factur-x.xml")
        stream = spec.EF.F
        assert stream.read_bytes() == XML
        assert stream.Subtype == "/text/xml"
        assert stream.Params.Size == len(XML)
        assert str(stream.Params.ModDate) == "D:20261114093000+00'00'"
        assert "/PageMode" not in document.Root
        assert not document.is_encrypted
        assert len(document.Root.OutputIntents) == 1


@pytest.mark.parametrize("level", ["MINIMUM", "BASIC WL", "BASIC", "EN 16931", "EXTENDED"])
def test_the_metadata_say_what_is_inside(pdf, level):
    """PDF/A-3b, the four Factur-X values and their extension schema, each exactly once."""
    made = _made(pdf, INPUTS["fonts embedded"], level=level)
    with _opened(made) as document:
        packet = document.Root.Metadata.read_bytes().decode()
    assert re.findall(r"<pdfaid:(\w+)>([^<]+)", packet) == [("part", "3"), ("conformance", "B")]
    assert dict(re.findall(r"<fx:(\w+)>([^<]+)", packet)) == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": level,
    }
    assert packet.count(f"<pdfaSchema:namespaceURI>{FX}<") == 1
    assert packet.count("<pdfaExtension:schemas>") == 1
    assert packet.count("<pdfaProperty:name>") == 4
    assert packet.count("2026-11-14T09:30:00+00:00") == 3


def test_the_reference_library_reads_it_back(pdf):
    """An independent reader finds the same bytes."""
    made = _made(pdf, INPUTS["scan"])
    name, xml = facturx.get_facturx_xml_from_pdf(io.BytesIO(made.data), check_xsd=False)
    assert (name, xml) == ("factur-x.xml", XML)


def test_our_own_reader_finds_nothing_to_say(pdf):
    """What we write passes what we ask of others."""
    for name in INPUTS:
        made = _made(pdf, INPUTS[name]).data
        assert pdf.container(made) == Container(pdfa=True)
        content = pdf.read(made)
        assert content.invoice_xml is not None
        assert content.invoice_xml.data == XML


def test_an_earlier_invoice_is_replaced_and_other_files_stay(pdf):
    """One factur-x.xml and no second invoice, whatever the file brought; its annexes are kept."""
    data = INPUTS["fonts embedded"]
    for name in ("factur-x.xml", "ZUGFeRD-invoice.xml", "facture.xml"):
        data = samples.with_file(data, samples.cii(number="OLD"), name=name)
    data = samples.with_file(
        data, b"%PDF-annexe", name="bon.pdf", relationship="Supplement",
        media_type="application/pdf",
    )  # fmt: skip
    for source in (data, samples.with_file(INPUTS["fonts missing"], b"id;1", name="bon.pdf")):
        made = _made(pdf, source)
        content = pdf.read(made.data)
        assert sorted(content.info.attachments) == ["bon.pdf", "factur-x.xml"]
        assert content.invoice_xml is not None
        assert content.invoice_xml.data == XML
        assert pdf.container(made.data).faults == ()
        assert made.pdfa
        assert broken_rules(made.data) == ()
    with _opened(_made(pdf, data)) as document:
        assert [str(spec.F) for spec in document.Root.AF] == ["factur-x.xml", "bon.pdf"]
        assert document.Root.AF[1].AFRelationship == "/Supplement"
        assert b"OLD" not in b"".join(
            one.read_bytes() for one in document.objects if isinstance(one, pikepdf.Stream)
            and one.get("/Type") == "/EmbeddedFile"
        )  # fmt: skip


def test_two_annexes_of_one_name_are_both_kept(pdf):
    """A name tree has each name once; the second gets a number."""
    data = INPUTS["fonts embedded"]
    for content in (b"one", b"two"):
        data = samples.with_file(data, content, name="annexe.txt", media_type="text/plain")
    content = pdf.read(_made(pdf, data).data)
    assert {one.data for one in content.files} == {b"one", b"two"}


def test_the_same_input_gives_the_same_bytes(pdf):
    """Nothing depends on the clock or on chance: the hash in the evidence can be made again."""
    for name in ("fonts embedded", "fonts missing"):
        assert _made(pdf, INPUTS[name]).data == _made(pdf, INPUTS[name]).data


def test_a_title_cannot_break_the_metadata(pdf):
    """A number with markup or control characters stays text."""
    made = _made(pdf, INPUTS["scan"], title="Facture <F&A> \x07 n° 1")
    with _opened(made) as document, document.open_metadata() as metadata:
        assert metadata["dc:title"] == "Facture <F&A>  n° 1"
    assert made.pdfa


def test_rounded_widths_are_mended_without_drawing_the_page(pdf):
    """Qt's rounding, hence wkhtmltopdf's, costs neither the fonts nor a pixel."""
    with pikepdf.open(io.BytesIO(INPUTS["fonts embedded"])) as document:
        (font,) = [
            one for one in document.objects
            if isinstance(one, pikepdf.Dictionary) and one.get("/Subtype") == "/CIDFontType2"
        ]  # fmt: skip
        for item in font.W:
            if isinstance(item, pikepdf.Array):
                for index, width in enumerate(item):
                    item[index] = int(width) - 3
        document.pages[0].Resources.Pattern = pikepdf.Dictionary()
        data = samples.saved(document)
    made = _made(pdf, data)
    assert made.road == "repaired"
    assert made.pdfa
    assert broken_rules(made.data) == ()
    assert _difference(pdf, data, made.data) == 0


def test_a_level_that_does_not_exist_is_a_bug(pdf):
    """The caller's mistake is not the document's fault."""
    with pytest.raises(ValueError, match="COMFORT"):
        _made(pdf, INPUTS["scan"], level="COMFORT")


def test_what_cannot_be_opened_is_refused(pdf):
    """Writing refuses as reading does."""
    with pytest.raises(UnreadableError) as caught:
        _made(pdf, samples.encrypted(samples.text_pdf(), user="secret"))
    assert caught.value.code == "unreadable.encrypted"


@pytest.mark.parametrize("path", corpus("docs"), ids=lambda path: path.stem)
def test_real_invoices_become_pdfa(pdf, path):
    """Invoices of many programs: what we call PDF/A-3b, veraPDF calls so too."""
    data = path.read_bytes()
    made = _made(pdf, data)
    assert made.pdfa == (broken_rules(made.data) == ())
    assert made.pdfa
    assert pdf.container(made.data).faults == ()
    assert _difference(pdf, data, made.data) < 2
