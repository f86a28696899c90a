"""A sale that waits to be sent, on its page and in its list (JF-59)."""

import pytest
from facteur.domain.commands import AcceptDocument, ApplyStatus, SendInvoice
from facteur.domain.documents import Document, State
from facteur.domain.lifecycle.records import Side, StatusReason, StatusRecord
from facteur.services.run import run

from tests.services.fake_platforms import Compliant, connected
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


def test_accepting_says_that_it_waits_to_be_sent(manager: Browser) -> None:
    """The message does not say « en cours d’archivage » of what is archived once it is sent."""
    world = manager.world
    connected(world, rulebook=Compliant())
    sale = world.sell()
    form = {"version": str(sale.version), "action": "accept"}
    answer = manager.post(f"/factures/{sale.id}", form)
    assert "fait=accepted_to_send_last" in answer.location
    assert "elle reste à envoyer" in manager.get(answer.location).text


def test_the_dashboard_counts_what_waits_to_be_sent(manager: Browser, held: Document) -> None:
    """Its counter leads to the tab; it goes with the last of them."""
    assert held.id
    shown = manager.get("/").one("//*[@id='compteur-a-envoyer']")
    assert "1" == shown.xpath(".//*[@class='counter-number']")[0].text
    assert shown.get("href").endswith("/ventes?onglet=a-envoyer")
    manager.post(f"/factures/{held.id}/archiver-sans-envoyer", {"version": str(held.version)})
    manager.world.deliver()
    assert not manager.get("/").page.xpath("//*[@id='compteur-a-envoyer']")


def test_an_address_that_was_rejected_does_not_lose_the_number(
    manager: Browser, held: Document
) -> None:
    """A 213 for the address alone says to correct it, not to write another invoice (0248)."""
    world = manager.world
    run(SendInvoice(dossier=held.dossier, document=held.id, by="u1"), world.context)
    world.deliver()
    now = world.clock.now()
    record = StatusRecord(
        id="flow:super_pdp:213", code="213", set_at=now, recorded_at=now, side=Side.PLATFORM,
        reasons=(StatusReason(code="DEST_INC"),),
    )  # fmt: skip
    run(ApplyStatus(dossier=held.dossier, document=held.id, record=record), world.context)
    world.deliver()
    shown = manager.get(f"/factures/{held.id}").text
    assert "Corriger et renvoyer" in shown
    assert "sous le même numéro" in shown
    assert "il faut en établir une autre" not in shown
    world.clock.pass_(minutes=1)
    again = SendInvoice(
        dossier=held.dossier, document=held.id, by="u1", address="0225:123456782_ACHATS"
    )
    run(again, world.context)
    world.deliver()
    page = manager.get(f"/factures/{held.id}").page
    attempts = page.xpath("//section[@aria-labelledby='b-sending']//ol/li")
    assert ["Transmise", "Rejetée (213)"] == [
        next(two for two in ("Rejetée (213)", "Transmise", "Prise") if two in one.text_content())
        for one in attempts
    ]
