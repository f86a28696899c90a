"""Two people before the pages: a stranger, and the manager of the demonstration dossier."""

import pytest

from tests.emulator import Platform
from tests.services.world import World, build
from tests.web.browser import Browser


@pytest.fixture
def world(platform: Platform) -> World:
    """One dossier, real storage, fakes for reading and checking."""
    return build(platform)


@pytest.fixture
def stranger(world: World) -> Browser:
    """Somebody who did not sign in."""
    return Browser(world)


@pytest.fixture
def manager(world: World) -> Browser:
    """The dossier's manager, signed in."""
    return Browser(world).sign_in()
