"""What each side may set now, and what it must say with it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from facteur.domain.documents import Direction, Related, Relation, State
from facteur.domain.errors import InvalidError
from facteur.domain.invoice import CREDIT_NOTE_TYPES, SELF_BILLED_TYPES
from facteur.domain.lifecycle import allowed, codes
from facteur.domain.lifecycle.allowed import Amounts, Situation
from facteur.domain.lifecycle.fold import fold
from facteur.domain.lifecycle.records import (
    Characteristic,
    Side,
    StatusReason,
    StatusRecord,
)

from tests.domain.lifecycle.records import cash, record
from tests.domain.test_decisions import document

WHY = (StatusReason(code="QTE_ERR"),)
TODAY = date(2026, 11, 20)


def now(side: Side, *said: str | StatusRecord, type_code: str = "380", **more: bool) -> Situation:
    """A situation after these statuses, one a minute."""
    records = [record(one, at) if isinstance(one, str) else one for at, one in enumerate(said)]
    return Situation(side=side, facts=fold(records), type_code=type_code, **more)


def offered(some: Situation) -> str:
    """The codes on offer, in order."""
    return " ".join(one.code for one in allowed.offers(some))


def check(*args: object, **more: object) -> None:
    """``allowed.check`` on the day of the tests."""
    allowed.check(*args, **{"today": TODAY, **more})  # type: ignore[arg-type]


def refused(*args: object, **more: object) -> tuple[str, ...]:
    """The codes of the faults of a status that may not be set so."""
    with pytest.raises(InvalidError) as raised:
        check(*args, **more)
    return tuple(one.code for one in raised.value.faults)


@pytest.mark.parametrize(
    ("side", "said", "type_code", "more", "expected"),
    [
        (Side.BUYER, ("202", "203"), "380", {}, "204 205 206 207 208 210 211"),
        (Side.BUYER, ("204",), "380", {}, "205 206 207 208 210 211"),
        (Side.BUYER, ("205",), "380", {}, "207 208 211"),
        (Side.BUYER, ("206",), "380", {}, "205 207 208 211"),
        (Side.BUYER, ("207",), "380", {}, "204 205 206 208 210 211"),
        (Side.BUYER, ("205", "207"), "380", {}, "205 206 208 211"),
        (Side.BUYER, ("208",), "380", {}, "204 205 206 207 210 211"),
        (Side.BUYER, ("208", "209"), "380", {}, "204 205 206 207 208 210 211"),
        (Side.BUYER, ("202",), "380", {"accepted": True}, "204 205 206 207 208 211"),
        (Side.BUYER, ("202",), "380", {"refused": True}, "210"),
        (Side.BUYER, ("202",), "380", {"replaced": True}, "204 205 206 207 208 210 211 220"),
        (Side.BUYER, (), "380", {"speakable": False}, ""),
        (Side.SELLER, ("203",), "380", {}, "212 225 226 227"),
        (Side.SELLER, ("203", "208"), "380", {}, "209 212 225 226 227"),
        (Side.SELLER, ("205",), "380", {"replaced": True}, "212 220 225 226 227"),
        (Side.SELLER, ("501",), "380", {}, ""),
        (Side.BUYER, ("203",), "381", {}, "204 205 207 210"),
        (Side.BUYER, ("203",), "381", {"of_refused": True}, "204 207 210"),
        (Side.SELLER, ("203",), "381", {}, "211 212"),
        (Side.BUYER, ("203",), "389", {}, "211"),
        (Side.BUYER, ("208",), "389", {"replaced": True}, "209 211 220"),
        (Side.SELLER, ("203",), "389", {}, "204 205 206 207 208 210 212 225 226 227"),
        (Side.SELLER, ("225",), "380", {}, "212 226 227 228"),
        (Side.SELLER, ("226", "228"), "380", {}, "212 225 226 227"),
        (Side.SELLER, ("203",), "261", {}, "204 205 207 210 211 212"),
        (Side.BUYER, ("203",), "261", {}, ""),
        (Side.BUYER, ("203",), "384", {}, "204 205 206 207 208 210 211"),
    ],
)
def test_only_what_a_side_may_say_now_is_offered(
    side: Side, said: tuple[str, ...], type_code: str, more: dict[str, bool], expected: str
) -> None:
    """By side, type and history: the table of the lifecycle (WE-11, PE-11)."""
    assert expected == offered(now(side, *said, type_code=type_code, **more))


@pytest.mark.parametrize("code", ["210", "213", "220"])
@pytest.mark.parametrize("side", [Side.BUYER, Side.SELLER])
def test_a_closed_invoice_takes_nothing_more(side: Side, code: str) -> None:
    """Not even a payment, whoever closed it."""
    assert "" == offered(now(side, "203", "204", code, replaced=True))


def test_nothing_is_ever_offered_that_a_platform_alone_may_say() -> None:
    """Whatever the type of the invoice."""
    for type_code in ("380", "381", "384", "386", *SELF_BILLED_TYPES, *CREDIT_NOTE_TYPES):
        for side in (Side.BUYER, Side.SELLER):
            some = now(side, "208", type_code=type_code, replaced=True)
            assert not {one.code for one in allowed.offers(some)} & codes.PLATFORM_ONLY


def test_payments_made_bar_a_refusal() -> None:
    """Who paid contests; a refusal says that nothing is owed."""
    paid = record("211", 1, data=(cash("50", None, "MPA"),))

    assert "210" not in offered(now(Side.BUYER, "203", paid))


def test_an_offer_says_what_it_asks_for() -> None:
    """A reason for 206, 207, 208 and 210, words for 208 and 210, amounts for 212."""
    found = {one.code: one for one in allowed.offers(now(Side.BUYER, "203"))}

    assert {"206", "207", "208", "210"} == {
        code for code, one in found.items() if one.reason_required
    }
    assert {"208", "210"} == {code for code, one in found.items() if one.comment_required}
    assert 13 == len(found["210"].reasons)
    assert "Approuvée" == found["205"].label
    sale = {one.code: one for one in allowed.offers(now(Side.SELLER, "203"))}
    assert Amounts.REQUIRED is sale["212"].amounts


def test_what_is_not_offered_is_refused_with_what_stands_now() -> None:
    """« Approuvée » after « Refusée »: the sentence can say both."""
    with pytest.raises(InvalidError) as raised:
        check(now(Side.BUYER, "210"), "205")

    assert "status.not_offered" == raised.value.code
    assert {"status": "Approuvée", "current": "Refusée"} == raised.value.faults[0].values
    for code in ("213", "203", "999", "", "212"):
        assert ("status.not_offered",) == refused(now(Side.BUYER, "203"), code)


def test_a_refusal_wants_a_reason_of_its_list_and_words() -> None:
    """All the faults at once."""
    buyer = now(Side.BUYER, "203")

    assert ("status.reason_missing", "status.comment_missing") == refused(buyer, "210")
    other = (StatusReason(code="AUTRE"),)
    assert ("status.reason_unknown",) == refused(buyer, "210", given=other, comment="Non")
    wrong = (StatusReason(code="DEST_ERR", comment="Pas pour nous"),)
    check(buyer, "210", given=wrong)
    check(buyer, "207", given=WHY)


def test_hostile_texts_are_refused() -> None:
    """Longer than the norm allows, or codes that do not exist."""
    long = (StatusReason(code="QTE_ERR", label="x" * 251, action="BOUM", action_label="y"),)

    assert ("status.action_unknown", "status.text_too_long", "status.text_too_long") == refused(
        now(Side.BUYER, "203"), "207", given=long, comment="z" * 2001
    )
    assert ("status.datum_unknown",) == refused(
        now(Side.BUYER, "203"), "205", data=(cash("1", kind="<b>"),)
    )


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ((), "status.amount_missing"),
        ((cash("50", kind="MPA"),), "status.amount_missing"),
        ((cash("50", None),), "status.amount_incomplete"),
        ((cash("0"),), "status.amount_zero"),
        ((cash("1.005"),), "status.amount_cents"),
        ((cash("1"), cash("2", "20.0")), "status.rate_twice"),
        ((cash("1", "19.6"),), "status.rate_unknown"),
        ((cash("-1"),), "status.refund_too_large"),
    ],
)
def test_a_collection_says_how_much_for_each_rate(data: tuple, fault: str) -> None:
    """MEN with amount and rate, once per rate of the invoice, never giving back more than came."""
    rates = (Decimal("20.00"), Decimal("5.5"))

    assert (fault,) == refused(now(Side.SELLER, "203"), "212", data=data, rates=rates)
    check(now(Side.SELLER, "203"), "212", data=(cash("5"),), rates=rates)
    check(now(Side.SELLER, "203"), "212", data=(cash("5", "13"),))


def test_a_refund_gives_back_no_more_than_was_collected() -> None:
    """120 collected: 120 may go back, 121 may not."""
    some = now(Side.SELLER, record("212", data=(cash("120"),)))

    check(some, "212", data=(cash("-120"),))
    assert ("status.refund_too_large",) == refused(some, "212", data=(cash("-121"),))


@pytest.mark.parametrize(
    ("on", "fault"),
    [
        (date(9999, 12, 31), "status.day_future"),
        (date(2026, 11, 21), "status.day_future"),
        (date(1999, 12, 31), "status.day_old"),
        (date(1, 1, 1), "status.day_old"),
    ],
)
@pytest.mark.parametrize("code", ["211", "212"])
def test_a_payment_is_of_a_day_that_came_and_of_this_century(
    code: str, on: date, fault: str
) -> None:
    """Whichever door says it; today and the first day of the reform's rules are taken."""
    side, kind = (Side.BUYER, "MPA") if code == "211" else (Side.SELLER, "MEN")
    block = cash("5", kind=kind)

    assert (fault,) == refused(now(side, "203"), code, data=(replace(block, on=on),))
    for fine in (TODAY, date(2000, 1, 1)):
        check(now(side, "203"), code, data=(replace(block, on=fine),))


