"""A new user's week: ten files dropped at once, read, corrected where they must be, and learnt.

What is printed for sure is right; what is doubtful says so; what is no invoice never becomes one.
The second invoice of a corrected supplier is right without a touch.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import week
from tests.journeys.conftest import Installation, new_page, sign_in

pytestmark = pytest.mark.journey

#: Nothing is timed: a busy machine may take its time to read an image.
PATIENCE = 180_000

#: A real drop: the files as the browser hands them over when a hand lets them go.
DROP = """files => {
  const held = new DataTransfer();
  for (const one of files) {
    const bytes = Uint8Array.from(atob(one.data), sign => sign.charCodeAt(0));
    held.items.add(new File([bytes], one.name, {type: one.type}));
  }
  const event = new DragEvent("drop", {dataTransfer: held, bubbles: true, cancelable: true});
  document.body.dispatchEvent(event);
}"""

#: The page reloads itself while its document is read: both are looked at in one breath.
READY = "body:has(#viewer):not(:has(#waiting))"


@dataclass(frozen=True)
class Dropped:
    """What was dropped, by file name: its truth, and the address of its document."""

    items: dict[str, week.Item]
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def dropped(browser: Browser, installation: Installation) -> Iterator[Dropped]:
    """The ten files, dropped together on the purchases and read."""
    page = new_page(browser)
    sign_in(page, installation)
    items = week.week()
    found = _drop(page, installation, items)
    for name in found:
        _open(page, found[name])
    yield Dropped({one.name: one for one in items}, found)
    page.context.close()


def _drop(page: Page, installation: Installation, items: tuple[week.Item, ...]) -> dict[str, str]:
    """Let the files go over the page; the address of each one's document."""
    page.goto(f"{installation.site}/achats")
    files = [
        {
            "name": one.name,
            "type": one.media_type,
            "data": base64.b64encode(one.data).decode(),
        }
        for one in items
    ]
    page.evaluate(DROP, files)
    links = page.locator("#uploads li a")
    expect(links).to_have_count(len(items), timeout=PATIENCE)
    found = {}
    for row in page.locator("#uploads li").all():
        address = row.locator("a").get_attribute("href")
        found[row.locator(".upload-name").inner_text()] = f"{installation.site}{address}"
    return found


def _open(page: Page, address: str) -> None:
    """The document's page, once it was read and the rules have answered."""
    page.goto(address)
    page.locator(READY).wait_for(timeout=PATIENCE)


def _shown(page: Page, name: str) -> object:
    """What a field holds, as a value that compares."""
    text = page.locator(f"#f-{name}").input_value().replace("\u202f", "").replace("\u00a0", "")
    if name == "issue_date" and text:
        day, month, year = text.split("/")
        return date(int(year), int(month), int(day))
    if name.startswith("total"):
        return Decimal(text.replace(" ", "").replace(",", ".")) if text else None
    return text


def _true(name: str, value: object) -> object:
    return Decimal(str(value)) if name.startswith("total") else value


def _is_sure(page: Page, name: str) -> bool:
    """True when the field holds a value and no « à vérifier » beside it."""
    one = page.locator(".field", has=page.locator(f"#f-{name}"))
    return (
        bool(page.locator(f"#f-{name}").input_value()) and not one.locator(".unsure-mark").count()
    )


def _save(page: Page) -> None:
    """« Enregistrer », then wait until the rules have looked again."""
    # The page takes the word out of its address as soon as it runs: look before.
    with page.expect_navigation(url="**fait=saved*", wait_until="commit"):
        page.locator(".actions-bar").get_by_role("button", name="Enregistrer").click()
    _open(page, page.url.split("?")[0])


def _accept(page: Page, installation: Installation, text: str) -> None:
    """« Accepter et suivant », then wait for the archive."""
    page.get_by_role("button", name="Accepter et suivant").click()
    page.wait_for_load_state()
    for _ in range(PATIENCE // 500):
        page.goto(f"{installation.site}/archives")
        if page.locator("tr[data-row]", has_text=text).count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("main").inner_text()[:2000])


