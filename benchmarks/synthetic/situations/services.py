"""Services and utilities: energy, telecom, hotels, rent, lawyers, doctors, carriers, fees."""
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
    footer,
    iban,
    long_day,
    money,
    percent,
    spaced,
)  # fmt: skip


def energy(rng: random.Random) -> tuple[Canvas, Truth]:
    """Electricity: a summary with two rates on page 1, meters and details on page 2."""
    it = case(rng, "10 {n:03d} {n:03d} 417")
    it.number = f"10{rng.randint(10**7, 10**8)}"
    flat, used, taxes = (
        cents(Decimal(rng.randint(*one)) / 100)
        for one in ((1500, 9000), (9000, 90000), (800, 6000))
    )
    low, high = flat, used + taxes
    vat_low, vat_high = cents(low * Decimal("0.055")), cents(high / 5)
    incl = low + high + vat_low + vat_high
    start = it.issued - timedelta(days=61)
    paper = Paper()
    paper.title(it.seller.name, size=20)
    paper.block(40, "Vos références", f"N° client : {rng.randint(10**8, 10**9)}", "N° de compte : 4 004 556 111",
                "Point de livraison : 09 123 456 789 012", y=110)  # fmt: skip
    paper.block(340, *address(it.buyer), y=110)
    paper.y = 200
    paper.row(f"40|Facture du {long_day(it.issued)}", size=13, bold=True)
    paper.row(f"40|n° {it.number}")
    paper.row(f"40|Période du {start:%d/%m/%Y} au {it.issued:%d/%m/%Y}")
    paper.skip()
    for label, value in (
        ("Abonnement", flat), ("Consommation", used), ("Taxes et contributions", taxes),
        ("Total Hors TVA", low + high), ("TVA à 5,50 %", vat_low), ("TVA à 20,00 %", vat_high),
        ("Montant total TTC", incl),
    ):  # fmt: skip
        paper.row(f"60|{label}", f">520|{fr(value)}")
    paper.skip()
    paper.row(f"60|Montant à prélever le {it.due:%d/%m/%Y}", f">520|{fr(incl)}", bold=True)
    footer(paper, it.seller)
    paper.turn()
    paper.row("40|Détail de votre facture", bold=True)
    tabs = "40 >250 >310 >380 >450 >520 >560"
    paper.grid(
        tabs, ("Électricité", "Index début", "Index fin", "Conso kWh", "Prix kWh HT", "Montant HT", "TVA"),
        ("Heures pleines", "12 455", "13 901", "1 446", "0,1598", money(cents(used / 2)), "20,00 %"),
        ("Heures creuses", "8 011", "8 990", "979", "0,1296", money(used - cents(used / 2)), "20,00 %"),
        ("Abonnement 9 kVA", "", "", "", "", money(flat), "5,50 %"),
        ("CTA, accise", "", "", "", "", money(taxes), "20,00 %"),
    )  # fmt: skip
    return paper.canvas, it.truth(
        seller_name=[it.seller.full, it.seller.name], total_excl_vat=low + high,
        total_vat=vat_low + vat_high, total_incl_vat=incl, amount_due=incl, due_date=it.due,
        vat_breakdown=[(Decimal("5.5"), low, vat_low), (Decimal(20), high, vat_high)],
        lines=None, seller_siren=it.seller.siren,
    )  # fmt: skip


