"""A file of two invoices, cut in a real browser into two documents (PE-04)."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import samples
from tests.journeys.conftest import Installation, new_page, sign_in
from tests.journeys.looking import looks, needs_axe
from tests.journeys.test_main_job import send, wait_for_row

pytestmark = pytest.mark.journey

TO = "SIREN300000007@factures.localhost"


def _lot(width: int = 0) -> bytes:
    """Five pages: an invoice on two, another on three."""
    series = f"FB-{width}" if width else "FA-2026"
    return samples.lot((f"{series}-7001", 2), (f"{series}-7002", 3))


def test_a_file_is_cut_between_its_pages_with_the_keyboard(
    page: Page, installation: Installation
) -> None:
    """Mailed, opened, said to be one invoice, then cut at page 3 after all, by the keyboard."""
    send(installation, ("lot.pdf", _lot()), to=TO, message_id="lot@fournisseur.example")
    wait_for_row(page, installation, "/achats?onglet=a-controler", "lot.pdf")
    page.locator("tr[data-row]", has_text="lot.pdf").locator(".row-link").click()
    page.get_by_role("button", name="C’est une seule facture").press("Enter")
    expect(page.locator("#proposition")).to_have_count(0)
    expect(page.locator(".cut input")).to_have_count(4)
    button = page.locator("#split button")
    expect(button).to_contain_text("Découper…")
    page.get_by_label("Nouvelle facture ici (à la page 3)").focus()
    page.keyboard.press("Space")
    expect(button).to_contain_text("Découper en 2 factures")
    page.keyboard.press("Enter")

    expect(page.locator(".split-result li")).to_have_count(2)
    expect(page.locator(".split-result")).to_contain_text("pages 3 à 5")
    page.get_by_role("button", name="Découper en 2 factures").press("Enter")
    links = page.locator("#parts a")
    expect(links).to_have_count(2)
    for place, (number, pages) in enumerate((("FA-2026-7001", 2), ("FA-2026-7002", 3))):
        expect(links.nth(place)).to_contain_text(number)
        links.nth(place).click()
        expect(page.locator(".sheet img")).to_have_count(pages)
        expect(page.locator(".sheet img").first).to_have_js_property("complete", value=True)
        expect(page.locator("#f-number")).to_have_value(number)
        page.locator(".part-of a").click()


def test_a_proposed_lot_is_cut_in_one_click(page: Page, installation: Installation) -> None:
    """Mailed, found among « À contrôler », shown invoice by invoice, confirmed: two documents."""
    send(installation, ("paquet.pdf", _lot(7)), to=TO, message_id="paquet@fournisseur.example")
    wait_for_row(page, installation, "/achats?onglet=a-controler", "paquet.pdf")
    page.locator("tr[data-row]", has_text="paquet.pdf").locator(".row-link").click()
    shown = page.locator("#proposition .lot-part")
    expect(shown).to_have_count(2)
    expect(shown.nth(0)).to_contain_text("FB-7-7001")
    expect(shown.nth(1)).to_contain_text("FB-7-7002")
    expect(shown.nth(1)).to_contain_text("pages 3 à 5")
    expect(page.locator("#accept")).to_be_disabled()
    page.get_by_role("button", name="Découper en 2 factures").click()
    expect(page.locator("#parts a")).to_have_count(2)


@needs_axe
@pytest.mark.parametrize("width", [1280, 390])
def test_cutting_reads_well_at_both_widths(
    browser: Browser, installation: Installation, width: int
) -> None:
    """No serious fault for axe-core, and nothing wider than a phone."""
    page = new_page(browser, width=width)
    sign_in(page, installation)
    mail = f"lot-{width}@fournisseur.example"
    send(installation, (f"lot-{width}.pdf", _lot(width)), to=TO, message_id=mail)
    wait_for_row(page, installation, "/achats?onglet=toutes", f"lot-{width}.pdf")
    page.locator("tr[data-row]", has_text=f"lot-{width}.pdf").locator(".row-link").first.click()
    page.locator("#proposition").wait_for()
    document = page.url.split("?")[0]
    for address in (document, f"{document}/decouper?cut=3", f"{document}/decouper"):
        page.goto(address)
        looks(page, address)
    page.context.close()
