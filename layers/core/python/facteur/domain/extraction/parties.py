"""Who sells and who buys: names, addresses and identifiers, each given to its party.

What a heading names ("Client", "Émetteur", "Bill to") is taken at its word. Without one, the
blocks that hold an address are weighed: the seller's carries SIRET, RCS, telephone, a web address
that resembles its name, and comes back in the footer; the buyer's stands in the window of the
envelope. Where the dossier's own identity is given, it settles its side. Delivery addresses, tax
representatives and payees are read only to be set aside.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from facteur.domain import identifiers
from facteur.domain.candidate import Origin, Provenance, Reading
from facteur.domain.extraction import addresses, blocks, names
from facteur.domain.extraction.addresses import Town
from facteur.domain.extraction.blocks import Block, Heading
from facteur.domain.extraction.lines import Spot, plain
from facteur.domain.extraction.marks import Mark
from facteur.domain.extraction.page import Reader

_NAME_LABEL = re.compile(
    r"^(?:nom|name|societe|raison sociale|company(?: name)?|firma|denomination(?: sociale)?|naam|entreprise|enseigne)\s*(?:du client|de la societe)?\s*:\s*"
)
_STREET_LABEL = re.compile(r"^(?:adresse|address|anschrift|adres)\s*:\s*")
_LEGAL_LINE = re.compile(
    r"capital|\brcs\b|r\.c\.s|\bape\b|\bnaf\b|siret|siren|\bkvk\b|handelsregister|\bhrb\b|\bhra\b|geschaftsfuhrer"
)
_REACH = re.compile(r"\btel\b|telephone|phone|\bfon\b|fax|mobile|portable|@|www\.|http|\+\d\d")
_BUYER_MARK = re.compile(
    r"client|acheteur|customer|buyer|votre|vos\b|kunde|ihre|preneur|destinataire|your"
)
_FOOT_NAME = re.compile(
    r"(?:^|   |[·|-] )((?:(?! {3})[^·|]){2,50}?),?\s+(?:-\s+)?(?:(?:est )?une? )?(?:societe (?:par actions simplifiee|anonyme|a responsabilite limitee|civile)[\w ]*|s\.?a\.?r\.?l\.?u?|s\.?a\.?s\.?u?|sa|e\.?u\.?r\.?l|sci|snc|selarl|scop)\b.{0,40}?(?:capital|rcs|siret|siren)"
)
_HOLDER = re.compile(
    r"(?:titulaire(?: du compte)?|account (?:holder|name)|kontoinhaber|a l'ordre de|beneficiaire|in favou?r of)\s*:?\s*(.{3,45}?)(?:$|   | - |iban|bic)"
)


_ENOUGH = 0.8  # what a block must weigh to be a party


@dataclass(frozen=True)
class OwnIdentity:
    """The dossier: what tells its side of the invoice from the other."""

    siren: str = ""
    vat: str = ""
    name: str = ""


@dataclass
class Party:
    """A party being read."""

    name: str = ""
    spot: Spot | None = None
    confidence: float = 0.0
    street: list[Spot] = field(default_factory=list)
    town: Town | None = None
    country: str = ""
    country_spot: Spot | None = None
    cells: list[Spot] = field(default_factory=list)


@dataclass(frozen=True)
class _Weighed:
    party: Party
    block: Block
    seller: float
    buyer: float


def read(
    reader: Reader, own: OwnIdentity | None = None, own_side: str = "buyer"
) -> dict[str, Reading]:
    """The fields of seller and buyer."""
    heads = blocks.headings(reader)
    seller = _headed(reader, heads, "seller")
    buyer = _headed(reader, heads, "buyer")
    if seller is None or buyer is None:
        seller, buyer = _weigh(reader, heads, seller, buyer, own, own_side)
    seller = _better_seller(reader, seller, buyer)
    fields: dict[str, Reading] = {}
    for side, party in (("seller", seller), ("buyer", buyer)):
        if party is not None:
            fields.update(_fields(reader, side, party))
    fields.update(_identified(reader, heads, seller, buyer, own, own_side))
    return _with_countries(fields)


def _headed(reader: Reader, heads: Sequence[Heading], role: str) -> Party | None:
    """The party that a heading of this role names; the best of several."""
    best: Party | None = None
    for heading in heads:
        if heading.role != role:
            continue
        cells = blocks.section(reader, heading, heads)
        if heading.rest is not None:
            cells = [heading.rest, *(cell for cell in cells if cell.row is not heading.cell.row)]
        party = _party(reader, cells, labelled=True)
        if party is None:
            continue
        party.confidence += 0.1 if party.town else 0.0
        if best is None or party.confidence > best.confidence + 0.01:
            best = party
    return best


def _party(reader: Reader, cells: Sequence[Spot], *, labelled: bool) -> Party | None:
    """The name and address written in these cells, top to bottom."""
    party = Party(cells=list(cells))
    for place, cell in enumerate(cells):
        found = addresses.town(cell)
        if found is not None:
            party.town = found
            after = cells[place + 1].plain.strip() if place + 1 < len(cells) else ""
            if addresses.country(after):
                party.country, party.country_spot = addresses.country(after), cells[place + 1]
            cells = cells[: place + 1]
            break
    form = _form_value(cells, _NAME_LABEL)
    if form is not None:
        party.name, party.spot, party.confidence = names.clean(form.text), form, 0.93
    else:
        _choose_name(reader, party, cells, labelled=labelled)
    if not party.name:
        return None
    street = _form_value(cells, _STREET_LABEL)
    party.street = [street] if street is not None else _streets(party, cells)
    return party


def _form_value(cells: Sequence[Spot], label: re.Pattern[str]) -> Spot | None:
    """The value of "Nom : X", on the same cell or on the next of the row."""
    for place, cell in enumerate(cells):
        match = label.match(cell.plain)
        if match is None:
            continue
        if cell.plain[match.end() :].strip():
            return Spot(cell.row, cell.start + match.end(), cell.end)
        if place + 1 < len(cells) and cells[place + 1].row is cell.row:
            return cells[place + 1]
    return None


def _choose_name(reader: Reader, party: Party, cells: Sequence[Spot], *, labelled: bool) -> None:
    """The line that is most a name: early, with a legal form, echoed by a web address."""
    webs = names.domain_of(reader.text.plain)
    best = 0.25
    for place, cell in enumerate(cells[:6]):
        text = (
            names.first_of(cell)
            if party.town and party.town.spot == cell
            else names.clean(cell.text)
        )
        looks = names.looks(text)
        if looks <= 0 or (
            party.town and party.town.spot == cell and text == names.clean(cell.text)
        ):
            continue
        score = looks - 0.12 * place
        web = any(
            name in names.key(text) or names.key(text) in name
            for name in webs
            if len(names.key(text)) > 3
        )
        score += 0.3 if web and not labelled else 0.0
        if score > best:
            best = score
            party.name, party.spot = text, _narrow(cell, text)
    if party.name:
        party.confidence = min(0.55 + 0.3 * min(best, 1.0) + (0.1 if labelled else 0.0), 0.95)


def _narrow(cell: Spot, text: str) -> Spot:
    at = cell.text.find(text)
    return Spot(cell.row, cell.start + at, cell.start + at + len(text)) if at >= 0 else cell


def _streets(party: Party, cells: Sequence[Spot]) -> list[Spot]:
    """The lines between the name and the town; the street's piece of a one-line address."""
    if party.town is None or party.spot is None:
        return []
    if party.town.spot.row is party.spot.row:
        return _street_piece(party.town.spot, party)
    town = party.town.spot.row.number
    return [
        cell
        for cell in cells
        if party.spot.row.number < cell.row.number < town
        and not _REACH.search(cell.plain)
        and not re.search(r"contact|attention|service|nom commercial|" + _LEGAL_LINE.pattern, cell.plain)
    ][:3]  # fmt: skip


