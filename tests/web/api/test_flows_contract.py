"""What our own services answer, held against the published interface (XP Z12-013 1.3.0)."""

import json
from typing import Any

import pytest
from facteur.domain.connections import Connection
from facteur.services.programs import keys as key_service
from facteur.web.site import ROUTES

from tests.adapters.afnor_shapes import DIRECTORY, FLOW, check, operations
from tests.services.fake_platforms import FakePlatform, FakePlatforms
from tests.services.world import World, xml
from tests.web.api.test_flows import FLOWS, Program, sale, token
from tests.web.api.test_flows_webhooks import HOOKS, Receiver, subscribe
from tests.web.browser import Browser

SIREN, SIRET = "123456782", "12345678200010"
EDITIONS = pytest.mark.parametrize("file", ["", FLOW], ids=["own shapes", "official file"])
#: Ours, beside the standard: a file that API Gateway cannot carry; and 1.2.0's reading of one.
BESIDE = {("/v1/flows/upload-form", "POST"), ("/v1/webhooks/{webhook}", "GET")}


@pytest.fixture
def program(world: World) -> Program:
    """A program of a connected dossier, whose receiver answers."""
    platform = FakePlatform()
    platform.units.add(SIREN)
    platform.line(SIREN)
    platform.line(f"{SIREN}_{SIRET}_ACHATS", siret=SIRET, routing_code="ACHATS")
    world.with_(platforms=FakePlatforms(platform), receivers=Receiver())
    world.context.connections.save(
        Connection(dossier=world.dossier, id="c1", platform="super_pdp", client_id="id")
    )
    made = key_service.make(world.caller, "Logiciel", ("read", "upload"), world.context)
    program = Program(Browser(world), made)
    program.token = token(program, made.key.id, made.secret)[1]["access_token"]
    return program


@EDITIONS
def test_the_flow_service_answers_in_the_published_shapes(program: Program, file: str) -> None:
    """A submission, Pending, Ok, Error; a purchase; a page with a cursor; webhooks; errors."""
    receiver = program.world.context.receivers
    assert isinstance(receiver, Receiver)
    made = subscribe(program)
    check(made, "WebhookIdParam", file=file)
    taken = program.submit(sale(), trackingId="t-1", processingRule="B2B", flowProfile="CIUS")[1]
    check(taken, "FullFlowInfo", file=file)
    program.submit(b"<a/>")
    check(program.call("GET", f"{FLOWS}/{taken['flowId']}")[1], "Flow", file=file)
    program.world.receive(("f.xml", xml("A-1")))
    program.settle()
    asked = {"limit": 1, "where": {"updatedAfter": "2020-01-01T00:00:00Z"}}
    seen = []
    for _turn in range(4):
        page = program.call("POST", f"{FLOWS}/search", json.dumps(asked).encode())[1]
        check(page, "SearchFlowContent", file=file)
        seen += [one["acknowledgement"]["status"] for one in page["results"]]
        if "nextCursor" not in page:
            break
        asked["cursor"] = page["nextCursor"]
    assert sorted(seen) == ["Error", "Ok", "Ok"]
    for _url, body, _headers in receiver.calls:
        check(json.loads(body), "Flow", file=file)
    for path, status in ((f"{FLOWS}/none", 404), (f"{FLOWS}/x?docType=y", 400)):
        reply, error = program.call("GET", path)
        assert reply.status == status
        check(error, "Error", file=file)
    listed = program.call("GET", HOOKS)[1]
    assert listed["count"] == len(listed["webhooks"]) == 1


def test_the_directory_service_answers_in_the_published_shapes(program: Program) -> None:
    """Searches and single answers, each with the schema of the official file."""
    base = "/afnor-directory/v1"
    single = {
        f"siren/code-insee:{SIREN}": "legalUnitPayloadHistory",
        f"siret/code-insee:{SIRET}": "facilityPayloadHistory",
        f"routing-code/siret:{SIRET}/code:ACHATS": "routingCodePayloadHistoryLegalUnitFacility",
        f"directory-line/code:{SIREN}": "directoryLinePayloadLegalUnitFacilityRoutingCode",
    }
    for path, name in single.items():
        reply, body = program.call("GET", f"{base}/{path}")
        assert reply.status == 200, path
        check(body, name, file=DIRECTORY)
    searches = {
        "siren": ("searchSiren", "sirenSearchPost200Response"),
        "siret": ("searchSiret", "siretSearchPost200Response"),
        "routing-code": ("routingCodeSearch", "routingCodeSearchPost200Response"),
        "directory-line": ("searchDirectoryLine", "directoryLineSearchPost200Response"),
    }
    for what, (sent, told) in searches.items():
        wanted = SIREN if what in ("siren", "directory-line") else SIRET
        field = "siren" if wanted == SIREN else "siret"
        asked: dict[str, Any] = {"filters": {field: {"op": "strict", "value": wanted}}}
        check(asked, sent, file=DIRECTORY)
        body = program.call("POST", f"{base}/{what}/search", json.dumps(asked).encode())[1]
        assert body["totalNumberOfResults"] >= 1, what
        check(body, told, file=DIRECTORY)


@pytest.mark.parametrize(
    ("base", "file"), [("/afnor-flow", FLOW), ("/afnor-directory", DIRECTORY)]
)
def test_every_operation_of_the_standard_is_served(base: str, file: str) -> None:
    """By path and method, whatever the parameters are called; and nothing beside but ours."""
    ours = {
        (_bare(one.path.removeprefix(base)), one.method)
        for one in ROUTES
        if one.path.startswith(f"{base}/")
    }
    theirs = {
        (_bare(path), method.upper())
        for path, held in operations(file).items()
        for method in held
        if method in {"get", "post", "delete", "patch", "put"}
    }
    beside = {(_bare(path), method) for path, method in BESIDE} if "flow" in base else set()
    assert theirs == ours - beside


def _bare(path: str) -> str:
    """A path whose variable parts are one word: a part with a variable is variable as a whole."""
    return "/".join("*" if "{" in part else part for part in path.split("/"))
