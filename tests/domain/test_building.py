"""From a candidate to an EN 16931 invoice: nothing invented, issuer's totals kept, rules passed."""
# ruff: noqa: E501

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from facteur.domain import building, totals
from facteur.domain.candidate import AdjustmentRow, LineRow, VatRow
from facteur.domain.faults import blocking
from facteur.domain.invoice import Identifier

from tests.domain.candidates import GOOD, candidate

D = Decimal
ZERO = {
    "total_vat": D("0.00"),
    "total_incl_vat": D("120.00"),
    "amount_due": D("120.00"),
    "lines": None,
}


def _free(category: str, code: str, **more):
    row = VatRow(
        rate=D(0),
        base=D("120.00"),
        tax=D(0),
        category=category,
        exemption_text="motif",
        exemption_code=code,
    )
    return candidate(vat_breakdown=(row,), **{**ZERO, **more})


def test_a_candidate_with_lines_becomes_a_full_invoice():
    """Level EN 16931, every value in its place."""
    invoice, level, faults = building.build(candidate(contract="CT-1", purchase_order="BC-2"))
    assert (level, faults) == ("EN 16931", ())
    assert invoice is not None
    assert (invoice.number, invoice.type_code, invoice.currency) == ("F-1", "380", "EUR")
    assert invoice.seller.legal_id == Identifier(value="732829320", scheme="0002")
    assert invoice.seller.identifiers == (Identifier(value="73282932000074", scheme="0009"),)
    assert [(line.name, line.unit, line.unit_price, line.vat_rate) for line in invoice.lines] == [
        ("Conseil", "HUR", D("55.00"), D("20")),
        ("Livre", "C62", D("10.00"), D("10")),
    ]
    assert (invoice.totals.lines, invoice.totals.tax_exclusive, invoice.totals.due) == (
        D("120.00"),
        D("120.00"),
        D("143.00"),
    )
    assert invoice.payment is not None
    assert invoice.payment.means_code == "58"
    assert (invoice.contract, invoice.purchase_order) == ("CT-1", "BC-2")
    assert invoice.notes == ()


def test_without_lines_only_the_totals_are_said():
    """Level BASIC WL."""
    invoice, level, _ = building.build(candidate(lines=None))
    assert level == "BASIC WL"
    assert invoice is not None
    assert invoice.lines == ()
    assert invoice.totals.lines == invoice.totals.tax_exclusive


def test_what_lacks_is_named_and_nothing_is_built():
    """Decision 25: no note, address or identifier is ever invented."""
    invoice, level, faults = building.build(candidate(buyer_name=None, seller_country=None))
    assert (invoice, level) == (None, "")
    assert {fault.path for fault in faults} == {"buyer_name", "seller_country"}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((LineRow(description="x", net=D("143.00"), gross=True),), "gross"),
        ((LineRow(description="", net=D("120.00"), vat_rate=D("20")),), "description"),
        ((LineRow(description="x"),), "amount"),
        ((LineRow(description="x", net=D("120.00")),), "rate"),
        ((LineRow(description="x", net=D("120.00"), vat_rate=D("5.5")),), "rate"),
        ((LineRow(description="x", net=D("120.00"), vat_rate=D("20")),), "bases"),
        ((LineRow(description="x", net=D("100.00"), vat_rate=D("20")), LineRow(description="y", net=D("10.00"), vat_rate=D("10"))), "sum"),
    ],
)  # fmt: skip
def test_lines_that_cannot_go_in_are_left_out_with_the_reason(lines, reason):
    """The invoice then says its totals only, and the person knows why."""
    invoice, level, faults = building.build(candidate(lines=lines))
    assert level == "BASIC WL"
    assert invoice is not None
    assert [(one.code, one.values["reason"], one.blocking) for one in faults] == [
        ("lines.left_out", reason, False)
    ]


def test_a_rounding_between_the_totals_stays_visible():
    """HT + TVA is BT-112; the printed cent goes to BT-114, so that what is due is the issuer's."""
    invoice, _, _ = building.build(candidate(total_incl_vat=D("143.01"), amount_due=D("143.01")))
    assert invoice is not None
    held = invoice.totals
    assert (held.tax_inclusive, held.rounding, held.due) == (D("143.00"), D("0.01"), D("143.01"))


def test_a_rounding_between_lines_and_total_is_a_visible_charge():
    """Two cents short: a charge named Arrondi makes BT-109 to the cent."""
    short = replace(GOOD["lines"][0], net=D("109.98"))
    invoice, level, _ = building.build(candidate(lines=(short, GOOD["lines"][1])))
    assert level == "EN 16931"
    assert invoice is not None
    (charge,) = invoice.charges
    assert (charge.amount, charge.reason) == (D("0.02"), "Arrondi")
    assert invoice.totals.lines + invoice.totals.charges == D("120.00")


