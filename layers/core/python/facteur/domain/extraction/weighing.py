"""Which block of the page is the seller's and which the buyer's, when no heading says so.

Each block that reads as a party is weighed for both sides; the pair that weighs most wins. Then
the footer, the bank account's holder and the top of the page have their say about the seller.
"""
# ruff: noqa: E501

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from facteur.domain import companies
from facteur.domain.companies import OwnIdentity
from facteur.domain.extraction import blocks, names
from facteur.domain.extraction.blocks import Block, Heading
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.once import once
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.party import LEGAL_LINE, REACH, Party, narrow, party_of
from facteur.domain.plain import plain

_NO_BUYER = 3.0  # what a block must outweigh to be the buyer of a receipt: the dossier's does
_ENOUGH = 0.8  # what a block must weigh to be a party
BUYER_WORDS = re.compile(
    r"(?<!service )(?<!services )(?<!relation )(?<!relations )client|acheteur|customer|buyer|votre|vos\b|kunde|ihre|preneur|destinataire|your"
)
_FACTOR = re.compile(r"affactur|subrog|\bfactor\b|liberatoire|\bcession de creance|factoring")
_FOOT_NAME = re.compile(
    r"(?:^|   |[·|-] |(?<=[a-z]{4})\. )((?:(?! {3}|(?<=[a-z]{4})\. )[^·|]){2,50}?),?\s+(?:-\s+)?(?:(?:est )?une? )?(?:societe (?:par actions simplifiee|anonyme|a responsabilite limitee|civile)[\w ]*|s\.?a\.?r\.?l\.?u?|s\.?a\.?s\.?u?|sa|e\.?u\.?r\.?l|sci|snc|selarl|scop)\b.{0,40}?(?:capital|rcs|siret|siren)"
)
_FOOT_END = re.compile(r"capital|rcs|siret|siren")
_HOLDER = re.compile(
    r"(?:titulaire(?: du compte)?|account (?:holder|name)|kontoinhaber|a l'ordre de|beneficiaire|in favou?r of)\s*:?\s*(.{3,45}?)(?:$|   | - |iban|bic)"
)


@dataclass(frozen=True)
class Taken:
    """The rows where nobody is named: of tables under a head, of lines that add up to a total."""

    tables: Set[int]
    sold: Set[int]


NOTHING_TAKEN = Taken(frozenset(), frozenset())


@dataclass(frozen=True)
class _Weighed:
    party: Party
    block: Block
    seller: float
    buyer: float

    @once
    def key(self) -> str:
        """What its name has in common with other writings of it."""
        return companies.key(self.party.name)

    def same(self, other: "_Weighed") -> bool:
        """True when both have the same name, as companies.same says it."""
        return bool(self.key) and self.key == other.key


def weigh(
    reader: Reader,
    heads: Sequence[Heading],
    known_sides: tuple[Party | None, Party | None],
    own: OwnIdentity | None,
    own_side: str,
    taken: Taken,
    *,
    alone: bool = False,
) -> tuple[Party | None, Party | None]:
    """Give the blocks with an address to the sides (seller, buyer) that no heading named."""
    seller, buyer = known_sides
    known = [party for party in (seller, buyer) if party is not None]
    weighed = [
        one
        for one in _candidates(reader, heads, own, own_side, taken)
        if not any(_share(one.party, party) for party in known)
    ]
    if alone:
        weighed = [replace(one, buyer=one.buyer - _NO_BUYER) for one in weighed]
    if seller is None and buyer is None:
        best: tuple[float, _Weighed | None, _Weighed | None] = (0.0, None, None)
        for left in (None, *weighed):
            for right in (None, *weighed):
                if left is not None and right is not None and (left is right or left.same(right)):
                    continue
                score = (left.seller - _ENOUGH if left else 0.0) + (
                    right.buyer - _ENOUGH if right else 0.0
                )
                score += 0.7 if left is not None and right is not None else 0.0
                if score > best[0]:
                    best = (score, left, right)
        return best[1].party if best[1] else None, best[2].party if best[2] else None
    if seller is None:
        rest = [
            one
            for one in weighed
            if buyer is None or not companies.same(one.party.name, buyer.name)
        ]
        top = max(rest, key=lambda one: one.seller, default=None)
        return (top.party if top and top.seller > _ENOUGH else None), buyer
    top = max(weighed, key=lambda one: one.buyer, default=None)
    differs = top is not None and not companies.same(top.party.name, seller.name)
    return seller, top.party if top and differs and top.buyer > _ENOUGH else buyer


