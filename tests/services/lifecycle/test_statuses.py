"""Statuses from end to end inside: set, written, checked, received; what replaces what."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.commands import (
    AcceptDocument,
    ApplyStatus,
    CheckStatus,
    LinkInvoice,
    RefuseDocument,
    SetStatus,
    TransmitStatus,
    TrashDocument,
)
from facteur.domain.decisions import lifecycle
from facteur.domain.documents import (
    Channel,
    Direction,
    Document,
    Relation,
    Sending,
    Source,
    State,
    Verdict,
)
from facteur.domain.dossiers import mailbox_addresses
from facteur.domain.errors import InvalidError, NotFoundError, StaleVersionError
from facteur.domain.events import broken_at
from facteur.domain.faults import Fault
from facteur.domain.invoice import PrecedingInvoice, Totals
from facteur.domain.lifecycle.fold import facts_of
from facteur.domain.lifecycle.records import Side, StatusReason, StatusRecord, Transmission
from facteur.formats import cdar
from facteur.ports import Changes
from facteur.services.lifecycle import pieces, statuses
from facteur.services.run import run, run_scheduled

from tests.services.world import World, xml

WHY = (StatusReason(code="DEST_ERR"),)
ANNE = {"by": "u1", "by_name": "Anne"}


def by_platform(world: World, document: Document) -> Document:
    """The document as if a platform had brought it."""
    source = Source(channel=Channel.PA, at=world.clock.now(), connection="c1", flow="f1")
    return world.context.store.commit(Changes(document=replace(document, sources=(source,))))


@pytest.fixture
def purchase(world: World) -> Document:
    """A purchase that a platform brought, à accepter."""
    (document,) = world.receive(("f.xml", xml("F1")))
    assert State.TO_ACCEPT is document.state
    return by_platform(world, document)


def sale(world: World, data: bytes = b"", *, key: str = "s1") -> Document:
    """A sale that arrived by mail."""
    to = mailbox_addresses("300000007", world.context.inbound_domain)[Direction.SALE]
    world.receive(("v.xml", data or xml("V1")), key=f"mail/{key}", message_id=key, to=to)
    return world.documents(Direction.SALE)[0]


def say(world: World, document: Document, code: str, **more: object) -> Document:
    command = SetStatus(
        dossier=document.dossier,
        document=document.id,
        code=code,
        **ANNE,
        **more,  # type: ignore[arg-type]
    )
    said = run(command, world.context)
    assert said is not None
    return said


def hear(world: World, document: Document, record: StatusRecord) -> Document:
    run(ApplyStatus(dossier=document.dossier, document=document.id, record=record), world.context)
    return world.document(document.id)


def came(code: str, minutes: int = 0, **more: object) -> StatusRecord:
    at = datetime(2026, 11, 20, 12, minutes, tzinfo=UTC)
    values = {"id": f"flow:pa:{code}-{minutes}", "side": Side.BUYER, **more}
    return StatusRecord(code=code, set_at=at, recorded_at=at, **values)  # type: ignore[arg-type]


def faults_of(world: World, document: Document, code: str, **more: object) -> list[str]:
    with pytest.raises(InvalidError) as raised:
        say(world, document, code, **more)
    return [one.code for one in raised.value.faults]


def queued(world: World, kind: type) -> list[object]:
    return [one.command for one in world.queue.sent if isinstance(one.command, kind)]


# ── Set, written, checked ───────────────────────────────────────────────────────────────────────


def test_a_status_leaves_as_the_very_message_that_the_official_rules_took(
    world: World, purchase: Document
) -> None:
    """Set on a page, written and checked where the rules are, kept for the one who submits."""
    world.with_(rulebook=SaxonRulebook())
    said = say(world, purchase, "207", reasons=(StatusReason(code="QTE_ERR"),), comment="2, pas 3")
    (record,) = said.statuses
    (check,) = queued(world, CheckStatus)
    assert Transmission.WAITING is record.transmission

    checked = run(check, world.context)  # type: ignore[arg-type]

    assert checked is not None
    file = checked.files[lifecycle.role_of(record.id)]
    data = world.context.blobs.get(file)
    assert Verdict.VALID is SaxonRulebook().check_status(data).verdict
    message = cdar.parse(data)
    assert ("207", "F1", "380") == (message.code, message.number, message.type_code)
    assert ("300000007", "500000005") == (
        message.author.siren,
        message.recipients[0].address.value,  # type: ignore[union-attr]
    )
    assert [record.id] == [one.record for one in queued(world, TransmitStatus)]  # type: ignore[attr-defined]
    assert broken_at(world.context.store.history(purchase.ref)) is None


def test_a_message_that_breaks_a_rule_never_leaves(world: World, purchase: Document) -> None:
    """The record says which rule; the status counts for nothing and may be set anew."""
    world.rulebook.verdict = Verdict.INVALID
    world.rulebook.findings = (Fault(code="BR-FR-CDV-14", message="Le montant manque."),)
    said = say(world, purchase, "205")

    run(queued(world, CheckStatus)[0], world.context)  # type: ignore[arg-type]

    after = world.document(purchase.id)
    assert ("BR-FR-CDV-14", "Le montant manque.") == (
        after.statuses[0].failure,
        after.statuses[0].failure_text,
    )
    assert [] == queued(world, TransmitStatus)
    assert ("205", "") == (facts_of(said).approval, facts_of(after).approval)
    assert "205" == facts_of(say(world, after, "205")).approval


def test_without_the_rules_nothing_leaves(world: World, purchase: Document) -> None:
    """A function that lost its rule files says « non vérifiée », never « transmise »."""
    world.rulebook.verdict = Verdict.UNVERIFIED
    say(world, purchase, "205")
    run(queued(world, CheckStatus)[0], world.context)  # type: ignore[arg-type]

    assert "rules.unverified" == world.document(purchase.id).statuses[0].failure
    assert [] == queued(world, TransmitStatus)


def test_an_invoice_that_was_not_converted_can_be_refused_all_the_same(
    world: World, purchase: Document
) -> None:
    """The XML that the platform brought says enough for a message."""
    files = {"original": purchase.files["original"]}
    bare = world.context.store.commit(Changes(document=replace(purchase, files=files)))
    say(world, bare, "210", reasons=WHY, comment="Pas pour nous")
    run(queued(world, CheckStatus)[0], world.context)  # type: ignore[arg-type]

    assert 1 == len(queued(world, TransmitStatus))


def test_an_invoice_that_lacks_what_a_message_says_names_it(
    world: World, purchase: Document
) -> None:
    """Without any XML there is nothing to write from."""
    files = {"original": world.context.blobs.put("k/pdf", b"%PDF-1.7", "application/pdf")}
    bare = world.context.store.commit(Changes(document=replace(purchase, files=files)))
    say(world, bare, "205")
    run(queued(world, CheckStatus)[0], world.context)  # type: ignore[arg-type]

    (record,) = world.document(purchase.id).statuses
    assert ("status.no_data", "invoice_xml") == (record.failure, record.failure_text)


def test_a_check_that_nothing_could_run_is_given_up_visibly(
    world: World, purchase: Document
) -> None:
    """The queue's last delivery: the record says so instead of waiting for ever."""
    say(world, purchase, "205")
    (check,) = [one for one in world.queue.sent if isinstance(one.command, CheckStatus)]

    run_scheduled(check, world.context, last=True)

    (record,) = world.document(purchase.id).statuses
    assert (Transmission.REFUSED, "work.interrupted") == (record.transmission, record.failure)


