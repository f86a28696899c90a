"""From a firm's sign-up to a client's hundred invoices, and the closed doors beside them."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import hundred, mailing
from tests.journeys.conftest import Installation, new_page

pytestmark = pytest.mark.journey

FIRM_PASSWORD = "le cabinet Auclair travaille ici"
OWNER_PASSWORD = "je choisis une longue phrase"
OTHER_PASSWORD = "un autre cabinet tout à fait"


@pytest.fixture
def pages(browser: Browser) -> Iterator[dict[str, Page]]:
    """A browser of its own for each person."""
    opened = {one: new_page(browser) for one in ("firm", "owner", "other")}
    yield opened
    for one in opened.values():
        one.context.close()


def _mail(installation: Installation, to: str, words: str = "") -> str:
    """The link of the last mail to an address, once it is sent."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with urlopen(f"{installation.site}/courriels-envoyes", timeout=5) as answer:
            shown = answer.read().decode()
        for article in shown.split("<article>")[1:]:
            if f"À {to}" in article and words in article:
                found = re.search(r'href="([^"]+jeton=[^"]+)"', article)
                assert found is not None, article
                return found[1]
        time.sleep(0.3)
    pytest.fail(f"no mail to {to}: {shown}")


def _code(secret: str) -> str:
    """What an authenticator shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _sign_up_firm(
    page: Page, installation: Installation, siren: str, email: str, password: str
) -> None:
    page.goto(f"{installation.site}/connexion")
    page.get_by_role("link", name="Inscrivez-vous").click()
    page.get_by_label("Je suis un cabinet").check()
    page.get_by_label("Numéro SIREN").fill(siren)
    page.get_by_label("Nom de l’entreprise ou du cabinet").fill(f"Cabinet {siren}")
    page.get_by_label("Votre prénom et votre nom").fill("Paule Auclair")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_role("button", name="S’inscrire").click()
    page.get_by_role("heading", name="Regardez votre boîte de réception").wait_for()
    page.goto(_mail(installation, email))
    page.get_by_label("Nouveau mot de passe").fill(password)
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    page.get_by_role("heading", name=f"Cabinet {siren}", level=1).wait_for()


def test_a_firm_invites_a_company_and_nobody_else_gets_in(
    installation: Installation, pages: dict[str, Page]
) -> None:
    """Sign-up, a client's dossier, the owner's password and authenticator, the set-up; 404."""
    firm, owner, other = pages["firm"], pages["owner"], pages["other"]
    _sign_up_firm(firm, installation, "300030004", "paule@auclair.example", FIRM_PASSWORD)

    firm.get_by_role("link", name="Créer un dossier").click()
    form = firm.get_by_role("region", name="Un dossier")
    form.get_by_label("Numéro SIREN").fill("300010006")
    form.get_by_label("Nom de l’entreprise").fill("Atelier Vermont")
    form.get_by_label("Prénom et nom du gérant").fill("Yann Le Goff")
    form.get_by_label("Adresse e-mail du gérant").fill("yann@vermont.example")
    form.get_by_role("button", name="Créer le dossier").click()
    firm.get_by_text("Dossier créé et lié à votre cabinet.").wait_for()
    assert firm.get_by_role("row", name="Atelier Vermont").is_visible()

    link = _mail(installation, "yann@vermont.example")
    owner.goto(link)
    owner.get_by_role("heading", name="Bonjour Yann Le Goff").wait_for()
    owner.get_by_label("Nouveau mot de passe").fill(OWNER_PASSWORD)
    owner.get_by_role("button", name="Choisir mon mot de passe").click()
    owner.get_by_role("heading", name="Paramétrer votre dossier").wait_for()

    owner.get_by_label("Ville").fill("Brest")
    owner.get_by_role("button", name="Enregistrer").click()
    assert owner.get_by_label("Adresse des factures d’achat").input_value().startswith("SIREN300")
    owner.get_by_role("button", name="Passer cette étape").click()
    owner.get_by_label("Excepté fournisseurs de confiance").check()
    owner.get_by_role("button", name="Enregistrer").click()
    owner.get_by_role("heading", name="Tableau de bord", level=1).wait_for()
    owner.get_by_role("link", name="Guide de démarrage").click()
    owner.goto(f"{installation.site}/")
    steps = owner.get_by_role("region", name="Recevez votre première facture")
    assert steps.get_by_label("fait").count() == 2

    owner.get_by_role("link", name="Yann Le Goff").click()
    totp = owner.get_by_role("region", name="Double authentification")
    totp.get_by_label("Mot de passe actuel").fill(OWNER_PASSWORD)
    totp.get_by_role("button", name="Activer la double authentification").click()
    secret = owner.locator("#secret").inner_text().replace(" ", "")
    owner.get_by_label("Code à six chiffres").fill(_code(secret))
    owner.get_by_role("button", name="Confirmer").click()
    owner.get_by_text("un code sera demandé à chaque connexion").wait_for()
    owner.get_by_role("button", name="Se déconnecter", exact=True).click()
    owner.get_by_label("Adresse e-mail").fill("yann@vermont.example")
    owner.get_by_label("Mot de passe").fill(OWNER_PASSWORD)
    owner.get_by_role("button", name="Se connecter").click()
    owner.get_by_label("Code à six chiffres").fill(_code(secret))
    owner.get_by_role("button", name="Se connecter").click()
    owner.get_by_role("heading", name="Tableau de bord", level=1).wait_for()

    answer = other.goto(link)
    assert answer is not None
    assert answer.status == 404  # the invitation worked once
    _sign_up_firm(other, installation, "300040003", "luc@brossard.example", OTHER_PASSWORD)
    dossier = firm.locator("form[action*='/dossiers/']").first.get_attribute("action") or ""
    assert re.fullmatch(r"/dossiers/\w+/ouvrir", dossier)
    status = other.evaluate(
        """async (path) => {
            const csrf = document.querySelector("input[name=csrf]").value;
            const answer = await fetch(path, {method: "POST", redirect: "manual",
                body: new URLSearchParams({csrf})});
            return answer.status;
        }""",
        dossier,
    )
    assert status == 404
    assert not other.get_by_text("Atelier Vermont").count()

    firm.get_by_role("button", name="Ouvrir Atelier Vermont").click()
    firm.get_by_role("heading", name="Tableau de bord", level=1).wait_for()
    owner.goto(f"{installation.site}/parametres/membres")
    owner.get_by_role("button", name="Délier").click()
    owner.get_by_text("Ce cabinet n’a plus accès au dossier.").wait_for()
    firm.goto(f"{installation.site}/achats")
    firm.get_by_role("heading", name="Vos dossiers").wait_for()


# ── A hundred mails ─────────────────────────────────────────────────────────────────────────────

TABS = ("a-controler", "a-accepter", "refusees", "archivees", "quarantaine")
DOUBLE = "Doublon possible"


def _invited(
    installation: Installation, firm: Page, owner: Page, *, siren: str, name: str, email: str
) -> None:
    """A firm makes a client's dossier; its gérant chooses a password and passes the set-up."""
    firm.goto(f"{installation.site}/cabinet/dossiers/nouveau")
    form = firm.get_by_role("region", name="Un dossier")
    form.get_by_label("Numéro SIREN").fill(siren)
    form.get_by_label("Nom de l’entreprise").fill(name)
    form.get_by_label("Prénom et nom du gérant").fill("Nolwenn Riou")
    form.get_by_label("Adresse e-mail du gérant").fill(email)
    form.get_by_role("button", name="Créer le dossier").click()
    firm.get_by_text("Dossier créé et lié à votre cabinet.").wait_for()
    owner.goto(_mail(installation, email))
    owner.get_by_label("Nouveau mot de passe").fill(OWNER_PASSWORD)
    owner.get_by_role("button", name="Choisir mon mot de passe").click()
    for _step in range(3):
        owner.get_by_role("button", name="Passer cette étape").click()
    owner.get_by_role("heading", name="Tableau de bord", level=1).wait_for()


