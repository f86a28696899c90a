"""Our Directory Service: what the dossier's platform says, in the norm's words, and no more."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from facteur.domain.connections import Connection
from facteur.domain.flows import LineStatus
from facteur.services.programs import keys as key_service

from tests.services.fake_platforms import FakePlatform, FakePlatforms
from tests.services.world import World
from tests.web.api.test_flows import Program, token
from tests.web.browser import Browser

BASE = "/afnor-directory/v1"
SIREN = "123456782"
SIRET = "12345678200010"


@pytest.fixture
def pa(world: World) -> FakePlatform:
    """The platform behind the dossier's connection."""
    platform = FakePlatform()
    platform.units.add(SIREN)
    world.with_(platforms=FakePlatforms(platform))
    return platform


@pytest.fixture
def program(world: World, pa: FakePlatform) -> Program:
    """A program of a dossier that is connected."""
    world.context.connections.save(
        Connection(dossier=world.dossier, id="c1", platform="super_pdp", client_id="id")
    )
    return unconnected(world)


def unconnected(world: World) -> Program:
    """A program with a token."""
    made = key_service.make(world.caller, "Logiciel", ("read",), world.context)
    program = Program(Browser(world), made)
    program.token = token(program, made.key.id, made.secret)[1]["access_token"]
    return program


def search(program: Program, what: str, **body: Any) -> Mapping[str, Any]:
    """The answer to a search."""
    reply, found = program.call("POST", f"{BASE}/{what}/search", json.dumps(body).encode())
    assert reply.status == 200, found
    return found


def strict(value: str) -> dict[str, str]:
    """A criterion."""
    return {"op": "strict", "value": value}


def test_a_company_and_its_addresses(program: Program, pa: FakePlatform) -> None:
    """By SIREN, by address, by establishment, by routing code; as one and as a search."""
    pa.line(SIREN)
    pa.line(f"{SIREN}_OLD", LineStatus.DISABLED, suffix="OLD")
    pa.line(f"{SIREN}_{SIRET}_ACHATS", siret=SIRET, routing_code="ACHATS", routing_name="Achats")
    unit = program.call("GET", f"{BASE}/siren/code-insee:{SIREN}")[1]
    assert (unit["siren"], unit["entityType"]) == (SIREN, "PrivateVatRegistered")
    line = program.call("GET", f"{BASE}/directory-line/code:{SIREN}_OLD")[1]
    assert (line["directoryLineStatus"], line["addressingSuffix"]) == ("Disabled", "OLD")
    facility = program.call("GET", f"{BASE}/siret/code-insee:{SIRET}")[1]
    assert (facility["siret"], facility["siren"]) == (SIRET, SIREN)
    code = program.call("GET", f"{BASE}/routing-code/siret:{SIRET}/code:ACHATS")[1]
    assert code["routingCodeName"] == "Achats"
    lines = search(program, "directory-line", filters={"siren": strict(SIREN)}, limit=2)
    assert (lines["totalNumberOfResults"], len(lines["results"])) == (3, 2)
    one = search(program, "directory-line", filters={"addressingIdentifier": strict(SIREN)})
    assert [found["addressingIdentifier"] for found in one["results"]] == [SIREN]
    assert search(program, "siren", filters={"siren": strict(SIREN)})["totalNumberOfResults"] == 1
    found = search(program, "siret", filters={"siren": strict(SIREN)})["results"]
    assert [facility["siret"] for facility in found] == [SIRET]
    codes = search(program, "routing-code", filters={"siret": strict(SIRET)})["results"]
    assert [code["routingIdentifier"] for code in codes] == ["ACHATS"]


def test_what_the_directory_does_not_have_is_not_there(program: Program) -> None:
    """404 by name, nothing found by search; a part without its prefix is no address."""
    for path in ("siren/code-insee:300010006", "siret/code-insee:30001000600011",
                 "directory-line/code:300010006_X", "siren/123456782",
                 "routing-code/siret:30001000600011/code:A"):  # fmt: skip
        reply, error = program.call("GET", f"{BASE}/{path}")
        assert reply.status == 404, path
        expected = (
            "s’écrit « code-insee:" if path == "siren/123456782" else "L’annuaire ne connaît"
        )
        assert expected in error["errorMessage"]
    for what in ("siren", "siret", "routing-code", "directory-line"):
        found = search(program, what, filters={"siren": strict("300010006")})
        assert found["totalNumberOfResults"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"filters": {}}, 400),
        ({"filters": {"siren": strict("12")}}, 400),
        ({"filters": {"siren": "123456782"}}, 400),
        ({"filters": {"siren": strict(SIREN)}, "limit": 1000}, 400),
        ({"filters": {"businessName": {"op": "contains", "value": "Brun"}}}, 501),
        ({"filters": {"addressingSuffix": strict("X")}}, 501),
    ],
)
def test_a_search_that_no_platform_can_be_asked_is_said_so(
    program: Program, body: dict[str, object], status: int
) -> None:
    """400 for what is not of the norm, 501 for what is and cannot be asked."""
    raw = json.dumps(body).encode()
    assert program.call("POST", f"{BASE}/siren/search", raw)[0].status == status


def test_a_dossier_without_connection_has_no_directory(world: World, pa: FakePlatform) -> None:
    """503 and a sentence: an empty answer would be a lie."""
    program = unconnected(world)
    reply, error = program.call("GET", f"{BASE}/siren/code-insee:{SIREN}")
    assert (reply.status, error["errorCode"]) == (503, "SERVICE_UNAVAILABLE")
    assert program.call("GET", f"{BASE}/healthcheck")[0].status == 200
