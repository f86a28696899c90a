"""HTTP on 127.0.0.1 in front of the test platform: nobody else's machine, no other name."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from facteur.domain.identifiers import is_siren
from facteur.local.sandbox_pa import actors, api, directory, oauth, pages
from facteur.local.sandbox_pa.controls import MOST_BYTES
from facteur.local.sandbox_pa.platform import Sandbox
from facteur.local.sandbox_pa.shapes import Call, Reply, Wrong

log = logging.getLogger(__name__)

_FLOW, _DIRECTORY = "/afnor-flow/v1", "/afnor-directory/v1"
_MOST = MOST_BYTES + 1024 * 1024  # the file and what surrounds it
_NAMES = frozenset({"127.0.0.1", "localhost"})


class Server:
    """Serves a sandbox; ``port`` 0 takes a free one."""

    def __init__(self, sandbox: Sandbox, port: int = 0, *, working: bool = True) -> None:
        """``working`` False: jobs wait for ``sandbox.settle``. OSError: the port is taken."""
        self.sandbox = sandbox
        self._http = _Listener(("127.0.0.1", port), _handler(sandbox))
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        jobs = [self._listen, *((sandbox.work,) if working else ())]
        self._threads = [threading.Thread(target=one, daemon=True) for one in jobs]

    def _listen(self) -> None:
        self._http.serve_forever(poll_interval=0.05)  # how long ``stop`` waits

    def start(self) -> None:
        """Begin to answer."""
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        """Answer no more; what is planned stays for the next start."""
        self.sandbox.stop()
        self._http.shutdown()
        self._http.server_close()
        for one in self._threads:
            one.join(timeout=5)
        self.sandbox.store.close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    """A handler that knows its sandbox."""

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body leave together
        disable_nagle_algorithm = True
        timeout = 60

        def _answer(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not length.isdecimal() or int(length) > _MOST:
                self.close_connection = True
                self._send(Wrong(413, "FILE_SIZE_EXCEEDED").reply())
                return
            parts = urlsplit(self.path)
            call = Call(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(length)),
            )
            reply = answered(sandbox, call)
            if reply.drop:
                self.close_connection = True
                return
            self._send(reply)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the names that http.server wants

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            log.debug(format, *args)

    return Handler


def answered(sandbox: Sandbox, call: Call) -> Reply:
    """The answer to a call, faults and errors included."""
    if call.headers.get("host", "").partition(":")[0] not in _NAMES:
        return Wrong(403, "FORBIDDEN_ACCESS", "unknown host").reply()
    try:
        if call.path.startswith((_FLOW + "/", _DIRECTORY + "/")):
            return _service(sandbox, call)
        return _own(sandbox, call)
    except Wrong as wrong:
        return wrong.reply()


def _service(sandbox: Sandbox, call: Call) -> Reply:
    """A call of one of the two services: faults, then the token, then the answer."""
    faults = sandbox.faults
    time.sleep(max(0, faults.value("slow")))
    if faults.value("down") or faults.happens("error_503"):
        raise Wrong(503, "RESOURCE_ERROR")
    if faults.happens("error_500"):
        raise Wrong(500, "INTERNAL_ERROR")
    if faults.happens("throttle"):
        raise Wrong(429, "TOO_MANY_REQUESTS", retry_after="1")
    if call.path == f"{_FLOW}/healthcheck":  # the published interface knows no 401 here
        return Reply()
    siren = oauth.company_of(sandbox, call)
    if siren is None:
        raise Wrong(401, "INVALID_TOKEN")
    wanted = call.headers.get("organization-id", "")
    if wanted and wanted[:9] != siren:
        raise Wrong(403, "FORBIDDEN_ACCESS", "Organization-Id")
    if call.path.startswith(_FLOW):
        return api.answer(sandbox, siren, call, call.path.removeprefix(_FLOW))
    return directory.answer(sandbox.store, call, call.path.removeprefix(_DIRECTORY))


def _own(sandbox: Sandbox, call: Call) -> Reply:
    """Its tokens, pages and controls."""
    asked = (call.method, call.path)
    if asked == ("POST", "/oauth2/token"):
        if sandbox.faults.value("down"):
            raise Wrong(503, "RESOURCE_ERROR")
        return oauth.token(sandbox, call)
    host = call.headers.get("host", "")
    if call.method == "POST" and call.headers.get("origin", f"http://{host}") != f"http://{host}":
        raise Wrong(403, "FORBIDDEN_ACCESS", "another site's form")
    if call.path == "/oauth2/authorize":
        return oauth.authorize(sandbox, call)
    if asked == ("GET", "/"):
        return pages.home(
            sandbox.store,
            sandbox.faults,
            f"http://{host}",
            answerable=actors.answerable(sandbox),
            answers={code: words for code, (words, _reason) in actors.ANSWERS.items()},
            examples=actors.EXAMPLES,
        )
    if asked == ("POST", "/sandbox/faults"):
        return pages.set_faults(sandbox.faults, call)
    done = _FORMS.get(call.path) if call.method == "POST" else None
    if done is None:
        raise Wrong(404, "MISSING_RESOURCE")
    done(sandbox, dict(parse_qsl(call.body.decode("utf-8", "replace"))))
    return Reply(status=303, headers={"Location": "/"})


Form = Mapping[str, str]


def _expire(sandbox: Sandbox, _form: Form) -> None:
    sandbox.store.forget_access()


def _bill(sandbox: Sandbox, form: Form) -> None:
    actors.bill(sandbox, form.get("siren", ""), form.get("kind", "simple"))


def _answer(sandbox: Sandbox, form: Form) -> None:
    seller, number, code = (form.get(name, "") for name in ("seller", "number", "code"))
    actors.answer(sandbox, seller, number, code)


def _register(sandbox: Sandbox, form: Form) -> None:
    siren, name = form.get("siren", ""), form.get("name", "").strip()[:150]
    if not is_siren(siren) or not name:
        raise Wrong(400, "INVALID_VALUE", "siren or name")
    sandbox.register(siren, name)


_FORMS: Mapping[str, Callable[[Sandbox, Form], None]] = {
    "/sandbox/expire": _expire,
    "/sandbox/bills": _bill,
    "/sandbox/answers": _answer,
    "/sandbox/companies": _register,
}
