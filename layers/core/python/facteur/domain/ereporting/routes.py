"""What an invoice is reported as, if at all.

Domestic invoices between taxable persons are e-invoices: their platform reports them. Foreign
parties are reported invoice by invoice (10.1), sales to those who are not taxable by day (10.3).

Source: specifications of the DGFiP v3.2 §2.3.3; CGI art. 290; XP Z12-014 annex A, case 43.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from facteur.domain.documents import Direction
from facteur.domain.ereporting.blocks import Category
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice, Party
from facteur.domain.money import ZERO

#: France for VAT: the mainland with Monaco, and the departments where VAT applies (CGI 294).
FRANCE = frozenset({"FR", "MC", "GP", "MQ", "RE"})
#: French territories without VAT; their companies have a SIREN, RIDET or TAHITI number.
BEYOND = frozenset({"GF", "YT", "NC", "PF", "WF", "PM", "BL", "MF"})
EUROPE = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR EL HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()  # noqa: E501, SIM905
)

#: Times its invoice from which money is asked about: a payment typed twice is, a tip is not.
FAR = Decimal("1.5")

_PREPAYMENTS = frozenset({"386", "500", "503"})
#: BT-8 of the « option sur les débits »: VAT is due on the invoice, not on the payment.
_ON_INVOICE = frozenset({"3", "5"})
_MARGIN = frozenset({"VATEX-EU-D", "VATEX-EU-F", "VATEX-EU-I", "VATEX-EU-J"})
#: Exemptions of CGI 261 to 261 E: nothing is reported of what they cover.
_EXEMPT = ("VATEX-FR-CGI261", "VATEX-EU-132", "VATEX-EU-135")


class Nature(StrEnum):
    """What is sold: it decides when VAT is due."""

    GOODS = "goods"
    SERVICES = "services"
    MIXED = "mixed"


class Route(StrEnum):
    """Where an operation is told."""

    NONE = "none"
    E_INVOICE = "e_invoice"  # flux 1 and 212, by the platform
    INVOICE = "10.1"
    DAY = "10.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTold:
    """A refund that is told as of an earlier collection, which it takes back (refunds.py)."""

    day: date  # when the money went back
    told_on: date  # the day of the collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What only the company knows of a document (annex A, case 43)."""

    nature: Nature | None = None
    rate: Decimal | None = None  # French rate, in percent, of a purchase whose VAT we owe
    imported: bool | None = None  # goods that came through customs: not reported
    tax_eur: Decimal | None = None  # of a purchase in another currency: the VAT that we owe
    refunds: tuple[RefundTold, ...] = ()  # those that are told on another day than their own
    collected: Decimal | None = None  # all that came in, though far beyond the invoice; 0: no more


def nature_of(invoice: Invoice, answers: Answers) -> Nature | None:
    """What is sold: the company's word, else the first letter of BT-23; None when neither says."""
    if answers.nature is not None:
        return answers.nature
    letters = {"B": Nature.GOODS, "S": Nature.SERVICES, "M": Nature.MIXED}
    return letters.get(invoice.process[:1].upper())


def route_of(invoice: Invoice, direction: Direction, answers: Answers) -> Route:
    """Where this invoice is told, seen from the dossier that sold or bought."""
    if _untold(invoice):
        return Route.NONE
    if direction is Direction.SALE:
        return _sale(invoice)
    return _purchase(invoice, answers)


def _sale(invoice: Invoice) -> Route:
    buyer = invoice.buyer
    country = _country(buyer)
    if country in FRANCE or not country:
        return Route.E_INVOICE if buyer.siren else Route.DAY
    return Route.INVOICE if _taxable(buyer) else Route.DAY


def _purchase(invoice: Invoice, answers: Answers) -> Route:
    seller = invoice.seller
    country = _country(seller)
    if country in FRANCE or (not country and seller.siren):
        return Route.NONE
    if not _taxable(seller) or answers.imported or _foreign_tax(invoice):
        return Route.NONE
    return Route.INVOICE


