"""What leaves a dossier: accounting exports, the accounts they are written on, the exit kit.

One form asks; the list below shows each export, how far it is, its files and what was left out. It
looks again by itself while one is being made, and without scripts by its « Actualiser » link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from facteur.domain import typed
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.exports import SETTABLE, Job, Kind
from facteur.domain.faults import Fault
from facteur.domain.paris import paris
from facteur.formats.exports import FORMATS
from facteur.services.exports import jobs as service
from facteur.services.exports.entries import MOST_ASKED, MOST_INVOICES
from facteur.web.answers import Answer, redirect
from facteur.web.forms.numbers import whole
from facteur.web.i18n import _
from facteur.web.pages.archive import SIDES
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/archives/exports"
ACCOUNTS = "/parametres/comptabilite"
KIT = "/parametres/kit-de-sortie"
_STOP = 286  # htmx: nothing more will come, stop asking

#: The label of each account and journal, and what it is for.
_LABELS: Mapping[str, tuple[str, str]] = {
    "expense": ("Charges", "quand ni la fiche du fournisseur ni le document n’en choisit un"),
    "deductible": ("TVA déductible", "achats"),
    "supplier": ("Fournisseurs", "compte collectif"),
    "purchases_journal": ("Journal des achats", ""),
    "sales": ("Ventes", "quand ni la fiche du client ni le document n’en choisit un"),
    "collected": ("TVA collectée", "ventes"),
    "customer": ("Clients", "compte collectif"),
    "sales_journal": ("Journal des ventes", ""),
    "self_billed_journal": ("Journal des ventes autofacturées", "Émises par vos clients."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """An export as the list shows it."""

    job: Job
    title: str
    percent: int


@page(PATH, permission=Permission.EXPORT)
def exports(visit: Visit) -> Answer:
    """The form, filled with last month, and the last exports."""
    return _page(visit)


def _page(visit: Visit, *, errors: tuple[Fault, ...] = (), status: int = 200) -> Answer:
    held = service.jobs(visit.caller, visit.context)
    shown = [_view(one) for one in held if one.kind in (Kind.ACCOUNTING, Kind.KIT)]
    waiting = any(not one.job.over for one in shown)
    return visit.page(
        "exports.html",
        part="_exports.html",
        status=_STOP if visit.fragment and not waiting else status,
        storage=True,
        jobs=shown,
        waiting=waiting,
        formats=FORMATS.items(),
        typed=_typed(visit),
        periods=_periods(_today(visit)),
        errors=errors,
        limits={"invoices": MOST_INVOICES, "asked": MOST_ASKED},
    )


def _today(visit: Visit) -> date:
    """The day in France: a month begins there an hour or two before it does in UTC."""
    return paris(visit.context.clock.now()).date()


def _typed(visit: Visit) -> dict[str, str]:
    """What was typed, else what the address asks for, else the month that ended."""
    posted = visit.route.method == "POST"
    first = _today(visit).replace(day=1)
    last = first - timedelta(days=1)
    default = {
        "sens": "achats", "format": "fec_plus", "du": last.replace(day=1).isoformat(),
        "au": last.isoformat(), "a_recuperer": "1", "pieces": "1", "marquer": "1",
    }  # fmt: skip
    if posted:
        return {name: visit.field(name) for name in default}
    return {name: visit.query(name, held) for name, held in default.items()}


def _periods(today: date) -> tuple[tuple[str, str, str], ...]:
    """The periods one click away: (words, first day, last day)."""
    first = today.replace(day=1)
    last = first - timedelta(days=1)
    return tuple(
        (words, since.isoformat(), until.isoformat())
        for words, since, until in (
            (_("Mois dernier"), last.replace(day=1), last),
            (_("Mois en cours"), first, today),
            (_("Année en cours"), today.replace(month=1, day=1), today),
        )
    )


def _view(job: Job) -> JobView:
    if job.kind is Kind.KIT:
        title = _("Kit de sortie")
    else:
        side = _("achats") if job.direction is Direction.PURCHASE else _("ventes")
        title = f"{FORMATS[job.form].label} · {side}" if job.form in FORMATS else job.form
    return JobView(job=job, title=title, percent=100 * job.done // job.total if job.total else 0)


@page(PATH, "POST", permission=Permission.EXPORT)
def ask_export(visit: Visit) -> Answer:
    """Ask for an export: the pipeline makes it, the list shows it."""
    try:
        service.ask(
            visit.caller,
            visit.context,
            form=visit.field("format"),
            direction=SIDES.get(visit.field("sens"), Direction.PURCHASE),
            since=typed.day(visit.field("du")),
            until=typed.day(visit.field("au")),
            only_to_fetch=visit.field("a_recuperer") == "1",
            attachments=visit.field("pieces") == "1",
            mark=visit.field("marquer") == "1",
        )
    except InvalidError as error:
        return _page(visit, errors=error.faults, status=422)
    return visit.go(PATH, fait="export_asked")


@page(PATH + "/{export}/fichier/{page}", permission=Permission.EXPORT)
def export_file(visit: Visit, export: str, page: str) -> Answer:
    """A file of an export: the browser gets it from the bucket."""
    place = whole(page, digits=4, otherwise=0)
    return redirect(service.link(visit.caller, export, place, visit.context))


# ── Accounts ────────────────────────────────────────────────────────────────────────────────────


@page(ACCOUNTS, permission=Permission.EXPORT)
def accounts(visit: Visit) -> Answer:
    """The accounts and journals of the exports."""
    held = service.accounts(visit.caller, visit.context)
    return _accounts(visit, {name: getattr(held, name) for name in SETTABLE})


def _accounts(
    visit: Visit, values: Mapping[str, str], *, errors: tuple[Fault, ...] = (), status: int = 200
) -> Answer:
    return visit.page(
        "accounts.html", status=status, values=values, errors=errors, labels=_LABELS.items()
    )


@page(ACCOUNTS, "POST", permission=Permission.EXPORT)
def save_accounts(visit: Visit) -> Answer:
    """Save them, all or none."""
    typed = {name: visit.field(name) for name in SETTABLE}
    try:
        service.save_accounts(visit.caller, typed, visit.context)
    except InvalidError as error:
        return _accounts(visit, typed, errors=error.faults, status=422)
    return visit.go(ACCOUNTS, fait="accounts_saved")


# ── The exit kit ────────────────────────────────────────────────────────────────────────────────


@page(KIT, permission=Permission.MANAGE)
def kit(visit: Visit) -> Answer:
    """What the kit holds, the button, and the kits made so far."""
    held = service.jobs(visit.caller, visit.context)
    shown = [_view(one) for one in held if one.kind is Kind.KIT]
    waiting = any(not one.job.over for one in shown)
    return visit.page(
        "kit.html",
        part="_exports.html",
        status=_STOP if visit.fragment and not waiting else 200,
        jobs=shown,
        waiting=waiting,
        storage=True,
    )


@page(KIT, "POST", permission=Permission.MANAGE)
def ask_kit(visit: Visit) -> Answer:
    """Ask for everything of the dossier."""
    service.ask_kit(visit.caller, visit.context)
    return visit.go(KIT, fait="kit_asked")