def telecom(rng: random.Random) -> tuple[Canvas, Truth]:
    """A phone bill: one total per line number on page 1, calls on the next pages."""
    it = case(rng)
    it.number = f"B{rng.randint(10**6, 10**7)}"
    parts = [cents(Decimal(rng.randint(900, 9900)) / 100) for _ in range(4)]
    base = sum(parts, Decimal(0))
    tax = cents(base / 5)
    paper = Paper(size=8.5)
    paper.block(
        40,
        it.seller.full,
        "Service clients TSA 10001",
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
    )
    paper.block(330, *address(it.buyer), y=90)
    paper.y = 170
    paper.grid("40 180 320 450", ("Numéro de facture", "Date de facture", "Compte client", "Date limite de paiement"),
               (it.number, f"{it.issued:%d.%m.%Y}", str(rng.randint(10**5, 10**6)), f"{it.due:%d.%m.%Y}"))  # fmt: skip
    paper.skip()
    paper.row("40|Votre facture en résumé", ">440|€ HT", ">555|€ TTC", bold=True)
    for place, value in enumerate(parts):
        gross = value + cents(value / 5)
        paper.row(
            f"40|Ligne 06 {11 + place} 45 7{place} 90",
            f">440|{money(value)}",
            f">555|{money(gross)}",
        )
    paper.row("40|Total HT", f">440|{money(base)}")
    paper.row("40|TVA (20 %)", f">440|{money(tax)}")
    paper.row("40|Total à payer TTC", f">555|{money(base + tax)}", bold=True)
    paper.skip()
    paper.row(
        f"40|Votre facture sera prélevée à partir du {it.due:%d/%m/%Y} sur le compte FR76 XXXX XXXX 1234"
    )
    footer(paper, it.seller)
    for page in range(2):
        paper.turn()
        paper.row(f"40|Détail des communications - ligne 06 1{page} 45 70 90", bold=True)
        paper.grid(
            "40 110 160 >350 >450 >555",
            ("Date", "Heure", "Numéro appelé", "Durée", "Tarif HT", "Coût HT"),
        )
        for place in range(30):
            day = it.issued - timedelta(days=30 - place)
            paper.grid("40 110 160 >350 >450 >555", (f"{day:%d/%m/%Y}", f"{8 + place % 10:02d}:{place:02d}", f"01 40 20 30 {place:02d}", f"00:{place:02d}:11", "0,00", "0,00"))  # fmt: skip
    return paper.canvas, it.truth(
        total_excl_vat=base, total_vat=tax, total_incl_vat=base + tax, amount_due=base + tax,
        vat_breakdown=[(Decimal(20), base, tax)], lines=None, due_date=it.due, iban=None,
    )  # fmt: skip


def hotel(rng: random.Random) -> tuple[Canvas, Truth]:
    """A hotel bill: nights and meals day by day with tax, a tourist tax without, paid."""
    it = case(rng, "{n:06d}")
    nights, price, stay = rng.randint(1, 4), Decimal(rng.randint(70, 190)), Decimal("1.65")
    paper = Paper()
    paper.title(f"HÔTEL {it.seller.name.upper()}", "^297", 15)
    paper.row(f"^297|{it.seller.street} - {it.seller.postcode} {it.seller.city}")
    paper.row(f"^297|SIRET {it.seller.siret} - TVA {it.seller.vat}")
    paper.skip()
    paper.block(330, *address(it.buyer), y=130)
    paper.y = 130
    paper.block(40, f"Facture : {it.number}", f"Date : {it.issued:%d/%m/%Y}", "Chambre : 214",
                f"Arrivée : {it.issued - timedelta(days=nights):%d/%m/%Y}", f"Départ : {it.issued:%d/%m/%Y}")  # fmt: skip
    paper.skip()
    paper.grid("40 110 >400 >555", ("Date", "Libellé", "Débit", "Crédit"))
    total, taxed, lines = Decimal(0), Decimal(0), []
    for place in range(nights):
        day = it.issued - timedelta(days=nights - place)
        for text, value in (
            ("Chambre double", price),
            ("Petit déjeuner", Decimal(14)),
            ("Taxe de séjour", stay),
        ):
            paper.grid("40 110 >400 >555", (f"{day:%d/%m/%Y}", text, money(value), ""))
            total += value
            taxed += value if text != "Taxe de séjour" else 0
            lines.append(value)
    paper.grid("40 110 >400 >555", (f"{it.issued:%d/%m/%Y}", "Carte bancaire", "", money(total)))
    base = cents(taxed / Decimal("1.1"))
    tax = taxed - base
    paper.skip()
    paper.row("260|TOTAL TTC", f">400|{fr(total)}")
    paper.row("260|Solde", ">400|0,00 €")
    paper.skip()
    paper.grid("40 >150 >240 >330", ("Taux TVA", "Montant HT", "TVA", "TTC"),
               ("10,00 %", money(base), money(tax), money(taxed)),
               ("0,00 %", money(total - taxed), "0,00", money(total - taxed)))  # fmt: skip
    return paper.canvas, it.truth(
        seller_name=[it.seller.full, it.seller.name, f"Hôtel {it.seller.name}"],
        total_excl_vat=total - tax, total_vat=tax, total_incl_vat=total, amount_due=Decimal(0),
        vat_breakdown=[(Decimal(0), total - taxed, Decimal(0)), (Decimal(10), base, tax)], lines=None,
    )  # fmt: skip


