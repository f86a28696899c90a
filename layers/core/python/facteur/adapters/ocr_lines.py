"""From the lines an OCR engine finds to words with boxes.

An engine gives each line as a text, a four-cornered outline and a score; RapidOCR also gives the
outline of each word. The line's text is the truth; where the words' outlines fit it they place the
words, else each word gets its share of the line, in proportion to its letters.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

Corner = Sequence[float]
Quad = Sequence[Corner]  # top left, top right, bottom right, bottom left, along the text


class Piece(NamedTuple):
    """A word as the engine outlined it, in pixels."""

    text: str
    score: float
    quad: Quad


class Line(NamedTuple):
    """A line as the engine found it, in pixels."""

    text: str
    score: float
    quad: Quad
    pieces: Sequence[Piece] = ()


class Seen(NamedTuple):
    """A word, its box in pixels (left, top, right, bottom) and the engine's confidence."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    score: float


def words_of(lines: Sequence[Line]) -> Iterator[Seen]:
    """The words of every line."""
    for line in lines:
        if fits(line):
            yield from _by_pieces(line)
        else:
            yield from _by_share(line)


def fits(line: Line) -> bool:
    """True when the pieces spell the line, so that they can place its words."""
    spelt = "".join("".join(piece.text.split()) for piece in line.pieces)
    return bool(spelt) and spelt == "".join(line.text.split())


def around(*quads: Quad) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the smallest box around outlines."""
    xs = [float(corner[0]) for quad in quads for corner in quad]
    ys = [float(corner[1]) for quad in quads for corner in quad]
    return min(xs), min(ys), max(xs), max(ys)


def _by_pieces(line: Line) -> Iterator[Seen]:
    """Words placed by the engine's own outlines, several of which may make one word."""
    pieces = [piece for piece in line.pieces if piece.text.strip()]
    for word in line.text.split():
        taken: list[Piece] = []
        left = len(word)
        while left > 0 and pieces:
            piece = pieces[0]
            size = len("".join(piece.text.split()))
            taken.append(piece)
            if size > left:  # one outline for two words: it serves both
                pieces[0] = piece._replace(text="".join(piece.text.split())[left:])
                break
            left -= size
            pieces.pop(0)
        if taken:
            score = sum(piece.score for piece in taken) / len(taken)
            yield Seen(word, *around(*(piece.quad for piece in taken)), min(score, line.score))


def _by_share(line: Line) -> Iterator[Seen]:
    """Words placed by their share of the line's letters, along its outline."""
    total = max(1, len(line.text))
    at = 0
    for word in line.text.split():
        start = line.text.index(word, at)
        at = start + len(word)
        yield Seen(word, *around(_between(line.quad, start / total, at / total)), line.score)


def _between(quad: Quad, start: float, end: float) -> list[tuple[float, float]]:
    """The part of an outline between two fractions of its length."""
    top_left, top_right, bottom_right, bottom_left = quad

    def along(one: Corner, other: Corner, share: float) -> tuple[float, float]:
        return (
            float(one[0]) + (float(other[0]) - float(one[0])) * share,
            float(one[1]) + (float(other[1]) - float(one[1])) * share,
        )

    return [
        along(top_left, top_right, start),
        along(top_left, top_right, end),
        along(bottom_left, bottom_right, end),
        along(bottom_left, bottom_right, start),
    ]
