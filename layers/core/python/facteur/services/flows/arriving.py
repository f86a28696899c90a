"""A flow that a platform brings becomes a document, or a status of one.

The file is kept as it came (Original), and the readable view beside it where the platform has one
(D11). The rest is the road of every other document: what cannot be read ends in quarantine with
its bytes. A status is applied to the invoice that it names; while that one is not here, the
message is kept and waits for it.
"""

import hashlib
from contextlib import suppress
from dataclasses import replace

from facteur.domain.commands import Scheduled
from facteur.domain.connections import Connection, Tally
from facteur.domain.decisions import fault_of, receive
from facteur.domain.documents import (
    Channel,
    Direction,
    Document,
    DocumentRef,
    Source,
    State,
    StoredFile,
)
from facteur.domain.errors import NotFoundError, RefusedByPlatformError, UnreadableError
from facteur.domain.faults import Fault
from facteur.domain.flows import AckStatus, Flow, FlowType, FlowView
from facteur.domain.naming import derived
from facteur.domain.taken_flows import TakenFlow
from facteur.formats import xml_invoice
from facteur.formats.detect import Kind, detect
from facteur.ports import Context, Platform
from facteur.services.ereporting import sending
from facteur.services.intake import arrivals
from facteur.services.intake.arrivals import arrived
from facteur.services.lifecycle import received
from facteur.services.staircase import commit

_INVOICES = frozenset({FlowType.CUSTOMER_INVOICE, FlowType.SUPPLIER_INVOICE})
_STATUSES = frozenset({FlowType.CUSTOMER_INVOICE_LC, FlowType.SUPPLIER_INVOICE_LC})
_REPORT_ANSWERS = frozenset(
    {FlowType.STATE_TRANSACTION_REPORT_LC, FlowType.STATE_PAYMENT_REPORT_LC}
)
_MOST_NAME = 200

Taken = tuple[TakenFlow, tuple[Scheduled, ...]]


def take(held: Connection, flow: Flow, platform: Platform, context: Context) -> Taken:
    """Take what a platform sent us: In. NotFoundError (``flow.no_file``) without its file."""
    if flow.type in _REPORT_ANSWERS:
        ours = sending.take_answer(held, flow, platform, context)
        return said(held, flow, Tally.STATUSES if ours else Tally.IGNORED, context), ()
    if flow.type not in (*_INVOICES, *_STATUSES, FlowType.UNDEFINED):
        return said(held, flow, Tally.IGNORED, context), ()  # the administration's copies, reports
    if flow.acknowledgement.status is AckStatus.ERROR:
        return _infected_or_refused(held, flow, context), ()
    file = platform.file(flow.id, FlowView.ORIGINAL)
    if file is None:
        raise NotFoundError("flow.no_file", flow=flow.id)
    digest = hashlib.sha256(file.data).hexdigest()
    whole = not flow.sha256 or flow.sha256.lower() == digest
    if flow.type in _STATUSES or detect(file.data) is Kind.CDAR:
        kept = context.blobs.put(
            f"{held.dossier}/flows/{_name(held, flow.id)}",
            file.data,
            "application/xml",
            filename=_filename(flow.name),
        )
        failure = None if whole else fault_of("flow.checksum")
        taken = replace(said(held, flow, Tally.QUARANTINED, context), file=kept, failure=failure)
        if failure:
            return taken, ()
        return received.apply(taken, file.data, context)
    return _invoice(held, flow, file.data, platform, context, whole=whole)


def said(held: Connection, flow: Flow, outcome: Tally, context: Context) -> TakenFlow:
    """What became of a flow, to be completed."""
    return TakenFlow(
        dossier=held.dossier,
        connection=held.id,
        platform=held.ledger,
        id=flow.id,
        name=_filename(flow.name),
        type=flow.type,
        at=context.clock.now(),
        submitted_at=flow.submitted_at,
        updated_at=flow.updated_at,
        outcome=outcome,
    )


