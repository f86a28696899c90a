"""What a user chooses on « Notifications »: two blocks, each with its frequency and its address.

The choices are the user's own, for one dossier; the dossier's journal tells of them. An address
that is not the account's own is mailed a link first: nobody is written to by somebody else's wish.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from facteur.domain import attention
from facteur.domain.attention import Frequency, Mailing, Settings, Topic
from facteur.domain.commands import ConfirmAddress, CopyNotifications
from facteur.domain.dossiers import Caller
from facteur.domain.errors import ConflictError, NotFoundError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.people import checked_email, raise_all
from facteur.domain.seen import refuse_moved
from facteur.ports import Context, Ticket
from facteur.services import journalling
from facteur.services.access import limits
from facteur.services.access.accounts import later
from facteur.services.access.signing_in import digest
from facteur.services.archive import forwarding_addresses
from facteur.services.journalling import entry_by
from facteur.services.notifications import mailing, mails
from facteur.services.notifications.notifying import through_firms
from facteur.services.staircase import NOTHING, Steps

log = logging.getLogger(__name__)

CONFIRM_LIFE = timedelta(days=3)
BLOCKS = ("waiting", "errors")  # what the form saves at once


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The page: the settings, and what became of each address they name."""

    settings: Settings
    mailings: Mapping[str, Mailing]


def view(caller: Caller, context: Context) -> View:
    """What the caller chose for the open dossier, or what holds before."""
    settings = _settings(caller, context)
    blocks = (settings.waiting, settings.errors)
    named = {settings.email, *(one.address for one in blocks)} - {""}
    return View(
        settings=settings,
        mailings={one: context.notifications.mailing(one) for one in sorted(named)},
    )


def _settings(caller: Caller, context: Context) -> Settings:
    held = context.notifications.settings(caller.dossier, caller.user)
    if held is not None:
        return replace(held, firm=caller.firm)  # a member may have become the firm's, or left it
    member = context.people.member(caller.dossier, caller.user)
    if member is not None:
        return attention.defaults(member)
    return attention.nothing_chosen(
        caller.dossier, caller.user, caller.email, name=caller.name, firm=caller.firm
    )


def choose(
    caller: Caller,
    typed: Mapping[Topic, tuple[str, str]],
    *,
    address: str,
    context: Context,
    seen: str = "",
) -> Settings:
    """« Enregistrer »: frequency and address of each block; InvalidError with every fault.

    StaleVersionError when they are not those that the form showed (``seen``).
    A new address is mailed a link (at most ten in a quarter of an hour; ForbiddenError).
    """
    held = _settings(caller, context)
    refuse_moved(seen, held, BLOCKS)
    faults: list[Fault] = []
    changed = held
    for topic, (frequency, typed_address) in typed.items():
        if frequency not in [one.value for one in Frequency]:
            faults.append(Fault(code="frequency.unknown", path=f"{topic.value}_frequency"))
            continue
        path = f"{topic.value}_address"
        where = checked_email(typed_address, faults, path) if typed_address.strip() else ""
        changed = attention.chosen(changed, topic, Frequency(frequency), where)
    raise_all(faults)
    for topic in Topic:
        pending = changed.block(topic).pending
        if pending:
            mailing.refuse_blocked(pending, context, f"{topic.value}_address")
    asked = {changed.block(topic).pending for topic in Topic} - {""}
    before = {held.block(topic).pending for topic in Topic}
    if asked - before:
        limits.throttle("notify", caller.user, address, context)
    if changed == held and held.version:
        saved = held
    else:
        saved = context.notifications.save(
            changed, (entry_by(caller, "notifications.chosen", _told(changed), context),)
        )
    for one in sorted(asked - before):
        later(ConfirmAddress(dossier=caller.dossier, user=caller.user, address=one), context)
    return saved


def everywhere(caller: Caller, context: Context) -> None:
    """« Appliquer à tous mes dossiers »: done by another function, they may be hundreds."""
    later(CopyNotifications(dossier=caller.dossier, user=caller.user), context)


def copy_notifications(command: CopyNotifications, context: Context) -> Steps:
    """Give a user's choices for one dossier to all the others they may see.

    Addresses that were not confirmed stay behind. Repeating it changes nothing.
    """
    source = context.notifications.settings(command.dossier, command.user)
    if source is None:
        return NOTHING
    firms: dict[str, str] = {**through_firms(command.user, context)}
    firms.update({one.dossier: "" for one in context.store.members_of(command.user)})
    firms.pop(source.dossier, None)
    for dossier, firm in sorted(firms.items()):
        _copy(replace(source, dossier=dossier, firm=firm), context)
    return NOTHING


