"""Whole pages typed by hand: sectors, regimes and layouts, and what must be read from each."""
# ruff: noqa: E501

from datetime import date
from decimal import Decimal

import pytest
from facteur.domain.candidate import FIELDS, Origin
from facteur.domain.companies import OwnIdentity

from tests.domain.grid import pages, read
from tests.effort import effort

D = Decimal

WORKS = """
Menuiserie Caradec SARL                                    Client :
12 rue des Lilas                                           Copropriété Les Tilleuls
35000 Rennes                                               8 avenue Foch
Tél. 02 99 00 00 00                                        35200 Rennes
SIRET 732 829 320 00074
N° TVA FR44732829320

!Facture n° F-2024-0117
Date : 12/03/2024
Échéance : 11/04/2024
Votre commande : BC-778

Désignation                          Qté    P.U. HT      TVA     Total HT
Porte d'entrée chêne                 1      1 450,00     10 %    1 450,00
Pose et réglages                     6,5    52,00        10 %      338,00
Serrure cinq points                  1      210,00       20 %      210,00

Taux        Base HT       Montant TVA
10 %        1 788,00      178,80
20 %          210,00       42,00

                                               Total HT        1 998,00 €
                                               Total TVA         220,80 €
                                               Total TTC       2 218,80 €
                                               Acompte versé     500,00 €
                                               Net à payer     1 718,80 €

Conditions de règlement : 30 jours
IBAN FR76 3000 6000 0112 3456 7890 189   BIC AGRIFRPP882
"""


def test_an_invoice_of_works_with_two_rates_and_a_deposit_is_read_whole():
    """Number, dates, parties, lines, VAT table, totals, deposit, account: every field."""
    found = read(WORKS)
    assert found.kind == "invoice"
    expected = {
        "type": "invoice",
        "number": "F-2024-0117",
        "issue_date": date(2024, 3, 12),
        "due_date": date(2024, 4, 11),
        "currency": "EUR",
        "seller_name": "Menuiserie Caradec SARL",
        "seller_siren": "732829320",
        "seller_siret": "73282932000074",
        "seller_vat": "FR44732829320",
        "seller_address": "12 rue des Lilas",
        "seller_postcode": "35000",
        "seller_city": "Rennes",
        "seller_country": "FR",
        "buyer_name": "Copropriété Les Tilleuls",
        "buyer_address": "8 avenue Foch",
        "buyer_postcode": "35200",
        "buyer_country": "FR",
        "purchase_order": "BC-778",
        "total_excl_vat": D("1998.00"),
        "total_vat": D("220.80"),
        "total_incl_vat": D("2218.80"),
        "prepaid": D("500.00"),
        "amount_due": D("1718.80"),
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPP882",
        "payment_terms": "30 jours",
    }
    assert {name: found.get(name) for name in expected} == expected
    assert [(row.rate, row.base, row.tax) for row in found.vat_rows] == [
        (D(10), D("1788.00"), D("178.80")),
        (D(20), D("210.00"), D("42.00")),
    ]
    assert [(row.description, row.quantity, row.unit_price, row.net, row.vat_rate) for row in found.lines] == [
        ("Porte d'entrée chêne", D(1), D("1450.00"), D("1450.00"), D(10)),
        ("Pose et réglages", D("6.5"), D("52.00"), D("338.00"), D(10)),
        ("Serrure cinq points", D(1), D("210.00"), D("210.00"), D(20)),
    ]  # fmt: skip


def test_every_value_says_where_it_was_found():
    """A field read on the page has its page, a box within the page and the printed text."""
    found = read(WORKS)
    assert set(found.fields) <= set(FIELDS)
    for name, reading in found.fields.items():
        place = reading.provenance
        if place.origin is Origin.RULE:
            assert place.path, name
            continue
        assert place.page == 1, name
        assert place.box is not None, name
        assert 0 <= place.box.left < place.box.right <= 1, name
        assert place.text.strip(), name
        assert 0 < reading.confidence <= 1, name


