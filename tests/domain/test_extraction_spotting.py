"""Expressions looked for together are found as each of them finds itself."""

import re

import pytest
from facteur.domain.candidate import Origin
from facteur.domain.extraction import kinds, labels, lines
from facteur.domain.extraction.spotting import BOUND, Spotter, beginning

from benchmarks.perturbing import as_ocr
from benchmarks.synthetic.content import imagine
from benchmarks.synthetic.layouts import draw

EVERY = [
    *(pattern for family in labels.FAMILIES for _, _, pattern in labels._patterns(family)),
    *(pattern for _, _, pattern in kinds._TITLES),
]


def _pages():
    for seed in range(0, 60, 3):
        pages = draw(imagine(seed), seed).pages()
        yield pages
        yield as_ocr(pages, seed)


def test_the_labels_of_many_pages_are_those_that_each_expression_finds_by_itself():
    """Row after row, the same matches at the same places: nothing is left out, nothing added."""
    spotter = Spotter(EVERY)
    seen = 0
    for pages in _pages():
        for row in lines.rebuild(pages, Origin.TEXT).rows:
            found = sorted((one, match.span()) for one, match in spotter.find(row.plain))
            each = [
                (one, match.span())
                for one, pattern in enumerate(EVERY)
                for match in pattern.finditer(row.plain)
            ]
            assert found == each, row.plain
            seen += len(found)
    assert seen > 2000


def test_a_part_of_a_text_is_searched_as_search_does_it():
    """From an offset to another: what stands before still bounds, what comes after is unseen."""
    text = "avoir   facture n° 12   total ttc   facture"
    for start in range(len(text)):
        for end in (start + 7, len(text)):
            found = sorted((one, m.span()) for one, m in Spotter(EVERY).find(text, start, end))
            each = [
                (one, match.span())
                for one, pattern in enumerate(EVERY)
                for match in pattern.finditer(text, start, end)
            ]
            assert found == each


@pytest.mark.parametrize(
    ("pattern", "signs", "others"),
    [
        ("facture|avoir", "fa", "vb "),
        ("(?:ma |votre )?facture", "mvf", "ac"),
        (r"(?:^|(?<=   ))[a-z' -]{3,30}", "az' -", "0,"),
        (r"\(? ?h\.?t", "( h", "t."),
        (r"(?!x)\d\d? ?%", "1٣", "%x"),
        (r"(?:n ?(?:°s?|os?\b)\.?|#)", "n#", "o°"),
        (r"[^)]{0,3}a", "a(", ")"),
        ("a*b+c", "ab", "c"),
        ("a{0,2}b{2}", "ab", "c"),
    ],
)
def test_the_signs_that_an_expression_may_begin_with_are_read_off_it(pattern, signs, others):
    """Optional pieces let the next one begin too; look-arounds take nothing."""
    first = beginning(pattern)
    assert first is not None
    assert all(first.match(sign) for sign in signs)
    assert not any(first.match(sign) for sign in others)


def test_an_expression_that_may_be_nothing_begins_anywhere():
    """It is tried at every place rather than missed at one."""
    assert beginning("(?:a|b)?") is None
    found = list(Spotter([re.compile(rf"{BOUND}(?:x?)")]).find("y x"))
    assert [match.span() for _, match in found] == [(0, 0), (2, 3)]


def test_what_is_not_understood_is_refused_not_guessed():
    """A stray parenthesis ends no expression of ours."""
    with pytest.raises(ValueError, match="not understood"):
        beginning("a)b")


def test_labels_keep_their_order_and_their_weights():
    """The longest wins its words, then the weightiest; in reading order."""
    (sheet,) = lines.rebuild(draw(imagine(4), 4).pages(), Origin.TEXT).sheets[:1]
    whole = labels.find_all(sheet.rows)
    for family in labels.FAMILIES:
        alone = labels.find(sheet.rows, family)
        assert whole[family] == alone
        places = [(one.spot.row.number, one.spot.start) for one in alone]
        assert places == sorted(places)
