"""What leaves by a platform: once, checked, followed, and mended when it comes back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from facteur.domain.commands import FollowSending, SendInvoice, SyncConnection, TransmitInvoice
from facteur.domain.connections import ConnectionState
from facteur.domain.documents import Direction, Document, State, Verdict
from facteur.domain.errors import ConflictError, InvalidError
from facteur.domain.flows import AckDetail, Flow, FlowSyntax, FlowView
from facteur.domain.lifecycle.records import Side, StatusRecord, Transmission
from facteur.formats.xml_invoice import parse
from facteur.ports import Changes
from facteur.services.run import run

from tests.services.fake_platforms import Compliant, FakePlatform, connected
from tests.services.world import World


@pytest.fixture
def pa(world: World) -> FakePlatform:
    return connected(world, rulebook=Compliant())


@pytest.fixture
def sale(world: World, pa: FakePlatform) -> Document:
    """A sale whose issuer's XML was accepted and archived here."""
    made = world.sell()
    return world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))


def send(world: World, sale: Document, **options: str) -> Document:
    command = SendInvoice(
        dossier=world.dossier, document=sale.id, by="u1", by_name="Anne", **options
    )
    run(command, world.context)
    world.deliver()
    return world.document(sale.id)


def sync(world: World) -> None:
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()


def history(world: World, document: Document) -> list[str]:
    return [one.event.name.value for one in world.context.store.history(document.ref)]


