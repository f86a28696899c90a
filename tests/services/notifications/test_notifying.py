"""Digests, from an invoice that arrives to the mail that tells of it, with the real store."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from facteur.adapters.aws.mailer import SesMailer
from facteur.domain.attention import Block, Frequency, Settings, Topic
from facteur.domain.commands import CopyNotifications, SendDigest, SendDigests
from facteur.domain.documents import Approver, Direction, Document, State, Summary
from facteur.domain.dossiers import Dossier, Member, Role
from facteur.domain.faults import Fault
from facteur.domain.forwarding import Delivery, DeliveryState, What
from facteur.domain.mailboxes import CONSENT_LOST, Mailbox
from facteur.domain.people import Firm, FirmMember, FirmRole, Link, LinkState
from facteur.ports import Changes, Mail, MailRecord, PeopleChanges
from facteur.services.deciding import preferences
from facteur.services.notifications import mailing
from facteur.services.notifications.notifying import alert_delivery, alert_mailbox, begin_digests
from facteur.services.run import run
from pynamodb.connection import Connection

from tests.services.world import START, World, round_, xml
from tests.web.browser import Letters, keep

ROUND = timedelta(minutes=5)


def rounds(world: World, until: datetime) -> None:
    """Strike twice, five minutes apart, then every half hour; the last time at ``until``."""
    struck = 0
    while world.clock.now() < until:
        step = ROUND if struck < 2 else timedelta(minutes=30)
        world.clock.time = min(world.clock.now() + step, until)
        round_(world)
        struck += 1


def choose(
    world: World,
    waiting: Frequency = Frequency.NEVER,
    errors: Frequency = Frequency.NEVER,
    *,
    user: str = "u1",
    dossier: str = "",
    **changes: object,
) -> None:
    held = world.context.notifications.settings(dossier or world.dossier, user)
    settings = Settings(
        dossier=dossier or world.dossier,
        user=user,
        email=f"{user}@x.fr",
        name="Anne",
        waiting=Block(frequency=waiting),
        errors=Block(frequency=errors),
        version=held.version if held else 0,
        **changes,  # type: ignore[arg-type]
    )
    world.context.notifications.save(settings, ())


def arrive(world: World, state: State = State.TO_ACCEPT, **changes: object) -> Document:
    """A document that waits from now on."""
    summary = Summary(seller_name="Vasseur", number=f"F-{world.context.ids.new()[-3:]}")
    return keep(world, state, summary=summary, **changes)


def counting(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that are made on the tables from now on."""
    calls: list[str] = []
    real = Connection._make_api_call

    def call(self: Connection, name: str, *given: object, **named: object) -> object:
        calls.append(name)
        return real(self, name, *given, **named)

    monkeypatch.setattr(Connection, "_make_api_call", call)
    return calls


def test_an_invoice_that_arrived_is_told_at_eight_the_next_day(
    world: World, letters: Letters
) -> None:
    """JF-69 on the whole road, mailed, read and checked; once, to the member's own address."""
    world.receive(("f.xml", xml("F-77")))
    rounds(world, START + timedelta(minutes=10))
    for day, hour, minute, sent in ((20, 23, 0, 0), (21, 6, 59, 0), (21, 7, 1, 1), (22, 8, 0, 1)):
        world.clock.time = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
        round_(world)
        assert len(letters.sent) == sent, "nothing new, nothing sent"
    (mail,) = letters.sent
    assert mail.to == "a@b.fr"
    assert "1 facture à accepter" in mail.text
    assert "F-77" in mail.text


