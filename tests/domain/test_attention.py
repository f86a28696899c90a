"""When notifications leave, what they tell of, and what comes back, on a frozen clock."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from facteur.domain.attention import (
    Block,
    Feedback,
    Frequency,
    Mailing,
    Settings,
    Topic,
    chosen,
    confirmed,
    defaults,
    due,
    fed_back,
    outside_approvers,
    reactivated,
    topics_of,
    waiting_since,
    waits_for,
)
from facteur.domain.documents import Approval, Approver, Direction, Document, State
from facteur.domain.dossiers import Member, Role
from facteur.domain.events import Event, Happened
from facteur.domain.faults import HOLDING, Fault

NOW = datetime(2026, 11, 20, 9, 2, 30, tzinfo=UTC)  # a Friday, 10:02:30 in Paris


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def document(state: State = State.TO_ACCEPT, **changes: object) -> Document:
    made = Document(
        dossier="d",
        id="i",
        direction=Direction.PURCHASE,
        state=state,
        received_at=NOW,
        filename="f.pdf",
        media_type="application/pdf",
        sha256="",
        size=1,
        sources=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frequency", "found", "leaves"),
    [
        (Frequency.NEVER, "2026-11-20T09:02:30", None),
        (Frequency.IMMEDIATE, "2026-11-20T09:02:30", "2026-11-20T09:02:30"),
        (Frequency.HOURLY, "2026-11-20T09:02:30", "2026-11-20T10:00:00"),
        (Frequency.HOURLY, "2026-11-20T09:00:00", "2026-11-20T09:00:00"),
        (Frequency.HOURLY, "2026-11-20T23:59:59", "2026-11-21T00:00:00"),
        # 8 h in Paris: 7 h UTC in winter, 6 h in summer
        (Frequency.DAILY, "2026-11-20T06:59:59", "2026-11-20T07:00:00"),
        (Frequency.DAILY, "2026-11-20T07:00:00", "2026-11-20T07:00:00"),
        (Frequency.DAILY, "2026-11-20T07:00:01", "2026-11-21T07:00:00"),
        (Frequency.DAILY, "2026-07-14T06:00:01", "2026-07-15T06:00:00"),
        (Frequency.DAILY, "2026-12-31T12:00:00", "2027-01-01T07:00:00"),
        # around the changes of 2026: 29 March and 25 October
        (Frequency.DAILY, "2026-03-28T12:00:00", "2026-03-29T06:00:00"),
        (Frequency.DAILY, "2026-10-24T12:00:00", "2026-10-25T07:00:00"),
        (Frequency.HOURLY, "2026-10-25T00:30:00", "2026-10-25T01:00:00"),
        # Mondays
        (Frequency.WEEKLY, "2026-11-20T09:00:00", "2026-11-23T07:00:00"),
        (Frequency.WEEKLY, "2026-11-23T07:00:00", "2026-11-23T07:00:00"),
        (Frequency.WEEKLY, "2026-11-23T07:00:01", "2026-11-30T07:00:00"),
        (Frequency.WEEKLY, "2026-11-22T23:30:00", "2026-11-23T07:00:00"),  # Monday in Paris
        (Frequency.WEEKLY, "2026-10-24T12:00:00", "2026-10-26T07:00:00"),
        (Frequency.WEEKLY, "2026-03-27T12:00:00", "2026-03-30T06:00:00"),
    ],
)
def test_a_digest_leaves_when_its_frequency_says(
    frequency: Frequency, found: str, leaves: str | None
) -> None:
    """Every frequency, its very moment, winter, summer, and both changes of the clock."""
    assert due(frequency, at(found)) == (None if leaves is None else at(leaves))


@pytest.mark.parametrize("frequency", [Frequency.HOURLY, Frequency.DAILY, Frequency.WEEKLY])
def test_what_is_found_on_the_way_is_in_one_digest(frequency: Frequency) -> None:
    """Two windows of five minutes lead to one moment, so to one mail."""
    first, second = at("2026-11-20T09:05:00"), at("2026-11-20T09:10:00")
    assert due(frequency, first) == due(frequency, second)


def test_who_decides_hears_daily_and_the_others_nothing() -> None:
    """Before anybody chose anything."""
    held = {
        role: defaults(Member(dossier="d", user="u", email="A@b.fr", name="A", role=role))
        for role in Role
    }
    daily = {role for role, one in held.items() if one.waiting.frequency is Frequency.DAILY}
    assert daily == {Role.MANAGER, Role.STAFF}
    assert {one.email for one in held.values()} == {"a@b.fr"}


def test_another_address_waits_to_be_confirmed() -> None:
    """The old one goes on until then; the account's own needs no confirmation."""
    own = Settings(dossier="d", user="u", email="a@b.fr")
    asked = chosen(own, Topic.ERRORS, Frequency.HOURLY, " Compta@Cabinet.FR ")
    assert asked.address(Topic.ERRORS) == "a@b.fr"
    assert asked.errors.pending == "compta@cabinet.fr"
    assert asked.waiting == Block()
    assert confirmed(asked, "autre@x.fr") == asked
    sure = confirmed(asked, "compta@cabinet.fr")
    assert sure.errors == Block(frequency=Frequency.HOURLY, address="compta@cabinet.fr")
    again = chosen(sure, Topic.ERRORS, Frequency.NEVER, "compta@cabinet.fr")
    assert again.errors == Block(frequency=Frequency.NEVER, address="compta@cabinet.fr")
    assert chosen(sure, Topic.ERRORS, Frequency.DAILY, "A@B.fr").errors == Block()


