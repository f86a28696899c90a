"""What wakes a function → commands. Pure functions over the events, no AWS call.

| trigger                               | reaches                | becomes        |
|---------------------------------------|------------------------|----------------|
| SES received a mail → S3, SNS → queue | inbound                | ReceiveMail    |
| S3 stored an upload → queue           | pipeline               | ReceiveUpload  |
| SES says what came back → SNS → queue | inbound                | RecordFeedback |
| a command of the agenda → queue       | pipeline, rulebook     | Scheduled      |
| EventBridge's clock                   | schedule               | Sweep          |

One recorded example of each stands in ``events/``. What AWS sends to try a new connection is
skipped; anything else that is not as documented raises MalformedEventError, so that the message
ends in the dead letters and somebody looks.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html,
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote_plus

from facteur.domain.attention import Feedback
from facteur.domain.commands import (
    ReceiveMail,
    ReceiveUpload,
    RecordFeedback,
    Scheduled,
    Sweep,
)
from facteur.domain.dossiers import normalise_address
from facteur.domain.serial import SerialError, loads

TRIES = 5  # maxReceiveCount of every queue (infrastructure/platform.yaml)
MAIL_PREFIX = "mail/"  # where the receipt rule puts mails (infrastructure/platform.yaml)
_SES_SETUP = "AMAZON_SES_SETUP_NOTIFICATION"  # the object SES writes when a rule is made
_VERDICTS = ("spf", "dkim", "dmarc", "spam", "virus")

Event = Mapping[str, Any]


class MalformedEventError(ValueError):
    """An event that is not what its trigger documents: somebody must look at it."""


def mail_received(event: Event) -> tuple[ReceiveMail, ...]:
    """Mails that SES stored: an SQS event of SNS envelopes, or SES's own event.

    Recipients are the envelope's (those our rule took), in lower case, each once.
    """
    found: list[ReceiveMail] = []
    with _reading("a mail notification"):
        for record in event["Records"]:
            notice = record["ses"] if "ses" in record else _ses_notice(_json(record["body"]))
            found += (_mail(one) for one in _ses_mails(notice))
    return tuple(found)


def feedback_received(event: Event) -> tuple[RecordFeedback, ...]:
    """Mails of ours that came back, one command per address: an SQS event of SNS envelopes.

    A lasting bounce is « hard », any other « soft »; a reader who says that a mail was no nuisance
    complains of nothing. What else SES publishes (deliveries) is skipped.
    """
    found: list[RecordFeedback] = []
    with _reading("a notice about mails of ours"):
        for record in event["Records"]:
            notice = _ses_notice(_json(record["body"]))
            if notice is not None:
                found += _feedback(notice)
    return tuple(found)


def _feedback(notice: Event) -> Iterator[RecordFeedback]:
    kind = notice.get("eventType") or notice["notificationType"]  # event publishing, or the older
    if kind == "Bounce":
        told, recipients = notice["bounce"], notice["bounce"]["bouncedRecipients"]
        what = Feedback.HARD if told["bounceType"] == "Permanent" else Feedback.SOFT
    elif kind == "Complaint":
        told, recipients = notice["complaint"], notice["complaint"]["complainedRecipients"]
        what = Feedback.COMPLAINT
        if told.get("complaintFeedbackType") == "not-spam":
            return
    else:
        return
    for one in recipients:
        address = normalise_address(parseaddr(one["emailAddress"])[1])
        if not address:
            msg = "a recipient without address"
            raise ValueError(msg)
        yield RecordFeedback(
            address=address,
            what=what.value,
            notice=told["feedbackId"],
            at=_time(told["timestamp"]),
        )


def uploads_received(event: Event) -> tuple[ReceiveUpload, ...]:
    """Files that were uploaded: an SQS event of S3 events."""
    with _reading("an upload"):
        return tuple(
            ReceiveUpload(
                key=unquote_plus(one["s3"]["object"]["key"]),  # S3 writes keys as in a form
                received_at=_time(one["eventTime"]),
            )
            for record in event["Records"]
            for one in _s3_records(_json(record["body"]))
            if one["eventName"].startswith("ObjectCreated:")
        )


def command(event: Event) -> tuple[Scheduled, ...]:
    """Commands that were queued: an SQS event of our own messages."""
    with _reading("a command"):
        return tuple(loads(Scheduled, record["body"]) for record in event["Records"])


def last_try(event: Event) -> bool:
    """True when the queue delivers a message of this event for the last time."""
    with _reading("a delivery"):
        return any(
            int(record["attributes"]["ApproximateReceiveCount"]) >= TRIES
            for record in event["Records"]
        )


def swept(event: Event) -> Sweep:
    """The clock struck: a scheduled event of EventBridge."""
    with _reading("a scheduled event"):
        return Sweep(at=_time(event["time"]))


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Say what was being read when an event lacks something."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, SerialError) as error:
        msg = f"this is not {what}: {type(error).__name__} {error}"[:300]
        raise MalformedEventError(msg) from error


def _json(text: str) -> dict[str, Any]:
    body = json.loads(text)
    if not isinstance(body, dict):
        msg = f"{type(body).__name__} instead of an object"
        raise TypeError(msg)
    return body


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        msg = f"{text} has no time zone"
        raise ValueError(msg)
    return at


def _ses_notice(body: dict[str, Any]) -> dict[str, Any] | None:
    """SES's notification inside SNS's envelope; an envelope is missing with raw delivery."""
    if body.get("Type") != "Notification":
        return body
    if body["Message"].startswith("Successfully validated SNS topic"):
        return None
    return _json(body["Message"])


def _ses_mails(notice: Event | None) -> Iterator[Event]:
    """The mail of a notification; none in what SES sends to try a new rule."""
    if notice is None:
        return
    if "Records" in notice:  # SES's own event, forwarded as it is
        for record in notice["Records"]:
            yield from _ses_mails(record["ses"])
        return
    kind = notice.get("notificationType", "Received")
    if _SES_SETUP in (kind, notice["mail"]["messageId"], _key(notice).rsplit("/", 1)[-1]):
        return
    if kind != "Received":
        msg = f"notification of type {kind}"
        raise ValueError(msg)
    yield notice


def _key(notice: Mapping[str, Any]) -> str:
    """Where the raw mail lies: said by the S3 action; else by the rule's prefix."""
    action = notice["receipt"].get("action", {})
    return str(action.get("objectKey") or f"{MAIL_PREFIX}{notice['mail']['messageId']}")


def _mail(notice: Mapping[str, Any]) -> ReceiveMail:
    receipt, mail = notice["receipt"], notice["mail"]
    envelope = receipt.get("recipients") or mail["destination"]
    return ReceiveMail(
        key=_key(notice),
        recipients=tuple(dict.fromkeys(normalise_address(one) for one in envelope)),
        received_at=_time(receipt.get("timestamp") or mail["timestamp"]),
        sender=normalise_address(mail.get("source") or ""),
        verdicts={
            name: receipt[f"{name}Verdict"]["status"]
            for name in _VERDICTS
            if f"{name}Verdict" in receipt
        },
    )


def _s3_records(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of an S3 event; none in the event S3 sends to try a new notification."""
    if body.get("Event") == "s3:TestEvent":
        return []
    records: list[dict[str, Any]] = body["Records"]
    return records
