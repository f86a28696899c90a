"""The message of a status that was set here: written, checked, kept until it is submitted.

Runs where the official rules are. The file that passed is the file that leaves: services/
transmitting submits these very bytes. What cannot be written or does not pass never leaves, and
its record says why; without the rules nothing passes.
"""

from datetime import datetime

from facteur.domain.commands import CheckStatus
from facteur.domain.decisions import lifecycle
from facteur.domain.documents import Document, DocumentRef, Verdict
from facteur.domain.errors import InvalidError, UnreadableError
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice
from facteur.domain.lifecycle.messages import message_of
from facteur.domain.lifecycle.records import StatusRecord, Transmission
from facteur.formats import cdar, xml_invoice
from facteur.formats.detect import detect
from facteur.ports import Context, RuleReport
from facteur.services.lifecycle import pieces
from facteur.services.lifecycle.statuses import kept
from facteur.services.staircase import Steps


def check_status(command: CheckStatus, context: Context) -> Steps:
    """Write the message of a status set here and have it checked; only then may it leave."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    record = lifecycle.record_named(document, command.record)
    if record.transmission is not Transmission.WAITING:
        return document, ()
    try:
        data = message_bytes(document, record, context)
    except (InvalidError, UnreadableError) as error:
        return _stopped(document, record, "status.no_data", _missing(error), context)
    report = context.rulebook.check_status(data)
    if report.verdict is not Verdict.VALID:
        return _stopped(document, record, *_why(report), context)
    stem = f"{document.summary.number or document.id}-{record.code}"
    key = f"{document.dossier}/{document.id}/{context.ids.new()}/{lifecycle.role_of(record.id)}"
    file = context.blobs.put(key, data, "application/xml", filename=f"{stem}.xml")
    checked = lifecycle.message_checked(document, record.id, file, at=context.clock.now())
    return kept(checked, context)


def give_up(command: CheckStatus, context: Context) -> None:
    """Nothing could check it, as often as the queue tried: its record says so."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    record = lifecycle.record_named(document, command.record)
    if lifecycle.role_of(record.id) not in document.files:  # else it was checked, and may leave
        _stopped(document, record, "work.interrupted", "", context)


def _stopped(
    document: Document, record: StatusRecord, failure: str, text: str, context: Context
) -> Steps:
    at = context.clock.now()
    refused = lifecycle.not_transmitted(document, record.id, failure=failure, text=text, at=at)
    return kept(refused, context)


def _why(report: RuleReport) -> tuple[str, str]:
    """The first rule that is broken and its text; what is missing when the rules could not run."""
    first = next((one for one in report.findings if one.blocking), None)
    return (first.code, first.message) if first else ("rules.unverified", "")


def _missing(error: InvalidError | UnreadableError) -> str:
    """The fields that the invoice lacks, for the history."""
    faults = error.faults if isinstance(error, InvalidError) else ()
    return ", ".join(one.path for one in faults)


def message_bytes(document: Document, record: StatusRecord, context: Context) -> bytes:
    """The CDAR of a record, about the invoice as its XML says it.

    InvalidError names what the invoice lacks; UnreadableError.
    """
    return cdar.write(
        message_of(
            record,
            _invoice(document, context),
            received_at=_received_at(document),
            created_at=context.clock.now(),
            sent_to=_sent_to(document, context),
            attachments=pieces.embedded(document, lifecycle.role_of(record.id), context),
        )
    )


def _sent_to(document: Document, context: Context) -> str:
    """The address that a sale was sent to where its sender chose another; "" for the invoice's."""
    if not document.sendings:
        return ""
    tracking = document.sendings[-1].tracking_id
    return context.store.claimed(document.dossier, "SENDING_TO", tracking) or ""


def _invoice(document: Document, context: Context) -> Invoice:
    """The invoice as its XML says it; one that could not be converted is its own original."""
    for role in ("invoice_xml", "original"):
        if role not in document.files:
            continue
        data = context.blobs.get(document.files[role])
        if detect(data).is_invoice_xml:
            return xml_invoice.parse(data).invoice
    raise InvalidError((Fault(code="status.no_data", path="invoice_xml"),))


def _received_at(document: Document) -> datetime:
    """MDT-95, the same in every message of one side: when a platform took the invoice, else we."""
    first = ("200", "213") if document.sendings else ("202", "213")
    taken = [one.set_at for one in document.statuses if one.code in first]
    return min(taken, default=document.received_at)
