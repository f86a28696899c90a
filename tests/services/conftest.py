"""The world that the services' tests live in."""

import pytest
from facteur.ports import Session

from tests.emulator import Platform
from tests.services.world import World, build, round_
from tests.web.browser import Letters


@pytest.fixture
def world(platform: Platform) -> World:
    """One dossier, real storage, fakes for reading and checking."""
    return build(platform)


@pytest.fixture
def session(world: World) -> Session:
    """Anne's, in the demonstration dossier, which has its SIRET."""
    now = world.clock.now()
    return Session(
        digest="d", user="u1", email="a@b.fr", name="Anne", dossier=world.dossier,
        dossier_name="Démo", csrf="c", created_at=now, expires_at=now.replace(year=2027),
    )  # fmt: skip


@pytest.fixture
def letters(world: World) -> Letters:
    """What was mailed, from a first round on: what was there before is no news."""
    made = Letters()
    world.with_(mailer=made)
    round_(world)
    return made
