"""« Transmission automatique »: where archived documents go, what left, and « Renvoyer ».

To an address, which agrees by a link, or to an SFTP server, which is tested first: the page asks
again every three seconds while a test runs.
"""

from facteur.domain.dossiers import Permission
from facteur.domain.errors import ForbiddenError, InvalidError
from facteur.domain.faults import Fault
from facteur.services.archive import forwarding as service
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/transmission"
_MAIL = ("direction", "address", "what")
#: What is shown again of a server that did not hold; its password and its key never are.
_SERVER = ("direction", "what", "host", "port", "user", "folder")


@page(PATH, permission=Permission.EXPORT)
def forwarding(visit: Visit) -> Answer:
    """The rules, which a gérant changes, and the log."""
    return _page(visit)


def _page(
    visit: Visit, *, errors: tuple[Fault, ...] = (), status: int = 200, server: bool = False
) -> Answer:
    held = service.rules(visit.caller, visit.context)
    now = visit.context.clock.now()
    kept = () if not errors else _SERVER if server else _MAIL
    return visit.page(
        "forwarding.html",
        status=status,
        held=held,
        testing=any(one.server is not None and one.server.testing(now) for one in held.rules),
        now=now,
        deliveries=service.deliveries(visit.caller, visit.context),
        editable=visit.can("manage"),
        errors=errors,
        server=server,
        typed=dict.fromkeys((*_MAIL, *_SERVER), "")
        | {name: visit.field(name)[:300] for name in kept},
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


@page(PATH + "/serveur", "POST", permission=Permission.MANAGE)
def add_server(visit: Visit) -> Answer:
    """Forward to an SFTP server, once its test passed."""
    typed = {name: visit.field(name) for name in (*_SERVER, "password", "key")}
    try:
        service.add_server(visit.caller, typed, visit.context)
    except InvalidError as error:
        return _page(visit, errors=error.faults, status=422, server=True)
    except ForbiddenError as error:
        return _page(visit, errors=(Fault(code=error.code, path="host"),), status=403, server=True)
    return visit.go(PATH, fait="forward_server")


@page(PATH + "/{rule}/essai", "POST", permission=Permission.MANAGE)
def ask_test(visit: Visit, rule: str) -> Answer:
    """Test the server of a rule, and pin its new key when a gérant says that it is right."""
    new_key = visit.field("cle") == "nouvelle"
    service.ask_test(visit.caller, rule, visit.context, new_key=new_key)
    return visit.go(PATH, fait="forward_tested")


@page(PATH + "/{rule}/retirer", "POST", permission=Permission.MANAGE)
def remove_forwarding(visit: Visit, rule: str) -> Answer:
    """Stop forwarding to an address or a server."""
    service.remove_rule(visit.caller, rule, visit.context)
    return visit.go(PATH, fait="forward_removed")


@page(PATH + "/{rule}/reprendre", "POST", permission=Permission.MANAGE)
def resume_forwarding(visit: Visit, rule: str) -> Answer:
    """Go on forwarding where it was stopped when somebody left."""
    held = service.resume(visit.caller, rule, visit.context)
    asked = any(one.id == rule and one.pending and one.server is None for one in held.rules)
    return visit.go(PATH, fait="forward_confirm" if asked else "forward_resumed")


@page(PATH + "/envois/{delivery}/renvoyer", "POST", permission=Permission.EXPORT)
def resend_delivery(visit: Visit, delivery: str) -> Answer:
    """Send a document again."""
    service.resend(visit.caller, delivery, visit.context)
    return visit.go(PATH, fait="forward_again")
