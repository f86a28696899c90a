"""Layers: nothing twice, the same bytes every time, small enough, and enough to start from."""

import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from infrastructure import build_layers
from infrastructure.build_layers import CLOUD, HERE, Layer, pinned, without
from infrastructure.package import APPS, Package, package, unpacked
from tests.house.tree import PACKAGE, imported, modules

LIMIT = 250 * 2**20  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
AARCH64 = 0xB7  # e_machine of an ELF file

LOCK = """\
# made by a tool
one==1.0 \\
    --hash=sha256:aa
    # via two
two==2.0 ; python_full_version < '3.13' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
"""


def test_a_layer_leaves_out_what_another_has() -> None:
    """A package pinned in base is not installed again in documents, with all its lines."""
    assert pinned(LOCK) == ["one", "two"]
    rest = without(LOCK, {"one"})
    assert pinned(rest) == ["two"]
    assert "sha256:aa" not in rest
    assert "sha256:cc" in rest


def test_the_same_package_gives_the_same_zip(tmp_path: Path) -> None:
    """An unchanged layer has an unchanged hash, so that it is not deployed again."""
    first = build_layers._core(HERE, tmp_path / "first")
    second = build_layers._core(HERE, tmp_path / "second")
    assert first.sha256 == second.sha256
    assert first.zip.name == second.zip.name


def test_the_core_layer_is_our_package_without_the_local_platform(tmp_path: Path) -> None:
    """The cloud gets the product, compiled, and neither emulator nor tests."""
    layer = build_layers._core(HERE, tmp_path)
    with zipfile.ZipFile(layer.zip) as archive:
        names = archive.namelist()
        dates = {one.date_time for one in archive.infolist()}
    assert "python/facteur/config.py" in names
    assert any(name.startswith("python/facteur/__pycache__/config.") for name in names)
    assert "python/facteur/web/templates/layout.html" in names or any(
        name.startswith("python/facteur/web/templates/") for name in names
    )
    assert not [name for name in names if "/local/" in name or ".egg-info" in name]
    assert not [name for name in names if "/." in name]  # what a tool left behind
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_an_app_is_packaged_again_once_something_of_it_changed(
    packages: Mapping[str, Package], tmp_path: Path
) -> None:
    """What stands from the same inputs is taken as it is; from others it is made anew."""
    made = packages["inbound"]
    folder = tmp_path / "inbound"
    shutil.copytree(made.zip.parent, folder)
    (folder / "template.json").write_text('{"Resources": {}}')
    assert package("inbound", tmp_path).template == {"Resources": {}}
    (folder / "inputs").write_text("others")
    assert package("inbound", tmp_path).template == made.template


@pytest.fixture(scope="session")
def cloud() -> Mapping[str, Layer]:
    """The layers of the cloud, kept in build/ between runs."""
    return build_layers.build(CLOUD)


@pytest.fixture(scope="session")
def here() -> Mapping[str, Layer]:
    """The layers for this interpreter, kept in build/ between runs."""
    return build_layers.build(HERE)


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_a_function_fits_lambda(
    app: str, packages: Mapping[str, Package], cloud: Mapping[str, Layer]
) -> None:
    """Code and layers, unpacked and compiled, stay under Lambda's 250 MiB."""
    weight = unpacked(packages[app].zip)
    for name in packages[app].layers:
        weight += cloud[name].unpacked
        if not cloud[name].compiled:  # no python3.13 here: bytecode is smaller than its source
            with zipfile.ZipFile(cloud[name].zip) as archive:
                modules = [one for one in archive.infolist() if one.filename.endswith(".py")]
            weight += sum(one.file_size for one in modules)
    assert weight < LIMIT, f"{weight / 2**20:.1f} MiB"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["base", "documents", "rulebook", "passkeys"])
def test_the_cloud_s_layers_are_for_its_processor(name: str, cloud: Mapping[str, Layer]) -> None:
    """Every binary is for arm64 and, when it says so, for Python 3.13."""
    with zipfile.ZipFile(cloud[name].zip) as archive:
        libraries = [one for one in archive.namelist() if ".so" in Path(one).name]
        for one in libraries:
            with archive.open(one) as file:
                head = file.read(20)
            assert head[:4] == b"\x7fELF", one
            assert struct.unpack("<H", head[18:20])[0] == AARCH64, one
            assert ".cpython-313-" in one or ".cpython-" not in one
    assert libraries or name == "base"


#: The parts of our package that a function runs beside its door; all that they import, late or
#: early, must be in its layers.
PARTS = {
    "web": ("web", "services", "adapters/aws", "adapters/webauthn.py"),
    "inbound": ("services", "adapters/aws"),
    "pipeline": (
        "services",
        "formats",
        "adapters/aws",
        "adapters/pdf",
        "adapters/readable",
        "adapters/images.py",
    ),
    "rulebook": ("services", "adapters/aws", "adapters/saxon"),
    "schedule": ("services", "adapters/aws"),
}
#: What a part imports for another function's work.
ELSEWHERE = {"textractor": "pipeline", "lxml": "pipeline, rulebook"}


def reached(app: str) -> list[str]:
    """The modules of a function's parts, and every package that they name."""
    found = {"app", *(("facteur_static",) if app == "web" else ())}
    for part in PARTS[app]:
        place = PACKAGE / part
        for path in modules(place) if place.is_dir() else (place,):
            inside = path.relative_to(PACKAGE.parent).with_suffix("")
            own = ".".join(inside.parts).removesuffix(".__init__")
            strangers = {
                one
                for one in imported(path)
                if one.split(".")[0] not in {*sys.stdlib_module_names, "facteur"}
            }
            if not [one for one in strangers if app not in ELSEWHERE.get(one.split(".")[0], app)]:
                found |= {own, *strangers}
    return sorted(found)


#: Imports what its arguments name; a name that is no module is an attribute of its parent.
PROGRAM = """
import importlib, json, sys
paths, names = json.loads(sys.argv[1])
sys.path[:0] = paths
for name in names:
    parent, _, attribute = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        assert hasattr(importlib.import_module(parent), attribute), name
assert sys.modules["facteur"].__file__.startswith(tuple(paths))
"""


@pytest.fixture(scope="session")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Path]]:
    """Unpack a zip, once for all who ask; everything is removed at the end."""
    folder = tmp_path_factory.mktemp("spread")

    def unpack(code: Path) -> Path:
        place = folder / f"{code.parent.name}-{code.stem}"
        if not place.exists():
            with zipfile.ZipFile(code) as archive:
                archive.extractall(place)
        return place

    yield unpack
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_a_function_starts_from_its_layers_alone(
    app: str,
    packages: Mapping[str, Package],
    here: Mapping[str, Layer],
    spread: Callable[[Path], Path],
) -> None:
    """An interpreter that knows only the zips imports everything the function uses."""
    paths = [str(spread(packages[app].zip))]
    paths += [str(spread(here[name].zip) / "python") for name in packages[app].layers]
    asked = json.dumps([paths, reached(app)])
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", PROGRAM, asked],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
