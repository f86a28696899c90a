"""The Provider port on OpenID Connect: whose people sign in somewhere else, and prove it here.

Authorization code flow with PKCE. The ID token comes to us straight from the token endpoint over
TLS, so its signature adds nothing and is not looked at (OpenID Connect Core 1.0, §3.1.3.7, 6);
its issuer, audience, age and nonce are. We ask for ``openid`` alone and keep the subject alone:
an address that a provider tells is never what opens an account (decision 0212).

Sources: https://openid.net/specs/openid-connect-core-1_0.html
https://openid.net/specs/openid-connect-discovery-1_0.html · RFC 7636 (PKCE) · RFC 9207 (``iss``)
"""

import base64
import hashlib
import json
import logging
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from facteur.domain.errors import InvalidError, UnavailableError
from facteur.domain.faults import Fault
from facteur.ports import Clock

log = logging.getLogger(__name__)

_TIMEOUT = httpx.Timeout(8.0, connect=3.0)
_MOST_BYTES = 200_000  # of an answer
_SKEW = 120  # seconds between our clock and theirs
_LONGEST_SUBJECT = 255  # ASCII characters, §2
_BROKEN = (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


class OpenIdProvider:
    """Implements facteur.ports.Provider. ``transport`` is given by tests."""

    def __init__(
        self,
        *,
        identifier: str,
        name: str,
        issuer: str,
        client_id: str,
        client_secret: str,
        come_back: str,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """``issuer`` as the provider writes it; ``come_back``: our address that it sends to."""
        self.id, self.name, self.issuer = identifier, name, issuer
        self._client, self._secret, self._come_back = client_id, client_secret, come_back
        self._clock, self._transport = clock, transport
        self._known: dict[str, Any] | None = None

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes; UnavailableError."""
        challenge = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._client,
            "redirect_uri": self._come_back,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        place = str(self._endpoints()["authorization_endpoint"])
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"

    def subject(self, *, code: str, nonce: str, verifier: str) -> str:
        """Who came back; InvalidError (``provider.refused``), UnavailableError."""
        endpoints = self._endpoints()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._come_back,
            "client_id": self._client,
            "code_verifier": verifier,
        }
        methods = endpoints.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = httpx.BasicAuth(*(quote(one, safe="") for one in (self._client, self._secret)))
        by_header = "client_secret_basic" in methods  # RFC 6749, §2.3.1: encoded as in a form
        if not by_header:
            form["client_secret"] = self._secret
        try:
            with httpx.Client(transport=self._transport, timeout=_TIMEOUT) as client:
                auth = basic if by_header else httpx.USE_CLIENT_DEFAULT
                answer = client.post(str(endpoints["token_endpoint"]), data=form, auth=auth)
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                answer.raise_for_status()
        except httpx.HTTPError as error:
            raise _away(error) from error
        try:
            answer.raise_for_status()
            return self._subject_of(_claims(_body(answer)["id_token"]), nonce)
        except _BROKEN as error:
            log.warning("the provider's answer is refused: %s %s", answer.status_code, error)
            raise _refused() from error

    def _subject_of(self, claims: dict[str, Any], nonce: str) -> str:
        """The subject of an ID token that is for us, for this sign-in and of now; ValueError."""
        audience = claims["aud"]
        ours = audience == self._client or (
            isinstance(audience, list)
            and self._client in audience
            and (len(audience) == 1 or claims.get("azp") == self._client)
        )
        now = self._clock.now().timestamp()
        fresh = claims["exp"] > now - _SKEW and claims["iat"] < now + _SKEW
        subject = claims["sub"]
        named = isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT
        if claims["iss"] != self.issuer or not ours or not fresh or claims["nonce"] != nonce:
            msg = "an ID token of another issuer, client, time or sign-in"
            raise ValueError(msg)
        if not named or not subject.isascii():
            msg = "an ID token of nobody"
            raise ValueError(msg)
        return str(subject)

    def _endpoints(self) -> dict[str, Any]:
        """The provider's own description, asked once per process; UnavailableError."""
        if self._known is None:
            place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                with httpx.Client(transport=self._transport, timeout=_TIMEOUT) as client:
                    answer = client.get(place)
                answer.raise_for_status()
                self._known = self._checked(_body(answer))
            except _BROKEN as error:
                raise _away(error) from error
        return self._known

    def _checked(self, described: dict[str, Any]) -> dict[str, Any]:
        """ValueError for a description of another issuer, or of places without TLS."""
        places = (described["authorization_endpoint"], described["token_endpoint"])
        if described["issuer"] != self.issuer or not all(map(_by_tls, places)):
            msg = "another issuer, or no TLS"
            raise ValueError(msg)
        return described


def _by_tls(place: str) -> bool:
    found = urlsplit(place)
    return found.scheme == "https" or found.hostname in ("127.0.0.1", "localhost")


def _body(answer: httpx.Response) -> dict[str, Any]:
    if len(answer.content) > _MOST_BYTES:
        msg = "too long"
        raise ValueError(msg)
    body = answer.json()
    if not isinstance(body, dict):
        msg = "no object"
        raise TypeError(msg)
    return body


def _claims(token: str) -> dict[str, Any]:
    """The claims of a JWT (RFC 7519)."""
    _head, payload, _signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if not isinstance(claims, dict):
        msg = "no claims"
        raise TypeError(msg)
    return claims


def _away(error: Exception) -> UnavailableError:
    return UnavailableError("unavailable", service="oidc", reason=type(error).__name__)


def _refused() -> InvalidError:
    return InvalidError((Fault(code="provider.refused"),), code="provider.refused")
