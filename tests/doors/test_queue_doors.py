"""The doors of the queues and of the clock: recorded events in, the house's answer out."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from facteur import bootstrap, config
from facteur.adapters.aws.triggers import MalformedEventError
from facteur.domain.commands import ReadDocument, Scheduled
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import Dossier, mailbox_addresses
from facteur.domain.errors import NotFoundError
from facteur.local import doors
from facteur.local.invoke import LambdaContext, invoke
from facteur.ports import Changes, Context

from tests.adapters.conftest import NOW, a_document
from tests.emulator import Platform

EVENTS = Path(__file__).parents[2] / "events"
ATELIER = Dossier(id="atelier-nord", name="Atelier Nord", siren="552100554")


@pytest.fixture(scope="module")
def house() -> Mapping[str, doors.Door]:
    """The doors as they are packaged."""
    return doors.load()


@pytest.fixture
def context(platform: Platform) -> Context:
    """The ports that the doors will use, and a dossier whose mailbox the recorded mail names."""
    found = bootstrap.context(config.load(platform.environment))
    addresses = mailbox_addresses(ATELIER.siren, "factures.example.com")
    found.store.save_dossier(ATELIER, (), {one: way for way, one in addresses.items()})
    return found


def event(name: str) -> Any:
    return json.loads((EVENTS / name).read_text())


def knock(house: Mapping[str, doors.Door], door: str, handler: str, sent: Any) -> Any:
    """Call a door as Lambda does."""
    lambda_context = LambdaContext(f"facteur-test-{door}", "r1", timeout=60, memory=512)
    return invoke(house[door].handler(f"app.{handler}"), sent, lambda_context)


def queued(platform: Platform, name: str) -> list[str]:
    """The kinds of the commands that wait in a queue."""
    url = platform[f"FACTEUR_{name}_QUEUE_URL"]
    answer = platform.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    bodies = [json.loads(one["Body"]) for one in answer.get("Messages", [])]
    return [one["data"]["command"]["kind"] for one in bodies]


def documents(context: Context) -> tuple[Document, ...]:
    return context.store.documents(ATELIER.id, Direction.PURCHASE).documents


# ── inbound ─────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_becomes_a_document_and_its_reading_is_queued(
    house: Mapping[str, doors.Door], context: Context, platform: Platform
) -> None:
    """The stored mail's attachment is kept to the byte; reading it is the pipeline's."""
    raw = (EVENTS / "mail.eml").read_bytes()
    key = "mail/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"
    bucket = platform["FACTEUR_INTAKE_BUCKET"]
    platform.client("s3").put_object(Bucket=bucket, Key=key, Body=raw)

    knock(house, "inbound", "receive_mails", event("mail_received.json"))

    (document,) = documents(context)
    assert document.state is State.RECEIVED
    assert document.filename == "F-2026-118.xml"
    assert document.sources[0].sender == "compta@quincaillerie-ete.example"
    assert document.sources[0].authenticated
    assert context.blobs.get(document.files["original"]) in raw
    assert queued(platform, "COMMANDS") == ["ReadDocument"]
    (mail,) = context.store.mails(ATELIER.id)
    assert mail.documents == (document.id,)

    knock(house, "inbound", "receive_mails", event("mail_received.json"))

    assert documents(context) == (document,)
    assert len(context.store.mails(ATELIER.id)) == 1
    assert queued(platform, "COMMANDS") == []


def test_a_notice_without_its_object_stays_in_the_queue(
    house: Mapping[str, doors.Door],
    context: Context,
) -> None:
    """Raising leaves the message: S3 and SES may be a moment late."""
    with pytest.raises(NotFoundError):
        knock(house, "inbound", "receive_mails", event("mail_received.json"))


# ── pipeline ────────────────────────────────────────────────────────────────────────────────────


def test_an_upload_becomes_a_document(
    house: Mapping[str, doors.Door], context: Context, platform: Platform
) -> None:
    """The uploaded object is kept as a document named by the last part of its key."""
    platform.client("s3").put_object(
        Bucket=platform["FACTEUR_INTAKE_BUCKET"],
        Key="uploads/atelier-nord/01k9v5w3m8q2r4t6x8z0a2c4e6",
        Body=b"<Facture",
        Metadata={"filename": "factur%C3%A9.xml", "media-type": "application/xml", "by": "u1"},
    )
    knock(house, "pipeline", "receive_uploads", event("upload_received.json"))

    (document,) = documents(context)
    assert document.id == "01k9v5w3m8q2r4t6x8z0a2c4e6"
    assert document.filename == "facturé.xml"
    assert context.blobs.get(document.files["original"]) == b"<Facture"


def test_the_test_event_of_s3_disturbs_nobody(
    house: Mapping[str, doors.Door], context: Context
) -> None:
    """What S3 sends when a notification is made is answered and forgotten."""
    knock(house, "pipeline", "receive_uploads", event("upload_test.json"))
    assert documents(context) == ()


@pytest.mark.parametrize(
    ("door", "handler", "recording"),
    [("pipeline", "run_commands", "command.json"), ("rulebook", "run_checks", "check.json")],
)
def test_a_command_runs_once(
    house: Mapping[str, doors.Door],
    context: Context,
    platform: Platform,
    door: str,
    handler: str,
    recording: str,
) -> None:
    """A command without its document stays in the queue; one that ran is not run again."""
    with pytest.raises(NotFoundError):
        knock(house, door, handler, event(recording))

    refused = a_document("9d2f0c4b7a1e5d8360f2b4c6a8", ATELIER.id, state=State.REFUSED)
    stored = context.store.commit(Changes(document=refused))
    knock(house, door, handler, event(recording))
    knock(house, door, handler, event(recording))

    assert context.store.document(stored.ref) == stored
    table = platform["FACTEUR_EPHEMERAL_TABLE"]
    records = platform.client("dynamodb").scan(TableName=table)["Items"]
    assert [one["status"]["S"] for one in records] == ["COMPLETED"]


def test_a_message_that_is_none_goes_to_the_dead_letters(
    house: Mapping[str, doors.Door],
    context: Context,
) -> None:
    """Every queue door raises on what it cannot read."""
    strange = event("command.json")
    strange["Records"][0]["body"] = '{"hello": 1}'
    for door, handler in (
        ("inbound", "receive_mails"),
        ("pipeline", "receive_uploads"),
        ("pipeline", "run_commands"),
        ("rulebook", "run_checks"),
    ):
        with pytest.raises(MalformedEventError):
            knock(house, door, handler, strange)


# ── schedule ────────────────────────────────────────────────────────────────────────────────────


def test_the_clock_sends_what_is_due(
    house: Mapping[str, doors.Door], context: Context, platform: Platform
) -> None:
    """A command that a crash left in the agenda is sent, and leaves the agenda."""
    late = Scheduled(id="c1", command=ReadDocument(dossier="d", document="i"), due=NOW)
    context.store.schedule(late)
    context.store.schedule(replace(late, id="c2", due=NOW.replace(year=2030)))

    knock(house, "schedule", "sweep", event("clock.json"))

    assert queued(platform, "COMMANDS") == ["ReadDocument"]
    assert [one.id for one in context.store.due(NOW.replace(year=2031))] == ["c2"]


# ── What came back ──────────────────────────────────────────────────────────────────────────────


def test_a_mail_that_came_back_ends_our_mails_to_its_address(
    house: Mapping[str, doors.Door], context: Context
) -> None:
    """Counted once, however often SES says it; what is no notice stays in the queue."""
    for _twice in range(2):
        knock(house, "inbound", "receive_feedback", event("mail_bounced.json"))
    held = context.notifications.mailing("ancien.comptable@cabinet-vasseur.example")
    assert (held.hard, held.blocked) == (1, "hard")
    broken = event("mail_bounced.json")
    broken["Records"][0]["body"] = "{}"
    with pytest.raises(MalformedEventError):
        knock(house, "inbound", "receive_feedback", broken)


# ── All of them ─────────────────────────────────────────────────────────────────────────────────


def test_each_trigger_of_the_platform_has_its_handler(house: Mapping[str, doors.Door]) -> None:
    """The five queues and the clock reach one handler each; a batch is one message."""
    sources = {
        (name, source.name, getattr(source, "queue", "clock"))
        for name, door in house.items()
        for source in door.app.event_sources
    }
    assert sources == {
        ("inbound", "receive_mails", "facteur-mails"),
        ("inbound", "receive_feedback", "facteur-feedback"),
        ("pipeline", "receive_uploads", "facteur-uploads"),
        ("pipeline", "run_commands", "facteur-commands"),
        ("rulebook", "run_checks", "facteur-checks"),
        ("schedule", "sweep", "clock"),
    }
    for door in house.values():
        for source in door.app.event_sources:
            assert getattr(source, "batch_size", 1) == 1


def test_a_door_without_its_settings_refuses_to_start(
    house: Mapping[str, doors.Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function whose environment is incomplete says what is missing at its first event."""
    for name in ("FACTEUR_TABLE", "FACTEUR_ARCHIVE_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(config.SettingsError, match="FACTEUR_TABLE"):
        knock(house, "schedule", "sweep", event("clock.json"))
