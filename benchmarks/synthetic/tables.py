"""The lines, in one of several sets of columns."""
# ruff: noqa: C901 - long tables of words; chance that must be repeatable

from benchmarks.synthetic.canvas import Canvas, width_of
from benchmarks.synthetic.content import Content, Row
from benchmarks.synthetic.style import Style


def table(canvas: Canvas, content: Content, style: Style) -> None:
    """The lines, in one of several sets of columns."""
    size = style.size
    many = len(content.bases) > 1
    units = any(row.unit for row in content.rows)
    discounts = any(row.discount for row in content.rows)
    columns: list[tuple[str, str, float, str]] = []
    shape = style.rng.choice(
        (
            "full",
            "full",
            "short",
            "french",
            "amount" if len(content.rows) < 4 and not discounts else "full",
        )
    )
    right = 555.0
    total = style.label(
        style.pick(
            "Total HT", "Montant HT", "Montant HT (€)", "Total € HT", "Prix total HT", "Montant"
        )
    )
    if shape == "amount" and all(row.quantity == 1 for row in content.rows):
        columns = [
            (
                "text",
                style.label(style.pick("Désignation", "Description", "Libellé", "Prestations")),
                40,
                "left",
            ),
            ("net", total, right, "right"),
        ]
    elif shape == "french":
        columns = [
            ("quantity", style.label(style.pick("Qté", "Quantité")), 70, "right"),
            ("text", style.label("Désignation"), 85, "left"),
            (
                "price",
                style.label(style.pick("P.U. HT", "Prix unitaire HT", "PU HT")),
                470,
                "right",
            ),
            ("net", total, right, "right"),
        ]
    else:
        x = right
        columns = [("net", total, x, "right")]
        x -= 70
        rate_last = style.rng.random() < 0.3
        if many or style.rng.random() < 0.6:
            columns.insert(
                0 if not rate_last else 1,
                (
                    "rate",
                    style.label(style.pick("TVA", "TVA %", "Taux TVA", "% TVA")),
                    x if not rate_last else right,
                    "right",
                ),
            )
            if rate_last:
                columns[0] = ("net", total, x, "right")
            x -= 55
        if discounts:
            columns.insert(
                0,
                (
                    "discount",
                    style.label(style.pick("Remise", "Rem. %", "Rem.", "% Rem.")),
                    x,
                    "right",
                ),
            )
            x -= 50
        columns.insert(
            0,
            (
                "price",
                style.label(
                    style.pick("P.U. HT", "Prix unitaire", "PU HT", "Prix unit. HT", "P.U.")
                ),
                x,
                "right",
            ),
        )
        x -= 70
        if units and style.rng.random() < 0.5:
            columns.insert(0, ("unit", style.label(style.pick("Unité", "U.")), x, "centre"))
            x -= 40
        columns.insert(
            0,
            ("quantity", style.label(style.pick("Qté", "Quantité", "Qté.", "Quant.")), x, "right"),
        )
        columns.insert(
            0,
            (
                "text",
                style.label(style.pick("Désignation", "Description", "Libellé", "Article")),
                100 if style.rng.random() < 0.3 else 40,
                "left",
            ),
        )
        if columns[0][2] == 100:
            columns.insert(
                0, ("code", style.label(style.pick("Réf.", "Code", "Référence")), 40, "left")
            )
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
        _line(
            canvas,
            columns,
            row,
            style,
            place,
            bare=bare,
            credit=content.kind == "credit_note" and content.extra.get("negative") == "yes",
        )
    del first


def _head_row(canvas: Canvas, columns: list[tuple[str, str, float, str]], style: Style) -> None:
    for _, full, x, align in columns:  # a head is never wider than its column
        label = full
        while width_of(label, style.size) > (64 if align == "right" else 180) and " " in label:
            label = label.rsplit(" ", 1)[0]
        words = label.split(" ")
        if len(words) == 3 and style.rng.random() < 0.4:
            canvas.text(
                x, canvas.y - style.size * 1.1, " ".join(words[:2]), style.size, align, bold=True
            )
            canvas.text(x, canvas.y, words[2], style.size, align, bold=True)
        else:
            canvas.text(x, canvas.y, label, style.size, align, bold=True)
    canvas.y += style.size * 2.0


def _line(
    canvas: Canvas,
    columns: list[tuple[str, str, float, str]],
    row: Row,
    style: Style,
    place: int,
    *,
    bare: bool,
    credit: bool,
) -> None:
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
