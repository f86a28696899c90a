"""What happened: past participles, kept for ever in the document's history, each hash-chained.

An event is named, dated, signed (``by``: a user, or "système") and carries a few values. The
history of a document is append-only; ``chained`` gives each entry the hash of the one before, so
that a complete history can be proved (``facteur verify`` does).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Happened(StrEnum):
    """The names of what may happen to a document."""

    DOCUMENT_RECEIVED = "DocumentReceived"
    OCR_STARTED = "OcrStarted"
    WITNESS_SILENT = "WitnessSilent"  # the engine could not say what it finds by itself
    INVOICE_READ = "InvoiceRead"
    DOCUMENT_NOT_RECOGNISED = "DocumentNotRecognised"
    INVOICE_CONVERTED = "InvoiceConverted"
    INVOICE_CHECKED = "InvoiceChecked"
    INVOICE_REGISTERED = "InvoiceRegistered"  # à accepter
    CONTROL_NEEDED = "ControlNeeded"  # à contrôler
    DUPLICATE_SUSPECTED = "DuplicateSuspected"
    DUPLICATES_CLEARED = "DuplicatesCleared"
    DOUBLE_GONE = "DoubleGone"
    KIND_DECLARED = "KindDeclared"  # a user said what the document is
    DOCUMENT_CORRECTED = "DocumentCorrected"
    APPROVAL_ASKED = "ApprovalAsked"  # a circuit stops it
    INVOICE_APPROVED = "InvoiceApproved"  # one approval of a circuit
    CIRCUIT_LIFTED = "CircuitLifted"
    INVOICE_ACCEPTED = "InvoiceAccepted"
    INVOICE_REFUSED = "InvoiceRefused"
    DOCUMENT_ARCHIVED = "DocumentArchived"
    DOCUMENT_QUARANTINED = "DocumentQuarantined"
    DOCUMENT_REPLAYED = "DocumentReplayed"
    SPLIT_ASKED = "SplitAsked"
    DOCUMENT_SPLIT = "DocumentSplit"
    KEPT_WHOLE = "KeptWhole"  # a user said that it is one invoice, whatever was proposed
    FILE_SEALED = "FileSealed"  # a split file is kept like the parts that were archived
    ACCOUNT_APPROVED = "AccountApproved"  # people vouched for the bank account that held it
    DOCUMENT_CODED = "DocumentCoded"  # accounting values chosen for it
    INVOICE_TRANSFERRED = "InvoiceTransferred"  # a sale reached its buyer's dossier here
    INVOICE_NOT_TRANSFERRED = "InvoiceNotTransferred"  # its buyer is here; a SIREN is not proved
    ACCOUNTING_CHANGED = "AccountingChanged"  # à récupérer, récupérée
    PAYMENT_CHANGED = "PaymentChanged"  # what somebody says of its payment
    DOCUMENT_FORWARDED = "DocumentForwarded"  # it left for an address by itself
    DOCUMENT_IMPORTED = "DocumentImported"  # from the exit kit of another platform
    DOCUMENT_TRASHED = "DocumentTrashed"
    DOCUMENT_RESTORED = "DocumentRestored"
    DOCUMENT_DELETED = "DocumentDeleted"  # nothing takes it back; its files go next
    FILES_ERASED = "FilesErased"  # the tombstone: its history is all that is left
    SOURCE_JOINED = "SourceJoined"  # the same invoice came by another road
    DOCUMENT_JOINED = "DocumentJoined"  # this one is that other road
    SENDING_ASKED = "SendingAsked"  # « Envoyer par la plateforme »
    INVOICE_TRANSMITTED = "InvoiceTransmitted"  # the platform has it
    INVOICE_ACKNOWLEDGED = "InvoiceAcknowledged"  # its controls passed: no « Déposée » yet
    INVOICE_NOT_SENT = "InvoiceNotSent"  # refused, or never reached the platform
    SENDING_AWAITED = "SendingAwaited"  # a sale is sealed once it was sent
    SENDING_LATE = "SendingLate"  # it has waited for a week
    SENDING_WAIVED = "SendingWaived"  # « archiver sans envoyer »
    STATUS_SET = "StatusSet"  # our side says something of the invoice
    STATUS_CHECKED = "StatusChecked"  # the official rules took its message: it may leave
    STATUS_RECEIVED = "StatusReceived"  # somebody else said something of it
    STATUS_TRANSMITTED = "StatusTransmitted"  # the platform has what we said
    STATUS_CONFIRMED = "StatusConfirmed"  # and takes it
    STATUS_NOT_TRANSMITTED = "StatusNotTransmitted"  # it does not: it counts for nothing
    STATUSES_SEEN = "StatusesSeen"  # somebody opened the invoice of which something was said
    INVOICES_LINKED = "InvoicesLinked"  # one corrects or credits the other
    SIDE_SETTLED = "SideSettled"  # a self-billed invoice is a purchase, or a sale, after all
    PART_RECEIVED = "PartReceived"  # how the life of a part begins
    REPORT_SENT = "ReportSent"  # an e-reporting file left: how the life of its archive begins
    REPORT_ANSWERED = "ReportAnswered"  # the platform, or the State, said what it thinks of it


SYSTEM = "système"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a document."""

    name: Happened
    at: datetime
    by: str = SYSTEM
    by_name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event in a history: its place (from 1), the hash before, its own hash."""

    sequence: int
    event: Event
    previous: str
    hash: str


def chain_hash(previous: str, sequence: int, event: Event) -> str:
    """The hash of an entry: SHA-256 of the previous hash and the event's canonical JSON."""
    body = {
        "sequence": sequence,
        "name": event.name.value,
        "at": event.at.isoformat(),
        "by": event.by,
        "by_name": event.by_name,
        "values": dict(event.values),
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate, which a damaged PDF may give, is stored as "?" (serial.py): hashed as such.
    return hashlib.sha256(f"{previous}\n{text}".encode(errors="replace")).hexdigest()


def chained(events: tuple[Event, ...], *, length: int, last: str) -> tuple[Entry, ...]:
    """The entries that append ``events`` to a history of ``length`` entries ending in ``last``."""
    entries: list[Entry] = []
    for event in events:
        sequence = length + len(entries) + 1
        digest = chain_hash(last, sequence, event)
        entries.append(Entry(sequence=sequence, event=event, previous=last, hash=digest))
        last = digest
    return tuple(entries)


def broken_at(entries: tuple[Entry, ...]) -> int | None:
    """The place of the first entry whose chain does not hold, None when all of it does."""
    last = ""
    for place, entry in enumerate(entries, start=1):
        expected = chain_hash(last, place, entry.event)
        if (entry.sequence, entry.previous, entry.hash) != (place, last, expected):
            return place
        last = entry.hash
    return None
