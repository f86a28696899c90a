"""Facteur, its real client and the test platform together: what goes round comes round, once.

The other company is a bare client of the same platform: what it sees is what a stranger's software
would.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from facteur.domain.commands import SendInvoice, SetStatus, SyncConnection
from facteur.domain.connections import Connection, Tally
from facteur.domain.documents import Channel, Direction, Document, State
from facteur.domain.flows import FlowDirection, FlowSyntax, FlowType, FlowView
from facteur.domain.lifecycle.messages import StatusMessage
from facteur.domain.lifecycle.records import StatusReason, Transmission
from facteur.formats import cdar
from facteur.local.demo import invoices
from facteur.ports import Changes, Platform
from facteur.services.platforms.opening import seal
from facteur.services.run import run

from tests.sandbox_pa import LONG_AGO, House, outgoing, running
from tests.services.fake_platforms import Compliant
from tests.services.world import DAY, World, xml

OTHER = "500000005"  # the workshop of the sample invoices


@dataclass
class Town:
    """The installation, the platform, and the other company's own client."""

    world: World
    house: House
    other: Platform

    def round(self) -> None:
        """The platform does what it planned; a quarter of an hour later ours asks."""
        self.house.sandbox.settle()
        self.world.clock.pass_(minutes=15)
        run(SyncConnection(dossier=self.world.dossier, connection="c1"), self.world.context)
        self.world.deliver()
        self.house.sandbox.settle()

    def connection(self) -> Connection:
        """Ours."""
        return self.world.context.connections.connection(self.world.dossier, "c1")

    def heard(self) -> list[StatusMessage]:
        """The lifecycle messages that came to the other company."""
        flows = self.other.search(updated_after=LONG_AGO, received_only=True).flows
        held = [
            self.other.file(one.id, FlowView.ORIGINAL)
            for one in flows
            if one.syntax is FlowSyntax.CDAR
        ]
        return [cdar.parse(one.data) for one in held if one is not None]


@pytest.fixture
def town(world: World) -> Iterator[Town]:
    """The demonstration's dossier and the workshop, both at the test platform."""
    with running(clock=world.clock) as house:
        for party in (invoices.DOSSIER, invoices.workshop(DAY).seller):
            house.clients[party.siren] = house.sandbox.register(party.siren, party.name)
        world.with_(platforms=house.registry, rulebook=Compliant())
        client = house.clients[invoices.DOSSIER.siren]
        world.context.connections.save(
            Connection(
                dossier=world.dossier,
                id="c1",
                platform="sandbox",
                client_id=client.id,
                client_secret=seal(client.secret, world.dossier, world.context),
            )
        )
        yield Town(world, house, house.open(OTHER))


@pytest.fixture
def purchase(town: Town) -> Document:
    """An invoice of the workshop, come by the platform."""
    town.other.submit(outgoing(xml("F1")))
    town.round()
    (found,) = town.world.documents()
    return found


def codes(document: Document) -> list[str]:
    """What was said of it, as it came."""
    return [one.code for one in document.statuses]


def test_an_invoice_comes_with_its_statuses_and_a_second_round_brings_nothing(
    town: Town, purchase: Document
) -> None:
    """The bytes that the supplier sent, its road, 202 and 203; every flow known afterwards."""
    source = purchase.sources[0]
    assert (source.channel, source.sender) == (Channel.PA, "Plateforme de test")
    assert town.world.context.blobs.get(purchase.files["original"]) == xml("F1")
    town.round()
    town.round()
    (again,) = town.world.documents()
    assert sorted(codes(again)) == ["202", "203"]
    assert town.connection().tallies[Tally.QUARANTINED] == 0
    assert town.connection().failure is None


def test_a_dispute_reaches_the_seller_and_is_confirmed(town: Town, purchase: Document) -> None:
    """Set here, checked, submitted, acknowledged; the other reads it; no echo comes back."""
    dispute = SetStatus(
        dossier=town.world.dossier,
        document=purchase.id,
        code="207",
        by="u1",
        reasons=(StatusReason(code="QTE_ERR", comment="2 livrées"),),
    )
    run(dispute, town.world.context)
    town.world.deliver()
    for _round in range(2):
        town.round()
    held = town.world.document(purchase.id)
    (own,) = [one for one in held.statuses if one.code == "207"]
    assert own.transmission is Transmission.CONFIRMED
    (told,) = [one for one in town.heard() if one.code == "207"]
    assert (told.number, told.details[0].reason.code) == ("F1", "QTE_ERR")


