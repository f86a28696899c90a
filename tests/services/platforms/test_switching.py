"""Changing platform at a date: who sends when, what is kept, what gives it up (PE-32)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from facteur.domain.commands import AdvanceSwitch, SetStatus, SyncConnection, TellSwitch
from facteur.domain.connections import Connection, ConnectionState
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import PERMISSIONS, Caller, Member, Role
from facteur.domain.errors import ForbiddenError, IllegalTransitionError, InvalidError
from facteur.domain.switching import PlatformSwitch, Switched
from facteur.ports import Changes, PeopleChanges
from facteur.services.platforms import switching
from facteur.services.run import run

from tests.services.fake_platforms import Compliant, FakePlatform, FakePlatforms
from tests.services.flows.test_transmitting import send
from tests.services.world import World, xml
from tests.web.browser import Letters

DAY = date(2026, 12, 1)
OLD, NEW = "1-old", "2-new"
MIDNIGHT = datetime(2026, 11, 30, 23, tzinfo=UTC)  # 00:00 in France, in winter


@dataclass
class ByConnection(FakePlatforms):
    """Another platform behind each connection."""

    others: Mapping[str, FakePlatform] = None  # type: ignore[assignment]

    def open(self, connection: Connection, *given: object, **more: object) -> object:
        return FakePlatforms(self.others[connection.id]).open(connection, *given, **more)  # type: ignore[arg-type]


@pytest.fixture
def two(world: World) -> tuple[FakePlatform, FakePlatform]:
    """An old platform that sends, and a new one beside it."""
    old, new = FakePlatform(), FakePlatform()
    platforms = ByConnection(old, others={OLD: old, NEW: new})
    world.with_(platforms=platforms, rulebook=Compliant())
    for name, kind in ((OLD, "super_pdp"), (NEW, "afnor")):
        world.context.connections.save(
            Connection(
                dossier=world.dossier, id=name, platform=kind, client_id="id", webhook="hook"
            )
        )
    return old, new


def plan(world: World, **given: object) -> str:
    asked: dict[str, object] = {"on": DAY, "keep": 30, "moving": ("300000007",), **given}
    made = switching.plan(world.caller, asked.pop("new", NEW), context=world.context, **asked)  # type: ignore[arg-type]
    return made.id


def sale(world: World, number: str) -> Document:
    """A sale ready to leave."""
    box = f"SIREN300000007@out.{world.context.inbound_domain}"
    day = world.clock.now().date()
    world.receive(
        (f"{number}.xml", xml(number, issue_date=day)), to=box, key=f"mail/{number}",
        message_id=f"{number}@x.example",
    )  # fmt: skip
    made = next(one for one in world.documents(Direction.SALE) if one.summary.number == number)
    return world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))


def at(world: World, moment: datetime) -> None:
    world.clock.pass_(seconds=(moment - world.clock.now()).total_seconds())


def round_of_the_clock(world: World) -> None:
    """What the sweep does with the agenda."""
    for scheduled in world.context.store.due(world.clock.now()):
        world.context.store.done(scheduled.id)
        world.queue.send(scheduled)
    world.deliver()


def state(world: World, switch: str) -> Switched:
    return world.context.connections.switch(world.dossier, switch).state


def connection(world: World, name: str) -> Connection:
    return world.context.connections.connection(world.dossier, name)


def test_the_old_platform_sends_until_the_day_and_the_new_one_from_midnight_in_france(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """To the minute, whenever the clock's round comes."""
    old, new = two
    switch = plan(world)
    at(world, MIDNIGHT - timedelta(minutes=1))
    round_of_the_clock(world)
    send(world, sale(world, "V1"))
    assert (1, 0) == (len(old.sent), len(new.sent))
    at(world, MIDNIGHT + timedelta(seconds=1))
    send(world, sale(world, "V2"))
    assert (1, 1) == (len(old.sent), len(new.sent))
    assert Switched.DONE is state(world, switch)
    assert (False, True) == (connection(world, OLD).default, connection(world, NEW).default)


