"""The lines of the invoice: a table's amounts, gathered one line at a time.

Every value of the "amount" column is one line (its anchor); the other columns give the value
that stands nearest in height, because cells may be centred on several rows of text. The roles
that the heads announce are then put to the test: quantity × price = amount on most lines, and
the amounts add up to a total; another assignment of the columns that does better wins.
"""

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from facteur.domain.extraction import bodies
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.bodies import starts_cell
from facteur.domain.extraction.columns import Column, Head
from facteur.domain.extraction.lines import Row, Spot, letters
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.settling import Item, settle

_UNIT = re.compile(r"^\W{0,2}([a-z²³%][a-z²³/.()]{0,11}\.?)(?:\s|$)")

_WORDS = frozenset({"description", "code", "position", "date"})  # columns that hold no value
_MONEY_BEFORE = re.compile(r"eur|usd|chf|gbp|rs|rm")
_MONEY_AFTER = re.compile(r"eur(?:os?)?|usd|chf|gbp|[\d\s.,%€$£()+/-]")
_UNIT_CELL = re.compile(r"[\d\s.,]*[a-z²³][a-z²³/.() -]{0,14}$")


@dataclass(frozen=True)
class Table:
    """A table of lines: its head, its lines, and whether their amounts include VAT."""

    head: Head
    items: tuple[Item, ...]
    gross: bool
    proved: int  # lines where quantity × price is the amount

    @property
    def total(self) -> Decimal:
        """The sum of the amounts."""
        return sum((item.amount for item in self.items), Decimal(0))


def tables(
    reader: Reader,
    heads: Sequence[Head],
    ends: Iterable[int] = (),
    totals: Sequence[Decimal] = (),
    *,
    through: bool = False,
) -> list[Table]:
    """The tables of lines; one that goes on over several pages is one table.

    ``ends`` are rows that hold a total of the invoice: no line stands there or below. ``totals``
    are HT and TTC where they are known; ``through`` goes on past totals of lines.
    """
    found: list[Table] = []
    limits = bodies.limits(reader, through=through) | set(ends)
    for place, head in enumerate(heads):
        nearest = heads[place + 1] if place + 1 < len(heads) else None
        rows = bodies.rows_under(reader, head, nearest, limits)
        table = _gather(reader, head, rows, totals)
        if table is None:
            continue
        if found and _continues(reader, found[-1], head):
            before = found.pop()
            table = Table(
                before.head, before.items + table.items, before.gross, before.proved + table.proved
            )
        found.append(table)
    return found


def rows_of(tables: Sequence[Table]) -> set[int]:
    """The rows that the tables take: no party is written there."""
    taken: set[int] = set()
    for table in tables:
        last = max(item.anchor.spot.row.number for item in table.items)
        taken |= set(range(table.head.first, last + 1))
    return taken


def _continues(reader: Reader, before: Table, head: Head) -> bool:
    """True when a head repeats the table before, on a next page or further down."""
    same = len(before.head.roles & head.roles) >= max(2, len(head.roles) - 1)
    last = before.items[-1].anchor.spot.row.number
    stopped = any(
        label.role in ("incl", "due") and label.weight >= 0.9 and starts_cell(label)
        for place in range(last + 1, head.first)
        for label in reader.totals_on.get(place, [])
    )
    return same and not stopped


def _gather(
    reader: Reader, head: Head, rows: Sequence[Row], totals: Sequence[Decimal]
) -> Table | None:
    """The lines of a table's body, None when no column holds amounts."""
    valued = [column for column in head.columns if column.role not in _WORDS]
    placed = _placed(reader, head, rows)
    net = _amount_column(valued, placed, totals)
    if net is None:
        return None
    anchors = [number for number in placed.get(net, []) if number.money or number.decimals == 0]
    if not anchors:
        return None
    items = [Item(anchor=anchor) for anchor in anchors]
    for column, numbers in placed.items():
        if column is not net:
            _give(items, column, numbers)
    gross = net.role == "gross"
    proved = settle(reader, items)
    _describe(head, items, rows)
    _units(head, items, rows)
    return Table(head, tuple(items), gross, proved)