def _street_piece(cell: Spot, party: Party) -> list[Spot]:
    for match in re.finditer(r"[^-–·●•|,]+", cell.text):
        piece = match[0].strip()
        if piece and piece not in party.name and addresses.is_street(plain(piece)):
            if party.town and party.town.postcode in piece:
                continue
            start = cell.start + match.start()
            return [Spot(cell.row, start, start + len(match[0]))]
    return []


def _weigh(
    reader: Reader,
    heads: Sequence[Heading],
    seller: Party | None,
    buyer: Party | None,
    own: OwnIdentity | None,
    own_side: str,
) -> tuple[Party | None, Party | None]:
    """Give the blocks with an address to the sides that no heading named."""
    known = [party for party in (seller, buyer) if party is not None]
    weighed = [
        one
        for one in _candidates(reader, heads, own, own_side)
        if not any(_share(one.party, party) for party in known)
    ]
    if seller is None and buyer is None:
        best: tuple[float, _Weighed | None, _Weighed | None] = (0.0, None, None)
        for left in (None, *weighed):
            for right in (None, *weighed):
                if (
                    left is not None
                    and right is not None
                    and (left is right or names.same(left.party.name, right.party.name))
                ):
                    continue
                score = (left.seller - _ENOUGH if left else 0.0) + (
                    right.buyer - _ENOUGH if right else 0.0
                )
                if score > best[0]:
                    best = (score, left, right)
        return best[1].party if best[1] else None, best[2].party if best[2] else None
    if seller is None:
        rest = [
            one for one in weighed if buyer is None or not names.same(one.party.name, buyer.name)
        ]
        top = max(rest, key=lambda one: one.seller, default=None)
        return (top.party if top and top.seller > _ENOUGH else None), buyer
    top = max(weighed, key=lambda one: one.buyer, default=None)
    differs = top is not None and not names.same(top.party.name, seller.name)
    return seller, top.party if top and differs and top.buyer > _ENOUGH else buyer


