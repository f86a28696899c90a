"""Renewing the token of a consent: one function at a time, and never for who has left."""

from dataclasses import replace

import pytest
from facteur.domain.connections import Connection, Grant
from facteur.domain.errors import UnavailableError
from facteur.services.platforms.connected import without_secrets
from facteur.services.platforms.opening import opened, seal

from tests.services.fake_platforms import FakePlatform, FakePlatforms
from tests.services.world import World


@pytest.fixture
def registry(world: World) -> FakePlatforms:
    """Platforms, and a connection by consent whose refresh token is « old »."""
    made = FakePlatforms(FakePlatform())
    world.with_(platforms=made)
    world.context.connections.save(
        Connection(
            dossier=world.dossier, id="c1", platform="super_pdp", grant=Grant.CODE,
            refresh_token=seal("old", world.dossier, world.context), since=world.clock.now(),
        )
    )  # fmt: skip
    return made


def held(world: World) -> Connection:
    return world.context.connections.connection(world.dossier, "c1")


def test_one_function_renews_at_a_time(world: World, registry: FakePlatforms) -> None:
    """RFC 9700 §4.14: the second is turned away, then finds the token that the first kept."""
    mine = held(world)
    with opened(mine, world.context):
        keep, turn = registry.keep, registry.turn
    with turn() as standing:
        assert "old" == standing
        with (
            opened(mine, world.context),
            pytest.raises(UnavailableError, match="token_moved"),
            registry.turn(),
        ):
            pass
        keep("new")
    with opened(mine, world.context), registry.turn() as standing:
        assert "new" == standing
    assert held(world).renewing_until is None


def test_a_function_that_died_bars_the_way_for_a_moment(
    world: World, registry: FakePlatforms
) -> None:
    """The lease ends by itself."""
    world.context.connections.save(replace(held(world), renewing_until=world.clock.now()))
    world.clock.pass_(seconds=1)
    with opened(held(world), world.context), registry.turn() as standing:
        assert "old" == standing


@pytest.mark.parametrize("made_again", [False, True])
def test_a_token_is_not_kept_for_who_has_left(
    world: World, registry: FakePlatforms, made_again: bool
) -> None:
    """Disconnected, or connected anew, while the platform was asked: the row stays as it is."""
    with opened(held(world), world.context):
        keep, turn = registry.keep, registry.turn
    gone = without_secrets(held(world))
    if made_again:
        world.clock.pass_(seconds=5)
        gone = replace(held(world), since=world.clock.now())
    stored = world.context.connections.save(gone)
    for late in (lambda: keep("new"), lambda: turn().__enter__()):
        with pytest.raises(UnavailableError, match="token_moved"):
            late()
    assert stored == held(world)