def _placed(reader: Reader, head: Head, rows: Sequence[Row]) -> dict[Column, list[Number]]:
    """The numbers of the body, each under the head it fits best."""
    placed: dict[Column, list[Number]] = {}
    for row in rows:
        best: dict[Column, tuple[float, Number]] = {}
        for number in reader.numbers_by_row.get(row.number, []):
            column = min(head.columns, key=lambda one: one.distance(number.spot))
            distance = column.distance(number.spot)
            if distance > 48 or not _clean(number, row, column):
                continue
            if column not in best or distance < best[column][0]:
                best[column] = (distance, number)
        for column, (_, number) in best.items():
            placed.setdefault(column, []).append(number)
    return placed


def _clean(number: Number, row: Row, column: Column) -> bool:
    """True when a number stands as a value: alone in its cell, or with a unit after it."""
    cell = row.cell_at(number.spot.start)
    before = letters(_MONEY_BEFORE.sub("", row.plain[cell.start : number.spot.start]))
    after = _MONEY_AFTER.sub("", row.plain[number.spot.end : cell.end])
    if column.role in _WORDS:
        return False
    if not before and len(after) <= 12:
        return True
    if number.money:
        return number.spot.end == cell.end and column.x0 - 4 <= number.spot.x0
    # "…rouge 75 cl   1 bout.": a quantity that a narrow gap ties to the words before it.
    return column.role == "quantity" and len(after) <= 12 and column.distance(number.spot) <= 5


def _amount_column(
    columns: Sequence[Column], placed: dict[Column, list[Number]], totals: Sequence[Decimal]
) -> Column | None:
    """The column of the lines' amounts: net before gross, the rightmost of several.

    A column that adds up to a total of the invoice is the one, whatever its head says: OCR
    spoils heads.
    """
    headed = any(column.role in ("net", "gross") and placed.get(column) for column in columns)
    others = {"quantity", "rate", "unit_price"} if headed else {"quantity", "rate"}
    for total in totals:  # HT first
        for column in reversed(columns):
            held = placed.get(column, [])
            whole = abs(sum((one.value for one in held), Decimal(0)))
            if len(held) > 1 and whole == total and column.role not in others:
                return column
    for role in ("net", "gross", "unit_price"):
        filled = [column for column in columns if column.role == role and placed.get(column)]
        held_money = [one for one in filled if any(number.money for number in placed[one])]
        if filled:  # some currencies are printed without decimals
            best = max(held_money or filled, key=lambda column: column.x1)
            return best if role != "unit_price" else _lone_total(columns, placed, totals) or best
    return _lone_total(columns, placed, totals)


def _lone_total(
    columns: Sequence[Column], placed: dict[Column, list[Number]], totals: Sequence[Decimal]
) -> Column | None:
    """For a table of one line: the column whose only amount is the total."""
    for column in reversed(columns):
        held = placed.get(column, [])
        if len(held) == 1 and held[0].money and abs(held[0].value) in totals:
            return column
    return None


def _give(items: Sequence[Item], column: Column, numbers: Sequence[Number]) -> None:
    """Each number of a column to the line whose amount stands nearest in height."""
    role = column.role if column.role not in ("net", "gross") else f"other {column.role}"
    pages = _by_page(items)
    taken: dict[int, float] = {}
    for number in numbers:
        mine = pages.get(number.spot.page)
        if not mine:
            continue
        level = number.spot.middle
        at = bisect([height for height, _ in mine], level)
        near = [(abs(height - level), item) for height, item in mine[max(at - 1, 0) : at + 1]]
        distance, item = min(near, key=lambda one: one[0])
        if distance > 3.2 * max(number.spot.row.height, 5.0):
            continue
        if distance < taken.get(id(item), float("inf")):
            taken[id(item)] = distance
            item.values[role if role else f"column {column.x0:.0f}"] = number


def _by_page(items: Sequence[Item]) -> dict[int, list[tuple[float, Item]]]:
    """The lines of each page with the height of their amounts, from top to bottom."""
    pages: dict[int, list[tuple[float, Item]]] = {}
    for item in items:
        spot = item.anchor.spot
        pages.setdefault(spot.page, []).append((spot.middle, item))
    for held in pages.values():
        held.sort(key=lambda one: one[0])
    return pages


