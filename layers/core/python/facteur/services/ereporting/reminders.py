"""Telling people that an e-reporting period waits: on the dashboard, in the portfolio, by mail.

Only a period with something to send, or to correct, is told of: nothing is ever said of an empty
one, nor of one that another tool declared. The night's look raises an alert when a period comes
near its last day (as many days before as the dossier chose), when it is late, and when what was
declared is no longer true; the digest of « Notifications par défaut » tells of it to those who may
send it, as often as they asked for.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from facteur.domain.attention import Line
from facteur.domain.attention import Settings as Chosen
from facteur.domain.dossiers import PERMISSIONS, Caller, Permission
from facteur.domain.ereporting import filings as rules
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.filings import Filing, Stage
from facteur.ports import Context
from facteur.services.ereporting.periods import moved, today

ALERT = "ereporting:"  # begins the names of these alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """What a dossier has to send: the periods, and the first last day among them."""

    count: int
    due: date
    late: int  # of them, those whose last day is behind
    amend: int  # of them, those that were declared and are no longer true
    first: str  # the name of the most pressing series


def reminder(caller: Caller, context: Context) -> Reminder | None:
    """What the open dossier has to send; None for nothing, and for who may not send it."""
    if not caller.may(Permission.EXPORT):
        return None
    return waiting(caller.dossier, context)


def waiting(dossier: str, context: Context) -> Reminder | None:
    """What a dossier has to send: one call where it reports nothing, two where it does."""
    if not context.ereporting.settings(dossier).regimes:
        return None
    day = today(context)
    held = succession.latest(context.ereporting.filings(dossier)).values()
    found = [one for one in held if rules.to_do(one) and rules.over(one.series, day)]
    if not found:
        return None
    # A correction has no last day of its own: what is not declared yet is more pressing.
    first = min(found, key=lambda one: (one.outdated, one.series.period.due, one.id))
    return Reminder(
        count=len(found),
        due=first.series.period.due,
        late=sum(_late(one, day) for one in found),
        amend=sum(one.outdated for one in found),
        first=first.series.id,
    )


def _late(filing: Filing, day: date) -> bool:
    return not filing.outdated and rules.days_left(filing.series.period, day) < 0


def remind(dossier: str, held: Iterable[Filing], context: Context) -> None:
    """Raise what people must hear of these filings today, once for each of its stages."""
    day, ahead = today(context), context.ereporting.settings(dossier).remind
    for filing in held:
        stage = rules.stage_of(filing, day, ahead)
        if stage is None or filing.reminded == stage.value:
            continue
        name = f"{ALERT}{filing.id}:{stage.value}"
        context.notifications.raise_alert(dossier, name, context.clock.now())
        _told(filing, stage, context)


def _told(filing: Filing, stage: Stage, context: Context) -> None:
    moved(filing.dossier, filing.id, context, lambda one: replace(one, reminded=stage.value))


# ── By mail ─────────────────────────────────────────────────────────────────────────────────────


def concerns(chosen: Chosen, context: Context) -> bool:
    """True for a person who may send the reports of that dossier."""
    member = context.people.member(chosen.dossier, chosen.user)
    if member is not None:
        return Permission.EXPORT in member.permissions
    link = context.people.link(chosen.dossier, chosen.firm) if chosen.firm else None
    return link is not None and link.active and Permission.EXPORT in PERMISSIONS[link.role]


def lines(chosen: Chosen, news: Collection[str], context: Context) -> list[Line]:
    """The lines of a digest about periods that still wait; none once they do not."""
    if not any(one.startswith(ALERT) for one in news) or not concerns(chosen, context):
        return []
    found = waiting(chosen.dossier, context)
    if found is None:
        return []
    said = {
        "ereporting_late": found.late,
        "ereporting": found.count - found.late - found.amend,
        "ereporting_amend": found.amend,
    }
    return [
        Line(what=what, count=count, place="e-reporting", due=found.due)
        for what, count in said.items()
        if count
    ]