def _share(one: Party, other: Party) -> bool:
    rows = {(cell.row.number, cell.start) for cell in one.cells}
    return any((cell.row.number, cell.start) in rows for cell in other.cells)


def _candidates(
    reader: Reader,
    heads: Sequence[Heading],
    own: OwnIdentity | None,
    own_side: str,
    taken: Taken,
) -> list[_Weighed]:
    aside = _set_aside(reader, heads)
    found: list[_Weighed] = []
    webs = reader.webs
    for sheet in reader.text.sheets[:2]:
        for block in blocks.blocks(reader, sheet, heads):
            if any((cell.row.number, cell.start) in aside for cell in block.cells):
                continue
            if block.cells[0].row.number in taken.tables:
                continue
            cells = [
                cell
                for cell in block.cells
                if not _is_heading(cell, heads) and cell.row.number not in taken.sold
            ]
            party = party_of(reader, cells, labelled=False) if cells else None
            if party is None:
                continue
            found.append(_weighed(reader, party, block, sheet.width, sheet.height, webs))
        if found:
            break
    for guess in _from_legal_lines(reader):  # "X SARL au capital de…": a seller, wherever it is
        found = [one for one in found if not _told_by(guess, one, webs)]
        found.append(_Weighed(guess, Block((guess.cells[0],)), 1.7, -9.0))
    for place, one in enumerate(found):
        echoes = sum(map(one.same, found)) - 1
        mine = _own_score(one, own)
        found[place] = _Weighed(
            one.party,
            one.block,
            one.seller + 0.8 * min(echoes, 2) + (mine if own_side == "seller" else -mine),
            one.buyer + (mine if own_side == "buyer" else -mine),
        )
    return found


def _told_by(guess: Party, one: _Weighed, webs: list[str]) -> bool:
    """True when a paragraph without an address says itself, before a number, who it is about."""
    if one.party.town is not None or names.echoed(one.party.name, webs):
        return False
    said = guess.cells[0].row
    return any(cell.row is said for cell in one.block.cells) and not companies.same(
        one.party.name, guess.name
    )


def _set_aside(reader: Reader, heads: Sequence[Heading]) -> set[tuple[int, int]]:
    """The cells of sections that are neither seller nor buyer."""
    aside: set[tuple[int, int]] = set()
    for heading in heads:
        if heading.role in ("delivery", "payee", "tax_representative", "references", "buyer_ids"):
            reach = 2 * reader.text.sheet(heading.cell.page).size
            for cell in blocks.section(reader, heading, heads, depth=8):
                # "Chantier : RN 12" commands its own column, not the address at its right.
                if heading.rest is None or abs(cell.x0 - heading.cell.x0) < reach:
                    aside.add((cell.row.number, cell.start))
    return aside


def _is_heading(cell: Spot, heads: Sequence[Heading]) -> bool:
    return any(one.cell.row is cell.row and one.cell.start == cell.start for one in heads)


def _weighed(
    reader: Reader, party: Party, block: Block, width: float, height: float, webs: list[str]
) -> _Weighed:
    """How much a block is a seller's, and how much a buyer's."""
    text = block.plain
    marks = [
        mark
        for cell in block.cells
        for mark in reader.marks_on.get(cell.row.number, [])
        if cell.start <= mark.spot.start < cell.end
    ]
    address = 1.0 if party.town else 0.0
    # Capital, RCS, APE are a seller's; SIRET and VAT numbers are printed for both sides now.
    legal = (
        1.2 if LEGAL_LINE.search(text) else 0.6 if any(one.kind != "bic" for one in marks) else 0.0
    )
    legal += 0.6 if any(one.kind == "iban" for one in marks) else 0.0
    reach = bool(REACH.search(text))
    web = names.echoed(party.name, webs)
    form = bool(companies.LEGAL.search(plain(party.name)))
    top, left = block.y0 / height, block.x0 / width
    buyer_words = bool(BUYER_WORDS.search(text))
    seller = address * 0.8 + legal + 0.7 * reach + 1.2 * web + 0.4 * form - 1.0 * buyer_words
    seller += (0.9 if top < 0.12 else 0.6 if top < 0.25 else 0.0) + (0.3 if left < 0.4 else 0.0)
    seller += 0.3 if top > 0.85 and legal > 1 else 0.0
    seller -= 0.8 if not (address or legal or web) else 0.0
    prose = (
        sum(len(cell.text) for cell in block.cells) > 55 * len(block.cells)
        and len(block.cells) > 1
    )
    seller -= 1.2 * prose
    buyer = address * 1.0 - 0.6 * legal - 0.6 * reach - 0.8 * web + 0.2 * form + 0.6 * buyer_words
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
    return 3.0 if own.name and companies.same(own.name, one.party.name) else 0.0


