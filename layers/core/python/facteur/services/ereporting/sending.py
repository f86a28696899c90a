"""A checked report leaves by the dossier's platform, once, and is followed to the State's answer.

As for invoices (flows/transmitting.py): the tracking identifier is known before anything is sent,
and whoever finds that a submission began looks for it before sending again. « Ok » means that the
platform's technical controls passed; that the State has it (300) or refuses it (301) comes as a
lifecycle message, which a round of synchronisation brings.

Sources: AFNOR XP Z12-013 1.3.0 §2.2 (flowSyntax FRR); specifications of the DGFiP v3.2 §3.7.7.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace

from facteur.domain.commands import FollowReport, TransmitReport
from facteur.domain.connections import Connection, ConnectionState
from facteur.domain.documents import StoredFile
from facteur.domain.ereporting.filings import DECLARED, Filing, FilingState
from facteur.domain.errors import (
    ForbiddenError,
    NotFoundError,
    RefusedByPlatformError,
    UnavailableError,
)
from facteur.domain.faults import Fault
from facteur.domain.flows import (
    Acknowledgement,
    AckStatus,
    Flow,
    FlowSyntax,
    FlowType,
    FlowView,
    OutgoingFlow,
)
from facteur.domain.lifecycle.messages import StatusMessage
from facteur.formats import cdar
from facteur.ports import Context, Platform
from facteur.services.ereporting import sealing
from facteur.services.ereporting.periods import moved, queue
from facteur.services.flows.acknowledging import answer_of
from facteur.services.flows.transmitting import submitted_once
from facteur.services.platforms.opening import fault_of, opened, troubled
from facteur.services.platforms.patience import try_again
from facteur.services.programs import publishing
from facteur.services.staircase import Steps

log = logging.getLogger(__name__)

REPORT = "REPORT"  # tracking identifier, flow or TT-1 → the filing that was sent
_MOST_WORDS = 500
_TAKEN, _REFUSED = "300", frozenset({"301", "501"})


def transmit_report(command: TransmitReport, context: Context) -> Steps:
    """Submit a filing's file once; later again while the platform is away."""
    filing = context.ereporting.filing(command.dossier, command.filing)
    if filing.state is not FilingState.SENDING or filing.file is None:
        return None, ()
    connection = context.connections.connection(filing.dossier, filing.connection)
    if connection.state is not ConnectionState.CONNECTED:
        return _not_sent(filing, Fault(code="sending.disconnected"), context)
    data = context.blobs.get(filing.file)
    outgoing = OutgoingFlow(
        name=f"{filing.id}.xml",
        syntax=FlowSyntax.FRR,
        data=data,
        media_type="application/xml",
        tracking_id=filing.tracking,
        sha256=hashlib.sha256(data).hexdigest(),
        type=FlowType.MULTI_FLOW_REPORT,
    )
    for name in (filing.tracking, filing.report):
        _remembered(filing, name, context)
    try:
        with opened(connection, context) as platform:
            flow = submitted_once(platform, outgoing, filing.dossier, context)
    except (UnavailableError, ForbiddenError) as error:
        troubled(connection, error, context)
        if not try_again(command, f"ereporting-{filing.dossier}-{filing.tracking}", context):
            _not_sent(filing, fault_of(error), context)
        return None, ()
    except RefusedByPlatformError as error:
        said = sealing.refused(error.code, error.values)
        return _refused(filing, fault_of(error), said, "Error", context)
    _remembered(filing, flow.id, context)
    now = context.clock.now()

    def left(one: Filing) -> Filing | None:
        if one.state is not FilingState.SENDING:
            return None
        gone = replace(one, state=FilingState.SENT, flow=flow.id, sent_at=now, failure=None)
        return sealing.sent(gone, flow.id, context)

    sent = moved(filing.dossier, filing.id, context, left)
    sealing.ask(sent, context)
    follow = FollowReport(dossier=sent.dossier, filing=sent.id)
    queue(sent, f"follow-{sent.tracking}", follow, context)
    return None, ()


def _remembered(filing: Filing, name: str, context: Context) -> None:
    """The names under which an answer may speak of it."""
    context.store.mark(filing.dossier, REPORT, name, filing.id)


def _not_sent(filing: Filing, fault: Fault, context: Context) -> Steps:
    moved(
        filing.dossier,
        filing.id,
        context,
        lambda one: replace(one, state=FilingState.NOT_SENT, failure=fault),
    )
    return None, ()


