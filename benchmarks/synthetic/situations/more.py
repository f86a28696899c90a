"""More situations, written after the reading was mended on the others: a check on habits."""
# ruff: noqa: E501 - rows are read as rows

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.family import Truth, de, en, fr
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
    spaced,
)  # fmt: skip


def cleaning(rng: random.Random) -> tuple[Canvas, Truth]:
    """A monthly flat rate; the seller stands in the footer alone, a logo above."""
    it = case(rng, "{s}-{m:02d}-{n:04d}").add(
        ("Nettoyage des locaux - forfait mensuel", "Vitrerie trimestrielle"),
        2,
        150,
        900,
        quantities="1",
    )
    start = it.issued.replace(day=1)
    paper = Paper()
    paper.row("40|net", size=26, bold=True)
    paper.block(340, *address(it.buyer), y=95)
    paper.y = 160
    paper.grid(
        "40 150",
        ("Facture n° :", it.number),
        ("Date :", f"{it.issued:%d/%m/%Y}"),
        ("Période :", f"du {start:%d/%m/%Y} au {start + timedelta(days=27):%d/%m/%Y}"),
    )
    paper.skip()
    paper.grid(
        "40 >420 >555",
        ("Prestations", "P.U. HT", "Montant HT"),
        *((line.text, money(line.price), money(line.net)) for line in it.lines),
    )
    paper.skip()
    for label, value in (
        ("TOTAL HORS TAXES", it.excl),
        ("TVA au taux de 20 %", it.vat),
        ("TOTAL TOUTES TAXES COMPRISES", it.incl),
    ):
        paper.row(f">455|{label}", f">555|{money(value)}")
    paper.row(
        f"40|Arrêtée la présente facture à la somme de {fr(it.incl)} TTC. Échéance : {it.due:%d/%m/%Y}"
    )
    paper.canvas.text(
        297,
        805,
        f"{it.seller.full} - {it.seller.street} {it.seller.postcode} {it.seller.city} - SIRET {siret(it.seller)}",
        7,
        "centre",
    )
    paper.canvas.text(
        297,
        814,
        f"TVA intracommunautaire {it.seller.vat} - IBAN {iban(it.seller.iban)}",
        7,
        "centre",
    )
    return paper.canvas, it.truth(
        due_date=it.due, iban=it.seller.iban, seller_siret=it.seller.siret
    )


def garage(rng: random.Random) -> tuple[Canvas, Truth]:
    """Two tables one after the other: labour, then parts, with the car above."""
    it = case(rng).add(
        ("Vidange et filtres", "Remplacement plaquettes AV"), 2, 55, 70, quantities="0.8 1.2 2"
    )
    it.add(("Filtre à huile", "Jeu de plaquettes", "Huile 5W30 5 L"), 3, 9, 80, quantities="1 2")
    paper = Paper(size=8.5)
    paper.block(
        40,
        *address(it.seller),
        f"Tél : {it.seller.phone}",
        f"SIRET {it.seller.siret} - TVA {it.seller.vat}",
    )
    paper.block(330, "Propriétaire du véhicule", *address(it.buyer), y=50)
    paper.y = 140
    paper.row(
        f"40|FACTURE ATELIER N° {it.number}", f"330|Le {it.issued:%d/%m/%Y}", bold=True, size=11
    )
    paper.row("40|Véhicule : RENAULT MASTER - Immat. GD-112-XZ - 148 220 km - OR n° 55871")
    for title, lines in (("MAIN D'ŒUVRE", it.lines[:2]), ("PIÈCES", it.lines[2:])):
        paper.skip(6)
        paper.row(f"40|{title}", bold=True)
        tabs = "40 >340 >430 >555"
        paper.grid(tabs, ("Désignation", "Temps" if title[0] == "M" else "Quantité", "P.U. HT", "Total HT"),
                   *((line.text, count(line.quantity), money(line.price), money(line.net)) for line in lines))  # fmt: skip
    paper.skip()
    for label, value in (
        ("Total HT", it.excl),
        ("TVA 20,00 %", it.vat),
        ("Total TTC", it.incl),
        ("Réglé par CB ce jour", it.incl),
        ("Reste dû", Decimal(0)),
    ):
        paper.row(f">455|{label}", f">555|{money(value)}")
    return paper.canvas, it.truth(amount_due=Decimal("0.00"), seller_siret=it.seller.siret)


