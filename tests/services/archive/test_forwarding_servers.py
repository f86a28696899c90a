"""Forwarding to SFTP servers: tested first, pinned, sealed, tried again, refused when changed."""

from dataclasses import dataclass, field, replace

import pytest
from facteur.domain.commands import Deliver, Scheduled, TryServer
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.forwarding import PATIENCE, DeliveryState, Rule
from facteur.domain.servers import Credentials, Server, file_name
from facteur.services.access import limits
from facteur.services.archive import forwarding, forwarding_servers
from facteur.services.run import run, run_scheduled

from tests.services.archive.test_forwarding import _archived, _tick
from tests.services.world import World

KEY = "ssh-ed25519 QUFBQUMzTnphQzFsWkRJMU5URTU="
OTHER = "ssh-ed25519 QUFBQUMzTnphQzFsWkRJMU5URTV="
TYPED = {
    "direction": "purchase", "what": "both", "host": " SFTP.Cabinet.example ", "port": "",
    "user": "acme", "folder": "/depot", "password": "mot de passe", "key": "",
}  # fmt: skip


@dataclass
class Servers:
    """Keeps what is written; away, or of another key, as told."""

    key: str = KEY
    away: int = 0
    wrong: FacteurError | None = None
    asked: list[tuple[Server, Credentials]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def _greet(self, server: Server, given: Credentials) -> None:
        if self.away:
            self.away -= 1
            raise UnavailableError("sftp.unreachable", host=server.host)
        if server.host_key and server.host_key != self.key:
            raise ForbiddenError("sftp.host_key", host=server.host)
        self.asked.append((server, given))
        if self.wrong is not None:
            raise self.wrong

    def probe(self, server: Server, given: Credentials, *, name: str) -> str:
        self._greet(server, given)
        return self.key

    def send(self, server: Server, given: Credentials, files: list[tuple[str, bytes]]) -> None:
        self._greet(server, given)
        self.files |= dict(files)


@pytest.fixture
def servers(world: World) -> Servers:
    """The servers that this world reaches."""
    made = Servers()
    world.with_(sftp=made)
    return made


def _added(world: World, **typed: str) -> Rule:
    held = forwarding.add_server(world.caller, {**TYPED, **typed}, world.context)
    world.deliver()
    return _rule(world, held.rules[-1].id)


def _rule(world: World, rule: str) -> Rule:
    return next(
        one for one in forwarding.rules(world.caller, world.context).rules if one.id == rule
    )


def _server(rule: Rule) -> Server:
    assert rule.server is not None
    return rule.server


def test_a_server_is_tested_before_anything_leaves(world: World, servers: Servers) -> None:
    """Waiting, then tested and pinned; what is archived from then on is written there."""
    held = forwarding.add_server(world.caller, TYPED, world.context)
    (rule,) = held.rules
    assert rule.pending
    assert _server(rule).testing(world.clock.now())
    world.deliver()
    rule = _rule(world, rule.id)
    assert (rule.pending, _server(rule).host_key, _server(rule).failure) == (False, KEY, None)
    assert rule.address == "sftp://acme@sftp.cabinet.example/depot"
    document = _archived(world)
    names = sorted(servers.files)
    assert len(names) == 2
    assert all(document.id[:10] in one and "F-77" in one for one in names)
    assert {
        world.context.blobs.get(document.files[one]) for one in ("original", "facturx")
    } == set(servers.files.values())
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert (told.state, told.address) == (DeliveryState.SENT, rule.address)
    last = world.context.store.history(document.ref)[-1].event
    assert dict(last.values) == {"address": rule.address, "files": "original, facturx"}


def test_its_secret_is_sealed_and_never_told(world: World, servers: Servers) -> None:
    """Not in the row, the journal nor the rule; it opens for its own dossier alone."""
    rule = _added(world)
    assert "mot de passe" not in repr(rule)
    assert "mot de passe" not in repr(world.context.journal.entries(world.dossier))
    assert servers.asked[-1][1] == Credentials(password="mot de passe")
    with pytest.raises(ForbiddenError):
        forwarding_servers.credentials(_server(rule), "autre", world.context)


def test_a_failed_test_is_told_and_nothing_leaves(world: World, servers: Servers) -> None:
    """The reason stands on the rule; « Tester » tries again once it is mended."""
    servers.wrong = ForbiddenError("sftp.login", host="sftp.cabinet.example")
    rule = _added(world)
    failure = _server(rule).failure
    assert failure is not None
    assert (rule.pending, failure.code) == (True, "sftp.login")
    assert _server(rule).host_key == ""
    _archived(world)
    assert forwarding.deliveries(world.caller, world.context) == ()
    servers.wrong = None
    forwarding.ask_test(world.caller, rule.id, world.context)
    world.deliver()
    assert not _rule(world, rule.id).pending


def test_another_key_stops_everything_until_a_person_agrees(
    world: World, servers: Servers
) -> None:
    """Deliveries fail with the reason, tests too; the new key is pinned when a gérant says so."""
    rule = _added(world)
    servers.key = OTHER
    _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert told.failure is not None
    assert (told.state, told.failure.code) == (DeliveryState.FAILED, "sftp.host_key")
    forwarding.ask_test(world.caller, rule.id, world.context)
    world.deliver()
    assert _server(_rule(world, rule.id)).host_key == KEY
    assert servers.files == {}
    forwarding.ask_test(world.caller, rule.id, world.context, new_key=True)
    world.deliver()
    after = _rule(world, rule.id)
    assert (after.pending, _server(after).host_key) == (False, OTHER)
    forwarding.resend(world.caller, told.id, world.context)
    world.deliver()
    assert len(servers.files) == 2
    journal = {one.what for one in world.context.journal.entries(world.dossier)}
    assert {"forward.added", "forward.tested", "forward.new_key"} <= journal


def test_a_server_that_is_away_is_tried_again(world: World, servers: Servers) -> None:
    """Through the agenda, further and further apart; then it is written, once."""
    _added(world)
    servers.away = 2
    _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert told.failure is not None
    assert (told.state, told.failure.code) == (DeliveryState.WAITING, "sftp.unreachable")
    assert told.next_at == world.clock.now() + PATIENCE[0]
    _tick(world, PATIENCE[0])
    _tick(world, PATIENCE[1])
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert (told.state, told.tries, len(servers.files)) == (DeliveryState.SENT, 3, 2)


def test_a_delivery_that_kills_its_function_is_told(world: World, servers: Servers) -> None:
    """The queue's last delivery fails it, visibly; « Renvoyer » is possible."""
    _added(world)
    servers.away = 1
    _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    command = Deliver(dossier=world.dossier, delivery=told.id)
    run_scheduled(
        Scheduled(id="x", command=command, due=world.clock.now()), world.context, last=True
    )
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert told.failure is not None
    assert (told.state, told.failure.code) == (DeliveryState.FAILED, "forward.interrupted")


def test_a_removed_server_gets_nothing_more(world: World, servers: Servers) -> None:
    """Its secret went with its rule: what waited fails, and a late test asks nothing."""
    rule = _added(world)
    servers.away = 1
    _archived(world)
    forwarding.remove_rule(world.caller, rule.id, world.context)
    _tick(world, PATIENCE[0])
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert told.failure is not None
    assert (told.state, told.failure.code) == (DeliveryState.FAILED, "forward.gone")
    asked = len(servers.asked)
    run(TryServer(dossier=world.dossier, rule=rule.id), world.context)
    assert len(servers.asked) == asked
    with pytest.raises(NotFoundError):
        forwarding.ask_test(world.caller, rule.id, world.context)


def test_only_a_gerant_sets_servers_and_tests_are_counted(world: World, servers: Servers) -> None:
    """We are nobody's tool to try passwords with: twenty tests an hour."""
    staff = Caller(user="u2", name="", dossier=world.dossier, permissions=PERMISSIONS[Role.STAFF])
    with pytest.raises(ForbiddenError):
        forwarding.add_server(staff, TYPED, world.context)
    rule = _added(world)
    with pytest.raises(ForbiddenError):
        forwarding.ask_test(staff, rule.id, world.context)
    for _test in range(limits.TRIES_PER_DOSSIER - 1):
        forwarding.ask_test(world.caller, rule.id, world.context)
    with pytest.raises(ForbiddenError) as told:
        forwarding.ask_test(world.caller, rule.id, world.context)
    assert told.value.code == "sftp.throttled"
    other = replace(world.caller, dossier="autre")
    with pytest.raises(NotFoundError):
        forwarding.ask_test(other, rule.id, world.context)


def test_everything_wrong_is_said_at_once(world: World) -> None:
    """Each fault by its field; nothing is kept, nothing is asked."""
    typed = {"direction": "?", "host": "a b", "port": "70000", "user": "", "folder": "a\nb"}
    with pytest.raises(InvalidError) as told:
        forwarding.add_server(world.caller, typed, world.context)
    assert [one.code for one in told.value.faults] == [
        "sftp.host", "sftp.port", "sftp.user", "sftp.folder_name", "sftp.secret",
        "forward.choice",
    ]  # fmt: skip
    for key in ("x" * 5000, "not a key"):
        with pytest.raises(InvalidError) as told:
            forwarding.add_server(world.caller, {**TYPED, "key": key}, world.context)
        assert told.value.faults[0].path == "key"
    assert forwarding.rules(world.caller, world.context).rules == ()
    assert world.queue.sent == []


def test_file_names_are_harmless_and_never_meet() -> None:
    """No path, no accent, no name of the server's own; the document keeps them apart."""
    name = file_name(("20261120", "Été & Fils ../..", "F/7\n7", "abc123"), ".pdf")
    assert name == "20261120_t-Fils_F-7-7_abc123.pdf"
