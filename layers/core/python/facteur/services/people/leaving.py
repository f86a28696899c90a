"""What goes with whoever leaves a dossier: what they had opened to others, or to themselves.

Whom they had invited would come in after them, and nobody who stayed had wanted it. A key that
they made opens the dossier as they did, and an address that they gave goes on receiving its
invoices: keys are revoked, with the subscriptions made with them; transmissions stop, and are
shown until a gérant resumes or removes them. The circuits that ask them stay as they are, for an
approval must not fall away by itself: they are told before, and shown after.
"""

from dataclasses import dataclass, replace

from facteur.domain.acceptance import Circuit
from facteur.domain.dossiers import Caller, Member, normalise_address
from facteur.domain.forwarding import Rule
from facteur.domain.keys import ApiKey
from facteur.domain.people import (
    Firm,
    FirmCaller,
    FirmMember,
    Invitation,
    InvitationState,
    Link,
    of_dossier,
)
from facteur.ports import Context, PeopleChanges
from facteur.services import journalling
from facteur.services.programs import keys

MOST_AT_ONCE = 80  # in one transaction (DynamoDB takes 100 actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """Who leaves: a member, by the user; a firm with all its people; one of them, by both."""

    name: str
    addresses: frozenset[str]
    user: str = ""
    firm: str = ""

    def made(self, key: ApiKey) -> bool:
        """True for a key of theirs; one of before its maker was kept is known by the name."""
        if not key.maker:
            said = key.created_by
            if not self.user:
                return said.endswith(f" ({self.name})")
            return bool(said) and said == self.name
        return key.firm == self.firm and self.user in ("", key.maker)

    def added(self, rule: Rule) -> bool:
        """True for a transmission that they added, or that goes to them.

        What one of a firm's people added stays the firm's, unless it goes to them.
        """
        if normalise_address(rule.address) in self.addresses:
            return True
        if not rule.by or rule.firm != self.firm:
            return False
        return not self.user if self.firm else rule.by == self.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What somebody opened in a dossier: ends with them, but for the circuits that ask them."""

    keys: tuple[ApiKey, ...] = ()
    rules: tuple[Rule, ...] = ()
    circuits: tuple[Circuit, ...] = ()

    def __bool__(self) -> bool:
        """True when there is anything to tell."""
        return bool(self.keys or self.rules or self.circuits)


def member_leaving(member: Member) -> Leaver:
    """A member as one who leaves."""
    addresses = frozenset({normalise_address(member.email)})
    return Leaver(name=member.name or member.email, addresses=addresses, user=member.user)


def firm_leaving(link: Link, context: Context) -> Leaver:
    """A linked firm as one that leaves."""
    people = context.people.firm_members(link.firm) if link.active else ()
    addresses = frozenset(normalise_address(one.email) for one in people)
    return Leaver(name=link.firm_name, addresses=addresses, firm=link.firm)


def colleague_leaving(member: FirmMember, firm: Firm) -> Leaver:
    """One of a firm's people as one who leaves it, by the name that signs in its dossiers."""
    return Leaver(
        name=f"{member.name or member.email} ({firm.name})",
        addresses=frozenset({normalise_address(member.email)}),
        user=member.user,
        firm=firm.id,
    )


@dataclass(frozen=True, slots=True)
class Openings:
    """All that is open in a dossier, asked once for everybody on its page of members."""

    keys: tuple[ApiKey, ...]
    rules: tuple[Rule, ...]
    circuits: tuple[Circuit, ...]

    def of(self, who: Leaver) -> Opened:
        """What goes with somebody."""
        asked = (
            one
            for one in self.circuits
            if who.user and any(approver.id == who.user for approver in one.approvers)
        )
        return Opened(
            keys=tuple(one for one in self.keys if who.made(one)),
            rules=tuple(one for one in self.rules if not one.stopped and who.added(one)),
            circuits=tuple(asked),
        )


def openings(dossier: str, context: Context) -> Openings:
    """The keys that work, the transmissions and the circuits of a dossier."""
    now = context.clock.now()
    return Openings(
        tuple(one for one in context.keys.of_dossier(dossier) if one.works(now)),
        context.forwardings.load(dossier).rules,
        context.preferences.load(dossier).circuits,
    )


def close(dossier: str, who: Leaver, by: Caller | FirmCaller, context: Context) -> Opened:
    """End the keys and stop the transmissions of whoever is about to leave; what there was.

    Before they leave: should that fail after all, they are still in, and nothing is open behind.
    """
    found = openings(dossier, context).of(who)
    for key in found.keys:
        values = {"name": key.name, "end": key.end, "left": who.name}
        entry = journalling.entry(
            "key.ended", values, context, dossier=dossier, by=by.user, by_name=by.name
        )
        keys.end(key, entry, context)
    if found.rules:
        held = context.forwardings.load(dossier)
        stopped = tuple(
            replace(one, stopped=who.name) if who.added(one) and not one.stopped else one
            for one in held.rules
        )
        entries = tuple(
            journalling.entry(
                "forward.stopped",
                {"address": one.address, "left": who.name},
                context,
                dossier=dossier,
                by=by.user,
                by_name=by.name,
            )
            for one in found.rules
        )
        context.forwardings.save(replace(held, rules=stopped), entries)
    return found


def taken_back(
    dossier: str, context: Context, *, by: str = "", firm: str = ""
) -> tuple[Invitation, ...]:
    """The open invitations of a member (``by``) or of a firm, by its name, taken back: to be
    committed with what makes them leave. Those beyond one transaction are committed here."""
    found = tuple(
        replace(one, state=InvitationState.CANCELLED)
        for one in context.people.invitations(of_dossier(dossier))
        if one.state is InvitationState.OPEN
        and ((by and one.by == by) or (firm and one.firm_name == firm))
    )
    while len(found) > MOST_AT_ONCE:
        context.people.commit(PeopleChanges(invitations=found[:MOST_AT_ONCE]))
        found = found[MOST_AT_ONCE:]
    return found
