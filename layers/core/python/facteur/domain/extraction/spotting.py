"""Many expressions on one text: each is tried only where it may begin.

The labels of an invoice are some hundred expressions that begin with a letter or two, and a page
has some thousand places. Python's engine tries each expression at each place; here the two signs
that a match may begin with are worked out once, from how an expression is written, and a place is
shown only to the expressions that may begin with its signs. What is found is what ``finditer`` of
each finds.

Understood of an expression are literals, classes, groups, look-arounds, ``^``, ``$``, ``\\b``,
``|`` and the counts ``?``, ``*``, ``+``, ``{m,n}``: what labels.py and kinds.py hold.
"""

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache

#: What no place to begin stands after: expressions are bounded by it (labels.compiled).
BOUND = r"(?<![a-z\d'])"
_DEPTH = 2  # signs of a beginning: a third one spares little more and takes long to work out
_MOST_KEYS = 2048
_PLACES = re.compile(rf"{BOUND}[\s\S]")
_COUNT = re.compile(r"(?:([?*+])|\{(\d*)(,?)(\d*)\})\??")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_AROUND = re.compile(r"\(\?<?[=!]")
_FLAT = re.compile(r"(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\\[()|])+")

Way = tuple[str, ...]  # how a match may begin: a sign or a class for each of its first signs


class Spotter:
    """Expressions that all begin with BOUND, looked for together."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._tries = tuple(one.match for one in patterns)
        self._wholes = tuple(one.fullmatch for one in patterns)
        self._ways: dict[str, list[tuple[Way, int]]] = {}  # by first sign, "" for a class
        for place, one in enumerate(patterns):
            for way in beginnings(one.pattern.removeprefix(BOUND)):
                first = way[0] if way and len(way[0]) == 1 else ""
                self._ways.setdefault(first, []).append((way, place))
        self._by_key: dict[str, tuple[int, ...]] = {}

    def find(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, re.Match[str]]]:
        """(place of the expression, match): all of each, as finditer(text, start, end) has them.

        Those of one expression come in order; those of several are mixed.
        """
        end = len(text) if end is None else end
        by_key, tries = self._by_key, self._tries
        free = [0] * len(tries)  # where the last match of each ends
        for place in _PLACES.finditer(text, start, end):
            at = place.start()
            key = text[at : at + _DEPTH]
            which = by_key.get(key)
            if which is None:
                which = self._which(key)
            for one in which:
                if free[one] <= at and (match := tries[one](text, at, end)):
                    free[one] = match.end()
                    yield one, match

    def whole(self, text: str) -> bool:
        """True when one of the expressions matches the whole text."""
        return any(self._wholes[one](text) for one in self._which(text[:_DEPTH]))

    def _which(self, key: str) -> tuple[int, ...]:
        """The expressions that may begin with some signs; remembered, within a bound."""
        known = self._by_key.get(key)
        if known is not None:
            return known
        ways = (*self._ways.get(key[:1], ()), *self._ways.get("", ()))
        found = tuple(sorted({one for way, one in ways if begins(way, key)}))
        if len(self._by_key) < _MOST_KEYS:
            self._by_key[key] = found
        return found


def begins(way: Way, key: str) -> bool:
    """True when a text whose first signs are ``key`` may begin in this way."""
    return len(way) <= len(key) and all(map(_fits, way, key))


def _fits(one: str, sign: str) -> bool:
    return one == sign if len(one) == 1 else _class(one).match(sign) is not None


@lru_cache(maxsize=64)
def _class(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


@lru_cache(maxsize=512)
def beginnings(pattern: str) -> Set[Way]:
    """The ways in which a match of an expression may begin; a shorter one may end there.

    ValueError for what it does not understand.
    """
    ways, at = _either(pattern, 0)
    if at < len(pattern):
        raise _not_understood(pattern, at)
    return ways


def _not_understood(pattern: str, at: int) -> ValueError:
    return ValueError(f"{pattern[at:]!r} is not understood")


def _either(pattern: str, at: int) -> tuple[set[Way], int]:
    """How alternatives may begin, up to the end of their group."""
    found: set[Way] = set()
    while True:
        ways: set[Way] = {()}
        while at < len(pattern) and pattern[at] not in "|)":
            if all(len(way) == _DEPTH for way in ways):
                at = _skipped(pattern, at)
                break
            more, at = _piece(pattern, at)
            ways = _followed(ways, more)
        found |= ways
        if at == len(pattern) or pattern[at] == ")":
            return found, at
        at += 1


def _followed(ways: Set[Way], more: Set[Way]) -> set[Way]:
    """The beginnings of one thing and then another."""
    return {way if len(way) == _DEPTH else (way + one)[:_DEPTH] for way in ways for one in more}


def _skipped(pattern: str, at: int) -> int:
    """Where an alternative ends: what it still says begins nothing."""
    deep = 0
    while at < len(pattern) and (deep or pattern[at] not in "|)"):
        if flat := _FLAT.match(pattern, at):
            at = flat.end()
        else:
            deep += {"(": 1, ")": -1}.get(pattern[at], 0)
            at += 1
    return at


def _piece(pattern: str, at: int) -> tuple[set[Way], int]:
    """How one piece with its count may begin, and its end."""
    ways, at = _one(pattern, at)
    count = _COUNT.match(pattern, at)
    if count is None:
        return ways, at
    least = int(count[2] or 0) if count[1] is None else count[1] == "+"
    most = _DEPTH
    if count[1] == "?":
        most = 1
    elif count[1] is None and not (count[3] and not count[4]):
        most = int(count[4] or count[2])
    found: set[Way] = set()
    several: set[Way] = {()}
    for times in range(min(most, _DEPTH) + 1):
        if times >= min(least, _DEPTH):
            found |= several
        several = _followed(several, ways)
    return found, count.end()


def _one(pattern: str, at: int) -> tuple[set[Way], int]:
    sign = pattern[at]
    if sign == "(":
        around = _AROUND.match(pattern, at)
        if not around and pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
            raise _not_understood(pattern, at)
        opened = around.end() if around else at + (3 if pattern.startswith("(?:", at) else 1)
        ways, closed = _either(pattern, opened)
        return {()} if around else ways, closed + 1
    if sign in "^$":
        return {()}, at + 1
    if sign == "[" and (held := _CLASS.match(pattern, at)):
        return {(held[0],)}, held.end()
    if sign == "\\":
        whole = pattern[at : at + 2]
        return {()} if whole == r"\b" else {(whole,)}, at + 2
    return {(r"[\s\S]" if sign == "." else sign,)}, at + 1
