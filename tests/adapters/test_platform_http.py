"""The HTTP client of platforms: bounded, patient where that is safe, closed to our own network."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from facteur.adapters.connectors.http import (
    MOST_POOLS,
    TRIES,
    Answer,
    Http,
    Request,
    expect,
    shown,
    told,
)
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.connections import PlatformCall
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedByPlatformError,
    UnavailableError,
)


class Scripted:
    """A server that says what it is told to, in order, the last line for ever."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                script.seen.append((self.path, dict(self.headers), self.rfile.read(size)))
                said = script.lines.pop(0) if len(script.lines) > 1 else script.lines[0]
                self.close_connection = True
                self.wfile.write(said)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def say(self, *answers: tuple[int, bytes] | tuple[int, bytes, dict[str, str]]) -> None:
        """What comes next."""
        self.lines = [_wire(*one) for one in answers]

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


def _wire(status: int, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    named = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


@pytest.fixture
def script() -> Iterator[Scripted]:
    """A scripted server."""
    made = Scripted()
    yield made
    made.close()


class Asking:
    """A client on the laptop, what it logged, and how long it would have waited."""

    def __init__(self, *, nearby: bool = True) -> None:
        self.calls: list[PlatformCall] = []
        self.pauses: list[float] = []
        self.http = Http(
            SystemClock(), SystemIds(), nearby=nearby, pause=self.pauses.append, chance=lambda: 0.5
        )

    def ask(self, url: str, *, method: str = "GET", again: bool = True, **more: object) -> Answer:
        """Ask once, or as often as the client thinks right."""
        request = Request(method=method, url=url, again=again, **more)  # type: ignore[arg-type]
        return self.http.ask(request, self.calls.append)


def test_what_changes_nothing_is_asked_again_after_a_503(script: Scripted) -> None:
    """A moment of absence is not told to anybody; each try stands in the journal."""
    script.say((503, b""), (503, b""), (200, b"{}"))
    asking = Asking()
    assert asking.ask(script.url).status == 200
    assert [one.status for one in asking.calls] == [503, 503, 200]
    assert asking.pauses == [0.5, 1.0]
    assert len({one.request_id for one in asking.calls}) == TRIES


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_submission_is_not_said_twice(script: Scripted, status: int) -> None:
    """Whoever may have taken an invoice is not given it again."""
    script.say((status, b""))
    asking = Asking()
    with pytest.raises(UnavailableError) as failure:
        expect(asking.ask(script.url, method="POST", again=False, body=b"x"))
    assert failure.value.code == "platform.broken"
    assert len(script.seen) == 1


def test_a_connection_that_is_cut_says_nothing_of_what_was_taken(script: Scripted) -> None:
    """No answer is « unreachable », logged with status 0, and a submission is not repeated."""
    script.lines = [b""]
    asking = Asking()
    with pytest.raises(UnavailableError) as failure:
        asking.ask(script.url, method="POST", again=False)
    assert failure.value.code == "platform.unreachable"
    assert [one.status for one in asking.calls] == [0]


def test_a_body_that_ends_early_is_no_answer(script: Scripted) -> None:
    """Half a file is never taken for the file."""
    script.lines = [_wire(200, b"half", {"Content-Length": "8"})]
    with pytest.raises(UnavailableError):
        Asking().ask(script.url, again=False)


def test_a_throttled_submission_is_sent_again_after_the_time_asked_for(script: Scripted) -> None:
    """429 says that it was not taken: Retry-After is honoured, with a little chance on top."""
    script.say((429, b"", {"Retry-After": "2"}), (202, b"{}"))
    asking = Asking()
    assert asking.ask(script.url, method="POST", again=False).status == 202
    assert asking.pauses == [2.5]


def test_a_date_to_come_back_at_is_read_by_the_server_s_own_clock(script: Scripted) -> None:
    """A platform whose clock is wrong by years does not make us wait for years."""
    headers = {
        "Date": "Mon, 01 Jan 2001 10:00:00 GMT",
        "Retry-After": "Mon, 01 Jan 2001 10:00:04 GMT",
    }
    script.say((429, b"", headers), (200, b"{}"))
    asking = Asking()
    asking.ask(script.url)
    assert asking.pauses == [4.5]


def test_a_long_wait_is_left_to_the_queue(script: Scripted) -> None:
    """A function does not sleep for a minute: the command is tried again later."""
    script.say((429, b"", {"Retry-After": "60"}))
    asking = Asking()
    with pytest.raises(UnavailableError) as failure:
        asking.ask(script.url)
    assert failure.value.code == "platform.throttled"
    assert (asking.pauses, len(script.seen)) == ([], 1)


@pytest.mark.parametrize(
    "said",
    [
        _wire(200, b"x" * 101),
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + b"40\r\n" + b"x" * 64 + b"\r\n"
        b"40\r\n" + b"x" * 64 + b"\r\n0\r\n\r\n",
        _wire(200, b"\x1f\x8b", {"Content-Encoding": "gzip"}),
    ],
    ids=["announced", "in pieces", "compressed"],
)
def test_an_answer_that_is_too_large_or_packed_is_not_read(script: Scripted, said: bytes) -> None:
    """What a platform sends is bounded before it is held."""
    script.lines = [said]
    with pytest.raises(UnavailableError) as failure:
        Asking().ask(script.url, most=100, again=False)
    assert failure.value.code == "platform.broken"


def test_a_platform_that_says_nothing_is_left_in_the_end(script: Scripted) -> None:
    """A read has an end: the call's own time."""
    waiting = threading.Event()
    script.lines = [b"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nfew"]
    script._server.RequestHandlerClass.finish = (  # type: ignore[method-assign]
        lambda self: (self.wfile.flush(), waiting.wait(5))
    )
    try:
        with pytest.raises(UnavailableError) as failure:
            Asking().ask(script.url, again=False, seconds=0.2)
    finally:
        waiting.set()
    assert failure.value.code == "platform.unreachable"


def test_a_redirection_is_not_followed(script: Scripted) -> None:
    """A token goes to nobody that it was not meant for."""
    script.say((302, b"", {"Location": "http://127.0.0.1:1/"}))
    with pytest.raises(UnavailableError):
        expect(Asking().ask(script.url))
    assert len(script.seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:7f00:1::]/",
        "https://224.0.0.1/",
        "https://[93.184.216.34/",
        "https://a..b/",
        f"https://{'a' * 70}.fr/",
        "http://93.184.216.34/",
        "https://user:word@93.184.216.34/",
        "https://93.184.216.34:99999/",
        "file:///etc/passwd",
        "https://",
        "",
    ],
)
def test_outside_the_laptop_only_https_to_public_addresses_is_spoken(url: str) -> None:
    """A platform's address is typed by a user: it is no way into the network we run in."""
    asking = Asking(nearby=False)
    with pytest.raises(InvalidError) as failure:
        asking.ask(url)
    assert failure.value.code == "platform.address"


