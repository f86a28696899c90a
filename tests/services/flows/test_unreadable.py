"""« Irrecevable » (501): a file of ours that a platform could not read goes to its sending."""

from dataclasses import replace

import pytest
from facteur.domain.commands import SendInvoice, SetStatus, SyncConnection
from facteur.domain.connections import Tally
from facteur.domain.documents import Document, State
from facteur.domain.flows import AckDetail, FlowSyntax, FlowType
from facteur.domain.invoice import Identifier
from facteur.domain.lifecycle.codes import Profile
from facteur.domain.lifecycle.messages import Detail, MessageParty, StatusMessage
from facteur.domain.lifecycle.records import StatusReason, Transmission
from facteur.domain.taken_flows import TakenFlow
from facteur.formats import cdar
from facteur.ports import Changes
from facteur.services.platforms.polling import take_again
from facteur.services.run import run

from tests.services.fake_platforms import Compliant, FakePlatform, connected
from tests.services.world import World, xml


@pytest.fixture
def pa(world: World) -> FakePlatform:
    return connected(world, rulebook=Compliant())


@pytest.fixture
def sale(world: World, pa: FakePlatform) -> Document:
    """A sale that left by the platform, which has not said what it thinks of it."""
    made = replace(world.sell(), state=State.ARCHIVED)
    made = world.context.store.commit(Changes(document=made))
    send(world, made)
    return world.document(made.id)


def send(world: World, sale: Document) -> None:
    run(
        SendInvoice(dossier=world.dossier, document=sale.id, by="u1", by_name="Anne"),
        world.context,
    )
    world.deliver()


def unreadable(world: World, names: str, **more: object) -> bytes:
    """What a platform says of a file: MDT-87 names it."""
    now = world.clock.now()
    message = StatusMessage(
        id=f"501_{names}"[:50],
        created_at=now,
        sender=MessageParty(role="WK"),
        author=MessageParty(role="WK"),
        recipients=(MessageParty(role="SE"),),
        phase="305",
        set_at=now,
        number=names,
        code="501",
        type_code="380",
        details=(Detail(reason=StatusReason(code="IRR_ANTIVIRUS", comment="Eicar")),),
        label="Irrecevable",
    )
    return cdar.write(replace(message, **more))  # type: ignore[arg-type]


def told(world: World, pa: FakePlatform, data: bytes, name: str = "s1") -> TakenFlow:
    """What becomes of a message that the platform brings."""
    pa.bring(
        name, data, kind=FlowType.CUSTOMER_INVOICE_LC, syntax=FlowSyntax.CDAR,
        at=world.clock.now(),
    )  # fmt: skip
    sync(world)
    return world.context.connections.taken(world.dossier, "super_pdp", (name,))[name]


def sync(world: World) -> None:
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()


@pytest.mark.parametrize("profile", [Profile.INVOICE, Profile.FLOW])
@pytest.mark.parametrize("by", ["flow", "tracking"])
def test_it_goes_to_the_sending_that_it_names_and_the_sale_may_leave_again(
    world: World, pa: FakePlatform, sale: Document, by: str, profile: Profile
) -> None:
    """By the flow's identifier there, or by ours; the invoice was not issued (no status of it)."""
    (flow,) = pa.sent
    names = flow.id if by == "flow" else flow.tracking_id
    taken = told(world, pa, unreadable(world, names, profile=profile.value))

    held = world.document(sale.id)
    assert (Tally.STATUSES, sale.id, None) == (taken.outcome, taken.document, taken.failure)
    assert (Transmission.REFUSED, "IRR_ANTIVIRUS", "Eicar") == (
        held.sendings[0].transmission, held.sendings[0].failure, held.sendings[0].failure_text,
    )  # fmt: skip
    assert () == held.statuses
    send(world, sale)
    assert 2 == len(pa.sent)


