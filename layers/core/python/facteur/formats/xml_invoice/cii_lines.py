"""Reads the lines of a CII, and the allowances and charges of the document and of its lines.

Source: CEN/TS 16931-3-3 (BG-20 to BG-32), Factur-X 1.09 for the sub-lines of EXTENDED.
"""

from facteur.domain.invoice import (
    AllowanceCharge,
    Identifier,
    ItemClass,
    Line,
    LineExtension,
)
from facteur.formats.xml_invoice.cii_names import Vocabulary
from facteur.formats.xml_invoice.cii_parties import read_optional_party, read_period
from facteur.formats.xml_invoice.node import Node, required


def read_lines(trade: Node, words: Vocabulary) -> tuple[Line, ...]:
    """The lines (BG-25), in the order of the document."""
    lines = []
    for one in trade.each("ram:IncludedSupplyChainTradeLineItem"):
        one.note("lines")
        lines.append(_line(one, words))
    return tuple(lines)


def _line(node: Node, words: Vocabulary) -> Line:
    document = node.at("ram:AssociatedDocumentLineDocument")
    product = node.at("ram:SpecifiedTradeProduct")
    agreement, settlement = node.at(words.line_agreement), node.at(words.line_settlement)
    quantity = node.at(f"{words.line_delivery}/ram:BilledQuantity")
    gross = agreement.at("ram:GrossPriceProductTradePrice")
    net = agreement.at("ram:NetPriceProductTradePrice")
    per = net.at("ram:BasisQuantity") or gross.at("ram:BasisQuantity")
    tax = settlement.at("ram:ApplicableTradeTax")
    charges, allowances = read_adjustments(settlement, words, named=False)
    return Line(
        id=document.text("ram:LineID"),
        note="\n".join(
            text for one in document.each("ram:IncludedNote") if (text := one.text("ram:Content"))
        ),
        name=product.text("ram:Name"),
        description=product.text("ram:Description"),
        seller_item=product.text("ram:SellerAssignedID"),
        buyer_item=product.text("ram:BuyerAssignedID"),
        standard_item=product.at("ram:GlobalID").identifier(),
        origin_country=product.text("ram:OriginTradeCountry/ram:ID"),
        attributes=tuple(
            (one.text("ram:Description"), one.first("ram:Value", "ram:ValueMeasure").text())
            for one in product.each("ram:ApplicableProductCharacteristic")
        ),
        classes=tuple(
            ItemClass(
                code=one.text(),
                scheme=one.attribute("listID"),
                version=one.attribute("listVersionID"),
            )
            for one in product.each("ram:DesignatedProductClassification/ram:ClassCode")
        ),
        quantity=quantity.amount(),
        unit=quantity.attribute("unitCode"),
        unit_price=net.amount("ram:ChargeAmount"),
        gross_price=gross.amount("ram:ChargeAmount"),
        price_discount=gross.amount("ram:AppliedTradeAllowanceCharge/ram:ActualAmount"),
        price_base=per.amount(),
        price_base_unit=per.attribute("unitCode"),
        net=settlement.amount(f"{words.line_summation}/ram:LineTotalAmount"),
        vat_category=tax.text("ram:CategoryCode"),
        vat_rate=tax.amount(words.rate),
        order_line=agreement.text("ram:BuyerOrderReferencedDocument/ram:LineID"),
        accounting_reference=settlement.text(
            "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"
        ),
        period=read_period(settlement.at("ram:BillingSpecifiedPeriod")),
        object_ids=_objects(settlement),
        extension=_extension(document, agreement, settlement, words),
        allowances=allowances,
        charges=charges,
    )


def _objects(settlement: Node) -> tuple[Identifier, ...]:
    """BT-128: the referenced documents of type 130."""
    return tuple(
        Identifier(value=value, scheme=one.text("ram:ReferenceTypeCode"))
        for one in settlement.each("ram:AdditionalReferencedDocument")
        if (value := one.text("ram:IssuerAssignedID")) and one.text("ram:TypeCode") == "130"
    )


def _extension(
    document: Node, agreement: Node, settlement: Node, words: Vocabulary
) -> LineExtension | None:
    tax = settlement.at("ram:ApplicableTradeTax")
    summation = settlement.at(words.line_summation)
    extension = LineExtension(
        parent=document.text("ram:ParentLineID"),
        subtype=document.text("ram:LineStatusReasonCode"),
        seller=read_optional_party(agreement.at("ram:ItemSellerTradeParty")),
        exemption_text=tax.text("ram:ExemptionReason"),
        exemption_code=tax.text("ram:ExemptionReasonCode"),
        tax_point_code=tax.text("ram:DueDateTypeCode"),
        tax=summation.amount("ram:TaxTotalAmount"),
        tax_inclusive=summation.amount("ram:GrandTotalAmount"),
    )
    return None if extension == LineExtension() else extension


def read_adjustments(
    node: Node, words: Vocabulary, *, named: bool = True
) -> tuple[tuple[AllowanceCharge, ...], tuple[AllowanceCharge, ...]]:
    """(charges, allowances); service charges of ZUGFeRD are charges: BT-108 counts them."""
    found: dict[bool, list[AllowanceCharge]] = {True: [], False: []}
    for one in node.each("ram:SpecifiedTradeAllowanceCharge"):
        is_charge = one.text("ram:ChargeIndicator/udt:Indicator").lower() in {"true", "1"}
        amount = required(one.at("ram:ActualAmount"), "adjustments" if named else "lines")
        if amount is not None:
            tax = one.at("ram:CategoryTradeTax")
            found[is_charge].append(
                AllowanceCharge(
                    amount=amount,
                    base=one.amount("ram:BasisAmount"),
                    percent=one.amount("ram:CalculationPercent"),
                    vat_category=tax.text("ram:CategoryCode"),
                    vat_rate=tax.amount(words.rate),
                    reason=one.text("ram:Reason"),
                    reason_code=one.text("ram:ReasonCode"),
                )
            )
            _note_adjustment(one, named=named)
    for one in node.each("ram:SpecifiedLogisticsServiceCharge"):
        amount = required(one.at("ram:AppliedAmount"), "adjustments")
        if amount is not None:
            tax = one.at("ram:AppliedTradeTax")
            found[True].append(
                AllowanceCharge(
                    amount=amount,
                    vat_category=tax.text("ram:CategoryCode"),
                    vat_rate=tax.amount(words.rate),
                    reason=one.text("ram:Description"),
                )
            )
            _note_adjustment(one, named=named)
    return tuple(found[True]), tuple(found[False])


def _note_adjustment(node: Node, *, named: bool) -> None:
    if named:
        node.note("adjustments")
