"""What a person typed, chose or sent is never lost: conflicts, double clicks, a session that ends,
a network that goes; and lists stay in their frame."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys import week
from tests.journeys.conftest import Installation, new_page
from tests.journeys.looking import looks

pytestmark = pytest.mark.journey

PATIENCE = 120_000
READ = "body:has(#viewer):not(:has(#waiting))"
DRAFTS = "Object.keys(sessionStorage).filter((name) => name.startsWith('facteur.saisie'))"

#: The longest that each column of a list holds, in each row that has the cell; how many have all.
_LONGEST = """() => {
  const longest = {
    'time': 'il y a 59\\u00a0min',
    'td.num': '1\\u202f234\\u202f567,89\\u00a0€',
    'td.wide .sub': 'FACTURE-2026-0000123456-AB',
    'td.wider:not(:has(time))': '31/12/2026',
    'td.state .badge-state': 'Acceptée, archivage en cours',
  };
  const whole = (row) => Object.entries(longest).map(([cell, words]) => {
    const held = row.querySelector(cell);
    const text = cell.includes('badge') ? held?.lastChild : held;
    if (text) text.textContent = words;
    return text;
  }).every(Boolean);
  return [...document.querySelectorAll('.documents tbody tr')].map(whole).filter(Boolean).length;
}"""


def test_a_list_stays_in_its_card_at_every_width(page: Page, installation: Installation) -> None:
    """With the longest of each column: at the widths where columns come and go, and around."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    assert page.evaluate(_LONGEST) > 0
    for width in (390, 700, 800, 899, 900, 1019, 1020, 1099, 1100, 1279, 1280, 1366, 1439, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        looks(page, f"{width} px")


def _drop(page: Page, *names: str, seed: int) -> None:
    """Choose files on the list that is open."""
    page.set_input_files(
        "#upload-input",
        [
            {"name": name, "mimeType": "application/pdf", "buffer": week.another(seed + place)}
            for place, name in enumerate(names)
        ],
    )


def _sent(page: Page, installation: Installation, seed: int) -> str:
    """The address of an invoice that was just sent and read."""
    page.goto(f"{installation.site}/achats")
    _drop(page, "facture.pdf", seed=seed)
    link = page.locator("#uploads li a")
    link.wait_for(timeout=PATIENCE)
    address = f"{installation.site}{link.get_attribute('href')}"
    page.goto(address)
    page.locator(READ).wait_for(timeout=PATIENCE)
    return address


@pytest.fixture
def plain(browser: Browser, page: Page) -> Iterator[Page]:
    """The same person in a browser without scripts."""
    context: BrowserContext = browser.new_context(java_script_enabled=False, locale="fr-FR")
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_what_was_typed_in_a_second_tab_is_shown_beside_what_the_first_saved(
    page: Page, plain: Page, installation: Installation
) -> None:
    """With and without scripts; saved again, it stands."""
    address = _sent(page, installation, seed=901)
    for number, other in (("A-1", page.context.new_page()), ("A-2", plain)):
        other.goto(address)
        page.goto(address)
        page.locator("#f-number").fill(f"{number}-un")
        page.locator("button[form=fields][value=save]").click()
        page.locator(READ).wait_for(timeout=PATIENCE)
        other.locator("#f-number").fill(f"{number}-deux")
        other.locator("button[form=fields][value=save]").click()
        expect(other.locator("#errors")).to_contain_text("Ce document a changé")
        expect(other.locator("#e-number")).to_contain_text(f"« {number}-un »")
        expect(other.locator("#f-number")).to_have_value(f"{number}-deux")
        if other is not plain:
            looks(other, "conflict")
            other.set_viewport_size({"width": 390, "height": 844})
            looks(other, "conflict, phone")
        other.locator("button[form=fields][value=save]").click(force=True)
        other.wait_for_url("**/factures/*")
        page.goto(address)
        page.locator(READ).wait_for(timeout=PATIENCE)
        expect(page.locator("#f-number")).to_have_value(f"{number}-deux")


def test_a_session_that_ends_while_typing_loses_nothing(
    page: Page, installation: Installation
) -> None:
    """The page opens again after sign-in with what was typed; saved, or signed out, it is gone."""
    address = _sent(page, installation, seed=905)
    page.locator("#f-number").fill("PERDU-1")
    page.locator("#f-payment_terms").fill("À trente jours")
    page.context.clear_cookies()
    page.locator("button[form=fields][value=save]").click()
    page.get_by_label("Adresse e-mail").fill("demo@facteur.example")
    page.get_by_label("Mot de passe").fill(installation.demo["password"])
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(address)
    expect(page.locator("#draft")).to_contain_text("a été retrouvée")
    expect(page.locator("#f-number")).to_have_value("PERDU-1")
    expect(page.locator("#f-payment_terms")).to_have_value("À trente jours")
    looks(page, "draft")
    page.locator("button[form=fields][value=save]").click()
    page.locator(READ).wait_for(timeout=PATIENCE)
    expect(page.locator("#f-number")).to_have_value("PERDU-1")
    assert [] == page.evaluate(DRAFTS)

    page.locator("#f-number").fill("PERDU-2")
    page.reload()
    expect(page.locator("#f-number")).to_have_value("PERDU-2")
    page.locator("#draft [data-forget]").click()
    expect(page.locator("#f-number")).to_have_value("PERDU-1")
    assert [] == page.evaluate(DRAFTS)

    page.locator("#f-number").fill("PERDU-3")
    assert 1 == len(page.evaluate(DRAFTS))
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_label("Adresse e-mail").wait_for()
    assert [] == page.evaluate(DRAFTS)


def test_a_line_taken_away_is_still_away_after_a_reload(
    page: Page, installation: Installation
) -> None:
    """Rows are part of what was typed."""
    _sent(page, installation, seed=909)
    rows = page.locator(".row-lines:not(.row-new)")
    before = rows.count()
    assert before
    rows.first.locator("[data-remove]").click()
    page.reload()
    expect(page.locator("#draft")).to_be_visible()
    expect(page.locator(".row-lines:not(.row-new):visible")).to_have_count(before - 1)


def test_a_double_click_sends_once(page: Page, installation: Installation) -> None:
    """« Enregistrer » twice, as fast as a hand does: one request, one answer."""
    _sent(page, installation, seed=913)
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    page.locator("#f-number").fill("DEUX-FOIS")
    page.locator("button[form=fields][value=save]").dblclick()
    page.locator(READ).wait_for(timeout=PATIENCE)
    expect(page.locator("#f-number")).to_have_value("DEUX-FOIS")
    assert 1 == len(posts)


def test_a_network_that_goes_is_told_and_the_file_goes_on_later(
    page: Page, installation: Installation
) -> None:
    """In French, with « Réessayer »; leaving while files wait is asked for first."""
    page.goto(f"{installation.site}/achats")
    page.context.set_offline(offline=True)
    _drop(page, "hors-ligne.pdf", seed=917)
    failed = page.locator("#uploads .failed")
    expect(failed).to_contain_text("Pas de réseau")
    looks(page, "upload failed")
    page.set_viewport_size({"width": 390, "height": 844})
    looks(page, "upload failed, phone")
    page.context.set_offline(offline=False)
    failed.get_by_role("button", name="Réessayer : hors-ligne.pdf").click()
    expect(page.locator("#uploads li a")).to_have_text(
        "Reçu : ouvrir le document", timeout=PATIENCE
    )

    asked: list[str] = []
    page.on("dialog", lambda one: (asked.append(one.type), one.accept()))
    page.route("**/achats/deposer", lambda _route: None)  # never answered
    _drop(page, "en-route.pdf", seed=921)
    page.locator("h1").click()
    page.goto(f"{installation.site}/")
    assert ["beforeunload"] == asked


def test_a_session_that_ends_while_sending_is_told_and_the_file_goes_on(
    page: Page, installation: Installation
) -> None:
    """One signs in again in another tab; the file is still here and leaves then."""
    page.goto(f"{installation.site}/achats")
    page.context.clear_cookies()
    _drop(page, "session.pdf", seed=925)
    failed = page.locator("#uploads .failed")
    expect(failed).to_contain_text("Votre session est terminée")
    with page.context.expect_page() as opened:
        failed.get_by_role("link", name="Se reconnecter").click()
    other = opened.value
    other.get_by_label("Adresse e-mail").fill("demo@facteur.example")
    other.get_by_label("Mot de passe").fill(installation.demo["password"])
    other.get_by_role("button", name="Se connecter", exact=True).click()
    other.get_by_role("heading", name="Factures d’achat", level=1).wait_for()
    failed.get_by_role("button", name="Réessayer").click()
    expect(page.locator("#uploads li a")).to_have_text(
        "Reçu : ouvrir le document", timeout=PATIENCE
    )


def test_another_dossier_opened_elsewhere_takes_no_file(
    browser: Browser, installation: Installation
) -> None:
    """A firm's two tabs: the file stays here, with the name of the dossier that is open."""
    page = new_page(browser)
    page.goto(f"{installation.site}/")
    page.get_by_label("Adresse e-mail").fill("cabinet@facteur.example")
    page.get_by_label("Mot de passe").fill(installation.demo["firm_password"])
    page.get_by_role("button", name="Se connecter", exact=True).click()
    opened = page.context.new_page()
    names = []
    for one in (page, opened):
        one.goto(f"{installation.site}/dossiers")
        button = one.locator("main form button[type=submit]").nth(len(names))
        button.click()
        one.locator(".dossier-name").wait_for()
        names.append(one.locator(".dossier-name span").inner_text())
        one.goto(f"{installation.site}/achats")
    assert names[0] != names[1]
    _drop(page, "autre.pdf", seed=929)
    failed = page.locator("#uploads .failed")
    expect(failed).to_contain_text(f"Un autre dossier est ouvert dans ce navigateur ({names[1]})")
    expect(failed).to_contain_text(f"revenez à {names[0]}")
    page.context.close()
