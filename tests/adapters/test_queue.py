"""The queue: each command in the queue of the function that runs it."""

import json

import pytest
from facteur.adapters.aws import triggers
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.queue import AwsQueue
from facteur.domain.commands import (
    AcceptDocument,
    CheckInvoice,
    CheckStatus,
    Command,
    ReadDocument,
    ReceiveMail,
    Scheduled,
)
from facteur.domain.errors import UnavailableError

from tests.adapters.conftest import NOW, away
from tests.emulator import Platform


@pytest.fixture
def queue(platform: Platform, clients: Clients) -> AwsQueue:
    return AwsQueue(
        clients,
        commands_url=platform["FACTEUR_COMMANDS_QUEUE_URL"],
        checks_url=platform["FACTEUR_CHECKS_QUEUE_URL"],
    )


def waiting(platform: Platform, name: str) -> list[dict[str, str]]:
    url = platform[f"FACTEUR_{name}_QUEUE_URL"]
    messages: list[dict[str, str]] = (
        platform.client("sqs").receive_message(QueueUrl=url).get("Messages", [])
    )
    return messages


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (CheckInvoice(dossier="d", document="i"), "CHECKS"),
        (CheckStatus(dossier="d", document="i", record="own:1"), "CHECKS"),
        (ReadDocument(dossier="d", document="i"), "COMMANDS"),
        (AcceptDocument(dossier="d", document="i", version=1, by="u"), "COMMANDS"),
        (
            ReceiveMail(key="mail/1", recipients=("é@b",), received_at=NOW, verdicts={"spf": "?"}),
            "COMMANDS",
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_command_reaches_the_function_that_runs_it(
    queue: AwsQueue, platform: Platform, command: Command, name: str
) -> None:
    """The official rules have a queue of their own; the message is read back as it was sent."""
    scheduled = Scheduled(id="c1", command=command, due=NOW)
    queue.send(scheduled)
    (message,) = waiting(platform, name)
    event = {"Records": [{"body": message["Body"]}]}
    assert triggers.command(event) == (scheduled,)
    assert waiting(platform, "CHECKS" if name == "COMMANDS" else "COMMANDS") == []


def test_a_delayed_command_is_not_there_yet(queue: AwsQueue, platform: Platform) -> None:
    """With a delay the message stays out of sight."""
    queue.send(
        Scheduled(id="c1", command=ReadDocument(dossier="d", document="i"), due=NOW),
        delay_seconds=30,
    )
    assert waiting(platform, "COMMANDS") == []
    attributes = platform.client("sqs").get_queue_attributes(
        QueueUrl=platform["FACTEUR_COMMANDS_QUEUE_URL"], AttributeNames=["All"]
    )["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"


@pytest.mark.parametrize("delay", [-1, 901])
def test_a_delay_that_sqs_has_not_is_refused(queue: AwsQueue, delay: int) -> None:
    """What is due later than a quarter of an hour waits in the agenda: a bug is said here."""
    with pytest.raises(ValueError, match="agenda"):
        queue.send(
            Scheduled(id="c1", command=ReadDocument(dossier="d", document="i"), due=NOW),
            delay_seconds=delay,
        )


def test_a_queue_that_is_away_is_unavailable() -> None:
    """The commit stands, the command is in the agenda: the sweep will send it."""
    queue = AwsQueue(away(), commands_url="c", checks_url="k")
    with pytest.raises(UnavailableError):
        queue.send(Scheduled(id="c", command=ReadDocument(dossier="d", document="i"), due=NOW))


def test_the_message_is_json_that_a_person_can_read(queue: AwsQueue, platform: Platform) -> None:
    """A message in the dead letters says what it asks."""
    command = ReadDocument(dossier="acme", document="doc1")
    queue.send(Scheduled(id="c1", command=command, due=NOW))
    (message,) = waiting(platform, "COMMANDS")
    body = json.loads(message["Body"])
    assert body["data"]["command"] == {
        "kind": "ReadDocument",
        "data": {"dossier": "acme", "document": "doc1"},
    }
