"""Writes the lines of a CII (BG-25), in the order of the schema (Factur-X 1.09)."""

from typing import TYPE_CHECKING

from facteur.domain.invoice import Line, LineExtension
from facteur.formats.xml_invoice import write_parts as parts
from facteur.formats.xml_invoice.build import Builder

if TYPE_CHECKING:
    from lxml.etree import _Element


def line(to: Builder, one: Line, currency: str, *, extended: bool) -> "_Element":
    """One line; what it lacks is left out, and the schema will say so.

    ``extended`` writes what the EXTENDED profile adds; ``currency`` is that of the invoice.
    """
    added = (one.extension if extended else None) or LineExtension()
    return to.must(
        "ram:IncludedSupplyChainTradeLineItem",
        to.group(
            "ram:AssociatedDocumentLineDocument",
            to.leaf("ram:LineID", one.id),
            to.leaf("ram:ParentLineID", added.parent),
            to.leaf("ram:LineStatusReasonCode", added.subtype),
            to.group("ram:IncludedNote", to.leaf("ram:Content", one.note)),
        ),
        _product(to, one),
        _agreement(to, one, added),
        to.group(
            "ram:SpecifiedLineTradeDelivery",
            to.leaf("ram:BilledQuantity", one.quantity, unitCode=one.unit),
        ),
        _settlement(to, one, added, currency, extended=extended),
    )


def _product(to: Builder, one: Line) -> "_Element":
    return to.must(
        "ram:SpecifiedTradeProduct",
        to.identifier("ram:GlobalID", one.standard_item),
        to.leaf("ram:SellerAssignedID", one.seller_item),
        to.leaf("ram:BuyerAssignedID", one.buyer_item),
        to.leaf("ram:Name", one.name),
        to.leaf("ram:Description", one.description),
        (
            to.group(
                "ram:ApplicableProductCharacteristic",
                to.leaf("ram:Description", name),
                to.leaf("ram:Value", value),
            )
            for name, value in one.attributes
        ),
        (
            to.group(
                "ram:DesignatedProductClassification",
                to.leaf(
                    "ram:ClassCode", held.code, listID=held.scheme, listVersionID=held.version
                ),
            )
            for held in one.classes
        ),
        to.group("ram:OriginTradeCountry", to.leaf("ram:ID", one.origin_country)),
    )


def _agreement(to: Builder, one: Line, added: LineExtension) -> "_Element":
    gross = one.gross_price
    if gross is None and one.price_discount is not None and one.unit_price is not None:
        gross = one.unit_price + one.price_discount  # what BT-148 is, and CII cannot do without
    per = to.leaf("ram:BasisQuantity", one.price_base, unitCode=one.price_base_unit)
    discount = to.leaf("ram:ActualAmount", one.price_discount)
    return to.must(
        "ram:SpecifiedLineTradeAgreement",
        to.group("ram:BuyerOrderReferencedDocument", to.leaf("ram:LineID", one.order_line)),
        None
        if gross is None
        else to.group(
            "ram:GrossPriceProductTradePrice",
            to.leaf("ram:ChargeAmount", gross),
            to.leaf("ram:BasisQuantity", one.price_base, unitCode=one.price_base_unit),
            None
            if discount is None
            else to.group(
                "ram:AppliedTradeAllowanceCharge", parts.indicator(to, charge=False), discount
            ),
        ),
        to.group("ram:NetPriceProductTradePrice", to.leaf("ram:ChargeAmount", one.unit_price), per)
        if one.unit_price is not None
        else None,
        parts.party(to, "ram:ItemSellerTradeParty", added.seller, full=True),
    )


def _settlement(
    to: Builder, one: Line, added: LineExtension, currency: str, *, extended: bool
) -> "_Element":
    return to.must(
        "ram:SpecifiedLineTradeSettlement",
        _vat(to, one, added),
        parts.period(to, one.period),
        (parts.adjustment(to, held, charge=False) for held in one.allowances),
        (parts.adjustment(to, held, charge=True) for held in one.charges),
        to.group(
            "ram:SpecifiedTradeSettlementLineMonetarySummation",
            to.leaf("ram:LineTotalAmount", one.net),
            to.leaf("ram:TaxTotalAmount", added.tax, currencyID=currency),
            to.leaf("ram:GrandTotalAmount", added.tax_inclusive),
        ),
        (
            to.group(
                "ram:AdditionalReferencedDocument",
                to.leaf("ram:IssuerAssignedID", held.value),
                to.leaf("ram:TypeCode", "130"),
                to.leaf("ram:ReferenceTypeCode", held.scheme),
            )
            for held in (one.object_ids if extended else one.object_ids[:1])
        ),
        to.group(
            "ram:ReceivableSpecifiedTradeAccountingAccount",
            to.leaf("ram:ID", one.accounting_reference),
        ),
    )


def _vat(to: Builder, one: Line, added: LineExtension) -> "_Element | None":
    if not one.vat_category:
        return None
    return to.group(
        "ram:ApplicableTradeTax",
        to.leaf("ram:TypeCode", "VAT"),
        to.leaf("ram:ExemptionReason", added.exemption_text),
        to.leaf("ram:CategoryCode", one.vat_category),
        to.leaf("ram:ExemptionReasonCode", added.exemption_code),
        to.leaf("ram:DueDateTypeCode", added.tax_point_code),
        to.leaf("ram:RateApplicablePercent", one.vat_rate),
    )
