"""What a dossier's billing software may follow here: purchases and statuses, as flows In.

Only for dossiers that have such software: whoever asked for a token once. A purchase becomes a
flow when it is registered; the flow's files are those of its document. A status becomes a flow
with its message (CDAR), written from the record.

Every change of a flow goes through ``keep``, so that those who subscribed are called.
"""

import logging
from dataclasses import replace

from facteur.domain.commands import PublishDocument, PublishStatus, Scheduled
from facteur.domain.decisions.lifecycle import record_named
from facteur.domain.documents import Direction, Document, DocumentRef, State, StoredFile
from facteur.domain.ereporting.calendar import Matter
from facteur.domain.ereporting.filings import Filing
from facteur.domain.errors import DuplicateError, InvalidError, UnreadableError
from facteur.domain.flows import (
    Acknowledgement,
    AckStatus,
    Flow,
    FlowDirection,
    FlowProfile,
    FlowSyntax,
    FlowType,
    ProcessingRule,
)
from facteur.domain.served_flows import ServedFlow
from facteur.ports import Context
from facteur.services.lifecycle.messages import message_bytes
from facteur.services.programs import hooking
from facteur.services.staircase import Steps, lease

log = logging.getLogger(__name__)

_CLIENT, _FLOWS = "CLIENT", "flows"
_SYNTAXES = {"xml": FlowSyntax.CII, "pdf": FlowSyntax.FACTURX}
_PROFILES = {
    "BASIC": FlowProfile.BASIC,
    "EN 16931": FlowProfile.CIUS,
    "EXTENDED": FlowProfile.EXTENDED,
}


def watch(dossier: str, context: Context) -> None:
    """From now on the flows of this dossier are followed by a program."""
    context.store.mark(dossier, _CLIENT, _FLOWS, "yes")


def watched(dossier: str, context: Context) -> bool:
    """True when a program follows the flows of this dossier."""
    return context.store.claimed(dossier, _CLIENT, _FLOWS) is not None


def keep(served: ServedFlow, context: Context) -> ServedFlow:
    """Write a flow and tell those who subscribed."""
    stored = context.flows.save(served)
    hooking.changed(stored, context)
    return stored


def told_of(document: Document, context: Context) -> tuple[Scheduled, ...]:
    """The command that publishes a purchase that was just registered, when a program follows."""
    if document.direction is not Direction.PURCHASE or not watched(document.dossier, context):
        return ()
    publish = Scheduled(
        id=f"{document.id}-publish",
        command=PublishDocument(dossier=document.dossier, document=document.id),
        due=context.clock.now(),
    )
    return (lease(publish, context),)


def publish_document(command: PublishDocument, context: Context) -> Steps:
    """A purchase becomes a flow In; again changes nothing."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state in {State.TRASHED, State.DELETED, State.JOINED}:
        return document, ()
    made = document.conversion
    now = context.clock.now()
    flow = Flow(
        id=document.id,
        name=document.filename,
        syntax=_SYNTAXES["xml" if document.media_type.endswith("xml") else "pdf"],
        type=FlowType.SUPPLIER_INVOICE,
        direction=FlowDirection.IN,
        submitted_at=now,
        updated_at=now,
        rule=ProcessingRule.B2B,
        profile=_PROFILES.get(made.profile if made else "", FlowProfile.UNDEFINED),
        sha256=document.sha256,
        acknowledgement=Acknowledgement(status=AckStatus.OK),
    )
    try:
        keep(ServedFlow(dossier=document.dossier, flow=flow, document=document.id), context)
    except DuplicateError:
        log.info("%s was published before", document.id)
    return document, ()


def publish_status(command: PublishStatus, context: Context) -> Steps:
    """A status becomes a flow In with its message; its own author is not told again."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if not watched(document.dossier, context):
        return document, ()
    record = record_named(document, command.record)
    try:
        data = message_bytes(document, record, context)
    except (InvalidError, UnreadableError) as error:
        log.warning("status %s of %s has no message: %s", record.code, document.id, error)
        return document, ()
    identifier = context.ids.new()
    name = f"{document.summary.number or document.id}-{record.code}.xml"
    file = context.blobs.put(
        f"{document.dossier}/{document.id}/{identifier}/flow", data, "application/xml",
        filename=name,
    )  # fmt: skip
    sale = document.direction is Direction.SALE
    flow = _flow_in(
        identifier,
        name=name,
        type_=FlowType.CUSTOMER_INVOICE_LC if sale else FlowType.SUPPLIER_INVOICE_LC,
        file=file,
        context=context,
    )
    served = _served(document.dossier, flow, file)
    keep(replace(served, document=document.id, record=record.id), context)
    return document, ()


def publish_answer(filing: Filing, file: StoredFile, context: Context) -> None:
    """What the State says of a report that a program submitted: a flow In; again changes nothing.

    Named by its bytes: a platform that repeats itself is heard once.
    """
    payments = filing.series.period.matter is Matter.PAYMENTS
    flow = _flow_in(
        file.sha256[:26],
        name=file.filename or f"{filing.id}.xml",
        type_=FlowType.STATE_PAYMENT_REPORT_LC
        if payments
        else FlowType.STATE_TRANSACTION_REPORT_LC,
        file=file,
        context=context,
    )
    served = replace(_served(filing.dossier, flow, file), report=filing.id)
    try:
        keep(served, context)
    except DuplicateError:
        log.info("the answer to %s was published before", filing.id)


def _flow_in(
    identifier: str, *, name: str, type_: FlowType, file: StoredFile, context: Context
) -> Flow:
    """A message (CDAR) as a flow In of now."""
    now = context.clock.now()
    return Flow(
        id=identifier,
        name=name,
        syntax=FlowSyntax.CDAR,
        type=type_,
        direction=FlowDirection.IN,
        submitted_at=now,
        updated_at=now,
        rule=ProcessingRule.B2B,
        sha256=file.sha256,
        acknowledgement=Acknowledgement(status=AckStatus.OK),
    )


def _served(dossier: str, flow: Flow, file: StoredFile) -> ServedFlow:
    """A flow with the file that it gives."""
    return ServedFlow(
        dossier=dossier,
        flow=flow,
        key=file.key,
        version_id=file.version_id,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
    )
