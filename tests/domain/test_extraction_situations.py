"""Situations of many trades and countries, papers that are no invoice, words said in many ways.

The floors are a little under what is reached; ``measure`` and ``wording``, both runnable in
``benchmarks.synthetic.situations``, tell which situation, field or wording falls below.
"""
# ruff: noqa: S311 - chance that must be repeatable

import random
from collections import Counter

import pytest
from facteur.domain.candidate import Origin
from facteur.domain.extraction import extract

from benchmarks.synthetic.situations import DEV, HELD, LAST, MORE, papers, wording
from benchmarks.synthetic.situations.measure import score
from benchmarks.synthetic.situations.wear import worn


def _whole(counts: dict[str, Counter[str]]) -> Counter[str]:
    whole: Counter[str] = Counter()
    for count in counts.values():
        whole += count
    return whole


def test_situations_of_every_trade_are_read_right():
    """99 % of the fields exact; of those marked sure hardly one wrong."""
    whole = _whole(score((*DEV, *HELD, *MORE, *LAST), 2, misses=False, wear=False))
    assert whole["ok"] / whole["n"] >= 0.99
    assert whole["sure_wrong"] / whole["sure"] <= 0.005


def test_situations_worn_as_a_scan_wears_them_are_read_nearly_as_well():
    """Words lost, split, glued, moved: what is read wrong is seldom sure."""
    whole = _whole(score((*DEV, *HELD, *MORE, *LAST), 1, misses=False, wear=True))
    assert whole["ok"] / whole["n"] >= 0.96
    assert whole["sure_wrong"] / whole["sure"] <= 0.02


@pytest.mark.parametrize("paper", papers.ALL, ids=lambda paper: paper.__name__)
def test_a_paper_that_is_no_invoice_gives_no_field(paper):
    """Letters, advices, statements, contracts of forty pages, noise: said to be what they are."""
    for seed in range(3):
        canvas, kinds = paper(random.Random(seed))
        found = extract(canvas.pages(), origin=Origin.TEXT)
        assert found.kind in kinds
        assert found.fields == {}


def test_papers_worn_as_a_scan_wears_them_are_hardly_ever_invoices():
    """Whatever OCR does to their titles: one in thirty at most, and never a sure total."""
    taken = 0
    for paper in papers.ALL:
        canvas, _kinds = paper(random.Random(1))
        found = extract(worn(canvas.pages(), random.Random(1)), origin=Origin.OCR)
        taken += found.kind in ("invoice", "receipt")
    assert taken <= 1


@pytest.mark.parametrize("language", wording.LABELS)
def test_an_invoice_in_other_words_is_read_the_same(language):
    """Every label drawn from the ways to say it, all at once."""
    lost = [one for seed in range(25) for one in wording.lost(*wording.mixed(language, seed)[:2])]
    assert len(lost) <= 0.02 * 25 * 12


def test_a_worn_word_keeps_its_place_on_the_page():
    """The wear moves and spoils words, but invents none far from where they stood."""
    canvas, _ = DEV[0](random.Random(5))
    pages = canvas.pages()
    spoiled = worn(pages, random.Random(5))
    before = {(round(word.box.left, 2), round(word.box.top, 2)) for word in pages.pages[0].words}
    near = [
        word
        for word in spoiled.pages[0].words
        if any(abs(word.box.left - x) < 0.05 and abs(word.box.top - y) < 0.01 for x, y in before)
    ]
    assert len(near) >= 0.97 * len(spoiled.pages[0].words)
