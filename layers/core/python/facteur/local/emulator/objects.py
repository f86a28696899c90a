"""S3 objects: on the disk before the answer, or no good answer.

The emulator writes each object and its metadata before it answers, but to the system's cache only,
and a write that fails (disk full) is a line in its log while the caller reads 200. Here a write is
flushed, and a failure is the caller's error: the SMTP listener says 250 on the strength of it.
"""
# ruff: noqa: SLF001 - a pinned release is corrected from the outside; tests watch the names

import os
from pathlib import Path
from typing import Any


def keep_objects(s3: Any, *, fsync: bool) -> None:
    """Make the emulator's object store durable and honest; call once, before it serves."""
    failures: list[OSError] = []
    persist = s3._persist_object

    def write(path: str, data: bytes | str, *, text: bool = False) -> None:
        scratch = Path(path + ".tmp")
        try:
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w" if text else "wb") as file:
                file.write(data)
                file.flush()
                if fsync:
                    os.fsync(file.fileno())
            scratch.replace(path)
        except OSError as error:
            failures.append(error)
            raise

    def persist_or_fail(*arguments: Any) -> None:
        failures.clear()
        persist(*arguments)
        if failures:
            raise failures[0]

    s3._atomic_write = write
    s3._persist_object = persist_or_fail
