"""The API door: a key, a presigned form, problem JSON in French and in English."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from facteur.domain.documents import Direction, State
from facteur.domain.faults import Fault
from facteur.services.programs.keys import first_key
from facteur.web import i18n
from facteur.web.api.afnor import serve as serve_afnor
from facteur.web.api.calls import serve_api
from facteur.web.pages import api
from facteur.web.routes import PAGES
from facteur.web.site import ROUTES

from tests.services.world import World
from tests.web.browser import Browser, Reply, keep

PATH = "/api/v1/documents"
OPENAPI = yaml.safe_load(api.OPENAPI.read_text(encoding="utf-8"))


@pytest.fixture
def program(world: World) -> Browser:
    """A program with the dossier's key."""
    browser = Browser(world)
    browser.jar = {}
    browser.key = first_key(world.dossier, "ERP", world.context)  # type: ignore[attr-defined]
    return browser


def _call(
    program: Browser, method: str, path: str, body: Any = None, **headers: str
) -> tuple[Reply, Mapping[str, Any]]:
    sent = {"authorization": f"Bearer {program.key}"}  # type: ignore[attr-defined]
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    raw = b""
    if body is not None:
        sent["content-type"] = "application/json"
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = program.request(method, path, raw, sent)
    return reply, json.loads(reply.body)


def test_a_program_gets_a_form_for_its_file(program: Browser) -> None:
    """201: url and fields to post, and the identifier that the document will have."""
    body = {"filename": "f.xml", "media_type": "text/xml", "size": 12, "direction": "sale"}
    reply, form = _call(program, "POST", PATH, body)

    assert reply.status == 201
    assert form["fields"]["key"] == f"uploads/{program.world.dossier}/{form['document']}"
    assert form["fields"]["x-amz-meta-direction"] == "sale"
    assert form["fields"]["x-amz-meta-channel"] == "api"
    assert form["status_url"] == f"http://facteur.test/api/v1/documents/{form['document']}"
    assert form["max_bytes"] == 50 * 1024 * 1024


@pytest.mark.parametrize(
    ("given", "kept"),
    [(f"{'x' * 300}.pdf", f"{'x' * 196}.pdf"), ("a\r\nb.pdf", "ab.pdf")],
)
def test_a_long_or_broken_name_keeps_its_type(program: Browser, given: str, kept: str) -> None:
    """As mails' names: the suffix stays, and no line break reaches a header."""
    reply, form = _call(program, "POST", PATH, {"filename": given, "size": 12})

    assert reply.status == 201
    assert form["fields"]["x-amz-meta-filename"] == kept
    assert form["fields"]["x-amz-meta-media-type"] == "application/pdf"


@pytest.mark.parametrize("authorization", ["", "Basic abc", "Bearer ", "Bearer fct_inventee"])
def test_without_a_known_key_nothing_is_said(program: Browser, authorization: str) -> None:
    """401 as problem JSON, with the challenge; a signed-in browser's cookie is no key."""
    program.sign_in()
    for method, path in (("GET", PATH), ("GET", f"{PATH}/x"), ("POST", PATH)):
        body = {"filename": "f.pdf", "size": 1} if method == "POST" else None
        reply, problem = _call(program, method, path, body, authorization=authorization)
        assert reply.status == 401
        assert reply.headers["content-type"] == "application/problem+json; charset=utf-8"
        assert reply.headers["www-authenticate"].startswith("Bearer")
        assert problem["title"] == "Non authentifié"


def test_everything_wrong_is_said_at_once(program: Browser) -> None:
    """All the faults of a request, each with its field."""
    body = {"filename": "", "size": "gros", "direction": "côté", "media_type": 3}
    reply, problem = _call(program, "POST", PATH, body)

    assert reply.status == 422
    paths = [one["path"] for one in problem["faults"]]
    assert paths == ["filename", "size", "media_type", "direction"]


@pytest.mark.parametrize("name", ["filename", "size", "media_type", "direction", "declared_kind"])
@pytest.mark.parametrize("value", [[], {}, [["sale"]], {"a": 1}, False, 1.5])
def test_a_value_of_another_type_is_a_fault_of_its_field(
    program: Browser, name: str, value: object
) -> None:
    """422 with the field, never a crash, never passed over in silence."""
    body = {"filename": "f.xml", "media_type": "text/xml", "size": 12, name: value}
    reply, problem = _call(program, "POST", PATH, body)
    assert (422, [name]) == (reply.status, [one["path"] for one in problem["faults"]])


def test_problems_speak_english_when_asked(program: Browser) -> None:
    """Accept-Language decides; French is the default."""
    body = {"filename": "f.exe", "size": 1}
    _reply, french = _call(program, "POST", PATH, body)
    english_reply, english = _call(program, "POST", PATH, body, accept_language="en-GB,fr;q=0.5")

    assert "n’est pas d’un type accepté" in french["detail"]
    assert "is not of an accepted type" in english["detail"]
    assert english_reply.headers["content-language"] == "en"


@pytest.mark.parametrize("raw", [b"", b"[1]", b"{", b"\xff", b"[" * 100_000, b"null"])
def test_a_body_that_is_no_object_is_refused(program: Browser, raw: bytes) -> None:
    """422, never a crash, whatever was sent."""
    reply, problem = _call(program, "POST", PATH, raw)

    assert (422, "json.invalid") == (reply.status, problem["code"])


