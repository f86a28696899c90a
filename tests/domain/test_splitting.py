"""A file cut into parts: where it may be cut, what the parts are called, what happens to it."""

from dataclasses import replace

import pytest
from facteur.domain import decisions, splitting
from facteur.domain.documents import Document, PartOf, State
from facteur.domain.errors import IllegalTransitionError, InvalidError
from facteur.domain.events import Happened
from facteur.domain.faults import Fault

from tests.domain.test_decisions import ANNE, NOW, document, names

FIVE = document(State.TO_CHECK, pages=5, sheets=5, filename="lot.pdf")


def ask(one: Document, *starts: int) -> decisions.Decision:
    return decisions.ask_split(one, starts, ANNE, at=NOW)


@pytest.mark.parametrize("state", [State.TO_CHECK, State.TO_ACCEPT, State.QUARANTINED])
def test_a_cut_is_recorded_and_closes_the_file_to_everything_else(state: State) -> None:
    """While its parts are written nobody accepts, refuses, corrects or replays the whole."""
    asked = ask(replace(FIVE, state=state), 4, 2, 4)

    assert (State.SPLITTING, (2, 4)) == (asked.document.state, asked.document.cuts)
    assert [Happened.SPLIT_ASKED] == names(asked)
    assert ("u1", "2, 4") == (asked.events[0].by, asked.events[0].values["pages"])
    for step in (
        lambda one: decisions.accept(one, ANNE, at=NOW),
        lambda one: decisions.refuse(one, "DEST_ERR", "", ANNE, at=NOW),
        lambda one: decisions.replay(one, ANNE, at=NOW),
        lambda one: decisions.clear_duplicates(one, ANNE, at=NOW),
        lambda one: ask(one, 3),
    ):
        with pytest.raises(IllegalTransitionError):
            step(asked.document)


@pytest.mark.parametrize("state", sorted(set(State) - splitting.SPLITTABLE))
def test_what_is_decided_or_being_read_is_not_split(state: State) -> None:
    """An archived invoice is sealed; one that is being read has no pages to choose from."""
    with pytest.raises(IllegalTransitionError):
        ask(replace(FIVE, state=state), 2)
    assert not splitting.can_split(replace(FIVE, state=state))


@pytest.mark.parametrize("one", [replace(FIVE, pages=1, sheets=1), replace(FIVE, structured=True)])
def test_one_page_or_an_issuers_data_are_one_invoice(one: Document) -> None:
    """A Factur-X is one invoice, however many pages it has."""
    assert not splitting.can_split(one)
    with pytest.raises(IllegalTransitionError) as refused:
        ask(one, 2)
    assert "document.one_invoice" == refused.value.code


@pytest.mark.parametrize(
    ("starts", "codes"),
    [
        ((), ["split.none"]),
        ((1,), ["split.page"]),
        ((6,), ["split.page"]),
        ((-3, 0, 2, 99), ["split.page", "split.page", "split.page"]),
        (tuple(range(2, 2 + splitting.MOST_PARTS)), ["split.too_many"] + 9 * ["split.page"]),
    ],
)
def test_every_wrong_page_is_told(starts: tuple[int, ...], codes: list[str]) -> None:
    """All the faults at once; page 1 starts the first invoice whatever one says."""
    with pytest.raises(InvalidError) as refused:
        ask(FIVE, *starts)
    assert codes == [fault.code for fault in refused.value.faults]


def test_pages_without_an_image_count_too() -> None:
    """Only the first pages have images: a cut on page 34 of 40 is good."""
    assert (2, 34) == ask(replace(FIVE, pages=20, sheets=40), 2, 34).document.cuts
    assert (2,) == ask(replace(FIVE, sheets=0), 2).document.cuts, "read before pages were counted"


def test_parts_cover_every_page_once() -> None:
    """From the first page to the last, without a gap; each has its own name."""
    asked = ask(FIVE, 2, 4).document
    found = splitting.ranges(asked)

    assert ((1, 1), (2, 3), (4, 5)) == found
    assert found == splitting.ranges(FIVE, (4, 2))
    assert ["lot, page 1.pdf", "lot, pages 2-3.pdf", "lot, pages 4-5.pdf"] == [
        splitting.part_name(asked, *one) for one in found
    ]


def test_the_same_pages_of_the_same_document_have_one_identifier() -> None:
    """And no other pages, document or dossier have it: writing twice makes one document."""
    one = splitting.part_id(FIVE, 2, 3)

    assert one == splitting.part_id(replace(FIVE, state=State.SPLITTING), 2, 3)
    assert 26 == len(one)
    others = {
        splitting.part_id(FIVE, 2, 4),
        splitting.part_id(replace(FIVE, id="y"), 2, 3),
        splitting.part_id(replace(FIVE, dossier="e"), 2, 3),
    }
    assert 3 == len(others - {one})


def test_a_split_file_names_its_parts_and_keeps_its_bytes() -> None:
    """Closed, not altered: the history says which documents took its place."""
    asked = ask(FIVE, 3).document
    done = decisions.split(asked, ("a", "b"), at=NOW)

    assert (State.SPLIT, ("a", "b")) == (done.document.state, done.document.parts)
    assert FIVE.files == done.document.files
    assert {"documents": "a, b", "parts": "2", "pages": "1-2, 3-5"} == done.events[0].values
    with pytest.raises(IllegalTransitionError):
        decisions.split(done.document, ("a", "b"), at=NOW)


def test_parts_that_cannot_be_written_end_in_quarantine() -> None:
    """Nothing is lost: the whole is kept with the reason, and may be replayed or cut again."""
    asked = ask(FIVE, 3).document
    stopped = decisions.quarantine(asked, Fault(code="unreadable.damaged"), at=NOW).document

    assert State.QUARANTINED is stopped.state
    assert State.RECEIVED is decisions.replay(stopped, ANNE, at=NOW).document.state
    assert State.SPLITTING is ask(stopped, 2).document.state
    assert ask(stopped, 2).document.failure is None


def test_a_part_says_what_it_was_cut_from() -> None:
    """Its history starts with the file and the pages, and with the road the file came by."""
    part = document(part_of=PartOf(document="x", first=2, last=3))
    (event,) = decisions.receive(part, part.sources[0], at=NOW).events

    assert Happened.PART_RECEIVED is event.name
    assert ("x", "2-3", "a@b.fr") == tuple(
        event.values[name] for name in ("parent", "pages", "sender")
    )
