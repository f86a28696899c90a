"""Every route has its wrapper: session, permission, CSRF token, headers, errors, links."""

import json
import logging
import re
from typing import Any

import pytest
from facteur.domain.documents import DocumentRef, State
from facteur.domain.dossiers import Permission, Role
from facteur.domain.errors import UnavailableError
from facteur.web.api import afnor, hooks
from facteur.web.api import token as api_token
from facteur.web.api.calls import serve_api
from facteur.web.routes import PAGES
from facteur.web.site import FORM, JSON, ROUTES, Route, Scope
from facteur.web.visit import MOST_FIELDS, serve_page

from tests.services.world import World
from tests.web.browser import Browser, keep

assert PAGES  # importing it filled ROUTES
SITE_PAGES = [one for one in ROUTES if one.serve is serve_page]
PRIVATE = [one for one in SITE_PAGES if one.scope not in (Scope.ANYBODY, Scope.LINK)]
BY_TOKEN = [one for one in SITE_PAGES if one.scope is Scope.LINK]  # their address holds a secret
IN_DOSSIER = [one for one in PRIVATE if one.scope is Scope.DOSSIER]


def _shown(route: Route) -> str:
    return f"{route.method} {route.path}"


def _path(route: Route, document: str = "nimporte") -> str:
    return (
        route.path.replace("{document}", document)
        .replace("{other}", document)
        .replace("{role}", "original")
    )


def _call(browser: Browser, route: Route, document: str = "nimporte", **headers: str) -> Any:
    path = _path(route, document)
    if route.method == "GET":
        return browser.get(path, **headers)
    return browser.post(path, {"version": "1"}, **headers)


def test_every_route_goes_through_a_wrapper() -> None:
    """No view is served bare, and each pair of path and method is there once."""
    wrappers = {serve_page, serve_api, afnor.serve, hooks.serve, api_token.serve}
    assert {one.serve for one in ROUTES} == wrappers
    assert len({(one.path, one.method) for one in ROUTES}) == len(ROUTES)


def test_routes_with_a_body_declare_its_type() -> None:
    """Chalice answers 415 to a form that its route did not announce."""
    for route in ROUTES:
        forms = (FORM, "multipart/form-data") if route.files or route in BY_TOKEN else (FORM,)
        by_wrapper = {
            serve_page: forms,
            api_token.serve: (FORM,),
            afnor.serve: ("multipart/form-data",) if route.path.endswith("/flows") else (JSON,),
        }
        expected = {"GET": (), "DELETE": ()}.get(
            route.method, by_wrapper.get(route.serve, (JSON,))
        )
        assert expected == route.content_types, _shown(route)


def test_a_private_page_asks_to_sign_in(stranger: Browser) -> None:
    """A stranger is sent to the sign-in page, whatever the page and the method."""
    for route in PRIVATE:
        reply = _call(stranger, route)
        assert (303, "/connexion") == (reply.status, reply.location.split("?")[0]), _shown(route)


def test_what_answers_get_answers_head_without_a_body(manager: Browser) -> None:
    """Every GET route, pages and API alike: same status and type, nothing after the headers."""
    held = keep(manager.world, State.TO_ACCEPT)
    for route in (one for one in ROUTES if one.method == "GET"):
        path = _path(route, held.id)
        told, bare = manager.request("GET", path), manager.request("HEAD", path)
        assert (told.status, "") == (bare.status, bare.body), _shown(route)
        assert told.headers.get("content-type") == bare.headers.get("content-type"), _shown(route)


def test_a_form_without_its_token_is_refused(manager: Browser) -> None:
    """No token, or another browser's: 403, and nothing happened."""
    held = keep(manager.world, State.TO_ACCEPT)
    assert [_shown(one) for one in BY_TOKEN] == ["POST /desabonnement/{token}"]
    for route in (one for one in SITE_PAGES if one.method == "POST" and one not in BY_TOKEN):
        for token in ("", "faux"):
            reply = manager.post(_path(route, held.id), {"action": "accept"}, csrf=token)
            assert reply.status == 403, _shown(route)
    assert manager.world.document(held.id).state is State.TO_ACCEPT


