"""What a sender says a document is: kept, changed, compared with what was read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from facteur.domain.decisions import Actor
from facteur.domain.declaring import declare, difference, kind_of
from facteur.domain.documents import DeclaredKind, Direction, Document, State, Summary
from facteur.domain.errors import IllegalTransitionError, InvalidError
from facteur.domain.events import Happened

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DOCUMENT = Document(
    dossier="d",
    id="i",
    direction=Direction.PURCHASE,
    state=State.TO_CHECK,
    received_at=NOW,
    filename="photo.jpg",
    media_type="image/jpeg",
    sha256="0" * 64,
    size=1,
    sources=(),
)


def test_a_word_is_kept_with_who_said_it() -> None:
    """The head holds it, the history says who and what; it can be taken back."""
    said = declare(DOCUMENT, DeclaredKind.CREDIT_NOTE, Actor(id="u", name="Anne"), at=NOW)
    back = declare(said.document, None, Actor(id="u"), at=NOW)
    (event,) = said.events

    assert said.document.declared_kind is DeclaredKind.CREDIT_NOTE
    assert (event.name, event.by_name, event.values) == (
        Happened.KIND_DECLARED,
        "Anne",
        {"kind": "credit_note"},
    )
    assert back.document.declared_kind is None


@pytest.mark.parametrize("state", list(State))
def test_nothing_is_said_of_a_closed_document(state: State) -> None:
    """Open, or in quarantine: yes. Accepted, refused, archived, split: it belongs to history."""
    open_ = state in {
        State.RECEIVED,
        State.READ,
        State.TO_CHECK,
        State.TO_ACCEPT,
        State.QUARANTINED,
    }
    document = replace(DOCUMENT, state=state)
    if open_:
        assert declare(document, DeclaredKind.OTHER, Actor(), at=NOW).document.declared_kind
    else:
        with pytest.raises(IllegalTransitionError):
            declare(document, DeclaredKind.OTHER, Actor(), at=NOW)


@pytest.mark.parametrize(
    ("said", "read", "differs"),
    [
        (DeclaredKind.INVOICE, "invoice", False),
        (DeclaredKind.INVOICE, "receipt", False),
        (DeclaredKind.INVOICE, "prepayment", False),
        (DeclaredKind.INVOICE, "credit_note", True),
        (DeclaredKind.INVOICE, "quote", True),
        (DeclaredKind.CREDIT_NOTE, "credit_note", False),
        (DeclaredKind.CREDIT_NOTE, "invoice", True),
        (DeclaredKind.OTHER, "payslip", False),
        (DeclaredKind.OTHER, "invoice", False),
        (None, "invoice", False),
        (DeclaredKind.CREDIT_NOTE, "", False),
    ],
)
def test_a_difference_is_a_warning(said: DeclaredKind | None, read: str, differs: bool) -> None:
    """Only where both speak, and say different things; « autre » is whatever it is."""
    document = replace(DOCUMENT, declared_kind=said, summary=Summary(kind=read))
    found = difference(document)

    assert (found is not None) is differs
    assert found is None or not found.blocking


def test_an_unknown_word_is_a_fault() -> None:
    """From the API or a forged form; an empty one says nothing."""
    assert kind_of("") is None
    assert kind_of("other") is DeclaredKind.OTHER
    with pytest.raises(InvalidError) as told:
        kind_of("facture")
    assert [one.code for one in told.value.faults] == ["declared.unknown"]
