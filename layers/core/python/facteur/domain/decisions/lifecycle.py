"""Decisions about what is said of an invoice: set here, received, sent, confirmed, refused.

A status set here is a record at once, shown with where it stands on its way; what a platform then
refuses stays in the list and counts for nothing. What comes in is always kept: twice or out of
order changes nothing, our own words coming back are recognised (no loop, WE-13), and where a
platform contradicts what we said and it never confirmed, the platform wins.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from facteur.domain.decisions.base import THE_SYSTEM, Actor, Decision, file_of, sealing, told
from facteur.domain.documents import Channel, Document, State, StoredFile
from facteur.domain.errors import NotFoundError
from facteur.domain.events import SYSTEM, Event, Happened
from facteur.domain.lifecycle import allowed, codes, factoring, payments
from facteur.domain.lifecycle.codes import CLOSING
from facteur.domain.lifecycle.fold import OWN, entitled, is_own, said, standing
from facteur.domain.lifecycle.records import (
    Characteristic,
    Payee,
    StatusReason,
    StatusRecord,
    Transmission,
)
from facteur.domain.lifecycle.telling import with_unseen
from facteur.domain.money import ZERO
from facteur.domain.paris import paris
from facteur.domain.plain import words

log = logging.getLogger(__name__)

_UNDER_WAY = frozenset({Transmission.WAITING, Transmission.SENT})
_DECISIONS = frozenset({"205", "206", "210"})  # one of them takes the place of another
_UNDECIDED = frozenset({State.TO_CHECK, State.TO_ACCEPT})
_SKEW = timedelta(minutes=15)  # of a platform's clock
MOST_TEXT = 1000  # of a platform's own words
CONTRADICTED = "contradicted"  # failure of what a platform contradicted


def way_out(document: Document) -> tuple[bool, str]:
    """Whether what is said of a document leaves by a platform, and by which connection.

    It leaves by the road the invoice went: the platform that brought it, or that took it. The
    connection is "" when the document does not say: the dossier's own then.
    """
    gone = [
        one.connection
        for one in document.sendings
        if one.transmission in {Transmission.SENT, Transmission.CONFIRMED}
    ]
    if gone:
        return True, gone[-1]
    came = [one.connection for one in document.sources if one.channel is Channel.PA]
    return bool(came), came[-1] if came else ""


def set_status(
    document: Document,
    code: str,
    actor: Actor,
    *,
    name: str,
    at: datetime,
    reasons: Sequence[StatusReason] = (),
    data: Sequence[Characteristic] = (),
    comment: str = "",
    rates: Sequence[Decimal] = (),
    files: Sequence[StoredFile] = (),
    payee: Payee | None = None,
    of_refused: bool = False,
    beyond_due: bool = False,
) -> Decision:
    """Our side says something of an invoice; ``name`` makes it the same when it is asked twice.

    ``files``: what is attached to it, kept with the document.
    InvalidError when it may not be said now, or lacks what it must say. A refusal (210) of what
    still waits here refuses the document too. Times of ours only grow, so that each is one.
    ``beyond_due``: who says a payment knows that it is more than what was due.
    """
    identity = f"{OWN}{name}"
    if any(one.id == identity for one in document.statuses):
        return Decision(document=document, events=())
    now = allowed.situation(document, of_refused=of_refused)
    before = standing(document.statuses)
    hidden = factoring.confidential(code, before)
    if code == "228" and payee is None and hidden:
        payee = factoring.payee_of(before)
    allowed.check(
        now,
        code,
        given=reasons,
        data=data,
        comment=comment,
        rates=rates,
        payee=payee,
        hidden=hidden,
        today=paris(at).date(),
        beyond_due=beyond_due,
    )
    leaves, connection = way_out(document)
    record = StatusRecord(
        id=identity,
        code=code,
        set_at=_after_known(document, at),
        recorded_at=at,
        side=now.side,
        by=actor.id,
        by_name=actor.name,
        reasons=tuple(replace(one, comment=words(one.comment)) for one in reasons),
        characteristics=tuple(data),
        comment=words(comment),
        payee=payee,
        hidden=hidden,
        transmission=Transmission.WAITING if leaves else Transmission.NONE,
        connection=connection,
    )
    values = {"send": "1"} if leaves else {}
    event = told(Happened.STATUS_SET, at, actor, **_said_of(record), **values)
    held = {**document.files, **_pieces(record, files)}
    head = replace(document, statuses=(*document.statuses, record), files=held)
    if actor.id != SYSTEM:  # who answers has seen what was said
        head = replace(head, unseen=())
    head, more = _refused_too(head, record, actor, at)
    return Decision(document=head, events=(event, *more))


def _refused_too(
    document: Document, record: StatusRecord, actor: Actor, at: datetime
) -> tuple[Document, tuple[Event, ...]]:
    """A refusal by our side of what nobody decided here refuses the document as well."""
    ours = allowed.situation(document).side is record.side
    if record.code != "210" or not ours or document.state not in _UNDECIDED:
        return document, ()
    reason = next((one.code for one in record.reasons if one.code), "")
    comment = record.comment or next((one.comment for one in record.reasons if one.comment), "")
    head = replace(document, state=State.REFUSED, refusal=reason, refusal_comment=comment)
    values = {"reason": reason, "comment": comment, **file_of(document)}
    return head, (told(Happened.INVOICE_REFUSED, at, actor, **values),)


def _after_known(document: Document, at: datetime) -> datetime:
    """The time of a status, to the second as it travels: after every other one set here.

    After what came in too, unless that is dated well ahead: who answers does so afterwards,
    whichever clock is slow.
    """
    moment = at.replace(microsecond=0)
    before = [
        one.set_at for one in document.statuses if is_own(one) or one.set_at <= moment + _SKEW
    ]
    return max([moment, *(one + timedelta(seconds=1) for one in before)])


def _said_of(record: StatusRecord) -> dict[str, str]:
    """What the history keeps of a record."""
    values = {"record": record.id, "status": record.code}
    if record.reasons:
        values["reasons"] = ", ".join(one.code for one in record.reasons if one.code)
    kind = payments.KINDS.get(record.code)
    paid = [one for one in record.characteristics if one.type == kind and one.amount is not None]
    if paid:
        values["amount"] = format(sum((one.amount or ZERO for one in paid), ZERO), "f")
        values["currency"] = paid[0].currency
    comment = record.comment or next((one.comment for one in record.reasons if one.comment), "")
    if comment:
        values["comment"] = comment
    return {name: value for name, value in values.items() if value}


def apply_status(
    document: Document,
    record: StatusRecord,
    *,
    at: datetime,
    files: Sequence[StoredFile] = (),
) -> Decision:
    """A status came in. No event when it is here already, under this name or another.

    ``files``: what was attached to it, kept with the document.
    """
    if any(one.id == record.id for one in document.statuses):
        return Decision(document=document, events=())
    twin = next((one for one in document.statuses if said(one) == said(record)), None)
    if twin is not None:
        if is_own(twin) and twin.transmission is not Transmission.NONE:
            return confirmed(document, twin.id, at=at)  # our own words came back
        return Decision(document=document, events=())
    theirs = entitled(document, record)
    lost = [one for one in document.statuses if theirs and _contradicts(record, one)]
    kept = tuple(_overruled(one, record) if one in lost else one for one in document.statuses)
    held = {**document.files, **_pieces(record, files)}
    head = replace(document, statuses=(*kept, record), files=held)
    values = _said_of(record) | {"side": record.side.value} | sealing(document)
    if lost:
        values["contradicts"] = ", ".join(codes.label(one.code) for one in lost)
        log.warning(
            "%s: the platform says %s, we had said %s",
            document.id, record.code, ", ".join(one.code for one in lost),
        )  # fmt: skip
    event = told(Happened.STATUS_RECEIVED, at, Actor(name=record.by_name), **values)
    head = with_unseen(head, record.id)
    head, more = _refused_too(head, record, THE_SYSTEM, at) if theirs else (head, ())
    return Decision(document=head, events=(event, *more))


def _contradicts(came: StatusRecord, ours: StatusRecord) -> bool:
    """True when what came in leaves no room for what we said and no platform confirmed."""
    if not is_own(ours) or ours.transmission not in _UNDER_WAY or came.code == ours.code:
        return False
    if came.code in CLOSING:
        return True
    return came.side is ours.side and {came.code, ours.code} <= _DECISIONS


def _overruled(ours: StatusRecord, came: StatusRecord) -> StatusRecord:
    return replace(
        ours,
        transmission=Transmission.REFUSED,
        failure=CONTRADICTED,
        failure_text=codes.label(came.code),
    )


# ── On its way ──────────────────────────────────────────────────────────────────────────────────


def role_of(record: str) -> str:
    """The role, among the document's files, of the message of a record."""
    return f"status-{hashlib.sha256(record.encode()).hexdigest()[:12]}"


