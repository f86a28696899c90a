"""What the emulator acknowledged survives `kill -9` at once: rows, messages, locks, passwords.

These probes also watch the private names of the pinned emulator that our launcher corrects.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from facteur.local.emulator import Emulator, EmulatorError, free_port
from facteur.local.emulator.journal import Journal

UNTIL = datetime(2036, 11, 20, tzinfo=UTC)


@contextmanager
def emulator(folder: Path, **settings):
    """A running emulator which keeps its data in a folder."""
    machine = Emulator(
        free_port(), folder, fsync=False, log=folder.with_suffix(".log"), **settings
    )
    machine.start()
    try:
        yield machine
    finally:
        machine.kill()


def client(machine, service, **settings):
    """A client of that emulator."""
    return boto3.client(
        service,
        endpoint_url=machine.endpoint,
        region_name="eu-west-3",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 1}, read_timeout=5, **settings),
    )


def crash(machine):
    """Kill at once, start again on the same data."""
    machine.kill()
    machine.start()


def make_table(machine, name="rows"):
    """A table with a simple key."""
    client(machine, "dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def rows(machine):
    """The keys of the table and the value of its counter."""
    dynamodb = client(machine, "dynamodb")
    found = {}
    for page in dynamodb.get_paginator("scan").paginate(TableName="rows"):
        found |= {one["pk"]["S"]: one for one in page["Items"]}
    counter = found.pop("counter", {"n": {"N": "0"}})
    return set(found), int(counter["n"]["N"])


def write_until_it_dies(machine, acknowledged, writer):
    """Write rows, each with the counter in one transaction; note the acknowledged ones."""
    dynamodb = client(machine, "dynamodb")
    for number in range(100_000):
        key = f"{machine.pid}-{writer}-{number}"
        put = {"TableName": "rows", "Item": {"pk": {"S": key}, "x": {"S": "y" * 300}}}
        count = {
            "TableName": "rows",
            "Key": {"pk": {"S": "counter"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        try:
            dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": count}])
        except (BotoCoreError, ClientError):
            return
        acknowledged.add(key)


def _until(acknowledged, count):
    """Wait for so many acknowledged writes, however slow the machine is."""
    deadline = time.monotonic() + 30
    while len(acknowledged) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(acknowledged) >= count


def test_no_acknowledged_write_is_lost_by_kill_nine_under_load(tmp_path):
    """Four writers, a sudden death, three times over: every row is there, the counter agrees."""
    dice = random.Random(20261120)  # noqa: S311 - moments of death, not keys
    with emulator(tmp_path / "aws", compact_after=50) as machine:
        make_table(machine)
        acknowledged = set()
        for _ in range(3):
            threads = [
                threading.Thread(target=write_until_it_dies, args=(machine, acknowledged, n))
                for n in range(4)
            ]
            for thread in threads:
                thread.start()
            _until(acknowledged, len(acknowledged) + dice.randint(60, 160))
            machine.kill()
            for thread in threads:
                thread.join()
            machine.start()
            present, counter = rows(machine)
            assert acknowledged <= present
            assert counter == len(present)
        assert (tmp_path / "aws" / "generation").exists(), "no generation was written meanwhile"


def test_a_polite_stop_keeps_everything_too(tmp_path):
    """Ctrl-C writes the state whole, so that the next start has nothing to replay."""
    with emulator(tmp_path / "aws") as machine:
        make_table(machine)
        dynamodb = client(machine, "dynamodb")
        for number in range(250):
            dynamodb.put_item(TableName="rows", Item={"pk": {"S": str(number)}})
        machine.stop()
        assert not [p for p in (tmp_path / "aws").glob("journal.*") if p.stat().st_size]
        machine.start()
        assert len(rows(machine)[0]) == 250


def test_messages_survive_and_deleted_ones_stay_deleted(tmp_path):
    """A command sent to a queue is a promise; one that was handled must not run again."""
    with emulator(tmp_path / "aws") as machine:
        sqs = client(machine, "sqs")
        url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "1800"})["QueueUrl"]
        for body in ("handled", "being handled", "waiting"):
            sqs.send_message(QueueUrl=url, MessageBody=body)
        first = sqs.receive_message(QueueUrl=url)["Messages"][0]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
        sqs.receive_message(QueueUrl=url)
        sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=600)
        crash(machine)
        answer = client(machine, "sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        received = {
            one["Body"]: one["Attributes"]["ApproximateReceiveCount"] for one in answer["Messages"]
        }
        # The one whose receiver died is back at once, and its tries are still counted.
        assert received == {"being handled": "2", "waiting": "1"}
        facts = client(machine, "sqs").get_queue_attributes(
            QueueUrl=url,
            AttributeNames=["VisibilityTimeout", "ApproximateNumberOfMessagesDelayed"],
        )["Attributes"]
        assert facts == {"VisibilityTimeout": "1800", "ApproximateNumberOfMessagesDelayed": "1"}


def test_messages_are_found_again_on_another_port(tmp_path):
    """A queue's address holds the port; the queue itself does not."""
    with emulator(tmp_path / "aws") as machine:
        sqs = client(machine, "sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="kept")
    with emulator(tmp_path / "aws") as machine:
        sqs = client(machine, "sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        assert url.startswith(machine.endpoint)
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"
        machine.stop()
    with emulator(tmp_path / "aws") as machine:
        sqs = client(machine, "sqs")
        url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"
        assert len(sqs.list_queues()["QueueUrls"]) == 1


def test_dead_letters_and_notices_of_s3_survive(tmp_path):
    """What other services put into a queue is kept like what we put there."""
    with emulator(tmp_path / "aws") as machine:
        sqs, s3 = client(machine, "sqs"), client(machine, "s3")
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        arn = "arn:aws:sqs:eu-west-3:000000000000:"
        policy = json.dumps({"deadLetterTargetArn": f"{arn}dead", "maxReceiveCount": 1})
        url = sqs.create_queue(QueueName="q", Attributes={"RedrivePolicy": policy})["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
        sqs.send_message(QueueUrl=url, MessageBody="poison")
        sqs.receive_message(QueueUrl=url)
        sqs.receive_message(QueueUrl=url)  # moves it
        allowed = {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "s3.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": f"{arn}notices",
                }
            ]
        }
        notices = sqs.create_queue(
            QueueName="notices", Attributes={"Policy": json.dumps(allowed)}
        )["QueueUrl"]
        s3.create_bucket(
            Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
        )
        s3.put_bucket_notification_configuration(
            Bucket="bucket",
            SkipDestinationValidation=True,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {"QueueArn": f"{arn}notices", "Events": ["s3:ObjectCreated:*"]}
                ]
            },
        )
        s3.put_object(Bucket="bucket", Key="uploads/1", Body=b"x")
        deadline = time.monotonic() + 5  # S3 tells after it answered
        names = ["ApproximateNumberOfMessages"]
        while time.monotonic() < deadline:
            facts = sqs.get_queue_attributes(QueueUrl=notices, AttributeNames=names)["Attributes"]
            if facts != {"ApproximateNumberOfMessages": "0"}:
                break
        crash(machine)
        sqs = client(machine, "sqs")
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
        assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"
        bodies = [
            one["Body"]
            for one in sqs.receive_message(QueueUrl=notices, MaxNumberOfMessages=10)["Messages"]
        ]
        assert any("uploads/1" in body for body in bodies)


