"""Boîtes aux lettres relevées, through their pages."""

import pytest
from facteur.domain.dossiers import Role
from facteur.domain.faults import Fault
from facteur.domain.mailboxes import Fetched, Mailbox, Outcome

from tests.web.browser import Browser

PATH = "/parametres/achats/import/boites"


@pytest.fixture
def box(manager: Browser) -> str:
    """A connected mailbox that failed once, with an ignored mail; its path."""
    world, now = manager.world, manager.world.clock.now()
    held = Mailbox(
        dossier=world.dossier, id="b1", host="imap.acme.example", user="compta@acme.example",
        secret="x", failures=1, tried_at=now, failure=Fault(code="imap.login", path="password"),
    )  # fmt: skip
    mail = Fetched(
        dossier=world.dossier, mailbox="b1", validity=7, uid=2, at=now, sender="pub@x.fr",
        subject='<b>Promo</b>', outcome=Outcome.IGNORED,
    )  # fmt: skip
    world.context.mailboxes.save(held, fetched=(mail,))
    return f"{PATH}/b1"


def test_a_mailbox_shows_its_health_its_rules_and_its_mails(manager: Browser, box: str) -> None:
    """The reason of the last failure, why a mail was left, nothing of the password."""
    listed = manager.get(PATH).text
    assert "compta@acme.example" in listed
    assert "mot de passe d’application" in listed
    text = manager.get(box).text
    for words in ("La dernière relève a échoué", "Sans règle, aucun message n’est pris",
                  "<b>Promo</b>", "aucune règle ne la prend", "Rejouer"):  # fmt: skip
        assert words in text
    assert "boites" in manager.get("/parametres/achats/import").body


def test_rules_are_added_and_removed(manager: Browser, box: str) -> None:
    """In words; what says nothing is shown again with its reason."""
    good = {"where": "from", "text": "Facture@Orange.fr", "direction": "purchase"}
    assert manager.post(f"{box}/regles", good).status == 303
    assert "De « facture@orange.fr » → achats" in manager.get(box).text
    wrong = manager.post(f"{box}/regles", {"where": "from", "text": "orange", "direction": "x"})
    assert wrong.status == 422
    assert wrong.one("//input[@id='text']").get("value") == "orange"
    other = {"where": "subject", "text": "facture", "direction": "sale"}
    manager.post(f"{box}/regles", other)
    button = manager.get(box).page.xpath("//form[contains(@action,'retirer')]")[0]
    said = {one.get("name"): one.get("value") for one in button.xpath(".//input")}
    for _click in range(2):  # somebody in a hurry: the other rule stays
        assert manager.post(f"{box}/regles/retirer", said).status == 303
    assert "De « facture@orange.fr »" not in manager.get(box).text
    assert "Objet contient « facture » → ventes" in manager.get(box).text
    for forged in ({}, {**other, "direction": "x"}, {"place": "0"}):
        assert manager.post(f"{box}/regles/retirer", forged).status == 303
    assert manager.post(f"{box}/regles/retirer", other).status == 303
    assert "Sans règle" in manager.get(box).text


def test_fetching_now_and_again_are_asked_of_the_pipeline(manager: Browser, box: str) -> None:
    """The page does not wait for somebody else's server."""
    manager.world.queue.sent.clear()
    assert manager.post(f"{box}/relever").status == 303
    assert manager.post(f"{box}/retraiter", {"mail": "7-2", "direction": "sale"}).status == 303
    assert ["FetchMailbox", "FetchAgain"] == [
        type(one.command).__name__ for one in manager.world.queue.sent
    ]
    assert manager.post(f"{box}/retraiter", {"mail": "7-9", "direction": "sale"}).status == 404
    assert manager.post(f"{box}/retraiter", {"mail": "x", "direction": "sale"}).status == 404


def test_connecting_shows_every_fault_and_never_the_password(manager: Browser) -> None:
    """422 with what was typed, but not what was secret; only a gérant sees the page."""
    form = {"host": "pas un serveur", "user": "", "password": "s3cret-x", "folder": ""}
    reply = manager.post(PATH, form)

    assert reply.status == 422
    assert reply.one("//input[@id='host']").get("aria-invalid") == "true"
    assert "s3cret-x" not in reply.body
    private = {**form, "host": "metadata.localhost.internal", "user": "u"}
    assert manager.post(PATH, private).status == 422
    assert manager.as_role(Role.STAFF).get(PATH).status == 403


def test_disconnecting_forgets_the_mailbox(manager: Browser, box: str) -> None:
    """It is not listed any more."""
    assert manager.post(f"{box}/deconnecter").status == 303
    assert "Aucune boîte connectée" in manager.get(PATH).text
    assert manager.get(box).status == 404
