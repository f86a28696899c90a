"""Decisions about what an archived invoice still lives through: fetched for accounting, paid.

Its files and its evidence never change; its head does, and its history goes on after the seal:
each of these events is chained behind the entry that names the evidence, so that the whole stays
provable (evidence.py checks the sealed part, ``events.broken_at`` all of it). JF-61, JF-62.
"""

from dataclasses import replace
from datetime import datetime

from facteur.domain.decisions.base import Actor, Decision, require, told
from facteur.domain.documents import Accounting, Document, PaymentStatus, State
from facteur.domain.errors import InvalidError
from facteur.domain.events import Happened
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.due import due_of

#: How a document came to be « Récupérée », or to be fetched again.
MANUAL, EXPORT, API, UNDO = "manual", "export", "api", "undo"


def set_accounting(
    document: Document, wanted: Accounting, actor: Actor, *, how: str, at: datetime
) -> Decision:
    """« À récupérer » or « Récupérée », with when, who and how; no event when it is so already.

    IllegalTransitionError for a document that is not archived.
    """
    require(document, "accounting", State.ARCHIVED)
    if document.accounting is wanted:
        return Decision(document=document, events=())
    fetched = wanted is Accounting.FETCHED
    head = replace(
        document,
        accounting=wanted,
        fetched_at=at if fetched else None,
        fetched_by=(actor.name or actor.id) if fetched else "",
    )
    event = told(
        Happened.ACCOUNTING_CHANGED,
        at,
        actor,
        before=document.accounting.value,
        after=wanted.value,
        how=how,
    )
    return Decision(document=head, events=(event,))


def set_payment(
    document: Document, wanted: PaymentStatus, actor: Actor, *, how: str, at: datetime
) -> Decision:
    """What somebody says of its payment; no event when it is said already.

    IllegalTransitionError for a document that is not archived, InvalidError (``payment.follow``)
    for one whose payments were said: its status follows from them.
    """
    require(document, "payment", State.ARCHIVED)
    if due_of(document).said:
        values = {"number": document.summary.number or document.filename}
        fault = Fault(code="payment.follows", values=values)
        raise InvalidError((fault,), code="payment.follow")
    if document.payment is wanted:
        return Decision(document=document, events=())
    event = told(
        Happened.PAYMENT_CHANGED,
        at,
        actor,
        before=document.payment.value,
        after=wanted.value,
        how=how,
    )
    return Decision(document=replace(document, payment=wanted), events=(event,))
