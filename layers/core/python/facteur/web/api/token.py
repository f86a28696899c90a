"""``POST /oauth2/token``: the access token of a program (RFC 6749 §4.4, client credentials).

The client authenticates with HTTP Basic or in the form (§2.3.1); errors are those of §5.2.
"""

import base64
import binascii
import logging
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from facteur.domain.errors import FacteurError, ForbiddenError
from facteur.services.programs import tokens
from facteur.web.answers import Answer, json_answer
from facteur.web.api.calls import API_HEADERS, guarded
from facteur.web.failures import status_of
from facteur.web.site import FORM, ROUTES, Route, Scope, Site, with_headers

log = logging.getLogger(__name__)

_MOST = 4096  # bytes of a form


def token(site: Site, request: Any) -> Answer:
    """A token for the client that authenticates, or the error of the standard."""
    form = _form(request)
    given, secret = _client(request, form)
    if form.get("grant_type") != "client_credentials":
        wanted = "unsupported_grant_type" if form.get("grant_type") else "invalid_request"
        return json_answer({"error": wanted}, 400)
    try:
        issued = tokens.issue(given, secret, site.context)
    except ForbiddenError as error:
        if error.code == "token.throttled":
            slow = json_answer({"error": "temporarily_unavailable"}, 429)
            return with_headers(slow, {"Retry-After": "900"})
        wrong = json_answer({"error": "invalid_client"}, 401)
        return with_headers(wrong, {"WWW-Authenticate": 'Basic realm="facteur"'})
    return json_answer(
        {"access_token": issued.token, "token_type": "Bearer", "expires_in": issued.seconds}
    )


def serve(route: Route, site: Site, request: Any, _arguments: dict[str, str]) -> Answer:
    """Answer a token request: no cookie is read, the client is named in the request."""
    answer = guarded(f"{route.method} {route.path}", lambda: token(site, request), _away)
    return with_headers(answer, {**API_HEADERS, "Pragma": "no-cache"})


def refused(error: FacteurError, _language: str) -> Answer:
    """What the router refuses: a body that is no form is a request that lacks everything."""
    status = status_of(error)
    return json_answer({"error": "invalid_request"}, 400 if status == 415 else status)


def _away(error: FacteurError) -> Answer:
    """What stopped us is not the client's fault: it may come back."""
    log.warning("no token: %s", error)
    away = json_answer({"error": "temporarily_unavailable"}, 503)
    return with_headers(away, {"Retry-After": "10"})


def _form(request: Any) -> dict[str, str]:
    raw: bytes = request.raw_body or b""
    if len(raw) > _MOST:
        return {}
    held = parse_qs(raw.decode("utf-8", "replace"), max_num_fields=20)
    return {name: values[0] for name, values in held.items()}


def _client(request: Any, form: dict[str, str]) -> tuple[str, str]:
    scheme, _space, held = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(held.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            return "", ""
        name, _colon, secret = text.partition(":")
        return unquote_plus(name), unquote_plus(secret)  # RFC 6749 §2.3.1
    return form.get("client_id", ""), form.get("client_secret", "")


ROUTES.append(
    Route(
        path="/oauth2/token",
        method="POST",
        view=token,
        serve=serve,
        permission=None,
        content_types=(FORM,),
        scope=Scope.PROGRAM,
    )
)
