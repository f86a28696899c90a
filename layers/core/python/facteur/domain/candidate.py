"""The candidate invoice: every field read, beside where it came from and how sure we are.

A candidate is what the document page shows and a user corrects; ``build`` turns it into an
EN 16931 invoice when it holds (totals.py says whether it does). The names of the fields are
those of the public JSON (``facteur read --json``) and of the pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from facteur.domain.identifiers import compact
from facteur.domain.pages import Box


class Origin(StrEnum):
    """Who gave a value."""

    XML = "xml"
    TEXT = "text"  # the PDF's text layer
    OCR = "ocr"
    RULE = "rule"  # computed: "calculée"
    HINT = "hint"  # learnt from an earlier correction (hints.py)
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a value was found: an XML path, or a page and a box, or a rule's name, or a user."""

    origin: Origin
    path: str = ""  # XML path, or the name of the rule
    page: int = 0  # from 1; 0 when it is on no page
    box: Box | None = None
    text: str = ""  # as printed
    by: str = ""  # the user who corrected it


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """One row of the VAT table as read: rate in percent, base HT, tax."""

    rate: Decimal | None
    base: Decimal | None
    tax: Decimal | None
    category: str = ""
    exemption_text: str = ""
    exemption_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line as read. ``net`` is HT unless the page only prints TTC (``gross``)."""

    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    net: Decimal | None = None
    vat_rate: Decimal | None = None
    discount_percent: Decimal | None = None  # taken off quantity × price, as printed (BT-138)
    discount: Decimal | None = None  # the same as an amount (BT-136)
    gross: bool = False  # True when the page prints this line's amount TTC
    item: str = ""  # the seller's reference (BT-155), where an issuer's data give it


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRow:
    """A document-level allowance (charge=False) or charge as read; amount is positive."""

    amount: Decimal
    charge: bool = False
    reason: str = ""
    vat_rate: Decimal | None = None


type_of_value = str | date | Decimal | tuple[VatRow, ...] | tuple[LineRow, ...] | tuple[AdjustmentRow, ...]  # fmt: skip  # noqa: E501

#: Every field a candidate may hold, in the order of the page, with the kind of its value.
FIELDS: Mapping[str, str] = {
    "type": "type",  # BT-3, as one of the words of TYPE_CODES
    "number": "text",  # BT-1
    "issue_date": "date",  # BT-2
    "due_date": "date",  # BT-9
    "currency": "currency",  # BT-5
    "seller_name": "text",  # BT-27
    "seller_siren": "siren",  # BT-30
    "seller_siret": "siret",  # BT-29, scheme 0009
    "seller_vat": "vat",  # BT-31
    "seller_address": "text",  # BT-35
    "seller_postcode": "text",  # BT-38
    "seller_city": "text",  # BT-37
    "seller_country": "country",  # BT-40
    "buyer_name": "text",  # BT-44
    "buyer_siren": "siren",  # BT-47
    "buyer_siret": "siret",  # BT-46, scheme 0009
    "buyer_vat": "vat",  # BT-48
    "buyer_address": "text",  # BT-50
    "buyer_postcode": "text",  # BT-53
    "buyer_city": "text",  # BT-52
    "buyer_country": "country",  # BT-55
    "purchase_order": "text",  # BT-13
    "contract": "text",  # BT-12
    "preceding_invoice": "text",  # BT-25
    "preceding_date": "date",  # BT-26
    "period_start": "date",  # BT-73
    "period_end": "date",  # BT-74
    "delivery_date": "date",  # BT-72
    "lines": "lines",  # BG-25
    "adjustments": "adjustments",  # BG-20, BG-21
    "vat_breakdown": "vat_rows",  # BG-23
    "total_excl_vat": "amount",  # BT-109
    "total_vat": "amount",  # BT-110
    "total_incl_vat": "amount",  # BT-112
    "prepaid": "amount",  # BT-113
    "rounding": "amount",  # BT-114
    "amount_due": "amount",  # BT-115
    "iban": "iban",  # BT-84
    "bic": "bic",  # BT-86
    "payment_terms": "text",  # BT-20
    "exemption_reason": "text",  # BT-120, when one reason covers the page
    "note_recovery": "text",  # BT-22 under BT-21 PMT: the 40 EUR for recovery
    "note_penalties": "text",  # BT-22 under BT-21 PMD: penalties for late payment
    "note_discount": "text",  # BT-22 under BT-21 AAB: discount for early payment, or none
}

#: UNTDID 4451 code (BT-21) of each sentence that the reform wants, and the field it is read in.
NOTES: Mapping[str, str] = {
    "PMT": "note_recovery",
    "PMD": "note_penalties",
    "AAB": "note_discount",
}

#: UNTDID 1001 code (BT-3) of each type word.
TYPE_CODES: Mapping[str, str] = {
    "invoice": "380",
    "credit_note": "381",
    "prepayment": "386",
    "corrective": "384",
    "self_billed": "389",
    "receipt": "380",
}


#: From this confidence on, nobody needs to look: counted, hardly one value in a hundred is wrong.
SURE = 0.95
CERTAIN = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value, where it came from, and the confidence (0 to 1) that it is right."""

    value: type_of_value
    provenance: Provenance
    confidence: float = 1.0

    @property
    def sure(self) -> bool:
        """True when nobody needs to look; every screen, check and answer asks this."""
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The fields that were read, by name (FIELDS). A field that was not read is absent."""

    fields: Mapping[str, Reading] = field(default_factory=dict)
    kind: str = "invoice"  # what the page is: "invoice", "receipt", "statement", "other"…
    accounts: tuple[str, ...] = ()  # BT-84 of every BG-17 of the issuer's data, not the first only
    type_code: str = ""  # BT-3 of the issuer's data, whose word (``type``) is coarser

    def get(self, name: str) -> type_of_value | None:
        """The value of a field, None when it was not read."""
        reading = self.fields.get(name)
        return None if reading is None else reading.value

    def text(self, name: str) -> str:
        """The value as text, "" when it was not read."""
        value = self.get(name)
        return "" if value is None else str(value)

    def amount(self, name: str) -> Decimal | None:
        """An amount, None when it was not read."""
        value = self.get(name)
        return value if isinstance(value, Decimal) else None

    def day(self, name: str) -> date | None:
        """A date, None when it was not read."""
        value = self.get(name)
        return value if isinstance(value, date) else None

    @property
    def ibans(self) -> tuple[str, ...]:
        """Every account that the invoice may be paid on, compact, once each.

        A first transfer to a known account must not hide a second one to a thief's. What a person
        typed instead of the issuer's is the only one.
        """
        reading = self.fields.get("iban")
        typed = reading is not None and reading.provenance.origin is not Origin.XML
        found = (self.text("iban"), *(() if typed else self.accounts))
        return tuple(dict.fromkeys(filter(None, map(compact, found))))

    @property
    def lines(self) -> tuple[LineRow, ...]:
        """The lines read, maybe none."""
        value = self.get("lines")
        return tuple(row for row in value if isinstance(row, LineRow)) if isinstance(value, tuple) else ()  # fmt: skip  # noqa: E501

    @property
    def vat_rows(self) -> tuple[VatRow, ...]:
        """The VAT rows read, maybe none."""
        value = self.get("vat_breakdown")
        return tuple(row for row in value if isinstance(row, VatRow)) if isinstance(value, tuple) else ()  # fmt: skip  # noqa: E501

    @property
    def adjustments(self) -> tuple[AdjustmentRow, ...]:
        """The document-level allowances and charges read, maybe none."""
        value = self.get("adjustments")
        return tuple(row for row in value if isinstance(row, AdjustmentRow)) if isinstance(value, tuple) else ()  # fmt: skip  # noqa: E501

    def with_(self, name: str, reading: Reading) -> "Candidate":
        """A copy with one field replaced."""
        return replace(self, fields={**self.fields, name: reading})

    def without(self, name: str) -> "Candidate":
        """A copy with one field removed."""
        return replace(self, fields={key: one for key, one in self.fields.items() if key != name})