def archive(machine):
    """A bucket with Object Lock."""
    s3 = client(machine, "s3")
    s3.create_bucket(
        Bucket="archive",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-3"},
        ObjectLockEnabledForBucket=True,
    )
    time.sleep(0.5)  # bucket settings are written a fifth of a second after a change
    return s3


def refused(call, **arguments):
    """The error code of a call that must fail."""
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    return refusal.value.response["Error"]["Code"]


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_a_lock_survives_a_death_in_the_same_instant(tmp_path, mode):
    """Sealed, then killed at once: deleting or shortening is still refused after the restart."""
    with emulator(tmp_path / "aws") as machine:
        s3 = archive(machine)
        version = s3.put_object(
            Bucket="archive",
            Key="original",
            Body=b"the invoice",
            ObjectLockMode=mode,
            ObjectLockRetainUntilDate=UNTIL,
        )["VersionId"]
        later = s3.put_object(Bucket="archive", Key="later", Body=b"2")["VersionId"]
        s3.put_object_retention(
            Bucket="archive",
            Key="later",
            VersionId=later,
            Retention={"Mode": mode, "RetainUntilDate": UNTIL},
        )
        held = s3.put_object(Bucket="archive", Key="held", Body=b"3")["VersionId"]
        s3.put_object_legal_hold(
            Bucket="archive", Key="held", VersionId=held, LegalHold={"Status": "ON"}
        )
        crash(machine)
        s3 = client(machine, "s3")
        for key, locked in (("original", version), ("later", later), ("held", held)):
            where = {"Bucket": "archive", "Key": key, "VersionId": locked}
            assert refused(s3.delete_object, **where) == "AccessDenied"
        shorter = {"Mode": mode, "RetainUntilDate": UNTIL - timedelta(days=1)}
        where = {"Bucket": "archive", "Key": "original", "VersionId": version}
        assert refused(s3.put_object_retention, Retention=shorter, **where) == "AccessDenied"
        retention = s3.get_object_retention(**where)["Retention"]
        assert retention == {"Mode": mode, "RetainUntilDate": UNTIL}


