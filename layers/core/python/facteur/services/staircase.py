"""Decide, commit, agenda: the one way in which anything changes.

``commit`` writes the new head, its history and the commands that follow in one transaction, then
sees to those commands: what this function can do itself runs at once, the rest goes to the queue.
A crash in between loses nothing: the commands are in the agenda, and the sweep sends what is due.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import Command, Scheduled
from facteur.domain.decisions import Decision
from facteur.domain.documents import Document
from facteur.domain.errors import FacteurError, UnavailableError
from facteur.domain.events import chained
from facteur.domain.policies import follow_ups
from facteur.ports import Changes, Claim, Context

log = logging.getLogger(__name__)

#: How long a command that is being run or sent stays out of the sweep's sight.
LEASE = timedelta(minutes=5)
_MOST_DELAY = 900  # seconds: SQS's own limit; what is due later stays in the agenda

#: What every service gives back: the document as it stands, None without one, and what follows.
Steps = tuple[Document | None, tuple[Scheduled, ...]]
NOTHING: Steps = (None, ())

Runner = Callable[[Command, Context], Document | None]


def commit(
    decision: Decision, context: Context, *, claims: tuple[Claim, ...] = ()
) -> tuple[Document, tuple[Scheduled, ...]]:
    """Write a decision in one transaction; the stored head and the commands that follow."""
    before = decision.document
    entries = chained(decision.events, length=before.events, last=before.chain)
    now = context.clock.now()
    commands = follow_ups(before.ref, entries, now=now)
    head = replace(
        before,
        events=before.events + len(entries),
        chain=entries[-1].hash if entries else before.chain,
    )
    leased = tuple(replace(one, due=max(one.due, now) + LEASE) for one in commands)
    stored = context.store.commit(
        Changes(document=head, entries=entries, claims=claims, commands=leased)
    )
    for entry in entries:
        log.info("%s %s", entry.event.name.value, before.id, extra={"dossier": before.dossier})
    return stored, commands


def see_to(commands: tuple[Scheduled, ...], context: Context, run: Runner) -> Document | None:
    """Run here what this function runs, send the rest; the last document that moved.

    What others run is sent first, so that they work while this function does; all that was seen
    to leaves the agenda in one call at the end.
    """
    finished: list[str] = []
    moved: Document | None = None
    try:
        for scheduled in commands:
            if type(scheduled.command) not in context.here and _sent(scheduled, context):
                finished.append(scheduled.id)
        for scheduled in commands:
            if type(scheduled.command) in context.here:
                done, document = _run_here(scheduled, context, run)
                finished += [scheduled.id] if done else []
                moved = document or moved
    finally:
        _done(finished, context)
    return moved


def _run_here(scheduled: Scheduled, context: Context, run: Runner) -> tuple[bool, Document | None]:
    """Run a follow-up in this invocation; what cannot run now is queued, never lost."""
    try:
        return True, run(scheduled.command, context)
    except FacteurError as error:
        log.warning("%s queued after %s", scheduled.id, error)
        return _sent(scheduled, context), None


def lease(scheduled: Scheduled, context: Context) -> Scheduled:
    """Put a command in the agenda, out of the sweep's sight while it is sent; the command."""
    context.store.schedule(replace(scheduled, due=scheduled.due + LEASE))
    return scheduled


def queued(scheduled: Scheduled, context: Context) -> None:
    """Put a command in the agenda and send it: a crash in between loses nothing."""
    send(lease(scheduled, context), context)


def send(scheduled: Scheduled, context: Context) -> None:
    """Send a command of the agenda to its queue and take it out of there.

    With the queue away it stays in the agenda for the sweep: what caused it is committed, and its
    caller must not be told that it failed.
    """
    if _sent(scheduled, context):
        _done([scheduled.id], context)


def _sent(scheduled: Scheduled, context: Context) -> bool:
    """Send a command to its queue; False for one that stays in the agenda."""
    wait = (scheduled.due - context.clock.now()).total_seconds()
    if wait > _MOST_DELAY:
        return False
    try:
        context.queue.send(scheduled, delay_seconds=max(0, round(wait)))
    except UnavailableError as error:
        log.warning("%s stays in the agenda: %s", scheduled.id, error)
        return False
    return True


def _done(finished: list[str], context: Context) -> None:
    """Take commands out of the agenda; should that fail, the sweep sends them once more."""
    try:
        if finished:
            context.store.done(*finished)
    except UnavailableError as error:
        log.warning("%s stay in the agenda: %s", ", ".join(finished), error)
