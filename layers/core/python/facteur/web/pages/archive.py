"""Archives: the accepted invoices with the columns of JF-60, their two statuses, their download.

One form holds the selection; its buttons say what to do with it. What was changed can be undone
for a while, by the button that the notice shows.
"""

from collections.abc import Mapping

from facteur.domain import typed
from facteur.domain.documents import Accounting, Direction, PaymentStatus
from facteur.domain.dossiers import Permission
from facteur.services.archive import archives as service
from facteur.services.archive.archives import Wanted
from facteur.services.finding import queries
from facteur.web.answers import Answer, redirect
from facteur.web.forms.numbers import whole
from facteur.web.i18n import _
from facteur.web.showing import present
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/archives"
SIDES: Mapping[str, Direction] = {"achats": Direction.PURCHASE, "ventes": Direction.SALE}

#: What a list remembers from one page to the next.
_KEPT = ("sens", "du", "au", "comptable", "paiement", "tri", "ordre")


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """What a form or an address asks for; a word or a day that is none asks for nothing."""
    accounting, payment = values.get("comptable", ""), values.get("paiement", "")
    return Wanted(
        direction=SIDES.get(values.get("sens", ""), Direction.PURCHASE),
        since=typed.day(values.get("du", "")),
        until=typed.day(values.get("au", "")),
        accounting=Accounting(accounting) if accounting in list(Accounting) else None,
        payment=PaymentStatus(payment) if payment in list(PaymentStatus) else None,
    )


@page(PATH)
def archives(visit: Visit) -> Answer:
    """The archived documents of one side, newest first, or sorted and filtered."""
    held = {name: visit.query(name) for name in _KEPT}
    wanted = wanted_of(held)
    held["sens"] = "ventes" if wanted.direction is Direction.SALE else "achats"
    for name, day in (("du", wanted.since), ("au", wanted.until)):
        held[name] = day.isoformat() if day else ""  # as a date field wants it
    after, number = visit.query("apres"), visit.query("page", "1")
    order, descending = held["tri"], held["ordre"] == "desc"
    found = service.archived(
        visit.caller,
        wanted,
        visit.context,
        cursor=after,
        order=order,
        descending=descending,
        number=whole(number, digits=3, otherwise=1),
    )
    purchase = wanted.direction is Direction.PURCHASE
    changed = visit.query("changes")
    return visit.page(
        "archive.html",
        side=held["sens"],
        held=held,
        wanted=wanted,
        found=found,
        documents=found.documents,
        after=after,
        cursor=found.cursor,
        number=whole(number, digits=3, otherwise=1),
        sorted=order,
        descending=descending,
        undo=visit.query("annuler"),
        changed=whole(changed, digits=3, otherwise=0),
        limits={"sorted": service.SORTED, "undo": int(service.UNDO_TIME.total_seconds() // 60)},
        accountings=present.accountings(),
        payments=present.payments(),
        columns=(
            ("numero", _("N° FACTURE")),
            ("nom", _("NOM FOURNISSEUR") if purchase else _("NOM CLIENT")),
            ("total", _("TOTAL")),
            ("date", _("DATE DE FACTURE")),
            ("echeance", _("DATE D’ÉCHÉANCE")),
            ("comptable", _("STATUT COMPTABLE")),
            ("paiement", _("STATUT DE PAIEMENT")),
        ),
        storage=True,
    )


@page(f"{PATH}/telecharger", "POST")
def download(visit: Visit) -> Answer:
    """A ZIP of the chosen documents, verifiable offline; the browser gets it from the bucket."""
    return redirect(queries.archive_zip(visit.caller, visit.fields("document"), visit.context))


@page(f"{PATH}/statut", "POST", permission=Permission.EXPORT)
def change_status(visit: Visit) -> Answer:
    """Give the chosen documents a status; the notice offers to undo it."""
    changed = service.change(
        visit.caller, visit.fields("document"), visit.field("statut"), visit.context
    )
    return _back(visit, changes=changed.count, annuler=changed.undo)


@page(f"{PATH}/annuler", "POST", permission=Permission.EXPORT)
def undo(visit: Visit) -> Answer:
    """Put the statuses back as they were."""
    service.undo(visit.caller, visit.field("annuler"), visit.context)
    return _back(visit, fait="status_undone")


def _back(visit: Visit, **told: object) -> Answer:
    """To the list, as it was filtered and sorted."""
    kept = {name: visit.field(name) for name in _KEPT}
    return redirect(visit.site.link(PATH, **kept, **told))
