"""Reads the lines of a UBL document, and the allowances and charges of document and lines.

Source: CEN/TS 16931-3-2 (BG-20 to BG-32); XP Z12-012 for the sub-lines of EXTENDED-CTC-FR.
"""

from facteur.domain.invoice import (
    AllowanceCharge,
    Identifier,
    ItemClass,
    Line,
    LineExtension,
)
from facteur.formats.xml_invoice.node import Node, required
from facteur.formats.xml_invoice.ubl_parties import read_optional_party, read_period

#: BT-8: UNTDID 2005 → UNTDID 2475 (invoice date, delivery, payment).
POINT_CODES = {"3": "5", "35": "29", "432": "72"}


def read_lines(root: Node, *, credit_note: bool) -> tuple[Line, ...]:
    """The lines (BG-25), in the order of the document."""
    lines = []
    for one in root.each("cac:CreditNoteLine" if credit_note else "cac:InvoiceLine"):
        one.note("lines")
        quantity = one.at("cbc:CreditedQuantity" if credit_note else "cbc:InvoicedQuantity")
        lines.append(_line(one, quantity))
    return tuple(lines)


def _line(node: Node, quantity: Node) -> Line:
    item, price = node.at("cac:Item"), node.at("cac:Price")
    per = price.at("cbc:BaseQuantity")
    tax = item.at("cac:ClassifiedTaxCategory")
    charges, allowances = read_adjustments(node, named=False)
    return Line(
        id=node.text("cbc:ID"),
        note="\n".join(text for one in node.each("cbc:Note") if (text := one.text())),
        name=item.text("cbc:Name"),
        description=item.text("cbc:Description"),
        seller_item=item.text("cac:SellersItemIdentification/cbc:ID"),
        buyer_item=item.text("cac:BuyersItemIdentification/cbc:ID"),
        standard_item=item.at("cac:StandardItemIdentification/cbc:ID").identifier(),
        origin_country=item.text("cac:OriginCountry/cbc:IdentificationCode"),
        attributes=tuple(
            (one.text("cbc:Name"), one.first("cbc:Value", "cbc:ValueQuantity").text())
            for one in item.each("cac:AdditionalItemProperty")
        ),
        classes=tuple(
            ItemClass(
                code=one.text(),
                scheme=one.attribute("listID"),
                version=one.attribute("listVersionID"),
            )
            for one in item.each("cac:CommodityClassification/cbc:ItemClassificationCode")
        ),
        quantity=quantity.amount(),
        unit=quantity.attribute("unitCode"),
        unit_price=price.amount("cbc:PriceAmount"),
        gross_price=price.amount("cac:AllowanceCharge/cbc:BaseAmount"),
        price_discount=price.amount("cac:AllowanceCharge/cbc:Amount"),
        price_base=per.amount(),
        price_base_unit=per.attribute("unitCode"),
        net=node.amount("cbc:LineExtensionAmount"),
        vat_category=tax.text("cbc:ID"),
        vat_rate=tax.amount("cbc:Percent"),
        order_line=node.text("cac:OrderLineReference/cbc:LineID"),
        accounting_reference=node.text("cbc:AccountingCost"),
        period=read_period(node.at("cac:InvoicePeriod")),
        object_ids=_objects(node),
        extension=_extension(node, item, tax),
        allowances=allowances,
        charges=charges,
    )


def _objects(node: Node) -> tuple[Identifier, ...]:
    """BT-128: the referenced documents of type 130 (or without type: lines have no other)."""
    found = (
        one.at("cbc:ID").identifier()
        for one in node.each("cac:DocumentReference")
        if one.text("cbc:DocumentTypeCode") in {"130", ""}
    )
    return tuple(one for one in found if one)


def _extension(node: Node, item: Node, tax: Node) -> LineExtension | None:
    """EXTENDED-CTC-FR says a line's rank in a billing reference, its vendor as manufacturer."""
    point = node.text("cac:InvoicePeriod/cbc:DescriptionCode")
    subtype, parent = _rank(node)
    extension = LineExtension(
        parent=parent,
        subtype=subtype,
        seller=read_optional_party(item.at("cac:ManufacturerParty")),
        exemption_text=tax.text("cbc:TaxExemptionReason"),
        exemption_code=tax.text("cbc:TaxExemptionReasonCode"),
        tax_point_code=POINT_CODES.get(point, point),
        tax=node.amount("cac:TaxTotal/cbc:TaxAmount"),
        tax_inclusive=node.amount("cbc:TaxInclusiveLineExtensionAmount"),
    )
    return None if extension == LineExtension() else extension


def _rank(node: Node) -> tuple[str, str]:
    for one in node.each("cac:BillingReference"):
        subtype = one.text("cac:InvoiceDocumentReference/cbc:DocumentStatusCode")
        if subtype:
            return subtype, one.text("cac:BillingReferenceLine/cbc:ID")
    return "", ""


def read_adjustments(
    node: Node, *, named: bool = True
) -> tuple[tuple[AllowanceCharge, ...], tuple[AllowanceCharge, ...]]:
    """(charges, allowances) of the document, or of a line."""
    found: dict[bool, list[AllowanceCharge]] = {True: [], False: []}
    for one in node.each("cac:AllowanceCharge"):
        is_charge = one.text("cbc:ChargeIndicator").lower() in {"true", "1"}
        amount = required(one.at("cbc:Amount"), "adjustments" if named else "lines")
        if amount is None:
            continue
        if named:
            one.note("adjustments")
        found[is_charge].append(
            AllowanceCharge(
                amount=amount,
                base=one.amount("cbc:BaseAmount"),
                percent=one.amount("cbc:MultiplierFactorNumeric"),
                vat_category=one.text("cac:TaxCategory/cbc:ID"),
                vat_rate=one.amount("cac:TaxCategory/cbc:Percent"),
                reason=one.text("cbc:AllowanceChargeReason"),
                reason_code=one.text("cbc:AllowanceChargeReasonCode"),
            )
        )
    return tuple(found[True]), tuple(found[False])
