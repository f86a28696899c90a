"""Reads the lines of a UBL document, and the allowances and charges of document and lines.

Source: CEN/TS 16931-3-2 (BG-20 to BG-32); XP Z12-012 for the sub-lines of EXTENDED-CTC-FR.
"""

from facteur.domain.invoice import AllowanceCharge, Identifier, ItemClass, Line
from facteur.formats.xml_invoice.node import Node, required
from facteur.formats.xml_invoice.ubl_parties import read_period


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
    subtype, parent = _rank(node)
    charges, allowances = read_adjustments(node, named=False)
    return Line(
        id=node.text("cbc:ID"),
        subtype=subtype,
        parent=parent,
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
        object_id=_object(node),
        allowances=allowances,
        charges=charges,
    )


def _object(node: Node) -> Identifier | None:
    """BT-128: the first referenced document of type 130 (EXTENDED allows several)."""
    for one in node.each("cac:DocumentReference"):
        if one.text("cbc:DocumentTypeCode") in {"130", ""}:
            return one.at("cbc:ID").identifier()
    return None


def _rank(node: Node) -> tuple[str, str]:
    """(subtype, parent line) of EXTENDED-CTC-FR, which says them in a billing reference."""
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
