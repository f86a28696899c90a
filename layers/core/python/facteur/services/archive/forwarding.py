"""Automatic forwarding of what is archived, its log, and « Renvoyer » (PE-22).

When a document is sealed in a dossier that has rules for its type, ``ForwardDocument`` follows: it
writes one delivery per rule, which must not exist, and queues each. ``Deliver`` mails the files,
or writes them to a server (forwarding_servers). A service that is away is tried again through the
agenda (forwarding.PATIENCE); an address that takes no mail, a server with another key, files too
large for a mail fail at once, with the reason. What was sent is told in the document's history.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from facteur.domain.commands import ConfirmAddress, Deliver, ForwardDocument, Scheduled
from facteur.domain.decisions.base import Decision, told
from facteur.domain.documents import Document, DocumentRef, State
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.events import Happened
from facteur.domain.faults import Fault
from facteur.domain.forwarding import (
    MOST_BYTES,
    MOST_RULES,
    PATIENCE,
    Delivery,
    DeliveryState,
    Forwarding,
    Rule,
    delivery_id,
    files_of,
    rule_of,
)
from facteur.ports import Context, MailFile
from facteur.services.access.accounts import later
from facteur.services.access.limits import throttle_mails
from facteur.services.archive import forwarding_addresses, forwarding_servers
from facteur.services.finding.queries import suffix_of
from facteur.services.journalling import entry_by
from facteur.services.notifications import mailing, mails
from facteur.services.notifications.notifying import alert_delivery
from facteur.services.staircase import LEASE, Steps, commit, send

log = logging.getLogger(__name__)

_NOTHING: Steps = (None, ())
_TRIES = 3  # to tell the history, against whoever changes the document meanwhile


# ── Rules and log ───────────────────────────────────────────────────────────────────────────────


def rules(caller: Caller, context: Context) -> Forwarding:
    """The rules of the dossier."""
    caller.require(Permission.EXPORT)
    return context.forwardings.load(caller.dossier)


def add_rule(
    caller: Caller, *, direction: str, address: str, what: str, context: Context
) -> Forwarding:
    """Forward from now on; what was archived before stays. InvalidError with all its faults.

    An address that is nobody's here agrees by a link first: until then nothing leaves for it.
    ForbiddenError (``mails.throttled``).
    """
    held = _managed(caller, context)
    made = rule_of(context.ids.new(), direction, address, what)
    if not isinstance(made, Rule):
        raise InvalidError(made)
    made = replace(made, by=caller.user, firm=caller.firm)
    _refuse(held, made, "address")
    made = _agreeing(caller, made, context)
    saved = _save(caller, _and(held, made), made, "forward.added", context)
    _ask(caller, made, context)
    return saved


def _agreeing(caller: Caller, rule: Rule, context: Context) -> Rule:
    """A rule towards an address, which waits for its agreement where it is nobody's here."""
    if forwarding_addresses.ours(caller.dossier, rule.address, context):
        return rule
    mailing.refuse_blocked(rule.address, context, "address")
    throttle_mails(caller.user, caller.dossier, context)
    return replace(rule, pending=True)


def _ask(caller: Caller, rule: Rule, context: Context) -> None:
    if rule.pending and rule.server is None:
        asked = ConfirmAddress(
            dossier=caller.dossier, user=caller.user, address=rule.address, rule=rule.id
        )
        later(asked, context)


def resume(caller: Caller, rule: str, context: Context) -> Forwarding:
    """« Reprendre » what was stopped when who had added it left; NotFoundError.

    An address that is nobody's here any more agrees by a link. ForbiddenError
    (``mails.throttled``).
    """
    held = _managed(caller, context)
    known = _one(held, rule)
    if not known.stopped:
        return held
    again = replace(known, stopped="", by=caller.user, firm=caller.firm)
    if again.server is None:
        again = _agreeing(caller, again, context)
    chosen = replace(held, rules=tuple(again if one is known else one for one in held.rules))
    saved = _save(caller, chosen, again, "forward.resumed", context)
    _ask(caller, again, context)
    return saved


def add_server(caller: Caller, typed: Mapping[str, str], context: Context) -> Forwarding:
    """Forward to an SFTP server (forwarding_servers.rule_of), once its test passed.

    InvalidError with all its faults; ForbiddenError (``sftp.throttled``).
    """
    held = _managed(caller, context)
    made = forwarding_servers.rule_of(caller, context.ids.new(), typed, context)
    made = replace(made, by=caller.user, firm=caller.firm)
    _refuse(held, made, "host")
    asked = forwarding_servers.ask_test(caller, _and(held, made), made, context, new_key=False)
    saved = _save(caller, asked, made, "forward.added", context)
    forwarding_servers.queue_test(caller.dossier, made.id, context)
    return saved


