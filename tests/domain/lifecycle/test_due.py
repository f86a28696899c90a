"""What was paid, what remains due, and the payment status that follows: one source (JF-62)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from facteur.domain.documents import Direction, Document, PaymentStatus, Summary
from facteur.domain.lifecycle.allowed import situation
from facteur.domain.lifecycle.due import (
    amount_of,
    due_of,
    payment_status,
    payments_of,
    payments_said,
    remaining,
    sums_said,
)
from facteur.domain.lifecycle.fold import RateAmount
from facteur.domain.lifecycle.records import Side, StatusRecord, Transmission

from tests.domain.lifecycle.records import cash, record
from tests.domain.test_decisions import document


def invoice(
    *said: StatusRecord,
    direction: Direction = Direction.SALE,
    due: str | None = "120",
    type_code: str = "380",
) -> Document:
    """An invoice of 120 € of which this was said."""
    amount = None if due is None else Decimal(due)
    summary = Summary(number="F1", type_code=type_code, amount_due=amount)
    return replace(document(), direction=direction, summary=summary, statuses=said)


def got(amount: str, minutes: int = 0, **more: object) -> StatusRecord:
    return record("212", minutes, data=(cash(amount),), **more)  # type: ignore[arg-type]


def paid(amount: str, minutes: int = 0, **more: object) -> StatusRecord:
    return record("211", minutes, data=(cash(amount, kind="MPA"),), **more)  # type: ignore[arg-type]


def test_a_sale_is_paid_by_what_its_seller_collected() -> None:
    """120 € paid in 50 and 70, then 20 given back: partly paid again (PE-10)."""
    steps = (got("50", 1), got("70", 2), got("-20", 3))
    said = [payment_status(invoice(*steps[:number])).value for number in (1, 2, 3)]
    found = due_of(invoice(*steps))

    assert ["partial", "paid", "partial"] == said
    assert (Decimal(100), Decimal(20)) == (found.settled, found.remains)
    assert [Decimal(50), Decimal(70), Decimal(-20)] == [
        amount_of(one) for one in payments_of(invoice(*steps))
    ]


def test_a_buyer_who_says_that_money_left_has_not_brought_it() -> None:
    """211 on a sale is news, not cash."""
    sale = invoice(paid("120"))

    assert PaymentStatus.UNPAID is payment_status(sale)
    assert ((), Decimal(120)) == (payments_of(sale), due_of(sale).remains)


def test_a_purchase_is_paid_by_either_side_s_word_and_counted_once() -> None:
    """We sent 120, the seller says that it got 120: 120, not 240."""
    held = (paid("120", 1, own=True), got("120", 2))
    purchase = invoice(*held, direction=Direction.PURCHASE)

    assert (PaymentStatus.PAID, Decimal(0)) == (
        payment_status(purchase),
        due_of(purchase).remains,
    )
    by_seller = invoice(got("120"), direction=Direction.PURCHASE)
    assert PaymentStatus.PAID is payment_status(by_seller)


@pytest.mark.parametrize(
    "said", [paid("120", side=Side.SELLER), got("-120")], ids=["211", "212 below zero"]
)
def test_a_credit_note_is_paid_back_by_its_seller(said: StatusRecord) -> None:
    """Whichever of the two it says, the amount due is settled."""
    note = invoice(said, type_code="381")

    assert (PaymentStatus.PAID, Decimal(0)) == (payment_status(note), due_of(note).remains)


def test_who_is_to_be_paid_does_not_pay_by_saying_so() -> None:
    """A supplier's 211 on his own invoice, a buyer's on an « avoir »: neither pays anything."""
    purchase = invoice(paid("120", side=Side.SELLER), direction=Direction.PURCHASE)
    note = invoice(paid("120"), type_code="381")

    assert [False, False] == [due_of(purchase).said, due_of(note).said]


def test_what_a_platform_refused_pays_nothing() -> None:
    """The record stays in the list and counts for nothing."""
    refused = got("120", own=True, transmission=Transmission.REFUSED)
    sale = replace(invoice(refused), payment=PaymentStatus.PLANNED)

    assert (PaymentStatus.PLANNED, False) == (payment_status(sale), due_of(sale).said)


def test_without_amounts_the_status_given_by_hand_stands() -> None:
    """An empty 211 says that something was paid, not how much."""
    by_hand = replace(invoice(record("211")), payment=PaymentStatus.PAID)

    assert PaymentStatus.PAID is payment_status(by_hand)
    assert PaymentStatus.UNPAID is payment_status(invoice(got("50", 1), got("-50", 2)))
    assert PaymentStatus.PARTIAL is payment_status(invoice(got("50"), due=None))


def shares(*pairs: tuple[str, str]) -> tuple[RateAmount, ...]:
    return tuple(RateAmount(Decimal(rate), Decimal(amount)) for rate, amount in pairs)


WEIGHTS = shares(("20", "120"), ("10", "110"))


@pytest.mark.parametrize(
    ("due", "gone", "left"),
    [
        ("230", (), shares(("20", "120"), ("10", "110"))),
        ("230", shares(("20", "120")), shares(("10", "110"))),
        ("230", shares(("20", "60"), ("10", "10")), shares(("20", "60"), ("10", "100"))),
        ("230", shares(("20", "120"), ("10", "110")), ()),
        ("230", (RateAmount(None, Decimal(115)),), shares(("20", "60"), ("10", "55"))),
        ("230", shares(("20", "175")), shares(("20", "28.70"), ("10", "26.30"))),
        ("230", shares(("20", "300")), ()),
    ],
)
def test_what_remains_of_each_rate_adds_up_to_what_remains(
    due: str, gone: tuple[RateAmount, ...], left: tuple[RateAmount, ...]
) -> None:
    """Set against the rates where that can be, else shared anew; nothing once all is paid."""
    found = remaining(Decimal(due), WEIGHTS, gone)

    assert left == found
    rest = Decimal(due) - sum((one.amount for one in gone), Decimal(0))
    assert max(rest, Decimal(0)) == sum((one.amount for one in found), Decimal(0))


@pytest.mark.parametrize("direction", list(Direction))
def test_both_sides_list_the_same_payments_and_add_none_twice(direction: Direction) -> None:
    """Announced 50 and 70, collected 50: the same list and sums at both; 70 is on its way."""
    said = (paid("50", 1), got("50", 2), paid("70", 3))
    one = invoice(*said, direction=direction)

    assert ["211", "212", "211"] == [held.code for held in payments_said(one)]
    assert (Decimal(120), Decimal(50)) == sums_said(one)
    remains = {Direction.SALE: Decimal(70), Direction.PURCHASE: Decimal(0)}
    assert remains[direction] == due_of(one).remains


def test_what_the_seller_collected_settles_a_purchase_that_announced_nothing() -> None:
    """A 212 alone: paid; and a 211 that comes after it, of the same money, adds nothing."""
    for said in ((got("120"),), (got("120", 1), paid("120", 2)), (paid("120", 1), got("120", 2))):
        purchase = invoice(*said, direction=Direction.PURCHASE)
        assert (PaymentStatus.PAID, Decimal(0)) == (
            payment_status(purchase),
            due_of(purchase).remains,
        )


def test_a_third_party_pays_nothing_and_an_announced_refund_is_in_no_sum() -> None:
    """212 by who is no party is not listed; 211 by a seller is listed, and pays nothing."""
    third = invoice(got("120", side=Side.THIRD))
    assert ((), Decimal(120)) == (payments_said(third), due_of(third).remains)
    refund = invoice(paid("20", side=Side.SELLER), direction=Direction.PURCHASE)
    assert 1 == len(payments_said(refund))
    assert (Decimal(0), Decimal(0)) == sums_said(refund)
    assert Decimal(120) == due_of(refund).remains


def test_the_payments_of_a_credit_note_are_positive_whichever_way_they_are_said() -> None:
    """211 by the seller, 212 below zero: 120 each."""
    said = (paid("120", 1, side=Side.SELLER), got("-120", 2))
    assert (Decimal(120), Decimal(120)) == sums_said(invoice(*said, type_code="381"))


@pytest.mark.parametrize(
    ("due", "said", "remains", "status"),
    [
        ("0", ["120"], "0", PaymentStatus.PAID),  # « déjà payée » (S2), told as it was collected
        ("0", ["120.01"], "-0.01", PaymentStatus.PAID),
        ("80", ["80"], "0", PaymentStatus.PAID),  # a deposit of 40 that is not told again
        ("80", ["40", "80"], "0", PaymentStatus.PAID),  # that is
        ("80", ["30"], "50", PaymentStatus.PARTIAL),
        ("80", ["130"], "-10", PaymentStatus.PAID),
    ],
)
def test_what_was_paid_before_may_be_told_and_is_not_too_much(
    due: str, said: list[str], remains: str, status: PaymentStatus
) -> None:
    """BT-113 took it off what is due; « Trop payé » begins above the whole (BT-112)."""
    made = invoice(*(got(one, minute) for minute, one in enumerate(said)), due=due)
    made = replace(made, summary=replace(made.summary, total_incl_vat=Decimal(120)))
    assert (Decimal(remains), status) == (due_of(made).remains, payment_status(made))


def test_the_most_that_payments_tell_is_the_larger_of_what_is_due_and_the_whole() -> None:
    """BT-115 rounded up above BT-112; either alone; none; a credit note below zero."""
    for due, whole, most in (
        ("80", "120", "120"), ("0", "120", "120"), ("121", "120.90", "121"), (None, "120", "120"),
        ("80", None, "80"), (None, None, None), ("-80", "-120", "120"),
    ):  # fmt: skip
        summary = Summary(
            amount_due=None if due is None else Decimal(due),
            total_incl_vat=None if whole is None else Decimal(whole),
        )
        assert (None if most is None else Decimal(most)) == summary.most_paid
        made = replace(invoice(), summary=summary)
        assert summary.most_paid == situation(made).due == due_of(made).most
