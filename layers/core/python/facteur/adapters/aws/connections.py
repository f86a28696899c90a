"""The Connections port on DynamoDB.

| kind            | table     | pk                  | sk                | listing             | todo                |
|-----------------|-----------|---------------------|-------------------|---------------------|---------------------|
| connection      | facteur   | D#d                 | CONNECTION#c      | CONNECTIONS / d#c   |                     |
| counters        | facteur   | D#d                 | TALLY#c           |                     |                     |
| taken flow      | facteur   | D#d#FLOW#p#f        | FLOW              | D#d#FLOWS#c / at#f  | D#d#BADFLOWS#c / at#f |
| platform call   | ephemeral | D#d#CALLS#c         | at#request        |                     |                     |
| reach of an address | ephemeral | D#d#REACH       | address           |                     |                     |
| change of platform  | facteur | D#d                 | SWITCH#s          |                     |                     |

Only connected ones are in the listing that the clock reads. Counters are a row of their own, added
to in place, so that a hundred flows taken at once do not fight for the connection's version.
"""  # noqa: E501

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import (
    LISTING,
    TODO,
    Row,
    Table,
    WholeAttribute,
    Write,
    always,
    foreign,
    instant,
    part,
)
from facteur.domain.connections import Connection, ConnectionState, PlatformCall, Tally
from facteur.domain.errors import NotFoundError, StaleVersionError
from facteur.domain.journal import JournalEntry
from facteur.domain.reach import KEPT, Reach
from facteur.domain.serial import loads
from facteur.domain.switching import PlatformSwitch
from facteur.domain.taken_flows import TakenFlow

CONNECTIONS = "CONNECTIONS"
FLOW = "FLOW"
_CALLS_KEPT = timedelta(days=90)


class ConnectionRow(Row, discriminator="connection"):
    """A dossier at a platform."""

    @classmethod
    def of(cls, connection: Connection) -> "ConnectionRow":
        """The row of a connection, with the version it will have; counters stand elsewhere."""
        listed = connection.state is ConnectionState.CONNECTED
        return cls(
            dossier_pk(connection.dossier),
            f"CONNECTION#{part(connection.id)}",
            version=connection.version + 1,
            listing_pk=CONNECTIONS if listed else None,
            listing_sk=f"{connection.dossier}#{connection.id}" if listed else None,
            body=text_of(replace(connection, tallies={})),
        )

    def value(self) -> Connection:
        """The connection of this row."""
        return replace(loads(Connection, self.body), version=self.version)


class TallyRow(Row, discriminator="connection_tally"):
    """What became of the flows of a connection, counted."""

    received = WholeAttribute(null=True)
    created = WholeAttribute(null=True)
    statuses = WholeAttribute(null=True)
    ignored = WholeAttribute(null=True)
    quarantined = WholeAttribute(null=True)

    def counts(self) -> Mapping[str, int]:
        """By name."""
        return {one.value: self.attribute_values.get(one.value) or 0 for one in Tally}


class TakenFlowRow(Row, discriminator="taken_flow"):
    """A flow that was taken, and what became of it."""

    @classmethod
    def of(cls, flow: TakenFlow) -> "TakenFlowRow":
        """The row of a flow; a later outcome takes its place."""
        place = f"{instant(flow.at)}#{foreign(flow.id)}"
        bad = flow.outcome is Tally.QUARANTINED
        return cls(
            flow_pk(flow.dossier, flow.platform, flow.id),
            FLOW,
            listing_pk=flows_pk(flow.dossier, flow.connection),
            listing_sk=place,
            todo_pk=bad_flows_pk(flow.dossier, flow.connection) if bad else None,
            todo_sk=place if bad else None,
            body=text_of(flow),
        )

    def value(self) -> TakenFlow:
        """The flow of this row."""
        return loads(TakenFlow, self.body)


