"""What was paid on the spot leaves nothing due; what is only proposed, promised or denied does."""

from decimal import Decimal

import pytest
from facteur.domain import totals
from facteur.domain.candidate import Candidate

from tests.domain import grid

TICKET = """
    !BOULANGERIE KERVELLA
    4 rue du Port 29000 Quimper
    SIRET 552 100 554 00013
    Ticket n° 4471   12/11/2026 08:14
    2 Pain complet          7,00
    1 Tarte aux pommes     28,00
    TOTAL TTC              35,00
    {paid}
    TVA 5,5 %   HT 33,18   TVA 1,82
"""
INVOICE = """
    !FACTURE n° F-2026-118                          Menuiserie Le Goff
    Date : 12/11/2026                               SIRET 552 100 554 00013
    Porte de garage                                 100,00
    Total HT                                        100,00
    TVA 20 %                                         20,00
    Total TTC                                       120,00
    {paid}
"""
CREDIT = INVOICE.replace("!FACTURE n° F-2026-118", "!AVOIR n° AV-2026-18")


def money(read: Candidate) -> tuple[Decimal | None, Decimal | None]:
    """What was paid before, what is due."""
    return read.amount("prepaid"), read.amount("amount_due")


@pytest.mark.parametrize("ocr", [False, True], ids=["text", "ocr"])
@pytest.mark.parametrize(
    "paid",
    [
        "CB                     35,00", "CARTE BANCAIRE EMV     35,00", "Carte            35,00",
        "Espèces                35,00", "Payé                   35,00", "CASH            35.00",
        "Espèces                40,00\n    Rendu                   5,00",
        "Espèces                50,00\n    Monnaie rendue         15,00",
        "Ticket restaurant      20,00\n    CB                     15,00",
        "Réglé par CB           35,00", "Sans contact           35,00", "VISA            35,00",
        "**** **** **** 4471 DEBIT", "Payé en espèces", "Réglé par carte bancaire",
    ],
)  # fmt: skip
def test_a_ticket_paid_on_the_spot_leaves_nothing_due(paid: str, ocr: bool) -> None:
    """By amounts or by words: BT-113 is the total, BT-115 zero, surely; no term is asked."""
    read = grid.read(TICKET.format(paid=paid), ocr=ocr)

    assert (Decimal("35.00"), Decimal("0.00")) == money(read)
    assert "due_date" not in {fault.path for fault in totals.needed(read)}
    assert read.fields["amount_due"].sure


@pytest.mark.parametrize(
    "paid",
    [
        "Réglé par CB le 12/11/2026                      120,00", "Facture acquittée",
        "Payée par carte bancaire le 12/11/2026", "Facture acquittée le 12/11/2026 par chèque",
        "Règlement reçu : carte bancaire                 120,00", "Paid in full on 12 Nov 2026",
        "Betrag dankend erhalten", "Bezahlt mit EC-Karte", "Betaald via iDEAL",
        "Réglée comptant", "Total payé                                      120,00",
    ],
)  # fmt: skip
def test_an_invoice_that_says_it_was_paid_leaves_nothing_due(paid: str) -> None:
    """The same on a page that is no ticket."""
    assert (Decimal("120.00"), Decimal("0.00")) == money(grid.read(INVOICE.format(paid=paid)))


@pytest.mark.parametrize(
    "paid",
    [
        "Mode de règlement : carte bancaire", "À régler par carte ou virement",
        "Cette facture sera réglée par carte le 12/12/2026", "TVA acquittée sur les encaissements",
        "Si vous avez déjà payé par carte, ne tenez pas compte de cet avis",
        "Échéance 12/12/2026   Carte bancaire            120,00",
        "To be paid by card within 30 days", "Wird bezahlt per Lastschrift",
        "Carte postale                                   120,00",
        "Cette facture n'est pas réglée par carte", "Impayé",
    ],
)  # fmt: skip
def test_what_is_proposed_promised_or_denied_stays_due(paid: str) -> None:
    """A means of payment is not a payment."""
    assert (None, Decimal("120.00")) == money(grid.read(INVOICE.format(paid=paid)))


def test_a_deposit_of_a_half_is_not_the_other_half() -> None:
    """The deposit is what is due, to the cent: it was paid once."""
    text = INVOICE.format(paid="Déjà réglé                                       60,00")
    text += "    Net à payer                                      60,00\n"

    assert (Decimal("60.00"), Decimal("60.00")) == money(grid.read(text))


def test_what_is_left_after_a_deposit_is_paid_by_card() -> None:
    """Deposit and card together are BT-113."""
    text = INVOICE.format(paid="Acompte versé                                    50,00")
    text += "    Net à payer                                      70,00\n"
    text += "    CB                                               70,00\n"

    assert (Decimal("120.00"), Decimal("0.00")) == money(grid.read(text))


def test_words_against_an_amount_that_the_page_calls_due_are_to_be_checked() -> None:
    """« Net à payer 120 » and « acquittée »: a person says which."""
    text = INVOICE.format(paid="Net à payer                                     120,00")
    read = grid.read(text + "    Facture acquittée\n")

    assert (Decimal("120.00"), Decimal("0.00")) == money(read)
    assert not read.fields["amount_due"].sure


def test_a_ticket_that_does_not_say_how_it_was_paid_is_never_sure() -> None:
    """Its total may be due or not: nothing is invented."""
    read = grid.read(TICKET.format(paid="Merci de votre visite"))

    assert (None, Decimal("35.00")) == money(read)
    assert not read.fields["amount_due"].sure


@pytest.mark.parametrize(
    "said",
    [
        "À déduire de votre prochain règlement", "Avoir à valoir sur votre prochaine facture",
        "Remboursement par virement sous 15 jours", "Avoir utilisable sur une prochaine commande",
        "This amount will be refunded to your account", "Der Betrag wird Ihnen erstattet",
        "Montant à imputer sur la facture n° F-2026-90",
    ],
)  # fmt: skip
def test_a_credit_note_says_how_it_is_given_back(said: str) -> None:
    """Its amount due is positive, as an invoice's: BR-CO-25 is answered by the page."""
    read = grid.read(CREDIT.format(paid=said))

    assert ("credit_note", said) == (read.get("type"), read.text("payment_terms"))
    assert (None, Decimal("120.00")) == money(read)
    assert "due_date" not in {fault.path for fault in totals.needed(read)}


def test_a_credit_note_already_refunded_owes_nothing() -> None:
    """« Remboursé sur votre carte »: BT-113 is the total, BT-115 zero."""
    read = grid.read(CREDIT.format(paid="Remboursé le 13/11/2026 sur votre carte bancaire"))

    assert (Decimal("120.00"), Decimal("0.00")) == money(read)


def test_a_silent_credit_note_is_asked_how_it_is_given_back() -> None:
    """The fault speaks of a refund, not of a due date."""
    read = grid.read(CREDIT.format(paid=""))

    assert ("field.missing_refund", "due_date") in {
        (fault.code, fault.path) for fault in totals.needed(read)
    }