def rent(rng: random.Random) -> tuple[Canvas, Truth]:
    """A rent bill: rent, provisions, VAT, a term."""
    it = case(rng, "LOY{y}{m:02d}-{n:03d}", form="SCI")
    month = it.issued.replace(day=1)
    for text, low, high in (
        ("Loyer commercial", 800, 4000),
        ("Provision sur charges", 60, 400),
        ("Provision taxe foncière", 40, 200),
    ):
        it.add((text,), 1, low, high, quantities="1")
    paper = Paper()
    paper.block(
        40,
        "BAILLEUR",
        *address(it.seller),
        f"SIREN {spaced(it.seller.siren, 3, 3)}",
        f"TVA {it.seller.vat}",
    )
    paper.block(320, "LOCATAIRE", *address(it.buyer), y=50)
    paper.y = 160
    paper.title(f"FACTURE DE LOYER N° {it.number}", size=13)
    paper.row(
        f"40|Émise le {it.issued:%d/%m/%Y} - Terme du {month:%d/%m/%Y} au {month + timedelta(days=27):%d/%m/%Y}"
    )
    paper.row("40|Local commercial : 12 rue du Port, rez-de-chaussée")
    paper.skip()
    paper.grid("40 >360 >450 >555", ("Nature", "Montant HT", "TVA 20 %", "Montant TTC"))
    for line in it.lines:
        tax = cents(line.net / 5)
        paper.grid(
            "40 >360 >450 >555", (line.text, money(line.net), money(tax), money(line.net + tax))
        )
    vat = sum((cents(line.net / 5) for line in it.lines), Decimal(0))
    paper.grid("40 >360 >450 >555", ("TOTAL", money(it.excl), money(vat), money(it.excl + vat)))
    paper.skip()
    paper.row(
        f"40|Exigible le {it.due:%d/%m/%Y} par virement IBAN {iban(it.seller.iban)} BIC {it.seller.bic}"
    )
    return paper.canvas, it.truth(
        total_vat=vat, total_incl_vat=it.excl + vat, amount_due=it.excl + vat, due_date=it.due,
        vat_breakdown=[(Decimal(20), it.excl, vat)], iban=it.seller.iban,
    )  # fmt: skip


def lawyer(rng: random.Random) -> tuple[Canvas, Truth]:
    """A lawyer's bill: fees, disbursements without VAT, a provision already paid."""
    it = case(rng, "{y}/{n:04d}", form="SELARL").add(("Rédaction d'assignation", "Audience de plaidoirie", "Consultation"),
                                                 rng.randint(1, 3), 150, 900)  # fmt: skip
    fees = it.excl
    stamps = cents(Decimal(rng.randint(1300, 22500)) / 100)
    it.lines.append(
        Line("Débours : droits de plaidoirie et timbres", Decimal(1), stamps, Decimal(0))
    )
    vat = cents(fees / 5)
    paid = Decimal(rng.choice((300, 600)))
    paper = Paper(size=10)
    paper.block(60, it.seller.full, "Avocats à la Cour", it.seller.street, f"{it.seller.postcode} {it.seller.city}",
                f"N° TVA intracommunautaire : {it.seller.vat}")  # fmt: skip
    paper.block(340, *address(it.buyer), y=140)
    paper.y = 210
    paper.row(f"340|{it.seller.city.title()}, le {long_day(it.issued)}")
    paper.skip()
    paper.row(f"60|NOTE D'HONORAIRES N° {it.number}", size=13, bold=True)
    paper.row("60|Affaire : c/ Dupont - N/Réf : 220145")
    paper.skip()
    for line in it.lines:
        paper.row(f"60|{line.text}", f">520|{fr(line.net)}")
    paper.skip()
    for label, value in (("Total honoraires HT", fees), ("TVA 20 %", vat), ("Débours non soumis à TVA", stamps),
                         ("Total TTC", fees + vat + stamps), ("Provision versée", -paid),
                         ("Solde à payer", fees + vat + stamps - paid)):  # fmt: skip
        paper.row(f"300|{label}", f">520|{fr(value)}")
    return paper.canvas, it.truth(
        total_excl_vat=fees + stamps, total_vat=vat, total_incl_vat=fees + stamps + vat,
        amount_due=fees + stamps + vat - paid, lines=None,
        vat_breakdown=[(Decimal(0), stamps, Decimal(0)), (Decimal(20), fees, vat)],
    )  # fmt: skip


