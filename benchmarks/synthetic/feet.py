"""Totals, VAT tables, mentions and footers."""
# ruff: noqa: E501 - long tables of words; chance that must be repeatable

from decimal import Decimal

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import Content
from benchmarks.synthetic.style import Style


def totals(canvas: Canvas, content: Content, style: Style) -> None:
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
        heads = style.rng.choice(
            (
                ("Taux", "Base HT", "Montant TVA"),
                ("TVA", "Base", "Montant"),
                ("Taux TVA", "Total HT", "TVA"),
                ("Base HT", "Taux", "TVA"),
            )
        )
        for place, label in enumerate(heads):
            canvas.text(100 + 75 * place, y, style.label(label), size, "right", bold=True)
        for rate, base in content.bases.items():
            y += size * 1.5
            percent = f"{rate.normalize():f}".replace(".", ",") + style.rng.choice(
                (" %", "%", ",00 %" if rate == rate.to_integral() else " %")
            )
            values = {
                "rate": percent,
                "base": style.amount(base * sign),
                "tax": style.amount(content.taxes[rate] * sign),
            }
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


def _total_rows(
    content: Content, style: Style, sign: int, *, table: bool
) -> list[tuple[str, str]]:
    lines = sum((row.net for row in content.rows), Decimal(0))
    rows: list[tuple[str, Decimal]] = []
    if content.allowance or content.shipping:
        rows.append((style.pick("Total brut HT", "Total lignes HT", "Montant brut HT"), lines))
        if content.allowance:
            rows.append(
                (style.pick("Remise", "Remise globale", "Remise commerciale"), -content.allowance)
            )
        if content.shipping:
            rows.append(
                (style.pick("Frais de port", "Frais de livraison", "Port HT"), content.shipping)
            )
        rows.append((style.pick("Total HT net", "Total net HT", "Net HT"), content.excl))
    else:
        rows.append(
            (
                style.pick(
                    "Total HT", "Montant HT", "Total hors taxes", "Sous-total HT", "Total H.T."
                ),
                content.excl,
            )
        )
    if content.regime not in ("franchise", "reverse") or style.rng.random() < 0.4:
        if table or (len(content.bases) == 1 and style.rng.random() < 0.5):
            rows.append((style.pick("Total TVA", "TVA", "Montant TVA", "T.V.A."), content.vat))
        else:
            for rate, tax in content.taxes.items():
                percent = f"{rate.normalize():f}".replace(".", ",")
                rows.append(
                    (
                        style.pick(
                            f"TVA {percent} %",
                            f"TVA {percent}%",
                            f"TVA à {percent} %",
                            f"TVA ({percent}%)",
                        ),
                        tax,
                    )
                )
        rows.append(
            (
                style.pick(
                    "Total TTC", "Montant TTC", "Total T.T.C.", "Total toutes taxes comprises"
                ),
                content.incl,
            )
        )
    if content.prepaid:
        rows.append(
            (
                style.pick("Acompte versé", "Acompte", "Déjà réglé", "Montant déjà payé"),
                -content.prepaid if style.rng.random() < 0.5 else content.prepaid,
            )
        )
        content.extra["due_printed"] = "yes"
        rows.append(
            (
                style.pick("Net à payer", "Reste à payer", "Solde à payer", "NET À PAYER"),
                content.due_amount,
            )
        )
    elif style.rng.random() < 0.5 or len(rows) < 3:
        rows.append(
            (
                style.pick("Net à payer", "Montant à payer", "NET À PAYER TTC", "Total à payer"),
                content.due_amount,
            )
        )
    return [
        (style.label(label) + style.rng.choice(("", " :", "")), style.amount(value * sign))
        for label, value in rows
    ]


def foot(canvas: Canvas, content: Content, style: Style, *, logo_only: bool) -> None:
    size = style.size - 1
    y = canvas.y + 10
    reasons = {
        "franchise": "TVA non applicable, art. 293 B du CGI",
        "reverse": style.pick(
            "Autoliquidation de la TVA - article 283-2 du CGI", "Autoliquidation"
        ),
    }
    notes = [reasons[content.regime]] if content.regime in reasons else []
    if style.rng.random() < 0.6:
        notes.append(
            style.pick(
                "Règlement par virement à 30 jours",
                "Conditions de paiement : 30 jours nets",
                "Paiement à réception de facture",
                "Mode de règlement : virement",
            )
        )
    if style.rng.random() < 0.6:
        notes.append(
            "En cas de retard de paiement, une pénalité de 3 fois le taux d'intérêt légal sera appliquée, à laquelle"
        )
        notes.append(
            "s'ajoutera une indemnité forfaitaire pour frais de recouvrement de 40 €. Pas d'escompte pour paiement anticipé."
        )
    if style.rng.random() < 0.6:
        spaced = " ".join(content.seller.iban[at : at + 4] for at in range(0, 27, 4))
        notes.append(
            style.pick(f"IBAN : {spaced}", f"IBAN {content.seller.iban}")
            + style.pick(f" - BIC : {content.seller.bic}", f"   BIC {content.seller.bic}", "")
        )
        content.extra["iban"] = "yes"
    canvas.block(40, y, notes, size)
    one = content.seller
    if logo_only or style.rng.random() < 0.5:
        form = one.form or "EI"
        capital = f" au capital de {style.rng.choice((1000, 7500, 10000, 50000)):,} €".replace(
            ",", " "
        )
        head = f"{one.name} {form}{capital if form != 'EI' else ''}"
        spaced = f"{one.siren[:3]} {one.siren[3:6]} {one.siren[6:]}"
        canvas.text(
            297, 800, f"{head} - {one.street} - {one.postcode} {one.city}", size - 1, "centre"
        )
        line = f"SIRET {one.siret} - RCS {one.city.upper()} {spaced}" + (
            f" - TVA {one.vat}" if one.vat else ""
        )
        canvas.text(297, 811, line, size - 1, "centre")
    if canvas.page > 1 or style.rng.random() < 0.4:
        canvas.text(555, 828, f"Page {canvas.page}/{canvas.page}", 7, "right")
