"""« Transmission automatique » on its page: added, refused, removed, sent again."""

from facteur.domain.documents import Direction
from facteur.domain.dossiers import Role
from facteur.domain.faults import Fault
from facteur.domain.forwarding import Delivery, DeliveryState, Forwarding, Rule, What

from tests.services.archive.test_forwarding_servers import OTHER, Servers
from tests.services.world import START
from tests.web.browser import Browser

PATH = "/parametres/transmission"


def test_a_gerant_adds_and_removes_an_address(manager: Browser) -> None:
    """The list shows type, address and files; one button takes it away."""
    form = {"direction": "purchase", "address": "Import@Cabinet.example", "what": "both"}
    assert manager.post(PATH, form).status == 303
    page = manager.get(PATH)
    shown = "Factures d’achat → import@cabinet.example l’original et le Factur-X À confirmer"
    assert shown in page.text
    assert "rien ne part avant l’accord de cette adresse" in page.text
    gone = page.one("//form[contains(@action, '/retirer')]").get("action")
    assert manager.post(gone).status == 303
    assert "Rien ne part automatiquement" in manager.get(PATH).text
    assert manager.post(gone).status == 404


def test_what_is_no_address_is_said_beside_it(manager: Browser) -> None:
    """422; what was typed stays, and nothing is forwarded."""
    reply = manager.post(PATH, {"direction": "sale", "address": "a@b", "what": "facturx"})
    assert reply.status == 422
    assert reply.one("//input[@id='address']").get("value") == "a@b"
    assert reply.one("//p[@id='e-address']") is not None
    assert manager.world.context.forwardings.load(manager.world.dossier).rules == ()


def test_a_failure_is_seen_with_its_reason_and_sent_again(manager: Browser) -> None:
    """The log says why; « Renvoyer » queues it, also for an accountant."""
    world = manager.world
    rule = Rule(id="r", direction=Direction.PURCHASE, address="a@b.fr", what=What.BOTH)
    world.context.forwardings.save(Forwarding(dossier=world.dossier, rules=(rule,)), ())
    world.context.forwardings.begin(
        Delivery(
            dossier=world.dossier, id="x-r", document="x", title="F-12", party="Vasseur",
            address="a@b.fr", what=What.BOTH, at=START, state=DeliveryState.FAILED, tries=5,
            failure=Fault(code="forward.too_large", values={"limit": "7"}),
        )
    )  # fmt: skip
    accountant = manager.as_role(Role.ACCOUNTANT)
    page = accountant.get(PATH)
    assert "trop pour un e-mail" in page.text
    assert not page.page.xpath("//input[@name='address']")
    again = page.one("//form[contains(@action, '/renvoyer')]").get("action")
    assert accountant.post(again).status == 303
    assert "En attente" in accountant.get(PATH).text
    assert [type(one.command).__name__ for one in world.queue.sent] == ["Deliver"]
    assert manager.as_role(Role.READER).get(PATH).status == 403


SERVER = {
    "direction": "purchase", "what": "facturx", "host": "sftp.cabinet.example", "port": "2222",
    "user": "acme", "folder": "depot", "password": "un secret", "key": "",
}  # fmt: skip


def test_a_server_is_added_tested_and_shown_with_its_key(manager: Browser) -> None:
    """« Essai en cours », asked again by itself; then « Prêt » and the fingerprint."""
    world = manager.world
    world.with_(sftp=Servers())
    assert manager.post(PATH + "/serveur", SERVER).status == 303
    page = manager.get(PATH)
    assert "sftp://acme@sftp.cabinet.example:2222/depot" in page.text
    assert "Essai en cours" in page.text
    assert page.one("//div[@id='routes']").get("hx-trigger") == "every 3s"
    world.deliver()
    page = manager.get(PATH)
    assert "Prêt" in page.text
    assert "SHA256:" in page.one("//div[@id='routes']//code").text
    assert page.one("//div[@id='routes']").get("hx-trigger") is None
    assert "un secret" not in page.text


def test_a_changed_key_is_said_and_accepted_by_a_gerant(manager: Browser) -> None:
    """The button is there only then."""
    world, servers = manager.world, Servers()
    world.with_(sftp=servers)
    manager.post(PATH + "/serveur", SERVER)
    world.deliver()
    assert "Accepter la nouvelle clé" not in manager.get(PATH).text
    servers.key = OTHER
    test = manager.get(PATH).one("//form[contains(@action, '/essai')]").get("action")
    assert manager.post(test).status == 303
    world.deliver()
    page = manager.get(PATH)
    assert "n’est plus celle du premier essai" in page.text
    assert "Accepter la nouvelle clé" in page.text
    assert manager.post(test, {"cle": "nouvelle"}).status == 303
    world.deliver()
    assert "Prêt" in manager.get(PATH).text


def test_what_is_wrong_with_a_server_is_beside_its_field(manager: Browser) -> None:
    """422; what was typed stays but the secrets; the form is open."""
    reply = manager.post(PATH + "/serveur", {**SERVER, "host": "a b", "key": "x"})
    assert reply.status == 422
    assert reply.one("//input[@id='s-user']").get("value") == "acme"
    assert reply.one("//input[@id='s-host']").get("aria-invalid") == "true"
    assert reply.one("//p[@id='e-key']") is not None
    assert reply.one("//input[@id='s-password']").get("value") == ""
    assert "un secret" not in reply.text
    assert reply.one("//details[@open]") is not None
