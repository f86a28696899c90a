"""Letterheads, parties and references, in five shapes."""

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import Company, Content
from benchmarks.synthetic.style import Style


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
        lines.append(
            style.pick(f"Tél. : {one.phone}", f"Tél {one.phone}", f"Téléphone : {one.phone}")
        )
    if one.mail and style.rng.random() < 0.6:
        lines.append(style.pick(one.mail, f"Email : {one.mail}"))
    lines.append(
        style.pick(
            f"SIRET : {spaced}", f"SIRET {one.siret}", f"N° SIRET : {one.siret} - APE 6202A"
        )
    )
    if one.vat:
        vat = style.pick(one.vat, f"{one.vat[:4]} {one.vat[4:7]} {one.vat[7:10]} {one.vat[10:]}")
        lines.append(
            style.pick(
                f"N° TVA : {vat}", f"TVA intracommunautaire : {vat}", f"N° TVA Intra. : {vat}"
            )
        )
    return lines


def _references(content: Content, style: Style) -> list[tuple[str, str]]:
    title = "Avoir" if content.kind == "credit_note" else "Facture"
    pairs = [
        (
            style.pick(
                f"{title} n°",
                f"N° {title.lower()}",
                f"Numéro de {title.lower()}",
                f"{title} N°",
                "N° de pièce",
            ),
            content.number,
        ),
        (
            style.pick(
                "Date", "Date de facture", "Date de facturation", "Date d'émission", "Émise le"
            ),
            style.day(content.issued),
        ),
    ]
    if style.rng.random() < 0.8:
        pairs.append(
            (
                style.pick(
                    "Échéance",
                    "Date d'échéance",
                    "À régler avant le",
                    "Date limite de paiement",
                    "Échéance le",
                ),
                style.day(content.due),
            )
        )
        content.extra["due"] = "yes"
    if style.rng.random() < 0.4:
        pairs.append(
            (
                style.pick("Code client", "N° client", "Client n°", "Réf. client"),
                f"C{style.rng.randint(100, 9999):05d}",
            )
        )
    if content.order:
        pairs.append(
            (
                style.pick("Votre commande", "N° commande", "Bon de commande n°", "Commande n°"),
                content.order,
            )
        )
    if style.rng.random() < 0.25:
        pairs.append(
            (
                style.pick("Date de livraison", "Livré le", "Date d'expédition"),
                style.day(content.issued),
            )
        )
    if content.preceding:
        pairs.append(
            (
                style.pick(
                    "Facture d'origine", "Facture liée", "Sur facture n°", "Annule la facture n°"
                ),
                content.preceding,
            )
        )
    return pairs


def _write_references(
    canvas: Canvas, content: Content, style: Style, x: float, y: float, wide: float = 220
) -> float:
    """References as "label : value" lines, in two aligned columns, or as a grid of heads."""
    pairs = _references(content, style)
    shape = style.rng.choice(("lines", "columns", "grid", "sentence"))
    size = style.size
    if shape == "sentence" and x > 120:
        shape = "lines"
    if shape == "sentence":
        canvas.text(
            x,
            y,
            f"{_title(content, style)} n° {content.number} du {style.day(content.issued)}",
            size + 4,
            bold=True,
        )
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


def _buyer_block(
    canvas: Canvas, content: Content, style: Style, x: float, y: float, *, labelled: bool
) -> float:
    size = style.size
    if labelled:
        canvas.text(
            x,
            y,
            style.label(
                style.pick(
                    "Client",
                    "Facturé à",
                    "Destinataire",
                    "Client :",
                    "Adresse de facturation",
                    "Facturé à :",
                )
            ),
            size,
            bold=True,
        )
        y += size * 1.5
    lines = _address(content.buyer, style)
    if style.rng.random() < 0.2:
        lines.insert(
            1, style.pick("Service comptabilité", "À l'attention de Mme Leroy", "Service achats")
        )
    y = canvas.block(x, y, lines, size)
    if content.buyer.vat and style.rng.random() < 0.4:
        canvas.text(
            x,
            y,
            style.pick(
                f"N° TVA : {content.buyer.vat}",
                f"TVA client : {content.buyer.vat}",
                f"SIRET : {content.buyer.siret}",
            ),
            size,
        )
        y += size * 1.4
    return y


def head_classic(canvas: Canvas, content: Content, style: Style) -> None:
    """Seller at the left, buyer at the right, references below."""
    y = canvas.block(
        40, 50, _address(content.seller, style) + _identity(content.seller, style), style.size
    )
    low = _buyer_block(
        canvas,
        content,
        style,
        330,
        style.rng.choice((50, 95, 120)),
        labelled=style.rng.random() < 0.5,
    )
    canvas.y = (
        _write_references(
            canvas, content, style, style.rng.choice((40, 40, 330)), max(y, low) + 25
        )
        + 15
    )


def head_line(canvas: Canvas, content: Content, style: Style) -> None:
    """The seller on one or two centred lines, the buyer in the window."""
    one = content.seller
    sep = style.pick(" - ", " · ", " | ")
    canvas.text(
        297,
        40,
        sep.join((one.full, one.street, f"{one.postcode} {one.city}")),
        style.size,
        "centre",
    )
    canvas.text(
        297, 40 + style.size * 1.4, sep.join(_identity(one, style)), style.size - 1, "centre"
    )
    low = _buyer_block(canvas, content, style, 320, 110, labelled=style.rng.random() < 0.3)
    canvas.y = _write_references(canvas, content, style, 40, low + 25) + 15


def head_labels(canvas: Canvas, content: Content, style: Style) -> None:
    """Two boxes with a heading each, the title at the top right."""
    y = _write_references(canvas, content, style, 340, 50, 215)
    y = max(y, 110) + 15
    canvas.text(
        40,
        y,
        style.label(style.pick("Émetteur", "Émetteur :", "Vendeur", "De", "Prestataire")),
        style.size,
        bold=True,
    )
    left = canvas.block(
        40,
        y + style.size * 1.6,
        _address(content.seller, style) + _identity(content.seller, style),
        style.size,
    )
    canvas.text(
        300,
        y,
        style.label(style.pick("Adressé à", "Client", "Facturé à", "Destinataire :", "À")),
        style.size,
        bold=True,
    )
    right = canvas.block(300, y + style.size * 1.6, _address(content.buyer, style), style.size)
    if content.buyer.siren and style.rng.random() < 0.4:
        canvas.text(300, right, f"SIREN : {content.buyer.siren}", style.size)
    canvas.y = max(left, right) + 30


def head_logo(canvas: Canvas, content: Content, style: Style) -> None:
    """A logo's words at the top; the seller's identity is in the footer only."""
    canvas.text(
        40,
        60,
        content.seller.name.upper() if style.rng.random() < 0.5 else content.seller.name,
        18,
        bold=True,
    )
    low = _buyer_block(canvas, content, style, 330, 120, labelled=style.rng.random() < 0.4)
    canvas.y = _write_references(canvas, content, style, 40, max(low, 130) + 15) + 15


def head_right(canvas: Canvas, content: Content, style: Style) -> None:
    """References at the top right; seller, then buyer below at the left."""
    y = canvas.block(
        40, 50, _address(content.seller, style) + _identity(content.seller, style), style.size
    )
    right = _write_references(canvas, content, style, 330, 50, 225)
    low = _buyer_block(
        canvas, content, style, style.rng.choice((40, 330)), max(y, right) + 25, labelled=True
    )
    canvas.y = low + 25
