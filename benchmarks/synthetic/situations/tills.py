"""Receipts and credit notes: narrow pages without a buyer, and money that goes back."""
# ruff: noqa: E501 - rows are read as rows

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.family import Truth, en, fr
from benchmarks.synthetic.situations.paper import Case, Paper, address, case, count, money, siret

_FOOD = (
    "PAIN CAMPAGNE",
    "LAIT 1/2 ECR",
    "CAFE MOULU 250",
    "TOMATES VRAC",
    "YAOURT X8",
    "EAU 6X1.5L",
    "LESSIVE LIQ",
)


def _shop(it: Case, paper: Paper) -> None:
    for text in (
        it.seller.name.upper(),
        it.seller.street,
        f"{it.seller.postcode} {it.seller.city.upper()}",
        f"Tel {it.seller.phone}",
    ):
        paper.row(f"^110|{text}", gap=1.3)


def _receipt(
    it: Case, total: Decimal, rows: list[tuple[Decimal, Decimal, Decimal]], **more: object
) -> Truth:
    vat = sum((tax for _, _, tax in rows), Decimal(0))
    """Paid on the spot, unless told otherwise: BT-113 is the total, BT-115 zero."""
    return it.truth(kind="receipt", total_excl_vat=total - vat, total_vat=vat, total_incl_vat=total, prepaid=total,
                    amount_due=Decimal(0), vat_breakdown=rows, lines=None, buyer_name=None) | more  # fmt: skip


def supermarket(rng: random.Random) -> tuple[Canvas, Truth]:
    """Codes A and B beside prices, their rates below, paid by card."""
    it = case(rng)
    paper = Paper(size=8, gap=1.35)
    _shop(it, paper)
    paper.row(f"^110|SIRET {it.seller.siret}")
    paper.skip()
    sums = {"A": Decimal(0), "B": Decimal(0)}
    for text in _FOOD[: rng.randint(3, 7)]:
        code = "B" if text.startswith("LESSIVE") else "A"
        value = cents(Decimal(rng.randint(89, 1490)) / 100)
        sums[code] += value
        paper.row(f"15|{text}", f">185|{money(value)}", f"195|{code}")
    total = sum(sums.values(), Decimal(0))
    paper.row("15|" + "-" * 40)
    paper.row("15|TOTAL A PAYER", f">190|{fr(total)}", size=11, bold=True)
    paper.row("15|CARTE BANCAIRE EMV", f">190|{money(total)}")
    paper.skip()
    rows = []
    paper.row("15|TVA", ">90|HT", ">140|TVA", ">190|TTC")
    for code, rate in (("A", Decimal("5.5")), ("B", Decimal(20))):
        if sums[code]:
            base = cents(sums[code] / (1 + rate / 100))
            rows.append((rate, base, sums[code] - base))
            paper.row(
                f"15|{code} {rate}%".replace(".", ","),
                f">90|{money(base)}",
                f">140|{money(sums[code] - base)}",
                f">190|{money(sums[code])}",
            )
    paper.row(f"15|{it.issued:%d/%m/%Y} 18:42   CAISSE 004   TICKET 0{rng.randint(1000, 9999)}")
    return paper.canvas, _receipt(it, total, rows, number=None)


def fuel(rng: random.Random) -> tuple[Canvas, Truth]:
    """A fuel station: litres, price per litre, VAT inside."""
    it = case(rng)
    litres, price = Decimal(rng.randint(1500, 6500)) / 100, Decimal(rng.randint(1550, 2090)) / 1000
    total = cents(litres * price)
    tax = total - cents(total / Decimal("1.2"))
    paper = Paper(size=8, gap=1.4)
    _shop(it, paper)
    paper.row(f"^110|SIRET : {siret(it.seller)}  TVA {it.seller.vat}")
    paper.row(f"15|{it.issued:%d/%m/%y} 07:51:12", ">200|POMPE 6")
    paper.row("15|GAZOLE", f">200|{litres} L".replace(".", ","))
    paper.row("15|PRIX/L", f">200|{price} EUR".replace(".", ","))
    paper.row("15|MONTANT REEL TTC", f">200|{fr(total, ' EUR')}", size=10, bold=True)
    paper.row("15|DONT TVA 20,00 %", f">200|{fr(tax, ' EUR')}")
    paper.row("15|HT", f">200|{fr(total - tax, ' EUR')}")
    paper.row("^110|TICKET CLIENT A CONSERVER")
    paper.row("^110|**** **** **** 4471 DEBIT")
    return paper.canvas, _receipt(
        it, total, [(Decimal(20), total - tax, tax)], number=None, total_vat=tax
    )


