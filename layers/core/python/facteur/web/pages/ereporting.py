"""Factures de vente › E-reporting: what is due when, each period's file, its questions, settings.

The file is made and checked by the pipeline and the rulebook: a page shows how far it is, and
looks again by itself while something moves (without scripts, by its « Actualiser » link).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from facteur.domain import typed
from facteur.domain.dossiers import Permission
from facteur.domain.ereporting.calendar import Regime
from facteur.domain.ereporting.filings import DECLARED, DRAFTS, MOVING, FilingState
from facteur.domain.ereporting.routes import Answers, Nature, RefundTold
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.faults import Fault
from facteur.domain.money import cents
from facteur.domain.seen import mark, refuse_moved
from facteur.services.ereporting import elsewhere, refunds, waiting
from facteur.services.ereporting import periods as service
from facteur.web.answers import Answer, redirect
from facteur.web.forms.numbers import whole
from facteur.web.forms.trying import again
from facteur.web.showing import reports
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/ventes/e-reporting"
SETTINGS = PATH + "/reglages"
#: What the period's own page tells, as it stands by now: its form was of another state.
_NOT_DONE = (InvalidError, ConflictError)
_STOP = 286  # htmx: nothing more will come, stop asking
MOST_AMOUNT = 10**12  # euros
MOST_SHOWN = 200  # lines of a block; the file has them all


@page(PATH)
def ereporting(visit: Visit) -> Answer:
    """The calendar, by due date."""
    everything = visit.query("tout") == "1"
    found = service.overview(visit.caller, visit.context, everything=everything)
    today = service.today(visit.context)
    lines = [reports.line(one, today) for one in found.rows]
    groups = [
        (due, reports.left_words((due - today).days), list(held))
        for due, held in groupby(lines, key=lambda one: one.row.series.period.due)
    ]
    moving = any(one.row.filing and one.row.filing.state in MOVING for one in lines)
    series = [one.series for one in found.rows]
    return visit.page(
        "ereporting.html",
        part="_ereporting_calendar.html",
        status=_STOP if visit.fragment and not moving else 200,
        settings=found.settings,
        groups=groups,
        undecided=waiting.waiting(visit.caller, series, visit.context),
        waiting=moving,
        connected=bool(found.connections),
        everything=everything,
        reports=reports,
    )


@page(PATH + "/verifier", "POST", permission=Permission.EXPORT)
def look_again(visit: Visit) -> Answer:
    """« Vérifier »: prepare what is due, see what must be corrected."""
    service.look_again(visit.caller, visit.context)
    return visit.go(PATH, fait="ereporting_looked")


# ── One period ──────────────────────────────────────────────────────────────────────────────────


@page(PATH + "/{report}")
def ereport(visit: Visit, report: str) -> Answer:
    """A period: its file, what it says, what it waits for."""
    return _period(visit, report)


def _period(visit: Visit, report: str, error: FacteurError | None = None) -> Answer:
    shown = service.detail(visit.caller, report, visit.context)
    filing = shown.filing
    moving = filing is not None and filing.state in MOVING
    kinds = {one.name: one.label for one in visit.context.platforms.kinds()}
    values: dict[str, Any] = {
        "here": f"{PATH}/{report}",
        "shown": shown,
        "filing": filing,
        "preview": shown.preview if filing and filing.state is not FilingState.FAILED else None,
        "title": reports.title(shown.series),
        "span": reports.span(shown.series),
        "badge_": reports.badge(shown.series, filing, service.today(visit.context)),
        "left": reports.left_words(shown.left),
        "late": shown.left < 0 and not reports.settled(filing),
        "waiting": moving,
        "undecided": waiting.waiting(visit.caller, (shown.series,), visit.context),
        "draft": filing is None or filing.state in DRAFTS,
        "declared": filing is not None and filing.state in DECLARED,
        "sendable": filing is not None
        and shown.over
        and filing.state in {FilingState.READY, FilingState.NOT_SENT},
        "platforms": [
            (one.id, kinds.get(one.platform, one.platform)) for one in shown.connections
        ],
        "reports": reports,
        "most": MOST_SHOWN,
        "today": service.today(visit.context),
        "settings_": visit.context.ereporting.settings(visit.caller.dossier),
        "takes_back": filing is not None and filing.file is not None and not filing.lines,
    }
    if error is not None:
        return again(visit, "ereport.html", error, **values)
    status = _STOP if visit.fragment and not moving else 200
    return visit.page(
        "ereport.html", part="_ereport.html", status=status, errors={}, wrong="", **values
    )


@page(PATH + "/{report}/preparer", "POST", permission=Permission.EXPORT)
def prepare_report(visit: Visit, report: str) -> Answer:
    """« Préparer », « Actualiser », « Rectifier »: the period's file is made anew."""
    try:
        service.prepare(visit.caller, report, visit.context)
    except _NOT_DONE as error:
        return _period(visit, report, error)
    return visit.go(f"{PATH}/{report}", fait="ereporting_asked")