def test_the_cent_that_parts_taxes_from_their_total_goes_to_the_largest():
    """BR-CO-14 wants an exact sum; the printed total stays."""
    rows = (replace(GOOD["vat_breakdown"][0], tax=D("22.01")), GOOD["vat_breakdown"][1])
    invoice, _, _ = building.build(candidate(vat_breakdown=rows))
    assert invoice is not None
    assert [row.tax for row in invoice.vat_breakdown] == [D("22.00"), D("1.00")]
    assert invoice.totals.tax == D("23.00")


def test_a_line_discount_is_an_allowance_of_the_line():
    """2 × 61.11 less 10 % is 110.00: price kept, discount told."""
    line = replace(GOOD["lines"][0], unit_price=D("61.11"), discount_percent=D("10"))
    invoice, level, _ = building.build(candidate(lines=(line, GOOD["lines"][1])))
    assert level == "EN 16931"
    assert invoice is not None
    (allowance,) = invoice.lines[0].allowances
    assert (invoice.lines[0].unit_price, allowance.amount, allowance.percent) == (
        D("61.11"),
        D("12.22"),
        D("10"),
    )


def test_a_price_that_does_not_make_the_amount_gives_way_to_the_amount():
    """The net price is amount ÷ quantity when nothing explains the printed one."""
    line = replace(GOOD["lines"][0], unit_price=D("66.00"))
    invoice, _, _ = building.build(candidate(lines=(line, GOOD["lines"][1])))
    assert invoice is not None
    assert invoice.lines[0].unit_price == D("55")


def test_a_negative_line_has_a_negative_quantity_and_a_positive_price():
    """BR-27: prices are never negative."""
    back = LineRow(
        description="Reprise",
        quantity=D(1),
        unit_price=D("-10.00"),
        net=D("-10.00"),
        vat_rate=D("20"),
    )
    more = replace(GOOD["lines"][0], net=D("120.00"), quantity=D("2"), unit_price=D("60.00"))
    invoice, level, _ = building.build(candidate(lines=(more, back, GOOD["lines"][1])))
    assert level == "EN 16931"
    assert invoice is not None
    assert (invoice.lines[1].quantity, invoice.lines[1].unit_price) == (D(-1), D("10.00"))


def test_a_seller_without_vat_number_is_registered_by_its_siren():
    """BT-32, for the franchise and for those who do not print their number."""
    invoice, _, _ = building.build(_free("E", "VATEX-FR-FRANCHISE", seller_vat=None))
    assert invoice is not None
    assert (invoice.seller.vat, invoice.seller.tax_registration) == ("", "732829320")
    (row,) = invoice.vat_breakdown
    assert (row.category, row.rate, row.exemption_code) == ("E", D(0), "VATEX-FR-FRANCHISE")


def test_lines_find_their_base_when_two_share_a_rate():
    """Two bases at 0 %, exempt and within the Union: the amounts tell which line is which."""
    rows = (
        VatRow(rate=D(0), base=D("60.00"), tax=D(0), category="E", exemption_text="débours"),
        VatRow(rate=D(0), base=D("40.00"), tax=D(0), category="AE", exemption_code="VATEX-EU-AE"),
        VatRow(rate=D("20"), base=D("20.00"), tax=D("4.00"), category="S"),
    )
    lines = tuple(
        LineRow(description=name, quantity=D(1), net=net, vat_rate=rate)
        for name, net, rate in (
            ("a", D("40.00"), D(0)),
            ("b", D("60.00"), D(0)),
            ("c", D("20.00"), D("20")),
        )
    )
    invoice, level, _ = building.build(
        candidate(
            vat_breakdown=rows,
            lines=lines,
            total_vat=D("4.00"),
            total_incl_vat=D("124.00"),
            amount_due=D("124.00"),
        )
    )
    assert level == "EN 16931"
    assert invoice is not None
    assert [line.vat_category for line in invoice.lines] == ["AE", "E", "S"]


