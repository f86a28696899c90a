"""What exists is documented and used: commands, events, make targets, settings, recordings."""

import ast
import dataclasses
import re
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest
from facteur.config import PREFIX, Settings
from facteur.domain import commands, events, policies
from facteur.services import run

from tests.house.tree import DOCS, DOORS, PACKAGE, REPO, modules, parsed, shown

READ_FIRST = "\n".join(
    one.read_text(encoding="utf-8")
    for one in (REPO / "README.md", REPO / "CONTRIBUTING.md", *DOCS.glob("*.md"))
)


def test_every_command_has_a_service() -> None:
    """Whatever can be asked is answered by exactly one service."""
    asked = set(typing.get_args(commands.Command))
    declared = {
        one
        for one in vars(commands).values()
        if dataclasses.is_dataclass(one) and one is not commands.Scheduled
    }
    assert asked == declared, "a command is missing from the union, or is none"
    assert set(run.SERVICES) == asked


def test_every_event_is_in_the_policy_table() -> None:
    """Every event says what follows from it, even when nothing does."""
    assert set(policies.POLICIES) == set(events.Happened)


@pytest.mark.parametrize(
    "target",
    re.findall(r"^([a-z][a-z-]*):.*## ", (REPO / "Makefile").read_text("utf-8"), re.MULTILINE),
)
def test_every_make_target_is_documented(target: str) -> None:
    """`make help` lists them; the docs say when to use them."""
    assert re.search(rf"`make {target}\b", READ_FIRST), f"make {target}"


def test_make_alone_lists_every_target() -> None:
    """Who types `make` learns what there is; nothing is started."""
    if not shutil.which("make"):
        pytest.skip("no make here")
    listed = subprocess.run(["make"], cwd=REPO, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^([a-z][a-z-]*):.*## ", (REPO / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^  make ([a-z-]+) +\S", listed, re.MULTILINE) == sorted(targets)


def test_the_docs_name_no_unknown_make_target() -> None:
    """What the docs tell to type exists."""
    targets = set(
        re.findall(r"^([a-z][a-z-]*):", (REPO / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    named = set(re.findall(r"`make ([a-z][a-z-]*)", READ_FIRST))
    assert named <= targets, named - targets


def test_every_setting_is_documented() -> None:
    """docs/operate.md has one row per setting, with its default, and no row for anything else."""
    operate = (DOCS / "operate.md").read_text(encoding="utf-8")
    rows = dict(re.findall(rf"^\| `({PREFIX}[A-Z_]+)` \| ([^|]*) \|", operate, re.MULTILINE))
    wanted = {PREFIX + one.name.upper(): one.default for one in dataclasses.fields(Settings)}
    assert set(rows) == set(wanted)
    for name, default in wanted.items():
        shown_default = rows[name].strip().strip("`")
        if default is dataclasses.MISSING:
            assert shown_default == "required", name
        else:
            assert shown_default == (str(default) or "empty"), name


@pytest.mark.parametrize("recording", sorted((REPO / "events").glob("*.*")), ids=shown)
def test_every_recorded_event_is_used(recording) -> None:
    """A recording nobody reads is out of date without anybody knowing."""
    readers = [
        *(path for path in (REPO / "tests").rglob("*.py") if path.name != "test_documented.py"),
        *(REPO / "benchmarks").rglob("*.py"),
    ]
    assert any(recording.name in path.read_text(encoding="utf-8") for path in readers)


def test_every_door_has_its_recordings() -> None:
    """One recorded example per kind of trigger, so that tests and docs need no cloud."""
    assert len(list((REPO / "events").glob("*.json"))) >= len(DOORS) - 1


def test_every_decision_record_is_whole() -> None:
    """A record has its own number, a title, and says why, what, and what follows; on one page."""
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert records
    numbers = [one.name[:4] for one in records]
    assert len(set(numbers)) == len(numbers), "two records have the same number"
    for one in records:
        text = one.read_text(encoding="utf-8")
        assert re.match(r"# \d{4} · .+", text), f"{one.name}: first line"
        for section in ("## Context", "## Outcome", "## Consequences"):
            assert section in text, f"{one.name}: {section}"
        assert len(text.splitlines()) <= 60, f"{one.name}: longer than a page"


def test_every_decision_record_is_in_the_index_once() -> None:
    """A newcomer finds each record by its subject; one that was superseded names its successor."""
    folder = DOCS / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^- \[(\d{4})\]\((\S+)\) · (.+)$", index, re.MULTILINE)
    assert all(name.startswith(number) for number, name, _ in rows)
    listed = [name for _, name, _ in rows]
    assert sorted(listed) == sorted(one.name for one in folder.glob("[0-9]*.md"))
    said = {number: sentence for number, _, sentence in rows}
    told = re.compile(r"^(Superseded by|Supersedes) (\d{4})", re.MULTILINE)
    for number, name, _ in rows:
        for word, other in told.findall((folder / name).read_text(encoding="utf-8")):
            old, new = (number, other) if word == "Superseded by" else (other, number)
            assert f"Superseded by [{new}]" in said[old], f"{old} was superseded by {new}"


def test_the_map_of_the_extraction_names_its_every_module() -> None:
    """The folder of many modules is entered by its docstring: who runs when, what it hands on."""
    folder = PACKAGE / "domain" / "extraction"
    told = ast.get_docstring(parsed(folder / "__init__.py")) or ""
    there = {one.stem for one in modules(folder)} - {"__init__"}
    assert there == set(re.findall(r"``([a-z]\w*)", told))


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link of a Markdown file names a file that exists."""
    broken = []
    for page in (*REPO.glob("*.md"), *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            elsewhere = "://" in target or target.startswith("mailto:")
            if not elsewhere and not (page.parent / target).exists():
                broken.append(f"{shown(page)} → {target}")
    assert not broken


def test_the_files_that_docs_and_modules_name_are_there() -> None:
    """A path in the documents or in a module is that of a file: rooms move, words stay."""
    named = re.compile(r"(?<![\w/.])((?:[a-z_0-9]+/)+[a-z_0-9]+\.(?:py|html|toml|yaml))(?![\w/])")
    pages = (REPO / "README.md", REPO / "CONTRIBUTING.md", *DOCS.glob("*.md"), *modules())
    gone = []
    for page in pages:
        rooms = (PACKAGE, PACKAGE / "domain", PACKAGE / "web" / "templates")
        places = (REPO, page.parent, page.parent.parent, *rooms)
        for name in set(named.findall(page.read_text("utf-8"))):
            if not any((place / name).exists() for place in places):
                gone.append(f"{shown(page)} → {name}")
    assert not gone


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_every_module_opens_with_its_paragraph(path) -> None:
    """A newcomer reads what a room is for before its first line of code."""
    text = path.read_text(encoding="utf-8").lstrip()
    assert not text or text.startswith(('"""', 'r"""')), shown(path)


def test_nothing_but_the_settings_reads_the_environment() -> None:
    """config.py is where a setting is born; the local platform may set the functions' own."""
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }
    allowed = {"config.py", "observability.py", "bootstrap.py"}
    assert {one for one in readers if not one.startswith("local/")} <= allowed


def test_the_command_starts() -> None:
    """`facteur --help` answers, in French, with its sub-commands."""
    command = Path(sys.executable).parent / "facteur"
    found = subprocess.run([command, "--help"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    for name in ("read", "validate", "convert", "verify"):
        assert name in found.stdout
