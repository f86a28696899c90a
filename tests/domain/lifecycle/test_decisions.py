"""Decisions about what is said of an invoice: set, received, sent, confirmed, refused."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from facteur.domain import acceptance, decisions
from facteur.domain.acceptance import Preferences
from facteur.domain.commands import (
    CheckStatus,
    Command,
    LinkInvoice,
    SealDocument,
    SealFile,
    SetStatus,
    TransmitStatus,
)
from facteur.domain.decisions import Decision, lifecycle, linking
from facteur.domain.documents import (
    Approver,
    Channel,
    Direction,
    Document,
    Duplicate,
    PartOf,
    Related,
    Relation,
    Sending,
    Source,
    State,
    Summary,
)
from facteur.domain.errors import DuplicateError, InvalidError, NotFoundError
from facteur.domain.events import Happened, chained
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.fold import facts_of
from facteur.domain.lifecycle.records import Side, StatusReason, StatusRecord, Transmission
from facteur.domain.policies import follow_ups

from tests.domain.lifecycle.records import cash, record
from tests.domain.test_decisions import ANNE, FILE, NOW, VALID, document, names

BY_PA = Source(channel=Channel.PA, at=NOW, sender="pa", connection="c1", flow="f1")
SUMMARY = Summary(
    number="F1", type_code="380", seller_key="100000009", total_incl_vat=Decimal(120)
)
WHY = (StatusReason(code="DEST_ERR"),)


def purchase(state: State = State.TO_ACCEPT, **changes: object) -> Document:
    """A purchase that a platform brought."""
    return document(state, **{"sources": (BY_PA,), "summary": SUMMARY, **changes})


def sale(**changes: object) -> Document:
    """A sale that a platform took."""
    sent = Sending(
        connection="c2", tracking_id="t", sha256="0", at=NOW, transmission=Transmission.CONFIRMED
    )
    return purchase(
        State.ARCHIVED,
        **{"direction": Direction.SALE, "sources": (), "sendings": (sent,), **changes},
    )


def say(one: Document, code: str, name: str = "1", **more: object) -> Decision:
    return lifecycle.set_status(one, code, ANNE, name=name, at=NOW, **more)  # type: ignore[arg-type]


def hear(one: Document, came: StatusRecord) -> Decision:
    return lifecycle.apply_status(one, came, at=NOW)


def follows(decision: Decision) -> list[Command]:
    """What follows within the lifecycle; who else listens is their own business."""
    entries = chained(decision.events, length=0, last="")
    commands = [one.command for one in follow_ups(decision.document.ref, entries, now=NOW)]
    return [one for one in commands if isinstance(one, _OURS)]


_OURS = (CheckStatus, LinkInvoice, SealDocument, SealFile, SetStatus, TransmitStatus)


# ── Set here ────────────────────────────────────────────────────────────────────────────────────


def test_a_status_of_a_purchase_that_a_platform_brought_waits_to_leave_by_it() -> None:
    """Recorded at once, signed, on its way; its message is checked next."""
    said = say(purchase(), "204")
    (one,) = said.document.statuses

    assert ("own:1", "204", Side.BUYER, "u1", "Anne") == (
        one.id, one.code, one.side, one.by, one.by_name,
    )  # fmt: skip
    assert (Transmission.WAITING, "c1") == (one.transmission, one.connection)
    assert [Happened.STATUS_SET] == names(said)
    assert [CheckStatus(dossier="d", document="x", record="own:1")] == follows(said)
    assert "204" == facts_of(said.document).shown


def test_a_status_of_an_invoice_that_no_platform_carried_stays_here() -> None:
    """A mailed purchase: nothing to send, nothing follows."""
    said = say(document(State.TO_ACCEPT, summary=SUMMARY), "204")

    assert Transmission.NONE is said.document.statuses[0].transmission
    assert [] == follows(said)


def test_what_no_message_carries_is_kept_in_no_comment() -> None:
    """Control signs go, words stay; the history shows what the other party reads."""
    why = (StatusReason(code="JUSTIF_ABS", comment="\u0001Le bon\x00 signé\n"),)
    first = say(purchase(), "208", reasons=why).document.statuses[0]
    second = say(purchase(), "204", comment="\u0001\u200b").document.statuses[0]

    assert ("Le bon signé", "") == (first.reasons[0].comment, second.comment)


def test_the_day_of_a_payment_is_measured_in_france() -> None:
    """At 23:30 UTC the French are at the next day already: a payment of that day is no future."""
    at = NOW.replace(hour=23, minute=30)
    tomorrow = (NOW + timedelta(days=1)).date()
    data = (replace(cash("5", kind="MPA"), on=tomorrow),)
    said = lifecycle.set_status(purchase(), "211", ANNE, name="1", at=at, data=data)

    assert tomorrow == said.document.statuses[0].characteristics[0].on
    with pytest.raises(InvalidError):
        say(purchase(), "211", data=data)


def test_a_status_of_a_sale_leaves_by_the_platform_that_took_it() -> None:
    """Not by one that refused it."""
    refused = replace(sale().sendings[0], transmission=Transmission.REFUSED)

    assert (True, "c2") == lifecycle.way_out(sale())
    assert (False, "") == lifecycle.way_out(sale(sendings=(refused,)))


def test_asked_twice_it_is_set_once() -> None:
    """The same request again changes nothing, even when it could no longer be made."""
    once = say(purchase(), "210", reasons=WHY, comment="Non").document

    assert () == say(once, "210", reasons=WHY, comment="Non").events


def test_two_payments_in_one_second_have_two_times() -> None:
    """What travels to the second must differ by the second."""
    one = say(sale(), "212", "a", data=(cash("50"),)).document
    two = say(one, "212", "b", data=(cash("50"),)).document

    first, second = (one.set_at for one in two.statuses)
    assert timedelta(seconds=1) == second - first
    assert Decimal(100) == facts_of(two).collected_total


def test_an_answer_comes_after_what_it_answers_whichever_clock_is_slow() -> None:
    """A buyer's clock is ahead by four minutes: our « Complétée » still ends his suspension."""
    ahead = replace(record("208", reasons=("JUSTIF_ABS",)), set_at=NOW + timedelta(minutes=4))
    answered = say(hear(sale(), ahead).document, "209").document

    assert (False, "209") == (facts_of(answered).suspended, facts_of(answered).shown)
    lost = replace(ahead, set_at=NOW + timedelta(days=4))
    assert NOW == say(hear(sale(), lost).document, "209").document.statuses[-1].set_at


