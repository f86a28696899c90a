"""A status that a platform brings goes to the invoice that it names, or waits for it.

The invoice is found by what makes it unique: seller, number, year. While it is not here the
message is kept with that key, and the next rounds look again: nothing said is lost (WE-02).

Whoever writes a message may put any name in it. So a status goes to an invoice of the direction
that the platform gave its flow, and what a party says counts where its SIREN is that party's.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from facteur.domain.candidate import Candidate
from facteur.domain.commands import ApplyStatus, Scheduled
from facteur.domain.connections import Tally
from facteur.domain.decisions import fault_of
from facteur.domain.decisions.sendings import last_sending
from facteur.domain.documents import Direction, Document, Summary
from facteur.domain.duplicates import number_key, seller_key
from facteur.domain.errors import NotFoundError, UnreadableError
from facteur.domain.faults import Fault
from facteur.domain.flows import FlowType
from facteur.domain.lifecycle import codes
from facteur.domain.lifecycle.fold import SKEW
from facteur.domain.lifecycle.messages import StatusMessage, record_of, side_of
from facteur.domain.lifecycle.records import Side
from facteur.domain.serial import loads
from facteur.domain.taken_flows import TakenFlow
from facteur.formats import cdar
from facteur.ports import Context
from facteur.services.intake.roads import followed
from facteur.services.staircase import lease

log = logging.getLogger(__name__)

Taken = tuple[TakenFlow, tuple[Scheduled, ...]]

_UNREADABLE = "501"
#: Which of our documents the statuses of a flow speak of; a platform may leave its type out.
_ABOUT = {
    FlowType.CUSTOMER_INVOICE_LC: Direction.SALE,
    FlowType.SUPPLIER_INVOICE_LC: Direction.PURCHASE,
}


def take_kept(taken: TakenFlow, context: Context) -> Taken:
    """Take again a status whose message is kept here; no platform is asked."""
    if taken.file is None:
        raise NotFoundError("flow.no_file", flow=taken.id)
    data = context.blobs.get(taken.file)
    return apply(replace(taken, at=context.clock.now()), data, context)


def apply(taken: TakenFlow, data: bytes, context: Context) -> Taken:
    """Apply a status to the invoice that it names; kept with its reason when that is not here.

    UnreadableError of the message itself becomes the flow's reason: the bytes stay. So do those of
    a trial (MDT-1), which says nothing where invoices are real.
    """
    try:
        message = cdar.parse(data)
    except UnreadableError as error:
        broken = fault_of(error.code, **{k: v for k, v in error.values.items() if k != "faults"})
        return replace(taken, outcome=Tally.QUARANTINED, failure=broken), ()
    ignored = replace(taken, outcome=Tally.IGNORED, failure=None, waits_for="")
    unread = message.code == _UNREADABLE
    if not (message.of_invoice or unread):
        return ignored, ()
    if message.test and not _is_trial(taken, context):
        log.info("flow %s is a trial: kept, nothing applied", taken.id)
        return ignored, ()
    if unread and (found := _not_read(taken, message, context)) is not None:
        return found
    document, key = invoice_of(message, taken.dossier, context, kind=taken.type)
    if unread and not (document and message.of_invoice):
        return ignored, ()  # there is no invoice: nothing to wait for
    if document is None:
        unknown = Fault(
            code="flow.invoice_unknown" if key else "flow.invoice_unclear",
            values={"number": message.number[:100], "status": message.code},
        )
        waits = replace(taken, outcome=Tally.QUARANTINED, failure=unknown, waits_for=key)
        return waits, ()
    record = record_of(
        message,
        record=f"flow:{taken.platform}:{taken.id}",
        recorded_at=context.clock.now(),
        side=_speaker(message, document, context),
        connection=taken.connection,
        flow=taken.id,
    )
    files = tuple(
        context.blobs.put(
            f"{taken.dossier}/{document.id}/{context.ids.new()}/piece",
            one.data,
            one.media_type or "application/octet-stream",
            filename=one.filename,
        )
        for one in message.attachments
    )
    command = ApplyStatus(dossier=taken.dossier, document=document.id, record=record, files=files)
    name = f"apply-{document.id}-{context.ids.new()}"
    scheduled = lease(Scheduled(id=name, command=command, due=context.clock.now()), context)
    applied = replace(
        taken, outcome=Tally.STATUSES, failure=None, waits_for="", document=document.id
    )
    return applied, (scheduled,)


def _not_read(taken: TakenFlow, message: StatusMessage, context: Context) -> Taken | None:
    """« Irrecevable » of a file that we sent by this platform: it goes to its sending.

    None for what left otherwise: where it names an invoice that is here, it is said of it.
    """
    from facteur.services.flows import acknowledging  # noqa: PLC0415 - not for the doors of programs

    found = acknowledging.unreadable(taken, message, context)
    if found is not None or not message.of_invoice:
        return found
    document, _key = invoice_of(message, taken.dossier, context, kind=taken.type)
    sending = last_sending(document) if document else None
    by_platform = codes.side_of(message.author.role) is Side.PLATFORM
    if document is None or sending is None or not by_platform:
        return None
    if (message.set_at or message.created_at) < sending.at - SKEW:
        return None  # of an attempt before, sent again since
    return acknowledging.given_up(taken, document, message, context, sending=sending)


def invoice_of(
    message: StatusMessage,
    dossier: str,
    context: Context,
    *,
    kind: FlowType = FlowType.UNDEFINED,
) -> tuple[Document | None, str]:
    """The document that a status speaks of, by seller, number and year; and the key it has.

    None while no document has this key; without a key where ``kind``, the type of the status's
    flow, is that of the other direction: nothing to wait for. A seller that the message leaves out
    is the dossier where the flow is about a sale: what is said to an issuer is about his invoice.
    """
    siren = message.seller.siren if message.seller else ""
    if not siren and kind is FlowType.CUSTOMER_INVOICE_LC:
        siren = context.store.dossier(dossier).siren
    key = number_key_of(siren, message)
    target = context.store.claimed(dossier, "NUMBER", key) if key else None
    if target is None:
        return None, key
    document = followed(dossier, target, context)
    if document is not None and _ABOUT.get(kind, document.direction) is not document.direction:
        return None, ""
    return document, key


def _is_trial(taken: TakenFlow, context: Context) -> bool:
    """True where everything is a trial: at a platform's test service."""
    held = context.connections.connection(taken.dossier, taken.connection)
    return any(one.trial for one in context.platforms.kinds() if one.name == held.platform)


def _speaker(message: StatusMessage, document: Document, context: Context) -> Side:
    """Who says a status of a document: the party whose SIREN the author has, else a third."""
    own = context.store.dossier(document.dossier).siren
    sirens: Mapping[Side, str]
    if document.direction is Direction.PURCHASE:
        ours, sirens = Side.BUYER, {Side.BUYER: own, Side.SELLER: document.summary.seller_siren}
    else:
        ours, sirens = Side.SELLER, {Side.SELLER: own, Side.BUYER: _buyer(document, context)}
    return side_of(message.author, sirens, ours=ours)


def _buyer(document: Document, context: Context) -> str:
    """The SIREN of the buyer (BT-47) as the document was read, "" where that is not known."""
    if "candidate" not in document.files:
        return ""
    return loads(Candidate, context.blobs.get(document.files["candidate"])).text("buyer_siren")


def number_key_of(siren: str, message: StatusMessage) -> str:
    """The uniqueness key of the invoice that a message names."""
    return number_key(Summary(
        number=message.number,
        seller_key=seller_key(siren=siren, vat="", name=""),
        issue_date=message.issue_date,
    ))  # fmt: skip
