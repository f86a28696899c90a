"""The order of a deployment, what each stack is given, and what is asked of the user first."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from facteur.local.emulator.__main__ import REGION

from infrastructure import deploy, rehearse
from infrastructure.build_layers import Layer
from infrastructure.deploy import Wanted
from infrastructure.package import APPS, Package
from infrastructure.stacks import StackError, Stacks, _declares

WANTED = Wanted(stage="test", inbound_domain="factures.example.com")


class Recorded(Stacks):
    """Stacks that are only written down; the pages' address is known once `web` was deployed."""

    def __init__(self, address: str = "") -> None:
        super().__init__(lambda service: None, "test")
        object.__setattr__(self, "deployed", [])
        object.__setattr__(self, "address", address)

    def bucket(self) -> str:
        """A bucket that nobody makes."""
        return "artifacts"

    def upload(self, bucket: str, path: Path) -> str:
        """A key that nobody writes."""
        return f"{bucket}/{path.stem}"

    def deploy(
        self, name: str, template: str, parameters: Mapping[str, str], *, bucket: str = ""
    ) -> dict[str, str]:
        """Write down the stack and the parameters that its template declares."""
        given = {key: value for key, value in parameters.items() if _declares(template, key)}
        self.deployed.append((name, given, template))
        if name == "layers":
            return {key: f"arn:{key}:1" for key in json.loads(template)["Outputs"]}
        if name == "web":
            object.__setattr__(self, "address", "https://abc.execute-api.example/api/")
        return {}

    def outputs(self, name: str) -> dict[str, str]:
        """The names of an app's functions, and the address of the pages."""
        if name == "web":
            found = {"APIHandlerName": "web-fn", "EndpointURL": self.address}
            return found if self.address else {}
        return {f"{name.title()}Name": f"{name}-fn", "RestAPIId": "x"}


@pytest.fixture
def layers(tmp_path: Path) -> Mapping[str, Layer]:
    """Layers that nobody builds."""
    names = ("base", "core", "documents", "passkeys", "rulebook", "static")
    return {one: Layer(one, tmp_path / f"{one}-1.zip", "0", 1, compiled=True) for one in names}


@pytest.fixture(autouse=True)
def _static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A built front end, wherever this runs."""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "current").write_text("0123abcd\n")
    monkeypatch.setattr("infrastructure.package.BUILD", tmp_path)


def test_the_first_deployment_asks_for_the_address_of_the_pages(
    packages: Mapping[str, Package], layers: Mapping[str, Layer]
) -> None:
    """API Gateway gives it once the pages are there: they are deployed twice, that once."""
    stacks = Recorded()
    address = deploy.deploy(stacks, WANTED, dict(layers), dict(packages))
    assert address == "https://abc.execute-api.example/api"
    names = [name for name, _given, _template in stacks.deployed]
    assert names == ["platform", "layers", "web", "platform", *APPS]
    last = {name: given for name, given, _template in stacks.deployed}
    assert last["web"]["SiteUrl"] == address
    assert last["platform"]["SiteOrigin"] == "https://abc.execute-api.example"
    assert {given["SiteUrl"] for name, given in last.items() if name in APPS} == {address}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"oidc_providers": "o" * 2100, "mail_providers": "m" * 1200}, ["web/APIHandler"]),
        ({"mail_providers": "é" * 2049}, ["MailProviders is 4098 bytes", "pipeline/", "web/"]),
    ],
)
def test_settings_that_do_not_fit_are_told_before_anything_is_deployed(
    packages: Mapping[str, Package],
    layers: Mapping[str, Layer],
    given: Mapping[str, str],
    told: list[str],
) -> None:
    """A parameter, or the environment of a function: named with its size, in bytes; the value,
    which holds secrets, is not."""
    stacks = Recorded()
    wanted = Wanted(stage="test", inbound_domain="factures.example.com", **given)
    with pytest.raises(StackError) as caught:
        deploy.deploy(stacks, wanted, dict(layers), dict(packages))
    message = str(caught.value)
    assert all(one in message for one in told)
    assert "FACTEUR_MAIL_PROVIDERS" in message
    assert "mmm" not in message
    assert stacks.deployed == []


def test_usual_settings_fit(packages: Mapping[str, Package]) -> None:
    """Two identity and two mail providers of ordinary length."""
    some = "p" * 600
    wanted = Wanted(
        stage="production", inbound_domain="d.example", oidc_providers=some, mail_providers=some
    )
    deploy.fits(wanted, dict(packages))


def test_the_next_deployments_go_straight(
    packages: Mapping[str, Package], layers: Mapping[str, Layer]
) -> None:
    """Once the address is known, or given, each stack is deployed once, data before functions."""
    known = Recorded("https://abc.execute-api.example/api/")
    assert deploy.deploy(known, WANTED, dict(layers), dict(packages)).endswith("example/api")
    assert [one[0] for one in known.deployed] == ["platform", "layers", *APPS]
    given = Recorded()
    mine = Wanted(stage="test", inbound_domain="d.example", site_url="https://facteur.example/api")
    assert deploy.deploy(given, mine, dict(layers), dict(packages)) == mine.site_url
    assert [one[0] for one in given.deployed] == ["platform", "layers", *APPS]


def test_every_parameter_of_every_app_is_given(
    packages: Mapping[str, Package], layers: Mapping[str, Layer]
) -> None:
    """Layers, address, static path, settings: no parameter without a default is forgotten."""
    stacks = Recorded("https://abc.execute-api.example/api/")
    deploy.deploy(stacks, WANTED, dict(layers), dict(packages))
    for name, given, template in stacks.deployed:
        if name in APPS:
            declared = json.loads(template)["Parameters"]
            required = {key for key, one in declared.items() if "Default" not in one}
            assert required <= set(given), name
            assert given["BaseLayer"] == "arn:BaseLayer:1"
    web = next(given for name, given, _ in stacks.deployed if name == "web")
    assert web["StaticPath"] == "/static/0123abcd"


def test_the_code_of_an_app_is_the_zip_that_was_uploaded(
    packages: Mapping[str, Package],
) -> None:
    """Every function of the template points to it; the packaged template itself is untouched."""
    stacks = Recorded()
    deploy.deploy_app(stacks, packages["pipeline"], {"Stage": "test"}, "artifacts")
    _name, given, template = stacks.deployed[0]
    functions = [
        one["Properties"]["CodeUri"]
        for one in json.loads(template)["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function"
    ]
    assert len(functions) == 2
    assert all(one == {"Bucket": "artifacts", "Key": "artifacts/deployment"} for one in functions)
    assert given == {"Stage": "test"}
    original = packages["pipeline"].functions["RunCommands"]["Properties"]["CodeUri"]
    assert original == "./deployment.zip"


def test_the_alarms_watch_every_function() -> None:
    """Their names are asked from the stacks, whatever CloudFormation called them."""
    stacks = Recorded("https://abc.execute-api.example/api/")
    deploy.deploy_alarms(stacks, WANTED, "artifacts")
    name, given, _template = stacks.deployed[0]
    assert name == "alarms"
    watched = {f"{app}-fn" for app in APPS}
    assert set(given["Functions"].split(",")) == watched


class Ses:
    """An account's active receipt rule set."""

    def __init__(self, active: str) -> None:
        self.active = active

    def describe_active_receipt_rule_set(self) -> dict[str, object]:
        """What SES answers: nothing at all when none is active."""
        return {"Metadata": {"Name": self.active}} if self.active else {}

    def set_active_receipt_rule_set(self, *, RuleSetName: str) -> None:  # noqa: N803 - boto3's
        """Make another the active one."""
        self.active = RuleSetName


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "facteur-test"), ("facteur-test", "facteur-test"), ("somebody", "somebody")],
)
def test_somebody_else_s_mail_reception_is_left_alone(before: str, after: str) -> None:
    """A region has one active rule set: ours is activated only when it takes nobody's place."""
    ses = Ses(before)
    deploy.activate_mail_reception(Stacks(lambda _service: ses, "test"), WANTED)
    assert ses.active == after


