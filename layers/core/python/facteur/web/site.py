"""The site and the two wrappers of every route: ``@page`` and ``@api``.

A wrapper finds who asks (session cookie or API key), checks the permission and the CSRF token,
calls the view, and turns every error of domain/errors.py into a French page, a fragment or
problem JSON with the right status. An unknown exception is logged and answered with a sentence:
never a stack trace. Every link starts with ``Site.link``, because API Gateway serves the app under
a stage (decision 23); form routes declare their content type, or Chalice answers 415.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from chalice import Response  # type: ignore[attr-defined, unused-ignore]

from facteur.domain.dossiers import Permission
from facteur.ports import Context
from facteur.web.answers import Answer, clean

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the pages are served, and the ports behind them; made once by bootstrap.py."""

    context: Context
    site_url: str  # origin and base path, no final slash
    static_path: str  # under the base path; holds the content hash
    static_folder: str = ""  # where ``<hash>/<name>`` lies: the static files' layer
    support_email: str = ""
    support_phone: str = ""
    support_cost: str = ""  # what a call costs, in words
    sign_up_open: bool = True  # anybody may create a dossier or a firm
    sent_mails: str = ""  # where our mails are shown, on a laptop; "" where they leave

    @property
    def base(self) -> str:
        """The base path: "" at the root of a domain, "/api" under that stage."""
        return urlsplit(self.site_url).path.rstrip("/")

    @property
    def secure(self) -> bool:
        """True when the site is served over HTTPS: cookies are then Secure."""
        return self.site_url.startswith("https://")

    def link(self, path: str, **query: object) -> str:
        """The link to a page of ours; query values that are empty are left out."""
        given = {name: str(value) for name, value in query.items() if value not in ("", None)}
        return f"{self.base}{quote(path)}" + (f"?{urlencode(given)}" if given else "")

    def url(self, path: str, **query: object) -> str:
        """The same with the origin: for other programs, and for S3 to come back to."""
        whole = urlsplit(self.site_url)
        return f"{whole.scheme}://{whole.netloc}{self.link(path, **query)}"

    def cookie(self, name: str) -> str:
        """A cookie's whole name: over HTTPS no other host, path or plain page can set it."""
        return f"__Host-{name}" if self.secure else name

    def static(self, name: str) -> str:
        """The link to a static file, cached for a year under its content hash."""
        return f"{self.base}{self.static_path}/{name}"


View = Callable[..., Answer]
Serve = Callable[["Route", Site, Any, dict[str, str]], Answer]


class Scope(StrEnum):
    """Whose a page is: what must be known of who asks before its view runs."""

    ANYBODY = "anybody"
    PERSON = "person"  # signed in, whatever the dossier
    DOSSIER = "dossier"  # in a dossier, with the route's permission
    FIRM = "firm"  # in an accounting firm
    PROGRAM = "program"  # a program that authenticates in its request: no cookie is read
    LINK = "link"  # whoever holds the token of its address: no cookie is read, none is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route: its path, its method, its view, what it asks of the caller, its wrapper."""

    path: str
    method: str
    view: View
    serve: Serve
    permission: Permission | None  # None: no dossier is needed
    content_types: tuple[str, ...] = ()
    scope: Scope = Scope.DOSSIER
    files: bool = False  # its form may bring files
    query: tuple[str, ...] = ()  # parameters of its address, of the API


#: Every route of the site, filled while the pages' modules are imported (routes.py).
ROUTES: list[Route] = []


def page(
    path: str,
    method: str = "GET",
    *,
    permission: Permission | None = Permission.READ,
    scope: Scope | None = None,
    files: bool = False,
) -> Callable[[View], View]:
    """Make a view a page: session, permission, CSRF token on POST, errors.

    ``files``: its form may bring small files too.
    ``permission=None`` alone is a public page; a ``scope`` other than the dossier's needs none.
    """
    wanted = scope or (Scope.ANYBODY if permission is None else Scope.DOSSIER)
    asked = permission if wanted is Scope.DOSSIER else None
    from facteur.web.visit import serve_page  # noqa: PLC0415 — Visit needs Site

    def keep(view: View) -> View:
        forms: tuple[str, ...] = (FORM,) if method == "POST" else ()
        if wanted is Scope.LINK or files:  # mail programs may send either (RFC 8058, §3.1)
            forms = (FORM, MULTIPART)
        ROUTES.append(
            Route(
                path=path,
                method=method,
                view=view,
                serve=serve_page,
                permission=asked,
                content_types=forms,
                scope=wanted,
                files=files,
            )
        )
        return view

    return keep


def api(
    path: str, method: str = "GET", *, permission: Permission, query: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """Make a view an API route: bearer key, permission, JSON in, problem JSON on errors.

    ``query``: the parameters that it knows; any other is told and refused.
    """
    from facteur.web.api.calls import serve_api  # noqa: PLC0415 — Call needs Site

    def keep(view: View) -> View:
        bodies = (JSON,) if method == "POST" else ()
        ROUTES.append(
            Route(
                path=path,
                method=method,
                view=view,
                serve=serve_api,
                permission=permission,
                content_types=bodies,
                query=query,
            )
        )
        return view

    return keep


def page_above(route: Route) -> str:
    """The nearest path, the route's own or above it, that shows a page: "/" when none does.

    ``/factures/{document}/refus`` is a form of ``/factures/{document}``.
    """
    pages = {one.path for one in ROUTES if one.method == "GET" and one.serve is route.serve}
    path = route.path
    while path and path not in pages:
        path = path.rpartition("/")[0]
    return path or "/"


def register(app: Any, provide: Callable[[], Site], routes: list[Route]) -> None:
    """Give the Chalice app its routes; ``provide`` is asked for the site at each request.

    What answers GET answers HEAD with the same status and headers, and no body (RFC 9110, 9.3.2):
    monitors and link checkers ask so.
    """
    for route in routes:
        options = {"content_types": list(route.content_types)} if route.content_types else {}
        methods = ["GET", "HEAD"] if route.method == "GET" else [route.method]
        app.route(route.path, methods=methods, name=route.view.__name__, **options)(
            _handler(app, provide, route)
        )


def _handler(app: Any, provide: Callable[[], Site], route: Route) -> Callable[..., Response]:
    def handle(**arguments: str) -> Response:
        request = app.current_request
        answer = route.serve(route, provide(), request, arguments)
        return _response(_bare(answer) if request.method == "HEAD" else answer)

    return handle


def _bare(answer: Answer) -> Answer:
    """The answer without its body."""
    return replace(answer, body=b"" if isinstance(answer.body, bytes) else "")


def _response(answer: Answer) -> Response:
    headers: dict[str, object] = {name: clean(value) for name, value in answer.headers.items()}
    headers.setdefault("Content-Type", answer.media_type)
    if answer.cookies:
        headers["Set-Cookie"] = [clean(one) for one in answer.cookies]
    return Response(body=answer.body, status_code=answer.status, headers=headers)


def with_headers(answer: Answer, headers: dict[str, str]) -> Answer:
    """The answer with headers added; those it has already stay."""
    return replace(answer, headers={**headers, **answer.headers})
