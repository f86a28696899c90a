"""Which commands follow from which event: the whole table, to be read like a table of contents.

A command that follows has an identifier derived from the event that caused it, so sending it
twice is harmless.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from facteur.domain.codes import refusal_label
from facteur.domain.commands import (
    AskApproval,
    CheckInvoice,
    CheckStatus,
    CollectOcr,
    Command,
    ConvertDocument,
    DrawPages,
    FollowSending,
    ForwardDocument,
    IndexWords,
    LearnFromDocument,
    LinkInvoice,
    PublishStatus,
    ReadDocument,
    ReleaseDoubles,
    Scheduled,
    SealDocument,
    SealFile,
    SetStatus,
    TransferDocument,
    TransmitInvoice,
    TransmitStatus,
    WriteParts,
)
from facteur.domain.documents import Direction, DocumentRef
from facteur.domain.events import Entry, Event, Happened
from facteur.domain.lifecycle.records import StatusReason
from facteur.domain.tracking import tracking_of

OCR_PATIENCE = timedelta(seconds=30)


def _read(ref: DocumentRef, _event: Event) -> Command:
    return ReadDocument(dossier=ref.dossier, document=ref.document)


def _draw(ref: DocumentRef, _event: Event) -> Command:
    return DrawPages(dossier=ref.dossier, document=ref.document)


def _index(ref: DocumentRef, _event: Event) -> Command:
    return IndexWords(dossier=ref.dossier, document=ref.document)


def _convert(ref: DocumentRef, _event: Event) -> Command:
    return ConvertDocument(dossier=ref.dossier, document=ref.document)


def _check(ref: DocumentRef, _event: Event) -> Command:
    return CheckInvoice(dossier=ref.dossier, document=ref.document)


def _seal(ref: DocumentRef, _event: Event) -> Command:
    return SealDocument(dossier=ref.dossier, document=ref.document)


def _seal_sent(ref: DocumentRef, event: Event) -> Command | None:
    """A sale that waited to be sent; sealing looks whether it was."""
    return _seal(ref, event) if event.values.get("seal") else None


def _seal_file(ref: DocumentRef, event: Event) -> Command | None:
    """The file that a decided part was cut from; nothing for any other document."""
    file = event.values.get("file", "")
    return SealFile(dossier=ref.dossier, document=file) if file else None


def _release(ref: DocumentRef, _event: Event) -> Command:
    return ReleaseDoubles(dossier=ref.dossier, document=ref.document)


def _write_parts(ref: DocumentRef, _event: Event) -> Command:
    return WriteParts(dossier=ref.dossier, document=ref.document)


def _learn(ref: DocumentRef, _event: Event) -> Command:
    return LearnFromDocument(dossier=ref.dossier, document=ref.document)


def _transfer(ref: DocumentRef, event: Event) -> Command | None:
    """A sale with its issuer's own data may concern another dossier; no purchase does."""
    if event.values.get("direction") != Direction.SALE.value:
        return None
    return TransferDocument(dossier=ref.dossier, document=ref.document)


def _ask(ref: DocumentRef, event: Event) -> Command | None:
    """Those without an account are asked by mail; members find it in their digest.

    ``because``: a circuit stopped what waited already; services/deciding/asking.py asks together.
    """
    if not event.values.get("outside") or event.values.get("because"):
        return None
    return AskApproval(dossier=ref.dossier, document=ref.document)


def _forward(ref: DocumentRef, event: Event) -> Command | None:
    """Sealing looked whether the dossier has rules for this type."""
    if not event.values.get("forward"):
        return None
    return ForwardDocument(dossier=ref.dossier, document=ref.document)


def _collect(ref: DocumentRef, event: Event) -> Command:
    return CollectOcr(dossier=ref.dossier, document=ref.document, job=event.values["job"])


def _transmit(ref: DocumentRef, event: Event) -> Command:
    return TransmitInvoice(
        dossier=ref.dossier, document=ref.document, tracking=event.values["tracking"]
    )


def _follow(ref: DocumentRef, event: Event) -> Command:
    """The platform's controls take seconds; a round of synchronisation would take minutes."""
    return FollowSending(
        dossier=ref.dossier,
        connection=event.values["connection"],
        tracking=event.values["tracking"],
        flow=event.values["flow"],
    )


def _follow_status(ref: DocumentRef, event: Event) -> Command:
    return FollowSending(
        dossier=ref.dossier,
        connection=event.values["connection"],
        tracking=tracking_of(event.values["record"]),
        flow=event.values["flow"],
    )


def _publish_status(ref: DocumentRef, event: Event) -> Command:
    return PublishStatus(dossier=ref.dossier, document=ref.document, record=event.values["record"])


def _check_status(ref: DocumentRef, event: Event) -> Command | None:
    """Only what leaves by a platform has a message."""
    if not event.values.get("send"):
        return None
    return CheckStatus(dossier=ref.dossier, document=ref.document, record=event.values["record"])


def _transmit_status(ref: DocumentRef, event: Event) -> Command:
    return TransmitStatus(
        dossier=ref.dossier, document=ref.document, record=event.values["record"]
    )


def _approved(ref: DocumentRef, event: Event) -> Command | None:
    """The seller is told that what a platform brought was accepted (205)."""
    if not event.values.get("pa"):
        return None
    return SetStatus(
        dossier=ref.dossier,
        document=ref.document,
        code="205",
        by=event.by,
        by_name=event.by_name,
        id=f"{ref.document}-accepted",
        follows=True,
    )


