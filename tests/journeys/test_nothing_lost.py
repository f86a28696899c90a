"""What a person typed, chose or sent is never lost: conflicts, double clicks, a session that ends,
a network that goes; and lists stay in their frame."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.looking import looks

pytestmark = pytest.mark.journey

#: The longest that each column of a list holds.
_LONGEST = """() => {
  for (const row of document.querySelectorAll('.documents tbody tr')) {
    row.querySelector('time').textContent = 'il y a 59\\u00a0min';
    row.querySelector('td.num').textContent = '1\\u202f234\\u202f567,89\\u00a0€';
    row.querySelector('td.wide .sub').textContent = 'FACTURE-2026-0000123456-AB';
    row.querySelector('td.wider:not(:has(time))').textContent = '31/12/2026';
    row.querySelector('td.state .badge-state').lastChild.textContent = 'Acceptée, archivage en cours';
  }
}"""


def test_a_list_stays_in_its_card_at_every_width(page: Page, installation: Installation) -> None:
    """With the longest of each column: at the widths where columns come and go, and around."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    page.evaluate(_LONGEST)
    for width in (390, 700, 800, 899, 900, 1019, 1020, 1099, 1100, 1279, 1280, 1366, 1439, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        looks(page, f"{width} px")
