"""The building trades: progress claims, retentions, reverse charge, lots, deposits deducted."""
# ruff: noqa: E501 - rows are read as rows

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.family import Truth, fr
from benchmarks.synthetic.situations.paper import (
    Paper,
    address,
    case,
    count,
    footer,
    iban,
    long_day,
    money,
    percent,
    siret,
    spaced,
)  # fmt: skip

_WORKS = ("Démolition cloisons existantes", "Plâtrerie - doublage BA13", "Chape liquide anhydrite",
          "Réseaux d'évacuation PVC", "Menuiseries extérieures alu", "Ravalement façade sud")  # fmt: skip


def progress(rng: random.Random) -> tuple[Canvas, Truth]:
    """A progress claim: work to date, less earlier claims, a retention, what is to pay."""
    it = case(rng, "SIT-{y}-{n:03d}")
    paper = Paper()
    paper.block(40, it.seller.full, it.seller.street, f"{it.seller.postcode} {it.seller.city}",
                f"SIRET : {siret(it.seller)}", f"TVA : {it.seller.vat}")  # fmt: skip
    paper.block(340, "Maître d'ouvrage :", *address(it.buyer), y=110)
    paper.y = 180
    paper.title(f"FACTURE DE SITUATION N° {it.number}")
    paper.row(
        f"40|Situation de travaux n° 3 - Chantier : école Pasteur - Date : {it.issued:%d/%m/%Y}"
    )
    paper.skip()
    market = cents(Decimal(rng.randint(2_000_000, 9_000_000)) / 100)
    done = cents(market * Decimal("0.62"))
    before = cents(market * Decimal("0.41"))
    base = done - before
    tax = cents(base / 5)
    held = cents((base + tax) * Decimal("0.05"))
    for label, value in (
        ("Montant du marché HT", market),
        ("Travaux exécutés à ce jour HT (62 %)", done),
        ("À déduire situations précédentes HT", -before),
        ("Montant de la présente situation HT", base),
        ("TVA 20,00 %", tax),
        ("Montant TTC", base + tax),
        ("Retenue de garantie 5 %", -held),
        ("Net à payer TTC", base + tax - held),
    ):
        paper.row(f"60|{label}", f">520|{fr(value)}")
    paper.skip()
    paper.row(f"40|Règlement par virement à 30 jours, échéance le {it.due:%d/%m/%Y}")
    paper.row(f"40|IBAN : {iban(it.seller.iban)}")
    return paper.canvas, it.truth(
        total_excl_vat=base, total_vat=tax, total_incl_vat=base + tax,
        amount_due=base + tax - held, vat_breakdown=[(Decimal(20), base, tax)],
        lines=None, due_date=it.due, iban=it.seller.iban, seller_siret=it.seller.siret,
    )  # fmt: skip


