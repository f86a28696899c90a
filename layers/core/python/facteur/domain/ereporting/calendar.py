"""Which periods a company reports, and when each is due, by its VAT regime.

Source: specifications of the DGFiP v3.2 §3.7.7, table 13. The company gives its data to its
platform by a day; the platform has until 08:00 of the next day, on a French clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from facteur.domain.paris import at_paris

_NIGHT_ENDS = time(8)


class Regime(StrEnum):
    """The VAT regime: it sets the rhythm."""

    MONTHLY = "monthly"  # réel normal mensuel
    QUARTERLY = "quarterly"  # réel normal trimestriel
    SIMPLIFIED = "simplified"  # réel simplifié
    EXEMPT = "exempt"  # franchise en base


class Matter(StrEnum):
    """What a report is about; never both in one file (G6.29)."""

    TRANSACTIONS = "transactions"  # 10.1, 10.3
    PAYMENTS = "payments"  # 10.2, 10.4


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeChange:
    """From a first day of a month on, a company is under a regime."""

    since: date
    regime: Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period of one matter, both days included, and its last day for the platform."""

    matter: Matter
    start: date
    end: date
    due: date

    @property
    def id(self) -> str:
        """A name that sorts: ``transactions-20270901-20270910``."""
        return f"{self.matter.value}-{self.start:%Y%m%d}-{self.end:%Y%m%d}"

    @property
    def state_due(self) -> datetime:
        """When the State must have it, in UTC: 08:00 the day after, on a French clock."""
        return at_paris(datetime.combine(self.due + timedelta(days=1), _NIGHT_ENDS))

    def holds(self, day: date) -> bool:
        """True for a day of the period."""
        return self.start <= day <= self.end


def regime_on(changes: Sequence[RegimeChange], day: date) -> Regime | None:
    """The regime in force on a day, None before the first."""
    found = None
    for change in sorted(changes, key=lambda one: one.since):
        if change.since <= day:
            found = change.regime
    return found


def periods(
    changes: Sequence[RegimeChange], matter: Matter, *, since: date, until: date
) -> tuple[Period, ...]:
    """The periods that have a day between two days, oldest first.

    A period that a change of regime cuts ends the day before the change.
    """
    found = []
    month = since.replace(day=1)
    if _two_months(regime_on(changes, month)) and month.month % 2 == 0:
        month = _months(month, -1)
    while month <= until:
        regime = regime_on(changes, month)
        span = 2 if _two_months(regime) and month.month % 2 == 1 else 1
        if span == 2 and _two_months(regime) != _two_months(regime_on(changes, _months(month, 1))):
            span = 1
        if regime is not None:
            found += [
                one
                for one in _of_span(regime, matter, month, span)
                if one.end >= since and one.start <= until
            ]
        month = _months(month, span)
    return tuple(found)


def period_of(changes: Sequence[RegimeChange], matter: Matter, day: date) -> Period | None:
    """The period that a day falls in, None without a regime."""
    return next(iter(periods(changes, matter, since=day, until=day)), None)


def _two_months(regime: Regime | None) -> bool:
    return regime is Regime.EXEMPT


def _of_span(regime: Regime, matter: Matter, month: date, span: int) -> Iterator[Period]:
    """The periods that begin in one month, or in the two that go together."""
    after = _months(month, span)
    last = after - timedelta(days=1)
    if regime is Regime.MONTHLY and matter is Matter.TRANSACTIONS:
        tenth, twentieth = month.replace(day=10), month.replace(day=20)
        yield Period(matter=matter, start=month, end=tenth, due=twentieth)
        yield Period(matter=matter, start=month.replace(day=11), end=twentieth, due=last)
        yield Period(
            matter=matter, start=month.replace(day=21), end=last, due=after.replace(day=10)
        )
        return
    if regime in {Regime.MONTHLY, Regime.QUARTERLY}:
        due = after.replace(day=10)
    else:
        due = _months(after, 1) - timedelta(days=1)
    yield Period(matter=matter, start=month, end=last, due=due)


def _months(first: date, count: int) -> date:
    """The first day of the month that many months away."""
    place = first.year * 12 + first.month - 1 + count
    return date(place // 12, place % 12 + 1, 1)