@pytest.mark.parametrize(
    ("frequency", "leaves"),
    [
        (Frequency.NEVER, []),
        (Frequency.IMMEDIATE, ["2026-11-20T09:05"]),
        (Frequency.HOURLY, ["2026-11-20T10:00"]),
        (Frequency.DAILY, ["2026-11-21T07:00"]),
        (Frequency.WEEKLY, ["2026-11-23T07:00"]),
    ],
)
def test_each_frequency_sends_at_its_moment_and_never_sends_none(
    world: World, letters: Letters, frequency: Frequency, leaves: list[str]
) -> None:
    """JF-72: a hundred documents make one mail, and « Jamais » none; one dossier, four days."""
    choose(world, frequency)
    world.clock.pass_(minutes=3)
    for _one in range(12):
        arrive(world)
    sent: list[str] = []
    moments = [START + ROUND * n for n in range(1, 14)]
    moments += [datetime(2026, 11, day, 7, 0, tzinfo=UTC) for day in (21, 22, 23, 24)]
    for moment in moments:
        world.clock.time = moment
        round_(world)
        sent += [f"{moment:%Y-%m-%dT%H:%M}"] * (len(letters.sent) - len(sent))
    assert sent == leaves
    assert all("12 factures à accepter" in mail.text for mail in letters.sent)


def test_the_two_blocks_are_independent(world: World, letters: Letters) -> None:
    """JF-71: par défaut « Jamais », erreurs « Horaire »: only the quarantine is told."""
    choose(world, Frequency.NEVER, Frequency.HOURLY)
    arrive(world, State.TO_CHECK)
    arrive(world, State.QUARANTINED)
    rounds(world, START + timedelta(hours=3))
    (mail,) = letters.sent
    assert "1 document en quarantaine" in mail.text
    assert "contrôler" not in mail.text


def test_nothing_is_sent_when_nothing_waits_any_more(world: World, letters: Letters) -> None:
    """What was new was decided before the digest left; older things are no reason to write."""
    arrive(world)
    choose(world, Frequency.HOURLY)
    rounds(world, START + timedelta(hours=2))
    letters.sent.clear()
    new = arrive(world)
    held = world.context.store.document(new.ref)
    rounds(world, START + timedelta(hours=2, minutes=10))
    world.context.store.commit(Changes(document=replace(held, state=State.REFUSED)))
    rounds(world, START + timedelta(hours=4))
    assert letters.sent == []


def test_what_waits_longer_is_counted_with_what_is_new(world: World, letters: Letters) -> None:
    """The second digest tells of both."""
    choose(world, Frequency.HOURLY)
    arrive(world)
    rounds(world, START + timedelta(hours=1, minutes=5))
    arrive(world)
    rounds(world, START + timedelta(hours=3))
    assert ["1 facture à accepter" in one.text for one in letters.sent] == [True, False]
    assert "2 factures à accepter" in letters.sent[1].text


def test_one_mail_tells_of_all_the_dossiers_of_a_person(world: World, letters: Letters) -> None:
    """Two dossiers, both blocks, one mail, with links that name the dossier."""
    other = Dossier(id="atelier", name="Atelier Nord", siren="552100554")
    member = Member(dossier="atelier", user="u1", email="u1@x.fr", name="Anne", role=Role.STAFF)
    world.context.store.save_dossier(other, (member,), {})
    for dossier in (world.dossier, "atelier"):
        choose(world, Frequency.HOURLY, Frequency.HOURLY, dossier=dossier)
    arrive(world)
    there = replace(world, caller=replace(world.caller, dossier="atelier"))
    arrive(there, State.QUARANTINED)
    rounds(world, START + timedelta(hours=2))
    (mail,) = letters.sent
    assert mail.subject == "2 éléments vous attendent dans 2 dossiers"
    assert f"/vers/{world.dossier}/a-accepter" in mail.text
    assert "/vers/atelier/quarantaine" in mail.html


def test_an_invoice_in_a_circuit_is_told_to_its_approvers_alone(
    world: World, letters: Letters
) -> None:
    """The member who is asked hears of it; the other, of nothing."""
    member = Member(dossier=world.dossier, user="u2", email="u2@x.fr", name="B", role=Role.STAFF)
    world.context.people.commit(PeopleChanges(members=(member,)))
    choose(world, Frequency.HOURLY)
    choose(world, Frequency.HOURLY, user="u2")
    arrive(world, circuit="Direction", approvers=(Approver(id="u2"),))
    rounds(world, START + timedelta(hours=2))
    (mail,) = letters.sent
    assert mail.to == "u2@x.fr"
    assert "1 facture attend votre accord" in mail.text


