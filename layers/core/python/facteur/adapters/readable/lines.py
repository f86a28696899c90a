"""One invoice line as a row of the readable page: its cells, and what stands below its name."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TypedDict

from facteur.adapters.readable.parties import in_one_line
from facteur.adapters.readable.texts import (
    TAX_POINTS,
    amount,
    country,
    identifier,
    number,
    period,
    rate,
    scheme_label,
)
from facteur.domain import codes
from facteur.domain.invoice import AllowanceCharge, Line, LineExtension

SUBTYPES = {"DETAIL": "", "GROUP": "groupe de lignes", "INFORMATION": "pour information"}


class LineView(TypedDict):
    """A row of the table: ``details`` are the small lines below the name."""

    id: str
    name: str
    details: list[str]
    quantity: str
    price: str
    vat: str
    net: str
    counts: bool


def view_of(line: Line, money: str) -> LineView:
    """The texts of a line (BG-25)."""
    unit = codes.label(codes.UNITS, line.unit)
    return LineView(
        id=line.id,  # BT-126
        name=line.name,  # BT-153
        details=[text for text in _details(line, money) if text],
        quantity=" ".join(one for one in (number(line.quantity, least=0), unit) if one),
        price=number(line.unit_price),  # BT-146
        vat=vat_text(line.vat_category, line.vat_rate),  # BT-151, BT-152
        net=number(line.net),  # BT-131
        counts=line.is_detail,
    )


def vat_text(category: str, percent: Decimal | None) -> str:
    """The rate; for a category other than the ordinary one, its label too."""
    if category in ("", "S") and percent is not None:
        return rate(percent)
    label = codes.label(codes.VAT_CATEGORIES, category)
    return f"{label} {rate(percent)}" if percent else label


def reason_text(one: AllowanceCharge) -> str:
    """Why there is an allowance or a charge, in words and by its code."""
    code = f"motif {one.reason_code}" if one.reason_code else ""
    return f"{one.reason} ({code})" if one.reason and code else one.reason or code


def _details(line: Line, money: str) -> Iterator[str]:
    yield line.description  # BT-154
    yield line.note  # BT-127
    yield " · ".join(_facts(line))
    yield " · ".join(_prices(line, money))
    for one in line.allowances:  # BG-27
        yield _adjustment("Remise", one, money)
    for one in line.charges:  # BG-28
        yield _adjustment("Majoration", one, money)
    if line.extension is not None:
        yield " · ".join(one for one in _extension(line.extension, money) if one)


def _prices(line: Line, money: str) -> Iterator[str]:
    """How the unit price came about."""
    if line.price_base is not None and (line.price_base != 1 or line.price_base_unit):
        unit = codes.label(codes.UNITS, line.price_base_unit or line.unit)
        yield f"Prix pour {number(line.price_base, least=0)} {unit}".strip()  # BT-149, BT-150
    if line.gross_price is not None:
        yield f"Prix brut {amount(line.gross_price, money)}"  # BT-148
    if line.price_discount is not None:
        yield f"Rabais sur le prix {amount(line.price_discount, money)}"  # BT-147


def _facts(line: Line) -> Iterator[str]:
    """What identifies the item and ties it to other papers."""
    pairs = [
        ("Réf. vendeur", line.seller_item),  # BT-155
        ("Réf. acheteur", line.buyer_item),  # BT-156
        (scheme_label(line.standard_item, "Réf. article") if line.standard_item else "",
         identifier(line.standard_item)),  # BT-157
        *((f"Classement {one.scheme} {one.version}".strip(), one.code) for one in line.classes),
        ("Origine", country(line.origin_country)),  # BT-159
        ("Période", period(line.period)),  # BG-26
        ("Ligne de commande", line.order_line),  # BT-132
        ("Réf. comptable", line.accounting_reference),  # BT-133
        *((scheme_label(one, "Objet"), one.value) for one in line.object_ids),  # BT-128
        *line.attributes,  # BG-32
    ]  # fmt: skip
    return (f"{label} : {value}" for label, value in pairs if value)


def _adjustment(kind: str, one: AllowanceCharge, money: str) -> str:
    parts = [f"{kind} {amount(one.amount, money)}"]
    if one.percent is not None:
        parts.append(rate(one.percent))
    if one.base is not None:
        parts.append(f"sur {amount(one.base, money)}")
    if one.vat_category or one.vat_rate is not None:
        parts.append(f"TVA {vat_text(one.vat_category, one.vat_rate)}")
    return " · ".join(one for one in (" ".join(parts), reason_text(one)) if one)


def _extension(extension: LineExtension, money: str) -> Iterator[str]:
    """What the EXTENDED profiles add: sub-lines, other vendors, VAT by line."""
    if extension.parent:
        yield f"Sous-ligne de {extension.parent}"
    yield codes.label(SUBTYPES, extension.subtype)
    if extension.seller is not None:
        yield f"Vendu par {in_one_line(extension.seller)}"
    yield extension.exemption_text
    if extension.exemption_code:
        yield f"{codes.exemption_label(extension.exemption_code)} ({extension.exemption_code})"
    if extension.tax_point_code:
        yield codes.label(TAX_POINTS, extension.tax_point_code)
    if extension.tax is not None:
        yield f"TVA de la ligne {amount(extension.tax, money)}"
    if extension.tax_inclusive is not None:
        yield f"Total TTC de la ligne {amount(extension.tax_inclusive, money)}"
