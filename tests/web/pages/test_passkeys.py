"""Recovery codes and passkeys before the pages: each opens its own account, once or again."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from facteur.domain.credentials import relying_party
from facteur.domain.errors import StaleVersionError
from facteur.services.access import recovery, signing_in
from facteur.services.access.limits import ATTEMPTS_PER_ADDRESS
from facteur.services.access.signing_in import digest
from facteur.web.visit import SESSION_COOKIE

from tests.authenticator import Authenticator
from tests.services.world import World
from tests.web.browser import CODE, Browser, FakeIdentity, Letters, Reply

EMAIL, PHRASE = "anne@delorme.example", "une phrase assez longue"


@pytest.fixture
def person(world: World) -> Browser:
    """Anne, with a password, signed in."""
    identity = FakeIdentity()
    world.with_(identity=identity)
    identity.create(EMAIL, "Anne", PHRASE)
    return _signed_in(Browser(world))


def _signed_in(browser: Browser) -> Browser:
    browser.get("/connexion")
    reply = browser.post("/connexion", {"email": EMAIL, "password": PHRASE})
    assert reply.status == 303
    return browser


def _with_totp(browser: Browser) -> list[str]:
    """Add an authenticator; the recovery codes."""
    shown = browser.post("/compte/authentification", {"old": PHRASE})
    token = shown.one("//form[contains(@action,'confirmer')]//input[@name='jeton']").get("value")
    done = browser.post("/compte/authentification/confirmer", {"jeton": token, "code": CODE})
    return _codes(done)


def _codes(reply: Reply) -> list[str]:
    return [one.text_content() for one in reply.page.xpath("//ol[@id='codes']//code")]


def _waiting(world: World) -> tuple[Browser, str]:
    """A browser whose password was right, and the token of its second form."""
    browser = Browser(world)
    browser.get("/connexion")
    asked = browser.post("/connexion", {"email": EMAIL, "password": PHRASE})
    return browser, asked.one("//form[.//input[@id='recovery']]//input[@name='jeton']").get(
        "value"
    )


# ── Recovery codes ──────────────────────────────────────────────────────────────────────────────


def test_a_recovery_code_opens_the_account_once(world: World, person: Browser) -> None:
    """It replaces the six digits, not the password; used, it is counted off and worth nothing."""
    codes = _with_totp(person)
    assert len(set(codes)) == 10
    for typed, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 401)):
        browser, token = _waiting(world)
        reply = browser.post("/connexion/code", {"jeton": token, "code": typed})
        assert reply.status == status
    assert "Ce code de secours n’est pas le bon" in reply.text
    assert SESSION_COOKIE not in browser.jar
    account = person.get("/compte")
    assert account.one("//*[@id='codes-left']").text_content().split()[0] == "9"
    assert "Code de secours utilisé" in account.text


def test_recovery_codes_are_shown_once_and_kept_nowhere(world: World, person: Browser) -> None:
    """The page, and its file, are the only places; the table holds hashes."""
    shown = person.post("/compte/authentification", {"old": PHRASE})
    token = shown.one("//form[contains(@action,'confirmer')]//input[@name='jeton']").get("value")
    form = {"jeton": token, "code": CODE}
    done = person.post("/compte/authentification/confirmer", form)
    codes = _codes(done)
    link = done.one("//a[@download]")
    assert link.get("download").endswith(".txt")
    kind, _comma, text = unquote(link.get("href")).partition(",")
    assert kind == "data:text/plain;charset=utf-8"
    assert text.split("\r\n")[2:-1] == codes
    assert EMAIL in text
    assert person.post("/compte/authentification/confirmer", form).status == 404
    assert person.get("/compte").status == 200  # the page's own forms go on
    held = world.context.credentials.load("u-10")
    assert not [one for one in codes if one in str(held) or one.replace("-", "") in str(held)]


def test_new_codes_end_the_former_ones_and_ask_for_everything(
    world: World, person: Browser
) -> None:
    """Password and code; a recovery code will do, and is used up."""
    first = _with_totp(person)
    for form, status in (
        ({"old": "faux", "code": CODE}, 422),
        ({"old": PHRASE, "code": "000000"}, 401),
        ({"old": PHRASE, "code": ""}, 401),
    ):
        assert person.post("/compte/codes", form).status == status
    second = _codes(person.post("/compte/codes", {"old": PHRASE, "code": first[3]}))
    assert len(second) == 10
    assert not set(first) & set(second)
    browser, token = _waiting(world)
    assert browser.post("/connexion/code", {"jeton": token, "code": first[4]}).status == 401
    assert browser.post("/connexion/code", {"jeton": token, "code": second[4]}).status == 303


def test_without_an_authenticator_there_are_no_codes(world: World, person: Browser) -> None:
    """None to draw; taking the authenticator away takes them away."""
    reply = person.post("/compte/codes", {"old": PHRASE})
    assert reply.status == 422
    assert "activez-la d’abord" in reply.text
    codes = _with_totp(person)
    reply = person.post("/compte/authentification/retirer", {"old": PHRASE, "code": codes[0]})
    assert reply.location == "/compte?fait=totp_removed"
    assert world.context.credentials.load("u-10").codes == ()


def test_recovery_codes_are_tried_no_longer_than_digits(world: World, person: Browser) -> None:
    """Ten tries of both together in a quarter of an hour, then the right one waits too."""
    codes = _with_totp(person)
    browser, token = _waiting(world)
    for number in range(10):
        wrong = "0000-0000-0000-0000" if number % 2 else "000000"
        assert browser.post("/connexion/code", {"jeton": token, "code": wrong}).status == 401
    assert browser.post("/connexion/code", {"jeton": token, "code": codes[0]}).status == 429


def test_a_code_used_twice_at_once_works_for_one(world: World, person: Browser) -> None:
    """The second did not see the first: the row's version refuses it."""
    codes = _with_totp(person)
    book = world.context.credentials

    class Late:
        """Somebody else uses the code between reading and writing."""

        def load(self, user: str) -> Any:
            found = book.load(user)
            recovery.spend(user, codes[0], address="", context=world.context)
            return found

        def save(self, held: Any) -> Any:
            return book.save(held)

    late = replace(world.context, credentials=Late())
    with pytest.raises(StaleVersionError):
        recovery.spend("u-10", codes[0], address="", context=late)


