"""Archives: the accepted invoices with the columns of JF-60, and their download, one or many."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from facteur.domain.documents import Direction, Document
from facteur.domain.duplicates import plain
from facteur.services import queries
from facteur.web import present
from facteur.web.answers import Answer, redirect
from facteur.web.i18n import _
from facteur.web.site import page
from facteur.web.visit import Visit

_SIDES = {"achats": Direction.PURCHASE, "ventes": Direction.SALE}

_ORDER: dict[str, Callable[[Document], object]] = {
    "numero": lambda one: plain(one.summary.number),
    "nom": lambda one: plain(present.other_party(one)),
    "total": lambda one: one.summary.total_incl_vat or Decimal(0),
    "date": lambda one: one.summary.issue_date or date.min,
    "echeance": lambda one: one.summary.due_date or date.min,
    "comptable": lambda one: one.accounting.value,
    "paiement": lambda one: one.payment.value,
}


@page("/archives")
def archives(visit: Visit) -> Answer:
    """The archived documents of one side, newest first, or as the reader sorts this page."""
    side = visit.query("sens", "achats")
    direction = _SIDES.get(side, Direction.PURCHASE)
    after, order = visit.query("apres"), visit.query("tri")
    descending = visit.query("ordre") == "desc"
    found = queries.documents(visit.caller, direction, "archived", after, visit.context)
    documents = list(found.documents)
    if order in _ORDER:
        documents.sort(key=_ORDER[order], reverse=descending)  # type: ignore[arg-type]
    name = _("NOM FOURNISSEUR") if direction is Direction.PURCHASE else _("NOM CLIENT")
    return visit.page(
        "archive.html",
        side=side if side in _SIDES else "achats",
        documents=documents,
        after=after,
        cursor=found.cursor,
        sorted=order,
        descending=descending,
        columns=(
            ("numero", _("N° FACTURE")),
            ("nom", name),
            ("total", _("TOTAL")),
            ("date", _("DATE DE FACTURE")),
            ("echeance", _("DATE D’ÉCHÉANCE")),
            ("comptable", _("STATUT COMPTABLE")),
            ("paiement", _("STATUT DE PAIEMENT")),
        ),
        storage=True,
    )


@page("/archives/telecharger", "POST")
def download(visit: Visit) -> Answer:
    """A ZIP of the chosen documents, verifiable offline; the browser gets it from the bucket."""
    return redirect(queries.archive_zip(visit.caller, visit.fields("document"), visit.context))
