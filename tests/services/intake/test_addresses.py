"""A dossier's mail addresses on the real table: routed, unique, freed."""

import pytest
from facteur.domain.addresses import KEPT
from facteur.domain.commands import FreeAddress, Sweep
from facteur.domain.documents import Direction
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import ForbiddenError, InvalidError, StaleVersionError
from facteur.ports import Company
from facteur.services.intake import addresses
from facteur.services.people import dossiers
from facteur.services.people.hosting import mailbox_of
from facteur.services.run import run

from tests.services.world import World, xml

PURCHASE, SALE = Direction.PURCHASE, Direction.SALE


@pytest.fixture
def other(world: World) -> Caller:
    """The gérant of another dossier."""
    made = dossiers.create(Company(siren="300010006", name="Vermont"), None, world.context)
    return Caller(user="u9", name="Eve", dossier=made.id, permissions=PERMISSIONS[Role.MANAGER])


def routed(world: World, local: str, *, out: str = "") -> str:
    found = world.context.store.mailbox(f"{local}@{out}{world.context.inbound_domain}".lower())
    return "" if found is None else f"{found[0]} {found[1].value}"


def test_mail_to_the_chosen_name_reaches_the_dossier_and_to_the_sirens_too(world: World) -> None:
    """Both addresses make documents; the page shows the chosen one; the journal says who."""
    addresses.choose(world.caller, PURCHASE, "achats-acme", world.context)
    domain = world.context.inbound_domain

    world.receive(("f.xml", xml("F1")), to=f"Achats-Acme@{domain}")
    world.receive(
        ("g.xml", xml("F2")), to=f"SIREN300000007@{domain}", key="mail/2", message_id="2"
    )

    assert {"F1", "F2"} == {one.summary.number for one in world.documents()}
    boxes = addresses.mailboxes(world.caller, world.context)
    assert f"achats-acme@{domain}" == boxes.shown[PURCHASE]
    assert f"SIREN300000007@out.{domain}" == boxes.shown[SALE]
    (entry,) = world.context.journal.entries(world.dossier)
    assert ("address.chosen", "Anne") == (entry.what, entry.by_name)
    assert f"achats-acme@{domain}" == entry.values["after"]


def test_a_name_is_one_dossiers_only(world: World, other: Caller) -> None:
    """Another dossier's name is refused whole; the same one on ``out.`` is free."""
    addresses.choose(world.caller, PURCHASE, "acme", world.context)

    with pytest.raises(InvalidError) as refused:
        addresses.choose(other, PURCHASE, "ACME", world.context)

    assert ["address.taken"] == [one.code for one in refused.value.faults]
    assert f"{world.dossier} purchase" == routed(world, "acme")
    assert () == world.context.addresses.load(other.dossier).retired
    assert "" == world.context.addresses.load(other.dossier).purchase
    addresses.choose(other, SALE, "acme", world.context)
    assert f"{other.dossier} sale" == routed(world, "acme", out="out.")


def test_an_old_name_works_for_ninety_days_then_the_clock_frees_it(
    world: World, other: Caller
) -> None:
    """The agenda keeps the command; after it anybody may take the name."""
    addresses.choose(world.caller, PURCHASE, "acme", world.context)
    addresses.choose(world.caller, PURCHASE, "maison", world.context)
    assert f"{world.dossier} purchase" == routed(world, "acme")
    with pytest.raises(InvalidError):
        addresses.choose(other, PURCHASE, "acme", world.context)

    world.clock.time += KEPT
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()

    assert "" == routed(world, "acme")
    assert f"{world.dossier} purchase" == routed(world, "maison")
    assert [] == list(addresses.mailboxes(world.caller, world.context).retired)
    addresses.choose(other, PURCHASE, "acme", world.context)
    run(FreeAddress(dossier=world.dossier, local="acme", direction="purchase"), world.context)
    assert f"{other.dossier} purchase" == routed(world, "acme")


def test_a_name_taken_back_is_not_freed(world: World) -> None:
    """Its old command finds nothing to do."""
    for name in ("acme", "maison", "acme"):
        addresses.choose(world.caller, PURCHASE, name, world.context)

    world.clock.time += KEPT
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()

    assert f"{world.dossier} purchase" == routed(world, "acme")
    assert "" == routed(world, "maison")


def test_two_gerants_at_once_do_not_lose_a_name(world: World) -> None:
    """The book has a version: the second of two writers is told."""
    held = world.context.addresses.load(world.dossier)
    addresses.choose(world.caller, PURCHASE, "acme", world.context)

    with pytest.raises(StaleVersionError):
        world.context.addresses.save(held, take={"x@y.example": PURCHASE})

    assert world.context.store.mailbox("x@y.example") is None


def test_only_a_gerant_chooses(world: World) -> None:
    """Whoever may read sees the addresses; choosing is a gérant's."""
    reader = Caller(
        user="u2", name="", dossier=world.dossier, permissions=PERMISSIONS[Role.READER]
    )
    assert addresses.mailboxes(reader, world.context).shown
    with pytest.raises(ForbiddenError):
        addresses.choose(reader, PURCHASE, "acme", world.context)


def test_the_folders_of_other_software_are_aliases(world: World) -> None:
    """WE-17: compta+ and ventes+ before the dossier's address reach its two boxes, no other."""
    name = f"SIREN300000007@{world.context.inbound_domain}"
    assert (world.dossier, Direction.PURCHASE) == mailbox_of(f"Compta+{name}", world.context)
    assert (world.dossier, Direction.SALE) == mailbox_of(f"ventes+{name}", world.context)
    for other in (
        f"paie+{name}",
        f"compta+{name[1:]}",
        "compta+",
        f"+{name}",
        f"compta+compta+{name}",
    ):
        assert mailbox_of(other, world.context) is None
    world.receive(("f.xml", xml("F1")), to=f"compta+{name}")
    world.receive(("v.xml", xml("V1")), to=f"ventes+{name}", key="mail/2", message_id="m2@x.fr")
    assert ["F1"] == [one.summary.number for one in world.documents()]
    assert ["V1"] == [one.summary.number for one in world.documents(Direction.SALE)]
