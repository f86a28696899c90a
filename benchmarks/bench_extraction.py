"""What is read from pages: the shared corpus scored field by field, where there is one.

../shared/corpus (or FACTEUR_SHARED) holds documents whose truth nobody here wrote, and the program
that scores an extractor against them. Without it this section stays as it was.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.house import say

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("FACTEUR_SHARED", ROOT.parent / "shared"))
MODES = ("text", "scan", "photo", "raw")


def scored(mode: str) -> tuple[dict[str, Any], str]:
    """The scorer's JSON for one mode, and its table."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "score.json"
        ran = subprocess.run(
            [
                sys.executable,
                str(SHARED / "corpus" / "score.py"),
                "--extractor",
                "benchmarks.extractor:extract",
                "--mode",
                mode,
                "--json",
                str(out),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            say(ran.stderr[-2000:])
        return json.loads(out.read_text("utf-8")), ran.stdout


def main() -> None:
    """Print the section; nothing without the corpus."""
    if not (SHARED / "corpus" / "score.py").exists():
        say("no shared corpus here")
        return
    tables = []
    for mode in MODES:
        _details, table = scored(mode)
        say(f"{mode}: done")
        tables.append((mode, table.strip()))
    print("## Reading pages: the shared corpus\n")
    print(
        "Real invoices whose truth was taken from elsewhere, their embedded XML removed, except "
        "in `raw`, the structured path. `exact` is the share of readable values that are right "
        "to the character. `scan` is every page as an image at 200 dpi, `photo` the same in "
        "perspective, badly lit, blurred and recompressed.\n"
    )
    for mode, table in tables:
        print(f"### {mode}\n\n```\n{table}\n```\n")


if __name__ == "__main__":
    main()
