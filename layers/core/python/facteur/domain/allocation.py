"""Which amounts make which sums: lines given to the VAT bases they add up to.

Many invoices print no rate on their lines, only bases in the VAT table. When the amounts can be
shared out among the bases in one way only, that way is the issuer's.
"""

from collections.abc import Sequence
from decimal import Decimal

_MOST_STEPS = 20_000


def allocate(
    amounts: Sequence[Decimal], targets: Sequence[Decimal], allowed: Sequence[frozenset[int]]
) -> tuple[int, ...] | None:
    """For each amount the place of its target, when exactly one sharing out adds up to the cent.

    ``allowed`` are the targets that each amount may go to. None when there is no way, or several
    that differ by more than swapping equal amounts, or when searching takes too long.
    """
    order = sorted(range(len(amounts)), key=lambda at: (len(allowed[at]), -abs(amounts[at])))
    rest = list(targets)
    chosen: dict[int, int] = {}
    found: list[tuple[int, ...]] = []
    steps = 0

    def search(depth: int) -> bool:
        """False when the search must stop."""
        nonlocal steps
        steps += 1
        if steps > _MOST_STEPS:
            return False
        if depth == len(order):
            if all(gap == 0 for gap in rest):
                way = tuple(chosen[at] for at in range(len(amounts)))
                if found and _kinds(amounts, way) != _kinds(amounts, found[0]):
                    found.append(way)
                    return False
                if not found:
                    found.append(way)
            return True
        at = order[depth]
        for target in sorted(allowed[at]):
            rest[target] -= amounts[at]
            chosen[at] = target
            going = search(depth + 1)
            rest[target] += amounts[at]
            if not going:
                return False
        return True

    complete = search(0)
    return found[0] if complete and len(found) == 1 else None


def _kinds(amounts: Sequence[Decimal], way: Sequence[int]) -> list[tuple[int, Decimal]]:
    """A sharing out without regard to which of equal amounts went where."""
    return sorted(zip(way, amounts, strict=True))
