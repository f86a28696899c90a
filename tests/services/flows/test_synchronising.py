"""Synchronising with a platform: nothing blocks, is lost or is doubled."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from facteur.domain.commands import Sweep, SyncConnection
from facteur.domain.connections import Connection, ConnectionState, Tally
from facteur.domain.documents import Channel, Direction, Document, State
from facteur.domain.flows import AckDetail, Acknowledgement, AckStatus, FlowSyntax, FlowType
from facteur.domain.lifecycle.messages import message_of
from facteur.domain.lifecycle.records import Side, StatusRecord
from facteur.formats import cdar
from facteur.local.demo import invoices
from facteur.ports import Changes
from facteur.services.flows.synchronising import MOST_PAGES
from facteur.services.lifecycle import statuses
from facteur.services.platforms.polling import sync_due, take_again
from facteur.services.run import run, run_scheduled

from tests.services.fake_platforms import FakePlatform, connected
from tests.services.world import DAY, World, xml


@pytest.fixture
def pa(world: World) -> FakePlatform:
    """A platform, and the dossier's connection to it."""
    return connected(world)


def held(world: World) -> Connection:
    return world.context.connections.connection(world.dossier, "c1")


def failure(world: World) -> str:
    found = held(world).failure
    return found.code if found else ""


def sync(world: World) -> None:
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()


def numbers(world: World, direction: Direction = Direction.PURCHASE) -> list[str]:
    return sorted(one.summary.number for one in world.documents(direction))


def test_thirty_flows_in_two_pages_make_thirty_documents_whatever_the_rounds(
    world: World, pa: FakePlatform
) -> None:
    """WE-01: none is missed, none comes twice, and each round asks only for what changed."""
    for one in range(30):
        pa.bring(f"f{one:02d}", xml(f"F{one:02d}"))
    for _round in range(3):
        sync(world)
    found = world.context.store.documents(world.dossier, Direction.PURCHASE, limit=100).documents
    assert [f"F{one:02d}" for one in range(30)] == sorted(one.summary.number for one in found)
    assert {(Channel.PA, "Super PDP", "c1")} == {
        (one.sources[0].channel, one.sources[0].sender, one.sources[0].connection) for one in found
    }
    counted = held(world).tallies
    assert (30, 30, 0) == (counted["received"], counted["created"], counted["quarantined"])
    assert pa.flows["f29"].updated_at == held(world).watermark
    assert 2 + 1 + 1 == pa.said.count("search")


def test_a_bad_flow_stops_no_other_and_is_taken_again_once_mended(
    world: World, pa: FakePlatform
) -> None:
    """NO-02: 9 of 10 are imported; a corrupt file is a document in quarantine, bytes kept."""
    for one in range(10):
        pa.bring(f"f{one}", b"<broken" if one == 3 else xml(f"F{one}"))
    pa.files = {key: data for key, data in pa.files.items() if key[0] != "f5"}
    sync(world)
    assert [f"F{one}" for one in range(10) if one not in (3, 5)] == [
        one for one in numbers(world) if one
    ]
    (broken,) = (one for one in world.documents() if one.state is State.QUARANTINED)
    assert b"<broken" == world.context.blobs.get(broken.files["original"])

    (lost,) = world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert ("f5", "flow.no_file") == (lost.id, lost.failure.code if lost.failure else "")
    pa.bring("f5", xml("F5"), at=pa.flows["f5"].updated_at)
    take_again(lost, world.context)
    world.deliver()
    assert "F5" in numbers(world)
    assert () == world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert 0 == held(world).tallies["quarantined"]


def test_a_wrong_checksum_and_a_virus_are_set_aside(world: World, pa: FakePlatform) -> None:
    """The bytes of the first are kept in quarantine; nothing is fetched of the second."""
    pa.bring("f1", xml("F1"), sha256="0" * 64)
    virus = AckDetail(level="Error", item="file", reason="VirusFound", message="Eicar")
    pa.bring(
        "f2", xml("F2"), acknowledgement=Acknowledgement(status=AckStatus.ERROR, details=(virus,))
    )
    sync(world)
    (document,) = world.documents()
    assert (State.QUARANTINED, "flow.checksum") == (
        document.state,
        document.failure.code if document.failure else "",
    )
    (aside,) = world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert aside.failure is not None
    assert ("flow.refused", "VirusFound") == (aside.failure.code, aside.failure.values["reason"])
    assert "file f2 Original" not in pa.said


