"""Where a table of lines starts and what each of its columns holds.

A head is one to seven rows of words, none of them an amount, of which at least two name columns
("Désignation", "Qté", "P.U. HT", "Montant HT"). Words on top of each other are one head
("Prix" over "unitaire"). The columns' edges are those of their heads; amounts may be aligned
left, right or centred under them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from facteur.domain.extraction import labels, lines
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.page import Reader

_VALUES = frozenset({"net", "gross", "unit_price", "quantity", "rate", "discount", "tax"})
_TAX_HEAD = re.compile(
    r"(?:montant )?(?:de )?(?:la )?(?:tva|t\.v\.a\.?|vat|mwst\.?|ust\.?)"
    r" ?(?:a )?\(?[\d.,]{1,5} ?%\)?"
)
_NO_HEAD = re.compile(r"[^a-z#°%]+")  # what the length of a head is told without
_LINE_ROLES = frozenset({"description", "quantity", "unit_price"})  # totals have none of these


@dataclass(frozen=True)
class Column:
    """One column: its role and the edges of its head."""

    role: str
    x0: float
    x1: float
    text: str

    def distance(self, spot: Spot) -> float:
        """How far a value is from standing under this head, 0 when an edge or the middle fits."""
        left, _, right, _ = spot.edges
        inside = min(self.x1, right) - max(self.x0, left)
        edges = min(
            abs(self.x0 - left),
            abs(self.x1 - right),
            abs((self.x0 + self.x1) / 2 - (left + right) / 2),
        )
        return edges if inside > 0 else edges + 6 - inside


@dataclass(frozen=True)
class Head:
    """The head of a table: the rows it takes and its columns from left to right."""

    first: int
    last: int
    page: int
    columns: tuple[Column, ...]

    @property
    def roles(self) -> frozenset[str]:
        """The roles of its columns."""
        return frozenset(column.role for column in self.columns)


def heads(reader: Reader) -> list[Head]:
    """The heads of line tables, in reading order."""
    found: list[Head] = []
    for number in sorted(reader.column_labels):
        row = reader.row(number)
        if len(_names(reader, row)) >= 2:
            head = _grown(reader, row)
            if head is None:
                continue
            if found and head.first <= found[-1].last and head.page == found[-1].page:
                if len(head.roles) > len(found[-1].roles):
                    found[-1] = head
            else:
                found.append(head)
    return found


def _names(reader: Reader, row: Row) -> set[str]:
    """The roles that whole cells of this row name; none when it holds values."""
    if not _wordy(reader, row):
        return set()
    names: set[str] = set()
    for cell in row.cells:
        inside = _inside(reader, cell)
        own = sum(len(_NO_HEAD.sub("", one.spot.plain)) for one in inside)
        if inside and own >= 0.55 * len(_NO_HEAD.sub("", cell.plain)):
            names |= {one.role for one in inside}
    return names


def _inside(reader: Reader, cell: Spot) -> list[Label]:
    """The words inside a cell that head a column."""
    return [
        one
        for one in reader.column_labels.get(cell.row.number, [])
        if cell.start <= one.spot.start and one.spot.end <= cell.end
    ]


def _grown(reader: Reader, seed: Row) -> Head | None:
    """The head around a row: its neighbours that hold words only, close above and below."""
    rows = [seed]
    for step in (-1, 1):
        place = seed.number + step
        while 0 <= place < len(reader.text.rows) and len(rows) < 8:
            near = reader.row(place)
            edge = rows[0] if step < 0 else rows[-1]
            gap = abs(near.middle - edge.middle) / max(seed.height, 4.0)
            if near.page != seed.page or gap > 1.45 or not _words_only(reader, near, seed):
                break
            if not _names(reader, near) and not _continues(reader, near, rows):
                break
            rows.insert(0, near) if step < 0 else rows.append(near)
            place += step
    while len(rows) > 1 and rows[-1] is not seed and not _adds(reader, rows[-1], seed):
        rows.pop()
    columns = _columns(reader, rows)
    roles = {column.role for column in columns}
    enough = roles & {"net", "gross", "unit_price"} and (
        roles & _LINE_ROLES or (roles & {"code", "position", "date"} and len(columns) >= 4)
    )
    if not enough or _is_tax_table(roles):
        return None
    return Head(rows[0].number, rows[-1].number, seed.page, columns)


def _words_only(reader: Reader, row: Row, seed: Row) -> bool:
    """True when a neighbour can belong to the head: no amount, short cells, within its width."""
    if not _wordy(reader, row):
        return False
    wide = seed.whole.x1 - seed.whole.x0
    return all(len(cell.text) <= 45 and cell.x1 - cell.x0 < 0.6 * wide for cell in row.cells)


def _continues(reader: Reader, row: Row, rows: Sequence[Row]) -> bool:
    """True for a row that only goes on with heads: short words over or under them, no party."""
    if row.number in reader.parties_on:
        return False
    heads = [cell for one in rows for cell in one.cells]
    return all(
        len(cell.text) <= 26
        and not any(sign.isdigit() for sign in cell.text)
        and any(cell.overlap(head) > 0.2 for head in heads)
        for cell in row.cells
    )


def _wordy(reader: Reader, row: Row) -> bool:
    """True when a row holds no amount, no rate, no date and no "label : value"."""
    if row.number in reader.dates_by_row or ":" in row.plain:
        return False
    return not any(
        (one.decimals == 2 or one.percent) and not _rate_in_head(one)
        for one in reader.numbers_by_row.get(row.number, [])
    )


def _rate_in_head(number: Number) -> bool:
    """True for "TVA 20 %" as a whole cell: a column of taxes at one rate."""
    cell = number.spot.row.cell_at(number.spot.start)
    return number.percent and _TAX_HEAD.fullmatch(cell.plain.strip()) is not None


def _adds(reader: Reader, row: Row, seed: Row) -> bool:
    """True when the last row of a head still says something of a column."""
    if _names(reader, row):
        return True
    return any(
        re.search(r"\(|€|eur\b|ht\b|ttc\b|unit|%", cell.plain) for cell in row.cells
    ) and len(row.cells) <= len(seed.cells)


def _columns(reader: Reader, rows: Sequence[Row]) -> tuple[Column, ...]:
    stacks: list[list[Spot]] = []
    for cell in sorted((cell for row in rows for cell in row.cells), key=lambda one: one.x0):
        for stack in stacks:
            if (
                min(max(one.x1 for one in stack), cell.x1)
                - max(min(one.x0 for one in stack), cell.x0)
                > 1
            ):
                stack.append(cell)
                break
        else:
            stacks.append([cell])
    columns: list[Column] = []
    for stack in stacks:
        stack.sort(key=lambda one: one.row.number)
        columns.extend(_of_stack(reader, stack))
    return tuple(sorted(columns, key=lambda one: one.x0))


def _of_stack(reader: Reader, stack: Sequence[Spot]) -> list[Column]:
    """The column of a stack; several when one cell holds several heads ("Qté P.U. Montant")."""
    if len(stack) == 1:
        own = _inside(reader, stack[0])
        roles = [one.role for one in own]
        letters = sum(len(re.sub(r"[^a-z%]", "", one.spot.plain)) for one in own)
        covered = letters >= 0.85 * len(re.sub(r"[^a-z%]", "", stack[0].plain))
        if covered and len(own) >= 2 and len(set(roles)) == len(roles) and set(roles) & _VALUES:
            return [Column(one.role, one.spot.x0, one.spot.x1, one.spot.text) for one in own]
    joined = lines.stacked(stack)
    label = labels.heading(joined)
    role = label.role if label is not None else ""
    x0, x1 = min(one.x0 for one in stack), max(one.x1 for one in stack)
    return [Column(role, x0, x1, joined.text)]


def _is_tax_table(roles: set[str]) -> bool:
    return bool(roles & {"base", "tax"}) and not roles & {"quantity", "description"}
