"""An example invoice as UBL 2.1: Facteur reads UBL, and writes none but these examples.

Only what an example of EN 16931 needs: standard rates, no discount. Source: OASIS UBL 2.1;
CEN/TS 16931-3-2.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from facteur.domain.invoice import Invoice, Line, Party, VatBreakdown

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ProfileID>{process}</cbc:ProfileID><cbc:ID>{number}</cbc:ID>
<cbc:IssueDate>{issued}</cbc:IssueDate><cbc:DueDate>{due_date}</cbc:DueDate>
<cbc:InvoiceTypeCode>{type_code}</cbc:InvoiceTypeCode>{notes}
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty>{seller}</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty>{buyer}</cac:AccountingCustomerParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>
<cbc:ID>{iban}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>{rates}</cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{due}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{due}</cbc:PayableAmount></cac:LegalMonetaryTotal>
{lines}</Invoice>"""
_SCHEME = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def write_ubl(invoice: Invoice) -> bytes:
    """The invoice as UBL 2.1 (EN 16931)."""
    total, payment = invoice.totals, invoice.payment
    notes = (f"#{one.subject}#{one.text}" if one.subject else one.text for one in invoice.notes)
    text = _HEAD.format(
        process=invoice.process,
        number=escape(invoice.number),
        issued=invoice.issue_date,
        due_date=invoice.due_date,
        type_code=invoice.type_code,
        notes="".join(f"<cbc:Note>{escape(one)}</cbc:Note>" for one in notes),
        seller=_party(invoice.seller),
        buyer=_party(invoice.buyer),
        iban=payment.transfers[0].iban if payment else "",
        tax=total.tax,
        net=total.tax_exclusive,
        due=total.due,
        rates=_rates(invoice.vat_breakdown),
        lines="".join(_line(one) for one in invoice.lines),
    )
    return text.encode()


def _rates(rows: Iterable[VatBreakdown]) -> str:
    return "".join(
        "<cac:TaxSubtotal>"
        f'<cbc:TaxableAmount currencyID="EUR">{row.base}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="EUR">{row.tax}</cbc:TaxAmount>'
        f"{_category('TaxCategory', row.rate)}</cac:TaxSubtotal>"
        for row in rows
    )


def _party(party: Party) -> str:
    where = party.address
    return (
        f'<cac:Party><cbc:EndpointID schemeID="0225">{party.siren}</cbc:EndpointID>'
        f"<cac:PartyName><cbc:Name>{escape(party.name)}</cbc:Name></cac:PartyName>"
        f"<cac:PostalAddress><cbc:StreetName>{escape(where.line1)}</cbc:StreetName>"
        f"<cbc:CityName>{where.city}</cbc:CityName><cbc:PostalZone>{where.postcode}"
        "</cbc:PostalZone><cac:Country><cbc:IdentificationCode>"
        f"{where.country}</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
        f"<cac:PartyTaxScheme><cbc:CompanyID>{party.vat}</cbc:CompanyID>{_SCHEME}"
        "</cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>"
        f'{escape(party.name)}</cbc:RegistrationName><cbc:CompanyID schemeID="0002">'
        f"{party.siren}</cbc:CompanyID></cac:PartyLegalEntity></cac:Party>"
    )


def _category(name: str, rate: object) -> str:
    return f"<cac:{name}><cbc:ID>S</cbc:ID><cbc:Percent>{rate}</cbc:Percent>{_SCHEME}</cac:{name}>"


def _line(line: Line) -> str:
    return (
        f"<cac:InvoiceLine><cbc:ID>{line.id}</cbc:ID>"
        f'<cbc:InvoicedQuantity unitCode="{line.unit}">{line.quantity}</cbc:InvoicedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="EUR">{line.net}</cbc:LineExtensionAmount>'
        f"<cac:Item><cbc:Name>{escape(line.name)}</cbc:Name>"
        f"{_category('ClassifiedTaxCategory', line.vat_rate)}</cac:Item><cac:Price>"
        f'<cbc:PriceAmount currencyID="EUR">{line.unit_price}</cbc:PriceAmount></cac:Price>'
        "</cac:InvoiceLine>"
    )
