"""Paramètres › Paramètres du compte utilisateur › Notifications, and the links of our mails.

The page shows two blocks that ignore each other, each with its frequency and its address
(JF-70, JF-71). The links of mails work without signing in where they must (confirming an address,
unsubscribing): GET shows a button and only POST acts, because filters open links before people
do. One POST needs no page: that of « se désabonner » in mail programs, which carries no cookie;
the token of its address stands for everything (RFC 8058).
"""

from typing import Any

from facteur.domain.attention import Frequency, Topic
from facteur.domain.dossiers import Permission
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.seen import mark
from facteur.services.access import signing_in
from facteur.services.notifications import mailing
from facteur.services.notifications import settings as service
from facteur.services.people import dossiers
from facteur.web.answers import Answer
from facteur.web.forms.trying import form_page
from facteur.web.i18n import _
from facteur.web.site import Scope, page
from facteur.web.visit import Visit

PATH = "/parametres/notifications"

FREQUENCIES = (
    (Frequency.NEVER, "Jamais"),
    (Frequency.IMMEDIATE, "Immédiate"),
    (Frequency.HOURLY, "Horaire"),
    (Frequency.DAILY, "Quotidienne"),
    (Frequency.WEEKLY, "Hebdomadaire"),
)


@page(PATH)
def notifications(visit: Visit) -> Answer:
    """The two blocks, as they are."""
    return _page(visit)


def _page(visit: Visit, error: FacteurError | None = None) -> Answer:
    view = service.view(visit.caller, visit.context)
    again = error and not isinstance(error, StaleVersionError)  # it shows what holds now
    sent = {name for name, _value in visit.form()} if again else set()
    values: dict[str, Any] = {
        "view": view,
        "settings": view.settings,
        "seen": mark(view.settings, service.BLOCKS),
        "topics": [(one, view.settings.block(one)) for one in Topic],
        "frequencies": [(one.value, _(label)) for one, label in FREQUENCIES],
        "typed": {one: visit.field(one)[:254] for one in _TYPED if one in sent} if error else {},
    }
    return form_page(visit, "notifications.html", error, **values)


_TYPED = tuple(f"{topic.value}_{name}" for topic in Topic for name in ("frequency", "address"))


@page(PATH, "POST", permission=Permission.READ)
def save(visit: Visit) -> Answer:
    """« Enregistrer »: everybody chooses for themselves, whatever their role."""
    typed = {
        topic: (visit.field(f"{topic.value}_frequency"), visit.field(f"{topic.value}_address"))
        for topic in Topic
    }
    try:
        saved = service.choose(
            visit.caller,
            typed,
            address=visit.address,
            context=visit.context,
            seen=visit.field("seen"),
        )
    except (InvalidError, ForbiddenError, StaleVersionError) as error:
        return _page(visit, error)
    if visit.field("everywhere") == "1":
        service.everywhere(visit.caller, visit.context)
    pending = any(saved.block(topic).pending for topic in Topic)
    return visit.go(PATH, fait="notifications_confirm" if pending else "notifications")


@page(f"{PATH}/renvoyer", "POST", permission=Permission.READ)
def send_again(visit: Visit) -> Answer:
    """Mail the link of confirmation again."""
    try:
        service.send_again(visit.caller, visit.context, address=visit.address)
    except (InvalidError, ForbiddenError) as error:
        return _page(visit, error)
    return visit.go(PATH, fait="notifications_confirm")


@page(f"{PATH}/reactiver", "POST", permission=Permission.READ)
def reactivate(visit: Visit) -> Answer:
    """« Réactiver » an address after a bounce, a complaint, an unsubscription."""
    where = visit.field("address")[:254]
    try:
        saved = service.reactivate(
            visit.caller, where, address=visit.address, context=visit.context
        )
    except (ConflictError, ForbiddenError) as error:
        return _page(visit, error)
    asked = where in {saved.block(topic).pending for topic in Topic}
    return visit.go(PATH, fait="notifications_asked" if asked else "notifications_back")


# ── Confirming an address ───────────────────────────────────────────────────────────────────────


@page("/notifications/confirmer", permission=None)
def confirm_page(visit: Visit) -> Answer:
    """The link that an address was mailed."""
    token = visit.query("jeton")[:100]
    address = service.confirming(token, visit.context)
    return visit.page("notifications_confirm.html", token=token, address=address, done_=False)


@page("/notifications/confirmer", "POST", permission=None)
def confirm(visit: Visit) -> Answer:
    """The address agrees."""
    address = service.confirm(visit.field("jeton")[:100], visit.context)
    return visit.page("notifications_confirm.html", token="", address=address, done_=True)


# ── Unsubscribing ───────────────────────────────────────────────────────────────────────────────


@page("/desabonnement/{token}", permission=None)
def unsubscribe_page(visit: Visit, token: str) -> Answer:
    """What the link of a digest would do."""
    held = mailing.unsubscribing(token[:100], visit.context)
    over = held.unsubscribed_at is not None
    return visit.page("unsubscribe.html", token=token, address=held.address, over=over)


@page("/desabonnement/{token}", "POST", scope=Scope.LINK)
def unsubscribe(visit: Visit, token: str) -> Answer:
    """One click, from our page or from the reader's mail program."""
    held = mailing.unsubscribe(token[:100], visit.context)
    return visit.page("unsubscribe.html", token=token, address=held.address, over=True)


# ── Where a digest leads ────────────────────────────────────────────────────────────────────────

#: The words of ``/vers/{dossier}/{place}``; any other place is a document.
PLACES = {
    "accueil": ("/", ""),
    "connexions": ("/parametres/connexions", ""),
    "changer-de-plateforme": ("/parametres/changer-de-plateforme", ""),
    "boites": ("/parametres/achats/import/boites", ""),
    "a-accepter": ("/achats", "a-accepter"),
    "a-controler": ("/achats", "a-controler"),
    "quarantaine": ("/achats", "quarantaine"),
    "transmission": ("/parametres/transmission", ""),
    "e-reporting": ("/ventes/e-reporting", ""),
    "ventes-a-accepter": ("/ventes", "a-accepter"),
    "ventes-a-controler": ("/ventes", "a-controler"),
    "statuts": ("/achats", "statuts"),
    "ventes-statuts": ("/ventes", "statuts"),
    "ventes-quarantaine": ("/ventes", "quarantaine"),
}


@page("/vers/{dossier}/{place}", scope=Scope.PERSON)
def towards(visit: Visit, dossier: str, place: str) -> Answer:
    """A page of a dossier: at once when it is open, else after a click that opens it."""
    if visit.in_dossier and visit.caller.dossier == dossier:
        return _there(visit, place)
    if signing_in.access(visit.person, dossier, visit.context) is None:
        raise NotFoundError("not_found")
    name = visit.context.store.dossier(dossier).name
    return visit.page("towards.html", dossier=dossier, place=place, name=name)


@page("/vers/{dossier}/{place}", "POST", scope=Scope.PERSON)
def open_towards(visit: Visit, dossier: str, place: str) -> Answer:
    """Open the dossier, then go there."""
    opened = dossiers.enter(visit.person, dossier, visit.context)
    return _there(visit, place, visit.opened(opened))


def _there(visit: Visit, place: str, cookies: tuple[str, ...] = ()) -> Answer:
    path, tab = PLACES.get(place, (f"/factures/{place}", ""))
    return visit.go(path, cookies, onglet=tab)
