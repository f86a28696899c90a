"""A circuit that is added or removed while invoices wait: which ones it stops, or lets go.

Registering looks at the circuits once, when an invoice has been checked (acceptance.py). What
waited already is reviewed document by document when a gérant changes them (decision 0279). Pure:
``services/circuits.py`` finds the documents and commits what is decided here.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from facteur.domain.acceptance import Preferences, asked, circuit_of, stops
from facteur.domain.decisions import Actor, Decision
from facteur.domain.documents import Approver, Direction, Document, State
from facteur.domain.events import Event, Happened

#: What waits for a decision: the states in which a circuit may stop a purchase.
WAITING = (State.TO_CHECK, State.TO_ACCEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A circuit that was added or removed: its identifier, its name and its approvers."""

    circuit: str
    name: str
    approvers: tuple[Approver, ...]


def concerned(document: Document, preferences: Preferences, change: Change) -> bool:
    """True when a change may move this document, without looking at its supplier's category."""
    if document.state not in WAITING or document.direction is not Direction.PURCHASE:
        return False
    added = next((one for one in preferences.circuits if one.id == change.circuit), None)
    if added is None:
        return (document.circuit, document.approvers) == (change.name, change.approvers)
    return stops(replace(added, category=""), document, "")


def reviewed(
    document: Document,
    preferences: Preferences,
    change: Change,
    *,
    category: str,
    actor: Actor,
    at: datetime,
) -> Decision | None:
    """What a circuit that was added or removed makes of a purchase that waits already.

    The one that was added stops it when it is the first whose conditions hold; the one that was
    removed leaves it to the next such, or lets it go, to be accepted like any other. None when
    nothing changes: also when it was taken out of another circuit by hand, or asked again.
    """
    if not concerned(document, preferences, change):
        return None
    wanted = circuit_of(preferences, document, category)
    if wanted is not None and (wanted.name, wanted.approvers) == (
        document.circuit,
        document.approvers,
    ):
        return None
    if any(one.id == change.circuit for one in preferences.circuits):  # added
        if wanted is None or wanted.id != change.circuit:
            return None
        return asked(Decision(document=document, events=()), wanted, at, actor=actor)
    event = Event(
        name=Happened.CIRCUIT_LIFTED,
        at=at,
        by=actor.id,
        by_name=actor.name,
        values={"circuit": document.circuit, "because": "circuit_removed"},
    )
    freed = replace(document, circuit="", approvers=(), approvals=())
    decision = Decision(document=freed, events=(event,))
    return decision if wanted is None else asked(decision, wanted, at, actor=actor)