@page(PATH + "/{report}/envoyer", "POST", permission=Permission.EXPORT)
def send_report(visit: Visit, report: str) -> Answer:
    """« Envoyer » the file that was looked at."""
    try:
        service.send(
            visit.caller,
            report,
            visit.field("connection"),
            whole(visit.field("turn"), digits=6, otherwise=0),
            visit.context,
        )
    except _NOT_DONE as error:
        return _period(visit, report, error)
    return visit.go(f"{PATH}/{report}", fait="ereporting_sent")


@page(PATH + "/{report}/repondre", "POST", permission=Permission.EXPORT)
def answer_report(visit: Visit, report: str) -> Answer:
    """The answers to the questions of one invoice."""
    try:
        service.answer(visit.caller, report, visit.field("document"), _said(visit), visit.context)
    except _NOT_DONE as error:
        return _period(visit, report, error)
    return visit.go(f"{PATH}/{report}", fait="ereporting_answered")


@page(PATH + "/{report}/rembourser", "POST", permission=Permission.EXPORT)
def answer_report_refund(visit: Visit, report: str) -> Answer:
    """Which collection a refund takes back; none: it is told on its own day again."""
    day, on = typed.day(visit.field("day")), typed.day(visit.field("told_on"))
    if day is None:
        raise NotFoundError("not_found", refund=visit.field("day")[:50])
    told = RefundTold(day=day, told_on=on) if on else None
    try:
        refunds.answer(visit.caller, report, visit.field("document"), told, day, visit.context)
    except _NOT_DONE as error:
        return _period(visit, report, error)
    return visit.go(f"{PATH}/{report}", fait="ereporting_answered")


@page(PATH + "/{report}/ailleurs", "POST", permission=Permission.EXPORT)
def report_told_elsewhere(visit: Visit, report: str) -> Answer:
    """« Déclarée ailleurs », or that mention taken back (``retirer``)."""
    try:
        if visit.field("retirer"):
            elsewhere.take_back(visit.caller, report, visit.context)
            return visit.go(f"{PATH}/{report}", fait="ereporting_elsewhere_undone")
        day, note = typed.day(visit.field("day")), visit.field("note")
        elsewhere.tell(visit.caller, report, day, note, visit.context)
    except _NOT_DONE as error:
        return _period(visit, report, error)
    return visit.go(f"{PATH}/{report}", fait="ereporting_elsewhere")


def _said(visit: Visit) -> Answers:
    """What the form answers. InvalidError: ``ereporting.said_nothing``, ``ereporting.rate``,
    ``till.amount``."""
    names = ("nature", "rate", "imported")
    nature, rate, imported = (visit.field(one)[:40] for one in names)
    owed, collected = _amount(visit, "tax_eur"), _amount(visit, "collected")
    if not (nature or rate or imported or owed is not None or collected is not None):
        raise InvalidError((Fault(code="ereporting.said_nothing"),))
    rates = {str(one): one for one in reports.RATES}
    if rate and rate not in rates:
        raise InvalidError((Fault(code="ereporting.rate"),))
    natures = {one.value: one for one in Nature}
    return Answers(
        nature=natures.get(nature),
        rate=rates.get(rate),
        imported={"oui": True, "non": False}.get(imported),
        tax_eur=owed,
        collected=collected,
    )


def _amount(visit: Visit, name: str) -> Decimal | None:
    """An amount of the form, None where the field is empty. InvalidError (``till.amount``)."""
    text = visit.field(name)[:40]
    found = typed.amount(text) if text else None
    if text and (found is None or abs(found) >= MOST_AMOUNT):
        raise InvalidError((Fault(code="till.amount", values={"value": text}),))
    return None if found is None else cents(found)


@page(PATH + "/{report}/fichier/{sequence}")
def ereport_file(visit: Visit, report: str, sequence: str) -> Answer:
    """The XML of a file of the period."""
    number = whole(sequence, digits=4, otherwise=0)
    if not number:
        raise NotFoundError("not_found", file=sequence[:50])
    return redirect(service.file_link(visit.caller, report, number, visit.context))


