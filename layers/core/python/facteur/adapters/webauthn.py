"""The Passkeys port on Yubico's fido2: nothing is verified by code of ours.

User verification is required at both ceremonies: the authenticator asks for a fingerprint, a face
or a PIN, so that a passkey stands for two factors. Passkeys are discoverable (no address is typed)
and nobody attests their maker: any authenticator will do. The library is imported when it is first
used, a tenth of a second that no other page pays.

Where the site is asked for on 127.0.0.1, passkeys belong to ``localhost``: an address of numbers
cannot have any (domain/credentials.py says which name and origin they belong to).

Source: W3C, Web Authentication Level 3, §7.1 and §7.2, https://www.w3.org/TR/webauthn-3/
"""
# ruff: noqa: PLC0415 - the library is imported where its price is paid

import json
import logging
import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from facteur.domain.credentials import relying_party
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.ports import Ceremony, Claimed, NewPasskey

if TYPE_CHECKING:
    from collections.abc import Callable

    from fido2.server import Fido2Server

log = logging.getLogger(__name__)

#: COSE algorithms that we ask for: ES256, EdDSA, RS256 — those that every authenticator knows.
ALGORITHMS = (-7, -8, -257)
MOST_CHARACTERS = 20_000  # of an answer
PATIENCE = 120_000  # milliseconds for whoever looks for a telephone

T = TypeVar("T")


class WebAuthn:
    """Implements facteur.ports.Passkeys."""

    def __init__(self, site_url: str) -> None:
        """``site_url``: origin and base path; the origin alone counts."""
        self._party = relying_party(site_url)

    def _server(self) -> "Fido2Server":
        from fido2.server import Fido2Server
        from fido2.webauthn import PublicKeyCredentialRpEntity

        party = PublicKeyCredentialRpEntity(name="Facteur", id=self._party.id)
        server = Fido2Server(party, verify_origin=lambda given: given == self._party.origin)
        server.timeout = PATIENCE  # type: ignore[assignment]
        server.allowed_algorithms = [
            one for one in server.allowed_algorithms if one.alg in ALGORITHMS
        ]
        return server

    def creation(
        self, *, user: str, email: str, name: str, known: Sequence[str], challenge: bytes
    ) -> Ceremony:
        """Ask an authenticator for a new passkey; ``known`` credentials are not made twice."""
        from fido2.utils import websafe_decode
        from fido2.webauthn import (
            PublicKeyCredentialDescriptor,
            PublicKeyCredentialType,
            PublicKeyCredentialUserEntity,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options, state = self._server().register_begin(
            PublicKeyCredentialUserEntity(id=user.encode(), name=email, display_name=name),
            [
                PublicKeyCredentialDescriptor(
                    type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(one)
                )
                for one in known
            ],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
            challenge=challenge,
        )
        return _ceremony(options.public_key, state)

    def created(self, answer: str, challenge: str) -> NewPasskey:
        """Check what the browser answered (JSON); InvalidError (``passkey.refused``)."""
        return _checked(lambda: self._created(_parsed(answer), challenge))

    def _created(self, answer: Mapping[str, Any], challenge: str) -> NewPasskey:
        from fido2.utils import websafe_encode
        from fido2.webauthn import RegistrationResponse

        sent = RegistrationResponse.from_dict(answer)
        _same_page(sent.response.client_data)
        made = self._server().register_complete(_state(challenge), sent)
        key = made.credential_data
        if key is None or key.public_key.ALGORITHM not in ALGORITHMS:
            msg = "an algorithm that was not asked for"
            raise ValueError(msg)
        if key.credential_id != sent.raw_id:
            msg = "another credential than the one it names"
            raise ValueError(msg)
        return NewPasskey(
            credential=websafe_encode(key.credential_id),
            public_key=websafe_encode(bytes(key)),
            counter=made.counter,
        )

    def question(self, challenge: bytes) -> Ceremony:
        """Ask for a signature by any passkey of this site."""
        from fido2.webauthn import UserVerificationRequirement

        options, state = self._server().authenticate_begin(
            user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge
        )
        return _ceremony(options.public_key, state)

    def claimed(self, answer: str) -> Claimed:
        """Whom the answer names, to look its key up; InvalidError (``passkey.refused``)."""
        return _checked(lambda: _claimed(_parsed(answer)))

    def signed(self, answer: str, challenge: str, public_key: str) -> int:
        """Check the signature; the authenticator's counter. InvalidError (``passkey.refused``)."""
        return _checked(lambda: self._signed(_parsed(answer), challenge, public_key))

    def _signed(self, answer: Mapping[str, Any], challenge: str, public_key: str) -> int:
        from fido2.utils import websafe_decode
        from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

        sent = AuthenticationResponse.from_dict(answer)
        _same_page(sent.response.client_data)
        known = AttestedCredentialData(websafe_decode(public_key))
        self._server().authenticate_complete(_state(challenge), [known], sent)
        return int(sent.response.authenticator_data.counter)


def _state(challenge: str) -> dict[str, str]:
    """What the library wants back of a ceremony that it began."""
    return {"challenge": challenge, "user_verification": "required"}


def _ceremony(options: object, state: Mapping[str, Any]) -> Ceremony:
    plain: dict[str, object] = json.loads(json.dumps(options, default=dict))
    return Ceremony(options=plain, challenge=str(state["challenge"]))


def _parsed(answer: str) -> Mapping[str, Any]:
    if len(answer) > MOST_CHARACTERS:
        msg = "too long"
        raise ValueError(msg)
    body = json.loads(answer)
    if not isinstance(body, dict):
        msg = "no object"
        raise TypeError(msg)
    return body


def _same_page(client_data: Any) -> None:
    """ValueError for an answer given inside another site's page."""
    if client_data.cross_origin is not False:
        msg = "asked from another site's page"
        raise ValueError(msg)


def _claimed(answer: Mapping[str, Any]) -> Claimed:
    from fido2.utils import websafe_decode, websafe_encode

    user = websafe_decode(answer["response"]["userHandle"]).decode()
    return Claimed(user=user, credential=websafe_encode(websafe_decode(answer["rawId"])))


def _checked(check: "Callable[[], T]") -> T:
    """What a check answers; whatever a hostile answer does to the library is a refusal."""
    try:
        return check()
    except _hostile() as error:
        log.info("a passkey was refused: %s: %s", type(error).__name__, str(error)[:200])
        raise InvalidError((Fault(code="passkey.refused"),), code="passkey.refused") from error


def _hostile() -> tuple[type[Exception], ...]:
    """What the library raises on an answer that is wrong, broken or made to break it."""
    from cryptography.exceptions import UnsupportedAlgorithm

    broken = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError)
    return (*broken, struct.error, UnsupportedAlgorithm)