def _copy(wanted: Settings, context: Context) -> None:
    held = context.notifications.settings(wanted.dossier, wanted.user)
    wanted = replace(
        wanted,
        waiting=replace(wanted.waiting, pending=""),
        errors=replace(wanted.errors, pending=""),
        version=held.version if held else 0,
    )
    if wanted == held:
        return
    entry = journalling.entry(
        "notifications.chosen",
        _told(wanted),
        context,
        dossier=wanted.dossier,
        by=wanted.user,
        by_name=wanted.name,
    )
    try:
        context.notifications.save(wanted, (entry,))
    except StaleVersionError:
        log.info("the notifications of %s were chosen meanwhile", wanted.dossier)


def send_again(caller: Caller, context: Context, *, address: str) -> None:
    """Mail the links again for what waits to be confirmed."""
    held = _settings(caller, context)
    for one in sorted({held.block(topic).pending for topic in Topic} - {""}):
        limits.throttle("notify", caller.user, address, context)
        mailing.refuse_blocked(one, context)
        later(ConfirmAddress(dossier=caller.dossier, user=caller.user, address=one), context)


def confirm_address(command: ConfirmAddress, context: Context) -> Steps:
    """Mail a link to an address that waits to be confirmed."""
    if command.rule:
        return forwarding_addresses.ask(command, context)
    held = context.notifications.settings(command.dossier, command.user)
    if held is None or command.address not in {held.block(one).pending for one in Topic}:
        return NOTHING
    token = secrets.token_urlsafe(32)
    context.tickets.save(
        Ticket(
            digest=digest(token),
            kind="notify",
            expires_at=context.clock.now() + CONFIRM_LIFE,
            values={"dossier": held.dossier, "user": held.user, "address": command.address},
        )
    )
    mails.send(
        "confirmer_adresse",
        command.address,
        context,
        name=held.name or held.email,
        place=context.store.dossier(held.dossier).name,
        what="les notifications",
        days=CONFIRM_LIFE.days,
        page=mails.link(context, "/notifications/confirmer", jeton=token),
    )
    return NOTHING


def confirming(token: str, context: Context) -> str:
    """The address that a link confirms; NotFoundError (``link.over``)."""
    return _ticket(token, context).values["address"]


def confirm(token: str, context: Context) -> str:
    """The address may be written to; the link works once. NotFoundError (``link.over``)."""
    _ticket(token, context)
    taken = context.tickets.take(digest(token))
    if taken is None:
        raise NotFoundError("link.over")
    if taken.kind == forwarding_addresses.KIND:
        return forwarding_addresses.confirmed(taken, context)
    values = taken.values
    held = context.notifications.settings(values["dossier"], values["user"])
    changed = None if held is None else attention.confirmed(held, values["address"])
    if held is None or changed is None or changed == held:
        raise NotFoundError("link.over")  # another address was chosen meanwhile
    entry = journalling.entry(
        "notifications.confirmed",
        {"email": values["address"]},
        context,
        dossier=held.dossier,
        by=held.user,
        by_name=held.name,
    )
    context.notifications.save(changed, (entry,))
    mailing.resubscribe(values["address"], context)
    return values["address"]


def _ticket(token: str, context: Context) -> Ticket:
    ticket = context.tickets.load(digest(token)) if token else None
    if ticket is None or ticket.kind not in ("notify", forwarding_addresses.KIND):
        raise NotFoundError("link.over")
    return ticket


def reactivate(caller: Caller, where: str, *, address: str, context: Context) -> Settings:
    """« Réactiver » an address of one's settings; NotFoundError for any other.

    The account's own takes our mails again. Anybody else's is mailed a link and waits for it: what
    its owner ended, its owner alone takes up again. ConflictError (``email.complained``) where he
    complained of our mails; ForbiddenError (throttled). ``address``: of the network.
    """
    held = view(caller, context)
    if where not in held.mailings:
        raise NotFoundError("not_found")
    if where == held.settings.email:
        mailing.reactivate(where, context)
        entry = entry_by(caller, "notifications.reactivated", {"email": where}, context)
        context.journal.add([entry])
        return held.settings
    if held.mailings[where].blocked == "complaint":
        raise ConflictError("email.complained", email=where)
    limits.throttle("notify", caller.user, address, context)
    mailing.try_again(where, context)
    entry = entry_by(caller, "notifications.asked_again", {"email": where}, context)
    saved = context.notifications.save(attention.asked_again(held.settings, where), (entry,))
    later(ConfirmAddress(dossier=caller.dossier, user=caller.user, address=where), context)
    return saved


def _told(settings: Settings) -> dict[str, str]:
    told = {}
    for topic in Topic:
        block = settings.block(topic)
        where = block.pending or settings.address(topic)
        told[topic.value] = f"{block.frequency.value}, {where}"
    return told
