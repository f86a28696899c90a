"""Checks on a candidate: what is missing, what does not add up, what nobody is sure of."""
# ruff: noqa: E501

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from facteur.domain import totals
from facteur.domain.candidate import AdjustmentRow, Candidate, LineRow, Origin, VatRow
from facteur.domain.companies import OwnIdentity
from facteur.domain.faults import Fault, blocking
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.candidates import GOOD, candidate

D = Decimal
RECEIVED = date(2024, 3, 4)


def check(read: Candidate) -> tuple[Fault, ...]:
    """All that is wrong with what was received that day."""
    return totals.check(read, received=RECEIVED)


def _codes(faults: tuple[Fault, ...]) -> set[tuple[str, str]]:
    return {(fault.code, fault.path) for fault in faults}


def test_a_candidate_that_holds_has_no_fault():
    """Lines, rates, totals, identifiers and dates all agree."""
    assert check(candidate()) == ()


@pytest.mark.parametrize("name", totals.REQUIRED)
def test_each_required_field_that_lacks_is_a_blocking_fault(name):
    """One fault names it; the others are still checked."""
    faults = check(candidate(**{name: None}))
    assert ("field.missing", name) in _codes(blocking(faults))


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"seller_country": None}, "seller_country"),
        ({"buyer_country": None}, "buyer_country"),
        ({"vat_breakdown": None}, "vat_breakdown"),
        ({"seller_siren": None, "seller_siret": None, "seller_vat": None}, "seller_siren"),
    ],
)
def test_what_the_standard_wants_is_named_when_it_lacks(changed, path):
    """BR-09, BR-11, BR-CO-18, BR-CO-26."""
    assert ("field.missing", path) in _codes(blocking(check(candidate(**changed))))


def test_payment_terms_stand_for_a_due_date():
    """BR-CO-25 wants one of the two, and the fault says so."""
    lacks = check(candidate(due_date=None))
    assert ("field.missing_term", "due_date") in _codes(blocking(lacks))
    assert check(candidate(due_date=None, payment_terms="à réception")) == ()


