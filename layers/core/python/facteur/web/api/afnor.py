"""The wrapper of the AFNOR routes: a dossier's token, the standard's own errors.

``Authorization: Bearer`` with a token of /oauth2/token (an API key works too); a Request-Id is
given back and logged; every error is the standard's ``Error`` object, in French or English
(Accept-Language). Requests are counted by client: above the limit, 429 with Retry-After.

Source: XP Z12-013 1.3.0, annexes A and B, components ``Error`` and headers.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from facteur.domain.dossiers import Permission
from facteur.domain.errors import FacteurError, InvalidError
from facteur.services.programs import throttling
from facteur.web import i18n
from facteur.web.answers import Answer, json_answer
from facteur.web.api.calls import API_HEADERS, Call, guarded
from facteur.web.failures import status_of
from facteur.web.site import JSON, MULTIPART, ROUTES, Route, Site, View, with_headers

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[\w.:-]{1,64}")
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "FILE_SIZE_EXCEEDED",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "UNPROCESSABLE_ENTITY",
    429: "TOO_MANY_REQUESTS",
    500: "RESOURCE_ERROR",
    501: "NOT_IMPLEMENTED",
    503: "SERVICE_UNAVAILABLE",
}
#: Faults of the request's own form are 400 in the standard; 422 is for what it means.
_MALFORMED = frozenset({"json.invalid", "multipart.invalid", "afnor.request"})


def afnor(
    path: str, method: str = "GET", *, permission: Permission, multipart: bool = False
) -> Callable[[View], View]:
    """Make a view a route of the standard."""

    def keep(view: View) -> View:
        bodies: tuple[str, ...] = ()
        if method in {"POST", "PATCH"}:
            bodies = (MULTIPART,) if multipart else (JSON,)
        ROUTES.append(
            Route(
                path=path,
                method=method,
                view=view,
                serve=serve,
                permission=permission,
                content_types=bodies,
            )
        )
        return view

    return keep


def serve(route: Route, site: Site, request: Any, arguments: dict[str, str]) -> Answer:
    """Run a view of the standard inside its wrapper."""
    call = Call(site, request)
    given = request.headers.get("request-id", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else site.context.ids.new()

    def work() -> Answer:
        call.identify(route.permission)
        if retry := throttling.wait(call.caller, call.context):
            slow = i18n.sentence("api.throttled", language=call.language)
            return error_answer(429, "TOO_MANY_REQUESTS", slow, retry)
        return route.view(call, **arguments)

    answer = guarded(
        f"{route.method} {route.path}", work, lambda error: refused(error, call.language)
    )
    log.info("%s %s %d", route.method, route.path, answer.status, extra={"request_id": request_id})
    return with_headers(answer, {**API_HEADERS, "Request-Id": request_id})


def refused(error: FacteurError, language: str) -> Answer:
    """An error as the standard's ``Error``; InvalidError tells every fault in ``details``."""
    status = 400 if error.code in _MALFORMED else status_of(error)
    faults = error.faults if isinstance(error, InvalidError) else ()
    code = _CODES.get(status, "RESOURCE_ERROR")
    if any(one.code in ("afnor.missing", "afnor.criterion") for one in faults):
        code = "MISSING_REQUIRED_FIELD"
    challenge = {"WWW-Authenticate": 'Bearer realm="facteur"'} if status == 401 else {}
    wait = 10 if status == 503 else 0
    said = i18n.told(error, language, program=True)
    return with_headers(error_answer(status, code, said, wait), challenge)


def error_answer(status: int, code: str, message: str, retry: int = 0) -> Answer:
    """The standard's ``Error``; ``retry``: in how many seconds to come back, 0 = not said."""
    body = {"errorCode": code, "errorMessage": message, "type": "about:blank"}
    answer = json_answer(body, status)
    return with_headers(answer, {"Retry-After": str(retry)} if retry else {})


def raw_body(call: Call) -> bytes:
    """The bytes of the request."""
    raw: bytes = call.request.raw_body or b""
    return raw
