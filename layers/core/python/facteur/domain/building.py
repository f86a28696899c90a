"""From a candidate that checks to an EN 16931 invoice, without inventing anything.

Every value of the invoice is one of the candidate's, or follows from one: the country from a VAT
number, the code of a unit from its word, the net price from amount and quantity. What the standard
wants and the page lacks is a fault that names it (decision 25). Level "EN 16931" where the lines
are known, rated and add up; else "BASIC WL", which holds the totals alone. Where those do not add
up but for a printed rounding (BT-114, which BASIC WL lacks), one line for each row of the VAT
table carries them instead: level "EN 16931" again, no amount that the page does not print.

Source: EN 16931-1:2017 §6 and its rules (BR-…); BT numbers: domain/invoice.py.
"""

from collections.abc import Sequence
from decimal import Decimal

from facteur.domain.building_lines import Detail, detail_of, summed
from facteur.domain.candidate import NOTES, TYPE_CODES, Candidate, VatRow
from facteur.domain.faults import Fault, blocking
from facteur.domain.identifiers import compact
from facteur.domain.invoice import (
    Address,
    CreditTransfer,
    Delivery,
    Identifier,
    Invoice,
    Note,
    Party,
    Payment,
    Period,
    PrecedingInvoice,
    Totals,
    VatBreakdown,
)
from facteur.domain.totals import needed

EN_16931 = "EN 16931"
BASIC_WL = "BASIC WL"

_SIREN, _SIRET = "0002", "0009"
_SEPA = frozenset({
    "AD", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR",
    "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MT", "NL", "NO", "PL", "PT", "RO", "SE",
    "SI", "SK", "SM", "VA",
})  # fmt: skip


def build(candidate: Candidate) -> tuple[Invoice | None, str, tuple[Fault, ...]]:
    """The invoice, its conformance level, and what was found on the way.

    None (and level "") when something that the standard makes mandatory is missing: the blocking
    faults name each. A warning says when the lines had to be left out, and why.
    """
    faults = list(needed(candidate))
    if blocking(faults):
        return None, "", tuple(faults)
    rows = _breakdown(candidate.vat_rows)
    detail, left_out = detail_of(candidate, rows)
    if left_out is not None:
        faults.append(left_out)
    settled = _settled(rows, candidate)
    if detail is None and (rounding := _totals(candidate, None).rounding) is not None:
        detail, summary = summed(settled, rounding)
        faults.append(summary)
    invoice = Invoice(
        number=candidate.text("number"),
        issue_date=candidate.day("issue_date"),
        type_code=TYPE_CODES.get(candidate.text("type"), "380"),
        currency=candidate.text("currency"),
        seller=_party(candidate, "seller", rows),
        buyer=_party(candidate, "buyer", rows),
        totals=_totals(candidate, detail),
        vat_breakdown=settled,
        lines=detail.lines if detail else (),
        allowances=detail.allowances if detail else (),
        charges=detail.charges if detail else (),
        due_date=candidate.day("due_date"),
        contract=candidate.text("contract"),
        purchase_order=candidate.text("purchase_order"),
        payment_terms=candidate.text("payment_terms"),
        notes=_notes(candidate),
        preceding=_preceding(candidate),
        period=_period(candidate),
        delivery=_delivery(candidate),
        payment=_payment(candidate),
    )
    return invoice, EN_16931 if detail else BASIC_WL, tuple(faults)


def _breakdown(rows: Sequence[VatRow]) -> tuple[VatBreakdown, ...]:
    """One row for each category and rate (BG-23); the reasons of merged rows are kept together."""
    merged: dict[tuple[str, Decimal], VatBreakdown] = {}
    for row in rows:
        rate = row.rate or Decimal(0)
        category = "S" if rate else row.category
        key = (category, rate)
        held = merged.get(key)
        texts = [held.exemption_text] if held and held.exemption_text else []
        if row.exemption_text and row.exemption_text not in texts and not rate:
            texts.append(row.exemption_text)
        code = row.exemption_code if not rate else ""
        merged[key] = VatBreakdown(
            base=(held.base if held else Decimal(0)) + (row.base or Decimal(0)),
            tax=(held.tax if held else Decimal(0)) + (row.tax or Decimal(0)),
            category=category,
            rate=None if category == "O" else rate,
            exemption_text=" / ".join(texts),
            exemption_code=(held.exemption_code if held else "") or code,
        )
    return tuple(merged.values())


