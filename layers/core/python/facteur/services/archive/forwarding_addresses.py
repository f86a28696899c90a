"""Who agreed to receive a dossier's archived invoices: people of it, or whoever a link asked.

Invoices must not leave for an address that was mistyped, and our mails must not go to somebody who
never asked: as for notifications, an address that is nobody's here is mailed a link first.
"""

import secrets
from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import ConfirmAddress
from facteur.domain.dossiers import normalise_address
from facteur.domain.errors import NotFoundError
from facteur.ports import Context, Ticket
from facteur.services import journalling
from facteur.services.access.signing_in import digest
from facteur.services.notifications import mails
from facteur.services.staircase import NOTHING, Steps

KIND = "forward"  # of the ticket
CONFIRM_LIFE = timedelta(days=3)


def ours(dossier: str, address: str, context: Context) -> bool:
    """True for the address of a member of the dossier, or of somebody of its linked firm."""
    people = [one.email for one in context.people.members(dossier)]
    for link in context.people.links_of_dossier(dossier):
        if link.active:
            people += (one.email for one in context.people.firm_members(link.firm))
    return normalise_address(address) in map(normalise_address, people)


def ask(command: ConfirmAddress, context: Context) -> Steps:
    """Mail a link to the address of a rule that waits for it; nothing once it agreed or went."""
    rules = context.forwardings.load(command.dossier).rules
    rule = next((one for one in rules if one.id == command.rule and one.pending), None)
    if rule is None:
        return NOTHING
    token = secrets.token_urlsafe(32)
    values = {"dossier": command.dossier, "rule": rule.id, "address": rule.address}
    context.tickets.save(
        Ticket(
            digest=digest(token),
            kind=KIND,
            expires_at=context.clock.now() + CONFIRM_LIFE,
            values=values,
        )
    )
    member = context.people.member(command.dossier, command.user)
    place = context.store.dossier(command.dossier).name
    mails.send(
        "confirmer_adresse",
        rule.address,
        context,
        name=member.name if member is not None else place,
        place=place,
        what="les factures archivées",
        days=CONFIRM_LIFE.days,
        page=mails.link(context, "/notifications/confirmer", jeton=token),
    )
    return NOTHING


def confirmed(ticket: Ticket, context: Context) -> str:
    """The address agreed: what is archived from now on leaves. NotFoundError (``link.over``)."""
    values = ticket.values
    held = context.forwardings.load(values["dossier"])
    waiting = [one for one in held.rules if one.id == values["rule"] and one.pending]
    if not waiting:
        raise NotFoundError("link.over")  # the rule was removed meanwhile
    rules = tuple(replace(one, pending=False) if one in waiting else one for one in held.rules)
    entry = journalling.entry(
        "forward.confirmed",
        {"address": values["address"]},
        context,
        dossier=held.dossier,
        by="lien",
        by_name=values["address"],
    )
    context.forwardings.save(replace(held, rules=rules), (entry,))
    return values["address"]
