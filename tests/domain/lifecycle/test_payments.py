"""Payments shared among the VAT rates of an invoice."""

from datetime import date
from decimal import Decimal

from facteur.domain.invoice import VatBreakdown
from facteur.domain.lifecycle import payments
from facteur.domain.lifecycle.fold import RateAmount
from hypothesis import assume, given
from hypothesis import strategies as st

D = Decimal
_CENTS = st.decimals(min_value=-100_000, max_value=100_000, places=2)
_WEIGHTS = st.lists(
    st.decimals(min_value=1, max_value=100_000, places=2), min_size=1, max_size=5
).map(lambda some: tuple(RateAmount(D(at), one) for at, one in enumerate(some)))


def row(rate: str | None, base: str, tax: str, category: str = "S") -> VatBreakdown:
    return VatBreakdown(
        base=D(base), tax=D(tax), category=category, rate=None if rate is None else D(rate)
    )


TWO_RATES = payments.weights((row("20", "80", "16"), row("5.5", "22.75", "1.25")))


def test_rows_without_a_rate_weigh_as_rate_zero() -> None:
    """Exempt and reverse-charge rows are one block of rate 0."""
    found = payments.weights(
        (row("20.00", "100", "20"), row(None, "30", "0", "E"), row("0", "10", "0", "Z"))
    )

    assert (RateAmount(D(20), D(120)), RateAmount(D(0), D(40))) == found
    assert ["20", "0"] == [str(one.rate) for one in found]


def test_120_paid_in_50_and_70_then_20_refunded_are_three_sets_of_blocks() -> None:
    """Each payment has its own blocks, the refund negative ones, and 100 stay in all (PE-10)."""
    sets = [payments.split(D(one), TWO_RATES) for one in ("50", "70", "-20")]

    assert [D(50), D(70), D(-20)] == [sum(one.amount for one in some) for some in sets]
    assert (RateAmount(D(20), D("40.00")), RateAmount(D("5.5"), D("10.00"))) == sets[0]
    assert all(one.amount < 0 for one in sets[2])
    collected = sum((one.amount for some in sets for one in some), D(0))
    assert D(100) == collected


def test_the_cents_left_over_go_to_the_heaviest_rate() -> None:
    """0.05 over three equal thirds and a bit: nothing is lost, nothing is made."""
    three = (RateAmount(D(20), D(10)), RateAmount(D(10), D("10.01")), RateAmount(D(0), D(10)))

    assert [D("0.02"), D("0.01"), D("0.02")] == [
        one.amount for one in payments.split(D("0.05"), three)
    ]


def test_blocks_of_zero_are_dropped() -> None:
    """A cent paid is one block, not three."""
    assert (RateAmount(D(20), D("0.01")),) == payments.split(D("0.01"), TWO_RATES)


def test_an_invoice_without_rates_shares_nothing() -> None:
    """The caller then has nothing to send, and must ask."""
    assert () == payments.split(D(10), ())


def test_weights_that_cancel_out_leave_all_to_the_heaviest() -> None:
    """A deposit deducted under another rate: no proportion makes sense."""
    odd = (RateAmount(D(20), D(-50)), RateAmount(D(10), D(50)))

    assert (RateAmount(D(20), D(7)),) == payments.split(D(7), odd)


@given(_CENTS, _WEIGHTS)
def test_blocks_always_add_up_to_the_cash(amount: Decimal, by: tuple[RateAmount, ...]) -> None:
    """To the cent, whatever the weights; every block is in cents."""
    assume(amount)
    shares = payments.split(amount, by)

    assert amount == sum(one.amount for one in shares)
    assert all(one.amount == one.amount.quantize(D("0.01")) for one in shares)


def test_blocks_say_what_they_are_the_day_and_the_rate() -> None:
    """MEN for what was collected, MPA for what was paid, each with MDT-219 and MDT-224."""
    (one, _other) = payments.blocks(
        "212", payments.split(D(50), TWO_RATES), on=date(2026, 11, 19), currency="EUR"
    )

    assert ("MEN", D("40.00"), D(20), date(2026, 11, 19), "EUR") == (
        one.type,
        one.amount,
        one.rate,
        one.on,
        one.currency,
    )
    assert "MPA" == payments.blocks("211", TWO_RATES, on=None, currency="EUR")[0].type
