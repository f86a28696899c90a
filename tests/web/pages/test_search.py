"""« Rechercher »: from the box of every page to the extract, in one's own dossier only."""

from dataclasses import replace
from decimal import Decimal

from facteur.domain.commands import IndexWords
from facteur.domain.documents import DocumentRef, State, Summary
from facteur.ports import Changes
from facteur.services.run import run

from tests.services.world import xml
from tests.web.browser import Browser, keep

HOSTILE = "<img src=x onerror=alert(1)>"


def _kept(browser: Browser, name: str, number: str, state: State = State.TO_ACCEPT) -> str:
    summary = Summary(
        kind="invoice", number=number, seller_name=name, total_incl_vat=Decimal("29.07")
    )
    made = keep(browser.world, state, summary=summary)
    command = IndexWords(dossier=made.dossier, document=made.id)
    run(command, browser.world.context)
    return made.id


def test_a_mail_s_invoice_is_found_by_its_words(manager: Browser) -> None:
    """Received, read, and found by its number and its supplier, without anything else to do."""
    (made,) = manager.world.receive(("facture.xml", xml("ZX-4242")))

    reply = manager.get("/recherche?q=zx-4242")
    assert reply.one("//a[@class='row-link']").get("href") == f"/factures/{made.id}"
    assert reply.one("//p[@class='extract']/mark").text == "ZX-4242"
    assert not manager.get("/recherche?q=zx-4243").page.xpath("//a[@class='row-link']")


def test_every_page_has_the_search_box(manager: Browser) -> None:
    """In the menu, named, sent by GET: it works without JavaScript."""
    form = manager.get("/").one("//form[@role='search']")
    assert form.get("action") == "/recherche"
    assert form.get("method") == "get"


def test_what_is_typed_and_found_stays_text(manager: Browser) -> None:
    """Neither the question nor a page's own words become markup."""
    _kept(manager, f"Bioburo {HOSTILE}", "2907")
    for query in ("bioburo", "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"):
        reply = manager.get(f"/recherche?q={query}")
        assert reply.status == 200
        assert not reply.page.xpath("//img[@onerror]")


def test_the_trash_and_nothing_are_said(manager: Browser) -> None:
    """A trashed document does not answer; an empty question asks for a word."""
    gone = _kept(manager, "Bioburo", "2907", State.TRASHED)
    assert manager.world.document(gone).state is State.TRASHED
    assert "Aucun document ne contient" in manager.get("/recherche?q=bioburo").text
    assert "au moins deux lettres" in manager.get("/recherche?q=%20-%20").text
    assert manager.get("/recherche").status == 200
    assert manager.get("/recherche?q=bioburo&apres=xxx").status == 400


def test_a_correction_is_found_at_once(manager: Browser) -> None:
    """Indexing again replaces what the document said before."""

    made = _kept(manager, "Bioburo", "2907")
    store = manager.world.context.store
    head = store.document(DocumentRef(manager.world.dossier, made))
    changed = replace(head, summary=replace(head.summary, seller_name="Vasseur"))
    store.commit(Changes(document=changed))
    run(IndexWords(dossier=head.dossier, document=made), manager.world.context)

    assert not manager.get("/recherche?q=bioburo").page.xpath("//a[@class='row-link']")
    assert manager.get("/recherche?q=vasseur").page.xpath("//a[@class='row-link']")
