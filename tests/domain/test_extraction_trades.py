"""What trades print and tables do not: bare lines, subtotals, deposits, untaxed parts."""

from datetime import date
from decimal import Decimal

import pytest
from facteur.domain import building, totals
from facteur.domain.faults import blocking

from tests.domain.grid import read

D = Decimal
_TOP = """
Ovalia SAS - 12 rue des Lilas - 35000 RENNES - SIRET 73282932000074 - TVA FR44732829320
!FACTURE N° 12
Date 01/02/2024   Échéance 02/03/2024
Client :
Atelier Mauve SAS
5 rue Haute
69003 LYON
"""


def _nets(page: str) -> list[Decimal | None]:
    return [row.net for row in read(_TOP + page).lines]


def test_lines_without_a_head_are_read_when_they_add_up():
    """Words and an amount, three times, then HT: the sum is the proof."""
    found = read(
        _TOP
        + """
Entretien annuel chaudière                        120,00 €
Remplacement électrode       2 x 15,50 €           31,00 €
Déplacement                                        40,00 €
Total HT                                          191,00 €
TVA 20 %                                           38,20 €
Total TTC                                         229,20 €
"""
    )
    assert [row.net for row in found.lines] == [D("120.00"), D("31.00"), D("40.00")]
    assert found.lines[1].quantity == 2
    assert found.lines[1].unit_price == D("15.50")
    assert found.lines[0].description == "Entretien annuel chaudière"


def test_amounts_without_a_head_that_do_not_add_up_are_no_lines():
    """A meter, a deposit, a stamp: what adds up to nothing is not read as lines."""
    page = """
Index relevé                                    4 512,00
Tampon du service                                  99,00
Total HT                                          191,00 €
TVA 20 %                                           38,20 €
Total TTC                                         229,20 €
"""
    assert _nets(page) == []


def test_carried_totals_and_subtotals_are_no_lines():
    """ "Report", "Sous-total", "Total fournitures": sums of what stands above."""
    page = """
Désignation            Qté      P.U. HT     Montant HT
Vis inox                 2        10,00          20,00
Écrous                   1         5,00           5,00
Total fournitures                                25,00
Pose                     1        75,00          75,00
À reporter                                      100,00
Total HT                                        100,00
TVA 20 %                                         20,00
Total TTC                                       120,00
"""
    assert _nets(page) == [D("20.00"), D("5.00"), D("75.00")]


def test_deposits_deducted_before_tax_are_taken_off_the_lines():
    """The tax is on what is left, and the invoice that is built adds up."""
    found = read(
        _TOP
        + """
Désignation            Qté      P.U. HT     Montant HT
Démolition               1     1 000,00       1 000,00
Total travaux HT                              1 000,00
Acompte n° 1 HT (facture FA8)                  -300,00
Net HT                                          700,00
TVA 20 %                                        140,00
Total TTC                                       840,00
"""
    )
    assert (found.get("total_excl_vat"), found.get("amount_due")) == (D("700.00"), D("840.00"))
    assert [(one.amount, one.charge) for one in found.adjustments] == [(D("300.00"), False)]
    assert blocking(totals.check(found, received=date.max)) == ()
    invoice, level, _ = building.build(found)
    assert invoice is not None
    assert (level, invoice.totals.due) == ("EN 16931", D("840.00"))


def test_a_deposit_deducted_after_tax_was_paid():
    """The same words below TTC are BT-113."""
    found = read(
        _TOP
        + """
Désignation            Qté      P.U. HT     Montant HT
Démolition               1     1 000,00       1 000,00
Total HT                                      1 000,00
TVA 20 %                                        200,00
Total TTC                                     1 200,00
Acompte facture FA8 du 03/01/2024              -300,00
Reste à payer                                   900,00
"""
    )
    assert (found.get("prepaid"), found.get("amount_due")) == (D("300.00"), D("900.00"))


def test_the_only_line_of_a_deposit_invoice_is_a_line():
    """ "Acompte de 30 %" right under the head is what is sold, no total."""
    found = read(
        _TOP.replace("FACTURE N° 12", "FACTURE D'ACOMPTE N° 12")
        + """
Libellé                                      Montant HT
Acompte de 30 % sur devis D-100                  300,00
Total HT                                         300,00
TVA 20 %                                          60,00
Total TTC                                        360,00
"""
    )
    assert found.get("type") == "prepayment"
    assert [row.net for row in found.lines] == [D("300.00")]


