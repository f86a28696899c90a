"""What an engine found by itself, brought back to the words of the page and to our roles.

A testimony counts only where the page's own words bear it: a pair's value must be written in its
box as the engine says it, and be an amount, a date, a reference, an account whose key holds, by
the same readers as everything else; a pair's key must be a label that we know (labels.py). So an
engine adds links between words (this amount is that label's, these cells are one line), never a
word of its own. ``witness.py`` says what such claims are worth.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from facteur.domain.candidate import type_of_value
from facteur.domain.extraction import labels, names
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.columns import Head
from facteur.domain.extraction.evidence import Evidence
from facteur.domain.extraction.items import Table
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.settling import Item, settle
from facteur.domain.extraction.slopes import Placed
from facteur.domain.pages import Box, Cell, Expense, Finds, Grid, PageSet, Said
from facteur.domain.plain import plain

TOTALS = ("excl", "vat", "incl", "due", "prepaid")
_DATES = ("issue_date", "due_date", "delivery_date")
_TOKENS = ("number", "purchase_order", "contract")
_NAMES = ("seller_name", "buyer_name")
_ACCOUNTS, _VATS = ("iban", "bic"), ("seller_vat", "buyer_vat")
_A_NAME = 0.4  # how much a text must look like one
_VALUED = ("quantity", "unit_price", "rate", "discount", "tax")
_LONGEST_KEY, _LONGEST_TOKEN = 80, 35
_TALLEST = 800  # words beside a box
_COVERED = 0.6  # the share of a key's letters that its label must be
_ACCOUNT = re.compile(r"\b(iban|bic)\b")


@dataclass(frozen=True)
class Claim:
    """A value of the page that a witness gives a role, and how much it is worth hearing (0 to 1).

    ``rule`` names the witness in a provenance: "textract:forms".
    """

    role: str
    value: type_of_value
    spot: Spot
    score: float
    rule: str
    number: Number | None = None


@dataclass(frozen=True)
class Testimony:
    """What a witness says of a document."""

    engine: str
    claims: tuple[Claim, ...]
    tables: tuple[tuple[str, Table], ...]  # its lines, each table with its rule

    def of(self, role: str) -> list[Claim]:
        """The claims of a role, best first."""
        found = [one for one in self.claims if one.role == role]
        return sorted(found, key=lambda one: -one.score)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The amounts as evidence for the choice of the totals: one for each role and place."""
        return tuple(
            Evidence(one.number, one.role, one.score)
            for one in self.claims
            if one.number is not None
        )


def heard(reader: Reader, pages: PageSet) -> Testimony | None:
    """What was found on these pages, None when nobody was asked or nothing was said."""
    told = [(page.number, page.finds) for page in pages.pages if page.finds is not None]
    if not told:
        return None
    places = _Places(reader)
    claims = [claim for number, finds in told for claim in _claims(reader, places, number, finds)]
    tables = [one for number, finds in told for one in _tables(reader, places, number, finds)]
    if not claims and not tables:
        return None
    return Testimony(told[0][1].engine, tuple(claims), tuple(tables))


class _Places:
    """The words of each page by height, to find those in a box."""

    def __init__(self, reader: Reader) -> None:
        self._words: dict[int, list[tuple[float, Row, int, Placed]]] = {}
        for row in reader.text.rows:
            held = self._words.setdefault(row.page, [])
            for word, start in zip(row.words, row.starts, strict=True):
                held.append((word.box.middle, row, start, word))
        for held in self._words.values():
            held.sort(key=lambda one: (one[0], one[1].number, one[2]))

    def spots(self, page: int, box: Box) -> list[Spot]:
        """The pieces of rows whose words have their middle in a box, from top to bottom."""
        words = self._words.get(page, [])
        first = bisect_left(words, box.top, key=lambda one: one[0])
        last = bisect_right(words, box.bottom, key=lambda one: one[0])
        if last - first > _TALLEST:
            return []  # no value nor cell of an invoice is that tall
        found: dict[int, tuple[Row, int, int]] = {}
        for _, row, start, word in words[first:last]:
            if not box.left <= (word.box.left + word.box.right) / 2 <= box.right:
                continue
            end = start + len(word.text)
            _, least, most = found.get(row.number, (row, start, end))
            found[row.number] = (row, min(least, start), max(most, end))
        return [Spot(*found[number]) for number in sorted(found)]

    def written(self, page: int, said: Said) -> list[Spot]:
        """The same, none when the page's words there are not those that the witness says."""
        spots = self.spots(page, said.box)
        text = "".join(spot.text for spot in spots)
        return spots if _letters(text) == _letters(said.text) else []