def test_each_of_ten_files_ends_as_what_it_is(
    page: Page, installation: Installation, dropped: Dropped
) -> None:
    """Invoice, ticket, credit note, payslip: the list says each one's kind, in words."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    for name, item in dropped.items.items():
        path = dropped.addresses[name].removeprefix(installation.site)
        row = page.locator("tr[data-row]", has=page.locator(f'a[href="{path}"]'))
        expect(row).to_have_count(1)
        expect(row).to_contain_text(item.kind)
        if "number" in item.truth:
            expect(row).to_contain_text(str(item.truth["number"]))


def test_what_is_sure_is_right_and_what_is_not_says_so(page: Page, dropped: Dropped) -> None:
    """No value without « à vérifier » is wrong; most are sure; the photograph has its doubts."""
    wrong, sure, unsure = [], 0, set()
    for name, item in dropped.items.items():
        if not item.truth:
            continue
        page.goto(dropped.addresses[name])
        for what, value in item.truth.items():
            if not _is_sure(page, what):
                unsure.add(name)
                continue
            sure += 1
            if _shown(page, what) != _true(what, value):
                wrong.append((name, what, _shown(page, what), value))
        if page.locator(".unsure-mark").count():
            unsure.add(name)
            expect(page.locator("#anomalies")).to_contain_text("Valeurs lues sans certitude")
    every = sum(len(item.truth) for item in dropped.items.values())

    assert [] == wrong
    assert sure >= 0.75 * every
    assert {"ticket.jpg", "photo.jpg"} <= unsure


def test_a_payslip_never_becomes_an_invoice(
    page: Page, installation: Installation, dropped: Dropped
) -> None:
    """Said to be a payslip, nothing read from it, it cannot be accepted."""
    page.goto(dropped.addresses["paie.pdf"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bulletin de paie")
    expect(page.locator("#anomalies")).to_contain_text("semble être un bulletin de paie")
    expect(page.locator("#f-total_incl_vat")).to_have_value("")
    expect(page.locator("#accept")).to_be_disabled()
    page.goto(f"{installation.site}/achats?onglet=a-accepter")

    expect(page.locator("tr[data-row]", has_text="paie.pdf")).to_have_count(0)


def test_a_file_of_two_invoices_is_cut_in_one_click(page: Page, dropped: Dropped) -> None:
    """Both are shown with their numbers; one click, and each is a document of its own."""
    page.goto(dropped.addresses["deux-factures.pdf"])
    shown = page.locator("#proposition .lot-part")
    expect(shown).to_have_count(2)
    for part, number in zip(shown.all(), week.lot_numbers(), strict=True):
        expect(part).to_contain_text(number)
    page.get_by_role("button", name="Découper en 2 factures").click()
    parts = page.locator("#parts a")
    expect(parts).to_have_count(2, timeout=PATIENCE)
    addresses = [one.get_attribute("href") for one in parts.all()]
    site = page.url.split("/factures")[0]
    for address, number in zip(addresses, week.lot_numbers(), strict=True):
        _open(page, f"{site}{address}")
        expect(page.locator("#f-number")).to_have_value(number)


def test_a_ticket_is_completed_in_a_few_gestures(
    page: Page, installation: Installation, dropped: Dropped
) -> None:
    """Two ticks and a word make an invoice of a till's strip, paid by card: nothing is due."""
    page.goto(dropped.addresses["ticket.jpg"])
    page.get_by_label("Je les ai toutes vérifiées").check()
    page.get_by_label("C’est notre entreprise").check()
    page.locator("#f-number").fill("TICKET-07156")
    expect(page.locator("#f-amount_due")).to_have_value("0,00")
    _save(page)
    expect(page.locator("#f-buyer_name")).to_have_value("Maison Delorme")
    _accept(page, installation, "TICKET-07156")


def test_a_supplier_corrected_once_is_right_the_next_time_and_his_account_is_watched(
    page: Page, installation: Installation, dropped: Dropped
) -> None:
    """His number typed once; his second invoice needs nothing; a new account raises its alert."""
    page.goto(dropped.addresses["ferronnier.pdf"])
    assert "FT-26/118" != page.locator("#f-number").input_value()
    page.locator("#f-number").fill("FT-26/118")
    everything = page.get_by_label("Je les ai toutes vérifiées")
    if everything.count():
        everything.check()
    _save(page)
    _accept(page, installation, "FT-26/118")
    _learnt(page, installation)

    second = week.Item("ferronnier-2.pdf", week.blacksmith("FT-26/131", day="18/11/2026"))
    address = _drop(page, installation, (second,))[second.name]
    _open(page, address)
    expect(page.locator("#f-number")).to_have_value("FT-26/131")
    assert _is_sure(page, "number")
    expect(page.locator("#accept")).to_be_enabled()

    data = week.blacksmith("FT-26/140", day="19/11/2026", iban=week.OTHER_IBAN)
    third = week.Item("ferronnier-3.pdf", data)
    _open(page, _drop(page, installation, (third,))[third.name])
    expect(page.locator("#f-number")).to_have_value("FT-26/140")
    expect(page.locator("#fiche")).to_contain_text("n’est pas celui que vous connaissez")
    expect(page.locator("#accept")).to_be_disabled()


def _learnt(page: Page, installation: Installation) -> None:
    """Wait until the supplier's card says what was learnt."""
    for _ in range(PATIENCE // 500):
        page.goto(f"{installation.site}/tiers?f_nom=talvas")
        links = page.locator("tr[data-row] .row-link")
        if links.count():
            links.first.click()
            page.locator("#indices").wait_for()
            if "Nos repères" in page.locator("#indices").inner_text():
                return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("main").inner_text()[:2000])
