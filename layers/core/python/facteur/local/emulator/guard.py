"""Keeps other people's pages out of the embedded AWS.

It listens on 127.0.0.1, which the user's browser reaches too: a page of any site can send requests
there, and the emulator trusts whoever names an account. What the product needs is narrow, so the
rest is refused here:

- a browser (it says so itself: Origin, Sec-Fetch-Site) may ask a preflight, send a presigned form,
  follow a presigned link or call a deployed API; the emulator checks their signatures and CORS;
- everything else must be signed in its headers, which no page can do without being asked first;
- the name in Host must be ours: a foreign name pointing to 127.0.0.1 is DNS rebinding.

The emulator's own management calls (`/_ministack/reset`…) are closed: one forgets everything.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_OUR_NAMES = ("127.0.0.1", ".127.0.0.1", "localhost", ".localhost", ".amazonaws.com")


def guarded(application: Application) -> Application:
    """Return the application behind the guard (ASGI)."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or allowed(scope):
            await application(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": b"refused by facteur.local"})

    return guard


def allowed(scope: Scope) -> bool:
    """Tell whether a request may reach the emulator."""
    headers = {k.decode("latin1").lower(): v.decode("latin1") for k, v in scope["headers"]}
    method, path = scope["method"], scope["path"]
    host = headers.get("host", "").rsplit(":", 1)[0]
    if not any(host == name or (name[0] == "." and host.endswith(name)) for name in _OUR_NAMES):
        return False
    if path.startswith("/_ministack/"):
        return method == "GET" and not _from_a_page(headers)
    if _public(method, path, host, headers, scope["query_string"]):
        return True
    return "authorization" in headers and not _from_a_page(headers)


def _from_a_page(headers: Mapping[str, str]) -> bool:
    return "origin" in headers or headers.get("sec-fetch-site", "none") != "none"


def _public(method: str, path: str, host: str, headers: Mapping[str, str], query: bytes) -> bool:
    """Tell what AWS, too, offers to callers without credentials of their own."""
    if method == "OPTIONS":
        return "x-amz-target" not in headers
    if (
        ".execute-api." in host
        or (path.startswith("/restapis/") and "/_user_request_" in path)
        or path.startswith("/_aws/execute-api/")
    ):
        return True
    if "X-Amz-Signature" in parse_qs(query.decode("latin1")):
        return True
    form = headers.get("content-type", "").startswith("multipart/form-data")
    return method == "POST" and form
