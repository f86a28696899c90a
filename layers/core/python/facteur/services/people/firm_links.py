"""The firm that keeps a dossier, from the dossier's side: asked by e-mail, let in, ended.

Who asks must not learn from us whether an address belongs to a firm of this platform, nor which:
the dossier keeps the same row under the address that was typed, whether somebody is behind it or
not, and the firm's name and identifier are shown once it has answered (``Link.place``).
"""

from dataclasses import replace

from facteur.domain import people as rules
from facteur.domain.dossiers import Caller, Permission, Role
from facteur.domain.errors import ForbiddenError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.people import (
    Link,
    LinkState,
    checked_email,
    checked_role,
    raise_all,
)
from facteur.ports import Context, PeopleChanges
from facteur.services.access.limits import throttle
from facteur.services.journalling import entry_by
from facteur.services.people import leaving


def ask_firm(caller: Caller, email: str, context: Context) -> None:
    """Ask the firm of this person to keep the dossier: the same row whether there is one or not.

    Asked again, nothing changes, unless somebody is behind the address by now. Somebody of a firm
    that keeps the dossier, or was asked already, makes the row that nobody makes: who belongs to
    a firm is for the firm to say.
    """
    caller.require(Permission.MANAGE)
    faults: list[Fault] = []
    mailbox = checked_email(email, faults)
    raise_all(faults)
    throttle("ask_firm", caller.dossier, caller.user, context)
    person = context.identity.find(mailbox)
    firms = () if person is None else context.people.firms_of(person.subject)
    firm = context.people.firm(firms[0].firm) if firms else None
    dossier = context.store.dossier(caller.dossier)
    held = context.people.links_of_dossier(dossier.id)
    if firm is not None and any(one.firm == firm.id for one in held):
        firm = None
    asked = [one for one in held if one.asked_as == mailbox]
    if asked and firm is None:
        return
    before = tuple(one for one in asked if not one.active)
    link = Link(
        firm=firm.id if firm else context.ids.new(),  # nobody's: no firm will ever list it
        firm_name=firm.name if firm else mailbox,
        asked_as=mailbox,
        dossier=dossier.id,
        dossier_name=dossier.name,
        siren=dossier.siren,
        state=LinkState.ASKED_BY_DOSSIER,
        role=Role.ACCOUNTANT,
        since=context.clock.now(),
    )
    entry = entry_by(caller, "firm.asked", {"firm": mailbox}, context)
    context.people.commit(PeopleChanges(links=(link,), unlinked=before, entries=(entry,)))


def answer_firm(caller: Caller, firm: str, role: str, context: Context) -> Link:
    """Let the firm that asked in, with a role. NotFoundError, ConflictError."""
    caller.require(Permission.MANAGE)
    if caller.firm == firm:
        raise ForbiddenError("link.own")
    faults: list[Fault] = []
    wanted = checked_role(role, faults)
    raise_all(faults)
    link = _link(caller, firm, context)
    now = context.clock.now()
    changed = replace(link, role=wanted)
    if not link.active:
        changed = replace(rules.agreed(link, LinkState.ASKED_BY_FIRM, at=now), role=wanted)
    values = {"firm": link.firm_name, "role": wanted.value}
    entry = entry_by(caller, "firm.linked", values, context)
    context.people.commit(PeopleChanges(links=(changed,), entries=(entry,)))
    return changed


def end_firm(caller: Caller, firm: str, context: Context) -> Link:
    """End the link with a firm, or refuse it: its people are out at once. NotFoundError.

    Their keys and the transmissions that they added stop with them (leaving.py).
    """
    caller.require(Permission.MANAGE)
    link = _link(caller, firm, context)
    entry = entry_by(caller, "firm.unlinked", {"firm": link.shown}, context)
    if link.active:
        leaving.close(caller.dossier, leaving.firm_leaving(link, context), caller, context)
    open_ = leaving.taken_back(caller.dossier, context, firm=link.firm_name)
    context.people.commit(PeopleChanges(unlinked=(link,), invitations=open_, entries=(entry,)))
    return link


def _link(caller: Caller, place: str, context: Context) -> Link:
    for link in context.people.links_of_dossier(caller.dossier):
        if link.place == place:
            return link
    raise NotFoundError("not_found")