def test_a_self_employed_issuer_without_vat_is_read_with_the_legal_reason():
    """Art. 293 B: HT is TTC, one base at zero, category E, the franchise's own code."""
    found = read("""
        Julie Perrot EI                                Studio Kerlann
        3 place de l'Église                            14 quai Turenne
        44000 Nantes                                   44000 Nantes
        SIRET 732 829 320 00074

        !FACTURE N° 2024/018
        Date de facturation : 5 juin 2024

        Prestations                         Montant
        Rédaction de six articles            720,00 €
        Relecture                             80,00 €

        Total                                800,00 €
        TVA non applicable, art. 293 B du CGI
        Paiement à réception
    """)
    assert found.get("total_excl_vat") == found.get("total_incl_vat") == D("800.00")
    assert found.get("total_vat") == D(0)
    (row,) = found.vat_rows
    assert (row.rate, row.base, row.category, row.exemption_code) == (
        D(0),
        D("800.00"),
        "E",
        "VATEX-FR-FRANCHISE",
    )
    assert "293 B" in row.exemption_text
    assert found.text("exemption_reason").startswith("TVA non applicable")
    assert [line.net for line in found.lines] == [D("720.00"), D("80.00")]


def test_a_reverse_charge_between_builders_is_category_ae():
    """Autoliquidation: no tax, the page's own sentence as the reason."""
    found = read("""
        Maçonnerie Arvor SARL                          Batisud SAS
        ZA du Grand Clos                               27 chemin des Vignes
        29000 Quimper                                  29200 Brest
        SIRET 73282932000074                           SIREN : 552 100 554
        !Facture FC-88
        Le 02/05/2023
        Désignation        Quantité   Prix unitaire   Montant HT
        Sous-traitance gros œuvre     1     4 200,00     4 200,00
        Total HT                                         4 200,00
        Net à payer                                      4 200,00
        Autoliquidation de la TVA, article 283-2 nonies du CGI
    """)
    (row,) = found.vat_rows
    assert (row.category, row.exemption_code, row.tax) == ("AE", "VATEX-EU-AE", D(0))
    assert found.get("amount_due") == D("4200.00")
    assert found.get("buyer_siren") == "552100554"


def test_a_credit_note_with_negative_amounts_is_written_positive():
    """The type says that it gives back; the invoice it corrects is not its number."""
    found = read("""
        Papeterie Centrale SAS
        8 quai Perrache - 69002 Lyon - SIRET 732 829 320 00074
                                                       Nordis Conseil
                                                       5 rue Neuve
                                                       69003 Lyon
        !AVOIR N° AV-311
        Date : 04/09/2024
        Facture d'origine : FA-1188

        Article              Qté     P.U.      Montant HT
        Ramette A4           -10     4,20      -42,00 €
        Total HT                               -42,00 €
        TVA 20 %                                -8,40 €
        Total TTC                              -50,40 €
    """)
    assert (found.get("type"), found.get("number")) == ("credit_note", "AV-311")
    assert found.get("preceding_invoice") == "FA-1188"
    assert found.get("total_incl_vat") == D("50.40")
    assert [(line.quantity, line.net) for line in found.lines] == [(D(10), D("42.00"))]
    assert found.vat_rows[0].base == D("42.00")


def test_a_credit_note_in_english_is_no_invoice():
    """User demand D09: "CREDIT NOTE" is flagged as such."""
    found = read("""
        !CREDIT NOTE No CN-77
        Brightwater Supplies Ltd
        14 Market Street
        Date: 4 March 2024
        Subtotal      €100.00
        VAT (20%)      €20.00
        Total         €120.00
    """)
    assert found.get("type") == "credit_note"
    assert found.get("number") == "CN-77"


def test_overseas_rates_are_rates():
    """La Réunion: 8,5 % and 2,1 % make the breakdown."""
    found = read("""
        Traiteur des Mascareignes SARL
        4 rue de Paris - 97400 Saint-Denis - SIRET 732 829 320 00074
        !Facture 2024-55
        Date 01/02/2024
        TVA      Base        Taxe
        8,5 %    200,00      17,00
        2,1 %    100,00       2,10
        Total HT 300,00
        Total TVA 19,10
        Total TTC 319,10 €
    """)
    assert [(row.rate, row.tax) for row in found.vat_rows] == [
        (D("8.5"), D("17.00")),
        (D("2.1"), D("2.10")),
    ]


