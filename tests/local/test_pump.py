"""The pump calls the real handlers with what the real queues hold, and keeps what failed."""

import json
import threading
import time
from textwrap import dedent

import pytest
from facteur.local import doors
from facteur.local.invoke import LambdaContext, PayloadTooLargeError, invoke
from facteur.local.pump import Pump, UnknownSourceError, short_backoff

DOOR = """
    import json, threading
    from chalice import Chalice, Rate
    app = Chalice(app_name="facteur-sample")
    seen, contexts, behave = [], [], {}

    @app.on_sqs_message(queue="facteur-commands", batch_size=5)
    def on_command(event):
        for record in event:
            seen.append(record.body)
        contexts.append((event.to_dict(), event.context))
        return behave["commands"](event) if "commands" in behave else None

    @app.on_sqs_message(queue="facteur-uploads", batch_size=1)
    def on_upload(event):
        seen.extend(record.body for record in event)

    @app.schedule(Rate(5, unit=Rate.MINUTES))
    def sweep(event):
        seen.append("clock " + event.detail_type)
"""


@pytest.fixture
def door(tmp_path):
    """A door of the usual kind, loaded from a file as the real ones are."""
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "app.py").write_text(dedent(DOOR))
    return doors.load(tmp_path)["sample"]


@pytest.fixture
def pump(platform, door):
    """A pump for that door, which tries failed messages again at once."""
    made = Pump(
        {"sample": door},
        platform.aws.own_client,
        stage="test",
        new_id=iter(f"request-{n}" for n in range(1000)).__next__,
        backoff=lambda _: 0,
    )
    made.start()
    yield made
    made.stop()


def eventually(condition, within=5.0):
    """Wait until something holds; fail when it does not come to hold."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def send(platform, queue, body):
    """Put a message in one of the platform's queues."""
    url = platform[f"FACTEUR_{queue.upper()}_QUEUE_URL"]
    platform.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    return url


def left(platform, url):
    """How many messages a queue still holds, visible or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = platform.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(value) for value in answer["Attributes"].values())


def test_a_message_is_handled_then_deleted(platform, door, pump):
    """The handler gets what Lambda would give it, and the queue is empty afterwards."""
    url = send(platform, "commands", '{"kind": "x"}')
    eventually(lambda: door.module.seen == ['{"kind": "x"}'])
    eventually(lambda: left(platform, url) == 0)
    event, context = door.module.contexts[0]
    record = event["Records"][0]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(":facteur-test-commands")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {"messageId", "receiptHandle", "md5OfBody", "awsRegion"} <= set(record)
    assert context.function_name == "facteur-test-sample-on_command"
    assert context.aws_request_id.startswith("request-")
    assert 0 < context.get_remaining_time_in_millis() <= 300_000


def test_an_upload_reaches_the_handler_but_the_test_event_of_s3_does_not(platform, door, pump):
    """The bucket's own notification goes the whole way."""
    send(platform, "uploads", '{"Service": "Amazon S3", "Event": "s3:TestEvent"}')
    platform.client("s3").put_object(
        Bucket=platform["FACTEUR_INTAKE_BUCKET"], Key="uploads/d/é", Body=b"x"
    )
    eventually(lambda: len(door.module.seen) == 1)
    assert json.loads(door.module.seen[0])["Records"][0]["s3"]["object"]["size"] == 1
    eventually(lambda: left(platform, platform["FACTEUR_UPLOADS_QUEUE_URL"]) == 0)


def test_a_handler_that_raises_gets_the_message_again_and_then_it_is_a_dead_letter(
    platform, door, pump
):
    """Five tries, then the message waits for a human; nothing is thrown away."""

    def fail(_):
        raise RuntimeError("not today")

    door.module.behave["commands"] = fail
    url = send(platform, "commands", "stubborn")
    dead = platform.client("sqs").get_queue_url(QueueName="facteur-test-commands-dead")["QueueUrl"]
    eventually(lambda: left(platform, dead) == 1)
    assert door.module.seen == ["stubborn"] * 5
    assert left(platform, url) == 0