def questions(invoice: Invoice, direction: Direction, answers: Answers) -> tuple[Fault, ...]:
    """What must be asked before this invoice can be reported, all of it at once."""
    found = []
    route = route_of(invoice, direction, answers)
    if route not in {Route.INVOICE, Route.DAY}:
        return ()
    nature = nature_of(invoice, answers)
    if nature is None:
        found.append(Fault(code="ereporting.nature_unknown", path="nature"))
    if route is Route.DAY and nature is Nature.MIXED:
        found.append(Fault(code="ereporting.mixed", path="nature"))
    if direction is Direction.PURCHASE:
        foreign_goods = nature is Nature.GOODS and _country(invoice.seller) not in EUROPE
        if foreign_goods and answers.imported is None:
            found.append(Fault(code="ereporting.import_unknown", path="imported"))
        if answers.rate is None:
            found.append(Fault(code="ereporting.rate_unknown", path="rate"))
        if invoice.currency != "EUR" and answers.tax_eur is None:
            found.append(Fault(code="ereporting.tax_due_in_euros", path="tax_eur"))
    if invoice.issue_date is None:
        found.append(Fault(code="ereporting.no_date", path="issue_date"))
    charged = direction is Direction.SALE and invoice.totals.tax
    if invoice.currency != "EUR" and charged and not _tax_in_euros(invoice):
        found.append(Fault(code="ereporting.tax_not_in_euros", path="total_vat"))
    return tuple(found)


def excess(invoice: Invoice, collected: Decimal, answers: Answers) -> Fault | None:
    """The question about money far beyond its invoice, until the company says that it came in.

    ``collected``: all of it by the end of the period, VAT included, signed. What is confirmed is
    that sum: more of it is asked about again. Decision 0324.
    """
    total = invoice.totals.tax_inclusive
    if total is None:
        total = sum((row.base + row.tax for row in invoice.vat_breakdown), ZERO)
    fine = max(abs(total) * FAR, abs(answers.collected or ZERO))
    if invoice.currency != "EUR" or abs(collected) <= fine:
        return None
    values = {"amount": f"{collected:.2f}", "total": f"{total:.2f}"}
    return Fault(code="ereporting.collected_beyond", path="collected", values=values)


def due_on_collection(invoice: Invoice, answers: Answers) -> bool:
    """True when French VAT is due as the money comes in, so that payments are reported.

    Services without the « option sur les débits », and every prepayment; never where the buyer
    owes the VAT or where there is none (G7.45; annex A §2.1).
    """
    if not any(row.category == "S" and row.tax for row in invoice.vat_breakdown):
        return False
    if invoice.type_code in _PREPAYMENTS:
        return True
    if invoice.tax_point_code in _ON_INVOICE:
        return False
    return nature_of(invoice, answers) in {Nature.SERVICES, Nature.MIXED}


def category_of(invoice: Invoice, answers: Answers) -> Category:
    """TT-81 of a sale told by day (annex 6, sheet « Correspondance »)."""
    codes = {row.exemption_code for row in invoice.vat_breakdown}
    if codes & _MARGIN:
        return Category.MARGIN
    if not any(row.category == "S" for row in invoice.vat_breakdown):
        return Category.UNTAXED
    services = nature_of(invoice, answers) is Nature.SERVICES
    return Category.SERVICES if services else Category.GOODS


def tax_in_euros(invoice: Invoice) -> Decimal:
    """The VAT total in euros (TT-52): BT-111 when the invoice is in another currency."""
    if invoice.currency != "EUR" and invoice.totals.tax_in_accounting_currency is not None:
        return invoice.totals.tax_in_accounting_currency
    return invoice.totals.tax or Decimal("0.00")


def _tax_in_euros(invoice: Invoice) -> bool:
    return invoice.tax_currency == "EUR" and invoice.totals.tax_in_accounting_currency is not None


def _untold(invoice: Invoice) -> bool:
    """True when every row is exempt by CGI 261 to 261 E, or out of the scope of VAT."""
    rows = invoice.vat_breakdown
    return bool(rows) and all(
        row.category == "O" or row.exemption_code.startswith(_EXEMPT) for row in rows
    )


def _foreign_tax(invoice: Invoice) -> bool:
    """True when the seller charged the VAT of another country: nothing was acquired in France."""
    charged = any(row.category == "S" and row.tax for row in invoice.vat_breakdown)
    return charged and not invoice.seller.vat.upper().startswith("FR")


def _country(party: Party) -> str:
    return party.address.country.upper() or party.vat[:2].upper().replace("EL", "GR")


def _taxable(party: Party) -> bool:
    """True for a foreign party that acts as a business: it has a number of one."""
    return bool(party.vat or party.legal_id or party.identifiers or party.tax_registration)
