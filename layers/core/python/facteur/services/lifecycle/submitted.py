"""A status that a program submits as a CDAR: set on the invoice that it names, once.

As a person would from the screen: what the table of lifecycle/allowed.py offers, with its reasons,
amounts and pieces. A message that is a trial (MDT-1) says nothing of a real invoice; one that says
what was submitted before is known by what it says, for a client that got no answer sends it again
with other bytes.

Source: XP Z12-013 1.3.0 §2.3 (reason codes); decision 0288.
"""

import hashlib
from dataclasses import replace

from facteur.domain.commands import SetStatus
from facteur.domain.documents import Direction, Document
from facteur.domain.errors import (
    ConflictError,
    InvalidError,
    StaleVersionError,
    UnreadableError,
)
from facteur.domain.faults import Fault
from facteur.domain.flows import AckDetail, FlowType
from facteur.domain.lifecycle import allowed
from facteur.domain.lifecycle.factoring import FACTOR
from facteur.domain.lifecycle.fold import OWN
from facteur.domain.lifecycle.messages import StatusMessage
from facteur.domain.lifecycle.records import Payee
from facteur.domain.served_flows import ServedFlow
from facteur.formats import cdar
from facteur.ports import Context
from facteur.services.lifecycle import pieces, received, statuses
from facteur.services.programs.acknowledgements import an_error, detail, unreadable
from facteur.services.staircase import Steps

Taken = tuple[ServedFlow, Steps, tuple[AckDetail, ...]]

_SAID = "SAID"  # the reference of a status that was submitted: by which flow
_NOTHING: Steps = (None, ())

_UNKNOWN_INVOICE = "Aucune facture du dossier n’a ce vendeur, ce numéro et cette date."
_NO_RIGHT = "Cette clé n’a pas le droit de poser un statut."
_TRIAL = "Message d’essai (MDT-1) : rien n’est indiqué sur une facture réelle."
_SAID_ALREADY = "Ce statut (même MDT-4, même date, même contenu) a déjà été déposé."


def take(held: ServedFlow, data: bytes, context: Context) -> Taken:
    """Set a submitted status; the flow as it stands by then, what follows, what is wrong.

    A warning alone refuses nothing.

    StaleVersionError when somebody else was faster: the queue tries again.
    """
    try:
        message = cdar.parse(data)
    except UnreadableError as error:
        return held, _NOTHING, (unreadable(error),)
    document, _key = received.invoice_of(message, held.dossier, context)
    if document is None:
        return held, _NOTHING, (an_error("MDT-87", "InvoiceLCInvalidStatus", _UNKNOWN_INVOICE),)
    sale = document.direction is Direction.SALE
    kind = FlowType.CUSTOMER_INVOICE_LC if sale else FlowType.SUPPLIER_INVOICE_LC
    held = replace(held, document=document.id, flow=replace(held.flow, type=kind))
    name = _name_of(message)
    wrong = _barred(held, message, name, context)
    if wrong is not None:
        return held, _NOTHING, (wrong,)
    try:
        asked = _asked(held, message, document, name, context)
        beyond = _beyond(asked, document)
        steps = statuses.set_status(asked, context)
    except StaleVersionError:
        raise
    except InvalidError as error:
        faults = error.faults or (Fault(code=error.code),)
        return held, _NOTHING, tuple(_refusal(one) for one in faults)
    except ConflictError as error:
        return held, _NOTHING, (_refusal(Fault(code=error.code)),)
    context.store.mark(held.dossier, _SAID, name, held.flow.id)
    return replace(held, record=f"{OWN}{asked.id}"), steps, beyond


def _barred(
    held: ServedFlow, message: StatusMessage, name: str, context: Context
) -> AckDetail | None:
    """What stops the message, whatever it says."""
    if not held.decides:
        return an_error("MDT-105", "InvoiceLCAccessDenied", _NO_RIGHT)
    if message.test:
        return an_error("MDT-1", "OtherTechnicalError", _TRIAL)
    if (context.store.claimed(held.dossier, _SAID, name) or held.flow.id) != held.flow.id:
        return an_error("MDT-4", "AlreadyExistingFlow", _SAID_ALREADY)
    return None


def _name_of(message: StatusMessage) -> str:
    """What makes a message the same when it is submitted twice, whatever its bytes.

    MDT-4 alone is no key: the official examples give two payments of one invoice the same. When
    it was set (MDT-78) and what it says tell two apart; when it was written (MDT-8) does not.
    """
    said = (message.id, message.number, message.code, message.set_at, message.details)
    return hashlib.sha256(repr(said).encode(errors="replace")).hexdigest()[:32]


def _asked(
    held: ServedFlow, message: StatusMessage, document: Document, name: str, context: Context
) -> SetStatus:
    """The command that the message asks for, its pieces kept; InvalidError."""
    spoken = [one.reason for one in message.details]
    given = [pieces.Given(filename=one.filename, data=one.data) for one in message.attachments]
    factor = next((one for one in message.others if one.role == FACTOR), None)
    command = SetStatus(
        dossier=held.dossier,
        document=document.id,
        payee=None if factor is None else Payee(name=factor.name, siren=factor.siren),
        code=message.code,
        by=held.client,
        by_name=held.client_name,
        reasons=tuple(one for one in spoken if one.code),
        characteristics=tuple(one for row in message.details for one in row.characteristics),
        comment=next((one.comment for one in spoken if one.comment and not one.code), ""),
        id=f"{document.id}-{name}",
        beyond_due=True,  # no field of the message confirms it: said, and warned of
    )
    if given:
        pieces.check(message.code, given)
        statuses.foreseen(command, context)  # what is refused leaves no file behind
    return replace(command, files=pieces.keep(document, message.code, given, context))


def _beyond(asked: SetStatus, document: Document) -> tuple[AckDetail, ...]:
    """The warning of a payment that brings more than what was due (decision 0326).

    A try before this one may have set the status: it is not set against itself.
    """
    others = tuple(one for one in document.statuses if one.id != f"{OWN}{asked.id}")
    before = allowed.situation(replace(document, statuses=others))
    delta = allowed.excess(asked.code, asked.characteristics, before)
    if not delta:
        return ()
    return (
        AckDetail(
            level="Warning",
            item="MDT-215",
            reason="InvoiceLCAmountError",
            message="flow.beyond_due",
            values={"delta": format(delta, "f"), "currency": document.summary.currency},
        ),
    )


#: Which reason code a fault of a status is: by itself, else by the field that it is about.
_BY_CODE = {
    "status.piece_empty": "EmptyAttachement",  # sic in the standard
    "status.piece_kind": "AttachmentTypeError",
    "status.pieces_large": "FileSizeExceeded",
}
_BY_FIELD = {
    "code": "InvoiceLCStatusError",
    "amount": "InvoiceLCAmountError",
    "characteristics": "InvoiceLCAmountError",
}


def _refusal(fault: Fault) -> AckDetail:
    field = fault.path.split(".")[0]
    otherwise = "InvoiceLCRuleError" if field else "InvoiceLCStatusError"
    reason = _BY_CODE.get(fault.code) or _BY_FIELD.get(field, otherwise)
    return detail(replace(fault, path=fault.path or "MDT-105"), reason=reason)