def _letters(text: str) -> list[str]:
    """The letters and digits of a text in no order: rows may come in another one."""
    return sorted(sign for sign in plain(text) if sign.isalnum())


# ── Labels with their values, expenses ──────────────────────────────────────────────────────────


def _claims(reader: Reader, places: _Places, page: int, finds: Finds) -> Iterator[Claim]:
    for pair in finds.pairs:
        named = _role(pair.key.text)
        if named is None:
            continue
        role, weight = named
        score = weight * min(pair.key.confidence, pair.value.confidence)
        spots = places.written(page, pair.value)
        yield from _of(reader, role, spots, score, f"{finds.engine}:forms")
    for expense in finds.expenses:
        spots = places.written(page, expense.value)
        rule = f"{finds.engine}:expense"
        yield from _of(reader, expense.role, spots, expense.value.confidence, rule)


def _role(key: str) -> tuple[str, float] | None:
    """The role of a key's text and what its label is worth; None when it names nothing of ours."""
    text = key.strip()[:_LONGEST_KEY]
    row = Row(1, 0, (), (), text)
    if account := _ACCOUNT.search(row.plain):
        return account[1], 1.0
    found: list[Label] = [
        one for family in ("totals", "header") for one in labels.find([row], family)
    ]
    best = max(found, key=lambda one: (one.spot.end - one.spot.start, one.weight), default=None)
    if best is None or best.role not in (*TOTALS, *_DATES, *_TOKENS):
        return None
    letters = sum(sign.isalpha() for sign in row.plain)
    if sum(sign.isalpha() for sign in best.spot.plain) < _COVERED * letters:
        return None
    return best.role, best.weight


def _of(
    reader: Reader, role: str, spots: Sequence[Spot], score: float, rule: str
) -> Iterator[Claim]:
    """The claim of a value that our own readers recognise as one of its role."""
    found: list[tuple[type_of_value, Spot, Number | None]] = []
    if role in TOTALS:
        found = [(abs(one.value), one.spot, one) for one in _numbers(reader, spots) if one.money]
    elif role in _DATES:
        found = _days(reader, spots)
    elif role in (*_ACCOUNTS, *_VATS):
        found = _keys(reader, "vat" if role in _VATS else role, spots)
    elif len(spots) == 1:
        spot = spots[0]
        name = names.clean(spot.text)
        if role in _TOKENS and _is_reference(reader, spot):
            found = [(spot.text.strip(" :#"), spot, None)]
        elif role in _NAMES and names.looks(name) >= _A_NAME:
            found = [(name, spot, None)]
    if len(found) == 1:
        value, place, number = found[0]
        yield Claim(role, value, place, score, rule, number)


def _days(
    reader: Reader, spots: Iterable[Spot]
) -> list[tuple[type_of_value, Spot, Number | None]]:
    """The dates that stand in these pieces."""
    return [
        (one.day, one.spot, None)
        for piece in spots
        for one in reader.dates_by_row.get(piece.row.number, [])
        if _inside(one.spot, piece) and not one.compact
    ]


def _keys(
    reader: Reader, kind: str, spots: Iterable[Spot]
) -> list[tuple[type_of_value, Spot, Number | None]]:
    """The identifiers of a kind that stand in these pieces and whose key holds."""
    return [
        (one.value, one.spot, None)
        for piece in spots
        for one in reader.marks_on.get(piece.row.number, [])
        if one.kind == kind and one.valid and _inside(one.spot, piece)
    ]


def _numbers(reader: Reader, spots: Iterable[Spot]) -> list[Number]:
    """The numbers that stand in these pieces, rates left out."""
    return [
        one
        for spot in spots
        for one in reader.numbers_by_row.get(spot.row.number, [])
        if not one.percent and _inside(one.spot, spot)
    ]


def _inside(spot: Spot, piece: Spot) -> bool:
    return piece.start <= spot.start and spot.end <= piece.end


def _is_reference(reader: Reader, spot: Spot) -> bool:
    """True for one token with a digit that is no date, identifier or amount."""
    text = spot.text.strip(" :#")
    if not 1 < len(text) <= _LONGEST_TOKEN or not any(sign.isdigit() for sign in text):
        return False
    row = spot.row.number
    others = [
        *(one.spot for one in reader.dates_by_row.get(row, []) if not one.compact),
        *(one.spot for one in reader.marks_on.get(row, [])),
        *(one.spot for one in reader.numbers_by_row.get(row, []) if one.percent or one.money),
    ]
    return len(text.split()) <= 3 and not any(
        spot.start < one.end and one.start < spot.end for one in others
    )


