"""The corpus of documents whose truth nobody here wrote: the rates reached are kept.

Text and raw modes only (seconds); scans and photos belong to ``make bench``.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
SHARED = Path(os.getenv("FACTEUR_SHARED") or REPO.parent / "shared")

#: Reached: text 99.2 %, raw 100 %. The other half of the corpus is kept elsewhere.
FLOORS = {"text": "0.98", "raw": "1.0"}


@pytest.mark.parametrize("mode", sorted(FLOORS))
def test_the_rate_reached_on_the_corpus_is_kept(mode):
    """Exact fields over readable ones, by the corpus' own script and the product's own road."""
    script = SHARED / "corpus" / "score.py"
    if not script.is_file():
        pytest.skip(f"no corpus at {SHARED}")
    run = subprocess.run(
        [
            sys.executable, str(script), "--extractor", "benchmarks.extractor:extract",
            "--mode", mode, "--min-exact", f"ALL={FLOORS[mode]}", "--misses",
        ],
        cwd=REPO, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
    assert "crashed=0" in run.stdout