def test_the_secret_of_an_authenticator_is_not_kept_in_clear(
    world: World, person: Browser
) -> None:
    """Between the two forms it is sealed for its owner: the row alone gives nothing."""
    shown = person.post("/compte/authentification", {"old": PHRASE})
    token = shown.one("//form[contains(@action,'confirmer')]//input[@name='jeton']").get("value")
    ticket = world.context.tickets.load(digest(token))
    assert ticket is not None
    assert "JBSWY3DPEHPK3PXP" not in str(ticket.values)
    assert set(ticket.values) == {"user", "sealed"}


# ── Passkeys ────────────────────────────────────────────────────────────────────────────────────


def _authenticator(world: World, user: str = "u-10") -> Authenticator:
    party = relying_party(world.context.site_url)
    return Authenticator(origin=party.origin, party=party.id, user=user)


def _asked(person: Browser, **form: str) -> tuple[str, Any]:
    """Ask for a new passkey: the token, and what the browser is asked."""
    shown = person.post("/compte/cles", {"name": "Téléphone", "old": PHRASE, **form})
    sent = shown.one("//form[@data-passkey='create']")
    return sent.xpath(".//input[@name='jeton']")[0].get("value"), json.loads(
        sent.get("data-options")
    )


def _add(world: World, person: Browser, **form: str) -> Authenticator:
    held = _authenticator(world)
    token, options = _asked(person, **form)
    reply = person.post(
        "/compte/cles/confirmer", {"jeton": token, "reponse": held.create(options)}
    )
    assert reply.location == "/compte?fait=passkey_added"
    return held


