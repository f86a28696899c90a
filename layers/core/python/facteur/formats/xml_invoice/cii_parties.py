"""Reads the parties of a CII: who sells, buys, is paid, and where it is delivered.

Source: CEN/TS 16931-3-3 (BG-4 to BG-19); reference: invoice-formats.md §5.
"""

from collections.abc import Sequence

from facteur.domain.invoice import (
    Address,
    Contact,
    CreditTransfer,
    Delivery,
    Party,
    Payment,
    Period,
)
from facteur.formats.xml_invoice.cii_names import DAY
from facteur.formats.xml_invoice.node import Node


def read_party(node: Node, side: str = "") -> Party:
    """A party; ``side`` ("seller", "buyer" or "") names the candidate's fields it fills."""
    legal = node.at("ram:SpecifiedLegalOrganization")
    found = (
        one.identifier(side) for path in ("ram:ID", "ram:GlobalID") for one in node.each(path)
    )
    return Party(
        name=node.text("ram:Name", side and f"{side}_name"),
        trading_name=legal.text("ram:TradingBusinessName"),
        identifiers=tuple(one for one in found if one),
        legal_id=legal.at("ram:ID").identifier(side),
        vat=_registration(node, "VA", side and f"{side}_vat"),
        tax_registration=_registration(node, "FC"),
        legal_form=node.text("ram:Description"),
        electronic_address=node.at("ram:URIUniversalCommunication/ram:URIID").identifier(),
        address=_address(node.at("ram:PostalTradeAddress"), side),
        contact=_contact(node.at("ram:DefinedTradeContact")),
    )


def read_optional_party(node: Node) -> Party | None:
    """A party that may be absent: None then."""
    party = read_party(node)
    return None if party == Party() else party


def _registration(node: Node, scheme: str, name: str = "") -> str:
    """The VAT number (VA) or the other tax registration (FC); ZUGFeRD 1.0 says the same."""
    for one in node.each("ram:SpecifiedTaxRegistration/ram:ID"):
        if one.attribute("schemeID") == scheme and one.raw().strip():
            return one.text(name=name)
    return ""


def _address(node: Node, side: str = "") -> Address:
    return Address(
        line1=node.text("ram:LineOne", side and f"{side}_address"),
        line2=node.text("ram:LineTwo"),
        line3=node.text("ram:LineThree"),
        city=node.text("ram:CityName", side and f"{side}_city"),
        postcode=node.text("ram:PostcodeCode", side and f"{side}_postcode"),
        subdivision=node.text("ram:CountrySubDivisionName"),
        country=node.text("ram:CountryID", side and f"{side}_country"),
    )


def _contact(node: Node) -> Contact | None:
    contact = Contact(
        name=node.first("ram:PersonName", "ram:DepartmentName").text(),
        phone=node.text("ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
        email=node.text("ram:EmailURIUniversalCommunication/ram:URIID"),
    )
    return None if contact == Contact() else contact


def read_delivery(node: Node) -> Delivery | None:
    """Where and when it was delivered (BG-13), None when nothing says so."""
    place = node.at("ram:ShipToTradeParty")
    address = _address(place.at("ram:PostalTradeAddress"))
    delivery = Delivery(
        name=place.text("ram:Name"),
        location=place.first("ram:GlobalID", "ram:ID").identifier(),
        date=node.day(
            f"ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/{DAY}", "delivery_date"
        ),
        address=None if address == Address() else address,
    )
    return None if delivery == Delivery() else delivery


def read_period(node: Node, *, named: bool = False) -> Period | None:
    """A period (BG-14, BG-26); ``named`` when it is the document's, a field of the candidate."""
    start = node.day(f"ram:StartDateTime/{DAY}", "period_start" if named else "")
    end = node.day(f"ram:EndDateTime/{DAY}", "period_end" if named else "")
    return Period(start=start, end=end) if start or end else None


def read_payment(settlement: Node, terms: Sequence[Node]) -> Payment | None:
    """Each account is a payment means of its own in CII; the first one's code stands for all."""
    means = list(settlement.each("ram:SpecifiedTradeSettlementPaymentMeans"))
    empty = settlement.at("ram:SpecifiedTradeSettlementPaymentMeans")
    head = means[0] if means else empty
    card = next(
        (one for each in means if (one := each.at("ram:ApplicableTradeSettlementFinancialCard"))),
        empty,
    )
    debited = (one.text("ram:PayerPartyDebtorFinancialAccount/ram:IBANID") for one in means)
    payment = Payment(
        means_code=head.text("ram:TypeCode"),
        means_text=head.text("ram:Information"),
        remittance=settlement.text("ram:PaymentReference"),
        transfers=tuple(found for one in means if (found := _transfer(one))),
        card_number=card.text("ram:ID"),
        card_holder=card.text("ram:CardholderName"),
        mandate=next(
            (text for one in terms if (text := one.text("ram:DirectDebitMandateID"))), ""
        ),
        creditor_id=settlement.text("ram:CreditorReferenceID"),
        debited_iban=next((text for text in debited if text), ""),
    )
    return None if payment == Payment() else payment


def _transfer(means: Node) -> CreditTransfer | None:
    account = means.at("ram:PayeePartyCreditorFinancialAccount")
    iban = account.text("ram:IBANID", "iban") or account.text("ram:ProprietaryID", "iban")
    if not iban:
        return None
    return CreditTransfer(
        iban=iban,
        account_name=account.text("ram:AccountName"),
        bic=means.text("ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID", "bic"),
    )
