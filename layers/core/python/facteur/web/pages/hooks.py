"""Paramètres › Appels sortants: who asked to be called, what became of each call, send again."""

from facteur.domain.dossiers import Permission
from facteur.services.programs import hooking
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/appels"
_MANAGE = Permission.MANAGE


@page(PATH, permission=_MANAGE)
def calls_out(visit: Visit) -> Answer:
    """The subscriptions of the dossier's software and the last calls."""
    return visit.page(
        "hooks.html",
        hooks=hooking.listed(visit.caller, visit.context),
        deliveries=hooking.deliveries(visit.caller, visit.context),
        path=PATH,
    )


@page(PATH + "/{delivery}/renvoyer", "POST", permission=_MANAGE)
def call_again(visit: Visit, delivery: str) -> Answer:
    """Make a call again that was given up."""
    hooking.send_again(visit.caller, delivery, visit.context)
    return visit.go(PATH, fait="hook_again")


@page(PATH + "/abonnements/{webhook}/retirer", "POST", permission=_MANAGE)
def end_subscription(visit: Visit, webhook: str) -> Answer:
    """End a subscription: its software is not called any more."""
    hooking.unsubscribe(visit.caller, webhook, visit.context)
    return visit.go(PATH, fait="hook_ended")
