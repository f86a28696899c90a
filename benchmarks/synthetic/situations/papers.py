"""Papers that come with invoices and are none: said to be what they are, or not recognised."""
# ruff: noqa: E501 - rows are read as rows

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.family import fr
from benchmarks.synthetic.situations.paper import (
    Case,
    Paper,
    address,
    case,
    count,
    iban,
    long_day,
    money,
    percent,
    siret,
)  # fmt: skip

#: A paper, and the kinds it may be said to be.
Made = tuple[Canvas, tuple[str, ...]]
_GOODS = ("Vis inox A2", "Perceuse 18V", "Gants T9", "Bâche 4x5 m", "Foret béton")


def _top(it: Case, paper: Paper) -> None:
    paper.block(40, *address(it.seller), f"SIRET {siret(it.seller)}", f"TVA {it.seller.vat}")
    paper.block(340, *address(it.buyer), y=95)
    paper.y = 165


def _priced(
    it: Case, paper: Paper, head: tuple[str, ...] = ("Désignation", "Qté", "P.U. HT", "Total HT")
) -> None:
    paper.grid(
        "40 >350 >440 >555",
        head,
        *(
            (line.text, count(line.quantity), money(line.price), money(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{fr(value)}")


def quote(rng: random.Random) -> Made:
    """A quote with everything an invoice has, and an offer's words."""
    it = case(rng).add(_GOODS, 3)
    paper = Paper()
    _top(it, paper)
    paper.title(f"DEVIS N° D{rng.randint(1000, 9999)}")
    paper.row(f"40|Date : {it.issued:%d/%m/%Y} - valable jusqu'au {it.due:%d/%m/%Y}")
    _priced(it, paper)
    paper.row(
        "40|Acompte de 30 % à la commande, solde à réception de facture. Bon pour accord, date et signature :"
    )
    return paper.canvas, ("quote",)


def quote_small_title(rng: random.Random) -> Made:
    """A quote whose title is a cell of a grid, below a logo."""
    it = case(rng).add(_GOODS, 2)
    paper = Paper()
    _top(it, paper)
    paper.grid(
        "40 200 350",
        ("Devis", "Date du devis", "Validité"),
        (f"DE{rng.randint(1000, 9999)}", f"{it.issued:%d/%m/%Y}", "30 jours"),
    )
    _priced(it, paper)
    paper.row("40|Signature précédée de la mention « Bon pour accord »")
    return paper.canvas, ("quote",)


def order(rng: random.Random) -> Made:
    """A purchase order with prices and totals."""
    it = case(rng).add(_GOODS, 3)
    paper = Paper()
    _top(it, paper)
    paper.title(f"BON DE COMMANDE N° BC{rng.randint(1000, 9999)}")
    paper.row(
        f"40|Date de commande : {it.issued:%d/%m/%Y} - Livraison souhaitée : {it.due:%d/%m/%Y}"
    )
    _priced(it, paper)
    paper.row(
        "40|Merci d'adresser votre facture à : comptabilite@exemple.fr en rappelant ce numéro"
    )
    return paper.canvas, ("order",)


def order_confirmation(rng: random.Random) -> Made:
    """A confirmation of order."""
    it = case(rng).add(_GOODS, 2)
    paper = Paper()
    _top(it, paper)
    paper.title("Confirmation de commande")
    paper.row(f"40|Commande n° {rng.randint(10000, 99999)} du {it.issued:%d/%m/%Y}")
    _priced(it, paper)
    paper.row("40|Votre facture vous sera adressée lors de l'expédition.")
    return paper.canvas, ("order",)


def delivery(rng: random.Random) -> Made:
    """A delivery note with quantities only."""
    it = case(rng).add(_GOODS, 5)
    paper = Paper()
    _top(it, paper)
    paper.title(f"BON DE LIVRAISON {rng.randint(10000, 99999)}")
    paper.row(f"40|Date : {it.issued:%d/%m/%Y} - Votre commande : BC 4471")
    paper.grid(
        "40 120 >450 >555",
        ("Réf", "Désignation", "Commandé", "Livré"),
        *(
            (f"A{place}", line.text, count(line.quantity), count(line.quantity))
            for place, line in enumerate(it.lines)
        ),
    )
    paper.row("40|Reçu en bon état le :            Signature :")
    return paper.canvas, ("delivery_note",)


def delivery_priced(rng: random.Random) -> Made:
    """A delivery note that prints prices and a total."""
    it = case(rng).add(_GOODS, 4)
    paper = Paper()
    _top(it, paper)
    paper.title("Bon de livraison valorisé")
    paper.row(f"40|N° {rng.randint(10000, 99999)} du {it.issued:%d/%m/%Y}")
    _priced(it, paper)
    paper.row("40|Ce document n'est pas une facture.")
    return paper.canvas, ("delivery_note",)


def payslip(rng: random.Random) -> Made:
    """A payslip in full: gross, contributions, net, taxes."""
    it = case(rng)
    paper = Paper(size=8)
    paper.block(
        40,
        *address(it.seller),
        f"SIRET {siret(it.seller)} - Code APE 6202A",
        "URSSAF 117 123456789",
    )
    paper.block(
        330,
        "Mme Julie Perrot",
        "4 rue des Lilas",
        "75011 PARIS",
        "N° de sécurité sociale 2 85 04 75 115 225 63",
        y=100,
    )
    paper.y = 160
    paper.row(
        "40|BULLETIN DE PAIE",
        f"300|Période du 01/{it.issued:%m/%Y} au 30/{it.issued:%m/%Y}",
        bold=True,
        size=11,
    )
    gross = cents(Decimal(rng.randint(180000, 420000)) / 100)
    paper.grid("40 >300 >380 >460 >555", ("Rubrique", "Base", "Taux", "Part salarié", "Part employeur"),
               ("Salaire de base 151,67 h", money(gross), "", money(gross), ""), ("Santé", money(gross), "7,00", "", money(gross * 7 / 100)),
               ("Retraite sécurité sociale plafonnée", money(gross), "6,90", money(gross * Decimal("6.9") / 100), money(gross * Decimal("8.55") / 100)),
               ("Total des cotisations", "", "", money(gross / 5), money(gross * 2 / 5)),
               ("NET À PAYER AVANT IMPÔT", "", "", money(gross * 4 / 5), ""), ("Impôt prélevé à la source", "", "4,5", money(gross * 4 / 100), ""))  # fmt: skip
    paper.row("300|NET PAYÉ EN EUROS", f">555|{money(gross * 76 / 100)}", bold=True)
    return paper.canvas, ("payslip",)


def bank_statement(rng: random.Random) -> Made:
    """A bank's statement with operations named after invoices."""
    it = case(rng)
    paper = Paper(size=8.5)
    paper.block(40, "BANQUE DU LITTORAL", "Agence de Vannes", "56000 VANNES")
    paper.block(340, *address(it.buyer), y=90)
    paper.y = 160
    paper.row(
        "40|RELEVÉ DE COMPTE COURANT",
        f"300|du 01/{it.issued:%m/%Y} au 30/{it.issued:%m/%Y}",
        bold=True,
        size=11,
    )
    paper.row(f"40|IBAN {iban(it.seller.iban)} BIC AGRIFRPP882")
    tabs = "40 100 >460 >555"
    paper.grid(tabs, ("Date", "Libellé", "Débit", "Crédit"), ("", "Solde précédent", "", "12 450,22"),
               *((f"{it.issued + timedelta(days=place):%d/%m}", text, money(cents(Decimal(rng.randint(1000, 90000)) / 100)), "") for place, text in enumerate(("PRLV SEPA EDF FACTURE 1047", "VIR FACTURE FA2044", "CB RESTAURANT DU PORT", "FRAIS DE TENUE DE COMPTE TVA 20%"))),
               ("", "Total des mouvements", "1 204,40", "0,00"), ("", "Nouveau solde", "", "11 245,82"))  # fmt: skip
    return paper.canvas, ("statement",)


def account_statement(rng: random.Random) -> Made:
    """A supplier's statement of open invoices."""
    it = case(rng)
    paper = Paper()
    _top(it, paper)
    paper.title("Relevé de compte client")
    paper.row(f"40|Arrêté au {it.issued:%d/%m/%Y}")
    tabs = "40 120 220 >450 >555"
    paper.grid(tabs, ("Date", "Pièce", "Échéance", "Montant TTC", "Reste dû"),
               *((f"{it.issued:%d/%m/%Y}", f"FA{rng.randint(1000, 9999)}", f"{it.due:%d/%m/%Y}", "1 200,00", "1 200,00") for _ in range(4)))  # fmt: skip
    paper.row(">450|Total à régler", ">555|4 800,00")
    return paper.canvas, ("statement",)


def dunning(rng: random.Random) -> Made:
    """A reminder with a table of invoices."""
    it = case(rng)
    paper = Paper()
    _top(it, paper)
    paper.row(f"340|{it.seller.city.title()}, le {long_day(it.issued)}")
    paper.row("40|Objet : deuxième relance avant mise en demeure", bold=True)
    paper.row("40|Madame, Monsieur,")
    paper.row("40|Sauf erreur de notre part, les factures suivantes restent impayées :")
    paper.grid(
        "40 160 >400 >555",
        ("Facture n°", "Date", "Montant TTC", "Reste dû"),
        (
            f"FA{rng.randint(1000, 9999)}",
            f"{it.issued - timedelta(days=60):%d/%m/%Y}",
            "840,00",
            "840,00",
        ),
    )
    paper.row(">400|Total dû", ">555|840,00 €")
    paper.row("40|Nous vous prions de régler cette somme sous huit jours.")
    return paper.canvas, ("reminder", "letter", "other")


def contract(rng: random.Random) -> Made:
    """Forty pages of contract with prices, SIRETs and the word facture everywhere."""
    it = case(rng)
    paper = Paper()
    paper.title("CONTRAT DE PRESTATION DE SERVICES", "^297", 16)
    paper.row("^297|Entre les soussignés")
    for one in (it.seller, it.buyer):
        paper.row(
            f"40|{one.full}, dont le siège est {one.street} {one.postcode} {one.city}, RCS {one.siren},"
        )
    for page in range(39):
        paper.turn()
        for place in range(1, 9):
            paper.row(f"40|Article {page + 1}.{place} - Facturation et prix", bold=True)
            paper.row(
                f"40|Le prix mensuel est de {fr(Decimal(1200 + place))} HT, soit {fr(Decimal(1440 + place))} TTC, TVA 20 % en sus."
            )
            paper.row(
                "40|La facture est payable à trente jours. Toute facture impayée porte intérêt au taux légal."
            )
    return paper.canvas, ("contract",)


def terms(rng: random.Random) -> Made:
    """General conditions of sale."""
    it = case(rng)
    paper = Paper(size=8)
    paper.title("Conditions générales de vente", "^297")
    for place in range(1, 14):
        paper.row(
            f"40|{place}. Les factures de {it.seller.name} sont payables à 30 jours. Pénalités : trois fois le taux légal. Indemnité : 40 €."
        )
    return paper.canvas, ("contract", "other")


def insurance(rng: random.Random) -> Made:
    """A certificate with amounts and dates."""
    it = case(rng)
    paper = Paper()
    _top(it, paper)
    paper.title("ATTESTATION D'ASSURANCE RESPONSABILITÉ CIVILE", size=12)
    paper.row(
        f"40|Contrat n° {rng.randint(10**6, 10**7)} - valable du {it.issued:%d/%m/%Y} au {it.due:%d/%m/%Y}"
    )
    paper.row(
        "40|Dommages corporels : 8 000 000,00 € par sinistre - Dommages matériels : 1 500 000,00 €"
    )
    return paper.canvas, ("letter", "other")


def letter(rng: random.Random) -> Made:
    """A letter that speaks of an invoice."""
    it = case(rng)
    paper = Paper(size=10)
    _top(it, paper)
    paper.row(f"340|{it.seller.city.title()}, le {long_day(it.issued)}")
    paper.row("40|Objet : changement de coordonnées bancaires", bold=True)
    paper.row("40|Madame, Monsieur,")
    paper.row(
        f"40|Nous vous informons que toute facture est désormais à régler sur le compte IBAN {iban(it.seller.iban)}."
    )
    paper.row("40|Votre dernière facture n° FA1022 de 1 200,00 € TTC est concernée.")
    paper.row("40|Veuillez agréer nos salutations distinguées.")
    return paper.canvas, ("letter", "other")


def bank_details(rng: random.Random) -> Made:
    """A bank identity statement."""
    it = case(rng)
    paper = Paper()
    paper.title("RELEVÉ D'IDENTITÉ BANCAIRE")
    paper.row(f"40|Titulaire : {it.seller.full}")
    paper.grid(
        "40 150 260 400",
        ("Code banque", "Code guichet", "N° de compte", "Clé RIB"),
        ("30002", "00550", "00000157841", "25"),
    )
    paper.row(f"40|IBAN {iban(it.seller.iban)}  BIC {it.seller.bic}")
    return paper.canvas, ("statement", "other")


def proforma(rng: random.Random) -> Made:
    """A pro forma invoice, in English."""
    it = case(rng).add(_GOODS, 2)
    paper = Paper()
    _top(it, paper)
    paper.title(f"PROFORMA INVOICE {rng.randint(100, 999)}")
    paper.row(f"40|Date: {it.issued:%d/%m/%Y}")
    _priced(it, paper, ("Description", "Qty", "Unit price", "Amount"))
    return paper.canvas, ("proforma",)


def expenses(rng: random.Random) -> Made:
    """An employee's expense report."""
    it = case(rng)
    paper = Paper()
    paper.title("NOTE DE FRAIS")
    paper.row(f"40|Salarié : Julie Perrot - Mois : {it.issued:%m/%Y} - {it.seller.full}")
    paper.grid("40 110 >400 >470 >555", ("Date", "Objet", "HT", "TVA", "TTC"), (f"{it.issued:%d/%m/%Y}", "Restaurant client", "40,00", "4,00", "44,00"),
               (f"{it.issued:%d/%m/%Y}", "Train Paris-Lyon", "90,00", "9,00", "99,00"), ("", "TOTAL", "130,00", "13,00", "143,00"))  # fmt: skip
    paper.row("40|Signature du salarié :          Signature du responsable :")
    return paper.canvas, ("expense_report", "other", "statement")


def worksheet(rng: random.Random) -> Made:
    """A service report signed on site."""
    it = case(rng)
    paper = Paper()
    _top(it, paper)
    paper.title(f"BON D'INTERVENTION N° {rng.randint(100, 9999)}")
    paper.row(
        f"40|Date : {it.issued:%d/%m/%Y} - Technicien : K. Benali - Arrivée 9h00 - Départ 11h30"
    )
    paper.row("40|Travaux réalisés : remplacement du circulateur. Pièces : 1 circulateur 25-60.")
    paper.row("40|Signature du client :")
    return paper.canvas, ("delivery_note", "other", "order")


def tax_notice(rng: random.Random) -> Made:
    """A notice of the tax office."""
    it = case(rng)
    paper = Paper()
    paper.block(40, "DIRECTION GÉNÉRALE DES FINANCES PUBLIQUES", "SIE de Lyon 3", "69003 LYON")
    paper.block(340, *address(it.buyer), y=95)
    paper.y = 165
    paper.title("AVIS DE COTISATION FONCIÈRE DES ENTREPRISES", size=12)
    paper.row(
        f"40|Référence de l'avis : 24 69 {rng.randint(10**6, 10**7)} 31 - SIREN {it.buyer.siren}"
    )
    paper.row("40|Date limite de paiement : 15/12/2024", ">555|Montant à payer : 1 204,00 €")
    return paper.canvas, ("other", "letter", "statement")


def catalogue(rng: random.Random) -> Made:
    """A price list."""
    it = case(rng).add(_GOODS, 10)
    paper = Paper()
    paper.title(f"TARIF {it.issued.year}")
    paper.row(f"40|{it.seller.full} - {it.seller.street} {it.seller.postcode} {it.seller.city}")
    paper.grid(
        "40 >400 >480 >555",
        ("Désignation", "Conditionnement", "Prix HT", "Prix TTC"),
        *(
            (line.text, "1", money(line.price), money(cents(line.price * Decimal("1.2"))))
            for line in it.lines
        ),
    )
    return paper.canvas, ("other", "letter", "price_list")


def transfer(rng: random.Random) -> Made:
    """The proof of a transfer."""
    it = case(rng)
    paper = Paper()
    paper.title("Ordre de virement exécuté")
    paper.grid(
        "40 200",
        ("Date d'exécution", f"{it.issued:%d/%m/%Y}"),
        ("Bénéficiaire", it.seller.full),
        ("IBAN", iban(it.seller.iban)),
        ("Montant", fr(Decimal("840.00"))),
        ("Motif", "Facture FA2044"),
    )
    return paper.canvas, ("other", "statement", "letter")


def remittance(rng: random.Random) -> Made:
    """A buyer's remittance advice."""
    it = case(rng)
    paper = Paper()
    _top(it, paper)
    paper.title("AVIS DE PAIEMENT")
    paper.row(
        f"40|Nous vous informons du virement du {it.issued:%d/%m/%Y} en règlement des factures :"
    )
    paper.grid(
        "40 160 >400 >555",
        ("N° facture", "Date", "Montant brut", "Montant payé"),
        ("FA1201", "03/02/2024", "600,00", "600,00"),
        ("FA1214", "09/02/2024", "1 200,00", "1 200,00"),
    )
    paper.row(">400|Total", ">555|1 800,00")
    return paper.canvas, ("statement", "other", "letter")


def blank(_: random.Random) -> Made:
    """Nothing."""
    return Paper().canvas, ("other", "blank")


def page_number(_: random.Random) -> Made:
    """A page with its number alone."""
    paper = Paper()
    paper.row("^297|- 2 -")
    return paper.canvas, ("other", "blank")


def noise(rng: random.Random) -> Made:
    """What OCR reads in a photograph of nothing: odd signs, some digits."""
    paper = Paper()
    for _ in range(40):
        text = "".join(rng.choice("il|1.,'~-_ oOaeu7 4;:") for _ in range(rng.randint(3, 30)))
        paper.canvas.text(rng.uniform(20, 500), rng.uniform(20, 800), text, rng.uniform(5, 14))
    return paper.canvas, ("other", "unreadable")


def curriculum(rng: random.Random) -> Made:
    """A curriculum vitae."""
    paper = Paper()
    paper.title("Julie PERROT")
    paper.row("40|Comptable - 12 ans d'expérience - julie.perrot@exemple.fr - 06 12 45 78 90")
    for year in range(2012, 2024, 3):
        paper.row(
            f"40|{year}-{year + 3} : responsable facturation, cabinet {rng.choice('ABC')} - 1 200 factures par mois"
        )
    return paper.canvas, ("other", "letter")


def registration(rng: random.Random) -> Made:
    """An extract of the trade register."""
    it = case(rng)
    paper = Paper()
    paper.title("EXTRAIT KBIS", "^297")
    paper.row("^297|Immatriculation principale au registre du commerce et des sociétés")
    paper.grid(
        "40 220",
        ("Immatriculation au RCS, numéro", it.seller.siren),
        ("Date d'immatriculation", f"{it.issued:%d/%m/%Y}"),
        ("Dénomination", it.seller.full),
        ("Capital social", "10 000,00 Euros"),
        ("Adresse du siège", f"{it.seller.street} {it.seller.postcode} {it.seller.city}"),
    )
    return paper.canvas, ("other", "letter")


def german_offer(rng: random.Random) -> Made:
    """A German offer with its totals."""
    it = case(rng).add(("Hydraulikpumpe", "Montage"), 2, rate="19")
    paper = Paper()
    paper.block(40, "Krämer GmbH", "Industriestraße 8", "70565 Stuttgart")
    paper.y = 120
    paper.title("Angebot Nr. A-2231")
    paper.row(f"40|Datum: {it.issued:%d.%m.%Y}")
    paper.grid(
        "40 >350 >440 >555",
        ("Bezeichnung", "Menge", "Einzelpreis", "Gesamt"),
        *(
            (line.text, count(line.quantity), money(line.price), money(line.net))
            for line in it.lines
        ),
    )
    for label, value in (
        ("Nettobetrag", it.excl),
        ("MwSt. 19 %", it.vat),
        ("Gesamtbetrag", it.incl),
    ):
        paper.row(f"380|{label}", f">555|{money(value)}")
    paper.row("40|Dieses Angebot ist 30 Tage gültig. Nach Auftrag erhalten Sie eine Rechnung.")
    return paper.canvas, ("quote",)


def loan(rng: random.Random) -> Made:
    """A repayment schedule."""
    it = case(rng)
    paper = Paper()
    paper.title("TABLEAU D'AMORTISSEMENT")
    paper.row(
        f"40|Prêt n° {rng.randint(10**6, 10**7)} - {it.buyer.full} - taux 3,20 % - montant {fr(Decimal(50000))}"
    )
    paper.grid("40 >200 >300 >420 >555", ("Échéance", "Intérêts", "Capital", "Mensualité", "Restant dû"),
               *((f"{it.issued + timedelta(days=30 * place):%d/%m/%Y}", "133,33", "771,00", "904,33", money(Decimal(50000 - 771 * place))) for place in range(12)))  # fmt: skip
    return paper.canvas, ("statement",)


def customs(rng: random.Random) -> Made:
    """A packing list."""
    it = case(rng).add(_GOODS, 4)
    paper = Paper()
    _top(it, paper)
    paper.title("PACKING LIST")
    paper.row(f"40|Invoice ref: INV-{rng.randint(100, 999)} - Date: {it.issued:%d/%m/%Y}")
    paper.grid(
        "40 >350 >450 >555",
        ("Description", "Cartons", "Net kg", "Gross kg"),
        *((line.text, "2", "12.40", "13.10") for line in it.lines),
    )
    return paper.canvas, ("delivery_note",)


def meeting(rng: random.Random) -> Made:
    """Minutes of a meeting that speak of a budget."""
    it = case(rng)
    paper = Paper()
    paper.title("Compte rendu de réunion")
    paper.row(f"40|{it.seller.full} - {long_day(it.issued)}")
    paper.row(
        "40|Budget : le total HT est de 12 000,00 €, la TVA de 2 400,00 € et le total TTC de 14 400,00 €."
    )
    paper.row(f"40|TVA {percent(Decimal(20))} - SIRET {it.seller.siret}")
    return paper.canvas, ("letter", "other")


ALL: tuple[Callable[[random.Random], Made], ...] = (
    quote, quote_small_title, order, order_confirmation, delivery, delivery_priced, payslip, bank_statement,
    account_statement, dunning, contract, terms, insurance, letter, bank_details, proforma, expenses, worksheet,
    tax_notice, catalogue, transfer, remittance, blank, page_number, noise, curriculum, registration, german_offer,
    loan, customs, meeting,
)  # fmt: skip
