"""What the template says of buckets, in the words of the calls that make them (provision.py)."""

from collections.abc import Mapping
from typing import Any


def bucket_contents(s3: Any, name: str, properties: Mapping[str, Any]) -> None:
    """Give a bucket the encryption, life cycle, CORS and notifications of the template."""
    encryption = snake_free(
        properties["BucketEncryption"],
        {
            "ServerSideEncryptionConfiguration": "Rules",
            "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
        },
    )
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption)
    rules = [
        {
            **{key: rule[key] for key in rule if key not in ("Id", "ExpirationInDays")},
            "ID": rule["Id"],
            "Filter": {"Prefix": ""},
            **(
                {"Expiration": {"Days": rule["ExpirationInDays"]}}
                if "ExpirationInDays" in rule
                else {}
            ),
        }
        for rule in properties["LifecycleConfiguration"]["Rules"]
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    if "CorsConfiguration" in properties:
        cors = snake_free(
            properties["CorsConfiguration"],
            {
                "CorsRules": "CORSRules",
                "MaxAge": "MaxAgeSeconds",
                "ExposedHeaders": "ExposeHeaders",
            },
        )
        s3.put_bucket_cors(Bucket=name, CORSConfiguration=cors)
    if "NotificationConfiguration" in properties:
        queues = [
            {
                "Id": one["Queue"].rpartition(":")[2],
                "QueueArn": one["Queue"],
                "Events": [one["Event"]],
                "Filter": {"Key": {"FilterRules": one["Filter"]["S3Key"]["Rules"]}},
            }
            for one in properties["NotificationConfiguration"]["QueueConfigurations"]
        ]
        current = s3.get_bucket_notification_configuration(Bucket=name)
        if current.get("QueueConfigurations") != queues:  # each change sends a test event
            s3.put_bucket_notification_configuration(
                Bucket=name,
                NotificationConfiguration={"QueueConfigurations": queues},
                SkipDestinationValidation=True,
            )


def snake_free(tree: Any, names: dict[str, str]) -> Any:
    """Rename the keys that CloudFormation and the API spell differently."""
    if isinstance(tree, list):
        return [snake_free(one, names) for one in tree]
    if isinstance(tree, dict):
        return {names.get(key, key): snake_free(one, names) for key, one in tree.items()}
    return tree
