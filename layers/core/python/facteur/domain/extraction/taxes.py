"""The VAT table: rows of rate, base and tax that prove themselves, because base × rate = tax.

Three ways to write it are read: a row of a table (``20,00 %   543,00   108,60``, in any order),
a total of one rate (``TVA 20 % : 108,60``), and a rate of zero, which proves nothing by itself
and needs the table's head or its neighbours. Which rows make the breakdown is decided with the
totals, in sums.py: their bases add up to HT and their taxes to TVA.

Rates in force in France and its overseas departments: code-lists.md §1 (CGI 278 to 281 nonies,
296); those of the neighbours are there because their suppliers' invoices come too.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations
from typing import NamedTuple

from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Spot, letters
from facteur.domain.extraction.page import Reader
from facteur.domain.money import cents

#: Rates a supplier of a French company prints: France, DOM, Corsica, and its neighbours.
RATES = frozenset(
    Decimal(rate)
    for rate in (
        "20", "10", "5.5", "2.1", "8.5", "1.05", "1.75", "0.9", "13", "19.6", "7",
        "19", "16", "21", "6", "12", "9", "17", "14", "8", "3", "22", "4", "5", "23", "25", "24",
        "15", "18", "7.7", "8.1", "2.6", "2.5", "3.7", "3.8", "0",
    )
)  # fmt: skip
_COMMON = tuple(
    sorted(map(Decimal, ("20", "10", "5.5", "2.1", "8.5", "19", "7", "21", "13", "6")))
)
_EVERY = tuple(sorted(RATES - {Decimal(0)}))
_CENT, _TWO_CENTS, _LARGE = Decimal("0.01"), Decimal("0.02"), 5000
_FAR = Decimal("0.03")  # a tax this far from base × rate is another tax, whatever the rounding
_MOST_NUMBERS = 14  # of a row of a VAT table
_CATEGORY = re.compile(r"(?:^|(?<=   )|\()(s|z|e|ae|k|g|o)\s?\)?(?=$|   )")
_ZERO_WORDS = re.compile(
    r"exo(?:neree?|neration)?|non soumis|hors champ|hors scope|vatex|autoliquid|reverse charge|"
    r"intra-?communautaire|innergemeinschaft|steuerfrei|exempt|zero|debours|taxe de sejour|timbres? |export|art(?:icle)?\.? ?(?:293|261|262|283)"  # noqa: E501
)
_RATE_HEAD = re.compile(r"(?:^|   )(?:%|tx|taux)(?: ?(?:de )?(?:tva|t\.v\.a\.?))?(?=$|   )")
_HT = re.compile(r"h\.? ?t\.?")
_DASH = re.compile(r"(?:^|   )-(?:   |$)")
_VAT_WORD = re.compile(
    r"\btva\b|t\.v\.a|\bvat\b|\btax(?:e|es)?\b|mwst|umsatzsteuer|\bust\b|\bbtw\b|\bgst\b|steuer|\bs\b"
)


@dataclass(frozen=True)
class TaxRow:
    """One row that reads as VAT: the rate, and the base and tax found beside it."""

    row: Row
    rate: Decimal
    base: Number | None
    tax: Number | None
    strength: float  # how much it looks like a VAT row, 0 to 1
    category: str = ""
    reason: str = ""

    @property
    def zero(self) -> bool:
        """True when the rate is zero: nothing is proved by its arithmetic."""
        return self.rate == 0


def found(reader: Reader) -> list[TaxRow]:
    """Every row that reads as VAT, in reading order."""
    heads = _heads(reader)
    rows: list[TaxRow] = []
    for number, numbers in reader.numbers_by_row.items():
        row = reader.row(number)
        if len(numbers) > _MOST_NUMBERS:
            continue
        head = _head_over(heads, row)
        if head is not None and head.others:
            numbers = [one for one in numbers if not any(_near(one.spot, x) for x in head.others)]  # noqa: PLW2901
        triples = list(_triples(row, numbers, head))
        if triples:
            rows.extend(triples)
        else:
            rows.extend(_zeros(row, numbers, head))
            rows.extend(_taxes_alone(row, numbers))
    rows.extend(_stacked(reader))
    return rows


def untaxed(reader: Reader) -> dict[Decimal, Row]:
    """Amounts whose row says that they bear no tax ("Débours non soumis à TVA   48,00")."""
    found: dict[Decimal, Row] = {}
    for number, numbers in reader.numbers_by_row.items():
        money = [one for one in numbers if one.money and one.value != 0]
        if len(money) == 1 and _ZERO_WORDS.search(reader.row(number).plain):
            found[abs(money[0].value)] = reader.row(number)
    return found


def groups(rows: Sequence[TaxRow]) -> list[tuple[TaxRow, ...]]:
    """Rows with base and tax that stand together: each is one possible breakdown.

    A run is cut where rows are far apart or where their bases do not share a column.
    """
    whole = [one for one in rows if one.base is not None and one.tax is not None]
    runs: list[list[TaxRow]] = []
    for one in whole:
        for run in reversed(runs[-3:]):
            if _together(run[-1], one):
                run.append(one)
                break
        else:
            runs.append([one])
    return [tuple(run) for run in runs]


class Part(NamedTuple):
    """A VAT table or a part of one, and what it adds up to; ``whole``: a table."""

    rows: tuple[TaxRow, ...]
    base: Decimal
    tax: Decimal
    slack: Decimal
    looks: float
    whole: bool


Table = Sequence[Part]  # the whole table, then its parts


def table(group: tuple[TaxRow, ...], groups: Set[tuple[TaxRow, ...]]) -> Table:
    """A table and its parts, each with its sums; what is one of ``groups`` is whole."""
    return [
        Part(
            rows=part,
            base=base_of(part),
            tax=tax_of(part),
            slack=_CENT * len(part),
            looks=strength(part) - (0.0 if part is group else 0.3),
            whole=part in groups,
        )
        for part in (group, *_parts(group))
    ]


def _parts(group: tuple[TaxRow, ...]) -> Iterable[tuple[TaxRow, ...]]:
    """Parts of a run: without its last row (a total), the rows that are not zero, each alone."""
    if len(group) > 1:
        yield group[:-1]
        yield group[1:]
        proved = tuple(one for one in group if not one.zero)
        if proved and len(proved) < len(group):
            yield proved
        for one in group:
            yield (one,)


def strength(rows: Sequence[TaxRow]) -> float:
    """How much rows look like those of a VAT table, 0 to 1."""
    return sum(one.strength for one in rows) / len(rows)


def base_of(rows: Sequence[TaxRow]) -> Decimal:
    """The sum of the bases, without sign."""
    return sum((abs(one.base.value) for one in rows if one.base), Decimal(0))


def tax_of(rows: Sequence[TaxRow]) -> Decimal:
    """The sum of the taxes, without sign."""
    return sum((abs(one.tax.value) for one in rows if one.tax), Decimal(0))


def proves(rate: Decimal, base: Decimal, tax: Decimal) -> bool:
    """True when base × rate is the tax, to the cent that rounding costs (two on large bases)."""
    whole = base * rate / 100
    if abs(whole - tax) >= _FAR:
        return False
    return abs(cents(whole) - tax) <= (_CENT if abs(base) < _LARGE else _TWO_CENTS)


def rate_of(base: Decimal, tax: Decimal) -> Decimal | None:
    """The one rate in force that turns this base into this tax; None when none or several do."""
    if base == 0 or tax == 0 or (base < 0) != (tax < 0):
        return None
    near, reach = tax * 100 / base, _FAR * 101 / abs(base)  # a rate further away proves nothing
    for rates in (_COMMON, _EVERY):
        close = rates[bisect_left(rates, near - reach) : bisect_right(rates, near + reach)]
        fitting = [rate for rate in close if proves(rate, base, tax)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


@dataclass(frozen=True)
class _Head:
    """The head of a VAT table: where each column stands."""

    row: Row
    spots: dict[str, Spot]
    others: tuple[Spot, ...] = ()  # quantities and prices, where the table is one of lines


def _heads(reader: Reader) -> list[_Head]:
    heads = []
    for number, labels in reader.column_labels.items():
        row = reader.row(number)
        spots = _roles(row, labels)
        roles = set(spots)
        if {"base", "tax"} <= roles or ({"rate", "base"} <= roles) or ({"rate", "tax"} <= roles):
            if not roles & {"quantity", "unit_price"}:
                heads.append(_Head(row, spots))
            elif _RATE_HEAD.search(row.plain):  # each line with its rate, tax and TTC
                others = [one.spot for one in labels if one.role in ("quantity", "unit_price")]
                heads.append(_Head(row, spots, tuple(others)))
        elif "rate" in roles and len(labels) <= 4 and re.search(r"\bbase\b.*montant", row.plain):
            heads.append(_Head(row, spots))
    return heads


def _roles(row: Row, labels: Iterable[Label]) -> dict[str, Spot]:
    """Where base, rate and tax are headed: "Taux TVA | HT | TVA | TTC" says it in short words."""
    spots: dict[str, Spot] = {}
    for cell in row.cells:
        if _HT.fullmatch(cell.plain.strip()):
            spots["base"] = cell
    for label in labels:
        role = {"net": "base"}.get(label.role, label.role)
        if label.role == "description" and _VAT_WORD.search(label.spot.plain):
            continue
        if role not in spots:
            spots[role] = label.spot
        elif role in ("base", "rate") and "tax" not in spots:
            spots["tax"] = label.spot
    return spots


def _head_over(heads: Sequence[_Head], row: Row) -> _Head | None:
    for head in reversed(heads):
        if head.row.page == row.page and 0 < row.number - head.row.number <= 14:
            return head
    return None


def _rates(
    row: Row, numbers: Sequence[Number], head: _Head | None
) -> Iterator[tuple[Number, float]]:
    """Numbers of the row that can be its rate, and how much they look like one."""
    percents = [one for one in numbers if one.percent]
    for number in numbers:
        value = abs(number.value)
        if number.percent:
            if value <= 30:
                yield number, 0.9 if value.normalize() in RATES else 0.4
        elif not percents and value <= 30 and not number.currency and value.normalize() in RATES:
            column = head.spots.get("rate") if head else None
            if column is not None and _near(number.spot, column):
                yield number, 0.9
            elif number.decimals <= 2 and (head or _VAT_WORD.search(row.plain)):
                yield number, 0.35 if number.money else 0.6


def _triples(row: Row, numbers: Sequence[Number], head: _Head | None) -> Iterator[TaxRow]:
    """The best (rate, base, tax) of the row; several where the row holds several."""
    money = [one for one in numbers if not one.percent]
    proved: list[tuple[float, Number, Number, Number]] = []
    for rate, looks in _rates(row, numbers, head):
        if rate.value == 0:
            continue
        for base, tax in permutations([one for one in money if one is not rate], 2):
            if not (base.money or base.decimals == 0) or not tax.money or tax.value == 0:
                continue
            if abs(tax.value) >= abs(base.value) or (tax.value < 0) != (base.value < 0):
                continue
            if proves(abs(rate.value), abs(base.value), abs(tax.value)):
                score = looks * _column_fit(head, base, tax) * (1.0 if base.money else 0.7)
                score *= 1.0 if base.spot.start < tax.spot.start else 0.9
                proved.append((score, rate, base, tax))
    done: set[int] = set()
    for score, rate, base, tax in sorted(proved, key=lambda one: -one[0]):
        if not done & {id(tax), id(base)}:
            done |= {id(tax), id(base)}
            bonus = 0.1 if _VAT_WORD.search(row.plain) or head else 0.0
            strength = min(score * 0.85 + bonus, 1.0)
            yield TaxRow(row, abs(rate.value), base, tax, strength, _category(row))


def _column_fit(head: _Head | None, base: Number, tax: Number) -> float:
    if head is None:
        return 0.85
    fit = 0.85
    for number, role in ((base, "base"), (tax, "tax")):
        column = head.spots.get(role)
        if column is not None:
            fit += 0.075 if _near(number.spot, column) else -0.2
    return fit


def _near(value: Spot, column: Spot) -> bool:
    return (
        value.overlap(column) > 0.2
        or abs(value.x1 - column.x1) < 12
        or abs(value.x0 - column.x0) < 12
    )


def _zeros(row: Row, numbers: Sequence[Number], head: _Head | None) -> Iterator[TaxRow]:
    """Rows with no tax: a base and 0,00 under a head, or beside a word that says why."""
    words = _ZERO_WORDS.search(row.plain)
    money = [one for one in numbers if one.money]
    zero = [one for one in money if one.value == 0]
    bases = [one for one in money if one.value != 0]
    rate = [one for one in numbers if one.percent and one.value == 0]
    plain_zero = [one for one in numbers if not one.money and one.value == 0]
    dash = _DASH.search(row.plain) is not None
    if not bases or len(bases) > 2 or not zero or not (head or words):
        return
    if not (rate or plain_zero or words or dash or _category(row) or len(zero) == 2):
        return
    base = bases[-1]
    if head and "base" in head.spots:
        base = next((one for one in bases if _near(one.spot, head.spots["base"])), base)
    strength = 0.4 + (0.25 if head else 0.0) + (0.2 if words else 0.0) + (0.1 if rate else 0.0)
    yield TaxRow(row, Decimal(0), base, zero[-1], strength, _category(row), _words(row))


def _taxes_alone(row: Row, numbers: Sequence[Number]) -> Iterator[TaxRow]:
    """ "TVA 20 % : 108,60": the base is elsewhere."""
    if not _VAT_WORD.search(row.plain):
        return
    percents = [one for one in numbers if one.percent and 0 < one.value <= 30]
    money = [one for one in numbers if one.money and one.value != 0]
    if len(percents) == 1 and len(money) == 1 and money[0].spot.start > percents[0].spot.start:
        between = row.plain[percents[0].spot.end : money[0].spot.start]
        if letters(between) <= 12:
            looks = 0.8 if percents[0].value.normalize() in RATES else 0.4
            yield TaxRow(row, percents[0].value, None, money[0], looks)


def _stacked(reader: Reader) -> Iterator[TaxRow]:
    """Tables on their side: rates in one row, bases and taxes in the rows below, in columns."""
    for number, numbers in reader.numbers_by_row.items():
        rates = [one for one in numbers if one.percent and 0 < one.value <= 30]
        if not rates or len(numbers) > _MOST_NUMBERS or any(one.money for one in numbers):
            continue
        below = [
            one
            for row in reader.text.below(reader.row(number), 4)
            for one in reader.numbers_by_row.get(row.number, [])
            if one.money
        ]
        for rate in rates:
            column = [one for one in below if one.spot.overlap(rate.spot) > 0.2][:3]
            for base, tax in permutations(column, 2):
                if 0 < abs(tax.value) < abs(base.value) and proves(
                    rate.value, base.value, tax.value
                ):
                    yield TaxRow(tax.spot.row, rate.value, base, tax, 0.7)
                    break


def _category(row: Row) -> str:
    match = _CATEGORY.search(row.plain)
    return match[1].upper() if match else ""


def _words(row: Row) -> str:
    """The words of a zero-rate row that say why there is no tax."""
    cells = [cell.text.strip() for cell in row.cells if sum(s.isalpha() for s in cell.text) >= 4]
    return " ".join(cells)


def _together(above: TaxRow, one: TaxRow) -> bool:
    if above.base is None or one.base is None or above.row.page != one.row.page:
        return False
    drop = (one.row.middle - above.row.middle) / max(above.row.height, 4.0)
    left, right = above.base.spot, one.base.spot
    aligned = abs(left.x1 - right.x1) < 14 or left.overlap(right) > 0.4
    return 0 <= drop < 7 and aligned
