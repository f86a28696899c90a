"""Pages to write on: text at a place, given back as words with boxes, or as Typst source.

Widths are those of a common sans face (Helvetica's metrics, rounded), so that columns and gaps
look as a text layer would give them.
"""
# ruff: noqa: E501

import json
from dataclasses import dataclass, field

from facteur.domain.pages import Box, Page, PageSet, Word

WIDTH, HEIGHT = 595.0, 842.0
_NARROW = set("ijlI.,:;'|!·’")
_THIN = set('frt()[]{}-/ "')
_WIDE = set("mwMW@%€&")


def width_of(text: str, size: float) -> float:
    """How wide a text is, in points."""
    total = 0.0
    for sign in text:
        if sign in _NARROW:
            total += 0.25
        elif sign in _THIN:
            total += 0.31
        elif sign in _WIDE:
            total += 0.83
        elif sign.isupper():
            total += 0.69
        else:
            total += 0.54
    return total * size


@dataclass(frozen=True)
class Item:
    """A text on a page: its left edge, its baseline, its size."""

    page: int
    x: float
    y: float
    size: float
    text: str
    bold: bool = False


@dataclass
class Canvas:
    """Pages being written; ``y`` is free for the layout to use as a cursor."""

    items: list[Item] = field(default_factory=list)
    page: int = 1
    y: float = 50.0

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9,
        align: str = "left",
        *,
        bold: bool = False,
    ) -> None:
        """Write one line; ``x`` is its left edge, its right edge or its middle."""
        wide = width_of(text, size)
        left = x - wide if align == "right" else x - wide / 2 if align == "centre" else x
        self.items.append(Item(self.page, left, y, size, text, bold))

    def block(
        self, x: float, y: float, lines: list[str], size: float = 9, leading: float = 1.3
    ) -> float:
        """Write lines under each other; the baseline after them."""
        for line in lines:
            self.text(x, y, line, size)
            y += size * leading
        return y

    def next_page(self) -> None:
        """Turn the page."""
        self.page += 1
        self.y = 50.0

    def pages(self) -> PageSet:
        """The words of every page, in reading order."""
        made = []
        for number in range(1, self.page + 1):
            words: list[Word] = []
            for item in sorted(
                (one for one in self.items if one.page == number), key=lambda one: (one.y, one.x)
            ):
                words.extend(_words(item))
            made.append(Page(number=number, words=tuple(words), width=WIDTH, height=HEIGHT))
        return PageSet(pages=tuple(made), origin="text", total=self.page)

    def typst(self) -> str:
        """The same pages as a Typst document, to make a PDF of."""
        lines = [
            "#set page(width: 595pt, height: 842pt, margin: 0pt)",
            '#set text(font: "Source Sans Pro")',
        ]
        for number in range(1, self.page + 1):
            if number > 1:
                lines.append("#pagebreak()")
            for item in self.items:
                if item.page == number:
                    weight = '"bold"' if item.bold else '"regular"'
                    body = json.dumps(item.text, ensure_ascii=False)
                    lines.append(
                        f"#place(top + left, dx: {item.x:.1f}pt, dy: {item.y - item.size * 0.8:.1f}pt,"
                        f" text(size: {item.size}pt, weight: {weight}, {body}))"
                    )
        return "\n".join(lines)


def _words(item: Item) -> list[Word]:
    words = []
    x = item.x
    for place, piece in enumerate(item.text.split(" ")):
        if place:
            x += width_of(" ", item.size)
        wide = width_of(piece, item.size)
        if piece:
            box = Box(
                max(x / WIDTH, 0.0),
                (item.y - item.size * 0.78) / HEIGHT,
                min((x + wide) / WIDTH, 1.0),
                (item.y + item.size * 0.22) / HEIGHT,
            )
            words.append(Word(piece, box))
        x += wide
    return words
