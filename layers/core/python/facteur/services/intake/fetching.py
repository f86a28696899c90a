"""Fetching the mailboxes that a dossier connected: each new mail once, by the same road as a mail.

A mail that a rule takes is stored in the intake bucket, then received like any other, for this
dossier and in the rule's direction. The place reached in the folder (UIDVALIDITY, UID) is written
with what became of each mail, one by one: a crash repeats one mail at most, and a mail that comes
twice makes no second document (its identifier derives from its Message-ID).

Mails that were there before the mailbox was connected are left alone. A consent that is gone is
told once: on the page, in the journal, and to those who want to hear of errors.
"""

import logging
from dataclasses import replace

from facteur.domain import mailboxes
from facteur.domain.commands import FetchAgain, FetchMailbox, ReceiveMail, Scheduled
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.events import SYSTEM
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry
from facteur.domain.mailboxes import Envelope, Fetched, Mailbox, Outcome, Rule
from facteur.ports import Context, Folder
from facteur.services.access import limits
from facteur.services.intake.mailbox_access import seal, secret_of
from facteur.services.intake.mails import receive_mail
from facteur.services.journalling import entry, entry_by
from facteur.services.notifications import notifying
from facteur.services.staircase import LEASE, Steps, send

log = logging.getLogger(__name__)

_LOOKED_AT_AGAIN = 200  # mails, when the server numbers its mails anew


# ── What people do ──────────────────────────────────────────────────────────────────────────────


def listed(caller: Caller, context: Context) -> tuple[Mailbox, ...]:
    """The fetched mailboxes of the caller's dossier."""
    caller.require(Permission.MANAGE)
    return context.mailboxes.of_dossier(caller.dossier)


def processed(
    caller: Caller, mailbox: str, context: Context
) -> tuple[Mailbox, tuple[Fetched, ...]]:
    """A mailbox with its last processed mails; NotFoundError."""
    held = mine(caller, mailbox, context)
    return held, context.mailboxes.fetched(caller.dossier, held.id)


def connect(
    caller: Caller, *, host: str, user: str, password: str, folder: str, context: Context
) -> Mailbox:
    """Connect a mailbox, once it was opened with what was typed.

    InvalidError with the faults of what was typed, or the server's refusal on its field;
    ForbiddenError (``fetch_box.throttled``) after too many tries.
    """
    caller.require(Permission.MANAGE)
    made = Mailbox(
        dossier=caller.dossier,
        id=context.ids.new(),
        host=host.strip().lower(),
        user=user.strip(),
        secret="",
        folder=folder.strip() or "INBOX",
    )
    faults = (*mailboxes.faults_of(made, password), *full(caller, context))
    if faults:
        raise InvalidError(faults)
    limits.throttle_servers(caller, context, "fetch_box.throttled")
    try:
        with context.mail_servers.open(made, password) as opened:
            made = started(made, opened)
    except FacteurError as error:
        raise InvalidError((fault_of(error),)) from error
    secret = seal(password, caller.dossier, context)
    said = entry_of(caller, "fetch_box.connected", made, context)
    return context.mailboxes.save(replace(made, secret=secret), entries=(said,))


def full(caller: Caller, context: Context) -> tuple[Fault, ...]:
    """``fetch_box.many``, where the dossier has as many mailboxes as it may."""
    if len(context.mailboxes.of_dossier(caller.dossier)) < mailboxes.MOST_BOXES:
        return ()
    many = {"most": str(mailboxes.MOST_BOXES)}
    return (Fault(code="fetch_box.many", values=many),)


def add_rule(
    caller: Caller, mailbox: str, *, where: str, text: str, direction: str, context: Context
) -> Mailbox:
    """Add a rule at the end; InvalidError (``fetch_box.rule``, ``fetch_box.many_rules``)."""
    held = mine(caller, mailbox, context)
    rule = mailboxes.rule_of(where, text, direction)
    if isinstance(rule, Fault):
        raise InvalidError((rule,))
    if len(held.rules) >= mailboxes.MOST_RULES:
        raise InvalidError((Fault(code="fetch_box.many_rules", path="text"),))
    said = entry_of(caller, "fetch_box.rule_added", held, context, rule=rule.text)
    changed = replace(held, rules=(*held.rules, rule))
    return context.mailboxes.save(changed, entries=(said,))


