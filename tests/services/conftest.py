"""The world that the services' tests live in."""

import pytest

from tests.emulator import Platform
from tests.services.world import World, build


@pytest.fixture
def world(platform: Platform) -> World:
    """One dossier, real storage, fakes for reading and checking."""
    return build(platform)