def test_a_status_that_was_taken_without_an_answer_is_not_said_twice(
    town: Town, purchase: Document
) -> None:
    """Time-out after accept: found by its tracking id, and confirmed (D08)."""
    town.house.sandbox.faults.set("drop_after_accept", 1)
    run(
        SetStatus(dossier=town.world.dossier, document=purchase.id, code="204", by="u1"),
        town.world.context,
    )
    town.world.deliver()
    for _round in range(3):
        town.world.clock.pass_(hours=1)
        town.world.deliver()
        town.round()
    held = town.world.document(purchase.id)
    (own,) = [one for one in held.statuses if one.code == "204"]
    assert own.transmission is Transmission.CONFIRMED
    assert own.flow
    assert [one.code for one in town.heard()].count("204") == 1


def leaving(town: Town) -> tuple[Document, bytes]:
    """A sale to the workshop that was just sent, and its bytes."""
    box = f"SIREN300000007@out.{town.world.context.inbound_domain}"
    made = invoices.workshop(DAY)
    seller = invoices.buyer(invoices.DOSSIER)
    data = xml("V1", seller=seller, buyer=made.seller)
    town.world.receive(("v1.xml", data), to=box)
    (draft,) = town.world.documents(Direction.SALE)
    sale = town.world.context.store.commit(Changes(document=replace(draft, state=State.ARCHIVED)))
    run(SendInvoice(dossier=town.world.dossier, document=sale.id, by="u1"), town.world.context)
    town.world.deliver()
    return sale, data


def test_a_sale_leaves_and_its_road_is_told(town: Town) -> None:
    """Sent by the platform, Ok, then 200 to 203; the customer has the very bytes."""
    sale, data = leaving(town)
    for _round in range(2):
        town.round()
    held = town.world.document(sale.id)
    assert held.sendings[0].transmission is Transmission.CONFIRMED
    assert sorted(codes(held)) == ["200", "201", "202", "203"]
    flows = town.other.search(updated_after=LONG_AGO, received_only=True).flows
    (came,) = [one for one in flows if one.type is FlowType.SUPPLIER_INVOICE]
    file = town.other.file(came.id, FlowView.ORIGINAL)
    assert file is not None
    assert file.data == data
    assert came.direction is FlowDirection.IN


def test_what_the_platform_could_not_read_waits_for_nobody_and_leaves_again(town: Town) -> None:
    """Infected: « Error », then a 501 that names the flow; both are of the sending."""
    town.house.sandbox.faults.set("virus", 1)
    sale, _data = leaving(town)
    for _round in range(2):
        town.round()
    held = town.world.document(sale.id)
    assert held.sendings[0].transmission is Transmission.REFUSED
    assert held.statuses == ()
    aside = town.world.context.connections.flows(town.world.dossier, "c1", quarantined=True)
    assert aside == ()
    run(SendInvoice(dossier=town.world.dossier, document=sale.id, by="u1"), town.world.context)
    town.world.deliver()
    for _round in range(2):
        town.round()
    assert "203" in codes(town.world.document(sale.id))


def test_the_flow_of_a_sale_that_got_no_answer_is_known_in_the_end(town: Town) -> None:
    """Taken, cut without a word, acknowledged: confirmed, under the platform's own flow."""
    town.house.sandbox.faults.set("drop_after_accept", 1)
    sale, _data = leaving(town)
    for _round in range(2):
        town.round()
    (sending,) = town.world.document(sale.id).sendings
    assert sending.transmission is Transmission.CONFIRMED
    assert sending.flow


def test_a_day_without_the_platform_is_caught_up(town: Town) -> None:
    """Down, throttling, forgetting tokens: in the end everything is there once."""
    for number in range(5):
        town.other.submit(outgoing(xml(f"F{number}"), f"t-{number}"))
    town.house.sandbox.settle()
    town.house.sandbox.faults.set("down", 1)
    for _hour in range(3):
        town.world.clock.pass_(hours=8)
        town.round()
    assert town.world.documents() == ()
    assert town.connection().failures > 0
    town.house.sandbox.faults.set("down", 0)
    town.house.sandbox.faults.set("throttle", 2)
    town.house.sandbox.store.forget_access()
    town.world.clock.pass_(hours=8)
    town.round()
    assert sorted(one.summary.number for one in town.world.documents()) == [
        f"F{number}" for number in range(5)
    ]
    assert town.connection().failures == 0


def test_what_comes_twice_out_of_order_and_damaged_is_there_once_and_whole(town: Town) -> None:
    """Doubled flows, statuses backwards, half a file: taken again it is whole (D01 to D03)."""
    for name in ("duplicates", "out_of_order"):
        town.house.sandbox.faults.set(name, 1)
    town.other.submit(outgoing(xml("F1")))
    town.round()
    for name in ("duplicates", "out_of_order"):
        town.house.sandbox.faults.set(name, 0)
    town.world.clock.pass_(minutes=20)
    town.round()
    found = [one for one in town.world.documents() if one.state is not State.JOINED]
    assert [one.summary.number for one in found] == ["F1"]
    assert sorted(codes(found[0])) == ["202", "203"]
    assert 2 == town.connection().tallies["statuses"]