def test_a_flow_with_endless_reasons_stops_no_other(world: World, pa: FakePlatform) -> None:
    """A hundred long details would not fit in a row: the first ones are carried, all go on."""
    long = AckDetail(level="Error", item="é" * 255, reason="VirusFound", message="é" * 2000)
    said = Acknowledgement(status=AckStatus.ERROR, details=(long,) * 100)
    pa.bring("f1", xml("F1"), acknowledgement=said)
    pa.bring("f2", xml("F2"))
    sync(world)
    assert (["F2"], "") == (numbers(world), failure(world))
    (aside,) = world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert aside.failure is not None
    assert "VirusFound" == aside.failure.values["reason"]


def test_a_platform_away_is_told_and_nothing_is_lost(world: World, pa: FakePlatform) -> None:
    """The failure is the connection's health; flows that were queued are tried for days."""
    pa.bring("f1", xml("F1"))
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    pa.away = True
    world.deliver()
    assert [] == numbers(world)
    assert "platform.unreachable" == failure(world)
    sync(world)
    assert 1 == held(world).failures
    pa.away = False
    world.clock.pass_(hours=1)
    run(Sweep(at=world.clock.now()), world.context)  # the agenda held what waits that long
    world.deliver()
    assert ["F1"] == numbers(world)
    assert ("", 0) == (failure(world), held(world).failures)


def test_what_is_disconnected_takes_nothing_more(world: World, pa: FakePlatform) -> None:
    """WE-16: new flows change nothing, documents stay; connected again, the gap is caught up."""
    pa.bring("f1", xml("F1"))
    sync(world)
    world.context.connections.save(replace(held(world), state=ConnectionState.DISCONNECTED))
    pa.bring("f2", xml("F2"))
    sync(world)
    sync_due(world.context)
    world.deliver()
    assert ["F1"] == numbers(world)
    world.context.connections.save(replace(held(world), state=ConnectionState.CONNECTED))
    sync(world)
    assert ["F1", "F2"] == numbers(world)


def test_what_waited_while_disconnected_comes_with_the_next_connection(
    world: World, pa: FakePlatform
) -> None:
    """Queued, then disconnected before its turn: the watermark goes back to it (WE-16)."""
    pa.bring("f1", xml("F1"))
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.context.connections.save(replace(held(world), state=ConnectionState.DISCONNECTED))
    world.deliver()
    assert [] == numbers(world)
    again = replace(held(world), state=ConnectionState.CONNECTED, since=world.clock.now())
    world.context.connections.save(again)
    sync(world)
    assert ["F1"] == numbers(world)


def test_a_long_walk_that_broke_goes_on_in_the_next_round(world: World, pa: FakePlatform) -> None:
    """Its second command fails: the same place is asked for again, not taken for done."""
    pa.page = 1
    for one in range(MOST_PAGES + 2):
        pa.bring(f"f{one:02d}", xml(f"F{one:02d}"))
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    pa.away = True
    world.queue.sent = [one for one in world.queue.sent if isinstance(one.command, SyncConnection)]
    world.deliver()
    assert "platform.unreachable" == failure(world)
    pa.away = False
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.queue.sent = [one for one in world.queue.sent if isinstance(one.command, SyncConnection)]
    world.deliver()
    assert pa.flows[f"f{MOST_PAGES + 1:02d}"].updated_at == held(world).watermark


def test_the_clock_asks_what_is_due_once_a_round(world: World, pa: FakePlatform) -> None:
    """Ten minutes apart; twice in one round is once."""
    for _twice in range(2):
        sync_due(world.context)
    world.deliver()
    assert 1 == pa.said.count("search")
    sync_due(world.context)
    world.deliver()
    assert 1 == pa.said.count("search")
    world.clock.pass_(minutes=10)
    sync_due(world.context)
    world.deliver()
    assert 2 == pa.said.count("search")


def test_a_clock_ahead_hides_nothing(world: World, pa: FakePlatform) -> None:
    """A flow dated tomorrow does not move the watermark past what comes today."""
    pa.bring("f1", xml("F1"), at=world.clock.now().replace(day=25))
    sync(world)
    pa.bring("f2", xml("F2"), at=world.clock.now())
    sync(world)
    assert ["F1", "F2"] == numbers(world)


def test_an_invoice_made_in_our_name_is_a_sale(world: World, pa: FakePlatform) -> None:
    """PE-33: what the platform calls a customer invoice, and a 389 whose seller we are."""
    pa.bring("f1", xml("S1"), kind=FlowType.CUSTOMER_INVOICE)
    pa.bring("f2", xml("P1"))
    sync(world)
    assert (["S1"], ["P1"]) == (numbers(world, Direction.SALE), numbers(world))


