"""Words that have no place here: somebody's machine, a registry's host, another project's path."""

import re

from tests.house.tree import REPO, shown, tracked

#: In two halves, so that this file does not find itself.
HOSTS = ("py" + "pi.org", "files.python" + "hosted.org", "registry.npm" + "js.org")
PATHS = (r"(?<![\w.])/work" + r"/(main|shared)", r"(?<![\w.])/home" + r"/\w+/", "/ro" + "ot/")
BINARY = {".pdf", ".png", ".jpg", ".jpeg", ".webp", ".heic", ".tif", ".tiff", ".ico", ".zip"}


def _texts() -> list[tuple[str, str]]:
    """Every tracked text file with its content."""
    return [
        (shown(path), path.read_text(encoding="utf-8", errors="replace"))
        for path in tracked()
        if path.suffix.lower() not in BINARY
    ]


def test_no_file_names_a_registry() -> None:
    """Locks and docs work with whatever index a machine uses."""
    assert [(name, host) for name, text in _texts() for host in HOSTS if host in text] == []


def test_no_file_names_somebody_s_machine() -> None:
    """A path of the machine something was written on means nothing anywhere else."""
    pattern = re.compile("|".join(PATHS))
    assert [(name, found[0]) for name, text in _texts() if (found := pattern.search(text))] == []


def test_no_merge_marker_is_left() -> None:
    """Nobody commits half a merge."""
    marker = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [name for name, text in _texts() if marker.search(text)] == []


def test_no_private_key_is_committed() -> None:
    """Secrets belong to the account, never to the tree."""
    marker = "-----BEGIN " + "(RSA |EC |OPENSSH |)PRIVATE KEY-----"
    assert [name for name, text in _texts() if re.search(marker, text)] == []


def test_no_large_file_is_committed() -> None:
    """Samples are made by code; nothing above half a megabyte is stored."""
    large = [(shown(path), path.stat().st_size) for path in tracked()]
    assert [(name, size) for name, size in large if size > 512 * 1024] == []


def test_what_is_built_is_not_committed() -> None:
    """Build results, data and environments are made, not kept."""
    made = ("build/", ".venv/", ".facteur/", "dist/", "assets/node_modules/")
    assert [shown(path) for path in tracked() if shown(path).startswith(made)] == []
    assert (REPO / "LICENSE").read_text(encoding="utf-8").lstrip().startswith("Apache License")
