"""A value that a witness gave, or doubts, says so by its field; a silent one in the history."""

from decimal import Decimal

import pytest
from facteur.domain.candidate import Origin, Provenance, Reading
from facteur.web import i18n
from facteur.web.showing import readings


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("textract:forms", "formulaire vu par Textract"),
        ("textract:tables", "tableau vu par Textract"),
        ("textract:expense", "analyse de dépense de Textract"),
        ("textract:differs", "Textract lit autre chose"),
    ],
)
def test_a_value_names_its_witness(path: str, words: str) -> None:
    """The icon's words: read on the page, by whose word, the text printed, how sure."""
    place = Provenance(origin=Origin.OCR, path=path, page=2, text="120,00")
    shown = readings.origin_text(
        Reading(value=Decimal("120.00"), provenance=place, confidence=0.75)
    )

    assert words in shown
    assert "page 2" in shown
    assert "« 120,00 »" in shown
    assert "75 %" in shown


def test_a_value_without_a_witness_says_no_more_than_before() -> None:
    """No empty words between the points."""
    place = Provenance(origin=Origin.OCR, page=1, text="120,00")
    shown = readings.origin_text(Reading(value=Decimal("120.00"), provenance=place))

    assert "Textract" not in shown
    assert all(part.strip() for part in shown.split("·"))


def test_the_history_says_why_a_witness_was_silent() -> None:
    """A sentence, with AWS's own word for it."""
    shown = i18n.sentence("event.WitnessSilent", {"reason": "AccessDeniedException"})

    assert "AccessDeniedException" in shown
    assert "Textract" in shown
