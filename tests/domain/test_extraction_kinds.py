"""What a document is: quotes, orders, statements, payslips are said to be what they are."""

import pytest
from facteur.domain.candidate import Origin
from facteur.domain.extraction import extract

from benchmarks.synthetic import others
from tests.domain.grid import read


@pytest.mark.parametrize("seed", range(66))
def test_a_document_that_is_no_invoice_gives_no_field(seed):
    """Quote, order, delivery note, statement, payslip, contract, reminder, pro forma, prose."""
    canvas, kind = others.not_an_invoice(seed)
    found = extract(canvas.pages(), origin=Origin.TEXT)
    assert found.fields == {}
    assert found.kind not in ("invoice", "receipt")
    if kind not in ("other", "letter"):
        assert found.kind == kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("FACTURE N° 12", "invoice"),
        ("Facture d'acompte n° 12", "prepayment"),
        ("Facture rectificative n° 12", "corrective"),
        ("AVOIR N° 12", "credit_note"),
        ("Note de crédit n° 12", "credit_note"),
        ("Autofacture n° 12", "self_billed"),
        ("Gutschrift (Selbst ausgestellte Rechnung) Nr. 12", "self_billed"),
        ("Abschlagsrechnung Nr. 12", "prepayment"),
        ("Tax Invoice No 12", "invoice"),
        ("FACTUUR 12", "invoice"),
    ],
)
def test_the_title_gives_the_type(title, kind):
    """In French, English, German and Dutch."""
    page = f"!{title}\nDate 01/02/2024\nOvalia SAS SIRET 73282932000074\nTotal HT 100,00\nTVA 20 % 20,00\nTotal TTC 120,00"  # noqa: E501
    assert read(page).get("type") == kind


def test_an_invoice_may_speak_of_its_order_quote_and_delivery():
    """References to other documents do not make it one of them."""
    found = read("""
        Ovalia SAS - SIRET 73282932000074
        !FACTURE N° 12
        Date : 01/02/2024
        Bon de commande n° 778 du 01/01/2024
        Devis n° 12   Bon de livraison n° 33
        Total HT 100,00
        TVA 20 % 20,00
        Total TTC 120,00
    """)
    assert found.kind == "invoice"
    assert found.get("number") == "12"


def test_a_statement_that_lists_invoices_is_a_statement():
    """Its rows look like invoices' titles, its own title says otherwise."""
    found = read("""
        Ovalia SAS - SIRET 73282932000074
        !RELEVÉ DE FACTURES
        Au 31/03/2024
        Facture n° 101 du 01/03/2024     120,00
        Facture n° 102 du 09/03/2024     240,00
        Total dû                         360,00
    """)
    assert (found.kind, found.fields) == ("statement", {})


def test_an_untitled_page_with_all_an_invoice_needs_is_one():
    """Totals that add up and an identified seller: an invoice, its type in doubt."""
    found = read("""
        Ovalia SAS - SIRET 73282932000074 - TVA FR44732829320
        N° 12   Date 01/02/2024
        Total HT 100,00
        TVA 20 % 20,00
        Total TTC 120,00
    """)
    assert found.kind == "invoice"
    assert not found.fields["type"].sure


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("ORDER CONFIRMATION No. 5512", "order"),
        ("Récapitulatif de votre commande", "order"),
        ("QUOTATION Q-12", "quote"),
        ("Demande de prix n° 12", "quote"),
        ("PACKING SLIP", "delivery_note"),
        ("BON DE RETOUR n° 12", "delivery_note"),
        ("STATEMENT OF ACCOUNT", "statement"),
        ("APPEL DE FONDS n° 12", "statement"),
        ("AVIS DE VIREMENT", "statement"),
        ("Zahlungserinnerung", "reminder"),
        ("Final reminder", "reminder"),
        ("Lohnabrechnung", "payslip"),
        ("NOTE DE FRAIS", "other"),
        ("ORDRE DE MISSION", "other"),
    ],
)
def test_a_page_with_totals_is_what_its_title_says(title, kind):
    """Seller, lines and totals that add up make no invoice of a page titled otherwise."""
    found = read(f"""
        Ovalia SAS - SIRET 73282932000074 - TVA FR44732829320
        !{title}
        Date 01/02/2024
        Description     Qty    Unit price     Amount
        Pump              1        100.00     100.00
        Subtotal                              100.00
        VAT 20%                                20.00
        Total                                 120.00
    """)
    assert (found.kind, found.fields) == (kind, {})


@pytest.mark.parametrize(
    "title", ["Facture / Bon de livraison n° 12", "RECHNUNG / LIEFERSCHEIN", "Facture valant bon"]
)
def test_an_invoice_that_is_also_something_else_is_an_invoice(title):
    """Both names in one title: the one that obliges wins."""
    found = read(f"""
        Ovalia SAS - SIRET 73282932000074 - TVA FR44732829320
        !{title}
        Date 01/02/2024
        Total HT 100,00
        TVA 20 % 20,00
        Total TTC 120,00
    """)
    assert found.kind == "invoice"


def test_a_page_that_says_it_is_no_invoice_is_none():
    """Its own sentence counts more than its totals."""
    found = read("""
        Ovalia SAS - SIRET 73282932000074
        !BON DE LIVRAISON VALORISÉ
        Ce document n'est pas une facture
        Total HT 100,00
        TVA 20 % 20,00
        Total TTC 120,00
    """)
    assert (found.kind, found.fields) == ("delivery_note", {})
