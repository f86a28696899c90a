"""Connecting dossiers to platforms: the batch, consent, health, leaving; calls from a platform."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest
from facteur.domain.commands import ForgetConsent, Scheduled
from facteur.domain.connections import ConnectionState, Grant
from facteur.domain.dossiers import PERMISSIONS, Caller, Dossier, Member, Role
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError, UnavailableError
from facteur.domain.faults import Fault
from facteur.ports import Session
from facteur.services.platforms import connected, connecting, consenting, webhooks
from facteur.services.platforms.opening import opened, seal
from facteur.services.run import run_scheduled
from facteur.web import i18n

from tests.services.fake_platforms import KEY, FakePlatform, FakePlatforms
from tests.services.world import World, xml

SECRET = "s3cr3t-of-the-client"
TYPED = {"client_id": "client-1", "client_secret": SECRET}


@pytest.fixture
def pa(world: World) -> FakePlatform:
    platform = FakePlatform()
    world.with_(platforms=FakePlatforms(platform), site_url="https://facteur.example/api")
    return platform


def another(world: World, name: str, *, siret: str, role: Role = Role.MANAGER) -> Dossier:
    made = Dossier(id=name, name=f"Société {name}", siren=siret[:9] or "552100554", siret=siret)
    member = Member(dossier=name, user="u1", email="a@b.fr", name="Anne", role=role)
    world.context.store.save_dossier(made, (member,), {})
    return made


def connect(world: World, session: Session, *chosen: str, **typed: str) -> list[str]:
    results = connecting.connect(
        session, "super_pdp", chosen or (world.dossier,), {**TYPED, **typed}, world.context
    )
    return [one.fault.code if one.fault else "" for one in results]


def only(world: World, dossier: str = ""):
    (held,) = world.context.connections.connections(dossier or world.dossier)
    return held


def test_a_dossier_is_connected_once_the_platform_lets_us_in(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """Checked, sealed, subscribed, told in the journal, and synchronised at once."""
    assert [""] == connect(world, session)
    held = only(world)
    assert (ConnectionState.CONNECTED, "client-1", True, "hook-1") == (
        held.state, held.client_id, held.default, held.webhook,
    )  # fmt: skip
    assert SECRET not in repr(held)
    assert f"subscribe https://facteur.example/api/pa/webhooks/{held.dossier}/{held.id}" in pa.said
    (entry,) = world.context.journal.entries(world.dossier)
    assert ("connection.connected", "Super PDP") == (entry.what, entry.values["platform"])
    pa.bring("f1", xml("F1"))
    world.deliver()
    assert ["F1"] == [one.summary.number for one in world.documents()]


def test_what_cannot_be_connected_stops_no_other(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """WE-05, WE-06: no SIRET, unknown to the platform; the third one connects."""
    another(world, "sans", siret="")
    another(world, "inconnu", siret="55210055400013")
    faults = connect(world, session, "sans", "inconnu", world.dossier)
    assert ["connection.no_siret", "connection.unknown_dossier", ""] == faults
    assert () == world.context.connections.connections("sans")
    assert () == world.context.connections.connections("inconnu")
    assert only(world).state is ConnectionState.CONNECTED


def test_the_window_connects_what_is_ticked_and_disconnects_the_rest(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """WE-04, WE-15: the client typed once serves the next dossiers; ➖ takes all away."""
    another(world, "deux", siret="55210055400013")
    pa.units.add("552100554")
    connect(world, session)
    results, gone = connecting.set_dossiers(session, "super_pdp", ["deux"], {}, world.context)
    assert ([None], 1) == ([one.fault for one in results], gone)
    assert ConnectionState.DISCONNECTED is only(world).state
    assert "" == only(world).client_secret
    assert "client-1" == only(world, "deux").client_id
    ticked = {
        one.dossier: one.connected for one in connected.rows(session, "super_pdp", world.context)
    }
    assert {world.dossier: False, "deux": True} == ticked
    connect(world, session)
    assert 2 == connected.disconnect_all(session, "super_pdp", world.context)
    assert () == world.context.connections.all()


def test_a_client_typed_for_nobody_is_said_and_a_renewed_one_is_taken(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """A client with no box ticked connects nothing and says so; the same client typed again, or
    any for a dossier that fails, takes the place of what was held."""

    def save(*ticked: str, **typed: str):
        given = {**TYPED, **typed}
        return connecting.set_dossiers(session, "super_pdp", ticked, given, world.context)

    with pytest.raises(InvalidError) as nobody:
        save()
    assert ["connection.none_ticked"] == [one.code for one in nobody.value.faults]
    assert () == world.context.connections.all()
    save(world.dossier)
    with pytest.raises(InvalidError):
        save(world.dossier, client_id="another")
    assert "client-1" == only(world).client_id
    before = only(world).client_secret
    save(world.dossier, client_secret="renewed")
    assert before != only(world).client_secret
    failing = replace(only(world), failure=Fault(code="platform.login"))
    world.context.connections.save(failing)
    save(world.dossier, client_id="another")
    assert ("another", None) == (only(world).client_id, only(world).failure)


def test_what_a_page_has_no_time_for_is_told(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """A slow platform: the first dossier connects, the others wait for the next click."""
    another(world, "deux", siret="55210055400013")
    pa.units.add("552100554")
    slow = pa.check

    def check() -> None:
        world.clock.pass_(seconds=20)
        slow()

    pa.check = check  # type: ignore[method-assign]
    assert ["", "connection.later"] == connect(world, session, world.dossier, "deux")
    assert [""] == connect(world, session, "deux")


def test_who_does_not_manage_a_dossier_connects_nothing(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """Not even by its identifier; the window does not list it."""
    another(world, "lu", siret="55210055400013", role=Role.READER)
    with pytest.raises(NotFoundError):
        connect(world, session, "lu")
    with pytest.raises(NotFoundError):
        connect(world, session, "nulle-part")
    assert "lu" not in {one.dossier for one in connected.rows(session, "super_pdp", world.context)}
    reader = Caller(
        user="u1", name="Anne", dossier=world.dossier, permissions=PERMISSIONS[Role.READER]
    )
    with pytest.raises(ForbiddenError):
        connected.health(reader, "c1", world.context)


def test_what_is_typed_wrong_is_told_before_anything_is_done(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """All the faults at once, beside their fields."""
    with pytest.raises(InvalidError) as told:
        connecting.connect(
            session, "afnor", [world.dossier], {"flow_url": "ftp://x"}, world.context
        )
    assert {"client_id", "client_secret", "flow_url", "token_url"} == {
        one.path for one in told.value.faults
    }
    assert [] == pa.said


def test_a_refused_secret_is_told_and_nothing_is_kept(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """The platform's own no, said of what was typed: nothing is there to be reconnected."""
    pa.locked = True
    assert ["connection.login"] == connect(world, session)
    told = i18n.sentence("connection.login")
    assert "Identifiant ou secret refusé par la plateforme" in told
    assert "reconnect" not in told
    assert () == world.context.connections.connections(world.dossier)


