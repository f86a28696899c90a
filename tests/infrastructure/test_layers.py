"""Layers: nothing twice, the same bytes every time, small enough, and enough to start from."""

import os
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from infrastructure import build_layers
from infrastructure.build_layers import CLOUD, HERE, Layer, pinned, without
from infrastructure.package import APPS, Package, unpacked

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
    assert dates == {(1980, 1, 1, 0, 0, 0)}


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
@pytest.mark.parametrize("name", ["base", "documents", "rulebook"])
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


#: What each function reaches while it works, beside its own app.py: heavy modules load late.
REACHED = {
    "web": ["facteur.web.routes", "facteur.adapters.aws.store", "facteur_static"],
    "inbound": ["facteur.services.intake", "facteur.adapters.aws.store"],
    "pipeline": [
        "facteur.adapters.pdf.worker",
        "facteur.adapters.aws.ocr_textract",
        "typst",
        "pi_heif",
        "facturx",
        "textractor.parsers.response_parser",
    ],
    "rulebook": ["facteur.adapters.saxon", "saxonche", "facturx", "pyfrctc"],
    "schedule": ["facteur.services.sweeping", "facteur.adapters.aws.store"],
}


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_a_function_starts_from_its_layers_alone(
    app: str, packages: Mapping[str, Package], here: Mapping[str, Layer], tmp_path: Path
) -> None:
    """An interpreter that knows only the zips imports everything the function uses."""
    places = [tmp_path / "code"]
    with zipfile.ZipFile(packages[app].zip) as archive:
        archive.extractall(places[0])
    for name in packages[app].layers:
        places.append(tmp_path / name)
        with zipfile.ZipFile(here[name].zip) as archive:
            archive.extractall(places[-1])
    paths = [str(places[0]), *[str(one / "python") for one in places[1:]]]
    program = (
        "import sys, importlib\n"
        f"sys.path[:0] = {paths!r}\n"
        f"for name in {['app', *REACHED[app]]!r}:\n"
        "    importlib.import_module(name)\n"
        "assert sys.modules['facteur'].__file__.startswith(sys.path[0].rsplit('/', 1)[0])\n"
    )
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", program],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(tmp_path, ignore_errors=True)
    assert found.returncode == 0, found.stderr
