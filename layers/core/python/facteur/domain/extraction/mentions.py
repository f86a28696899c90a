"""What the page says of late payment: the sentences that the law wants on every invoice.

Penalties for late payment (PMD), the 40 EUR for recovery (PMT), the discount for early payment
or its absence (AAB) become notes of the invoice (BG-1), in the page's own words and no other:
a page that lacks one has no such field. One sentence may say two of them.

Sources: code de commerce L441-9, L441-10, D441-5; BR-FR-05, BR-FR-06 (invoice-formats.md §6).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facteur.domain.candidate import Reading
from facteur.domain.extraction import blocks
from facteur.domain.extraction.lines import Sheet, Spot
from facteur.domain.extraction.page import Reader

#: The field of each mention, and the words that make a sentence one.
MENTIONS = (
    (
        "note_recovery",  # PMT
        re.compile(
            r"(?:indemnite|frais|somme|compensation|forfait)[^.]{0,80}recouvrement"
            r"|recouvrement[^.]{0,60}\b40\b|recovery (?:costs?|fee|charge|indemnity)"
        ),
    ),
    (
        "note_penalties",  # PMD
        re.compile(
            r"penalites?\b|interets? (?:de retard|moratoire)|agios|verzugszins"
            r"|late (?:payment )?(?:interest|penalt|fee|charge)|interest (?:on|for) late"
            r"|retard[^.]{0,90}(?:taux|interet|\d ?%)"
        ),
    ),
    (
        "note_discount",  # AAB
        re.compile(
            r"escompte|discount (?:for|on|in case of) (?:early|prompt|advance)"
            r"|early (?:payment|settlement) discount|skonto"
        ),
    ),
)
_ANY = re.compile("|".join(pattern.pattern for _, pattern in MENTIONS))
_LEAST, _MOST = 15, 1024  # letters of a sentence, signs of a note (BT-22 as the portal takes it)
_PAGES = 3  # at the start, and the last one
#: Where a new sentence starts: after a full stop that ends no abbreviation, or at a bullet.
_END = re.compile(
    r"(?<!\bart)(?<!\bArt)(?<!\b[A-Z])(?<!\bcf)(?<!\bn)(?<!\bal)[.;!]\s+(?=[A-ZÀ-Ý«\"*•-])"
    r"|\s+(?=[•▪·*]\s?[A-ZÀ-Ýa-z])"
)
_START = re.compile(
    r"\W*(?:(?:taux|montant|conditions?)[a-z' ]{0,12}(?:penalit|indemnit|escompte|interet)"
    r"|penalit|indemnit|(?:pas d'|aucun |sans )?escompte|en cas de|tout retard|une indemnit"
    r"|pas d'|aucun|passe |no discount|late|interest)"
)


@dataclass(frozen=True)
class _Sentence:
    """Some words that belong together, and the cells they stand in."""

    text: str
    plain: str
    cells: tuple[Spot, ...]


def read(reader: Reader) -> dict[str, Reading]:
    """The fields ``note_recovery``, ``note_penalties`` and ``note_discount`` that the page has."""
    fields: dict[str, Reading] = {}
    for sentence in _sentences(reader):
        for name, words in MENTIONS:
            if name not in fields and words.search(sentence.plain):
                found = _reading(reader, sentence)
                if found is not None:
                    fields[name] = found
    return fields


def _sentences(reader: Reader) -> Iterator[_Sentence]:
    """The sentences of the paragraphs that mention something, on the first pages and the last."""
    sheets = reader.text.sheets
    chosen = sheets[:_PAGES] if len(sheets) <= _PAGES else (*sheets[:_PAGES], sheets[-1])
    for sheet in chosen:
        if any(_ANY.search(row.plain) for row in sheet.rows):
            for paragraph in _paragraphs(reader, sheet):
                if _mentions(paragraph):
                    yield from _parted(paragraph)


def _mentions(cells: Sequence[Spot]) -> bool:
    """True when these lines say something of late payment."""
    return _ANY.search(" ".join(cell.plain for cell in cells)) is not None


def _paragraphs(reader: Reader, sheet: Sheet) -> Iterator[tuple[Spot, ...]]:
    """Lines that flow into each other; a line that could have held the next word ends one.

    Only of the blocks that mention something.
    """
    for block in blocks.blocks(reader, sheet):
        if not _mentions(block.cells):
            continue
        held: list[Spot] = []
        for cell in block.cells:
            if held and _starts(held[-1], cell, block.x1):
                yield tuple(held)
                held = []
            held.append(cell)
        yield tuple(held)


def _starts(above: Spot, cell: Spot, edge: float) -> bool:
    """True when a line starts something new: a capital where the line above still had room."""
    text = cell.text.lstrip(" -–•*·")
    if not text[:1].isupper() and text == cell.text.lstrip():
        return False
    first = next(cell.words(), None)
    room = edge - above.x1
    return (
        (first is not None and room > (first[0].x1 - first[0].x0) + above.row.height)
        or text != cell.text.lstrip()
        or _START.match(cell.plain) is not None
    )


def _parted(cells: Sequence[Spot]) -> Iterator[_Sentence]:
    """The sentences of a paragraph, each with its cells."""
    text = ""
    starts: list[int] = []
    for cell in cells:
        text += " " if text else ""
        starts.append(len(text))
        text += cell.text
    plain = " ".join(cell.plain for cell in cells)
    at = 0
    for end in [*(found.end() for found in _END.finditer(text)), len(text)]:
        own = tuple(
            cell
            for cell, start in zip(cells, starts, strict=True)
            if start < end and start + len(cell.text) > at
        )
        yield _Sentence(text[at:end], plain[at:end], own)
        at = end


def _reading(reader: Reader, sentence: _Sentence) -> Reading | None:
    """The sentence as a note; None for a row of figures or a mere label."""
    text = re.sub(r"\s+", " ", sentence.text).strip(" -–•▪*·;|")
    letters = sum(sign.isalpha() for sign in text)
    short = "neant" in sentence.plain or "aucun" in sentence.plain
    if not sentence.cells or len(text) > _MOST or letters < (_LEAST if not short else 8):
        return None
    if any(_ANY.search(cell.plain) and _is_total(reader, cell) for cell in sentence.cells):
        return None
    return reader.reading(text, sentence.cells[0], 0.95)


def _is_total(reader: Reader, cell: Spot) -> bool:
    """True for "Escompte 2 %   -12,00": an amount of this invoice ends its row."""
    numbers = reader.numbers_by_row.get(cell.row.number, [])
    return any(one.money and one.spot.start >= cell.end for one in numbers)