def test_discount_and_shipping_after_the_lines_are_adjustments():
    """Lines less the discount plus the shipping make HT: neither is a line."""
    found = read("""
        Vitalia SARL
        1 impasse du Moulin - 38000 Grenoble - SIRET 732 829 320 00074
        !Facture V-9
        Date 01/02/2024
        Désignation       Qté    PU HT     Total HT
        Panier            2      50,00     100,00
        Corbeille         1      20,00      20,00
        Total brut HT                      120,00
        Remise 10 %                        -12,00
        Frais de port                        8,00
        Total HT                           116,00
        TVA 20 %                            23,20
        Total TTC                          139,20
    """)
    assert len(found.lines) == 2
    assert [(one.charge, one.amount) for one in found.adjustments] == [
        (False, D("12.00")),
        (True, D("8.00")),
    ]
    assert found.get("total_excl_vat") == D("116.00")


def test_a_discount_on_a_line_is_kept_with_its_percentage():
    """4,55 × 20 less 10 % is 81,90: the line's amount, its price and its discount."""
    found = read("""
        Au Bon Moulin SARL - 84340 Malaucène - SIRET 732 829 320 00074
        !Facture FA-10
        Date 13/11/2017
        Description      Quantité   Prix unitaire   Rem.    Prix HT
        Nougat 250 g     20         4,55 €          10 %    81,90 €
        Total HT                                            81,90 €
        TVA 20 %                                            16,38 €
        Total TTC                                           98,28 €
    """)
    (line,) = found.lines
    assert (line.unit_price, line.discount_percent, line.net) == (D("4.55"), D(10), D("81.90"))


def test_lines_go_on_over_pages_and_carried_forward_amounts_are_no_lines():
    """The head comes back on page 2; "À reporter" and "Report" are skipped."""
    first = """
        Texalys SAS - 2 rue Basse - 59000 Lille - SIRET 732 829 320 00074
        !Facture T-1
        Date 01/02/2024
        Désignation       Qté    PU HT     Montant HT
        Fil               2      10,00      20,00
        À reporter                          20,00
    """
    second = """
        Désignation       Qté    PU HT     Montant HT
        Report                              20,00
        Aiguille          4       2,50      10,00
        Total HT                            30,00
        TVA 20 %                             6,00
        Total TTC                           36,00
        Page 2/2
    """
    found = read(first, second)
    assert [line.net for line in found.lines] == [D("20.00"), D("10.00")]
    assert found.get("total_incl_vat") == D("36.00")


def test_cells_centred_on_several_rows_still_make_lines():
    """The amount stands lower than the quantity: what is nearest in height is together."""
    found = read("""
        Lieferant GmbH  Hauptstraße 20  DE 80333 München
        !Rechnung Nr. 471102 vom 05.03.2018
        Käufer:
        Kunden AG Mitte
        Kundenstraße 15
        DE 69876 Frankfurt
        Pos   Beschreibung        Nettopreis   Menge    Steuersatz   Nettobetrag
        1     Trennblätter A4     9,9000       20 Stk   19 %
                                                                      198,00
              (Karton)
        2     Joghurt Banane      5,5000       50 Stk   7 %
                                                                      275,00
              (gekühlt)
        Umsatzsteuer    Basisbetrag    Steuersatz [%]    Steuerbetrag
                        275,00         7                  19,25
                        198,00         19                 37,62
        Rechnungssumme ohne USt.   473,00
        Steuerbetrag                56,87
        Bruttosumme                529,87
        Zahlbetrag                 529,87 EUR
    """)
    assert [(line.quantity, line.unit, line.net, line.vat_rate) for line in found.lines] == [
        (D(20), "Stk", D("198.00"), D(19)),
        (D(50), "Stk", D("275.00"), D(7)),
    ]
    assert found.get("buyer_name") == "Kunden AG Mitte"
    assert found.get("amount_due") == D("529.87")


def test_lines_without_a_rate_get_it_from_the_bases():
    """Only one sharing out of the lines makes both bases: it gives each line its rate."""
    found = read("""
        Épicerie du Port SARL - 29900 Concarneau - SIRET 732 829 320 00074
        !Facture 12
        Date 01/02/2024
        Désignation       Qté    PU HT     Total HT
        Caramels          2      10,00      20,00
        Torchon           1       7,00       7,00
        Taux       Base HT    TVA
        20 %        7,00      1,40
        5,5 %      20,00      1,10
        Total HT   27,00
        Total TVA   2,50
        Total TTC  29,50
    """)
    assert [line.vat_rate for line in found.lines] == [D("5.5"), D(20)]