def test_a_plain_delete_or_put_leaves_the_sealed_version_readable(tmp_path):
    """The lock protects the version named in the evidence, before and after a death."""
    with emulator(tmp_path / "aws") as machine:
        s3 = archive(machine)
        where = {"Bucket": "archive", "Key": "original"}
        version = s3.put_object(
            Body=b"sealed",
            IfNoneMatch="*",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=UNTIL,
            **where,
        )["VersionId"]
        assert refused(s3.put_object, Body=b"x", IfNoneMatch="*", **where) == "PreconditionFailed"
        s3.put_object(Body=b"newer", **where)
        s3.delete_object(**where)
        assert s3.get_object(VersionId=version, **where)["Body"].read() == b"sealed"
        crash(machine)
        s3 = client(machine, "s3")
        assert s3.get_object(VersionId=version, **where)["Body"].read() == b"sealed"
        assert refused(s3.get_object, **where) == "NoSuchKey"
        assert refused(s3.delete_object, VersionId=version, **where) == "AccessDenied"


def test_default_retention_covers_multipart_uploads_and_copies(tmp_path):
    """As on AWS; the stock emulator leaves them unlocked."""
    with emulator(tmp_path / "aws") as machine:
        s3 = archive(machine)
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        s3.put_object_lock_configuration(
            Bucket="archive",
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
        )
        where = {"Bucket": "archive", "Key": "parts"}
        upload = s3.create_multipart_upload(**where)["UploadId"]
        part = s3.upload_part(UploadId=upload, PartNumber=1, Body=b"1", **where)["ETag"]
        s3.complete_multipart_upload(
            UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]},
            **where,
        )
        s3.copy_object(Bucket="archive", Key="copy", CopySource="archive/parts")
        for key in ("parts", "copy"):
            retention = s3.get_object_retention(Bucket="archive", Key=key)["Retention"]
            assert retention["Mode"] == "GOVERNANCE"


def test_versioning_of_a_locked_bucket_cannot_be_suspended(tmp_path):
    """Suspended versioning would let a PUT replace a sealed object."""
    with emulator(tmp_path / "aws") as machine:
        s3 = archive(machine)
        code = refused(
            s3.put_bucket_versioning,
            Bucket="archive",
            VersioningConfiguration={"Status": "Suspended"},
        )
        assert code == "InvalidBucketState"


def test_a_stored_object_keeps_bytes_metadata_and_version(tmp_path):
    """The SMTP listener answers 250 on the strength of this."""
    with emulator(tmp_path / "aws") as machine:
        s3 = archive(machine)
        version = s3.put_object(
            Bucket="archive", Key="mail/1", Body=b"From: a", Metadata={"recipients": "a@b"}
        )["VersionId"]
        crash(machine)
        kept = client(machine, "s3").get_object(Bucket="archive", Key="mail/1")
        assert (kept["Body"].read(), kept["VersionId"]) == (b"From: a", version)
        assert kept["Metadata"] == {"recipients": "a@b"}


def test_an_object_that_cannot_be_written_is_an_error_for_its_sender(tmp_path):
    """A full disk must not be answered with 200: the sender still has the invoice."""
    with emulator(tmp_path / "aws") as machine:
        s3 = archive(machine)
        in_the_way = tmp_path / "aws" / "s3" / "000000000000" / "archive" / "mail" / "1.tmp"
        in_the_way.mkdir(parents=True)
        assert refused(s3.put_object, Bucket="archive", Key="mail/1", Body=b"x").startswith(
            ("Internal", "500")
        )
        s3.put_object(Bucket="archive", Key="mail/2", Body=b"y")
        assert s3.get_object(Bucket="archive", Key="mail/2")["Body"].read() == b"y"


