"""Factoring and the account to pay: what must be said, who hears it, what stays from the buyer."""

from typing import Any

import pytest
from facteur.domain.decisions import Decision
from facteur.domain.documents import Document
from facteur.domain.errors import InvalidError
from facteur.domain.lifecycle import factoring
from facteur.domain.lifecycle.records import Payee, Side, Transmission

from tests.domain.lifecycle.records import record
from tests.domain.lifecycle.test_decisions import hear, purchase, sale, say

FACTOR = Payee(name="Affactis", siren="552100554")
ACCOUNT = factoring.account("FR76 3000 6000 0112 3456 7890 189", "Affactis", "AGRIFRPP")


def cede(one: Document, code: str, name: str = "1", **more: Any) -> Decision:
    held = {"payee": FACTOR} if code in ("225", "226") else {}
    data = {"data": ACCOUNT} if code in ("225", "227") else {}
    return say(one, code, name, **{**held, **data, **more})


@pytest.mark.parametrize(
    ("code", "more", "faults"),
    [
        ("225", {"payee": None}, ["status.payee_name", "status.payee_siren"]),
        ("225", {"payee": Payee(name=" ", siren="123456789")},
         ["status.payee_name", "status.payee_siren"]),
        ("225", {"data": ()}, ["status.payee_iban"]),
        ("227", {"data": factoring.account("FR76 0000", "", "nonsense")},
         ["status.payee_iban", "status.payee_bic"]),
        ("226", {"payee": None}, ["status.payee_name", "status.payee_siren"]),
        ("212", {"payee": FACTOR}, ["status.amount_missing", "status.payee_not_here"]),
    ],
)  # fmt: skip
def test_whom_to_pay_and_where_are_needed_and_checked(
    code: str, more: dict[str, Any], faults: list[str]
) -> None:
    """A SIREN is a SIREN, an IBAN an IBAN; the others name no factor."""
    with pytest.raises(InvalidError) as raised:
        cede(sale(), code, **more)
    assert faults == [one.code for one in raised.value.faults]


def test_what_is_confidential_stays_so_to_the_end() -> None:
    """226, and the 228 that ends it, go to the factor who was named; a 225's 228 to the buyer."""
    hidden = cede(sale(), "226").document
    back = cede(hidden, "228", "2").document.statuses
    assert [(True, FACTOR), (True, FACTOR)] == [(one.hidden, one.payee) for one in back]
    known = cede(sale(), "225").document
    (_first, last) = cede(known, "228", "2").document.statuses
    assert (False, None) == (last.hidden, last.payee)
    assert Transmission.WAITING is last.transmission


def test_a_228_without_a_factor_to_tell_is_refused_before_it_is_said() -> None:
    """The 226 came from elsewhere and named nobody: the buyer is not told instead."""
    one = hear(sale(), record("226", side=Side.SELLER)).document
    with pytest.raises(InvalidError) as raised:
        cede(one, "228")
    assert "status.payee_siren" in [fault.code for fault in raised.value.faults]


@pytest.mark.parametrize("code", ["214", "224", *factoring.CODES])
def test_a_buyer_cedes_nothing_and_214_and_224_are_nobody_s_here(code: str) -> None:
    """Read and shown, never offered: no user of this product speaks for a third party."""
    with pytest.raises(InvalidError):
        say(purchase(), code)
    if code in ("214", "224"):
        with pytest.raises(InvalidError):
            say(sale(), code)
