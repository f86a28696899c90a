"""Members and invitations of a dossier: invite, come, change a role, leave.

A gérant (or the firm that administers the dossier) invites an address with a role; the mail is
written by the pipeline and carries a link that works once. Who accepts has an account or makes
one: in both cases the address of the invitation is proved, by the link or by the sign-in. A change
of rights holds at the next request, and ends the sessions of whom it concerns.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from facteur.domain import people as rules
from facteur.domain.commands import SendInvitation
from facteur.domain.dossiers import Caller, Dossier, Member, Permission
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry
from facteur.domain.people import (
    INVITATION_LIFE,
    FirmMember,
    FirmRole,
    Invitation,
    InvitationState,
    Link,
    checked_email,
    checked_name,
    checked_payments,
    checked_role,
    of_dossier,
    raise_all,
)
from facteur.ports import Context, PeopleChanges, Person, Session
from facteur.services import journalling
from facteur.services.access import tickets
from facteur.services.access.accounts import check_password, create_person, later
from facteur.services.access.limits import throttle, throttle_mails
from facteur.services.access.signing_in import (
    Opened,
    digest,
    open_session,
    renewed,
    sign_out_everywhere,
)
from facteur.services.journalling import entry_by
from facteur.services.notifications import mailing, mails
from facteur.services.people import leaving
from facteur.services.staircase import NOTHING, Steps

log = logging.getLogger(__name__)

MOST_INVITATIONS = 200  # open ones of a dossier or firm


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The members page."""

    dossier: Dossier
    members: tuple[Member, ...]
    invitations: tuple[Invitation, ...]  # the open ones
    links: tuple[Link, ...]
    opened: Mapping[str, leaving.Opened]  # by user, or firm: what goes with them


def members(caller: Caller, context: Context) -> Members:
    """Who is in the dossier, who is invited, which firm is linked. ForbiddenError."""
    caller.require(Permission.MANAGE)
    waiting = context.people.invitations(of_dossier(caller.dossier))
    people = context.people.members(caller.dossier)
    # Stored by firm: that order would tell the firms that are here from those that are not.
    links = tuple(sorted(context.people.links_of_dossier(caller.dossier), key=_asked_at))
    there = leaving.openings(caller.dossier, context)
    leavers = {one.user: leaving.member_leaving(one) for one in people}
    leavers |= {one.firm: leaving.firm_leaving(one, context) for one in links if one.active}
    return Members(
        dossier=context.store.dossier(caller.dossier),
        members=people,
        invitations=tuple(one for one in waiting if one.state is InvitationState.OPEN),
        links=links,
        opened={name: there.of(who) for name, who in leavers.items()},
    )


def _asked_at(link: Link) -> tuple[datetime, str]:
    return link.since, link.shown


# ── Inviting ────────────────────────────────────────────────────────────────────────────────────


def invite(
    caller: Caller,
    *,
    email: str,
    name: str,
    role: str,
    payments: Sequence[str] = (),
    context: Context,
) -> Invitation:
    """Invite somebody. InvalidError, all faults; ConflictError; ForbiddenError (throttled)."""
    caller.require(Permission.MANAGE)
    faults: list[Fault] = []
    mailbox, who = checked_email(email, faults), checked_name(name, faults)
    wanted = checked_role(role, faults)
    raise_all(faults)
    link = context.people.link(caller.dossier, caller.firm) if caller.firm else None
    invitation = Invitation(
        id=context.ids.new(),
        email=mailbox,
        name=who,
        role=wanted.value,
        created_at=context.clock.now(),
        by=caller.user,
        by_name=caller.name,
        dossier=caller.dossier,
        place=context.store.dossier(caller.dossier).name,
        firm_name=link.firm_name if link else "",
        payments=checked_payments(payments, wanted),
    )
    throttle_mails(caller.user, invitation.owner, context)
    entry = entry_by(caller, "member.invited", {"email": mailbox, "role": wanted.value}, context)
    return add_invitation(invitation, context.people.members(caller.dossier), (entry,), context)


