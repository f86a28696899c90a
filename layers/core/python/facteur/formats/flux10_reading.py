"""Reads an e-reporting file (flux 10, « FRR ») back to its figures: what a period declares.

The figures are read, not the lines, notes, deliveries and allowances that a file may carry from
2027 on: the file itself is kept, and it is the file that leaves. Whether it follows the schema and
the State's rules is the rulebook's to say; here, what cannot be understood is refused with the
place where reading stopped.

Source: XSD ereporting v3.2; annex 6 V1.10 of the DGFiP's specifications (TT numbers: flux10.py).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from facteur.domain.ereporting.blocks import (
    Category,
    DayPayments,
    DayRate,
    DayTransactions,
    InvoicePayment,
    PaidRate,
    Report,
    ReportedInvoice,
    ReportedParty,
    ReportedRate,
    ReportType,
    Role,
)
from facteur.domain.ereporting.calendar import Matter, Period
from facteur.domain.errors import UnreadableError
from facteur.domain.paris import at_paris
from facteur.formats.safe_xml import parse as parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_Code = TypeVar("_Code", ReportType, Role, Category)
_MOST_DIGITS = 30  # of an amount: more is no amount
_LONGEST = 2_000  # characters of a text: the longest are reasons of exemption
_YEARS = range(2000, 2100)  # no report is of another century, and calendars end


def parse(data: bytes) -> Report:
    """The report that a file is; its period is due on an unknown day, told as its last.

    UnreadableError: ``unreadable.report.…`` with ``field``, the place that is wrong, and
    ``value``: ``root`` (no report), ``matters`` (both, or none, in one file: G6.29), ``missing``,
    ``long``, ``value`` (a date or an amount that is none), ``period`` (G6.25); or as the XML
    reader raises.
    """
    root = parse_xml(data)
    if root.tag != "Report":
        raise _wrong(root, "", "root")
    sales, paid = root.find("TransactionsReport"), root.find("PaymentsReport")
    if sales is not None and paid is not None:
        raise _wrong(root, "TransactionsReport + PaymentsReport", "matters")
    body = sales if sales is not None else paid
    if body is None:
        raise _wrong(root, "TransactionsReport | PaymentsReport", "matters")
    head = _child(root, "ReportDocument")
    sender, issuer = _child(head, "Sender"), _child(head, "Issuer")
    matter = Matter.TRANSACTIONS if sales is not None else Matter.PAYMENTS
    return Report(
        id=_text(head, "Id"),
        name=_maybe(head, "Name"),
        issued_at=_moment(head),
        type=_one_of(ReportType, head, "TypeCode"),
        platform_id=_text(sender, "Id"),
        platform_name=_maybe(sender, "Name"),
        siren=_text(issuer, "Id"),
        company=_maybe(issuer, "Name"),
        role=_one_of(Role, issuer, "RoleCode"),
        period=_period(_child(body, "ReportPeriod"), matter),
        invoices=tuple(map(_invoice, body.iterfind("Invoice"))) if sales is not None else (),
        days=tuple(map(_transactions, body.iterfind("Transactions"))) if sales is not None else (),
        invoice_payments=tuple(_invoice_payments(paid)) if paid is not None else (),
        day_payments=tuple(_day_payments(paid)) if paid is not None else (),
    )


def _invoice(node: "_Element") -> ReportedInvoice:
    """10.1 (TG-8)."""
    process, total = _child(node, "BusinessProcess"), _child(node, "MonetaryTotal")
    span = node.find("InvoicePeriod")
    return ReportedInvoice(
        document="",
        number=_text(node, "ID"),
        issue_date=_day(node, "IssueDate"),
        type_code=_text(node, "TypeCode"),
        currency=_text(node, "CurrencyCode"),
        process=_text(process, "ID"),
        seller=_party(_child(node, "Seller")),
        buyer=_party(_child(node, "Buyer")),
        base=_amount(total, "TaxExclusiveAmount"),
        tax_eur=_amount(total, "TaxAmount"),
        rates=tuple(map(_rate, node.iterfind("TaxSubTotal"))),
        due_date=_maybe_day(node, "DueDate"),
        tax_point=_maybe(node, "TaxDueDateTypeCode"),
        preceding=tuple(
            (_text(one, "ID"), _maybe_day(one, "IssueDate"))
            for one in node.iterfind("ReferencedDocument")
        ),
        period=None
        if span is None
        else (_maybe_day(span, "StartDate"), _maybe_day(span, "EndDate")),
    )


def _party(node: "_Element") -> ReportedParty:
    return ReportedParty(
        id=_text(node, "CompanyId"),
        scheme=_child(node, "CompanyId").get("schemeId", ""),
        vat=_maybe(node, "TaxRegistrationId"),
        country=_maybe(node, "PostalAddress/CountryId"),
    )


def _rate(node: "_Element") -> ReportedRate:
    category = _child(node, "TaxCategory")
    return ReportedRate(
        base=_amount(node, "TaxableAmount"),
        tax=_amount(node, "TaxAmount"),
        category=_text(category, "Code"),
        rate=_amount(category, "Percent"),
        reason=_maybe(category, "TaxExemptionReason"),
        reason_code=_maybe(category, "TaxExemptionReasonCode"),
    )


def _transactions(node: "_Element") -> DayTransactions:
    """10.3 (TG-31)."""
    count = _maybe(node, "TransactionsCount")
    if count and not (count.isascii() and count.isdigit() and len(count) < _MOST_DIGITS):
        raise _wrong(node, "TransactionsCount", "value", count)
    return DayTransactions(
        day=_day(node, "Date"),
        currency=_text(node, "TransactionsCurrency"),
        category=_one_of(Category, node, "CategoryCode"),
        rates=tuple(
            DayRate(
                rate=_amount(one, "TaxPercent"),
                base=_amount(one, "TaxableAmount"),
                tax_eur=_amount(one, "TaxTotal"),
            )
            for one in node.iterfind("TaxSubtotal")
        ),
        count=int(count) if count else None,
    )


def _invoice_payments(body: "_Element") -> Iterator[InvoicePayment]:
    """10.2 (TG-34)."""
    for node in body.iterfind("Invoice"):
        payment = _child(node, "Payment")
        yield InvoicePayment(
            document="",
            number=_text(node, "InvoiceID"),
            issue_date=_day(node, "IssueDate"),
            day=_day(payment, "Date"),
            rates=_paid(payment),
        )


def _day_payments(body: "_Element") -> Iterator[DayPayments]:
    """10.4 (TG-37)."""
    for node in body.iterfind("Transactions"):
        payment = _child(node, "Payment")
        yield DayPayments(day=_day(payment, "Date"), rates=_paid(payment))


def _paid(payment: "_Element") -> tuple[PaidRate, ...]:
    return tuple(
        PaidRate(rate=_amount(one, "TaxPercent"), amount=_amount(one, "Amount"))
        for one in payment.iterfind("SubTotals")
    )


def _period(node: "_Element", matter: Matter) -> Period:
    start, end = _day(node, "StartDate"), _day(node, "EndDate")
    if end < start:
        raise _wrong(node, "EndDate", "period")
    return Period(matter=matter, start=start, end=end, due=end)


# ── Values ──────────────────────────────────────────────────────────────────────────────────────


def _wrong(node: "_Element", path: str, what: str, value: str = "") -> UnreadableError:
    field = f"{node.tag}/{path}" if path else str(node.tag)
    return UnreadableError(f"unreadable.report.{what}", field=field[:100], value=value[:60])


def _child(node: "_Element", path: str) -> "_Element":
    found = node.find(path)
    if found is None:
        raise _wrong(node, path, "missing")
    return found


def _maybe(node: "_Element", path: str) -> str:
    found = (node.findtext(path) or "").strip()
    if len(found) > _LONGEST:
        raise _wrong(node, path, "long")
    return found


def _text(node: "_Element", path: str) -> str:
    found = _maybe(node, path)
    if not found:
        raise _wrong(node, path, "missing")
    return found


def _amount(node: "_Element", path: str) -> Decimal:
    text = _text(node, path)
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise _wrong(node, path, "value", text) from None
    if not found.is_finite() or len(text) > _MOST_DIGITS or abs(found.adjusted()) > _MOST_DIGITS:
        raise _wrong(node, path, "value", text)
    return found


def _day(node: "_Element", path: str) -> date:
    text = _text(node, path)
    try:
        found = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise _wrong(node, path, "value", text) from None
    if found.year not in _YEARS:
        raise _wrong(node, path, "value", text)
    return found


def _maybe_day(node: "_Element", path: str) -> date | None:
    return _day(node, path) if _maybe(node, path) else None


def _moment(head: "_Element") -> datetime:
    """TT-3, on a French clock."""
    text = _text(head, "IssueDateTime/DateTimeString")
    try:
        found = datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - at_paris dates it
    except ValueError:
        raise _wrong(head, "IssueDateTime", "value", text) from None
    if found.year not in _YEARS:
        raise _wrong(head, "IssueDateTime", "value", text)
    return at_paris(found)


def _one_of(kind: type[_Code], node: "_Element", path: str) -> _Code:
    text = _text(node, path)
    try:
        return kind(text)
    except ValueError:
        raise _wrong(node, path, "value", text) from None
