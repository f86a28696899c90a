"""Fees, foreign suppliers, coded wholesalers."""
# ruff: noqa: E501, S311, C901, PLR0915 - long tables of words; chance that must be repeatable

import random
from datetime import timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import CATALOGUES, Company, company, customer, iban
from benchmarks.synthetic.family import Truth, base_truth, de, en, fr, some_day


def fees(seed: int) -> tuple[Canvas, Truth]:
    """Fees on a letter: a place and a date, a sentence, amounts without cents or lines."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), some_day(rng)
    months = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ]
    canvas = Canvas()
    canvas.block(
        40,
        50,
        [
            seller.full,
            "Avocat au barreau" if rng.random() < 0.5 else "Conseil",
            seller.street,
            f"{seller.postcode} {seller.city}",
            f"Tél. {seller.phone}",
        ],
    )
    canvas.block(340, 130, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"])
    canvas.text(
        340,
        190,
        f"{seller.city.title()}, le {issued.day} {months[issued.month - 1]} {issued.year}",
    )
    number = f"{issued.year}-{rng.randint(1, 300):03d}"
    canvas.text(
        40,
        230,
        rng.choice(
            (
                f"Note d'honoraires n° {number}",
                f"NOTE D'HONORAIRES N° {number}",
                f"Facture d'honoraires n° {number}",
            )
        ),
        13,
        bold=True,
    )
    canvas.text(40, 260, "Dossier : assistance et conseil")
    base = Decimal(rng.randint(3, 90) * 50)
    tax = cents(base / 5)
    y = 300
    whole = rng.random() < 0.4
    for label, value in (("Honoraires HT", base), ("TVA 20 %", tax), ("Total TTC", base + tax)):
        canvas.text(60, y, label)
        text = (
            f"{value:,.0f} €".replace(",", " ")
            if whole and value == value.to_integral()
            else fr(value)
        )
        canvas.text(420, y, text, 9, "right")
        y += 18
    canvas.text(40, y + 20, "Payable à réception.")
    canvas.text(40, 800, f"SIRET {seller.siret} - N° TVA {seller.vat}", 8)
    truth = base_truth("invoice", number, issued, seller, buyer)
    truth |= {
        "total_excl_vat": base,
        "total_vat": tax,
        "total_incl_vat": base + tax,
        "vat_breakdown": [{"rate": 20, "base": base, "tax": tax}],
        "seller_vat": seller.vat,
    }
    return canvas, truth


def foreign(seed: int) -> tuple[Canvas, Truth]:
    """A supplier of another country, in English or German; buyer at the left, seller at the right."""
    rng = random.Random(seed)
    used: set[str] = set()
    buyer, issued = company(rng, used), some_day(rng)
    german = rng.random() < 0.5
    due = issued + timedelta(days=30)
    number = rng.choice(("INV-{}", "{}", "RE{}", "2024/{}")).format(rng.randint(1000, 99999))
    reverse = rng.random() < 0.6
    rate = Decimal(0) if reverse else Decimal(19 if german else 20)
    names = (
        ("Nordlicht Technik GmbH", "Bergmann Werkzeuge GmbH & Co. KG", "Hafenkontor AG")
        if german
        else ("Brightwater Supplies Ltd", "Harbour & Lane Limited", "Cedar Analytics Inc.")
    )
    seller = Company(
        rng.choice(names),
        "Hauptstraße 12" if german else "14 Market Street",
        "20095" if german else "M1 1AE",
        "Hamburg" if german else "Manchester",
        vat="DE136695976" if german else "GB980780684",
    )
    canvas = Canvas()
    mine = [
        seller.name,
        seller.street,
        f"{seller.postcode} {seller.city}" if german else f"{seller.city} {seller.postcode}",
        ("USt-IdNr.: " if german else "VAT No: ") + seller.vat,
        f"Tel. +4{9 if german else 4} 40 123456",
        "info@"
        + "".join(s for s in seller.name.lower().split()[0] if s.isalpha())
        + (".de" if german else ".co.uk"),
    ]
    theirs = [
        buyer.full,
        buyer.street,
        f"{buyer.postcode} {buyer.city}",
        "Frankreich" if german else "France",
    ]
    if rng.random() < 0.5:
        theirs.append(("USt-IdNr.: " if german else "VAT: ") + buyer.vat)
    left, right = (theirs, mine) if rng.random() < 0.6 else (mine, theirs)
    if rng.random() < 0.5:
        (left if left is theirs else right).insert(
            0,
            rng.choice(
                ("Rechnung an:", "Kunde:") if german else ("Bill To:", "Invoice to:", "Sold To")
            ),
        )
    canvas.block(40, 60, left)
    canvas.block(360, 60, right)
    canvas.text(
        40,
        175,
        "Rechnung" if german else rng.choice(("INVOICE", "Invoice", "Tax Invoice")),
        16,
        bold=True,
    )
    pairs = (
        (
            ("Rechnungsnummer", number),
            ("Rechnungsdatum", f"{issued:%d.%m.%Y}"),
            ("Zahlbar bis", f"{due:%d.%m.%Y}"),
        )
        if german
        else (
            ("Invoice Number", number),
            ("Invoice Date", f"{issued:%d %B %Y}"),
            ("Due Date", f"{due:%d %B %Y}"),
        )
    )
    y = 195
    for label, value in pairs:
        canvas.text(40, y, label + ":")
        canvas.text(180, y, value)
        y += 13
    y += 20
    heads = (
        ("Pos.", "Bezeichnung", "Menge", "Einzelpreis", "Gesamtpreis")
        if german
        else ("#", "Description", "Qty", "Unit Price", "Amount")
    )
    places = ((40, "left"), (70, "left"), (360, "right"), (450, "right"), (555, "right"))
    for text, (x, align) in zip(heads, places, strict=True):
        canvas.text(x, y, text, 9, align, bold=True)
    total, lines = Decimal(0), []
    money = de if german else (lambda value: en(value, rng.choice(("€", "€"))))
    for place in range(rng.randint(1, 6)):
        y += 16
        text = rng.choice(
            ("Wartung Pumpe", "Ersatzteil Dichtung", "Beratung vor Ort")
            if german
            else ("Consulting services", "Steel bracket", "Annual licence")
        )
        count, price = rng.choice((1, 2, 5, 12)), cents(Decimal(rng.randint(500, 200000)) / 100)
        for text_, (x, align) in zip(
            (str(place + 1), text, str(count), money(price), money(count * price)),
            places,
            strict=True,
        ):
            canvas.text(x, y, text_, 9, align)
        lines.append({"quantity": count, "total": count * price})
        total += count * price
    tax = cents(total * rate / 100)
    y += 26
    labels = (
        ("Nettobetrag", f"zzgl. {rate}% MwSt.", "Gesamtbetrag")
        if german
        else (
            rng.choice(("Subtotal", "Net total")),
            f"VAT ({rate}%)",
            rng.choice(("Total", "Total due", "Amount due")),
        )
    )
    for label, value in zip(labels, (total, tax, total + tax), strict=True):
        canvas.text(400, y, label)
        canvas.text(555, y, money(value), 9, "right")
        y += 14
    if reverse:
        canvas.text(
            40,
            y + 10,
            "Steuerschuldnerschaft des Leistungsempfängers"
            if german
            else "Reverse charge: VAT to be accounted for by the recipient",
        )
    account = iban(rng, "DE")
    canvas.text(40, y + 30, f"IBAN {account}")
    truth = base_truth("invoice", number, issued, seller, buyer)
    truth |= {
        "due_date": due.isoformat(),
        "seller_vat": seller.vat,
        "total_excl_vat": total,
        "total_vat": tax,
        "total_incl_vat": total + tax,
        "amount_due": total + tax,
        "iban": account,
        "lines": lines,
        "vat_breakdown": [{"rate": rate, "base": total, "tax": tax}],
    }
    return canvas, truth


def coded(seed: int) -> tuple[Canvas, Truth]:
    """A wholesaler: VAT codes on the lines, sections, sub-totals, comments, two pages with a report."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), some_day(rng)
    canvas = Canvas()
    canvas.block(
        40,
        45,
        [
            seller.full,
            seller.street,
            f"{seller.postcode} {seller.city}",
            f"Tél {seller.phone} - {seller.mail}",
        ],
        8,
    )
    canvas.text(340, 105, "Adresse de livraison", 7, bold=True)
    canvas.block(
        340, 115, [buyer.full, "Entrepôt n° 2", "ZI Nord", f"{buyer.postcode} {buyer.city}"], 8
    )
    canvas.text(40, 105, "Adresse de facturation", 7, bold=True)
    canvas.block(40, 115, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"], 8)
    number = f"FC{rng.randint(10**6, 10**7)}"
    due = issued + timedelta(days=45)
    for place, (label, value) in enumerate(
        (
            ("Facture N°", number),
            ("Date", f"{issued:%d/%m/%y}"),
            ("Client", f"41{rng.randint(1000, 9999)}"),
            ("Représentant", "M. Paoli"),
            ("Échéance", f"{due:%d/%m/%y}"),
        )
    ):
        canvas.text(45 + 105 * place, 185, label, 8, bold=True)
        canvas.text(45 + 105 * place, 197, value, 8)
    columns = (
        ("Référence", 40, "left"),
        ("Désignation", 100, "left"),
        ("Qté", 330, "right"),
        ("P.U. brut", 395, "right"),
        ("Rem.", 430, "right"),
        ("P.U. net", 480, "right"),
        ("Montant HT", 545, "right"),
        ("T", 560, "right"),
    )

    def head(y: float) -> float:
        for text, x, align in columns:
            canvas.text(x, y, text, 8, align, bold=True)
        return y + 16

    y = head(225)
    bases: dict[str, Decimal] = {"1": Decimal(0), "2": Decimal(0)}
    lines, running = [], Decimal(0)
    for _ in range(rng.randint(2, 45)):
        if y > 720:
            canvas.text(480, y + 6, "À reporter", 8, "right")
            canvas.text(545, y + 6, fr(running, ""), 8, "right")
            canvas.next_page()
            y = head(60)
            canvas.text(480, y, "Report", 8, "right")
            canvas.text(545, y, fr(running, ""), 8, "right")
            y += 14
        if rng.random() < 0.15:
            canvas.text(
                100,
                y,
                rng.choice(
                    ("BL n° 88213 du 12/03", "** Promotion du mois **", "Votre commande du 2 mars")
                ),
                8,
            )
            y += 12
        text, _unit = rng.choice(CATALOGUES["goods"] + CATALOGUES["food"])
        code = rng.choice("12")
        count, gross_price, rebate = (
            rng.choice((1, 2, 6, 12, 48)),
            cents(Decimal(rng.randint(60, 9000)) / 100),
            rng.choice((0, 0, 10, 25)),
        )
        price = cents(gross_price * (100 - rebate) / 100)
        amount = count * price
        bases[code] += amount
        running += amount
        for value, (_, x, align) in zip(
            (
                f"{rng.randint(10**5, 10**6)}",
                text[:40],
                str(count),
                fr(gross_price, ""),
                f"{rebate}%" if rebate else "",
                fr(price, ""),
                fr(amount, ""),
                code,
            ),
            columns,
            strict=True,
        ):
            if value:
                canvas.text(x, y, value, 8, align)
        lines.append({"quantity": count, "total": amount})
        y += 12
    rates = {"1": Decimal("20"), "2": Decimal("5.5")}
    held = {code: base for code, base in bases.items() if base}
    taxes = {code: cents(base * rates[code] / 100) for code, base in held.items()}
    if y > 640:
        canvas.next_page()
        y = 60
    y += 20
    for text, x in (("T", 45), ("Base HT", 110), ("Taux", 150), ("Montant TVA", 215)):
        canvas.text(x, y, text, 8, "right", bold=True)
    top = y
    for code, base in held.items():
        y += 12
        for text, x in (
            (code, 45),
            (fr(base, ""), 110),
            (f"{rates[code]:.2f}".replace(".", ","), 150),
            (fr(taxes[code], ""), 215),
        ):
            canvas.text(x, y, text, 8, "right")
    excl, vat = sum(held.values(), Decimal(0)), sum(taxes.values(), Decimal(0))
    y = top
    for label, value in (
        ("Total HT", excl),
        ("Total TVA", vat),
        ("Total TTC", excl + vat),
        ("NET A PAYER", excl + vat),
    ):
        canvas.text(420, y, label, 9)
        canvas.text(545, y, fr(value), 9, "right")
        y += 14
    canvas.text(
        40, y + 30, f"Domiciliation : Crédit Mutuel   IBAN {seller.iban}   BIC {seller.bic}", 8
    )
    canvas.text(
        297,
        815,
        f"{seller.full} - SIRET {seller.siret} - TVA {seller.vat} - RCS {seller.city}",
        7,
        "centre",
    )
    truth = base_truth("invoice", number, issued, seller, buyer)
    truth |= {
        "due_date": due.isoformat(),
        "seller_siret": seller.siret,
        "seller_vat": seller.vat,
        "total_excl_vat": excl,
        "total_vat": vat,
        "total_incl_vat": excl + vat,
        "amount_due": excl + vat,
        "iban": seller.iban,
        "lines": lines,
        "vat_breakdown": [
            {"rate": rates[code], "base": base, "tax": taxes[code]} for code, base in held.items()
        ],
    }
    return canvas, truth
