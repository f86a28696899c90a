"""A third set, written last: crowded pages, wrapped words, side columns, small print with amounts."""
# ruff: noqa: E501 - rows are read as rows

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.family import Truth, en, fr
from benchmarks.synthetic.situations.paper import (
    Line,
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

_LONG = (
    ("Audit de sécurité du réseau informatique,", "y compris rapport détaillé et restitution", "aux équipes (2 sessions de 3 h)"),
    ("Fourniture d'un pare-feu de nouvelle", "génération avec licence 36 mois"),
    ("Paramétrage et mise en service sur site",),
)  # fmt: skip


def side_by_side(rng: random.Random) -> tuple[Canvas, Truth]:
    """Parties in two boxes with their heads on one row, every identifier on both sides."""
    it = case(rng).add(
        ("Étude de faisabilité", "Plans d'exécution"), 2, 300, 2000, quantities="1 2"
    )
    paper = Paper()
    paper.title("Facture", "^297", 18)
    paper.row(f"^297|N° {it.number}")
    paper.skip()
    paper.row("40|ÉMETTEUR", "310|DESTINATAIRE", bold=True)
    for left, right in zip(
        (*address(it.seller), f"SIRET : {it.seller.siret}", f"TVA : {it.seller.vat}"),
        (*address(it.buyer), f"SIRET : {it.buyer.siret}", f"TVA : {it.buyer.vat}"),
        strict=True,
    ):
        paper.row(f"40|{left}", f"310|{right}")
    paper.skip()
    paper.grid("40 180 320 450", ("Date d'émission", "Date d'échéance", "Date de livraison", "Mode de paiement"),
               (f"{it.issued:%d/%m/%Y}", f"{it.due:%d/%m/%Y}", f"{it.issued - timedelta(days=5):%d/%m/%Y}", "Virement"))  # fmt: skip
    paper.skip()
    tabs = "40 >320 >400 >460 >555"
    paper.grid(
        tabs,
        ("Description", "Quantité", "Prix HT", "TVA", "Montant HT"),
        *(
            (line.text, count(line.quantity), fr(line.price), "20 %", fr(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("Total HT", it.excl), ("Total TVA", it.vat), ("Total TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(
        due_date=it.due, seller_siret=it.seller.siret, seller_vat=it.seller.vat
    )


def wrapped(rng: random.Random) -> tuple[Canvas, Truth]:
    """Descriptions on several rows, their amounts on the last one."""
    it = case(rng)
    paper = Paper(size=9)
    paper.block(
        40, *address(it.seller), f"RCS {it.seller.city} {it.seller.siren} - TVA {it.seller.vat}"
    )
    paper.block(330, "A l'attention de :", *address(it.buyer), y=60)
    paper.y = 150
    paper.row(
        f"40|Facture {it.number}",
        f">555|{it.seller.city.title()}, le {it.issued:%d/%m/%Y}",
        bold=True,
    )
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(tabs, ("Désignation", "Qté", "PU HT", "Total HT"))
    for texts in _LONG:
        line = Line(
            " ".join(texts),
            Decimal(rng.choice((1, 2, 4))),
            cents(Decimal(rng.randint(9000, 250000)) / 100),
            Decimal(20),
        )
        it.lines.append(line)
        for text in texts[:-1]:
            paper.row(f"40|{text}", gap=1.25)
        paper.grid(tabs, (texts[-1], count(line.quantity), money(line.price), money(line.net)))
        paper.skip(5)
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f">440|{label}", f">555|{money(value)}")
    return paper.canvas, it.truth()


def side_column(rng: random.Random) -> tuple[Canvas, Truth]:
    """A narrow column of contacts and bank details beside everything else."""
    it = case(rng).add(
        ("Location nacelle 12 m", "Transport aller-retour", "Assurance bris de machine"),
        3,
        40,
        600,
    )
    paper = Paper(size=8.5)
    for place, text in enumerate(
        (
            it.seller.full,
            it.seller.street,
            f"{it.seller.postcode} {it.seller.city}",
            "",
            "Contact",
            "Julie Perrot",
            it.seller.phone,
            it.seller.mail,
            "",
            "Banque",
            it.seller.iban[:14],
            it.seller.iban[14:],
            f"BIC {it.seller.bic}",
            "",
            f"SIRET {it.seller.siret}",
            it.seller.vat,
        )
    ):
        if text:
            paper.canvas.text(30, 60 + 13 * place, text, 7)
    paper.y = 60
    paper.row("170|FACTURE", f">560|{it.number}", size=16, bold=True)
    paper.block(360, *address(it.buyer), y=100)
    paper.block(
        170,
        f"Date : {it.issued:%d/%m/%Y}",
        f"Échéance : {it.due:%d/%m/%Y}",
        "Chantier : RN 12",
        y=100,
    )
    paper.y = 190
    tabs = "170 >400 >470 >560"
    paper.grid(
        tabs,
        ("Désignation", "Qté", "PU HT", "Montant HT"),
        *(
            (line.text, count(line.quantity), money(line.price), money(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Net à payer", it.incl)):
        paper.row(f"400|{label}", f">560|{fr(value)}")
    return paper.canvas, it.truth(due_date=it.due, seller_siret=it.seller.siret)


def small_print(rng: random.Random) -> tuple[Canvas, Truth]:
    """Conditions of sale under the totals, full of amounts, rates, days and words like total."""
    it = case(rng).add(("Abonnement logiciel", "Support premium"), 2, 30, 300, quantities="1 12")
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {siret(it.seller)}")
    paper.block(330, *address(it.buyer), y=100)
    paper.y = 180
    paper.row(f"40|FACTURE N° {it.number}", bold=True, size=13)
    paper.row(f"40|Date : {long_day(it.issued)}    Échéance : {long_day(it.due)}")
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("Désignation", "Quantité", "Prix unitaire HT", "Total HT"),
        *((line.text, count(line.quantity), fr(line.price), fr(line.net)) for line in it.lines),
    )
    paper.skip()
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{fr(value)}")
    paper.skip(30)
    for text in (
        "Article 4 - Prix. Les prix sont majorés de la TVA au taux de 20 % ; pour toute commande d'un montant total inférieur à 150,00 € HT,",
        "des frais de gestion de 15,00 € HT seront facturés. Article 5 - Acompte de 30 % à la commande, soit 90,00 € pour 300,00 € TTC.",
        "Article 6 - Retard : pénalités de 12 % et indemnité de 40,00 € ; total dû exigible de plein droit. Facture n° précédente : sans objet.",
    ):
        paper.row(f"40|{text}", size=6)
    paper.row(
        f"40|{it.seller.full} au capital de 37 000,00 € - RCS {it.seller.city} {it.seller.siren} - TVA {it.seller.vat}",
        size=6,
    )
    return paper.canvas, it.truth(due_date=it.due)


def last_page(rng: random.Random) -> tuple[Canvas, Truth]:
    """Lines fill a page; the totals stand alone on the next, under the same head."""
    it = case(rng).add(
        ("Bordure béton T2", "Grave 0/31,5", "Géotextile 200 g", "Regard 40x40"), 16, 5, 200
    )
    paper = Paper()
    tabs = "40 110 >380 >455 >555"
    for page in (1, 2):
        if page > 1:
            paper.turn()
        paper.block(40, *address(it.seller), f"Siret {it.seller.siret}", y=50)
        paper.block(350, *address(it.buyer), y=60)
        paper.y = 125
        paper.row(
            f"40|Facture N° {it.number}",
            f"250|Date {it.issued:%d/%m/%Y}",
            f">555|Page {page}/2",
            bold=True,
        )
        paper.grid(tabs, ("Réf.", "Désignation", "Quantité", "P.U. HT", "Montant HT"))
        for place, line in enumerate(it.lines if page == 1 else ()):
            paper.grid(
                tabs,
                (
                    f"B{place:03d}",
                    line.text,
                    count(line.quantity),
                    money(line.price),
                    money(line.net),
                ),
            )
    paper.skip(60)
    paper.grid(
        "40 >150 >240 >330",
        ("Base HT", "Taux", "TVA", ""),
        (money(it.excl), "20,00 %", money(it.vat)),
    )
    for label, value in (
        ("Total HT", it.excl),
        ("Total TVA", it.vat),
        ("Total TTC", it.incl),
        ("Net à payer", it.incl),
    ):
        paper.row(f"400|{label}", f">555|{money(value)}")
    return paper.canvas, it.truth(seller_siret=it.seller.siret)


def no_sign(rng: random.Random) -> tuple[Canvas, Truth]:
    """No currency sign anywhere, quantities with three decimals, prices with four."""
    it = case(rng, "{n:05d}")
    for text in ("Gazole non routier", "AdBlue vrac", "Lubrifiant 15W40"):
        it.lines.append(
            Line(
                text,
                Decimal(rng.randint(100, 2000)),
                Decimal(rng.randint(8000, 24000)) / 10000,
                Decimal(20),
            )
        )
    paper = Paper(size=8.5)
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret} TVA {it.seller.vat}")
    paper.block(340, *address(it.buyer), y=90)
    paper.y = 160
    paper.grid(
        "40 150 260 370",
        ("Facture", "Date", "Compte", "Échéance"),
        (it.number, f"{it.issued:%d/%m/%y}", "411KER", f"{it.due:%d/%m/%y}"),
    )
    paper.row("40|Montants exprimés en Euros")
    paper.skip()
    tabs = "40 >330 >420 >555"
    paper.grid(
        tabs,
        ("Désignation", "Quantité", "Prix unit.", "Montant"),
        *(
            (
                line.text,
                f"{line.quantity:.3f}".replace(".", ","),
                f"{line.price:.4f}".replace(".", ","),
                money(line.net),
            )
            for line in it.lines
        ),
    )
    paper.skip()
    paper.grid(
        ">120 >200 >300 >420 >555",
        ("Total H.T.", "Taux", "T.V.A.", "Total T.T.C.", "Net à payer"),
        (money(it.excl), "20,00", money(it.vat), money(it.incl), money(it.incl)),
    )
    return paper.canvas, it.truth(due_date=it.due)


def discount_inside(rng: random.Random) -> tuple[Canvas, Truth]:
    """A commercial discount as the last row of the table."""
    it = case(rng).add(
        ("Pose de clôture", "Portail coulissant"), 2, 300, 2500, "10", quantities="1 2"
    )
    off = cents(it.excl * Decimal("0.05"))
    base = it.excl - off
    tax = cents(base / 10)
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret}")
    paper.block(330, "CLIENT", *address(it.buyer), y=60)
    paper.y = 150
    paper.title(f"FACTURE N°{it.number}", size=12)
    paper.row(f"40|Date d'édition : {it.issued:%d/%m/%Y}")
    tabs = "40 >350 >440 >490 >555"
    paper.grid(tabs, ("Désignation", "Qté", "PU HT", "TVA", "Total HT"), *((line.text, count(line.quantity), fr(line.price), "10%", fr(line.net)) for line in it.lines),
               ("Remise commerciale 5 %", "", "", "10%", fr(-off)))  # fmt: skip
    paper.skip()
    for label, value in (("Total net HT", base), ("TVA 10 %", tax), ("Total TTC", base + tax)):
        paper.row(f">490|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(
        total_excl_vat=base,
        total_vat=tax,
        total_incl_vat=base + tax,
        amount_due=base + tax,
        vat_breakdown=[(Decimal(10), base, tax)],
    )


def swapped(rng: random.Random) -> tuple[Canvas, Truth]:
    """The buyer at the left, the seller at the right, no heading, the seller's web address below."""
    it = case(rng).add(("Rédaction de contenus", "Relecture"), 2, 60, 500, unit="h")
    paper = Paper(size=9.5)
    paper.block(40, it.buyer.full, it.buyer.street, f"{it.buyer.postcode} {it.buyer.city}", y=120)
    paper.block(
        360,
        it.seller.full,
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
        it.seller.web,
        it.seller.mail,
        f"SIRET {it.seller.siret}",
        y=50,
    )
    paper.y = 190
    paper.row(f"40|Facture {it.number} du {long_day(it.issued)}", bold=True, size=12)
    paper.skip()
    tabs = "40 >360 >450 >555"
    paper.grid(
        tabs,
        ("Prestation", "Heures", "Taux horaire", "Total"),
        *(
            (line.text, f"{count(line.quantity)} h", f"{money(line.price)} €/h", fr(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f">450|{label}", f">555|{fr(value)}")
    paper.row(
        f"40|À régler sous 30 jours soit le {it.due:%d/%m/%Y} par virement : {iban(it.seller.iban)}"
    )
    return paper.canvas, it.truth(due_date=it.due, iban=it.seller.iban)


def sub_details(rng: random.Random) -> tuple[Canvas, Truth]:
    """Amounts inside descriptions, and details under each line that are no lines."""
    it = case(rng).add(
        ("Forfait déplacement (2 x 45,00 €)", "Main d'œuvre - taux 62,00 €/h", "Pièces détachées"),
        3,
        60,
        300,
        quantities="1",
    )
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret} - TVA {it.seller.vat}")
    paper.block(330, "Client", *address(it.buyer), y=90)
    paper.y = 160
    paper.row(f"40|Facture n° {it.number}", f"240|Date : {it.issued:%d/%m/%Y}", bold=True)
    paper.grid("40 >555", ("Désignation", "Montant HT"))
    for line in it.lines:
        paper.grid("40 >555", (line.text, fr(line.net)), gap=1.2)
        paper.row("55|- joint torique 3 x 4,50 € ; - flexible 12,00 €", size=7)
    paper.skip()
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth()


def pharmacy(rng: random.Random) -> tuple[Canvas, Truth]:
    """A wholesaler of medicines: codes, lots, three rates by code, a summary by rate."""
    it = case(rng, "{n:08d}")
    rates = {"1": Decimal("2.1"), "2": Decimal("5.5"), "3": Decimal(20)}
    rows = []
    for place, text in enumerate(
        (
            "DOLIPRANE 1000 8CP",
            "SERUM PHY 40X5ML",
            "CREME MAINS 75ML",
            "IBUPROFENE 400",
            "GEL HYDRO 500ML",
        )
    ):
        code = str(place % 3 + 1)
        line = Line(
            text,
            Decimal(rng.randint(1, 40)),
            cents(Decimal(rng.randint(80, 1500)) / 100),
            rates[code],
        )
        it.lines.append(line)
        rows.append(
            (
                f"34009{rng.randint(10**7, 10**8)}",
                text,
                f"L{rng.randint(1000, 9999)}",
                count(line.quantity),
                money(line.price),
                money(line.net),
                code,
            )
        )
    paper = Paper(size=8)
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret} TVA {it.seller.vat}")
    paper.block(340, *address(it.buyer), y=90)
    paper.y = 150
    paper.row(f"40|FACTURE {it.number} DU {it.issued:%d/%m/%Y}", bold=True)
    paper.grid(
        "40 120 260 >350 >430 >520 >555",
        ("Code CIP", "Libellé", "Lot", "Qté", "PU HT", "Montant HT", "T"),
        *rows,
    )
    paper.skip()
    paper.grid(
        "40 >160 >260 >360",
        ("T", "Taux TVA", "Base HT", "Montant TVA"),
        *(
            (code, percent(rate), money(base), money(tax))
            for code, rate in rates.items()
            for one, base, tax in it.rows
            if one == rate
        ),
    )
    for label, value in (("TOTAL HT", it.excl), ("TOTAL TVA", it.vat), ("NET A PAYER", it.incl)):
        paper.row(f"400|{label}", f">520|{money(value)}")
    return paper.canvas, it.truth()


def overpaid(rng: random.Random) -> tuple[Canvas, Truth]:
    """Already paid in full by card: nothing due, said in words."""
    it = case(rng, "W{n:06d}").add(
        ("Licence annuelle", "Modèle de site"), 2, 20, 200, quantities="1"
    )
    paper = Paper()
    paper.row(f"40|{it.seller.full}", bold=True, size=14)
    paper.row(
        f"40|{it.seller.street} {it.seller.postcode} {it.seller.city} - SIRET {it.seller.siret} - TVA {it.seller.vat}",
        size=8,
    )
    paper.block(330, "Facturé à", *address(it.buyer), y=95)
    paper.y = 95
    paper.block(
        40,
        f"Facture n° {it.number}",
        f"Date de facturation {it.issued:%d/%m/%Y}",
        f"Payée le {it.issued:%d/%m/%Y} par carte",
    )
    paper.skip(50)
    paper.grid(
        "40 >350 >440 >555",
        ("Produit", "Qté", "Prix HT", "Total HT"),
        *((line.text, count(line.quantity), fr(line.price), fr(line.net)) for line in it.lines),
    )
    for label, value in (
        ("Sous-total", it.excl),
        ("TVA 20 %", it.vat),
        ("Total TTC", it.incl),
        ("Payé", it.incl),
        ("Reste à payer", Decimal(0)),
    ):
        paper.row(f"400|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(amount_due=Decimal("0.00"))


def european_english(rng: random.Random) -> tuple[Canvas, Truth]:
    """English words, dots in dates, a VAT table, two references that are no number."""
    it = case(rng, "2{n:05d}").add(
        ("Injection moulding tool T-88", "Sample parts", "Air freight"),
        3,
        50,
        4000,
        "21",
        quantities="1 2 25",
    )
    paper = Paper()
    paper.block(
        40, "Brabant Tooling NV", "Industrieweg 9", "B-2300 Turnhout", "VAT BE 0403.170.701"
    )
    paper.block(340, "Sold to", *address(it.buyer), "France", y=60)
    paper.y = 150
    paper.title(f"INVOICE {it.number}")
    paper.grid(
        "40 150 300 410",
        ("Invoice date:", f"{it.issued:%d.%m.%Y}", "Your order:", f"PO-{rng.randint(100, 999)}"),
        ("Due date:", f"{it.due:%d.%m.%Y}", "Our ref.:", f"SO-{rng.randint(1000, 9999)}"),
    )
    paper.skip()
    tabs = "40 >340 >440 >555"
    paper.grid(
        tabs,
        ("Description", "Quantity", "Unit price", "Amount"),
        *((line.text, f"{line.quantity}", en(line.price), en(line.net)) for line in it.lines),
    )
    paper.skip()
    paper.grid(
        "40 >140 >240 >340",
        ("VAT %", "Net amount", "VAT amount", "Gross amount"),
        ("21.00", en(it.excl), en(it.vat), en(it.incl)),
    )
    paper.row("400|Total EUR", f">555|{en(it.incl)}", bold=True)
    return paper.canvas, it.truth(
        seller_name="Brabant Tooling NV", due_date=it.due, seller_vat="BE0403170701"
    )


ALL = (side_by_side, wrapped, side_column, small_print, last_page, no_sign, discount_inside, swapped, sub_details, pharmacy, overpaid,
       european_english)  # fmt: skip
