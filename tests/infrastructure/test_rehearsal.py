"""What is deployed works: the rehearsal, and that it sees what would break."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from facteur.domain.documents import State
from facteur.local.emulator import Emulator, free_port

from infrastructure import browser, rehearse
from infrastructure.browser import Browser, Page, Parts, WalkError
from infrastructure.deploy import HERE, layers_template
from infrastructure.package import Package
from infrastructure.stacks import StackError, Stacks


@pytest.mark.slow
def test_the_packaged_functions_do_the_main_job() -> None:
    """Deployed by CloudFormation: mail, upload, pages, acceptance, archive under lock, clock."""
    said: list[str] = []
    documents = rehearse.rehearse(said.append)
    assert len(documents) == 3
    assert {one.state for one in documents} <= {State.TO_ACCEPT, State.TO_CHECK}
    assert any("under GOVERNANCE lock" in line for line in said)


@pytest.fixture(scope="module")
def stacks() -> Stacks:
    """The stacks of an emulator's account."""
    emulator = Emulator(free_port(), None)
    emulator.start()
    yield Stacks(rehearse.clients(emulator.endpoint), "test", patience=0.1)
    emulator.stop()


def template(queue: str) -> str:
    """A template with one queue of that name, and a parameter."""
    return json.dumps(
        {
            "Parameters": {"Stage": {"Type": "String"}},
            "Resources": {
                "Queue": {
                    "Type": "AWS::SQS::Queue",
                    "Properties": {"QueueName": {"Fn::Sub": queue}},
                }
            },
            "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}},
        }
    )


def test_a_stack_is_created_left_alone_then_updated(stacks: Stacks) -> None:
    """Deploying again changes what differs and nothing else; unknown parameters are left out."""
    given = {"Stage": "one", "Nobody": "asked"}
    assert stacks.deploy("queue", template("q-${Stage}"), given) == {"Name": "q-one"}
    assert stacks.deploy("queue", template("q-${Stage}"), given) == {"Name": "q-one"}
    assert stacks.deploy("queue", template("r-${Stage}"), given) == {"Name": "r-one"}
    assert stacks.outputs("nothing") == {}


def test_a_stack_that_fails_says_why(stacks: Stacks) -> None:
    """The error names the stack; the next deployment starts afresh."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 999_999}}
    broken = json.dumps({"Resources": {"Slow": queue}})
    with pytest.raises(StackError, match=r"facteur-test-broken: Slow: .*VisibilityTimeout"):
        stacks.deploy("broken", broken, {})
    assert stacks.deploy("broken", template("afresh"), {"Stage": "one"}) == {"Name": "afresh"}


def test_a_file_is_uploaded_once_under_its_hash(stacks: Stacks, tmp_path: Path) -> None:
    """The same bytes have the same key; other bytes another: nothing is overwritten."""
    path = tmp_path / "core-1.zip"
    path.write_bytes(b"one")
    bucket = stacks.bucket()
    first = stacks.upload(bucket, path)
    assert first.startswith("core/")
    assert stacks.upload(bucket, path) == first
    path.write_bytes(b"two")
    assert stacks.upload(bucket, path) != first
    assert stacks.bucket() == bucket, "the bucket is made once"


def test_a_layer_s_old_version_stays_for_who_still_refers_to_it() -> None:
    """Functions are updated after the layers: the version they use must not vanish before."""
    made = json.loads(layers_template({"core": "core/1.zip"}, "bucket"))
    layer = made["Resources"]["CoreLayer"]
    assert layer["UpdateReplacePolicy"] == "Retain"
    assert layer["Properties"]["Content"] == {"S3Bucket": "bucket", "S3Key": "core/1.zip"}
    assert made["Outputs"]["CoreLayer"]["Value"] == {"Ref": "CoreLayer"}


def test_the_rehearsal_leaves_out_only_what_the_emulator_cannot_play() -> None:
    """What SES is told, and the refusal of plain HTTP: all else of platform.yaml is deployed."""
    whole = rehearse.decode(str(HERE / "platform.yaml"))[0]["Resources"]
    played = json.loads(rehearse.playable(HERE / "platform.yaml"))["Resources"]
    assert {whole[name]["Type"] for name in set(whole) - set(played)} == {
        "AWS::SES::ReceiptRuleSet",
        "AWS::SES::ReceiptRule",
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
    }
    for name in set(played) - {"IntakeBucketPolicy", "ArchiveBucketPolicy"}:
        assert played[name] == json.loads(json.dumps(whole[name]))


def test_every_function_s_name_is_an_output(packages: Mapping[str, Package]) -> None:
    """The alarms watch every function: its name is asked from its stack."""
    for made in packages.values():
        for name in made.functions:
            assert made.template["Outputs"][f"{name}Name"] == {"Value": {"Ref": name}}


def test_a_link_outside_the_base_path_is_seen() -> None:
    """What works under / on a laptop and breaks under /api/ fails the rehearsal."""
    visitor = Browser("http://127.0.0.1:9", "http://name.example:9/api")
    with pytest.raises(WalkError, match="outside /api/"):
        visitor.open("/achats")
    with pytest.raises(WalkError, match="outside /api/"):
        visitor.open("https://elsewhere.example/api/")


def test_the_parts_of_a_page() -> None:
    """Links once each and without fragments, the first form's address, hidden fields."""
    parts = Parts.of(
        '<link href="/api/static/1/a.css"><a href="/api/aide#haut">?</a><a href="/api/aide">?</a>'
        '<a href="mailto:x@y.example">m</a><a href="#ici">i</a><img src="/api/static/1/l.svg">'
        '<form action="/api/connexion"><input type="hidden" name="csrf" value="c"></form>'
        '<form action="/api/autre"></form>'
    )
    assert parts.links == ["/api/static/1/a.css", "/api/aide", "/api/static/1/l.svg"]
    assert parts.action == "/api/connexion"
    assert parts.hidden == {"csrf": "c"}


def test_a_page_that_is_not_what_it_must_be_is_shown() -> None:
    """The failure carries the status and what was answered."""
    page = Page("/api/", 502, "application/json", '{"message": "Internal server error"}', {})
    with pytest.raises(WalkError, match=r"502 application/json\n.*Internal server error"):
        page.must_be(200)
    assert page.parts.links == []
    assert browser.Page("/", 200, "text/html", "", {}).must_be(200).path == "/"
