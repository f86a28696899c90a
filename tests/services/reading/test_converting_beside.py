"""What is judged and written beside reading: waited for where it counts, and never lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault, Severity
from facteur.domain.pages import PageSet
from facteur.ports import Container, EmbeddedFile, FacturxFile, PdfContent, PdfInfo, Readers
from facteur.services.reading import converting

from tests import samples

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BLOCKING = Fault(code="facturx.af_missing")
PDF = b"%PDF-1.7 with an invoice"


@dataclass
class OnePdf:
    """A PDF that carries an invoice; notes what it is asked."""

    xml: bytes
    held: Container = field(default_factory=Container)
    findings: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def read(self, data: bytes) -> PdfContent:
        """The invoice, no words."""
        self.asked.append("read")
        file = EmbeddedFile(filename="factur-x.xml", data=self.xml)
        pages = PageSet(pages=(), origin="text")
        return PdfContent(info=PdfInfo(pages=1), pages=pages, invoice_xml=file)

    def container(self, data: bytes) -> Container:
        """What it was given."""
        self.asked.append("container")
        return self.held

    def facturx(self, data: bytes, xml: bytes, level: str, **_more: object) -> FacturxFile:
        """A file with the findings it was given."""
        self.asked.append("facturx")
        return FacturxFile(
            data=b"%PDF made", road="repaired", pdfa=not self.findings, findings=self.findings
        )


def _readers(pdf: OnePdf) -> Readers:
    return Readers(pdf=pdf, ocr=None)  # type: ignore[arg-type]


def _converted(pdf: OnePdf) -> tuple[converting.Converted, tuple[Fault, ...]]:
    readers = _readers(pdf)
    material = converting.gather(PDF, readers)
    candidate = converting.candidate_of(material, own=None, side="buyer")
    made, faults = converting.convert(
        PDF, candidate, material, title="f.pdf", created=NOW, readers=readers
    )
    assert made is not None
    return made, (*material.faults, *faults)


def test_a_proved_factur_x_is_kept_as_it_came() -> None:
    """Nothing is written in its place."""
    pdf = OnePdf(samples.cii(), Container(pdfa=True))
    made, faults = _converted(pdf)
    assert (made.facturx, made.conversion.road, made.conversion.pdfa) == (None, "original", True)
    assert faults == ()
    assert pdf.asked == ["read", "container"]


@pytest.mark.parametrize(
    "held", [Container(pdfa=False), Container(pdfa=True, faults=(BLOCKING,))], ids=str
)
def test_one_that_is_not_proved_is_written_again(held: Container) -> None:
    """And the faults of the one received are told, though they were judged beside."""
    pdf = OnePdf(samples.cii(), held)
    made, faults = _converted(pdf)
    assert made.facturx is not None
    assert faults == held.faults
    assert pdf.asked == ["read", "container", "facturx"]


def test_an_invoice_that_cannot_be_read_keeps_its_container_s_faults() -> None:
    """The page is read instead, and both faults are told."""
    pdf = OnePdf(b"<broken", Container(faults=(BLOCKING,)))
    material = converting.gather(PDF, _readers(pdf))
    assert not material.structured
    assert [one.code for one in material.faults] == [
        "facturx.af_missing",
        "facturx.xml_unreadable",
    ]


def test_what_could_not_be_proved_of_the_file_written_is_told() -> None:
    """Begun without waiting; told when it is finished."""
    pdf = OnePdf(samples.cii(), findings=("6.2.11: a font",))
    readers = _readers(pdf)
    material = converting.gather(PDF, readers)
    candidate = converting.candidate_of(material, own=None, side="buyer")
    begun, checks = converting.begin(
        PDF, candidate, material, title="f.pdf", created=NOW, readers=readers
    )
    assert begun is not None
    assert begun.xml == samples.cii()
    assert checks == ()
    made, faults = begun.finished()
    assert not made.conversion.pdfa
    assert [(one.code, one.severity) for one in faults] == [("facturx.not_pdfa", Severity.WARNING)]


def test_a_container_that_cannot_be_judged_stops_the_work_where_it_counts() -> None:
    """The refusal reaches whoever asks for the faults: it is not lost in a thread."""

    class Hostile(OnePdf):
        def container(self, data: bytes) -> Container:
            raise UnreadableError("unreadable.timeout")

    material = converting.gather(PDF, _readers(Hostile(samples.cii())))
    with pytest.raises(UnreadableError, match="timeout"):
        _ = material.faults