def _refused(filing: Filing, fault: Fault, said: bytes, what: str, context: Context) -> Steps:
    def refused(one: Filing) -> Filing:
        if one.state is FilingState.ACCEPTED:
            return one
        return replace(one, state=FilingState.REJECTED, failure=fault)

    _answered(filing, refused, said, what, context, media_type="application/json")
    return None, ()


def _answered(
    filing: Filing,
    move: Callable[[Filing], Filing],
    said: bytes,
    what: str,
    context: Context,
    *,
    media_type: str = "application/xml",
) -> StoredFile:
    """Keep an answer, do what it says, and have both sealed; the file that is kept."""
    file = sealing.kept_answer(filing, said, media_type, context)
    now = context.clock.now()

    def taken(one: Filing) -> Filing:
        held = sealing.answered(one, what, file, context)
        changed = move(held)
        return held if changed is held else replace(changed, answered_at=now)

    sealing.ask(moved(filing.dossier, filing.id, context, taken), context)
    return file


# ── Followed ────────────────────────────────────────────────────────────────────────────────────


def follow_report(command: FollowReport, context: Context) -> Steps:
    """Ask what the platform's controls said; later again while they run."""
    filing = context.ereporting.filing(command.dossier, command.filing)
    if filing.state is not FilingState.SENT:
        return None, ()
    connection = context.connections.connection(filing.dossier, filing.connection)
    if connection.state is not ConnectionState.CONNECTED:
        return None, ()
    name = f"ereporting-follow-{filing.dossier}-{filing.tracking}"
    said = answer_of(connection, filing.flow, command, name, context)
    if said is None:
        return None, ()
    told = sealing.acknowledged(said, filing.flow)
    if said.status is AckStatus.ERROR:
        return _refused(filing, _why(said), told, said.status.value, context)

    def taken(one: Filing) -> Filing:
        if one.state is not FilingState.SENT:
            return one
        return replace(one, state=FilingState.ACKNOWLEDGED)

    _answered(filing, taken, told, said.status.value, context, media_type="application/json")
    return None, ()


def _why(said: Acknowledgement) -> Fault:
    first = next((one for one in said.details if one.level != "Warning"), None)
    values = {
        "reason": first.reason[:100] if first else "OtherTechnicalError",
        "message": " ".join(filter(None, (first.item, first.message)))[:_MOST_WORDS]
        if first
        else "",
    }
    return Fault(code="ereporting.refused", values=values)


# ── Answered by the State ───────────────────────────────────────────────────────────────────────


def take_answer(held: Connection, flow: Flow, platform: Platform, context: Context) -> bool:
    """Apply the State's answer that a flow brings; False when it speaks of no report of ours.

    NotFoundError (``flow.no_file``) without its file; UnreadableError of the message.
    """
    file = platform.file(flow.id, FlowView.ORIGINAL)
    if file is None:
        raise NotFoundError("flow.no_file", flow=flow.id)
    return state_answered(cdar.parse(file.data), file.data, held.dossier, context)


def state_answered(message: StatusMessage, data: bytes, dossier: str, context: Context) -> bool:
    """Apply 300, 301 or 501 to the report that it names; False when it names none of ours.

    A message names a report by its identifier (TT-1), or by the flow or tracking identifier of
    its transmission, as platforms do. ``data``: its bytes, which are kept.
    """
    if message.code != _TAKEN and message.code not in _REFUSED:
        return False
    name = context.store.claimed(dossier, REPORT, message.number)
    if name is None:
        return False

    def answered(one: Filing) -> Filing:
        if one.state not in {*DECLARED, FilingState.SENDING, FilingState.REJECTED}:
            return one
        if message.code == _TAKEN:
            return replace(one, state=FilingState.ACCEPTED, failure=None)
        return replace(one, state=FilingState.REJECTED, failure=_reasons(message))

    filing = context.ereporting.filing(dossier, name)
    file = _answered(filing, answered, data, message.code, context)
    if filing.submission:  # its software follows it as we do
        publishing.publish_answer(filing, file, context)
    return True


def _reasons(message: StatusMessage) -> Fault:
    reasons = [one.reason for one in message.details if one.reason.code or one.reason.comment]
    codes = ", ".join(dict.fromkeys(one.code for one in reasons if one.code))
    words = " ".join(filter(None, (one.comment or one.label for one in reasons)))
    values = {"status": message.code, "reason": codes or "—", "message": words[:_MOST_WORDS]}
    return Fault(code="ereporting.rejected", values=values)