def _question(browser: Browser) -> Any:
    browser.get("/connexion")
    reply = browser.post("/connexion/cle/question")
    assert reply.headers["content-type"].startswith("application/json")
    return json.loads(reply.body)


def _enter(browser: Browser, held: Authenticator) -> Reply:
    asked = _question(browser)
    form = {"jeton": asked["token"], "reponse": held.get(asked["options"]), "retour": "/achats"}
    return browser.post("/connexion/cle", form)


def test_a_passkey_alone_opens_its_account(world: World, person: Browser) -> None:
    """No address, no password, no code; its last use shows, and its removal ends it."""
    _with_totp(person)
    before = person.jar[SESSION_COOKIE]
    held = _add(world, person, code=CODE)
    assert signing_in.session(before, world.context) is None  # rights changed: a new token
    visitor = Browser(world)
    reply = _enter(visitor, held)
    assert (reply.status, reply.location) == (303, "/achats")
    account = visitor.get("/compte")
    assert "Téléphone" in account.text
    assert "jamais utilisée" not in account.text
    path = account.one("//form[contains(@action,'/compte/cles/')]/@action")
    assert visitor.post(path).location == "/compte?fait=passkey_removed"
    assert visitor.post(path).status == 404
    late = _enter(Browser(world), held)
    assert late.status == 401
    assert "n’a pas été reconnue" in late.text
    happened = [one.name.value for one in world.context.credentials.load("u-10").events]
    assert happened[:2] == ["passkey_removed", "passkey_added"]


def test_adding_a_passkey_asks_for_all_that_a_sign_in_asks(world: World, person: Browser) -> None:
    """It opens the account from then on: a stolen session is not enough, nor is the password."""
    _with_totp(person)
    for form, status in (
        ({"old": "faux", "code": CODE}, 422),
        ({"old": PHRASE, "code": "000000"}, 401),
        ({"old": PHRASE}, 401),
        ({"name": "", "old": PHRASE, "code": CODE}, 422),
    ):
        reply = person.post("/compte/cles", {"name": "Clé", **form})
        assert reply.status == status, form
        assert not reply.page.xpath("//form[@data-passkey='create']")


def test_a_challenge_is_answered_once_in_its_own_browser(world: World, person: Browser) -> None:
    """Right or wrong the first answer uses it up; another browser's answer is none; it expires."""
    held = _add(world, person)
    browser = Browser(world)
    asked = _question(browser)
    good = {"jeton": asked["token"], "reponse": held.get(asked["options"])}
    assert browser.post("/connexion/cle", {**good, "reponse": "{}"}).status == 401
    assert browser.post("/connexion/cle", good).status == 401

    thief, victim = Browser(world), Browser(world)
    asked = _question(thief)
    victim.get("/connexion")
    stolen = {"jeton": asked["token"], "reponse": held.get(asked["options"])}
    assert victim.post("/connexion/cle", stolen).status == 401
    assert SESSION_COOKIE not in victim.jar

    asked = _question(browser)
    late = {"jeton": asked["token"], "reponse": held.get(asked["options"])}
    world.clock.pass_(minutes=6)
    assert "Trop de temps a passé" in browser.post("/connexion/cle", late).text

    asked = _question(browser)
    good = {"jeton": asked["token"], "reponse": held.get(asked["options"])}
    assert browser.post("/connexion/cle", good).status == 303
    browser.post("/deconnexion")
    browser.get("/connexion")
    assert browser.post("/connexion/cle", good).status == 401


def test_a_challenge_to_add_serves_to_add_by_its_own_user(world: World, person: Browser) -> None:
    """Neither to sign in, nor in another session, nor twice."""
    held = _add(world, person)
    token, options = _asked(person)
    stranger = Browser(world)
    stranger.get("/connexion")
    form = {"jeton": token, "reponse": held.get(options)}
    assert stranger.post("/connexion/cle", form).status == 401
    other = _signed_in(Browser(world))
    fresh = _authenticator(world)
    add = {"jeton": token, "reponse": fresh.create(options)}
    assert other.post("/compte/cles/confirmer", add).status == 404
    assert person.post("/compte/cles/confirmer", add).status == 404  # used up
    assert len(world.context.credentials.load("u-10").passkeys) == 1