def test_a_changed_password_survives_at_once(tmp_path):
    """What the page confirmed holds after a death in the same instant."""
    with emulator(tmp_path / "aws") as machine:
        cognito = client(machine, "cognito-idp")
        pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        app = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="site",
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        )["UserPoolClient"]["ClientId"]
        cognito.admin_create_user(UserPoolId=pool, Username="anne", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username="anne", Password="Une-phrase-2026", Permanent=True
        )
        crash(machine)
        answer = client(machine, "cognito-idp").admin_initiate_auth(
            UserPoolId=pool,
            ClientId=app,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "anne", "PASSWORD": "Une-phrase-2026"},
        )
        assert "AuthenticationResult" in answer


def test_a_torn_last_line_is_dropped_and_later_writes_are_kept(tmp_path):
    """A death in the middle of a line must not swallow what is written after the restart."""
    with emulator(tmp_path / "aws") as machine:
        make_table(machine)
        client(machine, "dynamodb").put_item(TableName="rows", Item={"pk": {"S": "before"}})
        machine.kill()
        journal = max((tmp_path / "aws").glob("journal.*.jsonl"))
        with journal.open("ab") as file:
            file.write(b'{"dynamodb":"DynamoDB_20120810.PutItem","bod')
        machine.start()
        client(machine, "dynamodb").put_item(TableName="rows", Item={"pk": {"S": "after"}})
        crash(machine)
        assert rows(machine)[0] == {"before", "after"}


def test_the_emulator_dies_with_its_parent(tmp_path):
    """An orphan would keep the port and the data; the parent's kill -9 takes it along."""
    port = free_port()
    program = (
        "import sys, time; from pathlib import Path;"
        "from facteur.local.emulator import Emulator;"
        f"e = Emulator({port}, Path({str(tmp_path / 'aws')!r})); e.start();"
        "print(e.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() if Path("/proc").exists() else _runs(child):
        assert time.monotonic() < deadline, "the emulator outlived its parent"
        time.sleep(0.05)


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_the_emulator_listens_on_this_machine_only(tmp_path):
    """Invoices must not be readable from the neighbour's machine."""
    with emulator(tmp_path / "aws") as machine:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        lines += Path("/proc/net/tcp6").read_text().splitlines()[1:]
        local = [line.split()[1] for line in lines if line.split()[3] == "0A"]
        mine = [address for address in local if address.endswith(f":{machine.port:04X}")]
        assert mine == [f"0100007F:{machine.port:04X}"]


def test_a_start_that_fails_says_so(tmp_path):
    """A port that is taken is an error with a reason, not an endless wait."""
    with emulator(tmp_path / "one") as machine:
        second = Emulator(machine.port, tmp_path / "two")
        with pytest.raises(EmulatorError, match=f"port {machine.port} is taken"):
            second.start()


def test_a_data_folder_that_cannot_be_read_stops_the_start(tmp_path):
    """Starting empty beside unreadable data would look like losing everything."""
    folder = tmp_path / "aws"
    folder.mkdir()
    (folder / "generation").write_text("not a number")
    broken = Emulator(free_port(), folder, log=tmp_path / "aws.log")
    with pytest.raises(EmulatorError, match=r"aws\.log"):
        broken.start()
    assert "not a number" in (tmp_path / "aws.log").read_text()


def test_a_crash_between_two_generations_loses_nothing(tmp_path):
    """New records go to the new file before the old state is declared written."""
    journal = Journal(tmp_path, fsync=False)
    assert list(journal.read()) == []
    journal.append({"n": 1})
    journal.begin_generation()
    journal.append({"n": 2})  # dies here: the generation is never completed
    journal.close()
    again = Journal(tmp_path, fsync=False)
    assert [one["n"] for one in again.read()] == [1, 2]
    again.append({"n": 3})
    number = again.begin_generation()
    again.append({"n": 4})
    again.complete_generation(number)
    again.close()
    last = Journal(tmp_path, fsync=False)
    assert [one["n"] for one in last.read()] == [4]
    last.close()
