"""A person's own account: a passkey instead of the password, a code when the telephone is lost."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import Installation, new_page

pytestmark = pytest.mark.journey


@pytest.fixture
def own(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A page on ``localhost``, whose device makes passkeys (DevTools' virtual authenticator)."""
    page = new_page(browser)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"http://localhost:{installation.web}/connexion")
    yield page
    page.context.close()
    assert [] == problems


def _code(secret: str) -> str:
    """What an authenticator shows now (RFC 6238)."""
    plain = secret.replace(" ", "")
    key = base64.b32decode(plain + "=" * (-len(plain) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _password(page: Page, installation: Installation) -> None:
    page.get_by_label("Adresse e-mail").fill("demo@facteur.example")
    page.get_by_label("Mot de passe").fill(installation.demo["password"])
    page.get_by_role("button", name="Se connecter", exact=True).click()


def _dashboard(page: Page) -> None:
    page.get_by_role("heading", name="Tableau de bord", level=1).wait_for()


def test_a_passkey_then_a_lost_telephone(
    own: Page, installation: Installation, tmp_path: Path
) -> None:
    """A passkey is added and opens the account alone; with an authenticator and no telephone a
    recovery code opens it, and takes the authenticator away."""
    secret = installation.demo["password"]
    _password(own, installation)
    _dashboard(own)

    own.goto(f"http://localhost:{installation.web}/compte")
    passkeys = own.locator("section", has=own.get_by_role("heading", name="Clés d’accès"))
    passkeys.get_by_label("Nom de la clé").fill("Ordinateur du bureau")
    passkeys.get_by_label("Mot de passe actuel").fill(secret)
    passkeys.get_by_role("button", name="Ajouter une clé d’accès").click()
    own.get_by_role("button", name="Créer la clé sur cet appareil").click()
    own.get_by_text("Clé d’accès ajoutée : elle suffit").wait_for()
    own.get_by_role("button", name="Se déconnecter", exact=True).click()
    own.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    _dashboard(own)

    own.goto(f"http://localhost:{installation.web}/compte")
    assert "utilisée à l’instant" in passkeys.inner_text()
    second = own.locator("section", has=own.get_by_role("heading", name="Double authentification"))
    second.get_by_label("Mot de passe actuel").fill(secret)
    second.get_by_role("button", name="Activer la double authentification").click()
    own.get_by_label("Code à six chiffres").fill(_code(own.locator("#secret").inner_text()))
    own.get_by_role("button", name="Confirmer").click()
    codes = own.locator("#codes code").all_inner_texts()
    assert len(codes) == 10
    with own.expect_download() as waiting:
        own.get_by_role("link", name="Télécharger (.txt)").click()
    waiting.value.save_as(tmp_path / "codes.txt")
    kept = (tmp_path / "codes.txt").read_text("utf-8").split()
    assert [one for one in kept if re.fullmatch(r"(\w{4}-){3}\w{4}", one)] == codes

    own.get_by_role("button", name="Se déconnecter", exact=True).click()
    _password(own, installation)
    own.get_by_text("Je n’ai pas mon téléphone").click()
    own.get_by_label("Code de secours").fill(codes[0])
    own.get_by_role("button", name="Se connecter avec ce code").click()
    _dashboard(own)

    own.goto(f"http://localhost:{installation.web}/compte")
    assert own.locator("#codes-left").inner_text().startswith("9")
    second.get_by_text("Retirer la double authentification").first.click()
    second.locator("#old-totp").fill(secret)
    second.locator("#code-totp").fill(codes[1])
    second.get_by_role("button", name="Retirer la double authentification").click()
    own.get_by_text("Double authentification retirée.").wait_for()


def test_where_passkeys_cannot_be_the_page_says_where(
    browser: Browser, installation: Installation
) -> None:
    """On an address of numbers there is no button, and a link to the name that has passkeys."""
    page = new_page(browser)
    page.goto(f"{installation.site}/connexion")
    link = page.get_by_role("link", name=f"http://localhost:{installation.web}")
    link.wait_for()
    assert page.get_by_role("button", name="Se connecter avec une clé d’accès").count() == 0
    page.context.close()
