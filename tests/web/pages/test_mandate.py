"""The mandate on a supplier's card, and what the page of a self-billed invoice says (IP-12)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from facteur.domain.documents import Direction, State
from facteur.ports import Changes
from facteur.services.parties import book
from facteur.services.run import run_scheduled

from tests.services.fake_platforms import FakePlatform
from tests.services.test_self_billing import OTHER, OWN, pa, self_billed, uploaded, with_card
from tests.services.world import DAY, World
from tests.web.api.test_follow import program_of
from tests.web.browser import Browser

__all__ = ["pa"]
SIGNED = DAY - timedelta(days=30)


def received(world: World, *, sale: bool) -> str:
    """A self-billed invoice of ours (or in our name), archived; its identifier."""
    data = self_billed(OWN, OTHER) if sale else self_billed(OTHER, OWN)
    world.receive(("af.xml", data))
    (made,) = world.documents(Direction.SALE if sale else Direction.PURCHASE)
    world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))
    return made.id


def test_the_page_blocks_says_why_and_leads_to_the_card(
    manager: Browser, pa: FakePlatform
) -> None:
    """Without a mandate no button; declared by the form, the button is there and sends."""
    world = manager.world
    name = received(world, sale=False)
    made = with_card(world, world.document(name), None)
    shown = manager.get(f"/factures/{name}")
    assert "mandat écrit" in shown.text
    assert "au nom du vendeur" in shown.text
    assert "Adresse du vendeur (BT-34)" in shown.text
    assert not shown.page.xpath(f"//form[contains(@action, '/factures/{name}/envoyer')]")
    (way,) = shown.page.xpath("//a[contains(@href, '/mandat')]/@href")

    form = manager.get(way)
    assert form.page.xpath("//input[@type='file']")
    asked = manager.get(f"{way}?fichier={uploaded(world)}")
    assert asked.page.xpath("//input[@name='signed_on']")
    wrong = manager.post(way, {"fichier": "name1", "signed_on": ""})
    assert 422 == wrong.status
    assert "aujourd’hui au plus tard" in wrong.text
    good = {"fichier": "name1", "signed_on": SIGNED.isoformat(), "sure": "1"}
    assert manager.post(way, good).location.endswith("fait=mandate_declared")
    card = manager.get(f"/tiers/{made.party}").text
    assert "Signé le" in card
    assert "Mandat de facturation déclaré" in card

    assert 303 == manager.post(f"/factures/{name}/envoyer").status
    for one in list(world.queue.sent):
        run_scheduled(one, world.context)
    assert 1 == len(pa.sent)
    assert 303 == manager.get(f"{way}/fichier").status
    assert manager.post(f"{way}/retirer").location.endswith("fait=mandate_withdrawn")
    assert book.card(world.caller, made.party, world.context).party.mandate is None


def test_what_a_customer_billed_offers_no_sending(manager: Browser, pa: FakePlatform) -> None:
    """It stands among the sales; no panel to send it."""
    name = received(manager.world, sale=True)
    shown = manager.get(f"/factures/{name}")
    assert "Envoi par la plateforme agréée" not in shown.text
    assert "autofacturation" in shown.text.lower()


def test_programs_are_told_the_same(world: World, pa: FakePlatform) -> None:
    """The API says why it may not leave, and refuses with the same code."""
    from tests.web.api.test_api import _call

    name = received(world, sale=False)
    program = program_of(world, "read", "decide")
    _reply, told = _call(program, "GET", f"/api/v1/documents/{name}/sendings")
    assert (False, "sending.no_mandate") == (told["may_leave"], told["why_not"])
    reply, problem = _call(program, "POST", f"/api/v1/documents/{name}/sendings", {})
    assert (422, "sending.no_mandate") == (reply.status, problem["code"])


@pytest.mark.parametrize("path", ["/aide/autofacturation", "/aide/agents"])
def test_the_help_has_its_articles(manager: Browser, path: str) -> None:
    """Both are there and listed."""
    assert 200 == manager.get(path).status
    assert path in manager.get("/aide").body
