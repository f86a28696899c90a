"""A mail provider's OAuth server for tests, over HTTP: consents, codes, rotating refresh tokens.

It runs on a thread of its own, on a free port of 127.0.0.1, and is as strict as RFC 6749 and 7636
let it be: a code serves once with its verifier, a refresh token that was replaced ends them all.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CLIENT, SECRET = "facteur-1", "s3cr&t é"
SCOPE = "https://mail.example/ offline"


@dataclass
class MailOAuth:
    """What the server gave and knows; ``access`` are the tokens that a mail server may take."""

    port: int = 0
    access: set[str] = field(default_factory=set)
    refresh: str = ""  # the one that counts
    rotates: bool = True
    error: tuple[int, str] | None = None  # instead of tokens: status, OAuth error
    basic_only: bool = False  # takes the client's secret by Basic alone
    asked: list[dict[str, str]] = field(default_factory=list)  # of the token endpoint
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _count: int = 0

    @property
    def setting(self) -> str:
        """The installation's setting that names this provider."""
        home = f"http://127.0.0.1:{self.port}"
        one = {
            "name": "durand", "label": "Messagerie Durand", "host": "localhost",
            "authorize_url": f"{home}/auth", "token_url": f"{home}/token", "scope": SCOPE,
            "client_id": CLIENT, "client_secret": SECRET, "parameters": {"prompt": "consent"},
        }  # fmt: skip
        return json.dumps([one])

    def browse(self, address: str) -> dict[str, str]:
        """The owner of the mailbox consents at the address; what the browser comes back with."""
        asked = _first(urlsplit(address).query)
        assert ("code", CLIENT, SCOPE, "S256", "consent") == (
            asked["response_type"], asked["client_id"], asked["scope"],
            asked["code_challenge_method"], asked["prompt"],
        )  # fmt: skip
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"state": asked["state"], "code": code}

    def revoke(self) -> None:
        """The owner takes his consent back."""
        self.refresh = ""
        self.access.clear()

    def answer(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        """What the token endpoint says."""
        self.asked.append(form)
        if self.error is not None:
            return self.error[0], {"error": self.error[1]}
        if not self._knows(form, authorization):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            asked = self._codes.pop(form["code"], None)
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if asked is None or asked["code_challenge"] != challenge:
                return 400, {"error": "invalid_grant"}
            assert form["redirect_uri"] == asked["redirect_uri"]
        elif not self.refresh or form["refresh_token"] != self.refresh:
            self.revoke()
            return 400, {"error": "invalid_grant"}
        return 200, self._given(new=form["grant_type"] == "authorization_code")

    def _given(self, *, new: bool) -> dict[str, object]:
        self._count += 1
        access = f"access-{self._count}"
        self.access.add(access)
        body: dict[str, object] = {"access_token": access, "expires_in": 3599}
        if new or self.rotates:
            self.refresh = f"refresh-{self._count}"
            body["refresh_token"] = self.refresh
        return body

    def _knows(self, form: dict[str, str], authorization: str) -> bool:
        if not self.basic_only:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        return authorization.startswith("Basic ")


@contextmanager
def mail_oauth() -> Iterator[MailOAuth]:
    """A running provider."""
    made = MailOAuth()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            form = _first(self.rfile.read(size).decode())
            status, body = made.answer(form, self.headers.get("authorization", ""))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: object) -> None:
            """Tests say enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
