"""The photo page, before a camera that films a sheet on a table (a video made by this test)."""

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, Playwright, Route, expect

from tests import samples
from tests.journeys.conftest import ARGUMENTS, Installation, sign_in
from tests.table_photos import photographed

pytestmark = pytest.mark.journey

PHONE = {"width": 390, "height": 844}
CONTROLLED = """new Promise((done) => {
  if (navigator.serviceWorker.controller) done();
  else navigator.serviceWorker.addEventListener("controllerchange", () => done());
})"""
#: What « Partager » does: the browser posts the files to the address of the manifest.
SHARE = """() => {
  const form = document.createElement("form");
  form.method = "post";
  form.enctype = "multipart/form-data";
  form.action = "/photo/partage";
  const input = document.createElement("input");
  input.type = "file";
  input.name = "files";
  const files = new DataTransfer();
  files.items.add(new File(["%PDF-1.4"], "partage.pdf", { type: "application/pdf" }));
  input.files = files.files;
  form.append(input);
  document.body.append(form);
  form.submit();
}"""
EMPTY, ARRIVING, HELD = 20, 10, 150  # frames, thirty a second: the film starts again at its end


def _frame(image: Image.Image) -> bytes:
    """A frame as Chromium's camera of files takes them: bare JPEG, sides of whole blocks."""
    out = io.BytesIO()
    image.resize((896, 1264)).save(out, "JPEG", quality=85)
    return out.getvalue()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table; a sheet that is laid on it; the sheet at rest."""
    sheet = samples.drawn_image(dpi=100)
    table = _frame(photographed(sheet, moved=(2.0, 2.0)).image)
    frames = [table] * EMPTY
    for step in range(ARRIVING, 0, -1):
        away = photographed(sheet, degrees=4 + step, moved=(0, step * 0.01), shade=0.7)
        frames.append(_frame(away.image))
    frames += [_frame(photographed(sheet, degrees=4, shade=0.7).image)] * HELD
    path = tmp_path_factory.mktemp("film") / "sheet.mjpeg"
    path.write_bytes(b"".join(frames))
    return path


@pytest.fixture
def phone(playwright: Playwright, film: Path, installation: Installation) -> Iterator[Page]:
    """A signed-in phone whose camera films the sheet; script errors fail the test."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS, *camera])
    context: BrowserContext = browser.new_context(
        viewport=PHONE, locale="fr-FR", permissions=["camera"], has_touch=True
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    sign_in(page, installation)
    yield page
    browser.close()
    assert [] == problems


def _open(page: Page, installation: Installation) -> None:
    """The page as its user finds it: the « + » of the purchases; ready for the loss of network."""
    page.goto(f"{installation.site}/achats")
    page.get_by_role("link", name="Photographier une facture").click()
    page.get_by_role("heading", name="Photographier une facture").wait_for()
    page.evaluate(CONTROLLED)


def _shots(page: Page, count: int) -> None:
    expect(page.locator("#shots li")).to_have_count(count, timeout=30_000)


def _sent(page: Page) -> str:
    """Wait until everything left; the link of the newest document."""
    newest = page.locator("#items li").first
    expect(newest).to_have_attribute("data-state", "sent", timeout=60_000)
    return newest.get_by_role("link", name="Ouvrir le document").get_attribute("href") or ""


def _by_hand(page: Page) -> None:
    """No more automatic shots; one that comes just now moves the page under the click."""
    box = page.get_by_label("Déclencher seul")
    for _try in range(3):
        with contextlib.suppress(Error):
            box.uncheck(timeout=5_000)
            return
    box.uncheck()


def test_the_sheet_is_framed_in_green_and_taken_by_itself(
    phone: Page, installation: Installation
) -> None:
    """Nobody touches anything: the frame turns green, the page is there; it becomes a document."""
    _open(phone, installation)
    expect(phone.locator("#view.steady")).to_be_visible(timeout=30_000)
    _shots(phone, 1)
    _by_hand(phone)
    expect(phone.get_by_role("img", name="Photo de la page 1")).to_be_visible()

    phone.get_by_role("button", name="Envoyer").click()
    expect(phone.locator("#problem")).to_contain_text("quel document")
    phone.get_by_label("Avoir").check()
    phone.get_by_role("button", name="Envoyer").click()
    address = _sent(phone)

    phone.goto(f"{installation.site}{address}")
    phone.locator("#viewer .sheet img").first.wait_for(timeout=120_000)
    expect(phone.locator(".doc-meta")).to_contain_text("Photo")
    phone.locator("#plus summary").click()
    expect(phone.get_by_label("Type indiqué")).to_have_value("credit_note")
    phone.get_by_label("Type indiqué").select_option("invoice")
    phone.get_by_role("button", name="Garder ce type").click()
    phone.locator("#plus summary").click()
    expect(phone.get_by_label("Type indiqué")).to_have_value("invoice")


def test_a_network_that_leads_nowhere_is_told_like_none(
    phone: Page, installation: Installation
) -> None:
    """The device says that it is connected and nobody answers: the page says what happens to the
    photos, and stops saying it once somebody answers."""
    _open(phone, installation)
    expect(phone.locator("#network")).to_be_hidden()
    phone.route("**/photo/session", lambda route: route.abort())
    phone.reload()
    expect(phone.locator("#network")).to_be_visible()
    phone.unroute("**/photo/session")
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.locator("#network")).to_be_hidden()


