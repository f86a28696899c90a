"""Serves the web door over HTTP: Chalice's own local gateway behind hypercorn.

Chalice turns a request into the event API Gateway would send and calls the app with it. Added
here: the limits of API Gateway (10 MB in) and Lambda (6 MB out), several requests at a time, and
static files straight from the disk.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

import asyncio
import base64
import logging
import mimetypes
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chalice.config import Config
from chalice.local import ForbiddenError, LocalGateway, LocalGatewayException

from facteur.local.invoke import PAYLOAD_BYTES
from facteur.web.failures import unknown_address, unknown_route

log = logging.getLogger(__name__)

REQUEST_BYTES = 10 * 1024 * 1024
THREADS = 8

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Gateway:
    """An ASGI application in front of a Chalice app.

    `static` is a pair: the path under which files are served, and the folder they are in. `pages`
    are the laptop's own, which the cloud does not have.
    """

    def __init__(
        self,
        app: Any,
        *,
        static: tuple[str, Path] | None = None,
        pages: Mapping[str, Callable[[], tuple[int, dict[str, str], bytes]]] | None = None,
    ) -> None:
        _one_request_per_thread(app)
        self._gateway = LocalGateway(app, Config(chalice_stage="local"))
        self._static = static
        self._pages = pages or {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one connection's event (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        body = await _body(receive)
        status, headers, content = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._answer, scope, body
        )
        if scope["method"] == "HEAD":  # its length would be that of GET: it may be left out
            content = b""
        else:
            headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: dict[str, Any], body: bytes | None) -> Answer:
        if body is None:
            return _message(413, b"Request Too Long")
        read = scope["method"] in ("GET", "HEAD")
        if read and (file := self._file(scope["path"])):
            return file
        own = self._pages.get(scope["path"]) if read else None
        if own and _by_our_name(scope["headers"]):
            status, headers, content = own()
            return status, _pairs(headers), content
        path = scope["raw_path"].decode("latin1")
        if scope["query_string"]:
            path += "?" + scope["query_string"].decode("latin1")
        try:
            answer = self._gateway.handle_request(
                scope["method"], path, _headers(scope["headers"]), body
            )
        except LocalGatewayException as refusal:
            return _refused(refusal, scope["headers"])
        except Exception:  # API Gateway answers 502 whatever the function died of
            log.exception("%s %s failed", scope["method"], scope["path"])
            return _message(502, b"Internal server error")
        content = answer.get("body") or b""
        if isinstance(content, str):
            content = content.encode()
        if len(content) > PAYLOAD_BYTES:
            log.error("%s answered %d bytes: Lambda takes 6 MB", scope["path"], len(content))
            return _message(502, b"Internal server error")
        if answer.get("isBase64Encoded"):
            content = base64.b64decode(content)
        several = answer.get("multiValueHeaders") or {}
        single = {k: v for k, v in (answer.get("headers") or {}).items() if k not in several}
        return answer["statusCode"], _pairs({**single, **several}), content

    def _file(self, path: str) -> Answer | None:
        if self._static is None or not path.startswith(self._static[0] + "/"):
            return None
        folder = self._static[1].resolve()
        file = (folder / path.removeprefix(self._static[0] + "/")).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            return None
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {
            "content-type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            "cache-control": "public, max-age=31536000, immutable",
            "x-content-type-options": "nosniff",
        }
        return 200, _pairs(headers), file.read_bytes()


def _one_request_per_thread(app: Any) -> None:
    """Let each thread have its own current request, as each Lambda environment has.

    Chalice keeps the request on the app itself; two requests at a time would swap their users.
    """

    class PerThread(type(app)):  # type: ignore[misc]
        """The app's own class, with what belongs to one request kept per thread."""

        _own = threading.local()

        @property
        def current_request(self) -> Any:
            """The request this thread handles."""
            return getattr(self._own, "request", None)

        @current_request.setter
        def current_request(self, request: Any) -> None:
            self._own.request = request

        @property
        def lambda_context(self) -> Any:
            """The invocation this thread handles."""
            return getattr(self._own, "context", None)

        @lambda_context.setter
        def lambda_context(self, context: Any) -> None:
            self._own.context = context

    for name in ("current_request", "lambda_context"):
        vars(app).pop(name, None)
    app.__class__ = PerThread


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> bytes | None:
    """Read a request's body; None when it is larger than API Gateway takes."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= REQUEST_BYTES:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if size <= REQUEST_BYTES else None


def _by_our_name(raw: Headers) -> bool:
    """True unless a foreign name points to this machine (DNS rebinding)."""
    host = _headers(raw).get("host", "").partition(":")[0]
    return host in ("127.0.0.1", "localhost")


def _headers(raw: Headers) -> dict[str, str]:
    """Join repeated headers as RFC 9110 (5.2) and RFC 9113 (8.2.3, cookies) say."""
    joined: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name, value = name_bytes.decode("latin1").lower(), value_bytes.decode("latin1")
        separator = "; " if name == "cookie" else ", "
        joined[name] = f"{joined[name]}{separator}{value}" if name in joined else value
    return joined


def _pairs(headers: dict[str, Any]) -> Headers:
    return [
        (name.lower().encode("latin1"), str(value).encode("latin1"))
        for name, values in headers.items()
        if name.lower() != "content-length"
        for value in (values if isinstance(values, list) else [values])
    ]


def _refused(refusal: LocalGatewayException, headers: Headers) -> Answer:
    """API Gateway's own answer; an address without a route, which it calls a missing token, gets
    a page for a browser, problem JSON for a program, as infrastructure/merge/web.json has them.
    """
    if isinstance(refusal, ForbiddenError):  # no route is behind an authorizer: it has no other
        html = any(name.lower() == b"accept" and b"text/html" in value for name, value in headers)
        page = unknown_address("/") if html else unknown_route()
        kind = b"text/html; charset=utf-8" if html else b"application/problem+json"
        return 404, [(b"content-type", kind)], page.encode()
    return refusal.CODE, _pairs(refusal.headers), refusal.body or b""


def _message(status: int, text: bytes) -> Answer:
    return status, [(b"content-type", b"application/json")], b'{"message":"' + text + b'"}'