def test_consent_works_once_for_who_asked(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """PE-15: the way back carries a state that nobody else can use, and once."""

    def begin() -> str:
        url = consenting.begin_consent(
            session, world.caller, "super_pdp", TYPED, back="https://b", context=world.context
        )
        return url.partition("state=")[2].partition("&")[0]

    def finish(who: Session, state: str, code: str = "good") -> None:
        consenting.finish_consent(
            who, state=state, code=code, back="https://b", context=world.context
        )

    state = begin()
    with pytest.raises(InvalidError, match="consent"):
        finish(replace(session, user="u2"), state)
    with pytest.raises(InvalidError, match="consent"):
        finish(session, state)  # the other one used it up
    for bad in ("", "wrong"):
        with pytest.raises(InvalidError, match="consent"):
            finish(session, begin(), bad)
        last = world.context.connections.connections(world.dossier)[-1]
        assert (ConnectionState.DISCONNECTED, "") == (last.state, last.client_secret)
    finish(session, begin())
    (live,) = world.context.connections.all()
    assert (ConnectionState.CONNECTED, Grant.CODE) == (live.state, live.grant)
    assert live.refresh_token not in ("", "refresh-1")
    world.clock.pass_(hours=1)
    stale = begin()
    world.clock.pass_(hours=1)
    with pytest.raises(InvalidError, match="consent"):
        finish(session, stale)
    assert (live.id,) == tuple(one.id for one in world.context.connections.all())


def test_a_consent_that_nobody_came_back_from_leaves_no_secret(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """The agenda forgets it once the way back is too old, and touches no connection that works."""
    begin = {"back": "https://b", "context": world.context}
    consenting.begin_consent(session, world.caller, "super_pdp", TYPED, **begin)
    (left,) = world.context.connections.connections(world.dossier)
    assert "" != left.client_secret
    url = consenting.begin_consent(session, world.caller, "super_pdp", TYPED, **begin)
    state = url.partition("state=")[2].partition("&")[0]
    consenting.finish_consent(session, state=state, code="good", **begin)
    (live,) = world.context.connections.all()

    def forgotten() -> list[Scheduled]:
        return [
            one
            for one in world.context.store.due(world.clock.now())
            if isinstance(one.command, ForgetConsent)
        ]

    assert [] == forgotten()  # the user may still come back
    world.clock.pass_(minutes=26)
    for one in forgotten():
        run_scheduled(one, world.context)
    after = {one.id: one for one in world.context.connections.connections(world.dossier)}
    assert (ConnectionState.DISCONNECTED, "", "") == (
        after[left.id].state, after[left.id].client_secret, after[left.id].refresh_token,
    )  # fmt: skip
    assert live == after[live.id]
    gone = ForgetConsent(dossier=world.dossier, connection="nobody")
    assert (None, ()) == consenting.forget_consent(gone, world.context)


def test_a_rotated_token_is_kept_before_anything_else(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """PE-15: the next opening uses it."""
    connect(world, session)
    registry = world.context.platforms
    registry.rotate = "refresh-2"
    assert connected.try_out(world.caller, only(world).id, world.context) is None
    connected.try_out(world.caller, only(world).id, world.context)
    assert ["", "refresh-2"] == [one.refresh_token for one in registry.opened[-2:]]


def test_the_age_of_the_token_is_known(world: World, pa: FakePlatform, session: Session) -> None:
    """D28: whenever one is had, whatever for; a call with the one at hand changes nothing."""
    connect(world, session)
    world.deliver()
    world.clock.pass_(hours=3)
    pa.token_due = world.clock.now()
    for _twice in range(2):
        with opened(only(world), world.context) as platform:
            platform.check()
        assert world.clock.now() == only(world).token_at
        held = only(world).version
    assert held == only(world).version
    pa.token_due = world.clock.now()
    connected.disconnect(world.caller, only(world).id, world.context)
    pa.token_due = world.clock.now()
    assert [""] == connect(world, session)  # again, with a token of its own


def test_who_loses_the_race_for_a_token_tries_again(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """PE-15: a refusal is no refusal when somebody else renewed the token meanwhile."""
    connect(world, session)
    context = world.context
    mine = context.connections.save(
        replace(only(world), grant=Grant.CODE, refresh_token=seal("old", world.dossier, context))
    )
    pa.locked = True
    with pytest.raises(ForbiddenError), opened(mine, context) as platform:
        platform.check()
    newer = replace(only(world), refresh_token=seal("new", world.dossier, context))
    context.connections.save(newer)
    with pytest.raises(UnavailableError, match="token_moved"), opened(mine, context) as platform:
        platform.check()


def test_health_tells_what_is_wrong_and_since_when(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """« Tester »: the reason, then nothing any more; every call in the journal."""
    connect(world, session)
    held = only(world)
    pa.away = True
    fault = connected.try_out(world.caller, held.id, world.context)
    assert fault is not None
    assert "platform.unreachable" == fault.code
    shown = connected.health(world.caller, held.id, world.context)
    assert "platform.unreachable" == (
        shown.connection.failure.code if shown.connection.failure else ""
    )
    assert 0 in {one.status for one in shown.calls}
    assert SECRET not in repr(shown)
    pa.away = False
    assert connected.try_out(world.caller, held.id, world.context) is None
    assert connected.health(world.caller, held.id, world.context).connection.failure is None


def call(
    world: World,
    *,
    key: bytes = base64.b64decode(KEY),
    text: bool = False,
    at: int = 0,
    body: bytes = b'{"flowId": "f1"}',
):
    """The headers and body of a platform's call."""
    stamp = str(int(world.clock.now().timestamp()) + at)
    print_ = hashlib.sha256(body + b"@" + stamp.encode())
    message = print_.hexdigest().encode() if text else print_.digest()
    made = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return {"body": body, "signature": made, "timestamp": stamp}


@pytest.mark.parametrize("text", [False, True])
def test_a_signed_call_brings_a_round_sooner(
    world: World, pa: FakePlatform, session: Session, text: bool
) -> None:
    """PE-16: over the fingerprint's bytes or its text; the same call again does nothing."""
    connect(world, session)
    world.deliver()
    pa.bring("f1", xml("F1"), at=world.clock.now())
    said = call(world, text=text)
    for _again in range(2):
        webhooks.received(world.dossier, only(world).id, context=world.context, **said)
    assert 1 == len(world.queue.sent)
    world.deliver()
    assert ["F1"] == [one.summary.number for one in world.documents()]


def test_calls_that_come_together_ask_for_one_round(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """An invoice and its statuses, each announced: one message; a later call asks again."""
    connect(world, session)
    world.deliver()
    name = only(world).id
    for flow in (b"f1", b"f2", b"f3"):
        said = call(world, body=b'{"flowId": "%s"}' % flow)
        webhooks.received(world.dossier, name, context=world.context, **said)
    assert 1 == len(world.queue.sent)
    world.clock.pass_(seconds=6)
    webhooks.received(world.dossier, name, context=world.context, **call(world))
    assert 2 == len(world.queue.sent)


def test_a_call_that_is_not_the_platform_s_is_refused(
    world: World, pa: FakePlatform, session: Session
) -> None:
    """Another key, another body, an old time, no time, nobody's connection."""
    connect(world, session)
    world.deliver()
    name = only(world).id

    def receive(**changes: object) -> None:
        webhooks.received(world.dossier, name, context=world.context, **{**call(world), **changes})  # type: ignore[arg-type]

    for wrong in (
        call(world, key=b"another"),
        {"body": b"{}"},
        call(world, at=-301),
        call(world, at=301),
        {"timestamp": ""},
        {"timestamp": "1e9"},
        {"signature": ""},
        {"signature": "é"},
    ):
        with pytest.raises(ForbiddenError):
            receive(**wrong)
    with pytest.raises(NotFoundError):
        webhooks.received("nobody", name, context=world.context, **call(world))
    connected.disconnect(world.caller, name, world.context)
    with pytest.raises(NotFoundError):
        receive()
    assert [] == world.queue.sent
