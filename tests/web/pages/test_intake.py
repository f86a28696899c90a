"""Paramètres: mail addresses and API keys, through their pages."""

import re

from facteur.domain.documents import Direction, State
from facteur.domain.dossiers import Role
from facteur.services.intake import addresses
from facteur.services.programs import keys

from tests.web.browser import Browser, keep

PURCHASES, SALES, KEYS = "/parametres/achats/import", "/parametres/ventes", "/parametres/cles"


def test_the_path_of_the_purchases_address(manager: Browser) -> None:
    """JF-20, JF-21: Paramètres › Factures d'achat › Import des factures d'achat › Via e-mail."""
    reply = manager.get(PURCHASES)

    for words in ("Paramètres", "Factures d’achat", "Import des factures d’achat", "Via e-mail"):
        assert words in reply.text
    shown = reply.one("//input[@id='adresse']").get("value")
    assert shown == f"SIREN300000007@{manager.world.context.inbound_domain}"
    assert reply.one("//button[@data-copy='adresse']") is not None
    assert "/parametres/achats/import" in manager.get("/parametres").body


def test_the_path_of_the_sales_address(manager: Browser) -> None:
    """JF-51, JF-52: the guide's own words, and the address on ``out.``."""
    reply = manager.get(SALES)

    for words in (
        "Préférences d’application", "Factures de vente",
        "Créer ou télécharger des factures de vente", "Adresses e-mail",
        "Connecter votre logiciel de facturation via API",
    ):  # fmt: skip
        assert words in reply.text
    assert "SIREN300000007@out." in reply.one("//input[@id='adresse']").get("value")


def test_a_name_is_chosen_shown_everywhere_and_given_up(manager: Browser) -> None:
    """The settings and the purchases show it; the old one is listed with its end."""
    assert manager.post(f"{PURCHASES}/e-mail", {"local": "Achats-ACME"}).status == 303
    for path in (PURCHASES, "/parametres", "/bienvenue/adresses"):
        reply = manager.get(path)
        if reply.status == 200:
            assert "achats-acme@" in reply.body, path
    manager.post(f"{PURCHASES}/e-mail", {"local": "acme.achats"})
    text = manager.get(PURCHASES).text
    assert "achats-acme@" in text
    assert "Anciennes adresses" in text
    manager.post(f"{PURCHASES}/e-mail", {"local": "acme.achats", "action": "siren"})
    boxes = addresses.mailboxes(manager.world.caller, manager.world.context)
    assert "" == boxes.chosen[Direction.PURCHASE]


def test_a_wrong_name_is_shown_again_beside_its_reason(manager: Browser) -> None:
    """422, what was typed kept and escaped, nothing changed."""
    reply = manager.post(f"{PURCHASES}/e-mail", {"local": '"><script>x'})

    assert reply.status == 422
    assert reply.one("//input[@id='local']").get("value") == '"><script>x'
    assert reply.one("//input[@id='local']").get("aria-invalid") == "true"
    reserved = manager.post(f"{SALES}/e-mail", {"local": "postmaster"})
    assert reserved.status == 422
    assert "est réservé" in reserved.text
    assert manager.as_role(Role.STAFF).post(f"{SALES}/e-mail", {"local": "a-b-c"}).status == 403


def test_a_key_is_shown_once(manager: Browser) -> None:
    """The answer to its making holds it, no page after; rights and use are listed."""
    reply = manager.post(KEYS, {"name": "Caisse", "rights": "upload"})
    secret = reply.one("//input[@id='cle']").get("value")

    assert manager.world.dossier == keys.caller_of(secret, manager.world.context).dossier
    assert reply.headers["cache-control"] == "no-store"
    text = manager.get(KEYS).text
    assert secret not in text
    for words in ("Caisse", f"…{secret[-4:]}", "Déposer seulement", "dernière utilisation"):
        assert words in text


def test_the_right_that_accepts_is_named_so(manager: Browser) -> None:
    """A key that decides accepts invoices (api/deciding.py): its label says so, and no sentence of
    the page denies it."""
    shown = manager.get("/parametres/cles")
    box = shown.one("//input[@name='rights'][@value='read,upload,decide']")
    label = shown.one(f"//label[@for='{box.get('id')}']").text_content()
    assert "accepter, refuser, poser des statuts" in label
    assert "ni accepter" not in shown.text


def test_a_key_is_rotated_and_revoked(manager: Browser) -> None:
    """« Renouveler » shows another key once; « Révoquer » ends it; a form without name is said."""
    manager.post(KEYS, {"name": "Caisse", "rights": "read,upload"})
    page = manager.get(KEYS).body
    (path,) = set(re.findall(r"/parametres/cles/[\w-]+/renouveler", page))
    new = manager.post(path).one("//input[@id='cle']").get("value")
    assert "fonctionne jusqu’au" in manager.get(KEYS).text
    assert manager.post(path).status == 409

    for one in set(re.findall(r"/parametres/cles/[\w-]+/revoquer", manager.get(KEYS).body)):
        assert manager.post(one).status == 303
    body = manager.get(KEYS).body
    assert "révoquée" in body
    assert "/revoquer" not in body
    assert keys.listed(manager.world.caller, manager.world.context)[0].end == new[-4:]
    wrong = manager.post(KEYS, {"name": "", "rights": "manage"})
    assert wrong.status == 422
    assert "Donnez un nom à la clé" in wrong.text
    assert manager.as_role(Role.STAFF).get(KEYS).status == 403


def test_receipts_in_bodies_are_an_option(manager: Browser) -> None:
    """On for a new dossier; a gérant switches it off; the page of such a document says it."""
    assert manager.get(PURCHASES).page.xpath("//input[@id='print_bodies'][@checked]")
    assert manager.post(f"{PURCHASES}/corps", {}).status == 303
    assert not manager.get(PURCHASES).page.xpath("//input[@id='print_bodies'][@checked]")
    document = keep(manager.world, State.TO_ACCEPT, from_body=True)
    assert "établi depuis le corps du message" in manager.get(f"/factures/{document.id}").text
