"""The rows of a table of lines: from under its head down to the totals, over pages if need be.

A table ends where a total of the invoice is named, where the VAT table starts, or at the next
head. Sub-totals and carried-forward amounts end nothing and count for nothing.
"""

import re
from collections.abc import Iterable, Sequence, Set

from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.columns import Head
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Spot, letters
from facteur.domain.extraction.page import Reader

_STOP = frozenset({"excl", "vat", "incl", "due", "gross_lines", "prepaid"})
SKIP = re.compile(
    r"sous[- .]?total|sub-?total|zwischensumme|subtotaal"
    r"|report\b|a reporter|ubertrag|carried|brought forward"
)
_DEPOSIT = re.compile(r"\W*(?:facture d')?(?:acompte|avance|provision|deposit|anzahlung)")
_MOST_PAGES = 60


def limits(reader: Reader, *, through: bool = False) -> set[int]:
    """The rows where no table of lines goes on: a total is named, or the VAT table starts.

    ``through``: a total of lines ("Total fournitures") may be a part's; the table goes on.
    """
    tops = {
        number
        for number, found in reader.column_labels.items()
        if _vat_head(reader, number, found)
    }
    return tops | _stops(reader, _STOP - {"gross_lines"} if through else _STOP)


def rows_under(reader: Reader, head: Head, following: Head | None, ends: Set[int]) -> list[Row]:
    """The rows of the table: from under its head to the first of ``ends``, or the next head."""
    rows: list[Row] = []
    end = following.first if following else len(reader.text.rows)
    for number in range(head.last + 1, end):
        row = reader.row(number)
        if (
            number in ends and not _only_deposit(reader, head, number)
        ) or row.page - head.page > _MOST_PAGES:
            break
        if not SKIP.search(row.plain):
            rows.append(row)
    return rows


def _only_deposit(reader: Reader, head: Head, number: int) -> bool:
    """True for the one line of a deposit invoice: "Acompte de 30 %" right under the head."""
    if number != head.last + 1:
        return False
    strong = {one.role for one in reader.totals_on.get(number, []) if one.weight >= 0.9}
    return strong <= {"prepaid"} and _DEPOSIT.match(reader.row(number).plain) is not None


def _stops(reader: Reader, roles: Set[str]) -> set[int]:
    stops: set[int] = set()
    for label in reader.total_labels:
        row = label.spot.row
        if label.role not in roles or label.weight < 0.7 or SKIP.search(row.plain):
            continue
        if not starts_cell(label) or label.spot.plain.strip() in ("ht", "ttc"):
            continue
        beside = [one for one in reader.numbers_by_row.get(row.number, []) if one.money]
        if label.role == "vat" and label.weight < 1 and not _closes(row, label.spot, beside):
            continue
        heads = not beside and label.weight >= 1 and _only_labels(reader, row)
        if heads or (beside and len(beside) <= 4):
            stops.add(row.number)
    return stops


def _closes(row: Row, label: Spot, beside: Sequence[Number]) -> bool:
    """True when "TVA 20 %   42,00" is all the row says: not a cell of a line."""
    return len(beside) == 1 and row.plain[: label.start].strip() == ""


def starts_cell(label: Label) -> bool:
    """True when next to nothing stands before the label in its cell."""
    cell = label.spot.row.cell_at(label.spot.start)
    return letters(label.spot.row.plain[cell.start : label.spot.start]) <= 3


def _only_labels(reader: Reader, row: Row) -> bool:
    """True when every cell of the row is a label of a total: their heads."""
    spots = [one.spot for one in reader.totals_on.get(row.number, [])]
    return (
        all(any(s.start < cell.end and cell.start < s.end for s in spots) for cell in row.cells)
        and len(spots) >= 2
    )


def _vat_head(reader: Reader, number: int, found: Iterable[Label]) -> bool:
    roles = {one.role for one in found}
    row = reader.row(number)
    if any(one.money for one in reader.numbers_by_row.get(number, [])):
        return False
    return (
        ("base" in roles or "tax" in roles)
        and bool(roles & {"rate", "tax"})
        and len(row.cells) >= 2
        and not roles & {"quantity", "unit_price"}
    )
