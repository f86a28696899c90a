"""The facts of an invoice, folded from what was said of it in any order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from facteur.domain.lifecycle.codes import STATUSES
from facteur.domain.lifecycle.fold import Facts, RateAmount, fold, standing
from facteur.domain.lifecycle.records import Side, StatusRecord, Transmission
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.lifecycle.records import NOON, cash, record

_AMOUNTS = st.sampled_from(["50.00", "70", "-20.0", "120.00"])
_RATES = st.sampled_from(["20", "5.5", "20.00", None])


@st.composite
def said(draw: st.DrawFn) -> StatusRecord:
    """Any status, known or not, with amounts where it has some."""
    code = draw(st.sampled_from([*STATUSES, "999"]))
    kind = {"211": "MPA", "212": "MEN"}.get(code)
    data = (cash(draw(_AMOUNTS), draw(_RATES), kind),) if kind else ()
    return record(
        code,
        draw(st.integers(0, 5)),
        own=draw(st.booleans()),
        name=str(draw(st.integers(0, 9))) if draw(st.booleans()) else "",
        side=draw(st.sampled_from([None, Side.BUYER, Side.SELLER])),
        data=data,
        transmission=draw(st.sampled_from([Transmission.NONE, Transmission.REFUSED])),
    )


_SOME = st.lists(said(), max_size=8, unique_by=lambda one: one.id)


@given(_SOME, st.data())
def test_any_order_and_any_repetition_give_the_same_facts(
    records: list[StatusRecord], data: st.DataObject
) -> None:
    """Messages come out of order and twice, as themselves or under another flow."""
    shuffled = data.draw(st.permutations(records))
    twice = data.draw(st.lists(st.sampled_from(records), max_size=4)) if records else []
    other = [replace(one, id=f"flow:again:{one.id}") for one in twice]
    expected = fold(records)

    assert expected == fold(shuffled)
    assert expected == fold([*twice, *shuffled, *twice])
    assert expected == fold([*other, *shuffled])


@given(_SOME)
def test_what_is_shown_is_something_that_was_said(records: list[StatusRecord]) -> None:
    """A badge never invents a status, and is there as soon as anything counts."""
    facts = fold(records)
    codes = {one.code for one in standing(records)}

    assert facts.shown in codes if codes else facts == Facts()


def test_the_road_only_goes_forward() -> None:
    """203 stays the furthest when 202 is dated after it; a routing error is then over."""
    facts = fold([record("203", 2), record("202", 9), record("200"), record("221", 1)])

    assert ("203", "203", False) == (facts.road, facts.shown, facts.misrouted)


def test_a_routing_error_shows_until_a_platform_has_it() -> None:
    """221 concerns the seller's platform only: it is shown while nobody received the invoice."""
    facts = fold([record("200"), record("201", 1), record("221", 2)])

    assert (True, "221") == (facts.misrouted, facts.shown)


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        (("202", "203"), "203"),
        (("202", "204"), "204"),
        (("204", "205"), "205"),
        (("205", "206"), "206"),
        (("205", "207"), "207"),
        (("207", "205"), "205"),
        (("207", "208"), "208"),
        (("208", "209"), "209"),
        (("208", "209", "208"), "208"),
        (("208", "205"), "205"),
        (("204", "214"), "214"),
        (("200", "225"), "225"),
        (("200", "225", "228"), "228"),
        (("200", "501"), "501"),
        (("501", "200"), "200"),
        (("205", "999"), "999"),
        (("999", "205"), "205"),
    ],
)
def test_a_badge_shows_what_matters_most_now(codes: tuple[str, ...], shown: str) -> None:
    """Contested and suspended come first, then payments, approvals, the rest, then the road."""
    assert shown == fold([record(code, at) for at, code in enumerate(codes)]).shown


@pytest.mark.parametrize("code", ["210", "213", "220"])
def test_nothing_said_later_reopens_what_is_closed(code: str) -> None:
    """An approval dated after a refusal changes no badge; it is kept all the same."""
    facts = fold([record(code, 1), record("205", 2), record("999", 3)])

    assert (code, code) == (facts.closed, facts.shown)
    assert NOON + timedelta(minutes=1) == facts.since
    assert ("205", ("999",)) == (facts.approval, facts.unknown)


def test_the_first_closure_is_the_one() -> None:
    """A 220 that follows a refusal does not hide it."""
    assert "210" == fold([record("220", 5), record("210", 1)]).closed


def test_payments_add_up_by_rate_and_signs_count() -> None:
    """120 collected in two payments, 20 refunded: 100 stay, whatever way a rate is written."""
    facts = fold(
        [
            record("212", 1, data=(cash("50.00", "20"),)),
            record("212", 2, data=(cash("60", "20.00"), cash("10", "5.5"))),
            record("212", 3, data=(cash("-20", "20.0"),)),
            record("211", 0, data=(cash("120", None, "MPA"), cash("3", None, "ESC"))),
        ]
    )

    assert (RateAmount(Decimal(20), Decimal(90)), RateAmount(Decimal("5.5"), Decimal(10))) == (
        facts.collected
    )
    assert (Decimal(100), Decimal(120)) == (facts.collected_total, facts.paid_total)
    assert "212" == facts.shown


def test_a_payment_taken_back_whole_is_no_longer_shown() -> None:
    """A cheque that bounced: the invoice is approved again, not collected."""
    records = [
        record("205"),
        record("212", 1, data=(cash("120"),)),
        record("212", 2, data=(cash("-120"),)),
    ]

    assert ((), "205") == (fold(records).collected, fold(records).shown)


def test_a_collection_without_amounts_is_shown() -> None:
    """Some platforms pass on a 212 whose blocks were lost: it was said, nothing adds up."""
    facts = fold([record("203"), record("212", 1)])

    assert ("212", ()) == (facts.shown, facts.collected)


def test_a_debtor_does_not_say_that_it_was_collected() -> None:
    """A 212 in the buyer's name pays nothing and shows nothing; in the seller's it does."""
    forged = record("212", 1, side=Side.BUYER, data=(cash("120"),))
    facts = fold([record("203"), forged])
    assert ("203", ()) == (facts.shown, facts.collected)
    genuine = record("212", 2, side=Side.SELLER, data=(cash("120"),))
    assert Decimal(120) == fold([record("203"), forged, genuine]).collected_total


def test_two_equal_payments_of_ours_are_two_and_their_echoes_none() -> None:
    """Two of 50 € in one second, each coming back under the platform's own flow."""
    block = (cash("50"),)
    first = record("212", 1, own=True, name="a", data=block)
    second = record("212", 1, own=True, name="b", data=block)
    echo = record("212", 1, name="echo", data=block)

    assert Decimal(100) == fold([first, echo, second, echo]).collected_total
    assert Decimal(50) == fold([echo, replace(echo, id="flow:pa2:x")]).collected_total


def test_what_a_platform_refused_was_never_said() -> None:
    """A refusal that the platform did not take leaves the invoice open."""
    refused = record("210", 1, own=True, transmission=Transmission.REFUSED)

    assert ("", "204") == (
        fold([record("204"), refused]).closed,
        fold([record("204"), refused]).shown,
    )


def test_a_change_of_account_is_a_flag_not_an_account() -> None:
    """227 tells that somebody wants to be paid elsewhere: the fact is all that is kept here."""
    facts = fold([record("205"), record("227", 1)])

    assert (True, "205") == (facts.account_changed, facts.shown)
