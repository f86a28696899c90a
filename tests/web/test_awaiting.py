"""A sale that waits to be sent, on its page and in its list (JF-59)."""

import pytest
from facteur.domain.commands import AcceptDocument
from facteur.domain.documents import Document, State
from facteur.services.run import run

from tests.services.platforms import Compliant, connected
from tests.web.browser import Browser


@pytest.fixture
def held(manager: Browser) -> Document:
    """An accepted sale of a dossier that a platform serves."""
    world = manager.world
    connected(world, rulebook=Compliant())
    sale = world.sell()
    run(
        AcceptDocument(dossier=sale.dossier, document=sale.id, version=sale.version, by="u1"),
        world.context,
    )
    world.deliver()
    return world.document(sale.id)


def test_what_waits_to_be_sent_is_in_sight_and_says_what_to_do(
    manager: Browser, held: Document
) -> None:
    """Its own tab, its state, the two acts; the page is not polled for ever."""
    listed = manager.get("/ventes?onglet=a-envoyer")
    assert "V1" in listed.text
    assert "Acceptée, à envoyer" in listed.text
    shown = manager.get(f"/factures/{held.id}")
    assert not shown.page.xpath("//*[@id='waiting']")
    buttons = [one.text_content().strip() for one in shown.page.xpath("//main//button")]
    assert {"Envoyer par la plateforme", "Archiver sans envoyer"} <= set(buttons)
    assert "Sera archivée une fois envoyée" in shown.text
    assert "À envoyer" not in manager.get("/achats").text


def test_it_is_archived_without_being_sent_in_a_click(manager: Browser, held: Document) -> None:
    """The form as the page gives it; the second time the page is out of date."""
    path = f"/factures/{held.id}/archiver-sans-envoyer"
    form = {"version": str(held.version)}
    assert 303 == manager.post(path, form).status
    manager.world.deliver()
    assert State.ARCHIVED is manager.world.document(held.id).state
    after = manager.get(f"/factures/{held.id}").text
    assert "À archiver sans être envoyée d’ici" in after
    assert "Archiver sans envoyer" not in after
    assert 409 == manager.post(path, form).status
