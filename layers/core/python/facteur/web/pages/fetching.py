"""Paramètres › Import des factures d'achat › Boîtes aux lettres relevées (PE-17).

Connected mailboxes with their health, their rules, and the mails that were processed, each with
its reason and « Rejouer ». Gmail and Outlook are connected, and reconnected, by consent: the way
starts from a link, for a form's answer may not lead elsewhere (``form-action``).
"""

from typing import Any

from facteur.domain.dossiers import Permission
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.mailboxes import EVERY, Fetched, Mailbox, Outcome, Where
from facteur.ports import MailProvider
from facteur.services.intake import fetching, mailbox_consents
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.forms.trying import form_page
from facteur.web.i18n import _
from facteur.web.showing.present import Badge
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/achats/import/boites"
BACK = "/boites/retour"
_MANAGE = Permission.MANAGE
_TYPED = ("host", "user", "folder", "provider")

_OUTCOMES = {
    Outcome.TAKEN: Badge("Prise", "circle-check", "green"),
    Outcome.IGNORED: Badge("Laissée : aucune règle ne la prend", "circle-dashed", "grey"),
    Outcome.TOO_LARGE: Badge("Trop lourde", "alert-triangle", "amber"),
    Outcome.FAILED: Badge("Échec", "alert-circle", "red"),
}


@page(PATH, permission=_MANAGE)
def mailboxes(visit: Visit) -> Answer:
    """The connected mailboxes."""
    return _boxes(visit)


