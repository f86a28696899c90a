"""Words of documents and of questions: however it is typed, it is found."""

from decimal import Decimal

import pytest
from facteur.domain.search import (
    MOST_TERMS,
    MOST_WORDS,
    Question,
    extract,
    fold,
    matches,
    question,
    words_of,
)

PAGE = (
    "Société BIOBURO — Facture n° F-2026/0041 du 25/04/2026\u00a0: 3 écrans à 1\u202f312,80 €, "
    "SIREN 403 156 540, réf. A_12.b, cœur ﬁn, total 29.07 puis 500,00"
)


@pytest.mark.parametrize(
    "typed",
    [
        "bioburo", "BIOBURÔ", "societe", "f-2026/0041", "F2026", "0041", "25/04/2026", "ecrans",
        "1312,80", "1 312,80", "1312.8", "1.312,80", "1312,80 €", "403156540", "403 156 540",
        "bioburo 29,07", "29.07 500", "facture bio", "500,00", "biob", "a_12.b", "12",
    ],
)  # fmt: skip
def test_what_stands_on_the_page_is_found_however_it_is_typed(typed: str) -> None:
    """Accents, capitals, groups of digits, decimals and signs of references do not matter."""
    assert matches(frozenset(words_of(PAGE)), question(typed)), question(typed)


@pytest.mark.parametrize(
    "typed", ["buro", "bioburo martin", "1312,81", "403156541", "F-2026/0042", "bio facture"]
)
def test_what_is_not_there_is_not_found(typed: str) -> None:
    """Every term must be there; only the last one may be a beginning, none an end."""
    assert not matches(frozenset(words_of(PAGE)), question(typed))


def test_a_space_says_that_the_last_word_is_whole() -> None:
    """« bio » begins Bioburo, « bio  » does not."""
    assert question("bio").beginning
    assert not question("bio ").beginning
    assert not question("fa").beginning  # two letters begin too many words


def test_a_question_is_bounded_and_may_be_nothing() -> None:
    """Empty, made of signs, or endless: six terms at most, and how many were left out is known."""
    for nothing in ("", "   ", "###", "-_-", "de la", "a", "\x00\ud800"):
        assert question(nothing).terms == ()
    many = question(" ".join(f"mot{one}" for one in range(50)))
    assert len(many.terms) == MOST_TERMS
    assert many.left_out > 0


def test_words_never_hold_what_separates_keys() -> None:
    """No term can name another partition: letters, digits and one point, forty characters."""
    hostile = "D#autre#WORD#fac a#b#c ../../x %23 é#é 12#34 " + "x" * 500
    for word in (*words_of(hostile), *question(hostile).terms):
        assert "#" not in word
        assert "/" not in word
        assert 2 <= len(word) <= 40


def test_a_document_has_four_hundred_words_at_most() -> None:
    """The rows of a document are bounded, whatever it says; its fields come first."""
    words = words_of("premier " + " ".join(f"mot{one}" for one in range(5000)))
    assert len(words) == MOST_WORDS
    assert words[0] == "premier"


def test_a_hostile_text_comes_to_an_end() -> None:
    """Texts on which careless patterns go back for ever give few words."""
    for text in ("a" * 20000, "a_" * 10000, "1 " * 10000, "1,1" * 7000, "1.111" * 5000):
        assert len(words_of(text)) < 20
        assert len(question(text).terms) <= MOST_TERMS
        extract(text, ("1111", "aaa"))


def test_folding_keeps_places() -> None:
    """A place in the folded text is the same place in the text, so that extracts are right."""
    for text in ("Écran İ ß ŒUVRE ﬁ \u1e9e 漢字", PAGE):
        assert len(fold(text)) == len(text)


def test_an_extract_shows_where_it_was_found() -> None:
    """What was found is marked as it stands on the page, with what is around it."""
    pieces = extract(PAGE, ("1312.8",))
    assert [one.text for one in pieces if one.found] == ["1\u202f312,80"]
    assert "écrans" in "".join(one.text for one in pieces)
    assert [one.text for one in extract(PAGE, ("bio",)) if one.found] == ["BIO"]
    assert extract(PAGE, ("absent",)) == ()


def test_amounts_are_one_word_whatever_their_zeros() -> None:
    """500, 500,00 and 500.0 are one amount."""
    for text in (str(Decimal("500.00")), "500,0", "500"):
        assert question(text).terms == ("500",)
    assert matches(frozenset({"500"}), Question(terms=("500",)))
