"""« Déclaré ailleurs »: a period that another tool declared. Nothing is due here any more.

Who said so, when and with which words is kept on the filing and in the journal; it can be taken
back, and what follows of the period from here on is a correction (RE).
"""

from datetime import date

from facteur.domain.commands import BuildReport
from facteur.domain.dossiers import Caller
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.filings import Elsewhere, Filing, FilingState
from facteur.domain.errors import ConflictError, InvalidError
from facteur.domain.faults import Fault
from facteur.ports import Context
from facteur.services.ereporting.periods import allowed, queue, series_of, today
from facteur.services.journalling import entry_by

MOST_NOTE = 500


def tell(caller: Caller, name: str, day: date | None, note: str, context: Context) -> Filing:
    """« Déclaré ailleurs »: another tool declared this period; nothing is due here any more.

    InvalidError (``ereporting.elsewhere_day``); ConflictError (``ereporting.declared_here``).
    """
    allowed(caller)
    series, held = series_of(caller, name, context)
    if day is None or not series.period.end < day <= today(context):
        fault = Fault(code="ereporting.elsewhere_day", path="day")
        raise InvalidError((fault,), code="ereporting.elsewhere_day")
    said = Elsewhere(
        at=context.clock.now(),
        by=caller.user,
        by_name=caller.name or caller.user,
        day=day,
        note=note.strip()[:MOST_NOTE],
    )
    wanted = succession.told_elsewhere(caller.dossier, held, series, said)
    if wanted is None:
        raise ConflictError("ereporting.declared_here")
    stored = context.ereporting.save(wanted)
    told = {"report": stored.series.id, "day": day.isoformat(), "note": said.note}
    context.journal.add((entry_by(caller, "ereporting.elsewhere", told, context),))
    return stored


def take_back(caller: Caller, name: str, context: Context) -> Filing:
    """Nobody declared it elsewhere after all: its file is prepared anew.

    ConflictError (``ereporting.not_elsewhere``).
    """
    allowed(caller)
    _found, held = series_of(caller, name, context)
    last = succession.current(held)
    if last is None or last.state is not FilingState.ELSEWHERE:
        raise ConflictError("ereporting.not_elsewhere")
    now = context.clock.now()
    draft = succession.taken_back(last, at=now, by=caller.user, by_name=caller.name)
    stored = context.ereporting.save(draft)
    command = BuildReport(dossier=stored.dossier, filing=stored.id, turn=stored.turn)
    queue(stored, f"build-{stored.turn}", command, context)
    told = {"report": stored.series.id}
    context.journal.add((entry_by(caller, "ereporting.elsewhere_undone", told, context),))
    return stored
