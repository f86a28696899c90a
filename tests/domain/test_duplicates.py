"""The three signs of a double."""

from datetime import date

import pytest
from facteur.domain.documents import Duplicate, Summary
from facteur.domain.duplicates import found, near_numbers, number_key, seller_key, with_number

from tests.domain.test_decisions import document


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("F2026-0042", "F2026 0042", True),
        ("F20260042", "F2026OO42", False),
        ("F20260042", "F2026O042", True),
        ("F20260041", "F20260042", False),
        ("FA0042", "F0042", True),
        ("0042", "42", False),
        ("", "F1", True),
        ("ABC", "XYZ", False),
    ],
)
def test_numbers_are_near_when_one_sign_was_misread(left: str, right: str, near: bool) -> None:
    """A letter for a digit is a misreading; another digit is another invoice."""
    assert near is near_numbers(left, right)
    assert near is near_numbers(right, left)


def test_the_seller_is_known_by_siren_then_vat_then_name() -> None:
    """D59: identifiers before names."""
    assert "732829320" == seller_key(siren="732 829 320", vat="FR1", name="x")
    assert "DE123" == seller_key(siren="", vat="DE 123", name="x")
    assert "CAFECIE" == seller_key(siren="", vat="", name="Café & Cie")


def test_the_same_number_of_another_year_or_seller_is_no_double() -> None:
    """The key is seller, number and year (invoice-formats.md §7)."""
    one = Summary(number="F1", seller_key="A", issue_date=date(2026, 1, 31))

    assert number_key(one) != number_key(
        Summary(number="F1", seller_key="B", issue_date=one.issue_date)
    )
    assert number_key(one) != number_key(
        Summary(number="F1", seller_key="A", issue_date=date(2025, 1, 31))
    )
    assert "" == number_key(Summary(number="F1", seller_key="A"))


def test_each_other_document_is_named_once_by_its_surest_reason() -> None:
    """Same bytes are also the same number: one link, not two; never a link to itself."""
    mine = document()

    twins = found(mine, same_bytes="y", same_number="y", near=[("y", ""), ("z", ""), ("x", "")])

    assert (
        Duplicate(document="y", reason="sha256"),
        Duplicate(document="z", reason="near"),
    ) == twins


def test_a_near_double_that_bears_the_very_number_says_so() -> None:
    """Of the same seller and year only: two suppliers may both send a « 1 » of the same amount."""
    near = Duplicate(document="z", reason="near")
    one = Summary(number="FA 1", seller_key="A", issue_date=date(2026, 1, 31))
    same = Summary(number="fa-1", seller_key="A", issue_date=date(2026, 1, 30))
    stranger = Summary(number="FA 1", seller_key="B", issue_date=date(2026, 1, 31))

    assert "same_number" == with_number(near, same, one).reason
    assert near == with_number(near, stranger, one)
    assert near == with_number(near, Summary(), Summary())
    first = Duplicate(document="z", reason="number")
    assert first == with_number(first, same, one)
