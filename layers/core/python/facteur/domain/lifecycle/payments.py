"""Payments by VAT rate: what 211 and 212 carry (PE-10, D33).

A payment is shared among the rates of the invoice in proportion to what each weighs, VAT included;
the cents that rounding leaves go to the heaviest, so that the blocks add up to the cash. A refund
is a negative payment. Each status carries its own payment, never the sum of all.

Sources: DGFiP annexe 7 V1.9 G7.45; XP Z12-014 annex A V1.3 §2.1, §3.2.19; BR-FR-CDV-14; reference:
lifecycle.md §6.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import VatRow
from facteur.domain.invoice import VatBreakdown
from facteur.domain.lifecycle.fold import RateAmount, tidy
from facteur.domain.lifecycle.records import Characteristic
from facteur.domain.money import ZERO, cents

#: What a status says an amount is (MDT-207).
KINDS = {"211": "MPA", "212": "MEN"}


def weights(breakdown: Iterable[VatBreakdown | VatRow]) -> tuple[RateAmount, ...]:
    """What each VAT rate weighs on an invoice, VAT included, highest rate first.

    Rows without a rate (exempt, reverse charge…) are rate 0, as 212 wants them.
    """
    sums: dict[Decimal, Decimal] = {}
    for row in breakdown:
        rate = tidy(row.rate or ZERO)
        sums[rate] = sums.get(rate, ZERO) + (row.base or ZERO) + (row.tax or ZERO)
    return tuple(RateAmount(rate, sums[rate]) for rate in sorted(sums, reverse=True))


def split(amount: Decimal, by: Sequence[RateAmount]) -> tuple[RateAmount, ...]:
    """An amount shared among rates in proportion to their weights; blocks of zero are dropped.

    The blocks add up to ``amount``, to the cent. Weights that add up to zero share nothing: the
    heaviest takes it all. () without weights.
    """
    if not by:
        return ()
    heaviest = max(range(len(by)), key=lambda at: abs(by[at].amount))
    whole = sum((one.amount for one in by), ZERO)
    shares = [cents(amount * one.amount / whole) if whole else ZERO for one in by]
    shares[heaviest] += amount - sum(shares, ZERO)
    return tuple(
        RateAmount(one.rate, share) for one, share in zip(by, shares, strict=True) if share
    )


def shared(amount: Decimal, by: Sequence[RateAmount]) -> tuple[RateAmount, ...]:
    """``split``, but for an amount of zero: a block of zero, which no payment may have.

    () without weights.
    """
    return split(amount, by) or tuple(RateAmount(one.rate, ZERO) for one in by[:1])


def blocks(
    code: str, shares: Iterable[RateAmount], *, on: date | None, currency: str
) -> tuple[Characteristic, ...]:
    """The data of a 211 or 212 (MDG-43), one block per rate; ``on``: the day of the payment."""
    return tuple(
        Characteristic(
            type=KINDS[code], amount=one.amount, rate=one.rate, on=on, currency=currency
        )
        for one in shares
    )
