"""« Sur Facteur »: the cards of a SIREN say so once it has a dossier, in every dossier (JF-23)."""

import pytest
from facteur.domain.parties import Side
from facteur.ports import Company
from facteur.services.parties import book
from facteur.services.people import dossiers, hosting

from tests.services.world import World

SIREN = "732829320"


def _create(world: World, siren: str, name: str) -> None:
    dossiers.create(Company(siren=siren, name=name), None, world.context)


def _marked(world: World) -> dict[str, bool]:
    page = book.listed(world.caller, Side.SUPPLIER, world.context)
    return {one.name: one.hosted for one in page.parties}


@pytest.mark.parametrize("at_once", [1, 200])
def test_cards_are_marked_when_their_company_joins(
    world: World, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """In the list, without anybody opening the card, however many dossiers there are before."""
    monkeypatch.setattr(hosting, "MOST_AT_ONCE", at_once)
    for siren, name in ((SIREN, "Ovalia"), ("552100554", "Autre")):
        typed = {"name": name, "siren": siren}
        book.add(world.caller, Side.SUPPLIER, typed, world.context)
    assert {"Ovalia": False, "Autre": False} == _marked(world)

    _create(world, SIREN, "Ovalia SAS")
    world.deliver()
    assert {"Ovalia": True, "Autre": False} == _marked(world)
