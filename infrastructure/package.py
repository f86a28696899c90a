"""Packages the five Chalice apps: one CloudFormation template and one zip each, `make package`.

`chalice package` writes what Chalice knows (functions, routes, queues, schedules, roles);
infrastructure/merge adds what it cannot say: layers, environment, the runtime and architecture,
partial failures, concurrency, dead letters. common.json is for every function, <app>.json for one.

The zips hold app.py and Chalice's runtime, nothing else: dependencies are in the layers, because
Chalice would resolve them for another system than the one they run on.

Chalice's merge: https://aws.github.io/chalice/topics/cfn.html
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[1]
BUILD = REPO / "build"
MERGE = REPO / "infrastructure" / "merge"

#: In the order in which they are deployed: who is called before who calls.
APPS = ("rulebook", "pipeline", "inbound", "schedule", "web")

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Package:
    """A packaged app: its template and its code."""

    app: str
    template: Tree
    zip: Path

    @property
    def functions(self) -> dict[str, Tree]:
        """The functions of the template by logical name."""
        kind = "AWS::Serverless::Function"
        return {
            name: one for name, one in self.template["Resources"].items() if one["Type"] == kind
        }

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of its functions: base, core…"""
        named = self.template["Globals"]["Function"]["Layers"]
        return tuple(one["Ref"].removesuffix("Layer").lower() for one in named)


def package(app: str, out: Path | None = None) -> Package:
    """Package one app into build/package/<app>, unless it stands there from the same inputs.

    CalledProcessError when Chalice refuses; the folder of the app itself is left untouched.
    Several processes may ask at once: they wait for each other.
    """
    folder = (out or BUILD / "package") / app
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        inputs, made_from = _inputs(app), folder / "inputs"
        if not made_from.is_file() or made_from.read_text("utf-8") != inputs:
            _package(app, folder)
            made_from.write_text(inputs, encoding="utf-8")
        return Package(app, _json(folder / "template.json"), folder / "deployment.zip")


def _inputs(app: str) -> str:
    """The hash of all that decides what a package holds: sources, what is merged, the tools."""
    own = [one for one in (REPO / "functions" / app).rglob("*") if one.is_file()]
    return _hashed((MERGE / "common.json", MERGE / f"{app}.json", *own)) + _shared_inputs()


@lru_cache(maxsize=1)
def _shared_inputs() -> str:
    """The hash of what every app imports, and of what packages it."""
    core = (REPO / "layers" / "core" / "python").rglob("*.py")
    return _hashed((*core, REPO / "requirements" / "dev.lock", Path(__file__)))


def _hashed(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(one for one in files if "__pycache__" not in one.parts):
        held = path.read_bytes()
        digest.update(f"{path.relative_to(REPO)} {len(held)}\n".encode() + held)
    return digest.hexdigest()


def _package(app: str, folder: Path) -> None:
    """Have Chalice package an app, from a copy of its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "source"
    shutil.copytree(
        REPO / "functions" / app,
        source,
        ignore=shutil.ignore_patterns("__pycache__", "deployments", "deployed"),
    )
    merged = folder / "merge.json"
    extra = merge(_json(MERGE / "common.json"), _json(MERGE / f"{app}.json"))
    merged.write_text(json.dumps(extra, indent=1), encoding="utf-8")
    command = [str(Path(sys.executable).parent / "chalice"), "package", "--stage", "cloud"]
    command += ["--merge-template", str(merged), str(folder / "made")]
    region = {"AWS_DEFAULT_REGION": "eu-west-3"}  # Chalice wants one; nothing in it depends on it
    done = subprocess.run(
        command,
        cwd=source,
        env={**os.environ, **region},  # noqa: TID251 - the tool's own environment
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        done.check_returncode()
    template = named(_json(folder / "made" / "sam.json"))
    code = folder / "deployment.zip"
    (folder / "made" / "deployment.zip").replace(code)
    shutil.rmtree(folder / "made")
    shutil.rmtree(source)
    (folder / "template.json").write_text(json.dumps(template, indent=1) + "\n", encoding="utf-8")


def named(template: Tree) -> Tree:
    """The template with the name of each function among its outputs, for the alarms."""
    outputs = {
        f"{name}Name": {"Value": {"Ref": name}}
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::Serverless::Function"
    }
    return {**template, "Outputs": {**template.get("Outputs", {}), **outputs}}


def merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> Tree:
    """Two trees as one: mappings are merged, anything else of the second replaces the first's."""
    merged = dict(first)
    for key, value in second.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def unpacked(code: Path) -> int:
    """What a function's own zip weighs once unpacked."""
    with zipfile.ZipFile(code) as archive:
        return sum(one.file_size for one in archive.infolist())


def static_path() -> str:
    """The path of the front end's files below the site's: it holds their hash."""
    return "/static/" + (BUILD / "static" / "current").read_text(encoding="utf-8").strip()


def _json(path: Path) -> Tree:
    tree: Tree = json.loads(path.read_text(encoding="utf-8"))
    return tree


def main() -> None:
    """The command: package every app, or those that are named."""
    parser = argparse.ArgumentParser(description="Package the functions.")
    parser.add_argument("app", nargs="*", default=list(APPS), help=", ".join(APPS))
    for app in parser.parse_args().app:
        made = package(app)
        names = ", ".join(made.functions)
        print(f"{app:10} {names} · layers {', '.join(made.layers)} · {unpacked(made.zip)} bytes")


if __name__ == "__main__":
    main()
