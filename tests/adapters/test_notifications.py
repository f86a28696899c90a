"""Who is written to, on a real table: settings, windows, news, digests to come, addresses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from facteur import bootstrap, config
from facteur.domain.attention import Block, Feedback, Frequency, Settings, Topic, fed_back
from facteur.domain.commands import Scheduled, Sweep
from facteur.domain.documents import Direction, State
from facteur.domain.errors import StaleVersionError
from facteur.domain.events import Event, Happened, chained
from facteur.domain.faults import Fault
from facteur.ports import Changes, Context, DigestKey, MailRecord

from tests.adapters.conftest import NOW, a_document
from tests.emulator import Platform

MINE = Settings(dossier="d1", user="u1", email="a@b.fr")


@pytest.fixture
def context(platform: Platform) -> Context:
    return bootstrap.context(config.load(platform.environment))


def test_settings_are_kept_under_their_version(context: Context) -> None:
    """What comes back went in; two pages open at once do not overwrite each other."""
    held = context.notifications
    assert held.settings("d1", "u1") is None
    first = held.save(MINE, ())
    saved = held.save(first.with_block(Topic.ERRORS, Block(frequency=Frequency.WEEKLY)), ())
    assert held.settings("d1", "u1") == saved
    assert held.settings_of("d1") == (saved,)
    assert held.settings_of("d2") == ()
    with pytest.raises(StaleVersionError):
        held.save(first, ())
    with pytest.raises(StaleVersionError):
        held.save(MINE, ())


def test_the_window_and_what_follows_from_it_move_together(context: Context) -> None:
    """Two rounds at once: one of them wins, and one command is in the agenda."""
    held, until = context.notifications, NOW + timedelta(minutes=5)
    assert held.window() is None
    follow = Scheduled(id="digests-1", command=Sweep(at=NOW), due=NOW)
    held.move_window(None, NOW, ())
    held.move_window(NOW, until, (follow,))
    assert held.window() == until
    with pytest.raises(StaleVersionError):
        held.move_window(NOW, until, (replace(follow, id="digests-2"),))
    assert [one.id for one in context.store.due(NOW)] == ["digests-1"]


def test_a_document_is_news_from_the_moment_it_waits_until_it_moves_on(context: Context) -> None:
    """Correcting it does not make it news again; what left is no news."""

    def step(state: State, name: Happened, minutes: int, **changes: object) -> None:
        head = context.store.document(stored.ref) if stored.version else stored
        event = Event(name=name, at=NOW + timedelta(minutes=minutes))
        entries = chained((event,), length=head.events, last=head.chain)
        moved = replace(
            head, state=state, events=head.events + 1, chain=entries[0].hash, **changes
        )
        context.store.commit(Changes(document=moved, entries=entries))

    def news(since: int, until: int) -> list[str]:
        start, end = NOW + timedelta(minutes=since), NOW + timedelta(minutes=until)
        return [one.id for one in context.notifications.news(start, end)]

    stored = a_document()
    step(State.RECEIVED, Happened.DOCUMENT_RECEIVED, 0)
    stored = replace(stored, version=1)
    assert news(-5, 60) == []
    step(State.TO_CHECK, Happened.CONTROL_NEEDED, 3)
    assert news(-5, 2) == []
    assert news(2, 3) == [stored.id]
    assert news(3, 60) == []
    step(State.READ, Happened.DOCUMENT_CORRECTED, 10)
    assert news(-5, 60) == []
    step(State.TO_ACCEPT, Happened.INVOICE_REGISTERED, 11)
    assert news(2, 3) == [stored.id]
    step(State.QUARANTINED, Happened.DOCUMENT_QUARANTINED, 20, failure=Fault(code="x"))
    assert (news(2, 3), news(19, 21)) == ([], [stored.id])
    step(State.REFUSED, Happened.INVOICE_REFUSED, 30)
    assert news(-5, 60) == []


def test_a_mail_of_which_something_was_set_aside_is_found(context: Context) -> None:
    """And no other mail is."""
    mail = MailRecord(
        dossier="d1",
        id="m1",
        key="mail/1",
        at=NOW,
        sender="x@y.fr",
        subject="",
        message_id="m1",
        direction=Direction.PURCHASE,
    )
    context.store.save_mail(mail)
    context.store.save_mail(replace(mail, id="m2", set_aside=(Fault(code="part.logo"),)))
    found = context.notifications.set_aside(NOW - timedelta(minutes=1), NOW)
    assert [one.id for one in found] == ["m2"]
    assert context.notifications.set_aside(NOW, NOW + timedelta(days=1)) == ()


def test_what_a_digest_will_tell_is_marked_once_and_forgotten_once_told(context: Context) -> None:
    """A second delivery of the same window adds nothing; digests do not mix."""
    held = context.notifications
    key = DigestKey(user="u1", address="a@b.fr", due=NOW)
    for _time in range(2):
        held.mark(key, "d1", Topic.WAITING, ("i1", "i2"))
    held.mark(key, "d1", Topic.WAITING, ("i3",))
    held.mark(key, "d1", Topic.ERRORS, ("i9",))
    held.mark(key, "d2", Topic.ERRORS, ("i4",))
    first, second = held.pending(key)
    assert (first.dossier, second.dossier) == ("d1", "d2")
    assert first.news == {Topic.WAITING: {"i1", "i2", "i3"}, Topic.ERRORS: {"i9"}}
    assert second.news == {Topic.WAITING: frozenset(), Topic.ERRORS: {"i4"}}
    for other in (replace(key, user="u2"), replace(key, address="c@d.fr")):
        assert held.pending(other) == ()
    held.told(key)
    held.told(key)
    assert held.pending(key) == ()


def test_an_address_keeps_what_came_back(context: Context) -> None:
    """Whatever its capitals; two notices at once do not lose each other."""
    held = context.notifications
    new = held.mailing("A@B.fr")
    assert (new.address, new.version, new.takes_digests) == ("a@b.fr", 0, True)
    held.save_mailing(fed_back(new, Feedback.HARD, "n1", at=NOW))
    assert held.mailing(" a@b.FR ").blocked == "hard"
    with pytest.raises(StaleVersionError):
        held.save_mailing(fed_back(new, Feedback.SOFT, "n2", at=NOW))