def test_a_sale_leaves_once_and_is_followed(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """Sent with its own bytes; the platform's controls end; asking again is refused."""
    sent = send(world, sale)
    (flow,) = pa.sent
    assert (FlowSyntax.CII, sent.sendings[0].tracking_id) == (flow.syntax, flow.tracking_id)
    original = world.context.blobs.get(sale.files["original"])
    assert original == pa.files[flow.id, FlowView.ORIGINAL]
    assert (Transmission.SENT, flow.id) == (
        sent.sendings[0].transmission,
        sent.sendings[0].flow,
    )
    with pytest.raises(ConflictError, match="under_way"):
        send(world, sale)

    pa.answer(flow.id)
    sync(world)
    assert Transmission.CONFIRMED is world.document(sale.id).sendings[0].transmission
    assert ["SendingAsked", "InvoiceTransmitted", "InvoiceAcknowledged"] == history(world, sale)[
        -3:
    ]


def test_an_answer_that_was_lost_sends_nothing_twice(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """D08: the platform took it and never said so; it is found by its tracking identifier."""
    pa.loses_answers = True
    run(
        SendInvoice(dossier=world.dossier, document=sale.id, by="u1", by_name="Anne"),
        world.context,
    )
    first = world.queue.sent.pop(0)
    run(first.command, world.context)
    pa.loses_answers = False
    world.deliver()
    assert 1 == len(pa.sent)
    assert Transmission.SENT is world.document(sale.id).sendings[0].transmission
    assert 1 == len([one for one in pa.said if one.startswith("submit")])


def lost(world: World, pa: FakePlatform, sale: Document) -> Flow:
    """A sale that the platform took without a word; the next try is not due yet."""
    pa.loses_answers = True
    command = SendInvoice(dossier=world.dossier, document=sale.id, by="u1", by_name="Anne")
    run(command, world.context)
    run(world.queue.sent.pop(0).command, world.context)
    world.queue.sent.clear()
    pa.loses_answers = False
    (flow,) = pa.sent
    assert "" == world.document(sale.id).sendings[0].flow
    return flow


def test_where_the_answer_was_lost_the_controls_tell_the_flow(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """IP-22: « Ok » or a refusal came before the next try: its flow is kept, and proved."""
    flow = lost(world, pa, sale)
    pa.answer(flow.id)
    sync(world)
    (one,) = world.document(sale.id).sendings
    assert (Transmission.CONFIRMED, flow.id) == (one.transmission, one.flow)
    told = world.context.store.history(sale.ref)[-1].event
    assert ("InvoiceAcknowledged", flow.id) == (told.name.value, told.values["flow"])


def test_where_the_answer_was_lost_a_refusal_tells_the_flow(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """Idem for « Error ». A later attempt has a flow of its own."""
    flow = lost(world, pa, sale)
    pa.answer(flow.id, AckDetail(level="Error", item="BT-49", reason="ADR_ERR"))
    sync(world)
    (one,) = world.document(sale.id).sendings
    assert (Transmission.REFUSED, flow.id) == (one.transmission, one.flow)


def test_where_a_deposit_is_not_found_at_once_nothing_is_deposited_before_it_may_be(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """Chorus Pro tells of a deposit once its invoice is integrated: that is waited for."""
    pa.settles = timedelta(hours=2)
    pa.away = True  # between the submission and its answer: nobody knows
    assert Transmission.WAITING is send(world, sale).sendings[0].transmission
    pa.away = False
    for hour in range(4):
        world.clock.pass_(minutes=55)
        for scheduled in world.context.store.due(world.clock.now()):
            world.context.store.done(scheduled.id)
            world.queue.send(scheduled)
        world.deliver()
        assert (hour >= 2) is bool(pa.sent), hour
    assert Transmission.SENT is world.document(sale.id).sendings[0].transmission
    assert 1 == len(pa.sent)


def test_a_platform_down_for_a_day_gets_it_later(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """It waits in the agenda; nothing is refused meanwhile."""
    pa.away = True
    assert Transmission.WAITING is send(world, sale).sendings[0].transmission
    for _hour in range(30):
        world.clock.pass_(hours=1)
        for scheduled in world.context.store.due(world.clock.now()):
            world.context.store.done(scheduled.id)
            world.queue.send(scheduled)
        pa.away = _hour < 24
        world.deliver()
    assert Transmission.SENT is world.document(sale.id).sendings[0].transmission
    assert 1 == len(pa.sent)


def test_what_was_given_up_is_looked_for_before_it_leaves_again(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """Taken without a word, then days of silence: sending again finds it, and sends nothing."""
    pa.loses_answers = True
    run(
        SendInvoice(dossier=world.dossier, document=sale.id, by="u1", by_name="Anne"),
        world.context,
    )
    command = world.queue.sent.pop(0).command
    run(command, world.context)
    pa.loses_answers = False
    pa.away = True
    world.queue.sent.clear()
    run(replace(command, attempt=20), world.context)
    assert "platform.unreachable" == world.document(sale.id).sendings[0].failure
    pa.away = False
    again = send(world, sale)
    assert 1 == len(pa.sent)
    assert (Transmission.SENT, pa.sent[0].id) == (
        again.sendings[1].transmission,
        again.sendings[1].flow,
    )


def test_a_mistake_of_ours_is_told_where_it_waits(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """It raises, so that somebody is woken, and the sale says that it did not leave."""
    run(
        SendInvoice(dossier=world.dossier, document=sale.id, by="u1", by_name="Anne"),
        world.context,
    )

    def broken(_flow: object) -> None:
        raise RuntimeError

    pa.submit = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(RuntimeError):
        world.deliver()
    assert "work.failed" == world.document(sale.id).sendings[0].failure


def test_a_refusal_is_kept_with_its_words_and_may_be_sent_again(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """Refused at once, then by its controls: the reason, the platform's words, same number."""
    pa.refuses = "InvalidSchema"
    refused = send(world, sale).sendings[0]
    assert (Transmission.REFUSED, "InvalidSchema", "Their words.") == (
        refused.transmission,
        refused.failure,
        refused.failure_text,
    )
    pa.refuses = ""
    again = send(world, sale)
    assert 2 == len(again.sendings)
    (flow,) = pa.sent
    pa.answer(
        flow.id, AckDetail(level="Error", item="BT-49", reason="ADR_ERR", message="Inconnue")
    )
    command = FollowSending(
        dossier=world.dossier, connection="c1", tracking=flow.tracking_id, flow=flow.id
    )
    run(command, world.context)
    last = world.document(sale.id).sendings[-1]
    assert (Transmission.REFUSED, "ADR_ERR", "BT-49 Inconnue") == (
        last.transmission,
        last.failure,
        last.failure_text,
    )


def test_corrected_and_sent_again_after_a_rejection_with_the_same_number(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """NO-04: 213 for the address; one action writes another BT-49 and nothing else."""
    sent = send(world, sale)
    pa.answer(pa.sent[0].id)
    sync(world)
    rejected = StatusRecord(
        id="flow:super_pdp:x",
        code="213",
        set_at=world.clock.now() + timedelta(minutes=1),
        recorded_at=world.clock.now(),
        side=Side.PLATFORM,
    )
    head = world.document(sale.id)
    world.context.store.commit(Changes(document=replace(head, statuses=(rejected,))))

    with pytest.raises(InvalidError):
        send(world, sale, address="pas une adresse")
    again = send(world, sale, address="0225:123456782_ACHATS")
    assert 2 == len(pa.sent)
    data = pa.files[pa.sent[1].id, FlowView.ORIGINAL]
    before, after = parse(world.context.blobs.get(sale.files["original"])), parse(data)
    assert ("123456782_ACHATS", "0225") == (
        after.invoice.buyer.electronic_address.value,
        after.invoice.buyer.electronic_address.scheme,
    )
    assert replace(before.invoice, buyer=after.invoice.buyer) == after.invoice
    assert sent.sendings[0].tracking_id != again.sendings[1].tracking_id
    assert again.files["sent-2"].sha256 == again.sendings[1].sha256


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"direction": Direction.PURCHASE}, "sending.not_a_sale"),
        ({"structured": False}, "sending.not_structured"),
        ({"state": State.TO_ACCEPT}, "sending.not_accepted"),
        ({"conversion": None}, "sending.not_valid"),
    ],
)
def test_what_does_not_hold_does_not_leave(
    world: World, pa: FakePlatform, sale: Document, change: dict[str, object], why: str
) -> None:
    """Conformity first: nothing is asked of the platform."""
    world.context.store.commit(Changes(document=replace(sale, **change)))
    with pytest.raises(InvalidError, match=why):
        send(world, sale)
    assert [] == pa.sent


def test_the_reform_s_rules_stop_what_we_issue(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """BR-FR is a warning on what comes in, and blocks what leaves (decision 25)."""
    conversion = replace(sale.conversion, reform=Verdict.INVALID)
    world.context.store.commit(Changes(document=replace(sale, conversion=conversion)))
    with pytest.raises(InvalidError, match="not_compliant"):
        send(world, sale)


def test_nothing_leaves_without_a_platform(world: World, pa: FakePlatform, sale: Document) -> None:
    """Not connected, or disconnected between the click and the sending."""
    run(
        SendInvoice(dossier=world.dossier, document=sale.id, by="u1", by_name="Anne"),
        world.context,
    )
    held = world.context.connections.connection(world.dossier, "c1")
    world.context.connections.save(replace(held, state=ConnectionState.DISCONNECTED))
    world.deliver()
    assert "sending.disconnected" == world.document(sale.id).sendings[0].failure
    with pytest.raises(InvalidError, match="no_platform"):
        send(world, sale)
    assert [] == pa.sent


def test_a_sending_that_nobody_asked_for_does_nothing(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """A command that names no sending of the document."""
    run(TransmitInvoice(dossier=world.dossier, document=sale.id, tracking="x"), world.context)
    assert [] == pa.said