def test_a_form_sent_by_another_site_is_refused(manager: Browser) -> None:
    """Even with the right token: the browser says where the form came from."""
    reply = manager.post("/deconnexion", sec_fetch_site="cross-site")

    assert reply.status == 403


def test_a_reader_may_neither_upload_nor_decide(manager: Browser) -> None:
    """The permission of the route is checked before its view."""
    held = keep(manager.world, State.TO_ACCEPT)
    reader = manager.as_role(Role.READER)
    for route in (one for one in IN_DOSSIER if one.permission is not Permission.READ):
        reply = _call(reader, route, held.id)
        assert reply.status == 403, _shown(route)
        assert "Votre rôle dans ce dossier ne permet pas cette action." in reply.text
    ref = DocumentRef(held.dossier, held.id)
    assert manager.world.context.store.document(ref).version == held.version


def test_every_page_carries_the_security_headers(manager: Browser) -> None:
    """Strict CSP with a fresh nonce, no framing, no sniffing, nothing cached."""
    first, second = manager.get("/"), manager.get("/")
    policy = first.headers["content-security-policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'nonce-[\w-]{20,}'(;|$)", policy)
    assert policy != second.headers["content-security-policy"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["x-frame-options"] == "DENY"
    assert first.headers["cache-control"] == "no-store"
    nonce = re.search(r"nonce-([\w-]+)", policy)
    assert nonce is not None
    assert {nonce[1]} == set(first.page.xpath("//script/@nonce"))


def test_only_pages_that_use_the_buckets_name_them(manager: Browser) -> None:
    """The list uploads straight to the intake bucket; the dashboard has no business there."""
    origins = manager.world.context.blobs.origins()

    assert all(one in manager.get("/achats").headers["content-security-policy"] for one in origins)
    assert not any(one in manager.get("/").headers["content-security-policy"] for one in origins)


def test_an_unexpected_error_shows_a_sentence_and_no_trace(
    manager: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """The reader gets a French page, the log gets the trace, the page gets none of it."""
    store = manager.world.context.store

    class Broken:
        """A store with a bug."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def mails(self, _dossier: str, *, limit: int = 0) -> Any:
            secret = f"secret interne {limit}"
            raise RuntimeError(secret)

    manager.world.with_(store=Broken())
    with caplog.at_level(logging.ERROR):
        reply = manager.get("/")

    assert reply.status == 500
    assert "Une erreur inattendue s’est produite chez nous" in reply.text
    assert "secret interne" not in reply.body
    assert "Traceback" not in reply.body
    assert "secret interne" in caplog.text


def test_a_service_that_is_away_says_to_try_again(manager: Browser) -> None:
    """503 with Retry-After, on a page."""
    store = manager.world.context.store

    class Away:
        """A store that throttles."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def documents(self, *_: Any, **__: Any) -> Any:
            raise UnavailableError("unavailable")

    manager.world.with_(store=Away())
    reply = manager.get("/achats")

    assert reply.status == 503
    assert reply.headers["retry-after"] == "10"


def test_an_unknown_page_of_ours_is_a_french_404(manager: Browser) -> None:
    """An unknown tab or article is no crash."""
    for path in ("/achats?onglet=inconnu", "/aide/inconnu", "/factures/inconnue"):
        reply = manager.get(path)
        assert reply.status == 404
        assert "Nous n’avons rien trouvé ici" in reply.text


@pytest.mark.parametrize("base", ["", "/api"])
def test_every_link_starts_with_the_base_path(world: World, base: str) -> None:
    """Under a stage of API Gateway every address carries the stage, once."""
    browser = Browser(world, base=base).sign_in()
    held = keep(world, State.TO_ACCEPT, pages=1)
    keep(world, State.ARCHIVED)
    paths = ("/", "/achats", "/achats/deposer", "/ventes", "/archives", "/parametres", "/tiers",
             "/applications", "/aide", "/aide/doublons", "/accessibilite",
             f"/factures/{held.id}")  # fmt: skip
    for path in paths:
        page = browser.get(path).page
        found = page.xpath("//@href | //@src | //@action | //@*[name()='hx-get'] | //@data-src")
        ours = [str(one) for one in found if str(one).startswith("/")]
        assert len(ours) > 10
        foreign = [one for one in ours if not one.startswith(f"{base}/")]
        assert foreign == [], path
        assert not [one for one in ours if one.startswith(f"{base}{base}/") and base], path
        others = [str(one) for one in found if not str(one).startswith(("/", "#", "mailto:"))]
        assert all(one.startswith("http://127.0.0.1:") for one in others), others


def test_htmx_gets_a_part_and_a_reload_gets_the_page(manager: Browser) -> None:
    """The same address answers both; going back in the history gets the whole page."""
    part = manager.get("/achats", hx_request="true")
    whole = manager.get("/achats")
    back = manager.get("/achats", hx_request="true", hx_history_restore_request="true")

    assert "<html" not in part.body
    assert "Boîte de réception" in part.text
    assert "<html" in whole.body
    assert "<html" in back.body
    assert "HX-Request" in whole.headers["vary"]


def test_a_lost_session_sends_the_whole_page_to_sign_in(stranger: Browser) -> None:
    """A poll of a page left open does not put the sign-in form in the middle of it."""
    reply = stranger.get("/", hx_request="true")

    assert reply.status == 401
    assert reply.headers["hx-redirect"] == "/connexion"


def test_an_error_in_a_part_becomes_a_notice(manager: Browser) -> None:
    """htmx puts it in the notices' place, not in the list's."""
    reply = manager.get("/achats?onglet=inconnu", hx_request="true")

    assert reply.status == 404
    assert reply.headers["hx-retarget"] == "#notices"
    assert "<html" not in reply.body


def test_a_form_of_the_wrong_type_is_refused(manager: Browser) -> None:
    """JSON sent to a form's address: 415, from Chalice."""
    reply = manager.request(
        "POST", "/deconnexion", json.dumps({}).encode(), {"content-type": "application/json"}
    )

    assert reply.status == 415


def test_what_the_router_refuses_is_said_as_every_other_error(manager: Browser) -> None:
    """A method or a body's type that is not taken: problem JSON, in French or in English."""
    for method, status, words in (
        ("POST", 415, "« Content-Type » : application/json"),
        ("DELETE", 405, "Méthodes possibles : "),
    ):
        reply = manager.request(method, "/api/v1/documents", b"x", {"content-type": FORM})
        assert (status, status) == (reply.status, json.loads(reply.body)["status"])
        assert reply.headers["content-type"].startswith("application/problem+json")
        assert words in json.loads(reply.body)["detail"]
    english = {"content-type": FORM, "accept-language": "en"}
    reply = manager.request("POST", "/api/v1/documents", b"x", english)
    assert "Unsupported media type" == json.loads(reply.body)["title"]


def test_what_the_router_refuses_of_a_standard_is_said_in_its_shape(stranger: Browser) -> None:
    """AFNOR's ``Error``, with the type that the address takes; OAuth's error of RFC 6749 §5.2."""
    wrong = {"content-type": "text/plain"}
    for path, kind in (
        ("/afnor-flow/v1/flows", "multipart/form-data"),
        ("/afnor-flow/v1/flows/search", JSON),
        ("/afnor-directory/v1/siren/search", JSON),
    ):
        reply = stranger.request("POST", path, b"x", wrong)
        said = json.loads(reply.body)
        assert (415, "UNSUPPORTED_MEDIA_TYPE") == (reply.status, said["errorCode"])
        assert said["errorMessage"].endswith(f": {kind}.")
        reply = stranger.request("PUT", path, b"x", {"accept-language": "en"})
        said = json.loads(reply.body)
        assert (405, "METHOD_NOT_ALLOWED") == (reply.status, said["errorCode"])
        assert "POST" in said["errorMessage"]
        assert "method" in said["errorMessage"]
        assert reply.headers["content-type"].startswith("application/json")
    for method, status in (("POST", 400), ("GET", 405)):
        reply = stranger.request(method, "/oauth2/token", b"{}", {"content-type": JSON})
        assert (status, {"error": "invalid_request"}) == (reply.status, json.loads(reply.body))


def test_too_many_fields_are_refused(manager: Browser) -> None:
    """A form of more fields than the longest invoice has is not parsed to its end."""
    reply = manager.post("/deconnexion", [(f"n{one}", "") for one in range(MOST_FIELDS + 1)])

    assert reply.status == 422
