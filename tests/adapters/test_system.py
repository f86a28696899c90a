"""The clock and the identifiers."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from facteur.adapters.system import ALPHABET, LENGTH, SystemClock, SystemIds

NOW = datetime(2026, 11, 20, 9, 34, tzinfo=UTC)


def test_the_clock_is_aware_and_in_utc() -> None:
    """A time without its zone would be refused by everything that stores it."""
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_identifiers_are_url_safe_and_of_one_length() -> None:
    """26 characters of the alphabet: fit for a URL, a key, a file name."""
    ids = SystemIds()
    for _ in range(100):
        one = ids.new()
        assert len(one) == LENGTH == 26
        assert set(one) <= set(ALPHABET)
        assert one == one.lower()


def test_identifiers_sort_by_time() -> None:
    """A later identifier sorts after an earlier one, whatever chance gave them."""
    moments = iter([NOW, NOW + timedelta(milliseconds=1), NOW + timedelta(days=3650)])
    highest_then_lowest = iter([2**80 - 1, 0, 0])
    ids = SystemIds(lambda: next(moments), lambda _bits: next(highest_then_lowest))
    given = [ids.new() for _ in range(3)]
    assert given == sorted(given)


def test_identifiers_of_one_moment_are_distinct_and_in_order() -> None:
    """The same millisecond, the same chance, even a clock set back: still new and after."""
    moments = iter([NOW] * 50 + [NOW - timedelta(hours=1)] * 50)
    ids = SystemIds(lambda: next(moments), lambda _bits: 7)
    given = [ids.new() for _ in range(100)]
    assert all(one < other for one, other in pairwise(given))


def test_identifiers_cannot_be_guessed_from_the_time() -> None:
    """Two machines at the same moment give different identifiers."""
    one, other = SystemIds(lambda: NOW), SystemIds(lambda: NOW)
    assert one.new() != other.new()
    assert one.new()[:9] == other.new()[:9]
