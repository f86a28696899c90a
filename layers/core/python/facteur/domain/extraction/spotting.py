"""Many expressions on one text: each is tried only where it may begin.

The labels of an invoice are some hundred expressions that begin with a letter or two, and a page
has some thousand places. Python's engine tries each expression at each place; here the signs that
an expression may begin with are worked out once, from how it is written, and a place is shown only
to the expressions that may begin with its sign. What is found is what ``finditer`` of each finds.

Understood of an expression are literals, classes, groups, look-arounds, ``^``, ``\\b``, ``|`` and
the counts ``?``, ``*``, ``+``, ``{m,n}``: what the tables of labels.py and kinds.py hold.
"""

import re
from collections.abc import Iterator, Sequence

#: What no place to begin stands after: expressions are bounded by it (labels.compiled).
BOUND = r"(?<![a-z\d'])"
_MOST_SIGNS = 512
_PLACES = re.compile(rf"{BOUND}[\s\S]")
_COUNT = re.compile(r"(?:([?*]|\{0,\d*\})|\+|\{\d+(?:,\d*)?\})\??")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_AROUND = re.compile(r"\(\?<?[=!]")

Beginning = tuple[list[str], bool]  # expressions of one sign each; whether nothing at all will do


class Spotter:
    """Expressions that all begin with BOUND, looked for together."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._tries = tuple(one.match for one in patterns)
        self._begins = tuple(beginning(one.pattern.removeprefix(BOUND)) for one in patterns)
        self._by_sign: dict[str, tuple[int, ...]] = {}

    def find(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, re.Match[str]]]:
        """(place of the expression, match): all of each, as finditer(text, start, end) has them.

        Those of one expression come in order; those of several are mixed.
        """
        end = len(text) if end is None else end
        by_sign, tries = self._by_sign, self._tries
        free = [0] * len(tries)  # where the last match of each ends
        for place in _PLACES.finditer(text, start, end):
            sign, at = place[0], place.start()
            which = by_sign.get(sign)
            if which is None:
                which = self._which(sign)
            for one in which:
                if free[one] <= at and (match := tries[one](text, at, end)):
                    free[one] = match.end()
                    yield one, match

    def _which(self, sign: str) -> tuple[int, ...]:
        """The expressions that may begin with a sign; remembered, within a bound."""
        found = tuple(at for at, one in enumerate(self._begins) if one is None or one.match(sign))
        if len(self._by_sign) < _MOST_SIGNS:
            self._by_sign[sign] = found
        return found


def beginning(pattern: str) -> re.Pattern[str] | None:
    """The expression of the signs that a match may begin with; None when it may begin with any.

    ValueError for what it does not understand.
    """
    signs, empty, at = _either(pattern, 0)
    if at < len(pattern):
        msg = f"{pattern[at:]!r} is not understood"
        raise ValueError(msg)
    return None if empty else re.compile("|".join(dict.fromkeys(signs)), re.DOTALL)


def _either(pattern: str, at: int) -> tuple[list[str], bool, int]:
    """What alternatives may begin with, up to the end of their group."""
    signs: list[str] = []
    empty = False
    while True:
        still = True  # nothing was consumed so far
        while at < len(pattern) and pattern[at] not in "|)":
            more, nothing, at = _piece(pattern, at)
            if still:
                signs += more
                still = nothing
        empty |= still
        if at == len(pattern) or pattern[at] == ")":
            return signs, empty, at
        at += 1


def _piece(pattern: str, at: int) -> tuple[list[str], bool, int]:
    """What one piece with its count may begin with, whether it may be nothing, and its end."""
    signs, nothing, at = _one(pattern, at)
    if count := _COUNT.match(pattern, at):
        return signs, nothing or count[1] is not None, count.end()
    return signs, nothing, at


def _one(pattern: str, at: int) -> tuple[list[str], bool, int]:
    sign = pattern[at]
    if sign == "(":
        around = _AROUND.match(pattern, at)
        opened = around.end() if around else at + (3 if pattern.startswith("(?:", at) else 1)
        signs, empty, closed = _either(pattern, opened)
        return ([], True, closed + 1) if around else (signs, empty, closed + 1)
    if sign == "^":
        return [], True, at + 1
    if sign == "[" and (held := _CLASS.match(pattern, at)):
        return [held[0]], False, held.end()
    if sign == "\\":
        whole = pattern[at : at + 2]
        return ([], True, at + 2) if whole == r"\b" else ([whole], False, at + 2)
    return [sign if sign == "." else re.escape(sign)], False, at + 1
