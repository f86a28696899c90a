"""A circuit was added, changed or removed: the purchases that wait already are stopped, or let go.

The walk (``ReviewWaiting``) stands in the agenda before the preferences are saved, so that a crash
between the two loses nothing: when the circuits did not change after all, it finds nothing to do.
It queues one command per document it may concern, under an identifier that comes from the change,
and goes on by its cursor: run again, it asks nothing twice. A document is decided by its own
version; who was faster makes the queue try again (decision 0279). Approvers without an account are
asked for all of it by one mail (asking.py, decision 0315).
"""

from facteur.domain import circuits
from facteur.domain.circuits import Change
from facteur.domain.commands import ReviewCircuit, ReviewWaiting, Scheduled
from facteur.domain.decisions import Actor
from facteur.domain.documents import Direction, DocumentRef
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.events import Happened
from facteur.ports import Context
from facteur.services.deciding import asking
from facteur.services.parties.cards import standing_of
from facteur.services.staircase import Steps, commit, lease, queued

_AT_ONCE = 100  # documents of one step of the walk


def waiting(caller: Caller, context: Context) -> int:
    """How many purchases of the dossier wait for a decision; ForbiddenError."""
    caller.require(Permission.READ)
    counts = context.store.counts(caller.dossier, Direction.PURCHASE)
    return sum(counts[state] for state in circuits.WAITING)


def announced(caller: Caller, change: Change, version: int, context: Context) -> Scheduled:
    """Put the walk of a change in the agenda, before the change is saved; to be sent after.

    ``version``: of the preferences that it changes; each is changed once.
    """
    walk = f"circuit-{change.circuit}-{version}"
    now = context.clock.now()
    command = ReviewWaiting(
        dossier=caller.dossier,
        change=change,
        walk=walk,
        by=caller.user,
        by_name=caller.name,
        began=now,
    )
    return lease(Scheduled(id=walk, command=command, due=now), context)


def review_waiting(command: ReviewWaiting, context: Context) -> Steps:
    """Queue one review per document of this step's page, then the next step."""
    now = context.clock.now()
    preferences = context.preferences.load(command.dossier)
    walk = command.walk
    page = context.store.documents(
        command.dossier,
        Direction.PURCHASE,
        state=circuits.WAITING[command.place],
        limit=_AT_ONCE,
        cursor=command.cursor,
    )
    for document in page.documents:
        if not circuits.concerned(document, preferences, command.change):
            continue
        review = ReviewCircuit(
            dossier=command.dossier,
            document=document.id,
            change=command.change,
            by=command.by,
            by_name=command.by_name,
            walk=walk,
            began=command.began,
        )
        queued(Scheduled(id=f"{walk}-{document.id}", command=review, due=now), context)
    place, cursor = command.place, page.cursor
    if not cursor:
        place += 1
    if place < len(circuits.WAITING):
        following = ReviewWaiting(
            dossier=command.dossier,
            change=command.change,
            walk=walk,
            by=command.by,
            by_name=command.by_name,
            place=place,
            cursor=cursor,
            began=command.began,
        )
        last = page.documents[-1].id if cursor else ""
        queued(Scheduled(id=f"{walk}-{place}-{last}", command=following, due=now), context)
    return None, ()


def review_circuit(command: ReviewCircuit, context: Context) -> Steps:
    """Stop one waiting purchase, or let it go; nothing when it moved on or nothing changes."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    preferences = context.preferences.load(command.dossier)
    if not circuits.concerned(document, preferences, command.change):
        return document, ()  # without reading its supplier's card
    decision = circuits.reviewed(
        document,
        preferences,
        command.change,
        category=standing_of(document, context).category,
        actor=Actor(id=command.by, name=command.by_name),
        at=context.clock.now(),
    )
    if decision is None:
        return document, ()
    if any(one.name is Happened.APPROVAL_ASKED for one in decision.events):
        asking.announce(decision.document, command.walk, command.began, context)
    return commit(decision, context)
