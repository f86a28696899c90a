"""What may happen to a document, and what follows: the only place that changes a state.

Each function takes the document and the facts, and returns a Decision (the new head and the
events that tell what happened) or raises IllegalTransitionError. Pure: no I/O, no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from facteur.domain.codes import is_refusal
from facteur.domain.decisions.base import THE_SYSTEM as THE_SYSTEM
from facteur.domain.decisions.base import Actor as Actor
from facteur.domain.decisions.base import Decision as Decision
from facteur.domain.decisions.base import by_platform, file_of, require, told
from facteur.domain.decisions.doubles import clear_duplicates as clear_duplicates
from facteur.domain.decisions.doubles import release_double as release_double
from facteur.domain.decisions.linking import names_another
from facteur.domain.decisions.lots import ask_split as ask_split
from facteur.domain.decisions.lots import keep_whole as keep_whole
from facteur.domain.decisions.lots import seal_file as seal_file
from facteur.domain.decisions.lots import split as split
from facteur.domain.decisions.refusing import may_say_so
from facteur.domain.decisions.refusing import told_by_refusing as told_by_refusing
from facteur.domain.documents import (
    Conversion,
    Direction,
    Document,
    Duplicate,
    ProposedPart,
    Seal,
    Source,
    State,
    StoredFile,
    Summary,
    Verdict,
)
from facteur.domain.errors import DuplicateError, IllegalTransitionError, InvalidError
from facteur.domain.events import Event, Happened
from facteur.domain.faults import Fault, Severity, blocking, holding
from facteur.domain.lifecycle.telling import LATE
from facteur.domain.splitting import written

#: Fields that a person must have looked at when the reading was not sure of them.
KEY_FIELDS = frozenset({
    "type", "number", "issue_date", "seller_name", "seller_siren", "seller_vat", "currency",
    "total_excl_vat", "total_vat", "total_incl_vat", "amount_due", "iban",
})  # fmt: skip

#: What a person may still accept, and refuse.
ACCEPTABLE = (State.TO_CHECK, State.TO_ACCEPT)
REFUSABLE = (*ACCEPTABLE, State.QUARANTINED)


def receive(document: Document, source: Source, *, at: datetime) -> Decision:
    """A new document: its bytes are kept, nothing is read yet; a part names its file."""
    values = {
        "channel": source.channel.value,
        "sender": source.sender,
        "filename": document.filename,
        "sha256": document.sha256,
    }
    name, part = Happened.DOCUMENT_RECEIVED, document.part_of
    if part is not None:
        name = Happened.PART_RECEIVED
        values |= {"parent": part.document, "pages": written(part.first, part.last)}
        values |= {"parent_sha256": part.sha256} if part.sha256 else {}
    return Decision(document=document, events=(told(name, at, THE_SYSTEM, **values),))


def start_ocr(document: Document, job: str, *, at: datetime) -> Decision:
    """An asynchronous OCR job was started for the document."""
    require(document, "ocr", State.RECEIVED)
    return Decision(
        document=replace(document, ocr_job=job),
        events=(told(Happened.OCR_STARTED, at, job=job),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """What reading and converting gave."""

    summary: Summary
    faults: tuple[Fault, ...]
    files: Mapping[str, StoredFile]
    pages: int
    structured: bool
    origin: str  # "xml", "text", "ocr:…"
    conversion: Conversion | None
    recognised: bool = True
    sheets: int = 0  # pages of the file
    proposal: tuple[ProposedPart, ...] = ()  # the invoices that the file seems to hold
    apart: tuple[int, ...] = ()  # its separator sheets and blank pages
    silent: str = ""  # why a witness of the reading said nothing


def read(
    document: Document,
    result: ReadResult,
    duplicates: tuple[Duplicate, ...],
    *,
    at: datetime,
) -> Decision:
    """The document was read. With a Factur-X it waits for the rules; without, for a person."""
    require(document, "read", State.RECEIVED, State.READ)
    head = replace(
        document,
        state=State.READ if result.conversion else State.TO_CHECK,
        summary=result.summary,
        faults=result.faults,
        files={**document.files, **result.files},
        pages=result.pages or document.pages,
        sheets=max(result.sheets, result.pages, document.sheets),
        proposal=result.proposal,
        apart=result.apart,
        structured=result.structured,
        conversion=result.conversion,
        duplicates=duplicates,
        duplicates_cleared=_still_cleared(document, duplicates),
        failure=None,
        ocr_job="",
    )
    events: list[Event] = []
    if document.state is State.RECEIVED:
        name = Happened.INVOICE_READ if result.recognised else Happened.DOCUMENT_NOT_RECOGNISED
        events.append(told(name, at, origin=result.origin, number=result.summary.number))
        if result.silent:
            events.append(told(Happened.WITNESS_SILENT, at, reason=result.silent))
    if result.conversion is not None:
        events.append(
            told(
                Happened.INVOICE_CONVERTED,
                at,
                profile=result.conversion.profile,
                road=result.conversion.road,
                pdfa="oui" if result.conversion.pdfa else "non",
            )
        )
    else:
        events += _suspected(document, duplicates, at)
        events.append(_control_needed(result.faults, at))
    return Decision(document=head, events=tuple(events))


def _unknown(before: Document, found: tuple[Duplicate, ...]) -> list[Duplicate]:
    """The doubles that nobody has seen yet."""
    known = {one.document for one in before.duplicates}
    return [one for one in found if one.document not in known]


def _still_cleared(before: Document, found: tuple[Duplicate, ...]) -> bool:
    """« Ce n'est pas un doublon » was said of the doubles known then, and of no other."""
    return before.duplicates_cleared and not _unknown(before, found)


