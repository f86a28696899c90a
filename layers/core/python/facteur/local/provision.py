"""Creates the resources of infrastructure/platform.yaml on the embedded AWS.

The template is the single source of truth; here each of its resources is created through the same
boto3 calls an administrator would make, because the emulator's own CloudFormation ignores Object
Lock. Running it again changes nothing that is right and mends what is not, so every start of the
platform runs it.

Properties: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from facteur.local.provision_buckets import bucket_contents, snake_free
from facteur.local.template import Template, TemplateError

REGION = "eu-west-3"
TEMPLATE = Path(__file__).resolve().parents[5] / "infrastructure" / "platform.yaml"

Properties = dict[str, Any]
Attributes = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one installation of the platform is asked to be."""

    endpoint: str  # http://127.0.0.1:<port> of the emulator
    account: str  # twelve digits: the emulator keeps accounts apart by access key
    secret: str = "test"  # noqa: S105 - that of the tests' emulator; `make run` draws its own
    stage: str = "local"
    inbound_domain: str = "factures.localhost"
    site_url: str = "http://127.0.0.1:8642"
    lock_mode: str = "GOVERNANCE"
    retention_days: int = 3653
    ocr: str = "embedded"

    def access(self) -> dict[str, str]:
        """Return what any AWS client needs to reach this installation."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": REGION,
        }

    def parameters(self) -> dict[str, str]:
        """Return the template's parameters."""
        site = urlsplit(self.site_url)
        return {
            "Stage": self.stage,
            "InboundDomain": self.inbound_domain,
            "SiteOrigin": f"{site.scheme}://{site.netloc}",
            "LockMode": self.lock_mode,
            "RetentionDays": str(self.retention_days),
        }


def provision(
    wanted: Wanted, client: Callable[[str], Any], template: Path = TEMPLATE
) -> dict[str, str]:
    """Create what is missing; return the environment of the functions (see facteur.config).

    `client` gives a boto3 client of that installation by service name. ClientError when AWS
    refuses something, TemplateError when the template uses what this reader does not know.
    """
    plan = Template(template, wanted.parameters(), account=wanted.account, region=REGION)
    builder = _Builder(plan, client)
    for logical in plan.resources:
        if plan.active(logical):
            builder.ensure(logical)
    client("ses").verify_domain_identity(Domain=wanted.inbound_domain)  # an operator's own step
    return {
        **wanted.access(),
        "FACTEUR_STAGE": wanted.stage,
        "FACTEUR_TABLE": builder.get("Table", "Ref"),
        "FACTEUR_EPHEMERAL_TABLE": builder.get("EphemeralTable", "Ref"),
        "FACTEUR_INTAKE_BUCKET": builder.get("IntakeBucket", "Ref"),
        "FACTEUR_ARCHIVE_BUCKET": builder.get("ArchiveBucket", "Ref"),
        "FACTEUR_MAILS_TOPIC_ARN": builder.get("MailsTopic", "Ref"),  # for the SMTP listener
        "FACTEUR_MAILS_QUEUE_URL": builder.get("MailsQueue", "Ref"),
        "FACTEUR_UPLOADS_QUEUE_URL": builder.get("UploadsQueue", "Ref"),
        "FACTEUR_COMMANDS_QUEUE_URL": builder.get("CommandsQueue", "Ref"),
        "FACTEUR_CHECKS_QUEUE_URL": builder.get("ChecksQueue", "Ref"),
        "FACTEUR_INBOUND_DOMAIN": wanted.inbound_domain,
        "FACTEUR_SITE_URL": wanted.site_url,
        "FACTEUR_USER_POOL_ID": builder.get("UserPool", "Ref"),
        "FACTEUR_USER_POOL_CLIENT_ID": builder.get("UserPoolClient", "Ref"),
        "FACTEUR_LOCK_MODE": wanted.lock_mode,
        "FACTEUR_RETENTION_DAYS": str(wanted.retention_days),
        "FACTEUR_OCR": wanted.ocr,
    }


