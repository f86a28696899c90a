"""A supplier corrected once, read right the next time; his bank account watched; his card."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import samples
from tests.journeys.conftest import Installation, new_page, sign_in
from tests.journeys.looking import looks, needs_axe
from tests.journeys.test_main_job import send, wait_for_row

pytestmark = pytest.mark.journey

TO = "SIREN300000007@factures.localhost"
IBAN, OTHER = "FR76 3000 6000 0112 3456 7890 189", "FR14 2004 1010 0505 0001 3M02 606"
SELLER = "Menuiserie Kervella"


def _page(number: str, *, day: str = "14/11/2026", iban: str = IBAN) -> bytes:
    """A joiner's PDF, whose number stands under words that no reader knows."""
    changes = {"FA-2026-0042": number, "Facture n°": "Nos repères", "14/11/2026": day, IBAN: iban}
    return samples.text_pdf(samples.invoice(changes))


def _receive(page: Page, installation: Installation, name: str, data: bytes) -> None:
    """Mail it, then open its page once it was read and checked."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    before = set(page.locator(".row-link").evaluate_all("all => all.map(one => one.id)"))
    send(installation, (f"{name}.pdf", data), to=TO, message_id=f"{name}@kervella.example")
    for _ in range(60):
        page.goto(f"{installation.site}/achats?onglet=toutes")
        rows = page.locator("tr[data-row]", has_text=SELLER).locator(".row-link")
        new = set(rows.evaluate_all("all => all.map(one => one.id)")) - before
        waiting = page.locator("tr[data-row]", has_text="en cours")
        if new and not waiting.count():
            page.locator(f"#{new.pop()}").click()
            page.locator("#f-number").wait_for()
            return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("tr[data-row]").all_inner_texts())


def _accept(page: Page, installation: Installation, number: str) -> None:
    page.get_by_role("button", name="Accepter et suivant").click()
    page.wait_for_load_state()
    wait_for_row(page, installation, "/archives", number)


def test_a_supplier_corrected_once_is_read_right_without_a_touch(
    page: Page, installation: Installation
) -> None:
    """Corrected and accepted, then the next mail reads right; the hint is removed on the card."""
    _receive(page, installation, "k1", _page("KV-26/118"))
    assert "KV-26/118" != page.locator("#f-number").input_value()
    page.locator("#f-number").fill("KV-26/118")
    page.locator(".actions-bar, .actions").get_by_role("button", name="Enregistrer").last.click()
    page.wait_for_load_state()
    _settled(page)
    _accept(page, installation, "KV-26/118")
    _learnt(page, installation, "Nos repères")

    _receive(page, installation, "k2", _page("KV-26/131", day="20/11/2026"))
    expect(page.locator("#f-number")).to_have_value("KV-26/131")
    expect(page.locator("body")).to_contain_text("Apprise de vos corrections")
    _accept(page, installation, "KV-26/131")

    _learnt(page, installation, "confirmé par une facture")
    expect(page.locator("#indices")).to_contain_text("N° de facture : à droite de « Nos repères »")
    page.locator("#indices").get_by_role("button", name="Oublier").first.click()
    expect(page.locator("#notices")).to_contain_text("C’est oublié")
    expect(page.locator("#indices")).not_to_contain_text("N° de facture")

    _receive(page, installation, "k3", _page("KV-26/140", day="21/11/2026"))
    assert "KV-26/140" != page.locator("#f-number").input_value()


def _settled(page: Page) -> None:
    """Wait until a corrected document was checked again."""
    for _ in range(60):
        page.reload()
        button = page.get_by_role("button", name="Accepter et suivant")
        if button.count() and button.is_enabled():
            return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("main").inner_text()[:2000])


def _learnt(page: Page, installation: Installation, text: str) -> None:
    """Open the joiner's card once it says so."""
    for _ in range(60):
        page.goto(f"{installation.site}/tiers?f_nom=kervella")
        links = page.locator("tr[data-row] .row-link")
        if links.count():
            links.first.click()
            page.locator("#indices").wait_for()
            if text in page.locator("#indices").inner_text():
                return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("main").inner_text()[:2000])


def test_a_changed_account_freezes_the_invoice_until_it_is_approved(
    page: Page, installation: Installation
) -> None:
    """The page says why and leads to the card; approved there, the invoice can be accepted."""
    _receive(page, installation, "k4", _page("KV-26/150", day="19/11/2026", iban=OTHER))
    expect(page.locator("#fiche")).to_contain_text("n’est pas celui que vous connaissez")
    document = page.url.split("?")[0]
    page.locator("#fiche").get_by_role("link", name="Voir le compte à approuver").click()
    page.locator("#iban").get_by_role("button", name="Approuver").click()
    expect(page.locator("#notices")).to_contain_text("IBAN approuvé")

    page.goto(document)
    expect(page.locator("body")).not_to_contain_text("n’est pas celui que vous connaissez")


@needs_axe
@pytest.mark.parametrize("width", [1280, 390])
def test_cards_read_well_at_both_widths(
    browser: Browser, installation: Installation, width: int
) -> None:
    """No serious fault for axe-core, and nothing wider than a phone."""
    page = new_page(browser, width=width)
    sign_in(page, installation)
    page.goto(f"{installation.site}/tiers/ajouter")
    page.locator("#p-name").fill(f"Zinguerie {width}")
    page.locator("#p-iban").fill(OTHER)
    page.get_by_role("button", name="Créer la fiche").click()
    page.locator("#indices").wait_for()
    card = urlsplit(page.url).path
    site = installation.site
    for address in ("/tiers", "/tiers?onglet=clients", card, f"{card}/fusionner",
                    "/tiers/ajouter", "/tiers/importer", "/aide/apprentissage"):  # fmt: skip
        page.goto(f"{site}{address}")
        looks(page, address)
    page.context.close()
