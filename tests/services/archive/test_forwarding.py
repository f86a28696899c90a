"""Automatic forwarding: once, with its files, tried again, sent again by a person (PE-22)."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from facteur.adapters.aws.mailer import SesMailer
from facteur.domain.commands import AcceptDocument, Deliver, ForwardDocument
from facteur.domain.documents import Document, State
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.events import broken_at
from facteur.domain.forwarding import PATIENCE, DeliveryState
from facteur.ports import Mail, MailFile
from facteur.services.access.limits import MAILS_PER_PLACE, throttle_mails
from facteur.services.archive import forwarding
from facteur.services.notifications import settings
from facteur.services.run import run

from tests.services.world import World, xml
from tests.web.browser import keep

FIRM = "a@b.fr"  # a member's own: it agreed already
STRANGER = "import@cabinet.example"


@dataclass
class Post:
    """Keeps the mails; away as many times as told."""

    away: int = 0
    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        if self.away:
            self.away -= 1
            raise UnavailableError("unavailable", service="ses")
        self.sent.append(mail)


@pytest.fixture
def post(world: World) -> Post:
    """The dossier's mails go here."""
    made = Post()
    world.with_(mailer=made)
    return made


def _rule(world: World, what: str = "facturx", direction: str = "purchase") -> str:
    held = forwarding.add_rule(
        world.caller, direction=direction, address=FIRM, what=what, context=world.context
    )
    return held.rules[-1].id


def _archived(world: World, number: str = "F-77") -> Document:
    """A received invoice, accepted and sealed, and everything that follows."""
    key = f"mail/{number}"
    world.receive(("facture.xml", xml(number)), key=key, message_id=f"{number}@x.example")
    one = next(one for one in world.documents() if one.summary.number == number)
    run(
        AcceptDocument(dossier=one.dossier, document=one.id, version=one.version, by="u1"),
        world.context,
    )
    world.deliver()
    found = world.document(one.id)
    assert found.state is State.ARCHIVED
    return found


def _tick(world: World, step: timedelta) -> None:
    """Time passes and the sweep sends what is due."""
    world.clock.time += step
    for scheduled in world.context.store.due(world.clock.now()):
        if isinstance(scheduled.command, Deliver):
            world.context.store.done(scheduled.id)
            world.queue.send(scheduled)
    world.deliver()


def test_what_is_archived_leaves_with_its_files(world: World, post: Post) -> None:
    """One mail, the right file, the history and the log say so."""
    _rule(world)
    document = _archived(world)
    (mail,) = post.sent
    assert mail.to == FIRM
    assert "F-77" in mail.subject
    assert [one.name for one in mail.files] == ["F-77-facturx.pdf"]
    assert mail.files[0].data == world.context.blobs.get(document.files["facturx"])
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert (told.state, told.tries, told.address) == (DeliveryState.SENT, 1, FIRM)
    history = world.context.store.history(document.ref)
    assert history[-1].event.name.value == "DocumentForwarded"
    assert dict(history[-1].event.values) == {"address": FIRM, "files": "facturx"}
    assert broken_at(history) is None


def test_a_dossier_without_rules_asks_for_nothing_more(world: World, post: Post) -> None:
    """No command, no mail, no row."""
    document = _archived(world)
    assert post.sent == []
    archived = next(
        one.event
        for one in world.context.store.history(document.ref)
        if one.event.name.value == "DocumentArchived"
    )
    assert "forward" not in archived.values


def test_nothing_is_sent_twice_by_itself(world: World, post: Post) -> None:
    """The same commands again, however late: the delivery exists, and is sent."""
    _rule(world)
    document = _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    run(ForwardDocument(dossier=document.dossier, document=document.id), world.context)
    run(Deliver(dossier=document.dossier, delivery=told.id), world.context)
    world.deliver()
    assert len(post.sent) == 1


def test_sales_do_not_leave_by_the_rule_of_purchases(world: World, post: Post) -> None:
    """Each type has its own addresses."""
    _rule(world, direction="sale")
    _archived(world)
    assert post.sent == []


def test_both_files_leave_when_both_are_asked(world: World, post: Post) -> None:
    """The file as received and the Factur-X."""
    _rule(world, what="both")
    _archived(world)
    assert [one.name for one in post.sent[0].files] == ["F-77.xml", "F-77-facturx.pdf"]


def test_a_service_that_is_away_is_tried_again(world: World, post: Post) -> None:
    """Later, and the log says why it waits; then it leaves, once."""
    _rule(world)
    post.away = 2
    _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert told.state is DeliveryState.WAITING
    assert told.failure is not None
    assert told.next_at == world.clock.now() + PATIENCE[0]
    _tick(world, PATIENCE[0])
    _tick(world, PATIENCE[1])
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert (told.state, told.tries, len(post.sent)) == (DeliveryState.SENT, 3, 1)


def test_patience_ends_and_a_person_sends_again(world: World, post: Post) -> None:
    """« Échec » with its reason, then « Renvoyer » starts a new round."""
    _rule(world)
    post.away = len(PATIENCE) + 1
    _archived(world)
    for step in PATIENCE:
        _tick(world, step)
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert told.state is DeliveryState.FAILED
    assert told.failure is not None
    assert told.failure.code == "forward.unavailable"
    forwarding.resend(world.caller, told.id, world.context)
    world.deliver()
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert (told.state, told.round, len(post.sent)) == (DeliveryState.SENT, 2, 1)