def _suspected(before: Document, found: tuple[Duplicate, ...], at: datetime) -> list[Event]:
    """One event when doubles appear that were not known yet."""
    new = _unknown(before, found)
    if not new:
        return []
    named = ", ".join(one.document for one in new)
    return [told(Happened.DUPLICATE_SUSPECTED, at, documents=named, reason=new[0].reason)]


def _control_needed(faults: tuple[Fault, ...], at: datetime) -> Event:
    codes = ", ".join(dict.fromkeys(fault.code for fault in faults if needs_a_look(fault)))
    return told(Happened.CONTROL_NEEDED, at, faults=codes)


def needs_a_look(fault: Fault) -> bool:
    """True when a person must see the document before it can be accepted in one click."""
    return fault.blocking or (fault.code == "field.unsure" and fault.path in KEY_FIELDS)


def checked(
    document: Document,
    *,
    conversion: Conversion,
    findings: tuple[Fault, ...],
    report: StoredFile,
    duplicates: tuple[Duplicate, ...],
    at: datetime,
) -> Decision:
    """The official rules answered: à accepter when nothing needs a look, else à contrôler."""
    require(document, "check", State.READ)
    faults = (*document.faults, *findings)
    ready = conversion.verdict is Verdict.VALID and not any(map(needs_a_look, faults))
    head = replace(
        document,
        state=State.TO_ACCEPT if ready else State.TO_CHECK,
        conversion=conversion,
        faults=faults,
        files={**document.files, "report": report},
        duplicates=duplicates,
        duplicates_cleared=_still_cleared(document, duplicates),
    )
    events = [
        told(
            Happened.INVOICE_CHECKED,
            at,
            THE_SYSTEM,
            verdict=conversion.verdict.value,
            reform=conversion.reform.value,
            rulebook=conversion.rulebook,
            **names_another(document),
        ),
        *_suspected(document, duplicates, at),
    ]
    if ready:
        events.append(told(Happened.INVOICE_REGISTERED, at, number=document.summary.number))
    else:
        events.append(_control_needed(faults, at))
    return Decision(document=head, events=tuple(events))


def quarantine(document: Document, failure: Fault, *, at: datetime) -> Decision:
    """The document cannot go on: kept with its reason, replayable.

    An accepted one too, when what would be sealed is not what was accepted (containers.py).
    """
    states = (State.RECEIVED, State.READ, State.SPLITTING, State.ACCEPTED, State.QUARANTINED)
    require(document, "quarantine", *states)
    accepted = document.was_accepted or document.state is State.ACCEPTED
    head = replace(
        document, state=State.QUARANTINED, failure=failure, ocr_job="", was_accepted=accepted
    )
    event = Event(
        name=Happened.DOCUMENT_QUARANTINED, at=at, values={"code": failure.code, **failure.values}
    )
    return Decision(document=head, events=(event,))


