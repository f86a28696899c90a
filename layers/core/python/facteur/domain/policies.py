"""Which commands follow from which event: the whole table, to be read like a table of contents.

A command that follows has an identifier derived from the event that caused it, so sending it
twice is harmless.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from facteur.domain.commands import (
    AskApproval,
    CheckInvoice,
    CollectOcr,
    Command,
    ConvertDocument,
    DrawPages,
    ForwardDocument,
    IndexWords,
    LearnFromDocument,
    ReadDocument,
    Scheduled,
    SealDocument,
    SealFile,
    TransferDocument,
    WriteParts,
)
from facteur.domain.documents import Direction, DocumentRef
from facteur.domain.events import Entry, Event, Happened

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


def _seal_file(ref: DocumentRef, event: Event) -> Command | None:
    """The file that a decided part was cut from; nothing for any other document."""
    file = event.values.get("file", "")
    return SealFile(dossier=ref.dossier, document=file) if file else None


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
    """Those without an account are asked by mail; members find it in their digest."""
    if not event.values.get("outside"):
        return None
    return AskApproval(dossier=ref.dossier, document=ref.document)


def _forward(ref: DocumentRef, event: Event) -> Command | None:
    """Sealing looked whether the dossier has rules for this type."""
    if not event.values.get("forward"):
        return None
    return ForwardDocument(dossier=ref.dossier, document=ref.document)


def _collect(ref: DocumentRef, event: Event) -> Command:
    return CollectOcr(dossier=ref.dossier, document=ref.document, job=event.values["job"])


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
    Happened.INVOICE_READ: (_draw, _index),
    Happened.DOCUMENT_NOT_RECOGNISED: (_draw, _index),
    Happened.INVOICE_CONVERTED: (_check,),
    Happened.INVOICE_CHECKED: (),
    Happened.INVOICE_REGISTERED: (),
    Happened.CONTROL_NEEDED: (),
    Happened.DUPLICATE_SUSPECTED: (),
    Happened.DUPLICATES_CLEARED: (),
    Happened.DOCUMENT_CORRECTED: (_convert, _index),
    Happened.KIND_DECLARED: (),
    Happened.APPROVAL_ASKED: (_ask,),
    Happened.INVOICE_APPROVED: (),
    Happened.CIRCUIT_LIFTED: (),
    Happened.INVOICE_ACCEPTED: (_seal,),
    Happened.INVOICE_REFUSED: (_seal_file,),
    Happened.DOCUMENT_ARCHIVED: (_learn, _seal_file, _transfer, _forward),
    Happened.ACCOUNT_APPROVED: (),
    Happened.DOCUMENT_CODED: (),
    Happened.DOCUMENT_QUARANTINED: (_index,),
    Happened.DOCUMENT_TRASHED: (_index,),
    Happened.DOCUMENT_RESTORED: (_index,),
    Happened.DOCUMENT_DELETED: (_index, _seal_file),
    Happened.FILES_ERASED: (),
    Happened.INVOICE_TRANSFERRED: (),
    Happened.INVOICE_NOT_TRANSFERRED: (),
    Happened.ACCOUNTING_CHANGED: (),
    Happened.PAYMENT_CHANGED: (),
    Happened.DOCUMENT_IMPORTED: (),
    Happened.DOCUMENT_FORWARDED: (),
}

_DELAYS: Mapping[type, timedelta] = {CollectOcr: OCR_PATIENCE}


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
