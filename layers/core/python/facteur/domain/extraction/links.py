"""How well a value belongs to a label, by where both stand: at its right, or just under it.

One number between 0 (no) and 1 (beside it). Forms write "label   value" on one row; tables of
references write the value under the label; both may have other cells between.
"""

from collections.abc import Iterable

from facteur.domain.extraction.lines import Spot, Text


def right_of(label: Spot, value: Spot, *, askew: bool = False) -> float:
    """The link of a value on the label's own row, to its right; 0 when it is not there.

    ``askew``: the sheet was photographed, so a value may stand up to three quarters of a line
    higher or lower.
    """
    distance = max(value.x0 - label.x1, 0.0)
    near = max(1.0 - distance / 900.0, 0.3)
    if value.row is label.row:
        return near if value.start >= label.end else 0.0
    height = max(label.row.height, 4.0)
    level = abs(value.middle - label.middle) < 0.8 * height
    if askew and level and value.page == label.page and value.x0 >= label.x1:
        return 0.8 * near
    return 0.0


def under(text: Text, label: Spot, value: Spot, *, most: float = 3.2) -> float:
    """The link of a value on one of the next rows, under the label; 0 when it is not there.

    ``most`` is how many label heights below it may stand. Something else between costs.
    """
    if value.page != label.page or value.row.number <= label.row.number:
        return 0.0
    height = max(label.row.height, 4.0)
    drop = (value.y0 - label.y1) / height
    if drop > most or not _stacked(label, value, height):
        return 0.0
    crowd = sum(
        1
        for row in text.rows[label.row.number + 1 : value.row.number]
        if row.page == label.page
        for cell in row.cells
        if cell.overlap(value) > 0.2
    )
    return max(0.88 - 0.06 * max(drop, 0.0) - 0.2 * crowd, 0.0)


def _stacked(label: Spot, value: Spot, height: float) -> bool:
    """True when both share a column: they overlap, or share an edge."""
    if label.overlap(value) > 0.25:
        return True
    return abs(label.x0 - value.x0) < 0.8 * height or abs(label.x1 - value.x1) < 0.8 * height


def between(label: Spot, value: Spot, others: Iterable[Spot]) -> bool:
    """True when another spot of the same row stands between the label and the value."""
    return any(
        other.row is label.row and label.end <= other.start and other.end <= value.start
        for other in others
    )
