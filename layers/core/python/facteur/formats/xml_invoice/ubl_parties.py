"""Reads the parties of a UBL document: who sells, buys, is paid, and where it is delivered.

Source: CEN/TS 16931-3-2 (BG-4 to BG-19); reference: invoice-formats.md §5.
"""

from collections.abc import Iterator

from facteur.domain.invoice import (
    Address,
    Contact,
    CreditTransfer,
    Delivery,
    Party,
    Payment,
    Period,
)
from facteur.formats.xml_invoice.node import Node


def read_party(node: Node, side: str = "") -> Party:
    """A party; ``side`` ("seller", "buyer" or "") names the candidate's fields it fills."""
    legal = node.at("cac:PartyLegalEntity")
    registered = legal.text("cbc:RegistrationName", side and f"{side}_name")
    trading = node.text("cac:PartyName/cbc:Name", "" if registered or not side else f"{side}_name")
    found = [
        one.identifier(side)
        for one in node.each("cac:PartyIdentification/cbc:ID")
        if one.attribute("schemeID") != "SEPA"
    ]
    identifiers = [one for one in found if one]
    return Party(
        name=registered or trading,
        trading_name=trading if registered else "",
        # CII keeps identifiers without scheme in an element of their own, before the others.
        identifiers=tuple(sorted(identifiers, key=lambda one: one.scheme != "")),
        legal_id=legal.at("cbc:CompanyID").identifier(side),
        vat=_registration(node, vat=True, name=side and f"{side}_vat"),
        tax_registration=_registration(node, vat=False),
        legal_form=legal.text("cbc:CompanyLegalForm"),
        electronic_address=node.at("cbc:EndpointID").identifier(),
        address=_address(node.at("cac:PostalAddress"), side),
        contact=_contact(node.at("cac:Contact")),
    )


def read_optional_party(node: Node) -> Party | None:
    """A party that may be absent: None then."""
    party = read_party(node)
    return None if party == Party() else party


def _registration(node: Node, *, vat: bool, name: str = "") -> str:
    """The VAT number (tax scheme VAT), or the registration under any other tax scheme."""
    for one in node.each("cac:PartyTaxScheme"):
        scheme = one.text("cac:TaxScheme/cbc:ID").upper()
        if (scheme == "VAT") is vat and one.at("cbc:CompanyID").raw().strip():
            return one.text("cbc:CompanyID", name)
    return ""


def _address(node: Node, side: str = "") -> Address:
    return Address(
        line1=node.text("cbc:StreetName", side and f"{side}_address"),
        line2=node.text("cbc:AdditionalStreetName"),
        line3=node.text("cac:AddressLine/cbc:Line"),
        city=node.text("cbc:CityName", side and f"{side}_city"),
        postcode=node.text("cbc:PostalZone", side and f"{side}_postcode"),
        subdivision=node.text("cbc:CountrySubentity"),
        country=node.text("cac:Country/cbc:IdentificationCode", side and f"{side}_country"),
    )


def _contact(node: Node) -> Contact | None:
    contact = Contact(
        name=node.text("cbc:Name"),
        phone=node.text("cbc:Telephone"),
        email=node.text("cbc:ElectronicMail"),
    )
    return None if contact == Contact() else contact


def read_delivery(node: Node) -> Delivery | None:
    """Where and when it was delivered (BG-13), None when nothing says so."""
    address = _address(node.at("cac:DeliveryLocation/cac:Address"))
    delivery = Delivery(
        name=node.text("cac:DeliveryParty/cac:PartyName/cbc:Name"),
        location=node.at("cac:DeliveryLocation/cbc:ID").identifier(),
        date=node.day("cbc:ActualDeliveryDate", "delivery_date"),
        address=None if address == Address() else address,
    )
    return None if delivery == Delivery() else delivery


def read_period(node: Node, *, named: bool = False) -> Period | None:
    """A period (BG-14, BG-26); ``named`` when it is the document's, a field of the candidate."""
    start = node.day("cbc:StartDate", "period_start" if named else "")
    end = node.day("cbc:EndDate", "period_end" if named else "")
    return Period(start=start, end=end) if start or end else None


def read_payment(root: Node, means: list[Node], supplier: Node) -> Payment | None:
    """One payment means per account; the first one's code stands for all of them."""
    code = means[0].at("cbc:PaymentMeansCode") if means else root.at("cac:PaymentMeans")
    card = next((one for each in means if (one := each.at("cac:CardAccount"))), code)
    creditors = (
        one.text()
        for party in (root.at("cac:PayeeParty"), supplier)
        for one in party.each("cac:PartyIdentification/cbc:ID")
        if one.attribute("schemeID") == "SEPA"
    )
    payment = Payment(
        means_code=code.text(),
        means_text=code.attribute("name"),
        remittance=_first(one.text("cbc:PaymentID") for one in means),
        transfers=tuple(found for one in means if (found := _transfer(one))),
        card_number=card.text("cbc:PrimaryAccountNumberID"),
        card_holder=card.text("cbc:HolderName"),
        mandate=_first(one.text("cac:PaymentMandate/cbc:ID") for one in means),
        creditor_id=_first(creditors),
        debited_iban=_first(
            one.text("cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID") for one in means
        ),
    )
    return None if payment == Payment() else payment


def _first(texts: Iterator[str]) -> str:
    return next((text for text in texts if text), "")


def _transfer(means: Node) -> CreditTransfer | None:
    account = means.at("cac:PayeeFinancialAccount")
    iban = account.text("cbc:ID", "iban")
    if not iban:
        return None
    return CreditTransfer(
        iban=iban,
        account_name=account.text("cbc:Name"),
        bic=account.text("cac:FinancialInstitutionBranch/cbc:ID", "bic"),
    )
