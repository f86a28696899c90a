"""A test's account is the twin of a provisioned one: it must be what provisioning would make."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from facteur.local.emulator import Emulator, free_port
from facteur.local.emulator.twins import PATH, Twins
from facteur.local.provision import Wanted, provision

from tests.emulator import Aws, Model, Platform

CREATED = ("CreatedTimestamp", "LastModifiedTimestamp", "CreationDate", "LastModifiedDate")
DRAWN = ("TableId", "KeyId", "SubscriptionArn", "Id", "ClientId", "UserPoolId")


def _everything(aws: Aws) -> dict[str, Any]:
    """What AWS says of every resource of an account, but times and drawn identifiers."""
    call: Callable[[str], Any] = aws.client
    dynamodb, s3, sqs, sns = call("dynamodb"), call("s3"), call("sqs"), call("sns")
    kms, ses, cognito = call("kms"), call("ses"), call("cognito-idp")
    seen: dict[str, Any] = {}
    for table in dynamodb.list_tables()["TableNames"]:
        seen[table] = [
            dynamodb.describe_table(TableName=table)["Table"],
            dynamodb.describe_continuous_backups(TableName=table),
        ]
    for bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
        seen[bucket] = [s3.list_object_versions(Bucket=bucket)]
        for what in (
            "versioning",
            "object_lock_configuration",
            "ownership_controls",
            "encryption",
            "lifecycle_configuration",
            "cors",
            "notification_configuration",
            "policy",
        ):
            name = what.replace("notification", "bucket_notification")
            ours = f"get_{name}" if what.startswith(("object", "noti")) else f"get_bucket_{what}"
            seen[bucket].append(_said(getattr(s3, ours), Bucket=bucket))
        seen[bucket].append(s3.get_public_access_block(Bucket=bucket))
    for url in sqs.list_queues()["QueueUrls"]:
        seen[url] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    for topic in [one["TopicArn"] for one in sns.list_topics()["Topics"]]:
        seen[topic] = sns.get_topic_attributes(TopicArn=topic)
    for one in sns.list_subscriptions()["Subscriptions"]:
        attributes = sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])
        seen[one["Endpoint"]] = [one, attributes]
    for key in [one["KeyId"] for one in kms.list_keys()["Keys"]]:
        seen["key"] = [
            kms.describe_key(KeyId=key)["KeyMetadata"],
            kms.get_key_policy(KeyId=key, PolicyName="default"),
            kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
            [one["AliasName"] for one in kms.list_aliases()["Aliases"]],
        ]
    seen["mail"] = [
        ses.describe_active_receipt_rule_set(),
        ses.list_configuration_sets(),
        ses.list_identities(),
    ]
    for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
        seen["pool"] = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        for one in cognito.list_user_pool_clients(UserPoolId=pool["Id"])["UserPoolClients"]:
            seen["client"] = cognito.describe_user_pool_client(
                UserPoolId=pool["Id"], ClientId=one["ClientId"]
            )["UserPoolClient"]
    return _neutral(seen, aws.account)


def _at(platform: Platform, account: str) -> Aws:
    """Another account of the same emulator."""
    access = platform.aws.access
    other = Aws(platform.aws.endpoint, account, access, platform.client)
    return Aws(platform.aws.endpoint, account, access, other.own_client)


def _said(call: Callable[..., Any], **arguments: str) -> Any:
    """An answer, or the error's code: what a bucket lacks must be lacking in its twin too."""
    try:
        return call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]


def _neutral(seen: Any, account: str) -> Any:
    if isinstance(seen, dict):
        return {
            key.replace(account, "ACCOUNT"): _neutral(value, account)
            for key, value in seen.items()
            if key not in ("ResponseMetadata", *CREATED, *DRAWN) and "DateTime" not in key
        }
    if isinstance(seen, list):
        return [_neutral(one, account) for one in seen]
    text = str(seen).replace(account, "ACCOUNT")
    for drawn in (":key/", "userpool/", "-mails:", "-feedback:"):  # identifiers inside ARNs
        head, found, _tail = text.partition(drawn)
        text = head + found
    return text


