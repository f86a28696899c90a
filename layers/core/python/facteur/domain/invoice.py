"""The invoice, as EN 16931 means it: each field beside its business term (BT) or group (BG).

Ours on purpose: the dictionaries and schemas of the formats change, this does not. Amounts are
Decimal, dates are dates, codes stay the official codes (codes.py gives their French labels).
Source: EN 16931-1:2017 §6; French additions: XP Z12-012 (reference: invoice-formats.md §5).
The totals of the issuer are kept as they are, to the cent; totals.py only compares.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

_Day = date  # the delivery has a field of that name, which hides the class inside its body


@dataclass(frozen=True, slots=True)
class BT:
    """The official term that a field stands for."""

    term: str


#: Years of the reform are 2000 to 2099 (BR-FR-03).
EARLIEST = date(2000, 1, 1)

CREDIT_NOTE_TYPES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"})  # fmt: skip  # noqa: E501
CORRECTIVE_TYPES = frozenset({"384", "471", "472", "473"})
SELF_BILLED_TYPES = frozenset({"389", "501", "500", "471", "473", "261", "502"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """An identifier and the scheme that gives it a meaning (ISO 6523 ICD): 0002 is SIREN."""

    value: str
    scheme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address (BG-5, BG-8, BG-12, BG-15)."""

    line1: Annotated[str, BT("BT-35")] = ""
    line2: Annotated[str, BT("BT-36")] = ""
    line3: Annotated[str, BT("BT-162")] = ""
    city: Annotated[str, BT("BT-37")] = ""
    postcode: Annotated[str, BT("BT-38")] = ""
    subdivision: Annotated[str, BT("BT-39")] = ""
    country: Annotated[str, BT("BT-40")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask (BG-6, BG-9)."""

    name: Annotated[str, BT("BT-41")] = ""
    phone: Annotated[str, BT("BT-42")] = ""
    email: Annotated[str, BT("BT-43")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller (BG-4), buyer (BG-7), payee (BG-10) or tax representative (BG-11).

    BT numbers are the seller's; the buyer's are BT-44 to BT-58 in the same order.
    """

    name: Annotated[str, BT("BT-27")] = ""
    trading_name: Annotated[str, BT("BT-28")] = ""
    identifiers: Annotated[tuple[Identifier, ...], BT("BT-29")] = ()
    legal_id: Annotated[Identifier | None, BT("BT-30")] = None
    vat: Annotated[str, BT("BT-31")] = ""
    tax_registration: Annotated[str, BT("BT-32")] = ""
    legal_form: Annotated[str, BT("BT-33")] = ""
    electronic_address: Annotated[Identifier | None, BT("BT-34")] = None
    address: Annotated[Address, BT("BG-5")] = Address()
    contact: Annotated[Contact | None, BT("BG-6")] = None

    @property
    def siren(self) -> str:
        """The SIREN (scheme 0002), else the first nine digits of the SIRET, else ""."""
        if self.legal_id is not None and self.legal_id.scheme == "0002":
            return self.legal_id.value
        return self.siret[:9]

    @property
    def siret(self) -> str:
        """The SIRET (scheme 0009), else ""."""
        held = (*self.identifiers, *((self.legal_id,) if self.legal_id else ()))
        return next((one.value for one in held if one.scheme == "0009"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note (BG-1) and its subject (BT-21, UNTDID 4451): PMT, PMD, AAB… in France."""

    text: Annotated[str, BT("BT-22")]
    subject: Annotated[str, BT("BT-21")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedingInvoice:
    """An earlier invoice that this one refers to (BG-3)."""

    number: Annotated[str, BT("BT-25")]
    issue_date: Annotated[date | None, BT("BT-26")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """An invoicing period (BG-14; BG-26 on a line), both days included."""

    start: Annotated[date | None, BT("BT-73")] = None
    end: Annotated[date | None, BT("BT-74")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where and when it was delivered (BG-13, BG-15)."""

    name: Annotated[str, BT("BT-70")] = ""
    location: Annotated[Identifier | None, BT("BT-71")] = None
    date: Annotated[_Day | None, BT("BT-72")] = None
    address: Annotated[Address | None, BT("BG-15")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTransfer:
    """An account to pay to (BG-17)."""

    iban: Annotated[str, BT("BT-84")]
    account_name: Annotated[str, BT("BT-85")] = ""
    bic: Annotated[str, BT("BT-86")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """How to pay (BG-16 to BG-19); means_code is UNTDID 4461 (58 = SEPA transfer)."""

    means_code: Annotated[str, BT("BT-81")] = ""
    means_text: Annotated[str, BT("BT-82")] = ""
    remittance: Annotated[str, BT("BT-83")] = ""
    transfers: Annotated[tuple[CreditTransfer, ...], BT("BG-17")] = ()
    card_number: Annotated[str, BT("BT-87")] = ""
    card_holder: Annotated[str, BT("BT-88")] = ""
    mandate: Annotated[str, BT("BT-89")] = ""
    creditor_id: Annotated[str, BT("BT-90")] = ""
    debited_iban: Annotated[str, BT("BT-91")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """An allowance (BG-20; BG-27 on a line) or a charge (BG-21; BG-28 on a line)."""

    amount: Annotated[Decimal, BT("BT-92")]
    base: Annotated[Decimal | None, BT("BT-93")] = None
    percent: Annotated[Decimal | None, BT("BT-94")] = None
    vat_category: Annotated[str, BT("BT-95")] = ""
    vat_rate: Annotated[Decimal | None, BT("BT-96")] = None
    reason: Annotated[str, BT("BT-97")] = ""
    reason_code: Annotated[str, BT("BT-98")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VatBreakdown:
    """One row of the VAT breakdown (BG-23)."""

    base: Annotated[Decimal, BT("BT-116")]
    tax: Annotated[Decimal, BT("BT-117")]
    category: Annotated[str, BT("BT-118")] = "S"
    rate: Annotated[Decimal | None, BT("BT-119")] = None
    exemption_text: Annotated[str, BT("BT-120")] = ""
    exemption_code: Annotated[str, BT("BT-121")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The document totals (BG-22), as the issuer wrote them."""

    lines: Annotated[Decimal | None, BT("BT-106")] = None
    allowances: Annotated[Decimal | None, BT("BT-107")] = None
    charges: Annotated[Decimal | None, BT("BT-108")] = None
    tax_exclusive: Annotated[Decimal | None, BT("BT-109")] = None
    tax: Annotated[Decimal | None, BT("BT-110")] = None
    tax_in_accounting_currency: Annotated[Decimal | None, BT("BT-111")] = None
    tax_inclusive: Annotated[Decimal | None, BT("BT-112")] = None
    prepaid: Annotated[Decimal | None, BT("BT-113")] = None
    rounding: Annotated[Decimal | None, BT("BT-114")] = None
    due: Annotated[Decimal | None, BT("BT-115")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A supporting document (BG-24). The bytes are kept apart: ``filename`` names them."""

    reference: Annotated[str, BT("BT-122")]
    description: Annotated[str, BT("BT-123")] = ""
    uri: Annotated[str, BT("BT-124")] = ""
    filename: Annotated[str, BT("BT-125")] = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClass:
    """A classification of the item: a code, the list it is taken from and its version."""

    code: Annotated[str, BT("BT-158")]
    scheme: Annotated[str, BT("BT-158-1")] = ""
    version: Annotated[str, BT("BT-158-2")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineExtension:
    """What the EXTENDED profiles add to a line: sub-lines, and the lines of another vendor.

    A GROUP sums up the lines whose ``parent`` it is, an INFORMATION counts for nothing: only
    detail lines add up to BT-106.
    """

    parent: Annotated[str, BT("EXT-FR-FE-162")] = ""
    subtype: Annotated[str, BT("EXT-FR-FE-163")] = ""  # DETAIL, GROUP, INFORMATION, "" = DETAIL
    seller: Annotated[Party | None, BT("EXT-FR-FE-164")] = None
    exemption_text: Annotated[str, BT("EXT-FR-FE-178")] = ""
    exemption_code: Annotated[str, BT("EXT-FR-FE-179")] = ""
    tax_point_code: Annotated[str, BT("EXT-FR-FE-180")] = ""
    tax: Annotated[Decimal | None, BT("EXT-FR-FE-181")] = None
    tax_inclusive: Annotated[Decimal | None, BT("EXT-FR-FE-184")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An invoice line (BG-25). The unit price is per ``price_base`` units (BT-149)."""

    id: Annotated[str, BT("BT-126")]
    name: Annotated[str, BT("BT-153")] = ""
    description: Annotated[str, BT("BT-154")] = ""
    note: Annotated[str, BT("BT-127")] = ""
    quantity: Annotated[Decimal | None, BT("BT-129")] = None
    unit: Annotated[str, BT("BT-130")] = ""
    net: Annotated[Decimal | None, BT("BT-131")] = None
    order_line: Annotated[str, BT("BT-132")] = ""
    accounting_reference: Annotated[str, BT("BT-133")] = ""
    period: Annotated[Period | None, BT("BG-26")] = None
    allowances: Annotated[tuple[AllowanceCharge, ...], BT("BG-27")] = ()
    charges: Annotated[tuple[AllowanceCharge, ...], BT("BG-28")] = ()
    unit_price: Annotated[Decimal | None, BT("BT-146")] = None
    price_discount: Annotated[Decimal | None, BT("BT-147")] = None
    gross_price: Annotated[Decimal | None, BT("BT-148")] = None
    price_base: Annotated[Decimal | None, BT("BT-149")] = None
    price_base_unit: Annotated[str, BT("BT-150")] = ""
    vat_category: Annotated[str, BT("BT-151")] = ""
    vat_rate: Annotated[Decimal | None, BT("BT-152")] = None
    seller_item: Annotated[str, BT("BT-155")] = ""
    buyer_item: Annotated[str, BT("BT-156")] = ""
    standard_item: Annotated[Identifier | None, BT("BT-157")] = None
    origin_country: Annotated[str, BT("BT-159")] = ""
    attributes: Annotated[tuple[tuple[str, str], ...], BT("BG-32")] = ()
    object_ids: Annotated[tuple[Identifier, ...], BT("BT-128")] = ()  # one, but in EXTENDED
    classes: tuple[ItemClass, ...] = ()
    extension: LineExtension | None = None

    @property
    def is_detail(self) -> bool:
        """True for a line that counts in the totals."""
        return self.extension is None or self.extension.subtype not in {"GROUP", "INFORMATION"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice or a credit note: what is common to every format we read or write."""

    number: Annotated[str, BT("BT-1")]
    issue_date: Annotated[date | None, BT("BT-2")]
    type_code: Annotated[str, BT("BT-3")]
    currency: Annotated[str, BT("BT-5")]
    seller: Annotated[Party, BT("BG-4")]
    buyer: Annotated[Party, BT("BG-7")]
    totals: Annotated[Totals, BT("BG-22")]
    vat_breakdown: Annotated[tuple[VatBreakdown, ...], BT("BG-23")] = ()
    lines: Annotated[tuple[Line, ...], BT("BG-25")] = ()
    tax_currency: Annotated[str, BT("BT-6")] = ""
    tax_point_date: Annotated[date | None, BT("BT-7")] = None
    tax_point_code: Annotated[str, BT("BT-8")] = ""
    due_date: Annotated[date | None, BT("BT-9")] = None
    buyer_reference: Annotated[str, BT("BT-10")] = ""
    project: Annotated[str, BT("BT-11")] = ""
    contract: Annotated[str, BT("BT-12")] = ""
    purchase_order: Annotated[str, BT("BT-13")] = ""
    sales_order: Annotated[str, BT("BT-14")] = ""
    receiving_advice: Annotated[str, BT("BT-15")] = ""
    despatch_advice: Annotated[str, BT("BT-16")] = ""
    tender: Annotated[str, BT("BT-17")] = ""
    invoiced_object: Annotated[Identifier | None, BT("BT-18")] = None
    accounting_reference: Annotated[str, BT("BT-19")] = ""
    payment_terms: Annotated[str, BT("BT-20")] = ""
    notes: Annotated[tuple[Note, ...], BT("BG-1")] = ()
    process: Annotated[str, BT("BT-23")] = ""
    profile: Annotated[str, BT("BT-24")] = ""
    preceding: Annotated[tuple[PrecedingInvoice, ...], BT("BG-3")] = ()
    payee: Annotated[Party | None, BT("BG-10")] = None
    tax_representative: Annotated[Party | None, BT("BG-11")] = None
    delivery: Annotated[Delivery | None, BT("BG-13")] = None
    period: Annotated[Period | None, BT("BG-14")] = None
    payment: Annotated[Payment | None, BT("BG-16")] = None
    allowances: Annotated[tuple[AllowanceCharge, ...], BT("BG-20")] = ()
    charges: Annotated[tuple[AllowanceCharge, ...], BT("BG-21")] = ()
    attachments: Annotated[tuple[Attachment, ...], BT("BG-24")] = ()

    @property
    def is_credit_note(self) -> bool:
        """True for the credit-note types of UNTDID 1001 (invoice-formats.md §3)."""
        return self.type_code in CREDIT_NOTE_TYPES

    @property
    def is_self_billed(self) -> bool:
        """True when the buyer issued it in the seller's name."""
        return self.type_code in SELF_BILLED_TYPES
