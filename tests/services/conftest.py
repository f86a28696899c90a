"""The world that the services' tests live in."""

import pytest

from tests.emulator import Platform
from tests.services.world import World, build, round_
from tests.web.browser import Letters


@pytest.fixture
def world(platform: Platform) -> World:
    """One dossier, real storage, fakes for reading and checking."""
    return build(platform)


@pytest.fixture
def letters(world: World) -> Letters:
    """What was mailed, from a first round on: what was there before is no news."""
    made = Letters()
    world.with_(mailer=made)
    round_(world)
    return made