def test_documents_are_listed_and_read(program: Browser) -> None:
    """Amounts as text, dates ISO, codes as they are, the faults in words."""
    held = keep(
        program.world,
        State.QUARANTINED,
        failure=Fault(code="unreadable.encrypted"),
        direction=Direction.SALE,
    )
    keep(program.world, State.TO_ACCEPT)
    _reply, listed = _call(program, "GET", f"{PATH}?direction=sale&tab=quarantine")
    _reply, one = _call(program, "GET", f"{PATH}/{held.id}")

    assert [held.id] == [each["id"] for each in listed["documents"]]
    assert listed["counts"]["quarantine"] == 1
    assert one["state"] == "quarantined"
    assert one["failure"]["code"] == "unreadable.encrypted"
    assert one["received_at"] == "2026-11-20T09:00:00+00:00"
    assert one["url"] == f"http://facteur.test/factures/{held.id}"


def test_a_key_sees_its_dossier_only(program: Browser) -> None:
    """Another dossier's document is a 404; unknown tabs and directions are refused."""
    held = keep(program.world, State.TO_ACCEPT)
    key = first_key("autre-dossier", "x", program.world.context)
    reply, _problem = _call(program, "GET", f"{PATH}/{held.id}", authorization=f"Bearer {key}")
    assert reply.status == 404
    reply, empty = _call(program, "GET", PATH, authorization=f"Bearer {key}")
    assert (200, []) == (reply.status, empty["documents"])
    reply, problem = _call(program, "GET", f"{PATH}?tab=x&direction=y")
    assert (400, "api.query") == (reply.status, problem["code"])
    assert ["direction", "tab"] == [one["path"] for one in problem["faults"]]
    assert "inbox, to_check, to_accept, to_send" in problem["detail"]
    assert "purchase, sale" in problem["detail"]


def test_a_parameter_that_an_address_does_not_have_is_told(program: Browser) -> None:
    """Misspelt, a filter would be passed over without a word: 400, with those that there are."""
    reply, problem = _call(program, "GET", f"{PATH}?tabs=inbox&cursor=")
    assert (400, ["tabs"]) == (reply.status, [one["path"] for one in problem["faults"]])
    assert "Ses paramètres : tab, direction, cursor" in problem["detail"]
    reply, problem = _call(program, "POST", f"{PATH}?x=1", {"filename": "f.pdf", "size": 1})
    assert (400, "api.query") == (reply.status, problem["code"])


@pytest.mark.parametrize("path", [PATH, "/api/v1/parties", "/api/v1/changes"])
def test_a_cursor_that_is_none_of_ours_is_400_in_every_list(program: Browser, path: str) -> None:
    """One rule for what an address asks (0317), whatever it lists."""
    for cursor in ("abc", "%C3%A9", "====="):
        reply, problem = _call(program, "GET", f"{path}?cursor={cursor}")
        assert (400, "cursor.invalid") == (reply.status, problem["code"])


def test_the_description_and_the_routes_agree() -> None:
    """openapi.yaml has every route of the API and what its address may ask, and no other."""
    assert PAGES
    described = {
        (path, method.upper()) for path, held in OPENAPI["paths"].items() for method in held
    }

    routes = [one for one in ROUTES if one.serve is serve_api]
    assert described == {(one.path, one.method) for one in routes}
    for one in routes:
        held = OPENAPI["paths"][one.path][one.method.lower()].get("parameters", ())
        asked = {row["name"] for row in held if row["in"] == "query"}
        assert asked == set(one.query), one.path


def test_the_page_lists_every_route_in_french(stranger: Browser) -> None:
    """Each address with what it does, in the words of messages/routes.toml, which has no other."""
    routes = [one for one in ROUTES if one.serve in (serve_api, serve_afnor)]
    said = {one: text for one, text in i18n.messages().items() if one.startswith("route.")}
    assert {f"route.{one.method} {one.path}" for one in routes} == set(said)
    shown = stranger.get("/api").text
    for code in said:
        assert code.removeprefix("route.") in shown
        assert i18n.sentence(code) in shown


def test_answers_have_the_fields_of_the_description(program: Browser) -> None:
    """What is described as required is there, and nothing undescribed is."""
    schemas = OPENAPI["components"]["schemas"]
    held = keep(program.world, State.TO_ACCEPT)
    _reply, form = _call(program, "POST", PATH, {"filename": "f.pdf", "size": 1})
    _reply, listed = _call(program, "GET", PATH)
    _reply, one = _call(program, "GET", f"{PATH}/{held.id}")
    _reply, problem = _call(program, "POST", PATH, {"filename": "f.exe", "size": 1})

    assert set(form) == set(schemas["Form"]["required"])
    assert set(listed["documents"][0]) == set(schemas["Document"]["required"])
    more = {"findings", "failure", "duplicates", "parts", "part_of", "files"}
    assert set(one) == set(schemas["Document"]["required"]) | more
    assert set(problem) == set(schemas["Problem"]["required"]) | {"faults"}
    for name in ("Form", "Document"):
        assert set(schemas[name]["properties"]) == set(schemas[name]["required"])