def test_the_readable_view_is_kept_beside_an_xml(world: World, pa: FakePlatform) -> None:
    """D11: fetched with the original; its absence stops nothing."""
    pa.bring("f1", xml("F1"), readable=b"%PDF-1.7 view")
    pa.bring("f2", xml("F2"))
    sync(world)
    views = {
        one.summary.number: world.context.blobs.get(one.files["readable"])
        for one in world.documents()
        if "readable" in one.files
    }
    assert {"F1": b"%PDF-1.7 view"} == views


def test_the_same_bytes_by_mail_and_platform_are_one_document(
    world: World, pa: FakePlatform
) -> None:
    """NO-01: one document with two sources, whichever came first; the other is kept, joined."""
    world.receive(("f.xml", xml("F1")))
    pa.bring("f1", xml("F1"))
    sync(world)
    (one,) = world.documents()
    assert [Channel.MAIL, Channel.PA] == [road.channel for road in one.sources]
    joined = world.document(one.sources[1].document)
    assert (State.JOINED, one.id) == (joined.state, joined.joined_to)
    assert 1 == held(world).tallies["ignored"]
    assert () == one.duplicates

    pa.bring("f2", xml("F2"))
    sync(world)
    world.receive(("f2.xml", xml("F2")), key="mail/2", message_id="m2@x.example")
    assert ["F1", "F2"] == numbers(world)


def test_what_a_platform_gives_twice_is_one_document(world: World, pa: FakePlatform) -> None:
    """Two flows with the same invoice, the same bytes or not: the second is one more road."""
    pa.bring("f1", xml("F1"))
    pa.bring("f2", xml("F1"))
    pa.bring("f3", xml("F1", purchase_order="written anew"))
    sync(world)
    (one,) = world.documents()
    assert ["f1", "f2", "f3"] == sorted(road.flow for road in one.sources)
    assert () == one.duplicates


def test_the_structured_one_is_the_master(world: World, pa: FakePlatform) -> None:
    """A page read before gives its place to the platform's XML; once accepted, it keeps it."""
    first = _page(world, "F1", "k1")
    pa.bring("f1", xml("F1"))
    sync(world)
    (master,) = world.documents()
    assert master.id != first.id
    assert master.structured
    assert [Channel.PA, Channel.MAIL] == [road.channel for road in master.sources]
    assert (State.JOINED, master.id) == (
        world.document(first.id).state,
        world.document(first.id).joined_to,
    )
    assert State.TO_ACCEPT is master.state


def _page(world: World, number: str, key: str) -> Document:
    """An invoice that came by mail and was read as XML, made to look like a page that was read."""
    data = xml(number, purchase_order="the page says it otherwise")
    world.receive((f"{number}.xml", data), key=f"mail/{key}", message_id=f"{key}@x.example")
    (made,) = (one for one in world.documents() if one.summary.number == number)
    read = replace(made, structured=False)
    return world.context.store.commit(Changes(document=read))


def test_other_totals_are_another_document(world: World, pa: FakePlatform) -> None:
    """Same seller and number, another total: two documents, the second a possible double."""
    first = _page(world, "F1", "k1")
    world.context.store.commit(
        Changes(
            document=replace(first, summary=replace(first.summary, total_incl_vat=Decimal("1.00")))
        )
    )
    pa.bring("f1", xml("F1"))
    sync(world)
    assert 2 == len(world.documents())
    assert any(one.duplicates for one in world.documents())


def test_a_copy_with_another_account_never_swallows_the_platform_s(
    world: World, pa: FakePlatform
) -> None:
    """A stolen mail, its IBAN changed, comes first: both stay in sight, as possible doubles."""
    payment = invoices.workshop(DAY).payment
    stolen = replace(payment.transfers[0], iban="DE89370400440532013000")
    forged = xml("F1", payment=replace(payment, transfers=(stolen,)))
    world.receive(("F1.xml", forged))
    pa.bring("f1", xml("F1"))
    sync(world)
    by_road = {one.sources[0].channel: one for one in world.documents()}
    assert {Channel.MAIL, Channel.PA} == set(by_road)
    assert [by_road[Channel.MAIL].id] == [one.document for one in by_road[Channel.PA].duplicates]


def test_every_call_is_in_the_journal_without_secrets(world: World, pa: FakePlatform) -> None:
    """PE-13: method, address, status, Request-Id; about the document where there is one."""
    pa.bring("f1", xml("F1"))
    sync(world)
    calls = world.context.connections.calls(world.dossier, "c1")
    assert {"GET"} == {one.method for one in calls}
    assert len(calls) == pa.calls
    assert Tally.RECEIVED.value in held(world).tallies


