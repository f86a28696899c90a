"""Ways to set an invoice on a page that programs are known for, and mistakes they invite."""
# ruff: noqa: E501 - rows are read as rows

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import iban as account
from benchmarks.synthetic.family import Truth, fr
from benchmarks.synthetic.situations.paper import (
    Line,
    Paper,
    address,
    case,
    count,
    footer,
    iban,
    long_day,
    money,
    other_siren,
    percent,
    siret,
    spaced,
    spaced_dot,
)  # fmt: skip

_GOODS = ("Vis inox A2 6x60 boîte de 100", "Perceuse visseuse 18V", "Gants de manutention T9", "Bâche 4x5 m",
          "Foret béton SDS 8 mm", "Lampe frontale LED", "Escabeau 5 marches", "Ruban adhésif armé")  # fmt: skip


def carried(rng: random.Random) -> tuple[Canvas, Truth]:
    """A table over three pages, each ending with what it carries forward."""
    it = case(rng).add(_GOODS, 34, 3, 150)
    paper = Paper()
    tabs = "40 110 >370 >450 >555"
    so_far = Decimal(0)
    for page in range(3):
        if page:
            paper.turn()
        paper.block(
            40, *address(it.seller), f"SIRET {it.seller.siret} - TVA {it.seller.vat}", y=50
        )
        paper.block(340, *address(it.buyer), y=60)
        paper.y = 130
        paper.row(
            f"40|Facture n° {it.number} du {it.issued:%d/%m/%Y}",
            f">555|Page {page + 1} / 3",
            bold=True,
        )
        paper.skip()
        paper.grid(tabs, ("Référence", "Désignation", "Quantité", "P.U. HT", "Montant HT"))
        if page:
            paper.row(">450|Report", f">555|{money(so_far)}")
        for place, line in enumerate(it.lines[page * 12 : page * 12 + 12]):
            paper.grid(
                tabs,
                (
                    f"R{page}{place:02d}",
                    line.text,
                    count(line.quantity),
                    money(line.price),
                    money(line.net),
                ),
            )
            so_far += line.net
        if page < 2:
            paper.row(">450|À reporter", f">555|{money(so_far)}")
    paper.skip()
    for label, value in (
        ("Total HT", it.excl),
        ("TVA 20 %", it.vat),
        ("Total TTC", it.incl),
        ("Net à payer", it.incl),
    ):
        paper.row(f">450|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(seller_siret=it.seller.siret)


def headless(rng: random.Random) -> tuple[Canvas, Truth]:
    """Lines without any head: words and an amount."""
    it = case(rng).add(
        ("Entretien annuel chaudière", "Remplacement électrode", "Déplacement zone 2"),
        3,
        20,
        300,
        quantities="1",
    )
    paper = Paper(size=10)
    paper.block(40, *address(it.seller), f"Siret {it.seller.siret}")
    paper.block(340, *address(it.buyer), y=130)
    paper.y = 210
    paper.row(f"40|FACTURE {it.number}", bold=True, size=13)
    paper.row(f"40|{it.seller.city.title()} le {it.issued:%d/%m/%Y}")
    paper.skip(20)
    for line in it.lines:
        paper.row(f"40|{line.text}", f">540|{fr(line.net)}")
    paper.skip()
    for label, value in (("Montant HT", it.excl), ("TVA 20%", it.vat), ("Montant TTC", it.incl)):
        paper.row(f"360|{label}", f">540|{fr(value)}")
    return paper.canvas, it.truth()


def odd_heads(rng: random.Random) -> tuple[Canvas, Truth]:
    """Abbreviated heads on two rows, prices with three decimals."""
    it = case(rng)
    for text in _GOODS[: rng.randint(2, 6)]:
        it.lines.append(
            Line(
                text,
                Decimal(rng.randint(2, 300)),
                Decimal(rng.randint(100, 9999)) / 1000,
                Decimal(20),
            )
        )
    paper = Paper(size=8)
    paper.block(
        40, *address(it.seller), f"SIRET {siret(it.seller)} NAF 4669B - N.I.I. {it.seller.vat}"
    )
    paper.block(340, *address(it.buyer), y=80)
    paper.y = 150
    paper.grid(
        "40 120 200 280",
        ("FACTURE", "DATE", "CLIENT", "REPRÉSENTANT"),
        (it.number, f"{it.issued:%d/%m/%y}", "C00451", "P. MARTIN"),
    )
    paper.skip()
    tabs = "40 100 >330 >380 >450 >500 >560"
    paper.grid(
        tabs,
        ("Code", "Désignation", "Qté", "Cond.", "Prix U.", "Tx", "Montant"),
        ("article", "", "livrée", "", "net HT", "TVA", "net HT"),
        gap=1.2,
    )
    for place, line in enumerate(it.lines):
        paper.grid(
            tabs,
            (
                f"4400{place}",
                line.text,
                count(line.quantity),
                "U",
                f"{line.price:.3f}".replace(".", ","),
                "20",
                money(line.net),
            ),
        )
    paper.skip()
    paper.grid("40 >160 >250 >340 >450 >560", ("Base HT", "Taux", "Mt TVA", "Total HT", "Total TVA", "Total TTC"),
               (money(it.excl), "20,00", money(it.vat), money(it.excl), money(it.vat), money(it.incl)))  # fmt: skip
    paper.row(
        f"40|Échéance : {it.due:%d/%m/%y} - TRAITE", ">450|NET A PAYER", f">560|{money(it.incl)}"
    )
    return paper.canvas, it.truth(due_date=it.due)


def across(rng: random.Random) -> tuple[Canvas, Truth]:
    """Totals in one row of boxes, heads above, sign before."""
    it = case(rng).add(_GOODS, rng.randint(1, 6), 10, 400)
    paper = Paper()
    paper.block(40, *address(it.seller), f"TVA {spaced(it.seller.vat, 4, 3, 3)}")
    paper.block(320, "Adresse de facturation", *address(it.buyer), y=50)
    paper.y = 140
    paper.row(
        f"40|Numéro : {it.number}",
        f"240|Date : {it.issued:%d-%m-%Y}",
        f"400|Échéance : {it.due:%d-%m-%Y}",
    )
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("Articles", "Qté", "Prix", "Total"),
        *(
            (line.text, count(line.quantity), "€ " + money(line.price), "€ " + money(line.net))
            for line in it.lines
        ),
    )
    paper.skip(30)
    paper.grid("^100 ^220 ^340 ^480", ("TOTAL H.T.", "T.V.A. 20 %", "TOTAL T.T.C.", "NET À PAYER"),
               *(("€ " + money(it.excl), "€ " + money(it.vat), "€ " + money(it.incl), "€ " + money(it.incl)),))  # fmt: skip
    paper.canvas.text(40, 40, "FACTURE", 18)
    return paper.canvas, it.truth(due_date=it.due, seller_vat=it.seller.vat)


