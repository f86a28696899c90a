"""Statuses whose author is not who he says, whose flow or mark does not fit: no effect."""

from dataclasses import replace

import pytest
from facteur.domain.commands import ApplyStatus, SyncConnection
from facteur.domain.connections import Tally
from facteur.domain.documents import State
from facteur.domain.flows import FlowSyntax, FlowType
from facteur.domain.invoice import Identifier
from facteur.domain.lifecycle.messages import StatusMessage, message_of, side_of
from facteur.domain.lifecycle.records import Side, StatusRecord
from facteur.formats import cdar
from facteur.local.demo import invoices
from facteur.services.lifecycle import statuses
from facteur.services.run import run

from tests.services.fake_platforms import FakePlatform, connected
from tests.services.world import DAY, World, xml


@pytest.fixture
def pa(world: World) -> FakePlatform:
    """A platform, the dossier's connection to it, and the purchase F1 that it brought."""
    platform = connected(world)
    platform.bring("f1", xml("F1"))
    sync(world)
    return platform


def sync(world: World) -> None:
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()


def refusal(world: World) -> StatusMessage:
    """The buyer refuses F1, as he would say it."""
    now = world.clock.now()
    record = StatusRecord(
        id="own:x", code="210", set_at=now, recorded_at=now, side=Side.BUYER,
    )  # fmt: skip
    invoice = replace(invoices.workshop(DAY), number="F1")
    return message_of(record, invoice, received_at=now, created_at=now)


def say(
    world: World,
    pa: FakePlatform,
    message: StatusMessage,
    kind: FlowType = FlowType.SUPPLIER_INVOICE_LC,
) -> None:
    pa.bring("s1", cdar.write(message), kind=kind, syntax=FlowSyntax.CDAR)
    sync(world)


def outcome(world: World) -> Tally:
    return world.context.connections.taken(world.dossier, "super_pdp", ("s1",))["s1"].outcome


def test_what_we_said_by_other_means_refuses_our_purchase(world: World, pa: FakePlatform) -> None:
    """The buyer's role with the dossier's own SIREN: our side, whatever software said it."""
    say(world, pa, refusal(world))
    (document,) = world.documents()
    assert (State.REFUSED, Side.BUYER) == (document.state, document.statuses[0].side)


@pytest.mark.parametrize("role", ["BY", "AB", "PR"])
def test_nobody_refuses_our_purchase_in_our_name(
    world: World, pa: FakePlatform, role: str
) -> None:
    """The buyer's role, or his agent's, with the supplier's SIREN: kept, shown, of no effect."""
    message = refusal(world)
    forger = Identifier(value=invoices.workshop(DAY).seller.siren, scheme="0002")
    say(world, pa, replace(
        message, author=replace(message.author, role=role, identifiers=(forger,)),
    ))  # fmt: skip
    (document,) = world.documents()
    assert document.state is not State.REFUSED
    assert [("210", Side.THIRD)] == [(one.code, one.side) for one in document.statuses]
    standing = statuses.standing(document, world.context)
    assert "" == standing.facts.closed
    assert {"205", "210"} <= {one.code for one in standing.offers}


def test_a_status_of_a_sale_does_not_reach_a_purchase(world: World, pa: FakePlatform) -> None:
    """The platform says that the flow is about a sale: set aside, and waits for nothing."""
    say(world, pa, refusal(world), FlowType.CUSTOMER_INVOICE_LC)
    (document,) = world.documents()
    assert () == document.statuses
    (aside,) = world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert aside.failure is not None
    assert ("flow.invoice_unclear", "") == (aside.failure.code, aside.waits_for)


def test_a_status_of_a_purchase_must_name_its_seller(world: World, pa: FakePlatform) -> None:
    """Only what is said to an issuer may leave out who issued: that is the dossier."""
    say(world, pa, replace(refusal(world), seller=None))
    assert () == world.documents()[0].statuses
    assert Tally.QUARANTINED is outcome(world)


def test_a_trial_says_nothing_of_a_real_invoice(world: World, pa: FakePlatform) -> None:
    """MDT-1: the message is kept, the invoice unchanged."""
    say(world, pa, replace(refusal(world), test=True))
    assert () == world.documents()[0].statuses
    taken = world.context.connections.taken(world.dossier, "super_pdp", ("s1",))["s1"]
    assert (Tally.IGNORED, True) == (taken.outcome, taken.file is not None)


def test_a_status_that_comes_twice_counts_once(world: World, pa: FakePlatform) -> None:
    """D23: one was applied, its double was ignored, however often either is delivered."""
    message = cdar.write(refusal(world))
    for name in ("s1", "s2"):
        pa.bring(name, message, kind=FlowType.SUPPLIER_INVOICE_LC, syntax=FlowSyntax.CDAR)
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    queued = list(world.queue.sent)
    world.deliver()
    for again in queued:
        run(again.command, world.context)
    world.deliver()

    (document,) = world.documents()
    assert 1 == len(document.statuses)
    counted = world.context.connections.connection(world.dossier, "c1").tallies
    assert (1, 1) == (counted["statuses"], counted["ignored"])
    taken = world.context.connections.taken(world.dossier, "super_pdp", ("s1", "s2"))
    assert {Tally.STATUSES, Tally.IGNORED} == {one.outcome for one in taken.values()}
    applied = next(one for one in taken.values() if one.outcome is Tally.STATUSES)
    record = replace(document.statuses[0], connection="c1", flow=applied.id)
    run(ApplyStatus(dossier=world.dossier, document=document.id, record=record), world.context)
    counted = world.context.connections.connection(world.dossier, "c1").tallies
    assert (1, 1) == (counted["statuses"], counted["ignored"])


def test_an_agent_speaks_for_the_other_side_and_a_party_shows_its_siren(world: World) -> None:
    """A SIRET says it too; a party that is not known cannot be compared."""
    author = replace(refusal(world).author, role="BY")
    siret = replace(author, identifiers=(Identifier(value="30000000700015", scheme="0009"),))
    none = replace(author, identifiers=())
    sale = {Side.SELLER: "111111118", Side.BUYER: "300000007"}
    assert Side.BUYER is side_of(siret, sale, ours=Side.SELLER)
    assert Side.THIRD is side_of(none, sale, ours=Side.SELLER)
    assert Side.BUYER is side_of(replace(none, role="AB"), sale, ours=Side.SELLER)
    assert Side.BUYER is side_of(none, {**sale, Side.BUYER: ""}, ours=Side.SELLER)
    assert Side.PLATFORM is side_of(replace(none, role="WK"), sale, ours=Side.SELLER)
