"""« Preuves de transmission » on an invoice's page: time, way, hash, flow, answer (IP-22)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from facteur.domain.commands import SendInvoice, SetStatus, SyncConnection
from facteur.domain.decisions.lifecycle import role_of
from facteur.domain.documents import Document, State
from facteur.domain.flows import FlowType, FlowView
from facteur.formats import cdar
from facteur.ports import Changes
from facteur.services.run import run

from tests.services.fake_platforms import Compliant, FakePlatform, connected
from tests.services.world import DAY, World
from tests.web.browser import Browser


@pytest.fixture
def pa(manager: Browser) -> FakePlatform:
    world = manager.world
    return connected(world, rulebook=Compliant())


def sale(world: World) -> Document:
    made = world.sell()
    return world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))


def shown(manager: Browser, document: Document) -> str:
    page = manager.get(f"/factures/{document.id}").page
    found = page.xpath("//section[@id='transmissions']")
    return " ".join(found[0].text_content().split()) if found else ""


def test_what_was_only_deposited_has_no_proof_to_show(manager: Browser, pa: FakePlatform) -> None:
    """A mail alone is told by the history; no empty panel."""
    assert "" == shown(manager, sale(manager.world))


def test_a_flow_that_only_the_controls_told_is_proved(manager: Browser, pa: FakePlatform) -> None:
    """The platform took the sale without an answer: its flow is shown all the same (IP-22)."""
    world = manager.world
    held = sale(world)
    pa.loses_answers = True
    run(SendInvoice(dossier=world.dossier, document=held.id, by="u1"), world.context)
    run(world.queue.sent.pop(0).command, world.context)
    world.queue.sent.clear()  # the next try is not due yet
    pa.loses_answers = False
    (out,) = pa.sent
    assert out.id not in shown(manager, held)
    pa.answer(out.id)
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()
    assert out.id in shown(manager, held)


def test_each_transmission_is_proved(manager: Browser, pa: FakePlatform) -> None:
    """The sale out and acknowledged, a status out, the same status type in: each with its own."""
    world = manager.world
    held = sale(world)
    run(SendInvoice(dossier=world.dossier, document=held.id, by="u1"), world.context)
    world.deliver()
    assert "Pas encore acquittée" in shown(manager, held)
    (out,) = pa.sent
    pa.answer(out.id)
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()
    run(
        SetStatus(
            dossier=world.dossier, document=held.id, code="212", by="u1", by_name="Anne",
            amount=held.summary.amount_due, on=DAY,
        ),
        world.context,
    )  # fmt: skip
    world.deliver()
    status = pa.sent[1]
    message = cdar.parse(pa.files[status.id, FlowView.ORIGINAL])
    approved = replace(
        message, code="205", untdid="1", label="Approuvée", details=(), id="buyer-205",
        author=replace(message.recipients[0], address=None),
        recipients=(replace(message.author, address=message.recipients[0].address),),
    )  # fmt: skip
    data = cdar.write(approved)
    pa.bring(
        "in-205", data, kind=FlowType.CUSTOMER_INVOICE_LC,
        at=world.clock.now() + timedelta(hours=1),
    )  # fmt: skip
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()
    head = world.document(held.id)
    text = shown(manager, held)
    own = next(one for one in head.statuses if one.code == "212")
    taken = world.context.connections.taken(world.dossier, "super_pdp", ["in-205"])["in-205"]
    assert taken.file is not None
    for words in (
        "4 transmissions", "Facture par Super PDP", "Acquittée", out.id, held.sha256,
        "212 Encaissée", status.id, head.files[role_of(own.id)].sha256,
        "205 Approuvée reçu par Super PDP", "in-205", taken.file.sha256,
    ):  # fmt: skip
        assert words in text, words


def test_a_refusal_says_why_and_keeps_what_was_sent(manager: Browser, pa: FakePlatform) -> None:
    """No flow was given: the hash of what left and the reason stay."""
    world = manager.world
    held = sale(world)
    pa.refuses = "InvalidSchema"
    run(SendInvoice(dossier=world.dossier, document=held.id, by="u1"), world.context)
    world.deliver()
    text = shown(manager, held)
    assert "Refusée" in text
    assert held.sha256 in text
    assert "InvalidSchema" not in text
