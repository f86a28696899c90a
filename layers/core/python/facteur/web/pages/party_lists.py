"""Lists of cards as spreadsheets: the model, the export, the import and its rehearsal."""

from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError, NotFoundError, UnreadableError
from facteur.domain.parties import Side
from facteur.services.lists import Outcome
from facteur.services.parties import lists
from facteur.services.parties.lists import Line, Rehearsal
from facteur.web import i18n
from facteur.web.answers import Answer, redirect
from facteur.web.i18n import _
from facteur.web.pages.parties import SIDES, SLUGS, filters_of, side_of
from facteur.web.showing.present import Badge
from facteur.web.site import page
from facteur.web.visit import Visit

_OUTCOMES = {
    Outcome.CREATED: Badge("À créer", "circle-check", "green"),
    Outcome.CHANGED: Badge("À mettre à jour", "refresh", "blue"),
    Outcome.UNCHANGED: Badge("Inchangée", "circle-dashed", "grey"),
    Outcome.ERROR: Badge("À corriger", "alert-triangle", "red"),
}


@page("/tiers/modele")
def model(visit: Visit) -> Answer:
    """« Télécharger le modèle d'import »."""
    return redirect(lists.template(visit.caller, side_of(visit), visit.context))


@page("/tiers/exporter")
def export(visit: Visit) -> Answer:
    """The list that the address shows, as .xlsx or .csv."""
    form = "csv" if visit.query("format") == "csv" else "xlsx"
    link = lists.export(
        visit.caller, side_of(visit), visit.context, form=form, filters=filters_of(visit)
    )
    return redirect(link)


@page("/tiers/importer", permission=Permission.DECIDE)
def import_page(visit: Visit) -> Answer:
    """Choose a file; with ``fichier``, what importing it would do."""
    side, name = side_of(visit), visit.query("fichier")
    rehearsal: Rehearsal | None = None
    problem = ""
    if name:
        try:
            rehearsal = lists.rehearse(visit.caller, side, name, visit.context)
        except (InvalidError, UnreadableError, NotFoundError) as error:
            problem = i18n.told(error)
    return _shown(visit, rehearsal, problem, name)


def _shown(
    visit: Visit, rehearsal: Rehearsal | None, problem: str, name: str, *, done: bool = False
) -> Answer:
    side = SIDES.get(visit.field("onglet"), side_of(visit)) if done else side_of(visit)
    form = None
    if rehearsal is None:
        form = lists.import_form(
            visit.caller,
            visit.context,
            back=lambda name: visit.site.url("/tiers/importer", onglet=SLUGS[side], fichier=name),
        )
    lines = rehearsal.lines if rehearsal else ()
    return visit.page(
        "parties_import.html",
        status=422 if problem else 200,
        storage=True,
        side=side,
        slug=SLUGS[side],
        form=form,
        problem=problem,
        name=name,
        finished=done,
        rehearsal=rehearsal,
        lines=[(one, _badge(one, done=done), _said(one, side)) for one in lines],
        created=rehearsal.count("created") if rehearsal else 0,
        changed=rehearsal.count("changed") if rehearsal else 0,
        unchanged=rehearsal.count("unchanged") if rehearsal else 0,
        wrong=rehearsal.count("error") if rehearsal else 0,
        errors_link=_errors_link(visit, rehearsal),
    )


def _said(line: Line, side: Side) -> str:
    """What is wrong with a row; what it changes on its card."""
    changed = [f"{lists.head_of(side, name)} : {how}" for name, how in line.changed.items()]
    return i18n.fault_texts(line.faults) or " · ".join(changed)


def _badge(line: Line, *, done: bool) -> Badge:
    badge = _OUTCOMES[line.outcome]
    if done and line.outcome in (Outcome.CREATED, Outcome.CHANGED):
        words = _("Créée") if line.outcome is Outcome.CREATED else _("Mise à jour")
        return Badge(words, "circle-check", "green")
    return Badge(_(badge.label), badge.icon, badge.tone)


def _errors_link(visit: Visit, rehearsal: Rehearsal | None) -> str:
    """The file of the rows to correct, "" when there are none."""
    if rehearsal is None or not rehearsal.count("error"):
        return ""
    side = SIDES.get(visit.field("onglet") if visit.route.method == "POST" else "", side_of(visit))
    wrong = [one for one in rehearsal.lines if one.outcome is Outcome.ERROR]
    texts = [i18n.fault_texts(one.faults) for one in wrong]
    return lists.errors_file(visit.caller, side, rehearsal, texts, visit.context)


@page("/tiers/importer", "POST", permission=Permission.DECIDE)
def do_import(visit: Visit) -> Answer:
    """Import what the rehearsal showed; the rows to correct are left and said."""
    side = SIDES.get(visit.field("onglet"), side_of(visit))
    name = visit.field("fichier")
    result = lists.import_list(visit.caller, side, name, visit.context)
    return _shown(visit, result, "", name, done=True)