def _share(one: Party, other: Party) -> bool:
    rows = {(cell.row.number, cell.start) for cell in one.cells}
    return any((cell.row.number, cell.start) in rows for cell in other.cells)


def _candidates(
    reader: Reader, heads: Sequence[Heading], own: OwnIdentity | None, own_side: str
) -> list[_Weighed]:
    aside = _set_aside(reader, heads)
    found: list[_Weighed] = []
    webs = names.domain_of(reader.text.plain)
    for sheet in reader.text.sheets[:2]:
        for block in blocks.blocks(sheet, heads):
            if any((cell.row.number, cell.start) in aside for cell in block.cells):
                continue
            cells = [cell for cell in block.cells if not _is_heading(cell, heads)]
            party = _party(reader, cells, labelled=False) if cells else None
            if party is None:
                continue
            found.append(_weighed(reader, party, block, sheet.width, sheet.height, webs))
        if found:
            break
    for place, one in enumerate(found):
        echoes = sum(names.same(one.party.name, other.party.name) for other in found) - 1
        mine = _own_score(one, own)
        found[place] = _Weighed(
            one.party,
            one.block,
            one.seller + 0.8 * min(echoes, 2) + (mine if own_side == "seller" else -mine),
            one.buyer + (mine if own_side == "buyer" else -mine),
        )
    return found


def _set_aside(reader: Reader, heads: Sequence[Heading]) -> set[tuple[int, int]]:
    """The cells of sections that are neither seller nor buyer."""
    aside: set[tuple[int, int]] = set()
    for heading in heads:
        if heading.role in ("delivery", "payee", "tax_representative", "references", "buyer_ids"):
            for cell in blocks.section(reader, heading, heads, depth=8):
                aside.add((cell.row.number, cell.start))
    return aside


def _is_heading(cell: Spot, heads: Sequence[Heading]) -> bool:
    return any(one.cell.row is cell.row and one.cell.start == cell.start for one in heads)