def _rules(owner: Page, installation: Installation) -> None:
    """The owner's choices: mode, approved senders, a circuit."""
    owner.goto(f"{installation.site}/parametres/achats")
    owner.get_by_label("Excepté fournisseurs de confiance").check()
    owner.get_by_label("provenant d’adresses e-mail approuvées").check()
    owner.get_by_role("button", name="Enregistrer").click()
    for sender in ("@fournisseur4.example", hundred.SUPPLIERS[4].sender, "@fournisseur6.example"):
        owner.get_by_label("Adresse, ou @domaine").fill(sender)
        owner.get_by_role("button", name="Ajouter une adresse e-mail").click()
        owner.get_by_role("button", name=f"Retirer {sender}", exact=True).wait_for()
    owner.get_by_text("Ajouter un circuit").click()
    owner.get_by_label("Nom du circuit").fill("Grosses dépenses")
    owner.get_by_label("Montant TTC à partir de").fill(str(hundred.ABOVE))
    owner.get_by_label("Nolwenn Riou").check()
    owner.get_by_role("button", name="Ajouter le circuit").click()
    owner.get_by_role("button", name="Retirer le circuit Grosses dépenses").wait_for()


def _card(
    owner: Page,
    installation: Installation,
    supplier: hundred.Supplier,
    iban: str,
    *,
    trusted: bool,
) -> None:
    """A supplier's card, with the account that the owner vouches for and default values."""
    owner.goto(f"{installation.site}/tiers/ajouter")
    owner.locator("#p-name").fill(supplier.name)
    owner.locator("#p-siren").fill(supplier.siren)
    owner.locator("#p-iban").fill(iban)
    owner.get_by_role("button", name="Créer la fiche").click()
    defaults = owner.get_by_role("region", name="Approbation et valeurs par défaut")
    defaults.locator("#d-account").fill(f"6064{supplier.place:02d}")
    defaults.locator("#d-category").fill("Fournitures")
    defaults.get_by_label("Fournisseur de confiance").set_checked(trusted)
    defaults.get_by_role("button", name="Enregistrer").click()
    expect(defaults.locator("#d-account")).to_have_value(f"6064{supplier.place:02d}")


