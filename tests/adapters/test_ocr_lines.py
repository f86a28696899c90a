"""Tests of words from an engine's lines: each word its own box, whatever the engine outlines."""

import itertools

import pytest
from facteur.adapters.ocr_lines import Line, Piece, words_of


def _quad(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _piece(text: str, left: float, right: float, score: float = 0.9) -> Piece:
    return Piece(text, score, _quad(left, 10, right, 20))


LINE = Line("Total TTC 1 310,40 €", 0.95, _quad(100, 10, 300, 20))


def test_words_share_a_line_by_their_letters():
    """Without outlines of words, each gets its part of the line, in order, spaces left out."""
    words = list(words_of([LINE]))
    assert [word.text for word in words] == ["Total", "TTC", "1", "310,40", "€"]
    assert words[0][1:5] == (100, 10, 150, 20)
    assert words[1].left == pytest.approx(160)
    assert words[-1].right == pytest.approx(300)
    assert all(one.right < other.left for one, other in itertools.pairwise(words))
    assert {word.score for word in words} == {0.95}


def test_outlines_of_words_place_them():
    """The engine's own outlines win where they spell the line; the lower confidence counts."""
    pieces = [
        _piece("Total", 100, 140), _piece("TTC", 150, 180, 0.5), _piece("1", 200, 205),
        _piece("310,40", 210, 270), _piece("€", 280, 290),
    ]  # fmt: skip
    words = list(words_of([LINE._replace(pieces=pieces)]))
    assert [(word.left, word.right) for word in words] == [
        (100, 140), (150, 180), (200, 205), (210, 270), (280, 290),
    ]  # fmt: skip
    assert words[1].score == 0.5


def test_outlines_may_be_cut_otherwise_than_the_words():
    """Two outlines for one word, one outline for two: the line's text decides."""
    pieces = [
        _piece("TotalTTC", 100, 180), _piece("1", 200, 205), _piece("310", 210, 240),
        _piece(",40", 240, 270), _piece("€", 280, 290),
    ]  # fmt: skip
    words = list(words_of([LINE._replace(pieces=pieces)]))
    assert [(word.text, word.left, word.right) for word in words] == [
        ("Total", 100, 180), ("TTC", 100, 180), ("1", 200, 205), ("310,40", 210, 270),
        ("€", 280, 290),
    ]  # fmt: skip


def test_outlines_that_spell_something_else_are_left_aside():
    """When they disagree, the line's own outline is shared."""
    words = list(words_of([LINE._replace(pieces=[_piece("Tota", 0, 1), _piece("x", 2, 3)])]))
    assert words[0][1:5] == (100, 10, 150, 20)


def test_a_slanted_line_gives_boxes_that_follow_it():
    """A photographed line that rises: each word's box is where the word is."""
    slanted = Line("un deux", 0.9, [[0, 70], [70, 0], [77, 7], [7, 77]])
    first, last = words_of([slanted])
    assert first.top > last.top
    assert first.right < last.right


def test_blank_lines_give_no_word():
    """Nothing read, nothing placed."""
    assert (
        list(words_of([Line("  ", 0.9, _quad(0, 0, 1, 1)), Line("", 0.9, _quad(0, 0, 1, 1))]))
        == []
    )
