"""The MailServers port: IMAP over TLS (RFC 3501, RFC 8314) by the standard library, bounded.

A mail server is somebody else's program: what it announces is bounded before it is read (a literal
of four gigabytes, lines without end, answers that never stop), and a round has a deadline. It must
stand on the public Internet: a mailbox is no way into the network that we run in. The folder is
opened read-only (EXAMINE) and mails are fetched with PEEK: nothing changes at the server's.

A mailbox opens with its password, or with an access token of its provider by SASL XOAUTH2
(https://developers.google.com/workspace/gmail/imap/xoauth2-protocol, which Microsoft speaks too:
learn.microsoft.com, « Authenticate an IMAP, POP or SMTP connection using OAuth »).
"""

import base64
import imaplib
import io
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from typing import cast

from facteur.adapters.network import public_address
from facteur.domain.errors import (
    ForbiddenError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.mailboxes import TOKEN_REFUSED, Envelope, Mailbox
from facteur.formats import mail as mail_format
from facteur.ports import Limits

PORT = 993
SECONDS_TO_ANSWER = 15  # for the connection and for each read
SECONDS_IN_ALL = 120
MOST_HEADERS = 64_000  # bytes of the headers of one mail
MOST_UIDS = 200_000
_PIECE = 65_536  # bytes of a literal taken at once
_LONGEST_LINE = 1_000_000
_SLACK = 1_000_000  # bytes of protocol around what was asked

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_UID = re.compile(rb"\bUID (\d{1,10})")
_TOO_LONG = "imap.broken"
_THEIR_FAULT = ("UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN")  # RFC 5530 §3


class _Server(imaplib.IMAP4_SSL):
    """imaplib on a connection whose every byte is counted and every wait bounded."""

    def __init__(
        self, host: str, address: str, port: int, tls: ssl.SSLContext, now: Callable[[], float]
    ) -> None:
        """``address``: the one that was checked, so that no second look-up answers another."""
        self._address = address
        self._tls = tls
        self._now = now
        self._deadline = now() + SECONDS_IN_ALL
        self.left = _SLACK
        super().__init__(host, port, ssl_context=tls, timeout=SECONDS_TO_ANSWER)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = socket.create_connection((self._address, self.port), timeout)
        return self._tls.wrap_socket(plain, server_hostname=self.host)

    def read(self, size: int) -> bytes:
        """A literal, when what it announces is within what was asked; shorter at the end."""
        self._spend(size)
        parts, missing = list[bytes](), size
        while missing and (part := self._wire().read1(min(missing, _PIECE))):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def readline(self) -> bytes:
        """A line, shorter at the end; imaplib refuses one that is too long."""
        line = bytearray()
        while not line.endswith(b"\n") and len(line) <= _LONGEST_LINE:
            wire = self._wire()
            ready = wire.peek(1)
            if not ready:
                break
            taken = wire.read1(ready.find(b"\n") + 1 or len(ready))
            self._spend(len(taken))
            line += taken
        return bytes(line)

    def _wire(self) -> io.BufferedReader:
        """The connection for one more wait, no longer than what is left of the round.

        A server that gives a byte now and then never exceeds the time of one wait: only the
        deadline ends it, also in the middle of a literal or of a line.
        """
        self._spend(0)
        self.sock.settimeout(min(SECONDS_TO_ANSWER, max(0.1, self._deadline - self._now())))
        return cast("io.BufferedReader", self.file)

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0 or self._now() > self._deadline:
            self.shutdown()
            raise self.abort("more than was asked, or too late")


class ImapFolder:
    """Implements facteur.ports.Folder."""

    def __init__(self, server: _Server, folder: str, most_mail: int) -> None:
        self._server = server
        self._most_mail = most_mail
        kind, _count = server.select(_quoted(_utf7(folder)), readonly=True)
        if kind != "OK":
            raise NotFoundError("imap.folder", folder=folder)
        self.validity = self._number("UIDVALIDITY")
        self.next_uid = self._number("UIDNEXT")

    def after(self, uid: int, *, most: int) -> tuple[int, ...]:
        """The UIDs above this one, lowest first."""
        kind, found = self._server.uid("SEARCH", f"UID {uid + 1}:*")
        if kind != "OK":
            raise UnavailableError(_TOO_LONG)
        numbers = [one for line in found if isinstance(line, bytes) for one in line.split()]
        above = {int(one) for one in numbers[:MOST_UIDS] if one.isdigit() and len(one) <= 10}
        return tuple(sorted(one for one in above if one > uid))[:most]  # « n:* » answers the last

    def envelopes(self, uids: Sequence[int]) -> tuple[Envelope, ...]:
        """Sender, subject and size of these mails."""
        if not uids:
            return ()
        self._server.left = _SLACK + MOST_HEADERS * len(uids)
        named = ",".join(map(str, uids))
        wanted = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])"
        kind, found = self._server.uid("FETCH", named, wanted)
        if kind != "OK":
            raise UnavailableError(_TOO_LONG)
        asked, made = set(uids), dict[int, Envelope]()
        for one in found:
            if isinstance(one, tuple) and (envelope := _envelope(one)) and envelope.uid in asked:
                made[envelope.uid] = envelope
        return tuple(made[uid] for uid in uids if uid in made)

    def mail(self, uid: int) -> bytes | None:
        """A whole mail, left unread."""
        self._server.left = _SLACK + self._most_mail
        kind, found = self._server.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
        if kind != "OK":
            raise UnavailableError(_TOO_LONG)
        for one in found:
            if isinstance(one, tuple) and (named := _UID.search(one[0])) and int(named[1]) == uid:
                return bytes(one[1])
        return None

    def _number(self, name: str) -> int:
        _kind, found = self._server.response(name)
        value = found[-1] if found else None
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else ""
        if not (text.isdecimal() and len(text) <= 10):
            raise UnavailableError(_TOO_LONG)
        return int(text)


