"""A platform whose address a user gives: another address is another platform."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from facteur.domain.commands import FollowSending, SendInvoice, SyncConnection
from facteur.domain.connections import Connection, ConnectionState
from facteur.domain.documents import State
from facteur.domain.errors import InvalidError
from facteur.domain.lifecycle.records import Transmission
from facteur.ports import Changes, Session
from facteur.services.platforms import connecting
from facteur.services.run import run

from tests.services.fake_platforms import Compliant, FakePlatform, FakePlatforms
from tests.services.world import World, xml

TYPED = {
    "client_id": "client-1",
    "client_secret": "s3cr3t",
    "flow_url": "https://one.example/flow",
    "token_url": "https://one.example/token",
}


@pytest.fixture
def pa(world: World) -> FakePlatform:
    platform = FakePlatform()
    world.with_(
        platforms=FakePlatforms(platform),
        rulebook=Compliant(),
        site_url="https://facteur.example/api",
    )
    return platform


def connect(world: World, session: Session, **typed: str) -> Connection:
    """The live connection once the dossier was connected to « afnor »."""
    chosen, given = [world.dossier], {**TYPED, **typed}
    (result,) = connecting.connect(session, "afnor", chosen, given, world.context)
    assert result.fault is None
    (live,) = world.context.connections.all()
    return live


def test_another_address_is_walked_from_the_beginning(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """Its flow f1 is another one: nothing is skipped; the old connection is left."""
    first = connect(world, session)
    pa.bring("f1", xml("F1"))
    run(SyncConnection(dossier=world.dossier, connection=first.id), world.context)
    world.deliver()
    pa.flows.clear()
    pa.bring("f1", xml("F2"), at=datetime(2026, 1, 1, tzinfo=UTC))

    second = connect(world, session, flow_url="https://two.example/flow")
    assert second.id != first.id
    assert 2 == len([one for one in pa.said if one.startswith("subscribe")])
    world.deliver()
    assert ["F1", "F2"] == sorted(one.summary.number for one in world.documents())
    old = world.context.connections.connection(world.dossier, first.id)
    assert (ConnectionState.DISCONNECTED, "") == (old.state, old.client_secret)


def test_the_same_address_goes_on_where_it_was(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """A changed secret, a slash at the end: the connection is the one that it was."""
    first = connect(world, session)
    again = connect(world, session, client_secret="other", flow_url="https://one.example/flow/")
    assert (first.id, first.ledger) == (again.id, again.ledger)


@pytest.mark.parametrize("beside", [True, False])
def test_the_secret_of_one_platform_is_not_taken_for_another_address(
    world: World, pa: FakePlatform, session: Session, beside: bool
) -> None:
    """Another address without its client is refused: neither replaced by the old one's address,
    nor given the old one's secret; with its client, it stands beside the first (PE-32)."""
    first = connect(world, session)
    said = len(pa.said)
    other = {"flow_url": "https://two.example/flow", "token_url": "https://two.example/token"}

    def save(**more: str) -> None:
        connecting.set_dossiers(
            session, "afnor", [world.dossier], {**other, **more}, world.context, beside=beside
        )

    with pytest.raises(InvalidError) as caught:
        save()
    assert {("connection.elsewhere", "client_id"), ("connection.elsewhere", "client_secret")} == {
        (one.code, one.path) for one in caught.value.faults
    }
    assert (said, (first,)) == (len(pa.said), world.context.connections.all())
    if beside:
        save(client_id="client-2", client_secret="s2")
        addresses = {one.flow_url for one in world.context.connections.all()}
        assert {TYPED["flow_url"], other["flow_url"]} == addresses


def test_a_platform_is_believed_of_what_it_was_sent(world: World, pa: FakePlatform) -> None:
    """Another connection that tells our tracking identifier moves nothing (IP-22)."""
    for name, platform, default in (("c1", "super_pdp", True), ("c2", "afnor", False)):
        world.context.connections.save(
            Connection(dossier=world.dossier, id=name, platform=platform, default=default)
        )
    sale = world.sell()
    sale = world.context.store.commit(Changes(document=replace(sale, state=State.ARCHIVED)))
    run(SendInvoice(dossier=world.dossier, document=sale.id, by="u1", by_name="A"), world.context)
    world.deliver()
    (flow,) = pa.sent
    pa.answer(flow.id)

    def followed(connection: str) -> Transmission:
        asked = FollowSending(
            dossier=world.dossier, connection=connection, tracking=flow.tracking_id, flow=flow.id
        )
        run(asked, world.context)
        return world.document(sale.id).sendings[0].transmission

    assert Transmission.SENT is followed("c2")
    assert Transmission.CONFIRMED is followed("c1")
