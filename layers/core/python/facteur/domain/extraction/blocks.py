"""What stands together on a page: paragraphs of cells, and the headings that name a party.

A block is a stack of cells with a common edge and no gap. A heading ("Client :", "Facturé à",
"Bénéficiaire") starts a section that reaches down to the next heading in its column; its name and
address are read there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facteur.domain.extraction import addresses
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Sheet, Spot
from facteur.domain.extraction.once import once
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.stacks import stacks as stacks_of

_PAGES = 3  # parties are named on the first pages


@dataclass(frozen=True)
class Block:
    """A stack of cells, from top to bottom."""

    cells: tuple[Spot, ...]

    @property
    def page(self) -> int:
        """Its page."""
        return self.cells[0].page

    @once
    def x0(self) -> float:
        """The left edge."""
        return min(cell.x0 for cell in self.cells)

    @once
    def x1(self) -> float:
        """The right edge."""
        return max(cell.x1 for cell in self.cells)

    @property
    def y0(self) -> float:
        """The top."""
        return self.cells[0].y0

    @property
    def y1(self) -> float:
        """The bottom."""
        return self.cells[-1].y1

    @property
    def text(self) -> str:
        """Its lines."""
        return "\n".join(cell.text.strip() for cell in self.cells)

    @property
    def plain(self) -> str:
        """Its lines, to be matched."""
        return "\n".join(cell.plain.strip() for cell in self.cells)


@dataclass(frozen=True)
class Heading:
    """A label that names a party, and what is written after it on its own cell."""

    role: str
    label: Spot
    cell: Spot
    rest: Spot | None


def blocks(reader: Reader, sheet: Sheet, headings: Sequence[Heading] = ()) -> list[Block]:
    """The blocks of a page in reading order; a heading always ends the block above it."""
    tops = {(heading.cell.row.number, heading.cell.start) for heading in headings}
    stacks = reader.stacks(sheet)
    if any((one.row.number, one.start) in tops for stack in stacks for one in stack[1:]):
        stacks = stacks_of(sheet, tops)
    found = sorted((Block(tuple(stack)) for stack in stacks), key=lambda one: (one.y0, one.x0))
    return _with_spaced_addresses(list(_parted(found)), sheet)


def _parted(found: list[Block]) -> Iterator[Block]:
    """A sender's whole address on one line, above another address, is a block of its own."""
    for block in found:
        first, rest = block.cells[0], block.cells[1:]
        strung = re.search(r"\s[-·|]\s|,\s", first.plain) and addresses.town(first)
        if strung and any(addresses.town(cell) for cell in rest):
            yield Block((first,))
            yield Block(rest)
        else:
            yield block


def _with_spaced_addresses(found: list[Block], sheet: Sheet) -> list[Block]:
    """Addresses typed with blank lines between: a name, then a street, then a town."""
    joined: list[Block] = []
    for block in found:
        first = block.cells[0]
        above = next(
            (
                one
                for one in reversed(joined)
                if len(one.cells) <= 3
                and abs(one.x0 - block.x0) < sheet.size
                and 0 <= block.y0 - one.y1 < 3 * sheet.size
                and not any(addresses.town(cell) for cell in one.cells)
            ),
            None,
        )
        if (
            above is not None
            and len(block.cells) <= 4
            and (addresses.town(first) or addresses.is_street(first.plain))
        ):
            joined[joined.index(above)] = Block(above.cells + block.cells)
        else:
            joined.append(block)
    return joined


def headings(reader: Reader) -> list[Heading]:
    """The labels that are a heading: alone in their cell, or followed by a colon."""
    found = []
    for label in reader.party_labels:
        if label.spot.page > _PAGES:
            break
        heading = _heading(label)
        if heading is not None:
            found.append(heading)
    return found


def _heading(label: Label) -> Heading | None:
    row = label.spot.row
    cell = row.cell_at(label.spot.start)
    before = row.plain[cell.start : label.spot.start].strip(" -*·:(")
    if before:
        return None
    after = re.match(r"\s*(?:\([^)]*\)\s*)?(:)?\s*", row.plain[label.spot.end : cell.end])
    end = label.spot.end + (after.end() if after else 0)
    colon = bool(after and after[1])
    rest = row.plain[end : cell.end].strip(" -*·:_.")
    if not rest:
        return Heading(label.role, label.spot, cell, None)
    if colon and sum(sign.isalpha() for sign in rest) >= 2:  # "Client : 4512" is a number
        return Heading(label.role, label.spot, cell, Spot(row, end, cell.end))
    return None


def _next_column(sheet: Sheet, head: Spot) -> float:
    """Where another column starts beside the text under a heading; far away when none does."""
    for row in sheet.rows:
        if not 0 < row.number - head.row.number <= 3:
            continue
        under = [cell for cell in row.cells if abs(cell.x0 - head.x0) < 2 * sheet.size]
        if under:
            beside = [cell.x0 for cell in row.cells if cell.x0 > under[0].x1 + 3 * sheet.size]
            labelled = under[0].plain.rstrip().endswith(":")
            return min(beside) - 1 if beside and not labelled else 1e9
    return 1e9


def section(
    reader: Reader, heading: Heading, every: Sequence[Heading], depth: int = 14
) -> list[Spot]:
    """The cells that a heading commands: to its right on its row, then below it in its column."""
    sheet = reader.text.sheet(heading.cell.page)
    head = heading.cell
    left = head.x0 - 2.2 * sheet.size
    right = min(
        (
            one.cell.x0
            for one in every
            if one.cell.page == head.page
            and one.cell.x0 > head.x1
            and abs(one.cell.middle - head.middle) < 2.5 * sheet.size
        ),
        default=min(head.x0 + 0.42 * sheet.width, _next_column(sheet, head)),
    )
    bottom = min(
        (
            one.cell.y0
            for one in every
            if one.cell.page == head.page
            and one.cell.y0 > head.y1 - 1
            and left <= one.cell.x0 < right
        ),
        default=1e9,
    )  # fmt: skip
    cells: list[Spot] = []
    last = head.y1
    rows = [row for row in sheet.rows if row.number >= head.row.number][: depth + 1]
    for row in rows:
        if row.y0 >= bottom or row.y0 - last > 4.5 * sheet.size:
            break
        here = [
            cell
            for cell in row.cells
            if (cell.start >= head.end if row is head.row else True) and left <= cell.x0 < right
        ]
        if here:
            last = max(cell.y1 for cell in here)
            cells.extend(here)
    return cells
