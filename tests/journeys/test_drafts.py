"""What was typed over a document that moved meanwhile: what is put back stands where it was typed.

The pages are ours, answered in this process to a real browser: no platform is started.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.domain.candidate import LineRow
from facteur.domain.documents import Document, State
from facteur.ports import Changes
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect

from tests.emulator import Platform
from tests.services.world import build
from tests.web.browser import Browser
from tests.web.pages.test_document import _candidate, _form, _read, _set, _to_check

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "layers/core/python/facteur/web/static"
BUILT = ROOT / "build/static"
SITE = "http://facteur.test"
TABLE, CHAIR, SCREW = (
    LineRow(description=name, net=Decimal(net), vat_rate=Decimal(20))
    for name, net in (("Table", "200.00"), ("Chaise", "50.00"), ("Vis", "1.00"))
)
NET = "input[name='lines.1.net']"
SAVE = "button[form=fields][value=save]"


@pytest.fixture
def manager(platform: Platform) -> Browser:
    """The dossier's manager, signed in."""
    return Browser(build(platform)).sign_in()


@pytest.fixture
def page(browser: Chromium, manager: Browser) -> Iterator[Page]:
    """A browser before the manager's pages; an error of a script fails the test."""

    def answer(route: Route) -> None:
        asked = route.request
        path = asked.url.removeprefix(SITE)
        if path.endswith(".js"):
            name = path.rsplit("/", 1)[1]
            built = BUILT / (BUILT / "current").read_text("ascii").strip()
            folder = STATIC if (STATIC / name).exists() else built
            body = (folder / name).read_text("utf-8")
            return route.fulfill(body=body, content_type="text/javascript; charset=utf-8")
        if path.startswith("/static/") or not asked.url.startswith(SITE):
            return route.fulfill(status=404)
        sent = {
            name: one
            for name, one in asked.headers.items()
            if name == "content-type" or name.startswith("hx-")
        }
        reply = manager.request(asked.method, path, asked.post_data_buffer or b"", sent)
        return route.fulfill(status=reply.status, headers=dict(reply.headers), body=reply.body)

    context = browser.new_context(locale="fr-FR")
    context.set_default_timeout(10_000)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.route("**/*", answer)
    yield opened
    context.close()
    assert [] == problems


def _first_line_removed(manager: Browser, held: Document) -> None:
    """A colleague takes the first line out; the pipeline has checked the document again."""
    form = _form(manager.get(f"/factures/{held.id}"))
    sent = [(name, "" if name.startswith("lines.0.") else value) for name, value in form]
    saved = manager.post(f"/factures/{held.id}", [*_set(sent), ("action", "save")])
    assert saved.location.endswith("?fait=saved")
    head = manager.world.document(held.id)
    changes = Changes(document=replace(head, state=State.TO_CHECK), entries=())
    manager.world.context.store.commit(changes)


def _opened(page: Page, manager: Browser) -> Document:
    """A document of three lines, of which the second one's amount was typed over."""
    held = _to_check(manager, _candidate(lines=_read((SCREW, TABLE, CHAIR))))
    page.goto(f"{SITE}/factures/{held.id}")
    page.locator(NET).fill("220,00")
    _first_line_removed(manager, held)
    return held


def test_an_amount_typed_on_a_line_never_goes_to_another(page: Page, manager: Browser) -> None:
    """Told that the document moved, one goes on typing, then opens it again: the lines are its."""
    held = _opened(page, manager)
    page.locator(SAVE).click()
    expect(page.locator("#errors")).to_contain_text("Ce document a changé")
    page.locator("#f-number").fill("A-2")
    page.locator(NET).fill("230,00")
    page.goto(f"{SITE}/factures/{held.id}")

    expect(page.locator("#f-number")).to_have_value("A-2")
    expect(page.locator("input[name='lines.1.description']")).to_have_value("Chaise")
    expect(page.locator(NET)).to_have_value("50,00")
    expect(page.locator("#draft")).to_contain_text(
        "relisez-la, les lignes sont celles d’aujourd’hui,"
        " ce que vous y aviez saisi n’a pas été repris."
    )
    page.locator(NET).fill("55,00")  # today's lines: typed over, and found again
    page.reload()
    expect(page.locator(NET)).to_have_value("55,00")
    expect(page.locator("#draft")).not_to_contain_text("a changé")


def test_lines_that_are_not_put_back_are_told_even_alone(page: Page, manager: Browser) -> None:
    """Nothing else was typed: the page says what is not there; it says it once."""
    held = _opened(page, manager)
    page.goto(f"{SITE}/factures/{held.id}")

    expect(page.locator(NET)).to_have_value("50,00")
    expect(page.locator("#draft")).to_have_text(
        "Le document a changé entre-temps : les lignes sont celles d’aujourd’hui,"
        " ce que vous y aviez saisi n’a pas été repris. "
    )
    page.reload()
    expect(page.locator("#fields")).to_be_visible()
    expect(page.locator("#draft")).to_have_count(0)