def test_faults_come_all_at_once():
    """A spoilt candidate says everything that is wrong with it."""
    faults = check(
        candidate(number=None, total_incl_vat=D("150.00"), due_date=date(2024, 2, 1), iban="FR76")
    )
    found = {fault.code for fault in faults}
    assert {
        "field.missing",
        "total.sum",
        "total.due",
        "date.due_before_issue",
        "iban.invalid",
    } <= found


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"total_incl_vat": D("150.00"), "amount_due": D("150.00")}, "total.sum", "total_incl_vat"),
        ({"amount_due": D("100.00")}, "total.due", "amount_due"),
        ({"prepaid": D("50.00")}, "total.due", "amount_due"),
        ({"lines": (replace(GOOD["lines"][0], net=D("90.00")), GOOD["lines"][1])}, "total.lines_sum", "lines"),
        ({"vat_breakdown": (GOOD["vat_breakdown"][0],)}, "total.bases_sum", "vat_breakdown"),
        ({"vat_breakdown": (GOOD["vat_breakdown"][0],)}, "total.taxes_sum", "vat_breakdown"),
        (
            {"vat_breakdown": (replace(GOOD["vat_breakdown"][0], rate=D("5.5")), GOOD["vat_breakdown"][1])},
            "total.vat_row",
            "vat_breakdown.0.tax",
        ),
        ({"period_start": date(2024, 2, 2), "period_end": date(2024, 1, 1)}, "date.period_reversed", "period_end"),
        ({"issue_date": date(1998, 1, 1)}, "date.implausible", "issue_date"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_blocks(changed, code, path):
    """The fault names the field and gives both amounts."""
    fault = next(
        one for one in check(candidate(**changed)) if (one.code, one.path) == (code, path)
    )
    assert fault.blocking
    assert fault.values


def test_a_cent_of_rounding_is_a_warning_with_its_amount():
    """NO-07: the issuer's totals are kept, the gap is shown."""
    faults = check(candidate(total_incl_vat=D("143.01"), amount_due=D("143.01")))
    (fault,) = [one for one in faults if one.code == "total.rounding"]
    assert (fault.path, fault.values["delta"], fault.blocking) == ("total_incl_vat", "0.01", False)
    assert blocking(faults) == ()


@given(st.integers(min_value=-300, max_value=300))
def test_no_gap_between_lines_and_total_goes_unsaid(cents):
    """Any gap is said: nothing, a rounding, or a fault that blocks."""
    gap = D(cents) / 100
    first = GOOD["lines"][0]
    faults = check(candidate(lines=(replace(first, net=first.net + gap), GOOD["lines"][1])))
    said = {one.code for one in faults if one.path == "lines"}
    allowed = totals.rounding_allowed(2)
    assert said == (
        set() if gap == 0 else {"total.rounding"} if abs(gap) <= allowed else {"total.lines_sum"}
    )


def test_lines_with_their_adjustments_make_the_total():
    """Lines less the allowance plus the charge are HT."""
    rows = (
        AdjustmentRow(amount=D("20.00"), reason="Remise"),
        AdjustmentRow(amount=D("20.00"), charge=True, reason="Port"),
    )
    assert check(candidate(adjustments=rows)) == ()


def test_lines_with_tax_are_compared_to_the_total_with_tax():
    """A consumer's invoice prints its lines TTC."""
    lines = (LineRow(description="Lampe", net=D("143.00"), gross=True),)
    assert check(candidate(lines=lines)) == ()


def test_lines_with_tax_that_do_not_add_up_are_told_against_the_total_with_tax():
    """Another code than for lines without tax: the sentence names the total it compares."""
    lines = (LineRow(description="Lampe", net=D("147.24"), gross=True),)
    (fault,) = check(candidate(lines=lines))
    assert ("total.lines_sum_incl", "lines", True) == (fault.code, fault.path, fault.blocking)
    assert {"found": "147.24", "expected": "143.00", "delta": "-4.24"} == fault.values


def test_a_line_that_is_not_quantity_times_price_is_a_warning():
    """A discount explains it, or a person looks."""
    odd = replace(GOOD["lines"][0], quantity=D("3"))
    faults = check(candidate(lines=(odd, GOOD["lines"][1])))
    assert _codes(faults) == {("line.amount", "lines.0.net")}
    told = replace(odd, discount=D("55.00"))
    assert check(candidate(lines=(told, GOOD["lines"][1]))) == ()


def test_a_rate_of_zero_wants_its_reason():
    """Category and words, or the invoice waits (EN 16931 BR-E-10 and cousins)."""

    def free(**more):
        row = VatRow(rate=D(0), base=D("120.00"), tax=D(0), **more)
        return candidate(
            vat_breakdown=(row,),
            total_vat=D(0),
            total_incl_vat=D("120.00"),
            amount_due=D("120.00"),
            lines=None,
        )

    assert ("vat.reason_missing", "vat_breakdown.0.category") in _codes(check(free()))
    assert ("vat.reason_missing", "vat_breakdown.0.exemption_text") in _codes(
        check(free(category="E"))
    )
    assert check(free(category="E", exemption_text="art. 293 B")) == ()


def test_reverse_charge_and_union_supplies_want_both_parties():
    """AE wants the buyer identified; K both VAT numbers and a day of delivery."""

    def free(category, **more):
        row = VatRow(
            rate=D(0), base=D("120.00"), tax=D(0), category=category, exemption_code="VATEX"
        )
        return candidate(
            vat_breakdown=(row,),
            total_vat=D(0),
            total_incl_vat=D("120.00"),
            amount_due=D("120.00"),
            lines=None,
            **more,
        )

    assert ("field.missing", "buyer_vat") in _codes(check(free("AE", buyer_siren=None)))
    assert check(free("AE")) == ()
    assert {("field.missing", "buyer_vat"), ("field.missing", "delivery_date")} <= _codes(
        check(free("K"))
    )


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("seller_siren", "732829321", "siren.invalid"),
        ("seller_siret", "73282932000075", "siret.invalid"),
        ("seller_siret", "55210055400013", "siret.other_company"),
        ("seller_vat", "FR45732829320", "vat.invalid"),
        ("buyer_vat", "FR44732829320", "vat.other_company"),
        ("iban", "FR7630006000011234567890188", "iban.invalid"),
        ("bic", "XX", "bic.invalid"),
    ],
)
def test_an_odd_identifier_is_a_warning_on_its_field(name, value, code):
    """The page may carry it so: warn rather than block."""
    fault = next(one for one in check(candidate(**{name: value})) if one.code == code)
    assert fault.path == name
    assert not fault.blocking