# ── Statuses ────────────────────────────────────────────────────────────────────────────────────


def cdar_of(world: World, number: str, code: str = "203") -> bytes:
    """What a platform says of a purchase of ours."""
    invoice = replace(invoices.workshop(DAY), number=number)
    record = StatusRecord(
        id="own:x", code=code, set_at=world.clock.now(), recorded_at=world.clock.now(),
        side=Side.SELLER,
    )  # fmt: skip
    now = world.clock.now()
    return cdar.write(message_of(record, invoice, received_at=now, created_at=now))


def status(world: World, pa: FakePlatform, name: str, number: str, code: str = "203") -> None:
    pa.bring(
        name, cdar_of(world, number, code), kind=FlowType.SUPPLIER_INVOICE_LC,
        syntax=FlowSyntax.CDAR,
    )  # fmt: skip


def test_a_status_reaches_the_invoice_that_it_names(world: World, pa: FakePlatform) -> None:
    """WE-02: with the date the platform gives; twice is once."""
    pa.bring("f1", xml("F1"))
    sync(world)
    for name in ("s1", "s2"):
        status(world, pa, name, "F1")
    sync(world)
    sync(world)
    (document,) = world.documents()
    assert ["203"] == [one.code for one in document.statuses]
    assert document.statuses[0].id == "flow:super_pdp:s1"
    counted = held(world).tallies
    assert (1, 1) == (counted["statuses"], counted["ignored"])


def test_a_supplier_does_not_approve_his_own_invoice(world: World, pa: FakePlatform) -> None:
    """A 205 in the seller's name is kept and changes nothing: the buyer may still refuse."""
    pa.bring("f1", xml("F1"))
    sync(world)
    status(world, pa, "s1", "F1", "205")
    status(world, pa, "s2", "F1", "210")
    sync(world)
    (document,) = world.documents()
    assert [("205", Side.SELLER), ("210", Side.SELLER)] == sorted(
        (one.code, one.side) for one in document.statuses
    )
    standing = statuses.standing(document, world.context)
    assert ("", "") == (standing.facts.approval, standing.facts.closed)
    assert {"205", "210"} <= {one.code for one in standing.offers}


def test_a_status_waits_for_its_invoice(world: World, pa: FakePlatform) -> None:
    """It comes first: kept, visible, applied once the invoice is here; nothing is asked twice."""
    status(world, pa, "s1", "F1")
    sync(world)
    (waiting,) = world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert waiting.failure is not None
    assert ("flow.invoice_unknown", "F1") == (
        waiting.failure.code,
        waiting.failure.values["number"],
    )
    assert waiting.waits_for
    pa.bring("f1", xml("F1"))
    sync(world)
    world.clock.pass_(minutes=10)
    sync(world)
    (document,) = world.documents()
    assert ["203"] == [one.code for one in document.statuses]
    assert () == world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert 1 == pa.said.count("file s1 Original")


def test_a_status_looks_soon_at_the_invoice_that_came_with_it(
    world: World, pa: FakePlatform
) -> None:
    """The invoice is being read when its status comes: no minute is waited for at first."""
    status(world, pa, "s1", "F1")
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    for wait in (timedelta(seconds=15), timedelta(minutes=1)):
        run_scheduled(world.queue.sent.pop(0), world.context)
        (look,) = world.queue.sent
        assert wait == look.due - world.clock.now()


def test_a_broken_status_is_set_aside(world: World, pa: FakePlatform) -> None:
    """Malformed, or of another kind: kept with its reason, the others are applied."""
    pa.bring("f1", xml("F1"))
    sync(world)
    pa.bring("s1", b"<broken", kind=FlowType.SUPPLIER_INVOICE_LC, syntax=FlowSyntax.CDAR)
    pa.bring("s2", b"", kind=FlowType.CUSTOMER_INVOICE_LC, syntax=FlowSyntax.CDAR)
    status(world, pa, "s3", "F1")
    sync(world)
    aside = world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert {"s1", "s2"} == {one.id for one in aside}
    assert all(one.file is not None and one.failure is not None for one in aside)
    (document,) = world.documents()
    assert ["203"] == [one.code for one in document.statuses]


def test_what_is_the_administration_s_is_left(world: World, pa: FakePlatform) -> None:
    """Copies for the public platform and reports are nothing for a dossier."""
    pa.bring("r1", b"<x/>", kind=FlowType.STATE_CUSTOMER_INVOICE)
    sync(world)
    assert 1 == held(world).tallies["ignored"]
    assert [] == [one for one in pa.said if one.startswith("file")]
