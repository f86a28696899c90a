"""Delivers the queues and the clock to the doors, as Lambda's event sources do.

Each door says in its Chalice decorators what it listens to (`app.event_sources`). For each queue a
thread long-polls the real queue of the emulator, calls the door's own handler, and deletes what
did not fail. For each schedule an EventBridge rule of the emulator fills a queue of its own.

Two differences with the cloud, both wanted: a failed message comes back after seconds instead of
the queue's visibility timeout (half an hour), and a handler's time-out is told, not enforced.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import ScheduledEventConfig, SQSEventConfig

from facteur.local.doors import Door
from facteur.local.invoke import REGION, LambdaContext, invoke

log = logging.getLogger(__name__)

PREFIX = "facteur-"  # of the queues' names in the doors; the stage comes after it
POLL_SECONDS = 10  # below the read time-out of the clients
BUSY_WAIT_SECONDS = 0.5  # after an error of the emulator


class UnknownSourceError(ValueError):
    """A door listens to something this runner cannot deliver."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One event source: where its messages wait, who handles them and how they are wrapped."""

    url: str
    function: str
    handler: Callable[[Any, Any], Any]
    batch: int
    event: Callable[[Sequence[Mapping[str, Any]]], Any]
    timeout: float


def short_backoff(receives: int) -> int:
    """Return the seconds before a message that failed `receives` times is tried again."""
    return int(min(2**receives, 60))