def add_invitation(
    invitation: Invitation,
    there: Sequence[Member | FirmMember],
    entries: Sequence[JournalEntry],
    context: Context,
) -> Invitation:
    """Write an invitation, counted by the caller, and have it mailed. ConflictError: in it."""
    mailing.refuse_blocked(invitation.email, context)
    waiting = context.people.invitations(invitation.owner)
    open_ = [one for one in waiting if one.state is InvitationState.OPEN]
    if len(open_) >= MOST_INVITATIONS:
        raise InvalidError((), code="invitation.too_many")
    rules.invited(invitation, there, open_)
    context.people.commit(PeopleChanges(invitations=(invitation,), entries=entries))
    later(SendInvitation(owner=invitation.owner, invitation=invitation.id), context)
    return invitation


def send_invitation(command: SendInvitation, context: Context) -> Steps:
    """Mail an invitation with a fresh link; the links of former mails are worth nothing.

    StaleVersionError when it was taken back or used meanwhile: nothing is revived, and the command
    runs again to see it.
    """
    invitation = context.people.invitation(command.owner, command.invitation)
    if invitation is None or invitation.state is not InvitationState.OPEN:
        return NOTHING
    values = {"owner": invitation.owner, "id": invitation.id}
    token = tickets.issue("invitation", INVITATION_LIFE, values, context)
    sent = replace(invitation, sent_at=context.clock.now(), digest=digest(token))
    context.people.commit(PeopleChanges(invitations=(sent,)))
    try:
        mails.send(
            "invitation",
            invitation.email,
            context,
            name=invitation.name,
            place=invitation.place,
            firm=invitation.firm_name,
            by_name=invitation.by_name,
            into_firm=bool(invitation.firm),
            days=INVITATION_LIFE.days,
            page=mails.link(context, "/invitation", jeton=token),
        )
    except InvalidError as error:  # an address that no server takes: the page still shows it
        log.warning("invitation %s cannot be mailed: %s", invitation.id, error)
    return NOTHING


def send_again(caller: Caller, identifier: str, context: Context) -> None:
    """Mail an open invitation once more; NotFoundError."""
    caller.require(Permission.MANAGE)
    mail_again(open_of(of_dossier(caller.dossier), identifier, context), caller.user, context)


def mail_again(invitation: Invitation, user: str, context: Context) -> None:
    """Mail an open invitation once more, whoever may; the former link stops working."""
    throttle("invite", invitation.email, user, context)
    throttle_mails(user, invitation.owner, context)
    mailing.refuse_blocked(invitation.email, context)
    later(SendInvitation(owner=invitation.owner, invitation=invitation.id), context)


def cancel(caller: Caller, identifier: str, context: Context) -> None:
    """Take an invitation back; its link stops working. NotFoundError."""
    caller.require(Permission.MANAGE)
    cancel_invitation(open_of(of_dossier(caller.dossier), identifier, context), context)


def cancel_invitation(invitation: Invitation, context: Context) -> None:
    """Take an invitation back, whoever may."""
    if invitation.digest:
        context.tickets.take(invitation.digest)
    gone = replace(invitation, state=InvitationState.CANCELLED)
    context.people.commit(PeopleChanges(invitations=(gone,)))


def open_of(owner: str, identifier: str, context: Context) -> Invitation:
    """An open invitation of a dossier or firm; NotFoundError."""
    invitation = context.people.invitation(owner, identifier)
    if invitation is None or invitation.state is not InvitationState.OPEN:
        raise NotFoundError("not_found")
    return invitation


# ── Coming ──────────────────────────────────────────────────────────────────────────────────────


def invitation_of(token: str, context: Context) -> Invitation:
    """The invitation behind a link, which stays good; NotFoundError (``link.over``)."""
    ticket = tickets.valid(token, "invitation", context)
    invitation = context.people.invitation(ticket.values["owner"], ticket.values["id"])
    live = invitation is not None and invitation.state is InvitationState.OPEN
    if invitation is None or not live or invitation.digest != ticket.digest:
        raise NotFoundError("link.over")
    return invitation


def has_account(invitation: Invitation, context: Context) -> bool:
    """True when the invited address has an account: only the link's holder is told."""
    return context.identity.find(invitation.email) is not None


def accept_new(token: str, password: str, *, address: str, agent: str, context: Context) -> Opened:
    """« Choisir mon mot de passe »: the account is made and the person is in, signed in.

    InvalidError (``password.weak``), NotFoundError (``link.over``), ConflictError
    (``account.exists``: sign in instead).
    """
    check_password(password)
    invitation = invitation_of(token, context)
    person = create_person(invitation.email, invitation.name, password, context)
    _join(token, invitation, person, context)
    return open_session(
        person, address=address, agent=agent, context=context, dossier=invitation.dossier
    )


def accept_as(held: Session, token: str, context: Context) -> Opened:
    """A signed-in user accepts what his own address was invited to; ForbiddenError otherwise."""
    invitation = invitation_of(token, context)
    if invitation.email != held.email.strip().lower():
        raise ForbiddenError("invitation.other_address", email=invitation.email)
    person = Person(subject=held.user, email=held.email, name=held.name)
    _join(token, invitation, person, context)
    return renewed(held, context, dossier=invitation.dossier)


def _join(token: str, invitation: Invitation, person: Person, context: Context) -> None:
    tickets.taken(token, "invitation", context)
    used = replace(invitation, state=InvitationState.USED)
    if invitation.firm:
        member = FirmMember(
            firm=invitation.firm,
            user=person.subject,
            email=person.email,
            name=person.name,
            role=FirmRole(invitation.role),
        )
        context.people.commit(PeopleChanges(firm_members=(member,), invitations=(used,)))
        return
    entry = journalling.entry(
        "member.joined",
        {"email": person.email, "role": invitation.role},
        context,
        dossier=invitation.dossier,
        by=person.subject,
        by_name=person.name,
    )
    joining = rules.member_from(invitation, user=person.subject, name=person.name)
    there = context.people.member(invitation.dossier, person.subject)
    context.people.commit(
        PeopleChanges(
            members=() if there else (joining,),  # whoever is in keeps the role he has
            invitations=(used,),
            entries=(entry,),
        )
    )


# ── Changing, leaving ───────────────────────────────────────────────────────────────────────────


def change_role(
    caller: Caller, user: str, role: str, payments: Sequence[str], context: Context
) -> Member:
    """Another role for a member. NotFoundError, ConflictError (``member.last_manager``)."""
    caller.require(Permission.MANAGE)
    faults: list[Fault] = []
    wanted = checked_role(role, faults)
    raise_all(faults)
    dossier, there = _with_members(caller, context)
    before = next((one for one in there if one.user == user), None)
    changed = rules.with_role(there, user, wanted, checked_payments(payments, wanted))
    if changed == before:
        return changed
    values = {"email": changed.email, "role": changed.role.value,
              "payments": ", ".join(one.value for one in changed.payments)}  # fmt: skip
    entry = entry_by(caller, "member.role", values, context)
    context.people.commit(PeopleChanges(dossier=dossier, members=(changed,), entries=(entry,)))
    sign_out_everywhere(user, context)
    return changed


def remove(caller: Caller, user: str, context: Context) -> leaving.Opened:
    """A member leaves, at once, and what he had opened is closed (leaving.py); what it was.

    NotFoundError, ConflictError (``member.last_manager``).
    """
    caller.require(Permission.MANAGE)
    dossier, there = _with_members(caller, context)
    gone = rules.without(there, user)
    entry = entry_by(caller, "member.removed", {"email": gone.email}, context)
    opened = leaving.close(caller.dossier, leaving.member_leaving(gone), caller, context)
    open_ = leaving.taken_back(caller.dossier, context, by=user)
    changes = PeopleChanges(dossier=dossier, gone=(gone,), invitations=open_, entries=(entry,))
    context.people.commit(changes)
    sign_out_everywhere(user, context)
    return opened


def _with_members(caller: Caller, context: Context) -> tuple[Dossier, tuple[Member, ...]]:
    """The dossier first: its version then proves that the members are those of now."""
    return context.store.dossier(caller.dossier), context.people.members(caller.dossier)
