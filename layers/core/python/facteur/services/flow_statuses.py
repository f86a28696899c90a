"""A status that a platform brings goes to the invoice that it names, or waits for it.

The invoice is found by what makes it unique: seller, number, year. While it is not here the
message is kept with that key, and the next rounds look again: nothing said is lost (WE-02).
"""

from dataclasses import replace

from facteur.domain.commands import ApplyStatus, Scheduled
from facteur.domain.connections import Tally
from facteur.domain.decisions import fault_of
from facteur.domain.documents import Document, Summary
from facteur.domain.duplicates import number_key, seller_key
from facteur.domain.errors import NotFoundError, UnreadableError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.messages import StatusMessage, record_of
from facteur.domain.taken_flows import TakenFlow
from facteur.formats import cdar
from facteur.ports import Context
from facteur.services.roads import followed
from facteur.services.staircase import LEASE

Taken = tuple[TakenFlow, tuple[Scheduled, ...]]


def take_kept(taken: TakenFlow, context: Context) -> Taken:
    """Take again a status whose message is kept here; no platform is asked."""
    if taken.file is None:
        raise NotFoundError("flow.no_file", flow=taken.id)
    data = context.blobs.get(taken.file)
    return apply(replace(taken, at=context.clock.now()), data, context)


def apply(taken: TakenFlow, data: bytes, context: Context) -> Taken:
    """Apply a status to the invoice that it names; kept with its reason when that is not here.

    UnreadableError of the message itself becomes the flow's reason: the bytes stay.
    """
    try:
        message = cdar.parse(data)
    except UnreadableError as error:
        broken = fault_of(error.code, **{k: v for k, v in error.values.items() if k != "faults"})
        return replace(taken, outcome=Tally.QUARANTINED, failure=broken), ()
    if not message.of_invoice:
        return replace(taken, outcome=Tally.IGNORED, failure=None), ()
    document, key = invoice_of(message, taken.dossier, context)
    if document is None:
        unknown = Fault(
            code="flow.invoice_unknown",
            values={"number": message.number[:100], "status": message.code},
        )
        waits = replace(taken, outcome=Tally.QUARANTINED, failure=unknown, waits_for=key)
        return waits, ()
    record = record_of(
        message,
        record=f"flow:{taken.platform}:{taken.id}",
        recorded_at=context.clock.now(),
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
    scheduled = Scheduled(id=name, command=command, due=context.clock.now())
    context.store.schedule(replace(scheduled, due=scheduled.due + LEASE))
    applied = replace(
        taken, outcome=Tally.STATUSES, failure=None, waits_for="", document=document.id
    )
    return applied, (scheduled,)


def invoice_of(
    message: StatusMessage, dossier: str, context: Context
) -> tuple[Document | None, str]:
    """The document that a status speaks of, by seller, number and year; and the key it has.

    None while no document has this key. A seller that the message leaves out is the dossier: what
    is said to an issuer is about his own invoice.
    """
    own = context.store.dossier(dossier)
    siren = message.seller.siren if message.seller else ""
    key = number_key_of(siren or own.siren, message)
    target = context.store.claimed(dossier, "NUMBER", key) if key else None
    return (None if target is None else followed(dossier, target, context)), key


def number_key_of(siren: str, message: StatusMessage) -> str:
    """The uniqueness key of the invoice that a message names."""
    return number_key(Summary(
        number=message.number,
        seller_key=seller_key(siren=siren, vat="", name=""),
        issue_date=message.issue_date,
    ))  # fmt: skip
