"""The accounts that people gave to a supplier's products, given to his next lines (PE-37).

Two lines are of one product when their descriptions have the same letters and digits. What was
chosen on an accepted invoice is kept on the card, where it can be corrected.
"""

from collections.abc import Mapping
from dataclasses import replace

from facteur.domain.candidate import Candidate
from facteur.domain.duplicates import plain
from facteur.domain.parties import MOST_TEXT, Party, Product

MOST_PRODUCTS = 300


def product_key(description: str) -> str:
    """What two lines of one product have in common: letters and digits of their description."""
    return plain(description)[:80]


def line_coding(party: Party, candidate: Candidate) -> dict[str, str]:
    """The accounts of the lines whose product people coded before: ``line.0`` → 606400."""
    found = {}
    for at, line in enumerate(candidate.lines):
        known = party.products.get(product_key(line.description))
        if known is not None:
            found[f"line.{at}"] = known.account
    return found


def with_products(party: Party, candidate: Candidate, coding: Mapping[str, str]) -> Party:
    """The card with the accounts that an accepted document's lines were given; 300 at most."""
    held = dict(party.products)
    for at, line in enumerate(candidate.lines):
        key, account = product_key(line.description), coding.get(f"line.{at}", "")
        if key and account:
            held.pop(key, None)
            held[key] = Product(name=line.description[:MOST_TEXT], account=account)
    kept = list(held.items())[-MOST_PRODUCTS:]
    return replace(party, products=dict(kept))
