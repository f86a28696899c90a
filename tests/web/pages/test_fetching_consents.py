"""« Connecter une boîte sans mot de passe » and « Reconnecter », through their pages."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from facteur.adapters.connectors.http import Http
from facteur.adapters.connectors.mail_consents import HttpMailConsents
from facteur.adapters.connectors.mail_providers import registered
from facteur.adapters.imap import ImapServers
from facteur.adapters.system import SystemIds
from facteur.domain.dossiers import Role
from facteur.domain.faults import Fault
from facteur.domain.mailboxes import CONSENT_LOST, Mailbox
from facteur.ports import Limits

from tests.adapters.imap_server import ImapServer, imap_server
from tests.mail_oauth import MailOAuth, mail_oauth
from tests.web.browser import Browser, Reply

PATH = "/parametres/achats/import/boites"
TYPED = {"provider": "durand", "user": "compta@acme.example", "folder": ""}


@pytest.fixture
def oauth(manager: Browser, tmp_path: Path) -> Iterator[MailOAuth]:
    """The provider that this installation is registered at, and its mail server."""
    world = manager.world
    http = Http(world.clock, SystemIds(), nearby=True)
    with mail_oauth() as made, imap_server(tmp_path) as server:
        made.access.add("of somebody else")
        server.tokens = made.access
        world.with_(
            mail_servers=_servers(server),
            mail_consents=HttpMailConsents(http, registered(made.setting, plain=True)),
        )
        yield made


def _servers(server: ImapServer) -> ImapServers:
    return ImapServers(Limits(), port=server.port, private=True, tls=server.client_tls)


def _way(reply: Reply) -> str:
    return reply.one("//a[@rel='noreferrer']/@href")


def _back(browser: Browser, way: dict[str, str]) -> Reply:
    return browser.get(f"/boites/retour?{urlencode(way)}")


def test_a_mailbox_is_connected_without_a_password(manager: Browser, oauth: MailOAuth) -> None:
    """From the form to the provider by a link, back to the mailbox's page."""
    page = manager.get(PATH)
    assert "Connecter une boîte sans mot de passe" in page.text
    assert ["durand"] == page.page.xpath("//input[@name='provider']/@value")
    leaving = manager.post(f"{PATH}/consentir", TYPED)
    assert leaving.status == 200
    reply = _back(manager, oauth.browse(_way(leaving)))
    assert reply.status == 303
    shown = manager.get(reply.location)
    assert "par votre accord chez Messagerie Durand" in shown.text
    assert "Boîte ouverte avec votre accord" in shown.text
    assert "À reconnecter" not in shown.text


def test_what_goes_wrong_is_said_on_the_page(manager: Browser, oauth: MailOAuth) -> None:
    """No address: beside its field of that form alone; a « non », another account: a sentence."""
    wrong = manager.post(f"{PATH}/consentir", {**TYPED, "user": "compta"})
    assert wrong.status == 422
    assert "true" == wrong.one("//input[@id='c-user']").get("aria-invalid")
    assert ["", "compta"] == sorted(
        wrong.one(f"//input[@id='{one}']").get("value") for one in ("user", "c-user")
    )
    assert wrong.one("//input[@id='user']").get("aria-invalid") is None
    way = oauth.browse(_way(manager.post(f"{PATH}/consentir", TYPED)))
    refused = _back(manager, {"state": way["state"], "error": "access_denied"})
    assert (422, True) == (refused.status, "L’accord n’a pas été donné" in refused.text)
    assert _back(manager, way).status == 422  # it was taken
    other = manager.post(f"{PATH}/consentir", {**TYPED, "user": "autre@acme.example"})
    reply = _back(manager, oauth.browse(_way(other)))
    assert "avec un autre compte" in reply.text
    assert () == manager.world.context.mailboxes.of_dossier(manager.world.dossier)


def test_a_lost_mailbox_says_to_reconnect_it(manager: Browser, oauth: MailOAuth) -> None:
    """A badge in the list, the reason and the button on its page; then nothing of it."""
    lost = Mailbox(
        dossier=manager.world.dossier, id="b1", host="localhost", user="compta@acme.example",
        secret="x", provider="durand", failures=1, tried_at=manager.world.clock.now(),
        failure=Fault(code=CONSENT_LOST, values={"provider": "Messagerie Durand"}),
    )  # fmt: skip
    manager.world.context.mailboxes.save(lost)
    assert "À reconnecter" in manager.get(PATH).text
    shown = manager.get(f"{PATH}/b1")
    assert "Messagerie Durand ne nous laisse plus entrer" in shown.text
    leaving = manager.post(shown.one("//form[contains(@action,'/reconnecter')]/@action"))
    reply = _back(manager, oauth.browse(_way(leaving)))
    assert f"{PATH}/b1?fait=fetch_box_opened" == reply.location
    assert "À reconnecter" not in manager.get(f"{PATH}/b1").text
    by_password = replace(lost, id="b2", provider="", failure=None)
    manager.world.context.mailboxes.save(by_password)
    assert manager.post(f"{PATH}/b2/reconnecter").status == 404


def test_the_way_is_a_gerants_and_of_his_session(manager: Browser, oauth: MailOAuth) -> None:
    """Nobody is made to connect his mailbox to another's dossier, or another's to his."""
    way = oauth.browse(_way(manager.post(f"{PATH}/consentir", TYPED)))
    elsewhere = Browser(manager.world).sign_in()
    assert _back(elsewhere, way).status == 422
    staff = manager.as_role(Role.STAFF)
    assert staff.post(f"{PATH}/consentir", TYPED).status == 403
    assert staff.get("/boites/retour?state=x&code=y").status == 403


def test_without_a_provider_there_is_no_way(manager: Browser) -> None:
    """An installation that is registered nowhere shows the password's form alone."""
    assert "sans mot de passe" not in manager.get(PATH).text
    assert manager.post(f"{PATH}/consentir", TYPED).status == 404
