"""Triggers: each recorded event becomes the right commands; what is malformed is said."""

import json
import re
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from facteur.adapters.aws import triggers
from facteur.adapters.aws.triggers import MalformedEventError
from facteur.domain.commands import (
    CheckInvoice,
    ReadDocument,
    ReceiveMail,
    ReceiveUpload,
    Sweep,
)

EVENTS = Path(__file__).parents[2] / "events"


def event(name: str) -> Any:
    return json.loads((EVENTS / name).read_text())


def with_body(name: str, body: object) -> Any:
    """The recorded event with another message body."""
    changed = event(name)
    changed["Records"][0]["body"] = body if isinstance(body, str) else json.dumps(body)
    return changed


def notice() -> Any:
    """SES's notification inside the recorded mail event."""
    return json.loads(json.loads(event("mail_received.json")["Records"][0]["body"])["Message"])


def with_notice(changed: object) -> Any:
    envelope = json.loads(event("mail_received.json")["Records"][0]["body"])
    envelope["Message"] = changed if isinstance(changed, str) else json.dumps(changed)
    return with_body("mail_received.json", envelope)


# ── What came back ──────────────────────────────────────────────────────────────────────────────


def came_back(**changes: Any) -> Any:
    """The recorded bounce with other fields."""
    envelope = json.loads(event("mail_bounced.json")["Records"][0]["body"])
    envelope["Message"] = json.dumps({**json.loads(envelope["Message"]), **changes})
    return with_body("mail_bounced.json", envelope)


BOUNCE = json.loads(json.loads(event("mail_bounced.json")["Records"][0]["body"])["Message"])[
    "bounce"
]