def _infected_or_refused(held: Connection, flow: Flow, context: Context) -> TakenFlow:
    """The platform found something wrong (a virus…): nothing is fetched, the reason is kept."""
    first = next(iter(flow.acknowledgement.details), None)
    values = {"reason": first.reason if first else "", "message": first.message if first else ""}
    failure = Fault(code="flow.refused", values=values)
    return replace(said(held, flow, Tally.QUARANTINED, context), failure=failure)


def _name(held: Connection, flow: str) -> str:
    """The identifier of what a flow makes: the same each time."""
    return derived("flow", held.dossier, held.ledger, flow)


def _filename(name: str) -> str:
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(one for one in plain if one.isprintable()).strip()
    return kept[-_MOST_NAME:] or "facture"


# ── Invoices ────────────────────────────────────────────────────────────────────────────────────


def _invoice(
    held: Connection,
    flow: Flow,
    data: bytes,
    platform: Platform,
    context: Context,
    *,
    whole: bool,
) -> Taken:
    """A received invoice: a document with its original and the platform's readable view."""
    taken = said(held, flow, Tally.CREATED, context)
    identifier = _name(held, flow.id)
    here = arrived(DocumentRef(held.dossier, identifier), context)
    if here is not None:
        return replace(taken, document=here.joined_to or here.id, outcome=_outcome(here)), ()
    kind = detect(data)
    source = Source(
        channel=Channel.PA,
        at=context.clock.now(),
        sender=_label(held, context),
        authenticated=True,
        connection=held.id,
        flow=flow.id,
    )
    document = arrivals.new_document(
        context,
        identifier=identifier,
        dossier=held.dossier,
        direction=_direction(flow, kind, data, held, context),
        source=source,
        filename=_filename(flow.name),
        media_type=kind.media_type,
        data=data,
    )
    view = _readable(flow, kind, document, platform, context)
    if view is not None:
        document = replace(document, files={**document.files, "readable": view})
    if not whole:
        broken = replace(
            document, state=State.QUARANTINED, failure=fault_of("flow.checksum", flow=flow.id)
        )
        follow = commit(receive(broken, source, at=context.clock.now()), context)[1]
    else:
        follow = arrivals.register(document, source, context)
    stored = context.store.document(document.ref)
    return replace(taken, document=stored.joined_to or stored.id, outcome=_outcome(stored)), follow


def _outcome(document: Document) -> Tally:
    """A flow that only names one more road of an invoice made no document."""
    return Tally.IGNORED if document.state is State.JOINED else Tally.CREATED


def _label(held: Connection, context: Context) -> str:
    """How a platform is called on our pages."""
    kinds = {one.name: one.label for one in context.platforms.kinds()}
    return kinds.get(held.platform, held.platform)


def _direction(
    flow: Flow, kind: Kind, data: bytes, held: Connection, context: Context
) -> Direction:
    """Purchases, but for an invoice that its buyer made in our name: a sale of ours (PE-33)."""
    if flow.type is FlowType.CUSTOMER_INVOICE:
        return Direction.SALE
    if kind.is_invoice_xml:
        with suppress(UnreadableError):
            invoice = xml_invoice.parse(data).invoice
            own = context.store.dossier(held.dossier).siren
            if invoice.is_self_billed and own and invoice.seller.siren == own:
                return Direction.SALE
    return Direction.PURCHASE


def _readable(
    flow: Flow, kind: Kind, document: Document, platform: Platform, context: Context
) -> StoredFile | None:
    """The platform's readable view of what has no page of its own; its absence stops nothing."""
    if kind is Kind.PDF:
        return None
    try:
        view = platform.file(flow.id, FlowView.READABLE)
    except (NotFoundError, RefusedByPlatformError):
        return None
    if view is None or detect(view.data) is not Kind.PDF:
        return None
    stem = document.filename.rsplit(".", 1)[0]
    return context.blobs.put(
        f"{document.dossier}/{document.id}/readable",
        view.data,
        "application/pdf",
        filename=f"{stem}-vue-lisible.pdf",
    )
