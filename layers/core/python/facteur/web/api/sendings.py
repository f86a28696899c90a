"""REST API, version 1: a sale leaves by the dossier's approved platform, and what became of it.

Checked before anything leaves, as from the page: 422 with the reason, 409 when it left already.
"""

from facteur.domain.commands import SendInvoice
from facteur.domain.decisions.sendings import given_back, why_not
from facteur.domain.documents import Document
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.services.finding import queries
from facteur.services.platforms import reaching
from facteur.services.run import run
from facteur.web.answers import Answer, json_answer
from facteur.web.api.calls import Call
from facteur.web.site import api

_PATH = "/api/v1/documents/{document}/sendings"
_MOST_ADDRESS = 200


@api(_PATH, permission=Permission.READ)
def sending_list(call: Call, document: str) -> Answer:
    """Every attempt to send a sale, and whether it may leave now."""
    return json_answer(_body(queries.document(call.caller, document, call.context).document, call))


@api(_PATH, "POST", permission=Permission.DECIDE)
def sending_asked(call: Call, document: str) -> Answer:
    """201: the sale is going to leave; ``address`` writes another BT-49, remembered on its card.

    404 for another dossier's, 409 when it left already, 422 with what stops it.
    """
    head = queries.document(call.caller, document, call.context).document
    typed = call.body().get("address", "")
    if not isinstance(typed, str) or len(typed) > _MOST_ADDRESS:
        raise InvalidError((Fault(code="sending.address", path="address"),))
    if typed:
        address = reaching.choose(call.caller, document, typed, call.context)
    else:
        address = reaching.target(head, reaching.card_of(head, call.context))
    run(
        SendInvoice(
            dossier=call.caller.dossier,
            document=document,
            by=call.caller.user,
            by_name=call.caller.name,
            address=address if address != head.buyer_address else "",
        ),
        call.context,
    )
    return json_answer(_body(call.context.store.document(head.ref), call), 201)


def _body(head: Document, call: Call) -> dict[str, object]:
    """The sendings of a document: codes as they are, times ISO."""
    why = why_not(head) or reaching.mandate_gap_of(head, call.context)
    return {
        "document": head.id,
        "buyer_address": head.buyer_address,
        "may_leave": not why,
        "why_not": why,
        "given_back": given_back(head),
        "sendings": [
            {
                "tracking_id": one.tracking_id,
                "at": one.at.isoformat(),
                "state": one.transmission.value,
                "flow": one.flow,
                "sha256": one.sha256,
                "reason": one.failure,
                "message": one.failure_text,
            }
            for one in head.sendings
        ],
    }