def _allowing(call: Callable[[], Any], *codes: str) -> Any:
    """Make a call; None when AWS answers one of these error codes."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in codes:
            return None
        raise


class _Builder:
    """Creates resources on demand, so that a reference always finds what it names."""

    def __init__(self, plan: Template, client: Callable[[str], Any]) -> None:
        self._plan, self._client = plan, client
        self._made: dict[str, Attributes] = {}
        self._makers: dict[str, Callable[[str, Properties], Attributes]] = {
            "AWS::KMS::Key": self._key,
            "AWS::KMS::Alias": self._alias,
            "AWS::DynamoDB::Table": self._table,
            "AWS::S3::Bucket": self._bucket,
            "AWS::S3::BucketPolicy": self._bucket_policy,
            "AWS::SQS::Queue": self._queue,
            "AWS::SQS::QueuePolicy": self._queue_policy,
            "AWS::SNS::Topic": self._topic,
            "AWS::SNS::TopicPolicy": self._topic_policy,
            "AWS::SNS::Subscription": self._subscription,
            "AWS::SES::ReceiptRuleSet": self._rule_set,
            "AWS::SES::ReceiptRule": self._rule,
            "AWS::SES::ConfigurationSet": self._configuration_set,
            "AWS::SES::ConfigurationSetEventDestination": self._event_destination,
            "AWS::Cognito::UserPool": self._user_pool,
            "AWS::Cognito::UserPoolClient": self._user_pool_client,
        }

    def ensure(self, logical: str) -> None:
        """Create a resource, and what it needs, unless done already."""
        if logical in self._made:
            return
        resource = self._plan.resources[logical]
        for needed in resource.get("DependsOn", []):
            self.ensure(needed)
        maker = self._makers.get(resource["Type"])
        if maker is None:
            msg = f"{logical}: {resource['Type']} is not known here"
            raise TemplateError(msg)
        self._made[logical] = maker(logical, self._plan.properties(logical, self.get))

    def get(self, logical: str, attribute: str) -> str:
        """Return `Ref` or an attribute of a resource, created first if need be."""
        if logical not in self._plan.resources:
            msg = f"{logical} is neither a parameter nor a resource"
            raise TemplateError(msg)
        self.ensure(logical)
        return self._made[logical][attribute]

    # -- key --------------------------------------------------------------------------------

    def _key(self, logical: str, properties: Properties) -> Attributes:
        # A key has no name: its alias tells whether it was made before.
        alias = next(
            one["Properties"]["AliasName"]
            for one in self._plan.resources.values()
            if one["Type"] == "AWS::KMS::Alias"
            and one["Properties"]["TargetKeyId"] == {"Ref": logical}
        )
        kms = self._client("kms")
        name = self._plan.value(alias, self.get)
        found = _allowing(lambda: kms.describe_key(KeyId=name), "NotFoundException")
        if found is None:
            found = kms.create_key(
                Description=properties["Description"],
                Policy=json.dumps(properties["KeyPolicy"]),
            )
            kms.create_alias(AliasName=name, TargetKeyId=found["KeyMetadata"]["KeyId"])
            kms.enable_key_rotation(KeyId=found["KeyMetadata"]["KeyId"])
        return {"Ref": found["KeyMetadata"]["KeyId"], "Arn": found["KeyMetadata"]["Arn"]}

    @staticmethod
    def _alias(_logical: str, properties: Properties) -> Attributes:
        return {"Ref": properties["AliasName"]}  # made with its key

    # -- tables -----------------------------------------------------------------------------

    def _table(self, _logical: str, properties: Properties) -> Attributes:
        dynamodb = self._client("dynamodb")
        wanted = dict(properties)
        name = wanted["TableName"]
        recovery = wanted.pop("PointInTimeRecoverySpecification", None)
        ttl = wanted.pop("TimeToLiveSpecification", None)
        encryption = snake_free(wanted.pop("SSESpecification"), {"SSEEnabled": "Enabled"})
        created = _allowing(
            lambda: dynamodb.create_table(**wanted, SSESpecification=encryption),
            "ResourceInUseException",
        )
        table = created["TableDescription"] if created else None
        if table is None:
            table = dynamodb.describe_table(TableName=name)["Table"]
        if recovery:
            dynamodb.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification=recovery
            )
        if ttl:  # "already enabled" is a ValidationException
            _allowing(
                lambda: dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl),
                "ValidationException",
            )
        return {"Ref": name, "Arn": table["TableArn"]}

    # -- buckets ----------------------------------------------------------------------------

    def _bucket(self, _logical: str, properties: Properties) -> Attributes:
        s3, name = self._client("s3"), properties["BucketName"]
        locked = bool(properties.get("ObjectLockEnabled"))
        _allowing(
            lambda: s3.create_bucket(
                Bucket=name,
                CreateBucketConfiguration={"LocationConstraint": REGION},
                ObjectLockEnabledForBucket=locked,
            ),
            "BucketAlreadyOwnedByYou",
        )
        if "VersioningConfiguration" in properties:
            s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"]
            )
        if locked:
            s3.put_object_lock_configuration(
                Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
            )
        s3.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls=properties["OwnershipControls"]
        )
        s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration=properties["PublicAccessBlockConfiguration"],
        )
        bucket_contents(s3, name, properties)
        return {"Ref": name, "Arn": f"arn:aws:s3:::{name}"}

    def _bucket_policy(self, logical: str, properties: Properties) -> Attributes:
        policy = json.dumps(properties["PolicyDocument"])
        self._client("s3").put_bucket_policy(Bucket=properties["Bucket"], Policy=policy)
        return {"Ref": logical}

    # -- queues and topics --------------------------------------------------------------------

    def _queue(self, _logical: str, properties: Properties) -> Attributes:
        sqs, name = self._client("sqs"), properties["QueueName"]
        attributes = {
            key: json.dumps(value) if isinstance(value, dict) else str(value)
            for key, value in properties.items()
            if key != "QueueName"
        }
        made = _allowing(
            lambda: sqs.create_queue(QueueName=name, Attributes=attributes),
            "QueueAlreadyExists",
            "QueueNameExists",
        )
        if made is None:
            made = sqs.get_queue_url(QueueName=name)
            sqs.set_queue_attributes(QueueUrl=made["QueueUrl"], Attributes=attributes)
        url = made["QueueUrl"]
        account = url.rsplit("/", 2)[1]
        return {"Ref": url, "Arn": f"arn:aws:sqs:{REGION}:{account}:{name}", "QueueName": name}

    def _queue_policy(self, logical: str, properties: Properties) -> Attributes:
        policy = json.dumps(properties["PolicyDocument"])
        for url in properties["Queues"]:
            self._client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return {"Ref": logical}

    def _topic(self, _logical: str, properties: Properties) -> Attributes:
        attributes = {"KmsMasterKeyId": properties["KmsMasterKeyId"]}
        made = self._client("sns").create_topic(
            Name=properties["TopicName"], Attributes=attributes
        )
        return {"Ref": made["TopicArn"], "TopicName": properties["TopicName"]}

    def _topic_policy(self, logical: str, properties: Properties) -> Attributes:
        policy = json.dumps(properties["PolicyDocument"])
        for arn in properties["Topics"]:
            self._client("sns").set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=policy
            )
        return {"Ref": logical}

    def _subscription(self, _logical: str, properties: Properties) -> Attributes:
        made = self._client("sns").subscribe(**properties, ReturnSubscriptionArn=True)
        return {"Ref": made["SubscriptionArn"]}

    # -- mail reception -----------------------------------------------------------------------

    def _rule_set(self, _logical: str, properties: Properties) -> Attributes:
        ses, name = self._client("ses"), properties["RuleSetName"]
        _allowing(lambda: ses.create_receipt_rule_set(RuleSetName=name), "AlreadyExists")
        ses.set_active_receipt_rule_set(RuleSetName=name)  # CloudFormation cannot
        return {"Ref": name}

    def _rule(self, _logical: str, properties: Properties) -> Attributes:
        ses, name = self._client("ses"), properties["Rule"]["Name"]
        created = _allowing(lambda: ses.create_receipt_rule(**properties), "AlreadyExists")
        if created is None:  # the emulator cannot update a rule
            ses.delete_receipt_rule(RuleSetName=properties["RuleSetName"], RuleName=name)
            ses.create_receipt_rule(**properties)
        return {"Ref": name}

    def _configuration_set(self, _logical: str, properties: Properties) -> Attributes:
        ses, name = self._client("ses"), properties["Name"]
        wanted = {"Name": name}
        _allowing(
            lambda: ses.create_configuration_set(ConfigurationSet=wanted),
            "ConfigurationSetAlreadyExists",
        )
        return {"Ref": name}

    def _event_destination(self, logical: str, _properties: Properties) -> Attributes:
        # Nothing leaves this machine, so nothing comes back: the emulator publishes no bounce.
        return {"Ref": logical}

    # -- identity -----------------------------------------------------------------------------

    def _user_pool(self, _logical: str, properties: Properties) -> Attributes:
        cognito, name = self._client("cognito-idp"), properties["UserPoolName"]
        pools = cognito.list_user_pools(MaxResults=60)["UserPools"]
        identifier = next((one["Id"] for one in pools if one["Name"] == name), None)
        if identifier is None:
            wanted = snake_free(properties, {"UserPoolName": "PoolName"})
            wanted.pop("EnabledMfas", None)
            identifier = cognito.create_user_pool(**wanted)["UserPool"]["Id"]
        arn = self._plan.value(
            {"Fn::Sub": f"arn:aws:cognito-idp:{REGION}:${{AWS::AccountId}}:userpool/{identifier}"},
            self.get,
        )
        return {"Ref": identifier, "Arn": arn}

    def _user_pool_client(self, _logical: str, properties: Properties) -> Attributes:
        cognito, pool = self._client("cognito-idp"), properties["UserPoolId"]
        clients = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]
        name = properties["ClientName"]
        identifier = next((c["ClientId"] for c in clients if c["ClientName"] == name), None)
        if identifier is None:
            made = cognito.create_user_pool_client(**properties)
            identifier = made["UserPoolClient"]["ClientId"]
        return {"Ref": identifier}