def test_files_too_large_for_a_mail_fail_at_once(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trying again would change nothing: the reason is told, nobody waits."""
    monkeypatch.setattr(forwarding, "MOST_BYTES", 10)
    _rule(world)
    _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    assert (told.state, post.sent) == (DeliveryState.FAILED, [])
    assert told.failure is not None
    assert told.failure.code == "forward.too_large"


@pytest.mark.parametrize(
    ("address", "what", "code"),
    [("pas une adresse", "facturx", "email.invalid"),
     ("a@b.fr\r\nBcc: x@y.fr", "facturx", "email.invalid"),
     ("a@b.fr, c@d.fr", "facturx", "email.invalid"), ("a@b.fr", "tout", "forward.choice")],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(
    world: World, address: str, what: str, code: str
) -> None:
    """Nor two of them, nor a header of somebody else's."""
    with pytest.raises(InvalidError) as told:
        forwarding.add_rule(
            world.caller, direction="purchase", address=address, what=what, context=world.context
        )
    assert [one.code for one in told.value.faults] == [code]


def test_rules_are_a_gerant_s_and_stand_in_the_journal(world: World) -> None:
    """Added, not twice, removed: who and where is told; the others may not."""
    rule = _rule(world)
    with pytest.raises(InvalidError) as told:
        _rule(world)
    assert told.value.faults[0].code == "forward.twice"
    staff = Caller(user="u2", name="", dossier=world.dossier, permissions=PERMISSIONS[Role.STAFF])
    with pytest.raises(ForbiddenError):
        forwarding.remove_rule(staff, rule, world.context)
    forwarding.remove_rule(world.caller, rule, world.context)
    assert forwarding.rules(world.caller, world.context).rules == ()
    journal = world.context.journal.entries(world.dossier)
    assert {one.what for one in journal} == {"forward.added", "forward.removed"}
    with pytest.raises(NotFoundError):
        forwarding.remove_rule(world.caller, rule, world.context)


def test_another_dossiers_delivery_is_not_sent_again(world: World, post: Post) -> None:
    """Its name is no name here."""
    _rule(world)
    _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    other = replace(world.caller, dossier="autre")
    with pytest.raises(NotFoundError):
        forwarding.resend(other, told.id, world.context)


def test_a_document_that_is_not_archived_goes_nowhere(world: World, post: Post) -> None:
    """A command that comes for something else does nothing."""
    _rule(world)
    held = keep(world, State.TO_ACCEPT)
    run(ForwardDocument(dossier=held.dossier, document=held.id), world.context)
    assert forwarding.deliveries(world.caller, world.context) == ()


def test_the_files_are_in_the_mail_that_leaves(world: World) -> None:
    """What SES is given parses back to the same bytes under a harmless name."""

    class Ses:
        raw = b""

        def send_raw_email(self, **given: Any) -> None:
            self.raw = given["RawMessage"]["Data"]

    ses = Ses()
    mailer = SesMailer(lambda _name: ses, world.clock, sender="x@facteur.example")  # type: ignore[arg-type]
    files = (MailFile(name="F\r\n1.pdf", media_type="application/pdf", data=b"%PDF \x00\xff"),)
    mailer.send(Mail(to=FIRM, subject="s", text="t", html="<p>t</p>", files=files))
    (part,) = [one for one in message_from_bytes(ses.raw).walk() if one.get_filename()]
    assert part.get_payload(decode=True) == b"%PDF \x00\xff"
    assert part.get_filename() == "F 1.pdf"
    assert part.get_content_type() == "application/pdf"


def test_an_address_that_is_nobody_s_here_agrees_first(world: World, post: Post) -> None:
    """Only a link is mailed; nothing leaves before; the link works once; then it leaves."""
    held = forwarding.add_rule(
        world.caller, direction="purchase", address=STRANGER, what="facturx", context=world.context
    )
    assert held.rules[-1].pending
    world.deliver()
    (asked,) = post.sent
    assert (STRANGER, ()) == (asked.to, asked.files)
    assert "les factures archivées" in asked.text
    _archived(world, "F-1")
    assert [asked] == post.sent

    token = re.findall(r"jeton=([\w-]+)", asked.text)[0]
    assert STRANGER == settings.confirming(token, world.context)
    assert STRANGER == settings.confirm(token, world.context)
    with pytest.raises(NotFoundError):
        settings.confirm(token, world.context)
    _archived(world, "F-2")
    assert [STRANGER, STRANGER] == [one.to for one in post.sent]
    assert "F-2" in post.sent[-1].subject
    assert "forward.confirmed" in [
        one.what for one in world.context.journal.entries(world.dossier)
    ]


def test_a_link_of_a_removed_rule_opens_nothing(world: World, post: Post) -> None:
    """Removed meanwhile: the address gets nothing."""
    held = forwarding.add_rule(
        world.caller, direction="purchase", address=STRANGER, what="facturx", context=world.context
    )
    world.deliver()
    forwarding.remove_rule(world.caller, held.rules[-1].id, world.context)
    token = re.findall(r"jeton=([\w-]+)", post.sent[0].text)[0]
    with pytest.raises(NotFoundError):
        settings.confirm(token, world.context)


def test_nothing_is_sent_again_by_a_removed_rule_nor_without_end(world: World, post: Post) -> None:
    """« Renvoyer » asks that the rule still stands, and is counted."""
    rule = _rule(world)
    _archived(world)
    (told,) = forwarding.deliveries(world.caller, world.context)
    for number in range(MAILS_PER_PLACE):
        throttle_mails(f"somebody {number}", world.dossier, world.context)
    with pytest.raises(ForbiddenError):
        forwarding.resend(world.caller, told.id, world.context)
    world.clock.pass_(hours=1)
    forwarding.remove_rule(world.caller, rule, world.context)
    with pytest.raises(ConflictError):
        forwarding.resend(world.caller, told.id, world.context)
    assert 1 == len(post.sent)
