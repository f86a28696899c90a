"""Signing in and out: one sentence for what is wrong, cookies that scripts and others cannot read."""  # noqa: E501

from urllib.parse import quote

import pytest
from facteur.web.signin import safe_path
from facteur.web.visit import SESSION_COOKIE

from tests.services.world import World
from tests.web.browser import PASSWORD, Browser


def _send(browser: Browser, password: str, **more: str) -> object:
    browser.get("/connexion")
    return browser.post("/connexion", {"email": "anne@x.fr", "password": password, **more})


def test_the_right_password_opens_the_dashboard(stranger: Browser) -> None:
    """303 to the dashboard, which then knows who is there."""
    stranger.get("/connexion")
    reply = stranger.post("/connexion", {"email": "anne@x.fr", "password": PASSWORD})

    assert (303, "/") == (reply.status, reply.location)
    assert "Anne" in stranger.get("/").text


def test_the_session_cookie_is_out_of_reach(world: World) -> None:
    """HttpOnly, SameSite; over HTTPS Secure, for this host alone (__Host-), and HSTS."""
    for secure in (False, True):
        browser = Browser(world, base="/api", secure=secure)
        browser.get("/connexion")
        reply = browser.post("/connexion", {"email": "anne@x.fr", "password": PASSWORD})
        name = browser.site().cookie(SESSION_COOKIE)
        assert name == ("__Host-" if secure else "") + SESSION_COOKIE
        cookie = next(one for one in reply.cookies if one.startswith(f"{name}="))
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Path=/;" if secure else "Path=/api;") in cookie
        assert ("Secure" in cookie) is secure
        assert ("strict-transport-security" in reply.headers) is secure


def test_a_wrong_password_says_no_more_than_that(stranger: Browser) -> None:
    """401; the address stays in its field, the password does not; no session."""
    stranger.get("/connexion")
    reply = stranger.post("/connexion", {"email": "anne@x.fr", "password": "motdepassefaux"})

    assert reply.status == 401
    assert "Adresse e-mail ou mot de passe incorrect." in reply.text
    assert reply.one("//input[@name='email']").get("value") == "anne@x.fr"
    assert "motdepassefaux" not in reply.body
    assert reply.one("//input[@name='password']").get("aria-describedby") == "wrong"
    assert SESSION_COOKIE not in stranger.jar


def test_too_many_attempts_have_to_wait(stranger: Browser) -> None:
    """The eleventh attempt of a quarter of an hour is refused, even with the right password."""
    stranger.get("/connexion")
    for _ in range(10):
        stranger.post("/connexion", {"email": "anne@x.fr", "password": "non"})
    reply = stranger.post("/connexion", {"email": "anne@x.fr", "password": PASSWORD})

    assert reply.status == 429
    assert "Trop d’essais" in reply.text


def test_one_comes_back_to_the_page_asked_for(stranger: Browser) -> None:
    """A link followed before signing in is not lost."""
    asked = stranger.get("/achats")
    assert asked.location == "/connexion?retour=%2Fachats"
    backs = stranger.get(asked.location).page.xpath("//input[@name='retour']/@value")
    assert backs == ["/achats", "/achats"]  # by password, by passkey
    reply = stranger.post(
        "/connexion", {"email": "anne@x.fr", "password": PASSWORD, "retour": "/achats"}
    )

    assert reply.location == "/achats"


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/factures/d1", "/factures/d1"),
        ("/factures/d1/refus", "/factures/d1"),
        ("/factures/d1/decouper", "/factures/d1/decouper"),
        ("/parametres/cles/k1/revoquer", "/parametres/cles"),
        ("/lot", ""),
    ],
)
def test_a_form_sent_without_session_comes_back_to_its_page(
    stranger: Browser, form: str, page: str
) -> None:
    """The session ended while something was typed: after sign-in its page opens, not the first."""
    reply = stranger.post(form, {"version": "1"}, csrf="ancien")
    assert 303 == reply.status
    assert reply.location == "/connexion" + (f"?retour={quote(page, safe='')}" if page else "")


@pytest.mark.parametrize(
    ("around", "back"),
    [
        ("http://facteur.test/factures/d1?onglet=x", "?retour=%2Ffactures%2Fd1"),
        ("http://facteur.test.evil.example/factures/d1", ""),
        ("", ""),
    ],
)
def test_a_fragment_without_session_comes_back_to_the_page_around_it(
    stranger: Browser, around: str, back: str
) -> None:
    """htmx says which page it asks for; another site's is not followed."""
    reply = stranger.get("/achats", hx_request="true", hx_current_url=around)
    assert (401, f"/connexion{back}") == (reply.status, reply.headers["hx-redirect"])


def test_a_form_that_failed_leads_back_to_its_page(manager: Browser) -> None:
    """Not only to the dashboard: what was typed there may still be had."""
    reply = manager.post("/factures/d1/refus", {"version": "1"}, csrf="faux")
    assert 403 == reply.status
    assert reply.page.xpath("//main//a[@href='/factures/d1']")


@pytest.mark.parametrize(
    "hostile",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=1",
     "javascript:alert(1)",
     "/@evil.example", "/../..//evil", ""],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(hostile: str) -> None:
    """Only a plain path of ours is followed after sign-in."""
    assert "/" == safe_path(hostile)


def test_a_hostile_return_address_cannot_split_the_answer(stranger: Browser) -> None:
    """No header of the attacker's, whatever the form carries."""
    stranger.get("/connexion")
    reply = stranger.post(
        "/connexion",
        {"email": "anne@x.fr", "password": PASSWORD, "retour": "/\r\nSet-Cookie: mal=1"},
    )

    assert reply.location == "/"
    assert not [one for one in reply.cookies if one.startswith("mal")]


def test_a_stolen_form_token_of_another_browser_does_not_sign_in(world: World) -> None:
    """Sign-in has its own double-submitted token: nobody can be signed in by a foreign page."""
    victim = Browser(world)
    victim.get("/connexion")
    reply = victim.post("/connexion", {"email": "a@x.fr", "password": PASSWORD}, csrf="autre")

    assert reply.status == 403
    assert SESSION_COOKIE not in victim.jar


def test_signing_out_ends_the_session_everywhere(manager: Browser) -> None:
    """The cookie goes, and the token it held no longer opens anything."""
    token = manager.jar[SESSION_COOKIE]
    reply = manager.post("/deconnexion")

    assert reply.location == "/connexion?fait=signed_out"
    assert SESSION_COOKIE not in manager.jar
    manager.jar[SESSION_COOKIE] = token
    assert manager.get("/").status == 303


def test_a_broken_cookie_is_no_cookie(stranger: Browser) -> None:
    """Garbage in the Cookie header shows the sign-in page, not an error."""
    stranger.jar["\x01bad;;"] = "="
    assert stranger.get("/connexion").status == 200
