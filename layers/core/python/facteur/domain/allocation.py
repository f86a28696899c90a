"""Which amounts make which sums: lines given to the VAT bases they add up to.

Many invoices print no rate on their lines, only bases in the VAT table. When the amounts can be
shared out among the bases in one way only, that way is the issuer's.
"""

from collections.abc import Sequence
from decimal import Decimal

_MOST_STEPS = 20_000
_MOST_FREE = 24  # amounts whose target is open


def allocate(
    amounts: Sequence[Decimal], targets: Sequence[Decimal], allowed: Sequence[frozenset[int]]
) -> tuple[int, ...] | None:
    """For each amount the place of its target, when exactly one sharing out adds up to the cent.

    ``allowed`` are the targets that each amount may go to. None when there is no way, or several
    that differ by more than swapping equal amounts, or when searching takes too long.
    """
    free = [at for at, one in enumerate(allowed) if len(one) > 1]
    if not all(allowed) or len(free) > _MOST_FREE:
        return None
    search = _Search(amounts, targets, allowed, sorted(free, key=lambda at: -abs(amounts[at])))
    complete = search.run(0)
    return search.found[0] if complete and len(search.found) == 1 else None


class _Search:
    """Tries every sharing out of the free amounts, the largest first."""

    def __init__(
        self,
        amounts: Sequence[Decimal],
        targets: Sequence[Decimal],
        allowed: Sequence[frozenset[int]],
        order: Sequence[int],
    ) -> None:
        self.amounts, self.allowed, self.order = amounts, allowed, order
        self.chosen = {at: next(iter(one)) for at, one in enumerate(allowed) if len(one) == 1}
        self.rest = list(targets)
        for at, target in self.chosen.items():
            self.rest[target] -= amounts[at]
        self.found: list[tuple[int, ...]] = []
        self.steps = 0

    def run(self, depth: int) -> bool:
        """False when the search must stop: too long, or a second way was found."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return False
        if depth == len(self.order):
            return self._arrived()
        at = self.order[depth]
        for target in sorted(self.allowed[at]):
            self.rest[target] -= self.amounts[at]
            self.chosen[at] = target
            going = self.run(depth + 1)
            self.rest[target] += self.amounts[at]
            if not going:
                return False
        return True

    def _arrived(self) -> bool:
        """Note a way that adds up; False when it is another one than the first."""
        if any(gap != 0 for gap in self.rest):
            return True
        way = tuple(self.chosen[at] for at in range(len(self.amounts)))
        if not self.found:
            self.found.append(way)
            return True
        if self._kinds(way) == self._kinds(self.found[0]):
            return True
        self.found.append(way)
        return False

    def _kinds(self, way: Sequence[int]) -> list[tuple[int, Decimal]]:
        """A sharing out without regard to which of equal amounts went where."""
        return sorted(zip(way, self.amounts, strict=True))
