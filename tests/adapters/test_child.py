"""Tests of the child process: limits, deaths, replacement, several threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from facteur.adapters.child import Children
from facteur.adapters.frames import BrokenMessageError, Message, pack, unpack
from facteur.adapters.room import Room
from facteur.domain.errors import UnreadableError

WORKER = "tests.adapters.odd_worker"
MEMORY = 300 * 1024 * 1024


@pytest.fixture
def children():
    """One child of the odd worker."""
    held = Children(WORKER, count=1, memory_bytes=MEMORY)
    yield held
    held.close()


def _reader(data: bytes):
    view = memoryview(data)
    position = 0

    def read(size: int) -> bytes:
        nonlocal position
        position += size
        if position > len(view):
            raise BrokenMessageError("short")
        return bytes(view[position - size : position])

    return read


def test_a_message_survives_the_pipe():
    """Words and blobs come out as they went in, even a file name with half a surrogate."""
    message = Message({"a": 1, "b": ["é"]}, (b"x" * 10, b""))
    assert unpack(_reader(b"".join(pack(message)))) == message
    lone = Message({"name": "fich\udc00ier"})
    assert unpack(_reader(b"".join(pack(lone)))).words == {"name": "fich?ier"}


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\x02{}",
        b"\0\0\0\x02[]",
        b'\0\0\0\x10{"blobs": ["a"]}',
        b'\0\0\0\x0f{"blobs": [-1]}',
        b'\0\0\0\x17{"blobs": [99999999999]}',
        b"\0\0\0\x03abc",
    ],
)
def test_an_impossible_message_is_refused(data):
    """A child that was taken over cannot make its parent allocate, loop or crash."""
    with pytest.raises(BrokenMessageError):
        unpack(_reader(data))


def test_a_child_keeps_its_warmth(children):
    """Two requests are answered by the same process."""
    first = children.ask("who", {}, seconds=10).words["pid"]
    assert children.ask("who", {}, seconds=10).words["pid"] == first


def test_large_bytes_go_both_ways(children):
    """Messages larger than any pipe's buffer do not deadlock."""
    data = bytes(range(256)) * 40_000
    assert children.ask("echo", {}, data, b"", seconds=20).blobs == (data, b"")


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("sleep", "unreadable.timeout"),
        ("spin", "unreadable.timeout"),
        ("swallow", "unreadable.memory"),
        ("abort", "unreadable.memory"),
        ("segfault", "unreadable.damaged"),
        ("leave", "unreadable.damaged"),
        ("bug", "unreadable.damaged"),
        ("refuse", "unreadable.encrypted"),
        ("library", "unreadable.bomb"),
        ("babble", "unreadable.damaged"),
    ],
)
def test_whatever_happens_the_next_request_is_served(children, operation, code, capfd):
    """Each kind of death is a clear refusal, at once, and a new child serves the next document."""
    children.ask("who", {}, seconds=10)
    started = time.monotonic()
    with pytest.raises(UnreadableError) as caught:
        children.ask(operation, {}, seconds=1.5)
    assert caught.value.code == code
    assert time.monotonic() - started < 8
    assert children.ask("echo", {}, b"still here", seconds=10).blobs == (b"still here",)


def test_a_child_that_left_while_idle_is_replaced_silently(children):
    """Idleness ends a child; the next request does not notice."""
    first = children.ask("who", {}, seconds=10).words["pid"]
    children.ask("depart", {}, seconds=10)
    time.sleep(0.3)
    assert children.ask("who", {}, seconds=10).words["pid"] != first


def test_a_child_that_grew_is_replaced(children):
    """Memory that a library keeps is given back to the machine."""
    first = children.ask("who", {}, seconds=10).words["pid"]
    grown = Children(WORKER, count=1, memory_bytes=800 << 20, room=Room(1 << 30))
    try:
        before = grown.ask("who", {}, seconds=10).words["pid"]
        grown.ask("keep", {}, seconds=20)
        assert grown.ask("who", {}, seconds=10).words["pid"] != before
    finally:
        grown.close()
    assert children.ask("who", {}, seconds=10).words["pid"] == first


def test_a_child_has_no_credentials(children):
    """Nothing of the parent's environment reaches the process that reads hostile bytes."""
    names = set(children.ask("environment", {}, seconds=10).words["names"])
    assert names <= {
        "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_CTYPE", "MALLOC_ARENA_MAX",
        "OMP_NUM_THREADS",
    }  # fmt: skip


def test_threads_share_the_children():
    """Many threads, two children: every answer goes to the one who asked."""
    held = Children(WORKER, count=2, memory_bytes=MEMORY)
    try:
        with ThreadPoolExecutor(8) as threads:
            asked = [str(number).encode() for number in range(60)]
            answers = list(threads.map(lambda one: held.ask("echo", {}, one, seconds=20), asked))
        assert [answer.blobs[0] for answer in answers] == asked
        assert threading.active_count() < 20
    finally:
        held.close()


def test_a_request_may_bring_its_own_bound(children):
    """What one request may take, the next one of the same child may not."""
    wide = Children(WORKER, count=1, memory_bytes=MEMORY, room=Room(1 << 30))
    try:
        wide.ask("keep", {}, seconds=20, memory=800 << 20)
        with pytest.raises(UnreadableError) as caught:
            wide.ask("keep", {}, seconds=20)
        assert caught.value.code == "unreadable.memory"
    finally:
        wide.close()


def test_a_slow_file_holds_up_nobody_else():
    """While one child is stuck until its time is up, the other answers."""
    held = Children(WORKER, count=2, memory_bytes=MEMORY)
    try:
        with ThreadPoolExecutor(1) as threads:
            stuck = threads.submit(held.ask, "sleep", {}, seconds=6)
            while held.free > 1:
                time.sleep(0.01)
            assert held.ask("echo", {}, b"x", seconds=10).blobs == (b"x",)
            assert not stuck.done()
            assert stuck.exception().code == "unreadable.timeout"
    finally:
        held.close()


def test_a_page_does_not_fail_for_what_earlier_ones_left(children):
    """Out of memory after serving others: a new child is asked once; a fresh one is believed."""
    first = children.ask("cling", {}, seconds=5).words["pid"]
    again = children.ask("cling", {}, seconds=5).words["pid"]
    assert again != first

    with pytest.raises(UnreadableError, match=r"unreadable\.memory"):
        children.ask("swallow", {}, seconds=5)
