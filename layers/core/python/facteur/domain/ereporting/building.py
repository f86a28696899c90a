"""Makes the report of one period out of what the dossier sold, bought and collected in it.

Nothing is kept of a period but what was sent: a report is always built whole, from the invoices,
the payments and the till totals, so that a correction (RE) replaces the period with the truth.

Sources: specifications of the DGFiP v3.2 §3.7.7; G6.25 to G6.29, G8.01 to G8.05.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from facteur.domain.documents import Direction
from facteur.domain.ereporting import refunds
from facteur.domain.ereporting.blocks import (
    Category,
    DayPayments,
    DayRate,
    DayTransactions,
    InvoicePayment,
    PaidRate,
    Report,
    ReportedInvoice,
    ReportType,
    Role,
)
from facteur.domain.ereporting.calendar import Matter, Period
from facteur.domain.ereporting.operations import Operation, named, reported
from facteur.domain.ereporting.routes import (
    Route,
    category_of,
    due_on_collection,
    excess,
    questions,
    route_of,
    tax_in_euros,
)
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice, VatBreakdown
from facteur.domain.money import ZERO, cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Money that came in (or went back: negative) for one sale, by VAT rate, VAT included."""

    operation: Operation
    day: date
    rates: tuple[PaidRate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TillDay:
    """What a till made on a day in one category: the « Z »; its money came in the same day."""

    day: date
    category: Category
    rates: tuple[DayRate, ...]
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarant:
    """The company that reports, and the platform that hands its file over."""

    siren: str
    company: str
    platform_id: str  # matricule, 4 digits
    platform_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which report: a period, a role, the first or a correction, and how it is called."""

    period: Period
    role: Role
    type: ReportType
    sequence: int  # of the files of this period and role, from 1
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A report, and what could not go in it: questions and faults by document."""

    report: Report
    left_out: dict[str, tuple[Fault, ...]] = field(default_factory=dict)


def build(
    wanted: Wanted,
    declarant: Declarant,
    *,
    operations: Iterable[Operation] = (),
    collections: Iterable[Collection] = (),
    till: Iterable[TillDay] = (),
) -> Built:
    """The report of a period; what cannot be told is left out with its faults, never guessed.

    Only what falls in the period, under the role and of its matter is taken: a caller may give
    more. An invoice is of the day it was issued, money of the day it came in.
    """
    left: dict[str, tuple[Fault, ...]] = {}
    period = wanted.period
    days = [one for one in till if period.holds(one.day) and wanted.role is Role.SELLER]
    if period.matter is Matter.TRANSACTIONS:
        told = _told(wanted, operations, left)
        report = _report(
            wanted,
            declarant,
            invoices=tuple(reported(one) for one, route in told if route is Route.INVOICE),
            days=_days([one for one, route in told if route is Route.DAY], days),
        )
    else:
        paid = _paid(wanted, collections, left)
        report = _report(
            wanted,
            declarant,
            invoice_payments=_payments(
                [one for one, route in paid if route is Route.INVOICE], left
            ),
            day_payments=_day_payments(
                [one for one, route in paid if route is Route.DAY], days, left
            ),
        )
    return Built(report=report, left_out=left)


def _told(
    wanted: Wanted, operations: Iterable[Operation], left: dict[str, tuple[Fault, ...]]
) -> list[tuple[Operation, Route]]:
    """The operations of the period and role that can be told, each with its route."""
    found = []
    for one in operations:
        issued = one.invoice.issue_date
        if _role(one) is not wanted.role or (issued and not wanted.period.holds(issued)):
            continue
        if faults := _faults(one):
            left[one.document] = faults
            continue
        route = route_of(one.invoice, one.direction, one.answers)
        if issued and route in {Route.INVOICE, Route.DAY}:
            found.append((one, route))
    return sorted(found, key=lambda pair: (pair[0].invoice.issue_date, pair[0].invoice.number))


def _paid(
    wanted: Wanted, collections: Iterable[Collection], left: dict[str, tuple[Fault, ...]]
) -> list[tuple[Collection, Route]]:
    """The money of the period that must be told: only the seller tells it (10.2, 10.4)."""
    found = []
    for one in collections:
        operation = one.operation
        if wanted.role is not Role.SELLER or _role(operation) is not Role.SELLER:
            continue
        if not wanted.period.holds(one.day):
            continue
        route = route_of(operation.invoice, operation.direction, operation.answers)
        if route not in {Route.INVOICE, Route.DAY}:
            continue
        if faults := _faults(operation):
            left[operation.document] = faults
            continue
        if not due_on_collection(operation.invoice, operation.answers):
            continue
        if asked := excess(operation.invoice, operation.collected, operation.answers):
            left[operation.document] = (asked,)
        else:
            found.append((one, route))
    return sorted(found, key=lambda pair: (pair[0].day, pair[0].operation.invoice.number))


def _faults(one: Operation) -> tuple[Fault, ...]:
    """What must be asked of an operation, and which party cannot be named."""
    found = list(questions(one.invoice, one.direction, one.answers))
    if route_of(one.invoice, one.direction, one.answers) is Route.INVOICE:
        found += [
            Fault(code="ereporting.party_unnamed", path=role)
            for role, party in (("seller", one.invoice.seller), ("buyer", one.invoice.buyer))
            if named(party) is None
        ]
    return tuple(found)


def _role(one: Operation) -> Role:
    return Role.SELLER if one.direction is Direction.SALE else Role.BUYER


def _days(sold: Sequence[Operation], till: Sequence[TillDay]) -> tuple[DayTransactions, ...]:
    """10.3: one block a day, currency and category (§3.7.7)."""
    rates: dict[tuple[date, str, Category], dict[Decimal, list[Decimal]]] = {}
    counts: dict[tuple[date, str, Category], int | None] = {}
    documents: dict[tuple[date, str, Category], list[str]] = {}

    def add(key: tuple[date, str, Category], rate: Decimal, base: Decimal, tax: Decimal) -> None:
        held = rates.setdefault(key, {}).setdefault(rate, [ZERO, ZERO])
        held[0] += base
        held[1] += tax

    for one in sold:
        invoice = one.invoice
        if invoice.issue_date is None:
            raise AssertionError(one.document)  # _told left it out
        key = (invoice.issue_date, invoice.currency, category_of(invoice, one.answers))
        for row in invoice.vat_breakdown:
            add(key, row.rate or ZERO, *_signed(invoice, row))
        before = counts.get(key, 0)
        counts[key] = None if before is None else before + 1
        documents.setdefault(key, []).append(one.document)
    for day in till:
        key = (day.day, "EUR", day.category)
        for rate in day.rates:
            add(key, rate.rate, rate.base, rate.tax_eur)
        before = counts.get(key, 0)
        unknown = before is None or day.count is None
        counts[key] = None if unknown else (before or 0) + (day.count or 0)
    return tuple(
        DayTransactions(
            day=key[0],
            currency=key[1],
            category=key[2],
            rates=tuple(
                DayRate(rate=rate, base=base, tax_eur=tax)
                for rate, (base, tax) in sorted(rates[key].items())
            ),
            count=counts[key],
            documents=tuple(documents.get(key, ())),
        )
        for key in sorted(rates)
    )


def _signed(invoice: Invoice, row: VatBreakdown) -> tuple[Decimal, Decimal]:
    """Base and VAT in euros of a row: a credit note takes away from its day."""
    sign = -1 if invoice.is_credit_note else 1
    tax = row.tax
    if invoice.currency != "EUR" and invoice.totals.tax:
        tax = cents(tax_in_euros(invoice) * row.tax / invoice.totals.tax)
    return sign * row.base, sign * tax


def _payments(
    paid: Sequence[Collection], left: dict[str, tuple[Fault, ...]]
) -> tuple[InvoicePayment, ...]:
    """10.2: one block an invoice and day; what went back is taken from what it paid before."""
    by_invoice: dict[str, list[Collection]] = {}
    for one in paid:
        by_invoice.setdefault(one.operation.document, []).append(one)
    found = []
    for held in by_invoice.values():
        kept = _enough(held, (), left)
        invoice = held[0].operation.invoice
        if invoice.issue_date is None:
            raise AssertionError(held[0].operation.document)  # questions left it out
        found += [
            InvoicePayment(
                document=held[0].operation.document,
                number=invoice.number,
                issue_date=invoice.issue_date,
                day=day,
                rates=rates,
            )
            for day, rates in refunds.told([(one.day, one.rates) for one in kept]).items()
        ]
    return tuple(sorted(found, key=lambda one: (one.day, one.number)))


def _enough(
    paid: Sequence[Collection], till: Sequence[refunds.Lot], left: dict[str, tuple[Fault, ...]]
) -> list[Collection]:
    """The collections without the refunds that the period cannot tell: those are asked about."""
    out = refunds.beyond([(one.day, one.rates) for one in paid], till)
    for place in sorted(out):
        one = paid[place]
        back = sum((rate.amount for rate in one.rates), ZERO)
        values = {"day": one.day.isoformat(), "amount": f"{-back:.2f}"}
        fault = Fault(code="ereporting.refund_beyond", path="refund", values=values)
        left[one.operation.document] = (*left.get(one.operation.document, ()), fault)
    return [one for place, one in enumerate(paid) if place not in out]


def _day_payments(
    paid: Sequence[Collection], till: Sequence[TillDay], left: dict[str, tuple[Fault, ...]]
) -> tuple[DayPayments, ...]:
    """10.4: one block a day. A till's services were paid as they were sold."""
    z: list[refunds.Lot] = [
        (
            sold.day,
            [PaidRate(rate=row.rate, amount=row.base + row.tax_eur) for row in sold.rates],
        )
        for sold in till
        if sold.category is Category.SERVICES
    ]
    kept = _enough(paid, z, left)
    days = refunds.told([*((one.day, one.rates) for one in kept), *z])
    documents: dict[date, list[str]] = {}
    for one in kept:
        # A day that a refund emptied is told no more: its invoice stands under the day before.
        day = max((day for day in days if day <= one.day), default=min(days, default=one.day))
        documents.setdefault(day, []).append(one.operation.document)
    return tuple(
        DayPayments(day=day, rates=rates, documents=tuple(dict.fromkeys(documents.get(day, ()))))
        for day, rates in days.items()
    )


def _report(
    wanted: Wanted,
    declarant: Declarant,
    *,
    invoices: tuple[ReportedInvoice, ...] = (),
    days: tuple[DayTransactions, ...] = (),
    invoice_payments: tuple[InvoicePayment, ...] = (),
    day_payments: tuple[DayPayments, ...] = (),
) -> Report:
    period = wanted.period
    letter = "TRA" if period.matter is Matter.TRANSACTIONS else "PAY"
    span = f"{period.start:%Y%m%d}-{period.end:%Y%m%d}"
    told = "transactions" if period.matter is Matter.TRANSACTIONS else "paiements"
    return Report(
        id=f"{wanted.role.value}-{declarant.siren}-{letter}-{span}-{wanted.sequence:02d}",
        name=f"E-reporting {told} du {period.start:%d/%m/%Y} au {period.end:%d/%m/%Y}",
        issued_at=wanted.issued_at,
        type=wanted.type,
        platform_id=declarant.platform_id,
        platform_name=declarant.platform_name,
        siren=declarant.siren,
        company=declarant.company,
        role=wanted.role,
        period=period,
        invoices=invoices,
        days=days,
        invoice_payments=invoice_payments,
        day_payments=day_payments,
    )
