"""What platforms bring: asked for by the clock or a webhook, one command per flow (WE-01, NO-02).

A round walks every page of what changed since the watermark, a second earlier (platforms of 1.2.0
lose flows that share a time), and queues each flow that is not known. The watermark moves once the
last page was walked: a crash repeats pages, whose flows are known or already queued, and loses
none. What is known is one row per flow; what cannot be taken is kept there with its reason.

An invoice becomes a document by the road of every other one (services/intake); a status goes to
the document that it speaks of (services/lifecycle), or waits for it; a flow of ours that was
acknowledged moves what was sent (acknowledging.py).

Source: AFNOR XP Z12-013 1.3.0, Flow Service.
"""

import hashlib
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from facteur.domain.commands import Scheduled, SyncConnection, TakeFlow
from facteur.domain.connections import Connection, ConnectionState, Tally
from facteur.domain.errors import (
    ConflictError,
    DuplicateError,
    FacteurError,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.flows import AckStatus, Flow, FlowDirection, FlowType
from facteur.domain.naming import derived
from facteur.domain.taken_flows import TakenFlow
from facteur.ports import Context, Platform
from facteur.services.flows import acknowledging, arriving
from facteur.services.lifecycle import received
from facteur.services.platforms.opening import (
    changed,
    failed,
    fault_of,
    later,
    opened,
    troubled,
    worked,
)
from facteur.services.platforms.patience import try_again
from facteur.services.platforms.polling import take_again
from facteur.services.staircase import Steps, queued

log = logging.getLogger(__name__)

#: Before any platform spoke this language.
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(seconds=1)
MOST_PAGES = 20  # of one command; a longer walk goes on in another
MOST_STEPS = 200  # commands of one walk: a platform may say for ever that there is more
#: When a status looks again at its invoice, which is being read beside it; then each round does.
_LOOKS = (timedelta(seconds=15), *(timedelta(minutes=one) for one in (1, 3, 10)))
_MOST_TOLD = 10  # details of an acknowledgement that a command carries
MOST_WAITING = 200  # statuses looked at again in a round


def sync_connection(command: SyncConnection, context: Context) -> Steps:
    """One walk over what changed; what goes wrong is kept as the connection's health."""
    try:
        held = context.connections.connection(command.dossier, command.connection)
    except NotFoundError:
        return None, ()
    if held.state is not ConnectionState.CONNECTED:
        return None, ()
    after = command.after or (held.watermark or BEGINNING) - OVERLAP
    cursor, reached = command.cursor, command.reached
    try:
        with opened(held, context) as platform:
            for _page in range(MOST_PAGES):
                page = platform.search(updated_after=after, cursor=cursor)
                _queue_new(held, page.flows, context)
                reached = later(reached, max((one.updated_at for one in page.flows), default=None))
                cursor = page.cursor
                if not cursor:
                    break
    except ConflictError:
        raise  # somebody changed the connection meanwhile: the queue tries again
    except FacteurError as error:
        log.warning("connection %s: %s", held.id, error)
        failed(held, error, context)
        return None, ()
    if cursor:
        _go_on(held, command, cursor, after, reached, context)
        return None, ()
    now = context.clock.now()
    if reached is not None:  # a platform whose clock is ahead must not hide what it does later
        reached = min(reached, now)
    worked(held, context, watermark=later(held.watermark, reached))
    _wake_waiting(held, context)
    return None, ()


def _go_on(
    held: Connection,
    command: SyncConnection,
    cursor: str,
    after: datetime,
    reached: datetime | None,
    context: Context,
) -> None:
    """Walk on in another command; an endless walk is a failure, and the next round begins anew."""
    if command.step >= MOST_STEPS:
        error = UnavailableError("platform.endless", pages=MOST_STEPS * MOST_PAGES)
        log.warning("connection %s: %s", held.id, error)
        failed(held, error, context)
        return
    # With the last round that ended: after one that broke there, the same place is a new command.
    walk = f"{after.isoformat()}|{cursor}|{held.tried_at}"
    place = hashlib.sha256(walk.encode()).hexdigest()[:16]
    further = replace(command, cursor=cursor, after=after, reached=reached, step=command.step + 1)
    now = context.clock.now()
    queued(Scheduled(id=f"sync-{command.connection}-{place}", command=further, due=now), context)


def _queue_new(held: Connection, flows: tuple[Flow, ...], context: Context) -> None:
    """One command for each flow of a page that is new, or whose acknowledgement moved."""
    if not flows:
        return
    known = context.connections.taken(held.dossier, held.ledger, [one.id for one in flows])
    for flow in sorted(flows, key=lambda one: (one.updated_at, one.id)):
        if _is_new(flow, known.get(flow.id)):
            command = TakeFlow(
                dossier=held.dossier, connection=held.id, flow=flow.id, known=_lean(flow)
            )
            now = context.clock.now()
            _queue(Scheduled(id=_name(held, flow), command=command, due=now), context)


def _queue(scheduled: Scheduled, context: Context) -> None:
    """Queue a flow; one that waits already, as it was before it changed, is enough."""
    try:
        queued(scheduled, context)
    except DuplicateError:
        log.info("%s waits in the agenda already", scheduled.id)


def _lean(flow: Flow) -> Flow:
    """A flow as a command carries it: what a thousand rules say would be too large for a row."""
    said = flow.acknowledgement
    errors = tuple(one for one in said.details if one.level != "Warning")
    told = (errors or said.details)[:_MOST_TOLD]
    return replace(flow, acknowledgement=replace(said, details=told))


def _is_new(flow: Flow, known: TakenFlow | None) -> bool:
    pending = flow.acknowledgement.status is AckStatus.PENDING
    if flow.direction is FlowDirection.OUT:
        return not pending and (known is None or known.updated_at < flow.updated_at)
    if flow.type is FlowType.UNDEFINED and pending:
        return False  # the platform has not looked at it yet: it changes again when it has
    return known is None


def _name(held: Connection, flow: Flow) -> str:
    """The identifier of the command that takes a flow; a flow of ours has one per change.

    Each time we connect has its own: what waited when we left was not taken.
    """
    moved = flow.updated_at.isoformat() if flow.direction is FlowDirection.OUT else ""
    return f"flow-{held.id}-{derived(flow.id, moved, str(held.since))}"


def _wake_waiting(held: Connection, context: Context) -> None:
    """Take again the statuses whose invoice has come since."""
    waiting = context.connections.flows(
        held.dossier, held.id, quarantined=True, limit=MOST_WAITING
    )
    for one in waiting:
        if one.waits_for and context.store.claimed(held.dossier, "NUMBER", one.waits_for):
            take_again(one, context)


# ── One flow ────────────────────────────────────────────────────────────────────────────────────


def take_flow(command: TakeFlow, context: Context) -> Steps:
    """Take one flow. What stops it alone is kept with its reason and stops no other.

    With the platform away it is tried again later, for days; what is disconnected takes nothing
    more (WE-16), except what was asked for again and is kept here.
    """
    held = context.connections.connection(command.dossier, command.connection)
    known = context.connections.taken(held.dossier, held.ledger, (command.flow,))
    before = known.get(command.flow)
    if before is not None and not command.again and not _moved(command, before):
        return None, ()
    kept = before if before is not None and before.file is not None else None
    if held.state is not ConnectionState.CONNECTED and kept is None:
        _left_behind(held, command, context)
        return None, ()
    try:
        if kept is not None:
            taken, follow = received.take_kept(kept, context)
        else:
            about: list[str] = []
            with opened(held, context, about=about) as platform:
                flow = command.known or platform.flow(command.flow)
                taken, follow = _take(held, flow, platform, context)
                about += [taken.document] if taken.document else []
    except ConflictError:
        raise
    except (UnavailableError, ForbiddenError) as error:
        troubled(held, error, context)
        if try_again(command, f"flow-{held.id}-{derived(command.flow)}", context):
            return None, ()
        set_aside(command, error, context)
        return None, ()
    except FacteurError as error:
        set_aside(command, error, context)
        return None, ()
    _remember(taken, before, context)
    if taken.waits_for:  # its invoice is often on its way: sooner than the next round
        _look_soon(command, context)
    return None, follow


def _left_behind(held: Connection, command: TakeFlow, context: Context) -> None:
    """A flow that waited while we left: a later connection must meet it again (WE-16)."""
    if command.known is None:
        return
    at = command.known.updated_at

    def back(one: Connection) -> Connection:
        return replace(one, watermark=min(one.watermark, at) if one.watermark else None)

    for one in context.connections.connections(held.dossier):  # a consent makes another one
        if one.ledger == held.ledger:
            changed(one, context, back)


def _look_soon(command: TakeFlow, context: Context) -> None:
    again = replace(command, again=True, known=None)
    name = f"wait-{command.connection}-{derived(command.flow)}"
    try_again(again, name, context, most=len(_LOOKS) + 1, waits=_LOOKS)


def _moved(command: TakeFlow, before: TakenFlow) -> bool:
    return command.known is not None and before.updated_at < command.known.updated_at


def _take(
    held: Connection, flow: Flow, platform: Platform, context: Context
) -> tuple[TakenFlow, tuple[Scheduled, ...]]:
    if flow.direction is FlowDirection.OUT:
        return acknowledging.acknowledged(held, flow, context)
    return arriving.take(held, flow, platform, context)


def set_aside(command: TakeFlow, error: FacteurError, context: Context) -> None:
    """Keep a flow that could not be taken, with its reason; it can be taken again."""
    held = context.connections.connection(command.dossier, command.connection)
    before = context.connections.taken(held.dossier, held.ledger, (command.flow,)).get(
        command.flow
    )
    now, known = context.clock.now(), command.known
    log.warning("flow %s set aside: %s", command.flow, error)
    taken = TakenFlow(
        dossier=held.dossier,
        connection=held.id,
        platform=held.ledger,
        id=command.flow,
        name=known.name[:200] if known else before.name if before else "",
        type=known.type if known else before.type if before else FlowType.UNDEFINED,
        at=now,
        submitted_at=known.submitted_at if known else before.submitted_at if before else now,
        updated_at=known.updated_at if known else before.updated_at if before else now,
        outcome=Tally.QUARANTINED,
        failure=fault_of(error),
        file=before.file if before else None,
        waits_for=before.waits_for if before else "",
    )
    _remember(taken, before, context)


def _remember(taken: TakenFlow, before: TakenFlow | None, context: Context) -> None:
    """Write what became of a flow, and count it: once as received, once for each outcome.

    What we sent ourselves was not received: it is written, and not counted.
    """
    context.connections.save_taken(taken)
    if taken.ours:
        return
    added: dict[Tally, int] = {}
    if before is None:
        added[Tally.RECEIVED] = 1
    if before is None or before.outcome is not taken.outcome:
        added[taken.outcome] = 1
        if before is not None and before.outcome is Tally.QUARANTINED:
            added[Tally.QUARANTINED] = -1
    context.connections.count(taken.dossier, taken.connection, added)
