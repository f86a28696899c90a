"""The verdict on a file: what judges, what decides, and the corpus of cases."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from facteur.adapters.pdf.client import ChildPdf
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.documents import EmbeddedFile, Verdict
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault, FaultSource, Severity
from facteur.domain.pages import PageSet
from facteur.formats.xml_invoice import write_cii
from facteur.ports import Container, PdfContent, PdfInfo, RuleReport
from facteur.services.reading.validating import Validation, validate

from tests.shared import SHARED, need
from tests.xml_samples import small_invoice

XML = write_cii(small_invoice(), "EN 16931")
GERMAN = XML.replace(b">FR</ram:CountryID>", b">DE</ram:CountryID>")
REFORM = Fault(
    code="BR-FR-10_BT-30",
    severity=Severity.WARNING,
    source=FaultSource.OFFICIAL,
    values={"rulebook": "br-fr", "flag": "fatal"},
)
CASES = SHARED / "corpus" / "validation" / "expected.json"


class Rules:
    """A rulebook that answers what it is told."""

    def __init__(
        self,
        *findings: Fault,
        verdict: Verdict = Verdict.VALID,
        reform: Verdict = Verdict.VALID,
    ) -> None:
        self._report = RuleReport(
            verdict=verdict, reform=reform, findings=findings, versions={"rules": "1"}
        )

    def check(self, xml: bytes) -> RuleReport:
        """The same report for every file."""
        assert xml
        return self._report


class OnePdf:
    """A PDF reader that holds one answer."""

    def __init__(self, xml: bytes | None, faults: Sequence[Fault] = (), error: str = "") -> None:
        self._xml, self._faults, self._error = xml, faults, error

    def read(self, data: bytes) -> PdfContent:
        """The content it was given, or its refusal."""
        assert data
        if self._error:
            raise UnreadableError(self._error)
        file = None if self._xml is None else EmbeddedFile(filename="factur-x.xml", data=self._xml)
        return PdfContent(
            info=PdfInfo(pages=1),
            pages=PageSet(pages=(), origin="text"),
            invoice_xml=file,
        )

    def container(self, data: bytes) -> Container:
        """The faults it was given."""
        assert data
        return Container(faults=tuple(self._faults))


def judged(data: bytes, rules: Rules, pdf: OnePdf | None = None) -> Validation:
    """The validation of bytes by these judges."""
    return validate(data, "f.xml", rulebook=rules, pdf=pdf)  # type: ignore[arg-type]


def test_nothing_to_say_is_accepted() -> None:
    """A good invoice, rules that ran, their versions kept."""
    answer = judged(XML, Rules())
    assert (answer.verdict, answer.rules, answer.findings) == ("accept", (), ())
    assert answer.versions == {"rules": "1"}


def test_a_broken_rule_rejects_and_is_named_once() -> None:
    """The identifiers are those of what blocks, each once, in order."""
    broken = [Fault(code=code, source=FaultSource.OFFICIAL) for code in ("BR-2", "BR-1", "BR-2")]
    answer = judged(XML, Rules(*broken, verdict=Verdict.INVALID))
    assert (answer.verdict, answer.rules) == ("reject", ("BR-1", "BR-2"))


def test_an_official_warning_is_a_warning_and_no_broken_rule() -> None:
    """It is shown, it does not refuse."""
    mild = Fault(code="BR-W", source=FaultSource.OFFICIAL, severity=Severity.WARNING)
    answer = judged(XML, Rules(mild))
    assert (answer.verdict, answer.rules) == ("warn", ())


def test_rules_that_could_not_run_never_accept() -> None:
    """« Non vérifiée » when nothing else is wrong; still rejected when something is."""
    missing = Fault(code="rulebook.no_saxon", severity=Severity.WARNING)
    assert judged(XML, Rules(missing, verdict=Verdict.UNVERIFIED)).verdict == "unverified"
    broken = XML.replace(b">20261120<", b">20260231<")
    assert judged(broken, Rules(missing, verdict=Verdict.UNVERIFIED)).verdict == "reject"


def test_a_reform_that_could_not_run_matters_to_the_french_only() -> None:
    """BR-FR stops on some files: the French one is not verified, the German one is."""
    stopped = Rules(reform=Verdict.UNVERIFIED)
    assert judged(XML, stopped).verdict == "unverified"
    assert judged(GERMAN, stopped).verdict == "accept"


def test_the_reform_blocks_between_french_companies() -> None:
    """A fatal finding of BR-FR rejects a French invoice, and says nothing of a German one."""
    french = judged(XML, Rules(REFORM))
    assert (french.verdict, french.rules) == ("reject", ("BR-FR-10_BT-30",))
    assert all(fault.blocking for fault in french.findings)
    german = judged(GERMAN, Rules(REFORM))
    assert german.rules == ()
    assert not any(fault.code.startswith("BR-FR") for fault in german.findings)


def test_a_hint_makes_no_verdict() -> None:
    """A SIREN whose key does not hold is told, and the invoice is accepted."""
    answer = judged(XML.replace(b">732829320<", b">732829321<"), Rules())
    assert answer.verdict == "accept"
    assert [fault.code for fault in answer.findings] == ["siren.invalid"]
    assert answer.findings[0].source is FaultSource.FACTEUR


def test_our_own_warning_warns() -> None:
    """What the official rules let pass is not accepted in silence."""
    answer = judged(XML.replace(b"Pas d'escompte.", b"n/a"), Rules())
    assert answer.verdict == "warn"
    assert [fault.code for fault in answer.findings] == ["note.empty"]


def test_the_container_is_judged_too() -> None:
    """The faults of a Factur-X's PDF count as they weigh."""
    data = b"%PDF-1.7 x"
    mild = Fault(code="facturx.relationship", severity=Severity.WARNING)
    assert judged(data, Rules(), OnePdf(XML)).verdict == "accept"
    assert judged(data, Rules(), OnePdf(XML, [mild])).verdict == "warn"
    answer = judged(data, Rules(), OnePdf(XML, [Fault(code="facturx.af_missing")]))
    assert (answer.verdict, answer.rules) == ("reject", ())


