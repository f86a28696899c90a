"""What its sender says a document is (JF-17), beside what reading it finds.

The word is the user's: it never changes what was read, and what was read never changes it. Where
the two differ, the document says so and a person looks. It may be said at any time before the
document is closed; after that it belongs to the history.
"""

from dataclasses import replace
from datetime import datetime

from facteur.domain.decisions import Actor, Decision
from facteur.domain.documents import OPEN_STATES, DeclaredKind, Document, State
from facteur.domain.errors import IllegalTransitionError, InvalidError
from facteur.domain.events import Event, Happened
from facteur.domain.faults import Fault, Severity

#: What reading calls each word (Summary.kind); a receipt is a simplified invoice.
_READ_AS = {
    DeclaredKind.INVOICE: frozenset(
        {"invoice", "receipt", "prepayment", "corrective", "self_billed"}
    ),
    DeclaredKind.CREDIT_NOTE: frozenset({"credit_note"}),
}


def kind_of(text: str) -> DeclaredKind | None:
    """The word of a form or of the API; None for "", InvalidError(``declared.unknown``) else."""
    if not text:
        return None
    try:
        return DeclaredKind(text)
    except ValueError:
        fault = Fault(code="declared.unknown", path="declared_kind", values={"kind": text[:40]})
        raise InvalidError((fault,)) from None


def declare(
    document: Document, kind: DeclaredKind | None, actor: Actor, *, at: datetime
) -> Decision:
    """The user's word is kept; IllegalTransitionError once the document is closed."""
    if document.state not in OPEN_STATES | {State.QUARANTINED}:
        raise IllegalTransitionError(
            "document.illegal_transition", step="declare", state=document.state.value
        )
    values = {"kind": kind.value if kind else ""}
    event = Event(
        name=Happened.KIND_DECLARED, at=at, by=actor.id, by_name=actor.name, values=values
    )
    return Decision(document=replace(document, declared_kind=kind), events=(event,))


def difference(document: Document) -> Fault | None:
    """The warning for a document that was read as something else than its sender says.

    None while nothing is read, when nothing was declared, and for « autre »: whatever it is.
    """
    said, read = document.declared_kind, document.summary.kind
    if said is None or not read or said not in _READ_AS or read in _READ_AS[said]:
        return None
    values = {"declared": said.value, "read": read}
    return Fault(code="declared.differs", path="type", severity=Severity.WARNING, values=values)
