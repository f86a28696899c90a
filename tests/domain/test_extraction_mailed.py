"""Receipts that are the text of a mail: no letterhead, the seller named in the last sentence."""

import pytest

from tests.domain.grid import read

_MAILED = """
Reçu de paiement n° 8812 du 20/11/2026
Abonnement Pro                 10,00 €
Total HT                       10,00 €
TVA 20 %                       2,00 €
Total TTC                      12,00 €
Payé par carte. Boutique SARL SIREN 512 345 679
"""


def test_what_is_sold_is_nobody() -> None:
    """A line that adds up to the total names no seller; who says his own number does."""
    found = read(_MAILED)

    assert found.text("seller_name") == "Boutique"
    assert found.text("seller_siren") == "512345679"


def test_a_line_s_words_are_no_seller_where_nobody_is_named() -> None:
    """Nothing rather than a wrong name: a person fills it in."""
    found = read(_MAILED.replace("Boutique SARL SIREN 512 345 679", "Merci de votre confiance"))

    assert found.get("seller_name") is None
    assert [line.description for line in found.lines] == ["Abonnement Pro"]


def test_words_of_a_program_are_no_name() -> None:
    """A hostile mail is read as any other: its code names nobody."""
    found = read(
        _MAILED.replace("Abonnement Pro  ", '#include "/etc/passwd" #read\nAbonnement Pro')
    )

    assert found.text("seller_name") == "Boutique"


@pytest.mark.parametrize(
    "title",
    [
        "Reçu de paiement n° 8812",
        "Reçu n° 8812",
        "Ticket de caisse n° 8812",
        "Reçu de vente N° 8812",
    ],
)
def test_a_receipt_s_number_is_read_whatever_it_is_called(title: str) -> None:
    """With its date beside it."""
    found = read(_MAILED.replace("Reçu de paiement n° 8812", title))

    assert found.text("number") == "8812"
    assert found.text("issue_date") == "2026-11-20"


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("Payé par carte. Boutique SARL SIREN 512 345 679", "Payé par carte."),
        ("Boutique SARL SIREN 512 345 679. Payé par carte.", "Payé par carte."),
        ("Paiement à 30 jours. Pas d'acompte.", "Paiement à 30 jours. Pas d'acompte."),
    ],
)
def test_terms_end_where_somebody_s_number_begins(said: str, terms: str) -> None:
    """A sentence that says who somebody is says nothing of the payment."""
    found = read(_MAILED.replace("Payé par carte. Boutique SARL SIREN 512 345 679", said))

    assert found.text("payment_terms") == terms
