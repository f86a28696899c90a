"""What our controls found, as the acknowledgement of a submitted flow tells it.

A detail carries the code of what is wrong, with its values, and of an official rule its text: the
door puts it in words, in the language of who asks (web/api/flows.py). A call out asks nobody's
language: it carries the same code, reason and values, unworded.

Source: XP Z12-013 1.3.0 §2.3 (levels, items, reason codes).
"""

from dataclasses import replace

from facteur.domain.documents import Document, State
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault, FaultSource
from facteur.domain.flows import AckDetail, AckStatus, Flow

_HERE_ALREADY = "Cette facture est déjà dans le dossier."
_FINE = frozenset({State.TO_ACCEPT, State.ACCEPTED, State.ARCHIVED})
#: Values of a fault that its sentence may name; the others are for our own pages.
_NOT_TOLD = frozenset({"flag", "rulebook", "id"})


def verdict(document: Document) -> tuple[AckStatus, tuple[AckDetail, ...]]:
    """What our controls say of a submitted invoice, from where its document stands."""
    same = any(one.reason in ("sha256", "number") for one in document.duplicates)
    if (document.duplicate_blocks and same) or document.state is State.JOINED:
        return AckStatus.ERROR, (an_error("BT-1", "AlreadyExistingFlow", _HERE_ALREADY),)
    if document.failure is not None:
        return AckStatus.ERROR, (detail(document.failure),)
    blocking = [one for one in document.faults if one.blocking]
    if document.state in _FINE and not blocking:
        return AckStatus.OK, tuple(detail(one, level="Warning") for one in document.faults)
    if not blocking:
        blocking = [Fault(code="flow.not_accepted", values={"state": document.state.value})]
    return AckStatus.ERROR, tuple(detail(one) for one in blocking)


def an_error(item: str, reason: str, message: str) -> AckDetail:
    """An error in our own words, or by the code of a sentence that has no values."""
    return AckDetail(level="Error", item=item, reason=reason, message=message)


def detail(fault: Fault, *, level: str = "Error", reason: str = "") -> AckDetail:
    """A fault as the standard tells it: what it is about, and our code or the official rule.

    ``reason``: a code of the standard; "" = by where the fault comes from.
    """
    official = fault.source is FaultSource.OFFICIAL or fault.code.startswith("unreadable")
    place = fault.values.get("location", "") if official else ""
    return AckDetail(
        level=level,
        item=fault.path or place or "file",
        reason=reason or ("InvalidSchema" if official else "OtherTechnicalError"),
        message=fault.message or fault.code,
        values={name: one for name, one in fault.values.items() if name not in _NOT_TOLD},
        code=fault.code if fault.message else "",
    )


def unreadable(error: UnreadableError) -> AckDetail:
    """A file that cannot be read, with the field and the value that stopped it."""
    values = {name: str(one) for name, one in error.values.items()}
    return detail(Fault(code=error.code, path=values.get("field", ""), values=values))


def unworded(flow: Flow) -> Flow:
    """The flow as a call out tells it: each message with its code and the values it is about.

    ``unreadable.report.missing (field: ReportDocument/Sender)``; the text of an official rule
    after its name; a sentence stays as it is.
    """
    ack = flow.acknowledgement
    details = tuple(replace(one, message=_in_full(one)) for one in ack.details)
    return replace(flow, acknowledgement=replace(ack, details=details))


def _in_full(one: AckDetail) -> str:
    said = f"{one.code}: {one.message}" if one.code else one.message
    values = "; ".join(f"{name}: {value}" for name, value in one.values.items() if value)
    return f"{said} ({values})" if values else said