def _pieces(record: StatusRecord, files: Sequence[StoredFile]) -> dict[str, StoredFile]:
    """What is attached to a record, by role."""
    role = role_of(record.id)
    return {f"{role}-piece-{place}": one for place, one in enumerate(files, start=1)}


def record_named(document: Document, record: str) -> StatusRecord:
    """One record of a document; NotFoundError."""
    found = next((one for one in document.statuses if one.id == record), None)
    if found is None:
        raise NotFoundError("status.unknown")
    return found


def message_checked(
    document: Document, record: str, file: StoredFile, *, at: datetime
) -> Decision:
    """The official rules took the message of a status: it may leave. Once."""
    known = record_named(document, record)
    if known.transmission is not Transmission.WAITING or role_of(record) in document.files:
        return Decision(document=document, events=())
    head = replace(document, files={**document.files, role_of(record): file})
    event = told(Happened.STATUS_CHECKED, at, record=record, status=known.code)
    return Decision(document=head, events=(event,))


def transmitted(
    document: Document, record: str, *, connection: str, flow: str, at: datetime
) -> Decision:
    """The platform has a status of ours, and has not said what it thinks of it."""
    known = record_named(document, record)
    if known.transmission is not Transmission.WAITING:
        return Decision(document=document, events=())
    changed = replace(known, transmission=Transmission.SENT, connection=connection, flow=flow)
    event = told(
        Happened.STATUS_TRANSMITTED, at,
        record=record, status=known.code, connection=connection, flow=flow,
    )  # fmt: skip
    return Decision(document=_with(document, changed), events=(event,))


