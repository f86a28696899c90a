"""Who sells and who buys: names, addresses and identifiers, each given to its party.

What a heading names ("Client", "Émetteur", "Bill to") is taken at its word. Without one, the
blocks that hold an address are weighed: the seller's carries SIRET, RCS, telephone, a web address
that resembles its name, and comes back in the footer; the buyer's stands in the window of the
envelope. Where the dossier's own identity is given, it settles its side. Delivery addresses, tax
representatives and payees are read only to be set aside.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from facteur.domain import companies
from facteur.domain.candidate import Origin, Reading
from facteur.domain.companies import OwnIdentity
from facteur.domain.extraction import blocks, names
from facteur.domain.extraction.blocks import Heading
from facteur.domain.extraction.owners import derived, identified
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.party import Party, party_of
from facteur.domain.extraction.weighing import NOTHING_TAKEN, Taken, better_seller, weigh

_SURE = 0.9
#: What a domestic postcode looks like, where its form says enough.
_POSTCODES = {
    "FR": re.compile(r"(?:0[1-9]|[1-8]\d|9[0-578])\d{3}"),
    "NL": re.compile(r"\d{4} ?[A-Z]{2}"),
    "GB": re.compile(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}"),
}


def read(
    reader: Reader,
    own: OwnIdentity | None = None,
    own_side: str = "buyer",
    taken: Taken = NOTHING_TAKEN,
    *,
    alone: bool = False,
) -> dict[str, Reading]:
    """The fields of seller and buyer; nobody is named in the rows of the lines.

    ``alone``: a till's receipt, which names its buyer under a heading or not at all.
    """
    heads = blocks.headings(reader)
    seller = _headed(reader, heads, "seller")
    buyer = _headed(reader, heads, "buyer")
    if seller is None or buyer is None:
        seller, buyer = weigh(reader, heads, (seller, buyer), own, own_side, taken, alone=alone)
    seller = better_seller(reader, seller, buyer, taken)
    for party in (seller, buyer):
        if party is not None and party.town is None:
            _complete(reader, heads, party)
    if seller is not None and buyer is not None and not companies.akin(seller.name, buyer.name):
        for party in (seller, buyer):  # two addresses, two names: each confirms the other
            party.confidence += 0.08 if party.town is not None else 0.0
    fields: dict[str, Reading] = {}
    written = frozenset(re.findall(r"[a-z]{4,}", reader.text.plain)) if reader.ocr else frozenset()
    for side, party in (("seller", seller), ("buyer", buyer)):
        if party is not None:
            party.name = names.spaced(party.name, written) if reader.ocr else party.name
            fields.update(_fields(reader, side, party))
    fields.update(identified(reader, heads, seller, buyer, own, own_side))
    return _with_countries(fields)


def _complete(reader: Reader, heads: Sequence[Heading], party: Party) -> None:
    """The address that another block gives to the same name."""
    for block in blocks.blocks(reader, reader.text.sheets[0], heads):
        other = party_of(reader, list(block.cells), labelled=False)
        if other is not None and other.town is not None and companies.same(other.name, party.name):
            party.town, party.street = other.town, other.street
            party.country, party.country_spot = other.country, other.country_spot
            return


def _headed(reader: Reader, heads: Sequence[Heading], role: str) -> Party | None:
    """The party that a heading of this role names; the best of several."""
    best: Party | None = None
    for heading in heads:
        if heading.role != role:
            continue
        cells = blocks.section(reader, heading, heads)
        if heading.rest is not None:
            cells = [heading.rest, *(cell for cell in cells if cell.row is not heading.cell.row)]
        party = party_of(reader, cells, labelled=True)
        if party is None:
            continue
        party.confidence += 0.1 if party.town else 0.0
        if best is None or party.confidence > best.confidence + 0.01:
            best = party
    return best


def _fields(reader: Reader, side: str, party: Party) -> dict[str, Reading]:
    fields: dict[str, Reading] = {}
    if party.name and party.spot is not None:
        fields[f"{side}_name"] = reader.reading(
            party.name, party.spot, min(party.confidence, 0.98)
        )
    if party.town is not None:
        sure = min(party.confidence, 0.92)
        fields[f"{side}_postcode"] = reader.reading(party.town.postcode, party.town.spot, sure)
        fields[f"{side}_city"] = reader.reading(party.town.city, party.town.spot, sure)
        code = party.town.country or party.country
        if code:
            spot = party.country_spot if party.country and party.country_spot else party.town.spot
            fields[f"{side}_country"] = reader.reading(code, spot, sure)
    if party.street:
        text = ", ".join(cell.text.strip(" ,") for cell in party.street)
        fields[f"{side}_address"] = reader.reading(
            text, party.street[0], min(party.confidence, 0.88)
        )
    return fields


def _with_countries(fields: dict[str, Reading]) -> dict[str, Reading]:
    """The country that a VAT number or a SIREN proves, where the page does not print it."""
    for side in ("seller", "buyer"):
        name = f"{side}_country"
        vat, siren = fields.get(f"{side}_vat"), fields.get(f"{side}_siren")
        if name in fields:
            continue
        if vat is not None:
            code = str(vat.value)[:2].replace("EL", "GR").replace("XI", "GB")
            fields[name] = derived(code, vat, "from.vat")
        elif siren is not None:
            fields[name] = derived("FR", siren, "from.siren")
    seller, buyer = fields.get("seller_country"), fields.get("buyer_postcode")
    if "buyer_country" not in fields and seller is not None and buyer is not None:
        # A domestic address names no country (Universal Postal Union, S42).
        place = buyer.provenance
        rule = replace(place, origin=Origin.RULE, path="from.seller_country")
        form = _POSTCODES.get(str(seller.value))
        fits = form is not None and form.fullmatch(str(buyer.value)) is not None
        sure = 0.93 if fits and seller.confidence >= _SURE and buyer.confidence >= _SURE else 0.8
        fields["buyer_country"] = Reading(value=seller.value, provenance=rule, confidence=sure)
    return fields
