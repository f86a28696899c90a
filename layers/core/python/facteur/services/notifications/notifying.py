"""Digests: what waits for people, mailed as often as they asked for, in all their dossiers.

- the clock's round: is anything new? 2 to 5 calls, whatever the number of dossiers;
- ``SendDigests``: whom does it concern, when is it due? 2 calls per dossier with news, 1 per
  person, dossier and block;
- ``SendDigest``, when it is due: what waits still, in one mail; 3 to 9 calls per dossier, of which
  40 at most are told.

Exactly once, though each step may be repeated: the window moves in the transaction that puts
SendDigests in the agenda; when a digest is due follows from the window, so preparing it again
marks the same digest; and a command runs once per identifier, which names the person, the address
and the moment. Invoices on their way pay nothing for this (adapters/aws/notifications.py).
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from facteur.domain import attention
from facteur.domain.attention import Line, Section, Settings, Topic, topics_of, waits_for
from facteur.domain.commands import Scheduled, SendDigest, SendDigests
from facteur.domain.documents import Direction, Document, State
from facteur.domain.errors import InvalidError, NotFoundError, StaleVersionError
from facteur.domain.faults import holding
from facteur.domain.forwarding import DeliveryState
from facteur.ports import Context, DigestKey, MailRecord, Pending
from facteur.services.ereporting import reminders
from facteur.services.notifications import mailing, mails, telling
from facteur.services.staircase import LEASE, NOTHING, Steps, send

log = logging.getLogger(__name__)

SETTLING = timedelta(minutes=1)  # an index may be a moment late, and a transaction slow
MAILS_LATE = timedelta(hours=1)  # a mail is dated by its reception, not by its reading
MOST_SECTIONS = 40  # dossiers told of in one mail; the others are counted
MOST_NEWS = 10  # of one dossier and window: enough to know that something is new
LISTED = 50  # documents looked at, of one state
SHOWN = 5  # documents named under a line
_DELIVERY = "delivery:"  # begins the names of alerts about deliveries
_MAILBOX = "mailbox:"  # and those about fetched mailboxes
_TOLD = "TOLD"  # the reference of a mail whose set-aside parts were told of


# ── The clock's round ───────────────────────────────────────────────────────────────────────────


def begin_digests(at: datetime, context: Context) -> None:
    """Look whether anything is news; what there is goes to the queue, once."""
    held, until = context.notifications.window(), at - SETTLING
    if held is None:
        context.notifications.move_window(None, until, ())  # nobody is told of what was before
        return
    if until <= held or not _anything(held, until, context):
        return
    now = context.clock.now()
    command = SendDigests(since=held, until=until)
    scheduled = Scheduled(id=f"digests-{until:%Y%m%dT%H%M%S%f}", command=command, due=now)
    try:
        leased = replace(scheduled, due=now + LEASE)
        context.notifications.move_window(held, until, (leased,))
    except StaleVersionError:  # another round was faster, and does the same
        return
    send(scheduled, context)


def _anything(since: datetime, until: datetime, context: Context) -> bool:
    notifications = context.notifications
    return bool(
        notifications.news(since, until)
        or notifications.said(since, until)
        or notifications.alerts(since, until)
        or notifications.set_aside(since - MAILS_LATE, until)
    )


def alert_delivery(dossier: str, delivery: str, context: Context) -> None:
    """A document did not leave for where it was to go: the blocks of errors tell of it."""
    context.notifications.raise_alert(dossier, _DELIVERY + delivery, context.clock.now())


def alert_mailbox(dossier: str, mailbox: str, context: Context) -> None:
    """A fetched mailbox waits to be reconnected: the blocks of errors tell of it."""
    context.notifications.raise_alert(dossier, _MAILBOX + mailbox, context.clock.now())


# ── What is news, for whom, when ────────────────────────────────────────────────────────────────


def send_digests(command: SendDigests, context: Context) -> Steps:
    """Prepare the digests that tell of this window's news, and have each sent when it is due."""
    documents: dict[str, list[Document]] = defaultdict(list)
    for one in context.notifications.news(command.since, command.until):
        documents[one.dossier].append(one)
    said = telling.said(command.since, command.until, context)
    failed, reports = _alerts(command, context)
    aside: dict[str, list[MailRecord]] = defaultdict(list)
    for mail in context.notifications.set_aside(command.since - MAILS_LATE, command.until):
        if context.store.claimed(mail.dossier, _TOLD, mail.id) is None:
            aside[mail.dossier].append(mail)
            failed[mail.dossier].append(mail.id)
    keys: set[DigestKey] = set()
    for dossier in sorted({*documents, *said, *failed}):
        heard = telling.heard(dossier, said.get(dossier, ()), context)
        for settings in _people(dossier, context):
            keys.update(
                _mark(settings, documents[dossier], heard, failed[dossier], command.until, context)
            )
    keys.update(_mark_reports(reports, command.until, context))
    for key in sorted(keys, key=lambda one: (one.due, one.user, one.address)):
        _plan(key, context)
    for dossier, some in aside.items():
        for mail in some:
            context.store.mark(dossier, _TOLD, mail.id, "1")
    return NOTHING


