"""The accounts that people gave to a supplier's products, given to his next lines (PE-37).

Two lines are of one product when they bear one reference of the seller's (BT-155), else when
their descriptions have the same letters and digits: a supplier rewords a description more often
than he renumbers a product. What was chosen on an accepted invoice is kept on the card, where it
can be corrected.
"""

from collections.abc import Mapping
from dataclasses import replace

from facteur.domain.candidate import Candidate, LineRow
from facteur.domain.duplicates import plain
from facteur.domain.parties import MOST_TEXT, Party, Product

MOST_PRODUCTS = 300


_REFERENCE = "ref:"  # before letters and digits, which no description's key has


def product_keys(line: LineRow) -> tuple[str, ...]:
    """What two lines of one product have in common, the surest first; none for an empty line."""
    item, words = plain(line.item)[:80], plain(line.description)[:80]
    return tuple(one for one in (item and _REFERENCE + item, words) if one)


def line_coding(party: Party, candidate: Candidate) -> dict[str, str]:
    """The accounts of the lines whose product people coded before: ``line.0`` → 606400."""
    found = {}
    for at, line in enumerate(candidate.lines):
        known = [party.products[key] for key in product_keys(line) if key in party.products]
        if known:
            found[f"line.{at}"] = known[0].account
    return found


def with_products(party: Party, candidate: Candidate, coding: Mapping[str, str]) -> Party:
    """The card with the accounts that an accepted document's lines were given; 300 at most."""
    held = dict(party.products)
    for at, line in enumerate(candidate.lines):
        keys, account = product_keys(line), coding.get(f"line.{at}", "")
        if keys and account:
            for key in keys:  # what was kept by its words is kept by its reference from now on
                held.pop(key, None)
            name = " · ".join(one for one in (line.item, line.description) if one)
            held[keys[0]] = Product(name=name[:MOST_TEXT], account=account)
    kept = list(held.items())[-MOST_PRODUCTS:]
    return replace(party, products=dict(kept))
