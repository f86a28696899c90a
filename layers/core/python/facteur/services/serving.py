"""Flows of a dossier's billing software: submitted, controlled, acknowledged, followed, read.

A submission is answered at once (Pending): its bytes are kept, its row is written, and a command
does the rest. The acknowledgement says what our controls found: bytes as announced, a file of the
syntax announced, never seen before, readable, and valid by the official rules. What a person
decides later comes as statuses, not here.

Source: XP Z12-013 1.3.0 §2 (Flow Service).
"""

import hashlib
import logging
from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import FollowSubmission, Scheduled, TakeSubmission
from facteur.domain.documents import (
    Channel,
    Direction,
    Document,
    DocumentRef,
    Source,
    State,
    StoredFile,
)
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
    UnreadableError,
)
from facteur.domain.faults import Fault
from facteur.domain.flows import (
    AckDetail,
    Acknowledgement,
    AckStatus,
    Flow,
    FlowDirection,
    FlowProfile,
    FlowSyntax,
    FlowType,
    FlowView,
    ProcessingRule,
    RuleSource,
)
from facteur.domain.served_flows import ServedFlow
from facteur.formats import xml_invoice
from facteur.formats.afnor_served import FlowInfo, Search
from facteur.formats.detect import Kind, detect
from facteur.ports import Context, ServedPage
from facteur.services import intake
from facteur.services.intake.arrivals import arrived
from facteur.services.staircase import LEASE, send

log = logging.getLogger(__name__)

Steps = tuple[Document | None, tuple[Scheduled, ...]]

#: What goes through API Gateway and Lambda: 6 MB of base64, and what stands around the file.
MOST_BYTES = 4_400_000
_SOON = timedelta(seconds=2)
_MOST_LOOKS = 12  # at a document: 2 s, 4 s, 8 s… an hour in all
_LATEST = timedelta(minutes=15)

_SYNTAXES = {
    FlowSyntax.CII: frozenset({Kind.CII, Kind.ZUGFERD1}),
    FlowSyntax.UBL: frozenset({Kind.UBL_INVOICE, Kind.UBL_CREDIT_NOTE}),
    FlowSyntax.FACTURX: frozenset({Kind.PDF}),
    FlowSyntax.CDAR: frozenset({Kind.CDAR}),
    FlowSyntax.FRR: frozenset({Kind.OTHER_XML}),
}
_INVOICES = frozenset({FlowSyntax.CII, FlowSyntax.UBL, FlowSyntax.FACTURX})
_UNDER_WAY = frozenset({State.RECEIVED, State.READ})
_FINE = frozenset({State.TO_ACCEPT, State.ACCEPTED, State.ARCHIVED})


def submit(caller: Caller, info: FlowInfo, data: bytes, context: Context) -> ServedFlow:
    """Keep a submitted file and have it controlled; its flow, Pending.

    ForbiddenError without the right; InvalidError (``flow.size``) above MOST_BYTES.
    """
    if not caller.may(Permission.UPLOAD):
        raise ForbiddenError("forbidden")
    if len(data) > MOST_BYTES:
        raise too_large()
    served, take = _kept(caller, info, data, context.ids.new(), context)
    send(take, context)
    return served


