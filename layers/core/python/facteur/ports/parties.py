"""Suppliers and customers: their cards, what names them, their invoices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from facteur.domain.journal import JournalEntry
from facteur.domain.parties import Party, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyPage:
    """A page of a list and the cursor of the next one, "" at the end."""

    parties: tuple[Party, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDocument:
    """An invoice of a party, as its card lists it."""

    document: str
    number: str
    kind: str
    day: date | None
    total: Decimal | None
    currency: str
    received_at: datetime
    state: str


class Parties(Protocol):
    """The cards of a dossier; every call names the dossier."""

    def party(self, dossier: str, party: str) -> Party:
        """A card with its hints, in one call; NotFoundError."""
        ...

    def find(self, dossier: str, keys: Sequence[str]) -> str:
        """The card that the first of these references names (parties.searched), "" for none."""
        ...

    def bore(self, dossier: str, keys: Sequence[str]) -> Sequence[str]:
        """The cards with known accounts that these numbers named before, in one call."""
        ...

    def marked(self, dossier: str, marks: Sequence[str]) -> Mapping[str, str]:
        """The card that each of these marks names, those that name one; ambiguous ones do not."""
        ...

    def save(self, parties: Sequence[Party], entries: Sequence[JournalEntry]) -> tuple[Party, ...]:
        """Write cards, the references that name them and what the journal says, all or nothing.

        A card of version 0 is new. StaleVersionError (``party.stale``) when one moved;
        DuplicateError (``party.taken``: kind, party) when another card bears its number, its SIREN
        or its VAT number.
        """
        ...

    def number(self, dossier: str, side: Side) -> int:
        """The next place in the numbers of a side: never given twice, also to two callers."""
        ...

    def pass_numbers(self, dossier: str, side: Side, last: int) -> None:
        """Give no number up to ``last`` any more: cards bear them already."""
        ...

    def by_name(
        self,
        dossier: str,
        side: Side,
        *,
        prefix: str = "",
        limit: int = 50,
        cursor: str = "",
        descending: bool = False,
        archived: bool = False,
    ) -> PartyPage:
        """Cards in the order of their plain names; those that begin with ``prefix`` only.

        Cards of lists carry no hints. InvalidError (``cursor.invalid``).
        """
        ...

    def by_number(
        self, dossier: str, side: Side, *, limit: int = 50, cursor: str = "",
        descending: bool = False,
    ) -> PartyPage:  # fmt: skip
        """Cards in the order of their numbers."""
        ...

    def changes(self, dossier: str, party: str, *, limit: int = 50) -> tuple[JournalEntry, ...]:
        """What was changed on a card, newest first."""
        ...

    def documents(self, dossier: str, party: str, *, limit: int = 50) -> tuple[PartyDocument, ...]:
        """The invoices of a party, newest first."""
        ...
