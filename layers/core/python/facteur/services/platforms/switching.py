"""Changing approved platform at a date: planned, given up, done by the clock, ended (PE-32).

A change is a row with its history, and a command in the agenda for each of its two moments. The
command asks the row what is due now, so that running it twice, late, or after the change was given
up does no harm. A sale that leaves at 00:01 does not wait for the clock's round: sending settles
what is due first (``settle``).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from facteur.domain.commands import AdvanceSwitch, Scheduled, TellSwitch
from facteur.domain.connections import Connection, ConnectionState, default_of
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    FacteurError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.events import SYSTEM
from facteur.domain.faults import Fault
from facteur.domain.flows import DirectoryLine
from facteur.domain.journal import JournalEntry
from facteur.domain.switching import (
    PlatformSwitch,
    Switched,
    cancelled,
    due,
    earliest,
    faults_of,
    next_id,
    next_moment,
    still_needed,
)
from facteur.ports import Context
from facteur.services import journalling
from facteur.services.platforms import connected, reaching
from facteur.services.platforms.connecting import let_in
from facteur.services.platforms.opening import changed, fault_of, opened
from facteur.services.staircase import LEASE, Steps

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page of a change of platform shows."""

    sender: Connection | None  # by which the dossier sends today
    live: tuple[Connection, ...]
    names: Mapping[str, str]  # connection → how it is called
    planned: PlatformSwitch | None
    past: tuple[PlatformSwitch, ...]  # newest first; those that are done and not ended too
    siren: str
    earliest: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The dossier's own addresses, as the directory shows them now."""

    lines: tuple[DirectoryLine, ...]
    source: str = ""  # whose directory answered
    trouble: Fault | None = None  # why it could not be asked


def shown(caller: Caller, context: Context) -> Shown:
    """Where the dossier stands; ForbiddenError for who does not manage it."""
    caller.require(Permission.MANAGE)
    settle(caller.dossier, context)
    held = context.connections.connections(caller.dossier)
    live = tuple(one for one in held if one.state is ConnectionState.CONNECTED)
    known = context.connections.switches(caller.dossier)
    planned = [one for one in known if one.state is Switched.PLANNED]
    return Shown(
        sender=default_of(live),
        live=live,
        names={one.id: connected.name_of(one, context) for one in live},
        planned=planned[0] if planned else None,
        past=tuple(one for one in reversed(known) if one.state is not Switched.PLANNED),
        siren=context.store.dossier(caller.dossier).siren,
        earliest=earliest(context.clock.now()),
    )


def last(caller: Caller, context: Context) -> PlatformSwitch | None:
    """The last change that was planned, whatever became of it; None before the first."""
    caller.require(Permission.MANAGE)
    known = context.connections.switches(caller.dossier)
    return max(known, key=lambda one: (one.at is not None, one.at, one.id), default=None)


def lines(caller: Caller, context: Context) -> Lines:
    """Ask the directory for the dossier's addresses; what went wrong instead, where it did."""
    caller.require(Permission.MANAGE)
    connection = reaching.directory_of(caller.dossier, context)
    if connection is None:
        return Lines(lines=(), trouble=Fault(code="reach.no_platform"))
    siren = context.store.dossier(caller.dossier).siren
    source = connected.name_of(connection, context)
    try:
        with opened(connection, context) as platform:
            return Lines(lines=tuple(platform.lines(siren)), source=source)
    except FacteurError as error:
        return Lines(lines=(), source=source, trouble=fault_of(error))


def plan(
    caller: Caller, new: str, on: date | None, keep: int, moving: Sequence[str], context: Context
) -> PlatformSwitch:
    """Plan a change: the new platform lets us in, and knows the dossier. InvalidError.

    Of two who plan at once the second gets the fault of a change that is planned already.
    """
    caller.require(Permission.MANAGE)
    settle(caller.dossier, context)
    if on is None:
        raise InvalidError((Fault(code="switch.on_missing", path="on"),))
    held = context.connections.connections(caller.dossier)
    known = context.connections.switches(caller.dossier)
    old = default_of(held)
    names = {one.id: connected.name_of(one, context) for one in held}
    wanted = PlatformSwitch(
        dossier=caller.dossier,
        id=next_id(known),
        old=old.id if old else "",
        new=new,
        old_label=names[old.id] if old else "",
        new_label=names.get(new, ""),
        on=on,
        keep_days=keep,
        lines=tuple(dict.fromkeys(moving)),
        at=context.clock.now(),
        by=caller.name,
    )
    faults = faults_of(
        wanted,
        held,
        known,
        siren=context.store.dossier(caller.dossier).siren,
        now=context.clock.now(),
    )
    if faults:
        raise InvalidError(faults)
    _tested(next(one for one in held if one.id == new), context)
    if old is not None and not old.default:  # it sends because it was first: until the day, so
        changed(old, context, lambda one: replace(one, default=True))
    _schedule(wanted, wanted.begins, context)
    entry = journalling.entry_by(caller, "connection.switch_planned", _told(wanted), context)
    try:
        return context.connections.save_switch(wanted, (entry,))
    except StaleVersionError as error:  # somebody else planned one since it was looked at
        raise InvalidError((Fault(code="switch.planned"),)) from error