def too_large() -> InvalidError:
    """What is said of a file that must come by the presigned form."""
    values = {"limit": str(MOST_BYTES // 1_000_000)}
    return InvalidError((Fault(code="flow.too_large", path="file", values=values),), "flow.size")


def _kept(
    caller: Caller, info: FlowInfo, data: bytes, identifier: str, context: Context
) -> tuple[ServedFlow, Scheduled]:
    pdf = info.syntax is FlowSyntax.FACTURX
    media_type = "application/pdf" if pdf else "application/xml"
    file = context.blobs.put(
        f"{caller.dossier}/{identifier}/original", data, media_type, filename=info.name
    )
    now = context.clock.now()
    take = Scheduled(
        id=f"{identifier}-take",
        command=TakeSubmission(dossier=caller.dossier, flow=identifier),
        due=now,
    )
    # In the agenda first: a flow that was acknowledged by 202 is controlled, whatever happens.
    context.store.schedule(replace(take, due=now + LEASE))
    flow = Flow(
        id=identifier,
        name=info.name,
        syntax=info.syntax,
        type=FlowType.UNDEFINED,
        direction=FlowDirection.OUT,
        submitted_at=now,
        updated_at=now,
        rule=info.rule or ProcessingRule.UNDEFINED,
        rule_source=RuleSource.INPUT if info.rule else RuleSource.COMPUTED,
        profile=info.profile or FlowProfile.UNDEFINED,
        tracking_id=info.tracking_id,
        sha256=info.sha256 or file.sha256,
    )
    served = ServedFlow(
        dossier=caller.dossier,
        flow=flow,
        key=file.key,
        version_id=file.version_id,
        media_type=media_type,
        size=file.size,
        sha256=file.sha256,
        client=caller.user,
        client_name=caller.name,
    )
    return context.flows.save(served), take


def search(caller: Caller, asked: Search, context: Context) -> ServedPage:
    """A page of the caller's dossier's flows."""
    _reads(caller)
    return context.flows.search(
        caller.dossier, asked.criteria, limit=asked.limit, cursor=asked.cursor
    )


def flow(caller: Caller, flow_id: str, context: Context) -> ServedFlow:
    """A flow of the caller's dossier; NotFoundError."""
    _reads(caller)
    return context.flows.flow(caller.dossier, flow_id)


def view_of(caller: Caller, flow_id: str, view: FlowView, context: Context) -> StoredFile:
    """The file of a view; NotFoundError (``flow.no_view``) when the flow does not have it."""
    held = flow(caller, flow_id, context)
    if view is FlowView.ORIGINAL and held.key:
        return _submitted(held)
    return _of_document(held, view, context)


def _submitted(held: ServedFlow) -> StoredFile:
    """The bytes that a client submitted."""
    return StoredFile(
        key=held.key,
        version_id=held.version_id,
        sha256=held.sha256,
        size=held.size,
        media_type=held.media_type,
        filename=held.flow.name,
    )


#: Which file of a document a view is, the first that is there.
_VIEWS = {
    FlowView.ORIGINAL: ("original",),
    FlowView.CONVERTED: ("facturx",),
    FlowView.READABLE: ("readable", "facturx"),
}


def _of_document(held: ServedFlow, view: FlowView, context: Context) -> StoredFile:
    if held.document and not held.record:
        document = context.store.document(DocumentRef(held.dossier, held.document))
        for role in _VIEWS.get(view, ()):
            if role in document.files:
                return document.files[role]
    raise NotFoundError("flow.no_view", view=view.value)


def _reads(caller: Caller) -> None:
    if not caller.may(Permission.READ):
        raise ForbiddenError("forbidden")


# ── Controls ────────────────────────────────────────────────────────────────────────────────────


def take_submission(command: TakeSubmission, context: Context) -> Steps:
    """Control a submitted file and make of it what it is."""
    try:
        held = context.flows.flow(command.dossier, command.flow)
    except NotFoundError:
        return None, ()  # its client was never told that we have it, and sends it again
    if held.flow.acknowledgement.status is not AckStatus.PENDING or held.document:
        return None, ()
    data = context.blobs.get(_submitted(held))
    wrong = _wrong(held, data)
    if wrong is not None:
        _answer(held, AckStatus.ERROR, (wrong,), context)
        return None, ()
    if held.flow.syntax in _INVOICES:
        return _invoice(held, data, context)
    detail = AckDetail(
        level="Error", item="flowSyntax", reason="FlowTypeError", message="Syntaxe non prise ici."
    )
    _answer(held, AckStatus.ERROR, (detail,), context)
    return None, ()


def _wrong(held: ServedFlow, data: bytes) -> AckDetail | None:
    """What the bytes themselves show: nothing there, altered on the way, not what was said."""
    if not data.strip():
        return AckDetail(
            level="Error", item="file", reason="EmptyFlow", message="Le fichier est vide."
        )
    if hashlib.sha256(data).hexdigest() != held.flow.sha256:
        return AckDetail(
            level="Error",
            item="sha256",
            reason="ChecksumMismatch",
            message="L’empreinte annoncée n’est pas celle du fichier reçu.",
        )
    kind = detect(data)
    syntax = held.flow.syntax
    if syntax is None or kind not in _SYNTAXES[syntax]:
        return AckDetail(
            level="Error",
            item="flowSyntax",
            reason="FlowTypeError",
            message=f"Le fichier n’est pas de la syntaxe annoncée ({kind.value}).",
        )
    return None


def _invoice(held: ServedFlow, data: bytes, context: Context) -> Steps:
    """A submitted invoice: a document whose direction its parties tell."""
    direction = _direction(held, data, context)
    kind = (
        FlowType.CUSTOMER_INVOICE
        if direction is Direction.SALE
        else FlowType.SUPPLIER_INVOICE  # self-billed: its buyer issues it
    )
    held = context.flows.save(
        replace(held, document=held.flow.id, flow=replace(held.flow, type=kind))
    )
    here = arrived(DocumentRef(held.dossier, held.flow.id), context)
    follow = _look(held, 1, context)
    if here is not None:
        return here, (follow,)
    source = Source(
        channel=Channel.API,
        at=held.flow.submitted_at,
        sender=held.client_name,
        authenticated=True,
        flow=held.flow.id,
    )
    document = intake.new_document(
        context,
        identifier=held.flow.id,
        dossier=held.dossier,
        direction=direction,
        source=source,
        filename=held.flow.name,
        media_type=held.media_type,
        data=data,
    )
    return document, (*intake.register(document, source, context), follow)


def _direction(held: ServedFlow, data: bytes, context: Context) -> Direction:
    """A sale, unless the file itself says that the dossier is its buyer."""
    if held.flow.syntax is FlowSyntax.FACTURX:
        return Direction.SALE
    siren = context.store.dossier(held.dossier).siren
    try:
        parsed = xml_invoice.parse(data)
    except UnreadableError:
        return Direction.SALE
    invoice = parsed.invoice
    if invoice is not None and invoice.buyer.siren == siren != invoice.seller.siren:
        return Direction.PURCHASE
    return Direction.SALE


def _look(held: ServedFlow, attempt: int, context: Context) -> Scheduled:
    """The command that looks at the document, later and later."""
    wait = min(_SOON * 2 ** (attempt - 1), _LATEST)
    look = Scheduled(
        id=f"{held.flow.id}-look-{attempt}",
        command=FollowSubmission(dossier=held.dossier, flow=held.flow.id, attempt=attempt),
        due=context.clock.now() + wait,
    )
    context.store.schedule(replace(look, due=look.due + LEASE))
    return look


def follow_submission(command: FollowSubmission, context: Context) -> Steps:
    """Acknowledge a submitted invoice once its controls have answered."""
    held = context.flows.flow(command.dossier, command.flow)
    if held.flow.acknowledgement.status is not AckStatus.PENDING:
        return None, ()
    document = context.store.document(DocumentRef(held.dossier, held.document))
    if document.state in _UNDER_WAY and command.attempt < _MOST_LOOKS:
        return document, (_look(held, command.attempt + 1, context),)
    status, details = verdict(document)
    try:
        _answer(held, status, details, context)
    except StaleVersionError:
        return document, (_look(held, command.attempt + 1, context),)
    return document, ()


def verdict(document: Document) -> tuple[AckStatus, tuple[AckDetail, ...]]:
    """What our controls say of a submitted invoice, from where its document stands."""
    if document.duplicate_blocks or document.state is State.JOINED:
        return AckStatus.ERROR, (
            AckDetail(
                level="Error",
                item="BT-1",
                reason="AlreadyExistingFlow",
                message="Cette facture est déjà dans le dossier.",
            ),
        )
    if document.failure is not None:
        return AckStatus.ERROR, (_detail(document.failure, "InvalidSchema"),)
    blocking = [one for one in document.faults if one.blocking]
    if document.state in _FINE and not blocking:
        return AckStatus.OK, tuple(
            _detail(one, "OtherTechnicalError", level="Warning") for one in document.faults
        )
    if not blocking:
        blocking = [Fault(code="flow.not_accepted", values={"state": document.state.value})]
    return AckStatus.ERROR, tuple(_detail(one, "InvalidSchema") for one in blocking)


def _detail(fault: Fault, reason: str, *, level: str = "Error") -> AckDetail:
    """A fault as the standard tells it; its sentence is the official text, or our code."""
    return AckDetail(
        level=level, item=fault.path or "file", reason=reason, message=fault.message or fault.code
    )


def _answer(
    held: ServedFlow, status: AckStatus, details: tuple[AckDetail, ...], context: Context
) -> ServedFlow:
    log.info("flow %s acknowledged: %s", held.flow.id, status.value)
    answered = replace(held.flow, acknowledgement=Acknowledgement(status=status, details=details))
    return context.flows.save(replace(held, flow=answered))
