"""« Changer le statut de la facture »: the menu of a row, the form of a status, what it says.

One page serves all: alone without scripts, as a menu beside a row (right click, Shift+F10, « … »)
or inside the right-hand panel with them. It offers what domain/lifecycle/allowed gives, no more.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from facteur.domain.commands import SeeStatuses
from facteur.domain.documents import Document, DocumentRef
from facteur.domain.dossiers import Permission
from facteur.domain.errors import ConflictError, FacteurError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle import codes, payments
from facteur.domain.lifecycle.allowed import Offer
from facteur.domain.lifecycle.records import StatusRecord
from facteur.services.lifecycle import statuses
from facteur.services.run import run
from facteur.web.answers import Answer
from facteur.web.forms import statuses as status_forms
from facteur.web.forms.trying import again
from facteur.web.showing import badges, lifecycle, present
from facteur.web.site import page
from facteur.web.visit import Visit

_PATH = "/factures/{document}/statut"
_ARCHIVES = "archives"
_MOST_SEEN = 50  # documents: a page of a list


@page(_PATH, permission=Permission.DECIDE)
def status_page(visit: Visit, document: str) -> Answer:
    """What may be said of an invoice now; with ``code``, the form of that status."""
    head, standing = _standing(visit, document)
    code = visit.query("code")
    if not code:
        return _choices(visit, head)
    offer = _offer(standing, code)
    if offer is None:
        return _choices(visit, head, _not_offered(code, standing))
    form = status_forms.form_of(visit, head, offer, standing, like=_like(visit, head, code))
    return visit.page(
        "status.html",
        part="_status_form.html",
        form=form,
        errors={},
        wrong="",
        **_about(visit, head),
    )


@page(_PATH, "POST", permission=Permission.DECIDE, files=True)
def say_status(visit: Visit, document: str) -> Answer:
    """Say it; « Répartir » only shares the amount among the VAT rates and shows the form again."""
    head, standing = _standing(visit, document)
    code = visit.field("code")
    offer = _offer(standing, code)
    if offer is None:
        return _choices(visit, head, _not_offered(code, standing))
    like = _like(visit, head, code)
    form = status_forms.form_of(visit, head, offer, standing, like=like)
    if visit.field("faire") == "share":
        values = status_forms.shared_anew(form, standing)
        rows = tuple(
            replace(one, amount=values.get(f"amount-{one.place}", "")) for one in form.rows
        )
        form = replace(form, values=values, rows=rows)
        return visit.page("status.html", form=form, errors={}, wrong="", **_about(visit, head))
    try:
        run(status_forms.asked(visit, head, offer, standing, like=like), visit.context)
    except InvalidError as error:
        return again(visit, "status.html", error, form=form, **_about(visit, head))
    return _back(visit, head, "payment_set" if code in payments.KINDS else "status_set")


@page("/statuts-vus", "POST", permission=Permission.DECIDE)
def all_seen(visit: Visit) -> Answer:
    """« Tout marquer comme vu »: what was said of these invoices no longer waits."""
    caller = visit.caller
    for document in dict.fromkeys(visit.fields("document")[:_MOST_SEEN]):
        with suppress(NotFoundError, ConflictError):
            command = SeeStatuses(
                dossier=caller.dossier, document=document, by=caller.user, by_name=caller.name
            )
            run(command, visit.context)
    sales = visit.field("liste") == present.SALES.path
    folder = present.SALES if sales else present.PURCHASES
    return visit.go(folder.path, onglet="statuts", fait="statuses_seen")


def _standing(visit: Visit, document: str) -> tuple[Document, statuses.Standing]:
    head = visit.context.store.document(DocumentRef(visit.caller.dossier, document))
    return head, statuses.standing(head, visit.context)


def _offer(standing: statuses.Standing, code: str) -> Offer | None:
    return next((one for one in standing.offers if one.code == code), None)


def _not_offered(code: str, standing: statuses.Standing) -> InvalidError:
    values = {
        "status": codes.label(code[:40]),
        "current": codes.label(standing.facts.shown) or "—",
    }
    fault = Fault(code="status.not_offered", values=values)
    return InvalidError((fault,), code="status.not_offered")


def _like(visit: Visit, head: Document, code: str) -> StatusRecord | None:
    """The status that did not leave and is said again, None for a new one."""
    name = visit.query("reprendre") or visit.field("reprendre")
    return next((one for one in head.statuses if one.id == name and one.code == code), None)


def _choices(visit: Visit, head: Document, error: FacteurError | None = None) -> Answer:
    values = {"form": None, "choices": lifecycle.choices_of(visit, head), **_about(visit, head)}
    if error is not None and not visit.fragment:
        return again(visit, "status.html", error, **values)
    return visit.page("status.html", part="_status_menu.html", errors={}, wrong="", **values)


def _about(visit: Visit, head: Document) -> dict[str, Any]:
    return {
        "doc": head,
        "heading": present.title(head),
        "party": present.other_party(head),
        "now": badges.status_badge(head),
        "folder": present.folder(head.direction),
        "back_to": _back_to(visit),
    }


def _back_to(visit: Visit) -> str:
    """The list that the user came from: a tab's word, « archives », or "" for the invoice."""
    asked = visit.field("retour") if visit.route.method == "POST" else visit.query("retour")
    known = {one.slug for one in present.TABS} | {_ARCHIVES}
    return asked if asked in known else ""


def _back(visit: Visit, head: Document, done: str) -> Answer:
    back = _back_to(visit)
    if back == _ARCHIVES:
        side = "ventes" if head.direction.value == "sale" else "achats"
        return visit.go("/archives", sens=side, fait=done)
    if back:
        return visit.go(present.folder(head.direction).path, onglet=back, fait=done)
    return visit.go(f"/factures/{head.id}", fait=done)
