"""The four blocks of flux 10 and the report that holds them. Amounts are Decimal, VAT in euros.

TT numbers: annex 6 of the DGFiP's specifications, V1.10.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from facteur.domain.ereporting.calendar import Period


class Role(StrEnum):
    """The declarant's role: one file is of one role (G6.29)."""

    SELLER = "SE"
    BUYER = "BY"


class ReportType(StrEnum):
    """TT-4. A rectificative file cancels and replaces the whole period (§3.7.7)."""

    INITIAL = "IN"
    CORRECTION = "RE"


class Category(StrEnum):
    """TT-81: what a day's total is made of."""

    GOODS = "TLB1"
    SERVICES = "TPS1"
    UNTAXED = "TNT1"  # no French VAT, distance sales within the Union included
    MARGIN = "TMA1"  # amounts are margins, not prices


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedParty:
    """Seller (TT-33 to 35) or buyer (TT-36 to 39) of a reported invoice."""

    id: str
    scheme: str  # 0002, 0223, 0227, 0228, 0229 (G2.19)
    vat: str = ""  # mandatory beside 0002 and 0223 (G2.33)
    country: str = ""  # ISO 3166-1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRate:
    """One row of an invoice's VAT breakdown (TT-54 to 59)."""

    base: Decimal
    tax: Decimal
    category: str  # UNTDID 5305
    rate: Decimal
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedInvoice:
    """10.1: one invoice with a foreign party (TG-8)."""

    document: str  # ours, for the way back; not in the file
    number: str  # TT-19
    issue_date: date  # TT-20
    type_code: str  # TT-21
    currency: str  # TT-22
    process: str  # TT-28: BT-23
    seller: ReportedParty
    buyer: ReportedParty
    base: Decimal  # TT-51
    tax_eur: Decimal  # TT-52
    rates: tuple[ReportedRate, ...]
    due_date: date | None = None  # TT-201
    tax_point: str = ""  # TT-24
    preceding: tuple[tuple[str, date | None], ...] = ()  # TT-30, TT-31
    period: tuple[date | None, date | None] | None = None  # TT-42, TT-43


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRate:
    """One rate of a day's total (TT-86 to 88)."""

    rate: Decimal
    base: Decimal
    tax_eur: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTransactions:
    """10.3: the sales of a day to those who are not taxable, by category and currency (TG-31)."""

    day: date  # TT-77
    currency: str  # TT-78
    category: Category  # TT-81
    rates: tuple[DayRate, ...]
    count: int | None = None  # TT-85, optional
    documents: tuple[str, ...] = ()  # ours, for the way back; not in the file

    @property
    def base(self) -> Decimal:
        """TT-82."""
        return sum((one.base for one in self.rates), Decimal("0.00"))

    @property
    def tax_eur(self) -> Decimal:
        """TT-83."""
        return sum((one.tax_eur for one in self.rates), Decimal("0.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidRate:
    """What was collected at one rate, VAT included, in euros, signed (TT-93 to 95, G6.27)."""

    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePayment:
    """10.2: one collection of one reported invoice (TG-34)."""

    document: str
    number: str  # TT-91
    issue_date: date  # TT-102
    day: date  # TT-92
    rates: tuple[PaidRate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPayments:
    """10.4: what was collected on a day of those who are not taxable (TG-37)."""

    day: date  # TT-96
    rates: tuple[PaidRate, ...]
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One file: one declarant, one role, one period, one matter."""

    id: str  # TT-1, at most 50 characters
    name: str  # TT-2, at most 150
    issued_at: datetime  # TT-3
    type: ReportType
    platform_id: str  # matricule of the platform, 4 digits, scheme 0238
    platform_name: str
    siren: str
    company: str
    role: Role
    period: Period
    invoices: tuple[ReportedInvoice, ...] = ()  # 10.1
    days: tuple[DayTransactions, ...] = ()  # 10.3
    invoice_payments: tuple[InvoicePayment, ...] = ()  # 10.2
    day_payments: tuple[DayPayments, ...] = ()  # 10.4

    @property
    def empty(self) -> bool:
        """True when there is nothing to say: no empty file is sent (§2.3.3)."""
        return not (self.invoices or self.days or self.invoice_payments or self.day_payments)

    @property
    def lines(self) -> int:
        """How many blocks it says."""
        told = (self.invoices, self.days, self.invoice_payments, self.day_payments)
        return sum(len(one) for one in told)

    @property
    def sums(self) -> tuple[Decimal, Decimal]:
        """What it adds up to: without VAT in euros (payments: with), and the VAT."""
        zero = Decimal("0.00")
        sales = [one.base for one in self.invoices if one.currency == "EUR"]
        sales += [one.base for one in self.days if one.currency == "EUR"]
        taxes = [one.tax_eur for one in self.invoices] + [one.tax_eur for one in self.days]
        rates = [rate for one in self.invoice_payments for rate in one.rates]
        rates += [rate for one in self.day_payments for rate in one.rates]
        base = sum(sales, zero) + sum((rate.amount for rate in rates), zero)
        return base, sum(taxes, zero)

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents that it is made of, each once, in order."""
        named = [one.document for one in self.invoices]
        named += [one.document for one in self.invoice_payments]
        for held in (
            *(one.documents for one in self.days),
            *(one.documents for one in self.day_payments),
        ):
            named += held
        return tuple(dict.fromkeys(named))
