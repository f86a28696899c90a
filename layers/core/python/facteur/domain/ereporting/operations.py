"""An invoice of the dossier as an operation to report, and the block 10.1 that it makes.

Sources: annex 6 of the DGFiP's specifications, TG-8; rules G2.19, G2.33; XP Z12-014 annex A,
case 43 for purchases.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from facteur.domain.documents import Direction
from facteur.domain.ereporting.blocks import ReportedInvoice, ReportedParty, ReportedRate
from facteur.domain.ereporting.routes import (
    BEYOND,
    EUROPE,
    FRANCE,
    Answers,
    nature_of,
    tax_in_euros,
)
from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import Invoice, Party
from facteur.domain.money import ZERO, cents

#: BT-23 where the invoice has none: a deposited invoice of this nature (G1.02).
_PROCESSES = {"goods": "B1", "services": "S1", "mixed": "M1"}
_ISLANDS = frozenset({"0228", "0229"})  # RIDET, TAHITI


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One invoice of the dossier, with what the company answered about it."""

    document: str
    direction: Direction
    invoice: Invoice
    answers: Answers = field(default_factory=Answers)
    collected: Decimal = ZERO  # of it, by the end of the period, in euros, VAT included, signed


def reported(one: Operation) -> ReportedInvoice:
    """10.1. A purchase is seen by its buyer: the VAT that he owes at the French rate (case 43)."""
    invoice = one.invoice
    seller, buyer = named(invoice.seller), named(invoice.buyer)
    if invoice.issue_date is None or seller is None or buyer is None:
        raise AssertionError(one.document)  # _faults left it out
    bought = one.direction is Direction.PURCHASE
    rates = _owed(invoice, one.answers.rate or ZERO) if bought else _charged(invoice)
    nature = nature_of(invoice, one.answers)
    process = invoice.process or _PROCESSES.get(nature.value if nature else "", "B1")
    return ReportedInvoice(
        document=one.document,
        number=invoice.number,
        issue_date=invoice.issue_date,
        type_code=invoice.type_code,
        currency=invoice.currency,
        process=process,
        seller=seller,
        buyer=buyer,
        base=sum((row.base for row in rates), ZERO),
        tax_eur=_tax_eur(one, rates) if bought else tax_in_euros(invoice),
        rates=rates,
        due_date=invoice.due_date,
        tax_point=invoice.tax_point_code if invoice.tax_point_code in {"3", "5"} else "",
        preceding=tuple((one.number, one.issue_date) for one in invoice.preceding),
        period=(invoice.period.start, invoice.period.end) if invoice.period else None,
    )


def _tax_eur(one: Operation, rates: tuple[ReportedRate, ...]) -> Decimal:
    """TT-52 of a purchase: what the buyer owes, in euros whatever the invoice's currency."""
    if one.invoice.currency != "EUR" and one.answers.tax_eur is not None:
        return one.answers.tax_eur
    return sum((row.tax for row in rates), ZERO)


def _charged(invoice: Invoice) -> tuple[ReportedRate, ...]:
    return tuple(
        ReportedRate(
            base=row.base,
            tax=row.tax,
            category=row.category,
            rate=row.rate or ZERO,
            reason=row.exemption_text,
            reason_code=row.exemption_code,
        )
        for row in invoice.vat_breakdown
    )


def _owed(invoice: Invoice, rate: Decimal) -> tuple[ReportedRate, ...]:
    base = sum((row.base for row in invoice.vat_breakdown), ZERO)
    if not invoice.vat_breakdown:
        base = invoice.totals.tax_exclusive or ZERO
    return (
        ReportedRate(
            base=base,
            tax=cents(base * rate / 100),
            category="AE",
            rate=rate,
            reason="Autoliquidation",
            reason_code="VATEX-EU-AE",
        ),
    )


def named(party: Party) -> ReportedParty | None:
    """How a party is named in the file (G2.19), None when it has no number to be named by."""
    country = (party.address.country or party.vat[:2]).upper()
    vat = party.vat.upper()
    if party.siren and (country in FRANCE | {"", "GF", "YT"} or vat.startswith("FR")):
        return ReportedParty(
            id=party.siren, scheme="0002", vat=vat or vat_of_siren(party.siren), country=country
        )
    if country in BEYOND and party.legal_id is not None and party.legal_id.scheme in _ISLANDS:
        return ReportedParty(
            id=party.legal_id.value, scheme=party.legal_id.scheme, country=country
        )
    if vat and vat[:2] in EUROPE:
        return ReportedParty(id=vat[:18], scheme="0223", vat=vat, country=country)
    if country and party.name:
        return ReportedParty(id=f"{country}{party.name[:16]}", scheme="0227", country=country)
    return None