def test_what_may_not_be_said_is_not_recorded() -> None:
    """The table decides (allowed.py)."""
    with pytest.raises(InvalidError):
        say(purchase(), "212", data=(cash("1"),))
    with pytest.raises(InvalidError):
        say(purchase(), "213")


def test_refusing_by_status_refuses_the_document_too() -> None:
    """It leaves the list of what waits, with the reason; and only it: no second 210 follows."""
    said = say(purchase(State.TO_CHECK), "210", reasons=WHY, comment="Pas pour nous")

    assert (State.REFUSED, "DEST_ERR", "Pas pour nous") == (
        said.document.state, said.document.refusal, said.document.refusal_comment,
    )  # fmt: skip
    assert [Happened.STATUS_SET, Happened.INVOICE_REFUSED] == names(said)
    assert not any(isinstance(one, SetStatus) for one in follows(said))


def test_approving_by_status_is_the_acceptance_under_its_own_rules() -> None:
    """One act: said once, sealed next; what may not be accepted is not approved either."""
    preferences = Preferences(dossier="d")

    def approved(one: Document) -> Decision:
        return acceptance.accept_too(say(one, "205"), ANNE, at=NOW, preferences=preferences)

    done = approved(purchase())
    assert [Happened.STATUS_SET, Happened.INVOICE_ACCEPTED] == names(done)
    assert State.ACCEPTED is done.document.state
    assert [CheckStatus, SealDocument] == [type(one) for one in follows(done)]
    double = (Duplicate(document="d2", reason="number"),)
    with pytest.raises(DuplicateError):
        approved(purchase(duplicates=double))
    frozen = (Fault(code="iban.changed"),)
    for held in (purchase(faults=frozen), purchase(State.TO_CHECK, conversion=None)):
        with pytest.raises(InvalidError) as raised:
            approved(held)
        assert "document.incomplete" == raised.value.code
    circuit = purchase(approvers=(Approver(id="u2", name="Bruno"),))
    with pytest.raises(InvalidError):
        approved(circuit)


