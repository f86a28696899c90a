"""Sessions: given out until they expire, and attempts counted per window."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.sessions import AwsSessions
from facteur.adapters.aws.table import Table
from facteur.domain.errors import NotFoundError
from facteur.ports import Session

from tests.adapters.conftest import NOW
from tests.emulator import Platform


class Clock:
    """A clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(platform: Platform, clients: Clients, clock: Clock) -> AwsSessions:
    return AwsSessions(Table(clients, platform["FACTEUR_EPHEMERAL_TABLE"]), clock)


SESSION = Session(
    digest="ab" * 32,
    user="u1",
    email="a@b.fr",
    name="Anne",
    dossier="acme",
    csrf="c",
    created_at=NOW,
    expires_at=NOW + timedelta(hours=12),
)


def test_a_session_is_found_by_its_digest(sessions: AwsSessions) -> None:
    """Saved, loaded as it was, dropped; dropping twice is harmless."""
    sessions.save(SESSION)
    assert sessions.load(SESSION.digest) == SESSION
    assert sessions.load("cd" * 32) is None
    sessions.drop(SESSION.digest)
    sessions.drop(SESSION.digest)
    assert sessions.load(SESSION.digest) is None


def test_an_expired_session_is_no_session(sessions: AwsSessions, clock: Clock) -> None:
    """TTL deletes late: an expired row is not given out, not even at its last second."""
    sessions.save(SESSION)
    clock.time = SESSION.expires_at - timedelta(seconds=1)
    assert sessions.load(SESSION.digest) is not None
    clock.time = SESSION.expires_at
    assert sessions.load(SESSION.digest) is None


def test_a_session_row_ends_by_itself(sessions: AwsSessions, platform: Platform) -> None:
    """The row carries the attribute that the table's TTL reads, in seconds."""
    sessions.save(replace(SESSION, expires_at=NOW + timedelta(hours=1, microseconds=5)))
    table = platform["FACTEUR_EPHEMERAL_TABLE"]
    items = platform.client("dynamodb").scan(TableName=table)["Items"]
    assert len(items) == 2  # where its cookie finds it, and in its user's list
    assert {one["expires_at"]["N"] for one in items} == {str(int(NOW.timestamp()) + 3600)}


def test_attempts_are_counted_per_name_and_window(sessions: AwsSessions, clock: Clock) -> None:
    """The count grows within a window, alone for each name, and starts again after it."""
    assert [sessions.hit("account|x", window_seconds=900) for _ in range(3)] == [1, 2, 3]
    assert sessions.hit("account|y", window_seconds=900) == 1
    clock.time = NOW + timedelta(seconds=900)
    assert sessions.hit("account|x", window_seconds=900) == 1


def test_one_attempt_is_taken_back_and_no_more(sessions: AwsSessions) -> None:
    """A right one among wrong ones: these go on counting, under this name alone."""
    for name in ("place|x", "place|x", "place|x", "place|y"):
        sessions.hit(name, window_seconds=900)
    sessions.take_back("place|x", window_seconds=900)
    assert sessions.hit("place|x", window_seconds=900) == 3
    assert sessions.hit("place|y", window_seconds=900) == 2


def test_any_name_can_be_counted(sessions: AwsSessions) -> None:
    """An endless or strange name typed by an attacker is counted like another."""
    for name in ("", "#", "é" * 3000, "a#b"):
        assert sessions.hit(name, window_seconds=60) == 1


def test_a_forged_digest_reaches_no_other_row(sessions: AwsSessions) -> None:
    """A token's digest that could name another row is not found."""
    with pytest.raises(NotFoundError):
        sessions.load("x#HIT")
