"""How an invoice looks: letterhead, parties, references, table, totals, footer, in many ways.

Each part has several shapes, drawn from the seed independently of the others, so that a few
dozen pieces make thousands of pages.
"""

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from benchmarks.synthetic.canvas import Canvas, width_of
from benchmarks.synthetic.content import Company, Content, Row

_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()


@dataclass
class Style:
    """The habits of an issuer."""

    rng: random.Random
    money: str
    dates: str
    size: float
    upper: bool

    def amount(self, value: Decimal, *, sign: bool = True) -> str:
        """An amount as this issuer prints it."""
        whole, part = f"{abs(value):.2f}".split(".")
        groups = []
        while whole:
            groups.insert(0, whole[-3:])
            whole = whole[:-3]
        text = {
            "fr": " ".join(groups) + "," + part,
            "frn": "".join(groups) + "," + part,
            "dot": "".join(groups) + "." + part,
            "frdot": ".".join(groups) + "," + part,
        }[self.money.rstrip("€e")]
        text = ("-" if value < 0 else "") + text
        if not sign:
            return text
        return text + (" €" if self.money.endswith("€") else " EUR" if self.money.endswith("e") else "")

    def day(self, value: date) -> str:
        """A date as this issuer prints it."""
        if self.dates == "long":
            first = "1er" if value.day == 1 else str(value.day)
            return f"{first} {_MONTHS[value.month - 1]} {value.year}"
        return value.strftime(self.dates)

    def label(self, text: str) -> str:
        """A label in this issuer's case."""
        return text.upper() if self.upper else text

    def pick(self, *options: str) -> str:
        """One of several ways to say it."""
        return self.rng.choice(options)