@pytest.mark.parametrize(
    ("data", "pdf", "code"),
    [
        (b"", None, "unreadable.empty"),
        (b"%PDF-1.7", None, "unreadable.no_pdf_reader"),
        (b"%PDF-1.7", OnePdf(None), "unreadable.no_invoice_xml"),
        (b"%PDF-1.7", OnePdf(None, error="unreadable.bomb"), "unreadable.bomb"),
        (b"<a>", None, "unreadable.xml"),
        (b"<order/>", None, "unreadable.xml.not_an_invoice"),
        (b"\x89PNG\r\n\x1a\n", None, "unreadable.xml"),
    ],
)
def test_what_is_no_invoice_is_rejected_with_its_reason(
    data: bytes, pdf: OnePdf | None, code: str
) -> None:
    """Never a crash, whatever the bytes; the real rulebook says it for XML."""
    answer = validate(data, "x", rulebook=SaxonRulebook(), pdf=pdf)  # type: ignore[arg-type]
    assert answer.verdict == "reject"
    assert [fault.code for fault in answer.findings] == [code]


# ----------------------------------------------------------------------------- the shared corpus


def cases() -> list[dict[str, Any]]:
    """The cases of the corpus, none where it is not there."""
    return json.loads(CASES.read_text("utf-8")) if CASES.is_file() else []


@pytest.fixture(scope="module")
def readers() -> Iterator[tuple[SaxonRulebook, ChildPdf]]:
    """The real rulebook and the real PDF reader."""
    pdf = ChildPdf()
    yield SaxonRulebook(), pdf
    pdf.close()


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_a_case_of_the_corpus_gets_its_verdict(
    case: dict[str, Any], readers: tuple[SaxonRulebook, ChildPdf]
) -> None:
    """Verdict and broken rules where the corpus gives them; the oracles' answers elsewhere."""
    path = need("corpus/validation") / Path(case.get("pdf") or case["xml"])
    answer = validate(path.read_bytes(), path.name, rulebook=readers[0], pdf=readers[1])
    if "verdict" in case:
        assert (answer.verdict, list(answer.rules)) == (case["verdict"], case["rules"])
    elif case["name"].startswith("fr-"):
        assert [code for code in answer.rules if code.startswith("BR-FR")] == case["rules"]
    elif case["name"].startswith("en-bad"):
        assert answer.verdict == "reject"
        assert answer.rules
        assert all(code.startswith("BR-") for code in answer.rules)
    else:
        assert case["name"].startswith("en-ok")
        assert answer.rules == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("fr-gap-cii-date-20260231.xml", "xml.date"),
        ("fr-gap-cii-date-suffix.xml", "xml.date"),
        ("fr-gap-cii-pmt-na.xml", "note.empty"),
        ("fr-gap-cii-siren-123456789.xml", "siren.invalid"),
        ("fr-gap-ubl-bt24-garbage.xml", "profile.unknown"),
        ("fr-gap-ubl-id-lead-space.xml", "number.blanks"),
        ("fr-gap-ubl-id-nbsp.xml", "number.blanks"),
        ("fr-gap-ubl-pmd-ws.xml", "note.empty"),
        ("fr-gap-ubl-pmt-na.xml", "note.empty"),
        ("fr-gap-ubl-s1-type-381.xml", "credit_note.no_reference"),
        ("fr-gap-ubl-siren-court.xml", "siren.invalid"),
        ("fr-gap-ubl-siren-lettres.xml", "siren.invalid"),
    ],
)
def test_our_rules_see_the_blind_spots(
    name: str, code: str, readers: tuple[SaxonRulebook, ChildPdf]
) -> None:
    """Each known gap of the official files has a finding of ours, marked as ours."""
    path = need("corpus/validation") / name
    answer = validate(path.read_bytes(), name, rulebook=readers[0], pdf=readers[1])
    ours = {fault.code for fault in answer.findings if fault.source is FaultSource.FACTEUR}
    assert code in ours