@page(PATH + "/{report}/reponse/{sequence}/{place}")
def ereport_answer(visit: Visit, report: str, sequence: str, place: str) -> Answer:
    """An answer to a file of the period, as it came."""
    number, nth = whole(sequence, digits=4, otherwise=0), whole(place, digits=4, otherwise=0)
    if not number or not nth:
        raise NotFoundError("not_found", file=f"{sequence[:50]}/{place[:50]}")
    return redirect(service.answer_link(visit.caller, report, number, nth, visit.context))


# ── Settings ────────────────────────────────────────────────────────────────────────────────────


@page(SETTINGS, permission=Permission.MANAGE)
def ereporting_settings(visit: Visit) -> Answer:
    """The VAT regimes by date, and the platform that sends."""
    return visit.page("ereporting_settings.html", errors={}, wrong="", **_settings(visit))


#: What each of the two forms saves at once.
_SENDER, _WAYS = ("platform_id", "platform_name"), ("remind", "forward")


def _unmoved(visit: Visit, names: Sequence[str]) -> None:
    refuse_moved(visit.field("seen"), service.settings(visit.caller, visit.context), names)


def _settings(visit: Visit, error: FacteurError | None = None) -> dict[str, Any]:
    held = service.settings(visit.caller, visit.context)
    posted = error is not None and not isinstance(error, StaleVersionError)
    names = ("platform_id", "platform_name", "since", "regime")
    sent = {one: visit.field(one)[:200] for one in names} if posted else {}
    shown = {"platform_id": held.platform_id, "platform_name": held.platform_name}
    marks = {"seen_sender": mark(held, _SENDER), "seen_ways": mark(held, _WAYS)}
    return {"settings": held, "typed": {**shown, **{k: v for k, v in sent.items() if v}}, **marks,
            "reports": reports, "reminders": service.REMINDERS}  # fmt: skip


@page(SETTINGS + "/plateforme", "POST", permission=Permission.MANAGE)
def save_ereporting_sender(visit: Visit) -> Answer:
    """The matricule and the name that are written as sender."""
    try:
        _unmoved(visit, _SENDER)
        service.save_sender(
            visit.caller,
            visit.field("platform_id"),
            visit.field("platform_name"),
            visit.context,
        )
    except (InvalidError, StaleVersionError) as error:
        return again(visit, "ereporting_settings.html", error, **_settings(visit, error))
    return visit.go(SETTINGS, fait="ereporting_saved")


@page(SETTINGS + "/rappels", "POST", permission=Permission.MANAGE)
def save_ereporting_ways(visit: Visit) -> Answer:
    """When people are told, and whether received reports leave by themselves."""
    try:
        _unmoved(visit, _WAYS)
        remind = whole(visit.field("remind"), digits=2, otherwise=0)
        forward = visit.field("forward") == "oui"
        service.save_ways(visit.caller, remind, forward=forward, context=visit.context)
    except (InvalidError, StaleVersionError) as error:
        return again(visit, "ereporting_settings.html", error, **_settings(visit, error))
    return visit.go(SETTINGS, fait="ereporting_saved")


@page(SETTINGS + "/regime", "POST", permission=Permission.MANAGE)
def save_ereporting_regime(visit: Visit) -> Answer:
    """The regime from a month on; ``retirer`` takes a change away."""
    try:
        since, regime = _month(visit.field("since")), _regime(visit)
        service.save_regime(visit.caller, since, regime, visit.context)
    except InvalidError as error:
        return again(visit, "ereporting_settings.html", error, **_settings(visit, error))
    return visit.go(SETTINGS, fait="ereporting_saved")


def _regime(visit: Visit) -> Regime | None:
    found = {one.value: one for one in Regime}.get(visit.field("regime"))
    if found is None and not visit.field("retirer"):
        raise InvalidError((Fault(code="ereporting.regime", path="regime"),))
    return found


def _month(text: str) -> date | None:
    """The first day of a month as a browser sends it (2027-09), or as people type it (09/2027)."""
    parts = text.replace("/", "-").split("-")
    if len(parts) == 2 and len(parts[1]) == 4:
        parts = parts[::-1]
    try:
        year, month = (int(one) for one in parts if one.isascii())
        return date(year, month, 1)
    except ValueError:
        return None
