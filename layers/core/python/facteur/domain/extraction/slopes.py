"""A photographed sheet set straight: how its lines fall, and the words put back level.

The slope is the angle under which the middles of the words fall into the sharpest rows; a second
measure lets it change down the page, as perspective does.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from facteur.domain.pages import Box


class Placed(NamedTuple):
    """A word in points, straightened; ``box`` is where it really stands on its page."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    box: Box
    confidence: float

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        """The height."""
        return self.y1 - self.y0


def straightened(words: list[Placed], height: float) -> list[Placed]:
    """The words with the page's turn taken out; as they are where it is straight already."""
    slope, bend = _slope(words, height)
    if slope == 0 and bend == 0:
        return words
    straight = []
    for word in words:
        lean = slope + bend * (word.middle / height - 0.5)
        fall = lean * (word.x0 + word.x1) / 2
        shift = slope * word.middle  # the sheet is turned: its verticals lean as much
        straight.append(
            word._replace(
                x0=word.x0 + shift,
                y0=word.y0 - fall,
                x1=word.x1 + shift,
                y1=word.y1 - fall,
            )
        )
    return straight


def _slope(words: Sequence[Placed], height: float) -> tuple[float, float]:
    """How much the rows fall per point to the right, and how that changes down the page."""
    size = median(word.height for word in words)
    points = [((word.x0 + word.x1) / 2, word.middle, word.middle / height - 0.5) for word in words]

    def sharpness(slope: float, bend: float) -> float:
        bins: dict[int, int] = {}
        step = size * 0.4
        for x, y, depth in points:
            place = (y - (slope + bend * depth) * x) / step
            for near in (int(place), int(place + 0.5) + 100_000):  # two grids: no edge effect
                bins[near] = bins.get(near, 0) + 1
        return sum(count * count for count in bins.values()) - 2000 * (slope * slope + bend * bend)

    best = max(((s * 0.005, 0.0) for s in range(-14, 15)), key=lambda at: sharpness(*at))
    for step in (0.004, 0.002):
        best = max(
            (
                (best[0] + s * step, best[1] + b * step * 2)
                for s in range(-2, 3)
                for b in range(-2, 3)
            ),
            key=lambda at: sharpness(*at),
        )
    return best if sharpness(*best) > 1.03 * sharpness(0.0, 0.0) else (0.0, 0.0)
