"""From words with boxes back to what a reader sees: rows, and cells parted by wide gaps.

Whatever gave the words (text layer, embedded OCR, Textract), everything above this module works
on rows of text. A row knows where each of its characters stands on the page, so any match of an
expression on ``row.plain`` (lower case, no accents, same length as ``row.text``) is a ``Spot``
with a box. Lengths are in points (1/72 inch), so that across and down measure the same.

A photographed page is rarely straight: for OCR words, the slope of the lines is measured first
(the angle under which the words fall into the sharpest rows) and taken out of the geometry; the
boxes given back are always those of the page as it is.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import median

from facteur.domain.candidate import Origin, Provenance
from facteur.domain.extraction.slopes import Placed, straightened
from facteur.domain.pages import Box, Page, PageSet

_TALL = 13.0  # points: how tall an engine's outline of usual text is
#: No page of an invoice holds more; a page that does was made to stall its readers.
_MOST_WORDS, _LONGEST_ROW, _LONGEST_WORD = 5_000, 160, 200
_SEEDS = 6  # the words that say where a line stands
#: Between two cells of a row, in ``text``: what no label or amount spans.
GAP = "   "
#: What the same sign looks like elsewhere.
_SAME = {
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "º": "°", "˚": "°", "ø": "o", "ß": "s",
    "œ": "o", "Œ": "o", "æ": "a", "Æ": "a", "：": ":", "，": ",", "．": ".", "％": "%", "（": "(",
    "）": ")", "•": "·", "●": "·", "…": ".",
}  # fmt: skip


_MOST_SIGNS = 4096  # remembered: what a page of an honest script has


class _Plain(dict[int, str]):
    """What each sign becomes, worked out when it is first met (a table of str.translate)."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        found = _plain_sign(sign)
        if len(self) < _MOST_SIGNS:
            self[code] = found
        return found


def _plain_sign(sign: str) -> str:
    if sign in _SAME:
        return _SAME[sign]
    if sign.isspace():
        return " "
    base = unicodedata.normalize("NFKD", sign)[0].lower()
    return base if len(base) == 1 else sign


_PLAIN = _Plain()


