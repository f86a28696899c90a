"""Signing in elsewhere: an identity opens the account it was linked to by its owner, no other."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from facteur.adapters.connectors.oidc import OpenIdProvider
from facteur.domain.credentials import COME_BACK
from facteur.services.access.limits import ATTEMPTS_PER_ADDRESS
from facteur.web.visit import SESSION_COOKIE

from tests.openid import CLIENT, ISSUER, SECRET, OpenId
from tests.services.world import World
from tests.web.browser import Browser, FakeIdentity, Letters, Reply

EMAIL, PHRASE = "anne@delorme.example", "une phrase assez longue"
BACK = COME_BACK.format(provider="durand")
PROOF = {"old": PHRASE, "provider": "durand"}


@pytest.fixture
def there(world: World) -> OpenId:
    """The provider, and Anne's account with its password."""
    made = OpenId()
    provider = OpenIdProvider(
        identifier="durand",
        name="Cabinet Durand",
        issuer=ISSUER,
        client_id=CLIENT,
        client_secret=SECRET,
        come_back=f"http://facteur.test{BACK}",
        clock=world.clock,
        transport=made.transport,
    )
    identity = FakeIdentity()
    identity.create(EMAIL, "Anne", PHRASE)
    world.with_(identity=identity, providers=(provider,))
    return made


def _signed_in(world: World, email: str = EMAIL) -> Browser:
    browser = Browser(world)
    browser.get("/connexion")
    assert browser.post("/connexion", {"email": email, "password": PHRASE}).status == 303
    return browser


def _back(browser: Browser, way: dict[str, str]) -> Reply:
    return browser.get(f"{BACK}?{urlencode(way)}")


def _linked(world: World, there: OpenId) -> Browser:
    browser = _signed_in(world)
    shown = browser.post("/compte/fournisseur", PROOF)
    address = shown.one("//a[@rel='noreferrer']/@href")
    assert _back(browser, there.browse(address)).location == "/compte?fait=provider_added"
    return browser


def _left(browser: Browser, back: str = "") -> str:
    browser.get("/connexion")
    reply = browser.get(f"/connexion/fournisseur/durand?{urlencode({'retour': back})}")
    assert reply.status == 303
    return reply.location


def test_a_linked_identity_opens_its_account(world: World, there: OpenId) -> None:
    """The button stands beside the password; one comes back to the page asked for."""
    owner = _linked(world, there)
    visitor = Browser(world)
    assert "Se connecter avec Cabinet Durand" in visitor.get("/connexion").text
    reply = _back(visitor, there.browse(_left(visitor, "/achats")))
    assert (reply.status, reply.location) == (303, "/achats")
    account = visitor.get("/compte")
    assert "Identité liée : Cabinet Durand" in account.text
    path = account.one("//form[contains(@action,'/delier')]/@action")
    assert owner.post(path).location == "/compte?fait=provider_removed"
    assert owner.post(path).status == 404
    late = Browser(world)
    reply = _back(late, there.browse(_left(late)))
    assert reply.status == 401
    assert "Aucun compte n’est lié" in reply.text


def test_an_office_that_comes_back_rightly_is_never_stopped(world: World, there: OpenId) -> None:
    """From one address, more than may leave there without coming back."""
    _linked(world, there)
    visitor = Browser(world)
    for _person in range(ATTEMPTS_PER_ADDRESS + 1):
        assert _back(visitor, there.browse(_left(visitor))).status == 303
        assert visitor.post("/deconnexion").status == 303


def test_its_owner_is_mailed(world: World, there: OpenId) -> None:
    """What opens the account from now on is told to its address."""
    letters = Letters()
    world.with_(mailer=letters)
    _linked(world, there)
    world.deliver()
    (mail,) = letters.sent
    assert (EMAIL, True) == (mail.to, "Cabinet Durand" in mail.text)


def test_what_a_provider_says_of_addresses_opens_nothing(world: World, there: OpenId) -> None:
    """Nobody becomes Anne because a provider gives him her address."""
    there.claims = {"email": EMAIL, "email_verified": True}
    visitor = Browser(world)
    assert _back(visitor, there.browse(_left(visitor))).status == 401
    assert SESSION_COOKIE not in visitor.jar


def test_an_identity_is_of_one_account(world: World, there: OpenId) -> None:
    """Linked to Anne, it is not Basile's too."""
    _linked(world, there)
    world.context.identity.create("b@x.fr", "Basile", PHRASE)
    other = _signed_in(world, "b@x.fr")
    shown = other.post("/compte/fournisseur", PROOF)
    way = there.browse(shown.one("//a[@rel='noreferrer']/@href"))
    reply = _back(other, way)
    assert reply.status == 409
    assert "déjà liée à un autre compte" in reply.text
    assert world.context.credentials.load("u-11").identities == ()


def test_linking_asks_for_the_password(world: World, there: OpenId) -> None:
    """A stolen session links nothing."""
    browser = _signed_in(world)
    reply = browser.post("/compte/fournisseur", {**PROOF, "old": "faux"})
    assert reply.status == 422
    assert not reply.page.xpath("//a[@rel='noreferrer']")


