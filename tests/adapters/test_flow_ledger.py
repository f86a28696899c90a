"""The flows that we serve: later changes have later times, and walking by time misses nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from facteur.adapters.aws import flow_ledger
from facteur.adapters.aws.flow_ledger import AwsFlowLedger
from facteur.adapters.aws.table import Table
from facteur.domain.errors import DuplicateError, NotFoundError, StaleVersionError
from facteur.domain.flows import (
    Acknowledgement,
    AckStatus,
    Flow,
    FlowDirection,
    FlowSyntax,
    FlowType,
)
from facteur.domain.served_flows import Criteria, ServedFlow

from tests.adapters.conftest import NOW


class Still:
    """A clock that stands still: times must differ all the same."""

    def now(self) -> datetime:
        """Always the same moment."""
        return NOW


@pytest.fixture
def ledger(table: Table) -> AwsFlowLedger:
    """The ledger under test."""
    return AwsFlowLedger(table, Still())


def served(name: str, dossier: str = "acme", **values: object) -> ServedFlow:
    """A new flow."""
    flow = Flow(
        id=name,
        name=f"{name}.xml",
        syntax=FlowSyntax.CII,
        type=FlowType.CUSTOMER_INVOICE,
        direction=FlowDirection.OUT,
        submitted_at=NOW,
        updated_at=NOW,
    )
    return ServedFlow(dossier=dossier, flow=replace(flow, **values))  # type: ignore[arg-type]


def names(ledger: AwsFlowLedger, criteria: Criteria, dossier: str = "acme") -> list[str]:
    """The identifiers that a whole walk finds, two at a time."""
    found: list[str] = []
    cursor = ""
    while True:
        page = ledger.search(dossier, criteria, limit=2, cursor=cursor)
        found += [one.flow.id for one in page.flows]
        cursor = page.cursor
        if not cursor:
            return found


def test_each_change_has_a_time_of_its_own_and_later(ledger: AwsFlowLedger) -> None:
    """Even within one microsecond of the clock."""
    stored = [ledger.save(served(f"f{place}")) for place in range(4)]
    times = [one.flow.updated_at for one in stored]
    assert times == sorted(set(times))
    assert stored[0].flow.submitted_at == stored[0].flow.updated_at


def test_a_change_moves_a_flow_to_the_end(ledger: AwsFlowLedger) -> None:
    """Who walks after the last time he saw meets what changed, once."""
    first = ledger.save(served("a"))
    second = ledger.save(served("b"))
    done = replace(first.flow, acknowledgement=Acknowledgement(status=AckStatus.OK))
    changed = ledger.save(replace(first, flow=done))
    assert names(ledger, Criteria(updated_after=second.flow.updated_at)) == ["a"]
    assert names(ledger, Criteria()) == ["b", "a"]
    assert changed.flow.submitted_at == first.flow.submitted_at
    assert ledger.flow("acme", "a") == changed


def test_after_is_strict_and_before_ends_the_walk(ledger: AwsFlowLedger) -> None:
    """``updatedAfter`` leaves out the flow of that very time (Flow Service, SearchFlow)."""
    times = [ledger.save(served(f"f{place}")).flow.updated_at for place in range(5)]
    assert names(ledger, Criteria(updated_after=times[1])) == ["f2", "f3", "f4"]
    asked = Criteria(updated_after=times[0], updated_before=times[3])
    assert names(ledger, asked) == ["f1", "f2"]


def test_a_search_takes_what_has_all_that_is_asked(ledger: AwsFlowLedger) -> None:
    """And between criteria, or inside a list."""
    ledger.save(served("a"))
    ledger.save(served("b", direction=FlowDirection.IN, type=FlowType.SUPPLIER_INVOICE))
    ledger.save(served("c", direction=FlowDirection.IN, type=FlowType.CUSTOMER_INVOICE_LC))
    both = frozenset({FlowType.SUPPLIER_INVOICE, FlowType.CUSTOMER_INVOICE})
    assert names(ledger, Criteria(types=both)) == ["a", "b"]
    asked = Criteria(types=both, directions=frozenset({FlowDirection.IN}))
    assert names(ledger, asked) == ["b"]
    assert names(ledger, Criteria(ack=AckStatus.OK)) == []


def test_a_tracking_id_finds_its_flows_without_a_walk(ledger: AwsFlowLedger) -> None:
    """Not unique: the standard does not ask it to be."""
    ledger.save(served("a", tracking_id="t1"))
    ledger.save(served("b", tracking_id="t1"))
    ledger.save(served("c", tracking_id="t2"))
    ledger.save(served("d", tracking_id="t1"))
    assert names(ledger, Criteria(tracking_id="t1")) == ["a", "b", "d"]
    assert names(ledger, Criteria(tracking_id="none")) == []


def test_another_dossier_sees_nothing(ledger: AwsFlowLedger) -> None:
    """Neither by name, nor by search, nor by tracking id."""
    ledger.save(served("a", tracking_id="t1"))
    with pytest.raises(NotFoundError):
        ledger.flow("other", "a")
    assert names(ledger, Criteria(), "other") == []
    assert names(ledger, Criteria(tracking_id="t1"), "other") == []


def test_a_flow_is_made_once_and_changed_from_its_last_version(ledger: AwsFlowLedger) -> None:
    """Twice the same name, or a stale version: refused."""
    stored = ledger.save(served("a"))
    with pytest.raises(DuplicateError):
        ledger.save(served("a"))
    ledger.save(stored)
    with pytest.raises(StaleVersionError):
        ledger.save(stored)


def test_many_at_once_each_get_their_time(table: Table) -> None:
    """Twenty writers of one dossier: none lost, none with another's time."""
    ledger = AwsFlowLedger(table, Still())
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda place: ledger.save(served(f"f{place:02}")), range(20)))
    assert len({one.flow.updated_at for one in stored}) == 20
    assert sorted(names(ledger, Criteria())) == sorted(one.flow.id for one in stored)


def test_a_rare_criterion_goes_on_behind_the_cursor(
    ledger: AwsFlowLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search looks at so many rows only: an empty page with a cursor, and the next one finds."""
    monkeypatch.setattr(flow_ledger, "MOST_LOOKED_AT", 3)
    for place in range(4):
        ledger.save(served(f"f{place}"))
    ledger.save(served("rare", direction=FlowDirection.IN))
    asked = Criteria(
        directions=frozenset({FlowDirection.IN}), updated_after=NOW - timedelta(days=1)
    )
    page = ledger.search("acme", asked, limit=2)
    assert page.flows == ()
    assert page.cursor
    assert names(ledger, asked) == ["rare"]
