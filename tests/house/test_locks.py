"""What gets installed is what was tested: pinned, hashed, from any index, permitted."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import REPO, shown

LAYERS = ("base", "documents", "rulebook", "passkeys")
LOCKS = (
    REPO / "requirements" / "dev.lock",
    *(REPO / "layers" / layer / "requirements.lock" for layer in LAYERS),
)
#: Their metadata name no licence; each was read at the source, which stands beside it.
READ_BY_HAND = {
    "saxonche": "MPL-2.0: https://www.saxonica.com/saxon-c/index.xml",
    "font-source-sans-pro": "OFL-1.1 for the font, in the wheel",
}


def pinned(lock: Path) -> dict[str, str]:
    """Package → version of a lock."""
    text = lock.read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=shown)
def test_a_lock_names_no_host(lock: Path) -> None:
    """A lock works with whatever index a machine uses: no address in it."""
    assert "://" not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS, ids=shown)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    """Each requirement has an exact version and at least one SHA-256."""
    text = lock.read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+==[^ ]+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_has_the_versions_that_were_tested(layer: str) -> None:
    """The cloud runs what the tests ran: a layer's versions are those of the common lock."""
    tested = pinned(LOCKS[0])
    assert pinned(REPO / "layers" / layer / "requirements.lock").items() <= tested.items()


@pytest.mark.parametrize("lock", LOCKS[1:], ids=shown)
def test_what_ships_is_permissive_or_weak_copyleft(lock: Path) -> None:
    """Anyone may host it: no GPL nor AGPL in a layer (LGPL and MPL are fine)."""
    unknown = []
    for name in pinned(lock):
        if name in READ_BY_HAND:
            continue
        try:
            about = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # of another platform or Python
        said = " | ".join(
            [
                about.get("License-Expression") or "",
                (about.get("License") or "").partition("\n")[0],
                *[one for one in about.get_all("Classifier") or () if "License" in one],
            ]
        ).lower()
        said = re.sub(r"lgpl|lesser general public|library or lesser", "weak", said)
        assert not re.search(r"\bagpl|\bgpl|affero|general public licen", said), f"{name}: {said}"
        if not said.strip(" |"):
            unknown.append(name)
    assert not unknown, "read their licence, then add them to READ_BY_HAND"


def test_the_distribution_asks_for_nothing_unpinned() -> None:
    """The package itself declares no dependency: the locks do, with hashes."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dependencies"] == []
    assert project["license"] == "Apache-2.0"


def test_the_npm_lock_names_no_host() -> None:
    """The front end's lock has integrity hashes and no download address."""
    text = (REPO / "assets" / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in text
    assert '"resolved"' not in text


@pytest.mark.parametrize("door", sorted((REPO / "functions").iterdir()), ids=lambda one: one.name)
def test_a_function_brings_no_dependency_of_its_own(door: Path) -> None:
    """Chalice would resolve them for the wrong system: they come from the layers."""
    assert (door / "requirements.txt").read_text(encoding="utf-8").strip() == ""
