"""Pages typed as text: each line a row, each character a column, words with boxes out of it.

Two spaces or more make two cells, as a wide gap does on a page. A line that starts with ``!`` is
set larger, as a title is.
"""

from textwrap import dedent

from facteur.domain.candidate import Candidate, Origin
from facteur.domain.companies import OwnIdentity
from facteur.domain.extraction import extract
from facteur.domain.extraction.lines import Text, rebuild
from facteur.domain.extraction.page import Reader
from facteur.domain.pages import Box, Page, PageSet, Word

_WIDE, _TALL, _SIZE = 5.4, 14.0, 10.0
_PAGE = (900.0, 1100.0)


def pages(*texts: str, confidence: float = 1.0) -> PageSet:
    """One page for each text."""
    made = tuple(
        Page(number=number, words=_words(text, confidence), width=_PAGE[0], height=_PAGE[1])
        for number, text in enumerate(texts, start=1)
    )
    return PageSet(pages=made, origin="text", total=len(made))


def _words(text: str, confidence: float) -> tuple[Word, ...]:
    words: list[Word] = []
    for row, line in enumerate(dedent(text).strip("\n").split("\n")):
        size = _SIZE * 1.6 if line.startswith("!") else _SIZE
        line = line.lstrip("!")  # noqa: PLW2901
        at = 0
        for piece in line.split(" "):
            if piece:
                words.append(
                    Word(
                        piece,
                        Box(
                            (30 + at * _WIDE) / _PAGE[0],
                            (30 + row * _TALL - size * 0.8) / _PAGE[1],
                            (30 + (at + len(piece)) * _WIDE) / _PAGE[0],
                            (30 + row * _TALL + size * 0.2) / _PAGE[1],
                        ),
                        confidence,
                    )
                )
            at += len(piece) + 1
    return tuple(words)


def text(*texts: str) -> Text:
    """The rows of these pages."""
    return rebuild(pages(*texts), Origin.TEXT)


def reader(*texts: str, ocr: bool = False) -> Reader:
    """A reader of these pages."""
    return Reader.of(pages(*texts), Origin.OCR if ocr else Origin.TEXT)


def read(
    *texts: str, own: OwnIdentity | None = None, side: str = "buyer", ocr: bool = False
) -> Candidate:
    """What is extracted from these pages."""
    origin = Origin.OCR if ocr else Origin.TEXT
    return extract(pages(*texts), own=own, own_side=side, origin=origin)