def water(rng: random.Random) -> tuple[Canvas, Truth]:
    """Water: sections by public body, two rates in columns on each row."""
    it = case(rng)
    it.number = f"{rng.randint(10**8, 10**9)} {rng.randint(10, 99)}"
    for text, rate in (
        ("Abonnement eau", "5.5"),
        ("Consommation part distributeur", "5.5"),
        ("Collecte et traitement des eaux usées", "10"),
        ("Modernisation des réseaux", "10"),
    ):
        it.add((text,), 1, 10, 150, rate, quantities="1")
    paper = Paper()
    paper.block(
        40,
        it.seller.name,
        "Service Clients - TSA 40020",
        f"{it.seller.postcode} {it.seller.city} CEDEX 9",
    )
    paper.block(340, *address(it.buyer), y=110)
    paper.y = 180
    paper.row(f"40|FACTURE N° {it.number} du {long_day(it.issued)}", bold=True, size=11)
    paper.row(
        "40|Compteur n° C18UA014422 - ancien index 1 204 - nouvel index 1 311 - consommation 107 m³"
    )
    paper.skip()
    paper.grid("40 >400 >470 >555", ("", "Montant HT", "TVA", "Montant TTC"))
    vat = Decimal(0)
    for line in it.lines:
        tax = cents(line.net * line.rate / 100)
        vat += tax
        paper.grid(
            "40 >400 >470 >555",
            (line.text, money(line.net), percent(line.rate), money(line.net + tax)),
        )
    paper.skip()
    rows = it.rows
    for label, value in (
        ("Total HT", it.excl),
        *((f"TVA {percent(rate)}", tax) for rate, _, tax in rows),
        ("Total TTC", it.incl),
    ):
        paper.row(f"300|{label}", f">555|{money(value)}")
    paper.row(f"40|Net à payer avant le {it.due:%d/%m/%Y}", f">555|{fr(it.incl)}", bold=True)
    paper.canvas.text(
        40,
        810,
        f"{it.seller.full} - capital de 2 000 000 € - {it.seller.siren} RCS {it.seller.city} - TVA {it.seller.vat}",
        7,
    )
    return paper.canvas, it.truth(
        seller_name=[it.seller.full, it.seller.name], due_date=it.due, lines=None
    )


def staffing(rng: random.Random) -> tuple[Canvas, Truth]:
    """Temporary work: hours by person and week."""
    it = case(rng, "{n:06d}/{s}").add(
        (
            "MARTIN Lucas - heures normales",
            "MARTIN Lucas - heures sup. 25 %",
            "DIOP Awa - heures normales",
        ),
        3,
        22,
        39,
        quantities="35 7.5 28 151.67",
    )
    paper = Paper(size=8.5)
    paper.block(
        40,
        f"Agence de {it.seller.city.title()}",
        it.seller.full,
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
    )
    paper.block(
        340, "Entreprise utilisatrice", *address(it.buyer), f"SIRET : {it.buyer.siret}", y=50
    )
    paper.y = 150
    paper.grid(
        "40 160 280 420",
        ("N° facture", "Date", "Semaine", "Mode de règlement"),
        (it.number, f"{it.issued:%d/%m/%Y}", f"S{rng.randint(1, 52)}", "Virement 30 jours"),
    )
    paper.skip()
    tabs = "40 >360 >450 >555"
    paper.grid(
        tabs,
        ("Salarié / Nature des heures", "Nombre", "Taux facturé", "Montant"),
        *(
            (
                line.text,
                f"{line.quantity:.2f}".replace(".", ","),
                money(line.price),
                money(line.net),
            )
            for line in it.lines
        ),
    )
    paper.skip()
    paper.grid(
        "250 >340 >440 >555",
        ("", "H.T.", "T.V.A. 20%", "T.T.C."),
        ("Totaux", money(it.excl), money(it.vat), money(it.incl)),
    )
    paper.row(
        f"40|Garantie financière : 128 000 € - SIRET {it.seller.siret} - TVA {it.seller.vat} - échéance {it.due:%d/%m/%Y}",
        size=7,
    )
    return paper.canvas, it.truth(due_date=it.due)


