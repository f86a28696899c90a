"""Tests of what is wrong with a received Factur-X as a container."""

import io
import json
from datetime import UTC, datetime

import pikepdf
import pytest
from facteur.adapters.pdf.levels import level_of_xml
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Severity, blocking

from tests import samples
from tests.adapters.pdf.conftest import SHARED

MOMENT = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
VALIDATION = SHARED / "corpus" / "validation"
BASIC = "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"


@pytest.fixture(scope="module")
def proper(pdf):
    """A Factur-X without fault."""
    made = pdf.facturx(
        samples.embedded_pdf(), samples.cii(), "EN 16931", words=None, title="F", created=MOMENT
    )
    return made.data


def _changed(data: bytes, change) -> bytes:
    """The document after ``change(document, its file specification)``."""
    with pikepdf.open(io.BytesIO(data)) as document:
        change(document, document.Root.AF[0])
        return samples.saved(document)


def _packet(data: bytes, old: str, new: str) -> bytes:
    """The document with its metadata changed."""

    def change(document, _spec):
        packet = document.Root.Metadata.read_bytes().replace(old.encode(), new.encode())
        document.Root.Metadata.write(packet)

    return _changed(data, change)


def _faults(pdf, data: bytes) -> dict[str, Severity]:
    return {fault.code: fault.severity for fault in pdf.container(data).faults}


def _renamed(name: str):
    def change(document, spec):
        spec.F = spec.UF = pikepdf.String(name)
        document.Root.Names.EmbeddedFiles.Names[0] = pikepdf.String(name)

    return change


def test_a_proper_file_has_no_fault(pdf, proper):
    """Nothing to say."""
    held = pdf.container(proper)
    assert held.faults == ()
    assert held.pdfa


@pytest.mark.parametrize("name", ["Factur-X.xml", "facture.xml", "FACTUR-X.XML"])
def test_a_name_that_is_not_the_standard_one_blocks(pdf, proper, name):
    """Readers look for factur-x.xml, case included."""
    faults = _faults(pdf, _changed(proper, _renamed(name)))
    assert faults["facturx.filename"] is Severity.BLOCKING
    assert faults["facturx.xmp_filename"] is Severity.WARNING


def test_a_file_that_is_not_associated_blocks(pdf, proper):
    """Without /AF the XML is an attachment like any other."""
    data = _changed(proper, lambda document, _spec: document.Root.__delitem__("/AF"))
    assert [fault.code for fault in blocking(pdf.container(data).faults)] == ["facturx.af_missing"]


@pytest.mark.parametrize(
    ("level", "relationship", "expected"),
    [
        ("urn:cen.eu:en16931:2017", "Data", False),
        ("urn:cen.eu:en16931:2017", "Alternative", False),
        ("urn:cen.eu:en16931:2017", "Source", True),
        ("urn:cen.eu:en16931:2017", "Unspecified", True),
        ("urn:factur-x.eu:1p0:basicwl", "Data", False),
        ("urn:factur-x.eu:1p0:basicwl", "Alternative", True),
        ("urn:factur-x.eu:1p0:minimum", "Source", True),
    ],
)
def test_the_relationship_is_judged_by_profile(pdf, level, relationship, expected):
    """A warning at most: validators do not see it, some readers do."""
    data = samples.with_file(samples.embedded_pdf(), samples.cii(level), relationship=relationship)
    faults = _faults(pdf, data)
    assert (faults.get("facturx.relationship") is Severity.WARNING) is expected


def test_metadata_that_name_another_profile_block(pdf, proper):
    """XMP and XML must say the same."""
    faults = _faults(pdf, _packet(proper, ">EN 16931<", ">MINIMUM<"))
    assert faults == {"facturx.xmp_level": Severity.BLOCKING}


def test_metadata_without_invoice_properties_warn(pdf):
    """Many official samples lack them: a tolerant reader."""
    faults = _faults(pdf, samples.with_file(samples.embedded_pdf(), samples.cii()))
    assert faults == {
        "facturx.xmp_missing": Severity.WARNING,
        "facturx.not_pdfa": Severity.WARNING,
    }


def test_an_unknown_version_warns(pdf, proper):
    """The schema's version is 1.0."""
    faults = _faults(pdf, _packet(proper, "<fx:Version>1.0<", "<fx:Version>2p1<"))
    assert faults == {"facturx.version": Severity.WARNING}


