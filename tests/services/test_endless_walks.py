"""A walk that never ends, and a queue that is away: bounded, told, nothing lost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from facteur.domain.commands import Scheduled, Sweep, SyncConnection
from facteur.domain.errors import UnavailableError
from facteur.domain.flows import FlowPage
from facteur.services.flows.synchronising import MOST_STEPS
from facteur.services.run import run

from tests.services.fake_platforms import FakePlatform, connected
from tests.services.world import ListQueue, World, xml


@pytest.fixture
def pa(world: World) -> FakePlatform:
    return connected(world)


class Away(ListQueue):
    """A queue that takes nothing."""

    def send(self, scheduled: Scheduled, *, delay_seconds: int = 0) -> None:
        raise UnavailableError("unavailable", service="sqs")


def test_a_platform_that_always_says_more_ends_the_walk(world: World, pa: FakePlatform) -> None:
    """Fresh cursors for ever make no commands for ever; it is told, and the next round is due."""
    cursors = iter(range(10_000))

    def search(
        *, updated_after: datetime, cursor: str = "", received_only: bool = False
    ) -> FlowPage:
        pa.calls += 1
        return FlowPage(flows=(), cursor=f"c{next(cursors)}")

    pa.search = search  # type: ignore[method-assign]
    last = SyncConnection(dossier=world.dossier, connection="c1", step=MOST_STEPS - 1)
    run(last, world.context)
    (further,) = world.queue.sent
    assert isinstance(further.command, SyncConnection)
    assert MOST_STEPS == further.command.step
    world.deliver()
    held = world.context.connections.connection(world.dossier, "c1")
    assert held.failure is not None
    assert ("platform.endless", 1) == (held.failure.code, held.failures)
    assert held.due(world.clock.now() + timedelta(hours=1))


def test_a_flow_that_changes_while_it_waits_stops_no_round(world: World, pa: FakePlatform) -> None:
    """With the queue away it waits in the agenda; the round goes on to the flows after it."""
    queue = world.queue
    world.with_(queue=Away())
    sync = SyncConnection(dossier=world.dossier, connection="c1")
    flow = pa.bring("f1", xml("F1"))
    run(sync, world.context)
    pa.flows["f1"] = replace(flow, updated_at=flow.updated_at + timedelta(seconds=1))
    pa.bring("f2", xml("F2"), at=flow.updated_at + timedelta(seconds=2))
    run(sync, world.context)
    assert world.context.connections.connection(world.dossier, "c1").failure is None

    world.with_(queue=queue)
    world.clock.pass_(hours=1)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert ["F1", "F2"] == sorted(one.summary.number for one in world.documents())
