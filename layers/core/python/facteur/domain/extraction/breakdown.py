"""The VAT breakdown of the invoice: the table that was read, else what the totals imply.

In this order: the VAT table that adds up to the totals; the taxes written one rate a line, with
the bases that the lines (or the tax itself) give; the one rate in force that turns HT into TVA;
no tax at all. What is computed says so (Origin.RULE).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from facteur.domain.candidate import LineRow, Origin, Provenance, Reading, VatRow
from facteur.domain.extraction import exemptions, taxes
from facteur.domain.extraction.exemptions import Reason
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.sums import Sums
from facteur.domain.extraction.taxes import TaxRow
from facteur.domain.money import cents

_SLACK = Decimal("0.02")
_MOST_MONEY = 5  # amounts of a row with its own rate


@dataclass(frozen=True)
class Totals:
    """HT and TVA, without sign."""

    excl: Decimal
    vat: Decimal


def read(
    reader: Reader,
    sums: Sums,
    rows: Sequence[TaxRow],
    lines: Iterable[LineRow],
    totals: Totals | None,
    reason: Reason | None,
) -> Reading | None:
    """The breakdown as a field, None when nothing is known of it.

    ``reason``: why there is no VAT, when the page says so.
    """
    if sums.breakdown:
        return _of_table(reader, sums.breakdown, reason, totals)
    if totals is None:
        return None
    told = _of_lines(lines, totals, reason)
    for path, found, confidence in (
        ("lines", told if len(told) > 1 else (), 0.93),
        ("rows", _of_rows(reader, totals), 0.93),
        ("taxes", _of_taxes(reader, rows, totals, reason), 0.93),
        ("lines", told, 0.93),
        ("rate", _of_rate(totals), 0.94),
        ("untaxed", _untaxed(totals, reason), 0.92 if reason else 0.85),
    ):
        if found:
            provenance = Provenance(origin=Origin.RULE, path=f"vat.{path}")
            return Reading(value=found, provenance=provenance, confidence=confidence)
    return None


def _of_table(
    reader: Reader, group: Sequence[TaxRow], reason: Reason | None, totals: Totals | None
) -> Reading:
    rows = tuple(_row(one, reason) for one in group)
    base = sum((row.base for row in rows if row.base is not None), Decimal(0))
    whole = totals is not None and abs(base - totals.excl) <= _SLACK
    spots = [one.base.spot for one in group if one.base] + [
        one.tax.spot for one in group if one.tax
    ]
    box = spots[0].box
    for spot in spots[1:]:
        if box is not None and spot.box is not None and spot.page == spots[0].page:
            box = box.joined(spot.box)
    text = " / ".join(one.row.text.strip() for one in group)[:200]
    least = min(spots, key=lambda spot: spot.certainty)
    read = reader.reading(rows, least, 0.97 if whole else 0.7)
    place = Provenance(origin=reader.origin, page=spots[0].page, box=box, text=text)
    return replace(read, provenance=place)


def _row(one: TaxRow, reason: Reason | None) -> VatRow:
    base = abs(one.base.value) if one.base else None
    tax = abs(one.tax.value) if one.tax else None
    if not one.zero:
        return VatRow(rate=one.rate, base=base, tax=tax, category="S")
    own = exemptions.of_text(one.reason) or exemptions.of_text(one.row.text) or reason
    category = one.category if one.category not in ("", "S") else own.category if own else ""
    fits = own is not None and (not category or own.category == category)
    return VatRow(
        rate=one.rate,
        base=base,
        tax=tax,
        category=category,
        exemption_text=own.text if own is not None and fits else one.reason,
        exemption_code=own.code if own is not None and fits else "",
    )


def _of_taxes(
    reader: Reader, rows: Sequence[TaxRow], totals: Totals, reason: Reason | None
) -> tuple[VatRow, ...]:
    """ "TVA 20 % : 108,60" for each rate: the base is the tax over the rate, when all add up."""
    alone = {(one.rate, abs(one.tax.value)) for one in rows if one.base is None and one.tax}
    if not alone or abs(sum(tax for _, tax in alone) - totals.vat) > _SLACK:
        return ()
    if len(alone) == 1:
        ((rate, tax),) = alone
        if taxes.proves(rate, totals.excl, tax):
            return (VatRow(rate=rate, base=totals.excl, tax=tax, category="S"),)
        for extra, row in taxes.untaxed(reader).items():
            if extra < totals.excl and taxes.proves(rate, totals.excl - extra, tax):
                taxed = VatRow(rate=rate, base=totals.excl - extra, tax=tax, category="S")
                return (_zero(extra, exemptions.of_text(row.text) or reason), taxed)
        return ()
    found = [
        VatRow(rate=rate, base=cents(tax * 100 / rate), tax=tax, category="S")
        for rate, tax in sorted(alone)
    ]
    bases = sum((row.base for row in found if row.base is not None), Decimal(0))
    gap = totals.excl - bases
    if abs(gap) > Decimal("0.10") * len(found):
        return ()
    last = found[-1]
    found[-1] = VatRow(
        rate=last.rate, base=(last.base or Decimal(0)) + gap, tax=last.tax, category="S"
    )
    proved = all(
        row.base is not None
        and row.tax is not None
        and row.rate is not None
        and taxes.proves(row.rate, row.base, row.tax)
        for row in found
    )
    return tuple(found) if proved else ()


def _of_rows(reader: Reader, totals: Totals) -> tuple[VatRow, ...]:
    """Rows that print their rate and their amount without and with tax, when all add up."""
    bases: dict[Decimal, Decimal] = {}
    for numbers in reader.numbers_by_row.values():
        rates = [one.value for one in numbers if one.percent and one.value in taxes.RATES]
        money = [one.value for one in numbers if one.money]
        if len(rates) != 1 or not 2 <= len(money) <= _MOST_MONEY:
            continue
        for base, gross in combinations(money, 2):
            if base and cents(base * (1 + rates[0] / 100)) == gross:
                bases[rates[0]] = bases.get(rates[0], Decimal(0)) + abs(base)
                break
    found = tuple(
        VatRow(rate=rate, base=base, tax=cents(base * rate / 100), category="S")
        for rate, base in sorted(bases.items())
        if rate
    )
    base = sum((row.base for row in found if row.base is not None), Decimal(0))
    tax = sum((row.tax for row in found if row.tax is not None), Decimal(0))
    fits = base == totals.excl and tax == totals.vat
    return found if len(found) > 1 and fits else ()


def _of_lines(
    lines: Iterable[LineRow], totals: Totals, reason: Reason | None
) -> tuple[VatRow, ...]:
    """The lines by rate, when their amounts and their taxes add up to the totals."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        if line.net is None or line.vat_rate is None or line.gross:
            return ()
        bases[line.vat_rate] = bases.get(line.vat_rate, Decimal(0)) + line.net
    found = tuple(
        VatRow(rate=rate, base=base, tax=cents(base * rate / 100), category="S")
        if rate
        else _zero(base, reason)
        for rate, base in sorted(bases.items())
    )
    base = sum((row.base for row in found if row.base is not None), Decimal(0))
    tax = sum((row.tax for row in found if row.tax is not None), Decimal(0))
    fits = abs(base - totals.excl) <= _SLACK and abs(tax - totals.vat) <= _SLACK * len(found)
    return found if found and fits and tax == totals.vat else ()


def _of_rate(totals: Totals) -> tuple[VatRow, ...]:
    rate = taxes.rate_of(totals.excl, totals.vat)
    if rate is None:
        return ()
    return (VatRow(rate=rate, base=totals.excl, tax=totals.vat, category="S"),)


def _untaxed(totals: Totals, reason: Reason | None) -> tuple[VatRow, ...]:
    if totals.vat != 0 or totals.excl == 0:
        return ()
    return (_zero(totals.excl, reason),)


def _zero(base: Decimal, reason: Reason | None) -> VatRow:
    """A base without tax, with the reason that the page gives."""
    return VatRow(
        rate=Decimal(0),
        base=base,
        tax=Decimal("0.00"),
        category=reason.category if reason else "",
        exemption_text=reason.text if reason else "",
        exemption_code=reason.code if reason else "",
    )
