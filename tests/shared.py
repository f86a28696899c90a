"""The shared folder of data beside the repository: official examples and the corpus.

The product never needs it. A test that does asks ``need`` for a path and is skipped, with its
reason, where the folder is not there.
"""

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("FACTEUR_SHARED", REPO.parent / "shared"))  # noqa: TID251


def need(relative: str) -> Path:
    """A path of the shared folder; skips the test where it is not there."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"no {relative}: set FACTEUR_SHARED to the shared folder")
    return path


def found(pattern: str) -> list[Path]:
    """The files of the shared folder under a pattern, none where it is not there."""
    return sorted(SHARED.glob(pattern))
