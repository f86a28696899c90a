"""Sellers from elsewhere, and overseas departments: other languages, rates, signs and dates."""
# ruff: noqa: E501 - rows are read as rows

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import iban as account
from benchmarks.synthetic.family import Truth, de, en, fr
from benchmarks.synthetic.situations.paper import (
    Paper,
    address,
    case,
    ch,
    count,
    iban,
    money,
    percent,
    siret,
)  # fmt: skip

_PARTS = (
    "Hydraulikpumpe HP-20",
    "Dichtungssatz",
    "Steuerventil 24V",
    "Montage vor Ort",
    "Schlauch DN12",
)


def german(rng: random.Random) -> tuple[Canvas, Truth]:
    """A German supplier: 19 %, net and gross totals, a due date in words."""
    it = case(rng, "RE-{y}-{n:05d}").add(
        _PARTS, rng.randint(2, 5), 10, 900, "19", quantities="1 2 4 10"
    )
    bank = account(rng, "DE")
    paper = Paper()
    paper.row("40|Krämer Antriebstechnik GmbH · Industriestraße 8 · 70565 Stuttgart", size=7)
    paper.block(
        40,
        it.buyer.full,
        it.buyer.street,
        f"{it.buyer.postcode} {it.buyer.city}",
        "FRANKREICH",
        y=90,
    )
    paper.block(370, f"Rechnungs-Nr.: {it.number}", f"Rechnungsdatum: {it.issued:%d.%m.%Y}", f"Kunden-Nr.: {rng.randint(10000, 99999)}",
                f"Lieferdatum: {it.issued - timedelta(days=3):%d.%m.%Y}", y=90)  # fmt: skip
    paper.y = 180
    paper.title("Rechnung")
    tabs = "40 75 >320 >360 >450 >555"
    paper.grid(tabs, ("Pos.", "Bezeichnung", "Menge", "Einh.", "Einzelpreis", "Gesamtpreis"),
               *((str(place), line.text, count(line.quantity), "Stk", de(line.price), de(line.net)) for place, line in enumerate(it.lines, 1)))  # fmt: skip
    paper.skip()
    for label, value in (
        ("Nettobetrag", it.excl),
        ("zzgl. 19 % MwSt.", it.vat),
        ("Gesamtbetrag", it.incl),
    ):
        paper.row(f"360|{label}", f">555|{de(value)}")
    paper.skip()
    paper.row(f"40|Zahlbar bis {it.due:%d.%m.%Y} ohne Abzug.")
    paper.canvas.text(
        40,
        790,
        "Geschäftsführer: Jens Krämer · HRB 722101 Amtsgericht Stuttgart · USt-IdNr. DE136695976",
        7,
    )
    paper.canvas.text(40, 800, f"Bank: Sparkasse · IBAN: {iban(bank)} · BIC: SOLADEST600", 7)
    return paper.canvas, it.truth(
        seller_name="Krämer Antriebstechnik GmbH",
        seller_vat="DE136695976",
        due_date=it.due,
        iban=bank,
    )


def german_credit(rng: random.Random) -> tuple[Canvas, Truth]:
    """A German reversal: everything negative."""
    it = case(rng, "ST{y}{n:04d}").add(_PARTS, rng.randint(1, 3), 10, 500, "19", quantities="1 2")
    paper = Paper()
    paper.block(
        40, "Bergmann Werkzeuge KG", "Am Hafen 3", "20457 Hamburg", "USt-IdNr.: DE136695976"
    )
    paper.block(40, *address(it.buyer), y=130)
    paper.y = 200
    paper.title("Rechnungskorrektur / Gutschrift")
    paper.grid(
        "40 160",
        ("Belegnummer:", it.number),
        ("Datum:", f"{it.issued:%d.%m.%Y}"),
        ("zur Rechnung Nr.:", f"R{rng.randint(1000, 9999)}"),
    )
    paper.skip()
    paper.grid("40 >330 >440 >555", ("Artikel", "Menge", "Preis", "Betrag EUR"),
               *((line.text, count(line.quantity), de(line.price, ""), "-" + de(line.net, "")) for line in it.lines))  # fmt: skip
    for label, value in (("Summe netto", it.excl), ("USt 19%", it.vat), ("Summe brutto", it.incl)):
        paper.row(f"360|{label}", f">555|-{de(value, '')}")
    paper.row("40|Der Betrag wird Ihrem Kundenkonto gutgeschrieben.")
    return paper.canvas, it.truth(kind="credit_note", seller_name="Bergmann Werkzeuge KG")