class Pump:
    """Keeps the doors supplied from `start` to `stop`."""

    def __init__(
        self,
        doors: Mapping[str, Door],
        client: Callable[[str], Any],
        *,
        stage: str,
        new_id: Callable[[], str],
        workers: Mapping[str, int] | None = None,
        backoff: Callable[[int], int] = short_backoff,
    ) -> None:
        self._sqs, self._events = client("sqs"), client("events")
        self._stage, self._new_id, self._backoff = stage, new_id, backoff
        self._workers = workers or {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._handling = 0
        self._idle = threading.Condition()
        self._rules: set[str] = set()
        self._lines = [
            (self._line(door, source), self._workers.get(getattr(source, "queue", ""), 1))
            for door in doors.values()
            for source in door.app.event_sources
        ]
        self._forget_old_rules()

    def start(self) -> None:
        """Begin to deliver; returns at once."""
        for line, workers in self._lines:
            for _ in range(workers):
                thread = threading.Thread(
                    target=self._deliver, args=(line,), name=line.function, daemon=True
                )
                thread.start()
                self._threads.append(thread)

    def stop(self, within: float = 10.0) -> bool:
        """Stop delivering; True when no handler was left running after `within` seconds.

        What is left running keeps its message: the next start delivers it again.
        """
        self._stop.set()
        with self._idle:
            return self._idle.wait_for(lambda: self._handling == 0, within)

    # -- what there is to deliver -------------------------------------------------------------

    def _line(self, door: Door, source: Any) -> _Line:
        function = f"{PREFIX}{self._stage}-{door.name}-{source.name}"
        handler = door.handler(source.handler_string)
        if isinstance(source, SQSEventConfig) and source.queue:
            name = f"{PREFIX}{self._stage}-{source.queue.removeprefix(PREFIX)}"
            answer = self._sqs.get_queue_url(QueueName=name)
            url, arn, timeout = answer["QueueUrl"], *self._facts(answer["QueueUrl"])
            batch = source.batch_size or 10

            def event(messages: Sequence[Mapping[str, Any]]) -> Any:
                return {"Records": [_record(one, arn) for one in messages]}

            return _Line(url, function, handler, batch, event, timeout / 6)
        if isinstance(source, ScheduledEventConfig):
            url = self._clock(function, source.schedule_expression)
            return _Line(url, function, handler, 1, lambda ones: json.loads(ones[0]["Body"]), 60)
        message = f"{door.name}: {type(source).__name__} is not delivered here"
        raise UnknownSourceError(message)

    def _facts(self, url: str) -> tuple[str, float]:
        """Return a queue's ARN and visibility, six times its function's time-out."""
        names = ["QueueArn", "VisibilityTimeout"]
        facts = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return facts["QueueArn"], float(facts["VisibilityTimeout"])

    def _clock(self, function: str, expression: Any) -> str:
        """Make the rule of a schedule and the queue it fills; return the queue's address."""
        text = expression if isinstance(expression, str) else expression.to_string()
        made = self._sqs.create_queue(
            QueueName=f"{function}-clock", Attributes={"MessageRetentionPeriod": "600"}
        )
        url: str = made["QueueUrl"]
        arn = self._facts(url)[0]
        rings = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [rings]})
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self._events.put_rule(Name=function, ScheduleExpression=text)
        self._events.put_targets(Rule=function, Targets=[{"Id": "local", "Arn": arn}])
        self._rules.add(function)
        return url

    def _forget_old_rules(self) -> None:
        """Remove the rules of schedules that no door has any more."""
        found = self._events.list_rules(NamePrefix=f"{PREFIX}{self._stage}-")["Rules"]
        for name in {one["Name"] for one in found} - self._rules:
            self._events.remove_targets(Rule=name, Ids=["local"])
            self._events.delete_rule(Name=name)

    # -- delivering -----------------------------------------------------------------------------

    def _deliver(self, line: _Line) -> None:
        while not self._stop.is_set():
            try:
                answer = self._sqs.receive_message(
                    QueueUrl=line.url,
                    MaxNumberOfMessages=min(10, line.batch),
                    WaitTimeSeconds=POLL_SECONDS,
                    AttributeNames=["All"],
                    MessageAttributeNames=["All"],
                )
                messages = [one for one in answer.get("Messages", []) if not _is_test(one)]
                for one in answer.get("Messages", []):
                    if _is_test(one):
                        self._delete(line, one)
                if messages and not self._stop.is_set():
                    self._handle(line, messages)
            except (BotoCoreError, ClientError) as error:
                if not self._stop.is_set():
                    log.warning("%s: %s", line.function, error)
                self._stop.wait(BUSY_WAIT_SECONDS)
            except Exception:  # a line that dies would leave its queue unread, unseen
                log.exception("%s: what came could not be delivered", line.function)
                self._stop.wait(BUSY_WAIT_SECONDS)

    def _handle(self, line: _Line, messages: Sequence[Mapping[str, Any]]) -> None:
        with self._idle:
            self._handling += 1
        try:
            failed = self._call(line, messages)
            for one in messages:
                if one["MessageId"] in failed:
                    self._postpone(line, one)
                else:
                    self._delete(line, one)
        finally:
            with self._idle:
                self._handling -= 1
                self._idle.notify_all()

    def _call(self, line: _Line, messages: Sequence[Mapping[str, Any]]) -> set[str]:
        """Call the handler; return the identifiers of the messages that failed."""
        everything = {one["MessageId"] for one in messages}
        context = LambdaContext(line.function, self._new_id(), timeout=line.timeout, memory=1024)
        try:
            answer = invoke(line.handler, line.event(messages), context)
        except Exception:  # Lambda's runtime does the same: whatever is raised is a failure
            log.exception("%s failed", line.function)
            return everything
        failures = answer.get("batchItemFailures", []) if isinstance(answer, dict) else []
        named = {one.get("itemIdentifier") for one in failures}
        # A name that is not in the batch makes the whole batch fail, as Lambda has it.
        return everything if named - everything else named

    def _delete(self, line: _Line, message: Mapping[str, Any]) -> None:
        self._sqs.delete_message(QueueUrl=line.url, ReceiptHandle=message["ReceiptHandle"])

    def _postpone(self, line: _Line, message: Mapping[str, Any]) -> None:
        receives = int(message["Attributes"]["ApproximateReceiveCount"])
        self._sqs.change_message_visibility(
            QueueUrl=line.url,
            ReceiptHandle=message["ReceiptHandle"],
            VisibilityTimeout=self._backoff(receives),
        )


def _is_test(message: Mapping[str, Any]) -> bool:
    """Tell S3's test of a new notification, which Lambda's users never want, from an event."""
    return '"s3:TestEvent"' in message["Body"] and '"Records"' not in message["Body"]


def _record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """Return an SQS message as Lambda shows it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {f"{key[0].lower()}{key[1:]}": value for key, value in one.items()}
            for name, one in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }
