"""A small IMAP server over TLS for tests: one folder, and hostile answers on demand.

It runs on a thread of its own, on a free port of 127.0.0.1, with a certificate of its own.
"""

import base64
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class ImapServer:
    """What the server holds and how it behaves; ``said`` is what clients asked."""

    certificate: Path
    user: str = "compta@acme.example"
    password: str = "pâsse word"
    folder: str = "INBOX"
    validity: int = 7
    mails: dict[int, bytes] = field(default_factory=dict)
    plain: bool = True  # AUTH=PLAIN is offered
    tokens: set[str] = field(default_factory=set)  # taken by AUTHENTICATE XOAUTH2
    refusal: bytes = b" NO [AUTHENTICATIONFAILED] no"  # of a token
    hostile: str = ""  # "banner", "literal", "endless", "garbage", "silent", "number"
    said: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def client_tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def serve(self, plain: socket.socket, tls: ssl.SSLContext) -> None:
        with (
            suppress(OSError),
            tls.wrap_socket(plain, server_side=True) as wire,
            wire.makefile("rwb") as lines,
        ):
            _Talk(self, lines).run()


class _Talk:
    """One connection."""

    def __init__(self, server: ImapServer, wire) -> None:  # type: ignore[no-untyped-def]
        self.server, self.wire = server, wire

    def say(self, *parts: bytes) -> None:
        self.wire.write(b"".join(parts))
        self.wire.flush()

    def run(self) -> None:
        server = self.server
        if server.hostile == "banner":
            self.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        self.say(b"* OK ready\r\n")
        while line := self.wire.readline(100_000):
            text = line.decode(errors="replace").rstrip("\r\n")
            server.said.append(text)
            tag, _space, rest = text.partition(" ")
            if server.hostile == "garbage" and "SEARCH" in rest:
                self.say(b"\xff\xfe * ((( \x00\r\n" * 3)
                return
            if server.hostile == "endless" and "SEARCH" in rest:
                with suppress(OSError):
                    while True:
                        self.say(b"* SEARCH" + b" 999" * 20_000 + b"\r\n")
                return
            if server.hostile == "silent" and "SEARCH" in rest:
                return
            self.answer(tag.encode(), rest)
            if rest.upper().startswith("LOGOUT"):
                return

    def answer(self, tag: bytes, rest: str) -> None:
        server, word = self.server, rest.split(" ", maxsplit=1)[0].upper()
        if word == "CAPABILITY":
            offered = b" AUTH=PLAIN" if server.plain else b""
            offered += b" AUTH=XOAUTH2" if server.tokens else b""
            self.say(b"* CAPABILITY IMAP4rev1", offered, b"\r\n", tag, b" OK done\r\n")
        elif rest.upper() == "AUTHENTICATE XOAUTH2":
            self.take_token(tag)
        elif word == "AUTHENTICATE":
            self.say(b"+ \r\n")
            given = base64.b64decode(self.wire.readline().strip()).decode()
            good = given == f"\0{server.user}\0{server.password}"
            self.say(tag, b" OK done\r\n" if good else b" NO [AUTHENTICATIONFAILED] no\r\n")
        elif word == "LOGIN":
            good = rest == f'LOGIN "{server.user}" "{server.password}"'
            self.say(tag, b" OK done\r\n" if good else b" NO no\r\n")
        elif word == "EXAMINE":
            self.examine(tag, rest)
        elif rest.upper().startswith("UID SEARCH"):
            first = int(re.findall(r"(\d+):\*", rest)[0])
            above = [one for one in sorted(server.mails) if one >= first]
            above = above or sorted(server.mails)[-1:]  # as servers do
            self.say(
                b"* SEARCH ", " ".join(map(str, above)).encode(), b"\r\n", tag, b" OK done\r\n"
            )
        elif rest.upper().startswith("UID FETCH"):
            self.fetch(tag, rest)
        else:
            self.say(tag, b" OK done\r\n" if word in ("NOOP", "LOGOUT") else b" BAD no\r\n")

    def take_token(self, tag: bytes) -> None:
        """As Gmail does: a refusal is a challenge first, which wants an empty answer."""
        server = self.server
        self.say(b"+ \r\n")
        given = base64.b64decode(self.wire.readline().strip()).decode()
        known = {f"user={server.user}\1auth=Bearer {one}\1\1" for one in server.tokens}
        if given in known:
            self.say(tag, b" OK done\r\n")
            return
        why = b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'
        self.say(b"+ ", base64.b64encode(why), b"\r\n")
        empty = self.wire.readline()
        server.said.append(f"challenge answered {empty!r}")
        self.say(tag, server.refusal + b"\r\n" if empty == b"\r\n" else b" BAD no\r\n")

    def examine(self, tag: bytes, rest: str) -> None:
        server = self.server
        if rest != f'EXAMINE "{server.folder}"':
            self.say(tag, b" NO no such folder\r\n")
            return
        validity = b"9" * 400 if server.hostile == "number" else str(server.validity).encode()
        following = str(max(server.mails, default=0) + 1).encode()
        self.say(
            b"* %d EXISTS\r\n" % len(server.mails),
            b"* OK [UIDVALIDITY ", validity, b"] x\r\n",
            b"* OK [UIDNEXT ", following, b"] x\r\n",
            tag, b" OK [READ-ONLY]\r\n",
        )  # fmt: skip

    def fetch(self, tag: bytes, rest: str) -> None:
        named = [int(one) for one in rest.split(" ")[2].split(",")]
        for place, uid in enumerate(named, start=1):
            raw = self.server.mails.get(uid)
            if raw is None:
                continue
            if self.server.hostile == "literal":
                self.say(b"* 1 FETCH (UID %d BODY[] {4000000000}\r\nx" % uid)
                continue
            if "HEADER.FIELDS" in rest:
                part = raw.partition(b"\n\n")[0].replace(b"\n", b"\r\n") + b"\r\n\r\n"
                head = b"BODY[HEADER.FIELDS (FROM SUBJECT)]"
            else:
                part, head = raw, b"BODY[]"
            self.say(
                b"* %d FETCH (UID %d RFC822.SIZE %d " % (place, uid, len(raw)),
                head, b" {%d}\r\n" % len(part), part, b")\r\n",
            )  # fmt: skip
        self.say(tag, b" OK done\r\n")


