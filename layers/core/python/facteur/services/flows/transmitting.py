"""A sale leaves by an approved platform: checked, once, and later when the platform is away.

Nothing leaves twice (D08, NO-04). The tracking identifier is known before anything is sent; that a
submission began is written down before it begins; and whoever finds that written asks the platform
for the tracking identifier before sending again. A platform that is away is tried for days
(platforms/patience.py). « Ok » means that its technical controls passed: « Déposée » comes as a
status.

Sources: AFNOR XP Z12-013 1.3.0 §2.2; reference: afnor-api.md §4.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from facteur.domain.commands import (
    SendInvoice,
    TransmitInvoice,
)
from facteur.domain.connections import Connection, ConnectionState, default_of
from facteur.domain.decisions import Decision
from facteur.domain.decisions import sendings as decide
from facteur.domain.decisions.base import Actor
from facteur.domain.documents import (
    Direction,
    Document,
    DocumentRef,
    Sending,
    StoredFile,
    Verdict,
)
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedByPlatformError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.faults import Fault
from facteur.domain.flows import (
    AckStatus,
    Flow,
    FlowProfile,
    FlowSyntax,
    FlowType,
    OutgoingFlow,
)
from facteur.domain.lifecycle.records import Transmission
from facteur.domain.reach import SCHEME, Reachable, address_of
from facteur.domain.self_billing import is_self_billed
from facteur.domain.tracking import tracking_of
from facteur.ports import Claim, Context, Platform
from facteur.services.platforms import reaching, switching
from facteur.services.platforms.opening import opened, troubled
from facteur.services.platforms.patience import try_again
from facteur.services.staircase import Steps, commit

log = logging.getLogger(__name__)

#: Tracking identifier, or the platform's flow id → what was sent: « document » or
#: « document#record ».
SENT = "SENT"
SUBMITTING = "SUBMITTING"  # tracking identifier → when its submission began
_NOT_IN = "1"  # it began, and left nothing
_TRIES = 4
AWAY = (UnavailableError, ForbiddenError, NotFoundError)  # tried again: nothing was refused
_OURS = ("work.", "platform.", "secret.")  # failures that say nothing of what the platform took

#: What the platform calls what we send: a sale, or a purchase that we bill in its seller's name.
_TYPES = {
    Direction.SALE: FlowType.CUSTOMER_INVOICE,
    Direction.PURCHASE: FlowType.SUPPLIER_INVOICE,
}
_PROFILES = {"BASIC": FlowProfile.BASIC, "EN 16931": FlowProfile.CIUS}


# ── A sale ──────────────────────────────────────────────────────────────────────────────────────


def send_invoice(command: SendInvoice, context: Context) -> Steps:
    """« Envoyer par la plateforme »: checked, asked for, and submitted by the pipeline.

    InvalidError with what stops it; ConflictError (``sending.under_way``) when it left already.
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    switching.settle(command.dossier, context)  # a change of platform may be due since midnight
    held = context.connections.connections(command.dossier)
    connection = (
        next((one for one in held if one.id == command.connection), None)
        if command.connection
        else default_of(held)
    )
    if connection is None or connection.state is not ConnectionState.CONNECTED:
        fault = Fault(code="sending.no_platform")
        raise InvalidError((fault,), code="sending.no_platform")
    address = address_of(command.address) if command.address else ""
    if command.address and not address:
        raise InvalidError((Fault(code="sending.address", path="address"),))
    tracking = tracking_of(f"{document.id}-s{len(document.sendings) + 1}")
    sending = Sending(
        connection=connection.id,
        tracking_id=tracking,
        sha256=_outgoing(document).sha256,
        at=context.clock.now(),
    )
    gap = reaching.mandate_gap_of(document, context)
    if gap:
        raise InvalidError((Fault(code=gap),), code=gap)
    decision = decide.ask(
        document,
        sending,
        Actor(id=command.by, name=command.by_name),
        at=context.clock.now(),
        address=address,
    )
    claims = [Claim(kind=SENT, value=tracking, target=document.id, exclusive=False)]
    if address:
        claims.append(Claim(kind="SENDING_TO", value=tracking, target=address, exclusive=False))
    return commit(decision, context, claims=tuple(claims))


