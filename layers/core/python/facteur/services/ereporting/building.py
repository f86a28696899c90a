"""Makes the file of a period, and looks at night whether it is due or no longer true.

Runs in the pipeline, where invoices are read. The report is always built whole (decision 0261);
what it was made of is kept as a hash, so that the night's look reads lists, not files, where
nothing moved.
"""

import logging
from dataclasses import replace
from datetime import date, timedelta

from facteur.domain.commands import BuildReport, CheckReport, ReviewReports
from facteur.domain.documents import StoredFile
from facteur.domain.ereporting import filings as rules
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.blocks import ReportType
from facteur.domain.ereporting.filings import (
    DECLARED,
    DRAFTS,
    MOVING,
    UNMADE,
    Filing,
    FilingState,
    Series,
    Settings,
)
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.serial import dumps
from facteur.formats import flux10
from facteur.ports import Context
from facteur.services.ereporting import periods, reminders, sealing
from facteur.services.ereporting.material import Made, Material, basis, gather, made
from facteur.services.staircase import Steps

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=400)  # what was declared is looked at again that long
LOCKED_AGAIN = timedelta(days=2)  # what was sealed since then has its locks laid again
PREPARED_BACK = timedelta(days=62)  # a period due longer ago is not prepared by itself


def build_report(command: BuildReport, context: Context) -> Steps:
    """Make a filing's file and preview; what cannot be made says why, once."""
    filing = context.ereporting.filing(command.dossier, command.filing)
    if filing.turn != command.turn or filing.state is not FilingState.PREPARING:
        return None, ()
    try:
        material = gather(filing.dossier, (filing.series,), context)
        result = made(filing, material, context)
    except InvalidError as error:
        fault = next(iter(error.faults), Fault(code=error.code))
        context.ereporting.save(replace(filing, state=FilingState.FAILED, failure=fault))
        return None, ()
    wanted = _described(filing, result, context)
    stored = context.ereporting.save(wanted)
    if stored.state is FilingState.CHECKING:
        check = CheckReport(dossier=stored.dossier, filing=stored.id, turn=stored.turn)
        periods.queue(stored, f"check-{stored.turn}", check, context)
    return None, ()


def _described(filing: Filing, result: Made, context: Context) -> Filing:
    """The filing with its file, its preview and its sums."""
    report = result.report
    base, tax = report.sums
    over = rules.over(filing.series, periods.today(context))
    file: StoredFile | None = None
    # An empty period is not told; one that was told, and is empty now, is taken back (RE).
    takes_back = filing.type is ReportType.CORRECTION and not result.preview.left_out
    nothing = report.empty and not (over and takes_back)
    state = FilingState.EMPTY if nothing else FilingState.OPEN
    if over and not nothing:
        state = FilingState.CHECKING
        file = kept(filing, "report.xml", flux10.write(report), "application/xml", context)
    return replace(
        filing,
        state=state,
        basis=result.basis,
        content=result.content,
        report=report.id,
        file=file,
        preview=kept(filing, "preview.json", dumps(result.preview), "application/json", context),
        lines=report.lines,
        base=base,
        tax=tax,
        left_out=len(result.preview.left_out),
    )


def kept(filing: Filing, name: str, data: bytes, media: str, context: Context) -> StoredFile:
    """A file of a filing, in the archive bucket."""
    key = f"{filing.dossier}/ereporting/{filing.id}/{context.ids.new()}/{name}"
    shown = f"{filing.id}.{name.rpartition('.')[2]}"
    return context.blobs.put(key, data, media, filename=shown)


# ── The night's look ────────────────────────────────────────────────────────────────────────────


def review_reports(command: ReviewReports, context: Context) -> Steps:
    """Prepare what is due, make drafts anew, mark what was declared and is no longer true."""
    settings = context.ereporting.settings(command.dossier)
    day = periods.today(context)
    filings = context.ereporting.filings(command.dossier)
    held = succession.latest(filings)
    reminders.remind(command.dossier, held.values(), context)
    sealing.relay(filings, context, since=LOCKED_AGAIN)
    held = succession.latest(context.ereporting.filings(command.dossier))
    series = [one for one in _series(settings, day) if _concerns(one, held.get(one.id), day)]
    if not series or not settings.platform_id:
        return None, ()
    try:
        material = gather(command.dossier, series, context)
    except InvalidError as error:  # asked for, each says it on its own page
        log.warning("e-reporting of %s: %s", command.dossier, error)
        for one in (one for one in series if one.id not in held):
            periods.ask(one, command.dossier, context)
        return None, ()
    for one in series:
        _looked_at(one, held.get(one.id), command.dossier, material, context)
    return None, ()


def _series(settings: Settings, day: date) -> tuple[Series, ...]:
    if not settings.regimes:
        return ()
    since = max(settings.regimes[0].since, day - LOOKED_BACK)
    found = rules.series_between(settings.regimes, since, max(day, since))
    return tuple(one for one in found if rules.over(one, day))


def _concerns(series: Series, filing: Filing | None, day: date) -> bool:
    if filing is None:
        return series.period.due >= day - PREPARED_BACK
    return filing.state not in MOVING


def _looked_at(
    series: Series, filing: Filing | None, dossier: str, material: Material, context: Context
) -> None:
    if filing is None or (filing.received and filing.state in UNMADE):
        periods.ask(series, dossier, context)
        return
    if filing.received:  # its software knows what it is made of
        return
    present = basis(series, material)
    if filing.basis == present and filing.state is not FilingState.OPEN:
        return
    if filing.state in DRAFTS:
        periods.ask(series, dossier, context)
    elif filing.state in DECLARED:
        said = made(filing, material, context).content
        periods.moved(
            dossier,
            filing.id,
            context,
            lambda one: replace(one, basis=present, outdated=said != filing.content),
        )
