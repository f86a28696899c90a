"""From words with boxes back to what a reader sees: rows, and cells parted by wide gaps.

Whatever gave the words (text layer, embedded OCR, Textract), everything above this module works
on rows of text. A row knows where each of its characters stands on the page, so any match of an
expression on ``row.plain`` (lower case, no accents, same length as ``row.text``) is a ``Spot``
with a box. Lengths are in points (1/72 inch), so that across and down measure the same.

A photographed page is rarely straight: for OCR words, the slope of the lines is measured first
(the angle under which the words fall into the sharpest rows) and taken out of the geometry; the
boxes given back are always those of the page as it is.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from facteur.domain.candidate import Origin, Provenance
from facteur.domain.extraction.clustering import clustered
from facteur.domain.extraction.once import once
from facteur.domain.extraction.slopes import Placed, straightened
from facteur.domain.pages import Box, Page, PageSet
from facteur.domain.plain import plain

_TALL = 13.0  # points: how tall an engine's outline of usual text is
#: No page of an invoice holds more; a page that does was made to stall its readers.
_MOST_WORDS, _LONGEST_WORD = 5_000, 200
#: Between two cells of a row, in ``text``: what no label or amount spans.
GAP = "   "
_NO_LETTERS = re.compile(r"[^a-z]+")


def letters(text: str) -> int:
    """How many letters a plain text has."""
    return len(_NO_LETTERS.sub("", text))


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the page: words from left to right, ``GAP`` where a wide space parts them."""

    page: int
    number: int  # place in the whole document, from 0
    words: tuple[Placed, ...]
    starts: tuple[int, ...]  # offset of each word in text
    text: str

    @once
    def plain(self) -> str:
        """The text to match labels on."""
        return plain(self.text)

    @once
    def digits(self) -> bool:
        """True when it holds a digit."""
        return any(map(str.isdigit, self.plain))

    @once
    def y0(self) -> float:
        """The top."""
        return median(word.y0 for word in self.words)

    @once
    def y1(self) -> float:
        """The bottom."""
        return median(word.y1 for word in self.words)

    @once
    def height(self) -> float:
        """The usual height of its words."""
        return median(word.height for word in self.words)

    @once
    def middle(self) -> float:
        """The vertical middle."""
        return (self.y0 + self.y1) / 2

    @once
    def whole(self) -> "Spot":
        """The whole row as one spot."""
        return Spot(self, 0, len(self.text))

    @once
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

    def _held(self) -> tuple[int, int]:
        """The places in the row of its first word, and of the one after its last."""
        words, starts = self.row.words, self.row.starts
        first = max(bisect_right(starts, self.start) - 1, 0)
        if words and starts[first] + len(words[first].text) <= self.start:
            first += 1
        return first, bisect_left(starts, self.end)

    def words(self) -> Iterator[tuple[Placed, int]]:
        """Its words, and where each starts in the row's text."""
        for at in range(*self._held()):
            yield self.row.words[at], self.row.starts[at]

    @once
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom; of a word that is cut, its share of signs."""
        row, (first, last) = self.row, self._held()
        if first >= last:
            return 0.0, row.y0, 0.0, row.y1
        head, tail = row.words[first], row.words[last - 1]
        _, lefts, tops, rights, bottoms, *_ = zip(*row.words[first:last], strict=True)
        before = self.start - row.starts[first]
        if before > 0:
            size = (head.x1 - head.x0) / len(head.text)
            lefts = (head.x0 + size * before, *lefts[1:])
        after = row.starts[last - 1] + len(tail.text) - self.end
        if after > 0:
            size = (tail.x1 - tail.x0) / len(tail.text)
            rights = (*rights[:-1], tail.x1 - size * after)
        left, right = min(lefts), max(rights)
        return (
            (left, min(tops), right, max(bottoms)) if left < right else (0.0, row.y0, 0.0, row.y1)
        )

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
        boxes = [word.box for word, _ in self.words()]
        if len(boxes) < 2:
            return boxes[0] if boxes else None
        return Box(
            min([one.left for one in boxes]),
            min([one.top for one in boxes]),
            max([one.right for one in boxes]),
            max([one.bottom for one in boxes]),
        )

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

    @once
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
            for place, line in enumerate(clustered(words, size))
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
