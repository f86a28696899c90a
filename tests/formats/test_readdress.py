"""Another address of the buyer (BT-49), and nothing else, in an invoice's own XML."""

from dataclasses import replace

import pytest
from facteur.domain.errors import UnreadableError
from facteur.domain.invoice import Identifier
from facteur.formats.xml_invoice import parse, write_cii
from facteur.formats.xml_invoice.readdress import with_address

from tests.journeys.ubl import write_ubl
from tests.xml_samples import full_invoice

NEW = Identifier(value="123456782_ACHATS", scheme="0225")


def without_address():
    whole = full_invoice()
    return replace(whole, buyer=replace(whole.buyer, electronic_address=None))


@pytest.mark.parametrize("invoice", [full_invoice(), without_address()], ids=["held", "none"])
@pytest.mark.parametrize("write", [lambda one: write_cii(one, "EN 16931"), write_ubl])
def test_only_the_address_of_the_buyer_changes(invoice, write) -> None:
    """CII and UBL, with an address already and without one; the element stands at its place."""
    before = write(invoice)
    after = with_address(before, NEW.value, NEW.scheme)
    read = parse(after).invoice
    assert NEW == read.buyer.electronic_address
    expected = parse(before).invoice
    held = replace(expected.buyer, electronic_address=NEW)
    assert replace(expected, buyer=held) == read
    assert () == parse(after).faults


def test_what_is_no_invoice_is_refused() -> None:
    """Another XML, an invoice without a buyer, an entity."""
    for data in (
        b"<other/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
    ):
        with pytest.raises(UnreadableError):
            with_address(data, NEW.value, NEW.scheme)
