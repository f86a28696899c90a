"""Every template compiles, every table of texts parses: a typing error never waits for a user."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import jinja2
import jinja2.meta
import pytest
import yaml

from tests.house.tree import PACKAGE, REPO, shown

TEMPLATES = sorted(
    one
    for one in PACKAGE.rglob("*")
    if one.suffix in (".html", ".txt") and "templates" in one.parts
)


@pytest.mark.parametrize("template", TEMPLATES, ids=shown)
def test_a_template_compiles(template: Path) -> None:
    """Jinja understands it, and what it extends or includes exists."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PACKAGE / "web" / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )
    syntax = environment.parse(template.read_text(encoding="utf-8"), filename=str(template))
    for needed in jinja2.meta.find_referenced_templates(syntax):
        if needed is not None:
            environment.loader.get_source(environment, needed)  # TemplateNotFound


@pytest.mark.parametrize("table", sorted(PACKAGE.rglob("*.toml")), ids=shown)
def test_a_table_of_texts_parses(table: Path) -> None:
    """TOML is well formed and every text is one."""
    texts = tomllib.loads(table.read_text(encoding="utf-8"))
    assert texts


@pytest.mark.parametrize(
    "data",
    [
        *sorted((REPO / "events").glob("*.json")),
        *sorted((REPO / "functions").glob("*/.chalice/*.json")),
        *sorted((REPO / "infrastructure").rglob("*.json")),
    ],
    ids=shown,
)
def test_a_json_file_parses(data: Path) -> None:
    """No trailing comma waits for a deployment."""
    json.loads(data.read_text(encoding="utf-8"))


@pytest.mark.parametrize("config", [".pre-commit-config.yaml"])
def test_a_yaml_file_parses(config: str) -> None:
    """What tools read is well formed."""
    assert yaml.safe_load((REPO / config).read_text(encoding="utf-8"))


def test_no_page_carries_an_inline_script() -> None:
    """The content security policy refuses them: scripts are files."""
    guilty = []
    for one in TEMPLATES:
        text = one.read_text(encoding="utf-8").lower()
        for piece in text.split("<script")[1:]:
            tag = piece.partition(">")[0]
            if "src=" not in tag and "application/json" not in tag:
                guilty.append(shown(one))
        if " onclick=" in text or " onload=" in text or "javascript:" in text:
            guilty.append(shown(one))
    assert not guilty


@pytest.mark.parametrize(
    "script", sorted([*(REPO / "infrastructure").glob("*.sh"), REPO / ".ci" / "run"]), ids=shown
)
def test_a_shell_script_is_well_formed(script: Path) -> None:
    """The shell can read the whole of it before anything runs."""
    shell = "bash" if "bash" in script.read_text(encoding="utf-8").splitlines()[0] else "sh"
    found = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def test_the_contents_of_the_style_sheet_are_its_sections() -> None:
    """facteur.css opens with its sections in their order: a new one is listed there."""
    css = (PACKAGE / "web" / "static" / "facteur.css").read_text(encoding="utf-8")
    contents = css[: css.index("*/")]
    listed = re.findall(r"^ {3}- (.+?)(?: \*/)?$", contents, re.MULTILINE)
    sections = re.findall(r"^/\* ── (.+?) ──+ \*/$", css, re.MULTILINE)
    assert [one.strip() for one in listed] == sections
