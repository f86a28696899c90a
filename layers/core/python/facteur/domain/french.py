"""Amounts and dates as the French write them: ``1 312,80 €``, ``25/04/2022``.

U+202F between thousands and a no-break space before the sign, after the usage of the Imprimerie
nationale. For what a person reads, on a page or in a mail; what is stored is plain.
"""

from datetime import date
from decimal import Decimal

THIN = "\u202f"
NBSP = "\u00a0"

_SIGNS = {"EUR": "€", "USD": "$US", "GBP": "£", "CHF": "CHF"}


def figure(amount: Decimal | None, *, decimals: int = 2) -> str:
    """A number as the French write it: ``1 312,80``; ``decimals`` places, or more if it has."""
    if amount is None:
        return ""
    exponent = amount.normalize().as_tuple().exponent
    places = max(decimals, -exponent if isinstance(exponent, int) else 0)
    whole, _dot, part = f"{abs(amount):.{places}f}".partition(".")
    groups: list[str] = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    sign = "-" if amount < 0 else ""
    return sign + THIN.join(groups) + (f",{part}" if part else "")


def money(amount: Decimal | None, currency: str = "EUR") -> str:
    """An amount with its currency: ``1 312,80 €``, bare when nobody knows which; "" for none."""
    if amount is None:
        return ""
    return (
        f"{figure(amount)}{NBSP}{_SIGNS.get(currency, currency)}" if currency else figure(amount)
    )


def day(value: date | None) -> str:
    """A date as dd/mm/yyyy, "" when there is none."""
    return "" if value is None else f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