def architect(rng: random.Random) -> tuple[Canvas, Truth]:
    """An architect: phases in percent of the fee, what was billed before, what is billed now."""
    it = case(rng, "NH-{y}-{n:03d}")
    fee = Decimal(rng.randint(20, 90) * 1000)
    shares = (
        ("Esquisse", 10, 100, 100),
        ("Avant-projet", 20, 100, 60),
        ("Dossier permis", 15, 40, 0),
    )
    base = cents(
        sum((fee * share * (now - before) / 10000 for _, share, now, before in shares), Decimal(0))
    )
    tax = cents(base / 5)
    paper = Paper()
    paper.block(
        40,
        f"{it.seller.name} Architectes",
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
        f"SIRET {it.seller.siret}",
        f"TVA {it.seller.vat}",
    )
    paper.block(330, "Maître de l'ouvrage", *address(it.buyer), y=60)
    paper.y = 160
    paper.title(f"Note d'honoraires n° {it.number}")
    paper.row(
        f"40|{it.seller.city.title()}, le {it.issued:%d/%m/%Y} - Opération : extension du gymnase - Forfait {fr(fee)} HT"
    )
    paper.skip()
    tabs = "40 >260 >340 >430 >555"
    paper.grid(tabs, ("Élément de mission", "Part", "Avancement", "Déjà facturé", "À facturer HT"),
               *((text, f"{share} %", f"{now} %", f"{before} %", money(cents(fee * share * (now - before) / 10000))) for text, share, now, before in shares))  # fmt: skip
    paper.skip()
    for label, value in (("Montant HT", base), ("TVA 20 %", tax), ("Montant TTC", base + tax)):
        paper.row(f"380|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(
        seller_name=[it.seller.name, f"{it.seller.name} Architectes", it.seller.full], total_excl_vat=base, total_vat=tax,
        total_incl_vat=base + tax, amount_due=base + tax, vat_breakdown=[(Decimal(20), base, tax)], lines=None,
    )  # fmt: skip


def forwarder(rng: random.Random) -> tuple[Canvas, Truth]:
    """A freight forwarder: taxed services and customs duties without VAT, side by side."""
    it = case(rng, "F{n:07d}")
    it.add(("Fret maritime", "Manutention portuaire"), 2, 200, 1500, quantities="1")
    duty = cents(Decimal(rng.randint(5000, 90000)) / 100)
    it.lines.append(Line("Droits de douane (débours)", Decimal(1), duty, Decimal(0)))
    paper = Paper(size=8.5)
    paper.row(f"40|{it.seller.full}", size=13, bold=True)
    paper.row(
        f"40|{it.seller.street}, {it.seller.postcode} {it.seller.city} - TVA {it.seller.vat} - EORI FR{it.seller.siret}"
    )
    paper.block(330, "DOIT :", *address(it.buyer), y=95)
    paper.y = 95
    paper.block(
        40,
        f"Facture : {it.number}",
        f"Date : {it.issued:%d-%b-%y}".replace("May", "mai"),
        "Dossier : IMP448213",
        "Navire : CMA CGM RIVOLI",
    )
    paper.skip(40)
    paper.grid("40 >430 >555", ("Libellé des prestations", "Non taxable", "Taxable"))
    for line in it.lines:
        paper.grid(
            "40 >430 >555",
            (
                line.text,
                money(line.net) if not line.rate else "",
                money(line.net) if line.rate else "",
            ),
        )
    taxed = it.excl - duty
    paper.grid("40 >430 >555", ("Totaux", money(duty), money(taxed)))
    paper.skip()
    for label, value in (
        ("Total HT", it.excl),
        ("TVA 20 %", it.vat),
        ("Net à payer EUR", it.incl),
    ):
        paper.row(f"380|{label}", f">555|{money(value)}")
    return paper.canvas, it.truth(lines=None)


