"""The FlowLedger port on DynamoDB.

| kind       | pk               | sk            |
|------------|------------------|---------------|
| flow       | D#d#FLOWS        | updated#id    |
| flow place | D#d#FLOW#i       | PLACE         |
| flow track | D#d#TRACK#t      | id            |
| flow clock | D#d              | FLOW_CLOCK    |

A flow stands in the order of its last change, on the table itself: an index may show a later
change before an earlier one, and who walks by time would miss the earlier for ever. The clock row
makes one line of all changes of a dossier: whoever reads a time has seen all that came before it.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pynamodb.attributes import UnicodeAttribute

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.table import Row, Table, Write, foreign, instant, part
from facteur.domain.errors import (
    DuplicateError,
    NotFoundError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.serial import loads
from facteur.domain.served_flows import MOST_LOOKED_AT, Criteria, ServedFlow
from facteur.ports import Clock, FlowLedger, ServedPage

PLACE, CLOCK = "PLACE", "FLOW_CLOCK"
_TICK = timedelta(microseconds=1)
_TRIES = 40  # of one change, while others of the same dossier go before
_PAUSE, _LONGEST = 0.02, 0.25  # seconds: twice as long at each try, up to some twenty changes


class FlowRow(Row, discriminator="flow"):
    """A flow in its dossier's list."""

    @classmethod
    def of(cls, served: ServedFlow) -> "FlowRow":
        """The row of a flow, with the version that it will have."""
        return cls(
            flows_pk(served.dossier),
            _at(served),
            version=served.version + 1,
            body=text_of(served),
        )

    def value(self) -> ServedFlow:
        """The flow of this row."""
        return replace(loads(ServedFlow, self.body), version=self.version)


class PlaceRow(Row, discriminator="flow_place"):
    """Where a flow stands in its dossier's list."""

    place = UnicodeAttribute()


class TrackRow(Row, discriminator="flow_track"):
    """A flow by the tracking id that its sender gave it: several may have the same."""


class ClockRow(Row, discriminator="flow_clock"):
    """The time of the last change of a dossier's flows."""

    last = UnicodeAttribute()


class _ClockMovedError(StaleVersionError):
    """Another change of this dossier went before: try again."""


def flows_pk(dossier: str) -> str:
    """Partition of a dossier's flows."""
    return f"{dossier_pk(dossier)}#FLOWS"


def flow_pk(dossier: str, flow_id: str) -> str:
    """Partition of one flow's place."""
    return f"{dossier_pk(dossier)}#FLOW#{part(flow_id)}"


def track_pk(dossier: str, tracking_id: str) -> str:
    """Partition of the flows of a tracking id."""
    return f"{dossier_pk(dossier)}#TRACK#{foreign(tracking_id)}"


def _at(served: ServedFlow) -> str:
    return f"{instant(served.flow.updated_at)}#{served.flow.id}"


