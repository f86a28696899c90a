"""The main job in a real browser: mailed, read, valid, accepted, archived, verified."""

import json
import signal
import smtplib
import time
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from facteur.local import cli
from facteur.local.archives import examine_path
from facteur.local.emulator import free_port
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Installation, new_page, sign_in
from tests.journeys.looking import looks, needs_axe
from tests.services.world import xml

pytestmark = pytest.mark.journey

MENU = [
    "Tableau de bord",
    "Factures d’achat",
    "Factures de vente",
    "Clients & fournisseurs",
    "Applications complémentaires",
    "Archives",
    "Paramètres",
]
PAGES = (
    "/",
    "/achats",
    "/achats?onglet=toutes",
    "/achats/deposer",
    "/ventes",
    "/tiers",
    "/applications",
    "/archives",
    "/parametres",
    "/aide",
    "/accessibilite",
)


def send(installation: Installation, *files: tuple[str, bytes], to: str, message_id: str) -> None:
    """Mail files over the real SMTP listener."""
    message = EmailMessage()
    message["From"] = "compta@fournisseur.example"
    message["To"] = to
    message["Subject"] = "Votre facture"
    message["Message-ID"] = f"<{message_id}>"
    message.set_content("Bonjour")
    for name, data in files:
        kind = "pdf" if name.endswith(".pdf") else "xml"
        message.add_attachment(data, maintype="application", subtype=kind, filename=name)
    with smtplib.SMTP("127.0.0.1", installation.smtp, timeout=30) as server:
        server.send_message(message)


def rows(page: Page) -> list[str]:
    """The texts of a list's rows."""
    return page.locator("tr[data-row]").all_inner_texts()


def wait_for_row(page: Page, installation: Installation, path: str, text: str) -> str:
    """Reload a list until a row holds a text; that row."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.goto(f"{installation.site}{path}")
        found = [row for row in rows(page) if text in row]
        if found:
            return found[0]
        time.sleep(0.5)
    raise AssertionError([text, *rows(page)])


def test_the_two_mailed_invoices_are_read_valid_and_acceptable(
    page: Page, installation: Installation
) -> None:
    """What a new user sees first: a text PDF and a Factur-X, both waiting for him."""
    page.goto(f"{installation.site}/achats?onglet=a-accepter")
    shown = " ".join(rows(page))

    assert 2 == len(rows(page))
    assert "Imprimerie des Quais" in shown
    assert "Atelier Vasseur" in shown
    assert "1\u202f020,30\u00a0€" in shown or "1 020,30" in shown.replace("\u202f", " ")
    for name in MENU:
        expect(page.get_by_role("navigation", name="Menu principal")).to_contain_text(name)


def test_a_field_shows_where_it_was_read_and_accepting_archives(
    page: Page, installation: Installation, tmp_path: Path
) -> None:
    """Focus lights the box on the page; accepting goes to the next; the archive verifies."""
    page.goto(f"{installation.site}/achats?onglet=a-accepter")
    page.get_by_role("link", name="Imprimerie des Quais").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("0417")
    page.locator("#f-number").focus()
    expect(
        page.locator(".viewer .box.on, .viewer .is-on, .viewer [data-on]").first
    ).to_be_visible()
    page.get_by_role("button", name="Accepter et suivant").click()
    page.get_by_role("link", name="Archives").first.click()
    row = wait_for_row(page, installation, "/archives", "Imprimerie des Quais")
    assert "À récupérer" in row

    page.goto(f"{installation.site}/archives")
    page.locator("input[name=document]").first.check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger la sélection").click()
    target = tmp_path / "archive.zip"
    download.value.save_as(target)

    assert all(one.intact for one in examine_path(target))
    assert 0 == cli.main(["verify", str(target)])


def test_a_broken_file_goes_to_quarantine_and_the_next_goes_through(
    page: Page, installation: Installation
) -> None:
    """NO-02, by mail: one mail, a damaged PDF and a good invoice."""
    send(
        installation,
        ("abime.pdf", b"%PDF-1.4 oops"),
        ("bonne.xml", xml("J-1")),
        to="siren300000007@factures.localhost",
        message_id="broken@x.example",
    )
    row = wait_for_row(page, installation, "/achats?onglet=quarantaine", "abime.pdf")
    assert "Rejouer" in row
    wait_for_row(page, installation, "/achats?onglet=a-accepter", "J-1")


def test_files_dropped_on_the_page_are_uploaded_with_their_progress(
    page: Page, installation: Installation
) -> None:
    """Two files by the button: straight to the bucket, then in the list."""
    page.goto(f"{installation.site}/achats")
    page.locator("#upload-input").set_input_files(
        [
            {"name": "depot-1.xml", "mimeType": "text/xml", "buffer": xml("D-1")},
            {"name": "depot-2.xml", "mimeType": "text/xml", "buffer": xml("D-2")},
        ]
    )
    expect(page.locator("#uploads li")).to_have_count(2)
    wait_for_row(page, installation, "/achats?onglet=a-accepter", "D-1")
    wait_for_row(page, installation, "/achats?onglet=a-accepter", "D-2")


def test_a_double_is_marked_and_cannot_be_accepted(page: Page, installation: Installation) -> None:
    """JF-40, JF-41 in the browser: banner, comparison, then « ce n'est pas un doublon »."""
    for name in ("a", "b"):
        send(
            installation,
            ("double.xml", xml("DBL-1")),
            to="SIREN300000007@factures.localhost",
            message_id=f"double-{name}@x.example",
        )
    wait_for_row(page, installation, "/achats?onglet=a-accepter", "Doublon possible")
    page.locator("tr[data-row]", has_text="Doublon possible").locator(".row-link").first.click()
    expect(page.get_by_text("Cette facture semble être un doublon.")).to_be_visible()
    expect(page.get_by_role("button", name="Accepter et suivant")).to_be_disabled()
    page.get_by_role("link", name="Comparer").click()
    page.go_back()
    page.get_by_role("button", name="Ce n’est pas un doublon").click()
    expect(page.get_by_role("button", name="Accepter et suivant")).to_be_enabled()


