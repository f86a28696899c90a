"""The sentences about late payment: the page's own words, or nothing."""

import pytest
from facteur.domain import building
from facteur.domain.invoice import Note

from tests.domain.grid import read

_HEAD = """
Ovalia SAS - 12 rue des Lilas - 75011 PARIS - SIRET 73282932000074 - TVA FR44732829320
!FACTURE N° 12
Date 01/02/2024   Échéance 02/03/2024
Client :
Atelier Mauve SAS
5 rue Haute
69003 LYON
Total HT 100,00 €
TVA 20 % 20,00 €
Total TTC 120,00 €
"""
_BOTH = (
    "Retard : pénalités de trois fois le taux légal (art. L441-10 du code de commerce) "
    "et indemnité forfaitaire de recouvrement de 40 euros."
)
_PROSE = """
Retard : pénalités de trois fois le taux légal (art. L441-10 du code de commerce) et
indemnité forfaitaire de recouvrement de 40 euros. Pas d'escompte pour paiement
anticipé.
"""
_BULLETS = """
- Escompte pour paiement anticipé : néant
- Pénalités de retard : 12 % l'an
- Frais de recouvrement : 40 €
"""
_NAMES = ("note_recovery", "note_penalties", "note_discount")


def _notes(foot: str) -> tuple[str, ...]:
    found = read(_HEAD + foot)
    return tuple(found.text(name) for name in _NAMES)


@pytest.mark.parametrize(
    ("foot", "notes"),
    [
        (_PROSE, (_BOTH, _BOTH, "Pas d'escompte pour paiement anticipé.")),
        (
            _BULLETS,
            (
                "Frais de recouvrement : 40 €",
                "Pénalités de retard : 12 % l'an",
                "Escompte pour paiement anticipé : néant",
            ),
        ),
        (
            "Late payment interest of 8% applies. No discount for early payment.",
            (
                "",
                "Late payment interest of 8% applies.",
                "No discount for early payment.",
            ),
        ),
        ("Merci de votre confiance.", ("", "", "")),
    ],
)
def test_sentences_about_late_payment_are_kept_in_their_own_words(foot, notes):
    """One sentence may say two things; a page that says nothing has no such field."""
    assert _notes(foot) == notes


def test_a_discount_taken_off_the_total_is_no_sentence():
    """ "Escompte 2 %   -2,00" is an amount of this invoice, not its conditions."""
    assert _notes("Escompte 2 %      -2,00 €\nPaiement à 30 jours") == ("", "", "")


def test_a_long_text_that_no_full_stop_parts_is_no_note():
    """A note holds 1,024 signs: a page of conditions without sentences gives none."""
    assert _notes("\n".join(["pénalités de retard et escompte " * 4] * 12)) == ("", "", "")


def test_the_sentences_become_notes_of_the_invoice_under_their_subjects():
    """PMT, PMD and AAB, once each, as BR-FR-05 and BR-FR-06 want them."""
    found = read(
        _HEAD + "Pénalités de retard : 12 %.\nIndemnité de recouvrement : 40 €.\nEscompte : néant."
    )
    invoice, _, _ = building.build(found)
    assert invoice is not None
    assert invoice.notes == (
        Note(text="Indemnité de recouvrement : 40 €.", subject="PMT"),
        Note(text="Pénalités de retard : 12 %.", subject="PMD"),
        Note(text="Escompte : néant.", subject="AAB"),
    )


def test_every_sentence_shows_where_it_stands():
    """Its page and its box, as every value read."""
    found = read(_HEAD + "Pénalités de retard : 12 %")
    place = found.fields["note_penalties"].provenance
    assert (place.page, place.text) == (1, "Pénalités de retard : 12 %")
    assert place.box is not None