@pytest.mark.parametrize("amount", ["1000000000000", "9" * 22, "9" * 40, "-1e30"])
def test_an_amount_that_nobody_could_owe_is_refused(amount: str) -> None:
    """Of a payment or beside another status, with more figures than a sum can be counted with."""
    assert "status.amount_large" in refused(now(Side.SELLER), "212", data=(cash(amount),))
    part = (cash(amount, None, kind="MAPTTC"),)
    assert ("status.amount_large",) == refused(now(Side.BUYER), "206", given=WHY, data=part)


def test_more_than_what_is_due_is_confirmed() -> None:
    """A zero too many: 1,200 on an invoice of 120, or the last of three payments."""
    some = replace(now(Side.SELLER, record("212", data=(cash("100"),))), due=Decimal(120))

    check(some, "212", data=(cash("20"),))
    assert ("status.amount_beyond",) == refused(some, "212", data=(cash("20.01"),))
    check(some, "212", data=(cash("20.01"),), beyond_due=True)
    check(replace(some, due=None), "212", data=(cash("1200"),))
    over = replace(some, due=Decimal(50))
    check(over, "212", data=(cash("-10"),))  # what was paid too much is given back


def test_the_same_money_told_from_its_two_ends_is_not_too_much() -> None:
    """The seller has it (212); that the buyer sent it (211) is no second payment."""
    said = record("212", side=Side.SELLER, data=(cash("120"),))
    buyer = replace(now(Side.BUYER, said), due=Decimal(120))

    check(buyer, "211", data=(cash("120", kind="MPA"),))
    assert ("status.amount_beyond",) == refused(buyer, "211", data=(cash("121", kind="MPA"),))