class CallRow(Row, discriminator="platform_call"):
    """A call to a platform; its row ends by itself."""

    expires_at = WholeAttribute()

    @classmethod
    def of(cls, dossier: str, connection: str, call: PlatformCall) -> "CallRow":
        """The row of a call."""
        return cls(
            calls_pk(dossier, connection),
            f"{instant(call.at)}#{foreign(call.request_id)}",
            expires_at=int((call.at + _CALLS_KEPT).timestamp()),
            body=text_of(call),
        )

    def value(self) -> PlatformCall:
        """The call of this row."""
        return loads(PlatformCall, self.body)


class ReachRow(Row, discriminator="reach"):
    """What a directory said of an address; its row ends by itself."""

    expires_at = WholeAttribute()

    def value(self) -> Reach:
        """The answer of this row."""
        return loads(Reach, self.body)


class SwitchRow(Row, discriminator="platform_switch"):
    """A change of platform of a dossier."""

    @classmethod
    def of(cls, switch: PlatformSwitch) -> "SwitchRow":
        """The row of a change, with the version it will have."""
        return cls(
            dossier_pk(switch.dossier),
            f"SWITCH#{part(switch.id)}",
            version=switch.version + 1,
            body=text_of(switch),
        )

    def value(self) -> PlatformSwitch:
        """The change of this row."""
        return replace(loads(PlatformSwitch, self.body), version=self.version)


def flow_pk(dossier: str, platform: str, flow: str) -> str:
    """Partition of a flow of a platform, in a dossier."""
    return f"{dossier_pk(dossier)}#FLOW#{part(platform)}#{foreign(flow)}"


def flows_pk(dossier: str, connection: str) -> str:
    """Partition, in the listing, of the flows that a connection brought."""
    return f"{dossier_pk(dossier)}#FLOWS#{part(connection)}"


def bad_flows_pk(dossier: str, connection: str) -> str:
    """Partition, in the todo index, of those in quarantine."""
    return f"{dossier_pk(dossier)}#BADFLOWS#{part(connection)}"


def calls_pk(dossier: str, connection: str) -> str:
    """Partition of the calls of a connection."""
    return f"{dossier_pk(dossier)}#CALLS#{part(connection)}"