def left_totals(rng: random.Random) -> tuple[Canvas, Truth]:
    """Totals at the left, the bank at the right of them."""
    it = case(rng).add(_GOODS, rng.randint(1, 4), 10, 400, "20")
    paper = Paper()
    paper.title(f"Facture {it.number}", ">555")
    paper.block(40, *address(it.seller), f"SIRET : {it.seller.siret}")
    paper.block(340, "Client", *address(it.buyer), y=100)
    paper.y = 170
    paper.row(f"40|Date d'émission {long_day(it.issued)}")
    paper.row(f"40|Date d'échéance {long_day(it.due)}")
    paper.skip()
    tabs = "40 >330 >430 >555"
    paper.grid(
        tabs,
        ("Libellé", "Quantité", "Prix unitaire HT", "Prix total HT"),
        *((line.text, count(line.quantity), fr(line.price), fr(line.net)) for line in it.lines),
    )
    paper.skip(25)
    right = (
        "Coordonnées bancaires",
        f"IBAN : {iban(it.seller.iban)}",
        f"BIC : {it.seller.bic}",
        "Titulaire : " + it.seller.full,
    )
    rows = (
        ("Total HT", it.excl),
        ("TVA 20,0 %", it.vat),
        ("Total TTC", it.incl),
        ("Restant dû", it.incl),
    )
    for (label, value), text in zip(rows, right, strict=True):
        paper.row(f"40|{label}", f">210|{fr(value)}", f"300|{text}")
    return paper.canvas, it.truth(due_date=it.due, iban=it.seller.iban)