def doctor(rng: random.Random) -> tuple[Canvas, Truth]:
    """Care without VAT: a fee note with acts and codes."""
    it = case(rng, "H{s}-{n:04d}", vat="", form="").add(
        ("Visite médicale d'embauche", "Examen complémentaire"),
        2,
        30,
        120,
        "0",
        quantities="1 3 8",
    )
    paper = Paper()
    paper.block(40, f"Dr {it.seller.name}", "Médecine du travail", it.seller.street, f"{it.seller.postcode} {it.seller.city}",
                f"SIRET {it.seller.siret}", "N° RPPS 10100123456")  # fmt: skip
    paper.block(350, it.buyer.full, it.buyer.street, f"{it.buyer.postcode} {it.buyer.city}", y=120)
    paper.y = 180
    paper.title("Facture", size=16)
    paper.grid(
        "40 140",
        ("Numéro", it.number),
        ("Date", f"{it.issued:%d/%m/%Y}"),
        ("À payer le", f"{it.due:%d/%m/%Y}"),
    )
    paper.skip()
    paper.grid("40 >330 >430 >540", ("Acte", "Nombre", "Tarif", "Total"),
               *((line.text, count(line.quantity), fr(line.price), fr(line.net)) for line in it.lines))  # fmt: skip
    paper.row("380|Total à payer", f">540|{fr(it.excl)}", bold=True)
    paper.row("40|Exonéré de TVA - article 261-4-1° du CGI")
    return paper.canvas, it.truth(
        seller_name=[it.seller.name, f"Dr {it.seller.name}"], total_vat=Decimal(0), due_date=it.due,
        vat_breakdown=[(Decimal(0), it.excl, Decimal(0))], category="E", seller_siret=it.seller.siret,
    )  # fmt: skip


