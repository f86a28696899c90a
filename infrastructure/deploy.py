"""Deploys one stage to an AWS account: `make deploy STAGE=dev ARGS="--inbound-domain …"`.

    platform   the data plane, from platform.yaml
    layers     what build_layers.py made
    <app>      one stack per packaged app
    alarms     what wakes a human, from alarms.yaml

Running it again changes only what differs. Layer versions and settings go to the apps as
parameters, not as exports: CloudFormation refuses to change an export that somebody imports, and
these change. The address of the pages is known only once API Gateway has given it, so the first
deployment without --site-url deploys the pages, asks, and goes on with the answer.

docs/operate.md tells what to prepare (domain, mail reception) and what to do afterwards.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from infrastructure import build_layers
from infrastructure.build_layers import Layer
from infrastructure.package import APPS, Package, package, static_path
from infrastructure.settings_size import too_large
from infrastructure.stacks import StackError, Stacks

HERE = Path(__file__).resolve().parent
#: What is taken: the option, the most it may be, what it says.
LIMITS = (
    ("--mail-mb", 40, "largest mail, in MB; SES takes 40"),
    ("--upload-mb", 100, "largest upload, in MB; it is read in memory"),
    ("--ocr-pages", 100, "most pages of one document that OCR reads"),
)
_NOT_YET = "https://address-not-known-yet.invalid/api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one installation is asked to be; the meaning of each is in docs/operate.md."""

    stage: str
    inbound_domain: str
    lock_mode: str = "GOVERNANCE"
    retention_days: int = 3653
    mail_mb: int = 25
    upload_mb: int = 50
    ocr_pages: int = 50
    site_url: str = ""  # "": the address that API Gateway gives
    alarm_email: str = ""
    support_email: str = ""
    support_phone: str = ""
    support_cost: str = ""
    mail_sender: str = ""  # "": ne-pas-repondre@ the inbound domain
    sign_up: str = "open"
    ocr: str = "textract"
    textract_witness: str = "none"
    oidc_providers: str = field(default="", repr=False)  # "": nobody signs in elsewhere
    mail_providers: str = field(default="", repr=False)

    def parameters(self, site_url: str) -> dict[str, str]:
        """The parameters of every stack; each takes those it declares."""
        site = urlsplit(site_url)
        sender = self.mail_sender or f"ne-pas-repondre@{self.inbound_domain}"
        return {
            "Stage": self.stage,
            "InboundDomain": self.inbound_domain,
            "SiteUrl": site_url,
            "SiteOrigin": f"{site.scheme}://{site.netloc}",
            "StaticPath": static_path(),
            "LockMode": self.lock_mode,
            "RetentionDays": str(self.retention_days),
            "MailBytes": str(self.mail_mb * 2**20),
            "UploadBytes": str(self.upload_mb * 2**20),
            "OcrPages": str(self.ocr_pages),
            "AlarmEmail": self.alarm_email,
            "SupportEmail": self.support_email,
            "SupportPhone": self.support_phone,
            "SupportCost": self.support_cost,
            "MailSender": sender,
            "MailDomain": sender.rpartition("@")[2],
            "SignUp": self.sign_up,
            "Ocr": self.ocr,
            "TextractWitness": self.textract_witness,
            "OidcProviders": self.oidc_providers,
            "MailProviders": self.mail_providers,
        }


def deploy(
    stacks: Stacks,
    wanted: Wanted,
    layers: dict[str, Layer],
    packages: dict[str, Package],
    *,
    platform: str = "",
    address: Callable[[], str] | None = None,
) -> str:
    """Deploy everything but the alarms; return the address of the pages.

    `platform` replaces the data plane's template, `address` tells where the deployed pages are:
    the rehearsal has its own of both. StackError when a stack fails: what was deployed before it
    stays, and running again goes on from there.
    """
    fits(wanted, packages)
    bucket = stacks.bucket()
    given = address or (lambda: given_address(stacks))
    template = platform or platform_template()
    site_url = wanted.site_url or given()
    first = not site_url
    parameters = wanted.parameters(site_url or _NOT_YET)
    deploy_platform(stacks, template, parameters, bucket)
    parameters |= deploy_layers(stacks, layers, bucket)
    if first:
        deploy_app(stacks, packages["web"], parameters, bucket)
        site_url = given()
        parameters |= wanted.parameters(site_url)
        deploy_platform(stacks, template, parameters, bucket)
    for app in APPS:
        deploy_app(stacks, packages[app], parameters, bucket)
    return site_url


