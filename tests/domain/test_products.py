"""A supplier's products: known by their reference, else by their words (PE-37)."""

from dataclasses import replace

from facteur.domain.candidate import Candidate, LineRow
from facteur.domain.parties import Party, Product, Side
from facteur.domain.products import line_coding, product_keys, with_products

from tests.domain.candidates import candidate

PARTY = Party(dossier="d", id="p", side=Side.SUPPLIER, number="FOUR-001", name="Vasseur")


def _lines(*rows: tuple[str, str]) -> Candidate:
    return candidate(lines=tuple(LineRow(description=words, item=item) for words, item in rows))


def test_a_reference_is_known_whatever_its_words() -> None:
    """The second invoice of a reference is mapped, though the supplier reworded it."""
    first = _lines(("Câble RJ45 3 m", "CB-300"), ("Port", ""))
    taught = with_products(PARTY, first, {"line.0": "606300", "line.1": "624100"})
    assert {"ref:CB300": "CB-300 · Câble RJ45 3 m", "PORT": "Port"} == {
        key: one.name for key, one in taught.products.items()
    }
    again = _lines(("Câble réseau, promotion", "cb 300"), ("PORT.", ""), ("Autre", "CB-301"))
    assert {"line.0": "606300", "line.1": "624100"} == line_coding(taught, again)


def test_another_reference_of_the_same_words_is_another_product() -> None:
    """The words serve where there is no reference; a reference of its own wins over them."""
    known = replace(PARTY, products={"CABLE": Product(name="Câble", account="606300")})
    assert {"line.0": "606300"} == line_coding(known, _lines(("Câble", "NEW-1")))
    taught = with_products(known, _lines(("Câble", "NEW-1")), {"line.0": "606400"})
    assert ["ref:NEW1"] == list(taught.products)
    assert {"line.0": "606400"} == line_coding(taught, _lines(("Tout autre", "NEW-1")))


def test_a_line_that_says_nothing_is_no_product() -> None:
    """Neither a reference nor a word: nothing is kept of it."""
    assert () == product_keys(LineRow(description=" — ", item="…"))
    assert {} == with_products(PARTY, _lines(("", "")), {"line.0": "606300"}).products
