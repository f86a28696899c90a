"""Every page that a link leads to, at a phone's width: it opens, and nothing is cut."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Installation, new_page, sign_in

pytestmark = pytest.mark.journey

MOST = 120  # pages
#: What is no page, or changes something.
LEFT_ALONE = re.compile(
    r"/(deconnexion|modele|fichiers?|static|original|exporter|approbation|courriels-envoyes)"
    r"|\.(xml|pdf|zip|csv|xlsx|yaml|txt)$|jeton="
)
LOOK = """() => {
  const root = document.scrollingElement;
  const cut = [...document.querySelectorAll('input:not([type=hidden])')].filter(one =>
    /siret|siren|vat|iban|email/.test(one.name) && one.value && one.offsetWidth
    && one.scrollWidth > one.clientWidth + 1).map(one => one.name + '=' + one.value);
  return {
    over: root.scrollWidth - root.clientWidth,
    cut: cut,
    links: [...document.querySelectorAll('a[href]')].map(one => one.href),
  };
}"""


def _shape(address: str) -> str:
    """A page's kind: its path without identifiers, the tab it opens."""
    parts = urlsplit(address)
    path = re.sub(r"[0-9a-f]{20,}|[0-9a-z]{26}", "ID", parts.path)
    tabs = re.findall(r"(?:onglet|vue|code)=[a-z0-9-]+", parts.query)
    return "?".join((path, "&".join(tabs)))


def test_every_page_opens_and_fits_a_phone(browser: Browser, installation: Installation) -> None:
    """From link to link, the company's pages and the help: no dead end, nothing wider than the
    screen, no SIRET, VAT number, IBAN or address cut in its field."""
    page = new_page(browser, width=390, height=844)
    sign_in(page, installation)
    todo, seen, wrong = [f"{installation.site}/"], set[str](), []
    while todo and len(seen) < MOST:
        address = todo.pop(0).partition("#")[0]
        shape = _shape(address)
        if shape in seen or LEFT_ALONE.search(address):
            continue
        seen.add(shape)
        answer = page.goto(address)
        if answer is None or answer.status >= 400:
            wrong.append((address, answer.status if answer else None))
            continue
        looked = page.evaluate(LOOK)
        if looked["over"] > 1 or looked["cut"]:
            wrong.append((address, looked["over"], looked["cut"]))
        todo += [one for one in looked["links"] if one.startswith(installation.site)]
    page.context.close()

    assert wrong == []
    assert len(seen) > 60