def _tested(connection: Connection, context: Context) -> None:
    """A platform that does not let us in today is no platform to change to."""
    kind = connected.kind_of(connection.platform, context)
    try:
        with opened(connection, context) as platform:
            let_in(platform, connection, kind, context)
    except FacteurError as error:
        faults = getattr(error, "faults", ()) or (fault_of(error),)
        raise InvalidError(tuple(replace(one, path="new") for one in faults)) from error


def cancel(caller: Caller, switch: str, context: Context) -> PlatformSwitch:
    """Give up a change before its day; NotFoundError, IllegalTransitionError."""
    caller.require(Permission.MANAGE)
    held = context.connections.switch(caller.dossier, switch)
    gone = cancelled(held, by=caller.name, now=context.clock.now())
    entry = journalling.entry_by(caller, "connection.switch_cancelled", _told(gone), context)
    return context.connections.save_switch(gone, (entry,))


def advance_switch(command: AdvanceSwitch, context: Context) -> Steps:
    """The clock: do what this change asks for now; nothing when that was done, or given up."""
    try:
        held = _advanced(context.connections.switch(command.dossier, command.switch), context)
    except NotFoundError:  # it stood in the agenda, and was never saved after all
        return None, ()
    coming = next_moment(held)
    if coming is not None:  # the end is to come, or this came too early
        _schedule(held, coming, context)
    return None, ()


def _schedule(switch: PlatformSwitch, moment: datetime, context: Context) -> None:
    """Put the next step in the agenda, under a name of its own: each is run once."""
    name = (
        f"switch-{switch.dossier}-{switch.id}-{moment:%Y%m%d}-{context.clock.now():%Y%m%dT%H%M%S}"
    )
    command = AdvanceSwitch(dossier=switch.dossier, switch=switch.id)
    context.store.schedule(Scheduled(id=name, command=command, due=moment))


def settle(dossier: str, context: Context) -> None:
    """Do now what the clock has not come to yet: who sends after the day sends by the new one."""
    for one in context.connections.switches(dossier):
        if due(one, now=context.clock.now()) is not None:
            _advanced(one, context)


def _advanced(switch: PlatformSwitch, context: Context) -> PlatformSwitch:
    """A change with everything done that is due by now."""
    while (wanted := due(switch, now=context.clock.now())) is not None:
        step = _begin if wanted is Switched.DONE else _end
        try:
            switch = step(switch, context)
        except StaleVersionError:  # somebody else did it meanwhile
            switch = context.connections.switch(switch.dossier, switch.id)
    return switch


def _begin(switch: PlatformSwitch, context: Context) -> PlatformSwitch:
    """The day has come: the new platform sends. Not one that was left meanwhile."""
    now = context.clock.now()
    held = context.connections.connections(switch.dossier)
    new = next((one for one in held if one.id == switch.new), None)
    if new is None or new.state is not ConnectionState.CONNECTED:
        log.error("%s: the new platform of %s is not connected", switch.id, switch.dossier)
        stopped = replace(switch, state=Switched.IMPOSSIBLE)
        _tell(switch, context)
        return _kept(stopped, "connection.switch_impossible", context)
    changed(new, context, lambda one: replace(one, default=True))
    for other in held:
        if other.default and other.id != new.id:
            changed(other, context, lambda one: replace(one, default=False))
    done = replace(switch, state=Switched.DONE, done_at=now)
    return _kept(done, "connection.switched", context)


def _tell(switch: PlatformSwitch, context: Context) -> None:
    """Have people told: in the agenda before the change is saved, so that no crash loses it."""
    now = context.clock.now()
    command = TellSwitch(dossier=switch.dossier, switch=switch.id)
    name = f"switch-{switch.dossier}-{switch.id}-told-{now:%Y%m%dT%H%M%S}"
    context.store.schedule(Scheduled(id=name, command=command, due=now + LEASE))


def _end(switch: PlatformSwitch, context: Context) -> PlatformSwitch:
    """The old platform has been asked long enough: it is left, unless it serves again."""
    ended = replace(switch, state=Switched.ENDED, ended_at=context.clock.now())
    try:
        old = context.connections.connection(switch.dossier, switch.old)
    except NotFoundError:
        return _kept(ended, "connection.switch_ended", context)
    needed = still_needed(switch, context.connections.switches(switch.dossier))
    if old.state is ConnectionState.CONNECTED and not old.default and not needed:
        connected.leave(old, context)
    return _kept(ended, "connection.switch_ended", context)


def _kept(switch: PlatformSwitch, what: str, context: Context) -> PlatformSwitch:
    entry = _by_the_clock(switch, what, context)
    return context.connections.save_switch(switch, (entry,))


def _by_the_clock(switch: PlatformSwitch, what: str, context: Context) -> JournalEntry:
    return journalling.entry(what, _told(switch), context, dossier=switch.dossier, by=SYSTEM)


def _told(switch: PlatformSwitch) -> Mapping[str, str]:
    """What the journal says of a change."""
    return {
        "old": switch.old_label or "—",
        "new": switch.new_label,
        "on": f"{switch.on:%d/%m/%Y}",
        "until": f"{switch.last_day:%d/%m/%Y}",
        "lines": ", ".join(switch.lines),
    }
