"""As much of a browser as the rehearsal needs: cookies, forms, redirections, the links of a page.

It speaks to the embedded API Gateway, which tells its APIs apart by the Host header. Standard
library only; nothing here runs scripts (the journeys do, in Chromium).
"""

import html.parser
import re
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit


class WalkError(AssertionError):
    """A page is not what it must be; the message says which and what was seen."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the site."""

    path: str
    status: int
    kind: str
    text: str
    headers: Mapping[str, str]

    @property
    def parts(self) -> "Parts":
        """Its links and forms."""
        return Parts.of(self.text if self.kind == "text/html" else "")

    def must_be(self, status: int, kind: str = "text/html") -> "Page":
        """Itself; WalkError when its status or its type is another."""
        if (self.status, self.kind) != (status, kind):
            msg = f"{self.path}: {self.status} {self.kind}\n{self.text[:1000]}"
            raise WalkError(msg)
        return self


@dataclass(slots=True)
class Browser:
    """One visitor of the site at `site_url`, reached through `endpoint`."""

    endpoint: str
    site_url: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The base path: every link of the site starts with it."""
        return urlsplit(self.site_url).path

    def open(self, path: str, form: Mapping[str, str] | None = None) -> Page:
        """GET a path of the site, or POST a form to it; redirections are followed."""
        for _hop in range(5):
            page = self._once(self._ours(path), form)
            if page.status not in (301, 302, 303, 307):
                return page
            path, form = page.headers["location"], None
        msg = f"{path} redirects without end"
        raise WalkError(msg)

    def _ours(self, path: str) -> str:
        site = urlsplit(self.site_url)
        path = path.removeprefix(f"{site.scheme}://{site.netloc}")
        if not path.startswith(f"{self.base}/"):
            msg = f"{path} is outside {self.base}/"
            raise WalkError(msg)
        return path

    def _once(self, path: str, form: Mapping[str, str] | None) -> Page:
        site = urlsplit(self.site_url)
        body = urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.endpoint + path, data=body)  # noqa: S310 - ours
        request.add_header("Host", site.netloc)
        request.add_header("Accept", "text/html,*/*")
        if form is not None:
            request.add_header("Content-Type", "application/x-www-form-urlencoded")
            request.add_header("Origin", f"{site.scheme}://{site.netloc}")
        if self.cookies:
            request.add_header("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        answer: HTTPResponse | urllib.error.HTTPError
        try:
            answer = _OPENER.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode("utf-8", "replace")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Page(path, answer.status or 0, answer.headers.get_content_type(), text, headers)


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """Redirections come back as answers: cookies are set on the way."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirection())


class Parts(html.parser.HTMLParser):
    """What a page refers to (links, styles, scripts, images), and its first form."""

    def __init__(self) -> None:
        """Nothing found yet."""
        super().__init__()
        self.links: list[str] = []
        self.action = ""
        self.hidden: dict[str, str] = {}

    @classmethod
    def of(cls, text: str) -> "Parts":
        """The parts of an HTML text."""
        parts = cls()
        parts.feed(text)
        return parts

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Note addresses, and what a form sends by itself."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = self.action or given.get("action", "")
        if tag == "input" and given.get("type") == "hidden":
            self.hidden[given.get("name", "")] = given.get("value", "")
        for name in ("href", "src", "hx-get"):
            address = given.get(name, "").partition("#")[0]
            elsewhere = re.match(r"(mailto|tel|data):", address)
            if address and not elsewhere and address not in self.links:
                self.links.append(address)