def restaurant(rng: random.Random) -> tuple[Canvas, Truth]:
    """A meal: covers, two rates, service included."""
    it = case(rng, "{n:05d}")
    paper = Paper(size=9, gap=1.35)
    paper.row(f"^110|Restaurant {it.seller.name}", size=11, bold=True)
    paper.row(f"^110|{it.seller.street} {it.seller.postcode} {it.seller.city}")
    paper.row(f"^110|SIRET {it.seller.siret}")
    paper.row(f"15|Note n° {it.number}", f">205|{it.issued:%d/%m/%Y} 13:27")
    paper.row("15|Table 7", ">205|2 couverts")
    food = cents(Decimal(rng.randint(2400, 8000)) / 100)
    wine = cents(Decimal(rng.randint(600, 3200)) / 100)
    paper.row("15|2 Menu du jour", f">205|{money(food)}")
    paper.row("15|1 Pichet 50cl", f">205|{money(wine)}")
    total = food + wine
    paper.row("15|TOTAL TTC", f">205|{fr(total)}", size=12, bold=True)
    rows = []
    for rate, gross in ((Decimal(10), food), (Decimal(20), wine)):
        base = cents(gross / (1 + rate / 100))
        rows.append((rate, base, gross - base))
        paper.row(f"15|TVA {rate},00 % sur {money(base)} HT", f">205|{money(gross - base)}")
    paper.row("15|Total HT", f">205|{money(sum((base for _, base, _ in rows), Decimal(0)))}")
    paper.row("15|CB", f">205|{money(total)}")
    paper.row("^110|Service compris - Merci de votre visite")
    return paper.canvas, _receipt(
        it,
        total,
        rows,
        seller_name=[it.seller.name, f"Restaurant {it.seller.name}", it.seller.full],
    )


def parking(rng: random.Random) -> tuple[Canvas, Truth]:
    """A car park: in, out, an amount with tax and its tax."""
    it = case(rng)
    total = cents(Decimal(rng.randint(200, 4800)) / 100)
    tax = total - cents(total / Decimal("1.2"))
    paper = Paper(size=8, gap=1.4)
    paper.row(f"^110|{it.seller.full}", bold=True)
    paper.row("^110|PARKING GARE CENTRALE")
    paper.row(f"^110|{it.seller.postcode} {it.seller.city}")
    paper.row(f"15|RCS {it.seller.siren}")
    paper.row("15|REÇU DE PAIEMENT", bold=True)
    paper.row(f"15|Entrée : {it.issued:%d/%m/%Y} 08:12")
    paper.row(f"15|Sortie : {it.issued:%d/%m/%Y} 17:55")
    paper.row(f"15|Montant TTC : {fr(total)}")
    paper.row(f"15|dont TVA 20% : {fr(tax)}")
    paper.row("15|Réglé par carte bancaire")
    return paper.canvas, _receipt(it, total, [(Decimal(20), total - tax, tax)], number=None)


def credit_negative(rng: random.Random) -> tuple[Canvas, Truth]:
    """A French credit note with minus signs everywhere."""
    it = case(rng, "AV{n:05d}").add(
        ("Retour marchandise non conforme", "Reprise emballage"), 2, 20, 600, quantities="1 2"
    )
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret}", f"TVA {it.seller.vat}")
    paper.block(330, *address(it.buyer), y=100)
    paper.y = 180
    paper.title(f"AVOIR N° {it.number}")
    paper.row(
        f"40|Date : {it.issued:%d/%m/%Y} - sur facture n° FA{rng.randint(10000, 99999)} du {it.issued - timedelta(days=12):%d/%m/%Y}"
    )
    paper.skip()
    tabs = "40 >350 >440 >555"
    paper.grid(
        tabs,
        ("Désignation", "Qté", "PU HT", "Montant HT"),
        *(
            (line.text, "-" + count(line.quantity), money(line.price), money(-line.net))
            for line in it.lines
        ),
    )
    for label, value in (
        ("Total HT", it.excl),
        ("TVA 20 %", it.vat),
        ("Total TTC", it.incl),
        ("Net à déduire", it.incl),
    ):
        paper.row(f"400|{label}", f">555|{money(-value)}")
    return paper.canvas, it.truth(kind="credit_note")