def test_a_credit_note_gives_back_no_more_than_it_says_unless_confirmed() -> None:
    """Its 212 is below zero: -121 on a credit note of 120 is too much."""
    credit = replace(now(Side.SELLER, type_code="381"), due=Decimal(120))

    check(credit, "212", data=(cash("-120"),))
    assert ("status.amount_beyond",) == refused(credit, "212", data=(cash("-121"),))
    assert ("status.amount_beyond",) == refused(credit, "211", data=(cash("121", kind="MPA"),))


@pytest.mark.parametrize("said", ["", "  \n", "\u0001", "\u200b", "\ufeff\u00a0\u2028", "\ud800"])
def test_a_comment_that_nobody_can_read_is_no_comment(said: str) -> None:
    """What XML cannot carry and what has no ink: 208 must say what is waited for."""
    why = (StatusReason(code="JUSTIF_ABS"),)
    assert ("status.comment_missing",) == refused(now(Side.BUYER), "208", given=why, comment=said)


def test_a_credit_note_collects_a_negative_amount() -> None:
    """What was paid back is -20; typed as 20 it would be a payment received."""
    credit = now(Side.SELLER, "203", type_code="381")

    check(credit, "212", data=(cash("-20"),))
    assert ("status.credit_sign",) == refused(credit, "212", data=(cash("20"),))