def test_a_check_that_comes_twice_is_done_once(world: World, purchase: Document) -> None:
    """The queue may deliver it again: one file, one event."""
    say(world, purchase, "205")
    check = queued(world, CheckStatus)[0]
    first = run(check, world.context)  # type: ignore[arg-type]
    second = run(check, world.context)  # type: ignore[arg-type]

    assert first is not None
    assert second is not None
    assert (first.events, first.version) == (second.events, second.version)


def test_what_may_not_be_said_is_refused_in_the_same_way_everywhere(
    world: World, purchase: Document
) -> None:
    """All that is missing at once; nothing is recorded."""
    assert ["status.not_offered"] == faults_of(world, purchase, "212", amount=Decimal(1))
    assert ["status.reason_missing", "status.comment_missing"] == faults_of(world, purchase, "210")
    assert () == world.document(purchase.id).statuses


def test_a_status_is_of_the_document_that_was_seen_and_of_its_dossier(
    world: World, purchase: Document
) -> None:
    """Another version is stale; another dossier's document is not found."""
    with pytest.raises(StaleVersionError):
        say(world, purchase, "204", version=purchase.version + 1)
    with pytest.raises(NotFoundError):
        say(world, replace(purchase, dossier="other"), "204")
    assert "204" == facts_of(say(world, purchase, "204", version=purchase.version)).shown