def _counts(page: Page, installation: Installation) -> dict[str, int]:
    """The number on each tab of the purchases."""
    page.goto(f"{installation.site}/achats?onglet=toutes")
    tabs = page.locator(".tabs a").evaluate_all(
        "all => all.map(one => [one.id.slice(7), one.querySelector('.count').textContent])"
    )
    return {name: int(number) for name, number in tabs}


def _settled(page: Page, installation: Installation, documents: int) -> dict[str, int]:
    """Wait until that many documents are there and each one waits for a person or is archived."""
    deadline = time.monotonic() + 400
    while time.monotonic() < deadline:
        held = _counts(page, installation)
        if held["toutes"] == documents == sum(held[one] for one in TABS):
            return held
        page.wait_for_timeout(1000)
    raise AssertionError(held)


def _sorted(page: Page, installation: Installation, tab: str) -> Counter[tuple[str, bool]]:
    """Who is in a tab, and how often; with or without « Doublon possible »."""
    page.goto(f"{installation.site}/achats?onglet={tab}")
    found: Counter[tuple[str, bool]] = Counter()
    while True:
        rows = page.locator("tr[data-row]").evaluate_all(
            "all => all.map(one => [one.querySelector('.row-link').innerText, one.innerText])"
        )
        found.update((name, DOUBLE in text) for name, text in rows)
        older = page.locator("#plus-anciennes")
        if not older.count():
            return found
        older.click()
        page.wait_for_load_state()


def _expected(mails: Sequence[hundred.Sent], tab: str) -> Counter[tuple[str, bool]]:
    """What the settings say."""
    shown = [one for one in mails if one.sorted == tab]
    names = {
        id(one): one.files[0][0] if tab == hundred.QUARANTINE else one.supplier.name
        for one in shown
    }
    return Counter((names[id(one)], one.double) for one in shown)


def test_a_hundred_mails_are_sorted_as_the_settings_say(
    installation: Installation, pages: dict[str, Page]
) -> None:
    """Twenty suppliers, each invoice where the company's rules send it; the firm sees the same."""
    firm, owner, other = pages["firm"], pages["owner"], pages["other"]
    _sign_up_firm(firm, installation, "300050002", "ines@morvan.example", FIRM_PASSWORD)
    _invited(installation, firm, owner, siren=hundred.BUYER_SIREN, name=hundred.BUYER,
             email="nolwenn@troisponts.example")  # fmt: skip
    _rules(owner, installation)
    trusted, joiner, faithful = (hundred.SUPPLIERS[one] for one in (0, 1, 3))
    _card(owner, installation, trusted, trusted.iban, trusted=True)
    _card(owner, installation, joiner, hundred.PRINTED, trusted=True)
    _card(owner, installation, faithful, faithful.iban, trusted=False)

    mails, late = list(hundred.first()), list(hundred.doubles())
    assert 100 == len(mails) + len(late)
    with mailing.proving(installation) as proving:
        ports = {False: installation.smtp, True: proving}
        assert sum(one.unknown for one in mails) == mailing.send_all(mails, ports, 1)
        _settled(owner, installation, sum(bool(one.sorted) for one in mails))
        mailing.send_all(late, ports, len(mails) + 1)
        mails += late
        held = _settled(owner, installation, sum(bool(one.sorted) for one in mails))

    for tab in TABS:
        assert _expected(mails, tab) == _sorted(owner, installation, tab), tab
        assert held[tab] == sum(one.sorted == tab for one in mails), tab

    _why(owner, installation)
    _bulk(owner, installation)
    _the_firm_sees(firm, installation, held)
    _nobody_else_sees(installation, owner, other)


