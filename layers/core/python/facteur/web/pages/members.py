"""Paramètres › Membres et cabinet: who is in the dossier, who may do what, which firm keeps it."""

from collections.abc import Iterable
from typing import Any

from facteur.domain.dossiers import PAYMENTS, PERMISSIONS, Permission, Role
from facteur.domain.errors import ConflictError, FacteurError, ForbiddenError, InvalidError
from facteur.services.people import firm_links
from facteur.services.people import members as people
from facteur.services.people.leaving import Opened
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.forms.trying import form_page
from facteur.web.i18n import _
from facteur.web.site import page
from facteur.web.visit import Visit

_PAGE = "/parametres/membres"
_MANAGE = Permission.MANAGE
_MOST_NAMED = 5


@page(_PAGE, permission=_MANAGE)
def members(visit: Visit) -> Answer:
    """Members, open invitations, firms."""
    return _members(visit)


def _members(
    visit: Visit, error: FacteurError | None = None, typed: dict[str, str] | None = None
) -> Answer:
    view = people.members(visit.caller, visit.context)
    values: dict[str, Any] = {
        "view": view,
        "leaves": _all_leave(view),
        "roles": list(Role),
        "permissions": list(Permission),
        "table": PERMISSIONS,
        "extras": PAYMENTS,
        "typed": typed or {},
    }
    return form_page(visit, "members.html", error, **values)


def _all_leave(view: people.Members) -> dict[str, str]:
    """By user or firm; nothing of the last gérant, who stays."""
    managers = [one.user for one in view.members if one.role is Role.MANAGER]
    stays = managers[0] if len(managers) == 1 else ""
    return {name: _leaves(one) for name, one in view.opened.items() if name != stays}


def _quoted(names: Iterable[str]) -> str:
    """« A », « B » et 3 autres."""
    shown = [f"«\u00a0{one}\u00a0»" for one in names]
    left = len(shown) - _MOST_NAMED
    more = [_("{n} autres").format(n=left)] if left > 1 else shown[_MOST_NAMED:]
    return i18n.enumeration([*shown[:_MOST_NAMED], *more])


def _leaves(opened: Opened) -> str:
    """What stops with somebody, and what waits for them still: the rest of a sentence."""
    parts = []
    if opened.keys:
        names = _quoted(one.name for one in opened.keys)
        one, many = _("la clé API {names} est révoquée"), _("les clés API {names} sont révoquées")
        parts.append((one if len(opened.keys) == 1 else many).format(names=names))
    if opened.rules:
        names = i18n.enumeration(dict.fromkeys(one.address for one in opened.rules))
        parts.append(_("plus rien ne part automatiquement vers {names}").format(names=names))
    if opened.circuits:
        names = _quoted(one.name for one in opened.circuits)
        one = _("son accord reste attendu par le circuit {names} : changez-le d’abord")
        many = _("son accord reste attendu par les circuits {names} : changez-les d’abord")
        parts.append((one if len(opened.circuits) == 1 else many).format(names=names))
    return f"{' ; '.join(parts)}." if parts else ""


@page(f"{_PAGE}/inviter", "POST", permission=_MANAGE)
def invite(visit: Visit) -> Answer:
    """Invite an address with a role; the mail is on its way."""
    typed = {one: visit.field(one)[:254] for one in ("email", "name", "role")}
    try:
        people.invite(
            visit.caller,
            email=typed["email"],
            name=typed["name"],
            role=typed["role"],
            payments=visit.fields("payments"),
            context=visit.context,
        )
    except (InvalidError, ConflictError, ForbiddenError) as error:
        return _members(visit, error, typed)
    return visit.go(_PAGE, fait="invited")


@page(f"{_PAGE}/invitations/{{invitation}}/renvoyer", "POST", permission=_MANAGE)
def send_again(visit: Visit, invitation: str) -> Answer:
    """Mail an invitation once more; the former link stops working."""
    people.send_again(visit.caller, invitation, visit.context)
    return visit.go(_PAGE, fait="invited")


@page(f"{_PAGE}/invitations/{{invitation}}/annuler", "POST", permission=_MANAGE)
def cancel(visit: Visit, invitation: str) -> Answer:
    """Take an invitation back."""
    people.cancel(visit.caller, invitation, visit.context)
    return visit.go(_PAGE, fait="invitation_cancelled")


@page(f"{_PAGE}/{{member}}/role", "POST", permission=_MANAGE)
def change_role(visit: Visit, member: str) -> Answer:
    """Another role; the person signs in again with the new rights."""
    try:
        people.change_role(
            visit.caller, member, visit.field("role"), visit.fields("payments"), visit.context
        )
    except (InvalidError, ConflictError) as error:
        return _members(visit, error)
    return visit.go(_PAGE, fait="role_changed")


@page(f"{_PAGE}/{{member}}/retirer", "POST", permission=_MANAGE)
def remove(visit: Visit, member: str) -> Answer:
    """A member leaves, at once."""
    try:
        opened = people.remove(visit.caller, member, visit.context)
    except ConflictError as error:
        return _members(visit, error)
    return visit.go(_PAGE, fait="approver_left" if opened.circuits else "member_left")


# ── The firm ────────────────────────────────────────────────────────────────────────────────────


@page(f"{_PAGE}/cabinet", "POST", permission=_MANAGE)
def ask_firm(visit: Visit) -> Answer:
    """Ask one's firm to keep the dossier: the same answer whether it is here or not."""
    typed = {"firm_email": visit.field("firm_email")[:254]}
    try:
        firm_links.ask_firm(visit.caller, typed["firm_email"], visit.context)
    except (InvalidError, ForbiddenError) as error:
        return _members(visit, error, typed)
    return visit.go(_PAGE, fait="firm_asked")


@page(f"{_PAGE}/cabinet/{{firm}}/accepter", "POST", permission=_MANAGE)
def accept_firm(visit: Visit, firm: str) -> Answer:
    """Let a firm in, or change what its people may do."""
    try:
        firm_links.answer_firm(visit.caller, firm, visit.field("role"), visit.context)
    except (InvalidError, ConflictError) as error:
        return _members(visit, error)
    return visit.go(_PAGE, fait="firm_linked")


@page(f"{_PAGE}/cabinet/{{firm}}/delier", "POST", permission=_MANAGE)
def end_firm(visit: Visit, firm: str) -> Answer:
    """End the link, or refuse it."""
    link = firm_links.end_firm(visit.caller, firm, visit.context)
    return visit.go(_PAGE, fait="firm_unlinked" if link.active else "firm_declined")
