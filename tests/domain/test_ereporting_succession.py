"""Which file of a period counts, and which one comes next."""

from datetime import UTC, date, datetime

import pytest
from facteur.domain.ereporting.blocks import ReportType, Role
from facteur.domain.ereporting.calendar import Matter, Period
from facteur.domain.ereporting.filings import Filing, FilingState, Series
from facteur.domain.ereporting.succession import (
    again,
    comes_too_late,
    current,
    latest,
    next_sequence,
    refused_after,
)

NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
PERIOD = Period(
    matter=Matter.TRANSACTIONS,
    start=date(2026, 9, 1),
    end=date(2026, 9, 30),
    due=date(2026, 10, 10),
)
SERIES = Series(period=PERIOD, role=Role.SELLER)
IN, RE = ReportType.INITIAL, ReportType.CORRECTION


def filing(sequence: int, state: str, *, received: bool = False, kind: ReportType = IN) -> Filing:
    """A file of the series: ours, or one that a software submitted."""
    return Filing(
        dossier="d", series=SERIES, type=kind, sequence=sequence, state=FilingState(state), at=NOW,
        received="Logiciel" if received else "",
    )  # fmt: skip


@pytest.mark.parametrize("state", ["accepted", "sent", "elsewhere", "ready", "empty", "rejected"])
@pytest.mark.parametrize("unmade", ["invalid", "failed", "checking"])
def test_what_is_refused_or_unchecked_never_takes_the_place_of_another(
    state: str, unmade: str
) -> None:
    """Whatever the series stands at, and however many were submitted after it."""
    stands = filing(1, state)
    held = [stands, filing(2, unmade, received=True, kind=RE), filing(3, unmade, received=True)]
    assert stands is current(held)
    assert {SERIES.id: stands} == latest(reversed(held))
    assert (held[2] if unmade != "checking" else None) is refused_after(held)


def test_alone_it_is_shown_and_ours_comes_after() -> None:
    """There is nothing else to show; what is made here has a number of its own."""
    held = [filing(1, "invalid", received=True)]
    assert held[0] is current(held)
    assert refused_after(held) is None
    ours = again("d", held, SERIES, at=NOW, by="", by_name="")
    assert (2, IN) == (ours.sequence, ours.type)
    assert ours is current([*held, ours])


def test_our_own_draft_stands_even_where_it_is_refused() -> None:
    """What is made here is what people look at: its faults are theirs to mend."""
    held = [filing(1, "accepted"), filing(2, "invalid", kind=RE)]
    assert held[1] is current(held)


def test_what_passed_its_checks_is_what_the_series_stands_at() -> None:
    """A submitted correction of a declared period waits to be sent; a first one of none too."""
    for before, kind in (("sent", RE), ("empty", IN)):
        came = filing(2, "ready", received=True, kind=kind)
        assert came is current([filing(1, before), came])
    assert current([]) is None


@pytest.mark.parametrize(
    ("state", "late"),
    [
        ("sent", True), ("acknowledged", True), ("accepted", True), ("elsewhere", True),
        ("sending", True), ("rejected", False), ("not_sent", False), ("ready", False),
        ("empty", False),
    ],
)  # fmt: skip
def test_a_first_declaration_comes_too_late_once_another_told(state: str, late: bool) -> None:
    """Declared here or elsewhere, or leaving; not where the State refused, nor before."""
    held = [filing(1, state)]
    came = filing(2, "ready", received=True)
    assert late is comes_too_late(came, held)
    assert (held[0] if late else came) is current([*held, came])
    assert not comes_too_late(filing(2, "ready", received=True, kind=RE), held)
    assert not comes_too_late(held[0], held)


def test_a_draft_made_anew_is_of_the_type_that_is_due_by_then() -> None:
    """A first one becomes a correction once another file left, under its own number."""
    held = [filing(2, "sent", received=True), filing(3, "ready")]
    made = again("d", held, SERIES, at=NOW, by="u", by_name="U")
    assert (3, RE, 2) == (made.sequence, made.type, made.turn)
    behind = [filing(1, "ready"), filing(2, "invalid", received=True)]
    same = again("d", behind, SERIES, at=NOW, by="u", by_name="U")
    assert (1, IN) == (same.sequence, same.type)
    sent = [filing(1, "sent"), filing(2, "invalid", received=True)]
    after = again("d", sent, SERIES, at=NOW, by="u", by_name="U")
    assert (3, RE) == (after.sequence, after.type)
    assert 3 == next_sequence(sent)
