"""Firms, links, invitations: who may see which dossier besides its own members. Pure decisions.

An accounting firm (*cabinet*) is a company of its own with its people. It sees a dossier only
while an **active link** stands between the two, and both sides agreed to it (JF-05): the firm that
creates a dossier for a client is linked from the start, and the client agrees by accepting the
invitation; otherwise one side asks and the other answers. Either side ends it at once.

An **invitation** names an address and a role; its mail carries a link that works once and seven
days. Members are changed under the dossier's version, so that two gérants cannot remove each other
in the same second: a dossier that has a gérant keeps one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from facteur.domain.dossiers import PAYMENTS, Member, Permission, Role, normalise_address
from facteur.domain.errors import ConflictError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.identifiers import compact, is_siren
from facteur.domain.naming import derived

INVITATION_LIFE = timedelta(days=7)
MOST_NAME = 120
MOST_ADDRESS = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


class FirmRole(StrEnum):
    """What somebody does in a firm."""

    HEAD = "head"  # responsable: people, links, dossiers
    STAFF = "staff"  # collaborateur: works in the linked dossiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """An accounting firm."""

    id: str
    name: str
    siren: str
    address: str = ""
    postcode: str = ""
    city: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmMember:
    """A user in a firm."""

    firm: str
    user: str
    email: str
    name: str
    role: FirmRole


class LinkState(StrEnum):
    """Where a link between a firm and a dossier stands."""

    ASKED_BY_FIRM = "asked_by_firm"
    ASKED_BY_DOSSIER = "asked_by_dossier"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waited in a dossier when it was last counted: the firm's portfolio shows it.

    Purchases and sales apart: a firm does not hurry for both alike.
    """

    counted_at: datetime
    to_accept: int = 0
    to_check: int = 0
    quarantined: int = 0
    sales_to_accept: int = 0
    sales_to_check: int = 0
    sales_quarantined: int = 0
    last_received_at: datetime | None = None
    reports: int = 0  # e-reporting periods to send or to correct
    reports_late: int = 0
    reports_due: date | None = None  # the first last day among them
    platforms: int = 0  # connected ones
    platforms_failing: int = 0  # of these, whose last round failed

    @property
    def alerts(self) -> int:
        """What somebody must look at, on either side."""
        return (
            self.to_check + self.quarantined + self.sales_to_check + self.sales_quarantined
            + self.reports
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A firm and a dossier. ``role`` is what the firm's people may do in it."""

    firm: str
    firm_name: str
    dossier: str
    dossier_name: str
    siren: str
    state: LinkState
    role: Role
    since: datetime
    asked_as: str = ""  # the address by which the dossier asked; its firm is not told before
    waiting: Waiting | None = None
    version: int = 0

    @property
    def shown(self) -> str:
        """What the dossier may read of the firm: the address it typed until the firm answers."""
        return self.asked_as if self.unanswered and self.asked_as else self.firm_name

    @property
    def place(self) -> str:
        """What names the firm on the dossier's pages: its identifier once it has answered.

        Before, a digest: an identifier says when it was given, long ago or just now for nobody.
        """
        if not self.unanswered:
            return self.firm
        return derived(self.dossier, self.firm)

    @property
    def unanswered(self) -> bool:
        """True while the dossier waits for the firm's answer."""
        return self.state is LinkState.ASKED_BY_DOSSIER

    @property
    def active(self) -> bool:
        """True when the firm's people may enter."""
        return self.state is LinkState.ACTIVE


class InvitationState(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    USED = "used"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Somebody who is asked to come: into a dossier, or into a firm."""

    id: str
    email: str
    name: str
    role: str  # Role of a dossier, FirmRole of a firm
    created_at: datetime
    by: str
    by_name: str
    dossier: str = ""  # one of the two
    firm: str = ""
    place: str = ""  # the name of what one is invited to
    firm_name: str = ""  # the firm that invites, when it is one
    payments: tuple[Permission, ...] = ()
    state: InvitationState = InvitationState.OPEN
    sent_at: datetime | None = None
    digest: str = ""  # of the last link that was mailed: an older one is worth nothing
    version: int = 0  # 0: not written yet

    @property
    def owner(self) -> str:
        """What it belongs to, as People.invitations takes it."""
        return f"dossier:{self.dossier}" if self.dossier else f"firm:{self.firm}"


def of_dossier(dossier: str) -> str:
    """The owner of a dossier's invitations."""
    return f"dossier:{dossier}"


def of_firm(firm: str) -> str:
    """The owner of a firm's invitations."""
    return f"firm:{firm}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmCaller:
    """Who asks for a firm: one of its people."""

    user: str
    name: str
    email: str
    firm: str
    role: FirmRole

    @property
    def head(self) -> bool:
        """True for who manages the firm."""
        return self.role is FirmRole.HEAD


# ── What is typed ───────────────────────────────────────────────────────────────────────────────


def checked_email(text: str, faults: list[Fault], path: str = "email") -> str:
    """An address as we keep it; what is none (or would add a header) becomes a fault."""
    address = normalise_address(text)
    if len(address) > MOST_ADDRESS or not _ADDRESS.fullmatch(address):
        faults.append(Fault(code="email.invalid", path=path))
    return address


def checked_name(text: str, faults: list[Fault], path: str = "name") -> str:
    """A name on one line; empty or endless is a fault."""
    name = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if not name:
        faults.append(Fault(code="name.missing", path=path))
    elif len(name) > MOST_NAME:
        faults.append(Fault(code="name.too_long", path=path, values={"limit": str(MOST_NAME)}))
    return name


def checked_siren(text: str, faults: list[Fault], path: str = "siren") -> str:
    """Nine digits whose last one checks the others (Luhn); spaces do not count."""
    siren = compact(text)
    if not (siren.isascii() and is_siren(siren)):
        faults.append(Fault(code="siren.invalid", path=path, values={"value": text[:20]}))
    return siren


def checked_role(text: str, faults: list[Fault], path: str = "role") -> Role:
    """A role of a dossier."""
    try:
        return Role(text)
    except ValueError:
        faults.append(Fault(code="role.unknown", path=path))
        return Role.READER


def checked_payments(words: Sequence[str], role: Role) -> tuple[Permission, ...]:
    """The rights over payments that were ticked; a gérant has them all, a reader none."""
    if role in (Role.MANAGER, Role.READER):
        return ()
    return tuple(one for one in PAYMENTS if one.value in words)


# ── Decisions ───────────────────────────────────────────────────────────────────────────────────


def invited(
    text: Invitation, members: Sequence[Member | FirmMember], open_: Sequence[Invitation]
) -> Invitation:
    """A new invitation; ConflictError for who is in already or was invited already."""
    if any(one.email == text.email for one in members):
        raise ConflictError("invitation.member", email=text.email)
    if any(one.email == text.email and one.state is InvitationState.OPEN for one in open_):
        raise ConflictError("invitation.open", email=text.email)
    return text


def member_from(invitation: Invitation, *, user: str, name: str) -> Member:
    """Whom an invitation makes a member of its dossier."""
    return Member(
        dossier=invitation.dossier,
        user=user,
        email=invitation.email,
        name=name,
        role=Role(invitation.role),
        payments=invitation.payments,
    )


def with_role(
    members: Sequence[Member], user: str, role: Role, payments: tuple[Permission, ...]
) -> Member:
    """A member with another role; ConflictError (``member.last_manager``), NotFoundError."""
    member = _member(members, user)
    changed = replace(member, role=role, payments=payments)
    _keep_a_manager(members, member, changed)
    return changed


def without(members: Sequence[Member], user: str) -> Member:
    """The member who leaves; ConflictError (``member.last_manager``), NotFoundError."""
    member = _member(members, user)
    _keep_a_manager(members, member, None)
    return member


def _member(members: Sequence[Member], user: str) -> Member:
    for one in members:
        if one.user == user:
            return one
    raise NotFoundError("not_found")


def _keep_a_manager(members: Sequence[Member], before: Member, after: Member | None) -> None:
    if before.role is not Role.MANAGER or (after is not None and after.role is Role.MANAGER):
        return
    if not any(one.role is Role.MANAGER and one.user != before.user for one in members):
        raise ConflictError("member.last_manager")


def firm_without(members: Sequence[FirmMember], user: str) -> FirmMember:
    """Who leaves a firm; ConflictError (``firm.last_head``), NotFoundError."""
    gone = _colleague(members, user)
    _keep_a_head(members, gone)
    return gone


def firm_with_role(members: Sequence[FirmMember], user: str, role: FirmRole) -> FirmMember:
    """A colleague with another role; ConflictError (``firm.last_head``), NotFoundError."""
    before = _colleague(members, user)
    if role is not FirmRole.HEAD:
        _keep_a_head(members, before)
    return replace(before, role=role)


def _colleague(members: Sequence[FirmMember], user: str) -> FirmMember:
    found = next((one for one in members if one.user == user), None)
    if found is None:
        raise NotFoundError("not_found")
    return found


def _keep_a_head(members: Sequence[FirmMember], before: FirmMember) -> None:
    others = [one for one in members if one.user != before.user and one.role is FirmRole.HEAD]
    if before.role is FirmRole.HEAD and not others:
        raise ConflictError("firm.last_head")


def agreed(link: Link, side: LinkState, *, at: datetime) -> Link:
    """The link once the other side says yes; ``side`` is the state that this side answers.

    ConflictError (``link.nothing_asked``) when there is nothing to answer.
    """
    if link.state is not side:
        raise ConflictError("link.nothing_asked")
    return replace(link, state=LinkState.ACTIVE, since=at)


# ── A dossier's first steps ─────────────────────────────────────────────────────────────────────

#: The steps of « paramétrer votre dossier » (JF-08), in order.
SETUP = ("identity", "addresses", "acceptance")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """The three steps of JF-07, ticked from what is, never from a promise."""

    password: bool = True  # who reads this has one
    guide: bool = False
    first_invoice: bool = False
    setup_left: tuple[str, ...] = field(default=SETUP)

    @property
    def done(self) -> bool:
        """True when nothing is left to show."""
        return self.guide and self.first_invoice


def raise_all(faults: Sequence[Fault]) -> None:
    """InvalidError with all the faults, when there is any."""
    if faults:
        raise InvalidError(tuple(faults))
