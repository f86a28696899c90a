"""Several invoices in one file are proposed; one invoice of many pages never is."""

from collections.abc import Callable, Sequence

import pytest
from facteur.domain import decisions, splitting
from facteur.domain.candidate import Origin
from facteur.domain.documents import ProposedPart, State
from facteur.domain.errors import IllegalTransitionError
from facteur.domain.events import Happened
from facteur.domain.pages import PageSet
from facteur.domain.proposing import propose
from facteur.domain.splitting import Sheet

from benchmarks.synthetic.strangers import not_an_invoice
from tests.domain import lots
from tests.domain.test_decisions import ANNE, NOW, document, names


def cuts(pages: PageSet, sheets: Sequence[Sheet] = (), origin: Origin = Origin.TEXT) -> list[int]:
    """The pages where parts start, [1] when nothing is proposed."""
    return [one.first for one in propose(pages, sheets, origin=origin)] or [1]


@pytest.mark.parametrize("manner", lots.LONG, ids=lambda manner: manner.__name__)
@pytest.mark.parametrize("origin", [Origin.TEXT, Origin.OCR])
def test_one_invoice_of_many_pages_is_never_proposed(
    manner: Callable[[int], PageSet], origin: Origin
) -> None:
    """Repeated headers, carried sums, details, terms, copies, delivery notes: one invoice."""
    for seed in range(3 if origin is Origin.TEXT else 1):
        assert [1] == cuts(manner(seed), origin=origin), seed


@pytest.mark.parametrize("seed", [1])
def test_a_contract_of_forty_pages_is_never_proposed(seed: int) -> None:
    """It speaks of invoices, numbers and totals on every page, and is none."""
    assert [1] == cuts(lots.contract(seed))


def test_documents_that_are_no_invoices_are_never_proposed() -> None:
    """Nor is an invoice with its quote, its order, its delivery note or its contract behind it."""
    for seed in range(5):
        strangers = [not_an_invoice(seed * 5 + at)[0].pages() for at in range(3)]
        assert [1] == cuts(lots.lot(*strangers)), seed
        assert [1] == cuts(lots.lot(lots.some(seed), *strangers)), seed


def test_lots_of_invoices_are_cut_where_each_begins() -> None:
    """A dozen lots of all families: most exactly, and no cut inside an invoice."""
    exact = 0
    for seed in range(12):
        documents = [lots.some(seed * 3 + at) for at in range(2 + seed % 3)]
        found, true = cuts(lots.lot(*documents)), lots.firsts(*documents)
        assert set(found) <= set(true), seed
        exact += found == true
    assert exact >= 11


def test_a_months_invoices_of_one_supplier_are_told_by_their_numbers() -> None:
    """Same letterhead, same customer, numbers that follow each other."""
    documents = lots.of_one_seller(4, 4)
    parts = propose(lots.lot(*documents), origin=Origin.TEXT)

    assert lots.firsts(*documents) == [one.first for one in parts]
    assert 4 == len({one.number for one in parts})
    assert 1 == len({one.seller for one in parts})
    assert all(one.total for one in parts)
    assert ["", "number", "number", "number"] == [one.why for one in parts]


@pytest.mark.parametrize("manner", lots.LONG[:4], ids=lambda manner: manner.__name__)
def test_long_invoices_one_after_the_other_are_cut_between_them(
    manner: Callable[[int], PageSet],
) -> None:
    """Pages of the same invoice stay together; terms and annexes go with the one before."""
    for seed in (0, 3):
        documents = [manner(seed), lots.with_terms(seed + 500), manner(seed + 100)]
        assert lots.firsts(*documents) == cuts(lots.lot(*documents)), seed


def test_a_separator_sheet_cuts_whatever_the_pages_are() -> None:
    """And it is in no part; without its code nothing would be proposed."""
    one = not_an_invoice(1)[0].pages()
    pages = lots.lot(one, lots.blank(), one)

    assert [1] == cuts(pages)
    parts = propose(pages, (Sheet(number=2, codes=("FACTEUR-SEPARATEUR",)),), origin=Origin.TEXT)
    assert [(1, 1, ""), (3, 3, "separator")] == [(one.first, one.last, one.why) for one in parts]
    assert [1] == cuts(pages, (Sheet(number=2, codes=("https://exemple.fr",)),))


def test_the_back_of_a_sheet_is_no_new_invoice() -> None:
    """Blank backs between the pages of one invoice, as a duplex scanner gives them."""
    for seed in (0,):
        sides: list[PageSet] = []
        whole = lots.repeated(seed)
        for page in whole.pages:
            sides += [PageSet(pages=(page,), origin="text", total=1), lots.blank()]
        pages = lots.lot(*sides)
        backs = tuple(Sheet(number=at, blank=True) for at in range(2, len(pages.pages) + 1, 2))
        assert [1] == cuts(pages, backs), seed


def test_only_pages_with_few_words_are_looked_at() -> None:
    """Text says the rest; a page that holds words is no blank one."""
    pages = lots.lot(lots.repeated(0), lots.blank())
    last = len(pages.pages)

    assert (last,) == splitting.suspects(pages)
    assert () == splitting.suspects(lots.blank())
    seen = (Sheet(number=1, blank=True), Sheet(number=last, blank=True))
    assert (last,) == splitting.apart(splitting.weighed(seen, pages))


def test_pages_apart_are_at_the_edge_of_no_part() -> None:
    """Sheets 3 and 6 of 6 go; a page apart inside a part that its user wants stays."""
    held = document(State.TO_CHECK, sheets=6, pages=6, apart=(3, 6))

    assert ((1, 2), (4, 5)) == splitting.ranges(held, (4,))
    assert ((1, 2), (4, 5)) == splitting.ranges(held, (3,))
    assert ((1, 4), (5, 5)) == splitting.ranges(held, (5,))
    assert ["split.none"] == [one.code for one in splitting.faults_of_cuts((6,), held)]


def test_saying_that_it_is_one_invoice_takes_it_on_its_way() -> None:
    """The proposal goes, converting follows, and nobody asks again."""
    parts = (ProposedPart(first=1, last=2), ProposedPart(first=3, last=3, why="number"))
    held = document(State.TO_CHECK, sheets=3, pages=3, proposal=parts)
    kept = decisions.keep_whole(held, ANNE, at=NOW)

    assert [Happened.KEPT_WHOLE] == names(kept)
    assert (State.READ, (), True) == (
        kept.document.state,
        kept.document.proposal,
        kept.document.kept_whole,
    )
    assert not decisions.acceptable(held), "not before that"
    with pytest.raises(IllegalTransitionError):
        decisions.keep_whole(document(State.TO_CHECK), ANNE, at=NOW)
