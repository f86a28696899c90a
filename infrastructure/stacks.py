"""Creates or updates CloudFormation stacks and waits for them; uploads what they refer to.

The same code deploys to AWS and to the embedded platform: only the clients differ. A stack that
has nothing to change is left alone; one that fails raises StackError with the resources at fault,
the first one first, because the others follow from it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

TEMPLATE_BYTES = 51_200  # a larger template goes through the bucket
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
_NOTHING_YET = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


class StackError(RuntimeError):
    """A stack could not be created or updated; the message names the resources at fault."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of one stage, in one account and region.

    `client` gives a boto3 client by service name; `patience` is how often a stack is looked at.
    """

    client: Callable[[str], Any]
    stage: str
    patience: float = 5.0

    def deploy(
        self, name: str, template: str, parameters: Mapping[str, str], *, bucket: str = ""
    ) -> dict[str, str]:
        """Create or update facteur-<stage>-<name> and return its outputs.

        Only the parameters that the template declares are passed. StackError when it fails.
        """
        stack = f"facteur-{self.stage}-{name}"
        request: dict[str, Any] = {
            "StackName": stack,
            "Capabilities": CAPABILITIES,
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in sorted(parameters.items())
                if _declares(template, key)
            ],
            "Tags": [{"Key": "facteur", "Value": self.stage}],
        }
        if len(template.encode()) > TEMPLATE_BYTES and bucket:
            key = f"templates/{_sha256(template.encode())}.template"
            self.client("s3").put_object(Bucket=bucket, Key=key, Body=template.encode())
            host = self.client("s3").meta.endpoint_url.rstrip("/")
            request["TemplateURL"] = f"{host}/{bucket}/{key}"
        else:
            request["TemplateBody"] = template
        self._apply(stack, request)
        return self.outputs(name)

    def outputs(self, name: str) -> dict[str, str]:
        """The outputs of a stack, {} when it does not exist."""
        stack = self._described(f"facteur-{self.stage}-{name}")
        outputs = stack.get("Outputs", []) if stack else []
        return {one["OutputKey"]: one["OutputValue"] for one in outputs}

    def bucket(self) -> str:
        """The bucket for templates, zips and layers, created at the first deployment."""
        account = self.client("sts").get_caller_identity()["Account"]
        name = f"facteur-{self.stage}-artifacts-{account}"
        s3 = self.client("s3")
        try:
            s3.head_bucket(Bucket=name)
        except ClientError:
            region = s3.meta.region_name
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
            s3.put_public_access_block(
                Bucket=name,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": True,
                    "RestrictPublicBuckets": True,
                },
            )
        return name

    def upload(self, bucket: str, path: Path) -> str:
        """Upload a file under a key that holds its hash, unless it is there; return the key."""
        key = f"{path.stem.partition('-')[0]}/{_sha256(path.read_bytes())}{path.suffix}"
        s3 = self.client("s3")
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            s3.upload_file(str(path), bucket, key)
        return key

    def _apply(self, stack: str, request: dict[str, Any]) -> None:
        """Create, or update when it exists; a stack that never came up is removed first."""
        cloudformation = self.client("cloudformation")
        existing = self._described(stack)
        if existing and existing["StackStatus"] in _NOTHING_YET:
            cloudformation.delete_stack(StackName=stack)
            self._wait(stack, "stack_delete_complete")
            existing = None
        if existing is None:
            cloudformation.create_stack(**request, OnFailure="ROLLBACK")
            self._wait(stack, "stack_create_complete")
            return
        try:
            cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return
            raise
        self._wait(stack, "stack_update_complete")

    def _wait(self, stack: str, event: str) -> None:
        waiter = self.client("cloudformation").get_waiter(event)
        attempts = int(3600 / self.patience)
        try:
            waiter.wait(
                StackName=stack, WaiterConfig={"Delay": self.patience, "MaxAttempts": attempts}
            )
        except WaiterError as error:
            msg = f"{stack}: {self._reasons(stack) or error}"
            raise StackError(msg) from None

    def _described(self, stack: str) -> dict[str, Any] | None:
        try:
            found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        live = [one for one in found if one["StackStatus"] != "DELETE_COMPLETE"]
        return live[0] if live else None

    def _reasons(self, stack: str) -> str:
        """Why it failed, the first cause first."""
        events = self.client("cloudformation").describe_stack_events(StackName=stack)
        failed = [
            f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason', 'no reason given')}"
            for one in events["StackEvents"]
            if one["ResourceStatus"].endswith("_FAILED")
        ]
        return "; ".join(reversed(failed[-4:]))


def _declares(template: str, parameter: str) -> bool:
    """True when a template, in YAML or JSON, has this parameter."""
    if template.lstrip().startswith("{"):
        return parameter in json.loads(template).get("Parameters", {})
    return f"\n  {parameter}:\n    Type:" in template


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
