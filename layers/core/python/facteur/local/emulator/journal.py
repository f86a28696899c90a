"""The journal: what makes an acknowledged change survive a sudden death.

The emulator keeps its state in memory and writes it down only when it is asked to stop politely.
Beside it we keep a journal: one JSON document per line, appended and flushed *before* the caller
gets its answer. State files are written from time to time ("generations"); a start reads the
state of the last complete generation and plays every journal of that generation and later.

Files in the data folder::

    generation              number of the last complete generation
    journal.<n>.jsonl       what happened since generation n was written
    state/<service>.<n>.json   state of a journaled service at generation n

A machine that dies in the middle of a line leaves a torn last line: nobody got an answer for it,
so it is cut off before anything is appended after it.
"""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO


def write_whole(path: Path, text: str, *, fsync: bool = True) -> None:
    """Replace a file so that a reader sees the old or the new content, never a mixture."""
    scratch = path.with_name(path.name + ".tmp")
    with scratch.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if fsync:
            os.fsync(file.fileno())
    scratch.replace(path)


class Journal:
    """An append-only list of acknowledged changes, cut into generations."""

    def __init__(self, folder: Path, *, fsync: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._fsync = fsync
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        marker = folder / "generation"
        self.generation = int(marker.read_text()) if marker.exists() else 0
        self.length = 0

    def read(self) -> Iterator[dict[str, Any]]:
        """Give every record since the last complete generation, then open for appending."""
        numbers = self._numbers()
        for number in (n for n in numbers if n >= self.generation):
            yield from self._read_one(self._path(number))
        self._open(max([self.generation, *numbers]))

    def append(self, record: dict[str, Any]) -> None:
        """Write one record; when this returns, the record survives the death of the process."""
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            if self._file is None:  # still starting: what is being replayed is already written
                return
            self._file.write(line)
            self._file.flush()
            if self._fsync:
                os.fdatasync(self._file.fileno())
            self.length += 1

    def begin_generation(self) -> int:
        """Send new records to a new file; return the number of the generation to write."""
        with self._lock:
            number = max([self.generation, *self._numbers()]) + 1
            if self._file is not None:
                self._file.close()
            self._file = self._path(number).open("ab")
            self.length = 0
        return number

    def complete_generation(self, number: int) -> None:
        """Declare a generation written; older journals are no longer needed."""
        write_whole(self._folder / "generation", str(number), fsync=self._fsync)
        self.generation = number
        for old in (n for n in self._numbers() if n < number):
            self._path(old).unlink()

    def close(self) -> None:
        """Close the file; later records are not written."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _path(self, number: int) -> Path:
        return self._folder / f"journal.{number}.jsonl"

    def _numbers(self) -> list[int]:
        return sorted(int(p.name.split(".")[1]) for p in self._folder.glob("journal.*.jsonl"))

    def _open(self, number: int) -> None:
        with self._lock:
            self._file = self._path(number).open("ab")

    def _read_one(self, path: Path) -> Iterator[dict[str, Any]]:
        good = 0
        with path.open("rb") as file:
            for line in file:
                try:
                    record = json.loads(line) if line.endswith(b"\n") else None
                except ValueError:
                    record = None
                if record is None:
                    break
                good += len(line)
                self.length += 1
                yield record
        if good < path.stat().st_size:
            os.truncate(path, good)