class ImapServers:
    """Implements facteur.ports.MailServers."""

    def __init__(
        self,
        limits: Limits,
        *,
        port: int = PORT,
        private: bool = False,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``private``: servers of private networks may be opened, for tests."""
        self._limits = limits
        self._port = port
        self._private = private
        self._tls = tls
        self._now = now

    @contextmanager
    def open(self, mailbox: Mailbox, secret: str) -> Iterator[ImapFolder]:
        """A folder, read-only; see ports.MailServers."""
        server = None
        try:
            address = mailbox.host
            if not self._private:
                address = public_address(mailbox.host, self._port, "imap.private")
            tls = self._tls or ssl.create_default_context()
            server = _Server(mailbox.host, address, self._port, tls, self._now)
            if mailbox.provider:
                _sign_in_by_token(server, mailbox.user, secret)
            else:
                _sign_in(server, mailbox.user, secret)
            yield ImapFolder(server, mailbox.folder, self._limits.mail_bytes)
        except (OSError, ssl.SSLError) as error:
            reason = type(error).__name__
            raise UnavailableError("imap.unreachable", host=mailbox.host, reason=reason) from error
        except (imaplib.IMAP4.error, ValueError) as error:
            raise UnavailableError(_TOO_LONG, host=mailbox.host) from error
        finally:
            if server is not None:
                with suppress(Exception):  # the server's last word changes nothing
                    server.shutdown()


def _sign_in(server: _Server, user: str, password: str) -> None:
    """By AUTHENTICATE PLAIN (RFC 4616), which takes any character; else by LOGIN."""
    try:
        if "AUTH=PLAIN" in server.capabilities:
            token = f"\0{user}\0{password}".encode()
            server.authenticate("PLAIN", lambda _challenge: token)
        else:
            server.login(_quoted(user), password)
    except server.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise ForbiddenError("imap.login") from error


def _sign_in_by_token(server: _Server, user: str, token: str) -> None:
    """By AUTHENTICATE XOAUTH2: one answer, then an empty one to the challenge that says why not.

    ForbiddenError ``imap.token``; UnavailableError where the server says that it is its own fault
    (RFC 5530: UNAVAILABLE, INUSE, SERVERBUG, CONTACTADMIN) or knows no XOAUTH2.
    """
    if "AUTH=XOAUTH2" not in server.capabilities:
        raise UnavailableError("imap.no_token", host=server.host)
    first = f"user={user}\1auth=Bearer {token}\1\1".encode()
    asked = iter((first,))
    try:
        server.authenticate("XOAUTH2", lambda _challenge: next(asked, b""))
    except server.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = str(error).upper()
        if any(f"[{one}]" in said for one in _THEIR_FAULT):
            raise UnavailableError(_TOO_LONG, host=server.host) from error
        raise ForbiddenError(TOKEN_REFUSED) from error


def _quoted(text: str) -> str:
    """A quoted string (RFC 3501 §4.3); ValueError for what would end the command."""
    if not text.isprintable():
        raise ValueError("a control character")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(text: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501 §5.1.3)."""
    made, run = "", ""
    for one in f"{text}\0":
        if " " <= one <= "~" or one == "\0":
            if run:
                packed = base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=")
                made, run = made + "&" + packed.replace("/", ",") + "-", ""
            made += {"&": "&-", "\0": ""}.get(one, one)
        else:
            run += one
    return made


def _envelope(answer: tuple[bytes, bytes]) -> Envelope | None:
    uid, size = _UID.search(answer[0]), _SIZE.search(answer[0])
    if uid is None or size is None:
        return None
    headers = mail_format.parse(answer[1][:MOST_HEADERS])
    return Envelope(
        uid=int(uid[1]),
        size=int(size[1]),
        sender=parseaddr(headers.sender)[1].lower(),
        subject=headers.subject,
    )
