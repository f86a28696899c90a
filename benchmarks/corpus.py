"""The shared corpus read by the product and observed field by field: what `make bench` prints.

../shared/corpus (or FACTEUR_SHARED) holds documents whose truth nobody here wrote, and score.py,
which says what a page must show, what is readable and when a value is right: all of it is asked
there. What a truth file leaves out while the page says it (repositories' JSON files hold few
fields) was looked at by eye, page by page: tests/corpus/read_by_eye.json; any other value
given where the truth has none is a stray one.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from facteur.domain.candidate import SURE

from benchmarks.calibration import ROOT, Observation

SHARED = Path(os.environ.get("FACTEUR_SHARED", ROOT.parent / "shared"))
BY_EYE = ROOT / "tests" / "corpus" / "read_by_eye.json"
MODES = ("text", "scan", "photo", "raw")
_DPI = 200


@dataclass(frozen=True)
class Run:
    """A mode of the corpus, read: every field observed, seconds of each page, KiB at most."""

    observations: tuple[Observation, ...]
    seconds: tuple[float, ...]
    peak: int


def scorer() -> ModuleType | None:
    """The corpus' own program; None where there is no corpus."""
    path = SHARED / "corpus" / "score.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("corpus_score", path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def run(score: ModuleType, mode: str) -> Run:
    """Read every document of the corpus in a mode, in a process of its own."""
    paths = {path.name: path for path in _documents(score, mode)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in paths.values():
            data, _media, _name = score.prepare(path, mode, _DPI)
            (folder / f"{path.name}.bytes").write_bytes(data)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.extractor", str(folder)], cwd=ROOT, check=True
        )
        body = json.loads((folder / "read.json").read_text("utf-8"))
    seen: list[Observation] = []
    for document, held in body["documents"].items():
        seen += observe(score, paths[document], held["read"])
    seconds = tuple(one["seconds"] / max(one["pages"], 1) for one in body["documents"].values())
    return Run(tuple(seen), seconds, body["peak"])


def _documents(score: ModuleType, mode: str) -> Iterator[Path]:
    for path in score.documents([SHARED / "corpus" / "docs"]):
        pdf = path.suffix.lower() == ".pdf"
        if score.load_truth(path) is None or (not pdf and mode != "scan"):
            continue
        if mode == "raw" and not score.embedded_xml(path.read_bytes()):
            continue
        yield path


def observe(score: ModuleType, path: Path, got: dict[str, Any]) -> Iterator[Observation]:
    """Each field that the corpus knows, but those whose truth is not on the page."""
    truth = score.load_truth(path)
    eye = json.loads(BY_EYE.read_text("utf-8")).get(path.name, {})
    text = ""
    if path.suffix.lower() == ".pdf":
        text = score.page_text(score.strip_attachments(path.read_bytes()))
    credit = truth.get("type") == "credit_note"
    for name in score.FIELDS:
        true, value = truth.get(name), got.get(name)
        readable = score.readable(name, true, text)
        given = not score.empty(value)
        if not readable and not score.empty(true):
            continue
        known = true if readable else eye.get(name)
        right = given and known is not None and score.compare(name, known, value, credit)[0]
        confidence = got["fields"][name]["confidence"] if given else 0.0
        yield Observation(
            path.name,
            name,
            given=given,
            readable=readable,
            right=right,
            confidence=confidence,
            sure=given and confidence >= SURE,
            value=str(value)[:90],
        )
