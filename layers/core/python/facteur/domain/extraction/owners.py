"""Whose identifier is it: SIREN, SIRET and VAT numbers given to the seller or the buyer.

By what the page says beside them ("N° TVA client"), by the section or the block they stand in, by
the block just above; the dossier's own settle their side. One company is one side: a SIREN inside
a SIRET and a VAT number goes where most of them are.
"""

from collections.abc import Sequence

from facteur.domain import identifiers
from facteur.domain.candidate import Origin, Provenance, Reading
from facteur.domain.companies import OwnIdentity
from facteur.domain.extraction import blocks
from facteur.domain.extraction.blocks import Heading
from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.marks import Mark
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.party import LEGAL_LINE, Party
from facteur.domain.extraction.weighing import BUYER_WORDS, of_a_factor
from facteur.domain.plain import plain

_SHORT = 4  # a shorter name stands in too many words
_SURE = 0.9
_BOTH = 2


def identified(
    reader: Reader,
    heads: Sequence[Heading],
    seller: Party | None,
    buyer: Party | None,
    own: OwnIdentity | None,
    own_side: str,
) -> dict[str, Reading]:
    """SIREN, SIRET and VAT numbers of both sides."""
    sides: dict[str, list[tuple[float, Mark]]] = {"seller": [], "buyer": []}
    sections = [
        (heading.role, {(c.row.number, c.start) for c in blocks.section(reader, heading, heads)})
        for heading in heads
    ]
    first = True
    companies = {_siren(mark) for mark in reader.marks if mark.kind in ("siren", "siret", "vat")}
    for mark in reader.marks:
        if mark.kind not in ("siren", "siret", "vat") or of_a_factor(reader, mark.spot.row):
            continue
        side, weight = _owner(reader, mark, sections, seller, buyer, own, own_side, first=first)
        first = False
        if side == "seller" and len(companies) == 1:
            weight = max(weight, 0.9)  # one company alone on the page: who sends it
        if side in sides:
            sides[side].append((weight, mark))
    _settle_buyer(sides)
    _by_elimination(sides, companies)
    fields: dict[str, Reading] = {}
    for side, held in sides.items():
        fields.update(_numbers(reader, side, held))
    return fields


def _owner(
    reader: Reader,
    mark: Mark,
    sections: Sequence[tuple[str, set[tuple[int, int]]]],
    seller: Party | None,
    buyer: Party | None,
    own: OwnIdentity | None,
    own_side: str,
    *,
    first: bool,
) -> tuple[str, float]:
    """Whose identifier this is, and how sure."""
    row = mark.spot.row
    if own is not None and _is_own(mark, own):
        return own_side, 1.0
    cell = row.cell_at(mark.spot.start)
    place = (row.number, cell.start)
    before = row.plain[max(cell.start, mark.spot.start - 40) : mark.spot.start]
    if BUYER_WORDS.search(before):
        return "buyer", 0.9
    role = next((one for one, cells in sections if place in cells and one != "references"), "")
    if role in ("seller", "buyer", "buyer_ids"):
        return role.removesuffix("_ids"), 0.95
    if role:
        return "", 0.0
    for side, party in (("seller", seller), ("buyer", buyer)):
        if party is not None and any((c.row.number, c.start) == place for c in party.cells):
            return side, 0.93
    nearer = _nearer(reader, cell, seller, buyer)
    if nearer:
        return nearer, 0.8
    sheet = reader.text.sheet(mark.spot.page)
    named = seller is not None and len(seller.name) > _SHORT and plain(seller.name) in row.plain
    if named or mark.spot.y0 > 0.8 * sheet.height or LEGAL_LINE.search(row.plain):
        return "seller", 0.95 if named else 0.72  # the line at the foot may name its company
    return "seller", 0.7 if first else 0.5


