"""An accounting firm: its portfolio, its people, the dossiers it creates, asks for and leaves.

The portfolio is one question whatever the number of dossiers: what waits in each stands on its
link. Looking at it puts one command in the agenda, which counts again the dossiers whose figures
are more than a minute old, some at a time: invoices pay nothing for a page that nobody opens.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from facteur.domain import people as rules
from facteur.domain.commands import CountWaiting, Scheduled
from facteur.domain.connections import ConnectionState
from facteur.domain.documents import Direction, State
from facteur.domain.dossiers import Dossier, Role
from facteur.domain.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry
from facteur.domain.people import (
    Firm,
    FirmCaller,
    FirmMember,
    FirmRole,
    Invitation,
    InvitationState,
    Link,
    LinkState,
    Waiting,
    checked_email,
    checked_name,
    checked_siren,
    of_firm,
    raise_all,
)
from facteur.ports import Company, Context, PeopleChanges
from facteur.services import journalling
from facteur.services.access.limits import throttle, throttle_mails
from facteur.services.access.signing_in import sign_out_everywhere
from facteur.services.ereporting import reminders
from facteur.services.people import dossiers, leaving, members
from facteur.services.people.hosting import hosted_dossier
from facteur.services.staircase import LEASE, NOTHING, Steps, send

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=1)
COUNTED_AT_ONCE = 40
COUNTED_ON_SIGHT = 5  # never counted before: half a second of a page at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """The firm's page."""

    firm: Firm
    links: tuple[Link, ...]  # the active ones, those where something waits first
    asked: tuple[Link, ...]  # by dossiers: the firm answers
    asking: tuple[Link, ...]  # by the firm: the dossier answers
    counting: frozenset[str] = frozenset()  # dossiers whose figures are old, and asked for again


def portfolio(who: FirmCaller, context: Context) -> Portfolio:
    """Every dossier with what waits; four calls, whatever their number.

    A few that were never counted are counted at once: the first sight of a small firm says what
    waits, and not « comptage en cours ».
    """
    links = context.people.links_of_firm(who.firm)
    never = [one for one in links if one.active and one.waiting is None]
    if len(never) <= COUNTED_ON_SIGHT:
        first = {one.dossier: _count(one, context) for one in never}
        links = tuple(first.get(one.dossier, one) if one.active else one for one in links)
    active = sorted((one for one in links if one.active), key=_urgency)
    now = context.clock.now()
    counting = frozenset(one.dossier for one in active if _stale(one, now))
    kept = {one.siren for one in active}
    if counting:
        _count_soon(who.firm, context)
    return Portfolio(
        firm=context.people.firm(who.firm),
        links=tuple(active),
        asked=tuple(one for one in links if one.state is LinkState.ASKED_BY_DOSSIER),
        asking=tuple(  # by number: stored by dossier, an order that tells who is here
            one
            for one in sorted(links, key=lambda one: one.siren)
            if one.state is LinkState.ASKED_BY_FIRM and one.siren not in kept
        ),
        counting=counting,
    )


def _urgency(link: Link) -> tuple[int, int, str]:
    found = link.waiting
    if found is None:
        return (0, 0, link.dossier_name.casefold())
    return (
        -(found.alerts + found.platforms_failing),
        -(found.to_accept + found.sales_to_accept),
        link.dossier_name.casefold(),
    )


def _stale(link: Link, now: object) -> bool:
    return link.waiting is None or now - link.waiting.counted_at > FRESH  # type: ignore[operator]


def _count_soon(firm: str, context: Context, step: int = 0) -> None:
    """One count per firm and minute, whoever looks and however often."""
    now = context.clock.now()
    identifier = f"count-{firm}-{now:%Y%m%dT%H%M}-{step}"
    scheduled = Scheduled(id=identifier, command=CountWaiting(firm=firm), due=now + LEASE)
    context.store.schedule(scheduled)
    send(replace(scheduled, due=now), context)


def count_waiting(command: CountWaiting, context: Context) -> Steps:
    """Count again the firm's dossiers whose figures are the oldest."""
    now = context.clock.now()
    links = [one for one in context.people.links_of_firm(command.firm) if one.active]
    old = [one for one in links if _stale(one, now)]
    old.sort(key=lambda one: one.waiting.counted_at if one.waiting else one.since)
    for link in old[:COUNTED_AT_ONCE]:
        _count(link, context)
    if len(old) > COUNTED_AT_ONCE:
        _count_soon(command.firm, context, step=len(old))
    return NOTHING


