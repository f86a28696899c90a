"""What a platform's controls said of what was sent to it: « Ok », or the reason of a refusal.

It comes by FollowSending, twenty seconds after and then less and less often, or by a round of
synchronisation, whichever is first; the second finds it written. « Ok » is no « Déposée » (200):
that one comes as a status of the invoice.

Source: AFNOR XP Z12-013 1.3.0 §2.3 (acknowledgement).
"""

import logging
from dataclasses import replace

from facteur.domain.commands import FollowReport, FollowSending, Scheduled
from facteur.domain.connections import Connection, ConnectionState, Tally
from facteur.domain.decisions import lifecycle
from facteur.domain.decisions import sendings as decide
from facteur.domain.documents import Document, DocumentRef, Sending
from facteur.domain.errors import ForbiddenError, NotFoundError, UnavailableError
from facteur.domain.flows import Acknowledgement, AckStatus, Flow
from facteur.domain.lifecycle.messages import NO_REASON, StatusMessage
from facteur.domain.taken_flows import TakenFlow
from facteur.ports import Context
from facteur.services.flows.transmitting import SENT, moved, not_sent
from facteur.services.lifecycle.sending import status_not_sent
from facteur.services.platforms.opening import opened, troubled
from facteur.services.platforms.patience import try_again
from facteur.services.staircase import Steps

log = logging.getLogger(__name__)

Taken = tuple[TakenFlow, tuple[Scheduled, ...]]

_MOST_FOLLOWED = 12


def follow_sending(command: FollowSending, context: Context) -> Steps:
    """Ask what the platform's controls said; later again while they run."""
    connection = context.connections.connection(command.dossier, command.connection)
    if connection.state is not ConnectionState.CONNECTED:
        return None, ()
    said = answer_of(connection, command.flow, command, f"follow-{command.tracking}", context)
    if said is None:
        return None, ()
    return _acknowledge(connection, command.tracking, command.flow, said, context)


def answer_of(
    connection: Connection,
    flow_id: str,
    command: FollowSending | FollowReport,
    name: str,
    context: Context,
) -> Acknowledgement | None:
    """What the platform's controls said of a flow of ours.

    None while they run or the platform is away (the command is tried again later), and for a flow
    that is not there any more.
    """
    try:
        with opened(connection, context) as platform:
            said = platform.flow(flow_id).acknowledgement
    except NotFoundError:
        log.warning("%s is not at its platform any more", flow_id)
        return None
    except (UnavailableError, ForbiddenError) as error:
        troubled(connection, error, context)
    else:
        if said.status is not AckStatus.PENDING:
            return said
    try_again(command, name, context, most=_MOST_FOLLOWED)
    return None


def acknowledged(held: Connection, flow: Flow, context: Context) -> Taken:
    """A flow of ours as a round of synchronisation found it: what it moves, and what became of it.

    One that we did not send (another program uses the same account) is ignored.
    """
    follow: tuple[Scheduled, ...] = ()
    if flow.tracking_id:
        follow = _acknowledge(held, flow.tracking_id, flow.id, flow.acknowledgement, context)[1]
    target = context.store.claimed(held.dossier, SENT, flow.tracking_id or flow.id)
    taken = TakenFlow(
        dossier=held.dossier,
        connection=held.id,
        platform=held.ledger,
        id=flow.id,
        name=flow.name[:200],
        type=flow.type,
        at=context.clock.now(),
        submitted_at=flow.submitted_at,
        updated_at=flow.updated_at,
        outcome=Tally.IGNORED,
        ours=True,
        document=(target or "").partition("#")[0],
    )
    return taken, follow


