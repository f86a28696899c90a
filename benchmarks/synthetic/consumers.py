"""Receipts, prices with tax, subscriptions: what consumers get."""
# ruff: noqa: E501, S311 - long tables of words; chance that must be repeatable

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import CATALOGUES, company, customer
from benchmarks.synthetic.family import Truth, base_truth, fr, some_day


def receipt(seed: int) -> tuple[Canvas, Truth]:
    """A till receipt: a narrow page, prices with tax, the VAT at the bottom."""
    rng = random.Random(seed)
    shop = company(rng, set())
    canvas, y, issued = Canvas(), 40.0, some_day(rng)
    name = shop.name.upper()
    for text in (name, shop.street, f"{shop.postcode} {shop.city}", f"SIRET {shop.siret}"):
        canvas.text(110, y, text, 9, "centre")
        y += 12
    canvas.text(
        20,
        y + 8,
        f"Ticket n° {rng.randint(1000, 99999)}   {issued:%d/%m/%Y} {rng.randint(8, 20)}:{rng.randint(10, 59)}",
        8,
    )
    number = canvas.items[-1].text.split()[2]
    y += 28
    total, rate = Decimal(0), Decimal(rng.choice(("10", "20", "5.5")))
    for _ in range(rng.randint(1, 7)):
        text, _unit = rng.choice(CATALOGUES["food"])
        count, price = rng.choice((1, 1, 2, 3)), cents(Decimal(rng.randint(80, 2500)) / 100)
        canvas.text(20, y, (f"{count} x " if count > 1 else "") + text[:24], 8)
        canvas.text(200, y, fr(count * price, ""), 8, "right")
        total += count * price
        y += 11
    y += 8
    canvas.text(
        20, y, rng.choice(("TOTAL", "TOTAL TTC", "Total à payer", "TOTAL EUR")), 11, bold=True
    )
    canvas.text(200, y, fr(total, rng.choice(("", " €"))), 11, "right", bold=True)
    tax = cents(total * rate / (100 + rate))
    y += 14
    canvas.text(20, y, rng.choice(("CB", "CARTE BANCAIRE", "Espèces")), 8)
    canvas.text(200, y, fr(total, ""), 8, "right")
    y += 14
    shape = rng.random()
    if shape < 0.5:
        canvas.text(20, y, f"Dont TVA {rate.normalize():f}%".replace(".", ","), 8)
        canvas.text(200, y, fr(tax, ""), 8, "right")
    else:
        for x, text in ((60, "TVA"), (105, "HT"), (150, "TVA"), (200, "TTC")):
            canvas.text(x, y, text, 8, "right")
        y += 11
        for x, text in (
            (60, f"{rate.normalize():f}%".replace(".", ",")),
            (105, fr(total - tax, "")),
            (150, fr(tax, "")),
            (200, fr(total, "")),
        ):
            canvas.text(x, y, text, 8, "right")
    canvas.text(110, y + 24, "Merci de votre visite, à bientôt !", 8, "centre")
    truth = base_truth("invoice", number, issued, shop, None)
    paid = {"prepaid": total, "amount_due": Decimal(0)}  # by card or in cash, on the spot
    truth |= {"total_incl_vat": total, "total_vat": tax, **paid}
    if shape >= 0.5:
        truth["total_excl_vat"] = total - tax
    return canvas, truth


