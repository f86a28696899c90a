"""What a circuit that changes makes of an invoice that waits already."""

from dataclasses import replace

import pytest
from facteur.domain import circuits
from facteur.domain.acceptance import Circuit, Preferences
from facteur.domain.circuits import Change
from facteur.domain.decisions import Actor, Decision
from facteur.domain.documents import Approval, Direction, Document, State

from tests.domain.test_acceptance import ANNE, BASILE, MANUAL, NOW, checked, circuit

ZOE = Actor(id="u9", name="Zoé")


def change(one: Circuit) -> Change:
    return Change(circuit=one.id, name=one.name, approvers=one.approvers)


def reviewed(
    document: Document, held: Preferences, one: Circuit, category: str = ""
) -> Decision | None:
    return circuits.reviewed(
        document, held, change(one), category=category, actor=ZOE, at=NOW
    )  # fmt: skip


def test_a_circuit_that_was_added_stops_what_meets_its_conditions() -> None:
    """Held for both approvers by the gérant who added it; asked again, nothing changes."""
    held = replace(MANUAL, circuits=(circuit(),))
    decision = reviewed(checked().document, held, circuit())

    assert decision is not None
    assert ("Gros", (ANNE, BASILE), "Zoé") == (
        decision.document.circuit,
        decision.document.approvers,
        decision.events[0].by_name,
    )
    assert reviewed(decision.document, held, circuit()) is None


@pytest.mark.parametrize(
    "document",
    [
        checked(State.ARCHIVED).document,
        checked(direction=Direction.SALE).document,
        checked(summary=replace(checked().document.summary, total_incl_vat=None)).document,
    ],
)
def test_what_does_not_wait_or_does_not_meet_them_is_left_alone(document: Document) -> None:
    """An archived purchase, a sale, an invoice whose total nobody read."""
    held = replace(MANUAL, circuits=(circuit(),))
    assert not circuits.concerned(document, held, change(circuit()))
    assert reviewed(document, held, circuit()) is None


def test_the_category_of_the_supplier_decides_last() -> None:
    """Concerned as far as the row says; stopped only when its supplier's category agrees."""
    one = circuit(category="Travaux")
    held = replace(MANUAL, circuits=(one,))
    assert circuits.concerned(checked().document, held, change(one))
    assert reviewed(checked().document, held, one, category="Loyers") is None
    assert reviewed(checked().document, held, one, category="travaux") is not None


def test_a_circuit_placed_before_keeps_what_it_holds() -> None:
    """The first that applies is the one: a later one neither takes it nor asks anybody."""
    first, second = circuit(id="a", name="Premier"), circuit(id="b", name="Second")
    held = replace(MANUAL, circuits=(first, second))
    stopped = replace(checked().document, circuit="Premier", approvers=first.approvers)
    assert reviewed(stopped, held, second) is None


def test_removing_a_circuit_lets_go_or_hands_on() -> None:
    """With nobody else it is free and its approvals forgotten; else the next asks anew."""
    gone, left = circuit(id="a", name="Premier"), circuit(id="b", name="Second", approvers=(ANNE,))
    approved = (Approval(by="u1", name="Anne", at=NOW),)
    stopped = replace(
        checked().document, circuit="Premier", approvers=gone.approvers, approvals=approved
    )
    free = reviewed(stopped, MANUAL, gone)
    assert free is not None
    assert ("", (), ()) == (
        free.document.circuit,
        free.document.approvers,
        free.document.approvals,
    )
    handed = reviewed(stopped, replace(MANUAL, circuits=(left,)), gone)
    assert handed is not None
    assert ("Second", (ANNE,), ()) == (
        handed.document.circuit,
        handed.document.approvers,
        handed.document.approvals,
    )


def test_a_twin_of_the_circuit_that_was_removed_goes_on_holding() -> None:
    """Same name, same approvers: nothing changes for who approves, nothing is written."""
    gone, twin = circuit(id="a"), circuit(id="b")
    stopped = replace(checked().document, circuit="Gros", approvers=gone.approvers)
    assert reviewed(stopped, replace(MANUAL, circuits=(twin,)), gone) is None
