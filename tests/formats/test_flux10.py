"""The e-reporting file: the schema and the State's own rules accept what is written."""

import importlib.util
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.documents import Direction, Verdict
from facteur.domain.ereporting.blocks import Category, DayRate, Report, Role
from facteur.domain.ereporting.building import TillDay, build
from facteur.domain.ereporting.calendar import Matter
from facteur.domain.ereporting.operations import Operation
from facteur.domain.ereporting.routes import Answers
from facteur.formats.flux10 import write
from lxml import etree

from tests.domain import test_ereporting as cases
from tests.shared import need

D = Decimal


def _rules(name: str) -> Path:
    """A file of the rules that the rulebook's package carries."""
    spec = importlib.util.find_spec("pyfrctc")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / name


def _sales() -> Report:
    abroad = cases.sold(
        "x", number="F9", buyer=cases.GERMAN, vat_breakdown=cases.INTRA,
        totals=cases.Totals(tax_exclusive=D("1000.00"), tax=D("0.00")),
    )  # fmt: skip
    far = cases.sold("y", number="F10", buyer=cases.SWISS, vat_breakdown=(
        cases.replace(cases.INTRA[0], category="G", exemption_code="VATEX-EU-G",
                      exemption_text="Exportation"),),
        totals=cases.Totals(tax_exclusive=D("1000.00"), tax=D("0.00")))  # fmt: skip
    z = TillDay(
        day=date(2027, 9, 4),
        category=Category.GOODS,
        rates=(DayRate(rate=D("20"), base=D("500.00"), tax_eur=D("100.00")),),
        count=12,
    )
    return build(
        cases.wanted(), cases.WHO, operations=[abroad, far, cases.sold("a")], till=[z]
    ).report


def _purchases() -> Report:
    bought = Operation(
        document="p",
        direction=Direction.PURCHASE,
        invoice=cases.invoice(
            seller=cases.GERMAN,
            buyer=cases.FRENCH,
            vat_breakdown=(cases.replace(cases.INTRA[0], category="AE"),),
            process="S1",
        ),
        answers=Answers(rate=D("20")),
    )
    return build(cases.wanted(role=Role.BUYER), cases.WHO, operations=[bought]).report


def _payments() -> Report:
    service = cases.sold("a", process="S1")
    foreign = cases.sold("b", number="F2", process="S1", buyer=cases.GERMAN)
    return build(
        cases.wanted(Matter.PAYMENTS),
        cases.WHO,
        collections=[
            cases._came(service, 5, "50.00"),
            cases._came(foreign, 6, "120.00"),
        ],
    ).report


def _returns() -> Report:
    """A day with more returns than sales, and a refund."""
    back = cases.sold("a", type_code="381")
    return build(cases.wanted(), cases.WHO, operations=[back]).report


def _refund() -> Report:
    service = cases.sold("a", process="S1")
    back = cases._came(service, 9, "-20.00")
    return build(cases.wanted(Matter.PAYMENTS), cases.WHO, collections=[back]).report


REPORTS = {"sales": _sales, "purchases": _purchases, "payments": _payments}


@pytest.mark.parametrize("name", list(REPORTS))
@pytest.mark.parametrize("edition", ["carried", "shared"])
def test_what_is_written_follows_the_schema(name: str, edition: str) -> None:
    """XSD v3.2, of the rulebook's package and of the specifications."""
    carried = edition == "carried"
    folder = _rules("frr-xsd") if carried else need("conformance/flux10/xsd-v3.2")
    schema = etree.XMLSchema(file=str(folder / "ereporting.xsd"))
    root = etree.fromstring(write(REPORTS[name]()))
    assert schema.validate(root), schema.error_log


@pytest.mark.parametrize("name", list(REPORTS))
@pytest.mark.parametrize("edition", ["carried", "shared"])
def test_the_states_own_rules_find_nothing(name: str, edition: str) -> None:
    """The schematron of flux 10, in both editions: no failed assertion."""
    assert _broken(REPORTS[name](), edition) == []


@pytest.mark.parametrize("edition", ["carried", "shared"])
def test_a_refund_is_written_though_this_edition_refuses_its_sign(edition: str) -> None:
    """§3.7.7 and case 43 allow negative payments, G1.16 of V1.0 does not: it is the only rule."""
    assert {one[:7] for one in _broken(_refund(), edition)} == {"[G1.16]"}


@pytest.mark.parametrize("edition", ["carried", "shared"])
def test_a_day_of_returns_is_accepted(edition: str) -> None:
    """Sales of a day may be negative (annex A, case 42)."""
    assert _broken(_returns(), edition) == []


def _broken(report: Report, edition: str) -> list[str]:
    """What the schematron of an edition finds."""
    from saxonche import PySaxonProcessor

    if edition == "carried":
        sheet = _rules("frr-schematron/Flux10.xslt")
    else:
        sheet = need("conformance/flux10/xslt/PPF_Flux10_v1_0.xslt")
    with PySaxonProcessor(license=False) as saxon:
        rules = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))
        node = saxon.parse_xml(xml_text=write(report).decode())
        answer = rules.transform_to_string(xdm_node=node)
    failed = etree.fromstring(answer.encode()).findall("{*}failed-assert")
    return [" ".join("".join(one.itertext()).split()) for one in failed]


def test_the_rulebook_names_the_rule_that_is_broken() -> None:
    """Through the port: valid, or invalid with the name of the rule; a strange file is refused."""
    rules = SaxonRulebook()
    assert rules.check_report(write(_sales())).verdict is Verdict.VALID
    refund = rules.check_report(write(_refund()))
    assert (refund.verdict, refund.findings[0].code) == (Verdict.INVALID, "G1.16")
    assert rules.check_report(b"<Report/>").verdict is Verdict.INVALID
    assert rules.check_report(b"<Rep").verdict is not Verdict.VALID


def test_an_empty_report_is_never_written() -> None:
    """No file « à blanc » (§2.3.3)."""
    empty = build(cases.wanted(), cases.WHO).report
    with pytest.raises(ValueError, match="nothing"):
        write(empty)
