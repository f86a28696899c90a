"""The platform's resources on the laptop come from the template that deploys them."""

from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError
from facteur.config import load
from facteur.local.provision import Wanted, provision
from facteur.local.template import Template, TemplateError


def test_the_environment_is_complete_for_the_functions(platform):
    """Settings load from what provisioning returns, and nothing else is needed."""
    settings = load(platform.environment)
    assert settings.table == "facteur-test"
    assert settings.lock_mode == "GOVERNANCE"
    assert settings.retention_days == 3653
    assert settings.intake_bucket != settings.archive_bucket


def test_provisioning_again_changes_nothing_and_fails_nowhere(aws):
    """Every start runs it: names, pool and client stay the same, nothing is doubled."""
    wanted = Wanted(endpoint=aws.endpoint, account=aws.account, stage="twice")
    first = provision(wanted, aws.client)
    second = provision(wanted, aws.client)
    assert first == second
    assert len(aws.client("sqs").list_queues()["QueueUrls"]) == 10
    assert len(aws.client("sns").list_subscriptions()["Subscriptions"]) == 2
    assert len(aws.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]) == 1
    assert len(aws.client("kms").list_keys()["Keys"]) == 1


def test_a_changed_setting_of_a_queue_is_brought_in_line(aws):
    """A start mends what drifted from the template."""
    wanted = Wanted(endpoint=aws.endpoint, account=aws.account, stage="drift")
    url = provision(wanted, aws.client)["FACTEUR_MAILS_QUEUE_URL"]
    sqs = aws.client("sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    provision(wanted, aws.client)
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert answer["Attributes"]["VisibilityTimeout"] == "360"


def test_the_durable_table_is_protected_and_never_expires(platform):
    """PITR and deletion protection are on, and no TTL can delete an invoice."""
    dynamodb = platform.client("dynamodb")
    name = platform["FACTEUR_TABLE"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["DeletionProtectionEnabled"]
    indexes = {one["IndexName"]: one["Projection"] for one in table["GlobalSecondaryIndexes"]}
    assert indexes == {name: {"ProjectionType": "ALL"} for name in ("listing", "todo", "agenda")}
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "DISABLED"


def test_the_ephemeral_table_expires(aws):
    """Sessions and idempotency records leave by themselves."""
    wanted = Wanted(endpoint=aws.endpoint, account=aws.account, stage="ends")
    name = provision(wanted, aws.client)["FACTEUR_EPHEMERAL_TABLE"]
    described = aws.client("dynamodb").describe_time_to_live(TableName=name)
    ttl = described["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_the_archive_is_versioned_and_locked_without_a_default_retention(platform):
    """The lock is laid object by object: an unaccepted document must stay removable."""
    s3, bucket = platform.client("s3"), platform["FACTEUR_ARCHIVE_BUCKET"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert lock["ObjectLockEnabled"] == "Enabled"
    assert "Rule" not in lock


@pytest.mark.parametrize("name", ["FACTEUR_INTAKE_BUCKET", "FACTEUR_ARCHIVE_BUCKET"])
def test_both_buckets_are_encrypted_private_and_tls_only(platform, name):
    """Nobody outside reads them, and nothing travels or rests in clear."""
    s3, bucket = platform.client("s3"), platform[name]
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values())
    assert len(block) == 4
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]


def test_an_upload_is_announced_in_the_uploads_queue_and_a_mail_is_not(platform):
    """S3 tells the pipeline about uploads/ only; mails are told by SES."""
    s3, bucket = platform.client("s3"), platform["FACTEUR_INTAKE_BUCKET"]
    s3.put_object(Bucket=bucket, Key="mail/m1", Body=b"From: a@b")
    s3.put_object(Bucket=bucket, Key="uploads/d1/u1", Body=b"x")
    answer = platform.client("sqs").receive_message(
        QueueUrl=platform["FACTEUR_UPLOADS_QUEUE_URL"], WaitTimeSeconds=5, MaxNumberOfMessages=10
    )
    assert [one["Body"].count("uploads/d1/u1") for one in answer["Messages"]] == [1]


def test_a_message_published_on_the_mails_topic_reaches_the_mails_queue(platform):
    """The road of SES's notifications exists: topic, subscription, queue policy."""
    sns = platform.client("sns")
    topics = [one["TopicArn"] for one in sns.list_topics()["Topics"]]
    mails = next(arn for arn in topics if arn.endswith("facteur-test-mails"))
    sns.publish(TopicArn=mails, Message="notice")
    answer = platform.client("sqs").receive_message(
        QueueUrl=platform["FACTEUR_MAILS_QUEUE_URL"], WaitTimeSeconds=5
    )
    assert '"Message": "notice"' in answer["Messages"][0]["Body"]


def test_mails_of_both_domains_are_received(platform):
    """Purchases at the domain, sales at out.<domain>; stored under mail/, scanned."""
    answer = platform.client("ses").describe_active_receipt_rule_set()
    rule = answer["Rules"][0]
    assert rule["Recipients"] == ["factures.example.com", "out.factures.example.com"]
    assert rule["ScanEnabled"]
    assert rule["Actions"][0]["S3Action"]["BucketName"] == platform["FACTEUR_INTAKE_BUCKET"]
    assert rule["Actions"][0]["S3Action"]["ObjectKeyPrefix"] == "mail/"


def test_a_user_signs_in_with_a_password_through_the_server(platform):
    """The pool and its client allow exactly the flow the site uses."""
    cognito = platform.client("cognito-idp")
    pool, client = platform["FACTEUR_USER_POOL_ID"], platform["FACTEUR_USER_POOL_CLIENT_ID"]
    cognito.admin_create_user(
        UserPoolId=pool, Username="anne@example.com", MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="anne@example.com", Password="douze lettres", Permanent=True
    )

    def sign_in(password: str) -> dict:
        return cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "anne@example.com", "PASSWORD": password},
        )

    assert "AccessToken" in sign_in("douze lettres")["AuthenticationResult"]
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        sign_in("autre chose")


