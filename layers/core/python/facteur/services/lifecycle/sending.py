"""A status that was set here leaves by the platform that carries the invoice.

What leaves are the very bytes that the official rules took (messages.py): nothing is
written here. Once, as for a sale (flows/transmitting.py); what the platform thinks of it comes to
flows/acknowledging.py. Source: AFNOR XP Z12-013 1.3.0; DGFiP specifications v3.2 §3.6.
"""

import hashlib

from facteur.domain.commands import TransmitStatus
from facteur.domain.connections import Connection, ConnectionState, default_of
from facteur.domain.decisions import lifecycle
from facteur.domain.documents import Direction, Document, DocumentRef
from facteur.domain.errors import FacteurError, RefusedByPlatformError
from facteur.domain.flows import FlowSyntax, FlowType, OutgoingFlow
from facteur.domain.lifecycle.records import Transmission
from facteur.domain.tracking import tracking_of
from facteur.ports import Context
from facteur.services.flows.transmitting import AWAY, SENT, moved, said, submitted_once
from facteur.services.platforms.opening import opened, troubled
from facteur.services.platforms.patience import try_again
from facteur.services.staircase import Steps

#: What the platform calls a status of a purchase, of a sale.
_LC = {
    Direction.PURCHASE: FlowType.SUPPLIER_INVOICE_LC,
    Direction.SALE: FlowType.CUSTOMER_INVOICE_LC,
}


def connection_for(document: Document, context: Context) -> Connection | None:
    """The platform by which a status of this document leaves, None when no platform concerns it.

    The one that brought it or took it; where that one was disconnected, the dossier's default:
    after a change of platform the statuses go to who holds the address now.
    """
    wanted = [one.connection for one in document.sendings[::-1] if one.flow]
    wanted += [one.connection for one in document.sources if one.connection]
    if not wanted:
        return None
    held = {
        one.id: one
        for one in context.connections.connections(document.dossier)
        if one.state is ConnectionState.CONNECTED
    }
    return next((held[one] for one in wanted if one in held), None) or default_of(
        tuple(held.values())
    )


def transmit_status(command: TransmitStatus, context: Context) -> Steps:
    """Submit a status that was set here: the message that the official rules took (CheckStatus).

    Nothing for a record that left already, or whose message was not checked.
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    record = lifecycle.record_named(document, command.record)
    message = document.files.get(lifecycle.role_of(record.id))
    if record.transmission is not Transmission.WAITING or message is None:
        return document, ()
    connection = connection_for(document, context)
    if connection is None:
        return status_not_sent(document, record.id, "sending.no_platform", "", context)
    tracking = tracking_of(record.id)
    data = context.blobs.get(message)
    outgoing = OutgoingFlow(
        name=f"{document.summary.number or document.id}-{record.code}.xml"[:255],
        syntax=FlowSyntax.CDAR,
        data=data,
        media_type="application/xml",
        tracking_id=tracking,
        sha256=hashlib.sha256(data).hexdigest(),
        type=_LC[document.direction],
    )
    context.store.mark(document.dossier, SENT, tracking, f"{document.id}#{record.id}")
    try:
        with opened(connection, context, document=document.id) as platform:
            flow = submitted_once(platform, outgoing, document.dossier, context)
    except AWAY as error:
        troubled(connection, error, context)
        if try_again(command, f"status-{tracking}", context):
            return document, ()
        return status_not_sent(document, record.id, error.code, "", context)
    except RefusedByPlatformError as error:
        reason, words = said(error)
        return status_not_sent(document, record.id, reason, words, context)
    context.store.mark(document.dossier, SENT, flow.id, f"{document.id}#{record.id}")
    return moved(
        document,
        context,
        lambda one: lifecycle.transmitted(
            one, record.id, connection=connection.id, flow=flow.id, at=context.clock.now()
        ),
    )


def status_not_sent(
    document: Document,
    record: str,
    reason: str,
    words: str,
    context: Context,
    *,
    flow: str = "",
) -> Steps:
    """A status of ours came to nothing: idem."""
    return moved(
        document,
        context,
        lambda one: lifecycle.not_transmitted(
            one, record, failure=reason, text=words, at=context.clock.now(), flow=flow
        ),
    )


def give_up(command: TransmitStatus, error: FacteurError, context: Context) -> None:
    """Something of ours failed for good: the status counts for nothing, and says why."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    status_not_sent(document, command.record, error.code, "", context)
