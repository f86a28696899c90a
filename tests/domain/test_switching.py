"""A change of platform as a value: its moments on a French clock, what each asks for (PE-32)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from facteur.domain.errors import IllegalTransitionError
from facteur.domain.switching import (
    PlatformSwitch,
    Switched,
    cancelled,
    due,
    earliest,
    next_moment,
    still_needed,
)


def switch(on: date = date(2026, 12, 1), **more: object) -> PlatformSwitch:
    given: dict[str, object] = {"id": "s1", "old": "a", "new": "b", "keep_days": 30, **more}
    return PlatformSwitch(dossier="d", on=on, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "begins", "ends"),
    [
        (date(2026, 12, 1), "2026-11-30T23:00", "2026-12-31T23:00"),
        (date(2027, 7, 1), "2027-06-30T22:00", "2027-07-31T22:00"),
        (date(2027, 3, 28), "2027-03-27T23:00", "2027-04-27T22:00"),  # the night summer begins
        (date(2027, 10, 31), "2027-10-30T22:00", "2027-11-30T23:00"),  # and the one it ends
    ],
)
def test_its_days_are_french_ones(on: date, begins: str, ends: str) -> None:
    """Midnight in France, winter and summer, whole days for the old platform."""
    held = switch(on)
    assert (begins, ends) == (f"{held.begins:%Y-%m-%dT%H:%M}", f"{held.ends:%Y-%m-%dT%H:%M}")
    assert held.begins.tzinfo is UTC


def test_each_moment_asks_for_one_step() -> None:
    """Nothing before, done at the very moment, ended once, never again."""
    held = switch()
    second = timedelta(seconds=1)
    assert due(held, now=held.begins - second) is None
    assert Switched.DONE is due(held, now=held.begins)
    assert held.begins == next_moment(held)
    done = replace(held, state=Switched.DONE)
    assert due(done, now=held.ends - second) is None
    assert Switched.ENDED is due(done, now=held.ends)
    assert held.ends == next_moment(done)
    for over in (Switched.ENDED, Switched.CANCELLED, Switched.IMPOSSIBLE):
        gone = replace(held, state=over)
        assert due(gone, now=held.ends + timedelta(days=999)) is None
        assert next_moment(gone) is None


def test_it_is_given_up_until_its_very_moment() -> None:
    """A second before, yes; at the moment, or once it was given up, no."""
    held = switch()
    before = held.begins - timedelta(seconds=1)
    assert Switched.CANCELLED is cancelled(held, by="Anne", now=before).state
    for again, now in ((held, held.begins), (replace(held, state=Switched.CANCELLED), before)):
        with pytest.raises(IllegalTransitionError):
            cancelled(again, by="Anne", now=now)


def test_the_first_day_is_tomorrow_in_france() -> None:
    """At 23:30 UTC in winter, tomorrow has begun there: the day after it is the first."""
    assert date(2026, 11, 21) == earliest(datetime(2026, 11, 20, 22, 30, tzinfo=UTC))
    assert date(2026, 11, 22) == earliest(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))


def test_a_platform_that_serves_another_change_is_needed() -> None:
    """As the old or the new one of another open change; not of itself, nor of one that is over."""
    ending = switch()
    back = switch(id="s2", old="b", new="a")
    assert still_needed(ending, (ending, back))
    assert not still_needed(ending, (ending, replace(back, state=Switched.CANCELLED)))
    assert not still_needed(ending, (ending, switch(id="s3", old="b", new="c")))
