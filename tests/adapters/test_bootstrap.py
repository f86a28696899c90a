"""The bootstrap: the right ports for each function, and nothing heavy before it is needed."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from facteur import bootstrap, config
from facteur.bootstrap import ROLES, Lazy
from facteur.config import SettingsError
from facteur.domain.commands import CheckInvoice, CollectOcr, ReadDocument

from tests.emulator import Platform

REPO = Path(__file__).parents[2]
HEAVY = (
    "boto3", "botocore", "pynamodb", "aws_lambda_powertools", "lxml", "facturx", "pypdf",
    "pypdfium2", "pikepdf", "saxonche", "typst", "textractor", "rapidocr", "onnxruntime", "PIL",
    "fido2", "cryptography", "paramiko",
)  # fmt: skip


def loaded_after(code: str) -> set[str]:
    """The heavy packages that a fresh process has loaded after some lines of Python."""
    program = f"import sys\n{code}\nprint(*(one for one in {HEAVY} if one in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={}
    )
    return set(done.stdout.split())


def test_importing_the_bootstrap_loads_nothing_heavy() -> None:
    """No AWS library, no PDF, no rules, no OCR, and no environment, before the first event."""
    assert loaded_after("import facteur.bootstrap") == set()


def test_building_a_context_loads_aws_and_nothing_else() -> None:
    """A page never pays for PDFium, saxonche or OCR."""
    code = (
        "from facteur import bootstrap, config\n"
        "names = ('table', 'ephemeral_table', 'intake_bucket', 'archive_bucket',"
        " 'commands_queue_url', 'checks_queue_url', 'inbound_domain', 'site_url',"
        " 'user_pool_id', 'user_pool_client_id')\n"
        "settings = config.Settings(**{one: 'x' for one in names}, ocr='textract')\n"
        "bootstrap.context(settings, 'web')"
    )
    assert loaded_after(code) <= {"botocore", "pynamodb"}


def test_a_context_is_made_once_per_function(platform: Platform) -> None:
    """Connections, the PDF child and the compiled rules are shared, not made at each event."""
    settings = config.load(platform.environment)
    web = bootstrap.context(settings, "web")
    pipeline = bootstrap.context(settings, "pipeline")
    assert bootstrap.context(settings, "web") is web
    assert web is not pipeline
    assert web.pdf is pipeline.pdf
    assert web.rulebook is pipeline.rulebook
    assert bootstrap.context(replace(settings, stage="other"), "web") is not web


def test_a_context_reaches_the_resources_of_its_settings(platform: Platform) -> None:
    """The ports that were built work against the account of the environment."""
    context = bootstrap.context(config.load(platform.environment), "web")
    assert context.store.dossiers() == ()
    assert context.sessions.hit("x", window_seconds=60) == 1
    assert context.blobs.put("k", b"x", "text/plain").version_id
    assert context.identity.sign_in("a@b.fr", "x" * 12) is None
    assert context.inbound_domain == "factures.example.com"
    assert context.ocr is None


def test_each_function_runs_what_needs_no_other() -> None:
    """The pipeline goes on by itself; rules and delays go through a queue (decision 24)."""
    assert ReadDocument in ROLES["pipeline"].here
    for role in ROLES.values():
        assert not role.here & {CheckInvoice, CollectOcr}
    assert ROLES["web"].here == frozenset()


@pytest.mark.parametrize("name", [one for one in ROLES if one])
def test_a_role_has_the_timeout_of_its_function(name: str) -> None:
    """A run that was killed frees its command when its function cannot be running any more."""
    path = REPO / "functions" / name / ".chalice" / "config.json"
    assert json.loads(path.read_text())["lambda_timeout"] == ROLES[name].seconds


def test_an_unknown_function_is_a_bug(platform: Platform) -> None:
    """A door with a misspelt name does not start with somebody else's role."""
    with pytest.raises(KeyError):
        bootstrap.context(config.load(platform.environment), "pipelin")


def test_an_unknown_ocr_engine_is_refused(platform: Platform) -> None:
    """A misspelt engine is said at the start, not with the first scan."""
    settings = replace(config.load(platform.environment), ocr="tesseract")
    with pytest.raises(SettingsError, match="tesseract"):
        bootstrap.context(settings)


def test_the_lazy_one_is_made_once_when_asked() -> None:
    """Nothing is made before the first attribute, and nothing twice."""
    made: list[int] = []

    def make() -> object:
        made.append(1)
        return Path("/factures/a.pdf")

    lazy = Lazy(make)
    assert made == []
    assert lazy.name == "a.pdf"
    assert lazy.suffix == ".pdf"
    assert made == [1]


def test_a_failed_making_is_tried_again() -> None:
    """A child that could not start once may start for the next document."""
    outcomes = iter([OSError("no memory"), Path("a.pdf")])

    def make() -> object:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    lazy = Lazy(make)
    with pytest.raises(OSError, match="memory"):
        _ = lazy.name
    assert lazy.name == "a.pdf"