def swiss(rng: random.Random) -> tuple[Canvas, Truth]:
    """A Swiss seller: francs, apostrophes, 8.1 %."""
    it = case(rng, "{y}.{n:04d}").add(
        ("Conseil technique", "Licence annuelle", "Frais de déplacement"), 3, 100, 2500, "8.1"
    )
    bank = "CH9300762011623852957"
    paper = Paper()
    paper.block(
        40, "Horlis Ingénierie Sàrl", "Rue du Rhône 14", "CH-1204 Genève", "CHE-116.281.710 TVA"
    )
    paper.block(
        340, it.buyer.full, it.buyer.street, f"F-{it.buyer.postcode} {it.buyer.city}", y=110
    )
    paper.y = 180
    paper.title(f"Facture {it.number}")
    paper.grid(
        "40 150", ("Date", f"{it.issued:%d.%m.%Y}"), ("Payable jusqu'au", f"{it.due:%d.%m.%Y}")
    )
    paper.skip()
    paper.grid("40 >340 >440 >555", ("Désignation", "Quantité", "Prix CHF", "Total CHF"),
               *((line.text, f"{line.quantity}", ch(line.price), ch(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    for label, value in (
        ("Sous-total CHF", it.excl),
        ("TVA 8.1%", it.vat),
        ("Total CHF TTC", it.incl),
    ):
        paper.row(f"360|{label}", f">555|{ch(value)}")
    paper.row(f"40|IBAN {iban(bank)}")
    return paper.canvas, it.truth(
        seller_name="Horlis Ingénierie Sàrl", currency="CHF", iban=bank, due_date=it.due
    )


def belgian(rng: random.Random) -> tuple[Canvas, Truth]:
    """A Belgian seller: 21 %, HTVA and TVAC, a structured communication."""
    it = case(rng, "VF{s}/{n:04d}").add(
        ("Palette Euro", "Film étirable 23µ", "Cornière carton"),
        3,
        5,
        60,
        "21",
        quantities="4 20 150",
    )
    bank = "BE71096123456769"
    paper = Paper()
    paper.block(
        40,
        "Emballages Dumoulin SRL",
        "Chaussée de Louvain 312",
        "B-1932 Zaventem",
        "TVA BE 0403.170.701",
        "RPM Bruxelles",
    )
    paper.block(340, *address(it.buyer), "FRANCE", f"TVA {it.buyer.vat}", y=50)
    paper.y = 150
    paper.row(f"40|FACTURE {it.number}", f">555|Date : {it.issued:%d/%m/%Y}", bold=True, size=12)
    paper.row(f"40|Échéance : {it.due:%d/%m/%Y}", ">555|Votre commande : BC 4471")
    paper.skip()
    tabs = "40 90 >350 >430 >490 >555"
    paper.grid(tabs, ("Réf.", "Description", "Qté", "P.U. HTVA", "TVA %", "Total HTVA"),
               *((f"A{place}09", line.text, count(line.quantity), de(line.price, ""), "21", de(line.net, "")) for place, line in enumerate(it.lines, 1)))  # fmt: skip
    paper.skip()
    for label, value in (
        ("Total HTVA", it.excl),
        ("Montant TVA", it.vat),
        ("Total TVAC", it.incl),
    ):
        paper.row(f"400|{label}", f">555|{de(value)}")
    paper.row(f"40|À verser sur {iban(bank)} - communication +++090/9337/55493+++")
    return paper.canvas, it.truth(
        seller_name="Emballages Dumoulin SRL",
        seller_vat="BE0403170701",
        due_date=it.due,
        iban=bank,
    )


def british(rng: random.Random) -> tuple[Canvas, Truth]:
    """A British seller: pounds, VAT at 20 %, a remittance slip."""
    it = case(rng, "SI-{n:06d}").add(
        ("Acoustic panel 600x600", "Fixing kit", "Delivery to site"),
        3,
        8,
        300,
        quantities="1 2 16",
    )
    paper = Paper()
    paper.block(
        330,
        "Harcourt Acoustics Limited",
        "Unit 4 Wharf Road",
        "London N1 7GR",
        "VAT Reg No: GB 980 7806 84",
    )
    paper.block(40, "Invoice To:", *address(it.buyer), "France", y=60)
    paper.y = 150
    paper.title("SALES INVOICE", ">555")
    paper.grid(
        "330 >555",
        ("Invoice No.", it.number),
        ("Invoice/Tax Date", f"{it.issued:%d/%m/%Y}"),
        ("Your PO", f"PO{rng.randint(1000, 9999)}"),
    )
    paper.skip()
    tabs = ">60 80 >370 >430 >490 >555"
    paper.grid(tabs, ("Qty", "Details", "Unit Price", "Net Amt", "VAT %", "VAT"),
               *((f"{line.quantity}", line.text, en(line.price), en(line.net), "20.00", en(cents(line.net / 5))) for line in it.lines))  # fmt: skip
    paper.skip()
    tax = it.vat
    for label, value in (
        ("Total Net Amount", it.excl),
        ("Total VAT Amount", tax),
        ("Invoice Total", it.excl + tax),
    ):
        paper.row(f"370|{label}", f">555|{en(value, '£')}")
    paper.row("40|Terms: strictly 30 days from date of invoice")
    return paper.canvas, it.truth(
        seller_name="Harcourt Acoustics Limited", currency="GBP", seller_vat="GB980780684"
    )


def american(rng: random.Random) -> tuple[Canvas, Truth]:
    """A seller from the United States: month first, ship to, sales tax or none."""
    it = case(rng, "{n:05d}").add(
        ("Carbon filter 10in", "Calibration service", "Shipping crate"),
        3,
        20,
        900,
        "0",
        quantities="1 3",
    )
    if it.issued.day <= 12:
        it.issued += timedelta(days=13 - it.issued.day)
    paper = Paper()
    paper.block(
        40,
        "Ridgeway Instruments, Inc.",
        "400 Harbor Blvd, Suite 210",
        "Oakland, CA 94607",
        "(510) 555-0143",
    )
    paper.title("INVOICE", ">555", 20)
    paper.grid(
        "400 >555",
        ("Invoice #", it.number),
        ("Date", f"{it.issued:%m/%d/%Y}"),
        ("Terms", "Net 30"),
        ("Due Date", f"{it.due:%m/%d/%Y}"),
    )
    paper.block(
        40,
        "Bill To",
        it.buyer.full,
        it.buyer.street,
        f"{it.buyer.postcode} {it.buyer.city}, France",
        y=150,
    )
    paper.block(
        300,
        "Ship To",
        it.buyer.full,
        "Receiving dock 2",
        f"{it.buyer.postcode} {it.buyer.city}, France",
        y=150,
    )
    paper.y = 225
    paper.grid("40 >350 >450 >555", ("Item", "Qty", "Rate", "Amount"),
               *((line.text, f"{line.quantity}", en(line.price, "$"), en(line.net, "$")) for line in it.lines))  # fmt: skip
    paper.skip()
    for label, value in (
        ("Subtotal", it.excl),
        ("Sales Tax (0%)", Decimal(0)),
        ("Total", it.excl),
        ("Balance Due", it.excl),
    ):
        paper.row(f"400|{label}", f">555|{en(value, '$')}")
    return paper.canvas, it.truth(
        seller_name="Ridgeway Instruments, Inc.", currency="USD", due_date=it.due, total_vat=Decimal(0),
        vat_breakdown=None, total_excl_vat=it.excl,
    )  # fmt: skip


def reunion(rng: random.Random) -> tuple[Canvas, Truth]:
    """An overseas department: 8.5 and 2.1 %, VAT codes explained in a table."""
    it = case(rng, "R{n:06d}", postcode="97410", city="Saint-Pierre").add(
        ("Riz basmati 25 kg", "Huile 5 L"), 2, 20, 90, "2.1", quantities="4 10 20"
    )
    it.add(("Film alimentaire", "Barquettes x500"), 2, 10, 60, "8.5", quantities="2 6")
    paper = Paper()
    paper.block(
        40, *address(it.seller), "LA RÉUNION", f"SIRET {siret(it.seller)}", f"TVA {it.seller.vat}"
    )
    paper.block(340, *address(it.buyer), y=60)
    paper.y = 150
    paper.row(f"40|Facture N° {it.number}", f">555|Le {it.issued:%d/%m/%Y}", size=11, bold=True)
    tabs = "40 >330 >410 >500 >540"
    codes = {Decimal("2.1"): "1", Decimal("8.5"): "2"}
    paper.grid(tabs, ("Article", "Qté", "P.U.H.T.", "Montant H.T.", "C"),
               *((line.text, count(line.quantity), money(line.price), money(line.net), codes[line.rate]) for line in it.lines))  # fmt: skip
    paper.skip()
    paper.grid("40 >130 >230 >330", ("Code", "Taux", "Base H.T.", "T.V.A."),
               *((codes[rate], percent(rate), money(base), money(tax)) for rate, base, tax in it.rows))  # fmt: skip
    paper.row("400|Total H.T.", f">555|{money(it.excl)}")
    paper.row("400|Total T.V.A.", f">555|{money(it.vat)}")
    paper.row("400|Total T.T.C.", f">555|{fr(it.incl)}", bold=True)
    return paper.canvas, it.truth(seller_siret=it.seller.siret)


def corsica(rng: random.Random) -> tuple[Canvas, Truth]:
    """Corsica: 13, 10 and 2.1 %, taxes in columns beside each line."""
    it = case(rng, "A{s}{n:04d}", postcode="20200", city="BASTIA").add(
        ("Fioul domestique",), 1, 1, 2, "13", quantities="1000 1500"
    )
    it.add(("Location matériel",), 1, 40, 300, "10").add(("Denrées",), 1, 40, 300, "2.1")
    paper = Paper()
    paper.block(40, *address(it.seller), f"RCS Bastia {it.seller.siren} - TVA {it.seller.vat}")
    paper.block(340, "DOIT", *address(it.buyer), y=110)
    paper.y = 190
    paper.row(f"40|FACTURE n°{it.number}", f"200|du {it.issued:%d/%m/%y}", bold=True)
    paper.skip()
    tabs = "40 >250 >310 >390 >440 >500 >560"
    paper.grid(tabs, ("Désignation", "Qté", "PU HT", "HT", "%", "TVA", "TTC"))
    for line in it.lines:
        tax = cents(line.net * line.rate / 100)
        paper.grid(
            tabs,
            (
                line.text,
                count(line.quantity),
                money(line.price),
                money(line.net),
                count(line.rate),
                money(tax),
                money(line.net + tax),
            ),
        )
    paper.grid(tabs, ("TOTAUX", "", "", money(it.excl), "", money(it.vat), money(it.incl)))
    paper.skip()
    paper.row("340|NET A PAYER", f">560|{fr(it.incl)}", bold=True)
    return paper.canvas, it.truth(seller_vat=it.seller.vat)


def export(rng: random.Random) -> tuple[Canvas, Truth]:
    """A delivery within the Union from France, in French and English."""
    it = case(rng, "EXP{n:05d}").add(("Servo motor SM3", "Encoder"), 2, 200, 2000, "0")
    paper = Paper()
    paper.block(
        40,
        *address(it.seller),
        f"N° TVA / VAT no : {it.seller.vat}",
        f"EORI : FR{it.seller.siret}",
    )
    paper.block(
        330,
        "Client / Customer :",
        "Van Daele Machines NV",
        "Havenlaan 22",
        "9000 Gent",
        "Belgique",
        "VAT : BE0403170701",
        y=50,
    )
    paper.y = 160
    paper.title(f"FACTURE / INVOICE {it.number}", size=12)
    paper.row(
        f"40|Date : {it.issued:%d/%m/%Y}",
        "300|Incoterm : DAP Gent",
        "430|Devise / Currency : EUR",
    )
    paper.grid("40 >340 >430 >555", ("Désignation / Description", "Qté / Qty", "P.U. / Unit price", "Montant / Amount"),
               *((line.text, count(line.quantity), money(line.price), money(line.net)) for line in it.lines))  # fmt: skip
    paper.skip()
    paper.row("330|Total HT / Total excl. VAT", f">555|{money(it.excl)}")
    paper.row("330|TVA / VAT 0 %", ">555|0,00")
    paper.row("330|Total TTC / Total incl. VAT", f">555|{money(it.excl)}")
    paper.row("40|Exonération de TVA - livraison intracommunautaire - art. 262 ter I du CGI")
    return paper.canvas, it.truth(
        buyer_name="Van Daele Machines NV", total_vat=Decimal(0), category="K", seller_vat=it.seller.vat,
        vat_breakdown=[(Decimal(0), it.excl, Decimal(0))],
    )  # fmt: skip


def italian_style(rng: random.Random) -> tuple[Canvas, Truth]:
    """An English invoice with discounts and shipping between subtotal and total, in euros."""
    it = case(rng, "{y}/{n:05d}").add(
        ("Ceramic tile Terra 60x60", "Edge profile", "Adhesive 25 kg"),
        3,
        10,
        80,
        quantities="10 24 6",
    )
    ship = Decimal("85.00")
    off = cents(it.excl * Decimal("0.05"))
    base = it.excl - off + ship
    tax = cents(base * Decimal("0.22"))
    paper = Paper()
    paper.title("Ceramiche Lario S.r.l.", size=15)
    paper.row("40|Via Milano 44, 22100 Como (CO) Italy - VAT IT00743110157")
    paper.block(330, "Customer", *address(it.buyer), "France", y=90)
    paper.y = 90
    paper.block(
        40,
        f"Invoice no. {it.number}",
        f"Invoice date {it.issued:%d-%m-%Y}",
        f"Payment due {it.due:%d-%m-%Y}",
    )
    paper.skip(50)
    paper.grid("40 >330 >430 >555", ("Description", "Q.ty", "Price", "Amount"),
               *((line.text, f"{line.quantity}", en(line.price, "€ "), en(line.net, "€ ")) for line in it.lines))  # fmt: skip
    paper.skip()
    for label, value in (("Goods total", it.excl), ("Discount 5%", -off), ("Freight", ship), ("Taxable amount", base),
                         ("VAT 22%", tax), ("Total invoice", base + tax)):  # fmt: skip
        paper.row(f"380|{label}", f">555|{'-' if value < 0 else ''}{en(abs(value), '€ ')}")
    return paper.canvas, it.truth(
        seller_name="Ceramiche Lario S.r.l.", seller_vat="IT00743110157", due_date=it.due, total_excl_vat=base,
        total_vat=tax, total_incl_vat=base + tax, amount_due=base + tax, vat_breakdown=[(Decimal(22), base, tax)],
    )  # fmt: skip


ALL = (
    german,
    german_credit,
    swiss,
    belgian,
    british,
    american,
    reunion,
    corsica,
    export,
    italian_style,
)
