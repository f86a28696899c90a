"""What a person's corrections taught about a supplier's pages: hints, in one dossier.

A hint says where a field stands on the pages of one supplier ("le numéro est à droite de
« Référence pièce »"), how it follows from another ("échéance = date + 45 jours, fin de mois"), or
what it always is ("le nom du vendeur est « Menuiserie Le Goff »"). It is learnt when a person
accepts a document whose fields were corrected, applied to the next document of that supplier after
the usual reading (extraction/hinted.py), and sure once a second document confirmed it, or where it
finds a reference or a date again (extraction/again.py). One that does not find its label says
nothing; one that was wrong twice is forgotten.

Bank accounts are never learnt here: no hint for the IBAN, whatever was corrected (parties.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

MOST_HINTS = 60  # of one supplier
MOST_MISSES = 2

#: Fields that no hint may give: money goes there, or whole tables that one example cannot teach.
NEVER = frozenset({"iban", "bic", "lines", "adjustments"})


class Way(StrEnum):
    """How a hint finds its value."""

    BESIDE = "beside"  # at the right of a label, on its row
    UNDER = "under"  # under a label
    PLACE = "place"  # at a distance from words that stand on every page
    ALWAYS = "always"  # the supplier's own: name, SIREN, address
    WORDS = "words"  # this value when these words are on the page
    TERM = "term"  # so many days after the invoice's date
    SAME = "same"  # equal to another field
    RATE = "rate"  # one VAT rate for everything
    NOT = "not"  # what stands by this label is not it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One thing learnt about one field; ``label`` is plain text (domain/plain.py)."""

    id: str
    field: str  # a name of candidate.FIELDS
    way: Way
    label: str = ""  # what stands beside, above or near the value, as compared
    printed: str = ""  # the same as printed, for people
    nth: int = 0  # which value of that row, from 0
    of: int = 1  # how many values that row had
    seat: int = 0  # which of the places where the label has such a value, from 0
    seats: int = 1  # how many such places the document had
    shape: str = ""  # an expression that the value's plain text matches
    dx: float = 0.0  # PLACE: from the label's left to the value's, a fraction of the page
    dy: float = 0.0  # PLACE: the same downwards
    at: tuple[float, float] | None = None  # where the value stood: left and top, of its page
    value: str = ""  # ALWAYS, WORDS: the value; SAME: the other field; RATE: percent
    days: int = 0  # TERM
    month_end: bool = False  # TERM: then to the end of that month
    then: int = 0  # TERM: and so many days after that end
    instead: str = ""  # what the reading wrongly gave, plain
    learnt_at: datetime | None = None
    learnt_from: str = ""  # the document
    by: str = ""  # name of who corrected
    confirmed: int = 0  # documents that proved it
    missed: int = 0  # documents where a person changed what it gave

    @property
    def sure(self) -> bool:
        """True once a second document confirmed it."""
        return self.confirmed > 0 and self.missed == 0

    def same_as(self, other: "Hint") -> bool:
        """True when both teach the same thing."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("field", "way", "label", "nth", "seat", "value", "days", "month_end",
                         "then")
        )  # fmt: skip


# ── Days after a date ───────────────────────────────────────────────────────────────────────────

_USUAL = (0, 7, 8, 10, 14, 15, 20, 21, 30, 45, 60, 75, 90)
_MOST_DAYS = 120


def end_of_month(day: date) -> date:
    """The last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def due_by(hint: Hint, issued: date) -> date:
    """The day that a TERM hint gives for an invoice of that day."""
    day = issued + timedelta(days=hint.days)
    if hint.month_end:
        day = end_of_month(day) + timedelta(days=hint.then)
    return day


def term_of(
    issued: date, due: date, *, month_end: bool, said: Sequence[int] = ()
) -> tuple[int, bool, int] | None:
    """(days, month end, days after it) that lead from one date to the other, None for none.

    ``month_end``: the page says "fin de mois", so that reading is tried first; ``said`` are the
    numbers of days that it prints. Usual terms are preferred to odd numbers of days; more than
    120 days is no payment term.
    """
    days = (due - issued).days
    if not 0 <= days <= _MOST_DAYS:
        return None
    ends = [
        (n, then)
        for then in (0, 5, 10, 15, 20)
        for n in (*said, 30, 45, 60, 0, 90)
        if end_of_month(issued + timedelta(days=n)) + timedelta(days=then) == due
    ]
    if month_end and ends:
        return ends[0][0], True, ends[0][1]
    if days in _USUAL or not ends:
        return days, False, 0
    return ends[0][0], True, ends[0][1]


# ── The hints of a supplier ─────────────────────────────────────────────────────────────────────


def merged(held: Sequence[Hint], learnt: Iterable[Hint]) -> tuple[Hint, ...]:
    """The hints of a supplier with what was just learnt; the oldest go beyond 60.

    What teaches the same as a hint already there changes nothing. Several hints of one field may
    live together: a supplier may have two layouts.
    """
    kept = list(held)
    for one in learnt:
        if one.field not in NEVER and not any(one.same_as(other) for other in kept):
            kept.append(one)
    return tuple(kept[-MOST_HINTS:])


def proved(held: Sequence[Hint], results: Mapping[str, bool]) -> tuple[Hint, ...]:
    """The hints after a document was accepted: ``results`` tells, by hint, whether it was right.

    A hint that was wrong twice is forgotten; one that is right again is trusted again.
    """
    kept: list[Hint] = []
    for one in held:
        right = results.get(one.id)
        if right is None:
            kept.append(one)
        elif right:
            kept.append(replace(one, confirmed=one.confirmed + 1, missed=0))
        elif one.missed + 1 < MOST_MISSES:
            kept.append(replace(one, missed=one.missed + 1))
    return tuple(kept)