def _alerts(
    command: SendDigests, context: Context
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Whatever no document shows, by dossier: what failed, and e-reporting periods that wait."""
    failed: dict[str, list[str]] = defaultdict(list)
    reports: dict[str, list[str]] = defaultdict(list)
    for dossier, alert in context.notifications.alerts(command.since, command.until):
        kind = reports if alert.startswith(reminders.ALERT) else failed
        kind[dossier].append(alert)
    return failed, reports


def _people(dossier: str, context: Context) -> Iterable[Settings]:
    """Everybody of a dossier with what they chose; people of a firm only when they chose."""
    chosen = {one.user: one for one in context.notifications.settings_of(dossier)}
    members = context.people.members(dossier)
    yield from (chosen.get(one.user) or attention.defaults(one) for one in members)
    inside = {one.user for one in members}
    yield from (one for one in chosen.values() if one.user not in inside and one.firm)


def _mark(
    settings: Settings,
    documents: Sequence[Document],
    heard: Mapping[Topic, Sequence[str]],
    failed: Sequence[str],
    until: datetime,
    context: Context,
) -> Iterable[DigestKey]:
    for topic in Topic:
        due = attention.due(settings.block(topic).frequency, until)
        if due is None:
            continue
        news = [one.id for one in documents if _told_to(one, topic, settings.user)]
        news += heard.get(topic, ())
        if topic is Topic.ERRORS:
            news += failed
        if news:
            key = DigestKey(user=settings.user, address=settings.address(topic), due=due)
            context.notifications.mark(key, settings.dossier, topic, news[-MOST_NEWS:])
            yield key


def _mark_reports(
    reports: Mapping[str, Sequence[str]], until: datetime, context: Context
) -> Iterable[DigestKey]:
    """Who may send them hears of them, in the block of what waits."""
    for dossier, some in reports.items():
        for settings in _people(dossier, context):
            due = attention.due(settings.block(Topic.WAITING).frequency, until)
            if due is None or not reminders.concerns(settings, context):
                continue
            key = DigestKey(user=settings.user, address=settings.address(Topic.WAITING), due=due)
            context.notifications.mark(key, dossier, Topic.WAITING, some[-MOST_NEWS:])
            yield key


def _told_to(document: Document, topic: Topic, user: str) -> bool:
    if topic not in topics_of(document):
        return False
    return topic is Topic.ERRORS or waits_for(document, user)


def _plan(key: DigestKey, context: Context) -> None:
    """Put a digest in the agenda; once per person, address and moment."""
    where = hashlib.sha256(key.address.encode()).hexdigest()[:12]
    command = SendDigest(user=key.user, address=key.address, due=key.due)
    identifier = f"digest-{key.user}-{where}-{key.due:%Y%m%dT%H%M%S%f}"
    scheduled = Scheduled(id=identifier, command=command, due=key.due)
    context.store.schedule(scheduled)
    if key.due <= context.clock.now():
        send(scheduled, context)


# ── One digest ──────────────────────────────────────────────────────────────────────────────────


def send_digest(command: SendDigest, context: Context) -> Steps:
    """Mail what waits now, if any of the news still does; nothing else is a reason to write."""
    key = DigestKey(user=command.user, address=command.address, due=command.due)
    pending = context.notifications.pending(key)
    if pending and context.notifications.mailing(command.address).takes_digests:
        found = _allowed(command, pending, context)
        told = [_section(one, news, context) for one, news in found[:MOST_SECTIONS]]
        sections = [one for one in told if one is not None]
        if sections:
            _mail(command, sections, len(found[MOST_SECTIONS:]), found[0][0].name, context)
    context.notifications.told(key)
    return NOTHING


def _allowed(
    command: SendDigest, pending: Sequence[Pending], context: Context
) -> list[tuple[Settings, dict[Topic, frozenset[str]]]]:
    """The dossiers that this person may still see and still wants to hear of, with their news."""
    own = {one.dossier: one for one in context.store.members_of(command.user)}
    linked: Mapping[str, str] | None = None
    found = []
    for one in pending:
        settings = context.notifications.settings(one.dossier, command.user)
        if one.dossier in own:
            settings = settings or attention.defaults(own[one.dossier])
        else:
            linked = through_firms(command.user, context) if linked is None else linked
            if one.dossier not in linked or settings is None:
                continue
        news = {
            topic: some
            for topic, some in one.news.items()
            if some
            and settings.block(topic).frequency is not attention.Frequency.NEVER
            and settings.address(topic) == command.address
        }
        if news:
            found.append((settings, news))
    return found


def through_firms(user: str, context: Context) -> Mapping[str, str]:
    """The dossiers that somebody sees through a firm, each with that firm."""
    firms = [one.firm for one in context.people.firms_of(user)]
    inside = [one for one in firms if context.people.firm_member(one, user) is not None]
    return {
        link.dossier: firm
        for firm in inside
        for link in context.people.links_of_firm(firm)
        if link.active
    }


def _section(
    settings: Settings, news: dict[Topic, frozenset[str]], context: Context
) -> Section | None:
    """What waits in a dossier; None when none of the news does."""
    try:
        name = context.store.dossier(settings.dossier).name
    except NotFoundError:
        return None
    lines: list[Line] = []
    fresh = False
    for direction in Direction:
        told, new = telling.lines(settings.dossier, direction, news, context)
        lines += told
        fresh = fresh or new
        to_check, more = _listed(settings.dossier, direction, State.TO_CHECK, context)
        if Topic.WAITING in news:
            to_accept, many = _listed(settings.dossier, direction, State.TO_ACCEPT, context)
            mine = [one for one in to_accept if waits_for(one, settings.user)]
            asked = [one for one in mine if one.approvers]
            plain = [one for one in mine if not one.approvers]
            lines += _line("to_approve", direction, asked)
            lines += _line("to_accept", direction, plain, more=many)
            checks = [one for one in to_check if waits_for(one, settings.user)]
            lines += _line("to_check", direction, checks, more=more)
            fresh = fresh or _any_of(news[Topic.WAITING], (*mine, *checks))
        if Topic.ERRORS in news:
            held = [one for one in to_check if holding(one.faults)]
            stopped, many = _listed(settings.dossier, direction, State.QUARANTINED, context)
            lines += _line("iban", direction, held)
            lines += _line("quarantine", direction, stopped, more=many)
            fresh = fresh or _any_of(news[Topic.ERRORS], (*held, *stopped))
    if Topic.WAITING in news:
        periods = reminders.lines(settings, news[Topic.WAITING], context)
        lines += periods
        fresh = fresh or bool(periods)
    if Topic.ERRORS in news:
        aside = _set_aside(settings.dossier, news[Topic.ERRORS], context)
        if aside:
            lines.append(Line(what="set_aside", count=aside, place="accueil"))
        unsent = _undelivered(settings.dossier, news[Topic.ERRORS], context)
        if unsent:
            lines.append(Line(what="undelivered", count=unsent, place="transmission"))
        lost = _to_reconnect(settings.dossier, news[Topic.ERRORS], context)
        if lost:
            lines.append(Line(what="mailbox", count=lost, place="boites"))
        fresh = fresh or bool(aside or unsent or lost)
    return Section(dossier=settings.dossier, name=name, lines=tuple(lines)) if fresh else None


def _listed(
    dossier: str, direction: Direction, state: State, context: Context
) -> tuple[tuple[Document, ...], bool]:
    page = context.store.documents(dossier, direction, state=state, limit=LISTED)
    return page.documents, bool(page.cursor)


def _line(
    what: str, direction: Direction, documents: Sequence[Document], *, more: bool = False
) -> list[Line]:
    if not documents:
        return []
    place = PLACES[what][direction]
    shown = tuple(documents[:SHOWN])
    return [Line(what=what, count=len(documents), more=more, place=place, shown=shown)]


#: Where a line leads: a word of ``/vers/{dossier}/{place}`` (web/pages/notifications.py).
PLACES = {
    "to_approve": {Direction.PURCHASE: "a-accepter", Direction.SALE: "ventes-a-accepter"},
    "to_accept": {Direction.PURCHASE: "a-accepter", Direction.SALE: "ventes-a-accepter"},
    "to_check": {Direction.PURCHASE: "a-controler", Direction.SALE: "ventes-a-controler"},
    "iban": {Direction.PURCHASE: "a-controler", Direction.SALE: "ventes-a-controler"},
    "quarantine": {Direction.PURCHASE: "quarantaine", Direction.SALE: "ventes-quarantaine"},
}


def _any_of(news: Collection[str], documents: Iterable[Document]) -> bool:
    return any(one.id in news for one in documents)


def _set_aside(dossier: str, news: Collection[str], context: Context) -> int:
    mails_ = context.store.mails(dossier, limit=LISTED)
    return sum(one.id in news and bool(one.set_aside) for one in mails_)


def _undelivered(dossier: str, news: Collection[str], context: Context) -> int:
    """How many of these deliveries still stand failed."""
    named = sorted(one.removeprefix(_DELIVERY) for one in news if one.startswith(_DELIVERY))
    states = [context.forwardings.delivery(dossier, one).state for one in named[:MOST_NEWS]]
    return states.count(DeliveryState.FAILED)


def _to_reconnect(dossier: str, news: Collection[str], context: Context) -> int:
    """How many mailboxes wait to be reconnected, where one of them is news."""
    named = {one.removeprefix(_MAILBOX) for one in news if one.startswith(_MAILBOX)}
    if not named:
        return 0
    lost = {one.id for one in context.mailboxes.of_dossier(dossier) if one.to_reconnect}
    return len(lost) if named & lost else 0


def _mail(
    command: SendDigest, sections: Sequence[Section], others: int, name: str, context: Context
) -> None:
    dossiers = [one.dossier for one in sections]

    def leads(dossier: str, place: str) -> str:
        return mails.link(context, f"/vers/{dossier}/{place}")

    try:
        mails.send(
            "digest",
            command.address,
            context,
            name=name,
            sections=sections,
            total=attention.total_of(sections),
            more=any(line.more for one in sections for line in one.lines),
            others=others,
            leads=leads,
            settings=mails.link(context, "/parametres/notifications"),
            unsubscribe=mailing.unsubscribe_link(command.address, dossiers, context),
        )
    except InvalidError as error:  # an address that no server takes
        log.warning("a digest cannot be mailed: %s", error)
