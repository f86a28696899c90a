"""Two companies, each on an installation of its own, and one test platform between them.

What the journey does in the browsers is here in words (sign up, connect, drop, send, say, read);
the story itself is in test_platforms.py.
"""

import html
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

import boto3
from facteur.adapters.system import SystemClock
from facteur.domain.invoice import Identifier, Invoice, PrecedingInvoice, VatBreakdown
from facteur.domain.money import cents
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo import invoices
from facteur.local.emulator import free_port
from facteur.local.supervisor import ACCOUNT
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import ROOT, Installation, new_page

Found = TypeVar("Found")

PATIENCE = 90  # seconds: a busy machine
SELLER = ("300000007", "30000000700017", "Maison Delorme", "Camille Delorme")
BUYER = ("400000006", "40000000600017", "Imprimerie des Quais", "Aude Marchand")


# ── The invoices ────────────────────────────────────────────────────────────────────────────────


def sale(number: str, today: date) -> Invoice:
    """The seller's invoice, two VAT rates, addressed to the buyer as the reform wants it."""
    sample = invoices.printer(today)
    seller = replace(sample.buyer, electronic_address=_address(SELLER[0]))
    buyer = replace(sample.seller, electronic_address=_address(BUYER[0]))
    return replace(sample, number=number, seller=seller, buyer=buyer, process="B1")


def corrective(number: str, wrong: Invoice) -> Invoice:
    """The same without its second line: a 384 that names the one it replaces (BG-3)."""
    lines = (wrong.lines[0], *wrong.lines[2:])
    rates = {row.rate: row for row in wrong.vat_breakdown}
    breakdown: tuple[VatBreakdown, ...] = ()
    for rate, row in rates.items():
        base = sum((one.net or Decimal(0) for one in lines if one.vat_rate == rate), Decimal(0))
        tax = cents(base * (rate or Decimal(0)) / 100)
        breakdown = (*breakdown, replace(row, base=base, tax=tax))
    net = sum((row.base for row in breakdown), Decimal(0))
    tax = sum((row.tax for row in breakdown), Decimal(0))
    return replace(
        wrong,
        number=number,
        type_code="384",
        preceding=(PrecedingInvoice(number=wrong.number, issue_date=wrong.issue_date),),
        lines=lines,
        vat_breakdown=breakdown,
        totals=replace(
            wrong.totals,
            lines=net,
            tax_exclusive=net,
            tax=tax,
            tax_inclusive=net + tax,
            due=net + tax,
        ),
    )


def _address(siren: str) -> Identifier:
    return Identifier(value=siren, scheme="0225")


# ── The platform between them ───────────────────────────────────────────────────────────────────


@contextmanager
def platform_between(folder: Path) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """Its process; (address, SIREN → client id and secret, as its terminal prints them)."""
    folder.mkdir()
    port, log = free_port(), folder / "run.log"
    command = [sys.executable, "-m", "facteur.local.sandbox_pa", "--data", str(folder)]
    command += ["--port", str(port)]
    for siren, _siret, name, _person in (SELLER, BUYER):
        command += ["--company", f"{siren}:{name}"]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        printed = until(lambda: _printed(log, url), "the test platform's address")
        clients = {
            siren: (client, secret)
            for siren, client, secret in re.findall(
                r"^(\d{9}) .*\n\s+client_id (\S+)\n\s+client_secret (\S+)", printed, re.MULTILINE
            )
        }
        yield url, clients
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _printed(log: Path, url: str) -> str:
    shown = log.read_text("utf-8", "replace")
    return shown if url in shown else ""


