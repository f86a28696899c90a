"""A status that came, told by mail: to whom it concerns, once, until it is opened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from facteur.domain.attention import Frequency
from facteur.domain.commands import ApplyStatus, SeeStatuses
from facteur.domain.documents import Direction, Document, State, Summary
from facteur.domain.lifecycle.records import Side, StatusReason, StatusRecord
from facteur.ports import Changes, Mail
from facteur.services.run import run

from tests.services.notifications.test_notifying import ROUND, choose, rounds
from tests.services.world import START, World, round_
from tests.web.browser import Letters, keep


def sold(world: World, state: State = State.ARCHIVED) -> Document:
    summary = Summary(
        kind="invoice", type_code="380", number="V-1", buyer_name="Imprimerie des Quais"
    )
    return keep(world, state, direction=Direction.SALE, summary=summary)


def hear(world: World, document: Document, code: str, *, flow: str = "", ago: int = 0) -> None:
    """A status comes, set so many minutes ago."""
    now = world.clock.now()
    reasons = {"207": "QTE_ERR", "210": "DEST_ERR", "213": "REJ_SEMAN"}
    said = StatusReason(code=reasons.get(code, ""), comment="Deux cartons manquent.")
    record = StatusRecord(
        id=f"flow:pa:{flow or code}",
        code=code,
        set_at=now - timedelta(minutes=ago),
        recorded_at=now,
        side=Side.PLATFORM if code == "213" else Side.BUYER,
        reasons=(said,) if code in reasons else (),
    )
    run(ApplyStatus(dossier=document.dossier, document=document.id, record=record), world.context)


def mailed(letters: Letters, world: World, minutes: int = 10) -> list[Mail]:
    """What is mailed in the next minutes."""
    before = len(letters.sent)
    rounds(world, world.clock.now() + timedelta(minutes=minutes))
    return letters.sent[before:]


def test_a_dispute_is_mailed_at_once_with_its_reason_what_to_do_and_the_link(
    world: World, letters: Letters
) -> None:
    """« Immédiate »: the next round; once, though its flow comes twice."""
    choose(world, Frequency.IMMEDIATE)
    sale = sold(world)
    world.clock.pass_(minutes=3)
    hear(world, sale, "207")
    hear(world, sale, "207", flow="again", ago=0)
    (mail,) = mailed(letters, world)
    assert "1 facture dont un statut reçu est à voir" in mail.text
    assert "Imprimerie des Quais · V-1" in mail.text
    assert "En litige : Quantité facturée incorrecte : « Deux cartons manquent. »" in mail.text
    assert "un avoir, une facture rectificative ou une réponse y met fin" in mail.text
    assert f"/vers/{world.dossier}/{sale.id}" in mail.text
    assert f"/vers/{world.dossier}/ventes-statuts" in mail.text
    assert "Deux cartons manquent." in mail.html
    late = world.clock.now() - START - timedelta(minutes=3)
    hear(world, sale, "207", flow="third", ago=round(late.total_seconds() / 60))
    assert [] == mailed(letters, world, 60)


def test_a_rejection_is_of_the_block_of_errors_and_a_payment_of_the_other(
    world: World, letters: Letters
) -> None:
    """Each block tells its own; who wants none of one hears none of it."""
    choose(world, Frequency.NEVER, Frequency.IMMEDIATE)
    hear(world, sold(world), "211")
    assert [] == mailed(letters, world)
    hear(world, sold(world), "213")
    (mail,) = mailed(letters, world)
    assert "1 facture rejetée ou non transmise" in mail.text
    assert "Rejetée : Contrôle du format sémantique" in mail.text
    assert "Paiement transmis" not in mail.text


def test_by_default_it_is_in_the_digest_of_the_morning(world: World, letters: Letters) -> None:
    """Nobody chose anything: the member who decides reads it at eight, and once."""
    hear(world, sold(world), "210")
    for day, hour, sent in ((20, 23, 0), (21, 7, 1), (22, 8, 1)):
        world.clock.time = datetime(2026, 11, day, hour, 1, tzinfo=UTC)
        round_(world)
        round_(world)
        assert sent == len(letters.sent), "nothing new, nothing sent"
    (mail,) = letters.sent
    assert "a@b.fr" == mail.to
    assert "Refusée : Erreur de destinataire" in mail.text


@pytest.mark.parametrize("code", ["200", "203", "204", "205"])
def test_what_asks_for_nothing_is_not_mailed(world: World, letters: Letters, code: str) -> None:
    """The road and the approvals of a thousand sales are no thousand mails."""
    choose(world, Frequency.IMMEDIATE, Frequency.IMMEDIATE)
    hear(world, sold(world), code)
    assert [] == mailed(letters, world)


def test_what_was_opened_before_the_digest_left_is_no_reason_to_write(
    world: World, letters: Letters
) -> None:
    """Seen, or lifted by an approval: the digest that was due says nothing."""
    choose(world, Frequency.HOURLY)
    opened, approved = sold(world), sold(world)
    hear(world, opened, "207")
    hear(world, approved, "207", flow="other", ago=2)
    rounds(world, START + timedelta(minutes=10))
    see = SeeStatuses(dossier=world.dossier, document=opened.id, by="u1", by_name="Anne")
    run(see, world.context)
    hear(world, approved, "205")
    assert [] == mailed(letters, world, 120)
    assert () == world.context.store.unseen(world.dossier, Direction.SALE)


def test_the_rows_of_what_waits_follow_their_documents(world: World) -> None:
    """Newest first, once each; the trash and other dossiers hold none."""
    first, second = sold(world), sold(world)
    hear(world, first, "207")
    world.clock.pass_(minutes=1)
    hear(world, second, "211")
    store = world.context.store
    assert (second.id, first.id) == store.unseen(world.dossier, Direction.SALE)
    world.clock.pass_(minutes=1)
    hear(world, first, "210")
    assert (first.id, second.id) == store.unseen(world.dossier, Direction.SALE)
    assert () == store.unseen(world.dossier, Direction.PURCHASE)
    assert () == store.unseen("other", Direction.SALE)
    held = store.document(second.ref)
    store.commit(Changes(document=replace(held, state=State.TRASHED)))
    assert (first.id,) == store.unseen(world.dossier, Direction.SALE)
    since = world.clock.now() - ROUND
    found = world.context.notifications.said(since, world.clock.now())
    assert ((world.dossier, first.id),) == found