def _weighed(
    reader: Reader, party: Party, block: Block, width: float, height: float, webs: Sequence[str]
) -> _Weighed:
    """How much a block is a seller's, and how much a buyer's."""
    text = block.plain
    marks = [
        mark
        for mark in reader.marks
        if any(
            mark.spot.row is cell.row and cell.start <= mark.spot.start < cell.end
            for cell in block.cells
        )
    ]
    address = 1.0 if party.town else 0.0
    legal = bool(_LEGAL_LINE.search(text)) or any(
        mark.kind in ("siret", "siren", "iban") for mark in marks
    )
    reach = bool(_REACH.search(text))
    web = any(
        name in names.key(party.name)
        or (len(names.key(party.name)) > 3 and names.key(party.name) in name)
        for name in webs
    )
    form = bool(names.LEGAL.search(plain(party.name)))
    top, left = block.y0 / height, block.x0 / width
    buyer_words = bool(_BUYER_MARK.search(text))
    seller = address * 0.8 + 1.2 * legal + 0.7 * reach + 1.2 * web + 0.4 * form - 1.0 * buyer_words
    seller += (0.9 if top < 0.12 else 0.6 if top < 0.25 else 0.0) + (0.3 if left < 0.4 else 0.0)
    seller += 0.3 if top > 0.85 and legal else 0.0
    seller -= 0.8 if not (address or legal or web) else 0.0
    buyer = address * 1.0 - 0.9 * legal - 0.6 * reach - 0.8 * web + 0.2 * form + 0.6 * buyer_words
    if 0.04 < top < 0.45:
        buyer += 1.2 if left > 0.42 else 0.7
    buyer -= 1.2 if not address else 0.0
    if block.page > 1 or top > 0.55:
        buyer -= 1.5
        seller -= 0.6
    return _Weighed(party, block, seller, buyer)


def _own_score(one: _Weighed, own: OwnIdentity | None) -> float:
    """How clearly a block is the dossier itself."""
    if own is None:
        return 0.0
    digits = re.sub(r"[^a-z0-9]", "", one.block.plain)
    if (own.siren and own.siren in digits) or (own.vat and own.vat.lower() in digits):
        return 4.0
    return 3.0 if own.name and names.same(own.name, one.party.name) else 0.0


def _better_seller(reader: Reader, seller: Party | None, buyer: Party | None) -> Party | None:
    """Without a sure seller: what the footer, the bank account or the top of the page says."""
    if seller is not None and seller.confidence >= 0.9:
        return seller
    guesses = [*_from_legal_lines(reader), *_from_holders(reader), *_from_top(reader)]
    if buyer is not None:
        guesses = [one for one in guesses if not names.same(one.name, buyer.name)]
    if seller is not None:
        for guess in guesses:
            if names.same(guess.name, seller.name):
                seller.confidence = min(seller.confidence + 0.12, 0.96)
        shorter = next(
            (
                one
                for one in guesses
                if one.confidence >= 0.7
                and names.key(seller.name).startswith(names.key(one.name))
                and len(names.key(one.name)) >= 3
            ),
            None,
        )
        if shorter is not None and not names.same(shorter.name, seller.name):
            seller.name, seller.spot, seller.confidence = shorter.name, shorter.spot, 0.85
        return seller
    return max(guesses, key=lambda one: one.confidence, default=None)


def _from_legal_lines(reader: Reader) -> Iterable[Party]:
    """ "Free SAS au capital de … RCS Paris": the name before its legal form."""
    for row in reader.text.rows:
        match = _FOOT_NAME.search(row.plain)
        if match and names.looks(row.text[match.start(1) : match.end(1)]) >= 0.4:
            spot = Spot(row, match.start(1), match.end(1))
            text = names.clean(re.split(r"\s[-–·|]\s", spot.text)[0])
            yield Party(name=text, spot=spot, confidence=0.75, cells=[spot])


def _from_holders(reader: Reader) -> Iterable[Party]:
    for row in reader.text.rows:
        match = _HOLDER.search(row.plain)
        if match:
            spot = Spot(row, match.start(1), match.end(1))
            if names.looks(spot.text) >= 0.6:
                yield Party(name=names.clean(spot.text), spot=spot, confidence=0.5, cells=[spot])


def _from_top(reader: Reader) -> Iterable[Party]:
    """The first lines that look like a name: where a receipt or a logo writes it."""
    webs = names.domain_of(reader.text.plain)
    given = 0
    for row in reader.text.rows[:14]:
        for cell in row.cells[:2]:
            text = names.first_of(cell)
            looks = names.looks(text)
            if looks >= 0.4:
                form = bool(names.LEGAL.search(plain(text)))
                web = any(
                    name in names.key(text)
                    or (len(names.key(text)) > 3 and names.key(text) in name)
                    for name in webs
                )
                confidence = 0.48 + 0.12 * form + 0.2 * web - 0.05 * given
                yield Party(
                    name=text, spot=_narrow(cell, text), confidence=confidence, cells=[cell]
                )
                given += 1
        if given >= 4:
            return


