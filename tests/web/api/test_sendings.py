"""A program sends a sale by the approved platform, through the API."""

from dataclasses import replace

import pytest
from facteur.domain.documents import State
from facteur.domain.dossiers import Permission
from facteur.ports import Changes
from facteur.services.programs import keys

from tests.services.fake_platforms import Compliant, FakePlatform, connected
from tests.services.world import World
from tests.web.api.test_api import OPENAPI, _call
from tests.web.browser import Browser


@pytest.fixture
def pa(world: World) -> FakePlatform:
    return connected(world, rulebook=Compliant())


@pytest.fixture
def sale(world: World, pa: FakePlatform) -> str:
    """The path of the sendings of a sale that may leave."""
    made = world.sell()
    world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))
    return f"/api/v1/documents/{made.id}/sendings"


def program(world: World, *rights: Permission) -> Browser:
    browser = Browser(world)
    made = keys.make(world.caller, "ERP", [one.value for one in rights], world.context)
    browser.key = made.secret  # type: ignore[attr-defined]
    return browser


def test_a_program_sends_a_sale_once(world: World, pa: FakePlatform, sale: str) -> None:
    """201, then 409; what became of it is read, with the fields of the description."""
    erp = program(world, Permission.READ, Permission.DECIDE)
    reply, before = _call(erp, "GET", sale)
    assert (200, True, []) == (reply.status, before["may_leave"], before["sendings"])
    assert set(before) == set(OPENAPI["components"]["schemas"]["Sendings"]["required"])
    reply, asked = _call(erp, "POST", sale, {})
    assert (201, "waiting") == (reply.status, asked["sendings"][0]["state"])
    world.deliver()
    _reply, after = _call(erp, "GET", sale)
    assert ("sent", pa.sent[0].id) == (
        after["sendings"][0]["state"],
        after["sendings"][0]["flow"],
    )
    assert 409 == _call(erp, "POST", sale, {})[0].status
    assert 1 == len(pa.sent)


def test_what_does_not_hold_is_told(world: World, pa: FakePlatform, sale: str) -> None:
    """A wrong address, a sale that nobody accepted, a key without the right, another's sale."""
    erp = program(world, Permission.READ, Permission.DECIDE)
    for wrong in ("pas une adresse", 12, "x" * 300):
        assert 422 == _call(erp, "POST", sale, {"address": wrong})[0].status
    reader = program(world, Permission.READ)
    assert 403 == _call(reader, "POST", sale, {})[0].status
    name = sale.split("/")[4]
    held = world.document(name)
    world.context.store.commit(Changes(document=replace(held, state=State.TO_ACCEPT)))
    reply, problem = _call(erp, "POST", sale, {})
    assert (422, "sending.not_accepted") == (reply.status, problem["code"])
    assert "sending.not_accepted" == _call(erp, "GET", sale)[1]["why_not"]
    assert 404 == _call(erp, "POST", "/api/v1/documents/nothing/sendings", {})[0].status
    assert [] == pa.sent