# ── What acceptance and refusal say ─────────────────────────────────────────────────────────────


def test_accepting_what_a_platform_brought_tells_the_seller() -> None:
    """205 in the name of who accepted; a mailed invoice tells nobody."""
    said = follows(decisions.accept(purchase(), ANNE, at=NOW))

    (told,) = [one for one in said if isinstance(one, SetStatus)]
    assert ("205", "u1", "Anne", True) == (told.code, told.by, told.by_name, told.follows)
    mailed = follows(decisions.accept(document(State.TO_ACCEPT), ANNE, at=NOW))
    assert [SealDocument(dossier="d", document="x")] == mailed


def test_refusing_what_a_platform_brought_tells_the_seller_why() -> None:
    """210 with the reason chosen here; its words are the reason's where nobody wrote any."""
    (told,) = follows(decisions.refuse(purchase(), "DEST_ERR", "", ANNE, at=NOW))

    assert isinstance(told, SetStatus)
    assert ("210", WHY, "Erreur de destinataire") == (told.code, told.reasons, told.comment)
    assert [] == follows(decisions.refuse(document(State.TO_ACCEPT), "AUTRE", "x", ANNE, at=NOW))


def test_refusing_and_210_have_the_same_rules_at_both_doors() -> None:
    """An official reason, not once it was approved or paid, also while a circuit waits."""
    with pytest.raises(InvalidError) as raised:
        decisions.refuse(purchase(), "AUTRE", "x", ANNE, at=NOW)
    assert ["refusal.official"] == [one.code for one in raised.value.faults]
    reasons = (StatusReason(code="QTE_ERR"),)
    for said in (say(purchase(), "206", reasons=reasons), say(purchase(), "211")):
        paid = hear(said.document, record("212", 9, data=(cash("1"),))).document
        with pytest.raises(InvalidError) as raised:
            decisions.refuse(paid, "DEST_ERR", "", ANNE, at=NOW)
        assert ["refusal.too_late"] == [one.code for one in raised.value.faults]
    circuit = purchase(approvers=(Approver(id="u2", name="Bruno"),))
    assert State.REFUSED is decisions.refuse(circuit, "DEST_ERR", "", ANNE, at=NOW).document.state
    assert State.REFUSED is say(circuit, "210", reasons=WHY, comment="x").document.state
    replaced = hear(purchase(), record("220", side=Side.SELLER)).document
    done = decisions.refuse(replaced, "AUTRE", "x", ANNE, at=NOW)
    assert State.REFUSED is done.document.state  # the other party knows: nothing to say


def test_a_refused_document_may_still_say_its_210_and_nothing_else() -> None:
    """Refused out of quarantine, before its number was read: an official reason comes after."""
    stopped = purchase(State.QUARANTINED)
    refused = decisions.refuse(stopped, "AUTRE", "x", ANNE, at=NOW).document

    with pytest.raises(InvalidError):
        say(refused, "210", reasons=(StatusReason(code="AUTRE"),), comment="x")
    with pytest.raises(InvalidError):
        say(refused, "205")
    assert "210" == facts_of(say(refused, "210", reasons=WHY, comment="x").document).closed


# ── Received ────────────────────────────────────────────────────────────────────────────────────


def test_what_came_in_is_kept_once() -> None:
    """The same flow, and the same words under another flow, change nothing."""
    came = record("210", 1, reasons=("DEST_ERR",), name="1")
    once = hear(sale(), came)

    assert [Happened.STATUS_RECEIVED] == names(once)
    assert () == hear(once.document, came).events
    assert () == hear(once.document, replace(came, id="flow:other:9")).events
    assert () == tuple(follows(once))