def until(found: Callable[[], Found], what: str) -> Found:
    """The first thing found that is something; what it waits for is read again and again."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.5)
    msg = f"{what}: nothing after {PATIENCE} s"
    raise AssertionError(msg)


# ── A company before its browser ────────────────────────────────────────────────────────────────


@dataclass
class House:
    """A company: its installation, its browser, and where its photographs go."""

    installation: Installation
    page: Page
    platform: str  # the address of the test platform
    siren: str
    siret: str
    name: str
    person: str
    photos: Path
    problems: list[str] = field(default_factory=list)

    @property
    def site(self) -> str:
        return self.installation.site

    @property
    def status(self) -> Locator:
        """The section « Statut de la facture »."""
        return self.page.locator("#statut")

    def photo(self, step: str) -> None:
        """A photograph of the page, whole."""
        self.page.screenshot(path=self.photos / f"{step}-{self.siren}.png", full_page=True)

    def sign_up(self) -> None:
        """From the sign-up page to a dossier that says its SIRET."""
        page, email = self.page, f"gerance@{self.siren}.example"
        page.goto(f"{self.site}/inscription")
        page.get_by_label("Je suis une entreprise").check()
        page.get_by_label("Numéro SIREN").fill(self.siren)
        page.get_by_label("Nom de l’entreprise ou du cabinet").fill(self.name)
        page.get_by_label("Votre prénom et votre nom").fill(self.person)
        page.get_by_label("Adresse e-mail").fill(email)
        page.get_by_role("button", name="S’inscrire").click()
        page.get_by_role("heading", name="Regardez votre boîte de réception").wait_for()
        page.goto(until(lambda: self._link_mailed_to(email), f"a mail to {email}"))
        page.get_by_label("Nouveau mot de passe").fill(f"la longue phrase de {self.person}")
        page.get_by_role("button", name="Enregistrer mon mot de passe").click()
        page.get_by_role("heading", name="Paramétrer votre dossier").wait_for()
        page.get_by_label("SIRET du siège").fill(self.siret)
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_label("Adresse des factures d’achat").wait_for()

    def _link_mailed_to(self, email: str) -> str:
        with urlopen(f"{self.site}/courriels-envoyes", timeout=20) as answer:
            shown = answer.read().decode()
        mail = next((one for one in shown.split("<article>")[1:] if f"À {email}" in one), "")
        found = re.search(r'href="([^"]+jeton=[^"]+)"', mail)
        return found[1] if found else ""

    def wants_mails_at_once(self) -> None:
        """« Immédiate » for what waits, on the page of notifications."""
        self.page.goto(f"{self.site}/parametres/notifications")
        self.page.locator("[name=waiting_frequency]").select_option("immediate")
        self.page.get_by_role("button", name="Enregistrer").click()
        self.page.get_by_text("Vos notifications sont enregistrées.").wait_for()

    def strike(self) -> None:
        """Make the clock strike now, a minute ahead: what settles in a minute is then told."""
        queues = boto3.client(
            "sqs",
            endpoint_url=f"http://127.0.0.1:{self.installation.emulator}",
            region_name="eu-west-3",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="local",
        )
        urls = queues.list_queues().get("QueueUrls", ())
        (clock,) = [one for one in urls if one.endswith("-clock")]
        event = json.loads((ROOT / "events" / "clock.json").read_text("utf-8"))
        at = SystemClock().now() + timedelta(minutes=1)
        event["time"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        queues.send_message(QueueUrl=clock, MessageBody=json.dumps(event))

    def mailed(self, *texts: str) -> str:
        """Wait for a mail to its owner that holds all of these texts; its text."""

        def there() -> str:
            with urlopen(f"{self.site}/courriels-envoyes", timeout=20) as answer:
                shown = html.unescape(answer.read().decode())
            return next(
                (
                    one
                    for one in shown.split("<article>")[1:]
                    if f"gerance@{self.siren}.example" in one and all(t in one for t in texts)
                ),
                "",
            )

        return until(there, f"{self.name}: a mail with {texts}")

    def connect(self, client: str, secret: str) -> None:
        """⚙ of the test platform in the catalogue, the dossier ticked; then its health."""
        page = self.page
        page.goto(f"{self.site}/parametres/connexions")
        page.get_by_role("link", name="Connecter Plateforme de test").click()
        page.get_by_label(self.name).check()
        page.get_by_label("Identifiant client").fill(client)
        page.get_by_label("Secret client").fill(secret)
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_text("leurs factures arrivent dans la minute").wait_for()
        page.get_by_role("link", name="Santé de Plateforme de test").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Connectée")
        expect(page.get_by_role("region", name="Santé")).to_contain_text("oui, signés")
        self.photo("01-connexion")

    def drop_sale(self, invoice: Invoice) -> None:
        """Drop its CII on the page of sales, wait until it is checked, open and accept it."""
        data = write_cii(invoice, "EN 16931")
        file = {"name": f"{invoice.number}.xml", "mimeType": "text/xml", "buffer": data}
        self.page.goto(f"{self.site}/ventes")
        self.page.locator("#upload-input").set_input_files([file])
        expect(self.page.locator("#uploads li")).to_have_count(1)
        self.open_row("/ventes", invoice.number, "À accepter")
        self.page.get_by_role("button", name="Accepter et suivant").click()
        self.open_row("/ventes", invoice.number, re.compile("à envoyer|Archivée"))

    def open_row(self, folder: str, number: str, state: str | re.Pattern[str]) -> None:
        """Wait until a folder lists an invoice in a state, then open it."""

        def row() -> Locator | None:
            self.page.goto(f"{self.site}{folder}?onglet=toutes")
            found = self.page.locator("tr[data-row]", has_text=number).filter(has_text=state)
            return found.first if found.count() else None

        until(row, f"{number}, {state}").locator("a.row-link").click()
        self.page.wait_for_url("**/factures/*")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(number)

    def send(self) -> None:
        """« Envoyer par la plateforme » of the sale that is open."""
        self.page.get_by_role("button", name="Envoyer par la plateforme").click()
        self.page.get_by_text("Plateforme de test").first.wait_for()

    def say(self, status: str) -> None:
        """Open the form of a status from the section of the invoice that is open."""
        self.status.get_by_role("link", name=status, exact=True).first.click()
        self.page.locator("#status-title").wait_for()

    def confirm(self) -> None:
        """Say what the form holds; the page that follows says that it was."""
        self.page.get_by_role("button", name="Indiquer ce statut").click()
        self.page.get_by_text("Statut indiqué.").wait_for()

    def confirm_payment(self) -> None:
        """The same of a payment."""
        self.page.get_by_role("button", name="Inscrire le paiement").click()
        self.page.get_by_text("Paiement inscrit.").wait_for()

    def sees(self, *texts: str) -> None:
        """Read the open invoice again until its section of statuses holds all of these texts."""
        address = self.page.url.partition("?")[0].partition("#")[0]

        def there() -> bool:
            self.page.goto(address)
            shown = plain(self.status.inner_text()) if self.status.count() else ""
            return all(one in shown for one in texts)

        until(there, f"{self.name}: {texts}")

    def told(self, status: str) -> None:
        """Read it again until our own status is shown and nothing waits for the platform."""

        def there() -> bool:
            self.sees(status)
            return "en attente" not in plain(self.status.inner_text())

        until(there, f"{self.name}: {status}, confirmed")

    def submitted(self) -> dict[str, str]:
        """What both companies gave the platform, as its own page says it: file → answer."""
        self.page.goto(self.platform)
        flows = self.page.locator("h2:text-is('Derniers flux') + div tr")
        rows = [plain(one).split() for one in flows.all_inner_texts()]
        return {row[-2]: row[-1] for row in rows if "Out" in row}

    def history(self, known: Sequence[str]) -> list[str]:
        """The statuses of the open invoice among some, newest first."""
        badges = self.status.locator(".status-history > li .badge-state").all_inner_texts()
        return [one for one in map(plain, badges) if one in known]


def plain(text: str) -> str:
    """Words as a test writes them: ordinary spaces, one at a time."""
    return " ".join(text.split())


@contextmanager
def house(
    browser: Browser, folder: Path, platform: str, who: tuple[str, str, str, str]
) -> Iterator[House]:
    """An installation without demonstration, and a browser before it; both end with it."""
    siren, siret, name, person = who
    data = folder / siren / "data"
    data.parent.mkdir()
    one = Installation(
        data=data,
        web=free_port(),
        smtp=free_port(),
        emulator=free_port(),
        more=("--no-seed", "--sandbox-url", platform),
    )
    page, problems = new_page(browser), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    one.start()
    try:
        yield House(one, page, platform, siren, siret, name, person, folder, problems)
    finally:
        page.context.close()
        one.stop()