# ── Tables ──────────────────────────────────────────────────────────────────────────────────────


def _tables(
    reader: Reader, places: _Places, page: int, finds: Finds
) -> Iterator[tuple[str, Table]]:
    for grid in finds.grids:
        table = _table(reader, [*_rows(places, page, grid)], gross=_gross(grid))
        if table is not None:
            yield f"{finds.engine}:tables", table
    lines = [
        {one.role: places.written(page, one.value) for one in line if _cell(one)}
        for line in finds.lines
    ]
    table = _table(reader, lines, gross=False)
    if table is not None:
        yield f"{finds.engine}:expense", table


def _cell(one: Expense) -> bool:
    return one.role in ("description", "net", "unit", *_VALUED)


def _columns(grid: Grid) -> dict[int, str]:
    """The role of each column by its heads; none when they are not those of lines of an invoice.

    Without a head that the engine saw, the first row is one. A head over several columns names
    the first that nothing else names.
    """
    first = min((one.row for one in grid.cells), default=0)
    marked = {one.row for one in grid.cells if one.head}
    heads = marked or {first}
    texts: dict[int, list[str]] = {}
    for cell in grid.cells:
        if cell.row in heads and cell.said.text:
            texts.setdefault(cell.column, []).append(cell.said.text)
    roles: dict[int, str] = {}
    for column, parts in texts.items():
        row = Row(1, 0, (), (), " ".join(parts)[:_LONGEST_KEY])
        label = labels.heading(row)
        if label is not None:
            roles[column] = label.role
    named = set(roles.values())
    tax_table = named & {"base", "tax"} and not named & {"quantity", "description"}
    enough = named & {"net", "gross"} and named & {"description", "quantity", "unit_price"}
    return roles if enough and not tax_table else {}


def _gross(grid: Grid) -> bool:
    """True when the amounts of the lines are printed with their tax only."""
    named = set(_columns(grid).values())
    return "gross" in named and "net" not in named


def _rows(places: _Places, page: int, grid: Grid) -> Iterator[dict[str, list[Spot]]]:
    """The rows under the heads: the words of each cell by its column's role."""
    roles = _columns(grid)
    if not roles:
        return
    amounts = [at for at, role in roles.items() if role in ("net", "gross")]
    nets = [at for at in amounts if roles[at] == "net"] or amounts
    last = max(nets)  # the rightmost, as on our own tables
    head = max((one.row for one in grid.cells if one.head), default=0)
    head = head or min(one.row for one in grid.cells)
    by_row: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        if cell.row > head:
            by_row.setdefault(cell.row, []).append(cell)
    for number in sorted(by_row):
        row: dict[str, list[Spot]] = {}
        for cell in by_row[number]:
            role = "net" if cell.column == last else roles.get(cell.column, "")
            if role and not (role in ("net", "gross") and cell.column != last):
                row.setdefault(role, []).extend(places.spots(page, cell.said.box))
        yield row


def _table(reader: Reader, rows: Sequence[dict[str, list[Spot]]], *, gross: bool) -> Table | None:
    """Rows of cells as a table of ours: a line for each amount, words alone go on with it."""
    items: list[Item] = []
    for row in rows:
        words = row.get("description", [])
        amounts = [one for one in _numbers(reader, row.get("net", [])) if one.decimals < 3]
        if len(amounts) != 1:
            if items and words and not amounts:
                items[-1].cells += words
            continue
        item = Item(anchor=amounts[0], cells=list(words))
        for role in _VALUED:
            held = _values(reader, role, row.get(role, []))
            if len(held) == 1:
                item.values[role] = held[0]
        item.unit = " ".join(spot.text.strip() for spot in row.get("unit", []))[:15]
        items.append(item)
    if not items:
        return None
    proved = settle(reader, items)
    first = items[0].anchor.spot.row
    head = Head(first.number, first.number, first.page, ())
    return Table(head, tuple(items), gross, proved)


def _values(reader: Reader, role: str, spots: Iterable[Spot]) -> list[Number]:
    """The numbers of a cell: rates with their sign in the columns that hold some."""
    if role not in ("rate", "discount"):
        return _numbers(reader, spots)
    return [
        one
        for spot in spots
        for one in reader.numbers_by_row.get(spot.row.number, [])
        if _inside(one.spot, spot)
    ]
