"""The parts that the header and the lines of a CII share: parties, periods, adjustments, taxes.

``full`` is True above BASIC WL, which has no place for contacts, legal forms and the trading name
of anyone but the seller. Elements come in the order of the schema (Factur-X 1.09).
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from facteur.domain.invoice import Address, AllowanceCharge, Contact, Party, Period
from facteur.formats.xml_invoice.build import Builder

if TYPE_CHECKING:
    from lxml.etree import _Element


def party(to: Builder, tag: str, one: Party | None, *, full: bool) -> "_Element | None":
    """A party (BG-4, 7, 10, 11), None without one."""
    if one is None:
        return None
    traded = full or tag == "ram:SellerTradeParty"
    schemeless = (held for held in one.identifiers if not held.scheme)
    schemed = (held for held in one.identifiers if held.scheme)
    return to.group(
        tag,
        (to.identifier("ram:ID", held) for held in schemeless),
        (to.identifier("ram:GlobalID", held) for held in schemed),
        to.leaf("ram:Name", one.name),
        to.leaf("ram:Description", one.legal_form) if full else None,
        to.group(
            "ram:SpecifiedLegalOrganization",
            to.identifier("ram:ID", one.legal_id),
            to.leaf("ram:TradingBusinessName", one.trading_name) if traded else None,
        ),
        contact(to, one.contact) if full else None,
        address(to, one.address),
        to.group(
            "ram:URIUniversalCommunication", to.identifier("ram:URIID", one.electronic_address)
        ),
        registration(to, one.vat, "VA"),
        registration(to, one.tax_registration, "FC"),
    )


def registration(to: Builder, number: str, scheme: str) -> "_Element | None":
    """A tax registration: VA is the VAT number, FC the other one."""
    return to.group("ram:SpecifiedTaxRegistration", to.leaf("ram:ID", number, schemeID=scheme))


def contact(to: Builder, one: Contact | None) -> "_Element | None":
    """Whom to ask (BG-6, BG-9)."""
    if one is None:
        return None
    return to.group(
        "ram:DefinedTradeContact",
        to.leaf("ram:PersonName", one.name),
        to.group("ram:TelephoneUniversalCommunication", to.leaf("ram:CompleteNumber", one.phone)),
        to.group("ram:EmailURIUniversalCommunication", to.leaf("ram:URIID", one.email)),
    )


def address(to: Builder, one: Address | None) -> "_Element | None":
    """A postal address, None when nothing of it is known."""
    if one is None:
        return None
    return to.group(
        "ram:PostalTradeAddress",
        to.leaf("ram:PostcodeCode", one.postcode),
        to.leaf("ram:LineOne", one.line1),
        to.leaf("ram:LineTwo", one.line2),
        to.leaf("ram:LineThree", one.line3),
        to.leaf("ram:CityName", one.city),
        to.leaf("ram:CountryID", one.country),
        to.leaf("ram:CountrySubDivisionName", one.subdivision),
    )


def period(to: Builder, one: Period | None) -> "_Element | None":
    """A period (BG-14, BG-26)."""
    if one is None:
        return None
    return to.group(
        "ram:BillingSpecifiedPeriod",
        to.day("ram:StartDateTime", one.start),
        to.day("ram:EndDateTime", one.end),
    )


def adjustment(to: Builder, one: AllowanceCharge, *, charge: bool) -> "_Element | None":
    """An allowance or a charge; its VAT only where it has one (the document's have)."""
    return to.group(
        "ram:SpecifiedTradeAllowanceCharge",
        indicator(to, charge=charge),
        to.leaf("ram:CalculationPercent", one.percent),
        to.leaf("ram:BasisAmount", one.base),
        to.leaf("ram:ActualAmount", one.amount),
        to.leaf("ram:ReasonCode", one.reason_code),
        to.leaf("ram:Reason", one.reason),
        vat(to, "ram:CategoryTradeTax", one.vat_category, one.vat_rate),
    )


def indicator(to: Builder, *, charge: bool) -> "_Element | None":
    """True for a charge, false for an allowance."""
    flag = to.leaf("udt:Indicator", "true" if charge else "false")
    return to.group("ram:ChargeIndicator", flag)


def vat(to: Builder, tag: str, category: str, rate: Decimal | None) -> "_Element | None":
    """A VAT category and its rate, None without a category."""
    if not category:
        return None
    return to.group(
        tag,
        to.leaf("ram:TypeCode", "VAT"),
        to.leaf("ram:CategoryCode", category),
        to.leaf("ram:RateApplicablePercent", rate),
    )