def test_a_twin_is_what_provisioning_makes(platform: Platform, model: Model):
    """Every resource, asked of AWS, is the same in a twin as where the real calls were made."""
    twin = _everything(platform.aws)
    provisioned = _everything(_at(platform, model.wanted.account))
    assert twin == provisioned
    # Nothing escaped the comparison: 2 tables, 2 buckets, 10 queues, 3 topics, 2 subscriptions
    # (by endpoint), a key, mail reception, the pool and its client.
    assert len(twin) == 23


def test_provisioning_a_twin_changes_nothing(platform: Platform):
    """The provisioner finds everything of platform.yaml in place under the twin's own names."""
    aws = platform.aws
    wanted = Wanted(
        endpoint=aws.endpoint,
        account=aws.account,
        stage="test",
        inbound_domain="factures.example.com",
        ocr="none",
    )
    before = _everything(aws)
    assert provision(wanted, aws.client) == platform.environment
    assert _everything(aws) == before


def test_twins_share_nothing(platform: Platform, model: Model):
    """A row, an object, a message, a person of one are in no other, nor in the model."""
    first = platform.environment
    platform.client("dynamodb").put_item(
        TableName=first["FACTEUR_TABLE"], Item={"pk": {"S": "a"}, "sk": {"S": "b"}}
    )
    platform.client("s3").put_object(Bucket=first["FACTEUR_INTAKE_BUCKET"], Key="k", Body=b"x")
    platform.client("sqs").send_message(
        QueueUrl=first["FACTEUR_COMMANDS_QUEUE_URL"], MessageBody="m"
    )
    platform.client("cognito-idp").admin_create_user(
        UserPoolId=first["FACTEUR_USER_POOL_ID"], Username="a@b.example"
    )
    twin = platform.aws.account[:6] + "5" + platform.aws.account[7:]
    for account, other in (
        (twin, model.twin(twin)),
        (model.wanted.account, model.environment),
    ):
        assert other["FACTEUR_USER_POOL_ID"] != first["FACTEUR_USER_POOL_ID"]
        at = _at(platform, account).client
        rows = at("dynamodb").scan(TableName=other["FACTEUR_TABLE"])
        objects = at("s3").list_objects_v2(Bucket=other["FACTEUR_INTAKE_BUCKET"])
        queue = at("sqs").get_queue_attributes(
            QueueUrl=other["FACTEUR_COMMANDS_QUEUE_URL"],
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        people = at("cognito-idp").list_users(UserPoolId=other["FACTEUR_USER_POOL_ID"])
        assert (rows["Count"], objects["KeyCount"], people["Users"]) == (0, 0, [])
        assert queue["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_a_forgotten_account_is_empty_and_others_are_not(platform: Platform, model: Model):
    """What a test left behind goes, and nothing of anybody else's."""
    account = platform.aws.account[:6] + "4" + platform.aws.account[7:]
    model.twin(account)
    gone = _at(platform, account).client
    assert gone("dynamodb").list_tables()["TableNames"]
    answer = requests.post(
        platform.aws.endpoint + PATH,
        json.dumps({"of": model.wanted.account, "names": {}, "forget": [account]}),
        headers={"authorization": "a program's"},
        timeout=10,
    )
    assert answer.status_code == 204
    assert gone("dynamodb").list_tables()["TableNames"] == []
    assert gone("s3").list_buckets()["Buckets"] == []
    assert len(platform.client("dynamodb").list_tables()["TableNames"]) == 2


def test_a_name_that_changes_its_length_is_refused():
    """The photograph is searched as bytes: another length would break it."""
    with pytest.raises(ValueError, match="differ in length"):
        Twins().make("000000000001", {"000000000001": "2"})


def test_an_emulator_without_twins_has_no_such_path():
    """`make run` starts it without: nobody copies an account there."""
    plain = Emulator(free_port(), None)
    plain.start()
    try:
        answer = requests.post(
            plain.endpoint + PATH,
            json.dumps({"of": "000000000001", "names": {}, "forget": []}),
            headers={"authorization": "a program's"},
            timeout=10,
        )
        assert answer.status_code != 204
    finally:
        plain.stop()