def remove_rule(
    caller: Caller, mailbox: str, *, where: str, text: str, direction: str, context: Context
) -> Mailbox:
    """Remove the rule that says this, the first of its like; one that is gone changes nothing."""
    held = mine(caller, mailbox, context)
    said = (where, text, direction)
    gone = [one for one in held.rules if (one.where, one.text, one.direction) == said]
    if not gone:
        return held
    place = held.rules.index(gone[0])
    entry = entry_of(caller, "fetch_box.rule_removed", held, context, rule=text)
    rules = held.rules[:place] + held.rules[place + 1 :]
    return context.mailboxes.save(replace(held, rules=rules), entries=(entry,))


def disconnect(caller: Caller, mailbox: str, context: Context) -> None:
    """Forget a mailbox and its password; the documents that came by it stay."""
    held = mine(caller, mailbox, context)
    said = entry_of(caller, "fetch_box.disconnected", held, context)
    context.mailboxes.remove(held, (said,))


def fetch_now(caller: Caller, mailbox: str, context: Context) -> None:
    """« Relever maintenant »: the pipeline fetches it within seconds."""
    held = mine(caller, mailbox, context)
    _ask(FetchMailbox(dossier=held.dossier, mailbox=held.id), context.ids.new(), context)


def take_again(caller: Caller, mailbox: str, mail: str, direction: str, context: Context) -> None:
    """« Rejouer » a processed mail, as a purchase or a sale; NotFoundError."""
    held = mine(caller, mailbox, context)
    one = context.mailboxes.one_fetched(held.dossier, held.id, mail)
    if direction not in [known.value for known in Direction]:
        raise InvalidError((Fault(code="fetch_box.rule", path="direction"),))
    command = FetchAgain(
        dossier=held.dossier, mailbox=held.id, mail=one.id, direction=Direction(direction)
    )
    _ask(command, context.ids.new(), context)


def mine(caller: Caller, mailbox: str, context: Context) -> Mailbox:
    """A mailbox of the caller's dossier; ForbiddenError, NotFoundError."""
    caller.require(Permission.MANAGE)
    return context.mailboxes.mailbox(caller.dossier, mailbox)


def _ask(command: FetchMailbox | FetchAgain, name: str, context: Context) -> None:
    now = context.clock.now()
    scheduled = Scheduled(id=f"fetch-{command.mailbox}-{name}", command=command, due=now)
    context.store.schedule(replace(scheduled, due=now + LEASE))
    send(scheduled, context)


def entry_of(
    caller: Caller, what: str, mailbox: Mailbox, context: Context, **values: str
) -> JournalEntry:
    """What the journal keeps of a change to a mailbox."""
    return entry_by(caller, what, {"user": mailbox.user, "host": mailbox.host, **values}, context)


# ── What the clock and the queue do ─────────────────────────────────────────────────────────────


def fetch_due(context: Context) -> None:
    """The clock: ask for every mailbox whose time has come, each once for its round."""
    now = context.clock.now()
    for one in context.mailboxes.all():
        if one.due(now):
            round_ = "first" if one.tried_at is None else f"{one.tried_at:%Y%m%dT%H%M%S}"
            _ask(FetchMailbox(dossier=one.dossier, mailbox=one.id), round_, context)


def fetch_mailbox(command: FetchMailbox, context: Context) -> Steps:
    """Fetch what is new, fifty mails at most; what goes wrong is kept as the mailbox's health."""
    try:
        held = context.mailboxes.mailbox(command.dossier, command.mailbox)
    except NotFoundError:
        return None, ()  # it was disconnected meanwhile
    follow: list[Scheduled] = []
    try:
        held, secret = secret_of(held, context)
        with context.mail_servers.open(held, secret) as folder:
            held = started(held, folder)
            uids = folder.after(held.seen, most=mailboxes.MOST_AT_ONCE)
            for envelope in folder.envelopes(uids):
                one, more = _process(held, folder, envelope, context)
                follow += more
                held = context.mailboxes.save(replace(held, seen=envelope.uid), fetched=(one,))
            held = replace(held, seen=max((held.seen, *uids)))
        held = mailboxes.worked(held, at=context.clock.now())
    except ConflictError:
        raise  # somebody changed the mailbox meanwhile: the queue tries again with what it is now
    except FacteurError as error:
        log.warning("mailbox %s: %s", held.id, error)
        _gone_wrong(command, error, context)
        return None, tuple(follow)
    context.mailboxes.save(held)
    return None, tuple(follow)


def _gone_wrong(command: FetchMailbox, error: FacteurError, context: Context) -> None:
    """Keep a failure as the mailbox's health; tell its people, once, that they must reconnect."""
    try:
        before = context.mailboxes.mailbox(command.dossier, command.mailbox)
    except NotFoundError:
        return
    after = mailboxes.failed(before, fault_of(error), at=context.clock.now())
    said: tuple[JournalEntry, ...] = ()
    if after.to_reconnect and not before.to_reconnect:
        values = {"user": after.user, "host": after.host}
        lost = entry("fetch_box.lost", values, context, dossier=after.dossier, by=SYSTEM)
        said = (lost,)
        notifying.alert_mailbox(after.dossier, after.id, context)
    context.mailboxes.save(after, entries=said)


