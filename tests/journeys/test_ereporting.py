"""E-reporting in a browser: what is due when, a sale and its payment, sent, corrected, mended.

The test platform plays the State: 300 for what it takes, 301 for what it is told to reject.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from facteur.adapters.system import SystemClock
from facteur.domain.invoice import Address, Invoice, Party
from facteur.domain.paris import paris
from facteur.local.demo import ereporting as demo
from facteur.local.emulator import free_port
from playwright.sync_api import Browser, expect

from tests.journeys import two_houses
from tests.journeys.conftest import Installation, new_page, sign_in
from tests.journeys.looking import looks
from tests.journeys.two_houses import House, plain, until

pytestmark = pytest.mark.journey

PATH = "/ventes/e-reporting"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of its own: its dossier gets connected to the test platform."""
    data = tmp_path_factory.mktemp("ereporting") / "data"
    one = Installation(
        data=data, web=free_port(), smtp=free_port(), emulator=free_port(),
        more=("--sandbox-port", str(free_port())),
    )  # fmt: skip
    one.start()
    one.wait_for("secret  ", 90)
    yield one
    one.stop()


@pytest.fixture
def seller(own: Installation, browser: Browser, tmp_path: Path) -> Iterator[House]:
    """The demonstration's dossier before a browser."""
    page, problems = new_page(browser), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    sign_in(page, own)
    yield House(own, page, "", *two_houses.SELLER, tmp_path, problems)
    page.context.close()
    assert [] == problems


def service(number: str, day: date) -> Invoice:
    """A service that was sold to a consumer: its VAT is due when it is paid."""
    sample = next(one for one in demo.sales(day) if one.process == "S1")
    buyer = Party(name="Nadia Colin", address=Address(city="Dijon", country="FR"))
    return replace(sample, number=number, issue_date=day, due_date=day, buyer=buyer)


def shows(seller: House, name: str, *words: str) -> str:
    """Open a period until it says these words; all that it says."""

    def there() -> str:
        seller.page.goto(f"{seller.site}{PATH}/{name}")
        text = plain(seller.page.locator("main").inner_text())
        return text if all(one in text for one in words) else ""

    return until(there, f"{name}: {words}")


def stands(seller: House, name: str, state: str) -> None:
    """Open a period until its file stands so; what stood before it does not count."""

    def there() -> bool:
        seller.page.goto(f"{seller.site}{PATH}/{name}")
        return state in plain(seller.page.locator("#e-state").inner_text())

    until(there, f"{name}: {state}")


def test_a_month_is_sold_paid_sent_and_corrected(
    seller: House, own: Installation, browser: Browser
) -> None:
    """Due when; sent and taken; a late sale makes it wrong, a correction (RE) replaces it."""
    today, page = paris(SystemClock().now()).date(), seller.page
    last = demo.month(today, 1)
    sales, paid = demo.series(today, 1), demo.series(today, 1).replace("transactions", "payments")
    due = demo.month(today, -1) - timedelta(days=1)
    shows(seller, sales, "À envoyer", f"{due:%d/%m/%Y}", "6 lignes")

    seller.drop_sale(service("S-1", last + timedelta(days=19)))
    seller.say("Inscrire un paiement")
    page.get_by_label("Date", exact=False).first.fill((last + timedelta(days=20)).isoformat())
    seller.confirm_payment()
    page.goto(f"{seller.site}{PATH}")
    page.get_by_role("button", name="Vérifier maintenant").click()
    shows(seller, sales, "7 lignes", "S-1")
    shows(seller, paid, "2 lignes", "360,00 € TTC")
    page.goto(f"{seller.site}/")
    expect(page.locator("#e-reporting")).to_contain_text(f"avant le {due:%d/%m/%Y}")

    printed = own.log.read_text("utf-8", "replace")
    named = dict(re.findall(r"^ +(identifiant|secret) +(\S+)$", printed, re.MULTILINE))
    seller.connect(named["identifiant"], named["secret"])
    own.wait_for("un mois rejeté à corriger", 120)
    shows(seller, demo.series(today, 2), "Déposée à l’administration", "scellé jusqu’au")

    shows(seller, sales, "7 lignes")
    page.get_by_role("button", name="Envoyer par Plateforme de test").click()
    shows(seller, sales, "Déposée à l’administration", "message de l’administration (300)")
    seller.photo("1-deposee")

    seller.drop_sale(service("S-2", last + timedelta(days=21)))
    page.goto(f"{seller.site}{PATH}")
    page.get_by_role("button", name="Vérifier maintenant").click()
    shows(seller, sales, "À rectifier")
    page.get_by_role("button", name="Rectifier").click()
    shows(seller, sales, "Rectification (RE)", "8 lignes", "À envoyer")
    page.get_by_role("button", name="Envoyer par Plateforme de test").click()
    stands(seller, sales, "Déposée à l’administration")
    shows(seller, sales, "Rectification (RE)", "scellé jusqu’au", "Autres fichiers")
    looks(page)
    seller.photo("2-rectifiee")


def test_what_the_state_rejected_is_mended_and_sent_again(
    seller: House, own: Installation
) -> None:
    """The reason is said; a new file, a first one still, is taken."""
    today, page = paris(SystemClock().now()).date(), seller.page
    name = demo.series(today, 3)
    shows(seller, name, "Rejetée", "REJ_PER", "En retard")
    seller.photo("3-rejetee")
    page.get_by_role("button", name="Préparer un nouveau fichier").click()
    shows(seller, name, "À envoyer", "Première déclaration (IN)")
    page.get_by_role("button", name="Envoyer par Plateforme de test").click()
    stands(seller, name, "Déposée à l’administration")
    shows(seller, name, "Autres fichiers")


def test_what_another_tool_declared_is_said_and_taken_back(
    seller: House, own: Installation, browser: Browser
) -> None:
    """On a desktop and on a phone: the mention is made, shown, and taken back."""
    today, page = paris(SystemClock().now()).date(), seller.page
    paid = demo.series(today, 1).replace("transactions", "payments")
    shows(seller, paid, "À envoyer")
    page.get_by_text("Déclarée avec un autre outil ?").click()
    page.get_by_label("Avec quel outil, sous quelle référence").fill("Caisse du magasin, n° 12")
    page.get_by_role("button", name="Marquer « déclarée ailleurs »").click()
    shows(seller, paid, "Déclarée ailleurs", "Caisse du magasin, n° 12", "Camille Delorme")
    looks(page)
    seller.photo("4-ailleurs")
    page.get_by_role("button", name="Annuler cette mention").click()
    shows(seller, paid, "À envoyer", "2 lignes")

    phone = new_page(browser, width=390, height=800)
    sign_in(phone, own)
    for path in (PATH, f"{PATH}/{paid}", f"{PATH}/reglages", "/"):
        phone.goto(f"{seller.site}{path}")
        looks(phone)
    phone.goto(f"{seller.site}{PATH}")
    phone.screenshot(path=seller.photos / "5-telephone.png", full_page=True)
    phone.context.close()


def test_a_second_start_seeds_nothing_twice(own: Installation, browser: Browser) -> None:
    """The same periods, the same sales; nothing leaves again."""
    own.stop()
    own.start()
    page = new_page(browser)
    sign_in(page, own)
    page.goto(f"{own.site}/ventes?onglet=toutes")
    numbers = [one.number for one in demo.sales(paris(SystemClock().now()).date())]
    for number in numbers:
        expect(page.locator("tr[data-row]", has_text=number)).to_have_count(1)
    held = own.log.read_text("utf-8", "replace")
    assert 1 == held.count("un mois rejeté à corriger")
    page.context.close()
