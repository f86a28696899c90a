"""Files: presigned forms, the intake bucket and the archive bucket."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from facteur.domain.documents import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """A presigned S3 POST: the form a browser or a program sends the file with."""

    url: str
    fields: Mapping[str, str]
    key: str
    expires_at: datetime
    max_bytes: int


class PassingFile(Protocol):
    """A passing object being written, as ``zipfile`` and ``open`` have it."""

    size: int

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written, hex."""
        ...

    def write(self, data: bytes, /) -> int:
        """Take bytes; what is full goes away at once."""
        ...


class Blobs(Protocol):
    """Files: the intake bucket (passing) and the archive bucket (kept)."""

    def intake(self, key: str) -> tuple[bytes, Mapping[str, str]]:
        """Bytes and user metadata of a received object; NotFoundError."""
        ...

    def intake_keys(self, prefix: str, *, since: datetime) -> Iterable[tuple[str, datetime]]:
        """Keys under a prefix stored since then, with their times."""
        ...

    def upload_form(
        self,
        key: str,
        *,
        media_types: Sequence[str],
        max_bytes: int,
        metadata: Mapping[str, str],
        now: datetime,
        redirect: str = "",
    ) -> UploadForm:
        """A presigned POST into the intake bucket, good for an hour; size and type enforced.

        ``redirect`` (success_action_redirect) is where a browser without scripts lands after it.
        """
        ...

    def origins(self) -> tuple[str, ...]:
        """The web origins (``https://host``) of the presigned forms and links: for the CSP."""
        ...

    def put(self, key: str, data: bytes, media_type: str, *, filename: str = "") -> StoredFile:
        """Write a new object of the archive bucket (If-None-Match: *).

        Writing the same bytes again answers the stored one; other bytes under a taken key raise
        DuplicateError.
        """
        ...

    def keep(
        self,
        key: str,
        data: bytes,
        media_type: str,
        *,
        filename: str = "",
        until: datetime,
        mode: str,
    ) -> StoredFile:
        """As ``put``, under Object Lock from the first moment on, as ``lock`` lays it."""
        ...

    def get(self, file: StoredFile) -> bytes:
        """The bytes of that version; NotFoundError, UnreadableError if the hash differs."""
        ...

    def lock(self, file: StoredFile, *, until: datetime, mode: str) -> None:
        """Put a version under Object Lock until a date (idempotent; never shortens)."""
        ...

    def erase(self, prefix: str) -> int:
        """Erase every version of what is kept under a prefix; how many.

        ConflictError (``blob.locked``) when a lock protects one of them: then it stays.
        """
        ...

    def put_passing(
        self, key: str, data: bytes | IO[bytes], media_type: str, filename: str
    ) -> str:
        """Write a passing object (an export) to the intake bucket; a presigned link to it.

        ``data``: bytes, or a file open at its start, which is sent without being held in memory.
        """
        ...

    def passing(self, key: str, media_type: str) -> AbstractContextManager[PassingFile]:
        """Write a large passing object as it is made; it exists when the block ends well."""
        ...

    def passing_link(self, key: str, media_type: str, filename: str) -> str:
        """A presigned link to a passing object, good for an hour."""
        ...

    def link(self, file: StoredFile, *, download: bool, seconds: int = 300) -> str:
        """A presigned GET of that version; ``download`` names the file and forces saving."""
        ...