@contextmanager
def imap_server(folder: Path) -> Iterator[ImapServer]:
    """A running server; its name is ``localhost``."""
    key, certificate = _pair(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server = ImapServer(certificate=certificate)
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]

    def accept() -> None:
        with suppress(OSError):
            while True:
                wire, _address = listening.accept()
                threading.Thread(target=server.serve, args=(wire, tls), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listening.close()


def _pair(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    key.write_text(
        "\n".join(("-----BEGIN " + "PRIVATE KEY-----", _KEY + "-----END " + "PRIVATE KEY-----\n"))
    )
    certificate.write_text(_CERTIFICATE)
    return key, certificate


#: Made for these tests and good for nothing else: a key of « localhost ».
_KEY = """\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkstlq79Jml+RIhUz
kIJDFFcvLEl3XXB4eHNST5PZLc+hRANCAAQvpcuiurXeKOzlHnhIEcqeItvLVuw2
yHBgmgjBywF2V1x9pmu0FrB3y6GBrqnwAdiRYknIZ3q02SXOZ+mKupaI
"""
_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUKB41nqnogKfh9Zhqk/QjwgNfA9IwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDE0MjgwMFoYDzIxMjYxMDI3
MTQyODAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQvpcuiurXeKOzlHnhIEcqeItvLVuw2yHBgmgjBywF2V1x9pmu0FrB3
y6GBrqnwAdiRYknIZ3q02SXOZ+mKupaIo2kwZzAdBgNVHQ4EFgQU2SKLekTZYEM8
+6/EzuubM1ZY+DMwHwYDVR0jBBgwFoAU2SKLekTZYEM8+6/EzuubM1ZY+DMwFAYD
VR0RBA0wC4IJbG9jYWxob3N0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
SAAwRQIgRsLKW2IT2eSslsoengjotbMlDPCoGnFSDblMZdh+RcACIQCyOEn/9rIg
LOGJYqzedSdk/3YYErsuszyFAfBKiaEB0Q==
-----END CERTIFICATE-----
"""
