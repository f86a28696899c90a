"""Refunds in a file that takes no negative payment; the regimes where payments are not told."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from facteur.domain.ereporting import refunds
from facteur.domain.ereporting.blocks import Category, DayRate, PaidRate
from facteur.domain.ereporting.building import TillDay, Wanted, build
from facteur.domain.ereporting.calendar import Matter, Regime, RegimeChange, period_of, periods
from facteur.domain.invoice import VatBreakdown

from tests.domain import test_ereporting as cases
from tests.domain.test_ereporting import GERMAN, TAXED, WHO, _came, sold, wanted
from tests.effort import effort

D = Decimal
PAYMENTS = Matter.PAYMENTS
FRANCHISE = (
    VatBreakdown(
        base=D("100.00"), tax=D("0.00"), category="E", rate=D("0"),
        exemption_text="TVA non applicable, art. 293 B du CGI",
        exemption_code="VATEX-FR-FRANCHISE",
    ),
)  # fmt: skip


def days(**amounts: str) -> dict[date, Decimal]:
    """Amounts by day of September: ``d5="50"``."""
    return {date(2027, 9, int(name[1:])): D(amount) for name, amount in amounts.items()}


@pytest.mark.parametrize(
    ("given", "spread"),
    [
        (days(d5="50", d9="-20"), days(d5="30", d9="0")),
        (days(d3="50", d5="10", d9="-20"), days(d3="40", d5="0", d9="0")),
        (days(d5="-20", d9="50"), days(d5="0", d9="30")),
        (days(d3="10", d5="-20", d9="50"), days(d3="0", d5="0", d9="40")),
        (days(d3="10", d5="-20"), days(d3="0", d5="-10")),
        (days(d3="-5", d5="-6", d9="11"), days(d3="0", d5="0", d9="0")),
    ],
)
def test_what_went_back_is_taken_from_what_came_before_first(
    given: dict[date, Decimal], spread: dict[date, Decimal]
) -> None:
    """Latest first, then what comes after; the sum stays, and no day that could is negative."""
    found = refunds.spread(given)
    assert spread == found
    assert sum(given.values()) == sum(found.values())


def test_a_rate_pays_for_itself_only() -> None:
    """A refund at 20 % is not taken from what came in at 10 %."""
    day = date(2027, 9, 5)
    lots = [
        (day, [PaidRate(rate=D("10"), amount=D("50"))]),
        (day, [PaidRate(rate=D("20"), amount=D("-5"))]),
    ]
    assert frozenset({1}) == refunds.beyond(lots)
    covered = [*lots, (day, [PaidRate(rate=D("20"), amount=D("5"))])]
    assert frozenset() == refunds.beyond(covered)
    assert {day: (PaidRate(rate=D("10"), amount=D("50")),)} == refunds.told(covered)


def test_the_latest_refunds_are_those_that_wait() -> None:
    """What fits in the period is told; the till counts among what came in."""
    lots = [
        (date(2027, 9, day), [PaidRate(rate=D("20"), amount=D(amount))])
        for day, amount in ((3, "30"), (4, "-20"), (8, "-20"))
    ]
    assert frozenset({2}) == refunds.beyond(lots)
    assert frozenset() == refunds.beyond(lots, [(date(2027, 9, 9), lots[0][1])])


def _one_by_one(lots: list[refunds.Lot]) -> frozenset[int]:
    """The same, said plainly: look at everything again after each refund that is taken away."""
    out: set[int] = set()
    while True:
        kept = [one for place, one in enumerate(lots) if place not in out]
        short = {
            rate for rate, by_day in refunds.by_rate(kept).items() if sum(by_day.values()) < 0
        }
        found = [
            place
            for place, (_day, rates) in enumerate(lots)
            if place not in out and any(one.rate in short and one.amount < 0 for one in rates)
        ]
        if not found:
            return frozenset(out)
        out.add(max(found, key=lambda place: (lots[place][0], place)))


def _lots(seed: int, count: int) -> list[refunds.Lot]:
    """Collections and refunds at one or two rates, some of both signs at once."""
    chance = random.Random(seed)  # noqa: S311 - the same lots each time
    rates = (D("20"), D("10"), D("5.5"))
    return [
        (
            date(2027, 9, chance.randint(1, 30)),
            [
                PaidRate(rate=rate, amount=D(chance.randint(-60, 40)))
                for rate in chance.sample(rates, chance.randint(1, 2))
            ],
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(60))
def test_what_waits_is_what_looking_again_each_time_finds(seed: int) -> None:
    """Also where taking one refund away leaves another rate short."""
    lots = _lots(seed, 24)
    assert _one_by_one(lots) == refunds.beyond(lots)


def test_a_period_of_refunds_takes_no_more_than_its_length() -> None:
    """Eight times as many: far less than the sixty-four times of looking at all for each."""
    few, many = _lots(1, 2_000), _lots(1, 16_000)
    assert effort(lambda: refunds.beyond(many)) < 24 * effort(lambda: refunds.beyond(few))


def test_a_consumers_refund_is_netted_and_a_larger_one_is_asked_about() -> None:
    """10.4: less on the day of the money; the invoice stays under a day that is told."""
    service, other = sold("a", process="S1"), sold("b", number="F2", process="S1")
    built = build(
        wanted(PAYMENTS), WHO,
        collections=[_came(service, 5, "50.00"), _came(other, 9, "-20.00")],
    )  # fmt: skip
    (told,) = built.report.day_payments
    assert (told.day, told.rates[0].amount) == (date(2027, 9, 5), D("30.00"))
    assert ("a", "b") == told.documents

    beyond = build(
        wanted(PAYMENTS), WHO,
        collections=[_came(service, 5, "50.00"), _came(other, 9, "-70.00")],
    )  # fmt: skip
    (fault,) = beyond.left_out["b"]
    assert ("ereporting.refund_beyond", "refund", "2027-09-09") == (
        fault.code, fault.path, fault.values["day"],
    )  # fmt: skip
    assert D("50.00") == beyond.report.day_payments[0].rates[0].amount


def test_a_foreign_companys_refund_is_taken_from_its_own_invoice() -> None:
    """10.2: never from what another invoice brought."""
    one = sold("a", process="S1", buyer=GERMAN)
    two = sold("b", number="F2", process="S1", buyer=GERMAN)
    came = [_came(one, 5, "50.00"), _came(one, 9, "-20.00"), _came(two, 6, "40.00")]
    built = build(wanted(PAYMENTS), WHO, collections=came)
    assert [("F1", D("30.00")), ("F2", D("40.00"))] == [
        (held.number, held.rates[0].amount) for held in built.report.invoice_payments
    ]
    alone = build(wanted(PAYMENTS), WHO, collections=[_came(one, 9, "-20.00"), came[2]])
    assert {"a"} == set(alone.left_out)
    assert ["F2"] == [held.number for held in alone.report.invoice_payments]


def test_a_till_that_gave_more_back_than_it_took_is_told_as_it_is() -> None:
    """Nobody can be asked about a Z: the State's rule will hold the file back, and say so."""
    rate = DayRate(rate=D("20"), base=D("-100.00"), tax_eur=D("-20.00"))
    z = TillDay(day=date(2027, 9, 3), category=Category.SERVICES, rates=(rate,))
    (told,) = build(wanted(PAYMENTS), WHO, till=[z]).report.day_payments
    assert D("-120.00") == told.rates[0].amount