def _outgoing(document: Document) -> StoredFile:
    """What is sent of a sale: its issuer's own file; the Factur-X where that one was mended."""
    original = document.files["original"]
    if original.media_type in ("application/xml", "text/xml"):
        return original
    return document.files.get("facturx", original)


def transmit_invoice(command: TransmitInvoice, context: Context) -> Steps:
    """Submit a sale once; later again while the platform is away."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    sending = next((one for one in document.sendings if one.tracking_id == command.tracking), None)
    if sending is None or sending.transmission is not Transmission.WAITING:
        return document, ()
    connection = context.connections.connection(document.dossier, sending.connection)
    if connection.state is not ConnectionState.CONNECTED:
        return not_sent(document, command.tracking, "sending.disconnected", "", context)
    try:
        document, file = _file(document, command.tracking, context)
        with opened(connection, context, document=document.id) as platform:
            lost = _unreachable(platform, connection, document, command.tracking, context)
            if lost:
                return not_sent(document, command.tracking, lost, "", context)
            flow = _submitted(platform, document, command.tracking, file, context)
    except AWAY as error:
        troubled(connection, error, context)
        if try_again(command, f"send-{command.tracking}", context):
            return document, ()
        return not_sent(document, command.tracking, error.code, "", context)
    except RefusedByPlatformError as error:
        reason, words = said(error)
        return not_sent(document, command.tracking, reason, words, context)
    except InvalidError as error:
        return not_sent(document, command.tracking, error.code, "", context)
    context.store.mark(document.dossier, SENT, flow.id, document.id)
    return moved(
        document,
        context,
        lambda one: decide.sent(one, command.tracking, flow.id, at=context.clock.now()),
    )


def _unreachable(
    platform: Platform,
    connection: Connection,
    document: Document,
    tracking: str,
    context: Context,
) -> str:
    """Why nothing leaves, where the connection says so: the address is proved to take nothing."""
    if not connection.block_unreachable:
        return ""
    changed = context.store.claimed(document.dossier, "SENDING_TO", tracking)
    address = changed or document.buyer_address
    found = reaching.ask(platform, connection, address, context) if address else None
    if found is None or found.state in (Reachable.ROUTABLE, Reachable.UNKNOWN):
        return ""
    return f"sending.{found.state.value}"


def said(error: RefusedByPlatformError) -> tuple[str, str]:
    """The reason code of a refusal, and the platform's words."""
    return str(error.values.get("reason") or error.code), str(error.values.get("message") or "")


def _file(document: Document, tracking: str, context: Context) -> tuple[Document, StoredFile]:
    """The file of a sending: the sale's own, or one written to another address, made once."""
    role = f"sent-{[one.tracking_id for one in document.sendings].index(tracking) + 1}"
    if role in document.files:
        return document, document.files[role]
    own = _outgoing(document)
    address = context.store.claimed(document.dossier, "SENDING_TO", tracking)
    if address is None:
        return document, own
    data, xml = _readdressed(own, context.blobs.get(own), address, document, context)
    report = context.rulebook.check(xml)
    if Verdict.INVALID in (report.verdict, report.reform):
        raise InvalidError(report.findings, code="sending.not_compliant")
    stored = context.blobs.put(
        f"{document.dossier}/{document.id}/{tracking}/sent",
        data,
        own.media_type,
        filename=own.filename,
    )
    for _try in range(_TRIES):
        head = decide.with_file(document, tracking, stored)
        try:
            return commit(Decision(document=head, events=()), context)[0], stored
        except StaleVersionError:
            document = context.store.document(document.ref)
    raise StaleVersionError("document.stale", document=document.id)


def _readdressed(
    own: StoredFile, data: bytes, address: str, document: Document, context: Context
) -> tuple[bytes, bytes]:
    """The file to send and its XML, written to another address of whom it is sent to."""
    from facteur.formats.xml_invoice import level_of, parse  # noqa: PLC0415 - the pipeline's
    from facteur.formats.xml_invoice.readdress import with_address  # noqa: PLC0415

    of_seller = is_self_billed(document)
    if own.media_type != "application/pdf":
        xml = with_address(data, address, SCHEME, of_seller=of_seller)
        return xml, xml
    before = context.blobs.get(document.files["invoice_xml"])
    xml = with_address(before, address, SCHEME, of_seller=of_seller)
    level = level_of(parse(xml).profile)
    made = context.pdf.facturx(
        data,
        xml,
        level,
        words=None,
        title=document.filename,
        created=context.clock.now(),
    )
    return made.data, xml