def ask_test(caller: Caller, rule: str, context: Context, *, new_key: bool = False) -> Forwarding:
    """« Tester »; ``new_key``: a gérant says that the server's new key is right.

    NotFoundError; ConflictError (``forward.gone``) for an address; ForbiddenError
    (``sftp.throttled``).
    """
    held = _managed(caller, context)
    known = _one(held, rule)
    asked = forwarding_servers.ask_test(caller, held, known, context, new_key=new_key)
    what = "forward.new_key" if new_key else "forward.tested"
    saved = _save(caller, asked, known, what, context)
    forwarding_servers.queue_test(caller.dossier, rule, context)
    return saved


def _refuse(held: Forwarding, made: Rule, path: str) -> None:
    """InvalidError for one rule too many, and for one that is there."""
    if len(held.rules) >= MOST_RULES:
        fault = Fault(code="forward.many", path=path, values={"limit": str(MOST_RULES)})
        raise InvalidError((fault,))
    if any((one.direction, one.address) == (made.direction, made.address) for one in held.rules):
        raise InvalidError((Fault(code="forward.twice", path=path),))


def _and(held: Forwarding, made: Rule) -> Forwarding:
    return replace(held, rules=(*held.rules, made))


def _one(held: Forwarding, rule: str) -> Rule:
    found = next((one for one in held.rules if one.id == rule), None)
    if found is None:
        raise NotFoundError("not_found", rule=rule)
    return found


def remove_rule(caller: Caller, rule: str, context: Context) -> Forwarding:
    """Stop; mails that wait still leave. A server's secret goes with it. NotFoundError."""
    held = _managed(caller, context)
    gone = _one(held, rule)
    chosen = replace(held, rules=tuple(one for one in held.rules if one.id != rule))
    return _save(caller, chosen, gone, "forward.removed", context)


def _managed(caller: Caller, context: Context) -> Forwarding:
    caller.require(Permission.MANAGE)
    return context.forwardings.load(caller.dossier)


def _save(
    caller: Caller, chosen: Forwarding, rule: Rule, what: str, context: Context
) -> Forwarding:
    entry = entry_by(
        caller, what, {"address": rule.address, "direction": rule.direction.value}, context
    )
    return context.forwardings.save(chosen, (entry,))


def deliveries(caller: Caller, context: Context) -> tuple[Delivery, ...]:
    """The last deliveries, newest first."""
    caller.require(Permission.EXPORT)
    return context.forwardings.deliveries(caller.dossier)


def resend(caller: Caller, delivery: str, context: Context) -> Delivery:
    """« Renvoyer »: what failed, or was sent and never found; while it waits, nothing changes.

    NotFoundError; ConflictError (``forward.gone``) once its rule was removed; ForbiddenError
    (``mails.throttled``).
    """
    caller.require(Permission.EXPORT)
    held = context.forwardings.delivery(caller.dossier, delivery)
    if held.state is DeliveryState.WAITING:
        return held
    if not context.forwardings.load(caller.dossier).resends(held):
        raise ConflictError("forward.gone")
    throttle_mails(caller.user, caller.dossier, context)
    again = replace(
        held,
        state=DeliveryState.WAITING,
        tries=0,
        round=held.round + 1,
        failure=None,
        next_at=None,
    )
    context.forwardings.update(again)
    _queue(again, context)
    return again


# ── The road ────────────────────────────────────────────────────────────────────────────────────