def fits(wanted: Wanted, packages: dict[str, Package]) -> None:
    """StackError, before anything is deployed, when a setting is longer than AWS holds."""
    wrong = too_large(packages, wanted.parameters(wanted.site_url or _NOT_YET))
    if wrong:
        advice = "Shorten them: fewer providers, shorter labels (docs/operate.md)."
        raise StackError("\n  ".join(["the settings do not fit:", *wrong, advice]))


def platform_template() -> str:
    """The data plane's template, as it stands."""
    return (HERE / "platform.yaml").read_text(encoding="utf-8")


def deploy_platform(
    stacks: Stacks, template: str, parameters: dict[str, str], bucket: str
) -> dict[str, str]:
    """Deploy the data plane; its outputs."""
    _say("platform")
    return stacks.deploy("platform", template, parameters, bucket=bucket)


def deploy_layers(stacks: Stacks, layers: dict[str, Layer], bucket: str) -> dict[str, str]:
    """Publish the layers that changed; the parameter of each (BaseLayer…) with its ARN."""
    _say("layers")
    keys = {name: stacks.upload(bucket, layer.zip) for name, layer in layers.items()}
    return stacks.deploy("layers", layers_template(keys, bucket), {}, bucket=bucket)


def layers_template(keys: dict[str, str], bucket: str) -> str:
    """A template with a version of each layer, from the keys of their zips.

    An old version stays when a new one replaces it: functions refer to it until they are updated.
    """
    resources = {
        f"{name.title()}Layer": {
            "Type": "AWS::Lambda::LayerVersion",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "Description": f"Facteur, {name}",
                "Content": {"S3Bucket": bucket, "S3Key": key},
                "CompatibleRuntimes": ["python3.13"],
                "CompatibleArchitectures": ["arm64"],
            },
        }
        for name, key in sorted(keys.items())
    }
    outputs = {name: {"Value": {"Ref": name}} for name in resources}
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Facteur, the layers of its functions.",
        "Resources": resources,
        "Outputs": outputs,
    }
    return json.dumps(template)


def deploy_app(
    stacks: Stacks, made: Package, parameters: dict[str, str], bucket: str
) -> dict[str, str]:
    """Deploy a packaged app; its outputs (names and ARNs of its functions, address of the API)."""
    _say(made.app)
    key = stacks.upload(bucket, made.zip)
    template = json.loads(json.dumps(made.template))
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return stacks.deploy(made.app, json.dumps(template), parameters, bucket=bucket)


def deploy_alarms(stacks: Stacks, wanted: Wanted, bucket: str) -> None:
    """Deploy the alarms of the queues and of every deployed function."""
    _say("alarms")
    functions = [
        value
        for app in APPS
        for key, value in sorted(stacks.outputs(app).items())
        if key.endswith("Name")
    ]
    template = (HERE / "alarms.yaml").read_text(encoding="utf-8")
    parameters = {"Stage": wanted.stage, "Functions": ",".join(functions)}
    stacks.deploy("alarms", template, parameters, bucket=bucket)


def activate_mail_reception(stacks: Stacks, wanted: Wanted) -> None:
    """Make our receipt rule set the active one, unless somebody else's is (one per region)."""
    ses = stacks.client("ses")
    active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name", "")
    ours = f"facteur-{wanted.stage}"
    if active in ("", ours):
        ses.set_active_receipt_rule_set(RuleSetName=ours)
        return
    print(
        f"  the active SES rule set is {active}, left alone: see docs/operate.md, mail reception"
    )


