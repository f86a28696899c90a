"""Cells that stand on top of each other: what a paragraph looks like before anything is read.

Cells of following rows make a stack when they share an edge or a middle, are about as tall, and
have no gap between them. blocks.py makes the blocks of a page out of them.
"""

from collections.abc import Sequence, Set

from facteur.domain.extraction.lines import Sheet, Spot

_FAR = 2.5  # heights of text under which a stack goes on no more


def stacks(sheet: Sheet, tops: Set[tuple[int, int]] = frozenset()) -> list[list[Spot]]:
    """The stacks of a page, those that ended first before the others.

    A cell of ``tops`` (number of its row, offset in it) always begins one.
    """
    open_: list[list[Spot]] = []
    done: list[list[Spot]] = []
    for row in sheet.rows:
        for cell in row.cells:
            stack = None
            if (row.number, cell.start) not in tops:
                stack = next(
                    (
                        one
                        for one in reversed(open_)
                        if one[-1].row is not row and _joins(one, cell)
                    ),
                    None,
                )
            if stack is None:
                open_.append([cell])
            else:
                stack.append(cell)
        far = _FAR * max(sheet.size, row.height)
        for stack in [one for one in open_ if row.y0 - one[-1].edges[3] > far]:
            open_.remove(stack)
            done.append(stack)
    return done + open_


def _joins(stack: Sequence[Spot], cell: Spot) -> bool:
    """True when a cell goes on with a stack of the rows above."""
    left, top, right, bottom = stack[-1].edges
    x0, y0, x1, y1 = cell.edges
    tall, own = bottom - top, y1 - y0
    small, large = (tall, own) if tall < own else (own, tall)
    height = max(small, 4.0)
    near = 0.9 * height
    aligned = (
        abs(left - x0) < near
        or abs(right - x1) < 0.5 * near
        or abs((left + right) / 2 - (x0 + x1) / 2) < 0.5 * near
        or abs(stack[0].x0 - x0) < near
    )
    gap = y0 - bottom
    if not aligned or large > 1.7 * height or gap > 1.75 * height:
        return False
    return len(stack) == 1 or gap <= 1.0 * height + 1.6 * max(top - stack[-2].y1, 0)
