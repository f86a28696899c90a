"""Amounts shared out among sums, when there is one way only."""

from decimal import Decimal

from facteur.domain.allocation import allocate
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
BOTH = frozenset({0, 1})


def test_the_only_way_is_found():
    """20 + 5 makes 25 and 7 makes 7: nothing else does."""
    assert allocate([D(20), D(7), D(5)], [D(25), D(7)], [BOTH] * 3) == (0, 1, 0)


def test_two_ways_are_no_way():
    """10 + 5 + 5 can make 10 and 10 in two ways."""
    assert allocate([D(10), D(5), D(5)], [D(10), D(10)], [BOTH] * 3) is None


def test_equal_amounts_may_be_swapped():
    """Two lines of the same amount: which is which changes nothing in the sums."""
    assert allocate([D(5), D(5), D(1)], [D(5), D(6)], [BOTH] * 3) is not None


def test_no_way_is_none():
    """Nothing adds up."""
    assert allocate([D(3)], [D(2), D(2)], [BOTH]) is None
    assert allocate([D(3)], [D(3)], [frozenset()]) is None


def test_a_search_without_end_is_given_up():
    """Bad input: forty equal-looking lines must not stall a page."""
    amounts = [D(n) / 100 for n in range(1, 41)]
    assert allocate(amounts, [D("4.10"), D("4.10")], [BOTH] * 40) is None


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 1)), min_size=1, max_size=8))
def test_what_is_found_always_adds_up(shares):
    """Whatever the amounts, an answer makes the sums to the cent."""
    amounts = [D(amount) for amount, _ in shares]
    targets = [sum((D(a) for a, at in shares if at == place), D(0)) for place in (0, 1)]
    way = allocate(amounts, targets, [BOTH] * len(amounts))
    if way is not None:
        for place in (0, 1):
            assert (
                sum((a for a, at in zip(amounts, way, strict=True) if at == place), D(0))
                == targets[place]
            )
