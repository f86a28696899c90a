"""Webhooks out: subscribe, call, call again, give up visibly.

A change of a flow makes one delivery for each subscription that it concerns, kept before it is
sent: the body is the flow as it stood then, what our controls found by its code and values (the
sentence is what asking for the flow gives). The queue sends it; what does not answer 2xx is tried
again later and later, for a day (domain/hooks.py).
"""

import base64
import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from facteur.domain.commands import DeliverHook, Scheduled
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.faults import Fault
from facteur.domain.hooks import (
    KEY_BYTES,
    MOST_HOOKS,
    PURPOSE,
    WAITS,
    DeliveryState,
    Hook,
    HookDelivery,
    concerned,
    signature,
)
from facteur.domain.networks import may_be_called
from facteur.domain.served_flows import ServedFlow
from facteur.formats.afnor_served import HookParams, flow_json
from facteur.ports import Context
from facteur.services.programs.acknowledgements import unworded
from facteur.services.staircase import Steps, queued

log = logging.getLogger(__name__)


def subscribe(caller: Caller, asked: HookParams, context: Context) -> tuple[Hook, str]:
    """A new subscription and its signing key in base64, shown once.

    ForbiddenError for a key that only reads: being called is asked for by who may deposit or
    decide. InvalidError (``hook.url``, ``hook.many``).
    """
    caller.require(Permission.READ)
    if not (caller.may(Permission.UPLOAD) or caller.may(Permission.DECIDE)):
        raise ForbiddenError("hook.reads_only")
    faults = []
    if not may_be_called(asked.url, nearby=context.site_url.startswith("http://")):
        faults.append(Fault(code="hook.url", path="callbackUrl"))
    if len(context.hooks.of_dossier(caller.dossier)) >= MOST_HOOKS:
        faults.append(
            Fault(code="hook.many", path="callbackUrl", values={"most": str(MOST_HOOKS)})
        )
    if faults:
        raise InvalidError(tuple(faults))
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    hook = Hook(
        dossier=caller.dossier,
        id=str(UUID(bytes=secrets.token_bytes(16), version=4)),
        url=asked.url,
        created_at=context.clock.now(),
        key=context.secrets.seal(key, dossier=caller.dossier, purpose=PURPOSE),
        types=asked.types,
        direction=asked.direction,
        ack=asked.ack,
        by=caller.name or caller.user,
        client=caller.user,
    )
    context.hooks.save(hook)
    return hook, key


def listed(caller: Caller, context: Context) -> tuple[Hook, ...]:
    """The subscriptions of the caller's dossier."""
    caller.require(Permission.READ)
    return context.hooks.of_dossier(caller.dossier)


def one(caller: Caller, identifier: str, context: Context) -> Hook:
    """A subscription of the caller's dossier; NotFoundError."""
    caller.require(Permission.READ)
    found = context.hooks.hook(caller.dossier, identifier)
    if found is None:
        raise NotFoundError("not_found")
    return found


def unsubscribe(caller: Caller, identifier: str, context: Context) -> None:
    """End a subscription; NotFoundError.

    ForbiddenError (``hook.not_yours``) for that of another program; who manages the dossier may
    end any.
    """
    held = one(caller, identifier, context)
    if held.client != caller.user and not caller.may(Permission.MANAGE):
        raise ForbiddenError("hook.not_yours")
    context.hooks.remove(held)


def hand_over(dossier: str, old: str, new: str, context: Context) -> None:
    """A key was rotated: its subscriptions are those of the one that takes its place."""
    for hook in context.hooks.of_dossier(dossier):
        if hook.client == old:
            context.hooks.save(replace(hook, client=new))


def end_with(dossier: str, client: str, context: Context) -> None:
    """End the subscriptions of a program that is let in no more."""
    for hook in context.hooks.of_dossier(dossier):
        if hook.client == client:
            context.hooks.remove(hook)


def deliveries(caller: Caller, context: Context) -> Sequence[HookDelivery]:
    """The last calls of the caller's dossier, newest first."""
    caller.require(Permission.READ)
    return context.hooks.deliveries(caller.dossier)


def send_again(caller: Caller, identifier: str, context: Context) -> None:
    """Make a call again that was given up; NotFoundError."""
    caller.require(Permission.MANAGE)
    held = context.hooks.delivery(caller.dossier, identifier)
    if held is None:
        raise NotFoundError("not_found")
    fresh = replace(held, state=DeliveryState.WAITING, tries=0)
    context.hooks.keep(fresh)
    _put_off(fresh, 0, context)


def changed(served: ServedFlow, context: Context) -> None:
    """Tell those who subscribed that a flow has changed."""
    hooks = concerned(context.hooks.of_dossier(served.dossier), served.flow)
    for hook in hooks:
        delivery = HookDelivery(
            dossier=served.dossier,
            id=context.ids.new(),
            hook=hook.id,
            url=hook.url,
            flow=served.flow.id,
            body=json.dumps(flow_json(unworded(served.flow)), ensure_ascii=False),
            at=context.clock.now(),
        )
        context.hooks.keep(delivery)
        _put_off(delivery, 0, context)


def deliver(command: DeliverHook, context: Context) -> Steps:
    """Make a call; what does not answer 2xx is tried later, or given up."""
    held = context.hooks.delivery(command.dossier, command.delivery)
    if held is None or held.state is not DeliveryState.WAITING:
        return None, ()
    hook = context.hooks.hook(command.dossier, held.hook)
    if hook is None:  # it was ended meanwhile
        context.hooks.keep(replace(held, state=DeliveryState.DEAD, reason="hook.gone"))
        return None, ()
    status, reason = _called(hook, held, context)
    fine = 200 <= status < 300
    tried = replace(
        held,
        tries=held.tries + 1,
        tried_at=context.clock.now(),
        status=status,
        reason=reason,
        state=DeliveryState.SENT if fine else DeliveryState.WAITING,
    )
    if not fine and tried.tries > len(WAITS):
        log.warning("webhook %s of %s given up: %s %d", held.id, held.dossier, reason, status)
        tried = replace(tried, state=DeliveryState.DEAD)
    context.hooks.keep(tried)
    if tried.state is DeliveryState.WAITING:
        _put_off(tried, tried.tries, context)
    return None, ()


def _called(hook: Hook, held: HookDelivery, context: Context) -> tuple[int, str]:
    key = base64.b64decode(context.secrets.open(hook.key, dossier=hook.dossier, purpose=PURPOSE))
    body = held.body.encode()
    now = int(context.clock.now().timestamp())
    headers = {
        "Afnor-Signature": signature(key, body, now),
        "Afnor-Signature-Timestamp": str(now),
    }
    try:
        return context.receivers.call(hook.url, body, headers), ""
    except (UnavailableError, InvalidError) as error:
        return 0, error.code


def _put_off(held: HookDelivery, tries: int, context: Context) -> None:
    """Have it called now, or after the pause that follows so many tries."""
    now = context.clock.now()
    due = now + WAITS[tries - 1] if tries else now
    call = Scheduled(
        id=f"{held.id}-call-{tries}-{now:%Y%m%dT%H%M%S%f}",
        command=DeliverHook(dossier=held.dossier, delivery=held.id),
        due=due,
    )
    queued(call, context)
