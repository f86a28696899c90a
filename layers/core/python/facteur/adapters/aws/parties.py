"""The Parties port on DynamoDB: the cards of suppliers and customers (party_items.py).

A card, its hints, what names it and what the journal says are written in one transaction, so that
no two cards bear one number, SIREN or VAT number.
"""

import base64
import binascii
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from facteur.adapters.aws import items
from facteur.adapters.aws.items import ClaimRow, dossier_pk
from facteur.adapters.aws.party_items import (
    HINTS,
    LONGEST_PLACE,
    PARTY,
    CountRow,
    HintsRow,
    PartyDocumentRow,
    PartyEventRow,
    PartyRow,
    list_pk,
    party_pk,
)
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import LISTING, TODO, Row, Table, Write, always
from facteur.domain.duplicates import plain
from facteur.domain.errors import DuplicateError, NotFoundError, StaleVersionError, unknown_place
from facteur.domain.journal import JournalEntry
from facteur.domain.parties import Party, Side, Standing, keys_of
from facteur.ports.parties import PartyDocument, PartyPage

CLAIM, MARK, BORE = "PARTY", "PARTYMARK", "PARTYBORE"


class AwsParties:
    """Implements facteur.ports.Parties."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # ── One card ────────────────────────────────────────────────────────────────────────────────

    def party(self, dossier: str, party: str) -> Party:
        """A card with its hints, in one call; NotFoundError."""
        pk = party_pk(dossier, party)
        rows = {row.sk: row for row in self._table.query(Row, pk, Row.sk.startswith(PARTY))}
        card, hints = rows.get(PARTY), rows.get(HINTS)
        if not isinstance(card, PartyRow):
            raise NotFoundError("not_found", party=party[:50])
        found = card.value()
        return hints.on(found) if isinstance(hints, HintsRow) else found

    def find(self, dossier: str, keys: Sequence[str]) -> str:
        """The card that the first of these references names, "" for none."""
        for key in keys:
            held = self._claim(dossier, CLAIM, key)
            if held:
                return held
        return ""

    def bore(self, dossier: str, keys: Sequence[str]) -> Sequence[str]:
        """The cards with known accounts that these numbers named before, in one call."""
        asked = [(items.claim_pk(dossier, BORE, key), items.REF) for key in keys]
        found = self._table.get_many(ClaimRow, asked, consistent=True) if asked else ()
        return tuple(one.target for one in found)

    def marked(self, dossier: str, marks: Sequence[str]) -> Mapping[str, str]:
        """The card that each of these marks names, those that name one; ambiguous ones do not."""
        found = {one: self._claim(dossier, MARK, one) for one in dict.fromkeys(marks)}
        return {mark: party for mark, party in found.items() if party}

    def _claim(self, dossier: str, kind: str, value: str) -> str:
        row = self._table.get(ClaimRow, items.claim_pk(dossier, kind, value), items.REF)
        return "" if row is None else row.target

    # ── Writing ─────────────────────────────────────────────────────────────────────────────────

    def save(self, parties: Sequence[Party], entries: Sequence[JournalEntry]) -> tuple[Party, ...]:
        """Write cards, what names them and what the journal says, in one transaction."""
        stored = tuple(replace(one, version=one.version + 1) for one in parties)
        writes: list[Write] = []
        for before, after in zip(parties, stored, strict=True):
            stale = always(StaleVersionError("party.stale", party=before.id))
            free = Row.version == before.version if before.version else Row.pk.does_not_exist()
            writes.append(Write(PartyRow.of(after), condition=free, refused=stale))
            if after.hints or after.products or before.version:
                writes.append(Write(HintsRow.of(after)))
            writes += (Write(PartyEventRow.of(after, one)) for one in entries)
        writes += self._references(parties)
        writes += journal_writes(entries)
        self._table.write(writes)
        return stored

    def _references(self, parties: Sequence[Party]) -> Iterator[Write]:
        """The references that the cards gain and lose, one action for each."""
        owners = {one.id for one in parties}
        wanted: dict[str, Party] = {}
        for one in parties:
            for key in _named(one):
                wanted.setdefault(key, one)
        dossier = parties[0].dossier
        marks = {
            mark: one.id
            for one in parties
            if one.standing is not Standing.MERGED
            for mark in one.marks
        }
        stored, held = self._held(parties, wanted, marks)
        known = {one.id for one in parties if one.known_ibans or one.contested}
        bearers = {
            key: party
            for key, party in stored.items()
            if party in known and ("|siren|" in key or "|vat|" in key)
        }
        for key in stored:
            if key not in wanted and self._claim(dossier, CLAIM, key) in owners:
                yield Write(ClaimRow.of(dossier, CLAIM, key), delete=True)
                bearer = bearers.get(key, "")
                if bearer:  # whoever takes this number next does not pass for it (decision 0340)
                    yield Write(ClaimRow.of(dossier, BORE, key, bearer))
        for key, party in wanted.items():
            row = ClaimRow.of(dossier, CLAIM, key, party.id)
            target = held.get(row.pk, "")
            if target == party.id:
                continue
            if target and target not in owners:
                if "|name|" in key:
                    continue  # two companies of one name: the first keeps it
                raise _taken(key, target)
            condition = Row.pk.does_not_exist() | ClaimRow.target.is_in(*owners)
            yield Write(row, condition=condition, refused=_refused(key))
        yield from _mark_writes(dossier, marks, held, owners)

    def _held(
        self, parties: Sequence[Party], wanted: Iterable[str], marks: Iterable[str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """What the stored cards are named by, and whom the wanted references name: one call."""
        dossier = parties[0].dossier
        keys = {(party_pk(one.dossier, one.id), PARTY) for one in parties if one.version}
        keys |= {(items.claim_pk(dossier, CLAIM, one), items.REF) for one in wanted}
        keys |= {(items.claim_pk(dossier, MARK, one), items.REF) for one in marks}
        rows = self._table.get_many(Row, sorted(keys), consistent=True)
        cards = [one.value() for one in rows if isinstance(one, PartyRow)]
        stored = {key: one.id for one in cards for key in _named(one)}
        held = {one.pk: one.target for one in rows if isinstance(one, ClaimRow)}
        return stored, held

    def number(self, dossier: str, side: Side) -> int:
        """The next place in the numbers of a side: never given twice, also to two callers."""
        actions = [CountRow.given.add(1), Row.kind.set(CountRow)]
        row = self._table.update(CountRow, dossier_pk(dossier), f"PARTIES#{side.name}", actions)
        return row.given

    def pass_numbers(self, dossier: str, side: Side, last: int) -> None:
        """Give no number up to ``last`` any more; nothing changes when more were given."""
        row = CountRow(dossier_pk(dossier), f"PARTIES#{side.name}")
        below = Row.pk.does_not_exist() | (CountRow.given < last)
        actions = (CountRow.given.set(last), CountRow.kind.set(CountRow))
        passed = always(DuplicateError("number.passed"))
        with suppress(DuplicateError):
            self._table.write([Write(row, actions=actions, condition=below, refused=passed)])

    # ── Lists ───────────────────────────────────────────────────────────────────────────────────

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
        """Cards in the order of their plain names; InvalidError(``cursor.invalid``)."""
        pk = list_pk(dossier, side, archived=archived)
        condition = Row.listing_sk.startswith(plain(prefix)) if plain(prefix) else None
        return self._list(dossier, LISTING, pk, condition, limit, cursor, descending)

    def by_number(
        self,
        dossier: str,
        side: Side,
        *,
        limit: int = 50,
        cursor: str = "",
        descending: bool = False,
    ) -> PartyPage:
        """Cards in the order of their numbers; InvalidError(``cursor.invalid``)."""
        pk = f"{list_pk(dossier, side)}#NUMBER"
        return self._list(dossier, TODO, pk, None, limit, cursor, descending)

    def _list(
        self,
        dossier: str,
        index: str,
        pk: str,
        condition: Any,
        limit: int,
        cursor: str,
        descending: bool,  # noqa: FBT001
    ) -> PartyPage:
        rows = list(
            self._table.query(
                PartyRow,
                pk,
                condition,
                index=index,
                limit=limit + 1,
                newest_first=descending,
                after=_after(cursor, dossier, index, pk) if cursor else None,
            )
        )
        shown = rows[:limit]
        more = len(rows) > limit
        last = getattr(shown[-1], f"{index}_sk") if more else ""
        return PartyPage(parties=tuple(row.value() for row in shown), cursor=_cursor(last))

    def changes(self, dossier: str, party: str, *, limit: int = 50) -> tuple[JournalEntry, ...]:
        """What was changed on a card, newest first."""
        rows = self._table.query(
            PartyEventRow,
            party_pk(dossier, party),
            Row.sk.startswith("EVENT#"),
            limit=limit,
            newest_first=True,
        )
        return tuple(row.value() for row in rows)

    def documents(self, dossier: str, party: str, *, limit: int = 50) -> tuple[PartyDocument, ...]:
        """The invoices of a party, newest first."""
        rows = self._table.query(
            PartyDocumentRow,
            party_pk(dossier, party),
            Row.sk.startswith("DOC#"),
            limit=limit,
            newest_first=True,
        )
        return tuple(row.value() for row in rows)


def _mark_writes(
    dossier: str, marks: Mapping[str, str], held: Mapping[str, str], owners: Collection[str]
) -> Iterator[Write]:
    """A mark that two cards bear names neither: it is kept, without a target."""
    for mark, party in marks.items():
        row = ClaimRow.of(dossier, MARK, mark)
        there = held.get(row.pk)
        target = party if there is None or there in owners else ""
        if there != target:
            yield Write(ClaimRow.of(dossier, MARK, mark, target))


def _named(party: Party) -> tuple[str, ...]:
    """A merged card keeps its number only: what named it names the card that stays."""
    keys = keys_of(party)
    return keys[:1] if party.standing is Standing.MERGED else keys


def _taken(key: str, party: str) -> DuplicateError:
    kind = key.split("|")[1]
    return DuplicateError("party.taken", kind=kind, party=party)


def _refused(key: str):  # type: ignore[no-untyped-def]
    def refused(there: Row | None) -> DuplicateError:
        return _taken(key, there.target if isinstance(there, ClaimRow) else "")

    return refused


def _cursor(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _after(cursor: str, dossier: str, index: str, pk: str) -> dict[str, str]:
    """The key to start behind; its partitions come from the question, never from the cursor."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        place = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        place = ""
    party = place.rpartition("#")[2]
    if not party or len(place) > 2 * LONGEST_PLACE:
        raise unknown_place()
    return {
        "pk": party_pk(dossier, party),
        "sk": PARTY,
        f"{index}_pk": pk,
        f"{index}_sk": place,
    }
