"""The memory that the children of this process may hold together, and who waits for it.

Each child has a ceiling of its own, but two at their ceilings beside their parent would pass what
the house promises (1.2 GB, see docs/decisions/0111). So a child that works counts for its ceiling,
one that waits for work for what it was seen to hold, and the sum never passes ``size``: before a
child works, idle ones are ended as far as needed; should those that work leave too little, it
waits for one of them.
"""

import contextlib
import threading
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple


class _Idle(NamedTuple):
    """A child between two requests."""

    resident: Callable[[], int]  # bytes it holds now; 0: it was ended since
    stop: Callable[[], None]


class Room:
    """A bound on bytes shared by all children that are given it; safe from several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._changed = threading.Condition()
        self._working: dict[Hashable, int] = {}
        self._idle: dict[Hashable, _Idle] = {}

    @contextlib.contextmanager
    def held(
        self, who: Hashable, need: int, *, resident: Callable[[], int], stop: Callable[[], None]
    ) -> Iterator[None]:
        """Keep ``need`` bytes for a child while it works; waits until they are free.

        ``resident`` tells, afterwards, what the child holds still (0: it is gone); ``stop`` ends
        it. Both are called from other children's threads too, while this one is idle only.
        A ``need`` beyond the whole room is served alone.
        """
        with self._changed:
            self._idle.pop(who, None)
            self._changed.wait_for(lambda: self._fits(need))
            self._working[who] = need
            self._forget_the_gone()
            while self._idle and self.taken > self._size:
                self._idle.pop(max(self._idle, key=lambda one: self._idle[one].resident())).stop()
        try:
            yield
        finally:
            with self._changed:
                del self._working[who]
                self._idle[who] = _Idle(resident, stop)
                self._forget_the_gone()
                self._changed.notify_all()

    @property
    def taken(self) -> int:
        """The bytes that are spoken for: ceilings of those who work, and what idle ones hold."""
        return sum(self._working.values()) + sum(one.resident() for one in self._idle.values())

    def _forget_the_gone(self) -> None:
        """A child that was ended by whoever made it takes no place, and is not kept alive."""
        self._idle = {who: one for who, one in self._idle.items() if one.resident()}

    def _fits(self, need: int) -> bool:
        return not self._working or sum(self._working.values()) + need <= self._size


#: What all children of one process share. With a parent of 200 MB at most, 1.2 GB in all.
HOUSE = Room(1000 * 1024 * 1024)