def test_one_comes_back_once_in_the_same_browser(world: World, there: OpenId) -> None:
    """Another browser, a second time, another issuer, a refusal, too late: the sign-in page."""
    _linked(world, there)
    victim, thief = Browser(world), Browser(world)
    way = there.browse(_left(thief))
    victim.get("/connexion")
    assert _back(victim, way).status == 401  # nobody is signed in as somebody else by a link
    assert _back(thief, way).status == 401

    way = there.browse(_left(thief))
    assert _back(thief, {**way, "iss": "https://evil.example"}).status == 401
    way = there.browse(_left(thief))
    assert _back(thief, {"state": way["state"], "error": "access_denied"}).status == 401
    way = there.browse(_left(thief))
    world.clock.pass_(minutes=11)
    assert "Trop de temps a passé" in _back(thief, way).text

    there.now = world.clock.now()
    way = there.browse(_left(thief))
    assert _back(thief, way).status == 303
    thief.post("/deconnexion")
    thief.get("/connexion")
    assert _back(thief, way).status == 401


def test_a_way_to_link_is_walked_by_its_own_user(world: World, there: OpenId) -> None:
    """Begun by Anne, it does not link what comes back to Basile's account."""
    browser = _signed_in(world)
    shown = browser.post("/compte/fournisseur", PROOF)
    way = there.browse(shown.one("//a[@rel='noreferrer']/@href"))
    world.context.identity.create("b@x.fr", "Basile", PHRASE)
    assert _back(_signed_in(world, "b@x.fr"), way).status == 401
    assert not world.context.credentials.load("u-11").identities
    assert not world.context.credentials.load("u-10").identities


def test_a_closed_account_is_not_opened_from_elsewhere(world: World, there: OpenId) -> None:
    """Disabled at our own provider of passwords."""
    _linked(world, there)
    identity: Any = world.context.identity
    identity.known[EMAIL] = replace(identity.known[EMAIL], enabled=False)
    visitor = Browser(world)
    assert _back(visitor, there.browse(_left(visitor))).status == 401


def test_a_hostile_return_goes_nowhere_else(world: World, there: OpenId) -> None:
    """Open redirect through the way back, and strange states."""
    _linked(world, there)
    visitor = Browser(world)
    assert _back(visitor, there.browse(_left(visitor, "//evil.example"))).location == "/dossiers"
    for state in ("", "x", "#", "x" * 5000, "\r\nSet-Cookie: a=b"):
        other = Browser(world)
        other.get("/connexion")
        assert _back(other, {"state": state, "code": "c"}).status == 401


def test_without_a_provider_there_is_no_way(world: World, there: OpenId) -> None:
    """Not configured: no button, no page."""
    world.with_(providers=())
    browser = _signed_in(world)
    assert "Lier mon identité" not in browser.get("/compte").text
    assert browser.post("/compte/fournisseur", PROOF).status == 404
    visitor = Browser(world)
    assert "Cabinet Durand" not in visitor.get("/connexion").text
    assert visitor.get("/connexion/fournisseur/durand").status == 404
    assert _back(visitor, {"state": "x", "code": "c"}).status == 404


def _two(world: World, there: OpenId) -> OpenId:
    """A second provider beside the first."""
    other = OpenId()
    second = OpenIdProvider(
        identifier="google",
        name="Google",
        issuer=ISSUER,  # as the stand-in says it; the ids tell them apart
        client_id=CLIENT,
        client_secret=SECRET,
        come_back=f"http://facteur.test{COME_BACK.format(provider='google')}",
        clock=world.clock,
        transport=other.transport,
    )
    world.with_(providers=(*world.context.providers, second))
    return other


def test_several_providers_stand_side_by_side_each_linked_apart(
    world: World, there: OpenId
) -> None:
    """A button each, in their order; what is linked with one opens nothing with the other."""
    other = _two(world, there)
    other.subject = "quelqu'un d'autre"
    owner = _linked(world, there)
    visitor = Browser(world)
    buttons = visitor.get("/connexion").page.xpath("//a[contains(., 'Se connecter avec')]")
    assert ["Cabinet Durand", "Google"] == [
        one.text_content().split("avec")[1].strip() for one in buttons
    ]
    account = owner.get("/compte")
    assert ["durand", "google"] == account.page.xpath("//button[@name='provider']/@value")
    shown = owner.post("/compte/fournisseur", {**PROOF, "provider": "google"})
    assert "Google" in shown.text
    way = other.browse(shown.one("//a[@rel='noreferrer']/@href"))
    back = COME_BACK.format(provider="google")
    assert owner.get(f"{back}?{urlencode(way)}").location == "/compte?fait=provider_added"
    assert 2 == len(owner.get("/compte").page.xpath("//form[contains(@action,'/delier')]"))
    assert owner.post("/compte/fournisseur", {**PROOF, "provider": "x"}).status == 404
    assert visitor.get("/connexion/fournisseur/x").status == 404


def test_what_one_provider_answers_is_not_taken_for_another_s(world: World, there: OpenId) -> None:
    """Mix-up (RFC 9700 §4.4): a code never goes to a provider that one did not leave for."""
    other = _two(world, there)
    visitor = Browser(world)
    way = there.browse(_left(visitor))
    way.pop("iss")
    wrong = visitor.get(f"{COME_BACK.format(provider='google')}?{urlencode(way)}")
    assert wrong.status == 401
    assert [] == [one for one in other.seen if one.method == "POST"]
    assert _back(visitor, way).status == 401  # the way was taken
