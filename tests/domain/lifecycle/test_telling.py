"""What is said of an invoice and waits to be seen: what tells people, once, until it is opened."""

from dataclasses import replace

import pytest
from facteur.domain.decisions import lifecycle, sendings
from facteur.domain.documents import Direction, Document, State
from facteur.domain.events import Happened
from facteur.domain.lifecycle.codes import STATUSES
from facteur.domain.lifecycle.records import Side, StatusReason, StatusRecord, Transmission
from facteur.domain.lifecycle.telling import unseen_of

from tests.domain.lifecycle.records import cash, record
from tests.domain.lifecycle.test_decisions import follows, hear, purchase, sale, say
from tests.domain.test_decisions import ANNE, NOW, names


def told(document: Document) -> list[str]:
    """The codes that wait to be seen, newest first."""
    return [one.code for one in unseen_of(document)]


def heard(document: Document, *came: StatusRecord) -> Document:
    """The document once these came, in this order."""
    for one in came:
        document = hear(document, one).document
    return document


@pytest.mark.parametrize("code", [*STATUSES, "299"])
def test_of_a_sale_the_statuses_that_ask_for_something_wait_to_be_seen(code: str) -> None:
    """The road, « Prise en charge » and « Approuvée » ask for nothing; an unknown code does."""
    side = STATUSES[code].by[0] if code in STATUSES else Side.BUYER
    came = record(code, side=Side.BUYER if side is Side.SELLER else side)
    own = code in {"209", "212"}  # the seller's own to say
    quiet = code in {"200", "201", "202", "203", "204", "205"} or own
    assert ([] if quiet else [code]) == told(heard(sale(), came))


def test_the_reason_the_words_and_what_to_do_are_told_in_french() -> None:
    """« En litige » says why, in the list's words and in the buyer's own."""
    came = replace(
        record("207"), reasons=(StatusReason(code="QTE_ERR", comment="Deux cartons\nmanquent."),)
    )
    (one,) = unseen_of(heard(sale(), came))
    assert ("En litige", "Quantité facturée incorrecte : « Deux cartons manquent. »") == (
        one.what, one.why,
    )  # fmt: skip
    assert "avoir" in one.advice
    assert not one.wrong


def test_what_comes_twice_is_told_once_and_not_again_once_seen() -> None:
    """The same flow, the same words under another name, after somebody looked: nothing new."""
    first = record("207", reasons=("QTE_ERR",))
    seen = lifecycle.see(heard(sale(), first), ANNE, at=NOW)
    assert [Happened.STATUSES_SEEN] == names(seen)
    assert () == lifecycle.see(seen.document, ANNE, at=NOW).events
    again = heard(seen.document, first, replace(first, id="flow:pa:again"))
    assert [] == told(again)


def test_what_something_else_lifted_is_no_longer_told_in_any_order() -> None:
    """A dispute before an approval, whichever comes first, waits for nobody."""
    contested, approved = record("207", 1), record("205", 2)
    assert [] == told(heard(sale(), contested, approved))
    assert [] == told(heard(sale(), approved, contested))
    refused = record("210", 3, reasons=("DEST_ERR",))
    assert ["210"] == told(heard(sale(), contested, refused))
    assert ["210"] == told(heard(sale(), refused, contested))


def test_our_own_acts_tell_nobody_wherever_they_were_done() -> None:
    """Said here, coming back from the platform, or said for us at the platform's own portal."""
    said = say(purchase(), "207", reasons=(StatusReason(code="QTE_ERR"),)).document
    (ours,) = said.statuses
    echo = replace(ours, id="flow:pa:echo", transmission=Transmission.NONE)
    elsewhere = record("208", 60, side=Side.BUYER, reasons=("JUSTIF_ABS",))
    assert [] == told(heard(said, echo, elsewhere))


def test_what_is_not_theirs_to_say_tells_nobody() -> None:
    """A supplier who refuses his own invoice, a buyer who collects, a third who contests."""
    assert [] == told(heard(purchase(), record("210", side=Side.SELLER)))
    collected = record("212", side=Side.BUYER, data=(cash("120"),))
    assert [] == told(heard(sale(), collected, record("207", side=Side.THIRD)))


def test_a_buyer_is_told_what_the_seller_collected_and_what_was_rejected() -> None:
    """212 is good news; 213 is of the block of errors, and says not to pay."""
    paid = record("212", data=(cash("120"),))
    rejected = record("213", reasons=("REJ_SEMAN",))
    assert ["212"] == told(heard(purchase(), paid))
    (one,) = unseen_of(heard(purchase(), rejected))
    assert one.wrong
    assert "ne la payez pas" in one.advice
    assert "Contrôle du format sémantique" == one.why


def test_who_answers_has_seen_and_the_system_has_not() -> None:
    """Saying something of the invoice ends what waited; what follows by itself does not."""
    suspended = heard(sale(), record("208", reasons=("JUSTIF_ABS",)))
    assert [] == told(say(suspended, "209").document)
    paid = heard(purchase(), record("212", data=(cash("120"),)))
    taken = lifecycle.set_status(paid, "204", lifecycle.THE_SYSTEM, name="x", at=NOW)
    assert ["212"] == told(taken.document)


def test_a_status_that_did_not_leave_and_an_invoice_that_was_not_sent_are_told() -> None:
    """Errors, both; said or sent again, they wait no more."""
    said = say(purchase(), "204").document
    refused = lifecycle.not_transmitted(said, "own:1", failure="REJ_ADR", at=NOW)
    (one,) = unseen_of(refused.document)
    assert ("Statut non transmis : Prise en charge", True) == (one.what, one.wrong)
    assert [] == told(say(refused.document, "204", "2").document)

    failed = sendings.not_sent(sale(), "t", "REJ_ADR", at=NOW)
    assert failed is not None
    assert ["Non envoyée"] == [one.what for one in unseen_of(failed.document)]
    again = replace(failed.document.sendings[0], tracking_id="t2", transmission=Transmission.SENT)
    sent = replace(failed.document, sendings=(*failed.document.sendings, again))
    assert [] == told(heard(sent, record("200")))


def test_seeing_publishes_and_sends_nothing() -> None:
    """It is nobody's business but ours."""
    seen = lifecycle.see(heard(sale(), record("207")), ANNE, at=NOW)
    assert [] == follows(seen)
    assert Direction.SALE is seen.document.direction
    assert State.ARCHIVED is seen.document.state