def test_whoever_left_hears_of_nothing(world: World, letters: Letters) -> None:
    """The digest was prepared; rights are looked at when it leaves."""
    member = Member(dossier=world.dossier, user="u2", email="u2@x.fr", name="B", role=Role.STAFF)
    world.context.people.commit(PeopleChanges(members=(member,)))
    choose(world)
    choose(world, Frequency.HOURLY, user="u2")
    arrive(world)
    rounds(world, START + timedelta(minutes=20))
    world.context.people.commit(PeopleChanges(gone=(member,)))
    rounds(world, START + timedelta(hours=2))
    assert letters.sent == []


def test_a_firm_s_person_is_written_to_while_the_link_stands(
    world: World, letters: Letters
) -> None:
    """Chosen through a firm: told while the firm is linked, and no longer."""
    firm = Firm(id="cab", name="Cabinet", siren="300040003")
    person = FirmMember(firm="cab", user="f1", email="f1@x.fr", name="F", role=FirmRole.STAFF)
    link = Link(
        firm="cab",
        firm_name="Cabinet",
        dossier=world.dossier,
        dossier_name="Delorme",
        siren="300000007",
        state=LinkState.ACTIVE,
        role=Role.ACCOUNTANT,
        since=START,
    )
    world.context.people.commit(PeopleChanges(firm=firm, firm_members=(person,), links=(link,)))
    choose(world)
    choose(world, Frequency.IMMEDIATE, user="f1", firm="cab")
    arrive(world)
    rounds(world, START + timedelta(minutes=15))
    assert [one.to for one in letters.sent] == ["f1@x.fr"]
    world.context.people.commit(PeopleChanges(unlinked=(replace(link, version=1),)))
    arrive(world)
    rounds(world, START + timedelta(minutes=40))
    assert len(letters.sent) == 1


def test_a_mail_set_aside_is_told_once(world: World, letters: Letters) -> None:
    """Though its window is looked at again, because mails are dated by their reception."""
    choose(world, errors=Frequency.IMMEDIATE)
    record = MailRecord(
        dossier=world.dossier,
        id="m1",
        key="mail/1",
        at=START,
        sender="x@y.fr",
        subject="Logo",
        message_id="m1",
        direction=Direction.PURCHASE,
        set_aside=(Fault(code="part.other", values={"filename": "logo.gif"}),),
    )
    world.context.store.save_mail(record)
    rounds(world, START + timedelta(hours=1, minutes=30))
    (mail,) = letters.sent
    assert "1 e-mail dont une pièce a été mise de côté" in mail.text


def test_doing_every_step_twice_sends_one_mail(world: World, letters: Letters) -> None:
    """The same window again, the same digest again: at most once."""
    choose(world, Frequency.IMMEDIATE)
    arrive(world)
    rounds(world, START + timedelta(minutes=10))
    assert len(letters.sent) == 1
    window = SendDigests(since=START - timedelta(minutes=1), until=START + timedelta(minutes=4))
    run(window, world.context)
    world.deliver()
    round_(world)
    assert len(letters.sent) == 1


def test_what_a_supplier_wrote_stays_text(world: World, letters: Letters) -> None:
    """A name with tags and line breaks adds neither an element nor a header."""
    choose(world, Frequency.IMMEDIATE)
    name = "<img src=x onerror=alert(1)>\r\nBcc: x@y.fr"
    keep(world, State.TO_ACCEPT, summary=Summary(seller_name=name, number="<b>1</b>"))
    rounds(world, START + timedelta(minutes=10))
    (mail,) = letters.sent
    assert "<img" not in mail.html
    assert "<b>1</b>" not in mail.html
    assert "\n" not in mail.subject


