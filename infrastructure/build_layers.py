"""Builds the Lambda layers from their lock files: `make layers`.

A layer is a zip that Lambda unpacks under /opt; what lies in its `python/` folder can be imported.

    base        packages of every function
    documents   what reads, converts and writes documents (pipeline), without what base has
    rulebook    the official rules (rulebook), without what base has
    passkeys    what checks passkeys (web), without what base has
    core        our own package, without the local platform
    static      the front end's files, under the hash of their content (web)

The cloud's layers are built for python3.13 on arm64 with wheels only, whatever machine builds
them. The rehearsal's are built by the same code for the interpreter that runs it, because the
embedded platform runs functions under its own. Dependencies are taken with their hashes.

Zips are deterministic: the same inputs give the same bytes, so an unchanged layer is not deployed
again. Modules are compiled with unchecked hashes when an interpreter of the target's version is at
hand, because zips have no dates to check and imports are three times faster compiled.

Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
BUILD = REPO / "build"
RECIPE = "1"  # raise it when this file builds differently from the same inputs

#: Folders and files that no function reads: tests, tools of installers, types, sources in C.
_DROPPED_FOLDERS = {"__pycache__", "tests", "test"}
_DROPPED_AT_TOP = {"bin", "include", "share"}
_DROPPED_SUFFIXES = {".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h", ".cpp", ".hpp", ".a", ".map"}
_DROPPED_INFO = {"RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "top_level.txt"}


@dataclass(frozen=True, slots=True)
class Target:
    """For whom a layer is built. An empty platform is this machine and this interpreter."""

    name: str
    python: str = ""
    platform: str = ""

    @property
    def interpreter(self) -> str | None:
        """A Python that compiles for the target, None when this machine has none."""
        if not self.python or self.python == "{}.{}".format(*sys.version_info[:2]):
            return sys.executable
        candidate = shutil.which(f"python{self.python}")
        if candidate is None:
            return None
        asked = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        return candidate if said.stdout.strip() == self.python else None


CLOUD = Target("cloud", python="3.13", platform="aarch64-manylinux_2_28")
HERE = Target("here")
TARGETS = {one.name: one for one in (CLOUD, HERE)}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that was built: its zip, what it weighs unpacked, whether it is compiled."""

    name: str
    zip: Path
    sha256: str
    unpacked: int
    compiled: bool


def build(target: Target, out: Path | None = None) -> dict[str, Layer]:
    """Build every layer that changed since the last time; all of them by name.

    The zips and `manifest.json` stand in build/layers/<target>; builders wait for each other.
    CalledProcessError when a package cannot be had for the target.
    """
    folder = out or BUILD / "layers" / target.name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build(target, folder)


def _build(target: Target, folder: Path) -> dict[str, Layer]:
    base = REPO / "layers" / "base" / "requirements.lock"
    built = {"base": _dependencies("base", base.read_text("utf-8"), target, folder)}
    for name in ("documents", "rulebook", "passkeys"):
        lock = (REPO / "layers" / name / "requirements.lock").read_text("utf-8")
        own = without(lock, set(pinned(base.read_text("utf-8"))))
        built[name] = _dependencies(name, own, target, folder)
    built["core"] = _core(target, folder)
    built["static"] = _static(target, folder)
    manifest = {name: {**asdict(one), "zip": one.zip.name} for name, one in built.items()}
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return built


def pinned(lock: str) -> list[str]:
    """The names of the packages a lock pins."""
    return re.findall(r"^([a-zA-Z0-9._-]+)==", lock, flags=re.MULTILINE)


def without(lock: str, names: set[str]) -> str:
    """A lock without some packages: those that another layer of the same function has."""
    blocks = re.split(r"^(?=[a-zA-Z0-9])", lock, flags=re.MULTILINE)
    return "".join(one for one in blocks if not (set(pinned(one)) & names))


def _dependencies(name: str, lock: str, target: Target, folder: Path) -> Layer:
    """A layer of packages, from a lock."""
    interpreter = target.interpreter
    exact = "{}.{}".format(*sys.version_info[:2]) if not target.python else target.python
    inputs = (RECIPE, target.platform, exact, str(interpreter is not None), lock)
    digest = hashlib.sha256("\n".join(inputs).encode()).hexdigest()
    final = folder / f"{name}-{digest[:16]}.zip"
    if not final.exists():
        work = folder / f"{name}.work"
        shutil.rmtree(work, ignore_errors=True)
        packages = work / "python"
        packages.mkdir(parents=True)
        (work / "requirements.lock").write_text(lock, encoding="utf-8")
        _install(work / "requirements.lock", packages, target)
        _trim(packages)
        if interpreter is not None:
            _compile(packages, interpreter)
        _zip(packages, final, under="python")
        shutil.rmtree(work)
        _forget_older(folder, name, final)
    return _weighed(name, final, compiled=interpreter is not None)