def given_address(stacks: Stacks) -> str:
    """The address API Gateway gave to the pages, "" before their first deployment."""
    return stacks.outputs("web").get("EndpointURL", "").rstrip("/")


def _say(what: str) -> None:
    print(f"  {what}", flush=True)


def _text_of(name: str) -> str:
    """The text of a file that an argument names; the command ends with why it has none."""
    if not name:  # argparse reads a default as it reads what was typed
        return ""
    try:
        return Path(name).read_text("utf-8").strip()
    except OSError as error:
        msg = f"{name}: {error.strerror}"
        raise argparse.ArgumentTypeError(msg) from error


def _arguments(words: Sequence[str] | None = None) -> Wanted:
    parser = argparse.ArgumentParser(description="Deploy Facteur to your AWS account.")
    parser.add_argument("--stage", required=True, help="name of this installation: dev, prod…")
    parser.add_argument("--inbound-domain", required=True, help="domain that receives mails")
    parser.add_argument("--site-url", help="address of the pages, if you have a domain")
    parser.add_argument(
        "--lock-mode",
        choices=["GOVERNANCE", "COMPLIANCE"],
        help="COMPLIANCE: nobody can shorten what is sealed, not even you (default: %(default)s)",
    )
    parser.add_argument(
        "--retention-days",
        type=int,
        metavar="N",
        help="how long what is sealed is locked (default: %(default)s, ten years)",
    )
    for name, most, means in LIMITS:
        told = f"{means} (default: %(default)s, at most {most})"
        parser.add_argument(name, type=int, metavar="N", help=told)
    for name, means in (
        ("--alarm-email", "who is told when something needs a human"),
        ("--support-email", "how users reach you, as the pages say it"),
        ("--support-phone", "the same, by telephone"),
        ("--support-cost", "what such a call costs, in words"),
        (
            "--mail-sender",
            "address that our mails come from (default: ne-pas-repondre@ the domain)",
        ),
    ):
        parser.add_argument(name, metavar="TEXT", help=means)
    for name, known, means in (
        ("--sign-up", ["open", "closed"], "who may make a dossier: anybody, or those invited"),
        ("--ocr", ["textract", "none"], "what reads scans and photographs"),
        (
            "--textract-witness",
            ["none", "tables", "forms", "all"],
            "what else Textract is paid to find: docs/operate.md has the prices",
        ),
    ):
        parser.add_argument(name, choices=known, help=f"{means} (default: %(default)s)")
    for name, means in (
        ("--oidc-providers", "JSON list of who else signs people in: docs/operate.md"),
        ("--mail-providers", "JSON list of whose mailboxes open by consent: docs/operate.md"),
    ):
        parser.add_argument(name, metavar="FILE", type=_text_of, help=means)
    parser.set_defaults(
        **{one.name: one.default for one in fields(Wanted) if one.default is not MISSING}
    )
    given = parser.parse_args(words)
    if not re.fullmatch(r"[a-z][a-z0-9]{1,11}", given.stage):
        parser.error("--stage: two to twelve lower-case letters and digits")
    for name, most, _means in LIMITS:
        if not 1 <= getattr(given, name[2:].replace("-", "_")) <= most:
            parser.error(f"{name}: from 1 to {most}")
    return Wanted(**{**vars(given), "site_url": given.site_url.rstrip("/")})


def main() -> None:
    """The command: build, package, deploy, then say what to do next."""
    wanted = _arguments()
    stacks = Stacks(boto3.client, wanted.stage)
    layers = build_layers.build(build_layers.CLOUD)
    packages = {app: package(app) for app in APPS}
    print(f"deploying facteur-{wanted.stage}")
    try:
        site_url = deploy(stacks, wanted, layers, packages)
        deploy_alarms(stacks, wanted, stacks.bucket())
    except StackError as error:
        sys.exit(f"failed: {error}")
    activate_mail_reception(stacks, wanted)
    print(f"{site_url}/\nFirst time? docs/operate.md, the first dossier.")


if __name__ == "__main__":
    main()