def test_an_unsubscribed_address_gets_no_digest(world: World, letters: Letters) -> None:
    """RFC 8058: the link of the header, whose hash alone is kept; then silence, and back."""
    choose(world, Frequency.IMMEDIATE)
    arrive(world)
    rounds(world, START + timedelta(minutes=10))
    (mail,) = letters.sent
    token = mail.unsubscribe.rpartition("/")[2]
    assert mail.unsubscribe.startswith(f"{world.context.site_url}/desabonnement/")
    assert mailing.unsubscribing(token, world.context).takes_digests
    for _twice in range(2):
        assert not mailing.unsubscribe(token, world.context).takes_digests
    told = [one.what for one in world.context.journal.entries(world.dossier)]
    assert told.count("notifications.unsubscribed") == 1
    arrive(world)
    rounds(world, START + timedelta(minutes=30))
    assert len(letters.sent) == 1
    mailing.reactivate("u1@x.fr", world.context)
    arrive(world)
    rounds(world, START + timedelta(minutes=50))
    assert len(letters.sent) == 2


def test_the_mail_carries_the_headers_of_one_click_unsubscription(world: World) -> None:
    """Both headers, on one line each, only when there is something to unsubscribe from."""
    mailer = SesMailer(lambda _name: None, world.clock, sender="f@x.fr")  # type: ignore[arg-type]
    mail = Mail(to="a@b.fr", subject="s\r\nBcc: c@d.fr", text="t", html="<p>h</p>")
    plain = mailer._message(mail)
    assert plain["List-Unsubscribe"] is None
    assert plain["Bcc"] is None
    made = mailer._message(replace(mail, unsubscribe="https://x.fr/d/abc"))
    assert made["List-Unsubscribe"] == "<https://x.fr/d/abc>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = made.as_bytes().decode()
    assert re.search(r"^List-Unsubscribe: <https://x.fr/d/abc>$", raw, re.MULTILINE)


def test_a_quiet_round_costs_few_calls_whatever_the_dossiers(
    world: World, letters: Letters
) -> None:
    """Nothing new: no command, the window stays where it is."""
    before = world.context.notifications.window()
    rounds(world, START + timedelta(minutes=30))
    assert world.context.notifications.window() == before
    assert world.context.store.due(world.clock.now() + timedelta(days=30)) == ()


def test_a_digest_for_nobody_is_nothing(world: World, letters: Letters) -> None:
    """A command whose digest is empty, or was told, does nothing."""
    run(SendDigest(user="u1", address="a@b.fr", due=START), world.context)
    assert letters.sent == []
    assert preferences.preferences(world.caller, world.context).dossier == world.dossier
    assert Topic("errors") is Topic.ERRORS


def test_one_s_choices_are_given_to_all_one_s_dossiers(world: World, letters: Letters) -> None:
    """Own ones and those of the firm; nobody else's; what was not confirmed stays behind."""
    context = world.context
    for name, user in (("mine", "u1"), ("other", "u2")):
        dossier = Dossier(id=name, name=name, siren="552100554")
        member = Member(dossier=name, user=user, email="x@x.fr", name="", role=Role.READER)
        context.store.save_dossier(dossier, (member,), {})
    firm = Firm(id="cab", name="Cabinet", siren="300040003")
    person = FirmMember(firm="cab", user="u1", email="u1@x.fr", name="A", role=FirmRole.STAFF)
    link = Link(
        firm="cab",
        firm_name="Cabinet",
        dossier="kept",
        dossier_name="Kept",
        siren="300000007",
        state=LinkState.ACTIVE,
        role=Role.ACCOUNTANT,
        since=START,
    )
    context.people.commit(PeopleChanges(firm=firm, firm_members=(person,), links=(link,)))
    choose(world, Frequency.WEEKLY, Frequency.NEVER)
    held = context.notifications.settings(world.dossier, "u1")
    assert held is not None
    asked = replace(held, errors=Block(frequency=Frequency.HOURLY, pending="no@x.fr"))
    context.notifications.save(asked, ())
    for _twice in range(2):
        run(CopyNotifications(dossier=world.dossier, user="u1"), context)
    for name, firm_id in (("mine", ""), ("kept", "cab")):
        given = context.notifications.settings(name, "u1")
        assert given is not None
        assert (given.waiting.frequency, given.firm) == (Frequency.WEEKLY, firm_id)
        assert given.errors == Block(frequency=Frequency.HOURLY)
        assert len(context.journal.entries(name)) == 1
    assert context.notifications.settings("other", "u1") is None


