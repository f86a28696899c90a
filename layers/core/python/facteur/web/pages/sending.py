"""« Envoyer par la plateforme » on a sale's page; the choice of its buyer's address (PE-09)."""

from typing import Any

from facteur.domain.commands import KeepUnsent, SendInvoice
from facteur.domain.documents import DocumentRef
from facteur.domain.dossiers import Permission
from facteur.domain.errors import FacteurError, InvalidError
from facteur.services.platforms import reaching
from facteur.services.run import run
from facteur.web.answers import Answer
from facteur.web.forms.trying import form_page
from facteur.web.showing import present, sendings
from facteur.web.site import page
from facteur.web.visit import Visit

_DECIDE = Permission.DECIDE


@page("/factures/{document}/envoyer", "POST", permission=_DECIDE)
def send_by_platform(visit: Visit, document: str) -> Answer:
    """Send, or send again; « Corriger et renvoyer » gives another address and remembers it."""
    head = visit.context.store.document(DocumentRef(visit.caller.dossier, document))
    typed = visit.field("address")
    try:
        if typed:
            address = reaching.choose(visit.caller, document, typed, visit.context)
        else:
            card = reaching.card_of(head, visit.context)
            address = card.electronic_address if card is not None else ""
        run(
            SendInvoice(
                dossier=visit.caller.dossier,
                document=document,
                by=visit.caller.user,
                by_name=visit.caller.name,
                address=address if address != head.buyer_address else "",
            ),
            visit.context,
        )
    except InvalidError as error:
        return _addresses(visit, document, error)
    return visit.go(f"/factures/{document}", fait="sending_asked")


@page("/factures/{document}/archiver-sans-envoyer", "POST", permission=_DECIDE)
def archive_unsent(visit: Visit, document: str) -> Answer:
    """« Archiver sans envoyer »: it leaves by other means, or left already."""
    run(
        KeepUnsent(
            dossier=visit.caller.dossier,
            document=document,
            version=visit.version,
            by=visit.caller.user,
            by_name=visit.caller.name,
        ),
        visit.context,
    )
    return visit.go(f"/factures/{document}", fait="kept_unsent")


@page("/factures/{document}/adresse")
def addresses_page(visit: Visit, document: str) -> Answer:
    """The lines of the directory for this customer, asked now."""
    return _addresses(visit, document)


@page("/factures/{document}/adresse", "POST", permission=_DECIDE)
def choose_address(visit: Visit, document: str) -> Answer:
    """Remember the address of this customer."""
    try:
        reaching.choose(visit.caller, document, visit.field("address"), visit.context)
    except InvalidError as error:
        return _addresses(visit, document, error)
    return visit.go(f"/factures/{document}", fait="address_chosen")


def _addresses(visit: Visit, document: str, error: FacteurError | None = None) -> Answer:
    found = reaching.addresses(visit.caller, document, visit.context)
    head = visit.context.store.document(DocumentRef(visit.caller.dossier, document))
    values: dict[str, Any] = {
        "doc": head,
        "heading": present.title(head),
        "party": present.other_party(head),
        "found": found,
        "reach": sendings.reach_badge(found.reach),
        "typed": visit.field("address")[:200] if error else "",
        "refusals": sendings.refusals_of(head),
    }
    return form_page(visit, "sending_address.html", error, **values)
