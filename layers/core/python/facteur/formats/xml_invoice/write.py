"""Writes an Invoice as the CII of a Factur-X: EN 16931, BASIC WL or EXTENDED.

Elements come in the order of the schema (Factur-X 1.09), each from the field whose BT it is. What
the profile has no place for is left out: lines, contacts and the payment account's name for BASIC
WL, sub-lines outside EXTENDED (of which we write what LineExtension holds, no more). Nothing is
made up. Two things only are worked out: BT-106, which CII demands and UBL does not, and the
payment means code 1 ("not defined") where an account is given without saying how to use it.

Sources: CEN/TS 16931-3-3, Factur-X 1.09 (XSD of EN16931 and BASICWL); invoice-formats.md §5.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from facteur.domain.documents import EmbeddedFile
from facteur.domain.invoice import (
    Attachment,
    CreditTransfer,
    Delivery,
    Invoice,
    Payment,
    Totals,
    VatBreakdown,
)
from facteur.domain.money import ZERO
from facteur.formats.xml_invoice import write_parts as parts
from facteur.formats.xml_invoice.build import Builder
from facteur.formats.xml_invoice.cii_names import CII_PREFIXES
from facteur.formats.xml_invoice.levels import BASIC_WL, EN_16931, EXTENDED, PROFILES
from facteur.formats.xml_invoice.write_lines import line

if TYPE_CHECKING:
    from lxml.etree import _Element

_LOOKS_LIKE_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9 ]+", re.IGNORECASE)
_NOT_DEFINED = "1"  # UNTDID 4461


def write_cii(invoice: Invoice, level: str, files: Sequence[EmbeddedFile] = ()) -> bytes:
    """The CII of an invoice in a level, BT-24 set to match.

    ``level`` is "EN 16931", "BASIC WL" or "EXTENDED" (ValueError otherwise). ``files`` are the
    bytes of the supporting documents, by ``Attachment.filename``; BASIC WL has no place for them.
    The result is valid against the level's XSD when the invoice has what EN 16931 makes mandatory.
    """
    if level not in {EXTENDED, EN_16931, BASIC_WL}:
        raise ValueError(level)
    to, full = Builder(CII_PREFIXES), level != BASIC_WL
    bytes_of = {one.filename: one for one in files}
    root = to.must(
        "rsm:CrossIndustryInvoice",
        to.must(
            "rsm:ExchangedDocumentContext",
            to.group(
                "ram:BusinessProcessSpecifiedDocumentContextParameter",
                to.leaf("ram:ID", invoice.process),
            ),
            to.group(
                "ram:GuidelineSpecifiedDocumentContextParameter",
                to.leaf("ram:ID", PROFILES[level]),
            ),
        ),
        to.must(
            "rsm:ExchangedDocument",
            to.leaf("ram:ID", invoice.number),
            to.leaf("ram:TypeCode", invoice.type_code),
            to.day("ram:IssueDateTime", invoice.issue_date),
            (
                to.group(
                    "ram:IncludedNote",
                    to.leaf("ram:Content", note.text),
                    to.leaf("ram:SubjectCode", note.subject),
                )
                for note in invoice.notes
            ),
        ),
        to.must(
            "rsm:SupplyChainTradeTransaction",
            (
                line(to, one, invoice.currency, extended=level == EXTENDED)
                for one in invoice.lines
                if level == EXTENDED or (full and one.is_detail)
            ),
            _agreement(to, invoice, bytes_of, full=full),
            _delivery(to, invoice, full=full),
            _settlement(to, invoice, full=full),
        ),
    )
    return to.serialise(root)


def _agreement(
    to: Builder, invoice: Invoice, bytes_of: Mapping[str, EmbeddedFile], *, full: bool
) -> "_Element":
    return to.must(
        "ram:ApplicableHeaderTradeAgreement",
        to.leaf("ram:BuyerReference", invoice.buyer_reference),
        parts.party(to, "ram:SellerTradeParty", invoice.seller, full=full),
        parts.party(to, "ram:BuyerTradeParty", invoice.buyer, full=full),
        parts.party(
            to, "ram:SellerTaxRepresentativeTradeParty", invoice.tax_representative, full=full
        ),
        _reference(to, "ram:SellerOrderReferencedDocument", invoice.sales_order) if full else None,
        _reference(to, "ram:BuyerOrderReferencedDocument", invoice.purchase_order),
        _reference(to, "ram:ContractReferencedDocument", invoice.contract),
        _documents(to, invoice, bytes_of) if full else None,
        to.group(
            "ram:SpecifiedProcuringProject",
            to.leaf("ram:ID", invoice.project),
            to.leaf("ram:Name", "Project reference"),  # the schema wants a name, EN 16931 none
        )
        if full and invoice.project
        else None,
    )


def _reference(to: Builder, tag: str, number: str) -> "_Element | None":
    return to.group(tag, to.leaf("ram:IssuerAssignedID", number))


def _documents(
    to: Builder, invoice: Invoice, bytes_of: Mapping[str, EmbeddedFile]
) -> "Iterator[_Element | None]":
    """BT-17 (type 50), BT-18 (type 130) and BG-24 (type 916) share one element."""
    tag = "ram:AdditionalReferencedDocument"
    for attachment in invoice.attachments:
        yield to.group(
            tag,
            to.leaf("ram:IssuerAssignedID", attachment.reference),
            to.leaf("ram:URIID", attachment.uri),
            to.leaf("ram:TypeCode", "916"),
            to.leaf("ram:Name", attachment.description),
            _content(to, attachment, bytes_of.get(attachment.filename)),
        )
    if invoice.tender:
        yield to.group(
            tag, to.leaf("ram:IssuerAssignedID", invoice.tender), to.leaf("ram:TypeCode", "50")
        )
    if invoice.invoiced_object:
        yield to.group(
            tag,
            to.leaf("ram:IssuerAssignedID", invoice.invoiced_object.value),
            to.leaf("ram:TypeCode", "130"),
            to.leaf("ram:ReferenceTypeCode", invoice.invoiced_object.scheme),
        )


def _content(to: Builder, one: Attachment, file: EmbeddedFile | None) -> "_Element | None":
    if file is None:
        return None
    return to.leaf(
        "ram:AttachmentBinaryObject",
        base64.b64encode(file.data).decode(),
        mimeCode=one.media_type or file.media_type,
        filename=one.filename,
    )


def _delivery(to: Builder, invoice: Invoice, *, full: bool) -> "_Element":
    one = invoice.delivery or Delivery()
    scheme = one.location is not None and one.location.scheme != ""
    return to.must(
        "ram:ApplicableHeaderTradeDelivery",
        to.group(
            "ram:ShipToTradeParty",
            to.identifier("ram:GlobalID" if scheme else "ram:ID", one.location),
            to.leaf("ram:Name", one.name),
            parts.address(to, one.address),
        ),
        to.group("ram:ActualDeliverySupplyChainEvent", to.day("ram:OccurrenceDateTime", one.date)),
        _reference(to, "ram:DespatchAdviceReferencedDocument", invoice.despatch_advice),
        _reference(to, "ram:ReceivingAdviceReferencedDocument", invoice.receiving_advice)
        if full
        else None,
    )


def _settlement(to: Builder, invoice: Invoice, *, full: bool) -> "_Element":
    payment = invoice.payment or Payment()
    return to.must(
        "ram:ApplicableHeaderTradeSettlement",
        to.leaf("ram:CreditorReferenceID", payment.creditor_id),
        to.leaf("ram:PaymentReference", payment.remittance),
        to.leaf("ram:TaxCurrencyCode", invoice.tax_currency),
        to.leaf("ram:InvoiceCurrencyCode", invoice.currency),
        parts.party(to, "ram:PayeeTradeParty", invoice.payee, full=full),
        _payment_means(to, payment, full=full),
        (_vat_row(to, row, invoice, full=full) for row in invoice.vat_breakdown),
        parts.period(to, invoice.period),
        (parts.adjustment(to, one, charge=False) for one in invoice.allowances),
        (parts.adjustment(to, one, charge=True) for one in invoice.charges),
        to.group(
            "ram:SpecifiedTradePaymentTerms",
            to.leaf("ram:Description", invoice.payment_terms),
            to.day("ram:DueDateDateTime", invoice.due_date),
            to.leaf("ram:DirectDebitMandateID", payment.mandate),
        ),
        _totals(to, invoice, full=full),
        (
            to.group(
                "ram:InvoiceReferencedDocument",
                to.leaf("ram:IssuerAssignedID", one.number),
                to.day("ram:FormattedIssueDateTime", one.issue_date, leaf="qdt:DateTimeString"),
            )
            for one in invoice.preceding
        ),
        to.group(
            "ram:ReceivableSpecifiedTradeAccountingAccount",
            to.leaf("ram:ID", invoice.accounting_reference),
        ),
    )


def _payment_means(to: Builder, one: Payment, *, full: bool) -> "Iterator[_Element | None]":
    """One element per account; the card and the debited account go with the first."""
    accounts: Sequence[CreditTransfer | None] = one.transfers or (None,)
    for position, account in enumerate(accounts):
        first = position == 0
        details = [
            to.group(
                "ram:ApplicableTradeSettlementFinancialCard",
                to.leaf("ram:ID", one.card_number),
                to.leaf("ram:CardholderName", one.card_holder),
            )
            if first and full
            else None,
            to.group(
                "ram:PayerPartyDebtorFinancialAccount", to.leaf("ram:IBANID", one.debited_iban)
            )
            if first
            else None,
            _account(to, account, full=full),
            to.group(
                "ram:PayeeSpecifiedCreditorFinancialInstitution",
                to.leaf("ram:BICID", account.bic),
            )
            if account and full
            else None,
        ]
        if one.means_code or any(detail is not None for detail in details):
            yield to.group(
                "ram:SpecifiedTradeSettlementPaymentMeans",
                to.leaf("ram:TypeCode", one.means_code or _NOT_DEFINED),
                to.leaf("ram:Information", one.means_text) if full else None,
                details,
            )


def _account(to: Builder, one: CreditTransfer | None, *, full: bool) -> "_Element | None":
    if one is None:
        return None
    iban = _LOOKS_LIKE_IBAN.fullmatch(one.iban) is not None
    return to.group(
        "ram:PayeePartyCreditorFinancialAccount",
        to.leaf("ram:IBANID", one.iban) if iban else None,
        to.leaf("ram:AccountName", one.account_name) if full else None,
        None if iban else to.leaf("ram:ProprietaryID", one.iban),
    )


def _vat_row(to: Builder, row: VatBreakdown, invoice: Invoice, *, full: bool) -> "_Element | None":
    return to.group(
        "ram:ApplicableTradeTax",
        to.leaf("ram:CalculatedAmount", row.tax),
        to.leaf("ram:TypeCode", "VAT"),
        to.leaf("ram:ExemptionReason", row.exemption_text),
        to.leaf("ram:BasisAmount", row.base),
        to.leaf("ram:CategoryCode", row.category),
        to.leaf("ram:ExemptionReasonCode", row.exemption_code),
        to.day("ram:TaxPointDate", invoice.tax_point_date, leaf="udt:DateString")
        if full
        else None,
        to.leaf("ram:DueDateTypeCode", invoice.tax_point_code),
        to.leaf("ram:RateApplicablePercent", row.rate),
    )


def _totals(to: Builder, invoice: Invoice, *, full: bool) -> "_Element":
    one = invoice.totals
    return to.must(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        to.leaf("ram:LineTotalAmount", _line_total(invoice)),
        to.leaf("ram:ChargeTotalAmount", one.charges),
        to.leaf("ram:AllowanceTotalAmount", one.allowances),
        to.leaf("ram:TaxBasisTotalAmount", one.tax_exclusive),
        to.leaf("ram:TaxTotalAmount", one.tax, currencyID=invoice.currency),
        to.leaf(
            "ram:TaxTotalAmount",
            one.tax_in_accounting_currency,
            currencyID=invoice.tax_currency,
        ),
        to.leaf("ram:RoundingAmount", one.rounding) if full else None,
        to.leaf("ram:GrandTotalAmount", one.tax_inclusive),
        to.leaf("ram:TotalPrepaidAmount", one.prepaid),
        to.leaf("ram:DuePayableAmount", one.due),
    )


def _line_total(invoice: Invoice) -> Decimal | None:
    """BT-106 as issued; else the sum of the lines, else what BT-107 to BT-109 leave for it."""
    totals: Totals = invoice.totals
    if totals.lines is not None:
        return totals.lines
    nets = [one.net for one in invoice.lines if one.is_detail]
    if nets:
        return sum((net for net in nets if net is not None), ZERO)
    if totals.tax_exclusive is None:
        return None
    return totals.tax_exclusive + (totals.allowances or ZERO) - (totals.charges or ZERO)