@pytest.mark.parametrize("user", ["u-11", "", "u#10", "é" * 90, "x" * 300])
def test_a_passkey_opens_no_other_account(world: World, person: Browser, user: str) -> None:
    """The user that an answer names is looked up, never believed."""
    held = _add(world, person)
    held.user = user
    assert _enter(Browser(world), held).status == 401


def test_a_copied_passkey_is_refused_and_noted(world: World, person: Browser) -> None:
    """Its counter went back: somebody else has signed with it."""
    held = _add(world, person)
    held.counter = 8
    assert _enter(Browser(world), held).status == 303
    held.counter = 8
    reply = _enter(Browser(world), held)
    assert reply.status == 401
    assert "peut-être été copiée" in reply.text
    assert "Clé d’accès refusée, peut-être copiée : Téléphone" in person_page(world)


def person_page(world: World) -> str:
    """What the account's page says."""
    return _signed_in(Browser(world)).get("/compte").text


def test_a_closed_account_stays_closed(world: World, person: Browser) -> None:
    """The operator disabled it at the provider: neither passkey nor recovery code opens it."""
    codes = _with_totp(person)
    held = _add(world, person, code=CODE)
    browser, token = _waiting(world)
    identity: Any = world.context.identity
    identity.known[EMAIL] = replace(identity.known[EMAIL], enabled=False)
    assert _enter(Browser(world), held).status == 401
    assert browser.post("/connexion/code", {"jeton": token, "code": codes[0]}).status == 401
    del identity.known[EMAIL]
    assert _enter(Browser(world), held).status == 401


def test_its_owner_is_mailed_and_a_reset_shows_it(world: World, person: Browser) -> None:
    """Whoever chooses another password because of a stranger learns that a passkey remains."""
    letters = Letters()
    world.with_(mailer=letters)
    _add(world, person)
    world.deliver()
    (mail,) = letters.sent
    assert (EMAIL, True, True) == (mail.to, "Téléphone" in mail.text, "/compte" in mail.text)
    assert "Téléphone" in mail.html
    assert "Ignorez" not in mail.html + mail.text

    browser = Browser(world)
    browser.get("/mot-de-passe")
    browser.post("/mot-de-passe", {"email": EMAIL})
    world.deliver()
    token = letters.link().split("jeton=")[1]
    browser.get(letters.link())
    done = browser.post(
        "/mot-de-passe/nouveau", {"jeton": token, "password": "une tout autre phrase"}
    )
    assert (200, True) == (done.status, "Téléphone" in done.text)
    assert done.one("//main//a[contains(@href,'/compte')]") is not None


def test_whoever_knows_a_name_locks_nobody_out(world: World, person: Browser) -> None:
    """Answers that claim to be of a user, with credentials of their own, count for themselves."""
    held = _add(world, person)
    stranger = _authenticator(world)
    tried = []
    for number in range(12):
        stranger.credential = f"made up {number}".encode()
        tried.append(_enter(Browser(world), stranger).status)
    assert tried == [401] * 12
    assert 303 == _enter(Browser(world), held).status


def test_questions_and_answers_are_counted(world: World, person: Browser) -> None:
    """From one address neither goes on for ever."""
    held = _add(world, person)
    held.flags = 1  # nobody verified: refused each time
    answers = [_enter(Browser(world), held).status for _ in range(11)]
    assert answers == [401] * 10 + [429]
    browser = Browser(world)
    browser.get("/connexion")
    asked = [browser.post("/connexion/cle/question").status for _ in range(50)]
    assert asked == [200] * 49 + [429]


def test_an_office_whose_passkeys_are_right_is_never_stopped(
    world: World, person: Browser
) -> None:
    """From one address, more than may be wrong there."""
    held = _add(world, person)
    entered = [_enter(Browser(world), held).status for _ in range(ATTEMPTS_PER_ADDRESS + 1)]
    assert {303} == set(entered)
