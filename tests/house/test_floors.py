"""The floors hold: contracts, imports, sizes, the few tolerances and their counts."""

import ast
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.house.tree import DOORS, PACKAGE, REPO, imported, modules, parsed, shown, within

DOOR_MAY_IMPORT = (
    "chalice",
    "facteur.bootstrap",
    "facteur.config",
    "facteur.observability",
    "facteur.web",
    "facteur.adapters.aws.triggers",
)

#: Files that may be longer, how long, and why.
LONG_ON_PURPOSE: dict[str, tuple[int, str]] = {}

#: Where everything is caught, how many times, and why.
BROAD_EXCEPTS: dict[str, tuple[int, str]] = {
    "adapters/beside.py": (
        1,
        "raised again where the thread's answer is asked for",
    ),
    "web/visit.py": (1, "the last handler of a page: a bug becomes a page 500 and a logged trace"),
    "web/api/calls.py": (1, "the last handler of the API: the same, as problem JSON"),
    "formats/mail.py": (4, "the standard mail parser raises many things on hostile headers"),
    "local/gateway.py": (1, "API Gateway answers 502 whatever the function died of"),
    "local/pump.py": (2, "Lambda gives the message back whatever the function raised"),
    "local/sandbox_pa/platform.py": (1, "a flow that cannot be controlled must not stay pending"),
    "local/supervisor.py": (2, "the platform serves without its first round or demonstration"),
    "services/attempts.py": (1, "one failure must not stop the others; raised in the end"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts on the package in a folder."""
    lint = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [lint, "--config", REPO / ".importlinter", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},  # noqa: TID251
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("domain/money.py", "import boto3"),
        ("domain/money.py", "import facteur.ports"),
        ("services/intake/uploads.py", "import pynamodb"),
        ("formats/mail.py", "import facteur.services.intake"),
        ("adapters/system.py", "import facteur.services.intake"),
        ("web/__init__.py", "import boto3"),
        ("web/__init__.py", "import facteur.adapters"),
    ],
)
def test_a_wrong_import_breaks_a_contract(tmp_path: Path, module: str, line: str) -> None:
    """The contracts are not decoration: each kind of wrong import is caught."""
    copy = tmp_path / "facteur"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.html"))
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    found = _lint(tmp_path)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "BROKEN" in found.stdout


def test_the_contracts_are_kept() -> None:
    """No floor imports a floor above it."""
    found = _lint(PACKAGE.parent)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_domain_knows_nobody() -> None:
    """The domain imports the standard library, python-stdnum and itself."""
    allowed = (*sys.stdlib_module_names, "stdnum", "facteur.domain")
    strangers = {
        f"{shown(path)}: {name}"
        for path in modules(PACKAGE / "domain")
        for name in imported(path)
        if not within(name, allowed)
    }
    assert not strangers


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.parent.name)
def test_a_door_imports_only_what_a_door_may(door: Path) -> None:
    """A door knows chalice, the bootstrap and the pages, nothing else of the house."""
    strangers = {
        name
        for name in imported(door)
        if not within(name, DOOR_MAY_IMPORT) and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert not strangers


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.parent.name)
def test_a_door_decides_nothing(door: Path) -> None:
    """A door translates and stops: short functions, no condition but a loop over messages."""
    tree = parsed(door)
    assert len(door.read_text(encoding="utf-8").splitlines()) <= 80
    decisions = [
        f"line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.If | ast.While | ast.Try | ast.Match | ast.IfExp)
    ]
    assert not decisions
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            assert len(function.body) <= 6, f"{function.name} is too long for a door"


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_a_room_stays_a_room(path: Path) -> None:
    """No module of ours grows past 400 lines: it becomes a folder of the same name first."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    most = LONG_ON_PURPOSE.get(path.relative_to(PACKAGE).as_posix(), (400, ""))[0]
    assert lines <= most, f"{shown(path)} has {lines} lines"


def test_broad_excepts_are_counted() -> None:
    """`except Exception` turns bugs into politeness: the places are few, each for its reason.

    One that cleans up and raises again hides nothing, and is not counted.
    """
    places = Counter(
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    )
    assert dict(places) == {name: count for name, (count, _reason) in BROAD_EXCEPTS.items()}


def test_importing_a_door_reads_no_environment_and_opens_nothing(tmp_path: Path) -> None:
    """Packaging imports app.py: no setting, no network, no file may be needed for it."""
    program = (
        "import socket, sys, importlib.util\n"
        "def refuse(*args, **kwargs): raise AssertionError('a socket at import time')\n"
        "socket.socket.connect = refuse\n"
        "spec = importlib.util.spec_from_file_location('app', sys.argv[1])\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "assert module.app.app_name\n"
    )
    assert DOORS
    for door in DOORS:
        found = subprocess.run(
            [sys.executable, "-c", program, str(door)],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PACKAGE.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, f"{shown(door)}: {found.stderr}"