def gross(seed: int) -> tuple[Canvas, Truth]:
    """A consumer's invoice: unit prices and amounts with tax, the tax extracted below."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), some_day(rng)
    canvas = Canvas()
    canvas.block(
        40,
        50,
        [
            seller.full,
            seller.street,
            f"{seller.postcode} {seller.city}",
            f"Tél : {seller.phone}",
            f"SIRET : {seller.siret}",
            f"TVA : {seller.vat}",
        ],
    )
    canvas.block(330, 90, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"])
    number = f"WEB{rng.randint(10000, 99999)}"
    canvas.text(40, 170, f"Facture {number}", 13, bold=True)
    canvas.text(40, 188, f"Date de facture : {issued:%d/%m/%Y}")
    canvas.text(
        40,
        202,
        f"Commande n° {rng.randint(100000, 999999)} du {issued - timedelta(days=2):%d/%m/%Y}",
    )
    y = 235
    amazon = rng.random() < 0.4
    heads = (
        (
            ("Description", 40, "left"),
            ("Qté", 330, "right"),
            ("P.U. HT", 400, "right"),
            ("TVA", 440, "right"),
            ("P.U. TTC", 500, "right"),
            ("Total TTC", 555, "right"),
        )
        if amazon
        else (
            ("Produit", 40, "left"),
            ("Quantité", 380, "right"),
            ("Prix unitaire TTC", 470, "right"),
            ("Prix total TTC", 555, "right"),
        )
    )
    for text, x, align in heads:
        canvas.text(x, y, text, 9, align, bold=True)
    y += 18
    rate, total, lines = Decimal("20"), Decimal(0), []
    for _ in range(rng.randint(1, 6)):
        text, _unit = rng.choice(CATALOGUES["goods"])
        count, price = rng.choice((1, 1, 2, 4)), cents(Decimal(rng.randint(300, 30000)) / 100)
        canvas.text(40, y, text)
        if amazon:
            canvas.text(330, y, str(count), 9, "right")
            canvas.text(400, y, fr(cents(price / Decimal("1.2"))), 9, "right")
            canvas.text(440, y, "20 %", 9, "right")
            canvas.text(500, y, fr(price), 9, "right")
        else:
            canvas.text(380, y, str(count), 9, "right")
            canvas.text(470, y, fr(price), 9, "right")
        canvas.text(555, y, fr(count * price), 9, "right")
        lines.append({"quantity": count, "total": count * price})
        total += count * price
        y += 15
    tax = cents(total * rate / (100 + rate))
    y += 15
    for label, value in (("Total HT", total - tax), ("TVA 20 %", tax), ("Total TTC", total)):
        canvas.text(400, y, label)
        canvas.text(555, y, fr(value), 9, "right")
        y += 14
    canvas.text(40, y + 10, f"Payé par carte bancaire le {issued:%d/%m/%Y}")
    truth = base_truth("invoice", number, issued, seller, buyer)
    truth |= {
        "total_excl_vat": total - tax,
        "total_vat": tax,
        "total_incl_vat": total,
        "prepaid": total,
        "amount_due": Decimal(0),
        "lines": lines,
        "vat_breakdown": [{"rate": rate, "base": total - tax, "tax": tax}],
    }
    return canvas, truth


def subscription(seed: int) -> tuple[Canvas, Truth]:
    """A subscription: headings HT, TVA, TTC over a few rows, a period, a debit."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), some_day(rng)
    canvas = Canvas()
    canvas.text(40, 60, seller.name, 20, bold=True)
    canvas.block(340, 120, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"])
    canvas.block(
        40,
        120,
        [
            f"N° client : {rng.randint(10**7, 10**8)}",
            f"N° de contrat : {rng.randint(10**6, 10**7)}",
        ],
    )
    number = str(rng.randint(10**8, 10**9))
    canvas.text(40, 205, f"Facture n° {number} du {issued:%d/%m/%Y}", 12, bold=True)
    start = issued.replace(day=1)
    canvas.text(40, 222, f"Période du {start:%d/%m/%Y} au {start + timedelta(days=29):%d/%m/%Y}")
    due = issued + timedelta(days=rng.choice((10, 15, 20)))
    y = 260
    for text, x in (("Montant HT", 380), ("Montant TVA", 470), ("Montant TTC", 555)):
        canvas.text(x, y, text, 9, "right", bold=True)
    excl = vat = Decimal(0)
    for text in ("Abonnements et forfaits", "Consommations hors forfait", "Services et options")[
        : rng.randint(1, 3)
    ]:
        y += 16
        base = cents(Decimal(rng.randint(0, 9000)) / 100)
        tax = cents(base / 5)
        excl, vat = excl + base, vat + tax
        canvas.text(40, y, text)
        for value, x in ((base, 380), (tax, 470), (base + tax, 555)):
            canvas.text(x, y, fr(value, ""), 9, "right")
    y += 20
    canvas.text(
        40,
        y,
        rng.choice(("Total facture", "Total de la facture", "Total", "Total de votre facture")),
        9,
        bold=True,
    )
    for value, x in ((excl, 380), (vat, 470), (excl + vat, 555)):
        canvas.text(x, y, fr(value, rng.choice(("", " €"))), 9, "right", bold=True)
    y += 26
    canvas.text(
        40,
        y,
        rng.choice(("Montant à payer", "Somme à payer", "Montant prélevé", "Net à payer TTC")),
        10,
    )
    canvas.text(555, y, fr(excl + vat), 10, "right")
    y += 16
    canvas.text(
        40,
        y,
        rng.choice(("Date de prélèvement :", "Prélevé le", "À payer avant le"))
        + f" {due:%d/%m/%Y}",
    )
    canvas.text(
        297,
        800,
        f"{seller.name} {seller.form or 'SA'} au capital de 50 000 € - {seller.street} {seller.postcode} {seller.city}",
        7,
        "centre",
    )
    canvas.text(
        297,
        810,
        f"RCS {seller.city.upper()} {seller.siren} - TVA intracommunautaire {seller.vat}",
        7,
        "centre",
    )
    truth = base_truth("invoice", number, issued, seller, buyer)
    truth |= {
        "due_date": due.isoformat(),
        "total_excl_vat": excl,
        "total_vat": vat,
        "total_incl_vat": excl + vat,
        "amount_due": excl + vat,
        "seller_siren": seller.siren,
        "seller_vat": seller.vat,
    }
    return canvas, truth