def test_only_the_failed_items_of_a_batch_come_back(platform, door, pump):
    """batchItemFailures is honoured, item by item."""
    failed_once = []

    def fail_two_once(event):
        bad = [r for r in event if r.body == "two" and not failed_once]
        failed_once.extend(bad)
        records = {r.body: r.to_dict()["messageId"] for r in event}
        return {"batchItemFailures": [{"itemIdentifier": records[r.body]} for r in bad]}

    door.module.behave["commands"] = fail_two_once
    for body in ("one", "two", "three"):
        url = send(platform, "commands", body)
    eventually(lambda: len(door.module.seen) == 4)
    assert sorted(door.module.seen) == ["one", "three", "two", "two"]
    eventually(lambda: left(platform, url) == 0)


def test_an_unknown_item_in_the_failures_makes_the_whole_batch_fail(platform, door, pump):
    """As Lambda has it: a wrong answer must not delete anything."""
    answers = [{"batchItemFailures": [{"itemIdentifier": "nobody"}]}]
    door.module.behave["commands"] = lambda _: answers.pop() if answers else None
    send(platform, "commands", "kept")
    eventually(lambda: door.module.seen == ["kept", "kept"])


def test_the_clock_reaches_its_handler(platform, door, pump):
    """A schedule is an EventBridge rule whose event the handler receives."""
    rule = platform.client("events").list_rules(NamePrefix="facteur-test-")["Rules"][0]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    url = platform.client("sqs").get_queue_url(QueueName=f"{rule['Name']}-clock")["QueueUrl"]
    event = {
        "version": "0",
        "id": "1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "1" * 12,
        "time": "2026-11-20T09:00:00Z",
        "region": "eu-west-3",
        "resources": [],
        "detail": {},
    }
    platform.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(event))
    eventually(lambda: door.module.seen == ["clock Scheduled Event"])


def test_the_rule_of_a_removed_schedule_is_removed(platform, door, pump):
    """Otherwise its queue would fill for ever."""
    events = platform.client("events")
    events.put_rule(Name="facteur-test-sample-gone", ScheduleExpression="rate(1 minute)")
    Pump({"sample": door}, platform.aws.own_client, stage="test", new_id=str)
    names = [one["Name"] for one in events.list_rules()["Rules"]]
    assert names == ["facteur-test-sample-sweep"]


def test_stopping_lets_a_running_handler_finish(platform, door, pump):
    """Ctrl-C does not cut a command in two."""
    started, may_end = threading.Event(), threading.Event()

    def slow(_):
        started.set()
        may_end.wait(5)

    door.module.behave["commands"] = slow
    url = send(platform, "commands", "slow")
    assert started.wait(5)
    assert not pump.stop(within=0.1)
    may_end.set()
    assert pump.stop(within=5)
    assert left(platform, url) == 0


def test_a_source_that_cannot_be_delivered_stops_the_start(platform, tmp_path):
    """A door that would stay silent on the laptop must not go unnoticed."""
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "app.py").write_text(
        "from chalice import Chalice\n"
        "app = Chalice(app_name='bad')\n"
        "@app.on_s3_event(bucket='b')\n"
        "def h(event): pass\n"
    )
    with pytest.raises(UnknownSourceError, match="S3EventConfig"):
        Pump(doors.load(tmp_path), platform.client, stage="test", new_id=str)


def test_failed_messages_wait_longer_each_time_but_never_more_than_a_minute():
    """Two seconds, four, eight… a service that is away gets time to come back."""
    assert [short_backoff(n) for n in (1, 2, 3, 5, 6, 40)] == [2, 4, 8, 32, 60, 60]


def context():
    """An invocation without importance."""
    return LambdaContext("f", "r", timeout=1, memory=128)


def test_an_event_over_six_megabytes_is_refused():
    """What Lambda would refuse in the cloud is refused on the laptop."""
    with pytest.raises(PayloadTooLargeError, match="event"):
        invoke(lambda *_: None, {"x": "é" * 3_200_000}, context())
    with pytest.raises(PayloadTooLargeError, match="answer"):
        invoke(lambda *_: "y" * 7_000_000, {}, context())


def test_what_is_not_json_does_not_pass():
    """Bytes, dates and objects must fail here, not on the first day in the cloud."""
    with pytest.raises(TypeError):
        invoke(lambda *_: None, {"x": b"bytes"}, context())
    with pytest.raises(TypeError):
        invoke(lambda *_: object(), {}, context())


def test_a_handler_cannot_change_the_event_of_its_caller():
    """The event is a copy, as across a network."""
    event = {"list": [1]}
    invoke(lambda given, _: given["list"].append(2), event, context())
    assert event == {"list": [1]}
