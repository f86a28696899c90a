"""Writes the e-reporting file (flux 10, « FRR »): the XML that a platform hands to the State.

Root ``Report`` and all its children stand in no namespace, in the order of the schema; the three
spellings ``TaxSubTotal``, ``TaxSubtotal`` and ``SubTotals`` are the schema's own.

Source: XSD ereporting v3.2; annex 6 V1.10 of the DGFiP's specifications.
"""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from facteur.domain.ereporting.blocks import (
    DayPayments,
    DayTransactions,
    InvoicePayment,
    PaidRate,
    Report,
    ReportedInvoice,
    ReportedParty,
    ReportType,
)
from facteur.domain.ereporting.calendar import Matter
from facteur.domain.money import cents
from facteur.domain.paris import paris

if TYPE_CHECKING:
    from lxml.etree import _Element

TYPE_ID = "urn.cpro.gouv.fr:1p0:ereporting"  # TT-29


def write(report: Report) -> bytes:
    """The file of a report, UTF-8, not indented.

    ValueError for a first declaration that is empty: none is sent (§2.3.3). A correction may be:
    it takes back all that was said of its period.
    """
    if report.empty and report.type is ReportType.INITIAL:
        raise ValueError("nothing to report")
    from lxml import etree  # noqa: PLC0415 - only the functions that write documents carry lxml

    root = etree.Element("Report")
    _document(_add(root, "ReportDocument"), report)
    if report.period.matter is Matter.TRANSACTIONS:
        body = _add(root, "TransactionsReport")
        _period(body, "ReportPeriod", report.period.start, report.period.end)
        for invoice in report.invoices:
            _invoice(_add(body, "Invoice"), invoice)
        for day in report.days:
            _transactions(_add(body, "Transactions"), day)
    else:
        body = _add(root, "PaymentsReport")
        _period(body, "ReportPeriod", report.period.start, report.period.end)
        for payment in report.invoice_payments:
            _invoice_payment(_add(body, "Invoice"), payment)
        for paid in report.day_payments:
            _payment(_add(body, "Transactions"), paid)
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text


def _document(node: "_Element", report: Report) -> None:
    _add(node, "Id", report.id)  # TT-1
    _add(node, "Name", report.name[:150])  # TT-2
    moment = _add(node, "IssueDateTime")
    _add(moment, "DateTimeString", f"{paris(report.issued_at):%Y%m%d%H%M%S}")  # TT-3
    _add(node, "TypeCode", report.type.value)  # TT-4
    sender = _add(node, "Sender")
    _add(sender, "Id", report.platform_id, schemeId="0238")
    _add(sender, "Name", report.platform_name)
    _add(sender, "RoleCode", "WK")
    issuer = _add(node, "Issuer")
    _add(issuer, "Id", report.siren, schemeId="0002")
    _add(issuer, "Name", report.company)
    _add(issuer, "RoleCode", report.role.value)


def _invoice(node: "_Element", invoice: ReportedInvoice) -> None:
    """10.1 (TG-8)."""
    _add(node, "ID", invoice.number)
    _add(node, "IssueDate", _day(invoice.issue_date))
    _add(node, "TypeCode", invoice.type_code)
    _add(node, "CurrencyCode", invoice.currency)
    if invoice.due_date is not None:
        _add(node, "DueDate", _day(invoice.due_date))
    if invoice.tax_point:
        _add(node, "TaxDueDateTypeCode", invoice.tax_point)
    process = _add(node, "BusinessProcess")
    _add(process, "ID", invoice.process)
    _add(process, "TypeID", TYPE_ID)
    for number, issued in invoice.preceding:
        reference = _add(node, "ReferencedDocument")
        _add(reference, "ID", number)
        if issued is not None:
            _add(reference, "IssueDate", _day(issued))
    _party(_add(node, "Seller"), invoice.seller)
    _party(_add(node, "Buyer"), invoice.buyer)
    if invoice.period is not None:
        _period(node, "InvoicePeriod", *invoice.period)
    total = _add(node, "MonetaryTotal")
    _add(total, "TaxExclusiveAmount", _amount(invoice.base))
    _add(total, "TaxAmount", _amount(invoice.tax_eur), CurrencyCode="EUR")
    for rate in invoice.rates:
        row = _add(node, "TaxSubTotal")
        _add(row, "TaxableAmount", _amount(rate.base))
        _add(row, "TaxAmount", _amount(rate.tax))
        category = _add(row, "TaxCategory")
        _add(category, "Code", rate.category)
        _add(category, "Percent", _amount(rate.rate))
        if rate.reason:
            _add(category, "TaxExemptionReason", rate.reason)
        if rate.reason_code:
            _add(category, "TaxExemptionReasonCode", rate.reason_code)


def _party(node: "_Element", party: ReportedParty) -> None:
    _add(node, "CompanyId", party.id, schemeId=party.scheme)
    if party.vat:
        _add(node, "TaxRegistrationId", party.vat, qualifyingId="VAT")
    if party.country:
        _add(_add(node, "PostalAddress"), "CountryId", party.country)


def _transactions(node: "_Element", day: DayTransactions) -> None:
    """10.3 (TG-31)."""
    _add(node, "Date", _day(day.day))
    _add(node, "TransactionsCurrency", day.currency)
    _add(node, "CategoryCode", day.category.value)
    _add(node, "TaxExclusiveAmount", _amount(day.base))
    _add(node, "TaxTotal", _amount(day.tax_eur))
    if day.count is not None:
        _add(node, "TransactionsCount", str(day.count))
    for rate in day.rates:
        row = _add(node, "TaxSubtotal")
        _add(row, "TaxPercent", _amount(rate.rate))
        _add(row, "TaxableAmount", _amount(rate.base))
        _add(row, "TaxTotal", _amount(rate.tax_eur))


def _invoice_payment(node: "_Element", payment: InvoicePayment) -> None:
    """10.2 (TG-34)."""
    _add(node, "InvoiceID", payment.number)
    _add(node, "IssueDate", _day(payment.issue_date))
    _paid(_add(node, "Payment"), payment.day, payment.rates)


def _payment(node: "_Element", paid: DayPayments) -> None:
    """10.4 (TG-37)."""
    _paid(_add(node, "Payment"), paid.day, paid.rates)


def _paid(node: "_Element", day: date, rates: tuple[PaidRate, ...]) -> None:
    _add(node, "Date", _day(day))
    for rate in rates:
        row = _add(node, "SubTotals")
        _add(row, "TaxPercent", _amount(rate.rate))
        _add(row, "CurrencyCode", "EUR")
        _add(row, "Amount", _amount(rate.amount))


def _period(parent: "_Element", name: str, start: date | None, end: date | None) -> None:
    node = _add(parent, name)
    if start is not None:
        _add(node, "StartDate", _day(start))
    if end is not None:
        _add(node, "EndDate", _day(end))


def _add(parent: "_Element", name: str, text: str = "", **attributes: str) -> "_Element":
    from lxml import etree  # noqa: PLC0415 - as above

    node = etree.SubElement(parent, name, attributes)
    if text:
        node.text = text
    return node


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _amount(amount: Decimal) -> str:
    return f"{cents(amount):.2f}"
