"""Changing approved platform at a date, without a gap and without losing anything (PE-32).

Until the day D, 00:00 in France, the old platform sends; from then on the new one does. Both are
asked for what they have all along: the old one goes on for months, because statuses of the
invoices that it carried still come by it (the law makes it serve a year), then it is left. Who
receives is not ours to say: the directory's lines move when the new platform publishes them, at
the earliest the day after it is asked; here stands what to ask of whom, and from when.

Sources: DGFiP specifications v3.2 §3.5.5 (life of a line); CGI art. 289 bis III (LF 2026, art.
123); XP Z12-013 1.2.0 and later (nothing is published by the Directory Service); decision 0293.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from facteur.domain.connections import Connection, ConnectionState
from facteur.domain.errors import IllegalTransitionError
from facteur.domain.faults import Fault
from facteur.domain.paris import at_paris, paris
from facteur.domain.reach import address_of, siren_of

FURTHEST = timedelta(days=366)  # how far ahead a switch may be planned
KEEPS = (30, 90, 365, 730)  # days the old platform is asked on; a year by law
USUAL_KEEP = 365
MOST_LINES = 30


class Switched(StrEnum):
    """Where a change of platform stands."""

    PLANNED = "planned"
    DONE = "done"  # the new one sends, the old one is still asked
    ENDED = "ended"  # the old one was left
    CANCELLED = "cancelled"
    IMPOSSIBLE = "impossible"  # on the day, the new one was not connected any more


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSwitch:
    """One change of platform of a dossier, kept for ever."""

    dossier: str
    id: str
    old: str  # connection that sends until then; "" where none did
    new: str  # connection that sends from then on
    old_label: str = ""  # as they were called: connections may be renamed or left
    new_label: str = ""
    on: date  # D, in France
    keep_days: int = USUAL_KEEP
    lines: tuple[str, ...] = ()  # addresses of the directory that move with it
    state: Switched = Switched.PLANNED
    at: datetime | None = None  # planned at
    by: str = ""  # and by whom
    done_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled_by: str = ""
    told_at: datetime | None = None  # that it could not be made
    version: int = field(default=0, compare=False)

    @property
    def begins(self) -> datetime:
        """The moment from which the new platform sends: midnight in France."""
        return at_paris(datetime.combine(self.on, time()))

    @property
    def last_day(self) -> date:
        """The last day on which the old platform is asked."""
        return self.on + timedelta(days=self.keep_days)

    @property
    def ends(self) -> datetime:
        """The moment from which the old platform is left."""
        return at_paris(datetime.combine(self.last_day + timedelta(days=1), time()))

    @property
    def open(self) -> bool:
        """True while something is still to come of it."""
        return self.state in (Switched.PLANNED, Switched.DONE)


def earliest(now: datetime) -> date:
    """The first day that may be chosen: tomorrow in France, as for a line of the directory."""
    return paris(now).date() + timedelta(days=1)


def faults_of(
    switch: PlatformSwitch,
    connections: Sequence[Connection],
    known: Sequence[PlatformSwitch],
    *,
    siren: str,
    now: datetime,
) -> tuple[Fault, ...]:
    """What keeps a change from being planned: all of it."""
    faults = []
    live = {one.id for one in connections if one.state is ConnectionState.CONNECTED}
    if switch.new not in live or switch.new == switch.old:
        faults.append(Fault(code="switch.new", path="new"))
    first = earliest(now)
    if not first <= switch.on <= first + FURTHEST:
        values = {"first": f"{first:%d/%m/%Y}", "last": f"{first + FURTHEST:%d/%m/%Y}"}
        faults.append(Fault(code="switch.on", path="on", values=values))
    if switch.keep_days not in KEEPS:
        faults.append(Fault(code="switch.keep", path="keep"))
    if len(switch.lines) > MOST_LINES or any(
        address_of(one) != one or siren_of(one) != siren for one in switch.lines
    ):
        faults.append(Fault(code="switch.lines", path="lines", values={"siren": siren}))
    if any(one.state is Switched.PLANNED for one in known):
        faults.append(Fault(code="switch.planned"))
    return tuple(faults)


def next_id(known: Sequence[PlatformSwitch]) -> str:
    """The identifier of a dossier's next change, given all that it ever planned.

    The same for two people who plan at once, so that one row alone can be created; after those of
    every change before it, in the order in which they are listed.
    """
    return f"z{len(known) + 1:06d}"


def cancelled(switch: PlatformSwitch, *, by: str, now: datetime) -> PlatformSwitch:
    """The change given up; IllegalTransitionError (``switch.too_late``) once the day has come."""
    if switch.state is not Switched.PLANNED or now >= switch.begins:
        raise IllegalTransitionError("switch.too_late", step="cancel")
    return replace(switch, state=Switched.CANCELLED, cancelled_by=by)


def due(switch: PlatformSwitch, *, now: datetime) -> Switched | None:
    """The state that this moment asks for, None when nothing is to be done yet."""
    if switch.state is Switched.PLANNED and now >= switch.begins:
        return Switched.DONE
    if switch.state is Switched.DONE and now >= switch.ends:
        return Switched.ENDED
    return None


def next_moment(switch: PlatformSwitch) -> datetime | None:
    """When something is to be done next, None when nothing ever is."""
    if switch.state is Switched.PLANNED:
        return switch.begins
    return switch.ends if switch.state is Switched.DONE else None


def still_needed(switch: PlatformSwitch, known: Sequence[PlatformSwitch]) -> bool:
    """True when the old platform of an ending change serves another one: it is not left."""
    return any(
        one.id != switch.id and one.open and switch.old in (one.old, one.new) for one in known
    )
