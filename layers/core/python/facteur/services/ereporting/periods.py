"""E-reporting as people see and move it: the calendar, a period, its answers, its settings.

Pages call this; the work itself is the pipeline's (``building`` makes the file,
``sending`` hands it over) and the rulebook's (``checking``). Nothing here reads an invoice's XML.
Whoever exports for accounting may prepare, answer and send; settings are the gérant's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from facteur.domain.commands import BuildReport, Command, ReviewReports, Scheduled, TransmitReport
from facteur.domain.connections import Connection, ConnectionState, default_of
from facteur.domain.documents import DocumentRef
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.ereporting import filings as rules
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.calendar import Regime, RegimeChange
from facteur.domain.ereporting.filings import (
    DRAFTS,
    Filing,
    FilingState,
    Preview,
    Series,
    Settings,
)
from facteur.domain.ereporting.routes import Answers
from facteur.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.faults import Fault
from facteur.domain.paris import paris
from facteur.domain.serial import loads
from facteur.domain.tracking import tracking_of
from facteur.ports import Context
from facteur.services.journalling import entry_by
from facteur.services.staircase import queued

SHOWN_BACK = timedelta(days=100)  # older periods are shown on demand
SHOWN_AHEAD = timedelta(days=15)
REMINDERS = (1, 2, 3, 5, 7)  # days before a period is due
_TRIES = 4
#: Takes invoices for public customers only: no report.
_NO_REPORTS = frozenset({"chorus_pro", "chorus_pro_test"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the calendar."""

    series: Series
    filing: Filing | None
    left: int  # days until it is due
    refused: Filing | None = None  # submitted after ``filing``, refused: it changed nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The calendar of a dossier."""

    settings: Settings
    rows: tuple[Row, ...]
    connections: tuple[Connection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One period under a role."""

    series: Series
    filing: Filing | None
    preview: Preview | None
    others: tuple[Filing, ...]  # the other files of the series, newest first
    refused: Filing | None  # submitted after ``filing``, refused: it changed nothing
    connections: tuple[Connection, ...]  # that may take it; the first is proposed
    over: bool
    left: int


def allowed(caller: Caller, permission: Permission = Permission.EXPORT) -> None:
    """ForbiddenError for who may not."""
    caller.require(permission)


def today(context: Context) -> date:
    """The day on a French clock."""
    return paris(context.clock.now()).date()


# ── Looking ─────────────────────────────────────────────────────────────────────────────────────


def overview(caller: Caller, context: Context, *, everything: bool = False) -> Overview:
    """What is due when: lately, now and next; ``everything``: since the first regime."""
    allowed(caller, Permission.READ)
    chosen = context.ereporting.settings(caller.dossier)
    day = today(context)
    held = succession.by_series(context.ereporting.filings(caller.dossier))
    found: dict[str, Series] = {}
    since = date.min if everything else day - SHOWN_BACK
    if chosen.regimes:
        first = max(chosen.regimes[0].since, since)
        planned = rules.series_between(chosen.regimes, first, max(day, first) + SHOWN_AHEAD)
        found = {one.id: one for one in planned}
    # A report that a software submitted, or made under another regime, may have days of its own.
    found |= {
        name: files[0].series
        for name, files in held.items()
        if name not in found and files[0].series.period.end >= since
    }
    rows = [
        Row(
            series=one,
            filing=succession.current(held.get(one.id, ())),
            left=rules.days_left(one.period, day),
            refused=succession.refused_after(held.get(one.id, ())),
        )
        for one in sorted(found.values(), key=lambda one: (one.period.due, one.period.start))
    ]
    return Overview(
        settings=chosen, rows=tuple(rows), connections=senders(caller.dossier, context)
    )


def settings(caller: Caller, context: Context) -> Settings:
    """The dossier's settings."""
    allowed(caller, Permission.MANAGE)
    return context.ereporting.settings(caller.dossier)


def senders(dossier: str, context: Context) -> tuple[Connection, ...]:
    """The connections that may hand a report over, the dossier's default first."""
    live = tuple(
        one
        for one in context.connections.connections(dossier)
        if one.state is ConnectionState.CONNECTED and one.platform not in _NO_REPORTS
    )
    first = default_of(live)
    return tuple(sorted(live, key=lambda one: one is not first))


def detail(caller: Caller, name: str, context: Context) -> Detail:
    """One period; NotFoundError for what the dossier's calendar does not have."""
    allowed(caller, Permission.READ)
    series, held = series_of(caller, name, context)
    filing = succession.current(held)
    others = tuple(one for one in reversed(held) if one is not filing)
    preview = None
    if filing is not None and filing.preview is not None:
        preview = loads(Preview, context.blobs.get(filing.preview))
    day = today(context)
    return Detail(
        series=series,
        filing=filing,
        preview=preview,
        others=others,
        refused=succession.refused_after(held),
        connections=senders(caller.dossier, context),
        over=rules.over(series, day),
        left=rules.days_left(series.period, day),
    )


def series_of(caller: Caller, name: str, context: Context) -> tuple[Series, tuple[Filing, ...]]:
    """A series of the calendar and its filings; a filing outlives a change of regime."""
    regimes = context.ereporting.settings(caller.dossier).regimes
    found = rules.series_named(regimes, name)
    if found is not None:
        return found, context.ereporting.filings(caller.dossier, series=found.id)
    held = context.ereporting.filings(caller.dossier, series=name[:200]) if name else ()
    if not held:
        raise NotFoundError("not_found", report=name[:80])
    return held[-1].series, held


def file_link(caller: Caller, name: str, sequence: int, context: Context) -> str:
    """A presigned link to the XML of a filing; NotFoundError before it is there."""
    allowed(caller, Permission.READ)
    _found, held = series_of(caller, name, context)
    file = next((one.file for one in held if one.sequence == sequence), None)
    if file is None:
        raise NotFoundError("not_found", report=name[:80])
    return context.blobs.link(file, download=True)


def answer_link(caller: Caller, name: str, sequence: int, place: int, context: Context) -> str:
    """A presigned link to an answer to a file, from 1; NotFoundError when there is none."""
    allowed(caller, Permission.READ)
    _found, held = series_of(caller, name, context)
    answers = next((one.answers for one in held if one.sequence == sequence), ())
    if not 1 <= place <= len(answers):
        raise NotFoundError("not_found", report=name[:80])
    return context.blobs.link(answers[place - 1], download=True)


# ── Moving ──────────────────────────────────────────────────────────────────────────────────────


def prepare(caller: Caller, name: str, context: Context) -> Filing:
    """Prepare a period's file anew; its next file once the last one has left (IN or RE).

    ConflictError (``ereporting.under_way``) while one is leaving.
    """
    allowed(caller)
    series, _held = series_of(caller, name, context)
    return ask(series, caller.dossier, context, by=caller.user, by_name=caller.name)


def ask(
    series: Series, dossier: str, context: Context, *, by: str = "", by_name: str = ""
) -> Filing:
    """Queue the making of a series' file; ``by``: "" is the clock. Raises as ``prepare``."""
    held = context.ereporting.filings(dossier, series=series.id)
    last = succession.current(held)
    if last is not None and last.state is FilingState.SENDING:
        raise ConflictError("ereporting.under_way")
    wanted = succession.again(
        dossier, held, series, at=context.clock.now(), by=by, by_name=by_name
    )
    made = context.ereporting.save(wanted)
    command = BuildReport(dossier=dossier, filing=made.id, turn=made.turn)
    queue(made, f"build-{made.turn}", command, context)
    return made


def queue(filing: Filing, name: str, command: Command, context: Context) -> None:
    """Queue what comes next for a filing; the same name again asks nothing more."""
    identifier = f"ereporting-{filing.dossier}-{filing.id}-{name}"
    queued(Scheduled(id=identifier, command=command, due=context.clock.now()), context)


def answer(caller: Caller, name: str, document: str, said: Answers, context: Context) -> None:
    """Keep what the company says of one of its invoices, and make the period's file anew.

    What it did not say stays. NotFoundError for another dossier's document. Of a file that has
    left, the night's look (or ``look_again``) tells whether it must be corrected.
    """
    allowed(caller)
    series, held = series_of(caller, name, context)
    context.store.document(DocumentRef(caller.dossier, document))
    before = context.ereporting.answers(caller.dossier).get(document, Answers())
    after = replace(
        before,
        nature=said.nature or before.nature,
        rate=before.rate if said.rate is None else said.rate,
        imported=before.imported if said.imported is None else said.imported,
        tax_eur=before.tax_eur if said.tax_eur is None else said.tax_eur,
        collected=before.collected if said.collected is None else said.collected,
    )
    context.ereporting.save_answers(caller.dossier, document, after)
    last = succession.current(held)
    if last is not None and last.state in DRAFTS:
        ask(series, caller.dossier, context, by=caller.user, by_name=caller.name)
    else:
        look_again(caller, context)


def look_again(caller: Caller, context: Context) -> None:
    """Ask whether what was declared is still true, and prepare what is due."""
    allowed(caller)
    command = ReviewReports(dossier=caller.dossier)
    name = f"ereporting-review-{caller.dossier}-{context.ids.new()}"
    queued(Scheduled(id=name, command=command, due=context.clock.now()), context)


def send(caller: Caller, name: str, connection: str, turn: int, context: Context) -> Filing:
    """« Envoyer »: the file that was checked, and that was seen (``turn``), leaves once.

    InvalidError: ``ereporting.not_ready``, ``ereporting.not_over``, ``ereporting.told_already``,
    ``sending.no_platform``. StaleVersionError when it was prepared anew since it was looked at.
    """
    allowed(caller)
    series, held = series_of(caller, name, context)
    filing = succession.current(held)
    if filing is None or filing.state not in {FilingState.READY, FilingState.NOT_SENT}:
        raise InvalidError((Fault(code="ereporting.not_ready"),), code="ereporting.not_ready")
    if filing.turn != turn:
        raise StaleVersionError("ereporting.stale", filing=filing.id)
    if not rules.over(series, today(context)):
        raise InvalidError((Fault(code="ereporting.not_over"),), code="ereporting.not_over")
    if succession.comes_too_late(filing, held):
        raise too_late(series)
    live = senders(caller.dossier, context)
    chosen = next((one for one in live if not connection or one.id == connection), None)
    if chosen is None:
        raise InvalidError((Fault(code="sending.no_platform"),), code="sending.no_platform")
    leaving = leave(filing, chosen, caller.name or caller.user, context)
    context.journal.add((entry_by(caller, "ereporting.sent", {"report": filing.id}, context),))
    return leaving


def too_late(series: Series) -> InvalidError:
    """A first declaration of a period that another file tells already (TT-4)."""
    values = {"start": series.period.start.isoformat(), "end": series.period.end.isoformat()}
    fault = Fault(code="ereporting.told_already", path="TT-4", values=values)
    return InvalidError((fault,), code="ereporting.told_already")


def leave(filing: Filing, connection: Connection, by: str, context: Context) -> Filing:
    """Have a checked file leave by a connection, once."""
    leaving = context.ereporting.save(
        replace(
            filing,
            state=FilingState.SENDING,
            tracking=tracking_of(f"{filing.dossier}|{filing.id}|{filing.turn}"),
            connection=connection.id,
            sent_by=by,
            failure=None,
        )
    )
    command = TransmitReport(dossier=leaving.dossier, filing=leaving.id)
    queue(leaving, f"send-{leaving.version}", command, context)
    return leaving


def moved(
    dossier: str, name: str, context: Context, move: Callable[[Filing], Filing | None]
) -> Filing:
    """Change a filing as it stands by now; nothing when ``move`` has nothing to say."""
    for attempt in range(_TRIES):
        filing = context.ereporting.filing(dossier, name)
        wanted = move(filing)
        if wanted is None or wanted == filing:
            return filing
        try:
            return context.ereporting.save(wanted)
        except StaleVersionError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError  # the loop returns or raises


# ── Settings ────────────────────────────────────────────────────────────────────────────────────


def save_sender(
    caller: Caller, platform_id: str, platform_name: str, context: Context
) -> Settings:
    """The platform's matricule and name; drafts are made anew. InvalidError with its faults."""
    allowed(caller, Permission.MANAGE)
    faults = rules.faults_of_settings(platform_id, platform_name)
    if faults:
        raise InvalidError(faults)
    held = context.ereporting.settings(caller.dossier)
    wanted = replace(held, platform_id=platform_id, platform_name=platform_name)
    return _saved(caller, held, wanted, {"sender": f"{platform_id} {platform_name}"}, context)


def save_regime(
    caller: Caller, since: date | None, regime: Regime | None, context: Context
) -> Settings:
    """The regime from a first day of a month on; None takes that change away. InvalidError."""
    allowed(caller, Permission.MANAGE)
    if since is None or since.day != 1 or not 2026 <= since.year <= 2100:
        raise InvalidError((Fault(code="ereporting.since", path="since"),))
    held = context.ereporting.settings(caller.dossier)
    change = RegimeChange(since=since, regime=regime) if regime else None
    wanted = rules.with_regime(held, since, change)
    told = {"since": since.isoformat(), "regime": regime.value if regime else "—"}
    return _saved(caller, held, wanted, told, context)


def save_ways(caller: Caller, remind: int, *, forward: bool, context: Context) -> Settings:
    """When people are told of what is due, and whether received reports leave by themselves.

    InvalidError (``ereporting.remind``).
    """
    allowed(caller, Permission.MANAGE)
    if remind not in REMINDERS:
        fault = Fault(code="ereporting.remind", path="remind")
        raise InvalidError((fault,), code="ereporting.remind")
    held = context.ereporting.settings(caller.dossier)
    wanted = replace(held, remind=remind, forward=forward)
    told = {"remind": str(remind), "forward": "oui" if forward else "non"}
    return _saved(caller, held, wanted, told, context)


def _saved(
    caller: Caller,
    held: Settings,
    wanted: Settings,
    told: dict[str, str],
    context: Context,
) -> Settings:
    if wanted == held:
        return held
    entry = entry_by(caller, "ereporting.settings", told, context)
    saved = context.ereporting.save_settings(wanted, (entry,))
    if saved.regimes and saved.platform_id:
        for one in succession.latest(context.ereporting.filings(caller.dossier)).values():
            if one.state in DRAFTS and not one.received:
                ask(one.series, caller.dossier, context, by=caller.user, by_name=caller.name)
        look_again(caller, context)
    return saved
