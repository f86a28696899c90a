"""A sale is archived once it was sent: success seals it, failure leaves it in sight (JF-59)."""

import json
from dataclasses import replace

import pytest
from facteur.domain import evidence
from facteur.domain.attention import Topic, topics_said
from facteur.domain.commands import (
    AcceptDocument,
    ApplyStatus,
    KeepUnsent,
    SealDocument,
    SendInvoice,
    SyncConnection,
)
from facteur.domain.connections import ConnectionState
from facteur.domain.decisions.sendings import given_back
from facteur.domain.documents import Channel, Document, State, Verdict
from facteur.domain.errors import ConflictError, StaleVersionError
from facteur.domain.events import Event, Happened, chained
from facteur.domain.flows import AckDetail, FlowView
from facteur.domain.lifecycle.records import Side, StatusRecord
from facteur.domain.lifecycle.telling import unseen_of
from facteur.ports import Changes
from facteur.services.run import run
from facteur.web.showing import present

from tests.services.fake_platforms import Compliant, FakePlatform, connected
from tests.services.world import START, World


@pytest.fixture
def pa(world: World) -> FakePlatform:
    return connected(world, rulebook=Compliant())


def waiting(world: World) -> Document:
    """A sale that waits for acceptance."""
    return world.sell()


def accept(world: World, document: Document) -> Document:
    run(
        AcceptDocument(
            dossier=document.dossier, document=document.id, version=document.version, by="u1"
        ),
        world.context,
    )
    world.deliver()
    return world.document(document.id)


def send(world: World, document: Document, **options: str) -> Document:
    command = SendInvoice(dossier=world.dossier, document=document.id, by="u1", **options)
    run(command, world.context)
    world.deliver()
    return world.document(document.id)


def answer(world: World, pa: FakePlatform, *details: AckDetail) -> None:
    """The platform's controls end, and the dossier hears of it."""
    pa.answer(pa.sent[-1].id, *details)
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()


def say(world: World, document: Document, code: str) -> None:
    now = world.clock.now()
    record = StatusRecord(
        id=f"flow:super_pdp:{code}", code=code, set_at=now, recorded_at=now, side=Side.PLATFORM
    )
    run(ApplyStatus(dossier=document.dossier, document=document.id, record=record), world.context)
    world.deliver()


def tomorrow(world: World) -> None:
    """A day passes; what the agenda holds is run."""
    world.clock.pass_(days=1, minutes=1)
    for scheduled in world.context.store.due(world.clock.now()):
        world.context.store.done(scheduled.id)
        world.queue.send(scheduled)
    world.deliver()


def told(world: World, document: Document) -> list[Happened]:
    return [one.event.name for one in world.context.store.history(document.ref)]


def test_a_sale_is_sealed_once_the_platform_took_it(world: World, pa: FakePlatform) -> None:
    """Accepted, then sent, then acknowledged: archived, with the flow and the hash in evidence."""
    held = accept(world, waiting(world))
    assert (State.ACCEPTED, None) == (held.state, held.seal)
    assert "Acceptée, à envoyer" == present.state(held).label
    sent = send(world, held)
    assert (State.ACCEPTED, "Acceptée, envoi en cours") == (sent.state, present.state(sent).label)

    answer(world, pa)
    archived = world.document(held.id)
    assert State.ARCHIVED is archived.state
    assert archived.to_send_since is None
    assert 1 == told(world, held).count(Happened.DOCUMENT_ARCHIVED)
    kept = {
        role: world.context.blobs.get(file)
        for role, file in archived.files.items()
        if archived.seal is not None and file in archived.seal.files
    }
    proof = kept.pop("evidence")
    assert evidence.examine(proof, kept).intact
    (flow,) = pa.sent
    assert pa.files[flow.id, FlowView.ORIGINAL] == kept["original"]
    left = [one["values"] for one in json.loads(proof)["history"]][-2]
    assert (flow.id, "c1", archived.sha256) == (left["flow"], left["connection"], left["sha256"])


def test_a_status_that_it_went_on_seals_it_too(world: World, pa: FakePlatform) -> None:
    """202 before any answer of the controls; 221 and 501 say nothing of the kind."""
    sent = send(world, accept(world, waiting(world)))
    say(world, sent, "221")
    assert State.ACCEPTED is world.document(sent.id).state
    say(world, sent, "202")
    assert State.ARCHIVED is world.document(sent.id).state


def test_what_is_refused_is_not_archived_and_leaves_again(world: World, pa: FakePlatform) -> None:
    """Refused, then given back (213): in sight; corrected and taken: sealed with what was sent."""
    held = accept(world, waiting(world))
    pa.refuses = "InvalidSchema"
    refused = send(world, held)
    assert (State.ACCEPTED, True) == (refused.state, given_back(refused))
    assert "Acceptée, envoi en échec" == present.state(refused).label
    pa.refuses = ""
    sent = send(world, refused)
    say(world, sent, "213")
    assert (State.ACCEPTED, True) == (
        world.document(held.id).state, given_back(world.document(held.id)),
    )  # fmt: skip
    tomorrow(world)
    assert State.ACCEPTED is world.document(held.id).state
    send(world, sent, address="0225:123456782_ACHATS")
    answer(world, pa)
    archived = world.document(held.id)
    assert State.ARCHIVED is archived.state
    assert archived.seal is not None
    assert archived.files["sent-3"] in archived.seal.files


def test_its_controls_refuse_and_it_stays_open(world: World, pa: FakePlatform) -> None:
    """A rejected acknowledgement seals nothing."""
    sent = send(world, accept(world, waiting(world)))
    answer(world, pa, AckDetail(level="Error", item="BT-49", reason="ADR_ERR", message="Inconnue"))
    head = world.document(sent.id)
    assert (State.ACCEPTED, True) == (head.state, given_back(head))