def test_a_subscription_sums_its_columns():
    """Heads HT, TVA, TTC over rows, and a row "Total facture": no label beside each amount."""
    found = read("""
        Ovalia SA au capital de 50 000 € - RCS Paris 732 829 320 - 75008 Paris
        !Facture n° 562044387 du 02 juillet 2015
        Date limite de paiement le 05 juillet 2015
                                   Montant HT    Montant TVA    Montant TTC
        Abonnements                 20,00          4,00          24,00
        Communications               4,99          1,00           5,99
        Total facture               24,99          5,00          29,99
        Somme à payer                                            29,99 € TTC
    """)
    assert found.get("issue_date") == date(2015, 7, 2)
    assert [found.get(one) for one in ("total_excl_vat", "total_vat", "total_incl_vat")] == [D("24.99"), D("5.00"), D("29.99")]  # fmt: skip
    assert found.get("seller_name") == "Ovalia SA"


def test_a_till_receipt_is_a_receipt():
    """Prices with tax, the tax extracted at the bottom; the shop's name at the top."""
    found = read("""
        BOULANGERIE PICHON
        3 place du Marché
        56000 Vannes
        SIRET 732 829 320 00074
        Ticket n° 4512   12/08/2024 08:41
        2 x Pain de campagne        6,40
        Croissant                   1,30
        TOTAL                       7,70 €
        CB                          7,70
        Dont TVA 5,5 %              0,40
    """)
    assert found.kind == "receipt"
    assert found.get("type") == "receipt"
    assert found.get("total_incl_vat") == D("7.70")
    assert found.get("total_vat") == D("0.40")
    assert found.get("issue_date") == date(2024, 8, 12)


def test_prices_with_tax_are_marked_as_such():
    """The lines add up to TTC: they are said to include tax."""
    found = read("""
        Sopralog SAS - 12 rue des Lilas - 35000 Rennes - SIRET 732 829 320 00074
        !Facture WEB-1
        Date 01/02/2024
        Produit      Quantité    Prix unitaire TTC    Total TTC
        Lampe        2           30,00 €              60,00 €
        Total HT                                      50,00 €
        TVA 20 %                                      10,00 €
        Total TTC                                     60,00 €
    """)
    assert [line.gross for line in found.lines] == [True]
    assert found.get("total_excl_vat") == D("50.00")


def test_delivery_payee_and_tax_representative_are_neither_seller_nor_buyer():
    """Their names, addresses and numbers are read to be set aside."""
    found = read("""
        LE FOURNISSEUR                                 Client :
        35 rue d'ici                                   LE CLIENT
        75018 PARIS                                    58 rue de la mer
        SIREN : 732 829 320                            06000 NICE
        N° TVA : FR 44 732 829 320

        Représentant fiscal                            Livraison :
        AUTRE SOCIETE                                  DEPOT NORD
        1 rue ailleurs                                 ZI Nord
        75018 PARIS                                    59000 Lille
        N° TVA : FR 83 404 833 048

        !FACTURE N° : F20260023
        Date : 31/01/2026
        Total HT 100,00
        TVA 20 % 20,00
        Total TTC 120,00

        Bénéficiaire
        NOM : FACTOR SA
        SIREN : 303 656 847
    """)
    assert found.get("seller_name") == "LE FOURNISSEUR"
    assert found.get("seller_siren") == "732829320"
    assert found.get("seller_vat") == "FR44732829320"
    assert found.get("buyer_name") == "LE CLIENT"
    assert found.get("buyer_vat") is None
    assert found.get("buyer_siren") is None


OWN = OwnIdentity(siren="552100554", vat="FR77552100554", name="Ovalia")
TWO_PARTIES = """
Ovalia SAS                                      Studio Kerlann SARL
12 rue des Lilas                                5 rue Neuve
35000 Rennes                                    69003 Lyon
SIREN 552 100 554                               SIREN 732 829 320
!Facture 77
Date 01/02/2024
Total HT 100,00
TVA 20 % 20,00
Total TTC 120,00
"""


