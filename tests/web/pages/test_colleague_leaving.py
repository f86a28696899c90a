"""A colleague who leaves a firm keeps no way into its dossiers; the firm keeps its own."""

from dataclasses import replace

import pytest
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import ConflictError, ForbiddenError, StaleVersionError
from facteur.domain.keys import RIGHTS
from facteur.domain.people import FirmCaller, FirmMember, FirmRole
from facteur.ports import PeopleChanges
from facteur.services.people import firms
from facteur.services.programs import keys

from tests.services.world import World
from tests.web.browser import Browser, Letters
from tests.web.pages.test_leaving import FORWARDING, forwarded, linked, made, mailed
from tests.web.pages.test_people import firm, letters

__all__ = ["firm", "letters"]

STAFF = "/cabinet/equipe"


def colleague(world: World) -> Caller:
    """Léo of the linked firm, as he is in its dossier."""
    (link,) = world.context.people.links_of_dossier(world.dossier)
    leo = FirmMember(
        firm=link.firm, user="leo", email="leo@auclair.example", name="Léo", role=FirmRole.STAFF
    )
    world.context.people.commit(PeopleChanges(firm_members=(leo,)))
    return Caller(
        user="leo", name="Léo (Cabinet Auclair)", email=leo.email, dossier=world.dossier,
        permissions=PERMISSIONS[Role.MANAGER], firm=link.firm,
    )  # fmt: skip


def key_of(who: Caller, world: World, name: str = "Robot de Léo") -> str:
    """The secret of a key that he made."""
    return keys.make(who, name, [one.value for one in RIGHTS], world.context).secret


def test_a_colleague_who_is_removed_keeps_no_key_and_gets_no_copy(
    world: World, letters: Letters, firm: Browser
) -> None:
    """His key ends, what went to his address stops; those of the firm's others go on.

    The page says so before, the dossier's journal after.
    """
    manager, _unlink = linked(world, firm)
    leo = colleague(world)
    his, hers, ours = key_of(leo, world), made(firm), made(manager)
    for address in ("leo@auclair.example", "paule@auclair.example"):
        forwarded(firm, address)
    told = firm.get(STAFF).text.replace("\u00a0", " ")
    assert "Retirer un collaborateur révoque les clés API qu’il a créées" in told

    assert "member_removed" in firm.post(f"{STAFF}/leo/retirer").location

    with pytest.raises(ForbiddenError):
        keys.caller_of(his, world.context)
    assert keys.caller_of(hers, world.context)
    assert keys.caller_of(ours, world.context)
    assert ["paule@auclair.example"] == mailed(world, letters, "d1")
    assert "Arrêtée" in manager.get(FORWARDING).text
    assert "avec le départ de Léo (Cabinet Auclair)" in manager.get("/parametres/journal").text


def test_a_colleagues_key_of_before_its_maker_was_kept_is_known_by_his_name(
    world: World, firm: Browser
) -> None:
    """« Léo (Cabinet Auclair) » ends with Léo, « Paule Auclair (Cabinet Auclair) » does not."""
    linked(world, firm)
    his, hers = key_of(colleague(world), world), made(firm)
    for secret in (his, hers):
        key = keys.key_of(secret, world.context)
        world.context.keys.save((replace(key, maker="", firm=""),), ())
    firm.post(f"{STAFF}/leo/retirer")
    with pytest.raises(ForbiddenError):
        keys.caller_of(his, world.context)
    assert keys.caller_of(hers, world.context)


def test_what_a_colleague_made_as_a_member_of_the_dossier_stays(
    world: World, firm: Browser
) -> None:
    """He leaves the firm, not the company: the key that he made as its own member goes on."""
    linked(world, firm)
    secret = key_of(replace(colleague(world), name="Léo", firm=""), world)
    firm.post(f"{STAFF}/leo/retirer")
    assert keys.caller_of(secret, world.context)


def test_the_last_head_who_may_not_leave_loses_nothing(world: World, firm: Browser) -> None:
    """Refused before anything is ended."""
    linked(world, firm)
    secret = made(firm)
    key = keys.key_of(secret, world.context)
    head = FirmCaller(
        user=key.maker, name="Paule", email="p@x.fr", firm=key.firm, role=FirmRole.HEAD
    )
    with pytest.raises(ConflictError):
        firms.remove(head, key.maker, world.context)
    assert keys.caller_of(secret, world.context)


def test_a_removal_that_fails_on_the_way_leaves_nobody_out_with_a_key(
    world: World, firm: Browser
) -> None:
    """The keys go first: should one not end, he is still in, and removing him again ends it."""
    linked(world, firm)
    leo = colleague(world)
    secret = key_of(leo, world)
    (link,) = world.context.people.links_of_dossier(world.dossier)
    people = world.context.people.firm_members(link.firm)
    (paule,) = (one for one in people if one.role is FirmRole.HEAD)
    head = FirmCaller(
        user=paule.user, name="Paule", email="p@x.fr", firm=link.firm, role=FirmRole.HEAD
    )

    class Busy:
        """Keys that others write at the same moment."""

        def __getattr__(self, name: str) -> object:
            return getattr(world.context.keys, name)

        def save(self, *_args: object) -> None:
            raise StaleVersionError("api_key.stale")

    with pytest.raises(StaleVersionError):
        firms.remove(head, "leo", replace(world.context, keys=Busy()))  # type: ignore[arg-type]
    assert "leo" in {one.user for one in world.context.people.firm_members(link.firm)}

    firms.remove(head, "leo", world.context)
    with pytest.raises(ForbiddenError):
        keys.caller_of(secret, world.context)
    assert "leo" not in {one.user for one in world.context.people.firm_members(link.firm)}
