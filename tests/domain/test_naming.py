"""Identifiers that follow from what they name, and the names of files."""

import pytest
from facteur.domain.naming import derived, file_name


def test_the_same_parts_give_the_same_identifier_for_ever() -> None:
    """Written out: another rule would make a second document of each mail delivered again."""
    assert "c4aa5346157b64b1ed3bf216fb" == derived("acme", "purchase", "<m@x>", "abc")


def test_other_parts_give_another_identifier() -> None:
    """One part more, one less, another order: never the same thing."""
    given = [("a", "b"), ("b", "a"), ("a", "b", ""), ("ab",), ("a",)]
    assert len(given) == len({derived(*one) for one in given})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("facture.pdf", "facture.pdf"),
        ("C:\\factures\\août.pdf", "août.pdf"),
        ("../../etc/f.xml", "f.xml"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
        (f"{'x' * 300}.pdf", f"{'x' * 196}.pdf"),
        (f"f.{'x' * 300}", f"f.{'x' * 198}"),
        ("\r\n", ""),
    ],
)
def test_a_file_name_is_clean_and_keeps_its_suffix(given: str, kept: str) -> None:
    """It goes into headers, mails and lists; its suffix is all that tells a type before bytes."""
    assert kept == file_name(given)
