"""An XML invoice as a candidate: the same fields that a page gives, each with its XML path.

The document page shows a candidate whatever the source was; here every value is sure, for the
issuer wrote it, and the totals are the issuer's own, never computed again. A SIREN that only
stands inside a SIRET is told as such. Source: domain/candidate.py (FIELDS).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from facteur.domain.candidate import (
    FIELDS,
    NOTES,
    AdjustmentRow,
    Candidate,
    LineRow,
    Origin,
    Provenance,
    Reading,
    VatRow,
    type_of_value,
)
from facteur.domain.identifiers import compact
from facteur.domain.invoice import CORRECTIVE_TYPES, AllowanceCharge, Invoice, Line, Party
from facteur.domain.money import ZERO

#: Where a field may stand when not in its own place: a SIRET begins with the SIREN.
_INSTEAD = {
    f"{side}_{name}": f"{side}_{other}"
    for side in ("seller", "buyer")
    for name, other in (("siren", "siret"), ("siret", "siren"))
}
_SIRET_LENGTH = 14
_COMPACT = frozenset({"siren", "siret", "vat", "iban", "bic"})
_PREPAYMENT = frozenset({"386", "500"})
_SELF_BILLED = frozenset({"389", "501"})


def candidate_of(invoice: Invoice, paths: Mapping[str, str]) -> Candidate:
    """The candidate of an invoice read from XML; ``paths`` says where each field was."""
    fields = {}
    for name, value in _values(invoice):
        if value in ("", None, ()):
            continue
        found = paths.get(name) or paths.get(_INSTEAD.get(name, ""), "")
        where = Provenance(origin=Origin.XML, path=found, text=_printed(value))
        kept = compact(value) if isinstance(value, str) and FIELDS[name] in _COMPACT else value
        fields[name] = Reading(value=kept, provenance=where)
    transfers = invoice.payment.transfers if invoice.payment else ()
    accounts = tuple(dict.fromkeys(compact(one.iban) for one in transfers if one.iban))
    return Candidate(fields=fields, accounts=accounts, type_code=invoice.type_code)


def type_word(invoice: Invoice) -> str:
    """The word (candidate.TYPE_CODES) that stands for the type of an invoice."""
    if invoice.is_credit_note:
        return "credit_note"
    for codes, word in (
        (_PREPAYMENT, "prepayment"),
        (CORRECTIVE_TYPES, "corrective"),
        (_SELF_BILLED, "self_billed"),
    ):
        if invoice.type_code in codes:
            return word
    return "invoice"


def _printed(value: type_of_value) -> str:
    return "" if isinstance(value, tuple) else str(value)


def _values(invoice: Invoice) -> Iterator[tuple[str, type_of_value | None]]:
    first = invoice.preceding[0] if invoice.preceding else None
    transfer = next(iter(invoice.payment.transfers), None) if invoice.payment else None
    reasons = {row.exemption_text for row in invoice.vat_breakdown if row.exemption_text}
    yield "type", type_word(invoice) if invoice.type_code else ""
    yield "number", invoice.number
    yield "issue_date", invoice.issue_date
    yield "due_date", invoice.due_date
    yield "currency", invoice.currency
    yield from _party("seller", invoice.seller)
    yield from _party("buyer", invoice.buyer)
    yield "purchase_order", invoice.purchase_order
    yield "contract", invoice.contract
    yield "preceding_invoice", first.number if first else ""
    yield "preceding_date", first.issue_date if first else None
    yield "period_start", invoice.period.start if invoice.period else None
    yield "period_end", invoice.period.end if invoice.period else None
    yield "delivery_date", invoice.delivery.date if invoice.delivery else None
    yield "lines", tuple(_line(line) for line in invoice.lines if line.is_detail)
    yield (
        "adjustments",
        (
            *(_adjustment(one, charge=False) for one in invoice.allowances),
            *(_adjustment(one, charge=True) for one in invoice.charges),
        ),
    )
    yield (
        "vat_breakdown",
        tuple(
            VatRow(
                rate=row.rate,
                base=row.base,
                tax=row.tax,
                category=row.category,
                exemption_text=row.exemption_text,
                exemption_code=row.exemption_code,
            )
            for row in invoice.vat_breakdown
        ),
    )
    yield "total_excl_vat", invoice.totals.tax_exclusive
    yield "total_vat", invoice.totals.tax
    yield "total_incl_vat", invoice.totals.tax_inclusive
    yield "prepaid", invoice.totals.prepaid
    yield "rounding", invoice.totals.rounding
    yield "amount_due", invoice.totals.due
    yield "iban", transfer.iban if transfer else ""
    yield "bic", transfer.bic if transfer else ""
    yield "payment_terms", invoice.payment_terms
    yield "exemption_reason", reasons.pop() if len(reasons) == 1 else ""
    for subject, name in NOTES.items():
        texts = [note.text for note in invoice.notes if note.subject == subject]
        yield name, texts[0] if texts else ""


def _party(side: str, party: Party) -> Iterator[tuple[str, type_of_value]]:
    yield f"{side}_name", party.name
    siren, siret = _company(party)
    yield f"{side}_siren", siren
    yield f"{side}_siret", siret
    yield f"{side}_vat", party.vat
    yield f"{side}_address", party.address.line1
    yield f"{side}_postcode", party.address.postcode
    yield f"{side}_city", party.address.city
    yield f"{side}_country", party.address.country


def _company(party: Party) -> tuple[str, str]:
    """(SIREN, SIRET), also when the SIRET stands under the scheme of the SIREN."""
    if len(compact(party.siren)) == _SIRET_LENGTH:
        return compact(party.siren)[:9], party.siret or party.siren
    return party.siren, party.siret


def _line(line: Line) -> LineRow:
    return LineRow(
        description=line.name or line.description,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=_price_of_one(line),
        net=line.net,
        vat_rate=line.vat_rate,
        discount=_discount(line),
        item=line.seller_item,
    )


def _discount(line: Line) -> Decimal | None:
    """The line's allowances less its charges, None when it has neither."""
    if not line.allowances and not line.charges:
        return None
    less = sum((one.amount for one in line.allowances), ZERO)
    return less - sum((one.amount for one in line.charges), ZERO)


def _price_of_one(line: Line) -> Decimal | None:
    """BT-146 is the price of BT-149 units: of one hundred, say."""
    if line.unit_price is None or not line.price_base:
        return line.unit_price
    return line.unit_price if line.price_base == 1 else line.unit_price / line.price_base


def _adjustment(one: AllowanceCharge, *, charge: bool) -> AdjustmentRow:
    return AdjustmentRow(
        amount=one.amount, charge=charge, reason=one.reason, vat_rate=one.vat_rate
    )
