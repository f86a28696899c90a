"""An authenticator in software: makes passkeys and signs with them, honestly or as it is told.

It answers as a browser does (JSON with base64url), so that tests meet the real checks without any
browser; the journeys use Chromium's own.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey of one user on one site."""

    origin: str = "https://facteur.test"
    party: str = "facteur.test"
    user: str = "u1"
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    cross_origin: bool = False
    credential: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: Mapping[str, Any], *, alg: int = 0) -> str:
        """Answer a creation; ``alg`` names another algorithm in the key."""
        client = self._client("webauthn.create", options)
        public: Any = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        if alg:
            public[3] = alg
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential, public)
        data = self._data(self.flags | ATTESTED, attested)
        statement = AttestationObject.create("none", data, {})
        return self._answer(client, {"attestationObject": websafe_encode(bytes(statement))})

    def get(self, options: Mapping[str, Any]) -> str:
        """Answer a question."""
        client = self._client("webauthn.get", options)
        data = self._data(self.flags, b"")
        signature = self.key.sign(
            bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._answer(
            client,
            {
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.user.encode()),
            },
        )

    def _client(self, kind: str, options: Mapping[str, Any]) -> bytes:
        return bytes(
            CollectedClientData.create(
                kind, options["challenge"], self.origin, cross_origin=self.cross_origin
            )
        )

    def _data(self, flags: int, attested: bytes) -> AuthenticatorData:
        party = hashlib.sha256(self.party.encode()).digest()
        bits = AuthenticatorData.FLAG(flags)
        made: AuthenticatorData = AuthenticatorData.create(party, bits, self.counter, attested)
        return made

    def _answer(self, client: bytes, response: Mapping[str, str]) -> str:
        name = websafe_encode(self.credential)
        sent = {**response, "clientDataJSON": websafe_encode(client)}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": sent})
