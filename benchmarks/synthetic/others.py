"""Other families: receipts, prices with tax, subscriptions, fees, foreign suppliers; and documents
that are no invoice at all. Each function draws a page and gives its truth as the public JSON does.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import CATALOGUES, Company, company, customer, iban
from facteur.domain.money import cents

Truth = dict[str, object]


def _fr(value: Decimal, sign: str = " €") -> str:
    whole, part = f"{abs(value):.2f}".split(".")
    groups = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    return ("-" if value < 0 else "") + " ".join(groups) + "," + part + sign


def _en(value: Decimal, sign: str = "") -> str:
    return f"{sign}{value:,.2f}"


def _de(value: Decimal, sign: str = " €") -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".") + sign


def _day(rng: random.Random) -> date:
    return date(2020, 1, 1) + timedelta(days=rng.randint(0, 2300))


def _base(kind: str, number: str, issued: date, seller: Company, buyer: Company | None) -> Truth:
    truth: Truth = {
        "type": kind, "number": number, "issue_date": issued.isoformat(), "currency": "EUR",
        "seller_name": [seller.full, seller.name],
    }  # fmt: skip
    if buyer is not None:
        truth["buyer_name"] = buyer.full
    return truth


def receipt(seed: int) -> tuple[Canvas, Truth]:
    """A till receipt: a narrow page, prices with tax, the VAT at the bottom."""
    rng = random.Random(seed)
    shop = company(rng, set())
    canvas, y, issued = Canvas(), 40.0, _day(rng)
    name = shop.name.upper()
    for text in (name, shop.street, f"{shop.postcode} {shop.city}", f"SIRET {shop.siret}"):
        canvas.text(110, y, text, 9, "centre")
        y += 12
    canvas.text(20, y + 8, f"Ticket n° {rng.randint(1000, 99999)}   {issued:%d/%m/%Y} {rng.randint(8, 20)}:{rng.randint(10, 59)}", 8)
    number = canvas.items[-1].text.split()[2]
    y += 28
    total, rate = Decimal(0), Decimal(rng.choice(("10", "20", "5.5")))
    for _ in range(rng.randint(1, 7)):
        text, _unit = rng.choice(CATALOGUES["food"])
        count, price = rng.choice((1, 1, 2, 3)), cents(Decimal(rng.randint(80, 2500)) / 100)
        canvas.text(20, y, (f"{count} x " if count > 1 else "") + text[:24], 8)
        canvas.text(200, y, _fr(count * price, ""), 8, "right")
        total += count * price
        y += 11
    y += 8
    canvas.text(20, y, rng.choice(("TOTAL", "TOTAL TTC", "Total à payer", "TOTAL EUR")), 11, bold=True)
    canvas.text(200, y, _fr(total, rng.choice(("", " €"))), 11, "right", bold=True)
    tax = cents(total * rate / (100 + rate))
    y += 14
    canvas.text(20, y, rng.choice(("CB", "CARTE BANCAIRE", "Espèces")), 8)
    canvas.text(200, y, _fr(total, ""), 8, "right")
    y += 14
    shape = rng.random()
    if shape < 0.5:
        canvas.text(20, y, f"Dont TVA {rate.normalize():f}%".replace(".", ","), 8)
        canvas.text(200, y, _fr(tax, ""), 8, "right")
    else:
        for x, text in ((60, "TVA"), (105, "HT"), (150, "TVA"), (200, "TTC")):
            canvas.text(x, y, text, 8, "right")
        y += 11
        for x, text in ((60, f"{rate.normalize():f}%".replace(".", ",")), (105, _fr(total - tax, "")), (150, _fr(tax, "")), (200, _fr(total, ""))):
            canvas.text(x, y, text, 8, "right")
    canvas.text(110, y + 24, "Merci de votre visite, à bientôt !", 8, "centre")
    truth = _base("invoice", number, issued, shop, None)
    truth |= {"total_incl_vat": total, "total_vat": tax, "amount_due": total}
    if shape >= 0.5:
        truth["total_excl_vat"] = total - tax
    return canvas, truth


def gross(seed: int) -> tuple[Canvas, Truth]:
    """A consumer's invoice: unit prices and amounts with tax, the tax extracted below."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), _day(rng)
    canvas = Canvas()
    canvas.block(40, 50, [seller.full, seller.street, f"{seller.postcode} {seller.city}", f"Tél : {seller.phone}", f"SIRET : {seller.siret}", f"TVA : {seller.vat}"])
    canvas.block(330, 90, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"])
    number = f"WEB{rng.randint(10000, 99999)}"
    canvas.text(40, 170, f"Facture {number}", 13, bold=True)
    canvas.text(40, 188, f"Date de facture : {issued:%d/%m/%Y}")
    canvas.text(40, 202, f"Commande n° {rng.randint(100000, 999999)} du {issued - timedelta(days=2):%d/%m/%Y}")
    y = 235
    amazon = rng.random() < 0.4
    heads = (("Description", 40, "left"), ("Qté", 330, "right"), ("P.U. HT", 400, "right"), ("TVA", 440, "right"), ("P.U. TTC", 500, "right"), ("Total TTC", 555, "right")) if amazon else (("Produit", 40, "left"), ("Quantité", 380, "right"), ("Prix unitaire TTC", 470, "right"), ("Prix total TTC", 555, "right"))
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
            canvas.text(400, y, _fr(cents(price / Decimal("1.2"))), 9, "right")
            canvas.text(440, y, "20 %", 9, "right")
            canvas.text(500, y, _fr(price), 9, "right")
        else:
            canvas.text(380, y, str(count), 9, "right")
            canvas.text(470, y, _fr(price), 9, "right")
        canvas.text(555, y, _fr(count * price), 9, "right")
        lines.append({"quantity": count, "total": count * price})
        total += count * price
        y += 15
    tax = cents(total * rate / (100 + rate))
    y += 15
    for label, value in (("Total HT", total - tax), ("TVA 20 %", tax), ("Total TTC", total)):
        canvas.text(400, y, label)
        canvas.text(555, y, _fr(value), 9, "right")
        y += 14
    canvas.text(40, y + 10, f"Payé par carte bancaire le {issued:%d/%m/%Y}")
    truth = _base("invoice", number, issued, seller, buyer)
    truth |= {"total_excl_vat": total - tax, "total_vat": tax, "total_incl_vat": total, "lines": lines, "vat_breakdown": [{"rate": rate, "base": total - tax, "tax": tax}]}
    return canvas, truth


def subscription(seed: int) -> tuple[Canvas, Truth]:
    """A subscription: headings HT, TVA, TTC over a few rows, a period, a debit."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), _day(rng)
    canvas = Canvas()
    canvas.text(40, 60, seller.name, 20, bold=True)
    canvas.block(340, 120, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"])
    canvas.block(40, 120, [f"N° client : {rng.randint(10**7, 10**8)}", f"N° de contrat : {rng.randint(10**6, 10**7)}"])
    number = str(rng.randint(10**8, 10**9))
    canvas.text(40, 205, f"Facture n° {number} du {issued:%d/%m/%Y}", 12, bold=True)
    start = issued.replace(day=1)
    canvas.text(40, 222, f"Période du {start:%d/%m/%Y} au {start + timedelta(days=29):%d/%m/%Y}")
    due = issued + timedelta(days=rng.choice((10, 15, 20)))
    y = 260
    for text, x in (("Montant HT", 380), ("Montant TVA", 470), ("Montant TTC", 555)):
        canvas.text(x, y, text, 9, "right", bold=True)
    excl = vat = Decimal(0)
    for text in ("Abonnements et forfaits", "Consommations hors forfait", "Services et options")[: rng.randint(1, 3)]:
        y += 16
        base = cents(Decimal(rng.randint(0, 9000)) / 100)
        tax = cents(base / 5)
        excl, vat = excl + base, vat + tax
        canvas.text(40, y, text)
        for value, x in ((base, 380), (tax, 470), (base + tax, 555)):
            canvas.text(x, y, _fr(value, ""), 9, "right")
    y += 20
    canvas.text(40, y, rng.choice(("Total facture", "Total de la facture", "Total", "Total de votre facture")), 9, bold=True)
    for value, x in ((excl, 380), (vat, 470), (excl + vat, 555)):
        canvas.text(x, y, _fr(value, rng.choice(("", " €"))), 9, "right", bold=True)
    y += 26
    canvas.text(40, y, rng.choice(("Montant à payer", "Somme à payer", "Montant prélevé", "Net à payer TTC")), 10)
    canvas.text(555, y, _fr(excl + vat), 10, "right")
    y += 16
    canvas.text(40, y, rng.choice(("Date de prélèvement :", "Prélevé le", "À payer avant le")) + f" {due:%d/%m/%Y}")
    canvas.text(297, 800, f"{seller.name} {seller.form or 'SA'} au capital de 50 000 € - {seller.street} {seller.postcode} {seller.city}", 7, "centre")
    canvas.text(297, 810, f"RCS {seller.city.upper()} {seller.siren} - TVA intracommunautaire {seller.vat}", 7, "centre")
    truth = _base("invoice", number, issued, seller, buyer)
    truth |= {"due_date": due.isoformat(), "total_excl_vat": excl, "total_vat": vat, "total_incl_vat": excl + vat, "amount_due": excl + vat, "seller_siren": seller.siren, "seller_vat": seller.vat}
    return canvas, truth


def fees(seed: int) -> tuple[Canvas, Truth]:
    """Fees on a letter: a place and a date, a sentence, amounts without cents or lines."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), _day(rng)
    months = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
    canvas = Canvas()
    canvas.block(40, 50, [seller.full, "Avocat au barreau" if rng.random() < 0.5 else "Conseil", seller.street, f"{seller.postcode} {seller.city}", f"Tél. {seller.phone}"])
    canvas.block(340, 130, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"])
    canvas.text(340, 190, f"{seller.city.title()}, le {issued.day} {months[issued.month - 1]} {issued.year}")
    number = f"{issued.year}-{rng.randint(1, 300):03d}"
    canvas.text(40, 230, rng.choice((f"Note d'honoraires n° {number}", f"NOTE D'HONORAIRES N° {number}", f"Facture d'honoraires n° {number}")), 13, bold=True)
    canvas.text(40, 260, "Dossier : assistance et conseil")
    base = Decimal(rng.randint(3, 90) * 50)
    tax = cents(base / 5)
    y = 300
    whole = rng.random() < 0.4
    for label, value in (("Honoraires HT", base), ("TVA 20 %", tax), ("Total TTC", base + tax)):
        canvas.text(60, y, label)
        text = f"{value:,.0f} €".replace(",", " ") if whole and value == value.to_integral() else _fr(value)
        canvas.text(420, y, text, 9, "right")
        y += 18
    canvas.text(40, y + 20, "Payable à réception.")
    canvas.text(40, 800, f"SIRET {seller.siret} - N° TVA {seller.vat}", 8)
    truth = _base("invoice", number, issued, seller, buyer)
    truth |= {"total_excl_vat": base, "total_vat": tax, "total_incl_vat": base + tax, "vat_breakdown": [{"rate": 20, "base": base, "tax": tax}], "seller_vat": seller.vat}
    return canvas, truth


def foreign(seed: int) -> tuple[Canvas, Truth]:
    """A supplier of another country, in English or German; buyer at the left, seller at the right."""
    rng = random.Random(seed)
    used: set[str] = set()
    buyer, issued = company(rng, used), _day(rng)
    german = rng.random() < 0.5
    due = issued + timedelta(days=30)
    number = rng.choice(("INV-{}", "{}", "RE{}", "2024/{}")).format(rng.randint(1000, 99999))
    reverse = rng.random() < 0.6
    rate = Decimal(0) if reverse else Decimal(19 if german else 20)
    names = ("Nordlicht Technik GmbH", "Bergmann Werkzeuge GmbH & Co. KG", "Hafenkontor AG") if german else ("Brightwater Supplies Ltd", "Harbour & Lane Limited", "Cedar Analytics Inc.")
    seller = Company(rng.choice(names), "Hauptstraße 12" if german else "14 Market Street", "20095" if german else "M1 1AE", "Hamburg" if german else "Manchester", vat="DE136695976" if german else "GB980780684")
    canvas = Canvas()
    mine = [seller.name, seller.street, f"{seller.postcode} {seller.city}" if german else f"{seller.city} {seller.postcode}", ("USt-IdNr.: " if german else "VAT No: ") + seller.vat, f"Tel. +4{9 if german else 4} 40 123456", "info@" + "".join(s for s in seller.name.lower().split()[0] if s.isalpha()) + (".de" if german else ".co.uk")]
    theirs = [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}", "Frankreich" if german else "France"]
    if rng.random() < 0.5:
        theirs.append(("USt-IdNr.: " if german else "VAT: ") + buyer.vat)
    left, right = (theirs, mine) if rng.random() < 0.6 else (mine, theirs)
    if rng.random() < 0.5:
        (left if left is theirs else right).insert(0, rng.choice(("Rechnung an:", "Kunde:") if german else ("Bill To:", "Invoice to:", "Sold To")))
    canvas.block(40, 60, left)
    canvas.block(360, 60, right)
    canvas.text(40, 175, "Rechnung" if german else rng.choice(("INVOICE", "Invoice", "Tax Invoice")), 16, bold=True)
    pairs = (("Rechnungsnummer", number), ("Rechnungsdatum", f"{issued:%d.%m.%Y}"), ("Zahlbar bis", f"{due:%d.%m.%Y}")) if german else (("Invoice Number", number), ("Invoice Date", f"{issued:%d %B %Y}"), ("Due Date", f"{due:%d %B %Y}"))
    y = 195
    for label, value in pairs:
        canvas.text(40, y, label + ":")
        canvas.text(180, y, value)
        y += 13
    y += 20
    heads = ("Pos.", "Bezeichnung", "Menge", "Einzelpreis", "Gesamtpreis") if german else ("#", "Description", "Qty", "Unit Price", "Amount")
    places = ((40, "left"), (70, "left"), (360, "right"), (450, "right"), (555, "right"))
    for text, (x, align) in zip(heads, places, strict=True):
        canvas.text(x, y, text, 9, align, bold=True)
    total, lines = Decimal(0), []
    money = (lambda value: _de(value)) if german else (lambda value: _en(value, rng.choice(("€", "€"))))
    for place in range(rng.randint(1, 6)):
        y += 16
        text = rng.choice(("Wartung Pumpe", "Ersatzteil Dichtung", "Beratung vor Ort") if german else ("Consulting services", "Steel bracket", "Annual licence"))
        count, price = rng.choice((1, 2, 5, 12)), cents(Decimal(rng.randint(500, 200000)) / 100)
        for text_, (x, align) in zip((str(place + 1), text, str(count), money(price), money(count * price)), places, strict=True):
            canvas.text(x, y, text_, 9, align)
        lines.append({"quantity": count, "total": count * price})
        total += count * price
    tax = cents(total * rate / 100)
    y += 26
    labels = ("Nettobetrag", f"zzgl. {rate}% MwSt.", "Gesamtbetrag") if german else (rng.choice(("Subtotal", "Net total")), f"VAT ({rate}%)", rng.choice(("Total", "Total due", "Amount due")))
    for label, value in zip(labels, (total, tax, total + tax), strict=True):
        canvas.text(400, y, label)
        canvas.text(555, y, money(value), 9, "right")
        y += 14
    if reverse:
        canvas.text(40, y + 10, "Steuerschuldnerschaft des Leistungsempfängers" if german else "Reverse charge: VAT to be accounted for by the recipient")
    account = iban(rng, "DE")
    canvas.text(40, y + 30, f"IBAN {account}")
    truth = _base("invoice", number, issued, seller, buyer)
    truth |= {"due_date": due.isoformat(), "seller_vat": seller.vat, "total_excl_vat": total, "total_vat": tax, "total_incl_vat": total + tax, "amount_due": total + tax, "iban": account, "lines": lines, "vat_breakdown": [{"rate": rate, "base": total, "tax": tax}]}
    return canvas, truth


def coded(seed: int) -> tuple[Canvas, Truth]:
    """A wholesaler: VAT codes on the lines, sections, sub-totals, comments, two pages with a report."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer, issued = company(rng, used), customer(rng, used), _day(rng)
    canvas = Canvas()
    canvas.block(40, 45, [seller.full, seller.street, f"{seller.postcode} {seller.city}", f"Tél {seller.phone} - {seller.mail}"], 8)
    canvas.text(340, 105, "Adresse de livraison", 7, bold=True)
    canvas.block(340, 115, [buyer.full, "Entrepôt n° 2", "ZI Nord", f"{buyer.postcode} {buyer.city}"], 8)
    canvas.text(40, 105, "Adresse de facturation", 7, bold=True)
    canvas.block(40, 115, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"], 8)
    number = f"FC{rng.randint(10**6, 10**7)}"
    due = issued + timedelta(days=45)
    for place, (label, value) in enumerate((("Facture N°", number), ("Date", f"{issued:%d/%m/%y}"), ("Client", f"41{rng.randint(1000, 9999)}"), ("Représentant", "M. Paoli"), ("Échéance", f"{due:%d/%m/%y}"))):
        canvas.text(45 + 105 * place, 185, label, 8, bold=True)
        canvas.text(45 + 105 * place, 197, value, 8)
    columns = (("Référence", 40, "left"), ("Désignation", 100, "left"), ("Qté", 330, "right"), ("P.U. brut", 395, "right"), ("Rem.", 430, "right"), ("P.U. net", 480, "right"), ("Montant HT", 545, "right"), ("T", 560, "right"))

    def head(y: float) -> float:
        for text, x, align in columns:
            canvas.text(x, y, text, 8, align, bold=True)
        return y + 16

    y = head(225)
    bases: dict[str, Decimal] = {"1": Decimal(0), "2": Decimal(0)}
    lines, running = [], Decimal(0)
    for place in range(rng.randint(2, 45)):
        if y > 720:
            canvas.text(480, y + 6, "À reporter", 8, "right")
            canvas.text(545, y + 6, _fr(running, ""), 8, "right")
            canvas.next_page()
            y = head(60)
            canvas.text(480, y, "Report", 8, "right")
            canvas.text(545, y, _fr(running, ""), 8, "right")
            y += 14
        if rng.random() < 0.15:
            canvas.text(100, y, rng.choice(("BL n° 88213 du 12/03", "** Promotion du mois **", "Votre commande du 2 mars")), 8)
            y += 12
        text, _unit = rng.choice(CATALOGUES["goods"] + CATALOGUES["food"])
        code = rng.choice("12")
        count, gross_price, rebate = rng.choice((1, 2, 6, 12, 48)), cents(Decimal(rng.randint(60, 9000)) / 100), rng.choice((0, 0, 10, 25))
        price = cents(gross_price * (100 - rebate) / 100)
        amount = count * price
        bases[code] += amount
        running += amount
        for value, (_, x, align) in zip((f"{rng.randint(10**5, 10**6)}", text[:40], str(count), _fr(gross_price, ""), f"{rebate}%" if rebate else "", _fr(price, ""), _fr(amount, ""), code), columns, strict=True):
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
        for text, x in ((code, 45), (_fr(base, ""), 110), (f"{rates[code]:.2f}".replace(".", ","), 150), (_fr(taxes[code], ""), 215)):
            canvas.text(x, y, text, 8, "right")
    excl, vat = sum(held.values(), Decimal(0)), sum(taxes.values(), Decimal(0))
    y = top
    for label, value in (("Total HT", excl), ("Total TVA", vat), ("Total TTC", excl + vat), ("NET A PAYER", excl + vat)):
        canvas.text(420, y, label, 9)
        canvas.text(545, y, _fr(value), 9, "right")
        y += 14
    canvas.text(40, y + 30, f"Domiciliation : Crédit Mutuel   IBAN {seller.iban}   BIC {seller.bic}", 8)
    canvas.text(297, 815, f"{seller.full} - SIRET {seller.siret} - TVA {seller.vat} - RCS {seller.city}", 7, "centre")
    truth = _base("invoice", number, issued, seller, buyer)
    truth |= {"due_date": due.isoformat(), "seller_siret": seller.siret, "seller_vat": seller.vat, "total_excl_vat": excl, "total_vat": vat, "total_incl_vat": excl + vat, "amount_due": excl + vat, "iban": seller.iban, "lines": lines, "vat_breakdown": [{"rate": rates[code], "base": base, "tax": taxes[code]} for code, base in held.items()]}
    return canvas, truth


FAMILIES: tuple[Callable[[int], tuple[Canvas, Truth]], ...] = (receipt, gross, subscription, fees, foreign, coded)  # fmt: skip


def not_an_invoice(seed: int) -> tuple[Canvas, str]:
    """A document that is no invoice, and the kind it is (candidate.kind)."""
    rng = random.Random(seed)
    used: set[str] = set()
    one, other, day = company(rng, used), company(rng, used), _day(rng)
    kind, title, body = rng.choice(_DOCUMENTS)
    canvas = Canvas()
    canvas.block(40, 50, [one.full, one.street, f"{one.postcode} {one.city}", f"SIRET {one.siret}"])
    canvas.block(340, 95, [other.full, other.street, f"{other.postcode} {other.city}"])
    canvas.text(40, 170, rng.choice((title, title.upper(), f"{title} n° {rng.randint(100, 9999)}")), 14, bold=True)
    canvas.text(40, 190, f"Date : {day:%d/%m/%Y}")
    y = 230
    amount = cents(Decimal(rng.randint(1000, 400000)) / 100)
    for line in body:
        canvas.text(40, y, line.format(amount=_fr(amount), vat=_fr(cents(amount / 5)), total=_fr(amount + cents(amount / 5)), day=f"{day:%d/%m/%Y}", number=rng.randint(1000, 9999)))
        y += 15
    return canvas, kind


_DOCUMENTS = (
    ("quote", "Devis", ("Désignation   Qté   P.U. HT   Total HT", "Fourniture et pose   1   {amount}   {amount}", "Total HT   {amount}", "TVA 20 %   {vat}", "Total TTC   {total}", "Devis valable 30 jours. Bon pour accord :")),
    ("order", "Bon de commande", ("Article   Quantité   Prix unitaire   Montant", "Papier A4   10   {amount}   {amount}", "Total HT   {amount}", "Livraison souhaitée le {day}")),
    ("delivery_note", "Bon de livraison", ("Commande n° {number} du {day}", "Article   Quantité commandée   Quantité livrée", "Ramette papier   10   10", "Reçu en bon état le :")),
    ("statement", "Relevé de compte", ("Ancien solde au {day}   {amount}", "{day}   PRLV FOURNISSEUR   {vat}", "{day}   VIR FACTURE {number}   {total}", "Nouveau solde   {total}")),
    ("statement", "Relevé de factures", ("Facture n° {number} du {day}   {amount}", "Facture n° {number} du {day}   {vat}", "Total dû   {total}")),
    ("payslip", "Bulletin de paie", ("Période du 01/03/2024 au 31/03/2024", "Salaire de base   151,67   {amount}", "Cotisations sociales   {vat}", "Net à payer   {total}")),
    ("contract", "Contrat de prestation de services", ("Entre les soussignés, il a été convenu ce qui suit.", "Article 1 - Objet", "Le prestataire s'engage à fournir les services décrits en annexe.", "Article 2 - Prix : {amount} HT par mois", "Article 3 - Durée : douze mois")),
    ("reminder", "Relance", ("Sauf erreur de notre part, la facture n° {number} du {day} reste impayée.", "Montant dû : {total}", "Nous vous remercions de régler cette somme sous huit jours.")),
    ("proforma", "Facture proforma", ("Désignation   Qté   P.U. HT   Total HT", "Machine   1   {amount}   {amount}", "Total HT   {amount}", "TVA 20 %   {vat}", "Total TTC   {total}")),
    ("other", "Lorem ipsum dolor sit amet", ("Consectetur adipiscing elit, sed do eiusmod tempor incididunt.", "Ut enim ad minim veniam, quis nostrud exercitation ullamco.", "Duis aute irure dolor in reprehenderit in voluptate velit.")),
    ("letter", "Attestation d'assurance", ("Nous soussignés attestons que la société est assurée en responsabilité civile", "pour un montant de {amount} par sinistre, du {day} au 31 décembre.")),
)  # fmt: skip