def subcontracted(rng: random.Random) -> tuple[Canvas, Truth]:
    """A subcontractor's invoice: no VAT, due by the main contractor."""
    it = case(rng, "{s}{m:02d}-{n:03d}").add(_WORKS, rng.randint(2, 5), 200, 4000, "0",
                                             quantities="1 12.5 38 140")  # fmt: skip
    paper = Paper(size=9.5)
    paper.row(f">555|{it.seller.city.title()}, le {long_day(it.issued)}")
    paper.block(
        40, *address(it.seller), f"Siret {it.seller.siret}", f"N° TVA {it.seller.vat}", y=50
    )
    paper.block(330, *address(it.buyer), f"N° TVA : {it.buyer.vat}", y=130)
    paper.y = 215
    paper.title(f"Facture n° {it.number}")
    paper.row("40|Chantier Résidence Les Tilleuls - Contrat de sous-traitance n° ST-88")
    paper.skip()
    paper.grid("40 >370 >400 >470 >555", ("Désignation des ouvrages", "Qté", "U", "PU € HT", "Total € HT"),
               *((line.text, count(line.quantity), "m²", money(line.price), money(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    paper.row("380|TOTAL HT", f">555|{money(it.excl)}", bold=True)
    paper.row("380|TVA", ">555|0,00")
    paper.row("380|NET A PAYER", f">555|{money(it.excl)}", bold=True)
    paper.skip()
    paper.row(
        "40|Autoliquidation : TVA due par le preneur assujetti - article 283-2 nonies du CGI"
    )
    footer(paper, it.seller)
    return paper.canvas, it.truth(
        total_vat=Decimal(0), vat_breakdown=[(Decimal(0), it.excl, Decimal(0))], category="AE",
        seller_vat=it.seller.vat, seller_siret=it.seller.siret,
    )  # fmt: skip


def lots(rng: random.Random) -> tuple[Canvas, Truth]:
    """Lots with their subtotals inside the table, two rates."""
    it = (
        case(rng)
        .add(_WORKS, 2, 100, 3000, "10", unit="ens")
        .add(_WORKS[2:], 3, 50, 900, "20", unit="ml")
    )
    paper = Paper()
    paper.title(it.seller.full, size=16)
    paper.row(
        f"40|{it.seller.street} - {it.seller.postcode} {it.seller.city} - Tél {it.seller.phone}"
    )
    paper.row(
        f"40|SIRET {it.seller.siret} - TVA intracom. {it.seller.vat} - Assurance décennale n° 7789451"
    )
    paper.block(320, *address(it.buyer), y=120)
    paper.y = 120
    paper.block(40, f"Facture N° : {it.number}", f"Date : {it.issued:%d/%m/%Y}",
                f"Échéance : {it.due:%d/%m/%Y}", "Devis n° : DE-2044 du 03/02/2020")  # fmt: skip
    paper.skip(30)
    tabs = "40 70 >350 >390 >455 >515 >555"
    paper.grid(tabs, ("N°", "Libellé", "Quantité", "Unité", "Prix U. HT", "Montant HT", "TVA"))
    for lot, (first, last) in enumerate(((0, 2), (2, 5)), start=1):
        paper.row(f"40|{lot}", f"70|LOT {lot} - {('GROS ŒUVRE', 'FINITIONS')[lot - 1]}", bold=True)
        for place, line in enumerate(it.lines[first:last], start=1):
            paper.grid(tabs, (f"{lot}.{place}", line.text, count(line.quantity), line.unit,
                              money(line.price), money(line.net), percent(line.rate)))  # fmt: skip
        whole = sum((line.net for line in it.lines[first:last]), Decimal(0))
        paper.row(f">455|Sous-total lot {lot}", f">515|{money(whole)}")
    paper.skip()
    paper.row("350|Total HT", f">515|{fr(it.excl)}")
    for rate, base, tax in it.rows:
        paper.row(f"350|TVA {percent(rate)} sur {fr(base)}", f">555|{fr(tax)}")
    paper.row("350|Total TTC", f">515|{fr(it.incl)}", bold=True)
    return paper.canvas, it.truth(due_date=it.due, seller_siret=it.seller.siret)


def final_net(rng: random.Random) -> tuple[Canvas, Truth]:
    """A final invoice: deposits deducted without tax, the tax on what is left."""
    it = case(rng, "FS{y}{n:04d}").add(_WORKS, rng.randint(2, 4), 800, 5000, quantities="1 1 2")
    paid = [cents(it.excl * Decimal(share)) for share in ("0.3", "0.25")]
    base = it.excl - sum(paid)
    tax = cents(base / 5)
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIREN {spaced(it.seller.siren, 3, 3)} RM 35")
    paper.block(350, *address(it.buyer), y=60)
    paper.y = 150
    paper.title(f"FACTURE DE SOLDE {it.number}", "^297")
    paper.row(f"^297|en date du {it.issued:%d/%m/%Y}")
    paper.skip()
    tabs = "40 >400 >470 >555"
    paper.grid(tabs, ("Description", "Qté", "Prix HT", "Total HT"),
               *((line.text, count(line.quantity), fr(line.price), fr(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    paper.row(">470|Total travaux HT", f">555|{fr(it.excl)}")
    for place, value in enumerate(paid, start=1):
        paper.row(
            f">470|Acompte n° {place} HT (facture FA{place}0{rng.randint(10, 99)})",
            f">555|{fr(-value)}",
        )
    paper.row(">470|Net HT", f">555|{fr(base)}")
    paper.row(">470|TVA 20 %", f">555|{fr(tax)}")
    paper.row(">470|Total TTC à régler", f">555|{fr(base + tax)}", bold=True)
    return paper.canvas, it.truth(
        total_excl_vat=base, total_vat=tax, total_incl_vat=base + tax, amount_due=base + tax,
        vat_breakdown=[(Decimal(20), base, tax)], lines=None,
    )  # fmt: skip


def final_gross(rng: random.Random) -> tuple[Canvas, Truth]:
    """A final invoice on the whole, two deposits deducted after TTC."""
    it = case(rng).add(_WORKS, rng.randint(2, 5), 300, 3000, "10")
    one, two = cents(it.incl * Decimal("0.3")), cents(it.incl * Decimal("0.2"))
    due = it.incl - one - two
    early = it.issued - timedelta(days=60)
    paper = Paper()
    paper.block(
        40, "Vendeur", *address(it.seller), f"Siret : {it.seller.siret}", f"TVA : {it.seller.vat}"
    )
    paper.block(330, "Client", *address(it.buyer), y=50)
    paper.y = 150
    paper.grid("40 200 360", ("Facture n°", "Date de facturation", "Échéance"),
               (it.number, f"{it.issued:%d/%m/%Y}", f"{it.due:%d/%m/%Y}"))  # fmt: skip
    paper.skip()
    tabs = "40 >380 >440 >490 >555"
    paper.grid(tabs, ("Désignation", "Quantité", "PU HT", "TVA", "Montant HT"),
               *((line.text, count(line.quantity), money(line.price), "10 %", money(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    for label, value in (("Montant total HT", it.excl), ("Montant total TVA", it.vat), ("Montant total TTC", it.incl),
                         (f"Acompte AC-014 du {early:%d/%m/%Y}", -one),
                         (f"Acompte AC-022 du {early + timedelta(days=21):%d/%m/%Y}", -two), ("Reste à payer", due)):  # fmt: skip
        paper.row(f"330|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(amount_due=due, due_date=it.due, seller_vat=it.seller.vat)


def franchise(rng: random.Random) -> tuple[Canvas, Truth]:
    """A craftsman without VAT: one total, no table of totals."""
    it = case(rng, "{y}-{n:03d}", vat="", form="EI").add(("Pose de parquet flottant", "Réparation fuite", "Taille de haie"),
                                                  rng.randint(1, 3), 20, 400, "0")  # fmt: skip
    paper = Paper(size=10)
    paper.block(40, it.seller.full, it.seller.street, f"{it.seller.postcode} {it.seller.city}",
                f"Siret : {siret(it.seller)}", it.seller.phone)  # fmt: skip
    paper.skip()
    paper.row(f"40|Facture n°{it.number} du {long_day(it.issued)}", bold=True)
    paper.row(f"40|À l'attention de : {it.buyer.full}")
    paper.row(f"40|{it.buyer.street}, {it.buyer.postcode} {it.buyer.city}")
    paper.skip()
    for line in it.lines:
        paper.row(
            f"40|{line.text}",
            f">400|{count(line.quantity)} x {fr(line.price)}",
            f">520|{fr(line.net)}",
        )
    paper.skip()
    paper.row("40|Total", f">520|{fr(it.excl)}", bold=True)
    paper.row("40|TVA non applicable, article 293 B du code général des impôts")
    paper.row("40|Paiement à réception par chèque ou virement")
    return paper.canvas, it.truth(
        seller_name=[it.seller.full, it.seller.name], total_vat=Decimal(0), seller_siret=it.seller.siret,
        vat_breakdown=[(Decimal(0), it.excl, Decimal(0))], category="E",
    )  # fmt: skip


def deposit(rng: random.Random) -> tuple[Canvas, Truth]:
    """A deposit invoice: one sentence, a share of the order."""
    it = case(rng, "FAC-{y}-{n:04d}")
    order = cents(Decimal(rng.randint(200_000, 3_000_000)) / 100)
    base = cents(order * Decimal("0.3"))
    tax = cents(base / 10)
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret} - {it.seller.vat}")
    paper.block(320, *address(it.buyer), y=100)
    paper.y = 180
    paper.title(f"FACTURE D'ACOMPTE N° {it.number}")
    paper.row(f"40|Date d'émission : {it.issued:%d/%m/%Y}")
    paper.skip()
    paper.grid("40 >555", ("Libellé", "Montant HT"),
               (f"Acompte de 30 % sur devis D-{rng.randint(100, 999)} d'un montant de {fr(order)} HT", fr(base)))  # fmt: skip
    paper.skip()
    for label, value in (
        ("Total HT", base),
        ("TVA 10 %", tax),
        ("Total TTC", base + tax),
        ("Acompte à régler", base + tax),
    ):
        paper.row(f"380|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(
        kind="prepayment", total_excl_vat=base, total_vat=tax, total_incl_vat=base + tax,
        amount_due=base + tax, vat_breakdown=[(Decimal(10), base, tax)], lines=[base],
    )  # fmt: skip


ALL = (progress, subcontracted, lots, final_net, final_gross, franchise, deposit)