def credit_english(rng: random.Random) -> tuple[Canvas, Truth]:
    """An English credit note, amounts in brackets."""
    it = case(rng, "CN-{n:05d}").add(
        ("Returned goods", "Price adjustment"), 2, 20, 600, quantities="1"
    )
    paper = Paper()
    paper.block(
        40, "Larkfield Supplies Ltd", "8 Mill Lane", "Leeds LS1 4AP", "VAT No. GB980780684"
    )
    paper.block(330, "Credit to:", *address(it.buyer), "France", y=60)
    paper.y = 150
    paper.title("CREDIT NOTE")
    paper.grid(
        "40 160",
        ("Credit note no.", it.number),
        ("Date", f"{it.issued:%d %b %Y}"),
        ("Original invoice", f"INV{rng.randint(1000, 9999)}"),
    )
    paper.skip()
    paper.grid(
        "40 >555",
        ("Description", "Amount"),
        *((line.text, f"({en(line.net, '£')})") for line in it.lines),
    )
    for label, value in (("Subtotal", it.excl), ("VAT 20%", it.vat), ("Total credit", it.incl)):
        paper.row(f"400|{label}", f">555|({en(value, '£')})")
    return paper.canvas, it.truth(
        kind="credit_note", seller_name="Larkfield Supplies Ltd", currency="GBP"
    )


def credit_trailing(rng: random.Random) -> tuple[Canvas, Truth]:
    """A credit note of an old program: the minus after the amount."""
    it = case(rng, "{y}A{n:04d}").add(
        ("Ristourne annuelle", "Régularisation tarif"), rng.randint(1, 2), 100, 900, quantities="1"
    )
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret}", f"N° TVA {it.seller.vat}")
    paper.block(330, *address(it.buyer), y=90)
    paper.y = 170
    paper.row("40|FACTURE D'AVOIR", f"200|{it.number}", f"320|du {it.issued:%d/%m/%y}", bold=True)
    paper.skip()
    paper.grid(
        "40 >555",
        ("LIBELLE", "MONTANT HT"),
        *((line.text, money(line.net) + "-") for line in it.lines),
    )
    paper.skip()
    for label, value in (("TOTAL HT", it.excl), ("TVA 20,00", it.vat), ("TOTAL TTC", it.incl)):
        paper.row(f"400|{label}", f">555|{money(value)}-")
    return paper.canvas, it.truth(kind="credit_note")


def credit_invoice(rng: random.Random) -> tuple[Canvas, Truth]:
    """Titled invoice, but everything is negative: it gives back."""
    it = case(rng).add(("Régularisation de charges", "Trop-perçu"), 2, 20, 300, quantities="1")
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret} TVA {it.seller.vat}")
    paper.block(330, *address(it.buyer), y=100)
    paper.y = 180
    paper.title(f"Facture n° {it.number}")
    paper.row(f"40|Date de facture : {it.issued:%d/%m/%Y}")
    paper.grid(
        "40 >430 >555",
        ("Libellé", "TVA", "Montant HT"),
        *((line.text, "20 %", fr(-line.net)) for line in it.lines),
    )
    for label, value in (
        ("Total HT", it.excl),
        ("TVA 20 %", it.vat),
        ("Total TTC", it.incl),
        ("Solde en votre faveur", it.incl),
    ):
        paper.row(f"400|{label}", f">555|{fr(-value)}")
    return paper.canvas, it.truth(kind="credit_note")


def taxi(rng: random.Random) -> tuple[Canvas, Truth]:
    """A ride: a number, a distance, a price with tax at 10 %."""
    it = case(rng, "{n:06d}", form="")
    total = cents(Decimal(rng.randint(900, 9000)) / 100)
    base = cents(total / Decimal("1.1"))
    paper = Paper(size=9, gap=1.4)
    paper.row(f"^110|TAXI {it.seller.name.upper()}", bold=True)
    paper.row(f"^110|SIRET {it.seller.siret}")
    paper.row(f"15|Reçu n° {it.number}")
    paper.row(f"15|Date : {it.issued:%d/%m/%Y}")
    paper.row("15|Course : Gare - Aéroport, 23,4 km")
    paper.row(f"15|Prix HT : {fr(base)}")
    paper.row(f"15|TVA 10 % : {fr(total - base)}")
    paper.row(f"15|Prix TTC : {fr(total)}")
    return paper.canvas, _receipt(
        it,
        total,
        [(Decimal(10), base, total - base)],
        seller_name=[it.seller.name, f"Taxi {it.seller.name}"],
        prepaid=None,
        amount_due=total,  # the driver wrote no word of the payment
    )


ALL = (
    supermarket,
    fuel,
    restaurant,
    parking,
    credit_negative,
    credit_english,
    credit_trailing,
    credit_invoice,
    taxi,
)
