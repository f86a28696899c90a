"""API keys on the real table: shown once, hashed, rotated, revoked, last use."""

import json

import pytest
from facteur.domain.dossiers import PERMISSIONS, Caller, Permission, Role
from facteur.domain.errors import (
    DuplicateError,
    ForbiddenError,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
)
from facteur.domain.keys import MOST_KEYS, ApiKey
from facteur.services.access.signing_in import digest
from facteur.services.programs import keys

from tests.services.world import World

BOTH = ("read", "upload")


def opens(world: World, secret: str) -> bool:
    try:
        keys.caller_of(secret, world.context)
    except ForbiddenError:
        return False
    return True


def one(world: World) -> ApiKey:
    return keys.listed(world.caller, world.context)[0]


def whole_table(world: World) -> str:
    items = world.platform.client("dynamodb").scan(TableName=world.platform["FACTEUR_TABLE"])
    return json.dumps(items["Items"])


def test_a_key_is_known_by_its_hash_and_may_not_decide(world: World) -> None:
    """Nothing in the table shows the key; a program uploads and reads, it does not accept."""
    made = keys.make(world.caller, "  Caisse  du  midi ", BOTH, world.context)
    caller = keys.caller_of(made.secret, world.context)

    assert (world.dossier, "Caisse du midi") == (caller.dossier, caller.name)
    assert {Permission.READ, Permission.UPLOAD} == caller.permissions
    assert made.secret not in whole_table(world)
    assert digest(made.secret) in whole_table(world)
    assert made.secret.endswith(one(world).end)
    assert not opens(world, made.secret + "x")
    assert not opens(world, "")
    assert not opens(world, one(world).digest)


def test_a_key_does_what_it_was_given(world: World) -> None:
    """« Déposer seulement » reads nothing; rights that keys never have are refused."""
    made = keys.make(world.caller, "scanner", ("upload",), world.context)

    assert {Permission.UPLOAD} == keys.caller_of(made.secret, world.context).permissions
    for rights in ((), ("manage",), ("read", "execute_payments")):
        with pytest.raises(InvalidError) as refused:
            keys.make(world.caller, "x", rights, world.context)
        assert ["key.rights"] == [fault.code for fault in refused.value.faults]


def test_a_rotated_key_works_for_a_day_more(world: World) -> None:
    """Both work, then the new one alone; the same name and rights; it is not rotated twice."""
    old = keys.make(world.caller, "caisse", ("upload",), world.context)
    new = keys.rotate(world.caller, old.key.id, world.context)

    assert (old.key.name, old.key.rights) == (new.key.name, new.key.rights)
    assert old.secret != new.secret
    assert opens(world, old.secret)
    assert opens(world, new.secret)
    with pytest.raises(IllegalTransitionError):
        keys.rotate(world.caller, old.key.id, world.context)
    world.clock.pass_(hours=24)
    assert not opens(world, old.secret)
    assert opens(world, new.secret)
    with pytest.raises(IllegalTransitionError):
        keys.rotate(world.caller, old.key.id, world.context)


def test_a_revoked_key_is_refused_at_once_and_stays_listed(world: World) -> None:
    """Revoking again changes nothing; the journal tells who made it and who ended it."""
    made = keys.make(world.caller, "caisse", BOTH, world.context)
    keys.revoke(world.caller, made.key.id, world.context)
    keys.revoke(world.caller, made.key.id, world.context)

    assert not opens(world, made.secret)
    assert world.clock.now() == one(world).revoked_at
    entries = world.context.journal.entries(world.dossier)
    assert ["key.made", "key.revoked"] == sorted(entry.what for entry in entries)
    assert {"Anne"} == {entry.by_name for entry in entries}
    assert made.secret not in str(entries)


def test_the_last_use_is_written_once_an_hour_at_most(world: World) -> None:
    """A thousand calls in an hour cost one write."""
    made = keys.make(world.caller, "caisse", BOTH, world.context)
    first = world.clock.now()
    assert opens(world, made.secret)
    world.clock.pass_(minutes=59)
    assert opens(world, made.secret)
    assert first == one(world).last_used_at

    world.clock.pass_(minutes=1)
    assert opens(world, made.secret)
    assert world.clock.now() == one(world).last_used_at


def test_a_use_never_brings_back_what_was_revoked(world: World) -> None:
    """Whoever noted a use of the key as it was before finds it changed."""
    made = keys.make(world.caller, "caisse", BOTH, world.context)
    before = one(world)
    keys.revoke(world.caller, made.key.id, world.context)
    world.context.keys.used(before, world.clock.now())

    assert not opens(world, made.secret)
    assert one(world).last_used_at is None


def test_another_dossiers_key_does_not_exist(world: World) -> None:
    """Neither listed, rotated nor revoked; only a gérant looks at keys at all."""
    made = keys.make(world.caller, "caisse", BOTH, world.context)
    other = Caller(user="u9", name="", dossier="other", permissions=PERMISSIONS[Role.MANAGER])
    staff = Caller(user="u2", name="", dossier=world.dossier, permissions=PERMISSIONS[Role.STAFF])

    assert () == keys.listed(other, world.context)
    for act in (keys.rotate, keys.revoke):
        with pytest.raises(NotFoundError):
            act(other, made.key.id, world.context)
        with pytest.raises(ForbiddenError):
            act(staff, made.key.id, world.context)
    with pytest.raises(ForbiddenError):
        keys.listed(staff, world.context)
    assert opens(world, made.secret)


def test_keys_have_names_and_a_number(world: World) -> None:
    """A name is asked for; a dossier has twenty working keys at most."""
    with pytest.raises(InvalidError) as refused:
        keys.make(world.caller, " \n ", BOTH, world.context)
    assert ["key.name"] == [fault.code for fault in refused.value.faults]

    for place in range(MOST_KEYS):
        keys.make(world.caller, f"k{place}", BOTH, world.context)
    with pytest.raises(InvalidError) as refused:
        keys.make(world.caller, "one more", BOTH, world.context)
    assert ["key.many"] == [fault.code for fault in refused.value.faults]
    keys.revoke(world.caller, one(world).id, world.context)
    assert keys.make(world.caller, "one more", BOTH, world.context)


def test_a_hash_names_one_key(world: World) -> None:
    """A second key under the same hash is refused: it would hand a dossier to another."""
    made = keys.make(world.caller, "caisse", BOTH, world.context)
    with pytest.raises(DuplicateError):
        world.context.keys.save(
            (
                ApiKey(
                    dossier="other",
                    id="k",
                    name="x",
                    digest=made.key.digest,
                    created_at=world.clock.now(),
                ),
            ),
            (),
        )
    assert world.dossier == keys.caller_of(made.secret, world.context).dossier
