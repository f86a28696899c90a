"""Expressions looked for together are found as each of them finds itself."""

import re

import pytest
from facteur.domain.candidate import Origin
from facteur.domain.extraction import kinds, labels, lines
from facteur.domain.extraction.spotting import BOUND, Spotter, beginnings, begins

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
    ("pattern", "keys", "others"),
    [
        ("facture|avoir", ("fa", "av"), ("va", "fb", "f", "")),
        ("(?:ma |votre )?facture", ("ma", "vo", "fa"), ("mf", "ac")),
        (r"(?:^|(?<=   ))[a-z' -]{3,30}", ("ab", "z'", " -"), ("a0", ", ", "a")),
        (r"\(? ?h\.?t", ("( ", "(h", " h", "h.", "ht"), ("t.", "h ", "(t")),
        (r"(?!x)\d\d? ?%", ("12", "1 ", "1%", "٣%"), ("%x", "1x")),
        (r"(?:n ?(?:°s?|os?\b)\.?|#)", ("n ", "n°", "no", "#x", "#"), ("nn", "°s")),
        (r"[^)]{0,3}a", ("ab", "a", "(a", "(("), (")a", "b")),
        ("a*b+c", ("aa", "ab", "bb", "bc"), ("ac", "c", "ba")),
        ("a{0,2}b{2}", ("aa", "ab", "bb"), ("ba", "b")),
        ("a{2,}|b{,1}c|x.$", ("aa", "bc", "c", "x\n"), ("ab", "bb", "x")),
    ],
)
def test_the_signs_that_an_expression_may_begin_with_are_read_off_it(pattern, keys, others):
    """Optional pieces let the next one begin too; look-arounds take nothing."""
    ways = beginnings(pattern)
    for key, expected in (*((one, True) for one in keys), *((one, False) for one in others)):
        assert any(begins(way, key) for way in ways) is expected, key


def test_an_expression_that_may_be_nothing_begins_anywhere():
    """It is tried at every place rather than missed at one."""
    assert () in beginnings("(?:a|b)?")
    found = list(Spotter([re.compile(rf"{BOUND}(?:x?)")]).find("y x"))
    assert [match.span() for _, match in found] == [(0, 0), (2, 3)]


def test_a_whole_text_is_matched_as_each_expression_matches_it():
    """A label and nothing more; a label and more is none; nor is nothing."""
    spotter = Spotter(EVERY)
    for text in ("date", "total ttc", "n° de facture", "facture 12", "zorglub", "t", "%", ""):
        assert spotter.whole(text) is any(one.fullmatch(text) for one in EVERY), text


def test_what_is_not_understood_is_refused_not_guessed():
    """A stray parenthesis ends no expression of ours; none of our groups has a name."""
    for pattern in ("a)b", "(?P<name>a)"):
        with pytest.raises(ValueError, match="not understood"):
            beginnings(pattern)


def test_labels_keep_their_order_and_their_weights():
    """The longest wins its words, then the weightiest; in reading order."""
    (sheet,) = lines.rebuild(draw(imagine(4), 4).pages(), Origin.TEXT).sheets[:1]
    whole = labels.find_all(sheet.rows)
    for family in labels.FAMILIES:
        alone = labels.find(sheet.rows, family)
        assert whole[family] == alone
        places = [(one.spot.row.number, one.spot.start) for one in alone]
        assert places == sorted(places)
