"""The French clock, written out because a Lambda has no guaranteed time-zone database.

CET is UTC+1; CEST, UTC+2, runs from the last Sunday of March to the last Sunday of October, both
changes at 01:00 UTC. Source: directive 2000/84/CE.
"""

from datetime import UTC, datetime, timedelta


def paris(moment: datetime) -> datetime:
    """The moment on a French clock, without zone."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    summer = _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)
    return utc + timedelta(hours=2 if summer else 1)


def at_paris(local: datetime) -> datetime:
    """The moment, in UTC, when a French clock shows this time (the first, if it does twice)."""
    for hours in (2, 1):
        found = (local - timedelta(hours=hours)).replace(tzinfo=UTC)
        if paris(found) == local:
            return found
    return (local - timedelta(hours=1)).replace(tzinfo=UTC)  # the hour that spring skips


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31)  # noqa: DTZ001 — March and October, compared as UTC
    return last - timedelta(days=(last.weekday() + 1) % 7) + timedelta(hours=1)