def test_its_customer_has_a_card_before_it_leaves(world: World, pa: FakePlatform) -> None:
    """The address is chosen on it (PE-09): acceptance makes it, and teaches it once."""
    held = accept(world, waiting(world))
    card = world.context.parties.party(world.dossier, held.party)
    assert 1 == card.invoices
    send(world, held)
    answer(world, pa)
    assert 1 == world.context.parties.party(world.dossier, held.party).invoices


@pytest.mark.parametrize("why", ["nothing connected", "not compliant", "brought by a platform"])
def test_without_a_channel_it_is_sealed_at_once(world: World, pa: FakePlatform, why: str) -> None:
    """No platform, one that could not take it, one that has it already."""
    sale = waiting(world)
    if why == "nothing connected":
        held = world.context.connections.connection(world.dossier, "c1")
        world.context.connections.save(replace(held, state=ConnectionState.DISCONNECTED))
    if why == "brought by a platform":
        source = replace(sale.sources[0], channel=Channel.PA)
        sale = world.context.store.commit(Changes(document=replace(sale, sources=(source,))))
    if why == "not compliant":
        conversion = replace(sale.conversion, reform=Verdict.INVALID)
        sale = world.context.store.commit(Changes(document=replace(sale, conversion=conversion)))
    archived = accept(world, sale)
    assert State.ARCHIVED is archived.state
    last = next(
        one.event for one in world.context.store.history(sale.ref)
        if one.event.name is Happened.DOCUMENT_ARCHIVED
    )  # fmt: skip
    by_none = why != "brought by a platform"
    assert by_none is ("archivée sans envoi" in present.event(last))


def test_what_was_sent_and_lost_its_follow_up_is_sealed_the_next_day(
    world: World, pa: FakePlatform
) -> None:
    """The queue lost the sealing for good: the sale's own day finds it."""
    sent = send(world, accept(world, waiting(world)))
    pa.answer(pa.sent[0].id)
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    lost = 0
    while world.queue.sent:
        scheduled = world.queue.sent.pop(0)
        if isinstance(scheduled.command, SealDocument):
            lost += 1
        else:
            run(scheduled.command, world.context)
    assert 1 == lost
    assert State.ACCEPTED is world.document(sent.id).state
    tomorrow(world)
    assert State.ARCHIVED is world.document(sent.id).state


def test_a_dossier_that_lost_its_channel_seals_what_waited(world: World, pa: FakePlatform) -> None:
    """Disconnected before anything was sent: the next day it is archived without sending."""
    held = accept(world, waiting(world))
    connection = world.context.connections.connection(world.dossier, "c1")
    world.context.connections.save(replace(connection, state=ConnectionState.DISCONNECTED))
    tomorrow(world)
    assert State.ARCHIVED is world.document(held.id).state


def test_a_week_of_waiting_is_told_once_among_the_errors(world: World, pa: FakePlatform) -> None:
    """Not before, not twice; gone once it left."""
    held = accept(world, waiting(world))
    for _day in range(6):
        tomorrow(world)
    assert () == world.document(held.id).unseen
    tomorrow(world)
    late = world.document(held.id)
    assert frozenset({Topic.ERRORS}) == topics_said(late)
    (one,) = unseen_of(late)
    assert "À envoyer depuis plus d’une semaine" == one.what
    tomorrow(world)
    assert 1 == told(world, held).count(Happened.SENDING_LATE)
    send(world, late)
    answer(world, pa)
    assert () == world.document(held.id).unseen


def test_a_person_archives_it_without_sending(world: World, pa: FakePlatform) -> None:
    """Signed, once; never while a platform holds it, nor on a page that is out of date."""
    held = accept(world, waiting(world))
    keep = KeepUnsent(
        dossier=held.dossier, document=held.id, version=held.version, by="u1", by_name="Anne"
    )
    with pytest.raises(StaleVersionError):
        run(replace(keep, version=held.version + 1), world.context)
    run(keep, world.context)
    world.deliver()
    archived = world.document(held.id)
    assert State.ARCHIVED is archived.state
    waived = next(
        one.event for one in world.context.store.history(held.ref)
        if one.event.name is Happened.SENDING_WAIVED
    )  # fmt: skip
    assert "Anne" == waived.by_name
    with pytest.raises(ConflictError):
        run(replace(keep, version=archived.version), world.context)


def test_what_a_platform_holds_is_not_archived_unsent(world: World, pa: FakePlatform) -> None:
    """It may come back (213): its answer decides."""
    sent = send(world, accept(world, waiting(world)))
    keep = KeepUnsent(dossier=sent.dossier, document=sent.id, version=sent.version, by="u1")
    with pytest.raises(ConflictError, match="under_way"):
        run(keep, world.context)


def test_sealing_again_and_again_waits_once(world: World, pa: FakePlatform) -> None:
    """The command twice more: one event, nothing sealed."""
    held = accept(world, waiting(world))
    for _time in range(2):
        run(SealDocument(dossier=held.dossier, document=held.id), world.context)
    assert 1 == told(world, held).count(Happened.SENDING_AWAITED)
    assert State.ACCEPTED is world.document(held.id).state


def test_a_history_without_acceptance_is_no_evidence() -> None:
    """What was sent but never accepted does not pass for an archive."""
    events = (
        Event(name=Happened.DOCUMENT_RECEIVED, at=START, values={"sha256": "x"}),
        Event(name=Happened.INVOICE_ACKNOWLEDGED, at=START),
    )
    entries = chained(events, length=0, last="")
    assert 3 == evidence._broken_at(entries, "x")