def test_the_clock_alone_makes_the_change_once(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """The command of the agenda does it; running it again, or too early, changes nothing."""
    switch = plan(world)
    command = AdvanceSwitch(dossier=world.dossier, switch=switch)
    run(command, world.context)
    assert Switched.PLANNED is state(world, switch)
    at(world, MIDNIGHT)
    round_of_the_clock(world)
    assert Switched.DONE is state(world, switch)
    run(command, world.context)
    run(command, world.context)
    told = [one.what for one in world.context.journal.entries(world.dossier)]
    assert 1 == told.count("connection.switched")


def test_a_change_that_was_never_saved_changes_nothing(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """Its step stands in the agenda before it is saved: a crash between the two leaves a step
    of nothing, which is not tried for ever."""
    assert run(AdvanceSwitch(dossier=world.dossier, switch="nothing"), world.context) is None
    assert () == world.context.connections.switches(world.dossier)


def test_a_status_goes_by_the_platform_that_carried_its_invoice(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """What was sent by the old one before the day is paid there after it; late statuses come."""
    old, new = two
    plan(world)
    held = sale(world, "V1")
    send(world, held)
    old.answer(old.sent[0].id)
    run(SyncConnection(dossier=world.dossier, connection=OLD), world.context)
    world.deliver()
    at(world, MIDNIGHT + timedelta(days=3))
    round_of_the_clock(world)
    document = world.document(held.id)
    due = document.summary.amount_due
    run(
        SetStatus(
            dossier=world.dossier, document=held.id, code="212", by="u1", by_name="Anne",
            amount=due, on=DAY,
        ),
        world.context,
    )  # fmt: skip
    world.deliver()
    assert (["CustomerInvoice", "CustomerInvoiceLC"], []) == (
        [one.type.value for one in old.sent],
        [one.type.value for one in new.sent],
    )
    old.bring("late", xml("A9"), at=world.clock.now())
    run(SyncConnection(dossier=world.dossier, connection=OLD), world.context)
    world.deliver()
    assert "A9" in {one.summary.number for one in world.documents()}


def test_the_old_platform_is_left_after_its_time(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """Thirty days after the day, whole days in France: its secrets are forgotten, told once."""
    old, _new = two
    switch = plan(world)
    at(world, MIDNIGHT)
    round_of_the_clock(world)
    at(world, MIDNIGHT + timedelta(days=30, hours=23))
    round_of_the_clock(world)
    assert ConnectionState.CONNECTED is connection(world, OLD).state
    at(world, MIDNIGHT + timedelta(days=31))
    round_of_the_clock(world)
    assert ConnectionState.DISCONNECTED is connection(world, OLD).state
    assert Switched.ENDED is state(world, switch)
    assert "unsubscribe hook" in old.said
    told = [one.what for one in world.context.journal.entries(world.dossier)]
    assert ["connection.switch_ended", "connection.switched", "connection.switch_planned"] == told


def test_a_change_is_given_up_before_its_day_and_not_after(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """Given up: nothing happens on the day, and another may be planned. After it: refused."""
    _old, new = two
    switch = plan(world)
    with pytest.raises(InvalidError, match=r"switch\.planned"):
        plan(world)
    switching.cancel(world.caller, switch, world.context)
    again = plan(world, on=DAY + timedelta(days=1))
    at(world, MIDNIGHT + timedelta(hours=1))
    round_of_the_clock(world)
    assert Switched.CANCELLED is state(world, switch)
    assert not connection(world, NEW).default
    at(world, MIDNIGHT + timedelta(days=1))
    with pytest.raises(IllegalTransitionError, match=r"switch\.too_late"):
        switching.cancel(world.caller, again, world.context)
    send(world, sale(world, "V1"))
    assert 1 == len(new.sent)


def test_nothing_changes_to_a_platform_that_was_left_meanwhile(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """The old one goes on sending, and the page says why."""
    old, _new = two
    switch = plan(world)
    world.context.connections.save(
        replace(connection(world, NEW), state=ConnectionState.DISCONNECTED)
    )
    at(world, MIDNIGHT)
    round_of_the_clock(world)
    assert Switched.IMPOSSIBLE is state(world, switch)
    send(world, sale(world, "V1"))
    assert 1 == len(old.sent)


def test_who_may_change_the_settings_is_told_once_that_it_could_not_be_made(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """One mail to the gérant, none to who only decides: the day, why, what goes on, the link."""
    letters = Letters()
    world.with_(mailer=letters)
    staff = Member(dossier=world.dossier, user="u2", email="b@b.fr", name="B", role=Role.STAFF)
    world.context.people.commit(PeopleChanges(members=(staff,)))
    switch = plan(world)
    world.context.connections.save(
        replace(connection(world, NEW), state=ConnectionState.DISCONNECTED)
    )
    at(world, MIDNIGHT)
    round_of_the_clock(world)
    world.clock.pass_(minutes=6)
    round_of_the_clock(world)
    (mail,) = letters.sent
    assert "a@b.fr" == mail.to
    for words in ("01/12/2026", "n'était plus connectée", "continuent de partir par"):
        assert words in mail.text
    assert f"/vers/{world.dossier}/changer-de-plateforme" in mail.text
    run(TellSwitch(dossier=world.dossier, switch=switch), world.context)
    assert 1 == len(letters.sent)


def test_two_who_plan_at_once_plan_one_change(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """The second looked before the first had saved: it is told, and its change is not there."""

    class Late:
        def __getattr__(self, name: str) -> object:
            return getattr(connections, name)

        def switches(self, _dossier: str) -> tuple[PlatformSwitch, ...]:
            return ()

    connections = world.context.connections
    first = plan(world)
    world.with_(connections=Late())
    with pytest.raises(InvalidError) as caught:
        plan(world, on=DAY + timedelta(days=3))
    assert ["switch.planned"] == [one.code for one in caught.value.faults]
    (kept,) = connections.switches(world.dossier)
    assert (first, DAY) == (kept.id, kept.on)


def test_going_back_keeps_the_platform_that_serves_again(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """Away on the first, back on the tenth: the end of the first change leaves nobody."""
    first = plan(world)
    at(world, MIDNIGHT)
    round_of_the_clock(world)
    plan(world, new=OLD, on=DAY + timedelta(days=9))
    at(world, MIDNIGHT + timedelta(days=9))
    round_of_the_clock(world)
    at(world, MIDNIGHT + timedelta(days=32))
    round_of_the_clock(world)
    assert Switched.ENDED is state(world, first)
    assert ConnectionState.CONNECTED is connection(world, OLD).state
    assert connection(world, OLD).default


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"new": OLD}, "switch.new"),
        ({"new": "nowhere"}, "switch.new"),
        ({"on": None}, "switch.on_missing"),
        ({"on": date(2026, 11, 20)}, "switch.on"),
        ({"on": date(2029, 1, 1)}, "switch.on"),
        ({"keep": 3}, "switch.keep"),
        ({"moving": ("552100554",)}, "switch.lines"),
        ({"moving": ("300000007 ; DROP",)}, "switch.lines"),
    ],
)
def test_what_cannot_be_planned_says_why(
    world: World,
    two: tuple[FakePlatform, FakePlatform],
    given: dict[str, object],
    why: str,
) -> None:
    """The same platform, no day, today, too far, a made-up delay, somebody else's address."""
    with pytest.raises(InvalidError) as refused:
        plan(world, **given)
    assert [why] == [one.code for one in refused.value.faults]
    assert () == world.context.connections.switches(world.dossier)


def test_a_platform_that_lets_nobody_in_is_none_to_change_to(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """It is tried when the change is planned: refused beside the choice, nothing is planned."""
    _old, new = two
    new.locked = True
    with pytest.raises(InvalidError) as refused:
        plan(world)
    assert [("platform.login", "new")] == [(one.code, one.path) for one in refused.value.faults]
    new.locked, new.units = False, set()
    with pytest.raises(InvalidError) as refused:
        plan(world)
    assert ["connection.unknown_dossier"] == [one.code for one in refused.value.faults]


def test_only_who_manages_the_dossier_changes_its_platform(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """A collaborator sees and does nothing here."""
    staff = Caller(
        user="u2", name="Bo", dossier=world.dossier, permissions=PERMISSIONS[Role.STAFF]
    )
    with pytest.raises(ForbiddenError):
        switching.shown(staff, world.context)
    with pytest.raises(ForbiddenError):
        switching.plan(staff, NEW, DAY, 30, (), world.context)
    with pytest.raises(ForbiddenError):
        switching.cancel(staff, plan(world), world.context)


def test_the_directory_that_does_not_answer_is_told(
    world: World, two: tuple[FakePlatform, FakePlatform]
) -> None:
    """The addresses are those of the dossier; without an answer the page says so."""
    old, _new = two
    old.line("300000007")
    old.line("552100554")
    assert ["300000007"] == [
        one.address for one in switching.lines(world.caller, world.context).lines
    ]
    old.away = True
    trouble = switching.lines(world.caller, world.context).trouble
    assert trouble is not None
    assert "platform.unreachable" == trouble.code
