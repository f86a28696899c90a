"""Identifiers that follow from what they name."""

from facteur.domain.naming import derived


def test_the_same_parts_give_the_same_identifier_for_ever() -> None:
    """Written out: another rule would make a second document of each mail delivered again."""
    assert "c4aa5346157b64b1ed3bf216fb" == derived("acme", "purchase", "<m@x>", "abc")


def test_other_parts_give_another_identifier() -> None:
    """One part more, one less, another order: never the same thing."""
    given = [("a", "b"), ("b", "a"), ("a", "b", ""), ("ab",), ("a",)]
    assert len(given) == len({derived(*one) for one in given})