def _submitted(
    platform: Platform, document: Document, tracking: str, file: StoredFile, context: Context
) -> Flow:
    from facteur.formats.detect import Kind, detect  # noqa: PLC0415 - the pipeline's

    data = context.blobs.get(file)
    kind = detect(data)
    ubl = kind in (Kind.UBL_INVOICE, Kind.UBL_CREDIT_NOTE)
    syntax = FlowSyntax.UBL if ubl else FlowSyntax.CII
    pdf = kind is Kind.PDF
    profile = document.conversion.profile if document.conversion else ""
    outgoing = OutgoingFlow(
        name=(file.filename or document.filename)[:255],
        syntax=FlowSyntax.FACTURX if pdf else syntax,
        data=data,
        media_type="application/pdf" if pdf else "application/xml",
        tracking_id=tracking,
        sha256=file.sha256,
        profile=_PROFILES.get(profile),
        number=document.summary.number,
        type=_TYPES[document.direction],
    )
    for one in document.sendings:  # given up by us, but perhaps taken by the platform
        if one.failure.startswith(_OURS) and one.connection == _sending(document, tracking):
            taken = _found(platform, replace(outgoing, tracking_id=one.tracking_id))
            if taken is not None and taken.acknowledgement.status is not AckStatus.ERROR:
                return taken
    return submitted_once(platform, outgoing, document.dossier, context)


def _sending(document: Document, tracking: str) -> str:
    """The connection that a sending leaves by."""
    return next(one.connection for one in document.sendings if one.tracking_id == tracking)


def _found(platform: Platform, flow: OutgoingFlow) -> Flow | None:
    """The flow that was submitted under this tracking identifier with these bytes, if any."""
    same = [
        one
        for one in platform.find(flow.tracking_id)
        if not one.sha256 or one.sha256.lower() == flow.sha256
    ]
    return min(same, key=lambda one: one.submitted_at, default=None)


def submitted_once(platform: Platform, flow: OutgoingFlow, dossier: str, context: Context) -> Flow:
    """Submit a file unless it is there: asked of the platform when a submission began before.

    UnavailableError (``platform.settling``) where it may be there and not be found yet.
    """
    now = context.clock.now()
    began = context.store.claimed(dossier, SUBMITTING, flow.tracking_id)
    if began is not None:
        found = _found(platform, flow)
        if found is not None:
            return found
        if began != _NOT_IN and now - datetime.fromisoformat(began) < platform.settles:
            raise UnavailableError("platform.settling")
    context.store.mark(dossier, SUBMITTING, flow.tracking_id, now.isoformat())
    try:
        return platform.submit(flow)
    except ForbiddenError:  # we were not let in: nothing was left there
        context.store.mark(dossier, SUBMITTING, flow.tracking_id, _NOT_IN)
        raise


def give_up(command: TransmitInvoice, error: FacteurError, context: Context) -> None:
    """Something of ours failed for good: told where it waits, so that a person sends it again."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    waiting = {
        one.tracking_id for one in document.sendings if one.transmission is Transmission.WAITING
    }
    if command.tracking in waiting:
        not_sent(document, command.tracking, error.code, "", context)


def not_sent(
    document: Document,
    tracking: str,
    reason: str,
    words: str,
    context: Context,
    *,
    flow: str = "",
) -> Steps:
    """A sending came to nothing: the reason code, and the platform's words."""
    now = context.clock.now()
    return moved(
        document,
        context,
        lambda one: decide.not_sent(one, tracking, reason, words, at=now, flow=flow),
    )


def moved(
    document: Document, context: Context, move: Callable[[Document], Decision | None]
) -> Steps:
    """Write a decision on the document as it stands by now; nothing when it has nothing to say."""
    for attempt in range(_TRIES):
        if attempt:
            document = context.store.document(document.ref)
        decision = move(document)
        if decision is None or not decision.events:
            return document, ()
        try:
            return commit(decision, context)
        except StaleVersionError:
            log.info("%s moved meanwhile", document.id)
    raise StaleVersionError("document.stale", document=document.id)
