"""What people must do or know, and when we write to them about it (JF-69 to JF-72).

Two blocks per user and dossier, independent of each other: « Notifications par défaut » (what
waits for me: à accepter, à contrôler, my agreement to an invoice) and « Notifications d'erreurs »
(quarantine, mails set aside, bank accounts to approve). What the other party says of an invoice
is told in the first, what a platform rejects in the second. Each has a frequency and an address;
an address that is not the account's own receives nothing before it was confirmed by a link.

A **digest** gathers everything that is due for one person, at one address, at one moment, in all
their dossiers. Its moment follows from the end of the window in which something new was found,
never from the time of the work: computing it twice gives the same digest.

What mails come back as (a lasting bounce, a complaint: AWS, SES notification contents) is counted
here too: such an address gets nothing more until its owner says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from facteur.domain.acceptance import waited_for
from facteur.domain.documents import Document, State
from facteur.domain.dossiers import Member, Permission, normalise_address
from facteur.domain.events import Event, Happened
from facteur.domain.faults import holding
from facteur.domain.lifecycle.telling import Told, unseen_of
from facteur.domain.paris import at_paris, paris

HOUR_OF_DIGESTS = 8  # on a French clock
_SEEN = 20  # notices of one address that are remembered, so that a second delivery counts once


class Frequency(StrEnum):
    """How often one is written to."""

    NEVER = "never"  # Jamais
    IMMEDIATE = "immediate"  # Immédiate: at the clock's next round
    HOURLY = "hourly"  # Horaire
    DAILY = "daily"  # Quotidienne
    WEEKLY = "weekly"  # Hebdomadaire: on Mondays


class Topic(StrEnum):
    """The two blocks."""

    WAITING = "waiting"  # Notifications par défaut
    ERRORS = "errors"  # Notifications d'erreurs


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block: how often, and where to."""

    frequency: Frequency = Frequency.DAILY
    address: str = ""  # confirmed; "" = the account's own
    pending: str = ""  # asked for, not confirmed yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user chose for a dossier. ``email`` is the account's own address."""

    dossier: str
    user: str
    email: str
    name: str = ""
    waiting: Block = Block()
    errors: Block = Block()
    firm: str = ""  # the firm through whose link this person is there, "" for a member
    version: int = 0

    def block(self, topic: Topic) -> Block:
        """The block of a topic."""
        return self.waiting if topic is Topic.WAITING else self.errors

    def with_block(self, topic: Topic, block: Block) -> "Settings":
        """The settings with another block."""
        if topic is Topic.WAITING:
            return replace(self, waiting=block)
        return replace(self, errors=block)

    def address(self, topic: Topic) -> str:
        """Where this block is mailed."""
        return self.block(topic).address or self.email


def defaults(member: Member) -> Settings:
    """What holds before anybody chose: daily for who decides, nothing for the others."""
    decides = Permission.DECIDE in member.permissions
    block = Block(frequency=Frequency.DAILY if decides else Frequency.NEVER)
    return Settings(
        dossier=member.dossier,
        user=member.user,
        email=normalise_address(member.email),
        name=member.name,
        waiting=block,
        errors=block,
    )


def nothing_chosen(dossier: str, user: str, email: str, *, name: str, firm: str) -> Settings:
    """The same for a person of a firm: they keep many dossiers, and ask for what they want."""
    silent = Block(frequency=Frequency.NEVER)
    return Settings(
        dossier=dossier,
        user=user,
        email=normalise_address(email),
        name=name,
        waiting=silent,
        errors=silent,
        firm=firm,
    )


def chosen(settings: Settings, topic: Topic, frequency: Frequency, address: str) -> Settings:
    """The settings once a block was chosen; another address waits to be confirmed."""
    held, typed = settings.block(topic), normalise_address(address)
    if typed in ("", settings.email):
        block = Block(frequency=frequency)
    elif typed == held.address:
        block = Block(frequency=frequency, address=typed)
    else:
        block = Block(frequency=frequency, address=held.address, pending=typed)
    return settings.with_block(topic, block)


def asked_again(settings: Settings, address: str) -> Settings:
    """The settings once an address that was confirmed must be confirmed anew."""
    for topic in Topic:
        block = settings.block(topic)
        if block.address == address:
            settings = settings.with_block(topic, replace(block, address="", pending=address))
    return settings


def confirmed(settings: Settings, address: str) -> Settings:
    """The settings once an address was confirmed, in each block that waits for it."""
    for topic in Topic:
        block = settings.block(topic)
        if block.pending == address:
            settings = settings.with_block(topic, replace(block, address=address, pending=""))
    return settings


# ── When ────────────────────────────────────────────────────────────────────────────────────────


def due(frequency: Frequency, found: datetime) -> datetime | None:
    """When what was found by ``found`` is mailed, in UTC; None for « Jamais ».

    Hours, days and weeks are those of a French clock: a digest of the day leaves at 8 h in summer
    as in winter, one of the week on Monday at 8 h. What is found at 8 h sharp is in that digest.
    """
    match frequency:
        case Frequency.NEVER:
            return None
        case Frequency.IMMEDIATE:
            return found
        case Frequency.HOURLY:
            whole = found.replace(minute=0, second=0, microsecond=0)
            return whole if whole == found else whole + timedelta(hours=1)
        case Frequency.DAILY:
            return _morning(found, every=1)
        case Frequency.WEEKLY:
            return _morning(found, every=7)


