"""The clock and the identifiers: the only place of the house that asks the machine for them.

Identifiers are 26 characters of Crockford's base 32 in lower case, 48 bits of milliseconds before
80 bits of chance, as in the ULID specification (https://github.com/ulid/spec): they sort by time,
need no escaping in a URL, a key or a file name, and nobody can guess the next one.
"""

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_CHANCE_BITS = 80


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is the clock port


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """Now, in UTC, aware."""
        return _now()


class SystemIds:
    """New identifiers from the time and the system's random source."""

    def __init__(
        self,
        now: Callable[[], datetime] = _now,
        chance: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._now, self._chance = now, chance
        self._last = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """A new identifier: 26 characters, lower case, after every one given before it here."""
        with self._lock:
            moment = int(self._now().timestamp() * 1000)
            number = (moment << _CHANCE_BITS) | self._chance(_CHANCE_BITS)
            # Two in the same millisecond, or a clock set back: still in order.
            self._last = max(number, self._last + 1)
            return _text(self._last)


def _text(number: int) -> str:
    digits = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