def _acknowledge(
    held: Connection, tracking: str, flow: str, said: Acknowledgement, context: Context
) -> Steps:
    """Write what a platform's controls said of what was sent to it under a tracking identifier.

    ``flow``: its name there; all that tells it where the answer to the submission was lost.
    """
    target = context.store.claimed(held.dossier, SENT, tracking)
    if target is None or said.status is AckStatus.PENDING:
        return None, ()
    name, _hash, record = target.partition("#")
    ref = DocumentRef(held.dossier, name)
    first = next((one for one in said.details if one.level != "Warning"), None)
    reason = first.reason if first else "OtherTechnicalError"
    words = " ".join(filter(None, (first.item, first.message))) if first else ""
    document = context.store.document(ref)
    if not _went_there(_sent_by(document, tracking, record), held, context):
        log.warning("%s tells of %s, which it was never sent", held.id, tracking)
        return None, ()
    if flow and flow != _flow_of(document, tracking, record):
        context.store.mark(held.dossier, SENT, flow, target)  # the first answer was lost
    if record and said.status is AckStatus.OK:
        return moved(
            document,
            context,
            lambda one: lifecycle.confirmed(one, record, at=context.clock.now(), flow=flow),
        )
    if record:
        return status_not_sent(document, record, reason, words, context, flow=flow)
    if said.status is AckStatus.OK:
        return moved(
            document,
            context,
            lambda one: decide.acknowledged(one, tracking, at=context.clock.now(), flow=flow),
        )
    return not_sent(document, tracking, reason, words, context, flow=flow)


def unreadable(taken: TakenFlow, message: StatusMessage, context: Context) -> Taken | None:
    """« Irrecevable » (501) of a file that we sent goes to its sending: there is no invoice.

    MDT-87 names the flow, by its identifier there or by ours; the invoice where the platform could
    read its number. None for what we did not send there: nothing waits for it.

    Source: reference: lifecycle.md §2, §3.1 (501 → draft: the same number may be sent again).
    """
    target = context.store.claimed(taken.dossier, SENT, message.number)
    if target is None:
        return None
    name, _hash, record = target.partition("#")
    document = context.store.document(DocumentRef(taken.dossier, name))
    named = (one for one in document.sendings if message.number in (one.tracking_id, one.flow))
    sending = next(named, None)
    return given_up(taken, document, message, context, sending=sending, record=record)


def given_up(
    taken: TakenFlow,
    document: Document,
    message: StatusMessage,
    context: Context,
    *,
    sending: Sending | None = None,
    record: str = "",
) -> Taken | None:
    """Write that the file of a sending, or of a status of ours, could not be read (501).

    None where it did not leave by that platform.
    """
    held = context.connections.connection(taken.dossier, taken.connection)
    tracking = sending.tracking_id if sending else ""
    if not (record or sending):
        return None
    if not _went_there(_sent_by(document, tracking, record), held, context):
        return None
    why = next((one.reason for one in message.details if one.reason.code), NO_REASON)
    reason, words = why.code or message.code, why.comment or why.label
    if record:
        after, follow = status_not_sent(document, record, reason, words, context)
    else:
        after, follow = not_sent(document, tracking, reason, words, context)
    known = after is None or after.version == document.version
    outcome = Tally.IGNORED if known else Tally.STATUSES
    done = replace(taken, outcome=outcome, failure=None, waits_for="", document=document.id)
    return done, follow


def _flow_of(document: Document, tracking: str, record: str) -> str:
    """What the platform calls an invoice, or a status of it, as far as that was told."""
    if record:
        return next((one.flow for one in document.statuses if one.id == record), "")
    return next((one.flow for one in document.sendings if one.tracking_id == tracking), "")


def _sent_by(document: Document, tracking: str, record: str) -> str:
    """The connection that an invoice, or a status of it, left by; "" when that is not written."""
    if record:
        return next((one.connection for one in document.statuses if one.id == record), "")
    sent = (one.connection for one in document.sendings if one.tracking_id == tracking)
    return next(sent, "")


def _went_there(sent_by: str, held: Connection, context: Context) -> bool:
    """True for what left by this connection, or by an earlier one to the same platform."""
    if sent_by in ("", held.id):
        return True
    try:
        return context.connections.connection(held.dossier, sent_by).ledger == held.ledger
    except NotFoundError:
        return False
