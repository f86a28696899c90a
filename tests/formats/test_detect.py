"""What files are, told from their bytes."""

import io
import zipfile

import pytest
from facteur.formats.detect import Kind, detect
from facteur.formats.xml_invoice import write_cii

from tests.shared import REPO, found
from tests.xml_samples import full_invoice

GOLDEN = REPO / "tests" / "golden"
CDAR = (
    b'<rsm:CrossDomainAcknowledgementAndResponse xmlns:rsm="urn:un:unece:uncefact:data:standard:'
    b'CrossDomainAcknowledgementAndResponse:100"/>'
)


def zipped(*names: str) -> bytes:
    """A zip that holds these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", Kind.PDF),
        (b"\n\nGarbage before %PDF-1.4", Kind.PDF),
        (b"PK\x03\x04\x14\x00\x00\x00\x00\x00facture.pdf%PDF-1.4", Kind.ARCHIVE),
        (
            b"facture.pdf".ljust(257, b"\x00") + b"ustar".ljust(255, b"\x00") + b"%PDF-",
            Kind.ARCHIVE,
        ),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", Kind.JPEG),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Kind.PNG),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", Kind.HEIC),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00heic", Kind.HEIC),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avif", Kind.OTHER_IMAGE),
        (b"II*\x00\x08\x00\x00\x00", Kind.TIFF),
        (b"MM\x00*\x00\x00\x00\x08", Kind.TIFF),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", Kind.OTHER_IMAGE),
        (b"GIF89a\x01\x00", Kind.OTHER_IMAGE),
        (b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00", Kind.OTHER_IMAGE),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", Kind.ARCHIVE),
        (b"Rar!\x1a\x07\x01\x00", Kind.ARCHIVE),
        (b"\x1f\x8b\x08\x00\x00\x00", Kind.ARCHIVE),
        (zipped("facture.pdf"), Kind.ARCHIVE),
        (zipped("[Content_Types].xml", "word/document.xml"), Kind.OFFICE),
        (zipped("a/b", "[Content_Types].xml"), Kind.OFFICE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", Kind.OFFICE),
        (b"{\\rtf1\\ansi", Kind.OFFICE),
        (b"MZ\x90\x00\x03\x00\x00\x00", Kind.EXECUTABLE),
        (b"\x7fELF\x02\x01", Kind.EXECUTABLE),
        (b"#!/bin/sh\necho", Kind.EXECUTABLE),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0", Kind.CALENDAR),
        (b"\xef\xbb\xbfBEGIN:VCARD\r\nVERSION:3.0", Kind.VCARD),
        (b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nBonjour", Kind.MAIL),
        (b"Received: from x\r\n by y\r\nDate: z\r\n\r\n", Kind.MAIL),
        (b"Bonjour : voici la facture.\nMZ", Kind.TEXT),
        ("Facturé à l'été".encode("latin-1"), Kind.TEXT),
        ("Facture".encode("utf-16"), Kind.TEXT),
        (b"<!doctype html><html><body>x</body></html>", Kind.TEXT),
        (b"", Kind.EMPTY),
        (b"\x00" * 100, Kind.EMPTY),
        (b" \r\n", Kind.EMPTY),
        (bytes(range(256)) * 4, Kind.UNKNOWN),
        (CDAR, Kind.CDAR),
        (b"<?xml version='1.0'?><order/>", Kind.OTHER_XML),
        (b"<?xml version='1.0' encoding='KLINGON'?><order/>", Kind.OTHER_XML),
        ((GOLDEN / "full.ubl.xml").read_bytes(), Kind.UBL_INVOICE),
        ((GOLDEN / "credit-note.ubl.xml").read_bytes(), Kind.UBL_CREDIT_NOTE),
        ((GOLDEN / "zugferd1.xml").read_bytes(), Kind.ZUGFERD1),
        ((GOLDEN / "full-en16931.cii.xml").read_bytes(), Kind.CII),
    ],
)
def test_a_file_is_what_its_bytes_say(data: bytes, kind: Kind) -> None:
    """Each format is told by its own marks, whatever a name would claim."""
    assert detect(data) is kind


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_an_xml_invoice_is_told_in_any_encoding(encoding: str) -> None:
    """A byte-order mark or another encoding does not hide what the root is."""
    name = encoding.removesuffix("-sig")
    text = (GOLDEN / "full.ubl.xml").read_text("utf-8").replace("UTF-8", name, 1)
    assert detect(text.encode(encoding, "xmlcharrefreplace")) is Kind.UBL_INVOICE


def test_a_wrong_namespace_is_no_invoice() -> None:
    """The namespace decides, not the name of the element."""
    wrong = write_cii(full_invoice(), "EN 16931").replace(
        b"CrossIndustryInvoice:100", b"CrossIndustryInvoice:90"
    )
    assert detect(wrong) is Kind.OTHER_XML
    assert not Kind.OTHER_XML.is_invoice_xml


def test_kinds_say_what_they_are_good_for() -> None:
    """Readers ask the kind, they do not list formats themselves."""
    assert Kind.CII.is_invoice_xml
    assert Kind.HEIC.is_image
    assert not Kind.OTHER_IMAGE.is_image
    assert Kind.PDF.media_type == "application/pdf"
    assert Kind.UNKNOWN.media_type == "application/octet-stream"


def test_every_file_of_the_corpus_gets_an_answer() -> None:
    """Real and hostile files: each PDF is a PDF but for the two that hold none."""
    files = found("corpus/robustness/*") + found("corpus/docs/*.pdf")
    if not files:
        pytest.skip("no corpus: set FACTEUR_SHARED to the shared folder")
    kinds = {path.name: detect(path.read_bytes()) for path in files if path.suffix == ".pdf"}
    others = {name: kind for name, kind in kinds.items() if kind is not Kind.PDF}
    assert set(others) <= {"empty.pdf", "garbage.pdf", "corrupt-waytoosmall.pdf"}