def _fields(reader: Reader, side: str, party: Party) -> dict[str, Reading]:
    fields: dict[str, Reading] = {}
    if party.name and party.spot is not None:
        fields[f"{side}_name"] = reader.reading(party.name, party.spot, party.confidence)
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


def _identified(
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
    for mark in reader.marks:
        if mark.kind not in ("siren", "siret", "vat"):
            continue
        side, weight = _owner(reader, mark, sections, seller, buyer, own, own_side, first=first)
        first = False
        if side in sides:
            sides[side].append((weight, mark))
    _settle_buyer(sides)
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
    if own is not None and _is_own(mark, own):
        return own_side, 1.0
    row = mark.spot.row
    cell = row.cell_at(mark.spot.start)
    place = (row.number, cell.start)
    before = row.plain[max(cell.start, mark.spot.start - 40) : mark.spot.start]
    if _BUYER_MARK.search(before):
        return "buyer", 0.9
    for role, cells in sections:
        if place in cells:
            role = "buyer" if role == "buyer_ids" else role
            if role in ("seller", "buyer"):
                return role, 0.95
            if role in ("payee", "tax_representative", "delivery"):
                return "", 0.0
    for side, party in (("seller", seller), ("buyer", buyer)):
        if party is not None and any((c.row.number, c.start) == place for c in party.cells):
            return side, 0.93
    nearer = _nearer(reader, cell, seller, buyer)
    if nearer:
        return nearer, 0.8
    sheet = reader.text.sheet(mark.spot.page)
    if mark.spot.y0 > 0.8 * sheet.height or _LEGAL_LINE.search(row.plain):
        return "seller", 0.72
    return "seller", 0.7 if first else 0.5


def _is_own(mark: Mark, own: OwnIdentity) -> bool:
    if mark.kind == "vat":
        return (
            bool(own.vat)
            and mark.value == own.vat
            or bool(own.siren)
            and mark.value.startswith("FR")
            and mark.value.endswith(own.siren)
        )
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
        fields[f"{side}_siren"] = _derived(str(siret.value)[:9], siret, f"{side}_siret")
    if (
        f"{side}_siren" not in fields
        and vat is not None
        and identifiers.siren_of_vat(str(vat.value))
    ):
        fields[f"{side}_siren"] = _derived(str(vat.value)[4:], vat, f"{side}_vat")
    return fields


def _derived(value: str, source: Reading, name: str) -> Reading:
    """A value that follows from another one, shown where that one stands."""
    place = source.provenance
    return Reading(
        value=value,
        provenance=Provenance(
            origin=Origin.RULE, path=name, page=place.page, box=place.box, text=place.text
        ),
        confidence=source.confidence,
    )


def _with_countries(fields: dict[str, Reading]) -> dict[str, Reading]:
    """The country that a VAT number or a SIREN proves, where the page does not print it."""
    for side in ("seller", "buyer"):
        name = f"{side}_country"
        vat, siren = fields.get(f"{side}_vat"), fields.get(f"{side}_siren")
        if name in fields:
            continue
        if vat is not None:
            code = str(vat.value)[:2].replace("EL", "GR").replace("XI", "GB")
            fields[name] = _derived(code, vat, f"{side}_vat")
        elif siren is not None:
            fields[name] = _derived("FR", siren, f"{side}_siren")
    seller, buyer = fields.get("seller_country"), fields.get("buyer_postcode")
    if "buyer_country" not in fields and seller is not None and buyer is not None:
        # A domestic address names no country (Universal Postal Union, S42).
        place = buyer.provenance
        rule = replace(place, origin=Origin.RULE, path="seller_country")
        fields["buyer_country"] = Reading(value=seller.value, provenance=rule, confidence=0.8)
    return fields
