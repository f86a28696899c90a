"""Files sent from a form's own page, straight to the storage: what it refuses is told by us."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Installation
from tests.journeys.looking import looks

pytestmark = pytest.mark.journey

PATH = "/tiers/importer?onglet=fournisseurs"
NAME = "liste.csv"
_TOO_LARGE = "<Error><Code>EntityTooLarge</Code><Message>Your proposed upload…</Message></Error>"


def _choose(page: Page, data: bytes) -> None:
    page.get_by_label("Fichier .xlsx ou .csv").set_input_files(
        {"name": NAME, "mimeType": "text/csv", "buffer": data}
    )


def _answered(status: int, body: str) -> Callable[[Route], None]:
    """A storage that answers this; ``status`` 0: nobody does."""

    def answer(route: Route) -> None:
        if not status:
            route.abort()
            return
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=status, body=body, headers=headers, content_type="application/xml")

    return answer


def test_a_file_too_large_is_told_beside_its_field_and_nothing_leaves(
    page: Page, installation: Installation
) -> None:
    """At once, in French, with both sizes; a smaller one takes its place and goes through."""
    page.goto(f"{installation.site}{PATH}")
    left: list[str] = []
    page.on("request", lambda one: left.append(one.url) if one.method == "POST" else None)
    _choose(page, b"x" * 2_200_000)
    told = page.locator("#file-fault")
    expect(told).to_have_text("Ce fichier fait 2,1 Mo : 1,9 Mo au plus.")
    looks(page, "too large")
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.locator("#file")).to_be_focused()
    assert [] == left
    page.set_viewport_size({"width": 390, "height": 844})
    looks(page, "too large, on a phone")

    _choose(page, b"Nom;SIREN\nAtelier Vermont;300010006\n")
    expect(told).to_be_hidden()
    page.get_by_role("button", name="Vérifier le fichier").click()
    page.wait_for_url("**/tiers/importer?*fichier=*")
    assert "<Code>" not in page.content()
    expect(page.get_by_role("link", name="Choisir un autre fichier")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, _TOO_LARGE, "Ce fichier est trop lourd : 1,9 Mo au plus."),
        (403, "<Error/>", "rechargez-la, puis recommencez"),
        (500, "<Error/>", "Le stockage n’a pas pris ce fichier"),
        (0, "", "vérifiez la connexion"),
    ],
)
def test_what_the_storage_refuses_comes_back_to_our_page(
    page: Page, installation: Installation, status: int, body: str, words: str
) -> None:
    """Never its own page: a sentence beside the field, and the file may be sent again."""
    page.goto(f"{installation.site}{PATH}")
    storage = str(page.locator("form[data-most]").get_attribute("action"))
    page.route(f"{storage.rstrip('/')}**", _answered(status, body))
    _choose(page, b"Nom;SIREN\nAtelier Vermont;300010006\n")
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.locator("#file-fault")).to_contain_text(words)
    assert page.url == f"{installation.site}{PATH}"
    page.unroute_all()
    page.get_by_role("button", name="Vérifier le fichier").click()
    page.wait_for_url("**/tiers/importer?*fichier=*")
