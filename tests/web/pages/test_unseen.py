"""« Statuts reçus à voir »: the dashboard, the tab, and what ends the waiting."""

from facteur.domain.documents import Direction, Document
from facteur.domain.dossiers import Role
from facteur.domain.lifecycle.records import StatusReason

from tests.services.world import World
from tests.web.browser import Browser
from tests.web.pages.test_statuses import came, invoice

WHY = (StatusReason(code="QTE_ERR", comment="Deux cartons manquent."),)


def contested(world: World, **more: object) -> Document:
    """A sale of which a dispute was said, that nobody opened."""
    said = came("207", reasons=WHY)
    return invoice(world, said, direction=Direction.SALE, unseen=(said.id,), **more)


def waiting(world: World) -> tuple[str, ...]:
    return world.context.store.unseen(world.dossier, Direction.SALE)


def test_the_dashboard_and_the_list_lead_to_what_was_said(manager: Browser, world: World) -> None:
    """A counter per list that has some, a tab with its number, and why beside the invoice."""
    assert not manager.get("/").page.xpath('//*[@id="compteur-statuts-sale"]')
    assert not manager.get("/ventes").page.xpath('//*[@id="onglet-statuts"]')
    document = contested(world)

    (counter,) = manager.get("/").page.xpath('//*[@id="compteur-statuts-sale"]')
    assert "1 Statuts reçus à voir, ventes" == " ".join(counter.text_content().split()).replace(
        "1Statuts", "1 Statuts"
    )
    assert not manager.get("/").page.xpath('//*[@id="compteur-statuts-purchase"]')
    listed = manager.get("/ventes?onglet=statuts")
    assert listed.page.xpath(f'//*[@id="doc-{document.id}"]')
    assert "En litige : Quantité facturée incorrecte : « Deux cartons manquent. »" in listed.text
    assert "1" == listed.page.xpath('string(//*[@id="onglet-statuts"]//*[@class="count"])')
    empty = manager.get("/achats?onglet=statuts")
    assert "Aucun statut reçu à voir" in empty.text


def test_opening_the_invoice_ends_it_and_the_page_is_of_the_version_that_stands(
    manager: Browser, world: World
) -> None:
    """Seen by who opened it, in the history; the form acts on what is stored by then."""
    document = contested(world)
    assert 200 == manager.request("HEAD", f"/factures/{document.id}").status
    assert (document.id,) == waiting(world)  # a monitor saw nothing
    opened = manager.get(f"/factures/{document.id}")
    assert 200 == opened.status
    assert () == waiting(world)
    held = world.document(document.id)
    assert () == held.unseen
    assert "Ce qui a été dit de la facture a été vu" in opened.text
    again = manager.get(f"/factures/{document.id}")
    assert held.version == world.document(document.id).version
    assert 200 == again.status


def test_who_may_only_read_takes_nothing_away_from_who_must_act(
    manager: Browser, world: World
) -> None:
    """A reader opens it: it still waits for somebody who decides."""
    document = contested(world)
    reader = manager.as_role(Role.READER)
    assert 200 == reader.get(f"/factures/{document.id}").status
    assert "Tout marquer comme vu" not in reader.get("/ventes?onglet=statuts").text
    assert 403 == reader.post("/statuts-vus", {"document": document.id, "liste": "/ventes"}).status
    assert (document.id,) == waiting(world)


def test_a_whole_page_is_marked_as_seen_and_strangers_are_left_alone(
    manager: Browser, world: World
) -> None:
    """« Tout marquer comme vu »; what is not of this dossier is passed over."""
    contested(world)
    contested(world)
    shown = manager.get("/ventes?onglet=statuts")
    names = shown.page.xpath('//form[contains(@class,"seen-all")]//input[@name="document"]/@value')
    assert set(waiting(world)) == set(names)
    fields = [("liste", "/ventes"), *(("document", one) for one in (*names, "of-another", "a#b"))]
    gone = manager.post("/statuts-vus", fields)
    assert 303 == gone.status
    assert "onglet=statuts" in gone.location
    assert () == waiting(world)


def test_the_list_of_what_was_said_is_filtered_and_sorted(manager: Browser, world: World) -> None:
    """The same filters as elsewhere; a cursor that was made up is told."""
    first, second = contested(world), contested(world)
    found = manager.get("/ventes?onglet=statuts&tri=total").page
    order = found.xpath('//a[contains(@class,"row-link")]/@id')
    assert {f"doc-{first.id}", f"doc-{second.id}"} == set(order)
    assert not manager.get("/ventes?onglet=statuts&tiers=inconnu").page.xpath("//tr[@data-row]")
    assert 400 == manager.get("/ventes?onglet=statuts&apres=x").status