def _is_own(mark: Mark, own: OwnIdentity) -> bool:
    """True when the identifier is the dossier's."""
    if own.siren and mark.kind == "vat" and mark.value == "FR" + mark.value[2:4] + own.siren:
        return True
    if mark.kind == "vat":
        return bool(own.vat) and mark.value == own.vat
    return bool(own.siren) and mark.value.startswith(own.siren)


def _nearer(reader: Reader, cell: Spot, seller: Party | None, buyer: Party | None) -> str:
    """The party whose block ends just above this cell, in the same column."""
    size = reader.text.sheet(cell.page).size
    for side, party in (("seller", seller), ("buyer", buyer)):
        if party is None or not party.cells or party.cells[0].page != cell.page:
            continue
        low = max(one.y1 for one in party.cells)
        left = min(one.x0 for one in party.cells)
        if -1 < (cell.y0 - low) / size < 4 and abs(cell.x0 - left) < 3 * size:
            return side
    return ""


def _settle_buyer(sides: dict[str, list[tuple[float, Mark]]]) -> None:
    """One company is one side: its SIREN inside SIRET and VAT number goes where most is."""
    weights: dict[str, dict[str, float]] = {}
    for side, held in sides.items():
        for weight, mark in held:
            number = _siren(mark)
            weights.setdefault(number, {}).setdefault(side, 0.0)
            weights[number][side] = max(weights[number][side], weight)
    for side, held in list(sides.items()):
        sides[side] = [
            (weight, mark)
            for weight, mark in held
            if max(weights[_siren(mark)], key=lambda one: weights[_siren(mark)][one]) == side
        ]


def _by_elimination(sides: dict[str, list[tuple[float, Mark]]], companies: set[str]) -> None:
    """Of two companies on a page, one surely the buyer: the other is who sends it."""
    sure = {_siren(mark) for weight, mark in sides["buyer"] if weight >= _SURE}
    if len(companies) == _BOTH and len(sure) == 1:
        sides["seller"] = [(max(weight, 0.9), mark) for weight, mark in sides["seller"]]


def _siren(mark: Mark) -> str:
    if mark.kind == "vat":
        return mark.value[4:] if mark.value.startswith("FR") else mark.value
    return mark.value[:9]


def _numbers(reader: Reader, side: str, held: Sequence[tuple[float, Mark]]) -> dict[str, Reading]:
    fields: dict[str, Reading] = {}
    for kind in ("siret", "siren", "vat"):
        own = [(weight, mark) for weight, mark in held if mark.kind == kind]
        if own:
            company = str(fields[f"{side}_siren"].value) if f"{side}_siren" in fields else ""
            company = company or (
                str(fields[f"{side}_siret"].value)[:9] if f"{side}_siret" in fields else ""
            )
            weight, mark = max(
                own,
                key=lambda one: (
                    one[0]
                    + 0.05 * one[1].valid
                    + 0.4 * (bool(company) and _siren(one[1]) == company)
                ),
            )
            others = {one.value for _, one in own}
            sure = weight + (0.04 if mark.valid else -0.2) - (0.05 if len(others) > 1 else 0.0)
            fields[f"{side}_{kind}"] = reader.reading(mark.value, mark.spot, min(sure, 0.99))
    siret = fields.get(f"{side}_siret")
    vat = fields.get(f"{side}_vat")
    if f"{side}_siren" not in fields and siret is not None:
        fields[f"{side}_siren"] = derived(str(siret.value)[:9], siret, "from.siret")
    if (
        f"{side}_siren" not in fields
        and vat is not None
        and identifiers.siren_of_vat(str(vat.value))
    ):
        fields[f"{side}_siren"] = derived(str(vat.value)[4:], vat, "from.vat")
    return fields


def derived(value: str, source: Reading, name: str) -> Reading:
    """A value that follows from another one, shown where that one stands."""
    place = source.provenance
    return Reading(
        value=value,
        provenance=Provenance(
            origin=Origin.RULE, path=name, page=place.page, box=place.box, text=place.text
        ),
        confidence=source.confidence,
    )