def _install(lock: Path, packages: Path, target: Target) -> None:
    """Unpack wheels into a folder, hashes checked; no dependency beyond the lock."""
    command = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--no-deps"]
    command += ["--target", str(packages), "--require-hashes", "--only-binary", ":all:"]
    command += ["--link-mode", "copy"]
    if target.platform:
        command += ["--python-platform", target.platform, "--python-version", target.python]
    else:
        command += ["--python", sys.executable]
    subprocess.run([*command, "-r", str(lock)], check=True)


def _trim(packages: Path) -> None:
    """Drop what no function reads. Licences and metadata stay."""
    for path in sorted(packages.rglob("*"), reverse=True):
        if path.is_dir():
            at_top = path.parent == packages and path.name in _DROPPED_AT_TOP
            if at_top or path.name in _DROPPED_FOLDERS:
                shutil.rmtree(path)
        elif path.suffix in _DROPPED_SUFFIXES or (
            path.parent.suffix == ".dist-info" and path.name in _DROPPED_INFO
        ):
            path.unlink()
    (packages / ".lock").unlink(missing_ok=True)


def _compile(packages: Path, interpreter: str) -> None:
    """Compile every module; unchecked hashes, because a zip has no dates to check."""
    command = [interpreter, "-m", "compileall", "-q", "-j", "1"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(packages), "-p", "/opt/python"]
    # A package may carry a file for other versions of Python: it stays uncompiled.
    subprocess.run(
        [*command, str(packages)],
        env={**os.environ, "PYTHONHASHSEED": "0"},  # noqa: TID251 - sets in the same order
        check=False,
        capture_output=True,
    )


def _core(target: Target, folder: Path) -> Layer:
    """Our own package, without the local platform, which the cloud never runs."""
    source = REPO / "layers" / "core" / "python" / "facteur"
    work = folder / "core.work"
    shutil.rmtree(work, ignore_errors=True)
    packages = work / "python"
    # What a tool left in a hidden folder (a cache of types weighs 26 MB) is none of the package.
    left_out = shutil.ignore_patterns("__pycache__", "static", ".*")
    shutil.copytree(source, packages / "facteur", ignore=left_out)
    shutil.rmtree(packages / "facteur" / "local")
    interpreter = target.interpreter
    if interpreter is not None:
        _compile(packages, interpreter)
    return _named_by_content("core", work, folder, compiled=interpreter is not None)


def _static(target: Target, folder: Path) -> Layer:
    """The front end's files as assets/build.py left them: those of the current build only."""
    del target  # the same for all
    built = BUILD / "static"
    if not (built / "current").is_file():
        msg = "build/static is missing: run make setup"
        raise FileNotFoundError(msg)
    current = (built / "current").read_text(encoding="utf-8").strip()
    work = folder / "static.work"
    shutil.rmtree(work, ignore_errors=True)
    package = work / "python" / "facteur_static"
    shutil.copytree(built / current, package / current)
    note = '"""The front end\'s files: a package, to be found wherever the layer is unpacked."""\n'
    (package / "__init__.py").write_text(note, encoding="utf-8")
    return _named_by_content("static", work, folder, compiled=True)


def _named_by_content(name: str, work: Path, folder: Path, *, compiled: bool) -> Layer:
    """Zip a prepared folder under a name that holds its hash."""
    draft = folder / f"{name}.draft"
    _zip(work, draft)
    final = folder / f"{name}-{_sha256(draft)[:16]}.zip"
    draft.replace(final)
    shutil.rmtree(work)
    _forget_older(folder, name, final)
    return _weighed(name, final, compiled=compiled)


def _zip(folder: Path, final: Path, *, under: str = "") -> None:
    """Write a zip that depends on the content alone: sorted names, one date, plain modes."""
    draft = final.with_suffix(".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            name = (Path(under) / path.relative_to(folder)).as_posix()
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            runs = path.suffix == ".so" or ".so." in path.name or path.stat().st_mode & 0o100
            entry.external_attr = (0o100755 if runs else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    draft.replace(final)


def _forget_older(folder: Path, name: str, final: Path) -> None:
    """Keep one zip per layer, and those of the last hour: somebody may be deploying them."""
    for other in folder.glob(f"{name}-*.zip"):
        if other.stat().st_mtime < final.stat().st_mtime - 3600:
            other.unlink()


def _weighed(name: str, final: Path, *, compiled: bool) -> Layer:
    """Read what a zip weighs unpacked."""
    with zipfile.ZipFile(final) as archive:
        unpacked = sum(one.file_size for one in archive.infolist())
    return Layer(name, final, _sha256(final), unpacked, compiled)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """The command: build, then say what each layer weighs."""
    parser = argparse.ArgumentParser(description="Build the Lambda layers.")
    parser.add_argument("--target", choices=sorted(TARGETS), default=CLOUD.name)
    target = TARGETS[parser.parse_args().target]
    for layer in build(target).values():
        mebibytes = layer.unpacked / 2**20
        zipped = layer.zip.stat().st_size / 2**20
        note = "" if layer.compiled else f"  not compiled: no python{target.python} here"
        print(f"{layer.name:10} {mebibytes:6.1f} MiB  ({zipped:5.1f} zipped){note}")


if __name__ == "__main__":
    main()