def factored(rng: random.Random) -> tuple[Canvas, Truth]:
    """An invoice sold to a factor: who is paid is not who sells."""
    it = case(rng).add(_GOODS, rng.randint(2, 6), 10, 400)
    bank = account(rng)
    paper = Paper()
    paper.block(
        40,
        it.seller.full,
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
        f"SIREN {it.seller.siren}",
        f"TVA {it.seller.vat}",
    )
    paper.block(330, "Facturé à", *address(it.buyer), y=60)
    paper.y = 150
    paper.row(
        f"40|Facture n° {it.number}",
        f"250|Date : {it.issued:%d/%m/%Y}",
        f"400|Échéance : {it.due:%d/%m/%Y}",
        bold=True,
    )
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("Description", "Qté", "PU HT", "Total HT"),
        *(
            (line.text, count(line.quantity), money(line.price), money(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{fr(value)}")
    paper.skip()
    paper.row(
        "40|Pour être libératoire, le règlement de cette facture doit être effectué directement à l'ordre de :",
        size=8,
    )
    paper.row(
        f"40|ALPHA FACTOR SA - 20 rue de la Bourse 75002 PARIS - RCS PARIS {spaced(other_siren(rng), 3, 3)}",
        size=8,
    )
    paper.row(f"40|IBAN {iban(bank)}", size=8)
    paper.row("40|qui le reçoit par subrogation dans le cadre d'un contrat d'affacturage.", size=8)
    return paper.canvas, it.truth(
        due_date=it.due, iban=bank, seller_siren=it.seller.siren, seller_vat=it.seller.vat
    )


def two_banks(rng: random.Random) -> tuple[Canvas, Truth]:
    """Two accounts of the seller, amounts with a dot and spaces."""
    it = case(rng).add(_GOODS, rng.randint(3, 7), 100, 4000)
    paper = Paper()
    paper.block(40, *address(it.seller), f"Siret: {it.seller.siret}", f"TVA: {it.seller.vat}")
    paper.block(330, *address(it.buyer), y=100)
    paper.y = 180
    paper.title(f"FACTURE N°{it.number}")
    paper.row(f"40|DATE: {it.issued:%Y.%m.%d}")
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("DESCRIPTION", "QTE", "P.U. HT", "TOTAL HT"),
        *(
            (line.text, f"{line.quantity}", spaced_dot(line.price), spaced_dot(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("TOTAL HT", it.excl), ("TVA 20.00%", it.vat), ("TOTAL TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{spaced_dot(value)} EUR")
    paper.skip()
    paper.row(f"40|Banque Populaire  IBAN: {iban(it.seller.iban)}  BIC: {it.seller.bic}", size=8)
    paper.row(f"40|Société Générale  IBAN: {iban(account(rng))}  BIC: SOGEFRPP", size=8)
    return paper.canvas, it.truth(seller_vat=it.seller.vat)


def reductions(rng: random.Random) -> tuple[Canvas, Truth]:
    """Gross total, a discount, an early payment discount, carriage, then HT."""
    it = case(rng).add(_GOODS, rng.randint(2, 6), 50, 600)
    off = cents(it.excl * Decimal("0.08"))
    early = cents((it.excl - off) * Decimal("0.02"))
    ship = Decimal("38.50")
    base = it.excl - off - early + ship
    tax = cents(base / 5)
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET : {it.seller.siret} TVA : {it.seller.vat}")
    paper.block(340, *address(it.buyer), y=90)
    paper.y = 160
    paper.title(f"Facture N° {it.number}")
    paper.row(f"40|Date facture : {it.issued:%d/%m/%Y}    Règlement comptant")
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("Désignation", "Quantité", "Prix unitaire", "Montant HT"),
        *(
            (line.text, count(line.quantity), money(line.price), money(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("Total HT brut", it.excl), ("Remise 8 %", -off), ("Escompte 2 %", -early), ("Port HT", ship),
                         ("Total HT net", base), ("Total TVA 20 %", tax), ("Total TTC", base + tax)):  # fmt: skip
        paper.row(f"380|{label}", f">555|{money(value)}")
    return paper.canvas, it.truth(
        total_excl_vat=base, total_vat=tax, total_incl_vat=base + tax, amount_due=base + tax,
        vat_breakdown=[(Decimal(20), base, tax)],
    )  # fmt: skip


def eco(rng: random.Random) -> tuple[Canvas, Truth]:
    """Appliances: an eco-contribution under each line, included in its amount."""
    it = case(rng).add(
        ("Lave-linge pro 8 kg", "Four encastrable", "Hotte aspirante"),
        3,
        200,
        900,
        quantities="1 2",
    )
    paper = Paper()
    paper.block(
        40, *address(it.seller), f"TVA intra : {it.seller.vat}", f"Siret : {it.seller.siret}"
    )
    paper.block(330, "Livré et facturé à", *address(it.buyer), y=60)
    paper.y = 150
    paper.row(f"40|FACTURE N° {it.number}", f">555|{it.issued:%d/%m/%Y}", bold=True, size=12)
    paper.skip()
    tabs = "40 >330 >420 >470 >555"
    paper.grid(tabs, ("Produit", "Qté", "PU HT", "TVA", "Total HT"))
    for line in it.lines:
        paper.grid(
            tabs, (line.text, count(line.quantity), fr(line.price), "20 %", fr(line.net)), gap=1.2
        )
        paper.row(f"50|dont éco-participation {fr(Decimal('8.33'))} HT par unité", size=7)
    paper.skip()
    for label, value in (
        ("Total HT", it.excl),
        ("dont éco-participation HT", Decimal("24.99")),
        ("TVA 20 %", it.vat),
        ("Total TTC", it.incl),
    ):
        paper.row(f"380|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(seller_siret=it.seller.siret)


def returns(rng: random.Random) -> tuple[Canvas, Truth]:
    """An invoice with goods taken back as negative lines."""
    it = case(rng).add(_GOODS, rng.randint(3, 6), 40, 400, quantities="2 3 5")
    it.lines.append(Line("Reprise palette consignée", Decimal(-3), Decimal("7.50"), Decimal(20)))
    paper = Paper()
    paper.block(40, *address(it.seller), f"{it.seller.vat}")
    paper.block(330, *address(it.buyer), y=80)
    paper.y = 150
    paper.row(
        f"40|Facture : {it.number}",
        f"200|Date : {it.issued:%d/%m/%Y}",
        "350|Bon de livraison : 88541",
        bold=True,
    )
    tabs = "40 >330 >370 >450 >500 >555"
    paper.grid(tabs, ("Désignation", "Qté", "Unité", "PU HT", "% TVA", "Total HT"),
               *((line.text, count(line.quantity), "pce", money(line.price), "20,0", money(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    for label, value in (
        ("Total HT", it.excl),
        ("TVA", it.vat),
        ("TTC", it.incl),
        ("A payer", it.incl),
    ):
        paper.row(f">500|{label}", f">555|{money(value)}")
    return paper.canvas, it.truth()


def letter(rng: random.Random) -> tuple[Canvas, Truth]:
    """An invoice in prose."""
    it = case(rng, "{n:03d}/{y}")
    base = Decimal(rng.randint(4, 60) * 50)
    tax = cents(base / 5)
    paper = Paper(size=11)
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret}", f"TVA {it.seller.vat}")
    paper.block(320, *address(it.buyer), y=140)
    paper.y = 230
    paper.row(f"320|Le {long_day(it.issued)}")
    paper.row(f"40|Facture n° {it.number}", bold=True)
    paper.skip()
    paper.row("40|Veuillez trouver ci-dessous le décompte de notre intervention du mois dernier :")
    paper.row(f"40|Animation d'un séminaire de deux jours : {fr(base)} HT")
    paper.row(f"40|TVA au taux de 20 % : {fr(tax)}")
    paper.row(f"40|Soit un total de {fr(base + tax)} TTC, payable sous 30 jours.")
    return paper.canvas, it.truth(
        total_excl_vat=base, total_vat=tax, total_incl_vat=base + tax, amount_due=base + tax,
        vat_breakdown=[(Decimal(20), base, tax)], lines=None,
    )  # fmt: skip


def second_hand(rng: random.Random) -> tuple[Canvas, Truth]:
    """A used car under the margin scheme: one price, no VAT shown."""
    it = case(rng, "VO{n:05d}")
    price = Decimal(rng.randint(35, 220) * 100)
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret} - TVA {it.seller.vat}")
    paper.block(330, "Acquéreur", *address(it.buyer), y=60)
    paper.y = 150
    paper.title(f"FACTURE DE VENTE VÉHICULE D'OCCASION N° {it.number}", size=12)
    paper.row(f"40|Date : {it.issued:%d/%m/%Y}")
    for label, value in (
        ("Marque", "PEUGEOT"),
        ("Modèle", "308 SW Active"),
        ("Immatriculation", "EX-447-QK"),
        ("Kilométrage", "84 211 km"),
        ("1re mise en circulation", "14/03/2018"),
    ):
        paper.row(f"40|{label}", f"180|{value}")
    paper.skip()
    paper.row("40|Prix de vente du véhicule", f">520|{fr(price)}")
    paper.row("40|Total à payer", f">520|{fr(price)}", bold=True)
    paper.row("40|Régime particulier - Biens d'occasion - art. 297 A du CGI. TVA non récupérable.")
    return paper.canvas, it.truth(
        total_excl_vat=price, total_vat=Decimal(0), total_incl_vat=price, amount_due=price, lines=None,
        vat_breakdown=[(Decimal(0), price, Decimal(0))], category="E",
    )  # fmt: skip


def wholesale(rng: random.Random) -> tuple[Canvas, Truth]:
    """Food by weight: boxes, kilos, two rates, lots under the lines."""
    it = case(rng, "{n:07d}")
    for text in ("Filet de cabillaud", "Tomates grappe", "Beurre doux plaquette", "Emmental râpé"):
        it.lines.append(
            Line(
                text,
                Decimal(rng.randint(800, 30000)) / 1000,
                cents(Decimal(rng.randint(150, 3200)) / 100),
                Decimal("5.5"),
            )
        )
    it.lines.append(Line("Sacs poubelle 110 L", Decimal(4), Decimal("6.85"), Decimal(20)))
    paper = Paper(size=8)
    paper.row(
        f"40|{it.seller.full} - {it.seller.street} - {it.seller.postcode} {it.seller.city}",
        bold=True,
    )
    paper.row(f"40|SIRET {it.seller.siret} - TVA {it.seller.vat} - Agrément FR 35.238.001 CE")
    paper.block(360, "Client n° 41102", *address(it.buyer), y=90)
    paper.y = 150
    paper.row(
        f"40|FACTURE N° {it.number} DU {it.issued:%d/%m/%Y} - ÉCHÉANCE {it.due:%d/%m/%Y}",
        bold=True,
    )
    paper.skip()
    tabs = "40 90 >270 >340 >400 >470 >555"
    paper.grid(tabs, ("Code", "Libellé", "Colis", "Poids/Qté", "TVA", "Prix U HT", "Montant HT"))
    for place, line in enumerate(it.lines):
        unit = "kg" if line.rate == Decimal("5.5") else "u"
        quantity = (
            f"{line.quantity:.3f}".replace(".", ",") if unit == "kg" else count(line.quantity)
        )
        paper.grid(
            tabs,
            (
                f"{3100 + place}",
                line.text,
                str(rng.randint(1, 6)),
                f"{quantity} {unit}",
                percent(line.rate)[:-2],
                money(line.price),
                money(line.net),
            ),
            gap=1.15,
        )
        paper.row(
            f"90|Lot {rng.randint(10000, 99999)} DLC {it.issued + timedelta(days=9):%d/%m/%y}",
            size=7,
        )
    paper.skip()
    paper.grid("40 >120 >200 >280 >440 >555", ("% TVA", "Base HT", "TVA", "", "", ""),
               *((percent(rate)[:-2], money(base), money(tax)) for rate, base, tax in it.rows))  # fmt: skip
    for label, value in (
        ("Total HT", it.excl),
        ("Total TVA", it.vat),
        ("Net à payer EUR", it.incl),
    ):
        paper.row(f"400|{label}", f">555|{money(value)}")
    return paper.canvas, it.truth(due_date=it.due)


def rounded(rng: random.Random) -> tuple[Canvas, Truth]:
    """What is to pay is rounded to the nearest five centimes, said so."""
    it = case(rng).add(_GOODS, rng.randint(2, 4), 3, 90)
    due = (it.incl * 20).quantize(Decimal(1)) / 20
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret}")
    paper.block(330, *address(it.buyer), y=90)
    paper.y = 160
    paper.title(f"Facture {it.number} du {it.issued:%d/%m/%Y}", size=12)
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("Désignation", "Qté", "P.U.", "Montant"),
        *(
            (line.text, count(line.quantity), money(line.price), money(line.net))
            for line in it.lines
        ),
    )
    rows = [("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)]
    if due != it.incl:
        rows.append(("Arrondi", due - it.incl))
    for label, value in (*rows, ("Net à payer", due)):
        paper.row(f"400|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(amount_due=due.quantize(Decimal("0.01")))


def self_billed(rng: random.Random) -> tuple[Canvas, Truth]:
    """Made by the buyer for the seller: both named, the seller on the right."""
    it = case(rng, "AUTO-{y}-{n:04d}").add(
        ("Lait cru collecté", "Prime qualité"), 2, 100, 2000, "5.5", quantities="1"
    )
    paper = Paper()
    paper.block(40, "Client (émetteur) :", *address(it.buyer), f"SIRET {it.buyer.siret}")
    paper.block(
        330,
        "Fournisseur :",
        *address(it.seller),
        f"SIRET {it.seller.siret}",
        f"TVA {it.seller.vat}",
        y=50,
    )
    paper.y = 150
    paper.title(f"AUTOFACTURE N° {it.number}", size=13)
    paper.row(
        f"40|Date : {it.issued:%d/%m/%Y} - Autofacturation : facture établie au nom et pour le compte du fournisseur"
    )
    paper.skip()
    paper.grid(
        "40 >430 >555",
        ("Libellé", "TVA", "Montant HT"),
        *((line.text, "5,5 %", money(line.net)) for line in it.lines),
    )
    for label, value in (("Total HT", it.excl), ("TVA 5,5 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{fr(value)}")
    footer(paper, it.buyer)
    return paper.canvas, it.truth(kind="self_billed")


ALL = (carried, headless, odd_heads, across, left_totals, factored, two_banks, reductions, eco, returns, letter,
       second_hand, wholesale, rounded, self_billed)  # fmt: skip
