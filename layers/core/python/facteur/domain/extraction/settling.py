"""A line put to the test: quantity × price, less its discount, is its amount.

The roles that the heads announce are kept when they prove on half of the lines; another pair of
columns that proves better takes their place. A line that still does not prove looks for its own
pair among the numbers of its row: OCR ties a quantity to the words before it, or spoils a head.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import permutations

from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.money import cents

_CENT = Decimal("0.01")
_MOST_NUMBERS = 14  # of one line


@dataclass
class Item:
    """One line being gathered: values by role, and the rows of its description."""

    anchor: Number
    values: dict[str, Number] = field(default_factory=dict)
    cells: list[Spot] = field(default_factory=list)
    unit: str = ""

    @property
    def amount(self) -> Decimal:
        """The line's amount."""
        return self.anchor.value

    def value(self, role: str) -> Decimal | None:
        """A value by its role."""
        number = self.values.get(role)
        return None if number is None else number.value

    @property
    def text(self) -> str:
        """The words of its description."""
        return " ".join(cell.text.strip() for cell in self.cells)


def settle(reader: Reader, items: Sequence[Item]) -> int:
    """Give each line the quantity and the price that prove its amount; how many do."""
    _settle_columns(items)
    for item in items:
        if not _proves(item, item.values.get("quantity"), item.values.get("unit_price")):
            _settle_row(reader, item)
    return sum(
        _proves(item, item.values.get("quantity"), item.values.get("unit_price")) for item in items
    )


def _settle_columns(items: Sequence[Item]) -> None:
    """Exchange the columns of quantity and price for those that prove on most lines."""
    roles = sorted({role for item in items for role in item.values if role not in ("rate", "tax")})
    best, pair = 0.0, ("quantity", "unit_price")
    for quantity, price in permutations(roles, 2):
        proved = sum(
            _proves(item, item.values.get(quantity), item.values.get(price)) and item.amount != 0
            for item in items
        )
        bare = sum(1 for item in items if _bare(item.values.get(quantity)))
        score = proved + 0.3 * (quantity == "quantity") + 0.3 * (price == "unit_price")
        score += 0.8 * bare / len(items)  # only prices carry a currency: it outweighs a head
        if proved >= 0.5 * len(items) and score > best:
            best, pair = score, (quantity, price)
    if pair == ("quantity", "unit_price"):
        return
    for item in items:
        held = [item.values.pop(role, None) for role in pair]
        for role, number in zip(("quantity", "unit_price"), held, strict=True):
            if number is not None:
                item.values[role] = number


def _bare(number: Number | None) -> bool:
    """True for a number without currency: a quantity rather than a price."""
    return number is not None and not number.currency


def _settle_row(reader: Reader, item: Item) -> None:
    """Look among the numbers of the line's own row for the pair that proves its amount."""
    row = item.anchor.spot.row
    numbers = [
        one
        for one in reader.numbers_by_row.get(row.number, [])
        if one is not item.anchor and not one.percent and one.value != 0
    ]
    if len(numbers) > _MOST_NUMBERS:
        return
    best: tuple[tuple[int, int, int], Number, Number] | None = None
    for quantity, price in permutations(numbers, 2):
        if not price.money or not _proves(item, quantity, price):
            continue
        rank = (int(not quantity.money), int(quantity.spot.start < price.spot.start), quantity.spot.start)  # fmt: skip  # noqa: E501
        if best is None or rank > best[0]:
            best = (rank, quantity, price)
    if best is not None:
        item.values["quantity"], item.values["unit_price"] = best[1], best[2]


def _proves(item: Item, quantity: Number | None, price: Number | None) -> bool:
    """True when quantity × price, less the line's discount, is its amount."""
    if quantity is None or price is None:
        return False
    product, amount = abs(quantity.value * price.value), abs(item.amount)
    if abs(cents(product) - amount) <= _CENT:
        return True
    discount = item.values.get("discount")
    if discount is None or discount.value == 0 or discount is quantity:
        return False
    share = product * (1 - abs(discount.value) / 100)
    slack = Decimal("0.02") + abs(quantity.value) * Decimal("0.005")
    if abs(cents(share) - amount) <= slack:
        return True
    return abs(product - abs(discount.value) - amount) <= _CENT
