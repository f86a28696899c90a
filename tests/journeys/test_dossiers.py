"""From a firm's sign-up to a client's first page, and the closed doors beside it, in a browser."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

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
