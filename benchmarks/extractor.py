"""The extractor as score.py calls it: bytes in, public JSON out, the product's own road.

    python ../shared/corpus/score.py --extractor benchmarks.extractor:extract --mode text

Structured data first, else the text layer, else OCR, exactly as ``facteur read`` does. Run with a
folder, it reads every file in it and leaves ``read.json`` beside them: what was read, how long it
took, and how much memory this process and those it started had at most.
"""

import json
import sys
import time
from functools import lru_cache
from pathlib import Path

from facteur import bootstrap
from facteur.domain.public import public_json
from facteur.ports import Readers
from facteur.services.reading.alone import read_alone


@lru_cache(maxsize=1)
def _readers() -> Readers:
    """One PDF child and one OCR engine for a whole run."""
    return bootstrap.readers()


def extract(data: bytes, media_type: str, filename: str) -> dict[str, object]:
    """What was read from a document, with the keys that score.py documents."""
    del media_type, filename  # the bytes say what they are
    return read(data)[0]


def read(data: bytes) -> tuple[dict[str, object], int]:
    """What was read from a document, as public JSON, and how many pages were looked at."""
    readers = _readers()
    found = read_alone(data, readers)
    words = found.material.words
    return public_json(found.candidate), len(words.pages) if words is not None else 1


def peak(pid: str = "self") -> int:
    """The most memory a process and its living children ever had, in KiB (Linux)."""
    most = 0
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            most = int(line.split()[1])
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return most + sum(peak(child) for one in children for child in one.read_text().split())


def main(folder: Path) -> None:
    """Read every file of a folder."""
    documents = {}
    for path in sorted(folder.glob("*.bytes")):
        data = path.read_bytes()
        start = time.perf_counter()
        found, pages = read(data)
        seconds = time.perf_counter() - start
        documents[path.name.removesuffix(".bytes")] = {
            "read": found,
            "seconds": seconds,
            "pages": pages,
        }
    body = {"documents": documents, "peak": peak()}
    (folder / "read.json").write_text(json.dumps(body), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
