"""Which total each amount of the page could be, by the labels at its left, above it, after it.

``evidence`` gives every amount its possible roles ("excl", "vat", "incl", "due", "prepaid"…) with
a score; sums.py chooses the combination that adds up. A label proves more beside its amount than
over it, and a column's head ("Montant TVA") proves only on a row that is a total.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from facteur.domain.extraction import links
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.columns import Head
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Spot, letters
from facteur.domain.extraction.page import Reader

_AFTER = re.compile(
    r"(?:€|\$|£|eur(?:os?)?|usd)?\s?"
    r"\(?(?:(ht|h\.t\.?|hors taxes?)|(ttc|t\.t\.c\.?|toutes taxes))\b"
)
_TOTAL = re.compile(r"^(?:\W*)(?:total|totaux|totaal|summe|gesamt|grand total|montant total)")


@dataclass(frozen=True)
class Evidence:
    """An amount, a role it could play, and how much the labels say so (0 to 1).

    ``beside``: a label on its own row says so, not only the head of its column.
    """

    number: Number
    role: str
    score: float
    beside: bool = False

    @property
    def size(self) -> Decimal:
        """The amount without its sign: credit notes print theirs either way."""
        return abs(self.number.value)


def evidence(reader: Reader, heads: Sequence[Head] = ()) -> list[Evidence]:
    """Every role that the labels give to an amount, best evidence first.

    ``heads`` are those of the tables of lines: their words name columns, not totals.
    """
    columns = {place for head in heads for place in range(head.first, head.last + 1)}
    by_row = reader.totals_on
    above = {
        place: named
        for place, labels in by_row.items()
        if (named := [one for one in labels if one.role != "_other" and _is_cell(one)])
    }
    found: list[Evidence] = []
    last = max(len(reader.text.rows), 1)
    for number, numbers in reader.numbers_by_row.items():
        row = reader.row(number)
        labels = by_row.get(number, [])
        for one in numbers:
            if one.percent or not (one.money or (labels and _alone(row, one))):
                continue
            roles: dict[str, tuple[float, bool]] = {}
            for role, score, beside in _roles(reader, row, one, numbers, labels, above, columns):
                best, known = roles.get(role, (0.0, False))
                roles[role] = max(best, score), known or beside
            for role, (score, beside) in roles.items():
                late = 0.03 * number / last  # totals come last
                whole = 1.0 if one.money else 0.5
                found.append(Evidence(one, role, (score + late) * whole, beside))
    return sorted(found, key=lambda one: -one.score)


def _roles(
    reader: Reader,
    row: Row,
    number: Number,
    numbers: Sequence[Number],
    labels: Sequence[Label],
    by_row: dict[int, list[Label]],
    columns: set[int],
) -> Iterator[tuple[str, float, bool]]:
    left = [one for one in labels if one.spot.end <= number.spot.start]
    beside = ("", 0.0)
    if left:
        beside = _beside(row, left, number, numbers)
        if beside[1] > 0:
            yield *beside, True
    total_row = _TOTAL.match(row.plain) is not None or beside[0] == "incl"
    for role, score in _above(reader, number, by_row, columns, total_row=total_row):
        if beside[0] in ("", "incl", role) or beside[1] < 0.4:
            yield role, score, False
    after = _AFTER.match(row.plain[number.spot.end :].lstrip())
    if after:
        role = "excl" if after[1] else "incl"
        yield role, 0.75 if left else 0.35, True


def _beside(
    row: Row, left: Sequence[Label], number: Number, numbers: Sequence[Number]
) -> tuple[str, float]:
    """The role of the nearest label at the left, weakened by what stands between."""
    # "Remise … 19 % TVA … -1,00", "Acompte n° 1 HT": the row is the discount's or the deposit's.
    label = left[0] if left[0].role in ("discount", "charge", "prepaid") else left[-1]
    if label.role == "_other":
        return "", 0.0
    if label.role in ("discount", "charge"):  # base, then rate, then amount: the last one counts
        amounts = sum(1 for one in numbers if one.money and one.spot.start >= number.spot.end)
    else:
        amounts = sum(
            1
            for one in numbers
            if one.money and label.spot.end <= one.spot.start and one.spot.end <= number.spot.start
        )
    words = letters(row.plain[label.spot.end : number.spot.start])
    before = letters(row.plain[row.cell_at(label.spot.start).start : label.spot.start])
    score = label.weight * links.right_of(label.spot, number.spot) ** 0.5
    score *= 0.35**amounts
    score *= 1.0 if words <= 14 else 0.6 if words <= 30 else 0.2
    score *= 1.0 if before <= 12 else 0.55 if before <= 30 else 0.3
    return label.role, score


def _above(
    reader: Reader,
    number: Number,
    by_row: dict[int, list[Label]],
    columns: set[int],
    *,
    total_row: bool,
) -> Iterator[tuple[str, float]]:
    """Labels that head the column of this amount."""
    row = number.spot.row
    height = max(row.height, 4.0)
    crowd = 0
    for place in range(row.number - 1, max(row.number - 40, -1), -1):
        above = reader.row(place)
        if above.page != row.page:
            return
        if place in columns and not total_row:
            return
        heads = [label for label in by_row.get(place, ()) if _over(label.spot, number.spot)]
        drop = (row.middle - above.middle) / height if heads else 0.0
        for label in heads:
            near = 0.92 if drop < 3 else 0.8 if drop < 7 else 0.5
            if total_row:
                near = max(near, 0.9)
            elif crowd:
                near *= 0.4**crowd
            yield label.role, label.weight * near
        if heads:
            return
        crowd += sum(
            1
            for one in reader.numbers_by_row.get(place, ())
            if one.money and one.spot.overlap(number.spot) > 0.3
        )
        if crowd > 2 and not total_row:
            return


def _is_cell(label: Label) -> bool:
    """True when the label is the whole of its cell, as the head of a column is."""
    spot = label.spot
    return letters(spot.row.cell_at(spot.start).plain) <= letters(spot.plain) + 6


def _over(head: Spot, value: Spot) -> bool:
    """True when a head stands over a value."""
    return head.overlap(value) > 0.2 or abs(head.x1 - value.x1) < 10


def _alone(row: Row, number: Number) -> bool:
    """True when a whole number is all its cell says but for a label before: not "art. 293 B"."""
    cell = row.cell_at(number.spot.start)
    after = row.plain[number.spot.end : cell.end].strip()
    before = row.plain[cell.start : number.spot.start].strip()
    return not after and (not before or before.endswith((":", "rs", "rm", "-")))
