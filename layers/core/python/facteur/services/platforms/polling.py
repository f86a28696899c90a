"""Asking for a round of synchronisation, or for one flow again: what the clock and pages may do.

Nothing here reads a file or speaks to a platform, so that every function may import it; the work
itself is flows/synchronising.py's, in the pipeline.
"""

from datetime import timedelta

from facteur.domain.commands import Scheduled, SyncConnection, TakeFlow
from facteur.domain.connections import Connection
from facteur.domain.taken_flows import TakenFlow
from facteur.ports import Context
from facteur.services.staircase import queued


def sync_due(context: Context) -> None:
    """The clock: ask each platform whose time has come, once for its round."""
    now = context.clock.now()
    for one in context.connections.all():
        if one.due(now):
            round_ = "first" if one.tried_at is None else f"{one.tried_at:%Y%m%dT%H%M%S%f}"
            sync_soon(one, f"{round_}-{one.version}", context)


def sync_soon(
    connection: Connection, name: str, context: Context, *, wait: timedelta = timedelta()
) -> None:
    """Ask a platform what changed; the same ``name`` again asks nothing more."""
    command = SyncConnection(dossier=connection.dossier, connection=connection.id)
    due = context.clock.now() + wait
    queued(Scheduled(id=f"sync-{connection.id}-{name}", command=command, due=due), context)


def take_again(flow: TakenFlow, context: Context) -> None:
    """Take a flow that is known once more: it was in quarantine, or its invoice has come."""
    command = TakeFlow(dossier=flow.dossier, connection=flow.connection, flow=flow.id, again=True)
    name = f"flow-{flow.connection}-{context.ids.new()}"
    queued(Scheduled(id=name, command=command, due=context.clock.now()), context)
