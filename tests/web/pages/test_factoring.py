"""Factoring on the pages: offered to the seller, what its form asks, what the buyer reads."""

import json

import pytest
from facteur.domain.documents import Direction
from facteur.domain.lifecycle.factoring import account
from facteur.domain.lifecycle.records import Payee, Side
from facteur.services.programs import keys

from tests.services.world import World
from tests.web.browser import Browser
from tests.web.pages.test_statuses import came, invoice, say

IBAN = "FR76 3000 6000 0112 3456 7890 189"


def test_a_seller_cedes_a_sale_and_takes_it_back(world: World, manager: Browser) -> None:
    """The factor and the account are asked, checked beside their fields, and shown."""
    sale = invoice(world, direction=Direction.SALE)
    page = manager.get(f"/factures/{sale.id}").page
    shown = page.xpath('//details[contains(@class,"status-more")]//a/@id')
    assert ["statut-225", "statut-226", "statut-227"] == shown
    wrong = say(manager, sale, "225", payee_name="Affactis", payee_siren="123", payee_iban="FR76")
    assert 422 == wrong.status
    assert "Le SIREN du factor n’est pas valable." in wrong.text
    assert "Cet IBAN n’est pas valable." in wrong.text
    typed = {"payee_name": "Affactis", "payee_siren": "552 100 554", "payee_iban": IBAN}
    assert 303 == say(manager, sale, "225", **typed).status
    (record,) = world.document(sale.id).statuses
    assert Payee(name="Affactis", siren="552100554") == record.payee
    assert IBAN.replace(" ", "") == record.characteristics[0].value
    assert 303 == say(manager, sale, "228").status
    text = manager.get(f"/factures/{sale.id}").text
    assert "Factor : Affactis (552100554)" in text
    assert "Un autre compte à payer est annoncé" not in text  # our own words


def test_what_is_confidential_says_so_on_its_form(world: World, manager: Browser) -> None:
    """226 asks for no account, and the page says whom it tells."""
    sale = invoice(world, direction=Direction.SALE)
    form = manager.get(f"/factures/{sale.id}/statut?code=226")
    assert "rien n’en est dit à l’acheteur" in form.text
    assert not form.page.xpath('//input[@name="payee_iban"]')
    assert 303 == say(manager, sale, "226", payee_name="A", payee_siren="552100554").status
    assert world.document(sale.id).statuses[0].hidden


@pytest.mark.parametrize("code", ["225", "227"])
def test_a_buyer_reads_what_is_announced_with_the_warning(
    world: World, manager: Browser, code: str
) -> None:
    """Nothing is offered to him, and nothing of it touches his supplier's card."""
    payee = Payee(name="<b>Affactis</b>", siren="552100554") if code == "225" else None
    said = came(code, side=Side.SELLER, payee=payee, characteristics=account(IBAN, "X", ""))
    purchase = invoice(world, said)
    shown = manager.get(f"/factures/{purchase.id}")
    assert "Un autre compte à payer est annoncé" in shown.text
    assert f"IBAN annoncé : {IBAN.replace(' ', '')}" in shown.text
    assert not shown.page.xpath('//b[contains(text(), "Affactis")]')
    assert not shown.page.xpath('//details[contains(@class,"status-more")]')


def test_a_program_cedes_with_the_same_fields(world: World, manager: Browser) -> None:
    """REST: the payee and the account; what lacks is 422 with its field."""
    sale = invoice(world, direction=Direction.SALE)
    made = keys.make(manager.world.caller, "Compta", ("read", "upload", "decide"), world.context)
    path = f"/api/v1/documents/{sale.id}/statuses"
    headers = {"authorization": f"Bearer {made.secret}", "content-type": "application/json"}
    body = {"code": "227", "payee_iban": "FR76"}
    assert 422 == manager.request("POST", path, json.dumps(body).encode(), headers).status
    body = {"code": "225", "payee_iban": IBAN, "payee_name": "A", "payee_siren": "552100554"}
    reply = manager.request("POST", path, json.dumps(body).encode(), headers)
    assert 201 == reply.status, reply.text
    (told,) = json.loads(reply.text)["statuses"]
    assert {"name": "A", "siren": "552100554"} == told["payee"]
