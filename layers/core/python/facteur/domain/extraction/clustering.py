"""Which words of a page stand on the same line.

Words are taken from top to bottom; each goes to the nearest line that it stands on and covers no
word of. The first words of a line say where it stands: what comes after may be taller.
"""

from collections.abc import Sequence
from operator import attrgetter

from facteur.domain.extraction.slopes import Placed

_LONGEST_ROW = 160  # words: a page that has more was made to stall its readers
_SEEDS = 6  # the words that say where a line stands
_NEAR = 6  # lines that a word may still go to


class _Line:
    """Words met so far on one line, and where its first words stand: those that began it."""

    __slots__ = ("height", "middle", "places", "whole", "words")

    def __init__(self, word: Placed, middle: float, height: float) -> None:
        self.words = [word]
        self.middle = self.whole = middle
        self.height = height
        self.places = [(middle, height, word.x0, word.x1)]

    def add(self, word: Placed, middle: float, height: float) -> None:
        """One more word; only the first ones say where the line stands."""
        self.words.append(word)
        self.places.append((middle, height, word.x0, word.x1))
        if len(self.words) <= _SEEDS:
            self.whole += middle
            self.middle = self.whole / len(self.words)

    def collides(self, word: Placed, middle: float, tall: float) -> bool:
        """True when the word would cover another one of the line: they are two lines."""
        left, right = word.x0, word.x1
        for other, height, x0, x1 in self.places:
            if abs(other - middle) < 0.2 * (height if height > tall else tall):
                continue  # the same baseline: letters that overlap, not lines
            common = min(right, x1) - max(left, x0)
            if common > 0.5 * min(right - left, x1 - x0):
                return True
        return False


def clustered(words: Sequence[Placed], size: float) -> list[list[Placed]]:
    """The words by line, from left to right, lines from top to bottom.

    ``size`` is the usual height of the page's text, in points.
    """
    lines: list[_Line] = []
    for word in sorted(words, key=lambda one: (one.middle, one.x0)):
        middle, tall = word.middle, word.height
        height = min(tall, 2 * size)
        best: _Line | None = None
        gap = size  # no line reaches further
        for line in lines[: -_NEAR - 1 : -1]:
            distance = abs(middle - line.middle)
            if distance >= gap:
                continue
            reach = 0.5 * max(min(line.height, height), 0.6 * size)
            full = len(line.words) >= _LONGEST_ROW
            if distance < reach and not full and not line.collides(word, middle, tall):
                best, gap = line, distance
        if best is None:
            lines.append(_Line(word, middle, tall))
        else:
            best.add(word, middle, tall)
    found = [sorted(line.words, key=attrgetter("x0")) for line in lines]
    found.sort(key=_middle)
    return found


def _middle(line: Sequence[Placed]) -> float:
    first = line[:_SEEDS]
    return sum([word.middle for word in first]) / len(first)
