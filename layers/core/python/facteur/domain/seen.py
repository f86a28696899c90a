"""What a form of settings showed: a mark of it, so that nobody saves over what they never saw.

A form that saves several values at once is sent back with the mark of those that it was filled
from. Where they moved since (another tab, another person), nothing is saved and the page shows
what holds now. A mark, rather than the version of the whole row: what else stands in the row may
move as it likes. Documents and cards, whose every value is shown, carry their version.
"""

from collections.abc import Sequence

from facteur.domain.errors import StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.naming import derived


def mark(held: object, names: Sequence[str]) -> str:
    """The mark of these values of what is held: the same for the same values."""
    return derived(repr([getattr(held, name) for name in names]))


def refuse_moved(
    seen: str, held: object, names: Sequence[str], faults: Sequence[Fault] = ()
) -> None:
    """StaleVersionError (``choices.stale``, with ``faults``) when the values moved since ``seen``.

    "" is what a program sends, which was shown no form.
    """
    if seen and seen != mark(held, names):
        raise StaleVersionError("choices.stale", (Fault(code="choices.stale"), *faults))
