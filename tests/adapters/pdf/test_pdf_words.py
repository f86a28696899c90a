"""Tests of words from characters: what a reader sees, in the order a reader reads."""

import pytest
from facteur.adapters.pdf.words import Glyph, Placed, clean, in_reading_order, words_of

WIDTH, HEIGHT = 0.01, 0.014


def _typed(text: str, left: float, top: float, *, advance: float = WIDTH) -> list[Glyph]:
    """The characters of a line, each in its cell."""
    return [
        Glyph(character, left + i * advance, top, left + i * advance + WIDTH, top + HEIGHT)
        for i, character in enumerate(text)
    ]


def _texts(glyphs: list[Glyph]) -> list[str]:
    return [word.text for word in words_of(glyphs, aspect=0.707)]


def test_spaces_end_words_and_leave_none_inside():
    """A word holds no space of any kind."""
    glyphs = [
        Glyph(clean(one.text), *one[1:]) for one in _typed("Total\u00a01\u202f310,40\u2009€", 0, 0)
    ]
    assert _texts(glyphs) == ["Total", "1", "310,40", "€"]


def test_a_gap_ends_a_word_even_without_a_space():
    """Two columns printed without a space between them are two words."""
    assert _texts(_typed("Prix", 0.1, 0.1) + _typed("450,00", 0.5, 0.1)) == ["Prix", "450,00"]


def test_tight_kerning_keeps_a_word_whole():
    """Characters that overlap a little are still one word."""
    assert _texts(_typed("AVOIR", 0.1, 0.1, advance=0.008)) == ["AVOIR"]


def test_lines_read_from_top_to_bottom_whatever_the_drawing_order():
    """The order in which a PDF draws is not the order in which one reads."""
    glyphs = _typed("bas", 0.1, 0.5) + _typed("droite", 0.6, 0.1) + _typed("gauche", 0.1, 0.102)
    assert _texts(glyphs) == ["gauche", "droite", "bas"]


def test_a_word_drawn_twice_is_read_once():
    """Shadowed and doubled text is not two amounts."""
    assert _texts(_typed("Total", 0.1, 0.1) + _typed("Total", 0.1005, 0.1002)) == ["Total"]


def test_the_same_word_on_the_next_line_stays():
    """Doubles are told by their place: equal rates on two rows are two words."""
    assert _texts(_typed("20", 0.1, 0.1) + _typed("20", 0.1, 0.12)) == ["20", "20"]


def test_text_in_the_margin_comes_last():
    """A legal notice that climbs up the margin does not cut the lines of the page."""
    climbing = [
        Glyph(character, 0.02, 0.5 - i * 0.01, 0.03, 0.51 - i * 0.01, 3)
        for i, character in enumerate("RCS")
    ]
    assert _texts(climbing + _typed("Facture", 0.1, 0.1)) == ["Facture", "RCS"]


def test_what_stands_outside_the_page_is_not_read():
    """Text beyond the crop box cannot be seen, so it is not there."""
    assert _texts(_typed("dehors", 1.2, 0.1) + _typed("dedans", 0.1, 0.1)) == ["dedans"]


@pytest.mark.parametrize(
    ("character", "expected"),
    [("ﬁ", "fi"), ("ﬄ", "ffl"), ("\u00ad", "-"), ("\x02", "-"), ("\u200b", ""), ("\t", " ")],
)
def test_characters_are_spelt_out(character, expected):
    """Ligatures, cut-word marks, invisible characters."""
    assert clean(character) == expected


def test_upside_down_lines_keep_their_own_order():
    """A page scanned head down still has lines, read in their own direction."""
    words = [
        Placed("un", 0.7, 0.80, 0.8, 0.82, 2),
        Placed("deux", 0.5, 0.80, 0.6, 0.82, 2),
        Placed("trois", 0.7, 0.70, 0.8, 0.72, 2),
    ]
    assert [word.text for word in in_reading_order(words[::-1])] == ["un", "deux", "trois"]