def test_a_lasting_bounce_names_its_address() -> None:
    """In lower case, with SES's own identifier and time."""
    (found,) = triggers.feedback_received(event("mail_bounced.json"))
    assert found.address == "ancien.comptable@cabinet-vasseur.example"
    assert (found.what, found.notice) == ("hard", BOUNCE["feedbackId"])
    assert found.at == datetime(2026, 11, 20, 7, 0, 4, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_any_other_bounce_is_soft(kind: str) -> None:
    """A full box may be emptied; each address of the notice counts."""
    recipients = [{"emailAddress": "A <a@b.fr>"}, {"emailAddress": "c@d.fr"}]
    bounce = {**BOUNCE, "bounceType": kind, "bouncedRecipients": recipients}
    found = triggers.feedback_received(came_back(bounce=bounce))
    assert [(one.address, one.what) for one in found] == [("a@b.fr", "soft"), ("c@d.fr", "soft")]


def test_a_complaint_is_one_unless_the_reader_takes_it_back() -> None:
    """Both the names of event publishing and the older ones; deliveries are skipped."""
    complaint = {
        "feedbackId": "f1",
        "timestamp": "2026-11-20T07:00:04.000Z",
        "complainedRecipients": [{"emailAddress": "a@b.fr"}],
        "complaintFeedbackType": "abuse",
    }
    old = came_back(eventType=None, notificationType="Complaint", complaint=complaint)
    for sent in (came_back(eventType="Complaint", complaint=complaint), old):
        (found,) = triggers.feedback_received(sent)
        assert (found.address, found.what) == ("a@b.fr", "complaint")
    back = {**complaint, "complaintFeedbackType": "not-spam"}
    assert triggers.feedback_received(came_back(eventType="Complaint", complaint=back)) == ()
    assert triggers.feedback_received(came_back(eventType="Delivery")) == ()


@pytest.mark.parametrize(
    "bounce",
    [
        {},
        {**BOUNCE, "timestamp": "hier"},
        {**BOUNCE, "bouncedRecipients": [{"emailAddress": ""}]},
        {**BOUNCE, "bouncedRecipients": "x"},
    ],
)
def test_a_notice_that_is_none_is_looked_at_by_somebody(bounce: Any) -> None:
    """Nothing is guessed: it goes to the dead letters."""
    with pytest.raises(MalformedEventError):
        triggers.feedback_received(came_back(bounce=bounce))


# ── Mails ───────────────────────────────────────────────────────────────────────────────────────

THE_MAIL = ReceiveMail(
    key="mail/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1",
    recipients=("siren552100554@factures.example.com",),
    received_at=datetime(2026, 11, 20, 9, 34, 1, 871000, tzinfo=UTC),
    sender="compta@quincaillerie-ete.example",
    verdicts={"spf": "PASS", "dkim": "PASS", "dmarc": "GRAY", "spam": "PASS", "virus": "PASS"},
)


def test_a_mail_notification_names_the_object_and_the_envelope() -> None:
    """Recipients are the envelope's that our rule took, not the header's, each once."""
    assert triggers.mail_received(event("mail_received.json")) == (THE_MAIL,)


def test_a_notification_without_its_sns_envelope_is_the_same() -> None:
    """Raw delivery of SNS, or SES's own event, says the same thing."""
    ses = {"Records": [{"eventSource": "aws:ses", "ses": notice()}]}
    assert triggers.mail_received(with_body("mail_received.json", notice())) == (THE_MAIL,)
    assert triggers.mail_received(ses) == (THE_MAIL,)
    assert triggers.mail_received(with_body("mail_received.json", ses)) == (THE_MAIL,)


def test_a_lambda_action_without_key_is_found_under_the_prefix() -> None:
    """SES names no object in an action of its own: the rule's prefix and its identifier do."""
    changed = notice()
    changed["receipt"]["action"] = {"type": "Lambda", "functionArn": "arn:aws:lambda:…"}
    ses = {"Records": [{"eventSource": "aws:ses", "ses": changed}]}
    assert triggers.mail_received(ses) == (THE_MAIL,)


def test_the_envelope_without_receipt_recipients_is_the_destination() -> None:
    """With no list of the rule's, all the envelope's recipients count."""
    changed = notice()
    del changed["receipt"]["recipients"]
    (mail,) = triggers.mail_received(with_notice(changed))
    assert mail.recipients == (
        "siren552100554@factures.example.com",
        "archives@quincaillerie-ete.example",
    )


def test_a_bounce_has_no_sender_and_still_arrives() -> None:
    """The null sender of RFC 5321 is an empty one, not a malformed event."""
    changed = notice()
    changed["mail"]["source"] = "<>"
    (mail,) = triggers.mail_received(with_notice(changed))
    assert mail.sender == ""


def test_a_missing_verdict_is_missing_not_passed() -> None:
    """A check that SES did not make is not in the verdicts."""
    changed = notice()
    del changed["receipt"]["virusVerdict"]
    (mail,) = triggers.mail_received(with_notice(changed))
    assert "virus" not in mail.verdicts


@pytest.mark.parametrize(
    "body",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        {**notice(), "notificationType": "AMAZON_SES_SETUP_NOTIFICATION"},
    ],
    ids=["topic", "rule"],
)
def test_what_ses_sends_to_try_a_rule_is_skipped(body: object) -> None:
    """The setup messages bring no mail and fail nothing."""
    assert triggers.mail_received(with_notice(body)) == ()


def test_the_setup_object_of_ses_is_no_mail() -> None:
    """The object that SES writes when the rule is made is not received as a mail."""
    changed = notice()
    changed["receipt"]["action"]["objectKey"] = "mail/AMAZON_SES_SETUP_NOTIFICATION"
    assert triggers.mail_received(with_notice(changed)) == ()


# ── Uploads ─────────────────────────────────────────────────────────────────────────────────────


def test_an_upload_names_its_object() -> None:
    """The key and the time of the S3 event."""
    assert triggers.uploads_received(event("upload_received.json")) == (
        ReceiveUpload(
            key="uploads/atelier-nord/01k9v5w3m8q2r4t6x8z0a2c4e6",
            received_at=datetime(2026, 11, 20, 9, 36, 12, 345000, tzinfo=UTC),
        ),
    )


def test_keys_are_decoded_as_s3_writes_them() -> None:
    """S3 writes a key as a form would: + is a space, %C3%A9 is é, %2B a plus."""
    body = json.loads(event("upload_received.json")["Records"][0]["body"])
    body["Records"][0]["s3"]["object"]["key"] = "uploads/a/factur%C3%A9+n%C2%B01%2B2.pdf"
    (upload,) = triggers.uploads_received(with_body("upload_received.json", body))
    assert upload.key == "uploads/a/facturé n°1+2.pdf"