# ── Regimes ─────────────────────────────────────────────────────────────────────────────────────


def test_the_franchise_tells_its_sales_at_zero_and_no_payment() -> None:
    """No VAT is due, when the money comes in neither (CGI 290 A, 293 B)."""
    sale = sold("a", process="S1", vat_breakdown=FRANCHISE)
    (day,) = build(wanted(), WHO, operations=[sale]).report.days
    assert (Category.UNTAXED, D("100.00"), D("0")) == (day.category, day.base, day.tax_eur)
    assert build(wanted(PAYMENTS), WHO, collections=[_came(sale, 5, "100.00")]).report.empty


def test_what_was_billed_before_the_franchise_is_told_at_its_pace() -> None:
    """A service billed with VAT in June, paid in July: in the two months of the new regime."""
    changes = [
        RegimeChange(since=date(2027, 1, 1), regime=Regime.MONTHLY),
        RegimeChange(since=date(2027, 7, 1), regime=Regime.EXEMPT),
    ]
    period = period_of(changes, PAYMENTS, date(2027, 7, 9))
    assert period is not None
    assert (date(2027, 7, 1), date(2027, 8, 31), date(2027, 9, 30)) == (
        period.start, period.end, period.due,
    )  # fmt: skip
    sale = sold("a", process="S1", issue_date=date(2027, 6, 15))
    paid = replace(_came(sale, 9, "120.00"), day=date(2027, 7, 9))
    asked = Wanted(
        period=period, role=cases.Role.SELLER, type=cases.ReportType.INITIAL, sequence=1,
        issued_at=cases.NOW,
    )  # fmt: skip
    assert 1 == len(build(asked, WHO, collections=[paid]).report.day_payments)


def test_a_regime_that_changes_in_the_middle_of_the_year_leaves_no_hole() -> None:
    """Monthly until June, quarterly from July, simplified from October: every day has a period."""
    changes = [
        RegimeChange(since=date(2027, 1, 1), regime=Regime.MONTHLY),
        RegimeChange(since=date(2027, 7, 1), regime=Regime.QUARTERLY),
        RegimeChange(since=date(2027, 10, 1), regime=Regime.SIMPLIFIED),
    ]
    found = periods(changes, Matter.TRANSACTIONS, since=date(2027, 6, 1), until=date(2027, 10, 31))
    assert [(one.start.isoformat(), one.due.isoformat()) for one in found] == [
        ("2027-06-01", "2027-06-20"),
        ("2027-06-11", "2027-06-30"),
        ("2027-06-21", "2027-07-10"),
        ("2027-07-01", "2027-08-10"),
        ("2027-08-01", "2027-09-10"),
        ("2027-09-01", "2027-10-10"),
        ("2027-10-01", "2027-11-30"),
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"process": "S1"}, 1),
        ({"process": "S1", "tax_point_code": "5"}, 0),
        ({"process": "S1", "tax_point_code": "3"}, 0),
        ({"process": "B1"}, 0),
        ({"process": "B1", "type_code": "386"}, 1),
    ],
)
def test_goods_and_services_on_debits_are_not_told_when_they_are_paid(
    values: dict[str, object], told: int
) -> None:
    """VAT does not wait for the money there; for services and prepayments it does."""
    sale = sold("a", vat_breakdown=TAXED, **values)
    built = build(wanted(PAYMENTS), WHO, collections=[_came(sale, 5, "120.00")])
    assert told == built.report.lines