def test_on_the_laptop_plain_http_is_for_the_laptop() -> None:
    """A password never travels in clear, not even from a laptop."""
    with pytest.raises(InvalidError):
        Asking().ask("http://93.184.216.34/")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, ForbiddenError, "platform.login"),
        (403, ForbiddenError, "platform.denied"),
        (404, NotFoundError, "platform.not_found"),
        (400, RefusedByPlatformError, "platform.refused"),
        (413, RefusedByPlatformError, "platform.refused"),
        (422, RefusedByPlatformError, "platform.refused"),
        (408, UnavailableError, "platform.broken"),
        (500, UnavailableError, "platform.broken"),
        (502, UnavailableError, "platform.broken"),
    ],
)
def test_each_error_becomes_ours(status: int, kind: type[FacteurError], code: str) -> None:
    """Whoever calls a platform has one set of errors to think of."""
    answer = Answer(status=status, headers={}, body=b'{"errorCode":"WHY"}', host="pa.example")
    with pytest.raises(kind) as failure:
        expect(answer)
    assert failure.value.code == code


@pytest.mark.parametrize(
    ("body", "reason", "words"),
    [
        (b'{"errorCode":"A","errorMessage":"b\\nc"}', "A", "b c"),
        (b'{"error":"invalid_grant","error_description":"no"}', "invalid_grant", "no"),
        (b'{"title":"Bad","detail":"why"}', "Bad", "why"),
        (b"<html>oops</html>", "http_400", ""),
        (b"[1]", "http_400", ""),
        (b'{"errorCode":null,"errorMessage":null}', "http_400", ""),
        (b'{"errorCode":"' + b"x" * 5000 + b'"}', "x" * 100, ""),
    ],
)
def test_the_words_of_an_error_are_read_bounded(body: bytes, reason: str, words: str) -> None:
    """AFNOR's Error, OAuth's, a problem document, or nothing that makes sense."""
    assert told(Answer(status=400, headers={}, body=body, host="h")) == (reason, words)


def test_the_journal_holds_no_secret(script: Scripted) -> None:
    """Method, address, status, Request-Id: what was sent is not there, nor what a query hid."""
    script.say((200, b"{}"))
    asking = Asking()
    asking.ask(
        script.url + "/a?token=hush&docType=Original",
        method="POST",
        headers={"Authorization": "Bearer hush"},
        body=b"client_secret=hush",
    )
    (call,) = asking.calls
    assert "hush" not in repr(call)
    assert call.url.endswith("/a?token=***&docType=Original")
    sent = script.seen[0][1]
    assert sent["Request-Id"] == call.request_id
    assert "hush" not in repr(Request(method="GET", url="u", headers={"Authorization": "hush"}))


def test_an_address_is_shown_without_its_user() -> None:
    """A name and word typed into an address are not written down."""
    assert shown("https://a:b@pa.example/x") == "https://pa.example/x"


@pytest.mark.parametrize("key", ["abc\r\nX-Other: 1", "abc\n", "clé €"])
def test_a_key_that_no_header_holds_is_told(script: Scripted, key: str) -> None:
    """A pasted line break is a sentence for its user, never a second header; nothing is sent."""
    client = Http(SystemClock(), SystemIds(), nearby=True)
    request = Request(method="GET", url=script.url, headers={"X-Key": key})
    with pytest.raises(InvalidError, match="header"):
        client.ask(request, lambda _call: None)
    assert [] == script.seen


def test_connections_are_kept_to_a_bounded_number_of_addresses(script: Scripted) -> None:
    """A user types address after address: the least used are let go, the last used are kept."""
    script.say((200, b"{}"))
    client = Http(SystemClock(), SystemIds(), nearby=True)
    port = script.url.rpartition(":")[2]

    def ask(host: str) -> None:
        client.ask(Request(method="GET", url=f"http://{host}:{port}/"), lambda _call: None)

    ask("127.0.0.1")
    kept = client._pools[("http", "127.0.0.1", port, "127.0.0.1")]
    for number in range(2 * MOST_POOLS):
        client._pool(f"http://127.0.0.1:{20_000 + number}/")
        ask("127.0.0.1")
    assert MOST_POOLS == len(client._pools)
    assert kept is client._pools[("http", "127.0.0.1", port, "127.0.0.1")]
