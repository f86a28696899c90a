"""What a service writes in a dossier's journal: one entry, signed and dated here; reading it."""

from collections.abc import Mapping

from facteur.domain.dossiers import Caller, Permission
from facteur.domain.journal import JournalEntry, bounded
from facteur.ports import Context


def entry_by(
    caller: Caller, what: str, values: Mapping[str, object], context: Context
) -> JournalEntry:
    """An entry of the caller's dossier, in his name."""
    return entry(
        what, values, context, dossier=caller.dossier, by=caller.user, by_name=caller.name
    )


def entry(
    what: str,
    values: Mapping[str, object],
    context: Context,
    *,
    dossier: str,
    by: str,
    by_name: str = "",
) -> JournalEntry:
    """An entry of a dossier's journal: now, with a new identifier, its values within bounds."""
    return JournalEntry(
        dossier=dossier,
        id=context.ids.new(),
        at=context.clock.now(),
        what=what,
        by=by,
        by_name=by_name,
        values=bounded(values),
    )


def last(caller: Caller, context: Context, *, most: int) -> tuple[JournalEntry, ...]:
    """The last entries of the caller's dossier, newest first; ForbiddenError."""
    caller.require(Permission.MANAGE)
    return context.journal.entries(caller.dossier, limit=most)