def _open(page: Page, installation: Installation, tab: str, text: str) -> None:
    """The document of the first row of a tab that holds a text."""
    page.goto(f"{installation.site}/achats?onglet={tab}&tiers={text}")
    page.locator("tr[data-row] .row-link").first.click()
    page.locator("#viewer").wait_for()


def _why(owner: Page, installation: Installation) -> None:
    """Each page says why its invoice is where it is; defaults were given."""
    trusted, joiner, faithful = (hundred.SUPPLIERS[one] for one in (0, 1, 3))
    _open(owner, installation, "archivees", trusted.name)
    expect(owner.locator("#k-account")).to_have_value("606401")
    expect(owner.locator("#k-category")).to_have_value("Fournitures")
    expect(owner.locator("main")).to_contain_text("fournisseur de confiance")
    _open(owner, installation, "a-controler", trusted.name)
    expect(owner.locator("#fiche")).to_contain_text("n’est pas celui que vous connaissez")
    _open(owner, installation, "archivees", faithful.name)
    expect(owner.locator("main")).to_contain_text("@fournisseur4.example")
    _open(owner, installation, "a-controler", hundred.SUPPLIERS[15].name)
    expect(owner.locator("#anomalies")).to_contain_text("semble être une autre entreprise")
    owner.goto(f"{installation.site}/achats?onglet=a-accepter&tiers={joiner.name}&min=6000")
    owner.locator("tr[data-row] .row-link").click()
    expect(owner.locator("#approbation")).to_contain_text("En attente de Nolwenn Riou")


def _bulk(owner: Page, installation: Installation) -> None:
    """The list says why they wait; what is done to a selection shows once one is ticked."""
    owner.goto(f"{installation.site}/achats?onglet=a-accepter&min=6000")
    expect(owner.locator("tr[data-row] .state").first).to_contain_text("Votre accord est attendu")
    owner.goto(f"{installation.site}/achats?onglet=a-controler&tiers=steir")
    expect(owner.locator("tr[data-row] .state").first).to_contain_text("IBAN à approuver")
    expect(owner.locator("#lot-accepter")).to_be_hidden()
    owner.locator("td input[type=checkbox]").first.check()
    owner.locator("#lot-accepter").click()
    expect(owner.locator("main h2")).to_have_text("1 document est resté comme il était")


def _the_firm_sees(firm: Page, installation: Installation, held: dict[str, int]) -> None:
    """The portfolio, counted again when it is opened, tells what the dossier's tabs tell."""
    shown = [
        f"{held['a-controler']} à contrôler",
        f"{held['quarantaine']} en quarantaine",
        f"{held['a-accepter']} à accepter",
    ]
    for _second in range(90):
        firm.goto(f"{installation.site}/cabinet")
        row = firm.get_by_role("row", name=hundred.BUYER)
        badges = row.locator("td").first.locator(".badge-state").all()
        told = [" ".join(one.inner_text().split()).split(" dans le")[0] for one in badges]
        if told == shown:
            break
        firm.wait_for_timeout(1000)
    assert shown == told
    firm.get_by_role("button", name=f"Ouvrir {hundred.BUYER}").click()
    firm.get_by_role("heading", name="Tableau de bord", level=1).wait_for()
    assert held == _counts(firm, installation)


def _nobody_else_sees(installation: Installation, owner: Page, other: Page) -> None:
    """Another firm's dossier has nothing of it, nor a way to it."""
    _sign_up_firm(other, installation, "300060001", "paul@lescaut.example", OTHER_PASSWORD)
    other.goto(f"{installation.site}/cabinet/dossiers/nouveau")
    form = other.get_by_role("region", name="Un dossier")
    form.get_by_label("Numéro SIREN").fill("300070000")
    form.get_by_label("Nom de l’entreprise").fill("Ailleurs")
    form.get_by_role("button", name="Créer le dossier").click()
    other.get_by_role("button", name="Ouvrir Ailleurs").click()
    other.get_by_role("heading", name="Tableau de bord", level=1).wait_for()
    assert {0} == set(_counts(other, installation).values())
    owner.goto(f"{installation.site}/achats?onglet=a-accepter")
    path = owner.locator("tr[data-row] .row-link").first.get_attribute("href")
    answer = other.goto(f"{installation.site}{path}")
    assert answer is not None
    assert answer.status == 404
