"""A candidate that holds, to be spoilt one field at a time."""
# ruff: noqa: E501

from datetime import date
from decimal import Decimal

from facteur.domain.candidate import (
    Candidate,
    LineRow,
    Origin,
    Provenance,
    Reading,
    VatRow,
    type_of_value,
)

D = Decimal
GOOD: dict[str, type_of_value] = {
    "type": "invoice",
    "number": "F-1",
    "issue_date": date(2024, 3, 1),
    "due_date": date(2024, 3, 31),
    "currency": "EUR",
    "seller_name": "Ovalia SAS",
    "seller_siren": "732829320",
    "seller_siret": "73282932000074",
    "seller_vat": "FR44732829320",
    "seller_address": "12 rue des Lilas",
    "seller_postcode": "35000",
    "seller_city": "Rennes",
    "seller_country": "FR",
    "buyer_name": "Studio Kerlann",
    "buyer_siren": "552100554",
    "buyer_country": "FR",
    "total_excl_vat": D("120.00"),
    "total_vat": D("23.00"),
    "total_incl_vat": D("143.00"),
    "amount_due": D("143.00"),
    "iban": "FR7630006000011234567890189",
    "bic": "AGRIFRPP882",
    "vat_breakdown": (
        VatRow(rate=D("20"), base=D("110.00"), tax=D("22.00"), category="S"),
        VatRow(rate=D("10"), base=D("10.00"), tax=D("1.00"), category="S"),
    ),
    "lines": (
        LineRow(description="Conseil", quantity=D("2"), unit="h", unit_price=D("55.00"), net=D("110.00"), vat_rate=D("20")),
        LineRow(description="Livre", quantity=D("1"), unit_price=D("10.00"), net=D("10.00"), vat_rate=D("10")),
    ),
}  # fmt: skip


def candidate(
    *, confidence: float = 1.0, origin: Origin = Origin.TEXT, **changed: type_of_value | None
) -> Candidate:
    """The good candidate with fields changed, or taken away when None."""
    place = Provenance(origin=origin, page=1)
    values = {**GOOD, **changed}
    return Candidate(
        fields={
            name: Reading(value=value, provenance=place, confidence=confidence)
            for name, value in values.items()
            if value is not None
        }
    )