def confirmed(document: Document, record: str, *, at: datetime, flow: str = "") -> Decision:
    """The platform acknowledged a status of ours, or sent our own words back.

    ``flow``: as it calls ours, which is news where its first answer was lost.
    """
    known = record_named(document, record)
    if known.transmission in {Transmission.CONFIRMED, Transmission.NONE}:
        return Decision(document=document, events=())
    changed = replace(
        known,
        transmission=Transmission.CONFIRMED,
        flow=known.flow or flow,
        failure="",
        failure_text="",
    )
    event = told(Happened.STATUS_CONFIRMED, at, record=record, status=known.code)
    return Decision(document=_with(document, changed), events=(event,))


def not_transmitted(
    document: Document, record: str, *, failure: str, text: str = "", at: datetime, flow: str = ""
) -> Decision:
    """A status of ours was refused: by the official rules before it left, or by the platform.

    It counts for nothing from then on; what it closed here is open again.
    """
    known = record_named(document, record)
    if known.transmission not in _UNDER_WAY:
        return Decision(document=document, events=())
    changed = replace(
        known,
        transmission=Transmission.REFUSED,
        flow=known.flow or flow,
        failure=failure,
        failure_text=text[:MOST_TEXT],
    )
    event = told(
        Happened.STATUS_NOT_TRANSMITTED, at,
        record=record, status=known.code, failure=failure, text=text[:MOST_TEXT],
    )  # fmt: skip
    return Decision(document=with_unseen(_with(document, changed), record), events=(event,))


def see(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """Somebody opened the invoice: what was said of it is seen; no event when nothing waited."""
    if not document.unseen:
        return Decision(document=document, events=())
    said_of = {one.id: one.code for one in document.statuses}
    seen = ", ".join(dict.fromkeys(said_of[one] for one in document.unseen if one in said_of))
    event = told(Happened.STATUSES_SEEN, at, actor, **({"statuses": seen} if seen else {}))
    return Decision(document=replace(document, unseen=()), events=(event,))


def _with(document: Document, changed: StatusRecord) -> Document:
    return replace(
        document,
        statuses=tuple(changed if one.id == changed.id else one for one in document.statuses),
    )
