"""Amounts are Decimal, rounded half away from zero to the cent (EN 16931 §6.5.3), never float."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal(10) ** 12  # nothing that people or programs give reaches a thousand billions


def bearable(amount: Decimal) -> bool:
    """True for an amount that may be counted with: finite, below ``MOST``, whatever its sign."""
    return amount.is_finite() and abs(amount) < MOST


def cents(amount: Decimal) -> Decimal:
    """The amount with two decimals, halves away from zero: 0.125 → 0.13."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, rounded once at the end."""
    return cents(sum(amounts, ZERO))


def near(left: Decimal, right: Decimal, *, within: Decimal = CENT) -> bool:
    """True when both amounts differ by no more than ``within`` (one cent)."""
    return abs(left - right) <= within
