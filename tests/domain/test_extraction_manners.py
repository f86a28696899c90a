"""Pages in the manner of the programs and trades one meets, each with what must be read from it.

Typed for these tests; the companies do not exist.
"""

from datetime import date
from decimal import Decimal

import pytest
from facteur.domain.candidate import Candidate

from tests.domain.grid import read

PAGES: dict[str, tuple[str, dict[str, object]]] = {}
PAGES["software"] = (
    """
My Company SAS
250 Executive Park Blvd, Suite 3400
75002 Paris
France

                                                       Azure Client SARL
                                                       45 rue de la Paix
                                                       69002 Lyon
                                                       France
                                                       TVA: FR44732829320
!Facture FAC/2023/00012
Date de la facture:     Date d'échéance:       Référence:
15/03/2023              14/04/2023             S00045

Description                        Quantité      Prix unitaire    Taxes      Montant
[DESK01] Bureau individuel         2,00 Unités   450,00           20%        900,00 €
[CHAIR] Chaise noire               4,00 Unités   70,00            20%        280,00 €
                                                 Montant hors taxes        1 180,00 €
                                                 TVA 20% sur 1 180,00 €      236,00 €
                                                 Total                     1 416,00 €
Conditions de paiement: 30 jours
Veuillez utiliser la communication suivante pour votre paiement : FAC/2023/00012
FR76 3000 6000 0112 3456 7890 189
""",
    {
        "number": "FAC/2023/00012",
        "issue_date": "2023-03-15",
        "due_date": "2023-04-14",
        "total_excl_vat": "1180.00",
        "total_vat": "236.00",
        "total_incl_vat": "1416.00",
        "buyer_name": "Azure Client SARL",
        "seller_name": "My Company SAS",
        "lines": ["900.00", "280.00"],
    },
)
PAGES["free_software"] = (
    """
MaBoite SARL                                               !Facture
                                                           Réf. : FA2301-0042
                                                           Date facturation : 20/01/2023
                                                           Date échéance : 19/02/2023
                                                           Code client : CU2301-00007
Émetteur                                     Adressé à
MaBoite SARL                                 Association Les Amis
4 rue du Port                                12 place du Marché
56100 Lorient                                56000 Vannes
Tél.: 0297000000
Email: contact@maboite.fr

                                                 Montants exprimés en Euros
Désignation                     TVA     P.U. HT    Qté    Total HT
Installation serveur            20%     350,00     1      350,00
Formation                       20%      80,00     3      240,00
Conditions de règlement: 30 jours       Total HT            590,00
Règlement par virement                  Total TVA 20%       118,00
                                        Total TTC           708,00
                                        Payé                  0,00
                                        Reste à payer       708,00
SIRET: 732 829 320 00074 - N° TVA: FR44732829320
""",
    {
        "number": "FA2301-0042",
        "issue_date": "2023-01-20",
        "due_date": "2023-02-19",
        "seller_name": "MaBoite SARL",
        "buyer_name": "Association Les Amis",
        "total_excl_vat": "590.00",
        "total_vat": "118.00",
        "total_incl_vat": "708.00",
        "amount_due": "708.00",
        "lines": ["350.00", "240.00"],
    },
)
PAGES["desktop_software"] = (
    """
SARL BATI OUEST
ZA de Kerlann
29000 QUIMPER
Tel : 02 98 00 00 00
Siret 73282932000074
                                                        M. et Mme LE GOFF
                                                        3 rue des Ajoncs
                                                        29120 PONT L'ABBE
!FACTURE
Numéro        Date         Code client    Date échéance    Mode de règlement
FA00000123    12/06/2022   CL0045         12/07/2022       Chèque

Code      Description                  Qté     P.U. HT     Montant HT    TVA
REV01     Ravalement façade nord       45,00   38,50       1 732,50      10,00
          Hors échafaudage
ECH       Location échafaudage          1,00   600,00        600,00      20,00

Taux      Base HT     Montant TVA      Total HT           2 332,50
10,00     1 732,50    173,25           Total TVA            293,25
20,00       600,00    120,00           Total TTC          2 625,75
                                       Acomptes             700,00
                                       NET A PAYER        1 925,75 €
""",
    {
        "number": "FA00000123",
        "issue_date": "2022-06-12",
        "due_date": "2022-07-12",
        "seller_name": "SARL BATI OUEST",
        "buyer_name": "M. et Mme LE GOFF",
        "total_excl_vat": "2332.50",
        "total_vat": "293.25",
        "total_incl_vat": "2625.75",
        "amount_due": "1925.75",
        "lines": ["1732.50", "600.00"],
    },
)
PAGES["online_service"] = (
    """
!Invoice
Invoice number   8F2A1C-0003
Date of issue    March 3, 2024
Date due         March 3, 2024

Acme Cloud, Inc.              Bill to
548 Market Street             Studio Kerlann
San Francisco, CA 94104       5 rue Neuve
United States                 69003 Lyon
billing@acmecloud.com         France
                              FR VAT FR44732829320

!$20.00 due March 3, 2024

Description                   Qty     Unit price     Amount
Pro plan                      1       $20.00         $20.00
Mar 3 - Apr 3, 2024
                              Subtotal               $20.00
                              Total                  $20.00
                              Amount due             $20.00
""",
    {
        "number": "8F2A1C-0003",
        "issue_date": "2024-03-03",
        "due_date": "2024-03-03",
        "seller_name": "Acme Cloud, Inc.",
        "buyer_name": "Studio Kerlann",
        "total_incl_vat": "20.00",
        "amount_due": "20.00",
        "currency": "USD",
        "lines": ["20.00"],
    },
)
PAGES["host"] = (
    """
Hébergis SAS
2 rue Basse
59100 Roubaix - France
                                              Ovalia SAS
                                              12 rue des Lilas
                                              35000 Rennes
Référence de la facture : FR12345678
Date d'émission : 1 février 2024
Date d'échéance : 16 février 2024
Service                                 Qté     Prix unitaire HT     Prix HT
VPS Value 1-2-40 - vps123.hb.net        1       10,99 €              10,99 €
Domaine ovalia.fr - renouvellement      1        6,99 €               6,99 €
                                        Prix HT                      17,98 €
                                        TVA 20,00 %                   3,60 €
                                        TOTAL TTC                    21,58 €
SAS au capital de 10 174 560 € - RCS Lille Métropole 732 829 320 00074 - N° TVA : FR 44 732 829 320
""",
    {
        "number": "FR12345678",
        "issue_date": "2024-02-01",
        "due_date": "2024-02-16",
        "total_excl_vat": "17.98",
        "total_vat": "3.60",
        "total_incl_vat": "21.58",
        "seller_vat": "FR44732829320",
        "lines": ["10.99", "6.99"],
        "seller_name": "Hébergis SAS",
        "buyer_name": "Ovalia SAS",
    },
)
PAGES["cloud"] = (
    """
Nuage EMEA Limited
Riverside Place
Dublin 2, Irlande
Numéro de TVA : IE 3668997OH
Facture
Numéro de facture : 5012345678
Détails
Numéro de facture ............................ 5012345678
Date de la facture ........................... 31 mars 2024
Facturer à
Nordis Conseil
5 rue Neuve
69003 Lyon
France
Suite bureautique
Total en EUR                                  13,80 €
Résumé pour la période du 1 mars 2024 au 31 mars 2024
Sous-total en EUR                             11,50 €
TVA (20 %)                                     2,30 €
Total en EUR                                  13,80 €
""",
    {
        "number": "5012345678",
        "issue_date": "2024-03-31",
        "total_excl_vat": "11.50",
        "total_vat": "2.30",
        "total_incl_vat": "13.80",
        "buyer_name": "Nordis Conseil",
        "seller_name": "Nuage EMEA Limited",
    },
)
PAGES["de_handwerk"] = (
    """
Elektro Meier GmbH · Hauptstr. 5 · 80331 München
Frau                                                   Elektro Meier GmbH
Anna Schmidt                                           Hauptstr. 5
Lindenweg 7                                            80331 München
85521 Ottobrunn                                        Tel.: 089 123456
                                                       USt-IdNr.: DE136695976
                                                       Datum: 12.05.2023
!Rechnung
Rechnungsnr.: 2023-0815        Kundennr.: 4711
Leistungszeitraum: 02.05.2023 - 05.05.2023
Pos   Menge   Einheit   Bezeichnung              E-Preis     G-Preis
1     8,00    Std       Elektroinstallation      58,00       464,00
2     1,00    Stk       Verteilerkasten          129,90      129,90
                        Summe netto                          593,90 €
                        19,00 % MwSt                         112,84 €
                        Gesamtbetrag                         706,74 €
Zahlbar innerhalb von 14 Tagen ohne Abzug.
Stadtsparkasse München   IBAN DE89 3704 0044 0532 0130 00
""",
    {
        "number": "2023-0815",
        "issue_date": "2023-05-12",
        "total_excl_vat": "593.90",
        "total_vat": "112.84",
        "total_incl_vat": "706.74",
        "seller_name": "Elektro Meier GmbH",
        "iban": "DE89370400440532013000",
        "lines": ["464.00", "129.90"],
        "buyer_name": "Anna Schmidt",
    },
)
PAGES["american"] = (
    """
Blue Ridge Supply Co.                              !INVOICE
1200 Commerce Dr                                   INVOICE # 10452
Asheville, NC 28801                                DATE 3/15/2023
Phone (828) 555-0100
BILL TO                          SHIP TO
Jane Porter                      Porter Farm
22 Hill Rd                       9 Valley Rd
Boone, NC 28607                  Boone, NC 28607
QTY    DESCRIPTION            UNIT PRICE     LINE TOTAL
3      Fence post             12.50          37.50
10     Wire roll              48.00          480.00
                              SUBTOTAL       517.50
                              SALES TAX       36.23
                              TOTAL         $553.73
""",
    {
        "number": "10452",
        "issue_date": "2023-03-15",
        "total_excl_vat": "517.50",
        "total_vat": "36.23",
        "total_incl_vat": "553.73",
        "seller_name": "Blue Ridge Supply Co.",
        "buyer_name": "Jane Porter",
        "currency": "USD",
        "lines": ["37.50", "480.00"],
    },
)
PAGES["vertical_totals"] = (
    """
Agence Pixel SAS - 12 rue des Lilas - 35000 Rennes - SIRET 732 829 320 00074
                                              DUPONT Jean
                                              1 rue A
                                              75001 PARIS
!FACTURE 2024-12
Fait à Rennes, le 14 février 2024
Création d'un logo : forfait                  1 200 € HT
Déclinaisons                                    300 € HT
                      TOTAL HT
                      1 500 €
                      TVA (20%)
                      300 €
                      TOTAL TTC
                      1 800 €
""",
    {
        "number": "2024-12",
        "issue_date": "2024-02-14",
        "total_excl_vat": "1500",
        "total_vat": "300",
        "total_incl_vat": "1800",
        "seller_name": "Agence Pixel SAS",
        "buyer_name": "DUPONT Jean",
    },
)
PAGES["hotel"] = (
    """
HOTEL DU PORT
12 quai Sud - 66190 Collioure
SIRET 73282932000074 TVA FR44732829320
Facture N° 4587                                   Mme MARTIN Claire
Date : 05/08/2023                                 8 rue Neuve
Chambre : 12  Arrivée : 02/08/2023 Départ : 05/08/2023     31000 TOULOUSE
Date        Libellé                Qté   P.U. TTC    Montant TTC
02/08/23    Nuitée                 1     95,00       95,00
03/08/23    Nuitée                 1     95,00       95,00
04/08/23    Nuitée                 1     95,00       95,00
05/08/23    Petit déjeuner         3     12,00       36,00
05/08/23    Taxe de séjour         6      1,10        6,60
Taux TVA    HT        TVA      TTC
10,00%      291,82    29,18    321,00
0,00%         6,60     0,00      6,60
TOTAL TTC   327,60 €
Réglé par CB le 05/08/2023   327,60 €
""",
    {
        "number": "4587",
        "issue_date": "2023-08-05",
        "total_excl_vat": "298.42",
        "total_vat": "29.18",
        "total_incl_vat": "327.60",
        "seller_name": "HOTEL DU PORT",
        "lines": ["95.00", "95.00", "95.00", "36.00", "6.60"],
        "vat": [("10", "291.82", "29.18"), ("0", "6.60", "0.00")],
    },
)
PAGES["situation"] = (
    """
BATISUD SAS                                  Maître d'ouvrage : SCI LES PINS
27 chemin des Vignes                         4 avenue Foch
13008 MARSEILLE                              13001 MARSEILLE
SIRET 732 829 320 00074
!FACTURE DE SITUATION N° 3
N° facture : SIT-2024-031
Date : 30/04/2024     Échéance : 30/05/2024
Montant cumulé des travaux HT          48 000,00
Situations précédentes HT             -30 000,00
Montant de la présente situation HT    18 000,00
TVA 20 %                                3 600,00
Total TTC                              21 600,00
Retenue de garantie 5 %                -1 080,00
Net à payer TTC                        20 520,00 €
""",
    {
        "number": "SIT-2024-031",
        "issue_date": "2024-04-30",
        "due_date": "2024-05-30",
        "total_excl_vat": "18000.00",
        "total_vat": "3600.00",
        "total_incl_vat": "21600.00",
        "amount_due": "20520.00",
        "buyer_name": "SCI LES PINS",
        "seller_name": "BATISUD SAS",
    },
)
PAGES["ride"] = (
    """
Facture
Numéro de facture: COURSE-04-2023-0000123
Date de la facture: 4 avr. 2023
Émise par Course B.V. au nom de :
TAXI LEROY EURL
12 rue B
75010 Paris
SIREN: 732829320
N° TVA: FR44732829320
Client
Julie Perrot
Date fiscale   Description                     Qté    TVA      Montant net
4 avr. 2023    Service de transport            1      10%      18,18 €
                                   Montant net total          18,18 €
                                   TVA totale 10%              1,82 €
                                   Montant brut total         20,00 €
""",
    {
        "number": "COURSE-04-2023-0000123",
        "issue_date": "2023-04-04",
        "total_excl_vat": "18.18",
        "total_vat": "1.82",
        "total_incl_vat": "20.00",
        "seller_siren": "732829320",
        "buyer_name": "Julie Perrot",
        "lines": ["18.18"],
    },
)
PAGES["note"] = (
    """
Cabinet d'architecture ROUSSELLE
!Note d'honoraires n° H-2023/77
Rennes, le 3 mars 2023
Client : VILLE DE BETTON
         Place Charles de Gaulle
         35830 BETTON
Mission APS - 15 % de 42 000,00 €          6 300,00
Mission APD - 20 % de 42 000,00 €          8 400,00
Déjà facturé (note H-2023/41)             -6 300,00
Montant HT                                 8 400,00
TVA 20,00 %                                1 680,00
Montant TTC à régler                      10 080,00
SIRET 732 829 320 00074 - IBAN FR76 3000 6000 0112 3456 7890 189
""",
    {
        "number": "H-2023/77",
        "issue_date": "2023-03-03",
        "total_excl_vat": "8400.00",
        "total_vat": "1680.00",
        "total_incl_vat": "10080.00",
        "amount_due": "10080.00",
        "buyer_name": "VILLE DE BETTON",
    },
)
PAGES["spanish"] = (
    """
Suministros Levante S.L.                            Factura
Calle Mayor 12                                      Número: A-2024/115
46001 Valencia                                      Fecha: 08/02/2024
NIF: ESB12345674
Cliente: Ovalia SAS
12 rue des Lilas
35000 Rennes
Francia
Concepto                Cantidad     Precio     Importe
Azulejos blancos        100          2,50       250,00
Base imponible                                  250,00 €
IVA 21%                                          52,50 €
Total                                           302,50 €
""",
    {
        "number": "A-2024/115",
        "issue_date": "2024-02-08",
        "total_excl_vat": "250.00",
        "total_vat": "52.50",
        "total_incl_vat": "302.50",
        "buyer_name": "Ovalia SAS",
        "seller_name": "Suministros Levante S.L.",
        "lines": ["250.00"],
    },
)
PAGES["simple_no_cents"] = (
    """
Sophie Nguyen, graphiste
10 rue C, 34000 Montpellier
Siret : 732 829 320 00074
Pour : Agence Mauve
       3 rue D
       34000 Montpellier
!Facture 2023-09
Montpellier, le 30/09/2023
Affiche A2            450 €
Flyer                 150 €
Total                 600 €
TVA non applicable, article 293 B du CGI
""",
    {
        "number": "2023-09",
        "issue_date": "2023-09-30",
        "total_excl_vat": "600",
        "total_incl_vat": "600",
        "buyer_name": "Agence Mauve",
        "seller_name": "Sophie Nguyen, graphiste",
    },
)


def _read(found: Candidate, name: str) -> object:
    if name == "lines":
        return [row.net for row in found.lines]
    if name == "vat":
        return [(row.rate, row.base, row.tax) for row in found.vat_rows]
    return found.get(name)


def _meant(name: str, value: object) -> object:
    if name == "lines":
        return [Decimal(one) for one in value]
    if name == "vat":
        return [tuple(Decimal(one) for one in row) for row in value]
    if name.endswith("_date"):
        return date.fromisoformat(str(value))
    return Decimal(str(value)) if name.startswith(("total_", "amount_")) else value


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_each_manner_is_read_right(name):
    """Number, dates, names, totals, lines: what the page says and nothing else."""
    page, wanted = PAGES[name]
    found = read(page)
    got = {field: _read(found, field) for field in wanted}
    assert got == {field: _meant(field, value) for field, value in wanted.items()}
