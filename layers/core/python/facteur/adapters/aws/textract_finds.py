"""What AnalyzeDocument found (tables, forms) → the neutral values of domain/pages.py.

The blocks are sieved first (textract_sieve.py), then read by textractor page by page. What it
still cannot read is UnreadableAnswer, and the witness says nothing.

Sources: https://docs.aws.amazon.com/textract/latest/dg/how-it-works-tables.html,
https://docs.aws.amazon.com/textract/latest/dg/how-it-works-kvp.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from facteur.adapters.aws.textract_sieve import (
    ENGINE,
    MAX_TEXT,
    UnreadableAnswer,
    by_page,
    children,
    sieved,
)
from facteur.domain.pages import Box, Cell, Expense, Finds, Grid, Pair, Said

#: A broken answer is told by any of these.
_BROKEN = (AssertionError, AttributeError, KeyError, IndexError, TypeError, ValueError)


def of_analysis(blocks: object) -> dict[int, Finds]:
    """The tables and pairs of AnalyzeDocument's blocks, by page number (from 1)."""
    found: dict[int, Finds] = {}
    for number, held in by_page(blocks).items():
        kept = sieved(held)
        page = _parsed({"Blocks": kept, "DocumentMetadata": {"Pages": 1}})
        merged = [one for one in kept if one["BlockType"] == "MERGED_CELL"]
        try:
            grids = tuple(_grid(table, merged) for table in page.tables)
            pairs = tuple(_pairs(page.key_values))
        except _BROKEN as error:
            raise UnreadableAnswer(type(error).__name__) from error
        found[number] = Finds(
            engine=ENGINE, grids=tuple(one for one in grids if one.cells), pairs=pairs
        )
    return found


def _parsed(response: dict[str, Any]) -> Any:
    """The page that textractor makes of sieved blocks."""
    from textractor.parsers import response_parser  # noqa: PLC0415 - half a second, rarely needed

    try:
        return response_parser.parse(response).pages[0]
    except _BROKEN as error:
        raise UnreadableAnswer(type(error).__name__) from error


def _grid(table: Any, merged: Sequence[Mapping[str, Any]]) -> Grid:
    """A table's cells, those that Textract merged as one."""
    cells: dict[str, Cell] = {}
    for cell in table.table_cells:
        words = cell.words
        cells[str(cell.id)] = Cell(
            row=cell.row_index,
            column=cell.col_index,
            rows=cell.row_span,
            columns=cell.col_span,
            head=bool(cell.is_column_header),
            said=_said([word.text for word in words], cell.bbox, cell.confidence),
        )
    own = set(cells)
    for block in merged:
        parts = [cells.pop(one) for one in children(block, "CHILD") if one in own and one in cells]
        if parts:
            cells[block["Id"]] = _joined(block, parts)
    return Grid(cells=tuple(sorted(cells.values(), key=lambda one: (one.row, one.column))))


def _joined(block: Mapping[str, Any], parts: Sequence[Cell]) -> Cell:
    """A merged cell: its place is its own, its words those of its parts."""
    text = " ".join(one.said.text for one in parts if one.said.text)
    box = parts[0].said.box
    for one in parts[1:]:
        box = box.joined(one.said.box)
    return Cell(
        row=block["RowIndex"],
        column=block["ColumnIndex"],
        rows=block["RowSpan"],
        columns=block["ColumnSpan"],
        head=any(one.head for one in parts),
        said=Said(text[:MAX_TEXT], box, min(one.said.confidence for one in parts)),
    )


def _pairs(found: Iterable[Any]) -> Iterator[Pair]:
    """The labels that have a value, both with words."""
    for one in found:
        if one.value is None or not one.key or not one.value.words:
            continue
        key, value = list(one.key), list(one.value.words)
        yield Pair(key=_around(key, one.confidence), value=_around(value, one.value.confidence))


def _around(words: Sequence[Any], confidence: float) -> Said:
    """Words with the box around them: a block's own box may reach further than they do."""
    box = _box_of(words[0].bbox)
    for word in words[1:]:
        box = box.joined(_box_of(word.bbox))
    return _said_in([word.text for word in words], box, confidence)


def _said(texts: Iterable[str], bbox: Any, confidence: float) -> Said:
    return _said_in(texts, _box_of(bbox), confidence)


def _said_in(texts: Iterable[str], box: Box, confidence: float) -> Said:
    text = " ".join("".join(one.split()) for one in texts)
    return Said(text[:MAX_TEXT], box, min(1.0, max(0.0, confidence)))


def _box_of(bbox: Any) -> Box:
    """textractor's box, as it stands on the page."""
    left, top = max(0.0, bbox.x), max(0.0, bbox.y)
    return Box(left, top, min(1.0, bbox.x + bbox.width), min(1.0, bbox.y + bbox.height))


def together(one: Finds | None, other: Finds | None) -> Finds | None:
    """What two analyses of the same page found."""
    if one is None or other is None:
        return one or other
    return replace(
        one,
        grids=one.grids + other.grids,
        pairs=one.pairs + other.pairs,
        expenses=one.expenses + other.expenses,
        lines=one.lines + other.lines,
        silent=one.silent or other.silent,
    )


def upright(finds: Finds, turn: int) -> Finds:
    """The same on a page turned clockwise by quarter turns: its words were."""
    if not turn % 4:
        return finds

    def said(one: Said) -> Said:
        return replace(one, box=one.box.turned(turn))

    def expense(one: Expense) -> Expense:
        return replace(one, value=said(one.value))

    return replace(
        finds,
        grids=tuple(
            Grid(cells=tuple(replace(cell, said=said(cell.said)) for cell in grid.cells))
            for grid in finds.grids
        ),
        pairs=tuple(Pair(key=said(one.key), value=said(one.value)) for one in finds.pairs),
        expenses=tuple(expense(one) for one in finds.expenses),
        lines=tuple(tuple(expense(one) for one in line) for line in finds.lines),
    )
