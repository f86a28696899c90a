"""What the dossier knows of itself, beside what was read of it."""

from dataclasses import replace

import pytest
from facteur.domain.candidate import Candidate, Origin, Provenance, Reading
from facteur.domain.dossiers import Dossier
from facteur.domain.vouching import vouched

OWN = Dossier(
    id="d",
    name="Maison Delorme",
    siren="300000007",
    address="8 rue des Tanneurs",
    postcode="21000",
    city="Dijon",
)
READ = {
    "buyer_name": "MAISON DELORME",
    "buyer_address": "8, rue des Tanneurs",
    "buyer_postcode": "21000",
    "buyer_city": "DIJON",
    "seller_name": "Ferronnerie Talvas",
}


def _candidate(**changes: str) -> Candidate:
    source = Provenance(origin=Origin.TEXT, page=1)
    read = {**READ, **changes}
    return Candidate(
        kind="invoice",
        fields={
            name: Reading(value=value, confidence=0.8, provenance=source)
            for name, value in read.items()
        },
    )


def _sure(candidate: Candidate) -> set[str]:
    return {name for name, one in candidate.fields.items() if one.sure}


def test_our_own_name_and_address_need_nobody_s_eyes():
    """Capitals and commas apart, both say the same; the seller stays unsure."""
    read = vouched(_candidate(), OWN, "buyer")

    assert {"buyer_name", "buyer_address", "buyer_postcode", "buyer_city"} == _sure(read)
    assert "MAISON DELORME" == read.text("buyer_name")


@pytest.mark.parametrize(
    ("changes", "sure"),
    [
        ({"buyer_name": "Maison Delarme"}, set()),
        ({"buyer_name": ""}, set()),
        ({"buyer_address": "18 rue des Tanneurs"}, {"buyer_name", "buyer_postcode", "buyer_city"}),
    ],
)
def test_what_differs_by_a_sign_stays_to_be_checked(changes: dict[str, str], sure: set[str]):
    """A neighbour has our street, and a misread digit is another address."""
    assert sure == _sure(vouched(_candidate(**changes), OWN, "buyer"))


def test_a_dossier_that_knows_nothing_vouches_for_nothing():
    """Without a name, or without an address, there is no second witness."""
    assert set() == _sure(vouched(_candidate(), replace(OWN, name=""), "buyer"))
    bare = replace(OWN, address="", postcode="", city="")
    assert {"buyer_name"} == _sure(vouched(_candidate(), bare, "buyer"))
