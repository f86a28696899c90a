"""Which file of a period counts, and which one comes next.

A series has one file after the other: ours, made here, and those that a billing software submits.
The State knows of a period by what was sent, or by another tool; a file that the rules refuse, or
a second first declaration, never takes the place of what stands (decision 0323).

Source: specifications of the DGFiP v3.2 §3.7.7 (IN, then RE, which replaces the whole period).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from facteur.domain.ereporting.blocks import ReportType
from facteur.domain.ereporting.filings import (
    DECLARED,
    DRAFTS,
    UNMADE,
    Elsewhere,
    Filing,
    FilingState,
    Series,
)
from facteur.domain.money import ZERO

#: The State was told of the period, by a file of ours or by another tool.
TOLD = DECLARED | {FilingState.ELSEWHERE}


def latest(filings: Iterable[Filing]) -> dict[str, Filing]:
    """The file that each series stands at (``current``), by the series' name."""
    held = by_series(filings)
    return {name: one for name in held if (one := current(held[name])) is not None}


def by_series(filings: Iterable[Filing]) -> dict[str, list[Filing]]:
    """The filings of each series, by its name, in the order they are given."""
    found: dict[str, list[Filing]] = {}
    for one in filings:
        found.setdefault(one.series.id, []).append(one)
    return found


def current(held: Iterable[Filing]) -> Filing | None:
    """The file that a series stands at: its last one, but for those that change nothing of it.

    ``held``: the filings of the series. What a software submitted changes nothing until it was
    checked, when it is refused, or when it comes too late (decision 0323); alone, it is shown.
    """
    ordered = sorted(held, key=lambda one: one.sequence)
    counted = [one for one in ordered if not _aside(one, ordered)]
    return next(reversed(counted or ordered), None)


def _aside(filing: Filing, held: Iterable[Filing]) -> bool:
    if not filing.received or filing.state not in DRAFTS:
        return False
    return filing.state is not FilingState.READY or comes_too_late(filing, held)


def refused_after(held: Sequence[Filing]) -> Filing | None:
    """What a software submitted last, where that was refused and changed nothing of the series."""
    stands = current(held)
    newest = max(held, key=lambda one: one.sequence, default=None)
    if newest is None or newest is stands or not newest.received:
        return None
    return newest if newest.state in UNMADE else None


def comes_too_late(filing: Filing, held: Iterable[Filing]) -> bool:
    """True for a first declaration (TT-4: IN) of a period that another file tells already.

    ``held``: the filings of its series. One that is leaving counts as told.
    """
    told = {*TOLD, FilingState.SENDING}
    others = (one for one in held if one.id != filing.id)
    return filing.type is ReportType.INITIAL and any(one.state in told for one in others)


def next_sequence(held: Iterable[Filing]) -> int:
    """The number of the next file of a series, from 1."""
    return 1 + max((one.sequence for one in held), default=0)


def again(
    dossier: str, held: Sequence[Filing], series: Series, *, at: datetime, by: str, by_name: str
) -> Filing:
    """The filing to prepare: the draft of the series once more, else its next file.

    ``held``: the filings of the series. A correction (RE) once one was declared, else the first.
    """
    last = current(held)
    if last is not None and last.state in DRAFTS and not last.received:
        others = [one for one in held if one.id != last.id]
        return replace(
            last, state=FilingState.PREPARING, at=at, by=by, by_name=by_name, turn=last.turn + 1,
            failure=None, findings=(), series=series, type=type_of_next(others),
        )  # fmt: skip
    return Filing(
        dossier=dossier,
        series=series,
        type=type_of_next(held),
        sequence=next_sequence(held),
        state=FilingState.PREPARING,
        at=at,
        by=by,
        by_name=by_name,
    )


def type_of_next(held: Iterable[Filing]) -> ReportType:
    """A correction once the State was told of the period, here or elsewhere; else the first."""
    told = any(one.state in TOLD for one in held)
    return ReportType.CORRECTION if told else ReportType.INITIAL


def told_elsewhere(
    dossier: str, held: Sequence[Filing], series: Series, said: Elsewhere
) -> Filing | None:
    """The filing that says it of a series; None where something of it is declared or leaving."""
    last = current(held)
    if last is not None and last.state in {*TOLD, FilingState.SENDING}:
        return None
    if last is not None and last.state in DRAFTS and not last.received:
        return replace(
            last, state=FilingState.ELSEWHERE, elsewhere=said, file=None, preview=None,
            failure=None, findings=(), lines=0, base=ZERO, tax=ZERO, left_out=0,
            turn=last.turn + 1,
        )  # fmt: skip
    return Filing(
        dossier=dossier,
        series=series,
        type=ReportType.INITIAL,
        sequence=next_sequence(held),
        state=FilingState.ELSEWHERE,
        at=said.at,
        by=said.by,
        by_name=said.by_name,
        elsewhere=said,
    )


def taken_back(filing: Filing, *, at: datetime, by: str, by_name: str) -> Filing:
    """The filing once nobody says any more that its period was declared elsewhere: a draft."""
    return replace(
        filing, state=FilingState.PREPARING, elsewhere=None, at=at, by=by, by_name=by_name,
        turn=filing.turn + 1, reminded="",
    )  # fmt: skip