def test_accepting_tells_the_seller_once(world: World, purchase: Document) -> None:
    """205 follows by itself; the command again changes nothing."""
    run(
        AcceptDocument(
            dossier=purchase.dossier, document=purchase.id, version=purchase.version, **ANNE
        ),
        world.context,
    )
    (told,) = queued(world, SetStatus)
    run(told, world.context)  # type: ignore[arg-type]
    run(told, world.context)  # type: ignore[arg-type]

    after = world.document(purchase.id)
    assert ["205"] == [one.code for one in after.statuses]
    assert "Anne" == after.statuses[0].by_name


def test_refusing_what_a_platform_brought_wants_an_official_reason(
    world: World, purchase: Document
) -> None:
    """« Autre raison » is none of 210: nothing happens, and the page says why."""
    command = RefuseDocument(
        dossier=purchase.dossier, document=purchase.id, version=purchase.version,
        reason="AUTRE", comment="Hors délai", **ANNE,
    )  # fmt: skip
    with pytest.raises(InvalidError) as raised:
        run(command, world.context)
    assert ["refusal.official"] == [one.code for one in raised.value.faults]
    run(replace(command, reason="CONTRAT_TERM"), world.context)
    (told,) = queued(world, SetStatus)
    run(told, world.context)  # type: ignore[arg-type]
    after = world.document(purchase.id)
    assert (State.REFUSED, ["210"]) == (after.state, [one.code for one in after.statuses])


def test_approving_by_status_accepts_once_whichever_door(world: World, purchase: Document) -> None:
    """205 on the panel accepts and seals; said once; what may not be accepted is not offered."""
    said = say(world, purchase, "205", id="ask-1")
    assert said.state in (State.ACCEPTED, State.ARCHIVED)
    again = say(world, purchase, "205", id="ask-1")
    assert ["205"] == [one.code for one in again.statuses]
    assert [] == queued(world, SetStatus)
    history = [one.event.name.value for one in world.context.store.history(purchase.ref)]
    assert 1 == history.count("InvoiceAccepted")
    assert broken_at(world.context.store.history(purchase.ref)) is None


def test_a_held_invoice_is_neither_approved_nor_offered_to_be(
    world: World, purchase: Document
) -> None:
    """An IBAN that nobody approved holds both doors; a dispute may be said all the same."""
    frozen = (Fault(code="iban.changed"),)
    held = world.context.store.commit(Changes(document=replace(purchase, faults=frozen)))
    offered = {one.code for one in statuses.standing(held, world.context).offers}
    assert "205" not in offered
    assert {"207", "210"} <= offered
    assert faults_of(world, held, "205")
    assert State.TO_ACCEPT is world.document(held.id).state


def test_keeping_what_was_approved_in_part_does_not_approve_it_whole(
    world: World, purchase: Document
) -> None:
    """« Accepter » after 206 archives, and the seller goes on reading 206."""
    part = say(world, purchase, "206", reasons=(StatusReason(code="QTE_ERR"),))
    accept = AcceptDocument(dossier=part.dossier, document=part.id, version=part.version, **ANNE)
    run(accept, world.context)
    for told in queued(world, SetStatus):
        run(told, world.context)  # type: ignore[arg-type]
    assert ["206"] == [one.code for one in world.document(part.id).statuses]


def test_a_status_goes_where_the_sale_was_sent(world: World) -> None:
    """Its sender chose another address of the buyer (services/flows/transmitting)."""
    one = sale(world)
    sending = Sending(
        connection="c1", tracking_id="t1", sha256="0" * 64, at=world.clock.now(),
        transmission=Transmission.CONFIRMED,
    )  # fmt: skip
    world.context.store.mark(one.dossier, "SENDING_TO", "t1", "300000007_COMPTA")
    one = world.context.store.commit(Changes(document=replace(one, sendings=(sending,))))

    one = say(world, one, "212", amount=Decimal(50))
    checked = run(queued(world, CheckStatus)[0], world.context)  # type: ignore[arg-type]

    assert checked is not None
    file = checked.files[lifecycle.role_of(one.statuses[-1].id)]
    (recipient,) = cdar.parse(world.context.blobs.get(file)).recipients
    assert ("BY", "300000007_COMPTA") == (recipient.role, recipient.address.value)  # type: ignore[union-attr]


# ── Payments ────────────────────────────────────────────────────────────────────────────────────