def test_two_invoices_in_one_file_block(pdf, proper):
    """Platforms want one factur-x.xml and only one."""
    faults = _faults(pdf, samples.with_file(proper, samples.cii(), name="zugferd-invoice.xml"))
    assert faults["facturx.many"] is Severity.BLOCKING


def test_a_claim_of_pdfa_is_not_believed(pdf, proper):
    """A file that says PDF/A-3 and has a font missing is not."""

    def change(document, _spec):
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        document.pages[0].Resources.Font.F9 = document.make_indirect(font)
        document.pages[0].contents_add(b"BT /F9 9 Tf 9 9 Td (x) Tj ET")

    held = pdf.container(_changed(proper, change))
    assert [fault.code for fault in held.faults] == ["facturx.not_pdfa"]
    assert not held.pdfa


def test_older_files_are_accepted_with_warnings(pdf):
    """ZUGFeRD names, and nothing of today's container."""
    data = samples.with_file(
        samples.embedded_pdf(), samples.cii(), name="ZUGFeRD-invoice.xml", associated=False
    )
    assert pdf.read(data).invoice_xml is not None
    assert not blocking(pdf.container(data).faults)


def test_an_invoice_merely_attached_is_read_with_one_warning(pdf):
    """A UBL invoice in a PDF that claims nothing."""
    ubl = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'
    data = samples.with_file(samples.embedded_pdf(), ubl, name="facture-ubl.xml")
    assert pdf.read(data).invoice_xml is not None
    faults = pdf.container(data).faults
    assert [(one.code, one.blocking) for one in faults] == [("facturx.filename", False)]


def test_a_file_without_an_invoice_has_no_container(pdf):
    """Nothing to say of it; what is no PDF is refused."""
    held = pdf.container(samples.embedded_pdf())
    assert (held.faults, held.pdfa) == ((), False)
    with pytest.raises(UnreadableError, match="not_pdf"):
        pdf.container(b"<a/>")


@pytest.mark.parametrize(
    "packet",
    [b"", b"<", b"\xff\xfe\x00", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a>" * 5000],
    ids=["nothing", "cut", "bytes", "entities", "deep"],
)
def test_broken_metadata_are_no_metadata(pdf, proper, packet):
    """Whatever stands in the packet, the invoice is read."""
    data = _changed(proper, lambda document, _spec: document.Root.Metadata.write(packet))
    assert pdf.read(data).invoice_xml is not None
    assert "facturx.xmp_missing" in _faults(pdf, data)


@pytest.mark.parametrize(
    ("urn", "level"),
    [
        ("urn:factur-x.eu:1p0:minimum", "MINIMUM"),
        ("urn:factur-x.eu:1p0:basicwl", "BASICWL"),
        (BASIC, "BASIC"),
        ("urn:cen.eu:en16931:2017:compliant:factur-x.eu:1p0:basic", "BASIC"),
        ("urn:cen.eu:en16931:2017", "EN16931"),
        ("urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", "EXTENDED"),
        ("urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr", "EXTENDED"),
        ("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort", "EN16931"),
        ("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", "XRECHNUNG"),
        ("something else", ""),
    ],
)
def test_the_profile_is_read_from_the_xml(urn, level):
    """BT-24 tells it; what is unknown stays unknown. UTF-16 too."""
    assert level_of_xml(samples.cii(urn)) == level
    assert level_of_xml(samples.cii(urn).decode().encode("utf-16")) == level


@pytest.mark.parametrize(
    "name", ["OK-001", "RBT-001", "PDF-002", "PDF-004", "PDF-006", "PDF-008", "XML-002"]
)
def test_the_published_cases_come_out_as_published(pdf, name):
    """Third-party cases with one fault each in the container."""
    path = VALIDATION / f"{name}.pdf"
    if not path.exists():
        pytest.skip("the shared corpus is not here")
    verdicts = {
        case["name"]: case.get("verdict")
        for case in json.loads((VALIDATION / "expected.json").read_text("utf-8"))
    }
    faults = pdf.container(path.read_bytes()).faults
    found = "reject" if blocking(faults) else "warn" if faults else "accept"
    assert found == ("accept" if name == "XML-002" else verdicts[name])  # its fault is in the XML