def caterer(rng: random.Random) -> tuple[Canvas, Truth]:
    """A caterer: per head, two rates, a deposit already received."""
    it = case(rng, "{y}{m:02d}{n:03d}").add(
        ("Cocktail déjeunatoire 12 pièces", "Plateau fromages"),
        2,
        8,
        40,
        "10",
        quantities="25 40 85",
    )
    it.add(("Champagne brut", "Location vaisselle"), 2, 20, 45, "20", quantities="6 12")
    paid = cents(it.incl * Decimal("0.4"))
    paper = Paper()
    paper.block(40, *address(it.seller), f"{it.seller.mail}  -  {it.seller.phone}")
    paper.block(340, "Facture pour :", *address(it.buyer), y=50)
    paper.y = 140
    paper.row(f"40|FACTURE {it.number}", f"240|{long_day(it.issued)}", bold=True, size=12)
    paper.row(f"40|Réception du {it.issued - timedelta(days=4):%d/%m/%Y} - 40 personnes")
    paper.skip()
    tabs = "40 >300 >380 >440 >555"
    paper.grid(tabs, ("Prestation", "Quantité", "Prix HT", "TVA", "Total HT"),
               *((line.text, f"{count(line.quantity)} pers." if line.rate == 10 else count(line.quantity), fr(line.price), percent(line.rate), fr(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    for label, value in (("Sous-total HT", it.excl), *((f"TVA {percent(rate)}", tax) for rate, _, tax in it.rows), ("Total TTC", it.incl),
                         ("Acompte reçu le " + f"{it.issued - timedelta(days=30):%d/%m/%Y}", -paid), ("Solde à régler", it.incl - paid)):  # fmt: skip
        paper.row(f"330|{label}", f">555|{fr(value)}")
    paper.row(f"40|SIRET {it.seller.siret} • TVA {it.seller.vat} • {it.seller.full}", size=7)
    return paper.canvas, it.truth(amount_due=it.incl - paid, seller_siret=it.seller.siret)


def dutch(rng: random.Random) -> tuple[Canvas, Truth]:
    """A Dutch host, in Dutch: 21 %, amounts with the sign before."""
    it = case(rng, "{y}{n:06d}").add(
        ("Webhosting Pro", "Domeinnaam .nl", "Extra opslag 100 GB"),
        3,
        5,
        120,
        "21",
        quantities="1 12",
    )
    bank = "NL91ABNA0417164300"
    fmt = de
    paper = Paper()
    paper.block(
        360,
        "Kanaal Hosting B.V.",
        "Keizersgracht 12",
        "1015 CJ Amsterdam",
        "KvK 33031431",
        "BTW NL004495445B01",
    )
    paper.block(40, *address(it.buyer), "Frankrijk", y=110)
    paper.y = 180
    paper.title("Factuur")
    paper.grid(
        "40 150",
        ("Factuurnummer", it.number),
        ("Factuurdatum", f"{it.issued:%d-%m-%Y}"),
        ("Vervaldatum", f"{it.due:%d-%m-%Y}"),
    )
    paper.skip()
    paper.grid(
        "40 >330 >440 >555",
        ("Omschrijving", "Aantal", "Prijs", "Bedrag"),
        *((line.text, count(line.quantity), fmt(line.price), fmt(line.net)) for line in it.lines),
    )
    paper.skip()
    for label, value in (
        ("Subtotaal", it.excl),
        ("21% BTW", it.vat),
        ("Totaal te betalen", it.incl),
    ):
        paper.row(f"380|{label}", f">555|{fmt(value)}")
    paper.row(f"40|Gelieve het bedrag over te maken op {iban(bank)} t.n.v. Kanaal Hosting B.V.")
    return paper.canvas, it.truth(
        seller_name="Kanaal Hosting B.V.", seller_vat="NL004495445B01", due_date=it.due, iban=bank
    )


def gross_net_columns(rng: random.Random) -> tuple[Canvas, Truth]:
    """Gross price, discount, net price, amount and taxed amount: six columns of money."""
    it = case(rng, "VTE{n:06d}")
    rows = []
    for text in (
        "Carrelage 45x45 beige",
        "Colle C2S1 25 kg",
        "Croisillons 3 mm",
        "Joint gris 5 kg",
    )[: rng.randint(2, 4)]:
        gross, off = (
            cents(Decimal(rng.randint(300, 9000)) / 100),
            Decimal(rng.choice((10, 25, 32))),
        )
        net = cents(gross * (1 - off / 100))
        quantity = Decimal(rng.choice(("2", "12.96", "4", "30")))
        it.lines.append(Line(text, quantity, net, Decimal(20)))
        rows.append(
            (
                text,
                count(quantity),
                money(gross),
                count(off),
                money(net),
                money(it.lines[-1].net),
                money(cents(it.lines[-1].net * Decimal("1.2"))),
            )
        )
    paper = Paper(size=8)
    paper.block(
        40, *address(it.seller), f"SIRET {it.seller.siret} - NAF 4673A - TVA {it.seller.vat}"
    )
    paper.block(340, *address(it.buyer), y=85)
    paper.y = 150
    paper.row(
        f"40|Facture {it.number} du {it.issued:%d/%m/%Y} - Client 003312 - Vendeur JL - Page 1",
        bold=True,
    )
    paper.skip()
    paper.grid(
        "40 >230 >300 >350 >410 >480 >555",
        ("Libellé", "Qté", "Px brut HT", "Rem.%", "Px net HT", "Total HT", "Total TTC"),
        *rows,
    )
    paper.skip()
    paper.row(
        f"40|Base HT {money(it.excl)}",
        "200|Taux 20,00",
        f"300|TVA {money(it.vat)}",
        ">480|Total TTC",
        f">555|{money(it.incl)}",
    )
    paper.row(
        f"40|Payable le {it.due:%d/%m/%Y} par prélèvement",
        ">480|Net à payer",
        f">555|{fr(it.incl)}",
    )
    return paper.canvas, it.truth(due_date=it.due)


def refund(rng: random.Random) -> tuple[Canvas, Truth]:
    """A credit note with positive amounts and a total to give back."""
    it = case(rng, "NC{n:06d}").add(
        ("Annulation formation du 12 mars", "Frais de dossier"), 2, 40, 900, quantities="1"
    )
    paper = Paper()
    paper.block(
        40,
        *address(it.seller),
        f"SIREN : {spaced(it.seller.siren, 3, 3)}",
        f"TVA : {it.seller.vat}",
    )
    paper.block(340, "Destinataire", *address(it.buyer), y=50)
    paper.y = 150
    paper.row("40|NOTE DE CRÉDIT", bold=True, size=15)
    paper.grid(
        "40 150",
        ("Numéro", it.number),
        ("Émise le", f"{it.issued:%d/%m/%Y}"),
        ("Annule la facture", f"F{rng.randint(10000, 99999)}"),
    )
    paper.skip()
    paper.grid(
        "40 >330 >430 >555",
        ("Description", "Qté", "Prix unitaire HT", "Total HT"),
        *((line.text, "1", fr(line.price), fr(line.net)) for line in it.lines),
    )
    for label, value in (
        ("Total HT", it.excl),
        ("Total TVA (20 %)", it.vat),
        ("Total TTC", it.incl),
        ("Montant à vous rembourser", it.incl),
    ):
        paper.row(f"360|{label}", f">555|{fr(value)}")
    return paper.canvas, it.truth(kind="credit_note", seller_siren=it.seller.siren)


def cafe(rng: random.Random) -> tuple[Canvas, Truth]:
    """A café's ticket without any word of title: totals, VAT inside, card."""
    it = case(rng)
    paper = Paper(size=8, gap=1.35)
    for text in (
        f"LE {it.seller.name.upper()}",
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
        f"SIRET {siret(it.seller)}",
    ):
        paper.row(f"^105|{text}")
    paper.row(f"15|{it.issued:%d-%m-%Y} 08:14", ">195|Serveur : Lea")
    total = Decimal(0)
    for text, price in (("EXPRESSO", "1.90"), ("CROISSANT", "1.50"), ("JUS ORANGE", "4.20"))[
        : rng.randint(1, 3)
    ]:
        number = rng.randint(1, 3)
        total += number * Decimal(price)
        paper.row(f"15|{number} {text}", f">195|{money(number * Decimal(price))}")
    base = cents(total / Decimal("1.1"))
    paper.row("15|TOTAL TTC", f">195|{fr(total)}", bold=True, size=11)
    paper.row("15|Carte bancaire", f">195|{money(total)}")
    paper.row(f"15|10,00% HT {money(base)} TVA {money(total - base)}")
    paper.row("^105|A BIENTOT")
    return paper.canvas, it.truth(
        kind="receipt", number=None, buyer_name=None, lines=None, total_excl_vat=base, total_vat=total - base, total_incl_vat=total,
        prepaid=total, amount_due=Decimal(0), vat_breakdown=[(Decimal(10), base, total - base)], seller_name=[it.seller.name, f"Le {it.seller.name}"],
    )  # fmt: skip


def stamped(rng: random.Random) -> tuple[Canvas, Truth]:
    """A stamp and handwriting over the table: "PAYÉ", a date, initials, a bare number."""
    it = case(rng).add(("Toner noir", "Toner cyan", "Kit maintenance"), 3, 40, 200)
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret} TVA {it.seller.vat}")
    paper.block(340, *address(it.buyer), y=90)
    paper.y = 160
    paper.row(f"40|Facture n° {it.number} du {it.issued:%d/%m/%Y}", bold=True, size=12)
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("Désignation", "Qté", "P.U. HT", "Montant HT"),
        *(
            (line.text, count(line.quantity), money(line.price), money(line.net))
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (("Total HT", it.excl), ("TVA 20 %", it.vat), ("Total TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{money(value)}")
    paper.canvas.text(230, 205, "PAYÉ", 24)
    paper.canvas.text(240, 228, f"le {it.issued + timedelta(days=9):%d %m}", 11)
    paper.canvas.text(210, 250, "vu CB 4512", 12)
    paper.canvas.text(60, 330, "Bon à payer JD", 14)
    return paper.canvas, it.truth()


def english_receipt(rng: random.Random) -> tuple[Canvas, Truth]:
    """A paid receipt of an online service: amount paid, nothing due."""
    it = case(rng, "{n:04d}-{y}").add(
        ("Pro subscription", "Extra seats"), 2, 8, 90, "20", quantities="1 2 3"
    )
    paper = Paper()
    paper.title("Receipt", size=20)
    paper.grid(
        "40 150",
        ("Invoice number", it.number),
        ("Receipt number", f"2{rng.randint(100, 999)}-88{rng.randint(10, 99)}"),
        ("Date paid", f"{it.issued:%B %-d, %Y}"),
        ("Payment method", "Visa - 4242"),
    )
    paper.skip()
    paper.block(
        40,
        "Parcelwise SAS",
        "10 rue de Penthièvre",
        "75008 Paris",
        "France",
        "VAT FR40303265045",
        y=140,
    )
    paper.block(
        300,
        "Bill to",
        it.buyer.full,
        it.buyer.street,
        f"{it.buyer.postcode} {it.buyer.city}",
        "France",
        y=140,
    )
    paper.y = 225
    paper.row(f"40|€{en(it.incl)} paid on {it.issued:%B %-d, %Y}", size=13, bold=True)
    paper.grid(
        "40 >340 >430 >480 >555",
        ("Description", "Qty", "Unit price", "Tax", "Amount"),
        *(
            (line.text, f"{line.quantity}", f"€{en(line.price)}", "20%", f"€{en(line.net)}")
            for line in it.lines
        ),
    )
    paper.skip()
    for label, value in (
        ("Subtotal", it.excl),
        (f"VAT - France (20% on €{en(it.excl)})", it.vat),
        ("Total", it.incl),
        ("Amount paid", it.incl),
    ):
        paper.row(f"340|{label}", f">555|€{en(value)}")
    return paper.canvas, it.truth(
        kind="receipt", seller_name="Parcelwise SAS", prepaid=it.incl, amount_due=Decimal(0)
    )


def notary(rng: random.Random) -> tuple[Canvas, Truth]:
    """A bailiff: fees by article, a transport flat rate, a tax, references with letters."""
    it = case(rng, "D{n:05d}/{s}").add(
        ("Signification - art. A444-11", "SCT - art. A444-48", "Lettre R.A."),
        3,
        5,
        90,
        quantities="1",
    )
    paper = Paper(size=9)
    paper.block(
        40,
        f"{it.seller.name}",
        "Commissaires de justice associés",
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city}",
        f"Tél {it.seller.phone}",
        f"SIRET {it.seller.siret} - TVA {it.seller.vat}",
    )
    paper.block(330, it.buyer.full, it.buyer.street, f"{it.buyer.postcode} {it.buyer.city}", y=120)
    paper.y = 190
    paper.row(f"330|{it.seller.city.title()}, le {long_day(it.issued)}")
    paper.row(f"40|FACTURE N° {it.number}", bold=True, size=12)
    paper.row("40|V/Réf : 2024-MARTIN    N/Réf : 881247")
    paper.skip()
    for line in it.lines:
        paper.row(f"60|{line.text}", f">500|{money(line.net)}")
    paper.row(">430|Total H.T.", f">500|{money(it.excl)}")
    paper.row(">430|T.V.A. 20,00 %", f">500|{money(it.vat)}")
    paper.row(">430|Total T.T.C.", f">500|{money(it.incl)}")
    paper.row(">430|Provisions reçues", ">500|0,00")
    paper.row(">430|Reste dû", f">500|{money(it.incl)}")
    return paper.canvas, it.truth(seller_name=[it.seller.name, it.seller.full])


def direct_sales(rng: random.Random) -> tuple[Canvas, Truth]:
    """An online shop: taxes inside prices, shipping, a voucher, paid."""
    it = case(rng, "FR-{y}-{n:07d}")
    goods = [
        (text, rng.randint(1, 3), cents(Decimal(rng.randint(900, 9900)) / 100))
        for text in ("T-shirt coton bio M", "Sac à dos 20 L")
    ]
    ship = Decimal("4.90")
    total = sum((number * price for _, number, price in goods), ship)
    base = cents(total / Decimal("1.2"))
    paper = Paper()
    paper.row(f"40|{it.seller.name}", size=18, bold=True)
    paper.block(
        40,
        "Facturation",
        it.buyer.full,
        it.buyer.street,
        f"{it.buyer.postcode} {it.buyer.city}",
        "France",
        y=110,
    )
    paper.block(
        300,
        "Livraison",
        it.buyer.full,
        "Point relais Tabac du Port",
        "29200 BREST",
        "France",
        y=110,
    )
    paper.y = 190
    paper.grid(
        "40 220 400",
        ("N° de facture", "Date de facturation", "Réf. de commande"),
        (f"#{it.number}", f"{it.issued:%d/%m/%Y}", "XKBKNABJK"),
    )
    paper.skip()
    tabs = "40 >300 >390 >450 >555"
    paper.grid(
        tabs,
        ("Produit", "Taux de taxe", "Prix unitaire TTC", "Qté", "Total TTC"),
        *(
            (text, "20 %", fr(price), str(number), fr(number * price))
            for text, number, price in goods
        ),
    )
    paper.skip()
    for label, value in (
        ("Total produits TTC", total - ship),
        ("Frais de livraison", ship),
        ("Total HT", base),
        ("Total taxes", total - base),
        ("Total TTC", total),
    ):
        paper.row(f"360|{label}", f">555|{fr(value)}")
    paper.canvas.text(
        297,
        805,
        f"{it.seller.full} - {it.seller.street} - {it.seller.postcode} {it.seller.city} - SIRET {it.seller.siret} - TVA {it.seller.vat}",
        7,
        "centre",
    )
    return paper.canvas, it.truth(
        seller_name=[it.seller.name, it.seller.full], total_excl_vat=base, total_vat=total - base, total_incl_vat=total, amount_due=total,
        vat_breakdown=[(Decimal(20), base, total - base)], lines=None, number=[f"#{it.number}", it.number],
    )  # fmt: skip


ALL = (cleaning, garage, water, staffing, architect, forwarder, caterer, dutch, gross_net_columns, refund, cafe, stamped,
       english_receipt, notary, direct_sales)  # fmt: skip
