"""Factures de vente › E-reporting › Totaux de caisse: the « Z » of each day, and their import."""

from facteur.domain import typed
from facteur.domain.dossiers import Permission
from facteur.domain.ereporting.blocks import Category
from facteur.domain.errors import InvalidError, NotFoundError, UnreadableError
from facteur.services.ereporting import till
from facteur.services.ereporting.till import Line, Rehearsal
from facteur.services.lists import Outcome
from facteur.web import i18n
from facteur.web.answers import Answer, redirect
from facteur.web.i18n import _
from facteur.web.pages.ereporting import PATH as REPORTING
from facteur.web.showing import reports
from facteur.web.showing.present import Badge
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = REPORTING + "/caisse"
_OUTCOMES = {
    Outcome.CREATED: Badge("À ajouter", "circle-check", "green"),
    Outcome.CHANGED: Badge("À remplacer", "refresh", "blue"),
    Outcome.UNCHANGED: Badge("Inchangée", "circle-dashed", "grey"),
    Outcome.ERROR: Badge("À corriger", "alert-triangle", "red"),
}


@page(PATH)
def till_days(visit: Visit) -> Answer:
    """The totals of the last months."""
    return visit.page("till.html", days=till.kept(visit.caller, visit.context), reports=reports)


@page(PATH + "/retirer", "POST", permission=Permission.EXPORT)
def forget_till(visit: Visit) -> Answer:
    """Take away the total of a day and category."""
    day, category = typed.day(visit.field("day")), visit.field("category")
    if day is None or category not in list(Category):
        raise NotFoundError("not_found")
    till.forget(visit.caller, day, Category(category), visit.context)
    return visit.go(PATH, fait="till_forgotten")


@page(PATH + "/modele")
def till_model(visit: Visit) -> Answer:
    """« Télécharger le modèle »."""
    return redirect(till.template(visit.caller, visit.context))


@page(PATH + "/importer", permission=Permission.EXPORT)
def till_import(visit: Visit) -> Answer:
    """Choose a file; with ``fichier``, what importing it would do."""
    name = visit.query("fichier")
    rehearsal: Rehearsal | None = None
    problem = ""
    if name:
        try:
            rehearsal = till.rehearse(visit.caller, name, visit.context)
        except (InvalidError, UnreadableError, NotFoundError) as error:
            problem = i18n.told(error)
    return _shown(visit, rehearsal, problem, name)


@page(PATH + "/importer", "POST", permission=Permission.EXPORT)
def do_till_import(visit: Visit) -> Answer:
    """Import what the rehearsal showed; the rows to correct are left and said."""
    name = visit.field("fichier")
    result = till.import_file(visit.caller, name, visit.context)
    return _shown(visit, result, "", name, done=True)


def _shown(
    visit: Visit, rehearsal: Rehearsal | None, problem: str, name: str, *, done: bool = False
) -> Answer:
    form = None
    if rehearsal is None:
        form = till.import_form(
            visit.caller,
            visit.context,
            back=lambda name: visit.site.url(PATH + "/importer", fichier=name),
        )
    lines = rehearsal.lines if rehearsal else ()
    return visit.page(
        "till_import.html",
        status=422 if problem else 200,
        storage=True,
        form=form,
        problem=problem,
        name=name,
        finished=done,
        rehearsal=rehearsal,
        lines=[(one, _badge(one, done=done), i18n.fault_texts(one.faults)) for one in lines],
        days=len(rehearsal.days) if rehearsal else 0,
        wrong=rehearsal.count(Outcome.ERROR) if rehearsal else 0,
        errors_link=_errors_link(visit, rehearsal),
        most=till.MOST_ROWS,
        columns=till.SHEET.columns,
    )


def _badge(line: Line, *, done: bool) -> Badge:
    held = _OUTCOMES[line.outcome]
    if done and line.outcome in (Outcome.CREATED, Outcome.CHANGED):
        return Badge(_("Importée"), "circle-check", "green")
    return Badge(_(held.label), held.icon, held.tone)


def _errors_link(visit: Visit, rehearsal: Rehearsal | None) -> str:
    """The file of the rows to correct, "" when there are none."""
    if rehearsal is None or not rehearsal.count(Outcome.ERROR):
        return ""
    texts = [
        i18n.fault_texts(one.faults) for one in rehearsal.lines if one.outcome is Outcome.ERROR
    ]
    return till.errors_file(visit.caller, rehearsal, texts, visit.context)
