"""A circuit that is added, changed or removed while invoices wait: what it stops, or lets go.

Registering looks at the circuits once, when an invoice has been checked (acceptance.py). What
waited already is reviewed document by document when a gérant changes them (decision 0279). Pure:
``services/deciding/circuits.py`` finds the documents and commits what is decided here.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from facteur.domain.acceptance import Circuit, Preferences, asked, circuit_of, stops
from facteur.domain.decisions import Actor, Decision
from facteur.domain.documents import Approver, Direction, Document, State
from facteur.domain.events import Event, Happened

#: What waits for a decision: the states in which a circuit may stop a purchase.
WAITING = (State.TO_CHECK, State.TO_ACCEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A circuit that was added, changed or removed, as the documents that it holds know it.

    Its identifier; its name and its approvers before the change, or as added.
    """

    circuit: str
    name: str
    approvers: tuple[Approver, ...]


def concerned(document: Document, preferences: Preferences, change: Change) -> bool:
    """True when a change may move this document, without looking at its supplier's category."""
    if document.state not in WAITING or document.direction is not Direction.PURCHASE:
        return False
    present = _present(preferences, change)
    if present is not None and stops(replace(present, category=""), document, ""):
        return True
    return _holds(change, document)


def reviewed(
    document: Document,
    preferences: Preferences,
    change: Change,
    *,
    category: str,
    actor: Actor,
    at: datetime,
) -> Decision | None:
    """What a circuit that was added, changed or removed makes of a purchase that waits already.

    It stops the document when it is the first whose conditions hold; what it held and stops no
    more goes to the next such, or is let go, to be accepted like any other. None when nothing
    changes: also when it was taken out of another circuit by hand, or asked again.
    """
    if not concerned(document, preferences, change):
        return None
    wanted = circuit_of(preferences, document, category)
    if wanted is not None and wanted.approvers == document.approvers:
        if wanted.name == document.circuit:
            return None
        if wanted.id == change.circuit and _holds(change, document):  # it has another name only
            return Decision(document=replace(document, circuit=wanted.name), events=())
    held = _holds(change, document)
    bare = Decision(document=document, events=())
    if wanted is not None and wanted.id == change.circuit:
        because = "circuit_altered" if held else "circuit_added"
        return asked(bare, wanted, at, actor=actor, because=because)
    if not held:
        return None
    gone = _present(preferences, change) is None
    event = Event(
        name=Happened.CIRCUIT_LIFTED,
        at=at,
        by=actor.id,
        by_name=actor.name,
        values={
            "circuit": document.circuit,
            "because": "circuit_removed" if gone else "circuit_narrowed",
        },
    )
    freed = replace(document, circuit="", approvers=(), approvals=())
    decision = Decision(document=freed, events=(event,))
    if wanted is None:
        return decision
    return asked(decision, wanted, at, actor=actor, because="circuit_next")


def _present(preferences: Preferences, change: Change) -> Circuit | None:
    return next((one for one in preferences.circuits if one.id == change.circuit), None)


def _holds(change: Change, document: Document) -> bool:
    return (document.circuit, document.approvers) == (change.name, change.approvers)
