"""A double is not accepted by a program either, as long as the dossier blocks doubles (JF-41)."""

import pytest
from facteur.domain.documents import Duplicate, State
from facteur.services.deciding import preferences

from tests.services.world import World
from tests.web.api.test_api import _call
from tests.web.api.test_follow import program_of
from tests.web.api.test_mcp import use
from tests.web.browser import keep


@pytest.mark.parametrize("blocked", [True, False])
def test_a_program_accepts_no_double_that_the_dossier_blocks(world: World, blocked: bool) -> None:
    """409 with its reason by the tool that accepts; no status of the API goes around it."""
    preferences.choose(
        world.caller, mode="manual", find_duplicates=True, block_duplicates=blocked,
        accept_senders=False, context=world.context,
    )  # fmt: skip
    twin = keep(world, State.ARCHIVED)
    double = (Duplicate(document=twin.id, reason="number"),)
    held = keep(world, State.TO_ACCEPT, duplicates=double)
    program = program_of(world, "read", "decide")
    path = f"/api/v1/documents/{held.id}/statuses"
    assert 422 == _call(program, "POST", path, {"code": "205"})[0].status
    assert State.TO_ACCEPT is world.document(held.id).state

    said, failed = use(program, "accept_invoice", document=held.id, version=held.version)
    after = world.document(held.id).state
    if blocked:
        assert (True, 409) == (failed, said["status"])
        assert "doublon" in said["detail"]
        assert State.TO_ACCEPT is after
    else:
        assert not failed
        assert State.TO_ACCEPT is not after
