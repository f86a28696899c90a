"""HTTP to other people's services: bounded in time, in bytes and in patience (D29).

A platform is somebody else's program on somebody else's machine. So: every wait has an end
(connection, each read, the whole call), every answer a size, no redirection is followed (a token
must not travel on), no compression is asked for (nothing to inflate), and the address that was
checked is the one that is connected to. Outside the laptop only ``https`` to public addresses is
spoken: a platform's address is typed by a user, and is no way into the network that we run in.

What may be said twice is said again, shortly and with chance in the pauses: a request that changes
nothing after a lost connection or 502-504, and any request after 429, which says that it was not
taken. The long patience is the queue's and the clock's (domain/connections.py), which many
processes share; so there is no circuit breaker here (docs/decisions/0237).

urllib3 does the work because botocore carries it into every function already. Sources: RFC 9110
§10.2.3 (Retry-After), §15; XP Z12-013 1.3.0 (Request-Id, Error).
"""

import json
import random
import socket
import ssl
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError

from facteur.adapters.system import ALPHABET
from facteur.domain.connections import PlatformCall
from facteur.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedByPlatformError,
    UnavailableError,
)
from facteur.domain.networks import OWN_NAMES, is_public
from facteur.ports import CallLog, Clock, Ids

AGENT = "Facteur"
CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0  # between two bytes
CALL_SECONDS = 60.0  # a call, its retries and its pauses
TRIES = 3
LONGEST_PAUSE = 10.0  # a longer one is the queue's
MOST_POOLS = 32  # addresses whose connections a process keeps, the last used
MOST_JSON = 8 * 1024 * 1024
_PIECE = 64 * 1024
_AGAIN = frozenset({502, 503, 504})
_SHOWN = frozenset({"docType", "fields", "include"})  # query values that are no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing to ask. ``again``: it changes nothing there, so that it may be asked twice."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    again: bool = False
    most: int = MOST_JSON  # bytes of the answer
    seconds: float = CALL_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    host: str

    def json(self) -> Any:
        """The body as JSON; UnavailableError (``platform.broken``) when it is something else."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise broken(self, "not JSON") from error


class Http:
    """A client for every platform of this process: keeps connections, never a secret.

    ``nearby``: this is the laptop, where plain HTTP to itself and private addresses are allowed.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        nearby: bool = False,
        pause: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock, self._ids = clock, ids
        self._nearby, self._pause, self._chance, self._tls = nearby, pause, chance, tls
        self._pools: OrderedDict[tuple[str, ...], urllib3.HTTPConnectionPool] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, request: Request, log: CallLog) -> Answer:
        """Ask, patiently; any answer but 429 and a lasting 502-504 is given back as it is.

        UnavailableError: ``platform.unreachable`` (no answer), ``.throttled``, ``.broken``.
        InvalidError ``platform.address``: an address that we do not go to; ``platform.header``: a
        key that no header can hold (RFC 9110 §5.5). Each try is logged.
        """
        try:
            urlsplit(request.url)
        except ValueError as error:
            raise _not_there("") from error
        until = time.monotonic() + request.seconds
        tries = 0
        while True:
            tries += 1
            answer, failure = self._tried(request, until, log)
            if answer is not None and failure is None:
                return answer
            wait = self._wait(request, answer, tries)
            if wait is None or time.monotonic() + wait > until:
                raise failure or UnavailableError("platform.unreachable")
            self._pause(wait)

    def _tried(
        self, request: Request, until: float, log: CallLog
    ) -> tuple[Answer | None, UnavailableError | None]:
        at, began = self._clock.now(), time.monotonic()
        name = uuid_of(self._ids.new())
        answer: Answer | None = None
        failure: UnavailableError | None = None
        try:
            answer = self._once(request, name, until)
        except UnavailableError as error:
            failure = error
        else:
            failure = _passing(answer)
        log(
            PlatformCall(
                at=at,
                method=request.method,
                url=shown(request.url),
                status=answer.status if answer else 0,
                milliseconds=round((time.monotonic() - began) * 1000),
                request_id=name,
                reason=_logged(answer, failure),
            )
        )
        return answer, failure

    def _wait(self, request: Request, answer: Answer | None, tries: int) -> float | None:
        """How long to wait before it is asked again; None: not at all."""
        throttled = answer is not None and answer.status == 429
        if tries >= TRIES or not (request.again or throttled):
            return None
        asked = _retry_after(answer, self._clock) if answer else None
        usual = 0.5 * 2 ** (tries - 1) * (0.5 + self._chance())
        wait = usual if asked is None else asked + self._chance()
        return wait if wait <= LONGEST_PAUSE else None

    def _once(self, request: Request, name: str, until: float) -> Answer:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if not all(map(_fits_a_header, request.headers.values())):
            raise InvalidError((), code="platform.header")
        try:
            pool = self._pool(request.url)
            left = max(0.1, until - time.monotonic())
            answer = pool.urlopen(
                request.method,
                urlunsplit(("", "", parts.path or "/", parts.query, "")),
                body=request.body,
                headers={
                    "Host": parts.netloc,
                    "User-Agent": AGENT,
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "Request-Id": name,
                    **request.headers,
                },
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(
                    connect=min(CONNECT_SECONDS, left), read=min(READ_SECONDS, left)
                ),
            )
            try:
                body = _read(answer, request.most, until)
            except BaseException:
                answer.close()  # half read: this connection is of no further use
                raise
            answer.release_conn()
        except (HTTPError, OSError) as error:
            reason = type(error).__name__
            raise UnavailableError("platform.unreachable", host=host, reason=reason) from error
        except UnicodeError as error:  # a name that no header and no directory can hold
            raise _not_there(host) from error
        headers = {key.lower(): value for key, value in answer.headers.items()}
        return Answer(status=answer.status, headers=headers, body=body, host=host)

    def _pool(self, url: str) -> urllib3.HTTPConnectionPool:
        """Connections to an address that was checked; OSError when its name is unknown."""
        scheme, host, port, address = self._target(url)
        key = (scheme, host, str(port), address)
        with self._lock:
            if key in self._pools:
                self._pools.move_to_end(key)
            else:
                if len(self._pools) >= MOST_POOLS:
                    # Not closed: a call may be in it. What it keeps open ends with it (urllib3).
                    self._pools.popitem(last=False)
                if scheme == "http":
                    self._pools[key] = urllib3.HTTPConnectionPool(address, port, maxsize=4)
                else:
                    self._tls = self._tls or ssl.create_default_context()
                    self._pools[key] = urllib3.HTTPSConnectionPool(
                        address,
                        port,
                        maxsize=4,
                        ssl_context=self._tls,
                        server_hostname=host,
                        assert_hostname=host,
                    )
            return self._pools[key]

    def _target(self, url: str) -> tuple[str, str, int, str]:
        """(scheme, host, port, address); InvalidError for one that we do not go to."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        try:
            port = parts.port or (80 if parts.scheme == "http" else 443)
        except ValueError as error:
            raise _not_there(host) from error
        plain = self._nearby and parts.scheme == "http" and host in OWN_NAMES
        if not host or parts.username or (parts.scheme != "https" and not plain):
            raise _not_there(host)
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self._nearby and not all(map(is_public, found)):
            raise _not_there(host)
        # The test platform listens on IPv4 only; "localhost" may mean both.
        return parts.scheme, host, port, min(found, key=lambda one: ":" in one)


def expect(answer: Answer) -> Answer:
    """The answer when it is a success; else our error, as ports.Platform promises.

    UnavailableError ``platform.broken`` (5xx, a redirection); ForbiddenError ``platform.login``
    (401), ``platform.denied`` (403); NotFoundError ``platform.not_found``;
    RefusedByPlatformError ``platform.refused`` with the platform's ``reason`` and ``message``.
    """
    if not 200 <= answer.status < 300:
        refuse(answer)
    return answer


def refuse(answer: Answer) -> NoReturn:
    """Raise what an answer that is no success means."""
    reason, message = told(answer)
    if answer.status == 401:
        raise ForbiddenError("platform.login", host=answer.host, reason=reason)
    if answer.status == 403:
        raise ForbiddenError("platform.denied", host=answer.host, reason=reason)
    if answer.status == 404:
        raise NotFoundError("platform.not_found", host=answer.host)
    if answer.status in (408, 425) or answer.status < 400 or answer.status >= 500:
        raise broken(answer, reason)
    raise RefusedByPlatformError(
        "platform.refused", status=answer.status, reason=reason, message=message
    )


def broken(answer: Answer, reason: str) -> UnavailableError:
    """The error of an answer that makes no sense, or of a service that fails."""
    return UnavailableError(
        "platform.broken", host=answer.host, status=answer.status, reason=reason
    )


def told(answer: Answer) -> tuple[str, str]:
    """(reason code, words) of an error: AFNOR's Error, OAuth's (RFC 6749 §5.2), or RFC 9457's.

    Both bounded, on one line; the code of an answer that says none is ``http_<status>``.
    """
    try:
        body = json.loads(answer.body[:100_000])
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {}
    reason = _first(body, "errorCode", "error", "code", "title")[:100]
    message = _first(body, "errorMessage", "error_description", "message", "details", "detail")
    return reason or f"http_{answer.status}", message[:500]


def shown(url: str) -> str:
    """An address for the journal: without user, and without query values that could be secret."""
    parts = urlsplit(url)
    query = [
        (name, value if name in _SHOWN else "***")
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe="*,"), ""))


def _fits_a_header(value: str) -> bool:
    """False with a line break, which a pasted key may hold, or a sign beyond Latin-1."""
    return value.isprintable() and all(ord(sign) < 256 for sign in value)


def _first(body: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = body.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return " ".join(str(value).split())
    return ""


def _passing(answer: Answer) -> UnavailableError | None:
    """The error of an answer that another try may change."""
    if answer.status == 429:
        return UnavailableError("platform.throttled", host=answer.host)
    return broken(answer, told(answer)[0]) if answer.status in _AGAIN else None


def _logged(answer: Answer | None, failure: UnavailableError | None) -> str:
    if answer is None:
        return str(failure.values.get("reason", failure.code)) if failure else ""
    return told(answer)[0] if answer.status >= 300 else ""


def _read(answer: urllib3.BaseHTTPResponse, most: int, until: float) -> bytes:
    """The body, as it comes; UnavailableError when it is too long or comes too slowly."""
    encoding = answer.headers.get("content-encoding", "identity").lower()
    announced = answer.headers.get("content-length", "0")
    if encoding not in ("", "identity") or (announced.isdecimal() and int(announced) > most):
        raise UnavailableError("platform.broken", status=answer.status, reason="too large")
    parts, size = list[bytes](), 0
    while part := answer.read1(_PIECE):
        size += len(part)
        if size > most:
            raise UnavailableError("platform.broken", status=answer.status, reason="too large")
        if time.monotonic() > until:
            raise TimeoutError
        parts.append(part)
    if answer.length_remaining:
        raise urllib3.exceptions.IncompleteRead(size, answer.length_remaining)
    return b"".join(parts)


def _retry_after(answer: Answer, clock: Clock) -> float | None:
    """Seconds that the service asks us to wait; a date is read by its own clock."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        now = parsedate_to_datetime(answer.headers["date"]) if "date" in answer.headers else None
        return max(0.0, (parsedate_to_datetime(said) - (now or clock.now())).total_seconds())
    except (ValueError, TypeError):
        return None


def uuid_of(text: str) -> str:
    """One of our identifiers as a UUID (RFC 9562), which the standard wants of a Request-Id."""
    number = 0
    for sign in text:
        number = number * len(ALPHABET) + ALPHABET.index(sign)
    return str(uuid.UUID(int=number % (1 << 128), version=4))


def _not_there(host: str) -> InvalidError:
    error = InvalidError((), code="platform.address")
    error.values["host"] = host
    return error
