"""What the house tests look at: the tracked files, the modules of the package, their imports."""

import ast
import functools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PACKAGE = REPO / "layers" / "core" / "python" / "facteur"
DOORS = tuple(sorted((REPO / "functions").glob("*/app.py")))
DOCS = REPO / "docs"


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows of that is still there, or every file where there is no git."""
    listed = ""
    if shutil.which("git"):
        asked = ["git", "ls-files", "-z"]
        ran = subprocess.run(asked, cwd=REPO, capture_output=True, check=False, text=True)
        listed = ran.stdout
    if listed:
        files = (REPO / name for name in listed.split("\0") if name)
    else:
        files = (one for one in REPO.rglob("*") if not _made(one.relative_to(REPO)))
    return tuple(sorted(one for one in files if one.is_file()))


def _made(path: Path) -> bool:
    """True for what tools and builds leave in the tree, where git is not there to say so."""
    made = {
        ".venv",
        ".git",
        ".facteur",
        ".coverage",
        ".hypothesis",
        "build",
        "dist",
        "node_modules",
        "__pycache__",
    }
    return any(one in made or one.endswith(("_cache", ".egg-info")) for one in path.parts)


def modules(folder: Path = PACKAGE) -> tuple[Path, ...]:
    """The Python files under a folder of the package."""
    return tuple(sorted(folder.rglob("*.py")))


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> set[str]:
    """The dotted names a file imports, wherever the import stands."""
    return set(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{shown(path)}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, allowed: tuple[str, ...]) -> bool:
    """True when a dotted name is one of the allowed ones or inside it."""
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def shown(path: Path) -> str:
    """A path as a reader of a failure wants it."""
    return str(path.relative_to(REPO))