def test_a_quiet_round_asks_the_same_whatever_the_dossiers(
    world: World, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five calls, whatever the number of dossiers and of documents that wait."""
    calls = counting(world, monkeypatch)
    for number in range(30):
        there = replace(world, caller=replace(world.caller, dossier=f"d{number}"))
        arrive(there)
    rounds(world, START + timedelta(minutes=20))
    calls.clear()
    begin_digests(world.clock.now() + ROUND, world.context)
    assert calls == ["GetItem", *["Query"] * 4]


def test_a_delivery_that_failed_is_told_while_it_stands_failed(
    world: World, letters: Letters
) -> None:
    """The block of errors alone; not once it was sent again in between."""
    choose(world, Frequency.IMMEDIATE, Frequency.IMMEDIATE)
    failed = Delivery(
        dossier=world.dossier,
        id="i1-r1",
        document="i1",
        title="F-1",
        party="Vasseur",
        address="x@y.fr",
        what=next(iter(What)),
        at=START,
        state=DeliveryState.FAILED,
    )
    for one in (failed, replace(failed, id="i2-r1")):
        assert world.context.forwardings.begin(one)
        alert_delivery(world.dossier, one.id, world.context)
    world.context.forwardings.update(replace(failed, id="i2-r1", state=DeliveryState.SENT))
    rounds(world, START + timedelta(minutes=40))
    (mail,) = letters.sent
    assert "1 transmission automatique en échec" in mail.text
    assert f"/vers/{world.dossier}/transmission" in mail.text


def test_a_mailbox_to_reconnect_is_told_while_it_waits(world: World, letters: Letters) -> None:
    """To the block of errors, with the page where it is reconnected; not once that is done."""
    choose(world, Frequency.IMMEDIATE, Frequency.IMMEDIATE)
    lost = Mailbox(
        dossier=world.dossier,
        id="b1",
        host="imap.x.fr",
        user="compta@x.fr",
        secret="s",
        provider="google",
        failure=Fault(code=CONSENT_LOST),
    )
    world.context.mailboxes.save(lost)
    world.context.mailboxes.save(replace(lost, id="b2", failure=None))
    for one in ("b1", "b2"):
        alert_mailbox(world.dossier, one, world.context)
    rounds(world, START + timedelta(minutes=40))
    (mail,) = letters.sent
    assert "1 boîte aux lettres à reconnecter" in mail.text
    assert f"/vers/{world.dossier}/boites" in mail.text
    alert_mailbox(world.dossier, "b2", world.context)
    rounds(world, START + timedelta(minutes=80))
    assert 1 == len(letters.sent)


def test_a_digest_of_many_dossiers_costs_some_calls_for_each_and_tells_of_forty(
    world: World, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty-five dossiers, three documents in each: one mail, the last five are counted."""
    choose(world)
    for number in range(45):
        dossier = Dossier(id=f"d{number:02d}", name=f"Dossier {number:02d}", siren="552100554")
        member = Member(dossier=dossier.id, user="u1", email="u1@x.fr", name="A", role=Role.STAFF)
        world.context.store.save_dossier(dossier, (member,), {})
        choose(world, Frequency.IMMEDIATE, Frequency.IMMEDIATE, dossier=dossier.id)
        there = replace(world, caller=replace(world.caller, dossier=dossier.id))
        for state in (State.TO_ACCEPT, State.TO_CHECK, State.QUARANTINED):
            arrive(there, state)
    world.clock.pass_(minutes=5)
    calls = counting(world, monkeypatch)
    round_(world)
    (mail,) = letters.sent
    assert mail.text.count("1 facture à contrôler") == 40
    assert "dans 5 autres dossiers" in mail.text
    assert mail.subject == "120 éléments vous attendent dans 45 dossiers"
    assert len(calls) < 45 * 4 + 45 * 9 + 40