def plain(text: str) -> str:
    """The text in lower case without accents or typographic signs, of the same length."""
    return text.translate(_PLAIN)


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the page: words from left to right, ``GAP`` where a wide space parts them."""

    page: int
    number: int  # place in the whole document, from 0
    words: tuple[Placed, ...]
    starts: tuple[int, ...]  # offset of each word in text
    text: str

    @cached_property
    def plain(self) -> str:
        """The text to match labels on."""
        return plain(self.text)

    @cached_property
    def y0(self) -> float:
        """The top."""
        return median(word.y0 for word in self.words)

    @cached_property
    def y1(self) -> float:
        """The bottom."""
        return median(word.y1 for word in self.words)

    @cached_property
    def height(self) -> float:
        """The usual height of its words."""
        return median(word.height for word in self.words)

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.y0 + self.y1) / 2

    @cached_property
    def whole(self) -> "Spot":
        """The whole row as one spot."""
        return Spot(self, 0, len(self.text))

    @cached_property
    def cells(self) -> tuple["Spot", ...]:
        """The pieces of the row that wide spaces part."""
        cells: list[Spot] = []
        start = 0
        for piece in self.text.split(GAP):
            cells.append(Spot(self, start, start + len(piece)))
            start += len(piece) + len(GAP)
        return tuple(cells)

    def cell_at(self, offset: int) -> "Spot":
        """The cell around an offset of the text."""
        return next((cell for cell in self.cells if offset <= cell.end), self.cells[-1])


@dataclass(frozen=True)
class Spot:
    """A piece of a row: characters ``start`` to ``end``, and the place they take."""

    row: Row
    start: int
    end: int

    @property
    def text(self) -> str:
        """As printed."""
        return self.row.text[self.start : self.end]

    @property
    def plain(self) -> str:
        """As matched."""
        return self.row.plain[self.start : self.end]

    @property
    def page(self) -> int:
        """The page, from 1."""
        return self.row.page

    def words(self) -> Iterator[tuple[Placed, int]]:
        """Its words, and where each starts in the row's text."""
        words, starts = self.row.words, self.row.starts
        first = max(bisect_right(starts, self.start) - 1, 0)
        for at in range(first, bisect_left(starts, self.end)):
            if starts[at] + len(words[at].text) > self.start:
                yield words[at], starts[at]

    @cached_property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        x0 = y0 = float("inf")
        x1 = y1 = float("-inf")
        for word, start in self.words():
            size = (word.x1 - word.x0) / max(len(word.text), 1)
            x0 = min(x0, word.x0 + size * max(self.start - start, 0))
            x1 = max(x1, word.x1 - size * max(start + len(word.text) - self.end, 0))
            y0, y1 = min(y0, word.y0), max(y1, word.y1)
        return (x0, y0, x1, y1) if x0 < x1 else (0.0, self.row.y0, 0.0, self.row.y1)

    @property
    def x0(self) -> float:
        """The left edge."""
        return self.edges[0]

    @property
    def x1(self) -> float:
        """The right edge."""
        return self.edges[2]

    @property
    def y0(self) -> float:
        """The top."""
        return self.edges[1]

    @property
    def y1(self) -> float:
        """The bottom."""
        return self.edges[3]

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.y0 + self.y1) / 2

    @property
    def centre(self) -> float:
        """The horizontal middle."""
        return (self.x0 + self.x1) / 2

    @property
    def certainty(self) -> float:
        """The lowest confidence of its words: 1 for a text layer."""
        return min((word.confidence for word, _ in self.words()), default=1.0)

    @property
    def box(self) -> Box | None:
        """Where it stands on the page, as fractions."""
        joined: Box | None = None
        for word, _ in self.words():
            joined = word.box if joined is None else joined.joined(word.box)
        return joined

    def overlap(self, other: "Spot") -> float:
        """The share of the narrower one's width that both have in common; negative apart."""
        left, _, right, _ = self.edges
        start, _, end, _ = other.edges
        return (min(right, end) - max(left, start)) / max(min(right - left, end - start), 1.0)

    def proof(self, origin: Origin) -> Provenance:
        """The provenance of a value read here."""
        return Provenance(origin=origin, page=self.page, box=self.box, text=self.text.strip())


@dataclass(frozen=True)
class Sheet:
    """One page in points: its rows from top to bottom."""

    number: int
    width: float
    height: float
    rows: tuple[Row, ...]
    size: float  # the usual height of its text


@dataclass(frozen=True)
class Text:
    """All pages."""

    sheets: tuple[Sheet, ...]
    origin: Origin
    rows: tuple[Row, ...] = field(default=())

    def sheet(self, number: int) -> Sheet:
        """A page by its number."""
        return next(sheet for sheet in self.sheets if sheet.number == number)

    @cached_property
    def plain(self) -> str:
        """The whole text, one row per line."""
        return "\n".join(row.plain for row in self.rows)

    def below(self, row: Row, most: int = 4) -> tuple[Row, ...]:
        """The next rows of the same page."""
        return tuple(
            one
            for one in self.rows[row.number + 1 : row.number + 1 + most]
            if one.page == row.page
        )


def rebuild(pages: PageSet, origin: Origin) -> Text:
    """The rows of every page, in order."""
    sheets: list[Sheet] = []
    rows: list[Row] = []
    for stored in pages.pages:
        page = _in_points(stored) if origin is Origin.OCR else stored
        words = _placed(page, straighten=origin is Origin.OCR)
        size = median(word.height for word in words) if words else 10.0
        own = [
            _row(page.number, len(rows) + place, line)
            for place, line in enumerate(_cluster(words, size))
        ]
        rows.extend(own)
        sheets.append(Sheet(page.number, page.width, page.height, tuple(own), size))
    return Text(tuple(sheets), origin, tuple(rows))


