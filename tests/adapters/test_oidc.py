"""OpenID Connect: an ID token that is for us, of now and of this sign-in, or none."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from facteur.adapters.connectors.oidc import OpenIdProvider
from facteur.adapters.connectors.oidc_providers import registered
from facteur.domain.errors import InvalidError, UnavailableError

from tests.openid import CLIENT, ISSUER, NOW, SECRET, OpenId
from tests.services.world import FixedClock

BACK = "https://facteur.test/connexion/fournisseur/retour"


def _provider(there: OpenId) -> OpenIdProvider:
    return OpenIdProvider(
        identifier="cabinet",
        name="Cabinet",
        issuer=ISSUER,
        client_id=CLIENT,
        client_secret=SECRET,
        come_back=BACK,
        clock=FixedClock(NOW),
        transport=there.transport,
    )


def _sign_in(there: OpenId) -> str:
    ours = _provider(there)
    way = there.browse(ours.address(state="s", nonce="n", verifier="v" * 43))
    return ours.subject(code=way["code"], nonce="n", verifier="v" * 43)


@pytest.mark.parametrize(
    "described", [{}, {"token_endpoint_auth_methods_supported": ["client_secret_post"]}]
)
def test_who_signed_in_there_is_known_here(described: dict[str, Any]) -> None:
    """The code is changed for a subject, our secret given the way the provider wants."""
    there = OpenId(described=described)
    assert _sign_in(there) == "personne-42"
    assert [one.method for one in there.seen] == ["GET", "POST"]


def test_the_browser_is_sent_with_all_that_binds_its_return() -> None:
    """State, nonce, PKCE, our own return address, and no more than ``openid``."""
    there = OpenId()
    address = httpx.URL(_provider(there).address(state="é&", nonce="n", verifier="v" * 43))
    asked = dict(address.params)
    assert address.path == "/realms/facteur/auth"
    assert (asked["tenant"], asked["state"], asked["nonce"]) == ("1", "é&", "n")
    assert (asked["scope"], asked["redirect_uri"], asked["client_id"]) == ("openid", BACK, CLIENT)
    assert "v" * 43 not in str(address)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"},
        {"aud": "autre"},
        {"aud": ["autre"]},
        {"aud": [CLIENT, "autre"]},
        {"aud": [CLIENT, "autre"], "azp": "autre"},
        {"exp": NOW.timestamp() - 121},
        {"exp": "demain"},
        {"exp": None},
        {"iat": NOW.timestamp() + 121},
        {"nonce": "d'une autre"},
        {"nonce": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 42},
        {"sub": "x" * 256},
        {"sub": "é"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(claims: dict[str, Any]) -> None:
    """Another issuer, client, time or nonce, or nobody's."""
    with pytest.raises(InvalidError, match=r"provider\.refused"):
        _sign_in(OpenId(claims=claims))


def test_an_audience_of_several_that_was_given_to_us_is_taken() -> None:
    """The authorised party says for whom (§3.1.3.7, 4)."""
    assert _sign_in(OpenId(claims={"aud": [CLIENT, "autre"], "azp": CLIENT})) == "personne-42"
    assert _sign_in(OpenId(claims={"aud": [CLIENT]})) == "personne-42"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"error": "invalid_grant"}),
        httpx.Response(302, headers={"location": "https://evil.example"}),
        httpx.Response(200, text="pas du JSON"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"id_token": "a.b"}),
        httpx.Response(200, json={"id_token": "a.bnVsbA.c"}),
        httpx.Response(200, json={"id_token": "a.é.c"}),
        httpx.Response(200, json={"id_token": 1}),
        httpx.Response(200, json={"id_token": "x" * 300_000}),
        httpx.Response(200, text="[" * 50_000),
    ],
    ids=range(11),
)
def test_a_strange_answer_is_a_refusal(answer: httpx.Response) -> None:
    """Never an error page, never somebody."""
    with pytest.raises(InvalidError, match=r"provider\.refused"):
        _sign_in(OpenId(answer=answer))


def test_a_code_is_changed_once_by_who_has_its_verifier() -> None:
    """A stolen code is worth nothing."""
    there = OpenId()
    ours = _provider(there)
    way = there.browse(ours.address(state="s", nonce="n", verifier="v" * 43))
    with pytest.raises(InvalidError):
        ours.subject(code=way["code"], nonce="n", verifier="w" * 43)


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://login.cabinet.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_a_provider_that_describes_another_is_away(described: dict[str, Any]) -> None:
    """Nobody is sent to a place without TLS, or of another issuer."""
    with pytest.raises(UnavailableError):
        _sign_in(OpenId(described=described))


def test_a_provider_that_is_away_says_nothing_about_the_person() -> None:
    """503 is no refusal."""
    with pytest.raises(UnavailableError):
        _sign_in(OpenId(answer=httpx.Response(503)))


def test_clocks_may_differ_a_little() -> None:
    """Two minutes either way."""
    assert _sign_in(OpenId(now=NOW + timedelta(seconds=100))) == "personne-42"
    assert _sign_in(OpenId(now=NOW - timedelta(seconds=400))) == "personne-42"


_ONE = '{"id":"a","name":"A","issuer":"https://a","client_id":"c","client_secret":"s3cret"}'


def test_the_installation_names_its_providers_in_their_order() -> None:
    """Nothing is no provider; each has what it takes."""
    other = _ONE.replace('"a"', '"b"').replace("https://a", "https://b")
    assert ["b", "a"] == [one.id for one in registered(f"[{other},{_ONE}]")]
    assert () == registered(" ")
    assert "s3cret" not in repr(registered(f"[{_ONE}]"))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("{", "Expecting"),
        (_ONE, "a list"),
        ("[7]", "id, name"),
        (f"[{_ONE},{_ONE}]", "twice"),
        (_ONE.replace('"A"', '" "').join("[]"), "a: name"),
        (_ONE.replace('"a"', '"A/../b"').join("[]"), "id"),
    ],
)
def test_providers_that_are_badly_written_are_said(setting: str, said: str) -> None:
    """Without a secret in the words: the installation refuses to start."""
    with pytest.raises(ValueError, match=said) as refused:
        registered(setting)
    assert "s3cret" not in str(refused.value)