def test_the_test_event_of_s3_is_skipped() -> None:
    """What S3 sends when the notification is made brings no file and fails nothing."""
    assert triggers.uploads_received(event("upload_test.json")) == ()


def test_a_removed_object_is_no_upload() -> None:
    """Only creations count, whatever the notification lets through."""
    body = json.loads(event("upload_received.json")["Records"][0]["body"])
    removed = deepcopy(body["Records"][0])
    removed["eventName"] = "ObjectRemoved:Delete"
    body["Records"].append(removed)
    assert len(triggers.uploads_received(with_body("upload_received.json", body))) == 1


# ── Commands and the clock ──────────────────────────────────────────────────────────────────────


def test_a_queued_command_comes_back() -> None:
    """The message of either queue is the command with its identifier and due time."""
    (read,) = triggers.command(event("command.json"))
    (check,) = triggers.command(event("check.json"))
    assert isinstance(read.command, ReadDocument)
    assert isinstance(check.command, CheckInvoice)
    assert read.id.endswith("ReadDocument")
    assert read.due == datetime(2026, 11, 20, 9, 34, 5, tzinfo=UTC)


def test_the_clock_becomes_a_sweep() -> None:
    """The sweep is of the moment the clock struck, not of the moment it is read."""
    at = datetime(2026, 11, 20, 9, 35, tzinfo=UTC)
    assert triggers.swept(event("clock.json")) == Sweep(at=at)


# ── What is malformed ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", "{", "7", '"x"', "{}", '{"Records": 3}', '{"Records": [{}]}', "\x00"],
)
@pytest.mark.parametrize(
    "read", [triggers.mail_received, triggers.uploads_received, triggers.command]
)
def test_a_body_that_is_none_goes_to_the_dead_letters(read: Any, body: str) -> None:
    """Whatever stands in the queue by mistake is refused by name, never skipped in silence."""
    with pytest.raises(MalformedEventError, match="this is not"):
        read(with_body("command.json", body))


@pytest.mark.parametrize(
    "read",
    [triggers.mail_received, triggers.uploads_received, triggers.command, triggers.swept],
)
@pytest.mark.parametrize("bad", [{}, {"Records": None}, {"time": "noon"}, {"time": "2026-11-20"}])
def test_an_event_of_another_trigger_is_refused(read: Any, bad: Any) -> None:
    """An event that is not the trigger's own is refused by name."""
    with pytest.raises(MalformedEventError):
        read(bad)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("notificationType",), "Bounce"),
        (("receipt", "timestamp"), "hier"),
        (("receipt", "recipients"), [3]),
        (("mail",), None),
        (("receipt", "spfVerdict"), {}),
    ],
)
def test_a_damaged_notification_is_refused(path: tuple[str, ...], value: object) -> None:
    """A notification that is not as documented is refused, not half read."""
    changed = notice()
    inside = changed
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    with pytest.raises(MalformedEventError):
        triggers.mail_received(with_notice(changed))


def test_an_unknown_command_is_refused() -> None:
    """A message of a later release, or a forged one, is not run."""
    body = event("command.json")["Records"][0]["body"].replace("ReadDocument", "EraseDossier")
    with pytest.raises(MalformedEventError, match="EraseDossier"):
        triggers.command(with_body("command.json", body))


def test_the_last_try_is_the_queues_own() -> None:
    """What the doors count is what platform.yaml says, and an event without a count is none."""
    path = Path(__file__).parents[2] / "infrastructure" / "platform.yaml"
    counts = re.findall(r"maxReceiveCount: (\d+)", path.read_text("utf-8"))
    assert [str(triggers.TRIES)] * 5 == counts

    def delivered(times: int) -> dict[str, object]:
        return {"Records": [{"attributes": {"ApproximateReceiveCount": str(times)}}]}

    assert not triggers.last_try(delivered(triggers.TRIES - 1))
    assert triggers.last_try(delivered(triggers.TRIES))
    with pytest.raises(MalformedEventError):
        triggers.last_try({"Records": [{}]})
