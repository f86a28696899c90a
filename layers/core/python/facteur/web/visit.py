"""A visit: one browser's request, who makes it, and how pages answer it.

The session travels in a cookie (HttpOnly, SameSite=Lax; over HTTPS Secure and named ``__Host-``,
which no other host or path can set); every form carries the session's CSRF token. Before sign-in
the token is a cookie of its own, sent back by the form (double submit). Sources: OWASP Session
Management and CSRF Prevention sheets.
"""

import hmac
import logging
import secrets
from collections.abc import Mapping
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.people import FirmCaller
from facteur.formats.multipart_form import Part, parts_of
from facteur.ports import Session
from facteur.services.access import signing_in
from facteur.web import failures, i18n, render
from facteur.web.answers import Answer, redirect, security_headers
from facteur.web.forms.numbers import version_of
from facteur.web.site import MULTIPART, Route, Scope, Site, page_above, with_headers

log = logging.getLogger(__name__)

SESSION_COOKIE = "facteur_session"
FORM_COOKIE = "facteur_form"
MOST_FIELDS = 30_000  # of one form: 3 000 invoice lines of eight fields, and the rest of a page
MOST_PARTS = 40  # of one form that brings files


class Visit:
    """What a view needs: the site, the caller, the query and the form; and how to answer."""

    def __init__(self, site: Site, request: Any, route: Route) -> None:
        self.site = site
        self.context = site.context
        self.route = route
        self.headers: Mapping[str, str] = request.headers
        self.request = request
        self.cookies = _cookies(request.headers.get("cookie", ""))
        self.nonce = secrets.token_urlsafe(16)
        self.session: Session | None = None
        self._firm: FirmCaller | None = None
        self._caller: Caller | None = None
        self._form: list[tuple[str, str]] | None = None
        self._new_token = ""

    @property
    def caller(self) -> Caller:
        """Who asks; ForbiddenError when nobody signed in (a public page has no caller)."""
        if self._caller is None:
            raise ForbiddenError("sign_in.needed")
        return self._caller

    @property
    def signed_in(self) -> bool:
        """True when somebody signed in, with or without a dossier open."""
        return self.session is not None

    @property
    def in_dossier(self) -> bool:
        """True when a dossier is open that the caller may see."""
        return self._caller is not None

    @property
    def person(self) -> Session:
        """Who is signed in; ForbiddenError when nobody is."""
        if self.session is None:
            raise ForbiddenError("sign_in.needed")
        return self.session

    @property
    def firm(self) -> FirmCaller:
        """Who asks for their firm; NotFoundError outside any firm."""
        if self._firm is None:
            self._firm = signing_in.firm_caller(self.person, self.context)
        if self._firm is None:
            raise NotFoundError("not_found")
        return self._firm

    def require_firm(self) -> None:
        """NotFoundError for who belongs to no firm."""
        _asks = self.firm

    @property
    def agent(self) -> str:
        """The browser's own name for itself."""
        return str(self.headers.get("user-agent", ""))[:200]

    @property
    def fragment(self) -> bool:
        """True when htmx asks for a part of the page, not for the page."""
        asked = self.headers.get("hx-request") == "true"
        return asked and self.headers.get("hx-history-restore-request") != "true"

    @property
    def address(self) -> str:
        """The network address of the browser, as API Gateway saw it."""
        identity = self.request.context.get("identity") or {}
        return str(identity.get("sourceIp") or "")

    @property
    def path(self) -> str:
        """The path asked for, without the base path, with its parameters filled in."""
        return self._filled(self.route.path)

    @property
    def page_here(self) -> str:
        """The page on which this was asked: itself, the page above a form, around a fragment.

        "/" when none is known; a fragment's page is what htmx says, if it is one of ours.
        """
        if self.fragment:
            said = urlsplit(str(self.headers.get("hx-current-url", "")))
            ours = said.netloc == urlsplit(self.site.site_url).netloc
            return (said.path.removeprefix(self.site.base) if ours else "") or "/"
        return self._filled(page_above(self.route))

    def _filled(self, path: str) -> str:
        filled = path
        for name, value in (self.request.uri_params or {}).items():
            filled = filled.replace("{" + name + "}", value)
        return filled

    def query(self, name: str, default: str = "") -> str:
        """A value of the query string."""
        given = self.request.query_params
        return default if given is None else str(given.get(name, default) or default)

    def queries(self, name: str) -> tuple[str, ...]:
        """Every value of a name given several times in the query string (check boxes)."""
        given = self.request.query_params
        return () if given is None or name not in given else tuple(given.getlist(name))

    def form(self) -> list[tuple[str, str]]:
        """The fields of the form in order; InvalidError when there are far too many."""
        if self._form is None:
            raw = self.request.raw_body or b""
            if self._brings_files:
                self._form = [
                    (name, part.data.decode("utf-8", "replace"))
                    for name, part in self._parts().items()
                    if not part.filename
                ]
                return self._form
            text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
            try:
                self._form = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
            except ValueError:
                raise InvalidError((), code="form.too_many_fields") from None
        return self._form

    @property
    def _brings_files(self) -> bool:
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return self.route.files and kind == MULTIPART

    def _parts(self) -> Mapping[str, Part]:
        raw = self.request.raw_body or b""
        return parts_of(raw, self.headers.get("content-type", ""), most=MOST_PARTS)

    def files(self) -> tuple[Part, ...]:
        """The files that the form brings, empty ones too; a field left empty brings none."""
        found = self._parts().values() if self._brings_files else ()
        return tuple(one for one in found if one.filename)

    def field(self, name: str, default: str = "") -> str:
        """One field of the form, trimmed; the last one when it was sent twice."""
        return next((v.strip() for n, v in reversed(self.form()) if n == name), default)

    def fields(self, name: str) -> tuple[str, ...]:
        """Every value of a field sent several times (check boxes)."""
        return tuple(value for given, value in self.form() if given == name)

    @property
    def version(self) -> int:
        """The version that the user saw; -1, which nothing has, when the form has none."""
        return version_of(self.field("version"))

    def identify(self) -> None:
        """Find the session and the caller, if there is one."""
        token = self.cookies.get(self.site.cookie(SESSION_COOKIE), "")
        if token:
            self.session = signing_in.session(token, self.context, active=not self.fragment)
        if self.session is not None:
            self._caller = signing_in.caller(self.session, self.context)

    @property
    def csrf(self) -> str:
        """The token that forms must send back."""
        if self.session is not None:
            return self.session.csrf
        held = self.cookies.get(self.site.cookie(FORM_COOKIE), "") or self._new_token
        if not held:
            held = self._new_token = secrets.token_urlsafe(24)
        return held

    def check_csrf(self) -> None:
        """ForbiddenError unless the form carries this browser's token and comes from our pages."""
        if self.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise ForbiddenError("csrf")
        own = self.cookies.get(self.site.cookie(FORM_COOKIE), "")
        expected = self.session.csrf if self.session else own
        sent = self.field("csrf")
        if not expected or not hmac.compare_digest(expected.encode(), sent.encode()):
            raise ForbiddenError("csrf")

    def cookie(self, name: str, value: str, *, seconds: int) -> str:
        """A Set-Cookie value; 0 seconds removes the cookie."""
        secure = "; Secure" if self.site.secure else ""
        path = "/" if self.site.secure else self.site.base or "/"  # __Host- asks for the root
        named = self.site.cookie(name)
        return f"{named}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"

    def opened(self, opened: signing_in.Opened) -> tuple[str, ...]:
        """The cookies of a session that was just opened or renewed."""
        life = int((opened.session.expires_at - self.context.clock.now()).total_seconds())
        return (
            self.cookie(SESSION_COOKIE, opened.token, seconds=max(life, 1)),
            self.cookie(FORM_COOKIE, "", seconds=0),
        )

    def page(
        self,
        template: str,
        *,
        part: str = "",
        status: int = 200,
        storage: bool = False,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Answer:
        """A page, or its ``part`` when htmx asks; ``storage`` names our buckets in the CSP."""
        name = part if part and self.fragment else template
        body = render.environment().get_template(name).render(self._values(values))
        origins = self.context.blobs.origins() if storage else ()
        secured = security_headers(secure=self.site.secure, nonce=self.nonce, origins=origins)
        cookies: tuple[str, ...] = ()
        if self._new_token:
            cookies = (self.cookie(FORM_COOKIE, self._new_token, seconds=3600),)
        return Answer(
            body=body, status=status, headers={**secured, **(headers or {})}, cookies=cookies
        )

    def _values(self, values: Mapping[str, object]) -> dict[str, object]:
        return {
            "visit": self,
            "site": self.site,
            "link": self.site.link,
            "static": self.site.static,
            "icon": partial(render.icon, self.site.static("icons.svg")),
            "age": partial(i18n.age, now=self.context.clock.now()),
            "nonce": self.nonce,
            "csrf": self.csrf,
            "can": self.can,
            "done": self.query("fait"),
            **values,
        }

    def can(self, permission: str) -> bool:
        """True when the caller may do that: pages hide what they cannot offer."""
        return self._caller is not None and self._caller.may(Permission(permission))

    def go(self, path: str, cookies: tuple[str, ...] = (), **query: object) -> Answer:
        """303 to a page of ours (htmx follows it too)."""
        return redirect(self.site.link(path, **query), cookies)


def serve_page(route: Route, site: Site, request: Any, arguments: dict[str, str]) -> Answer:
    """Run a page's view inside its wrapper."""
    visit = Visit(site, request, route)
    try:
        answer = _served(visit, route, arguments)
    except FacteurError as error:
        answer = _failed(visit, error)
    except Exception:
        log.exception("%s %s failed", route.method, route.path)
        answer = _failed(visit, FacteurError("error.internal"))
    bare = security_headers(secure=site.secure, nonce=visit.nonce, origins=())
    return with_headers(answer, bare)


def _served(visit: Visit, route: Route, arguments: dict[str, str]) -> Answer:
    if route.scope is Scope.LINK:  # the token of the address is all there is to know
        return route.view(visit, **arguments)
    visit.identify()
    if route.scope is not Scope.ANYBODY and not visit.signed_in:
        return _to_sign_in(visit)
    if route.permission is not None:
        if not visit.in_dossier:
            return _to_a_dossier(visit)
        visit.caller.require(route.permission)
    if route.method != "GET":
        visit.check_csrf()
    if route.scope is Scope.FIRM:
        visit.require_firm()
    return route.view(visit, **arguments)


def _to_sign_in(visit: Visit) -> Answer:
    """Ask to sign in, then come back; an htmx request makes the whole page go there.

    A form comes back to its page: what was typed there is kept by the browser (draft.js).
    """
    back = visit.page_here
    target = visit.site.link("/connexion", retour="" if back == "/" else back)
    if visit.fragment:
        return Answer(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def _to_a_dossier(visit: Visit) -> Answer:
    """Signed in, but no dossier is open (none yet, or one was taken back): choose one.

    A firm's people start from their portfolio.
    """
    there = "/cabinet" if visit.person.firm and visit.route.path == "/" else "/dossiers"
    if visit.fragment:
        return Answer(status=401, headers={"HX-Redirect": visit.site.link(there)})
    return visit.go(there)


def _failed(visit: Visit, error: FacteurError) -> Answer:
    """The page (or the notice, for htmx) that says in French what went wrong."""
    status = failures.status_of(error)
    told = i18n.error_text(error)
    faults = dict.fromkeys(i18n.fault_text(one) for one in getattr(error, "faults", ()))
    faults.pop(told, None)  # nothing is said twice
    headers = {"Retry-After": "10"} if isinstance(error, UnavailableError) else {}
    if visit.fragment:
        headers |= {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
    return visit.page(
        "error.html",
        part="_notice.html",
        status=status,
        headers=headers,
        sentence_=told,
        faults=tuple(faults),
        missing=isinstance(error, NotFoundError),
        back=visit.page_here if visit.route.method == "POST" and visit.in_dossier else "/",
        code=error.code,
    )


def _cookies(header: str) -> dict[str, str]:
    try:
        parsed = SimpleCookie(header)
    except CookieError:
        return {}
    return {name: one.value for name, one in parsed.items()}