def forward_document(command: ForwardDocument, context: Context) -> Steps:
    """One delivery per rule of the document's type; those that exist already stay as they are."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.ARCHIVED:
        return document, ()
    for rule in context.forwardings.load(document.dossier).of(document.direction):
        summary = document.summary
        delivery = Delivery(
            dossier=document.dossier,
            id=delivery_id(document.id, rule.id),
            document=document.id,
            title=summary.number or document.filename,
            party=summary.seller_name if rule.direction == "purchase" else summary.buyer_name,
            address=rule.address,
            what=rule.what,
            at=context.clock.now(),
        )
        if context.forwardings.begin(delivery):
            _queue(delivery, context)
    return document, ()


def _queue(delivery: Delivery, context: Context) -> None:
    """Now, or when the next try is due; in the agenda first, so that nothing is lost."""
    now = context.clock.now()
    due = delivery.next_at or now
    name = f"deliver-{delivery.id}-{delivery.round}-{delivery.tries}"
    command = Deliver(dossier=delivery.dossier, delivery=delivery.id)
    scheduled = Scheduled(id=name, command=command, due=due)
    if due > now:
        context.store.schedule(scheduled)
        return
    context.store.schedule(replace(scheduled, due=now + LEASE))
    send(scheduled, context)


def deliver(command: Deliver, context: Context) -> Steps:
    """Mail or write the files of a delivery; what trying again cannot mend has failed."""
    held = context.forwardings.delivery(command.dossier, command.delivery)
    if held.state is not DeliveryState.WAITING:
        return _NOTHING
    now = context.clock.now()
    try:
        roles = _leave(held, context)
    except UnavailableError as error:
        _again(held, error, context)
        return _NOTHING
    except FacteurError as error:
        failure = _reason(error)
        log.warning("%s was not delivered: %s", held.id, error)
        context.forwardings.update(
            replace(held, state=DeliveryState.FAILED, tries=held.tries + 1, failure=failure)
        )
        alert_delivery(held.dossier, held.id, context)
        return _NOTHING
    sent = replace(held, state=DeliveryState.SENT, tries=held.tries + 1, sent_at=now, next_at=None)
    context.forwardings.update(sent)
    return _tell(sent, roles, context)


def _reason(error: FacteurError) -> Fault:
    faults = getattr(error, "faults", ())
    return faults[0] if faults else Fault(code=error.code)


def _again(held: Delivery, error: UnavailableError, context: Context) -> None:
    """The next try, or the end of our patience; the reason is on the page in both cases."""
    tries, failure = held.tries + 1, Fault(code="forward.unavailable")
    if error.code.startswith("sftp."):
        failure = Fault(code=error.code, values={"host": str(error.values.get("host", ""))})
    log.warning("%s is tried again later: %s", held.id, error)
    if tries > len(PATIENCE):
        context.forwardings.update(
            replace(held, state=DeliveryState.FAILED, tries=tries, failure=failure)
        )
        alert_delivery(held.dossier, held.id, context)
        return
    later = replace(
        held, tries=tries, failure=failure, next_at=context.clock.now() + PATIENCE[tries - 1]
    )
    context.forwardings.update(later)
    _queue(later, context)


def give_up(command: Deliver, context: Context) -> None:
    """Tell that a delivery was tried as often as the queue tries: « Renvoyer » starts again."""
    held = context.forwardings.delivery(command.dossier, command.delivery)
    if held.state is not DeliveryState.WAITING:
        return
    failure = Fault(code="forward.interrupted")
    context.forwardings.update(
        replace(held, state=DeliveryState.FAILED, tries=held.tries + 1, failure=failure)
    )
    alert_delivery(held.dossier, held.id, context)


def _leave(delivery: Delivery, context: Context) -> tuple[str, ...]:
    """Send it by its rule's road; the roles of the files that left."""
    document = context.store.document(DocumentRef(delivery.dossier, delivery.document))
    rule = context.forwardings.load(delivery.dossier).rule_of(delivery)
    if rule is not None and rule.stopped:
        raise ConflictError("forward.stopped")
    if not delivery.address.startswith("sftp://"):
        return _mail(delivery, document, context)
    if rule is None or rule.server is None or rule.pending:
        raise ConflictError("forward.gone")
    return forwarding_servers.send(delivery, rule.server, document, context)


def _mail(delivery: Delivery, document: Document, context: Context) -> tuple[str, ...]:
    """Mail it; the roles of the files that left."""
    files = files_of(document, delivery.what)
    size = sum(one.size for one in files.values())
    if size > MOST_BYTES:
        values = {"limit": str(MOST_BYTES // 1024 // 1024)}
        raise InvalidError((Fault(code="forward.too_large", values=values),))
    dossier = context.store.dossier(delivery.dossier)
    attached = tuple(
        MailFile(
            name=f"{_safe(delivery.title)}{'' if role == 'original' else '-facturx'}"
            f"{suffix_of(file)}",
            media_type=file.media_type,
            data=context.blobs.get(file),
        )
        for role, file in files.items()
    )
    taken = mails.send(
        "transmission",
        delivery.address,
        context,
        files=attached,
        company=dossier.name,
        summary=document.summary,
        document=document,
        purchase=document.direction == "purchase",
        page=mails.link(context, f"/factures/{document.id}"),
    )
    if not taken:
        raise InvalidError((Fault(code="forward.blocked"),))
    return tuple(files)


def _safe(title: str) -> str:
    """A file name of an invoice number: letters, digits and dashes."""
    kept = "".join(one if one.isalnum() or one in "-_." else "-" for one in title)
    return kept.strip("-.")[:60] or "facture"


def _tell(delivery: Delivery, roles: tuple[str, ...], context: Context) -> Steps:
    """Write it in the document's history; whoever is faster does not make it be sent again."""
    for _try in range(_TRIES):
        document = context.store.document(DocumentRef(delivery.dossier, delivery.document))
        event = told(
            Happened.DOCUMENT_FORWARDED,
            delivery.sent_at or context.clock.now(),
            address=delivery.address,
            files=", ".join(roles),
        )
        try:
            return commit(Decision(document=document, events=(event,)), context)
        except StaleVersionError:
            continue
    log.error("%s was sent, and its document's history does not say so", delivery.id)
    return _NOTHING