class AwsFlowLedger(FlowLedger):
    """Implements facteur.ports.FlowLedger."""

    def __init__(
        self, table: Table, clock: Clock, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._table = table
        self._clock = clock
        self._sleep = sleep

    def save(self, served: ServedFlow) -> ServedFlow:
        """Create or change a flow; the flow with its new time."""
        for turn in range(_TRIES):
            try:
                return self._save(served)
            except _ClockMovedError:
                # Jitter: those who lost together must not come back together.
                self._sleep(random.uniform(0, min(_PAUSE * 2**turn, _LONGEST)))  # noqa: S311
        raise UnavailableError("unavailable", service="dynamodb", reason="contention")

    def _save(self, served: ServedFlow) -> ServedFlow:
        dossier, identifier = served.dossier, served.flow.id
        clock = self._table.get(ClockRow, dossier_pk(dossier), CLOCK)
        at = self._clock.now().astimezone(UTC)
        if clock is not None:
            at = max(at, _time(clock.last) + _TICK)
        first = served.version == 0
        flow = replace(served.flow, updated_at=at)
        if first:
            flow = replace(flow, submitted_at=at)
        stored = replace(served, flow=flow)
        before = None if first else self._place(dossier, identifier)
        unmoved = ClockRow.pk.does_not_exist() if clock is None else ClockRow.last == clock.last
        writes = [
            Write(
                ClockRow(dossier_pk(dossier), CLOCK, last=instant(at)),
                condition=unmoved,
                refused=_lost,
            ),
            Write(FlowRow.of(stored)),
            Write(
                PlaceRow(
                    flow_pk(dossier, identifier),
                    PLACE,
                    version=served.version + 1,
                    place=_at(stored),
                ),
                condition=(
                    PlaceRow.pk.does_not_exist() if first else PlaceRow.version == served.version
                ),
                refused=lambda _there: (
                    DuplicateError("flow.exists", id=identifier)
                    if first
                    else StaleVersionError("flow.stale", id=identifier)
                ),
            ),
        ]
        if before is not None:
            writes.append(Write(FlowRow(flows_pk(dossier), before), delete=True))
        if first and flow.tracking_id:
            writes.append(Write(TrackRow(track_pk(dossier, flow.tracking_id), identifier)))
        self._table.write(writes)
        return replace(stored, version=served.version + 1)

    def flow(self, dossier: str, flow_id: str) -> ServedFlow:
        """A flow, read consistently; NotFoundError."""
        for _turn in range(3):  # it may move between the two reads
            row = self._table.get(FlowRow, flows_pk(dossier), self._place(dossier, flow_id))
            if row is not None:
                return row.value()
        raise UnavailableError("unavailable", service="dynamodb", reason="contention")

    def search(
        self, dossier: str, criteria: Criteria, *, limit: int, cursor: str = ""
    ) -> ServedPage:
        """Flows that the criteria take, oldest change first."""
        if criteria.tracking_id:
            return self._tracked(dossier, criteria, limit, cursor)
        found: list[ServedFlow] = []
        for looked, row in enumerate(self._from(dossier, criteria, cursor), start=1):
            one = row.value()
            before = criteria.updated_before
            if before is not None and one.flow.updated_at >= before:
                return ServedPage(flows=tuple(found))
            if criteria.takes(one.flow):
                found.append(one)
            if len(found) == limit or looked == MOST_LOOKED_AT:
                return ServedPage(flows=tuple(found), cursor=row.sk)
        return ServedPage(flows=tuple(found))

    def _from(self, dossier: str, criteria: Criteria, cursor: str) -> Iterator[FlowRow]:
        """The rows behind the cursor, else behind the time asked for, else all."""
        start = cursor
        if not start and criteria.updated_after is not None:
            # "~" sorts after every identifier: strictly after this time.
            start = f"{instant(criteria.updated_after)}#~"
        after = {"pk": flows_pk(dossier), "sk": start} if start else None
        return self._table.query(FlowRow, flows_pk(dossier), after=after, limit=MOST_LOOKED_AT)

    def _tracked(self, dossier: str, criteria: Criteria, limit: int, cursor: str) -> ServedPage:
        """Those of a tracking id, in the order they came."""
        pk = track_pk(dossier, criteria.tracking_id)
        after = {"pk": pk, "sk": cursor.partition("#")[2]} if cursor else None
        rows = self._table.query(TrackRow, pk, limit=limit, after=after)
        flows = [self.flow(dossier, row.sk) for row in rows]
        taken = tuple(one for one in flows if criteria.takes(one.flow))
        return ServedPage(flows=taken, cursor=_at(flows[-1]) if len(flows) == limit else "")

    def _place(self, dossier: str, flow_id: str) -> str:
        row = self._table.get(PlaceRow, flow_pk(dossier, flow_id), PLACE)
        if row is None:
            raise NotFoundError("not_found")
        return row.place


def _lost(_there: Row | None) -> _ClockMovedError:
    return _ClockMovedError("flow.stale")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