def training(rng: random.Random) -> tuple[Canvas, Truth]:
    """An association that trains: exempt, its bank and agreement number."""
    it = case(rng, "{y}-F-{n:03d}", vat="", form="", name="Association Les Ateliers du Rhône").add(
        ("Session management d'équipe", "Frais pédagogiques"), 2, 300, 1500, "0", quantities="1 2"
    )
    paper = Paper()
    paper.row(f"40|{it.seller.name}", size=15, bold=True)
    paper.row("40|Association loi 1901 - Organisme de formation n° 84 69 12345 69")
    paper.row(
        f"40|{it.seller.street} {it.seller.postcode} {it.seller.city} - Siret {it.seller.siret}"
    )
    paper.block(330, "Adressée à", *address(it.buyer), y=120)
    paper.y = 120
    paper.block(
        40,
        f"Facture : {it.number}",
        f"Date : {long_day(it.issued)}",
        f"Échéance : {long_day(it.due)}",
    )
    paper.skip(50)
    paper.grid("40 >400 >470 >550", ("Intitulé de la formation", "Nb jours", "Tarif", "Montant"),
               *((line.text, count(line.quantity), money(line.price), money(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    paper.row(">470|Montant total", f">550|{fr(it.excl)}", bold=True)
    paper.row("40|Exonération de TVA, art. 261-4-4° a du CGI")
    paper.row(f"40|Banque : Crédit Mutuel - IBAN {iban(it.seller.iban)} - BIC {it.seller.bic}")
    return paper.canvas, it.truth(
        seller_name=it.seller.name, total_vat=Decimal(0), due_date=it.due, iban=it.seller.iban,
        vat_breakdown=[(Decimal(0), it.excl, Decimal(0))], category="E",
    )  # fmt: skip


def carrier(rng: random.Random) -> tuple[Canvas, Truth]:
    """A carrier: each trip with its date and slip, a fuel surcharge in percent."""
    it = case(rng, "T{n:05d}")
    for _ in range(rng.randint(3, 9)):
        it.add(("Transport",), 1, 80, 900, quantities="1")
    fuel = cents(it.excl * Decimal("0.062"))
    it.lines.append(Line("Surcharge gazole 6,20 %", Decimal(1), fuel, Decimal(20)))
    paper = Paper(size=8.5)
    paper.block(
        40,
        it.seller.full,
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
        f"SIRET {it.seller.siret} APE 4941B",
    )
    paper.block(
        330,
        f"Code client : C{rng.randint(100, 999)}",
        *address(it.buyer),
        f"N° TVA {it.buyer.vat}",
        y=90,
    )
    paper.y = 170
    paper.row(
        "40|FACTURE",
        f"140|{it.number}",
        f"260|Date {it.issued:%d/%m/%y}",
        "400|Page 1/1",
        bold=True,
    )
    paper.skip()
    tabs = "40 95 160 260 360 >450 >555"
    paper.grid(
        tabs, ("Date", "N° récép.", "Départ", "Arrivée", "Réf. client", "Poids kg", "Montant HT")
    )
    for line in it.lines[:-1]:
        day = it.issued - timedelta(days=rng.randint(2, 28))
        paper.grid(tabs, (f"{day:%d/%m/%y}", str(rng.randint(10**5, 10**6)), "69 LYON", "13 VITROLLES", f"CDE{rng.randint(10, 99)}", str(rng.randint(100, 24000)), money(line.net)))  # fmt: skip
    paper.grid(tabs, ("", "", "Surcharge gazole 6,20 %", "", "", "", money(fuel)))
    paper.skip()
    paper.grid(
        "60 >200 >300 >420 >555",
        ("Total HT", "% TVA", "Montant TVA", "Total TTC", "NET A PAYER EUR"),
    )
    paper.grid(
        "60 >200 >300 >420 >555",
        (money(it.excl), "20,00", money(it.vat), money(it.incl), money(it.incl)),
    )
    paper.row(f"40|Règlement par LCR à l'échéance du {it.due:%d/%m/%Y}")
    paper.row(f"40|TVA acquittée sur les encaissements - TVA intracommunautaire {it.seller.vat}")
    return paper.canvas, it.truth(
        due_date=it.due, lines=[line.net for line in it.lines[:-1]] + [fuel]
    )


def saas(rng: random.Random) -> tuple[Canvas, Truth]:
    """Software from abroad, in English: reverse charge, seats, a period for each line."""
    it = case(rng, "INV-{y}-{n:06d}").add(
        ("Team plan (monthly)", "Additional seats", "Log storage add-on"),
        3,
        5,
        90,
        "0",
        quantities="1 5 12",
    )
    paper = Paper()
    paper.title("Invoice", size=22)
    paper.grid(
        "40 150",
        ("Invoice number", it.number),
        ("Date of issue", f"{it.issued:%B %-d, %Y}"),
        ("Date due", f"{it.due:%B %-d, %Y}"),
    )
    paper.skip()
    paper.block(
        40,
        "Brightlane Software Ltd",
        "1 Grand Canal Square",
        "Dublin D02 P820",
        "Ireland",
        "VAT: IE6388047V",
        y=140,
    )
    paper.block(
        300,
        "Bill to",
        it.buyer.full,
        it.buyer.street,
        f"{it.buyer.postcode} {it.buyer.city}",
        "France",
        f"FR VAT {it.buyer.vat}",
        y=140,
    )
    paper.y = 235
    paper.row(f"40|€{en(it.excl)} due {it.due:%B %-d, %Y}", size=14, bold=True)
    paper.skip()
    paper.row("40|Description", ">360|Qty", ">450|Unit price", ">555|Amount")
    for line in it.lines:
        paper.row(
            f"40|{line.text}",
            f">360|{line.quantity}",
            f">450|€{en(line.price)}",
            f">555|€{en(line.net)}",
            gap=1.2,
        )
        paper.row(f"40|{it.issued:%b %-d} – {it.due:%b %-d, %Y}", size=8)
    paper.skip()
    for label in ("Subtotal", "Total excluding tax"):
        paper.row(f"340|{label}", f">555|€{en(it.excl)}")
    paper.row("340|VAT - France (0% on €" + en(it.excl) + ")", ">555|€0.00")
    paper.row("340|Total", f">555|€{en(it.excl)}")
    paper.row("340|Amount due", f">555|€{en(it.excl)}", bold=True)
    paper.row("40|Tax to be paid on reverse charge basis")
    return paper.canvas, it.truth(
        seller_name="Brightlane Software Ltd", total_vat=Decimal(0), due_date=it.due, category="AE",
        vat_breakdown=[(Decimal(0), it.excl, Decimal(0))], seller_vat="IE6388047V",
    )  # fmt: skip


def agency(rng: random.Random) -> tuple[Canvas, Truth]:
    """An agency: days and rates, discounts per line, early payment discount explained."""
    it = case(rng).add(
        ("Direction artistique", "Intégration web", "Gestion de projet"),
        3,
        300,
        700,
        quantities="1 2.5 4 0.5",
        unit="jours",
    )
    paper = Paper(size=9)
    paper.block(
        330,
        *address(it.seller),
        f"{it.seller.mail}",
        f"SIRET : {it.seller.siret}",
        f"TVA : {it.seller.vat}",
    )
    paper.block(40, "Facturé à :", *address(it.buyer), y=130)
    paper.block(
        330,
        f"Facture : {it.number}",
        f"Émise le : {it.issued:%d/%m/%Y}",
        f"À payer avant le : {it.due:%d/%m/%Y}",
        y=140,
    )
    paper.y = 210
    tabs = "40 >330 >410 >460 >555"
    paper.grid(tabs, ("Prestation", "Temps", "Taux HT", "Remise", "Total HT"))
    nets = []
    for line in it.lines:
        off = rng.choice((Decimal(0), Decimal(10), Decimal(15)))
        net = cents(line.net * (1 - off / 100))
        nets.append(net)
        paper.grid(
            tabs,
            (
                line.text,
                f"{count(line.quantity)} jours",
                fr(line.price),
                percent(off) if off else "-",
                fr(net),
            ),
        )
    base = sum(nets, Decimal(0))
    tax = cents(base / 5)
    paper.skip()
    for label, value in (("Total HT", base), ("TVA (20 %)", tax), ("Total TTC", base + tax)):
        paper.row(f">460|{label}", f">555|{fr(value)}")
    paper.skip()
    paper.row(
        "40|Taux des pénalités en cas de retard de paiement : 3 fois le taux d'intérêt légal",
        size=7,
    )
    paper.row(
        "40|Indemnité forfaitaire pour frais de recouvrement en cas de retard : 40 €", size=7
    )
    paper.row("40|Escompte en cas de paiement anticipé : néant", size=7)
    return paper.canvas, it.truth(
        total_excl_vat=base, total_vat=tax, total_incl_vat=base + tax, amount_due=base + tax,
        vat_breakdown=[(Decimal(20), base, tax)], lines=nets, due_date=it.due, seller_siret=it.seller.siret,
    )  # fmt: skip


def insurance(rng: random.Random) -> tuple[Canvas, Truth]:
    """Bank and broker fees: VAT on some, none on others, debited."""
    it = case(rng, "{y}{m:02d}{n:06d}")
    fee, exempt = (
        cents(Decimal(rng.randint(500, 9000)) / 100),
        cents(Decimal(rng.randint(500, 9000)) / 100),
    )
    tax = cents(fee / 5)
    paper = Paper()
    paper.block(
        40,
        *address(it.seller),
        f"RCS {it.seller.city} {spaced(it.seller.siren, 3, 3)} - N° ORIAS 07 001 234 - TVA {it.seller.vat}",
    )
    paper.block(340, *address(it.buyer), y=110)
    paper.y = 180
    paper.title("Facture de frais", size=13)
    paper.row(f"40|Référence facture : {it.number}", f"300|Date : {it.issued:%d/%m/%Y}")
    paper.skip()
    tabs = "40 >330 >400 >470 >555"
    paper.grid(tabs, ("Libellé", "Montant HT", "Taux TVA", "TVA", "Montant TTC"),
               ("Commission de mouvement", money(exempt), "Exonéré", "0,00", money(exempt)),
               ("Frais de tenue de compte", money(fee), "20,00 %", money(tax), money(fee + tax)),
               ("Total", money(fee + exempt), "", money(tax), money(fee + exempt + tax)))  # fmt: skip
    paper.skip()
    paper.row("40|Montant débité de votre compte n° 00012345678 le même jour")
    return paper.canvas, it.truth(
        total_excl_vat=fee + exempt, total_vat=tax, total_incl_vat=fee + exempt + tax, amount_due=fee + exempt + tax,
        vat_breakdown=[(Decimal(0), exempt, Decimal(0)), (Decimal(20), fee, tax)], lines=[exempt, fee],
    )  # fmt: skip


ALL = (energy, telecom, hotel, rent, lawyer, doctor, training, carrier, saas, agency, insurance)
