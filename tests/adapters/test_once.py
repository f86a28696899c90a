"""Once: a command that ran to its end does not run again; one that failed does."""

import threading
from typing import Any

import pytest
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.once import KEPT_SECONDS, AwsOnce
from facteur.domain.errors import ConflictError, UnavailableError

from tests.adapters.conftest import away
from tests.emulator import Platform


@pytest.fixture
def once(platform: Platform, clients: Clients) -> AwsOnce:
    return AwsOnce(clients, platform["FACTEUR_EPHEMERAL_TABLE"], lease_seconds=60)


def records(platform: Platform) -> list[dict[str, Any]]:
    table = platform["FACTEUR_EPHEMERAL_TABLE"]
    items: list[dict[str, Any]] = platform.client("dynamodb").scan(TableName=table)["Items"]
    return items


def test_a_command_runs_once(once: AwsOnce) -> None:
    """The second delivery of a message does nothing; another command runs."""
    ran: list[str] = []
    once.run("c1", lambda: ran.append("c1"))
    once.run("c1", lambda: ran.append("again"))
    once.run("c2", lambda: ran.append("c2"))
    assert ran == ["c1", "c2"]


def test_a_command_that_failed_runs_again(once: AwsOnce, platform: Platform) -> None:
    """What the work raises passes as it is, and leaves the way free for the next try."""
    error = ConflictError("stale")

    def fail() -> None:
        raise error

    with pytest.raises(ConflictError) as caught:
        once.run("c1", fail)
    assert caught.value is error
    assert records(platform) == []

    ran: list[int] = []
    once.run("c1", lambda: ran.append(1))
    assert ran == [1]


def test_a_command_that_is_running_is_not_run_beside_it(once: AwsOnce) -> None:
    """A second delivery during the run comes back later: the queue keeps the message."""
    started, go_on = threading.Event(), threading.Event()
    ran: list[str] = []

    def slowly() -> None:
        started.set()
        go_on.wait(5)
        ran.append("first")

    first = threading.Thread(target=once.run, args=("c1", slowly))
    first.start()
    started.wait(5)
    with pytest.raises(UnavailableError, match="running"):
        once.run("c1", lambda: ran.append("second"))
    go_on.set()
    first.join()
    once.run("c1", lambda: ran.append("third"))
    assert ran == ["first"]


def test_a_killed_run_frees_the_way_after_its_lease(platform: Platform, clients: Clients) -> None:
    """A function that was killed cannot finish: once its time-out is over, another may run."""
    gone = AwsOnce(clients, platform["FACTEUR_EPHEMERAL_TABLE"], lease_seconds=-1)

    class Killed(BaseException):
        """Like SystemExit: nothing is cleaned up."""

    def killed() -> None:
        raise Killed

    with pytest.raises(Killed):
        gone.run("c1", killed)
    assert [one["status"]["S"] for one in records(platform)] == ["INPROGRESS"]

    ran: list[int] = []
    gone.run("c1", lambda: ran.append(1))
    assert ran == [1]


def test_what_a_kill_left_is_forgotten_at_the_start(once: AwsOnce, platform: Platform) -> None:
    """On the laptop nothing runs at the start: unfinished records go, finished ones stay."""

    class Killed(BaseException):
        pass

    def killed() -> None:
        raise Killed

    once.run("done", lambda: None)
    with pytest.raises(Killed):
        once.run("c1", killed)

    assert once.forget_unfinished() == 1
    assert once.forget_unfinished() == 0

    ran: list[str] = []
    once.run("c1", lambda: ran.append("c1"))
    once.run("done", lambda: ran.append("done"))
    assert ran == ["c1"]


def test_a_record_ends_by_itself(once: AwsOnce, platform: Platform) -> None:
    """The record has the TTL attribute of the ephemeral table, a day ahead."""
    once.run("c1", lambda: None)
    (record,) = records(platform)
    assert record["status"]["S"] == "COMPLETED"
    assert int(record["expires_at"]["N"]) > KEPT_SECONDS


def test_a_table_that_is_away_is_unavailable() -> None:
    """When the records cannot be written the work is not done, and the queue tries again."""
    ran: list[int] = []
    with pytest.raises(UnavailableError):
        AwsOnce(away(), "t").run("c1", lambda: ran.append(1))
    assert ran == []
