"""Lines without a head: words and an amount, one under the other, above the totals.

Craftsmen, lawyers and tills type them so. Amounts that share a right edge are taken upwards from
the first total, row by row, until they add up to HT (or TTC): that sum is the proof, without it
nothing is read.
"""

from collections.abc import Sequence
from decimal import Decimal

from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.bodies import SKIP, starts_cell
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.rows import Lines
from facteur.domain.extraction.settling import Item, settle

_MOST_ROWS = 80  # looked at above the totals
_EDGE = 5.0  # points: amounts of one column end there
#: What a row is named that is no line: a total, or how it was paid ("CARTE BANCAIRE   29,75").
_NOT_LINES = frozenset(
    {"excl", "vat", "incl", "due", "gross_lines", "prepaid", "rounding", "_other"}
)


def found(
    reader: Reader, ends: Sequence[int], excl: Decimal | None, incl: Decimal | None
) -> Lines:
    """The lines that add up to HT, else to TTC; none when no run of amounts does.

    ``ends`` are the rows of the totals.
    """
    if not ends:
        return Lines()
    first = reader.row(min(ends))
    held: list[Number] = []
    whole = Decimal(0)
    for number in range(first.number - 1, max(first.number - _MOST_ROWS, -1), -1):
        row = reader.row(number)
        if row.page != first.page:
            break
        one = _amount(reader, row, held)
        if one is None:
            continue
        held.append(one)
        whole += one.value
        for name, total in (("excl", excl), ("incl", incl)):
            if total and abs(whole) == total:
                return _lines(reader, held[::-1], name)
    return Lines()


def _amount(reader: Reader, row: Row, held: Sequence[Number]) -> Number | None:
    """The amount that ends a row of words, in the column of those already held."""
    numbers = [one for one in reader.numbers_by_row.get(row.number, []) if one.money]
    if not numbers or row.number in reader.header_on:
        return None
    last = numbers[-1]
    if held and abs(last.spot.x1 - held[0].spot.x1) > _EDGE:
        return None
    letters = sum(sign.isalpha() for sign in row.text[: last.spot.start])
    if letters < 3 or SKIP.search(row.plain):
        return None
    named = (
        label.role in _NOT_LINES and label.weight >= 0.6 and starts_cell(label)
        for label in reader.totals_on.get(row.number, [])
    )
    return None if any(named) else last


def _lines(reader: Reader, held: Sequence[Number], agrees: str) -> Lines:
    items = []
    for one in held:
        row = one.spot.row
        cells = [cell for cell in row.cells if cell.start < one.spot.start]
        words = [
            Spot(row, cell.start, min(cell.end, one.spot.start))
            for cell in cells
            if sum(sign.isalpha() for sign in cell.text) >= 3
        ]
        items.append(Item(anchor=one, cells=words[:4]))
    settle(reader, items)
    return Lines(tuple(items), (), agrees == "incl", agrees)