def stacked(cells: Sequence[Spot]) -> Row:
    """Cells that stand on top of each other ("Prix" over "unitaire") as one row of text."""
    words = [word for cell in cells for word, _ in cell.words()]
    starts: list[int] = []
    text = ""
    for word in words:
        text += " " if text else ""
        starts.append(len(text))
        text += word.text
    return Row(cells[0].page, cells[0].row.number, tuple(words), tuple(starts), text)


def _in_points(page: Page) -> Page:
    """A page that was measured in pixels, in points: its text is as tall as that of a letter.

    Engines give the size of the picture, whose resolution nobody knows; distances are in points.
    """
    heights = [word.box.height * page.height for word in page.words if word.text.strip()]
    if not heights or (size := median(heights)) <= _TALL:
        return page
    scale = _TALL / size
    return replace(page, width=page.width * scale, height=page.height * scale)


def _placed(page: Page, *, straighten: bool) -> list[Placed]:
    words = [
        Placed(
            word.text[:_LONGEST_WORD],
            word.box.left * page.width,
            word.box.top * page.height,
            word.box.right * page.width,
            word.box.bottom * page.height,
            word.box,
            word.confidence,
        )
        for word in page.words[:_MOST_WORDS]
        if word.text.strip() and word.box.right > word.box.left
    ]
    if not straighten or len(words) < 12:
        return words
    return straightened(words, page.height)


class _Line:
    """Words met so far on one line, and where its first words stand: those that began it."""

    __slots__ = ("height", "middle", "places", "words")

    def __init__(self, word: Placed) -> None:
        self.words = [word]
        self.middle, self.height = word.middle, word.height
        self.places = [(word.middle, word.height, word.x0, word.x1)]

    def add(self, word: Placed) -> None:
        """One more word; only the first ones say where the line stands."""
        self.words.append(word)
        self.places.append((word.middle, word.height, word.x0, word.x1))
        if len(self.words) <= _SEEDS:
            self.middle = _middle(self.words)

    def collides(self, word: Placed, middle: float) -> bool:
        """True when the word would cover another one of the line: they are two lines."""
        tall, left, right = word.height, word.x0, word.x1
        for other, height, x0, x1 in self.places:
            if abs(other - middle) < 0.2 * max(tall, height):
                continue  # the same baseline: letters that overlap, not lines
            common = min(right, x1) - max(left, x0)
            if common > 0.5 * min(right - left, x1 - x0):
                return True
        return False


def _cluster(words: Sequence[Placed], size: float) -> list[list[Placed]]:
    """Words that stand on the same line, lines from top to bottom."""
    lines: list[_Line] = []
    for word in sorted(words, key=lambda one: (one.middle, one.x0)):
        middle, height = word.middle, min(word.height, 2 * size)
        best: _Line | None = None
        gap = size  # no line reaches further
        for line in reversed(lines[-6:]):
            distance = abs(middle - line.middle)
            if distance >= gap:
                continue
            reach = 0.5 * max(min(line.height, height), 0.6 * size)
            full = len(line.words) >= _LONGEST_ROW
            if distance < reach and not full and not line.collides(word, middle):
                best, gap = line, distance
        if best is None:
            lines.append(_Line(word))
        else:
            best.add(word)
    found = [sorted(line.words, key=lambda one: one.x0) for line in lines]
    found.sort(key=_middle)
    return found


def _middle(line: Sequence[Placed]) -> float:
    first = line[:_SEEDS]
    return sum(word.middle for word in first) / len(first)


def _row(page: int, number: int, words: Sequence[Placed]) -> Row:
    text = ""
    starts: list[int] = []
    before: Placed | None = None
    for word in words:
        if before is not None:
            wide = word.x0 - before.x1 > 0.95 * max(min(word.height, before.height), 4.0)
            text += GAP if wide else " "
        starts.append(len(text))
        text += word.text
        before = word
    return Row(page, number, tuple(words), tuple(starts), text)