@pytest.mark.parametrize("state", sorted(State))
def test_only_a_document_that_is_an_invoice_here_may_be_spoken_of(state: State) -> None:
    """Not while it is read, not from the trash, not a split file, not without its number."""
    speaks = state in {
        State.TO_CHECK, State.TO_ACCEPT, State.ACCEPTED, State.REFUSED, State.ARCHIVED,
    }  # fmt: skip
    one = document(state)
    one = replace(one, summary=replace(one.summary, number="F1", type_code="380"))

    assert speaks == bool(allowed.offers(allowed.situation(one)))
    bare = replace(one, summary=replace(one.summary, number=""))
    assert () == allowed.offers(allowed.situation(bare))


def test_the_dossier_is_the_buyer_of_its_purchases_and_the_seller_of_its_sales() -> None:
    """Whoever wrote the invoice: a self-billed sale is still a sale."""
    one = replace(document(State.ARCHIVED), received_at=datetime(2026, 11, 1, tzinfo=UTC))

    assert Side.BUYER is allowed.situation(one).side
    assert Side.SELLER is allowed.situation(replace(one, direction=Direction.SALE)).side


@pytest.mark.parametrize(
    ("relation", "whole", "replaced"),
    [
        (Relation.CORRECTED_BY, False, True),
        (Relation.CREDITED_BY, True, True),
        (Relation.CREDITED_BY, False, False),
        (Relation.CREDITS, True, False),
        (Relation.CORRECTS, False, False),
    ],
)
def test_an_invoice_is_replaced_by_a_correction_or_by_a_credit_of_its_whole(
    relation: Relation, whole: bool, replaced: bool
) -> None:
    """A credit note of a part leaves the rest due."""
    one = document(State.ARCHIVED)
    related = (Related(document="d2", relation=relation, whole=whole),)

    assert replaced == allowed.situation(replace(one, related=related)).replaced


def test_while_a_circuit_waits_nobody_approves_alone() -> None:
    """205 and 206 come once everybody who was asked has answered; the rest goes on."""
    assert {"205", "206", "210"} <= set(offered(now(Side.BUYER)).split())
    waiting = offered(replace(now(Side.BUYER), waits=True)).split()
    assert not {"205", "206"} & set(waiting)
    assert {"207", "210"} <= set(waiting)


def test_amounts_are_in_the_invoices_currency() -> None:
    """A dollar is not a euro: nothing is summed across currencies."""
    dollars = Characteristic(type="MEN", amount=Decimal("10.00"), rate=Decimal(20), currency="USD")
    euro = replace(now(Side.SELLER), currency="EUR")
    assert "status.currency" in refused(euro, "212", data=(dollars,))
    assert "status.currency" not in refused(
        replace(euro, currency="USD"), "212", data=(replace(dollars, amount=Decimal(0)),)
    )
