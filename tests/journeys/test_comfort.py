"""What JavaScript adds to the pages: panel, shortcuts, second window, confirmations."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Installation

pytestmark = pytest.mark.journey


def _open_first(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.site}/achats?onglet=toutes")
    page.locator("tr[data-row] .row-link").first.click()
    page.locator("#viewer").wait_for()


def test_assistance_opens_over_the_page_and_keeps_it(
    page: Page, installation: Installation
) -> None:
    """A search while typing, an article, Escape: the page behind has not moved (JF-03)."""
    _open_first(page, installation)
    address = page.url
    page.locator("#assistance-button").click()
    search = page.locator("#assistance input[type=search]")
    expect(search).to_be_focused()
    search.press_sequentially("doublon")
    first = page.locator("#assistance .articles a").first
    expect(first).to_contain_text("Doublons")
    expect(page.locator("#assistance .articles a", has_text="Raccourcis")).to_have_count(0)
    first.click()
    expect(page.locator("#assistance article h2")).to_contain_text("Doublons")
    page.keyboard.press("Escape")

    expect(page.locator("#assistance")).to_be_hidden()
    expect(page.locator("#assistance-button")).to_be_focused()
    assert address == page.url


def test_shortcuts_work_outside_fields_and_can_be_switched_off(
    page: Page, installation: Installation
) -> None:
    """WCAG 2.1.4: one key does nothing while typing, nor once the reader said so."""
    page.goto(f"{installation.site}/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/achats")
    page.keyboard.press("j")
    expect(page.locator("tr[data-row] .row-link").first).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#viewer").wait_for()
    page.locator("#f-number").focus()
    page.keyboard.press("?")
    expect(page.locator("#raccourcis")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#raccourcis")).to_be_visible()
    page.locator("[data-shortcuts]").uncheck()
    page.get_by_role("button", name="Fermer", exact=True).click()
    page.keyboard.press("?")

    expect(page.locator("#raccourcis")).to_be_hidden()


def test_the_place_of_a_value_lights_up_both_ways(page: Page, installation: Installation) -> None:
    """Focus lights the box; a click on the box goes to the field; zoom keeps them together."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    page.get_by_role("link", name="Imprimerie des Quais").click()
    page.locator("#f-amount_due").focus()
    lit = page.locator(".box.on")
    expect(lit).to_have_attribute("data-field", "amount_due")
    page.get_by_role("button", name="Agrandir").click()
    expect(page.locator("[data-zoom-value]")).to_have_text("150 %")
    place, sheet = lit.bounding_box(), page.locator(".sheet img").first.bounding_box()
    assert place is not None
    assert sheet is not None
    assert sheet["x"] <= place["x"] <= sheet["x"] + sheet["width"]
    assert sheet["y"] <= place["y"] <= sheet["y"] + sheet["height"]
    page.locator(".box[data-field=number]").click()

    expect(page.locator("#f-number")).to_be_focused()


def test_the_second_window_follows_the_document(page: Page, installation: Installation) -> None:
    """The page in its own window goes where the form goes (PE-06)."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    links = page.eval_on_selector_all("tr[data-row] .row-link", "all => all.map(one => one.href)")
    page.goto(links[0])
    with page.context.expect_page() as opened:
        page.locator("[data-detach]").click()
    window = opened.value
    window.wait_for_url(f"{links[0]}/page")
    page.goto(links[1])
    window.wait_for_url(f"{links[1]}/page")


def test_a_wrong_date_comes_back_to_its_field(page: Page, installation: Installation) -> None:
    """What does not hold is listed, focused and linked; what was typed is still there."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    page.get_by_role("link", name="Imprimerie des Quais").click()
    page.locator("#f-due_date").fill("31/02/2026")
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.locator("#errors")).to_be_focused()
    page.locator("#errors").get_by_role("link", name="Échéance").click()

    expect(page.locator("#f-due_date")).to_be_focused()
    expect(page.locator("#f-due_date")).to_have_value("31/02/2026")
