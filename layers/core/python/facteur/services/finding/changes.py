"""The change feed of a dossier: what happened since the last time a program asked (PE-31).

Events are read from an index that follows the table by a moment: those of the last seconds wait
for the next call, so that none is passed over. Deletions are events like others.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import InvalidError
from facteur.ports import Change, Context

SETTLED = timedelta(seconds=10)
MOST = 200
_PLACE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z#[\w.-]{1,200}#\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Changes, oldest first; where to go on from, and whether there is more already."""

    changes: tuple[Change, ...]
    cursor: str
    more: bool


def feed(caller: Caller, cursor: str, context: Context) -> Feed:
    """What happened after a cursor ("": from the beginning).

    ForbiddenError; InvalidError (``cursor.invalid``) for what is no cursor of ours.
    """
    caller.require(Permission.READ)
    if cursor and not _PLACE.fullmatch(cursor):
        raise InvalidError((), code="cursor.invalid")
    found = context.changelog.since(
        caller.dossier, cursor, until=context.clock.now() - SETTLED, limit=MOST
    )
    last = found[-1].place if found else cursor
    return Feed(changes=found, cursor=last, more=len(found) == MOST)
