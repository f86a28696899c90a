"""Webhooks out: a dossier's billing software is called when a flow of its changes.

A call says what changed and nothing more: the file is asked for with a token. It is signed, so
that its receiver knows who calls; it is tried for a day, then given up, visibly. Its receiver must
go on asking by search: a call may come twice, late, or not at all.

    fingerprint = SHA256(body + "@" + timestamp)
    Afnor-Signature = base64(HMAC-SHA256(key, fingerprint))

Source: XP Z12-013 1.3.0 §2.7 (the HMAC is over the 32 bytes of the fingerprint: decision 0251).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from facteur.domain.flows import AckStatus, Flow, FlowDirection, FlowType

MOST_HOOKS = 10  # of a dossier
KEY_BYTES = 32
#: Before the second try, the third…: a day in all.
WAITS = tuple(timedelta(minutes=one) for one in (1, 5, 15, 60, 180, 360, 720))
#: The purpose under which a signing key is sealed (ports.Secrets).
PURPOSE = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A subscription: where to call, and about which flows. Empty lists take everything."""

    dossier: str
    id: str  # a UUID, as the standard wants
    url: str
    created_at: datetime
    key: str = field(default="", repr=False)  # its signing key, sealed
    types: tuple[FlowType, ...] = ()
    direction: FlowDirection | None = None
    ack: AckStatus | None = None
    by: str = ""  # the key or the person that subscribed
    client: str = ""  # ``api:<key>``: the subscription ends with the key that made it


class DeliveryState(StrEnum):
    """What became of a call."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # given up: shown, and sent again when somebody asks


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDelivery:
    """One call about one state of one flow."""

    dossier: str
    id: str
    hook: str
    url: str
    flow: str
    body: str  # the flow as it stood: what is signed
    at: datetime  # of the change
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    tried_at: datetime | None = None
    status: int = 0  # the last answer; 0 = none
    reason: str = ""  # why there was none


def concerned(hooks: Iterable[Hook], flow: Flow) -> tuple[Hook, ...]:
    """The subscriptions that want to hear of this flow."""
    return tuple(
        one
        for one in hooks
        if (not one.types or flow.type in one.types)
        and (one.direction is None or flow.direction is one.direction)
        and (one.ack is None or flow.acknowledgement.status is one.ack)
    )


def signature(key: bytes, body: bytes, timestamp: int) -> str:
    """The value of ``Afnor-Signature``."""
    fingerprint = hashlib.sha256(body + f"@{timestamp}".encode()).digest()
    return base64.b64encode(hmac.new(key, fingerprint, hashlib.sha256).digest()).decode()
