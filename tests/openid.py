"""An OpenID provider in this process, honest or as it is told: what httpx asks, it answers."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

ISSUER = "https://login.cabinet.example/realms/facteur"
CLIENT, SECRET = "facteur:1", "s3cr&t+é"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class OpenId:
    """Signs in one subject; ``claims`` replace those of its ID tokens, ``described`` its own."""

    subject: str = "personne-42"
    claims: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    answer: httpx.Response | None = None  # instead of a token
    now: datetime = NOW
    seen: list[httpx.Request] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def transport(self) -> httpx.MockTransport:
        """What the adapter is given."""
        return httpx.MockTransport(self._respond)

    def browse(self, address: str) -> dict[str, str]:
        """The person signs in at the address; what the browser comes back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"state": asked["state"], "code": code, "iss": ISSUER}

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.url.path.endswith("/.well-known/openid-configuration"):
            described = {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/auth?tenant=1",
                "token_endpoint": f"{ISSUER}/token",
                **self.described,
            }
            return httpx.Response(200, json=described)
        return self.answer or self._token(request)

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        asked = self._codes.pop(form["code"], None)
        if asked is None or not self._knows(request, form):
            return httpx.Response(400, json={"error": "invalid_grant"})
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if _text(digest) != asked["code_challenge"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        assert form["redirect_uri"] == asked["redirect_uri"]
        at = int(self.now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": self.subject,
            "exp": at + 300,
            "iat": at,
            "nonce": asked["nonce"],
            **self.claims,
        }
        token = ".".join(_text(json.dumps(one).encode()) for one in ({"alg": "RS256"}, claims))
        return httpx.Response(200, json={"id_token": f"{token}.x", "token_type": "Bearer"})

    def _knows(self, request: httpx.Request, form: dict[str, str]) -> bool:
        if "token_endpoint_auth_methods_supported" in self.described:
            return form.get("client_secret") == SECRET
        given = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        return [unquote(one) for one in given.split(":")] == [CLIENT, SECRET]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
