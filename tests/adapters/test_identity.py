"""Identity: who knows the password gets in, and nobody learns who exists."""

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

import pytest
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.identity import CognitoIdentity
from facteur.domain.errors import InvalidError, UnavailableError
from facteur.ports import SecondFactor

from tests.adapters.conftest import answering, away
from tests.emulator import Platform

PASSWORD = "une phrase assez longue"


@pytest.fixture
def identity(platform: Platform, clients: Clients) -> CognitoIdentity:
    return CognitoIdentity(
        clients,
        pool_id=platform["FACTEUR_USER_POOL_ID"],
        client_id=platform["FACTEUR_USER_POOL_CLIENT_ID"],
    )


def test_a_created_user_signs_in(identity: CognitoIdentity) -> None:
    """The same person comes back, whatever the case of the address."""
    created = identity.create("Anne@Example.fr", "Anne Dupré", PASSWORD)
    assert created.email == "anne@example.fr"
    assert created.name == "Anne Dupré"
    assert created.subject
    assert identity.sign_in(" ANNE@example.fr ", PASSWORD) == created


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("anne@example.fr", "faux mot de passe"),
        ("anne@example.fr", ""),
        ("", PASSWORD),
        ("personne@example.fr", PASSWORD),
        ("pas une adresse", PASSWORD),
        ("anne@example.fr", "x" * 5000),
        ("x" * 5000 + "@example.fr", PASSWORD),
        ("anne@example.fr", "\x00\n"),
    ],
)
def test_wrong_credentials_open_nothing(
    identity: CognitoIdentity, email: str, password: str
) -> None:
    """Unknown, wrong, empty or absurd: the same answer, None."""
    identity.create("anne@example.fr", "Anne", PASSWORD)
    assert identity.sign_in(email, password) is None


def test_creating_again_answers_the_same_person(identity: CognitoIdentity) -> None:
    """A second start neither fails nor changes a password that the user may have changed."""
    first = identity.create("anne@example.fr", "Anne", PASSWORD)
    again = identity.create("Anne@example.fr", "Anne", "une autre phrase longue")
    assert again == first
    assert identity.sign_in("anne@example.fr", PASSWORD) == first
    assert identity.sign_in("anne@example.fr", "une autre phrase longue") is None


def test_a_user_left_half_made_is_finished(identity: CognitoIdentity, platform: Platform) -> None:
    """A crash between creation and password does not leave an account nobody can use."""
    platform.client("cognito-idp").admin_create_user(
        UserPoolId=platform["FACTEUR_USER_POOL_ID"],
        Username="anne@example.fr",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": "anne@example.fr"}],
    )
    assert identity.sign_in("anne@example.fr", PASSWORD) is None
    identity.create("anne@example.fr", "Anne", PASSWORD)
    assert identity.sign_in("anne@example.fr", PASSWORD) is not None


def test_a_weak_password_is_a_fault(identity: CognitoIdentity) -> None:
    """The pool's policy becomes a fault beside the field."""
    with pytest.raises(InvalidError) as caught:
        identity.create("anne@example.fr", "Anne", "court")
    assert [one.code for one in caught.value.faults] == ["password.weak"]


@pytest.mark.parametrize(
    "clients", [away(), answering("TooManyRequestsException"), answering("LimitExceededException")]
)
def test_throttling_is_no_wrong_password(clients: Any) -> None:
    """A service that is away or throttles says nothing about the password."""
    identity = CognitoIdentity(clients, pool_id="p", client_id="c")
    with pytest.raises(UnavailableError):
        identity.sign_in("anne@example.fr", PASSWORD)


def test_a_challenge_that_is_not_built_opens_nothing() -> None:
    """What we do not know how to answer never lets anybody in."""

    class Challenging:
        def __call__(self, _service: str) -> "Challenging":
            return self

        def admin_initiate_auth(self, **_: object) -> dict[str, str]:
            return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s"}

    identity = CognitoIdentity(Challenging(), pool_id="p", client_id="c")  # type: ignore[arg-type]
    assert identity.sign_in("anne@example.fr", PASSWORD) is None


def _code(secret: str, steps: int = 0) -> str:
    """What an authenticator shows (RFC 6238), ``steps`` half minutes from now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    mac = hmac.new(key, counter, hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def test_an_authenticator_is_asked_for_once_added(identity: CognitoIdentity) -> None:
    """From its first right code on, the password alone opens nothing, until it is taken away."""
    person = identity.create("anne@example.fr", "Anne", PASSWORD)
    assert identity.start_totp("anne@example.fr", "faux mot de passe") is None
    setup = identity.start_totp("anne@example.fr", PASSWORD)
    assert setup is not None
    assert not identity.confirm_totp("anne@example.fr", setup, _code(setup.secret, 50))
    assert not identity.confirm_totp("anne@example.fr", setup, "abc")
    assert identity.sign_in("anne@example.fr", PASSWORD) == person
    assert identity.confirm_totp("anne@example.fr", setup, _code(setup.secret))

    asked = identity.sign_in("anne@example.fr", PASSWORD)
    assert isinstance(asked, SecondFactor)
    assert identity.second_factor(asked, _code(setup.secret, 50)) is None
    assert identity.second_factor(asked, "") is None
    found = identity.second_factor(asked, _code(setup.secret))
    assert found is not None
    assert (found.subject, found.second_factor) == (person.subject, True)

    identity.remove_totp("anne@example.fr")
    assert identity.sign_in("anne@example.fr", PASSWORD) == person


def test_somebody_is_found_by_address_and_gets_another_password(
    identity: CognitoIdentity,
) -> None:
    """Whatever the case of the address; nobody is found where nobody is."""
    person = identity.create("anne@example.fr", "Anne", PASSWORD)
    assert identity.find(" Anne@Example.fr") == person
    assert identity.find("personne@example.fr") is None
    assert identity.find("") is None
    identity.set_password("anne@example.fr", "une autre phrase longue")
    assert identity.sign_in("anne@example.fr", PASSWORD) is None
    assert identity.sign_in("anne@example.fr", "une autre phrase longue") == person


def test_an_account_that_the_operator_closed_is_told(
    identity: CognitoIdentity, platform: Platform
) -> None:
    """Disabled in the pool: its password opens nothing, and whoever finds it is told."""
    person = identity.create("anne@example.fr", "Anne", PASSWORD)
    assert person.enabled
    named = {"UserPoolId": platform["FACTEUR_USER_POOL_ID"], "Username": "anne@example.fr"}
    platform.client("cognito-idp").admin_disable_user(**named)
    assert identity.sign_in("anne@example.fr", PASSWORD) is None
    found = identity.find("anne@example.fr")
    assert found is not None
    assert not found.enabled
