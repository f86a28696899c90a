"""Asking the directory about the very address that is written, and remembering what was chosen."""

from dataclasses import replace

import pytest
from facteur.domain.documents import Document
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.flows import DirectoryLine, LineStatus
from facteur.domain.parties import Party, Side
from facteur.domain.reach import Reachable, address_of, proposed
from facteur.ports import Changes
from facteur.services.platforms import reaching

from tests.services.fake_platforms import FakePlatform, FakePlatforms, connected
from tests.services.world import World, xml


@pytest.fixture
def pa(world: World) -> FakePlatform:
    return connected(world)


@pytest.fixture
def sale(world: World, pa: FakePlatform) -> Document:
    """A sale written to 123456782, whose customer has a card."""
    made = world.sell()
    card = Party(
        dossier=world.dossier, id="p1", side=Side.CUSTOMER, number="C1", name="Client",
        siren="123456782",
    )  # fmt: skip
    world.context.parties.save((card,), ())
    head = replace(made, buyer_address="123456782", party="p1")
    return world.context.store.commit(Changes(document=head))


def look(world: World, address: str = "123456782", **how: bool) -> Reachable:
    return reaching.look_up(world.dossier, address, world.context, **how).state


def test_green_needs_a_proof(world: World, pa: FakePlatform) -> None:
    """Enabled, disabled, absent, upcoming, a platform that says nothing: each its own word."""
    pa.line("123456782")
    pa.line("123456782_OLD", LineStatus.DISABLED)
    pa.line("123456782_SOON", LineStatus.UPCOMING)
    pa.line("123456782_MUTE", LineStatus.UNKNOWN)
    assert Reachable.ROUTABLE is look(world)
    assert Reachable.INACTIVE is look(world, "123456782_OLD")
    assert Reachable.INACTIVE is look(world, "123456782_SOON")
    assert Reachable.ROUTABLE is look(world, "123456782_MUTE")  # a WK line without status
    assert Reachable.ABSENT is look(
        world, "123456782_NONE"
    )  # its SIREN being there proves nothing
    pa.away = True
    assert Reachable.UNKNOWN is look(world, "123456782_NEW")


def test_an_answer_is_kept_a_day_and_ignorance_is_not(world: World, pa: FakePlatform) -> None:
    """With who said so and when; asked again on demand."""
    pa.line("123456782")
    look(world)
    look(world)
    assert 1 == len([one for one in pa.said if one.startswith("line ")])
    kept = reaching.look_up(world.dossier, "123456782", world.context)
    assert ("Super PDP", world.clock.now()) == (kept.source, kept.at)
    pa.directory.clear()
    assert Reachable.ROUTABLE is look(world)
    assert Reachable.ABSENT is look(world, again=True)
    world.clock.pass_(hours=25)
    pa.away = True
    assert Reachable.UNKNOWN is look(world)
    pa.away = False
    pa.line("123456782")
    assert Reachable.ROUTABLE is look(world)


def test_an_answer_about_another_address_is_no_answer(world: World, pa: FakePlatform) -> None:
    """D31: a platform that answers about the SIREN says nothing of the address."""
    pa.directory["123456782_X"] = DirectoryLine(
        address="123456782", siren="123456782", status=LineStatus.ENABLED
    )
    assert Reachable.UNKNOWN is look(world, "123456782_X")


def test_nobody_to_ask_is_unknown(world: World) -> None:
    """No connection at all."""
    world.with_(platforms=FakePlatforms(FakePlatform()))
    assert Reachable.UNKNOWN is look(world)


def test_several_lines_are_chosen_once(world: World, pa: FakePlatform, sale: Document) -> None:
    """PE-09: a suffix is never guessed; the customer's card remembers."""
    world.context.store.commit(Changes(document=replace(sale, buyer_address="123456782_FERMEE")))
    pa.line("123456782_ACHATS", name="Service achats")
    pa.line("123456782_TRAVAUX", routing_name="Travaux")
    shown = reaching.addresses(world.caller, sale.id, world.context)
    assert (2, "", Reachable.ABSENT) == (
        len(shown.lines),
        shown.proposed,
        shown.reach.state if shown.reach else None,
    )
    for wrong in ("", "pas une adresse", "552100554_ACHATS"):
        with pytest.raises(InvalidError):
            reaching.choose(world.caller, sale.id, wrong, world.context)
    reaching.choose(world.caller, sale.id, " 0225:123456782_ACHATS", world.context)
    assert (
        "123456782_ACHATS" == world.context.parties.party(world.dossier, "p1").electronic_address
    )
    again = reaching.addresses(world.caller, sale.id, world.context)
    assert ("123456782_ACHATS", Reachable.ROUTABLE) == (
        again.proposed,
        again.reach.state if again.reach else None,
    )


def test_a_purchase_has_no_address_to_look_up(world: World, pa: FakePlatform) -> None:
    """And another dossier's sale does not exist."""
    (purchase,) = world.receive(("f1.xml", xml("F1")))
    for name in (purchase.id, "nothing"):
        with pytest.raises(NotFoundError):
            reaching.addresses(world.caller, name, world.context)


def test_addresses_are_those_of_the_directory() -> None:
    """Scheme and spaces left out; anything else is none."""
    assert "123456782_A.b-c" == address_of(" 0225:123456782_A.b-c ")
    for wrong in ("12345678", "123456782_", "123456782/A", "123456782_é", "123456782\nX"):
        assert "" == address_of(wrong)


def test_the_proposed_line_is_the_chosen_the_written_the_company_s_or_the_only_one() -> None:
    """Never a guess among several."""

    def line(address: str, status: LineStatus = LineStatus.ENABLED) -> DirectoryLine:
        return DirectoryLine(address=address, siren="1", status=status)

    lines = (line("1_A"), line("1_B"), line("1_C", LineStatus.DISABLED))
    assert "" == proposed(lines, siren="1")
    assert "1_B" == proposed(lines, siren="1", chosen="1_B", written="1_A")
    assert "1_A" == proposed(lines, siren="1", chosen="1_C", written="1_A")
    assert "1" == proposed((*lines, line("1")), siren="1")
    assert "1_A" == proposed((lines[0], lines[2]), siren="1")