def test_unsure_readings_are_shown_as_such():
    """Every field under 0.9 gets a warning with its confidence."""
    faults = check(candidate(confidence=0.5))
    assert {one.path for one in faults if one.code == "field.unsure"} == set(GOOD)
    assert blocking(faults) == ()


def test_an_issuer_s_xml_is_left_to_the_official_rules():
    """We do not rewrite them (architecture §10)."""
    assert check(candidate(origin=Origin.XML, total_incl_vat=D("1.00"))) == ()


OWN = OwnIdentity(siren="552100554", vat="FR77552100554", name="Studio Kerlann SARL")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, False),
        ({"buyer_siren": None}, False),
        ({"buyer_siren": None, "buyer_name": "STUDIO KERLANN"}, False),
        ({"buyer_siren": "732829320"}, True),
        ({"buyer_siren": None, "buyer_name": "Batisud SAS"}, True),
        ({"buyer_siren": None, "buyer_vat": "FR44732829320"}, True),
        ({"buyer_siren": "123456789", "buyer_name": "Studio Kerlann"}, False),
    ],
)
def test_a_buyer_who_is_provably_another_is_told(changed, told):
    """Decision 26: by identifiers first, by a name that has nothing in common else."""
    faults = totals.recipient(candidate(**changed), OWN)
    assert [fault.code for fault in faults] == (["buyer.other"] if told else [])
    assert all(fault.blocking for fault in faults)


def test_a_person_s_word_settles_who_the_buyer_is():
    """Once the name was confirmed or typed, nothing is said any more."""
    other = candidate(buyer_siren=None, buyer_name="Batisud SAS")
    reading = other.fields["buyer_name"]
    mine = replace(reading, provenance=replace(reading.provenance, origin=Origin.USER, by="u1"))
    assert totals.recipient(other.with_("buyer_name", mine), OWN) == ()


def test_on_a_sale_it_is_the_seller_who_is_compared():
    """The dossier is the seller of what it sends."""
    assert [one.code for one in totals.recipient(candidate(), OWN, side="seller")] == [
        "seller.other"
    ]
    assert totals.recipient(candidate(), None) == ()


@pytest.mark.parametrize("origin", [Origin.TEXT, Origin.OCR, Origin.XML])
@pytest.mark.parametrize(
    ("issued", "code"),
    [
        (date(2024, 4, 4), None),  # a month ahead: dated of the first of the next month
        (date(2024, 4, 5), "date.ahead"),
        (date(2025, 3, 5), "date.ahead"),
        (date(2025, 3, 6), "date.implausible"),
        (date(9999, 12, 31), "date.implausible"),
    ],
)
def test_an_invoice_of_a_day_to_come_waits_for_a_person(issued, code, origin):
    """Whoever gave the date, an issuer's data too: nobody issues an invoice months ahead."""
    faults = check(candidate(issue_date=issued, due_date=issued, origin=origin))
    found = [one.code for one in blocking(faults) if one.path == "issue_date"]
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("issued", "stays"), [(date(2024, 9, 1), False), (date(2026, 9, 1), True)]
)
def test_a_person_settles_a_date_of_the_months_to_come_and_no_later_one(issued, stays):
    """The page does bear it; but a year typed wrong is still one."""
    faults = check(candidate(issue_date=issued, due_date=issued, origin=Origin.USER))
    assert bool(blocking(faults)) is stays