def _count(link: Link, context: Context) -> Link:
    """Seven calls or eight: each side's numbers, the last document, the platforms, the
    e-reporting that waits, the link twice. The link with them, kept unless it moved meanwhile."""
    bought = context.store.counts(link.dossier, Direction.PURCHASE)
    sold = context.store.counts(link.dossier, Direction.SALE)
    held = context.connections.connections(link.dossier)
    live = [one for one in held if one.state is ConnectionState.CONNECTED]
    last = context.store.documents(link.dossier, Direction.PURCHASE, limit=1).documents
    reports = reminders.waiting(link.dossier, context)
    waiting = Waiting(
        counted_at=context.clock.now(),
        to_accept=bought[State.TO_ACCEPT],
        to_check=bought[State.TO_CHECK],
        quarantined=bought[State.QUARANTINED],
        sales_to_accept=sold[State.TO_ACCEPT],
        sales_to_check=sold[State.TO_CHECK],
        sales_quarantined=sold[State.QUARANTINED],
        last_received_at=last[0].received_at if last else None,
        reports=reports.count if reports else 0,
        reports_late=reports.late if reports else 0,
        reports_due=reports.due if reports else None,
        platforms=len(live),
        platforms_failing=sum(one.failure is not None for one in live),
    )
    present = context.people.link(link.dossier, link.firm)
    if present is None or not present.active:
        return link
    try:
        context.people.commit(PeopleChanges(links=(replace(present, waiting=waiting),)))
    except StaleVersionError:
        log.info("the link of %s moved while it was counted", link.dossier)
    return replace(present, waiting=waiting)


# ── Dossiers ────────────────────────────────────────────────────────────────────────────────────


def create_dossier(
    who: FirmCaller,
    *,
    siren: str,
    name: str,
    email: str,
    person: str,
    context: Context,
) -> Dossier:
    """A dossier for a client, linked from the start; its gérant is invited when one is named.

    InvalidError with every fault; DuplicateError (``dossier.siren_taken``); ForbiddenError
    (``mails.throttled``), before anything is made.
    """
    faults: list[Fault] = []
    number = checked_siren(siren, faults)
    if email.strip() or person.strip():
        checked_email(email, faults)
        checked_name(person, faults, "person")
    found = dossiers.look_up(number, context) if not faults else None
    title = checked_name(name or (found.name if found else ""), faults, "company")
    raise_all(faults)
    company = replace(found, name=title) if found else Company(siren=number, name=title)
    throttle_mails(who.user, "", context)
    firm = context.people.firm(who.firm)
    link = Link(
        firm=firm.id,
        firm_name=firm.name,
        dossier="",
        dossier_name=title,
        siren=number,
        state=LinkState.ACTIVE,
        role=Role.MANAGER,
        since=context.clock.now(),
    )
    dossier = dossiers.create(company, None, context, link=link)
    if email.strip():
        invitation = Invitation(
            id=context.ids.new(),
            email=checked_email(email, faults),
            name=checked_name(person, faults, "person"),
            role=Role.MANAGER.value,
            created_at=context.clock.now(),
            by=who.user,
            by_name=who.name,
            dossier=dossier.id,
            place=dossier.name,
            firm_name=firm.name,
        )
        members.add_invitation(invitation, (), (), context)
    return dossier


# ── Links ───────────────────────────────────────────────────────────────────────────────────────


def ask_dossier(who: FirmCaller, siren: str, context: Context) -> None:
    """Ask a dossier to be kept by this firm; the same row and answer whether it is here or not."""
    _heads(who)
    faults: list[Fault] = []
    number = checked_siren(siren, faults)
    raise_all(faults)
    throttle("ask_dossier", who.firm, who.user, context)
    held = [one for one in context.people.links_of_firm(who.firm) if one.siren == number]
    found = hosted_dossier(number, context)
    if any(one.dossier == found for one in held) or (held and not found):
        return
    firm = context.people.firm(who.firm)
    link = Link(
        firm=firm.id,
        firm_name=firm.name,
        dossier=found or context.ids.new(),  # nobody's: no dossier will ever list it
        dossier_name=context.store.dossier(found).name if found else number,
        siren=number,
        state=LinkState.ASKED_BY_FIRM,
        role=Role.ACCOUNTANT,
        since=context.clock.now(),
    )
    entries = (_entry(who, link, "firm.asks", context),) if found else ()
    asked = tuple(one for one in held if one.state is LinkState.ASKED_BY_FIRM)
    context.people.commit(PeopleChanges(links=(link,), unlinked=asked, entries=entries))


def answer_dossier(who: FirmCaller, dossier: str, context: Context) -> Link:
    """Take the dossier that asked. NotFoundError, ConflictError (``link.nothing_asked``)."""
    _heads(who)
    link = _link(who, dossier, context)
    changed = rules.agreed(link, LinkState.ASKED_BY_DOSSIER, at=context.clock.now())
    entry = _entry(who, link, "firm.linked", context)
    context.people.commit(PeopleChanges(links=(changed,), entries=(entry,)))
    return changed