def test_a_program_uploads_with_the_dossiers_key(installation: Installation) -> None:
    """POST /api/v1/documents gives the presigned form; the file becomes a document."""
    data = xml("API-1")
    body = json.dumps(
        {
            "filename": "api.xml",
            "media_type": "text/xml",
            "size": len(data),
            "direction": "purchase",
        }
    ).encode()
    request = Request(
        f"{installation.site}/api/v1/documents",
        data=body,
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {installation.demo['api_key']}",
        },
    )
    with urlopen(request) as answer:
        form = json.loads(answer.read())
        assert 201 == answer.status
    boundary = "frontiere"
    start = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [
        f'{start}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in form["fields"].items()
    ]
    parts.append(
        f'{start}"file"; filename="api.xml"\r\nContent-Type: text/xml\r\n\r\n'.encode()
        + data
        + f"\r\n--{boundary}--\r\n".encode()
    )
    post = Request(
        form["url"],
        data=b"".join(parts),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urlopen(post) as answer:
        assert answer.status in (200, 201, 204)
    request.data = None
    request.method = "GET"
    deadline = time.monotonic() + 60
    listed = ""
    while "API-1" not in listed and time.monotonic() < deadline:
        with urlopen(request) as answer:
            listed = answer.read().decode()
        time.sleep(0.3)
    assert "API-1" in listed
    with pytest.raises(HTTPError, match=r"40[13]"):
        urlopen(Request(request.full_url, headers={"Authorization": "Bearer fct_faux"}))


@needs_axe
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible_and_fits(
    browser: Browser, installation: Installation, width: int
) -> None:
    """axe finds no serious fault; nothing scrolls sideways, on a desktop or a phone."""
    page = new_page(browser, width=width)
    sign_in(page, installation)
    document = page.request.get(f"{installation.site}/achats?onglet=toutes").text()
    first = document.split('href="/factures/')[1].split('"')[0]
    for path in (*PAGES, f"/factures/{first}"):
        page.goto(f"{installation.site}{path}")
        looks(page, path)
    page.context.close()


def test_a_list_stays_in_its_card_at_every_width(page: Page, installation: Installation) -> None:
    """A file's name, however long, pushes no column out; a state stands on one line."""
    name = "commande-fournitures-de-bureau-et-d-impression-numero-2026-11-0099.pdf"
    send(
        installation,
        (name, b"%PDF-1.4 et rien d'autre"),
        to="SIREN300000007@factures.localhost",
        message_id="long@x.example",
    )
    wait_for_row(page, installation, "/achats?onglet=quarantaine", name)
    page.goto(f"{installation.site}/achats?onglet=toutes")
    for width in (1500, 1280, 1279, 1100, 1024, 950, 900, 760, 700):
        page.set_viewport_size({"width": width, "height": 900})
        spill, broken = page.evaluate(
            """() => {
              const table = document.querySelector("table.documents");
              const states = [...table.querySelectorAll("td.state > .badge-state:first-child")];
              return [
                table.scrollWidth - table.parentElement.clientWidth,
                states.filter((one) => one.offsetHeight > 30).length,
              ];
            }"""
        )
        assert (width, 0, 0) == (width, max(spill, 0), broken)


def test_the_pages_work_without_scripts(browser: Browser, installation: Installation) -> None:
    """Sign in, open, refuse: forms and links alone."""
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    sign_in(page, installation)
    send(
        installation,
        ("refus.xml", xml("REF-1")),
        to="SIREN300000007@factures.localhost",
        message_id="refuse@x.example",
    )
    wait_for_row(page, installation, "/achats?onglet=a-accepter", "REF-1")
    page.locator("tr[data-row]", has_text="REF-1").locator(".row-link").first.click()
    page.locator("details#refuser summary").click()
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_role("button", name="Refuser le document").click()
    wait_for_row(page, installation, "/achats?onglet=refusees", "REF-1")
    page.get_by_role("link", name="Assistance").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    context.close()


def test_a_start_resumes_after_a_kill_and_seeds_nothing_twice(
    browser: Browser, tmp_path: Path
) -> None:
    """Killed right after SMTP said 250: the next start finishes the job, with the same sign-in."""
    one = Installation(
        data=tmp_path / "data", web=free_port(), smtp=free_port(), emulator=free_port()
    )
    one.start()
    one.wait_for("Mot de passe")
    password = one.demo["password"]
    send(
        one,
        ("tue.xml", xml("KILL-1")),
        to="SIREN300000007@factures.localhost",
        message_id="kill@x.example",
    )
    one.stop(signal.SIGKILL)
    one.start()
    page = new_page(browser)
    sign_in(page, one)
    wait_for_row(page, one, "/achats?onglet=a-accepter", "KILL-1")
    page.goto(f"{one.site}/achats?onglet=toutes")
    shown = rows(page)
    code = one.stop()

    assert password == one.demo["password"]
    assert 3 == len(shown), shown
    assert 0 == code
    page.context.close()
