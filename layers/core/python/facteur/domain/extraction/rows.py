"""The lines and the adjustments of the invoice, out of the tables that were gathered.

A row of the table without quantity or price whose words are a discount or a charge is one of the
document (BG-20, BG-21), not a line. What stands after the table ("Remise -5,00", "Frais de port
10,00") is an adjustment when the lines add up to HT only with it. Rows past the lines that the
table swallowed are cut where a shorter run of lines adds up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate, combinations

from facteur.domain.allocation import allocate
from facteur.domain.candidate import AdjustmentRow, LineRow, Reading, VatRow
from facteur.domain.extraction import taxes
from facteur.domain.extraction.evidence import Evidence
from facteur.domain.extraction.items import Table
from facteur.domain.extraction.lines import GAP, letters
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.settling import Item
from facteur.domain.money import cents

_SLACK = Decimal("0.01")
_BAD = Decimal("0.05")
_SUM = re.compile(r"\b(?:sous-?)?tota(?:l|ux)\b|\breport|\bsumme\b|\bsubtotal\b|zwischensumme")
_VAT = re.compile(r"\btva\b|\bvat\b|\bust\b|mwst|\btax")


@dataclass(frozen=True)
class Lines:
    """The lines kept, the adjustments of the document, and what their sum was found to be."""

    items: tuple[Item, ...] = ()
    adjustments: tuple[tuple[AdjustmentRow, Item | Evidence], ...] = ()
    gross: bool = False
    agrees: str = ""  # "excl", "incl", or "" when they add up to neither


def choose(
    reader: Reader,
    tables: Sequence[Table],
    excl: Decimal | None,
    incl: Decimal | None,
    found: Sequence[Evidence],
) -> Lines:
    """The lines of the table (or tables) that agree best with the totals."""
    best = Lines()
    rank = (-1, 0)
    options = [(table.items, table.gross) for table in tables]
    if len(tables) > 1:
        options.append((tuple(item for table in tables for item in table.items), tables[0].gross))
    for option in options:
        one = _settled(reader, option, excl, incl, found)
        score = (2 if one.agrees else 0, len(one.items))
        if one.items and score > rank:
            best, rank = one, score
    return best


def sums_of(tables: Sequence[Table], found: Sequence[Evidence]) -> set[Decimal]:
    """What the lines may add up to: each table, with the discounts and charges of the page."""
    moves = {
        one.size if one.role == "charge" else -one.size
        for one in found
        if one.role in ("discount", "charge") and one.size > 0 and one.score >= 0.4
    }
    totals = [abs(table.total) for table in tables]
    adjusted = {
        total + sum(some)
        for total in totals
        for size in (1, 2, 3)
        for some in combinations(sorted(moves)[:5], size)
    }
    return adjusted or set(totals)


def _settled(
    reader: Reader,
    options: tuple[Sequence[Item], bool],
    excl: Decimal | None,
    incl: Decimal | None,
    found: Sequence[Evidence],
) -> Lines:
    """Lines and adjustments of a table, cut where a shorter run adds up, or with what follows."""
    items, gross = options
    items = _without_subtotals(items)
    back = sum(item.amount for item in items) < 0  # a credit note: what it gives back is a line
    words = ["" if back and item.amount < 0 else _word(reader, item) for item in items]
    if not any("quantity" in item.values or "unit_price" in item.values for item in items):
        words = ["" if word == "charge" else word for word in words]  # no row has: a line is one
    lines = [item for item, word in zip(items, words, strict=True) if not word]
    inside = tuple(
        (_adjustment(item, word), item) for item, word in zip(items, words, strict=True) if word
    )
    sums = list(accumulate(item.amount for item in items))
    runs = [
        (end, _agreement(abs(sums[end - 1]), excl, incl, gross=gross))
        for end in range(len(items), 0, -1)
    ]
    # The total of the column's own kind first: HT + TVA is TTC too.
    for end, agrees in sorted(runs, key=lambda one: one[1] != ("incl" if gross else "excl")):
        if agrees and not all(words[:end]):
            kept = tuple(item for item, word in zip(items[:end], words, strict=False) if not word)
            moved = inside[: sum(1 for word in words[:end] if word)]
            return Lines(kept, moved, agrees == "incl", agrees)
    total = abs(sums[-1])
    outside = _outside(reader, items, total, incl if gross else excl, found)
    if outside and lines:
        return Lines(tuple(lines), inside + outside, gross, "incl" if gross else "excl")
    return Lines(tuple(lines), inside, gross)


def _without_subtotals(items: Sequence[Item]) -> list[Item]:
    """The lines without those that only add up the lines above: "Sous-total", "Report", a rule."""
    kept: list[Item] = []
    since, whole = Decimal(0), Decimal(0)
    for item in items:
        plain = not ("quantity" in item.values or "unit_price" in item.values)
        told = _SUM.search(item.anchor.spot.row.plain) is not None or not item.text.strip()
        if plain and kept and told and item.amount in (since, whole):
            since = Decimal(0)
            continue
        kept.append(item)
        since, whole = since + item.amount, whole + item.amount
    return kept


def _agreement(total: Decimal, excl: Decimal | None, incl: Decimal | None, *, gross: bool) -> str:
    first, second = (("incl", incl), ("excl", excl)) if gross else (("excl", excl), ("incl", incl))
    for name, value in (first, second):
        if value is not None and abs(total - value) <= _SLACK:
            return name
    return ""


def _word(reader: Reader, item: Item) -> str:
    """ "discount" or "charge" for a row that moves the whole document's total, "" for a line.

    It has neither quantity nor price, and says so first, in its words or beside its amount.
    """
    if "quantity" in item.values or "unit_price" in item.values:
        return ""
    row = item.anchor.spot.row
    for cell in (*item.cells, *row.cells):
        for label in reader.totals_on.get(cell.row.number, []):
            before = letters(cell.row.plain[cell.start : label.spot.start])
            inside = cell.start <= label.spot.start < cell.end
            if label.role in ("discount", "charge") and inside and before <= 3:
                return label.role
    return ""


def _adjustment(item: Item, word: str) -> AdjustmentRow:
    rate = item.value("rate")
    return AdjustmentRow(
        amount=abs(item.amount),
        charge=item.amount > 0 and word == "charge",
        reason=_reason(item.text or item.anchor.spot.row.cells[0].text),
        vat_rate=rate if rate is not None and abs(rate) in taxes.RATES else None,
    )


def _reason(text: str) -> str:
    """ "REMISE : REMISE COMMERCIALE" → "REMISE COMMERCIALE"."""
    head, _, rest = text.partition(":")
    words = rest.strip() or head.strip()
    return re.sub(r"\s+", " ", words)[:120]


def _outside(
    reader: Reader,
    items: Sequence[Item],
    total: Decimal,
    target: Decimal | None,
    found: Sequence[Evidence],
) -> tuple[tuple[AdjustmentRow, Evidence], ...]:
    """The discounts and charges after the table that make the lines add up."""
    if target is None or not items:
        return ()
    last = items[-1].anchor.spot.row.number
    options: list[tuple[Decimal, Evidence]] = []
    end = min((one.number.spot.row.number for one in found if one.size == target), default=last)
    for one in found:
        moves = one.role in ("discount", "charge") and one.size > 0 and one.score >= 0.4
        # A deposit deducted above HT is one of the lines' (its tax was paid with it).
        early = one.role == "prepaid" and one.score >= 0.4 and one.number.spot.row.number < end
        if (moves or early) and one.number.spot.row.number > last:
            options.append((one.size if one.role == "charge" else -one.size, one))
    options.sort(key=lambda option: option[1].number.spot.row.number)
    best: tuple[AdjustmentRow, ...] = ()
    sources: tuple[Evidence, ...] = ()
    for size in range(1, min(len(options), 4) + 1):
        for some in combinations(options[:8], size):
            if abs(total + sum(amount for amount, _ in some) - target) > _SLACK:
                continue
            noted = tuple(_noted(reader, amount, one) for amount, one in some)
            rated_all = all(row.vat_rate is not None for row in noted)
            if not best or (rated_all and any(row.vat_rate is None for row in best)):
                best, sources = noted, tuple(one for _, one in some)
    return tuple(zip(best, sources, strict=True))


def _noted(reader: Reader, amount: Decimal, one: Evidence) -> AdjustmentRow:
    """The adjustment of a row: its words, and its VAT rate where the row says one."""
    row = one.number.spot.row
    labels_here = [label.spot for label in reader.totals_on.get(row.number, [])]
    start = min((spot.start for spot in labels_here), default=0)
    words = row.text[start : one.number.spot.start].split(GAP)[0].strip(" :-–")
    rates = [
        number.value
        for number in reader.numbers_by_row.get(row.number, [])
        if number.percent and number.value in taxes.RATES and _VAT.search(row.plain)
    ]
    return AdjustmentRow(
        amount=abs(amount),
        charge=amount > 0,
        reason=_reason(words),
        vat_rate=rates[-1] if rates else None,
    )


def rated(fields: dict[str, Reading]) -> dict[str, Reading]:
    """The lines with the rate that the bases of the VAT table give them, where none is printed."""
    lines, table = fields.get("lines"), fields.get("vat_breakdown")
    if lines is None or table is None or "adjustments" in fields:
        return fields
    rows = (
        [one for one in table.value if isinstance(one, VatRow)]
        if isinstance(table.value, tuple)
        else []
    )
    held = (
        [one for one in lines.value if isinstance(one, LineRow)]
        if isinstance(lines.value, tuple)
        else []
    )
    if any(one.vat_rate is not None or one.net is None or one.gross for one in held):
        return fields
    bases = [row.base for row in rows if row.base is not None]
    if not held or len(bases) != len(rows) or len({row.rate for row in rows}) != len(rows):
        return fields
    every = frozenset(range(len(rows)))
    way = allocate([abs(one.net or Decimal(0)) for one in held], bases, [every] * len(held))
    if way is None:
        return fields
    value = tuple(replace(one, vat_rate=rows[at].rate) for one, at in zip(held, way, strict=True))
    return {**fields, "lines": replace(lines, value=value)}


def read(reader: Reader, lines: Lines) -> dict[str, Reading]:
    """The fields ``lines`` and ``adjustments``."""
    fields: dict[str, Reading] = {}
    if not lines.items:
        return fields
    rows = tuple(_line(item, gross=lines.gross) for item in lines.items)
    proved = sum(_proved(row) for row in rows)
    confidence = (0.9 if lines.agrees else 0.45) + 0.08 * proved / len(rows)
    if not all(row.description for row in rows):
        confidence -= 0.1
    first, last = lines.items[0].anchor.spot, lines.items[-1].anchor.spot
    box = first.box
    if box is not None and last.box is not None and first.page == last.page:
        box = box.joined(last.box)
    head = reader.reading(rows, first, confidence)
    place = head.provenance
    fields["lines"] = Reading(
        value=rows,
        provenance=type(place)(origin=place.origin, page=place.page, box=box, text=place.text),
        confidence=head.confidence,
    )
    if lines.adjustments:
        source = lines.adjustments[0][1]
        spot = source.anchor.spot if isinstance(source, Item) else source.number.spot
        value = tuple(row for row, _ in lines.adjustments)
        fields["adjustments"] = reader.reading(value, spot, 0.92 if lines.agrees else 0.5)
    return fields


def _line(item: Item, *, gross: bool) -> LineRow:
    quantity, price = item.value("quantity"), item.value("unit_price")
    printed = item.values.get("unit_price")
    if quantity is None and price and printed is not None and printed.money and item.amount:
        times = item.amount / price  # OCR loses lone digits: the amount and the price tell
        quantity = times if times == times.to_integral() else None
    rate = item.value("rate")
    discount = item.values.get("discount")
    percent = amount = None
    if discount is not None and discount.value != 0 and quantity is not None and price is not None:
        whole = abs(quantity * price)
        if (
            abs(cents(whole * (1 - abs(discount.value) / 100)) - abs(item.amount)) <= _BAD
            and abs(discount.value) <= 100
        ):
            percent = abs(discount.value)
        elif abs(whole - abs(discount.value) - abs(item.amount)) <= _SLACK:
            amount = abs(discount.value)
    return LineRow(
        description=re.sub(r"\s+", " ", item.text).strip()[:1000],
        quantity=quantity,
        unit=item.unit,
        unit_price=price,
        net=item.amount,
        vat_rate=rate if rate is not None and abs(rate) in taxes.RATES else None,
        discount_percent=percent,
        discount=amount,
        gross=gross,
    )


def _proved(row: LineRow) -> bool:
    if row.quantity is None or row.unit_price is None or row.net is None:
        return False
    whole = abs(row.quantity * row.unit_price)
    if row.discount_percent is not None or row.discount is not None:
        return True
    return abs(cents(whole) - abs(row.net)) <= _SLACK