class AwsConnections:
    """Implements facteur.ports.Connections."""

    def __init__(self, table: Table, ephemeral: Table) -> None:
        self._table, self._ephemeral = table, ephemeral

    # ── Connections ─────────────────────────────────────────────────────────────────────────────

    def connection(self, dossier: str, connection: str) -> Connection:
        """One connection with its counters, read consistently; NotFoundError."""
        pk, name = dossier_pk(dossier), part(connection)
        row = self._table.get(ConnectionRow, pk, f"CONNECTION#{name}")
        if row is None:
            raise NotFoundError("not_found")
        tally = self._table.get(TallyRow, pk, f"TALLY#{name}")
        return replace(row.value(), tallies=tally.counts() if tally else {})

    def connections(self, dossier: str) -> tuple[Connection, ...]:
        """All of a dossier with their counters, disconnected ones too, oldest first."""
        pk = dossier_pk(dossier)
        tallies = {
            row.sk.removeprefix("TALLY#"): row.counts()
            for row in self._table.query(TallyRow, pk, Row.sk.startswith("TALLY#"))
        }
        rows = self._table.query(ConnectionRow, pk, Row.sk.startswith("CONNECTION#"))
        found = (row.value() for row in rows)
        return tuple(replace(one, tallies=tallies.get(one.id, {})) for one in found)

    def all(self) -> tuple[Connection, ...]:
        """The connected ones of every dossier, without their counters."""
        rows = self._table.query(ConnectionRow, CONNECTIONS, index=LISTING)
        return tuple(row.value() for row in rows)

    def save(self, connection: Connection) -> Connection:
        """Create or change; StaleVersionError (``connection.stale``) when it moved."""
        before = connection.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("connection.stale", id=connection.id))
        row = ConnectionRow.of(connection)
        self._table.write([Write(row, condition=condition, refused=stale)])
        return replace(connection, version=before + 1)

    def count(self, dossier: str, connection: str, tallies: Mapping[Tally, int]) -> None:
        """Add to the counters of a connection."""
        held = TallyRow.get_attributes()
        added = [held[one.value].add(number) for one, number in tallies.items() if number]
        if added:
            actions = [Row.kind.set(TallyRow), *added]  # the row may not be there yet
            self._table.update(TallyRow, dossier_pk(dossier), f"TALLY#{part(connection)}", actions)

    # ── Changes of platform ─────────────────────────────────────────────────────────────────────

    def switch(self, dossier: str, switch: str) -> PlatformSwitch:
        """One change of platform, read consistently; NotFoundError."""
        row = self._table.get(SwitchRow, dossier_pk(dossier), f"SWITCH#{part(switch)}")
        if row is None:
            raise NotFoundError("not_found")
        return row.value()

    def switches(self, dossier: str) -> tuple[PlatformSwitch, ...]:
        """Every change of platform of a dossier, oldest first."""
        rows = self._table.query(SwitchRow, dossier_pk(dossier), Row.sk.startswith("SWITCH#"))
        return tuple(row.value() for row in rows)

    def save_switch(
        self, switch: PlatformSwitch, entries: Sequence[JournalEntry]
    ) -> PlatformSwitch:
        """Create or change, with what the journal says; StaleVersionError (``switch.stale``)."""
        before = switch.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("switch.stale", id=switch.id))
        row = Write(SwitchRow.of(switch), condition=condition, refused=stale)
        self._table.write([row, *journal_writes(entries)])
        return replace(switch, version=before + 1)

    # ── Flows ───────────────────────────────────────────────────────────────────────────────────

    def taken(self, dossier: str, platform: str, flows: Sequence[str]) -> Mapping[str, TakenFlow]:
        """Those of these flows that were taken, by their id."""
        keys = [(flow_pk(dossier, platform, one), FLOW) for one in dict.fromkeys(flows)]
        rows = self._table.get_many(TakenFlowRow, keys)
        return {one.id: one for one in (row.value() for row in rows)}

    def save_taken(self, flow: TakenFlow) -> None:
        """Remember what became of a flow (idempotent)."""
        self._table.put(TakenFlowRow.of(flow))

    def flows(
        self, dossier: str, connection: str, *, quarantined: bool = False, limit: int = 100
    ) -> tuple[TakenFlow, ...]:
        """The last flows that a connection brought, or those in quarantine; newest first."""
        pk = bad_flows_pk if quarantined else flows_pk
        rows = self._table.query(
            TakenFlowRow,
            pk(dossier, connection),
            index=TODO if quarantined else LISTING,
            limit=limit,
            newest_first=True,
        )
        return tuple(row.value() for row in rows)

    # ── What ends by itself ─────────────────────────────────────────────────────────────────────

    def log(self, dossier: str, connection: str, calls: Sequence[PlatformCall]) -> None:
        """Add to the journal of calls, kept 90 days."""
        self._ephemeral.write_many([CallRow.of(dossier, connection, one) for one in calls], ())

    def calls(
        self, dossier: str, connection: str, *, limit: int = 100
    ) -> tuple[PlatformCall, ...]:
        """The last calls, newest first."""
        pk = calls_pk(dossier, connection)
        rows = self._ephemeral.query(CallRow, pk, limit=limit, newest_first=True)
        return tuple(row.value() for row in rows)

    def reach(self, dossier: str, address: str) -> Reach | None:
        """What was last heard of an address, None when nothing is kept."""
        row = self._ephemeral.get(ReachRow, f"{dossier_pk(dossier)}#REACH", foreign(address))
        return None if row is None else row.value()

    def keep_reach(self, dossier: str, reach: Reach) -> None:
        """Keep an answer for a day; nothing for one without a date."""
        if reach.at is None:
            return
        self._ephemeral.put(
            ReachRow(
                f"{dossier_pk(dossier)}#REACH",
                foreign(reach.address),
                expires_at=int((reach.at + KEPT).timestamp()),
                body=text_of(reach),
            )
        )
