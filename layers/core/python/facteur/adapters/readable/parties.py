"""Who sells, buys, is paid or represents, and where it was delivered: blocks of the page."""

from collections.abc import Iterator
from typing import TypedDict

from facteur.adapters.readable.texts import (
    Row,
    address,
    day,
    filled,
    identifier,
    scheme_label,
)
from facteur.domain.invoice import Invoice, Party


class PartyView(TypedDict):
    """A party: its role, its name, its address, what identifies it."""

    role: str
    name: str
    address: list[str]
    facts: list[Row]


def parties_of(invoice: Invoice) -> list[PartyView]:
    """The parties that the invoice names (BG-4, BG-7, BG-10, BG-11), and the delivery (BG-13)."""
    roles = (
        ("Vendeur", invoice.seller),
        ("Acheteur", invoice.buyer),
        ("Bénéficiaire du paiement", invoice.payee),
        ("Représentant fiscal", invoice.tax_representative),
    )
    held = [_party(role, party) for role, party in roles if party is not None]
    held += _delivery(invoice)
    return [one for one in held if one["name"] or one["address"] or one["facts"]]


def in_one_line(party: Party) -> str:
    """A party's name and everything else about it, for a place where there is no block."""
    facts = [f"{label} {value}" for label, value in _facts(party)]
    return " · ".join(one for one in (party.name, *address(party.address), *facts) if one)


def _party(role: str, party: Party) -> PartyView:
    return PartyView(
        role=role, name=party.name, address=address(party.address), facts=_facts(party)
    )


def _facts(party: Party) -> list[Row]:
    contact, legal, mailbox = party.contact, party.legal_id, party.electronic_address
    return filled(
        ("Nom commercial", party.trading_name),
        (scheme_label(legal, "Immatriculation") if legal else "", identifier(legal)),
        *((scheme_label(one), one.value) for one in party.identifiers),
        ("N° de TVA", party.vat),
        ("Identifiant fiscal", party.tax_registration),
        ("Forme juridique", party.legal_form),
        (_mailbox_label(mailbox.scheme) if mailbox else "", identifier(mailbox)),
        ("Contact", contact.name if contact else ""),
        ("Téléphone", contact.phone if contact else ""),
        ("Courriel", contact.email if contact else ""),
    )


def _mailbox_label(scheme: str) -> str:
    """Short for the French directory's addresses, with the scheme for others."""
    return (
        f"Adresse électronique ({scheme})"
        if scheme not in ("", "0225")
        else ("Adresse électronique")
    )


def _delivery(invoice: Invoice) -> Iterator[PartyView]:
    delivery = invoice.delivery
    if delivery is None:
        return
    place = delivery.location
    yield PartyView(
        role="Livraison",
        name=delivery.name,  # BT-70
        address=address(delivery.address),  # BG-15
        facts=filled(
            ("Date de livraison", day(delivery.date)),  # BT-72
            (scheme_label(place, "Lieu") if place else "", identifier(place)),  # BT-71
        ),
    )
