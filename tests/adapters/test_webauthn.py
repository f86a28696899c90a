"""Passkeys: what an honest authenticator answers is taken; anything else is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
from facteur.adapters.webauthn import MOST_CHARACTERS, WebAuthn
from facteur.domain.errors import InvalidError
from fido2.utils import websafe_encode
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.authenticator import PRESENT, VERIFIED, Authenticator

SITE = "https://facteur.test/api"
CHALLENGE, OTHER = b"0" * 32, b"1" * 32
PORT = WebAuthn(SITE)


def _creation(challenge: bytes = CHALLENGE) -> Any:
    return PORT.creation(user="u1", email="a@b.fr", name="Anne", known=(), challenge=challenge)


def test_a_passkey_is_made_and_signs() -> None:
    """The key that was kept checks the signature; the counter comes back."""
    held, asked = Authenticator(counter=3), _creation()
    made = PORT.created(held.create(asked.options), asked.challenge)
    assert made.credential == websafe_encode(held.credential)
    assert made.counter == 3
    question = PORT.question(OTHER)
    held.counter = 4
    answer = held.get(question.options)
    claimed = PORT.claimed(answer)
    assert (claimed.user, claimed.credential) == ("u1", made.credential)
    assert PORT.signed(answer, question.challenge, made.public_key) == 4


def test_the_browser_is_asked_for_a_verified_discoverable_passkey() -> None:
    """User verification and a discoverable credential are required, known ones left out."""
    known = websafe_encode(b"deja")
    asked = PORT.creation(user="u1", email="a@b.fr", name="A", known=[known], challenge=CHALLENGE)
    options: Any = asked.options
    assert options["rp"] == {"name": "Facteur", "id": "facteur.test"}
    chosen = options["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "required")
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert [one["id"] for one in options["excludeCredentials"]] == [known]
    assert options["challenge"] == websafe_encode(CHALLENGE)
    question: Any = PORT.question(OTHER).options
    assert (question["userVerification"], question["rpId"]) == ("required", "facteur.test")
    assert "allowCredentials" not in question


LIES: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://facteur.test.evil.example"},
    "the same site without TLS": {"origin": "http://facteur.test"},
    "a sub-domain": {"origin": "https://x.facteur.test"},
    "another port": {"origin": "https://facteur.test:8443"},
    "another relying party": {"party": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": VERIFIED},
    "inside another site's page": {"cross_origin": True},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_passkey_made_elsewhere_or_unverified_is_refused(lie: str) -> None:
    """Origin, party, presence, verification, frame: each is checked at both ceremonies."""
    honest, asked = Authenticator(), _creation()
    made = PORT.created(honest.create(asked.options), asked.challenge)
    liar = replace(honest, **LIES[lie])
    with pytest.raises(InvalidError, match=r"passkey\.refused"):
        PORT.created(liar.create(asked.options), asked.challenge)
    with pytest.raises(InvalidError, match=r"passkey\.refused"):
        PORT.signed(liar.get(asked.options), asked.challenge, made.public_key)


def test_an_answer_is_worth_something_for_its_own_challenge_and_key_alone() -> None:
    """Another challenge, another key, the other ceremony, another algorithm: refused."""
    held, stranger, asked = Authenticator(), Authenticator(), _creation()
    made = PORT.created(held.create(asked.options), asked.challenge)
    other = websafe_encode(OTHER)
    impostor = replace(stranger, credential=held.credential)  # the right name, another key
    attempts = (
        lambda: PORT.created(held.create(asked.options), other),
        lambda: PORT.created(held.get(asked.options), asked.challenge),
        lambda: PORT.created(held.create(asked.options, alg=-65535), asked.challenge),
        lambda: PORT.created(held.create(asked.options, alg=-47), asked.challenge),
        lambda: PORT.signed(held.get(asked.options), other, made.public_key),
        lambda: PORT.signed(held.create(asked.options), asked.challenge, made.public_key),
        lambda: PORT.signed(stranger.get(asked.options), asked.challenge, made.public_key),
        lambda: PORT.signed(impostor.get(asked.options), asked.challenge, made.public_key),
    )
    for attempt in attempts:
        with pytest.raises(InvalidError, match=r"passkey\.refused"):
            attempt()


def test_an_answer_that_names_another_credential_than_its_own_is_refused() -> None:
    """What is kept under a name is the key of that name."""
    asked, held = _creation(), Authenticator()
    body = json.loads(held.create(asked.options))
    body["id"] = body["rawId"] = websafe_encode(b"autre")
    with pytest.raises(InvalidError, match=r"passkey\.refused"):
        PORT.created(json.dumps(body), asked.challenge)


EMPTY_MAP = "oA"  # CBOR
HOSTILE = (
    "",
    "null",
    "[]",
    "{}",
    "x",
    "1e999",
    "{" * 5000,
    "[" * 20_000,
    json.dumps("x" * 30_000),
    json.dumps({"id": 1, "rawId": 1, "response": 1}),
    json.dumps({"rawId": "é", "response": {"userHandle": "é"}}),
    json.dumps({"response": {"userHandle": None}}),
    json.dumps({"rawId": "AA", "response": {"userHandle": "_____w"}}),
    json.dumps(
        {"rawId": "AA", "response": {"clientDataJSON": "bnVsbA", "attestationObject": EMPTY_MAP}}
    ),
)


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_a_refusal_never_a_crash(answer: str) -> None:
    """Whatever a script sends."""
    _refuses_all(answer)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120), st.binary(max_size=300))
def test_hostile_bytes_are_a_refusal_never_a_crash(client: bytes, inside: bytes) -> None:
    """CBOR and authenticator data that were not made by an authenticator."""
    honest = json.loads(Authenticator().create(_creation().options))
    for client_data in (websafe_encode(client), honest["response"]["clientDataJSON"]):
        body = {
            **honest,
            "response": {
                "clientDataJSON": client_data,
                "attestationObject": websafe_encode(inside),
                "authenticatorData": websafe_encode(inside),
                "signature": websafe_encode(inside),
            },
        }
        _refuses_all(json.dumps(body))


def _refuses_all(answer: str) -> None:
    asked, held = _creation(), Authenticator()
    made = PORT.created(held.create(asked.options), asked.challenge)
    for check in (
        lambda: PORT.created(answer, asked.challenge),
        lambda: PORT.claimed(answer),
        lambda: PORT.signed(answer, asked.challenge, made.public_key),
    ):
        with pytest.raises(InvalidError, match=r"passkey\.refused"):
            check()


def test_an_endless_answer_is_not_read() -> None:
    """An honest answer padded beyond the limit is refused before it is parsed."""
    asked, held = _creation(), Authenticator()
    padded = held.create(asked.options) + " " * MOST_CHARACTERS
    with pytest.raises(InvalidError, match=r"passkey\.refused"):
        PORT.created(padded, asked.challenge)