def test_a_payment_is_shared_among_the_rates_of_the_invoice(world: World) -> None:
    """120 collected in 50 and 70, 20 given back: three statuses, one block per rate each."""
    one = sale(world)
    weights = statuses.standing(one, world.context).rates
    for amount in ("50", "70", "-20"):
        one = say(world, one, "212", amount=Decimal(amount), on=date(2026, 11, 19))

    assert [Decimal(20)] == [row.rate for row in weights]
    blocks = [record.characteristics for record in one.statuses]
    assert [Decimal(50), Decimal(70), Decimal(-20)] == [
        sum(block.amount or 0 for block in some) for some in blocks
    ]
    assert all(block.type == "MEN" for some in blocks for block in some)
    assert Decimal(100) == facts_of(one).collected_total
    assert ["status.refund_too_large"] == faults_of(world, one, "212", amount=Decimal(-101))
    assert ["status.amount_zero"] == faults_of(world, one, "212", amount=Decimal(0))
    assert ["status.amount_missing"] == faults_of(world, one, "212")


def test_a_payment_cannot_be_shared_without_rates(world: World) -> None:
    """The user then gives each rate's amount."""
    one = sale(world)
    bare = {name: file for name, file in one.files.items() if name != "candidate"}
    one = world.context.store.commit(Changes(document=replace(one, files=bare)))

    assert ["status.rates_unknown"] == faults_of(world, one, "212", amount=Decimal(5))


# ── Received ────────────────────────────────────────────────────────────────────────────────────


def test_statuses_in_any_order_and_twice_give_the_same_document(world: World) -> None:
    """A sale's statuses as a platform gives them: mixed, repeated, unknown ones too."""
    one = sale(world)
    some = [came("205", 4), came("200"), came("999", 2), came("203", 1), came("205", 4)]
    for record in [*some, *reversed(some)]:
        one = hear(world, one, record)

    assert 4 == len(one.statuses)
    assert ("205", "203", ("999",)) == (
        facts_of(one).shown,
        facts_of(one).road,
        facts_of(one).unknown,
    )


def test_a_status_reaches_a_document_in_the_trash_and_no_deleted_one(
    world: World, purchase: Document
) -> None:
    """It may be restored; what is gone stays gone."""
    run(
        TrashDocument(
            dossier=purchase.dossier, document=purchase.id, version=purchase.version, **ANNE
        ),
        world.context,
    )
    assert 1 == len(hear(world, purchase, came("202")).statuses)
    gone = replace(world.document(purchase.id), state=State.DELETED)
    world.context.store.commit(Changes(document=gone))
    assert 1 == len(hear(world, purchase, came("203")).statuses)


# ── Invoices that replace others ────────────────────────────────────────────────────────────────


def credit(number: str, of: str, total: str = "", *, kind: str = "381") -> bytes:
    """A credit note, or a corrective invoice, that names another invoice."""
    more = {"totals": Totals(**{name: Decimal(total) for name in _TOTALS})} if total else {}
    named = (PrecedingInvoice(number=of),)
    return xml(number, type_code=kind, preceding=named, **more)


_TOTALS = ("lines", "tax_exclusive", "tax", "tax_inclusive", "due")


def by_number(world: World, number: str) -> Document:
    return next(one for one in world.documents() if one.summary.number == number)


def test_a_corrective_invoice_proposes_to_cancel_the_one_it_names(world: World) -> None:
    """Both know of each other, and 220 is offered on the older."""
    world.receive(("f.xml", xml("F1")))
    world.receive(
        ("c.xml", credit("C1", "F1", kind="384")), key="mail/2", message_id="m2@x.example"
    )
    older, newer = by_number(world, "F1"), by_number(world, "C1")

    assert [(newer.id, Relation.CORRECTED_BY)] == [
        (one.document, one.relation) for one in older.related
    ]
    assert [(older.id, Relation.CORRECTS)] == [
        (one.document, one.relation) for one in newer.related
    ]
    assert "220" in [one.code for one in statuses.standing(older, world.context).offers]
    assert "220" not in [one.code for one in statuses.standing(newer, world.context).offers]
    assert "220" == facts_of(say(world, older, "220")).closed