def test_disbursements_without_tax_are_part_of_the_total():
    """A lawyer's: HT is the fees and what was paid for the client, the tax is on the fees."""
    found = read(
        _TOP
        + """
Honoraires                                        500,00 €
Total honoraires HT                               500,00 €
TVA 20 %                                          100,00 €
Débours non soumis à TVA                           60,00 €
Total TTC                                         660,00 €
"""
    )
    assert found.get("total_excl_vat") == D("560.00")
    assert [(row.rate, row.base, row.tax, row.category) for row in found.vat_rows] == [
        (D("0"), D("60.00"), D("0.00"), "E"),
        (D("20"), D("500.00"), D("100.00"), "S"),
    ]


def test_two_rates_are_proved_by_rows_that_print_both_amounts():
    """Bases are those of the rows, to the cent, not the tax divided by the rate."""
    found = read(
        _TOP
        + """
                           Montant HT      TVA      Montant TTC
Abonnement eau                  12,02    5,5 %            12,68
Consommation                   131,00    5,5 %           138,21
Assainissement                 100,03     10 %           110,03
Total HT                       243,05
TVA 5,5 %                        7,87
TVA 10 %                        10,00
Total TTC                      260,92
"""
    )
    assert [(row.rate, row.base) for row in found.vat_rows] == [
        (D("5.5"), D("143.02")),
        (D("10"), D("100.03")),
    ]


def test_a_factor_is_paid_and_sells_nothing():
    """Its name and its SIREN stand in the subrogation; the seller stays the seller."""
    found = read(
        _TOP
        + """
Total HT                                        100,00 €
TVA 20 %                                         20,00 €
Total TTC                                       120,00 €
Pour être libératoire, le règlement doit être fait à ALPHA FACTOR SA au capital de 1 000 €
RCS PARIS 552 100 554, qui le reçoit par subrogation
IBAN FR7630006000011234567890189
"""
    )
    assert found.get("seller_name") == "Ovalia SAS"
    assert found.get("seller_siren") == "732829320"
    assert found.get("iban") == "FR7630006000011234567890189"


def test_a_till_s_receipt_has_no_buyer():
    """The only name on a ticket sells."""
    found = read("""
        LE CAFE DU PORT
        8 quai Haut
        29200 BREST
        SIRET 73282932000074
        01-02-2024 08:14
        2 EXPRESSO          3,80
        TOTAL TTC           3,80 €
        Carte bancaire      3,80
        10,00% HT 3,45 TVA 0,35
    """)
    assert (found.kind, found.get("type")) == ("receipt", "receipt")
    assert found.get("seller_name") == "LE CAFE DU PORT"
    assert found.get("buyer_name") is None
    assert found.get("total_incl_vat") == D("3.80")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("N°FC-02985", "FC-02985"),
        ("de loyer trimestriel n° LOY-12", "LOY-12"),
        ("/ INVOICE EXP0781", "EXP0781"),
        ("n° 108 367 910 62 du 01/02/2024", "108 367 910 62"),
        ("numéro : 2024A0001", "2024A0001"),
    ],
)
def test_a_number_follows_its_title_whatever_stands_between(words, number):
    """Glued, after other words, in two languages, in groups."""
    page = _TOP.replace("FACTURE N° 12", f"FACTURE {words}")
    found = read(page + "Total HT 100,00 €\nTVA 20 % 20,00 €\nTotal TTC 120,00 €")
    assert found.get("number") == number


@pytest.mark.parametrize("sign", ["-100,00", "100,00-", "(100,00)"])
def test_a_credit_note_gives_back_whatever_its_sign(sign):
    """Minus before, minus after, brackets: the type says it, amounts are positive."""
    tax, whole = sign.replace("100", "20"), sign.replace("100", "120")
    found = read(
        _TOP.replace("FACTURE N° 12", "AVOIR N° AV12")
        + f"""
Désignation                                  Montant HT
Ristourne annuelle                             {sign}
Total HT                                       {sign}
TVA 20 %                                       {tax}
Total TTC                                      {whole}
"""
    )
    assert found.get("type") == "credit_note"
    assert found.get("total_incl_vat") == D("120.00")
    assert [row.net for row in found.lines] == [D("100.00")]
    assert found.adjustments == ()
