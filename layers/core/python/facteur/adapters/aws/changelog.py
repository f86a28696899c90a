"""The Changelog port on DynamoDB: the listing index of events, by dossier and time.

| kind  | listing                  |
|-------|--------------------------|
| event | D#d#LOG / at#document#n  |

Histories written before this index existed are not in it.
"""

from datetime import datetime

from facteur.adapters.aws.items import EventRow, log_pk
from facteur.adapters.aws.table import LISTING, Row, Table, instant
from facteur.ports import Change, Changelog

_FIRST = "0"  # sorts before every time


class AwsChangelog(Changelog):
    """Implements facteur.ports.Changelog."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def since(
        self, dossier: str, place: str, *, until: datetime, limit: int
    ) -> tuple[Change, ...]:
        """What happened after a place and before a time, oldest first."""
        end = instant(until)
        # Strictly after: the separator of a longer key sorts after the key itself.
        start = f"{place}!" if place else _FIRST
        if start >= end:
            return ()
        rows = self._table.query(
            EventRow,
            log_pk(dossier),
            Row.listing_sk.between(start, end),
            index=LISTING,
            limit=limit,
        )
        return tuple(_change(row) for row in rows)


def _change(row: EventRow) -> Change:
    entry = row.value()
    place: str = row.listing_sk or ""
    return Change(
        document=place.split("#")[1], name=entry.event.name, at=entry.event.at, place=place
    )