def test_a_document_is_in_the_block_of_what_it_waits_for() -> None:
    """Quarantine is an error; a bank account to approve is both; an archive is nothing."""
    hold = Fault(code=next(iter(HOLDING)))
    assert topics_of(document()) == {Topic.WAITING}
    assert topics_of(document(State.QUARANTINED)) == {Topic.ERRORS}
    assert topics_of(document(State.TO_CHECK, faults=(hold,))) == {*Topic}
    assert topics_of(document(State.ARCHIVED)) == set()


def test_in_a_circuit_a_document_waits_for_its_approvers_alone() -> None:
    """Whoever agreed already is not asked again; an outside approver is told by his address."""
    circuit = (Approver(id="u1"), Approver(id="u2"), Approver(id="mail:x@y.fr", email="x@y.fr"))
    one = document(approvers=circuit, approvals=(Approval(by="u1", name="", at=NOW),))
    assert [waits_for(one, user) for user in ("u1", "u2", "u3")] == [False, True, False]
    assert outside_approvers(one) == ("x@y.fr",)
    assert waits_for(document(), "u3")


def test_a_document_is_news_once() -> None:
    """The first time it waits; again when it falls in quarantine or a circuit asks."""

    def told(name: Happened, day: int) -> Event:
        return Event(name=name, at=NOW.replace(day=day))

    first = waiting_since(document(), (told(Happened.INVOICE_REGISTERED, 1),), None)
    assert first == NOW.replace(day=1)
    corrected = waiting_since(document(), (told(Happened.CONTROL_NEEDED, 2),), first)
    assert corrected == first
    asked = waiting_since(
        document(),
        (told(Happened.INVOICE_REGISTERED, 3), told(Happened.APPROVAL_ASKED, 4)),
        first,
    )
    assert asked == NOW.replace(day=4)
    read = waiting_since(document(State.READ), (told(Happened.INVOICE_READ, 5),), None)
    assert read is None


def test_a_lasting_bounce_or_a_complaint_blocks_an_address_until_its_owner_says_so() -> None:
    """Soft ones are counted; a notice that comes twice counts once."""
    held = Mailing(address="a@b.fr")
    held = fed_back(held, Feedback.SOFT, "n1", at=NOW)
    held = fed_back(held, Feedback.SOFT, "n1", at=NOW)
    assert (held.soft, held.blocked, held.takes_digests) == (1, "", True)
    hard = fed_back(held, Feedback.HARD, "n2", at=NOW)
    assert (hard.hard, hard.blocked, hard.blocked_at, hard.takes_digests) == (
        1,
        "hard",
        NOW,
        False,
    )
    blamed = fed_back(held, Feedback.COMPLAINT, "n3", at=NOW)
    assert (blamed.complaints, blamed.blocked) == (1, "complaint")
    blamed = fed_back(blamed, Feedback.HARD, "n4", at=NOW)
    assert (blamed.hard, blamed.blocked) == (1, "complaint")  # the graver one stays
    back = reactivated(hard)
    assert (back.hard, back.takes_digests) == (1, True)
    for number in range(50):
        held = fed_back(held, Feedback.SOFT, f"m{number}", at=NOW)
    assert len(held.seen) == 20
