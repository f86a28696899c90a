"""Money that went back, told in a file that takes no negative payment.

A refund is a negative collection (XP Z12-014 annex A, case 43), and the specifications allow its
sign (§3.7.7); rule G1.16 of the State's schematron V1.0 refuses it. What both allow is done:
within one period and one VAT rate, what went back is taken from what came in, the money that came
before it first. The period's total by rate, which fills the VAT return, stays exact.

A refund that is larger than what came in at its rate in the period cannot be told there. It is
left out by name, and the company says which of the invoice's earlier collections it takes back:
that earlier period says less, by a correction (RE), which replaces it whole.

Sources: DGFiP v3.2 §3.7.7; annex 7 (V1.8) G1.16; CGI art. 272-1.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from facteur.domain.ereporting.blocks import PaidRate
from facteur.domain.money import ZERO

#: One collection: its day, and what came in (or went back) at each rate.
Lot = tuple[date, Sequence[PaidRate]]


def by_rate(lots: Sequence[Lot]) -> dict[Decimal, dict[date, Decimal]]:
    """What came in at each rate, by day, added up."""
    found: dict[Decimal, dict[date, Decimal]] = {}
    for day, rates in lots:
        for one in rates:
            days = found.setdefault(one.rate, {})
            days[day] = days.get(day, ZERO) + one.amount
    return found


def spread(days: Mapping[date, Decimal]) -> dict[date, Decimal]:
    """The same sum without a negative day, where there is enough to take it from.

    What a day lacks is taken from the days before it, the latest first, then from those after it,
    the earliest first. What cannot be taken stays negative on its own day.
    """
    left = dict(days)
    for day in sorted(one for one, amount in days.items() if amount < 0):
        before = sorted((one for one in left if one < day), reverse=True)
        for other in (*before, *sorted(one for one in left if one > day)):
            taken = min(-left[day], max(left[other], ZERO))
            left[day] += taken
            left[other] -= taken
    return left


def beyond(lots: Sequence[Lot], fixed: Sequence[Lot] = ()) -> frozenset[int]:
    """The places of the refunds that the period has not enough money for: the latest first.

    ``fixed``: what else came in (the till), which no question is asked about.
    """
    totals = {rate: sum(days.values(), ZERO) for rate, days in by_rate((*lots, *fixed)).items()}
    refunds: dict[Decimal, list[int]] = {}  # by rate, the latest last
    for place in sorted(range(len(lots)), key=lambda one: (lots[one][0], one)):
        for rate in {one.rate for one in lots[place][1] if one.amount < 0}:
            refunds.setdefault(rate, []).append(place)
    out: set[int] = set()
    while True:
        latest = []
        for rate, places in refunds.items():
            while places and places[-1] in out:
                places.pop()
            if places and totals[rate] < 0:
                latest.append(places[-1])
        if not latest:
            return frozenset(out)
        gone = max(latest, key=lambda one: (lots[one][0], one))
        out.add(gone)
        for part in lots[gone][1]:
            totals[part.rate] -= part.amount


def told(lots: Sequence[Lot]) -> dict[date, tuple[PaidRate, ...]]:
    """What is told by day: rates in order, nothing of a day that comes to zero."""
    found: dict[date, list[PaidRate]] = {}
    for rate, days in sorted(by_rate(lots).items()):
        for day, amount in spread(days).items():
            if amount:
                found.setdefault(day, []).append(PaidRate(rate=rate, amount=amount))
    return {day: tuple(found[day]) for day in sorted(found)}