def test_our_own_words_coming_back_are_a_confirmation() -> None:
    """No loop: the record stays one, and is confirmed (WE-13)."""
    said = say(purchase(), "205").document
    ours = said.statuses[0]
    echo = replace(
        ours, id="flow:pa:7", recorded_at=NOW + timedelta(hours=1), by="",
        transmission=Transmission.NONE,
    )  # fmt: skip
    back = hear(said, echo)

    assert [Happened.STATUS_CONFIRMED] == names(back)
    assert [Transmission.CONFIRMED] == [one.transmission for one in back.document.statuses]
    assert () == hear(back.document, echo).events
    assert [] == follows(back)


def test_a_platform_that_contradicts_what_it_never_confirmed_wins() -> None:
    """We approved, somebody refused at the platform's own page: refused, and said so."""
    said = say(purchase(), "205").document
    came = record("210", 5, side=Side.BUYER, reasons=("DEST_ERR",))
    after = hear(said, came)

    assert "210" == facts_of(after.document).closed
    ours = after.document.statuses[0]
    assert (Transmission.REFUSED, "contradicted") == (ours.transmission, ours.failure)
    assert "Approuvée" == after.events[0].values["contradicts"]


def test_what_a_platform_confirmed_is_not_overruled() -> None:
    """An approval that was confirmed stays beside a later refusal, which closes all the same."""
    said = say(purchase(), "205").document
    sure = lifecycle.confirmed(said, "own:1", at=NOW).document
    after = hear(sure, record("210", 5, side=Side.BUYER)).document

    assert Transmission.CONFIRMED is after.statuses[0].transmission
    assert ("205", "210") == (facts_of(after).approval, facts_of(after).closed)


def test_a_refusal_made_at_the_platform_refuses_the_document_here() -> None:
    """What waits here no longer does: our side decided elsewhere."""
    came = record("210", side=Side.BUYER, reasons=("DOUBLON",))
    after = hear(purchase(), came)

    assert (State.REFUSED, "DOUBLON") == (after.document.state, after.document.refusal)
    assert not any(isinstance(one, SetStatus) for one in follows(after))


def test_a_refusal_by_the_buyer_leaves_our_archived_sale_where_it_is() -> None:
    """Its status says it; its seal stays."""
    after = hear(sale(), record("210", reasons=("DEST_ERR",)))

    assert (State.ARCHIVED, "210") == (after.document.state, facts_of(after.document).shown)


def test_what_was_attached_is_kept_with_the_document() -> None:
    """The missing documents of a 209."""
    after = lifecycle.apply_status(purchase(), record("209"), at=NOW, files=(FILE, FILE))

    assert 2 == sum(name.startswith("status-") for name in after.document.files)


# ── On its way ──────────────────────────────────────────────────────────────────────────────────


def test_a_status_leaves_once_its_message_was_checked() -> None:
    """Checked, transmitted, confirmed: each step once, whatever comes twice."""
    one = say(purchase(), "205").document
    checked = lifecycle.message_checked(one, "own:1", FILE, at=NOW)
    assert [TransmitStatus(dossier="d", document="x", record="own:1")] == follows(checked)
    assert () == lifecycle.message_checked(checked.document, "own:1", FILE, at=NOW).events
    assert FILE == checked.document.files[lifecycle.role_of("own:1")]

    sent = lifecycle.transmitted(checked.document, "own:1", connection="c1", flow="9", at=NOW)
    assert (Transmission.SENT, "9") == (
        sent.document.statuses[0].transmission, sent.document.statuses[0].flow,
    )  # fmt: skip
    again = lifecycle.transmitted(sent.document, "own:1", connection="c1", flow="10", at=NOW)
    assert () == again.events

    sure = lifecycle.confirmed(sent.document, "own:1", at=NOW)
    assert [Happened.STATUS_CONFIRMED] == names(sure)
    assert () == lifecycle.confirmed(sure.document, "own:1", at=NOW).events
    late = lifecycle.not_transmitted(sure.document, "own:1", failure="x", at=NOW)
    assert () == late.events


def test_a_status_that_was_not_taken_counts_for_nothing() -> None:
    """A refusal that the platform refused leaves the invoice open; it may be said anew."""
    one = say(purchase(), "210", reasons=WHY, comment="Non").document
    after = lifecycle.not_transmitted(
        one, "own:1", failure="InvoiceLCRuleError", text="x" * 5000, at=NOW
    ).document

    assert "" == facts_of(after).closed
    assert ("InvoiceLCRuleError", 1000) == (
        after.statuses[0].failure, len(after.statuses[0].failure_text),
    )  # fmt: skip
    assert "210" == facts_of(say(after, "210", "2", reasons=WHY, comment="Non").document).closed


