"""What remains to be paid: the total with tax, less what was paid before, with its rounding.

"Net à payer" is believed when it is the total, or the total less an amount that the page prints
as paid (one deposit, or all of them together). Without such a label the total itself is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from facteur.domain.candidate import Origin, Provenance, Reading
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.evidence import Evidence
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.sums import Option, options, reading


@dataclass(frozen=True)
class _Paid:
    """What the page says was paid, and the amounts that it prints."""

    amounts: list[Option]
    rounding: list[Evidence]
    printed: dict[Decimal, Number]


def read(
    reader: Reader,
    found: Sequence[Evidence],
    total: Reading | None,
    parts: Sequence[Decimal] = (),
) -> dict[str, Reading]:
    """The fields ``amount_due``, ``prepaid`` and ``rounding``.

    ``parts`` are HT and TVA: neither is what remains after a deposit.
    """
    dues = options(found, "due")
    if total is None or not isinstance(total.value, Decimal):
        return {"amount_due": reading(reader, dues[0], 0.6, "")} if dues else {}
    paid = _Paid(
        [one for one in options(found, "prepaid") if 0 < one.value <= total.value],
        [one for one in found if one.role == "rounding" and one.number.money],
        {abs(one.value): one for one in reader.numbers if one.money},
    )
    settled = [_settled(reader, due, total.value, total.confidence, paid) for due in dues]
    if settled:
        score, fields = max(settled, key=lambda one: one[0])
        if score > -1.0:
            return fields
    return _unlabelled(reader, total, paid, parts)


def _settled(
    reader: Reader, due: Option, total: Decimal, sure: float, paid: _Paid
) -> tuple[float, dict[str, Reading]]:
    """How well an amount due explains itself, and the fields it gives."""
    gap = total - due.value
    if gap == 0:
        return due.score + 1.0, {"amount_due": reading(reader, due, max(sure, 0.9), "")}
    deposit = next((one for one in paid.amounts if one.value == gap), None)
    if deposit is not None:
        return due.score + 1.5, {
            "amount_due": reading(reader, due, 0.97, ""),
            "prepaid": reading(reader, deposit, 0.97, ""),
        }
    if gap > 0 and sum((one.value for one in paid.amounts), Decimal(0)) == gap:
        rule = Provenance(origin=Origin.RULE, path="total.sum")
        return due.score + 1.4, {
            "amount_due": reading(reader, due, 0.96, ""),
            "prepaid": Reading(value=gap, provenance=rule, confidence=0.93),
        }
    adjust = next((one for one in paid.rounding if one.number.value == -gap), None)
    if adjust is not None and abs(gap) < 1:
        return due.score + 1.5, {
            "amount_due": reading(reader, due, 0.97, ""),
            "rounding": reader.reading(adjust.number.value, adjust.number.spot, 0.95),
        }
    if 0 < gap <= total and gap in paid.printed:
        return due.score + 0.6, {
            "amount_due": reading(reader, due, 0.92, ""),
            "prepaid": reader.reading(gap, paid.printed[gap].spot, 0.85),
        }
    return due.score - 1.0, {"amount_due": reading(reader, due, 0.5, "")}


def _unlabelled(
    reader: Reader, total: Reading, paid: _Paid, parts: Sequence[Decimal]
) -> dict[str, Reading]:
    """Without an amount due on the page: the total, less a deposit when the rest is printed."""
    value = total.value if isinstance(total.value, Decimal) else Decimal(0)
    for deposit in paid.amounts:
        rest = value - deposit.value
        if deposit.score >= 0.5 and rest in paid.printed and rest not in parts:
            return {
                "prepaid": reading(reader, deposit, 0.9, ""),
                "amount_due": reader.reading(rest, paid.printed[rest].spot, 0.85),
            }
    for one in paid.rounding:  # a till rounds to the nearest coin
        rest = value + one.number.value
        if 0 < abs(one.number.value) < 1 and rest in paid.printed:
            return {
                "rounding": reader.reading(one.number.value, one.number.spot, 0.93),
                "amount_due": reader.reading(rest, paid.printed[rest].spot, 0.93),
            }
    rule = Provenance(origin=Origin.RULE, path="total.same")
    sure = round(min(total.confidence, 0.6 if paid.amounts else 0.9), 3)
    return {"amount_due": Reading(value=value, provenance=rule, confidence=sure)}