def test_the_dossier_s_identity_tells_which_side_is_which():
    """The same page is a purchase of Ovalia's or a sale, by whose dossier it came to."""
    bought = read(TWO_PARTIES, own=OWN, side="buyer")
    assert (bought.get("buyer_name"), bought.get("seller_name")) == (
        "Ovalia SAS",
        "Studio Kerlann SARL",
    )
    assert (bought.get("buyer_siren"), bought.get("seller_siren")) == ("552100554", "732829320")
    sold = read(TWO_PARTIES, own=OWN, side="seller")
    assert (sold.get("seller_name"), sold.get("buyer_name")) == (
        "Ovalia SAS",
        "Studio Kerlann SARL",
    )


def test_a_sender_s_line_above_the_address_names_the_seller():
    """Small return address over the window: the seller, also where no heading says so."""
    found = read("""
        Bei Spiel GmbH · Ecke 12 · 12345 Stadthausen              Bei Spiel GmbH
        Theodor Est                                               Ecke 12
        Bahnstr. 42                                               12345 Stadthausen
        88802 Spielkreis                                          fon (555) 23 78 -0
        Rechnung RE-505 von 09.05.2017
        Nettobetrag: 496,00 €
        zzgl. 19% MwSt. 94,24 €
        Gesamtbetrag: 590,24 €
        USt-ID: DE136695976
    """)
    assert found.get("seller_name") == "Bei Spiel GmbH"
    assert found.get("buyer_name") == "Theodor Est"
    assert found.get("seller_vat") == "DE136695976"


def test_the_payer_s_own_iban_is_not_where_to_pay():
    """ "Votre compte" in a debit notice is the client's account."""
    found = read(WORKS.replace("IBAN FR76", "Prélevé sur votre compte IBAN FR76"))
    assert found.get("iban") is None


def test_a_retired_total_does_not_become_the_tax():
    """ "art. 293 B" holds no amount, even when it completes a sum."""
    found = read("""
        Julie Perrot EI - 44000 Nantes - SIRET 732 829 320 00074
        !Facture 3
        Date 01/02/2024
        Montant HT    500,00 €
        TVA non applicable, art. 293 B du CGI
    """)
    assert found.get("total_vat") == D(0)
    assert found.get("total_incl_vat") == D("500.00")


def test_nothing_is_sure_on_words_that_ocr_doubted():
    """The engine's own confidence lowers ours."""
    from facteur.domain.extraction import extract

    found = extract(pages(WORKS, confidence=0.4), origin=Origin.OCR)
    assert not any(
        one.sure for one in found.fields.values() if one.provenance.origin is Origin.OCR
    )


@pytest.mark.parametrize(
    "garbage", ["", " ", "….", "\u0000\u0001", "|||||| ______ ......", "0" * 3000, "a" * 3000]
)
def test_a_blank_or_senseless_page_is_no_invoice(garbage):
    """Bad input: said to be something else, without any field."""
    found = read(garbage)
    assert found.kind == "other"
    assert found.fields == {}


def test_a_page_of_ten_thousand_words_does_not_stall():
    """Hostile input, a page crowded with labels and amounts: four times the words, not sixteen."""
    row = "Total HT 100,00  TVA 20,00  Total TTC 120,00  Net à payer 120,00\n"
    small, large = (effort(lambda n=n: read("!Facture 1\n" + row * n)) for n in (175, 700))
    assert large < 12 * small


@pytest.mark.parametrize(
    "words",
    [
        "Total HT 100,00 TVA 20 % 20,00 ",
        "1 ",
        "123 456 789 ",
        "01/02/2024 ",
        "date d'échéance n° de facture ",
        "75011 Paris - ",
        "FR76 3000 ",
        "x - y SARL ",
    ],
)
def test_a_row_without_end_is_cut(words):
    """Hostile input: four times the words on one row cost about four times as much."""
    small, large = (effort(lambda n=n: read("Facture n° 12", words * n)) for n in (150, 600))
    assert large < 16 * small


def test_a_long_invoice_costs_what_its_pages_cost():
    """Four times the pages of lines: four times the effort, not sixteen."""
    head = "Désignation       Qté    PU HT     Montant HT\n"
    page = head + "Article du 12/03/2024       2      10,00      20,00\n" * 40
    small, large = (effort(lambda n=n: read(*[page] * n)) for n in (5, 20))
    assert large < 10 * small
