"""An invoice as UBL 2.1, for tests: Facteur reads UBL and writes none.

Only what an EN 16931 invoice of one rate without discounts needs.
"""

from xml.sax.saxutils import escape

from facteur.domain.invoice import Invoice, Line, Party

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ProfileID>{process}</cbc:ProfileID><cbc:ID>{number}</cbc:ID>
<cbc:IssueDate>{issued}</cbc:IssueDate><cbc:DueDate>{due_date}</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty>{seller}</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty>{buyer}</cac:AccountingCustomerParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>
<cbc:ID>{iban}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount><cac:TaxSubtotal>
<cbc:TaxableAmount currencyID="EUR">{net}</cbc:TaxableAmount>
<cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>{category}</cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{due}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{due}</cbc:PayableAmount></cac:LegalMonetaryTotal>
{lines}</Invoice>"""
_SCHEME = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def write_ubl(invoice: Invoice) -> bytes:
    """The invoice as UBL 2.1 (EN 16931)."""
    total, payment = invoice.totals, invoice.payment
    text = _HEAD.format(
        process=invoice.process,
        number=escape(invoice.number),
        issued=invoice.issue_date,
        due_date=invoice.due_date,
        seller=_party(invoice.seller),
        buyer=_party(invoice.buyer),
        iban=payment.transfers[0].iban if payment else "",
        tax=total.tax,
        net=total.tax_exclusive,
        due=total.due,
        category=_category("TaxCategory"),
        lines="".join(_line(one) for one in invoice.lines),
    )
    return text.encode()


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


def _category(name: str) -> str:
    return f"<cac:{name}><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent>{_SCHEME}</cac:{name}>"


def _line(line: Line) -> str:
    return (
        f"<cac:InvoiceLine><cbc:ID>{line.id}</cbc:ID>"
        f'<cbc:InvoicedQuantity unitCode="{line.unit}">{line.quantity}</cbc:InvoicedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="EUR">{line.net}</cbc:LineExtensionAmount>'
        f"<cac:Item><cbc:Name>{escape(line.name)}</cbc:Name>"
        f"{_category('ClassifiedTaxCategory')}</cac:Item><cac:Price>"
        f'<cbc:PriceAmount currencyID="EUR">{line.unit_price}</cbc:PriceAmount></cac:Price>'
        "</cac:InvoiceLine>"
    )
