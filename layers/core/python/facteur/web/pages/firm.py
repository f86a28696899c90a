"""Cabinet: the portfolio of an accounting firm, its dossiers, its people."""

from typing import Any

from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnreadableError,
)
from facteur.domain.people import FirmRole
from facteur.services import lists
from facteur.services.people import clients_table, firms
from facteur.services.people.clients_table import Row
from facteur.web import i18n
from facteur.web.answers import Answer, redirect
from facteur.web.forms.trying import again, form_page
from facteur.web.site import Scope, page
from facteur.web.visit import Visit

_FIRM = Scope.FIRM
_IMPORT = "/cabinet/dossiers/importer"
_NEW = ("siren", "company", "email", "person")


@page("/cabinet", scope=_FIRM)
def portfolio(visit: Visit) -> Answer:
    """Every dossier with what waits, those that need somebody first; live every 15 s."""
    return _portfolio(visit)


def _portfolio(
    visit: Visit, error: FacteurError | None = None, typed: dict[str, str] | None = None
) -> Answer:
    view = firms.portfolio(visit.firm, visit.context)
    query = visit.query("q")[:100]
    wanted = query.casefold()
    shown = [one for one in view.links if wanted in one.dossier_name.casefold() or
             wanted in one.siren]  # fmt: skip
    values: dict[str, Any] = {"view": view, "links": shown, "query": query, "typed": typed or {},
              "who": visit.firm}  # fmt: skip
    return form_page(visit, "portfolio.html", error, part="_portfolio.html", **values)


@page("/cabinet/dossiers/nouveau", scope=_FIRM)
def new_dossier(visit: Visit) -> Answer:
    """A client's dossier, one at a time or from a table."""
    return visit.page("firm_new.html", **_new(visit), errors={}, wrong="")


@page("/cabinet/dossiers/nouveau", "POST", scope=_FIRM)
def create_dossier(visit: Visit) -> Answer:
    """Create it, linked; its gérant is invited when one is named."""
    typed = {one: visit.field(one)[:254] for one in _NEW}
    try:
        firms.create_dossier(
            visit.firm,
            siren=typed["siren"],
            name=typed["company"],
            email=typed["email"],
            person=typed["person"],
            context=visit.context,
        )
    except (InvalidError, ConflictError, ForbiddenError) as error:
        return again(visit, "firm_new.html", error, **_new(visit) | {"typed": typed})
    return visit.go("/cabinet", fait="dossier_created")


def _new(visit: Visit, rows: tuple[Row, ...] = ()) -> dict[str, Any]:
    """What the page of new dossiers shows: the forms, and the rows of a table, if any."""
    folder = lists.of_firm(visit.firm.firm)
    form = lists.import_form(
        folder, visit.context, back=lambda name: visit.site.url(_IMPORT, fichier=name)
    )
    wrong = [one for one in rows if one.faults]
    texts = [i18n.fault_texts(one.faults) for one in wrong]
    link = clients_table.errors_file(visit.firm, wrong, texts, visit.context) if wrong else ""
    return {
        "typed": {},
        "form": form,
        "storage": True,
        "rows": rows,
        "pasted": "",
        "name": "",
        "errors_link": link,
        "most": clients_table.MOST_ROWS,
    }


@page("/cabinet/dossiers/modele", scope=_FIRM)
def model(visit: Visit) -> Answer:
    """The model of a list of clients."""
    folder = lists.of_firm(visit.firm.firm)
    return redirect(lists.template(clients_table.SHEET, folder, visit.context))


@page(_IMPORT, scope=_FIRM)
def rehearse_dossiers(visit: Visit) -> Answer:
    """What importing an uploaded list would do: nothing is created."""
    return _imported(visit, visit.query("fichier"), "")


@page(_IMPORT, "POST", scope=_FIRM)
def import_dossiers(visit: Visit) -> Answer:
    """A list or lines pasted from a spreadsheet: tried first, then created."""
    return _imported(visit, visit.field("fichier"), visit.field("lignes"))


