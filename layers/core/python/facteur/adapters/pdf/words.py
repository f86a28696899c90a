"""From single characters with boxes to words in reading order.

PDFium gives characters in the order the page draws them, with spaces where it thinks there are
some. What field logic needs is words as a reader sees them: lines from top to bottom, each from
left to right, never a space inside, ligatures spelt out. Coordinates are fractions of the page as
it is displayed, origin top left.
"""

import functools
import math
from collections.abc import Iterable
from typing import NamedTuple

from facteur.domain.pages import Box

LIGATURES = {
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
}  # fmt: skip
HYPHENS = {"\x02", "\ufffe", "\u00ad", "\u2010", "\u2011"}  # 2: PDFium's mark of a cut word
MOST = 0.7  # of a page's characters: what makes it a page that lies on its side
NOTHING = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}


class Glyph(NamedTuple):
    """A character as drawn: its box in page fractions, and which way its text runs (0 to 3)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    turn: int = 0  # quarter turns clockwise from upright


class Placed(NamedTuple):
    """A word and its box."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    turn: int = 0


def words_of(glyphs: Iterable[Glyph], *, aspect: float) -> list[Placed]:
    """Words in reading order; ``aspect`` is the page's width divided by its height."""
    placed = list(dict.fromkeys(_joined(glyphs, aspect)))
    return in_reading_order(_without_doubles(placed))


def in_reading_order(words: list[Placed]) -> list[Placed]:
    """Upright lines from top to bottom, each from left to right; turned text comes last."""
    ordered: list[Placed] = []
    for turn in (0, 1, 2, 3):
        ordered += _lines([word for word in words if word.turn == turn])
    return ordered


def sideways(words: list[Placed]) -> int:
    """The direction (quarter turns clockwise) of most of the text; 0 when none prevails."""
    counts = [0, 0, 0, 0]
    for word in words:
        counts[word.turn] += len(word.text)
    turn = counts.index(max(counts))
    return turn if counts[turn] > MOST * sum(counts) else 0


def turned(word: Placed, quarters: int) -> Placed:
    """The word on the page turned clockwise by quarter turns."""
    box = Box(*word[1:5]).turned(quarters)
    return Placed(word.text, box.left, box.top, box.right, box.bottom, (word.turn + quarters) % 4)


@functools.cache
def clean(character: str) -> str:
    """What a character contributes to a word: "" for nothing, " " for an end of word."""
    if character in HYPHENS:
        return "-"
    if character in NOTHING:
        return ""
    if character.isspace() or ord(character) < 32:
        return " "
    return LIGATURES.get(character, character)


def _joined(glyphs: Iterable[Glyph], aspect: float) -> list[Placed]:
    """Characters gathered into words: a space, a gap, a jump or a turn ends one."""
    found: list[Placed] = []
    held: list[Glyph] = []
    for glyph in glyphs:
        if glyph[0] == " ":
            if held:
                _word(held, found)
                held = []
            continue
        if held and _apart(held[-1], glyph, aspect):
            _word(held, found)
            held = []
        held.append(glyph)
    if held:
        _word(held, found)
    return found


def _word(held: list[Glyph], found: list[Placed]) -> None:
    """Add the word of these characters, unless it stands outside what is displayed."""
    texts, lefts, tops, rights, bottoms, turns = zip(*held, strict=True)
    left, top = max(0.0, min(lefts)), max(0.0, min(tops))
    right, bottom = min(1.0, max(rights)), min(1.0, max(bottoms))
    if left < right and top < bottom:
        found.append(Placed("".join(texts), left, top, right, bottom, turns[0]))


def _apart(before: Glyph, after: Glyph, aspect: float) -> bool:
    """True when two characters that follow each other are not of the same word."""
    _, b_left, b_top, b_right, b_bottom, turn = before
    _, a_left, a_top, _, a_bottom, after_turn = after
    if turn != after_turn:
        return True
    if turn == 0:  # nearly always: without the detour
        gap, back = (a_left - b_right) * aspect, (b_left - a_left) * aspect
    else:
        b_start, b_end, b_top, b_bottom = _along(before, aspect)
        a_start, _, a_top, a_bottom = _along(after, aspect)
        gap, back = a_start - b_end, b_start - a_start
    height = max(b_bottom - b_top, a_bottom - a_top)
    drift = abs(a_top + a_bottom - b_top - b_bottom) / 2
    return drift > 0.5 * height or gap > 0.35 * height or back > 0.5 * height


def _along(glyph: Glyph, aspect: float) -> tuple[float, float, float, float]:
    """Start, end, top and bottom of a character along its own direction, in page heights."""
    left, right = glyph.left * aspect, glyph.right * aspect
    match glyph.turn:
        case 1:  # runs downwards
            return glyph.top, glyph.bottom, -right, -left
        case 2:
            return -right, -left, -glyph.bottom, -glyph.top
        case 3:  # runs upwards
            return -glyph.bottom, -glyph.top, left, right
        case _:
            return left, right, glyph.top, glyph.bottom


def _without_doubles(words: list[Placed]) -> list[Placed]:
    """Drop a word drawn again almost in place: a shadow, or the poor man's bold."""
    kept: list[Placed] = []
    cells: dict[str, dict[tuple[int, int], Placed]] = {}  # a grid per text: hostile pages repeat
    for word in words:
        height = word.bottom - word.top
        column, row = round(word.left * 200), round(word.top * 200)
        seen = cells.setdefault(word.text, {})
        near = (seen.get((column + x, row + y)) for x in (-1, 0, 1) for y in (-1, 0, 1))
        if seen and any(
            max(abs(one.top - word.top), abs(one.left - word.left)) < 0.2 * height
            for one in near
            if one is not None
        ):
            continue
        seen[column, row] = word
        kept.append(word)
    return kept


def _lines(words: list[Placed]) -> list[Placed]:
    """Words of one direction, grouped into lines by their middles, lines in order."""
    if not words:
        return []
    turn = words[0].turn
    keyed = sorted(((*_across(word, turn), word) for word in words), key=lambda one: one[:2])
    lines: list[list[tuple[float, Placed]]] = []
    middle, height = -math.inf, 0.0
    for centre, start, size, word in keyed:
        if not lines or centre - middle > 0.5 * min(size, height):
            lines.append([])
            middle, height = centre, size
        lines[-1].append((start, word))
    return [
        word for line in lines for _, word in sorted(line, key=lambda one: (one[0], one[1].text))
    ]


def _across(word: Placed, turn: int) -> tuple[float, float, float]:
    """Where a word's line stands, where the word stands in it, and how high it is."""
    match turn:
        case 1:
            return -(word.left + word.right) / 2, word.top, word.right - word.left
        case 2:
            return -(word.top + word.bottom) / 2, -word.right, word.bottom - word.top
        case 3:
            return (word.left + word.right) / 2, -word.bottom, word.right - word.left
        case _:
            return (word.top + word.bottom) / 2, word.left, word.bottom - word.top