def replay(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """Take a quarantined document through the road again."""
    require(document, "replay", State.QUARANTINED)
    head = replace(
        document,
        state=State.RECEIVED,
        failure=None,
        faults=(),
        ocr_job="",
        files=_unconverted(document),
        conversion=None,
    )
    return Decision(document=head, events=(told(Happened.DOCUMENT_REPLAYED, at, actor),))


def _unconverted(document: Document) -> dict[str, StoredFile]:
    """The files without those that a conversion made: they say what the data said before."""
    gone = ("facturx", "invoice_xml", "report")
    return {role: one for role, one in document.files.items() if role not in gone}


def correct(
    document: Document,
    candidate: StoredFile,
    fields: tuple[str, ...],
    actor: Actor,
    *,
    at: datetime,
) -> Decision:
    """A user corrected fields that we had read: convert and check again."""
    require(document, "correct", State.TO_CHECK, State.TO_ACCEPT)
    if document.structured:
        raise IllegalTransitionError("document.structured", step="correct")
    head = replace(
        document,
        state=State.READ,
        files={**_unconverted(document), "candidate": candidate},
        conversion=None,
    )
    event = told(Happened.DOCUMENT_CORRECTED, at, actor, fields=", ".join(fields))
    return Decision(document=head, events=(event,))


def acceptable(document: Document) -> bool:
    """True when a user may accept: à accepter, or à contrôler with a Factur-X to keep.

    The law does not forbid a buyer to keep an invoice whose issuer made a mistake; a document
    that we could not turn into an invoice, or only into an invalid one of our own, must be
    completed first.
    """
    if holding(document.faults):
        return False
    if document.state is State.TO_ACCEPT:
        return True
    if document.state is not State.TO_CHECK or document.conversion is None:
        return False
    return document.structured or document.conversion.verdict is Verdict.VALID


def accept(
    document: Document,
    actor: Actor,
    *,
    at: datetime,
    duplicates_block: bool = True,
    because: str = "",
) -> Decision:
    """A user accepts, or the system because of a preference; the event names what was left.

    ``duplicates_block``: the dossier's « Bloquer l'archivage des doublons » (JF-41).
    """
    require(document, "accept", *ACCEPTABLE)
    if document.duplicate_blocks and duplicates_block:
        raise DuplicateError(
            "document.duplicate", documents=", ".join(one.document for one in document.duplicates)
        )
    if not acceptable(document):
        faults = blocking(document.faults) or (Fault(code="document.incomplete"),)
        raise InvalidError(faults, code="document.incomplete")
    noticed = ", ".join(dict.fromkeys(one.code for one in document.faults if needs_a_look(one)))
    head = replace(document, state=State.ACCEPTED)
    values = {"noticed": noticed} | ({"because": because} if because else {})
    values |= by_platform(document)
    event = told(Happened.INVOICE_ACCEPTED, at, actor, **values)
    return Decision(document=head, events=(event,))


def refuse(
    document: Document, reason: str, comment: str, actor: Actor, *, at: datetime
) -> Decision:
    """A user refuses: out of the flow, the bytes stay.

    Of what a platform brought it is status 210 as well, by the same rules: an official reason,
    and not once it was approved or paid. InvalidError.
    """
    require(document, "refuse", *REFUSABLE)
    if not is_refusal(reason):
        raise InvalidError((Fault(code="refusal.reason_missing", path="reason"),))
    may_say_so(document, reason)
    head = replace(document, state=State.REFUSED, refusal=reason, refusal_comment=comment)
    event = told(
        Happened.INVOICE_REFUSED,
        at,
        actor,
        reason=reason,
        comment=comment,
        **file_of(document),
        **by_platform(document),
    )
    return Decision(document=head, events=(event,))


def archive(
    document: Document,
    seal: Seal,
    sealed: Mapping[str, StoredFile],
    *,
    at: datetime,
    forward: bool = False,
    unsent: bool = False,
) -> Decision:
    """Everything is written and locked; ``sealed`` are the files that sealing added, by role.

    ``forward``: the dossier has rules that send such documents somewhere. ``unsent``: a sale that
    no channel of the dossier could carry.

    The event names the evidence by its hash: from then on the history vouches for it.
    """
    require(document, "archive", State.ACCEPTED)
    files = {**document.files, **sealed}
    head = replace(document, state=State.ARCHIVED, seal=seal, files=files, to_send_since=None)
    head = replace(head, unseen=tuple(one for one in head.unseen if one != LATE))
    event = told(
        Happened.DOCUMENT_ARCHIVED,
        at,
        THE_SYSTEM,
        until=seal.until.date().isoformat(),
        mode=seal.mode,
        evidence=sealed["evidence"].sha256,
        **file_of(document),
        **_sale(document),
        **({"forward": "1"} if forward else {}),
        **({"unsent": "1"} if unsent else {}),
    )
    return Decision(document=head, events=(event,))


def _sale(document: Document) -> dict[str, str]:
    """Said of a sale with its issuer's own data: it may go to its buyer's dossier."""
    sale = document.direction is Direction.SALE and document.structured
    return {"direction": document.direction.value} if sale else {}


def fault_of(code: str, **values: object) -> Fault:
    """The blocking fault that a failure becomes when it is kept with a document."""
    return Fault(
        code=code,
        severity=Severity.BLOCKING,
        values={name: str(value) for name, value in values.items()},
    )