def test_a_template_declares_its_parameters_in_either_language() -> None:
    """YAML by hand, JSON by Chalice: what is not declared is not passed."""
    assert _declares("Parameters:\n  Stage:\n    Type: String\n", "Stage")
    assert not _declares("Parameters:\n  Stage:\n    Type: String\n", "Type")
    assert _declares('{"Parameters": {"Stage": {}}}', "Stage")
    assert not _declares('{"Resources": {"Stage": {}}}', "Stage")


def test_the_rehearsal_plays_in_the_emulator_s_region() -> None:
    """Its clients and the emulator agree on where they are."""
    assert rehearse.REGION == REGION


def test_lists_of_providers_are_read_from_files_and_need_not_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """None by default; a file that is not there ends the command with its name, no traceback."""
    words = ["--stage", "test", "--inbound-domain", "d.example"]
    assert ("", "") == (
        deploy._arguments(words).oidc_providers,
        deploy._arguments(words).mail_providers,
    )
    held = tmp_path / "providers.json"
    held.write_text('[{"id": "a"}]\n', "utf-8")
    for option, name in (("--oidc-providers", "oidc"), ("--mail-providers", "mail")):
        wanted = deploy._arguments([*words, option, str(held)])
        assert '[{"id": "a"}]' == getattr(wanted, f"{name}_providers")
        with pytest.raises(SystemExit):
            deploy._arguments([*words, option, str(tmp_path / "none.json")])
        assert f"argument {option}: {tmp_path}/none.json: No such file" in capsys.readouterr().err


def test_what_is_taken_can_be_set(
    packages: Mapping[str, Package], capsys: pytest.CaptureFixture[str]
) -> None:
    """Largest mail and upload, pages of OCR: an option each, to the function's environment."""
    words = ["--stage", "test", "--inbound-domain", "d.example"]
    usual = deploy._arguments(words).parameters("https://d.example/api")
    given = deploy._arguments([*words, "--mail-mb", "30", "--upload-mb", "20", "--ocr-pages", "9"])
    asked = given.parameters("https://d.example/api")
    names = ("MailBytes", "UploadBytes", "OcrPages")
    assert [asked[name] for name in names] == ["31457280", "20971520", "9"]
    for made in packages.values():
        variables = made.template["Globals"]["Function"]["Environment"]["Variables"]
        for name, (_option, most, _means) in zip(names, deploy.LIMITS, strict=True):
            declared = made.template["Parameters"][name]
            unit = 1 if name == "OcrPages" else 2**20
            assert {"Ref": name} in variables.values()
            assert (str(declared["Default"]), declared["MaxValue"]) == (usual[name], most * unit)
    for option, most, _means in deploy.LIMITS:
        for wrong in ("0", str(most + 1)):
            with pytest.raises(SystemExit):
                deploy._arguments([*words, option, wrong])
            assert f"{option}: from 1 to {most}" in capsys.readouterr().err