@page(PATH, "POST", permission=_MANAGE)
def connect_mailbox(visit: Visit) -> Answer:
    """Connect a mailbox, once it opens."""
    try:
        made = fetching.connect(
            visit.caller,
            host=visit.field("host"),
            user=visit.field("user"),
            password=visit.field("password"),
            folder=visit.field("folder"),
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return _boxes(visit, error)
    return visit.go(f"{PATH}/{made.id}", fait="fetch_box_connected")


def _boxes(visit: Visit, error: FacteurError | None = None) -> Answer:
    values: dict[str, Any] = {
        "boxes": fetching.listed(visit.caller, visit.context),
        "providers": visit.context.mail_consents.providers(),
        "minutes": int(EVERY.total_seconds() // 60),
        "typed": {one: visit.field(one)[:200] if error else "" for one in _TYPED},
    }
    return form_page(visit, "import_boxes.html", error, **values)


@page(PATH + "/consentir", "POST", permission=_MANAGE)
def ask_mailbox_consent(visit: Visit) -> Answer:
    """Prepare the way to the provider of a new mailbox, and show the link to it."""
    try:
        provider, towards = mailbox_consents.begin(
            visit.caller,
            visit.field("provider"),
            user=visit.field("user"),
            folder=visit.field("folder"),
            binding=visit.csrf,
            back=visit.site.url(BACK),
            context=visit.context,
        )
    except InvalidError as error:
        return _boxes(visit, error)
    return _leaving(visit, provider, towards)


@page(PATH + "/{mailbox}/reconnecter", "POST", permission=_MANAGE)
def reconnect_mailbox(visit: Visit, mailbox: str) -> Answer:
    """The same for a mailbox whose consent is gone."""
    provider, towards = mailbox_consents.begin_again(
        visit.caller,
        mailbox,
        binding=visit.csrf,
        back=visit.site.url(BACK),
        context=visit.context,
    )
    return _leaving(visit, provider, towards)


def _leaving(visit: Visit, provider: MailProvider, towards: str) -> Answer:
    return visit.page("import_box_consent.html", provider=provider, towards=towards)


@page(BACK, permission=_MANAGE)
def come_back_from_mail_provider(visit: Visit) -> Answer:
    """Back from the provider, with its answer: the mailbox, or the reason why not."""
    try:
        made = mailbox_consents.finish(
            visit.caller,
            state=visit.query("state")[:100],
            code=visit.query("code")[:4000],
            binding=visit.csrf,
            back=visit.site.url(BACK),
            context=visit.context,
        )
    except (InvalidError, UnavailableError, NotFoundError) as error:
        return _boxes(visit, error)
    return visit.go(f"{PATH}/{made.id}", fait="fetch_box_opened")


@page(PATH + "/{mailbox}", permission=_MANAGE)
def mailbox_page(visit: Visit, mailbox: str) -> Answer:
    """A mailbox: health, rules, processed mails."""
    return _box(visit, mailbox)


def _box(visit: Visit, mailbox: str, error: FacteurError | None = None) -> Answer:
    held, mails = fetching.processed(visit.caller, mailbox, visit.context)
    values: dict[str, Any] = {
        "box": held,
        "provider": _provider(held, visit),
        "mails": [(one, _OUTCOMES[one.outcome], _reason(one)) for one in mails],
        "wheres": ((Where.SENDER.value, _("De")), (Where.SUBJECT.value, _("Objet contient"))),
        "directions": (("purchase", _("achats")), ("sale", _("ventes"))),
        "typed": visit.field("text")[:200] if error else "",
    }
    return form_page(visit, "import_box.html", error, **values)


def _provider(held: Mailbox, visit: Visit) -> str:
    """Who gave access to a mailbox, as people call it; "" for a password."""
    labels = {one.name: one.label for one in visit.context.mail_consents.providers()}
    return labels.get(held.provider, held.provider)


def _reason(one: Fetched) -> str:
    """Why a mail became what it did, in words."""
    if one.outcome is Outcome.TAKEN:
        return _("règle « {rule} »").format(rule=one.reason) if one.reason else _("à la main")
    said = one.reason if one.outcome is Outcome.FAILED else ""  # the badge says the rest
    return i18n.sentence(said) if said else ""


@page(PATH + "/{mailbox}/regles", "POST", permission=_MANAGE)
def add_mailbox_rule(visit: Visit, mailbox: str) -> Answer:
    """Add a rule."""
    try:
        fetching.add_rule(
            visit.caller,
            mailbox,
            where=visit.field("where"),
            text=visit.field("text"),
            direction=visit.field("direction"),
            context=visit.context,
        )
    except InvalidError as error:
        return _box(visit, mailbox, error)
    return visit.go(f"{PATH}/{mailbox}", fait="fetch_box_rule")


@page(PATH + "/{mailbox}/regles/retirer", "POST", permission=_MANAGE)
def remove_mailbox_rule(visit: Visit, mailbox: str) -> Answer:
    """Remove a rule."""
    fetching.remove_rule(
        visit.caller,
        mailbox,
        where=visit.field("where"),
        text=visit.field("text"),
        direction=visit.field("direction"),
        context=visit.context,
    )
    return visit.go(f"{PATH}/{mailbox}", fait="fetch_box_rule")


@page(PATH + "/{mailbox}/relever", "POST", permission=_MANAGE)
def fetch_mailbox_now(visit: Visit, mailbox: str) -> Answer:
    """« Relever maintenant »."""
    fetching.fetch_now(visit.caller, mailbox, visit.context)
    return visit.go(f"{PATH}/{mailbox}", fait="fetch_box_asked")


@page(PATH + "/{mailbox}/retraiter", "POST", permission=_MANAGE)
def take_mail_again(visit: Visit, mailbox: str) -> Answer:
    """« Rejouer » a processed mail."""
    fetching.take_again(
        visit.caller, mailbox, visit.field("mail"), visit.field("direction"), visit.context
    )
    return visit.go(f"{PATH}/{mailbox}", fait="fetch_box_asked")


@page(PATH + "/{mailbox}/deconnecter", "POST", permission=_MANAGE)
def disconnect_mailbox(visit: Visit, mailbox: str) -> Answer:
    """Forget a mailbox and its password."""
    fetching.disconnect(visit.caller, mailbox, visit.context)
    return visit.go(PATH, fait="fetch_box_gone")