def _settled(rows: tuple[VatBreakdown, ...], candidate: Candidate) -> tuple[VatBreakdown, ...]:
    """The rows with the cent that parts their sum from the printed totals, on the largest one.

    totals.check let nothing larger through: the official rules want exact sums (BR-CO-14).
    """
    base_gap = (candidate.amount("total_excl_vat") or Decimal(0)) - sum(row.base for row in rows)
    tax_gap = (candidate.amount("total_vat") or Decimal(0)) - sum(row.tax for row in rows)
    if not rows or (base_gap == 0 and tax_gap == 0):
        return rows
    at = max(range(len(rows)), key=lambda place: abs(rows[place].tax))
    big = rows[at]
    mended = VatBreakdown(
        base=big.base + base_gap,
        tax=big.tax + tax_gap,
        category=big.category,
        rate=big.rate,
        exemption_text=big.exemption_text,
        exemption_code=big.exemption_code,
    )
    return (*rows[:at], mended, *rows[at + 1 :])


def _party(candidate: Candidate, side: str, rows: Sequence[VatBreakdown]) -> Party:
    siren = (
        compact(candidate.text(f"{side}_siren")) or compact(candidate.text(f"{side}_siret"))[:9]
    )
    siret = compact(candidate.text(f"{side}_siret"))
    vat = compact(candidate.text(f"{side}_vat"))
    if any(row.category == "O" for row in rows):
        vat = ""  # BR-O-02: an invoice outside the scope of VAT carries no VAT number
    # A seller without a VAT number on the page is registered for tax by its SIREN (BT-32): the
    # franchise, and issuers who do not print their number (BR-S-02, BR-E-02).
    outside = any(row.category == "O" for row in rows)
    registration = siren if side == "seller" and not vat and not outside else ""
    return Party(
        name=candidate.text(f"{side}_name"),
        identifiers=(Identifier(value=siret, scheme=_SIRET),) if siret else (),
        legal_id=Identifier(value=siren, scheme=_SIREN) if siren else None,
        vat=vat,
        tax_registration=registration,
        address=Address(
            line1=candidate.text(f"{side}_address"),
            city=candidate.text(f"{side}_city"),
            postcode=candidate.text(f"{side}_postcode"),
            country=candidate.text(f"{side}_country"),
        ),
    )


def _totals(candidate: Candidate, detail: Detail | None) -> Totals:
    """The issuer's totals; what parts HT + TVA from the printed TTC is a rounding (BT-114)."""
    excl = candidate.amount("total_excl_vat") or Decimal(0)
    vat = candidate.amount("total_vat") or Decimal(0)
    prepaid = candidate.amount("prepaid")
    due = candidate.amount("amount_due") or Decimal(0)
    rounding = due - (excl + vat - (prepaid or Decimal(0)))
    return Totals(
        lines=detail.sum if detail else excl,
        allowances=detail.allowed if detail and detail.allowances else None,
        charges=detail.charged if detail and detail.charges else None,
        tax_exclusive=excl,
        tax=vat,
        tax_inclusive=excl + vat,
        prepaid=prepaid,
        rounding=rounding or None,
        due=due,
    )


def _notes(candidate: Candidate) -> tuple[Note, ...]:
    """The page's own sentences about late payment, under their subjects (BR-FR-05)."""
    return tuple(
        Note(text=text, subject=subject)
        for subject, name in NOTES.items()
        if (text := candidate.text(name))
    )


def _preceding(candidate: Candidate) -> tuple[PrecedingInvoice, ...]:
    number = candidate.text("preceding_invoice")
    if not number:
        return ()
    return (PrecedingInvoice(number=number, issue_date=candidate.day("preceding_date")),)


def _period(candidate: Candidate) -> Period | None:
    start, end = candidate.day("period_start"), candidate.day("period_end")
    return Period(start=start, end=end) if start or end else None


def _delivery(candidate: Candidate) -> Delivery | None:
    """The day of delivery; within the Union also where to: the buyer's country (BR-IC-12).

    The page would show another address if the goods went elsewhere (BG-15 is for that).
    """
    day = candidate.day("delivery_date")
    abroad = any(row.category == "K" for row in candidate.vat_rows)
    if day is None and not abroad:
        return None
    address = Address(country=candidate.text("buyer_country")) if abroad else None
    return Delivery(date=day, address=address)


def _payment(candidate: Candidate) -> Payment | None:
    """A printed IBAN is where to pay by transfer: SEPA's (58) or another (30)."""
    iban = compact(candidate.text("iban"))
    if not iban:
        return None
    transfer = CreditTransfer(iban=iban, bic=compact(candidate.text("bic")))
    return Payment(means_code="58" if iban[:2] in _SEPA else "30", transfers=(transfer,))
