"""As much of a browser as the rehearsal needs: cookies, forms, redirections, the links of a page.

It speaks to the embedded API Gateway, which tells its APIs apart by the Host header, and to S3 by
presigned links and forms. Standard library only; nothing here runs scripts (the journeys do, in
Chromium).
"""

import html.parser
import json
import re
import secrets
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
    content: bytes = b""
    cookies: tuple[str, ...] = ()

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
        """GET a path of the site, or POST a form to it; redirections within it are followed."""
        for _hop in range(5):
            page = self.once(path, form)
            if page.status not in (301, 302, 303, 307):
                return page
            path, form = page.headers["location"], None
        msg = f"{path} redirects without end"
        raise WalkError(msg)

    def once(self, path: str, form: Mapping[str, str] | None = None) -> Page:
        """The same, without following: the answer may lead to S3."""
        headers = {"Accept": "text/html,*/*"}
        body = None
        if form is not None:
            site = urlsplit(self.site_url)
            body = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{site.scheme}://{site.netloc}"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return self._ask(path, body, headers)

    def call(self, path: str, key: str, body: object = None) -> Page:
        """Call the API with a key: GET, or POST of a JSON body."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        headers["Accept"] = "application/json"
        return self._ask(path, None if body is None else json.dumps(body).encode(), headers)

    def _ours(self, path: str) -> str:
        site = urlsplit(self.site_url)
        path = path.removeprefix(f"{site.scheme}://{site.netloc}")
        if not path.startswith(f"{self.base}/"):
            msg = f"{path} is outside {self.base}/"
            raise WalkError(msg)
        return path

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Page:
        path = self._ours(path)
        host = {"Host": urlsplit(self.site_url).netloc}
        page = fetched(path, self.endpoint + path, body, {**headers, **host})
        for cookie in page.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        return page


def fetched(name: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Page:
    """The answer of a URL, whatever its status; redirections are not followed."""
    request = urllib.request.Request(url, data=body, headers=dict(headers))  # noqa: S310
    answer: HTTPResponse | urllib.error.HTTPError
    try:
        answer = _OPENER.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        content = answer.read()
    return Page(
        path=name,
        status=answer.status or 0,
        kind=answer.headers.get_content_type(),
        text=content.decode("utf-8", "replace"),
        headers={key.lower(): value for key, value in answer.headers.items()},
        content=content,
        cookies=tuple(answer.headers.get_all("Set-Cookie") or ()),
    )


def sent_to_s3(url: str, fields: Mapping[str, str], filename: str, data: bytes) -> Page:
    """The answer to a presigned form with its file, as a browser sends it."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    last = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"'
    body = "".join(parts).encode() + f"{last}\r\n\r\n".encode() + data
    kind = f"multipart/form-data; boundary={boundary}"
    return fetched(url, url, body + f"\r\n--{boundary}--\r\n".encode(), {"Content-Type": kind})


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