def _imported(visit: Visit, name: str, pasted: str) -> Answer:
    kept = {"pasted": pasted[:20_000]}
    try:
        if name:
            rows = clients_table.rows_of_file(visit.firm, name, visit.context)
        else:
            rows = clients_table.rows_of(pasted)
    except (InvalidError, UnreadableError, NotFoundError) as error:
        return again(visit, "firm_new.html", error, **_new(visit) | kept)
    if visit.route.method == "POST" and visit.field("action") == "creer":
        rows = clients_table.create_all(visit.firm, rows, visit.context)
    else:
        rows = clients_table.checked_rows(visit.firm, rows, visit.context)
    wrong = [one for one in rows if one.faults]
    status = 422 if wrong and len(wrong) == len(rows) else 200
    shown = _new(visit, rows) | kept | {"name": name, "errors": {}, "wrong": ""}
    return visit.page("firm_new.html", status=status, **shown)


@page("/cabinet/dossiers/demander", "POST", scope=_FIRM)
def ask_dossier(visit: Visit) -> Answer:
    """Ask for a dossier that exists: the same answer whether it does or not."""
    typed = {"asked_siren": visit.field("asked_siren")[:20]}
    try:
        firms.ask_dossier(visit.firm, typed["asked_siren"], visit.context)
    except (InvalidError, ForbiddenError) as error:
        return _portfolio(visit, error, typed)
    return visit.go("/cabinet", fait="dossier_asked")


@page("/cabinet/dossiers/{dossier}/accepter", "POST", scope=_FIRM)
def accept_dossier(visit: Visit, dossier: str) -> Answer:
    """Take the dossier that asked for this firm."""
    firms.answer_dossier(visit.firm, dossier, visit.context)
    return visit.go("/cabinet", fait="dossier_linked")


@page("/cabinet/dossiers/{dossier}/delier", "POST", scope=_FIRM)
def end_dossier(visit: Visit, dossier: str) -> Answer:
    """Leave a dossier, or refuse it."""
    try:
        firms.end_dossier(visit.firm, dossier, visit.context)
    except ConflictError as error:
        return _portfolio(visit, error)
    return visit.go("/cabinet", fait="dossier_unlinked")


# ── People ──────────────────────────────────────────────────────────────────────────────────────


@page("/cabinet/equipe", scope=_FIRM)
def staff(visit: Visit) -> Answer:
    """The firm's people."""
    return _staff(visit)


def _staff(
    visit: Visit, error: FacteurError | None = None, typed: dict[str, str] | None = None
) -> Answer:
    members, invitations = firms.staff(visit.firm, visit.context)
    values: dict[str, Any] = {
        "members": members,
        "invitations": invitations,
        "roles": list(FirmRole),
        "typed": typed or {},
        "who": visit.firm,
    }
    return form_page(visit, "firm_staff.html", error, **values)


@page("/cabinet/equipe/inviter", "POST", scope=_FIRM)
def invite_staff(visit: Visit) -> Answer:
    """Invite a colleague."""
    typed = {one: visit.field(one)[:254] for one in ("email", "name", "role")}
    try:
        firms.invite(visit.firm, context=visit.context, **typed)
    except (InvalidError, ConflictError, ForbiddenError) as error:
        return _staff(visit, error, typed)
    return visit.go("/cabinet/equipe", fait="invited")


@page("/cabinet/equipe/invitations/{invitation}/renvoyer", "POST", scope=_FIRM)
def send_staff_again(visit: Visit, invitation: str) -> Answer:
    """Mail an invitation once more; the former link stops working."""
    firms.send_again(visit.firm, invitation, visit.context)
    return visit.go("/cabinet/equipe", fait="invited")


@page("/cabinet/equipe/invitations/{invitation}/annuler", "POST", scope=_FIRM)
def cancel_staff(visit: Visit, invitation: str) -> Answer:
    """Take an invitation back."""
    firms.cancel(visit.firm, invitation, visit.context)
    return visit.go("/cabinet/equipe", fait="invitation_cancelled")


@page("/cabinet/equipe/{member}/role", "POST", scope=_FIRM)
def change_staff_role(visit: Visit, member: str) -> Answer:
    """Another role; the colleague signs in again with the new rights."""
    try:
        firms.change_role(visit.firm, member, visit.field("role"), visit.context)
    except (InvalidError, ConflictError) as error:
        return _staff(visit, error)
    return visit.go("/cabinet/equipe", fait="role_changed")


@page("/cabinet/equipe/{member}/retirer", "POST", scope=_FIRM)
def remove_staff(visit: Visit, member: str) -> Answer:
    """A colleague leaves."""
    try:
        firms.remove(visit.firm, member, visit.context)
    except ConflictError as error:
        return _staff(visit, error)
    return visit.go("/cabinet/equipe", fait="member_removed")