def fetch_again(command: FetchAgain, context: Context) -> Steps:
    """Take one mail again, in the direction that a person said; what it becomes is listed."""
    held = context.mailboxes.mailbox(command.dossier, command.mailbox)
    before = context.mailboxes.one_fetched(held.dossier, held.id, command.mail)
    envelope = Envelope(uid=before.uid, size=0, sender=before.sender, subject=before.subject)
    try:
        held, secret = secret_of(held, context)
        with context.mail_servers.open(held, secret) as folder:
            if folder.validity == before.validity:
                one, follow = _take(held, folder, envelope, command.direction, "", context)
            else:  # its UID names another mail now
                told = _told(held, envelope, Outcome.FAILED, context, reason="imap.renumbered")
                one, follow = told, ()
    except (ForbiddenError, NotFoundError, InvalidError, UnavailableError) as error:
        one, follow = _told(held, envelope, Outcome.FAILED, context, reason=error.code), ()
    held = context.mailboxes.mailbox(command.dossier, command.mailbox)
    context.mailboxes.save(held, fetched=(replace(one, validity=before.validity),))
    return None, follow


def started(held: Mailbox, folder: Folder) -> Mailbox:
    """Where to go on in a folder: behind what was there at first, or what was processed.

    A server that numbers its mails anew (UIDVALIDITY) has its last ones looked at again: those
    that are known make nothing.
    """
    if held.validity == folder.validity:
        return held
    last = max(0, folder.next_uid - 1)
    seen = last if held.validity == 0 else max(0, last - _LOOKED_AT_AGAIN)
    return replace(held, validity=folder.validity, seen=seen)


def _process(
    held: Mailbox, folder: Folder, envelope: Envelope, context: Context
) -> tuple[Fetched, tuple[Scheduled, ...]]:
    rule: Rule | None = mailboxes.direction_of(held, envelope)
    if rule is None:
        return _told(held, envelope, Outcome.IGNORED, context), ()
    return _take(held, folder, envelope, rule.direction, rule.text, context)


def _take(
    held: Mailbox,
    folder: Folder,
    envelope: Envelope,
    direction: Direction,
    rule: str,
    context: Context,
) -> tuple[Fetched, tuple[Scheduled, ...]]:
    """Store a mail and receive it; what stops it alone is told and stops no other."""
    if envelope.size > context.limits.mail_bytes:
        return _told(held, envelope, Outcome.TOO_LARGE, context, reason="mail.too_large"), ()
    raw = folder.mail(envelope.uid)
    if raw is None:
        return _told(held, envelope, Outcome.FAILED, context, reason="imap.gone"), ()
    key = f"fetched/{held.dossier}/{held.id}-{held.validity}-{envelope.uid}"
    context.blobs.put_passing(key, raw, "message/rfc822", "message.eml")
    command = ReceiveMail(
        key=key,
        recipients=(),
        received_at=context.clock.now(),
        sender=envelope.sender,
        dossier=held.dossier,
        direction=direction,
    )
    try:
        _none, follow = receive_mail(command, context)
    except (UnavailableError, ConflictError):
        raise
    except FacteurError as error:
        return _told(held, envelope, Outcome.FAILED, context, reason=error.code), ()
    told = _told(held, envelope, Outcome.TAKEN, context, reason=rule, direction=direction)
    return told, follow


def _told(
    held: Mailbox,
    envelope: Envelope,
    outcome: Outcome,
    context: Context,
    *,
    reason: str = "",
    direction: Direction | None = None,
) -> Fetched:
    return Fetched(
        dossier=held.dossier,
        mailbox=held.id,
        validity=held.validity,
        uid=envelope.uid,
        at=context.clock.now(),
        sender=envelope.sender[:254],
        subject=envelope.subject[:200],
        outcome=outcome,
        direction=direction,
        reason=reason,
    )


#: The field that a server's refusal concerns.
_FIELDS = {"imap.login": "password", "imap.folder": "folder", "imap.token": "user"}


def fault_of(error: FacteurError) -> Fault:
    """An error as a mailbox's health, or a form, keeps it."""
    values = {name: str(value) for name, value in error.values.items() if name != "faults"}
    return Fault(code=error.code, path=_FIELDS.get(error.code, "host"), values=values)
