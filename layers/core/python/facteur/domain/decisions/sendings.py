"""A sale leaves by an approved platform: asked for, sent, acknowledged, refused, sent again.

What is sent was checked: the profile's rules and those of the reform (BR-FR) answered « valid »,
for what we issue must hold (decision 25). The number stays when an invoice leaves again after a
refusal: for the reform it was not issued (213), so nothing is numbered twice (NO-04).
"""

from dataclasses import replace
from datetime import datetime

from facteur.domain.decisions.base import THE_SYSTEM, Actor, Decision, sealing, told
from facteur.domain.documents import Direction, Document, Sending, State, StoredFile, Verdict
from facteur.domain.errors import ConflictError, InvalidError, NotFoundError
from facteur.domain.events import Happened
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.records import Transmission
from facteur.domain.lifecycle.telling import SENDING, with_unseen
from facteur.domain.self_billing import issued_here

_SENDABLE = frozenset({State.ACCEPTED, State.ARCHIVED})
#: The status by which a platform gives the invoice back: it was not issued, and may be sent again.
#: Not 221: the sending platform looks for the right one by itself, the invoice stands.
GIVEN_BACK = frozenset({"213"})
MOST_TEXT = 1000


def last_sending(document: Document) -> Sending | None:
    """The attempt that counts."""
    return document.sendings[-1] if document.sendings else None


def given_back(document: Document) -> bool:
    """True when the last attempt came to nothing: refused, or rejected since (213)."""
    last = last_sending(document)
    if last is None:
        return False
    if last.transmission is Transmission.REFUSED:
        return True
    return any(one.code in GIVEN_BACK and one.set_at >= last.at for one in document.statuses)


def why_not(document: Document) -> str:
    """The code of what stops a document from being sent, "" when nothing does."""
    if not issued_here(document):
        written_by_customer = document.direction is Direction.SALE
        return "sending.not_ours" if written_by_customer else "sending.not_a_sale"
    if not document.structured:
        return "sending.not_structured"
    if document.conversion is None or document.conversion.verdict is not Verdict.VALID:
        return "sending.not_valid"
    if document.conversion.reform is Verdict.NOT_CONCERNED:
        return "sending.not_concerned"
    if document.conversion.reform is not Verdict.VALID:
        return "sending.not_compliant"
    if document.state not in _SENDABLE:
        return "sending.not_accepted"
    if document.sendings and not given_back(document):
        return "sending.under_way"
    return ""


def ask(
    document: Document, sending: Sending, actor: Actor, *, at: datetime, address: str = ""
) -> Decision:
    """A person sends a sale. InvalidError with the reason that stops it."""
    why = why_not(document)
    if why:
        if why == "sending.under_way":
            raise ConflictError(why)
        raise InvalidError((Fault(code=why),), code=why)
    values = {"tracking": sending.tracking_id, "connection": sending.connection}
    if address:
        values["address"] = address
    if document.sendings:
        values["again"] = str(len(document.sendings) + 1)
    event = told(Happened.SENDING_ASKED, at, actor, **values)
    head = replace(document, sendings=(*document.sendings, sending))
    return Decision(document=head, events=(event,))


def with_file(document: Document, tracking: str, file: StoredFile) -> Document:
    """The document with the file that a sending submits, where it is none of its own."""
    sending = _named(document, tracking)
    head = replace(document, files={**document.files, f"sent-{len(document.sendings)}": file})
    return _with(head, replace(sending, sha256=file.sha256))


def sent(document: Document, tracking: str, flow: str, *, at: datetime) -> Decision | None:
    """The platform has it; None when that was known."""
    sending = _named(document, tracking)
    if sending.transmission is not Transmission.WAITING:
        return None
    moved = replace(sending, transmission=Transmission.SENT, flow=flow)
    values = {
        "tracking": tracking,
        "connection": sending.connection,
        "flow": flow,
        "sha256": sending.sha256,
    }
    event = told(Happened.INVOICE_TRANSMITTED, at, THE_SYSTEM, **values)
    return Decision(document=_with(document, moved), events=(event,))


def acknowledged(
    document: Document, tracking: str, *, at: datetime, flow: str = ""
) -> Decision | None:
    """Its technical controls passed. None when that was known, or came to nothing meanwhile.

    ``flow``: as the platform calls it, which is news where its first answer was lost (IP-22).
    """
    sending = _named(document, tracking)
    if sending.transmission not in (Transmission.SENT, Transmission.WAITING):
        return None
    moved = replace(sending, transmission=Transmission.CONFIRMED, flow=sending.flow or flow)
    values = {"tracking": tracking, "flow": moved.flow, **sealing(document)}
    event = told(Happened.INVOICE_ACKNOWLEDGED, at, THE_SYSTEM, **values)
    return Decision(document=_with(document, moved), events=(event,))


def not_sent(
    document: Document,
    tracking: str,
    reason: str,
    words: str = "",
    *,
    at: datetime,
    flow: str = "",
) -> Decision | None:
    """It came to nothing: the platform's reason code (or ours), and its words, shown as such.

    ``flow``: as for ``acknowledged``.
    """
    sending = _named(document, tracking)
    if sending.transmission is Transmission.REFUSED:
        return None
    moved = replace(
        sending,
        transmission=Transmission.REFUSED,
        flow=sending.flow or flow,
        failure=reason[:100],
        failure_text=words[:MOST_TEXT],
    )
    event = told(
        Happened.INVOICE_NOT_SENT,
        at,
        tracking=tracking,
        reason=reason[:100],
        message=words[:MOST_TEXT],
    )
    head = with_unseen(_with(document, moved), f"{SENDING}{tracking}")
    return Decision(document=head, events=(event,))


def _named(document: Document, tracking: str) -> Sending:
    found = next((one for one in document.sendings if one.tracking_id == tracking), None)
    if found is None:
        raise NotFoundError("not_found", tracking=tracking)
    return found


def _with(document: Document, sending: Sending) -> Document:
    held = tuple(
        sending if one.tracking_id == sending.tracking_id else one for one in document.sendings
    )
    return replace(document, sendings=held)