def better_seller(
    reader: Reader, seller: Party | None, buyer: Party | None, taken: Taken
) -> Party | None:
    """Without a sure seller: what the footer, the bank account or the top of the page says."""
    if seller is not None and seller.confidence >= 0.9:
        return seller
    guesses = [*_from_legal_lines(reader), *_from_holders(reader), *_from_top(reader, taken)]
    if buyer is not None:
        guesses = [one for one in guesses if not companies.same(one.name, buyer.name)]
    if seller is not None:
        for guess in guesses:
            if companies.same(guess.name, seller.name):
                seller.confidence = min(seller.confidence + 0.12, 0.96)
                if companies.LEGAL.search(plain(guess.name)) and len(guess.name) > len(
                    seller.name
                ):
                    seller.name = guess.name  # the same, with its legal form
        shorter = next(
            (
                one
                for one in guesses
                if one.confidence >= 0.7
                and companies.key(seller.name).startswith(companies.key(one.name))
                and len(companies.key(one.name)) >= 3
            ),
            None,
        )
        if shorter is not None and not companies.same(shorter.name, seller.name):
            seller.name, seller.spot, seller.confidence = shorter.name, shorter.spot, 0.85
        return seller
    return max(guesses, key=lambda one: one.confidence, default=None)


def _from_legal_lines(reader: Reader) -> Iterable[Party]:
    """ "Free SAS au capital de … RCS Paris": the name before its legal form."""
    for row in reader.text.rows:
        match = _FOOT_NAME.search(row.plain) if _FOOT_END.search(row.plain) else None
        if (
            match
            and not of_a_factor(reader, row)
            and reader.looks_a_name(row.text[match.start(1) : match.end(1)]) >= 0.4
        ):
            spot = Spot(row, match.start(1), match.end(1))
            text = names.clean(re.split(r"\s[-–·|]\s", spot.text)[0])
            yield Party(name=text, spot=spot, confidence=0.75, cells=[spot])


def of_a_factor(reader: Reader, row: Row) -> bool:
    """True near the words of a factor's subrogation: who is named there is paid, and sells not."""
    near = reader.text.rows[max(row.number - 3, 0) : row.number + 4]
    return any(one.page == row.page and _FACTOR.search(one.plain) for one in near)


def _from_holders(reader: Reader) -> Iterable[Party]:
    for row in reader.text.rows:
        match = _HOLDER.search(row.plain)
        if match:
            spot = Spot(row, match.start(1), match.end(1))
            if reader.looks_a_name(spot.text) >= 0.6:
                yield Party(name=names.clean(spot.text), spot=spot, confidence=0.5, cells=[spot])


def _from_top(reader: Reader, taken: Taken) -> Iterable[Party]:
    """The first lines that look like a name: where a receipt or a logo writes it."""
    webs = reader.webs
    given = 0
    for row in reader.text.rows[:14]:
        for cell in row.cells[: 0 if row.number in taken.sold else 2]:
            text = names.first_of(cell)
            looks = reader.looks_a_name(text)
            if looks >= 0.4:
                form = bool(companies.LEGAL.search(plain(text)))
                web = names.echoed(text, webs)
                below = reader.text.below(row, 1)
                if below and names.is_form(below[0].cells[0].text):
                    text = f"{text} {names.clean(below[0].cells[0].text)}"
                confidence = 0.48 + 0.12 * form + 0.2 * web - 0.05 * given
                yield Party(
                    name=text, spot=narrow(cell, text), confidence=confidence, cells=[cell]
                )
                given += 1
        if given >= 4:
            return
