"""Tests of the memory that children hold together: who waits, who is ended, never too much."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from facteur.adapters.child import Children
from facteur.adapters.room import Room
from facteur.domain.errors import UnreadableError

WORKER = "tests.adapters.odd_worker"
MEGABYTE = 1 << 20


class Kept:
    """A child as the room sees it."""

    def __init__(self, held: int = 0) -> None:
        self.bytes = held
        self.ended = 0

    def resident(self) -> int:
        """What it holds."""
        return self.bytes

    def stop(self) -> None:
        """It gives everything back."""
        self.bytes, self.ended = 0, self.ended + 1


def _visit(room: Room, one: Kept, need: int) -> None:
    with room.held(one, need, resident=one.resident, stop=one.stop):
        assert room.taken >= need


def test_one_that_works_counts_for_its_ceiling_and_then_for_what_it_holds():
    """A child at rest cannot grow: what it was seen to hold is what it counts for."""
    room, one = Room(100), Kept(20)
    with room.held(one, 70, resident=one.resident, stop=one.stop):
        assert room.taken == 70
    assert room.taken == 20


def test_an_idle_child_is_ended_for_one_that_needs_its_room():
    """The one that holds most goes first, and no more than needed."""
    room, small, large = Room(100), Kept(10), Kept(50)
    _visit(room, small, 10)
    _visit(room, large, 50)
    _visit(room, Kept(), 80)
    assert (small.ended, large.ended) == (0, 1)


def test_a_child_that_is_gone_counts_for_nothing():
    """It was ended because it had grown, or it left by itself."""
    room = Room(100)
    _visit(room, Kept(0), 90)
    assert room.taken == 0


def test_children_that_were_ended_while_idle_push_nobody_out():
    """Whoever closes its children gives their room back: a warm one of others is not ended."""
    room, warm = Room(100), Kept(20)
    _visit(room, warm, 30)
    for _ in range(9):
        closed = Kept(10)
        _visit(room, closed, 30)
        closed.stop()
    assert room.taken == 20
    _visit(room, Kept(), 60)
    assert warm.ended == 0


def test_one_that_does_not_fit_waits_for_those_that_work():
    """The sum of the ceilings of those who work never passes the room."""
    room, first, second = Room(100), Kept(5), Kept(5)
    entered = threading.Event()

    def enter() -> None:
        with room.held(second, 60, resident=second.resident, stop=second.stop):
            entered.set()

    with ThreadPoolExecutor(1) as threads:
        with room.held(first, 60, resident=first.resident, stop=first.stop):
            waiting = threads.submit(enter)
            assert not entered.wait(0.1)
        waiting.result(timeout=10)
    assert entered.is_set()


def test_what_is_larger_than_the_whole_room_works_alone():
    """Nothing waits for ever."""
    room, idle = Room(100), Kept(5)
    _visit(room, idle, 5)
    _visit(room, Kept(), 500)
    assert idle.ended == 1


def test_a_child_that_fails_gives_its_room_back():
    """Whatever way a request ends."""
    room = Room(600 * MEGABYTE)
    children = Children(WORKER, count=1, memory_bytes=300 * MEGABYTE, room=room)
    try:
        for operation in ("swallow", "segfault", "refuse"):
            with pytest.raises(UnreadableError):
                children.ask(operation, {}, seconds=10)
        assert room.taken < 100 * MEGABYTE
    finally:
        children.close()


def test_children_of_two_kinds_share_one_room():
    """One that has kept much is ended when another kind needs the room; both go on serving."""
    room = Room(700 * MEGABYTE)
    ask = {"memory_bytes": 600 * MEGABYTE, "grown_bytes": 600 * MEGABYTE, "room": room}
    first, second = (Children(WORKER, count=1, **ask) for _ in range(2))
    try:
        before = first.ask("who", {}, seconds=10).words["pid"]
        first.ask("keep", {}, seconds=20)
        assert room.taken > 450 * MEGABYTE
        second.ask("who", {}, seconds=10)
        assert room.taken < 100 * MEGABYTE
        assert first.ask("who", {}, seconds=10).words["pid"] != before
    finally:
        first.close()
        second.close()