def _morning(found: datetime, *, every: int) -> datetime:
    local = paris(found)
    morning = local.replace(hour=HOUR_OF_DIGESTS, minute=0, second=0, microsecond=0)
    if every == 7:
        morning += timedelta(days=-local.weekday() % 7)
    while morning < local:
        morning += timedelta(days=every)
    return at_paris(morning)


# ── What ────────────────────────────────────────────────────────────────────────────────────────

#: Where somebody is waited for.
WAITING_STATES = frozenset({State.TO_CHECK, State.TO_ACCEPT, State.QUARANTINED})

#: What is news though the document waited before.
_ANEW = frozenset({Happened.APPROVAL_ASKED, Happened.DOCUMENT_QUARANTINED})


def waiting_since(
    document: Document, events: Iterable[Event], before: datetime | None
) -> datetime | None:
    """Since when the document is news: the first time it waited for somebody, or was asked anew.

    Correcting it does not make it news again. None while it never waited.
    """
    told = tuple(events)
    anew = [one.at for one in told if one.name in _ANEW]
    if anew:
        return anew[-1]
    if before is None and document.state in WAITING_STATES and told:
        return told[-1].at
    return before


def topics_of(document: Document) -> frozenset[Topic]:
    """The blocks that a waiting document belongs to; none once it waits for nobody."""
    if document.state is State.QUARANTINED:
        return frozenset({Topic.ERRORS})
    if document.state not in WAITING_STATES:
        return frozenset()
    if holding(document.faults):
        return frozenset(Topic)  # the invoice to check, and the bank account to approve
    return frozenset({Topic.WAITING})


def topics_said(document: Document) -> frozenset[Topic]:
    """The blocks that tell of what was said of a document and nobody opened (JF-69, WE-13)."""
    told = unseen_of(document)
    return frozenset(Topic.ERRORS if one.wrong else Topic.WAITING for one in told)


def waits_for(document: Document, user: str) -> bool:
    """True when this user may move it: in a circuit, whose agreement is missing; else anybody."""
    waited = waited_for(document)
    return not waited or any(one.id == user for one in waited)


def outside_approvers(document: Document) -> tuple[str, ...]:
    """The addresses of those who approve by a link and are still waited for."""
    return tuple(one.email for one in waited_for(document) if one.id.startswith("mail:"))


# ── What came back ──────────────────────────────────────────────────────────────────────────────


class Feedback(StrEnum):
    """What a mail server, or a reader, answered to a mail of ours."""

    HARD = "hard"  # no such mailbox: for good
    SOFT = "soft"  # full, too large, away: perhaps not tomorrow
    COMPLAINT = "complaint"  # « ceci est un courrier indésirable »


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """An address we write to, and what came of it."""

    address: str
    hard: int = 0
    soft: int = 0
    complaints: int = 0
    blocked: str = ""  # why we write no more: "hard" | "complaint"
    blocked_at: datetime | None = None
    unsubscribed_at: datetime | None = None  # from digests alone
    seen: tuple[str, ...] = ()  # the last notices
    version: int = 0

    @property
    def takes_digests(self) -> bool:
        """True when a digest may be mailed there."""
        return not self.blocked and self.unsubscribed_at is None


def fed_back(mailing: Mailing, what: Feedback, notice: str, *, at: datetime) -> Mailing:
    """The address after a notice of SES; a notice that was counted changes nothing."""
    if notice in mailing.seen:
        return mailing
    changed = replace(mailing, seen=(*mailing.seen, notice)[-_SEEN:])
    match what:
        case Feedback.SOFT:
            return replace(changed, soft=changed.soft + 1)
        case Feedback.HARD:
            counted = replace(changed, hard=changed.hard + 1)
            if mailing.blocked:  # a complaint is not forgotten because a mail came back too
                return counted
            return replace(counted, blocked="hard", blocked_at=at)
        case Feedback.COMPLAINT:
            return replace(
                changed, complaints=changed.complaints + 1, blocked="complaint", blocked_at=at
            )


def reactivated(mailing: Mailing) -> Mailing:
    """The address once its owner wants our mails again; what was counted stays."""
    return replace(mailing, blocked="", blocked_at=None, unsubscribed_at=None)


def tried_again(mailing: Mailing) -> Mailing:
    """The address once somebody else says that it exists again: what its owner said stays."""
    return replace(mailing, blocked="", blocked_at=None) if mailing.blocked == "hard" else mailing


def resubscribed(mailing: Mailing) -> Mailing:
    """The address once its owner followed a link of confirmation: digests go there again."""
    return replace(mailing, unsubscribed_at=None)


# ── A digest ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a digest: how many, of what (web/messages: ``digest.<what>``), some of them."""

    what: str  # "to_accept", "to_approve", "to_check", "iban", "quarantine", "set_aside"…
    count: int
    more: bool = False  # at least so many
    place: str = ""  # where the line leads: a place of web/pages/notifications
    shown: tuple[Document, ...] = ()
    due: date | None = None  # the last day of what is told, where there is one
    said: Mapping[str, Sequence[Told]] = field(default_factory=dict)  # by document shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A dossier in a digest."""

    dossier: str
    name: str
    lines: tuple[Line, ...]


def total_of(sections: Sequence[Section]) -> int:
    """How many things a digest tells of."""
    return sum(line.count for one in sections for line in one.lines)
