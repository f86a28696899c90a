"""The mandate on a supplier's card: what allows the dossier to bill in his name (IP-12)."""

from typing import Any

from facteur.domain import typed
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.services.parties import book, mandates
from facteur.web.answers import Answer, redirect
from facteur.web.forms.trying import form_page
from facteur.web.site import page
from facteur.web.visit import Visit

_PATH = "/tiers/{party}/mandat"
_DECIDE = Permission.DECIDE


@page(_PATH, permission=_DECIDE)
def mandate_page(visit: Visit, party: str) -> Answer:
    """What is declared; the form for a file; with ``fichier``, the form for its date."""
    return _page(visit, party, visit.query("fichier")[:64])


@page(_PATH, "POST", permission=_DECIDE)
def declare_mandate(visit: Visit, party: str) -> Answer:
    """Declare the mandate whose file was sent."""
    name = visit.field("fichier")[:64]
    try:
        mandates.declare(
            visit.caller,
            party,
            name,
            visit.context,
            signed_on=typed.day(visit.field("signed_on")),
            sure=visit.field("sure") == "1",
        )
    except InvalidError as error:
        return _page(visit, party, name, error)
    return visit.go(f"/tiers/{party}", fait="mandate_declared")


@page(_PATH + "/retirer", "POST", permission=_DECIDE)
def withdraw_mandate(visit: Visit, party: str) -> Answer:
    """The mandate is over."""
    mandates.withdraw(visit.caller, party, visit.context)
    return visit.go(f"/tiers/{party}", fait="mandate_withdrawn")


@page(_PATH + "/fichier")
def mandate_file(visit: Visit, party: str) -> Answer:
    """The mandate itself."""
    return redirect(mandates.link(visit.caller, party, visit.context))


def _page(visit: Visit, party: str, name: str, error: InvalidError | None = None) -> Answer:
    held = book.card(visit.caller, party, visit.context).party
    form = None
    if not name or (error is not None and any(one.path == "file" for one in error.faults)):
        form = mandates.upload_form(
            visit.caller,
            party,
            visit.context,
            back=lambda name: visit.site.url(f"/tiers/{party}/mandat", fichier=name),
        )
    values: dict[str, Any] = {
        "party": held,
        "name": "" if form else name,
        "form": form,
        "storage": True,
        "typed": {"signed_on": visit.field("signed_on")[:10], "sure": visit.field("sure")},
    }
    return form_page(visit, "mandate.html", error, **values)
