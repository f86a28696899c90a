"""The templates: well formed, least privilege, nothing lost, everything imported exists."""

import dataclasses
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode
from facteur.config import PREFIX, WITNESSES, Settings

from infrastructure.deploy import layers_template
from infrastructure.package import APPS, Package, merge

REPO = Path(__file__).resolve().parents[2]
QUEUES = ("mails", "uploads", "commands", "checks", "feedback")

#: Actions that AWS cannot restrict to a resource. Textract:
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontextract.html
WITHOUT_RESOURCE = {
    "textract:DetectDocumentText",
    "textract:StartDocumentTextDetection",
    "textract:GetDocumentTextDetection",
}


@pytest.fixture(scope="module")
def platform() -> Mapping[str, Any]:
    """platform.yaml, its short tags spelt out."""
    return json.loads(json.dumps(decode(str(REPO / "infrastructure" / "platform.yaml"))[0]))


def walked(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping of a template."""
    if isinstance(tree, Mapping):
        yield tree
        for value in tree.values():
            yield from walked(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from walked(value)


def statements(app: str) -> list[Mapping[str, Any]]:
    """The statements of an app's policy."""
    path = REPO / "functions" / app / ".chalice" / "policy.json"
    found: list[Mapping[str, Any]] = json.loads(path.read_text("utf-8"))["Statement"]
    return found


def listed(value: Any) -> list[Any]:
    """A list, also of one."""
    return value if isinstance(value, list) else [value]


def test_what_is_packaged_is_well_formed(packages: Mapping[str, Package], tmp_path: Path) -> None:
    """cfn-lint finds nothing to say about the templates that are deployed."""
    for app, made in packages.items():
        (tmp_path / f"{app}.json").write_text(json.dumps(made.template), encoding="utf-8")
    layers = layers_template({"base": "base/1.zip", "core": "core/1.zip"}, "bucket")
    (tmp_path / "layers.json").write_text(layers, encoding="utf-8")
    lint = Path(sys.executable).parent / "cfn-lint"
    found = subprocess.run(
        [lint, "--regions", "eu-west-3", "--", *sorted(tmp_path.glob("*.json"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("app", APPS)
def test_a_policy_names_its_actions_and_its_resources(app: str) -> None:
    """No wildcard action; no `*` resource but where AWS knows no other; names hold the stage."""
    for one in statements(app):
        actions = listed(one["Action"])
        assert not [action for action in actions if "*" in action], one["Sid"]
        for resource in listed(one["Resource"]):
            if resource == "*":
                assert set(actions) <= WITHOUT_RESOURCE, one["Sid"]
                continue
            named = json.dumps(resource)
            ours = ("${Stage}", "${AWS::StackName}", "GetAtt", "identity/${MailDomain}")
            assert any(one in named for one in ours), one["Sid"]
            assert not re.search(r'"arn:[^"]*:\*|"\*"', named), one["Sid"]


@pytest.mark.parametrize("app", APPS)
def test_no_function_may_weaken_the_archive(app: str) -> None:
    """No function lifts a lock, or changes a bucket, a key or a role; none deletes an object but
    the clock's, by version, so that what is sealed stays (decision 0183)."""
    forbidden = re.compile(
        r"s3:Delete|Bypass|s3:PutBucket|s3:PutLifecycle|LegalHold|kms:(Schedule|Disable|Put)"
        r"|iam:|dynamodb:(DeleteTable|UpdateTable|DeleteBackup)|sts:"
    )
    actions = [action for one in statements(app) for action in listed(one["Action"])]
    if app == "schedule":
        actions.remove("s3:DeleteObjectVersion")
    assert [action for action in actions if forbidden.search(action)] == []


@pytest.mark.parametrize("app", APPS)
def test_who_reads_a_bucket_is_told_that_an_object_is_missing(app: str) -> None:
    """Without s3:ListBucket S3 answers 403, which is no 404 for a page (decision 0022)."""
    of: dict[str, set[str]] = {"s3:GetObject": set(), "s3:ListBucket": set()}
    for one in statements(app):
        for action in set(of) & set(listed(one["Action"])):
            of[action] |= {place["Fn::Sub"].split("/")[0] for place in listed(one["Resource"])}
    assert of["s3:GetObject"] <= of["s3:ListBucket"]


def test_only_those_who_need_it_may() -> None:
    """Locks are laid by those who seal, scans read by one, credentials checked by one."""
    holders = {
        app: {action for one in statements(app) for action in listed(one["Action"])}
        for app in APPS
    }

    def who(action: str) -> set[str]:
        return {app for app, actions in holders.items() if action in actions}

    assert who("s3:PutObjectRetention") == {"pipeline", "schedule"}
    assert who("textract:DetectDocumentText") == {"pipeline"}
    assert who("cognito-idp:AdminInitiateAuth") == {"web"}
    assert who("cognito-idp:AdminSetUserPassword") == {"web"}
    assert who("ses:SendRawEmail") == {"pipeline"}
    assert who("sqs:ReceiveMessage") == {"inbound", "pipeline", "rulebook"}


def test_textract_as_a_witness_is_allowed_where_it_is_paid_for(
    packages: Mapping[str, Package],
) -> None:
    """Its calls are six, of the function that reads, under conditions on the setting."""
    template = packages["pipeline"].template
    policy = template["Resources"]["WitnessPolicy"]
    tables, expenses = policy["Properties"]["PolicyDocument"]["Statement"]

    assert policy["Condition"] == "Witness"
    assert policy["Properties"]["Roles"] == [{"Ref": "RunCommandsRole"}]
    assert template["Resources"]["RunCommandsRole"]["Type"] == "AWS::IAM::Role"
    assert template["Parameters"]["TextractWitness"]["Default"] == "none"
    assert tuple(template["Parameters"]["TextractWitness"]["AllowedValues"]) == WITNESSES
    assert template["Conditions"]["Witness"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "TextractWitness"}, "none"]}]
    }
    assert {one.removeprefix("textract:") for one in tables["Action"]} == {
        "AnalyzeDocument", "StartDocumentAnalysis", "GetDocumentAnalysis",
    }  # fmt: skip
    condition, allowed, otherwise = expenses["Fn::If"]
    assert (condition, otherwise) == ("ExpenseWitness", {"Ref": "AWS::NoValue"})
    assert {one.removeprefix("textract:") for one in allowed["Action"]} == {
        "AnalyzeExpense", "StartExpenseAnalysis", "GetExpenseAnalysis",
    }  # fmt: skip


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_loses_nothing(queue: str, platform: Mapping[str, Any]) -> None:
    """Every queue has its dead letters, kept fourteen days, and is encrypted."""
    resources = platform["Resources"]
    one = resources[f"{queue.title()}Queue"]["Properties"]
    dead = resources[f"{queue.title()}DeadQueue"]["Properties"]
    target = {"Fn::GetAtt": [f"{queue.title()}DeadQueue", "Arn"]}
    assert one["RedrivePolicy"]["deadLetterTargetArn"] == target
    assert dead["MessageRetentionPeriod"] == 14 * 86_400
    assert one["KmsMasterKeyId"]
    assert dead["KmsMasterKeyId"]


def test_every_queue_is_read_by_one_function_that_waits_for_it(
    packages: Mapping[str, Package], platform: Mapping[str, Any]
) -> None:
    """One reader each, one message at a time, failures reported, visibility six time-outs."""
    read: dict[str, str] = {}
    for app, made in packages.items():
        for name, function in made.functions.items():
            for event in function["Properties"].get("Events", {}).values():
                if event["Type"] != "SQS":
                    continue
                source = event["Properties"]
                queue = source["Queue"]["Fn::Sub"].partition(":facteur-${Stage}-")[2]
                assert queue not in read, f"{queue} is read by {read[queue]} and {app}.{name}"
                read[queue] = f"{app}.{name}"
                assert source["BatchSize"] == 1
                assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
                assert source["ScalingConfig"]["MaximumConcurrency"] >= 2
                properties = platform["Resources"][f"{queue.title()}Queue"]["Properties"]
                assert properties["VisibilityTimeout"] >= 6 * function["Properties"]["Timeout"]
    assert set(read) == set(QUEUES)


def test_the_clock_s_failures_are_kept(packages: Mapping[str, Package]) -> None:
    """A sweep that fails again and again ends in its own dead letters."""
    sweep = packages["schedule"].functions["Sweep"]["Properties"]
    assert sweep["DeadLetterQueue"]["TargetArn"] == {"Fn::GetAtt": ["SweepDead", "Arn"]}
    schedules = [one for one in sweep["Events"].values() if one["Type"] == "Schedule"]
    assert [one["Properties"]["Schedule"] for one in schedules] == ["rate(5 minutes)"]


@pytest.mark.parametrize("app", APPS)
def test_a_function_runs_where_its_layers_were_built_for(
    app: str, packages: Mapping[str, Package]
) -> None:
    """python3.13 on arm64, base and core first, its own role, a log with an end."""
    made = packages[app]
    assert made.layers[:2] == ("base", "core")
    assert made.functions
    resources = made.template["Resources"]
    for function in made.functions.values():
        properties = function["Properties"]
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == ["arm64"]
        assert properties["MemorySize"] >= 512
        assert properties["Role"]["Fn::GetAtt"][0] in resources
    logs = [one for one in resources.values() if one["Type"] == "AWS::Logs::LogGroup"]
    assert len(logs) == len(made.functions)
    assert all(one["Properties"]["RetentionInDays"] for one in logs)


@pytest.mark.parametrize("app", APPS)
def test_a_function_gets_every_setting_it_must_have(
    app: str, packages: Mapping[str, Package]
) -> None:
    """config.py would refuse to start without; a variable it does not know is a typing error."""
    known = {PREFIX + one.name.upper(): one.default for one in dataclasses.fields(Settings)}
    common = packages[app].template["Globals"]["Function"]["Environment"]["Variables"]
    for function in packages[app].functions.values():
        own = function["Properties"].get("Environment", {}).get("Variables", {})
        given = {name for name in {**common, **own} if name.startswith(PREFIX)}
        assert given <= set(known)
        required = {name for name, value in known.items() if value is dataclasses.MISSING}
        assert required <= given


def test_every_import_is_exported(
    packages: Mapping[str, Package], platform: Mapping[str, Any]
) -> None:
    """What a function's stack imports, the platform's stack exports, letter for letter."""
    exported = {one["Export"]["Name"]["Fn::Sub"] for one in platform["Outputs"].values()}
    imported = {
        one["Fn::ImportValue"]["Fn::Sub"]
        for made in packages.values()
        for one in walked(made.template)
        if "Fn::ImportValue" in one
    }
    assert imported
    assert imported <= exported


def test_no_import_is_of_something_that_changes(packages: Mapping[str, Package]) -> None:
    """CloudFormation never changes an export in use: settings and layers are parameters."""
    imported = {
        one["Fn::ImportValue"]["Fn::Sub"].removeprefix("facteur-${Stage}-")
        for made in packages.values()
        for one in walked(made.template)
        if "Fn::ImportValue" in one
    }
    assert not imported & {"site-origin", "lock-mode", "retention-days", "inbound-domain"}


@pytest.mark.parametrize("app", APPS)
def test_a_package_holds_the_door_and_nothing_else(
    app: str, packages: Mapping[str, Package]
) -> None:
    """Dependencies come from layers: the zip is app.py and Chalice's own runtime."""
    with zipfile.ZipFile(packages[app].zip) as archive:
        names = archive.namelist()
    assert [name for name in names if name != "app.py" and not name.startswith("chalice/")] == []


def test_merging_keeps_both_and_prefers_the_second() -> None:
    """Mappings are merged at every depth; lists and values of the second replace the first's."""
    first = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    second = {"a": {"c": [3], "e": 2}}
    assert merge(first, second) == {"a": {"b": 1, "c": [3], "e": 2}, "d": 1}
    assert first["a"]["c"] == [1, 2], "the inputs are left as they were"


def test_the_address_of_the_pages_ends_with_the_stage_of_the_api(
    packages: Mapping[str, Package],
) -> None:
    """API Gateway serves under /api/: every link of the pages starts with it."""
    api = packages["web"].template["Resources"]["RestAPI"]["Properties"]
    assert api["StageName"] == "api"
    assert api["EndpointConfiguration"] == {"Type": "REGIONAL"}
    assert api["MethodSettings"][0]["ThrottlingRateLimit"]