def end_dossier(who: FirmCaller, dossier: str, context: Context) -> None:
    """Leave a dossier, or refuse it: the firm's people are out at once. NotFoundError.

    ConflictError (``link.no_manager``) when nobody else could manage it.
    """
    _heads(who)
    link = _link(who, dossier, context)
    managers = [one for one in context.people.members(dossier) if one.role is Role.MANAGER]
    if link.active and not managers:
        raise ConflictError("link.no_manager")
    entry = _entry(who, link, "firm.unlinked", context)
    if link.active:
        leaving.close(dossier, leaving.firm_leaving(link, context), who, context)
    invitations = leaving.taken_back(dossier, context, firm=link.firm_name)
    context.people.commit(
        PeopleChanges(unlinked=(link,), invitations=invitations, entries=(entry,))
    )


def _link(who: FirmCaller, dossier: str, context: Context) -> Link:
    link = context.people.link(dossier, who.firm)
    if link is None:
        raise NotFoundError("not_found")
    return link


# ── People ──────────────────────────────────────────────────────────────────────────────────────


def staff(
    who: FirmCaller, context: Context
) -> tuple[tuple[FirmMember, ...], tuple[Invitation, ...]]:
    """The firm's people, and who is invited."""
    waiting = context.people.invitations(of_firm(who.firm))
    open_ = tuple(one for one in waiting if one.state is InvitationState.OPEN)
    return context.people.firm_members(who.firm), open_


def invite(who: FirmCaller, *, email: str, name: str, role: str, context: Context) -> Invitation:
    """Invite somebody into the firm. InvalidError, ConflictError."""
    _heads(who)
    faults: list[Fault] = []
    mailbox, named = checked_email(email, faults), checked_name(name, faults)
    if role not in [one.value for one in FirmRole]:
        faults.append(Fault(code="role.unknown", path="role"))
    raise_all(faults)
    firm = context.people.firm(who.firm)
    invitation = Invitation(
        id=context.ids.new(),
        email=mailbox,
        name=named,
        role=role,
        created_at=context.clock.now(),
        by=who.user,
        by_name=who.name,
        firm=firm.id,
        place=firm.name,
        firm_name=firm.name,
    )
    throttle_mails(who.user, invitation.owner, context)
    return members.add_invitation(invitation, context.people.firm_members(firm.id), (), context)


def cancel(who: FirmCaller, identifier: str, context: Context) -> None:
    """Take an invitation back. NotFoundError."""
    _heads(who)
    members.cancel_invitation(members.open_of(of_firm(who.firm), identifier, context), context)


def send_again(who: FirmCaller, identifier: str, context: Context) -> None:
    """Mail an open invitation once more. NotFoundError."""
    _heads(who)
    members.mail_again(members.open_of(of_firm(who.firm), identifier, context), who.user, context)


def change_role(who: FirmCaller, user: str, role: str, context: Context) -> FirmMember:
    """Another role for a colleague. NotFoundError, ConflictError (``firm.last_head``)."""
    _heads(who)
    firm = context.people.firm(who.firm)  # its version: no two heads step down at once
    there = context.people.firm_members(who.firm)
    if all(one.user != user for one in there):
        raise NotFoundError("not_found")
    if role not in [one.value for one in FirmRole]:
        raise_all([Fault(code="role.unknown", path="role")])
    changed = rules.firm_with_role(there, user, FirmRole(role))
    if changed not in there:
        context.people.commit(PeopleChanges(firm=firm, firm_members=(changed,)))
        sign_out_everywhere(user, context)
    return changed


def remove(who: FirmCaller, user: str, context: Context) -> None:
    """Somebody leaves the firm. NotFoundError, ConflictError (``firm.last_head``).

    First the keys that they made in its dossiers end, and what is mailed to them stops
    (leaving.py): some calls for each dossier; done again where it failed on the way.
    """
    _heads(who)
    firm = context.people.firm(who.firm)  # its version: nobody else leaves meanwhile
    gone = rules.firm_without(context.people.firm_members(who.firm), user)
    leaver = leaving.colleague_leaving(gone, firm)
    for link in context.people.links_of_firm(who.firm):
        if link.active:
            leaving.close(link.dossier, leaver, who, context)
    context.people.commit(PeopleChanges(firm=firm, firm_gone=(gone,)))
    sign_out_everywhere(user, context)


def _heads(who: FirmCaller) -> None:
    if not who.head:
        raise ForbiddenError("firm.forbidden")


def _entry(who: FirmCaller, link: Link, what: str, context: Context) -> JournalEntry:
    return journalling.entry(
        what,
        {"firm": link.firm_name},
        context,
        dossier=link.dossier,
        by=who.user,
        by_name=who.name,
    )