_CASES = {
    "plain": candidate(),
    "no lines": candidate(lines=None),
    "credit note": candidate(type="credit_note", preceding_invoice="F-0", preceding_date=date(2024, 1, 1)),
    "prepayment": candidate(type="prepayment"),
    "corrective": candidate(type="corrective", preceding_invoice="F-0"),
    "self-billed": candidate(type="self_billed"),
    "deposit": candidate(prepaid=D("43.00"), amount_due=D("100.00")),
    "rounding": candidate(total_incl_vat=D("143.01"), amount_due=D("143.01")),
    "line rounding": candidate(lines=(replace(GOOD["lines"][0], net=D("109.98")), GOOD["lines"][1])),
    "line discount": candidate(lines=(replace(GOOD["lines"][0], unit_price=D("61.11"), discount_percent=D("10")), GOOD["lines"][1])),
    "adjustments": candidate(
        adjustments=(AdjustmentRow(amount=D("20.00"), reason="Remise", vat_rate=D("20")), AdjustmentRow(amount=D("20.00"), charge=True, reason="Port", vat_rate=D("20")))
    ),
    "franchise": _free("E", "VATEX-FR-FRANCHISE", seller_vat=None),
    "reverse charge": _free("AE", "VATEX-EU-AE", buyer_vat="FR77552100554"),
    "within the Union": _free("K", "VATEX-EU-IC", buyer_vat="DE136695976", buyer_country="DE", delivery_date=date(2024, 3, 1)),
    "export": _free("G", "VATEX-EU-G", buyer_country="US"),
    "outside the scope": _free("O", "VATEX-EU-O"),
    "overseas rates": candidate(
        vat_breakdown=(VatRow(rate=D("8.5"), base=D("110.00"), tax=D("9.35")), VatRow(rate=D("2.1"), base=D("10.00"), tax=D("0.21"))),
        total_vat=D("9.56"), total_incl_vat=D("129.56"), amount_due=D("129.56"),
        lines=(replace(GOOD["lines"][0], vat_rate=D("8.5")), replace(GOOD["lines"][1], vat_rate=D("2.1"))),
    ),
    "period": candidate(period_start=date(2024, 2, 1), period_end=date(2024, 2, 29)),
    "dollars": candidate(currency="USD", iban=None, bic=None),
}  # fmt: skip


@pytest.fixture(scope="module")
def rulebook():
    """The official rules, where saxonche and the rule files are installed."""
    pytest.importorskip("saxonche")
    from facteur.adapters.saxon import SaxonRulebook

    return SaxonRulebook()


@pytest.mark.parametrize("name", _CASES)
def test_what_holds_passes_the_official_rules(name, rulebook):
    """XSD and schematron of the level: whenever check() blocks nothing, they find nothing."""
    from facteur.formats.xml_invoice import write_cii

    one = _CASES[name]
    assert blocking(totals.check(one, received=date.max)) == ()
    invoice, level, faults = building.build(one)
    assert invoice is not None
    assert faults == ()
    report = rulebook.check(write_cii(invoice, level))
    mine = [(one.code, one.message) for one in report.findings if not one.code.startswith("BR-FR")]
    assert (str(report.verdict), mine) == ("valid", [])


_ROUNDED = {
    "total": candidate(lines=None, total_incl_vat=D("143.01"), amount_due=D("143.01")),
    "amount due": candidate(lines=None, rounding=D("-0.02"), amount_due=D("142.98")),
    "deposit": candidate(lines=None, prepaid=D("43.00"), rounding=D("0.02"), amount_due=D("100.02")),
    "lines left out": candidate(
        lines=(LineRow(description="x", net=D("143.00"), gross=True),), rounding=D("0.02"), amount_due=D("143.02")
    ),
    "outside the scope": replace(
        _free("O", "VATEX-EU-O", rounding=D("0.02"), amount_due=D("120.02")).without("lines")
    ),
    "credit note": candidate(
        type="credit_note", preceding_invoice="F-0", preceding_date=date(2024, 1, 1), lines=None, rounding=D("0.02"), amount_due=D("143.02")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _ROUNDED)
def test_a_rounding_without_lines_has_one_line_for_each_rate(name, rulebook):
    """BASIC WL has no BT-114: the VAT table's rows carry the bases, the due stays to the cent."""
    from facteur.formats.xml_invoice import write_cii

    one = _ROUNDED[name]
    assert blocking(totals.check(one, received=date.max)) == ()
    invoice, level, faults = building.build(one)
    assert invoice is not None
    assert level == "EN 16931"
    assert faults[-1].code == "lines.summed"
    assert [line.net for line in invoice.lines] == [row.base for row in one.vat_rows]
    assert invoice.totals.due == one.amount("amount_due")
    report = rulebook.check(write_cii(invoice, level))
    mine = [(one.code, one.message) for one in report.findings if not one.code.startswith("BR-FR")]
    assert (str(report.verdict), mine) == ("valid", [])