def test_a_credit_note_of_a_refused_invoice_cannot_be_approved(world: World) -> None:
    """205 is neither offered nor taken; before the refusal it was (PE-11)."""
    world.receive(("f.xml", xml("F1")))
    world.receive(("c.xml", credit("A1", "F1")), key="mail/2", message_id="m2@x.example")
    older, note = by_number(world, "F1"), by_number(world, "A1")
    assert "205" not in [one.code for one in statuses.standing(note, world.context).offers]
    known = replace(note, duplicates_cleared=True)  # of one amount and day: it seemed a double
    note = world.context.store.commit(Changes(document=known))
    assert "205" in [one.code for one in statuses.standing(note, world.context).offers]

    say(world, older, "210", reasons=WHY, comment="Pas pour nous")

    assert "205" not in [one.code for one in statuses.standing(note, world.context).offers]
    assert ["status.not_offered"] == faults_of(world, note, "205")


def test_what_a_credit_note_names_may_come_after_it(world: World) -> None:
    """It is looked for again, a few times; then no more."""
    world.receive(("c.xml", credit("A1", "F1")))
    note = by_number(world, "A1")
    due = world.clock.now() + timedelta(minutes=11)
    (again,) = [
        one for one in world.context.store.due(due) if isinstance(one.command, LinkInvoice)
    ]
    world.receive(("f.xml", xml("F1")), key="mail/2", message_id="m2@x.example")
    assert () == world.document(note.id).related

    run_scheduled(again, world.context)

    assert 1 == len(world.document(note.id).related)
    last = LinkInvoice(dossier=note.dossier, document=note.id, attempt=9)
    run(last, world.context)
    assert 1 == len(world.document(note.id).related)


def test_an_invoice_of_another_seller_with_the_same_number_is_not_the_one(world: World) -> None:
    """Numbers are a seller's own."""
    world.receive(("c.xml", credit("A1", "V9")))
    sale(world, xml("V9"))

    assert () == by_number(world, "A1").related


# ── What is attached ────────────────────────────────────────────────────────────────────────────

PDF, PNG = b"%PDF-1.4 bon", b"\x89PNG\r\n\x1a\n"


def attached(world: World, document: Document, *given: tuple[str, bytes], code: str = "207"):
    some = [pieces.Given(filename=name, data=data) for name, data in given]
    return pieces.keep(document, code, some, world.context)


def test_a_proof_travels_with_its_dispute_and_is_kept_at_both_ends(
    world: World, purchase: Document
) -> None:
    """In the message that the official rules took, byte for byte; at the other side, beside it."""
    world.with_(rulebook=SaxonRulebook())
    files = attached(world, purchase, (r"C:\\fotos\\bon n°7.PDF", PDF), ("palette.jpeg", PNG))
    assert ["bon n-7.pdf", "palette.jpeg.png"] == [one.filename for one in files]
    why = (StatusReason(code="QTE_ERR", comment="2, pas 3"),)
    said = say(world, purchase, "207", reasons=why, files=files)
    (check,) = queued(world, CheckStatus)
    checked = run(check, world.context)  # type: ignore[arg-type]

    assert checked is not None
    role = lifecycle.role_of(said.statuses[0].id)
    message = cdar.parse(world.context.blobs.get(checked.files[role]))
    assert [PDF, PNG] == [one.data for one in message.attachments]
    assert ["application/pdf", "image/png"] == [one.media_type for one in message.attachments]
    assert (f"{role}-piece-1", f"{role}-piece-2") == pieces.roles_of(checked, role)


@pytest.mark.parametrize(
    ("code", "given", "fault"),
    [
        ("205", [("a.pdf", PDF)], "status.piece_code"),
        ("211", [("a.pdf", PDF)], "status.piece_code"),
        ("207", [("a.pdf", PDF)] * 4, "status.pieces_many"),
        ("207", [("a.pdf", PDF + b"x" * 3_000_000)], "status.pieces_large"),
        ("207", [("a.pdf", b"")], "status.piece_empty"),
        ("207", [("a.pdf", b"MZ" + b"x" * 90)], "status.piece_kind"),
        ("207", [("a.pdf", b"<html><script>alert(1)</script></html>")], "status.piece_kind"),
        ("208", [("a.docm", b"PK\x03\x04" + b"x" * 90)], "status.piece_kind"),
    ],
)
def test_pieces_are_few_small_and_of_kinds_that_anybody_opens(
    world: World, purchase: Document, code: str, given: list[tuple[str, bytes]], fault: str
) -> None:
    """Told from the bytes, whatever the name says; nothing is kept of what is refused."""
    with pytest.raises(InvalidError) as raised:
        attached(world, purchase, *given, code=code)
    assert fault in [one.code for one in raised.value.faults]
