"""« Transmission automatique »: where archived documents go, what left, and « Renvoyer »."""

from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.services import forwarding as service
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/transmission"


@page(PATH, permission=Permission.EXPORT)
def forwarding(visit: Visit) -> Answer:
    """The rules, which a gérant changes, and the log."""
    return _page(visit)


def _page(visit: Visit, *, errors: tuple[Fault, ...] = (), status: int = 200) -> Answer:
    names = ("direction", "address", "what")
    return visit.page(
        "forwarding.html",
        status=status,
        held=service.rules(visit.caller, visit.context),
        deliveries=service.deliveries(visit.caller, visit.context),
        editable=visit.can("manage"),
        errors=errors,
        typed={name: visit.field(name) if errors else "" for name in names},
    )


@page(PATH, "POST", permission=Permission.MANAGE)
def add_forwarding(visit: Visit) -> Answer:
    """Forward from now on."""
    try:
        held = service.add_rule(
            visit.caller,
            direction=visit.field("direction"),
            address=visit.field("address"),
            what=visit.field("what"),
            context=visit.context,
        )
    except InvalidError as error:
        return _page(visit, errors=error.faults, status=422)
    pending = held.rules[-1].pending
    return visit.go(PATH, fait="forward_confirm" if pending else "forward_added")


@page(PATH + "/{rule}/retirer", "POST", permission=Permission.MANAGE)
def remove_forwarding(visit: Visit, rule: str) -> Answer:
    """Stop forwarding to an address."""
    service.remove_rule(visit.caller, rule, visit.context)
    return visit.go(PATH, fait="forward_removed")


@page(PATH + "/envois/{delivery}/renvoyer", "POST", permission=Permission.EXPORT)
def resend_delivery(visit: Visit, delivery: str) -> Answer:
    """Send a document again."""
    service.resend(visit.caller, delivery, visit.context)
    return visit.go(PATH, fait="forward_again")