def _refused(ref: DocumentRef, event: Event) -> Command | None:
    """The seller is told that it was refused (210), with the reason that was given here."""
    if not event.values.get("pa"):
        return None
    return SetStatus(
        dossier=ref.dossier,
        document=ref.document,
        code="210",
        by=event.by,
        by_name=event.by_name,
        reasons=(StatusReason(code=event.values["reason"]),),
        comment=event.values.get("comment") or refusal_label(event.values["reason"]),
        id=f"{ref.document}-refused",
        follows=True,
    )


def _link(ref: DocumentRef, event: Event) -> Command | None:
    """Credit notes and corrective invoices name the invoice that they are about."""
    if not event.values.get("refers"):
        return None
    return LinkInvoice(dossier=ref.dossier, document=ref.document)


#: Every event stands here, also those that nothing follows.
POLICIES: Mapping[Happened, tuple[Callable[[DocumentRef, Event], Command | None], ...]] = {
    Happened.DOCUMENT_RECEIVED: (_read,),
    Happened.DOCUMENT_REPLAYED: (_read,),
    Happened.PART_RECEIVED: (_read,),
    Happened.SPLIT_ASKED: (_write_parts,),
    Happened.DOCUMENT_SPLIT: (),
    Happened.KEPT_WHOLE: (_convert,),
    Happened.FILE_SEALED: (_seal_file,),
    Happened.OCR_STARTED: (_collect,),
    Happened.WITNESS_SILENT: (),
    Happened.INVOICE_READ: (_draw, _index),
    Happened.DOCUMENT_NOT_RECOGNISED: (_draw, _index),
    Happened.INVOICE_CONVERTED: (_check,),
    Happened.INVOICE_CHECKED: (_link,),
    Happened.INVOICE_REGISTERED: (),
    Happened.CONTROL_NEEDED: (),
    Happened.DUPLICATE_SUSPECTED: (),
    Happened.DUPLICATES_CLEARED: (),
    Happened.DOUBLE_GONE: (),
    Happened.DOCUMENT_CORRECTED: (_convert, _index),
    Happened.KIND_DECLARED: (),
    Happened.APPROVAL_ASKED: (_ask,),
    Happened.INVOICE_APPROVED: (),
    Happened.CIRCUIT_LIFTED: (),
    Happened.INVOICE_ACCEPTED: (_seal, _approved),
    Happened.INVOICE_REFUSED: (_seal_file, _refused, _release),
    Happened.DOCUMENT_ARCHIVED: (_learn, _seal_file, _transfer, _forward),
    Happened.ACCOUNT_APPROVED: (),
    Happened.DOCUMENT_CODED: (),
    Happened.DOCUMENT_QUARANTINED: (_index,),
    Happened.DOCUMENT_TRASHED: (_index, _release),
    Happened.DOCUMENT_RESTORED: (_index,),
    Happened.DOCUMENT_DELETED: (_index, _seal_file),
    Happened.FILES_ERASED: (),
    Happened.INVOICE_TRANSFERRED: (_seal_sent,),
    Happened.INVOICE_NOT_TRANSFERRED: (),
    Happened.ACCOUNTING_CHANGED: (),
    Happened.PAYMENT_CHANGED: (),
    Happened.DOCUMENT_IMPORTED: (),
    Happened.DOCUMENT_FORWARDED: (),
    Happened.SOURCE_JOINED: (),
    Happened.DOCUMENT_JOINED: (_index,),
    Happened.SENDING_AWAITED: (_learn, _transfer),
    Happened.SENDING_LATE: (),
    Happened.SENDING_WAIVED: (_seal,),
    Happened.SENDING_ASKED: (_transmit,),
    Happened.INVOICE_TRANSMITTED: (_follow,),
    Happened.INVOICE_ACKNOWLEDGED: (_seal_sent,),
    Happened.INVOICE_NOT_SENT: (),
    Happened.STATUS_SET: (_check_status, _publish_status),
    Happened.STATUS_CHECKED: (_transmit_status,),
    Happened.STATUS_RECEIVED: (_publish_status, _seal_sent),
    Happened.STATUS_TRANSMITTED: (_follow_status,),
    Happened.STATUS_CONFIRMED: (),
    Happened.STATUS_NOT_TRANSMITTED: (),
    Happened.STATUSES_SEEN: (),
    Happened.INVOICES_LINKED: (),
    Happened.SIDE_SETTLED: (),
    Happened.REPORT_SENT: (),  # of a report's own history (services/ereporting/sealing.py)
    Happened.REPORT_ANSWERED: (),
}

_DELAYS: Mapping[type, timedelta] = {
    CollectOcr: OCR_PATIENCE,
    FollowSending: timedelta(seconds=20),
}


def follow_ups(
    ref: DocumentRef, entries: tuple[Entry, ...], *, now: datetime
) -> tuple[Scheduled, ...]:
    """The commands that follow from these entries, each with its identifier and due time."""
    found: list[Scheduled] = []
    for entry in entries:
        for make in POLICIES[entry.event.name]:
            command = make(ref, entry.event)
            if command is None:
                continue
            found.append(
                Scheduled(
                    id=f"{ref.document}-{entry.sequence:06d}-{type(command).__name__}",
                    command=command,
                    due=now + _DELAYS.get(type(command), timedelta()),
                )
            )
    return tuple(found)