def test_after_the_refusal_of_the_controls_it_says_nothing_new(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """« Error » came first: the first reason stays, and nothing is set aside."""
    (flow,) = pa.sent
    virus = AckDetail(level="Error", item="file", reason="VirusFound", message="Eicar")
    pa.answer(flow.id, virus)
    taken = told(world, pa, unreadable(world, flow.id))

    assert (Tally.IGNORED, sale.id) == (taken.outcome, taken.document)
    assert "VirusFound" == world.document(sale.id).sendings[0].failure
    assert () == world.context.connections.flows(world.dossier, "c1", quarantined=True)


def test_where_the_answer_was_lost_the_flow_is_known_by_its_controls(
    world: World, pa: FakePlatform
) -> None:
    """The submission got no answer: the round tells its flow, which a 501 then names."""
    made = replace(world.sell(), state=State.ARCHIVED)
    made = world.context.store.commit(Changes(document=made))
    pa.loses_answers = True
    run(SendInvoice(dossier=world.dossier, document=made.id, by="u1"), world.context)
    run(world.queue.sent.pop(0).command, world.context)
    world.queue.sent.clear()  # the next try is not due yet
    pa.loses_answers = False
    (flow,) = pa.sent
    pa.answer(flow.id)
    sync(world)
    told(world, pa, unreadable(world, flow.id))

    assert "IRR_ANTIVIRUS" == world.document(made.id).sendings[0].failure


def test_a_status_of_ours_that_could_not_be_read_did_not_leave(
    world: World, pa: FakePlatform
) -> None:
    """The file was that of a status: the record says so, the invoice is as it was."""
    pa.bring("f1", xml("F1"))
    sync(world)
    (purchase,) = world.documents()
    command = SetStatus(dossier=world.dossier, document=purchase.id, code="204", by="u1")
    run(command, world.context)
    world.deliver()
    (flow,) = pa.sent
    taken = told(world, pa, unreadable(world, flow.id))

    (record,) = world.document(purchase.id).statuses
    assert (Tally.STATUSES, purchase.id) == (taken.outcome, taken.document)
    assert (Transmission.REFUSED, "IRR_ANTIVIRUS") == (record.transmission, record.failure)


def test_it_goes_to_the_last_sending_of_the_invoice_that_it_names(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """A platform could read the number; what is older than the last sending is of another file."""
    siren = Identifier(value=sale.summary.seller_siren, scheme="0002")
    seller = MessageParty(identifiers=(siren,), role="SE")
    names = {"issue_date": sale.summary.issue_date, "seller": seller}
    number = sale.summary.number
    first = told(world, pa, unreadable(world, number, **names))
    assert (Tally.STATUSES, sale.id) == (first.outcome, first.document)
    assert "IRR_ANTIVIRUS" == world.document(sale.id).sendings[0].failure
    before = unreadable(world, number, **names)
    world.clock.pass_(minutes=30)
    send(world, sale)
    told(world, pa, before, name="s2")
    assert Transmission.SENT is world.document(sale.id).sendings[1].transmission


def test_what_names_nothing_that_we_sent_is_ignored(
    world: World, pa: FakePlatform, sale: Document
) -> None:
    """Another program's flow, or a trial where invoices are real: no person can do anything."""
    (flow,) = pa.sent
    assert Tally.IGNORED is told(world, pa, unreadable(world, "theirs")).outcome
    trial = unreadable(world, flow.id, test=True)
    assert Tally.IGNORED is told(world, pa, trial, name="s2").outcome
    assert Transmission.SENT is world.document(sale.id).sendings[0].transmission
    assert () == world.context.connections.flows(world.dossier, "c1", quarantined=True)


def test_what_waited_aside_is_taken_again(world: World, pa: FakePlatform, sale: Document) -> None:
    """« Rejouer » of one that was set aside before it was understood."""
    (flow,) = pa.sent
    taken = told(world, pa, unreadable(world, "theirs"))
    assert taken.file is not None
    data = unreadable(world, flow.id)
    file = world.context.blobs.put(
        f"{taken.file.key}-2", data, "application/xml", filename="501.xml"
    )
    aside = replace(taken, outcome=Tally.QUARANTINED, file=file)
    world.context.connections.save_taken(aside)
    take_again(aside, world.context)
    world.deliver()

    assert "IRR_ANTIVIRUS" == world.document(sale.id).sendings[0].failure
