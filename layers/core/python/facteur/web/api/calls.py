"""A call: one program's request to the API, named by its dossier's key.

``Authorization: Bearer <key>``; JSON bodies; errors as problem JSON in French, or in English when
the caller prefers it (Accept-Language). One rule for what an address asks: a parameter that it
does not have, or a value that is none of those it knows, is 400 and lists them; a body that does
not hold is 422.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import FacteurError, ForbiddenError, InvalidError
from facteur.domain.faults import Fault
from facteur.formats.json_body import object_of
from facteur.services.programs import throttling, tokens
from facteur.web.answers import Answer
from facteur.web.failures import problem
from facteur.web.site import Route, Site, with_headers

log = logging.getLogger(__name__)

API_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def not_known(name: str, value: str, known: Iterable[str]) -> Fault:
    """What a parameter of the query holds is none of what it may."""
    values = {"value": value[:40], "known": ", ".join(known)}
    return Fault(code="api.value", path=name, values=values)


class Call:
    """What an API view needs: the site, the caller, the query and the JSON body."""

    def __init__(self, site: Site, request: Any) -> None:
        self.site = site
        self.context = site.context
        self.request = request
        self.language = language_of(request.headers.get("accept-language", ""))
        self.caller = Caller(user="", name="", dossier="")

    def identify(self, permission: Permission | None) -> None:
        """Find the dossier of the key; ForbiddenError when there is none, or it may not."""
        scheme, _space, key = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise ForbiddenError("api_key.missing")
        self.caller = tokens.caller_of(key.strip(), self.context)
        if permission is not None:
            self.caller.require(permission)

    def query(self, name: str, default: str = "") -> str:
        """A value of the query string."""
        given = self.request.query_params
        return default if given is None else str(given.get(name, default) or default)

    def only(self, known: tuple[str, ...]) -> None:
        """InvalidError for parameters of the query that this address does not have."""
        faults = [
            Fault(
                code="api.parameter",
                path=name[:40],
                values={"value": name[:40], "known": ", ".join(known) or "—"},
            )
            for name in self.request.query_params or {}
            if name not in known
        ]
        if faults:
            raise InvalidError(tuple(faults), code="api.query")

    def body(self) -> dict[str, object]:
        """The JSON object that was sent; InvalidError when it is none."""
        raw: bytes = self.request.raw_body or b""
        return object_of(raw)


def language_of(accepted: str) -> str:
    """ "en" when the first language accepted is English, else "fr"."""
    return "en" if accepted.strip().lower().startswith("en") else "fr"


def guarded(
    name: str, work: Callable[[], Answer], refuse: Callable[[FacteurError], Answer]
) -> Answer:
    """What a program's view answers, or its error in the words of that route's standard."""
    try:
        return work()
    except FacteurError as error:
        return refuse(error)
    except Exception:
        log.exception("%s failed", name)
        return refuse(FacteurError("error.internal"))


def serve_api(route: Route, site: Site, request: Any, arguments: dict[str, str]) -> Answer:
    """Run an API view inside its wrapper."""
    call = Call(site, request)

    def work() -> Answer:
        call.identify(route.permission)
        if wait := throttling.wait(call.caller, call.context):
            return with_headers(
                problem(FacteurError("api.throttled"), call.language), {"Retry-After": str(wait)}
            )
        call.only(route.query)
        return route.view(call, **arguments)

    answer = guarded(
        f"{route.method} {route.path}",
        work,
        lambda error: problem(error, call.language, of_key=True),
    )
    return with_headers(answer, API_HEADERS)
