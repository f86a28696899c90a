"""The same decision twice: whose it was, and whether the document still stands as it left it."""

from collections.abc import Callable

import pytest
from facteur.domain.decisions import again
from facteur.domain.documents import Approval, Document, State
from facteur.domain.events import SYSTEM, Entry, Event, Happened, chained

from tests.domain.test_decisions import NOW, document

ME, OTHER = "u1", "u2"

Asked = Callable[[Document, tuple[Entry, ...], str], bool]


def history(*done: tuple[Happened, str]) -> tuple[Entry, ...]:
    """What was done, by whom, in order."""
    events = tuple(Event(name=name, at=NOW, by=by) for name, by in done)
    return chained(events, length=0, last="")


def refused(document: Document, entries: tuple[Entry, ...], by: str) -> bool:
    return again.refused_by(document, entries, by, reason="DOUBLON", comment="Déjà reçue.")


def cut(document: Document, entries: tuple[Entry, ...], by: str) -> bool:
    return again.split_by(document, entries, by, starts=(4, 2, 2))


CASES = [
    (again.accepted_by, {"state": State.ACCEPTED}, Happened.INVOICE_ACCEPTED),
    (again.accepted_by, {"state": State.ARCHIVED}, Happened.INVOICE_ACCEPTED),
    (
        refused,
        {"state": State.REFUSED, "refusal": "DOUBLON", "refusal_comment": "Déjà reçue."},
        Happened.INVOICE_REFUSED,
    ),
    (cut, {"state": State.SPLITTING, "cuts": (2, 4)}, Happened.SPLIT_ASKED),
    (cut, {"state": State.SPLIT, "cuts": (2, 4)}, Happened.SPLIT_ASKED),
    (again.kept_whole_by, {"kept_whole": True}, Happened.KEPT_WHOLE),
    (again.cleared_by, {"duplicates_cleared": True}, Happened.DUPLICATES_CLEARED),
]


@pytest.mark.parametrize(("asked", "left", "name"), CASES)
def test_a_decision_is_whose_it_was(asked: Asked, left: dict[str, object], name: Happened) -> None:
    """Mine, whatever the system did since; not mine when somebody else took it after me."""
    stands = document(**left)  # type: ignore[arg-type]
    mine = (name, ME)
    assert asked(stands, history(mine, (Happened.DOCUMENT_ARCHIVED, SYSTEM)), ME)
    assert not asked(stands, history(mine), OTHER)
    assert not asked(stands, history(mine, (name, OTHER)), ME)
    assert not asked(stands, history((name, SYSTEM)), ME)
    assert not asked(stands, (), ME)


@pytest.mark.parametrize(("asked", "left", "name"), CASES)
def test_a_decision_that_no_longer_stands_is_to_be_taken_again(
    asked: Asked, left: dict[str, object], name: Happened
) -> None:
    """It was mine, and the document came back since: nothing is said to be done."""
    assert not asked(document(State.TO_CHECK), history((name, ME)), ME)


def test_an_approval_of_a_circuit_is_that_person_s_own() -> None:
    """The others are still waited for; whoever gave theirs is told that they did."""
    given = (Approval(by=ME, name="Anne", at=NOW),)
    waiting = document(State.TO_ACCEPT, approvals=given)
    assert again.accepted_by(waiting, (), ME)
    assert not again.accepted_by(waiting, (), OTHER)


def test_another_refusal_or_other_cuts_are_not_the_same() -> None:
    """Another reason, other words, other pages: something else is asked."""
    gone = document(State.REFUSED, refusal="DEST_ERR", refusal_comment="Déjà reçue.")
    assert not refused(gone, history((Happened.INVOICE_REFUSED, ME)), ME)
    split = document(State.SPLITTING, cuts=(3,))
    assert not cut(split, history((Happened.SPLIT_ASKED, ME)), ME)