def test_two_accounts_do_not_see_each_other(aws):
    """One account per test is real isolation, even with the same stage."""
    one = Wanted(endpoint=aws.endpoint, account=aws.account, stage="same")
    provision(one, aws.client)
    other = Wanted(endpoint=aws.endpoint, account="9" * 12, stage="same")
    import boto3

    def client(service):
        return boto3.client(
            service,
            endpoint_url=other.endpoint,
            region_name="eu-west-3",
            aws_access_key_id=other.account,
            aws_secret_access_key=other.secret,
        )

    environment = provision(other, client)
    client("sqs").send_message(QueueUrl=environment["FACTEUR_CHECKS_QUEUE_URL"], MessageBody="x")
    mine = aws.client("sqs").get_queue_url(QueueName="facteur-same-checks")["QueueUrl"]
    assert "Messages" not in aws.client("sqs").receive_message(QueueUrl=mine)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Resources: {A: {Type: T, Properties: {X: !Ref Nobody}}}", "Nobody"),
        ("Resources: {A: {Type: T, Properties: {X: !Base64 x}}}", "Fn::Base64"),
        ("Parameters: {P: {Type: String}}\nResources: {}", "missing parameters: P"),
    ],
)
def test_what_the_template_reader_does_not_know_is_refused(tmp_path: Path, text, reason):
    """A typo or a new function in the template stops the start instead of being ignored."""
    path = tmp_path / "template.yaml"
    path.write_text(text)

    def lookup(logical: str, _: str) -> str:
        raise TemplateError(logical)

    with pytest.raises(TemplateError, match=reason):
        Template(path, {}, account="1" * 12, region="eu-west-3").properties("A", lookup)


def test_a_wrong_parameter_is_refused_before_anything_is_created():
    """The patterns of the template hold on the laptop too."""
    with pytest.raises(TemplateError, match="LockMode"):
        provision(Wanted(endpoint="", account="1" * 12, lock_mode="FOREVER"), lambda _: None)


def test_a_presigned_form_is_accepted_and_holds_its_limits(platform):
    """Browsers and programs send files with it: path-style address, size and signature checked."""
    s3, bucket = platform.client("s3"), platform["FACTEUR_INTAKE_BUCKET"]
    form = s3.generate_presigned_post(
        bucket,
        "uploads/d/1",
        Fields={"Content-Type": "application/pdf", "x-amz-meta-by": "anne"},
        Conditions=[
            ["content-length-range", 1, 10],
            {"Content-Type": "application/pdf"},
            {"x-amz-meta-by": "anne"},
        ],
    )
    assert form["url"].startswith(f"{platform.aws.endpoint}/{bucket}")

    def post(data: bytes, **changed: str) -> int:
        fields = {**form["fields"], **changed}
        return requests.post(
            form["url"], data=fields, files={"file": ("f", data)}, timeout=10
        ).status_code

    assert post(b"x" * 11) == 400
    assert post(b"ten bytes!", **{"x-amz-meta-by": "paul"}) == 403
    assert post(b"ten bytes!", **{"x-amz-signature": "0" * 64}) == 403
    assert post(b"ten bytes!") == 204
    stored = s3.get_object(Bucket=bucket, Key="uploads/d/1")
    assert stored["Metadata"] == {"by": "anne"}
    assert stored["ContentType"] == "application/pdf"


def test_the_upload_bucket_answers_the_preflight_of_the_site(platform):
    """The page and the bucket have different origins: without CORS the browser refuses."""
    answer = requests.options(
        f"{platform.aws.endpoint}/{platform['FACTEUR_INTAKE_BUCKET']}",
        headers={
            "Origin": platform["FACTEUR_SITE_URL"],
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
        timeout=10,
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == platform["FACTEUR_SITE_URL"]
    other = requests.options(
        f"{platform.aws.endpoint}/{platform['FACTEUR_INTAKE_BUCKET']}",
        headers={"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"},
        timeout=10,
    )
    assert other.status_code == 403


def test_a_link_expires_and_cannot_be_forged(platform):
    """Downloads are presigned too."""
    s3, bucket = platform.client("s3"), platform["FACTEUR_ARCHIVE_BUCKET"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"kept")
    link = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=300)
    assert requests.get(link, timeout=10).content == b"kept"
    assert requests.get(link[:-4] + "0000", timeout=10).status_code == 403