def test_without_a_network_nothing_is_lost_and_nothing_arrives_twice(
    phone: Page, installation: Installation
) -> None:
    """Taken, closed, opened and sent offline; it leaves when the network is back, once."""
    _open(phone, installation)
    _shots(phone, 1)
    _by_hand(phone)
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.locator("#network")).to_be_visible()
    _by_hand(phone)
    expect(phone.locator("#shots li")).not_to_have_count(0)
    phone.get_by_label("Facture d’achat").check()
    phone.get_by_role("button", name="Envoyer").click()
    waiting = phone.locator("#items li").first
    expect(waiting).to_have_attribute("data-state", "waiting")
    phone.reload()
    expect(waiting).to_have_attribute("data-state", "waiting")

    # The storage takes the file, but its answer is lost on the way: it will be sent again.
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    emulator = f"**://127.0.0.1:{installation.emulator}/**"
    phone.context.route(emulator, lose)
    phone.context.set_offline(False)
    address = _sent(phone)

    assert lost
    identifier = address.rsplit("/", 1)[-1]
    phone.goto(f"{installation.site}{address}")
    phone.locator("#viewer .sheet img").first.wait_for(timeout=120_000)
    phone.goto(f"{installation.site}/achats?onglet=toutes")
    expect(phone.locator(f"a[href$='{identifier}']")).to_have_count(1)
    phone.goto(f"{installation.site}/photo")
    expect(phone.locator("#items li[data-state=waiting]")).to_have_count(0)


def test_several_pages_make_one_document_in_the_order_chosen(
    phone: Page, installation: Installation
) -> None:
    """By hand: two shots, a third deleted, the order changed, one document of two pages."""
    _open(phone, installation)
    _by_hand(phone)
    while phone.locator("#shots li").count():
        phone.get_by_role("button", name="Supprimer la page 1").click()
    for count in (1, 2, 3):
        phone.get_by_role("button", name="Prendre la photo").click()
        _shots(phone, count)
    phone.get_by_role("button", name="Supprimer la page 3").click()
    _shots(phone, 2)
    first = phone.locator("#shots img").first.get_attribute("src")
    phone.get_by_role("button", name="Descendre la page 1").click()
    expect(phone.locator("#shots img").nth(1)).to_have_attribute("src", first or "")
    phone.get_by_role("button", name="Reprendre la page 2").click()
    phone.get_by_role("button", name="Prendre la photo").click()
    expect(phone.locator("#shots img").nth(1)).not_to_have_attribute("src", first or "")
    phone.get_by_label("Autre document").check()
    phone.get_by_role("button", name="Envoyer les 2 pages").click()
    address = _sent(phone)

    phone.goto(f"{installation.site}{address}")
    expect(phone.locator("#viewer .sheet img")).to_have_count(2, timeout=120_000)


def test_it_installs_and_takes_what_other_applications_share(
    phone: Page, installation: Installation
) -> None:
    """The browser finds nothing missing to install it; a shared file waits as a page."""
    _open(phone, installation)
    _by_hand(phone)
    asked = phone.context.new_cdp_session(phone).send("Page.getInstallabilityErrors")
    missing = [one["errorId"] for one in asked["installabilityErrors"]]
    assert [one for one in missing if one != "in-incognito"] == []

    while phone.locator("#shots li").count():
        phone.get_by_role("button", name="Supprimer la page 1").click()
    with phone.expect_navigation():
        phone.evaluate(SHARE)
    _by_hand(phone)
    expect(phone.locator("#shots")).to_contain_text("partage.pdf")


def test_the_page_is_accessible_and_works_without_scripts(
    phone: Page, installation: Installation
) -> None:
    """axe finds nothing to say; without scripts, a form takes the photo."""
    _open(phone, installation)
    _shots(phone, 1)
    axe = Path(__file__).resolve().parents[2] / "assets/node_modules/axe-core/axe.min.js"
    found = phone.evaluate(f"{axe.read_text('utf-8')}; axe.run()")
    assert [] == [one["id"] for one in found["violations"]]

    bare = phone.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, storage_state=phone.context.storage_state(), viewport=PHONE
    )
    page = bare.new_page()
    page.goto(f"{installation.site}/photo")
    page.get_by_role("link", name="prendre ou choisir une photo").click()
    expect(page.locator("input[type=file][capture=environment]")).to_be_visible()
    bare.close()