def test_an_unknown_record_is_not_found() -> None:
    """A command about a record of another document does nothing."""
    with pytest.raises(NotFoundError):
        lifecycle.confirmed(purchase(), "own:9", at=NOW)


def test_an_invoice_sent_again_starts_its_road_anew() -> None:
    """A 213 of the first sending does not close the second; a refusal by the buyer would."""
    first = replace(sale().sendings[0], transmission=Transmission.REFUSED)
    second = replace(first, at=NOW + timedelta(hours=9), tracking_id="t2")

    def came(one: Document, code: str, said: timedelta, heard: timedelta) -> Document:
        at = replace(
            record(code, reasons=("REJ_ADR",)), set_at=NOW + said, recorded_at=NOW + heard
        )
        return hear(one, at).document

    hours, moment = timedelta(hours=9), timedelta(seconds=30)
    rejected = came(sale(sendings=(first,)), "213", timedelta(), timedelta())
    assert "213" == facts_of(rejected).closed

    again = replace(rejected, sendings=(first, second))
    assert "" == facts_of(again).closed
    late = came(sale(sendings=(first, second)), "213", timedelta(), hours + moment)
    assert "" == facts_of(late).closed
    slow = came(again, "200", hours - moment, hours + moment)  # the platform's clock is behind
    assert ("", "200") == (facts_of(slow).closed, facts_of(slow).road)
    assert "210" == facts_of(came(again, "210", hours, hours)).closed


# ── Invoices that replace others ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "total", "relation", "back", "whole"),
    [
        ("384", 100, Relation.CORRECTS, Relation.CORRECTED_BY, False),
        ("381", 120, Relation.CREDITS, Relation.CREDITED_BY, True),
        ("381", -120, Relation.CREDITS, Relation.CREDITED_BY, True),
        ("381", 20, Relation.CREDITS, Relation.CREDITED_BY, False),
    ],
)
def test_two_invoices_know_of_each_other(
    kind: str, total: int, relation: Relation, back: Relation, whole: bool
) -> None:
    """A correction or a credit note of the whole proposes to cancel; of a part it does not."""
    older = purchase()
    summary = Summary(number="A1", type_code=kind, total_incl_vat=Decimal(total))
    newer = replace(purchase(), id="y", summary=summary)

    assert (
        Related(document="x", relation=relation, number="F1", whole=whole),
        Related(document="y", relation=back, number="A1", whole=whole),
    ) == linking.tie(newer, older)
    tied = linking.link(older, linking.tie(newer, older)[1], at=NOW)  # type: ignore[index]
    assert [Happened.INVOICES_LINKED] == names(tied)
    assert () == linking.link(tied.document, tied.document.related[0], at=NOW).events


def test_an_ordinary_invoice_names_no_other() -> None:
    """Only corrective invoices and credit notes look for what they name."""
    assert linking.tie(purchase(), purchase()) is None
    assert ({}, {"refers": "credits"}) == (
        linking.names_another(purchase()),
        linking.names_another(purchase(summary=replace(SUMMARY, type_code="381"))),
    )


def test_a_part_that_was_refused_tells_its_file_and_its_seller() -> None:
    """Two things follow one event."""
    part = purchase(part_of=PartOf(document="lot", first=1, last=2))

    assert {SealFile, SetStatus} == {
        type(one) for one in follows(decisions.refuse(part, "DEST_ERR", "", ANNE, at=NOW))
    }


def test_checking_a_credit_note_looks_for_what_it_credits() -> None:
    """The event of the check says that the type refers to another invoice."""
    read = purchase(State.READ, summary=replace(SUMMARY, type_code="381"))
    done = decisions.checked(
        read, conversion=VALID, findings=(), report=FILE, duplicates=(), at=NOW
    )

    assert LinkInvoice(dossier="d", document="x") in follows(done)
