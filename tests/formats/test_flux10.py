"""The e-reporting file: the schema and the State's own rules accept what is written."""

import importlib.util
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.documents import Direction, Verdict
from facteur.domain.ereporting.blocks import (
    Category,
    DayPayments,
    DayRate,
    PaidRate,
    Report,
    ReportType,
    Role,
)
from facteur.domain.ereporting.building import TillDay, build
from facteur.domain.ereporting.calendar import Matter
from facteur.domain.ereporting.operations import Operation
from facteur.domain.ereporting.routes import Answers
from facteur.domain.errors import UnreadableError
from facteur.formats.flux10 import write
from facteur.formats.flux10_reading import parse
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


def _refund(amount: str = "-20.00") -> Report:
    """A collection of 50 € and what went back of it, each told on its own day."""
    return cases.replace(_payments(), invoice_payments=(), day_payments=(
        DayPayments(day=date(2027, 9, 5), rates=(PaidRate(rate=D("20"), amount=D("50.00")),)),
        DayPayments(day=date(2027, 9, 9), rates=(PaidRate(rate=D("20"), amount=D(amount)),)),
    ))  # fmt: skip


def _netted() -> Report:
    """The same as it is made here: taken from what came in before."""
    service = cases.sold("a", process="S1")
    came = [cases._came(service, 5, "50.00"), cases._came(service, 9, "-20.00")]
    return build(cases.wanted(Matter.PAYMENTS), cases.WHO, collections=came).report


def _taken_back() -> Report:
    """A correction that says nothing any more of its period."""
    return cases.replace(_sales(), type=ReportType.CORRECTION, invoices=(), days=())


REPORTS = {
    "sales": _sales, "purchases": _purchases, "payments": _payments, "netted": _netted,
    "taken back": _taken_back,
}  # fmt: skip


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
def test_this_edition_refuses_the_sign_of_a_refund_and_nothing_else(edition: str) -> None:
    """§3.7.7 and case 43 allow negative payments, G1.16 of V1.0 does not: why they are netted."""
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


# ── Read back ───────────────────────────────────────────────────────────────────────────────────


def _bare(report: Report) -> Report:
    """What a file can say of a report: no document of ours, no last day."""
    return cases.replace(
        report,
        period=cases.replace(report.period, due=report.period.end),
        invoices=tuple(cases.replace(one, document="") for one in report.invoices),
        days=tuple(cases.replace(one, documents=()) for one in report.days),
        invoice_payments=tuple(cases.replace(one, document="") for one in report.invoice_payments),
        day_payments=tuple(cases.replace(one, documents=()) for one in report.day_payments),
    )


@pytest.mark.parametrize("name", [*REPORTS, "returns"])
def test_what_is_written_is_read_back(name: str) -> None:
    """All four blocks, both roles, a correction that is empty: the same figures."""
    report = {**REPORTS, "returns": _returns}[name]()
    assert parse(write(report)) == _bare(report)


def test_the_published_examples_are_read() -> None:
    """The two files that pass the schema and the rules, with their sums."""
    folder = need("conformance/flux10/examples-synthetic")
    sales = parse((folder / "transactions-10.1-10.3.xml").read_bytes())
    assert (sales.siren, sales.role, sales.type) == ("100000009", Role.SELLER, ReportType.INITIAL)
    assert ["F202600101"] == [one.number for one in sales.invoices]
    assert (sales.lines, sales.sums) == (2, (D("1500.00"), D("100.00")))
    assert 12 == sales.days[0].count
    paid = parse((folder / "payments-10.2-10.4.xml").read_bytes())
    assert (paid.period.matter, paid.sums[0]) == (Matter.PAYMENTS, D("1530.00"))
    assert date(2026, 9, 3) == paid.invoice_payments[0].issue_date


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (b"<Report>", b"<Rapport>", "Rapport"),
        (b"20270901", b"20271301", "StartDate"),
        (b"<StartDate>20270901", b"<StartDate>20280901", "EndDate"),
        (b"<TypeCode>IN", b"<TypeCode>XX", "TypeCode"),
        (b"<RoleCode>SE", b"<RoleCode>ZZ", "RoleCode"),
        (b"<CategoryCode>TLB1", b"<CategoryCode>ABCD", "CategoryCode"),
        (b"<TaxTotal>", b"<TaxTotal>NaN", "TaxTotal"),
        (b"<TaxTotal>", b"<TaxTotal>1e999999", "TaxTotal"),
        (b"<TransactionsCount>12", b"<TransactionsCount>-1", "TransactionsCount"),
        (b'<Id schemeId="0002">100000009', b'<Id schemeId="0002">', "Id"),
        (b"<StartDate>20270901", b"<StartDate>00010101", "StartDate"),
        (b"<EndDate>20270930", b"<EndDate>99991231", "EndDate"),
        (b"<DateTimeString>2027", b"<DateTimeString>0001", "IssueDateTime"),
        (b'<Id schemeId="0002">100000009', b'<Id schemeId="0002">' + b"9" * 5000, "Id"),
    ],
)
def test_what_cannot_be_understood_says_where(before: bytes, after: bytes, place: str) -> None:
    """No crash, no guess: refused with the place where reading stopped."""
    data = write(_sales())
    assert before in data
    altered = data.replace(before, after).replace(b"</Report>", b"</Rapport>")
    if place != "Rapport":
        altered = altered.replace(b"</Rapport>", b"</Report>")
    with pytest.raises(UnreadableError) as caught:
        parse(altered)
    assert place in str(caught.value.values["field"])


def test_both_matters_in_one_file_are_refused() -> None:
    """G6.29; nor is a file of neither, nor one that expands entities."""
    paid = write(_payments()).split(b"<PaymentsReport>")[1]
    both = write(_sales()).replace(b"</Report>", b"<PaymentsReport>" + paid)
    for bad in (both, write(_sales()).split(b"<TransactionsReport>")[0] + b"</Report>"):
        with pytest.raises(UnreadableError, match="report"):
            parse(bad)
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]>' + write(_sales()).split(b"?>", 1)[1]
    with pytest.raises(UnreadableError):
        parse(entity)