def _describe(head: Head, items: Sequence[Item], rows: Sequence[Row]) -> None:
    """The words of each line: the cells of the description column between its neighbours."""
    left, right = _description_edges(head)
    text: dict[int, list[tuple[Row, Spot]]] = {}
    for row in rows:
        for cell in row.cells:
            if left <= cell.x0 < right and sum(sign.isalpha() for sign in cell.text) >= 2:
                text.setdefault(row.page, []).append((row, cell))
    for page, held in _by_page(items).items():
        words = text.get(page, [])
        edges = _edges([item.anchor.spot for _, item in held], [row.middle for row, _ in words])
        at = 0
        for (_, item), (top, bottom) in zip(held, pairwise(edges), strict=True):
            own: list[Spot] = []
            while at < len(words) and words[at][0].middle < bottom:
                if words[at][0].middle >= top:
                    own.append(words[at][1])
                at += 1
            item.cells = _trimmed(own[:12], item)


def _trimmed(cells: Sequence[Spot], item: Item) -> list[Spot]:
    """The words without the quantity: its own cell, or its end of one that a narrow gap ties."""
    quantity = item.values.get("quantity")
    if quantity is None:
        return list(cells)
    spot = quantity.spot
    return [
        Spot(cell.row, cell.start, spot.start)
        if cell.row is spot.row and cell.start < spot.start < cell.end
        else cell
        for cell in cells
        if cell.row is not spot.row or cell.start != spot.start  # "1,00 pièce" is no description
    ]


def _description_edges(head: Head) -> tuple[float, float]:
    ranked = sorted(head.columns, key=lambda one: one.x0)
    for place, column in enumerate(ranked):
        if column.role == "description":
            after = next(
                (one.x0 for one in ranked[place + 1 :] if one.role not in ("description", "")), 1e9
            )
            before = max((one.x1 for one in ranked[:place]), default=-1e9)
            return max(before + 1, column.x0 - 120) if place else -1e9, after - 2
    first = next(
        (one for one in ranked if one.role not in ("position", "code", "date", "")), ranked[0]
    )
    return -1e9, first.x0 - 2


def _edges(anchors: Sequence[Spot], levels: Sequence[float]) -> list[float]:
    """The heights that part the lines of a page: the widest gap between two amounts' words."""
    first, last = anchors[0], anchors[-1]
    edges = [first.middle - 4 * max(first.row.height, 5.0)]
    ordered = sorted(set(levels))
    for above, this in pairwise(anchors):
        inside = ordered[bisect(ordered, above.middle) : bisect(ordered, this.middle - 1e-9)]
        steps = [above.middle, *inside, this.middle]
        at = max(range(1, len(steps)), key=lambda one: (round(steps[one] - steps[one - 1]), one))
        edges.append((steps[at] + steps[at - 1]) / 2)
    edges.append(last.middle + 6 * max(last.row.height, 5.0))
    return edges


def _units(head: Head, items: Sequence[Item], rows: Sequence[Row]) -> None:
    """The unit of each line: the word after its quantity, or what the unit column says."""
    column = next((one for one in head.columns if one.role == "unit"), None)
    written: dict[int, list[tuple[float, str]]] = {}
    for row in rows if column is not None else ():
        for cell in row.cells:
            if column is not None and column.distance(cell) < 20 and _UNIT_CELL.match(cell.plain):
                text = cell.text.strip(" 0123456789.,")
                written.setdefault(row.page, []).append((row.middle, text))
    for item in items:
        spot = item.anchor.spot
        near = [
            (abs(level - spot.middle), text)
            for level, text in written.get(spot.page, ())
            if abs(level - spot.middle) < 0.8 * spot.row.height
        ]
        item.unit = _beside(item) or (min(near)[1] if near else "")


def _beside(item: Item) -> str:
    """The unit written after the quantity, in its cell."""
    quantity = item.values.get("quantity")
    if quantity is None:
        return ""
    row = quantity.spot.row
    rest = Spot(row, quantity.spot.end, row.cell_at(quantity.spot.start).end)
    match = _UNIT.match(rest.plain.strip())
    if match and match[1] not in ("x", "a", "eur", "euro", "%"):
        return rest.text.strip()[match.start(1) : match.end(1)]
    return ""