def draw(content: Content, seed: int) -> Canvas:
    """The pages of an invoice."""
    rng = random.Random(seed * 7919 + 1)
    style = Style(
        rng,
        rng.choice(("fr€", "fr€", "frn€", "fr", "frn", "dot€", "dot", "fre", "frdot€")),
        rng.choice(("%d/%m/%Y", "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "long", "%Y-%m-%d")),
        rng.choice((8.0, 9.0, 9.5, 10.0)),
        rng.random() < 0.2,
    )
    canvas = Canvas()
    head = rng.choice((_head_classic, _head_line, _head_labels, _head_logo, _head_right))
    head(canvas, content, style)
    _table(canvas, content, style)
    _totals(canvas, content, style)
    _foot(canvas, content, style, logo_only=head is _head_logo)
    return canvas


def _title(content: Content, style: Style) -> str:
    words = {
        "invoice": style.pick("Facture", "FACTURE", "FACTURE", "Facture de vente"),
        "credit_note": style.pick("Avoir", "AVOIR", "FACTURE D'AVOIR", "Note de crédit"),
        "prepayment": style.pick("Facture d'acompte", "FACTURE D'ACOMPTE"),
        "corrective": style.pick("Facture rectificative", "FACTURE RECTIFICATIVE"),
    }
    return words[content.kind]


def _address(one: Company, style: Style, *, form: bool = True) -> list[str]:
    lines = [one.full if form else one.name, one.street, f"{one.postcode} {one.city}"]
    if style.rng.random() < 0.25:
        lines.append(style.pick("France", "FRANCE"))
    return lines


def _identity(one: Company, style: Style) -> list[str]:
    lines = []
    spaced = " ".join((one.siret[:3], one.siret[3:6], one.siret[6:9], one.siret[9:]))
    if one.phone:
        lines.append(style.pick(f"Tél. : {one.phone}", f"Tél {one.phone}", f"Téléphone : {one.phone}"))
    if one.mail and style.rng.random() < 0.6:
        lines.append(style.pick(one.mail, f"Email : {one.mail}"))
    lines.append(style.pick(f"SIRET : {spaced}", f"SIRET {one.siret}", f"N° SIRET : {one.siret} - APE 6202A"))
    if one.vat:
        vat = style.pick(one.vat, f"{one.vat[:4]} {one.vat[4:7]} {one.vat[7:10]} {one.vat[10:]}")
        lines.append(style.pick(f"N° TVA : {vat}", f"TVA intracommunautaire : {vat}", f"N° TVA Intra. : {vat}"))
    return lines


def _references(content: Content, style: Style) -> list[tuple[str, str]]:
    title = "Avoir" if content.kind == "credit_note" else "Facture"
    pairs = [
        (style.pick(f"{title} n°", f"N° {title.lower()}", f"Numéro de {title.lower()}", f"{title} N°", "N° de pièce"), content.number),
        (style.pick("Date", "Date de facture", "Date de facturation", "Date d'émission", "Émise le"), style.day(content.issued)),
    ]
    if style.rng.random() < 0.8:
        pairs.append((style.pick("Échéance", "Date d'échéance", "À régler avant le", "Date limite de paiement", "Échéance le"), style.day(content.due)))
        content.extra["due"] = "yes"
    if style.rng.random() < 0.4:
        pairs.append((style.pick("Code client", "N° client", "Client n°", "Réf. client"), f"C{style.rng.randint(100, 9999):05d}"))
    if content.order:
        pairs.append((style.pick("Votre commande", "N° commande", "Bon de commande n°", "Commande n°"), content.order))
    if style.rng.random() < 0.25:
        pairs.append((style.pick("Date de livraison", "Livré le", "Date d'expédition"), style.day(content.issued)))
    if content.preceding:
        pairs.append((style.pick("Facture d'origine", "Facture liée", "Sur facture n°", "Annule la facture n°"), content.preceding))
    return pairs


def _write_references(canvas: Canvas, content: Content, style: Style, x: float, y: float, wide: float = 220) -> float:
    """References as "label : value" lines, in two aligned columns, or as a grid of heads."""
    pairs = _references(content, style)
    shape = style.rng.choice(("lines", "columns", "grid", "sentence"))
    size = style.size
    if shape == "sentence" and x > 120:
        shape = "lines"
    if shape == "sentence":
        canvas.text(x, y, f"{_title(content, style)} n° {content.number} du {style.day(content.issued)}", size + 4, bold=True)
        y += size * 2.2
        for label, value in pairs[2:]:
            canvas.text(x, y, f"{style.label(label)} : {value}", size)
            y += size * 1.45
        return y
    canvas.text(x, y, _title(content, style), size + style.rng.choice((3, 6, 9)), bold=True)
    y += size * 2.6
    if shape == "grid" and x < 120:
        step = 515 / len(pairs)
        for place, (label, value) in enumerate(pairs):
            canvas.text(40 + place * step, y, style.label(label), size - 1, bold=True)
            canvas.text(40 + place * step, y + size * 1.5, value, size)
        return y + size * 3.2
    for label, value in pairs:
        if shape == "columns":
            canvas.text(x, y, style.label(label) + style.rng.choice(("", " :")), size)
            canvas.text(x + wide, y, value, size, "right")
        else:
            canvas.text(x, y, f"{style.label(label)} : {value}", size)
        y += size * 1.45
    return y


def _buyer_block(canvas: Canvas, content: Content, style: Style, x: float, y: float, *, labelled: bool) -> float:
    size = style.size
    if labelled:
        canvas.text(x, y, style.label(style.pick("Client", "Facturé à", "Destinataire", "Client :", "Adresse de facturation", "Facturé à :")), size, bold=True)
        y += size * 1.5
    lines = _address(content.buyer, style)
    if style.rng.random() < 0.2:
        lines.insert(1, style.pick("Service comptabilité", "À l'attention de Mme Leroy", "Service achats"))
    y = canvas.block(x, y, lines, size)
    if content.buyer.vat and style.rng.random() < 0.4:
        canvas.text(x, y, style.pick(f"N° TVA : {content.buyer.vat}", f"TVA client : {content.buyer.vat}", f"SIRET : {content.buyer.siret}"), size)
        y += size * 1.4
    return y


def _head_classic(canvas: Canvas, content: Content, style: Style) -> None:
    """Seller at the left, buyer at the right, references below."""
    y = canvas.block(40, 50, _address(content.seller, style) + _identity(content.seller, style), style.size)
    low = _buyer_block(canvas, content, style, 330, style.rng.choice((50, 95, 120)), labelled=style.rng.random() < 0.5)
    canvas.y = _write_references(canvas, content, style, style.rng.choice((40, 40, 330)), max(y, low) + 25) + 15


def _head_line(canvas: Canvas, content: Content, style: Style) -> None:
    """The seller on one or two centred lines, the buyer in the window."""
    one = content.seller
    sep = style.pick(" - ", " · ", " | ")
    canvas.text(297, 40, sep.join((one.full, one.street, f"{one.postcode} {one.city}")), style.size, "centre")
    canvas.text(297, 40 + style.size * 1.4, sep.join(_identity(one, style)), style.size - 1, "centre")
    low = _buyer_block(canvas, content, style, 320, 110, labelled=style.rng.random() < 0.3)
    canvas.y = _write_references(canvas, content, style, 40, low + 25) + 15


def _head_labels(canvas: Canvas, content: Content, style: Style) -> None:
    """Two boxes with a heading each, the title at the top right."""
    y = _write_references(canvas, content, style, 340, 50, 215)
    y = max(y, 110) + 15
    canvas.text(40, y, style.label(style.pick("Émetteur", "Émetteur :", "Vendeur", "De", "Prestataire")), style.size, bold=True)
    left = canvas.block(40, y + style.size * 1.6, _address(content.seller, style) + _identity(content.seller, style), style.size)
    canvas.text(300, y, style.label(style.pick("Adressé à", "Client", "Facturé à", "Destinataire :", "À")), style.size, bold=True)
    right = canvas.block(300, y + style.size * 1.6, _address(content.buyer, style), style.size)
    if content.buyer.siren and style.rng.random() < 0.4:
        canvas.text(300, right, f"SIREN : {content.buyer.siren}", style.size)
    canvas.y = max(left, right) + 30


def _head_logo(canvas: Canvas, content: Content, style: Style) -> None:
    """A logo's words at the top; the seller's identity is in the footer only."""
    canvas.text(40, 60, content.seller.name.upper() if style.rng.random() < 0.5 else content.seller.name, 18, bold=True)
    low = _buyer_block(canvas, content, style, 330, 120, labelled=style.rng.random() < 0.4)
    canvas.y = _write_references(canvas, content, style, 40, max(low, 130) + 15) + 15


def _head_right(canvas: Canvas, content: Content, style: Style) -> None:
    """References at the top right; seller, then buyer below at the left."""
    y = canvas.block(40, 50, _address(content.seller, style) + _identity(content.seller, style), style.size)
    right = _write_references(canvas, content, style, 330, 50, 225)
    low = _buyer_block(canvas, content, style, style.rng.choice((40, 330)), max(y, right) + 25, labelled=True)
    canvas.y = low + 25


def _table(canvas: Canvas, content: Content, style: Style) -> None:
    """The lines, in one of several sets of columns."""
    size = style.size
    many = len(content.bases) > 1
    units = any(row.unit for row in content.rows)
    discounts = any(row.discount for row in content.rows)
    columns: list[tuple[str, str, float, str]] = []
    shape = style.rng.choice(("full", "full", "short", "french", "amount" if len(content.rows) < 4 and not discounts else "full"))
    right = 555.0
    total = style.label(style.pick("Total HT", "Montant HT", "Montant HT (€)", "Total € HT", "Prix total HT", "Montant"))
    if shape == "amount" and all(row.quantity == 1 for row in content.rows):
        columns = [("text", style.label(style.pick("Désignation", "Description", "Libellé", "Prestations")), 40, "left"), ("net", total, right, "right")]
    elif shape == "french":
        columns = [("quantity", style.label(style.pick("Qté", "Quantité")), 70, "right"), ("text", style.label("Désignation"), 85, "left"), ("price", style.label(style.pick("P.U. HT", "Prix unitaire HT", "PU HT")), 470, "right"), ("net", total, right, "right")]
    else:
        x = right
        columns = [("net", total, x, "right")]
        x -= 70
        rate_last = style.rng.random() < 0.3
        if many or style.rng.random() < 0.6:
            columns.insert(0 if not rate_last else 1, ("rate", style.label(style.pick("TVA", "TVA %", "Taux TVA", "% TVA")), x if not rate_last else right, "right"))
            if rate_last:
                columns[0] = ("net", total, x, "right")
            x -= 55
        if discounts:
            columns.insert(0, ("discount", style.label(style.pick("Remise", "Rem. %", "Rem.", "% Rem.")), x, "right"))
            x -= 50
        columns.insert(0, ("price", style.label(style.pick("P.U. HT", "Prix unitaire", "PU HT", "Prix unit. HT", "P.U.")), x, "right"))
        x -= 70
        if units and style.rng.random() < 0.5:
            columns.insert(0, ("unit", style.label(style.pick("Unité", "U.")), x, "centre"))
            x -= 40
        columns.insert(0, ("quantity", style.label(style.pick("Qté", "Quantité", "Qté.", "Quant.")), x, "right"))
        columns.insert(0, ("text", style.label(style.pick("Désignation", "Description", "Libellé", "Article")), 100 if style.rng.random() < 0.3 else 40, "left"))
        if columns[0][2] == 100:
            columns.insert(0, ("code", style.label(style.pick("Réf.", "Code", "Référence")), 40, "left"))
    content.extra["columns"] = " ".join(name for name, _, _, _ in columns)
    _head_row(canvas, columns, style)
    bare = style.rng.random() < 0.5
    first = len(canvas.items)
    for place, row in enumerate(content.rows):
        if canvas.y > 700:
            if style.rng.random() < 0.3:
                canvas.text(right, canvas.y + 5, "Suite page suivante", size - 1, "right")
            canvas.next_page()
            if style.rng.random() < 0.8:
                _head_row(canvas, columns, style)
        _line(canvas, columns, row, style, place, bare=bare, credit=content.kind == "credit_note" and content.extra.get("negative") == "yes")
    del first


def _head_row(canvas: Canvas, columns: list[tuple[str, str, float, str]], style: Style) -> None:
    for _, label, x, align in columns:  # a head is never wider than its column
        while width_of(label, style.size) > (64 if align == "right" else 180) and " " in label:
            label = label.rsplit(" ", 1)[0]
        words = label.split(" ")
        if len(words) == 3 and style.rng.random() < 0.4:
            canvas.text(x, canvas.y - style.size * 1.1, " ".join(words[:2]), style.size, align, bold=True)
            canvas.text(x, canvas.y, words[2], style.size, align, bold=True)
        else:
            canvas.text(x, canvas.y, label, style.size, align, bold=True)
    canvas.y += style.size * 2.0


def _line(canvas: Canvas, columns: list[tuple[str, str, float, str]], row: Row, style: Style, place: int, *, bare: bool, credit: bool) -> None:
    sign = -1 if credit else 1
    quantity = f"{row.quantity.normalize():f}".replace(".", "," if style.money[0] == "f" else ".")
    rate = f"{row.rate.normalize():f}".replace(".", "," if style.money[0] == "f" else ".")
    has_unit = any(name == "unit" for name, _, _, _ in columns)
    texts = {
        "text": row.text,
        "code": f"ART{100 + place * 7:04d}",
        "quantity": quantity if has_unit or not row.unit or bare else f"{quantity} {row.unit}",
        "unit": row.unit,
        "price": style.amount(row.price, sign=not bare),
        "rate": rate + style.rng.choice((" %", "%")),
        "discount": f"{row.discount.normalize():f} %" if row.discount else "",
        "net": style.amount(row.net * sign, sign=not bare),
    }
    pieces = texts["text"].split(" - ") if len(row.text) > 34 else [row.text]
    for name, _, x, align in columns:
        if name != "text" and texts[name]:
            canvas.text(x, canvas.y, texts[name], style.size, align)
    x = next(x for name, _, x, _ in columns if name == "text")
    for piece in pieces:
        canvas.text(x, canvas.y, piece[: 52 if x < 50 else 40], style.size - 1)
        canvas.y += style.size * 1.35
    canvas.y += style.size * 0.5


def _totals(canvas: Canvas, content: Content, style: Style) -> None:
    if canvas.y > 600:
        canvas.next_page()
    canvas.y += 15
    sign = -1 if content.extra.get("negative") == "yes" else 1
    table = len(content.bases) > 1 or style.rng.random() < 0.35
    size = style.size
    start = canvas.y
    taxed = [rate for rate in content.bases if rate]
    if table and taxed:
        y = start
        heads = style.rng.choice((("Taux", "Base HT", "Montant TVA"), ("TVA", "Base", "Montant"), ("Taux TVA", "Total HT", "TVA"), ("Base HT", "Taux", "TVA")))
        for place, label in enumerate(heads):
            canvas.text(100 + 75 * place, y, style.label(label), size, "right", bold=True)
        for rate, base in content.bases.items():
            y += size * 1.5
            percent = f"{rate.normalize():f}".replace(".", ",") + style.rng.choice((" %", "%", ",00 %" if rate == rate.to_integral() else " %"))
            values = {"rate": percent, "base": style.amount(base * sign), "tax": style.amount(content.taxes[rate] * sign)}
            order = ("base", "rate", "tax") if heads[0] == "Base HT" else ("rate", "base", "tax")
            for place, name in enumerate(order):
                canvas.text(100 + 75 * place, y, values[name], size, "right")
    rows = _total_rows(content, style, sign, table=table and bool(taxed))
    if style.rng.random() < 0.15 and len(rows) <= 4 and not table:
        step = 515 / len(rows)
        for place, (label, value) in enumerate(rows):
            canvas.text(50 + step * (place + 0.5), start, label, size, "centre", bold=True)
            canvas.text(50 + step * (place + 0.5), start + size * 1.7, value, size, "centre")
        canvas.y = start + size * 5
        return
    y = start
    for label, value in rows:
        canvas.text(370 if style.rng.random() < 0.95 else 380, y, label, size)
        canvas.text(555, y, value, size, "right")
        y += size * 1.6
    canvas.y = max(y, start + size * 1.5 * (len(content.bases) + 2)) + 10


def _total_rows(content: Content, style: Style, sign: int, *, table: bool) -> list[tuple[str, str]]:
    lines = sum((row.net for row in content.rows), Decimal(0))
    rows: list[tuple[str, Decimal]] = []
    if content.allowance or content.shipping:
        rows.append((style.pick("Total brut HT", "Total lignes HT", "Montant brut HT"), lines))
        if content.allowance:
            rows.append((style.pick("Remise", "Remise globale", "Remise commerciale"), -content.allowance))
        if content.shipping:
            rows.append((style.pick("Frais de port", "Frais de livraison", "Port HT"), content.shipping))
        rows.append((style.pick("Total HT net", "Total net HT", "Net HT"), content.excl))
    else:
        rows.append((style.pick("Total HT", "Montant HT", "Total hors taxes", "Sous-total HT", "Total H.T."), content.excl))
    if content.regime not in ("franchise", "reverse") or style.rng.random() < 0.4:
        if table or len(content.bases) == 1 and style.rng.random() < 0.5:
            rows.append((style.pick("Total TVA", "TVA", "Montant TVA", "T.V.A."), content.vat))
        else:
            for rate, tax in content.taxes.items():
                percent = f"{rate.normalize():f}".replace(".", ",")
                rows.append((style.pick(f"TVA {percent} %", f"TVA {percent}%", f"TVA à {percent} %", f"TVA ({percent}%)"), tax))
        rows.append((style.pick("Total TTC", "Montant TTC", "Total T.T.C.", "Total toutes taxes comprises"), content.incl))
    if content.prepaid:
        rows.append((style.pick("Acompte versé", "Acompte", "Déjà réglé", "Montant déjà payé"), -content.prepaid if style.rng.random() < 0.5 else content.prepaid))
        content.extra["due_printed"] = "yes"
        rows.append((style.pick("Net à payer", "Reste à payer", "Solde à payer", "NET À PAYER"), content.due_amount))
    elif style.rng.random() < 0.5 or len(rows) < 3:
        rows.append((style.pick("Net à payer", "Montant à payer", "NET À PAYER TTC", "Total à payer"), content.due_amount))
    return [(style.label(label) + style.rng.choice(("", " :", "")), style.amount(value * sign)) for label, value in rows]


def _foot(canvas: Canvas, content: Content, style: Style, *, logo_only: bool) -> None:
    size = style.size - 1
    y = canvas.y + 10
    reasons = {
        "franchise": "TVA non applicable, art. 293 B du CGI",
        "reverse": style.pick("Autoliquidation de la TVA - article 283-2 du CGI", "Autoliquidation"),
    }
    notes = [reasons[content.regime]] if content.regime in reasons else []
    if style.rng.random() < 0.6:
        notes.append(style.pick("Règlement par virement à 30 jours", "Conditions de paiement : 30 jours nets", "Paiement à réception de facture", "Mode de règlement : virement"))
    if style.rng.random() < 0.6:
        notes.append("En cas de retard de paiement, une pénalité de 3 fois le taux d'intérêt légal sera appliquée, à laquelle")
        notes.append("s'ajoutera une indemnité forfaitaire pour frais de recouvrement de 40 €. Pas d'escompte pour paiement anticipé.")
    if style.rng.random() < 0.6:
        spaced = " ".join(content.seller.iban[at : at + 4] for at in range(0, 27, 4))
        notes.append(style.pick(f"IBAN : {spaced}", f"IBAN {content.seller.iban}") + style.pick(f" - BIC : {content.seller.bic}", f"   BIC {content.seller.bic}", ""))
        content.extra["iban"] = "yes"
    canvas.block(40, y, notes, size)
    one = content.seller
    if logo_only or style.rng.random() < 0.5:
        form = one.form or "EI"
        capital = f" au capital de {style.rng.choice((1000, 7500, 10000, 50000)):,} €".replace(",", " ")
        head = f"{one.name} {form}{capital if form != 'EI' else ''}"
        spaced = f"{one.siren[:3]} {one.siren[3:6]} {one.siren[6:]}"
        canvas.text(297, 800, f"{head} - {one.street} - {one.postcode} {one.city}", size - 1, "centre")
        line = f"SIRET {one.siret} - RCS {one.city.upper()} {spaced}" + (f" - TVA {one.vat}" if one.vat else "")
        canvas.text(297, 811, line, size - 1, "centre")
    if canvas.page > 1 or style.rng.random() < 0.4:
        canvas.text(555, 828, f"Page {canvas.page}/{canvas.page}", 7, "right")
