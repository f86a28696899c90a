"""One party as its lines give it: a name, an address, a town.

The name is the line that is most a name: early, with a legal form, echoed by a web address of the
page; or what follows "Nom :". The address is what stands between the name and the town.
"""
# ruff: noqa: E501

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from facteur.domain.extraction import addresses, names
from facteur.domain.extraction.addresses import Town
from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.plain import plain

_NAME_LABEL = re.compile(
    r"^(?:nom|name|societe|raison sociale|company(?: name)?|firma|denomination(?: sociale)?|naam|entreprise|enseigne)\s*(?:du client|de la societe)?\s*:\s*"
)
#: The pieces of a one-line address: between dashes and bars, commas inside; else between commas
#: too, but for the one after a house number.
_PIECES = (
    re.compile(r"(?:(?!\s[-–—]\s)[^·●•|])+"),
    re.compile(r"(?:\s*\b\d{1,4}(?: ?(?:bis|ter|[a-d]))?, ?)?[^-–·●•|,]+"),
)
_STREET_LABEL = re.compile(r"^(?:adresse|address|anschrift|adres)\s*:\s*")
LEGAL_LINE = re.compile(
    r"capital|\brcs\b|r\.c\.s|\bape\b|\bnaf\b|\bkvk\b|handelsregister|\bhrb\b|\bhra\b|geschaftsfuhrer"
)
_ABOUT = re.compile(
    r"siret|siren|\btva\b|t\.v\.a|\bvat\b|ust|steuer|\bgln\b|\bid\b|btw|\bduns?\b|contact|\d{9}"
)
REACH = re.compile(r"\btel\b|telephone|phone|\bfon\b|fax|mobile|portable|@|www\.|http|\+\d\d")


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


def party_of(reader: Reader, cells: Sequence[Spot], *, labelled: bool) -> Party | None:
    """The name and address written in these cells, top to bottom."""
    party = Party(cells=list(cells))
    for place, cell in enumerate(cells):
        found = addresses.town(cell)
        if found is not None:
            party.town = found
            after = cells[place + 1].plain.strip() if place + 1 < len(cells) else ""
            if addresses.country(after):
                party.country, party.country_spot = addresses.country(after), cells[place + 1]
            party.cells = [*cells[: place + 1], *_identity(cells[place + 1 :])]
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


def _identity(cells: Sequence[Spot]) -> list[Spot]:
    """The lines right after an address that still speak of the party: numbers, telephone, country."""
    kept: list[Spot] = []
    for cell in cells:
        text = cell.plain
        about = any(words.search(text) for words in (_ABOUT, REACH, LEGAL_LINE))
        if not about and not addresses.country(text.strip()) and ":" not in text:
            break
        kept.append(cell)
    return kept


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
    webs = reader.webs
    best = 0.25
    place = -1
    for cell in cells[:8]:
        text = (
            names.first_of(cell)
            if party.town and party.town.spot == cell
            else names.clean(cell.text)
        )
        looks = reader.looks_a_name(text)
        if looks <= 0 or (
            party.town and party.town.spot == cell and text == names.clean(cell.text)
        ):
            continue
        place += 1
        score = looks - 0.12 * place
        web = names.echoed(text, webs)
        score += 0.3 if web and not labelled else 0.0
        if score > best:
            best = score
            party.name, party.spot = text, narrow(cell, text)
    after = _after(party.spot, cells)
    if party.name and after is not None and names.is_form(after.text):
        party.name = f"{party.name} {names.clean(after.text)}"
    if party.name:
        party.confidence = min(0.55 + 0.3 * min(best, 1.0) + (0.1 if labelled else 0.0), 0.95)


def _after(spot: Spot | None, cells: Sequence[Spot]) -> Spot | None:
    """The cell after the one that holds a spot."""
    for place, cell in enumerate(cells[:-1]):
        if spot is not None and cell.row is spot.row and cell.start <= spot.start <= cell.end:
            return cells[place + 1]
    return None


def narrow(cell: Spot, text: str) -> Spot:
    """The part of a cell that holds this text; the whole cell when it is written otherwise."""
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
        and not REACH.search(cell.plain)
        and not re.search(r"contact|attention|service|nom commercial|siret|siren|tva|" + LEGAL_LINE.pattern, cell.plain)
    ][:3]  # fmt: skip


def _street_piece(cell: Spot, party: Party) -> list[Spot]:
    for match in (found for pattern in _PIECES for found in pattern.finditer(cell.text)):
        piece = match[0].strip(" -–—")
        if piece and piece not in party.name and addresses.is_street(plain(piece)):
            if party.town and party.town.postcode in piece:
                continue
            start = cell.start + cell.text.index(piece, match.start())
            return [Spot(cell.row, start, start + len(piece))]
    return []
