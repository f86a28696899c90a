"""The Blobs port on S3: the intake bucket (what passes) and the archive bucket (what is kept).

Writing to the archive asks for ``If-None-Match: *`` and sends a SHA-256 that S3 verifies: a key is
written once, with the bytes meant. Reading names the version and verifies the hash again. Object
Lock protects a version, not a key: a plain DELETE adds a marker and a PUT a newer version, so
everything here works by VersionId (architecture.md §8).

Bytes never cross API Gateway: programs and browsers send files with a presigned POST whose policy
S3 enforces, and read them by presigned links. Both buckets encrypt with the installation's key by
default, so no request has to name it.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import IO, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, FlexibleChecksumError

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import code_of, failures
from facteur.adapters.aws.passing import PassingWriter, passing
from facteur.domain.documents import StoredFile
from facteur.domain.errors import ConflictError, DuplicateError, UnavailableError, UnreadableError
from facteur.formats.disposition import content_disposition, served_type
from facteur.ports import UploadForm

FORM_SECONDS = 3600
EXPORT_SECONDS = 3600
_TRIES = 3  # of a conditional write that another one disturbs


class AwsBlobs:
    """Files in S3. Implements facteur.ports.Blobs."""

    def __init__(self, clients: Clients, *, intake: str, archive: str) -> None:
        self._clients, self._intake, self._archive = clients, intake, archive

    @property
    def _s3(self) -> Any:
        return self._clients("s3")

    # ── What passes ─────────────────────────────────────────────────────────────────────────────

    def intake(self, key: str) -> tuple[bytes, Mapping[str, str]]:
        """Bytes and user metadata of a received object; NotFoundError."""
        with failures("s3", key=key):
            answer = self._s3.get_object(Bucket=self._intake, Key=key)
            return answer["Body"].read(), dict(answer.get("Metadata", {}))

    def intake_keys(self, prefix: str, *, since: datetime) -> Iterator[tuple[str, datetime]]:
        """Keys under a prefix stored since then, with their times."""
        with failures("s3", prefix=prefix):
            pages = self._s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._intake, Prefix=prefix):
                for one in page.get("Contents", ()):
                    if one["LastModified"] >= since:
                        yield one["Key"], one["LastModified"]

    def erase(self, prefix: str) -> int:
        """Erase every version of what is kept under a prefix; how many.

        ConflictError (``blob.locked``) when a lock protects one of them: then it stays.
        """
        if prefix.count("/") < 2 or not prefix.endswith("/"):  # a dossier, a document, and a slash
            msg = f"« {prefix} » is not the place of one document"
            raise ValueError(msg)
        erased = 0
        with failures("s3", prefix=prefix):
            pages = self._s3.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self._archive, Prefix=prefix):
                for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    self._erase_version(one["Key"], one["VersionId"])
                    erased += 1
        return erased

    def _erase_version(self, key: str, version: str) -> None:
        try:
            self._s3.delete_object(Bucket=self._archive, Key=key, VersionId=version)
        except ClientError as error:
            if code_of(error) == "AccessDenied":  # Object Lock answers so
                raise ConflictError("blob.locked", key=key) from error
            raise

    def put_passing(
        self, key: str, data: bytes | IO[bytes], media_type: str, filename: str
    ) -> str:
        """Write a passing object (an export); a presigned link to it, good for an hour."""
        with failures("s3", key=key):
            self._s3.put_object(Bucket=self._intake, Key=key, Body=data, ContentType=media_type)
        return self._link(
            {"Bucket": self._intake, "Key": key},
            filename=filename,
            media_type=media_type,
            download=True,
            seconds=EXPORT_SECONDS,
        )

    def passing(self, key: str, media_type: str) -> AbstractContextManager[PassingWriter]:
        """Write a large passing object as it is made; it exists when the block ends well."""
        return passing(self._s3, self._intake, key, media_type)

    def passing_link(self, key: str, media_type: str, filename: str) -> str:
        """A presigned link to a passing object, good for an hour."""
        return self._link(
            {"Bucket": self._intake, "Key": key},
            filename=filename,
            media_type=media_type,
            download=True,
            seconds=EXPORT_SECONDS,
        )

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

        Key and metadata (ASCII) are exactly these; the type is the one given, or starts with what
        several have in common. An empty file passes: it gets a reason, in quarantine.
        """
        fields = {f"x-amz-meta-{name}": one for name, one in metadata.items()}
        if redirect:
            fields["success_action_redirect"] = redirect
        if len(media_types) == 1:
            fields["Content-Type"] = media_types[0]
        conditions: list[Any] = [{name: one} for name, one in fields.items()]
        conditions.append(["content-length-range", 0, max_bytes])
        if len(media_types) != 1:
            conditions.append(["starts-with", "$Content-Type", _common_start(media_types)])
        form = self._s3.generate_presigned_post(
            Bucket=self._intake,
            Key=key,
            Fields=fields,
            Conditions=conditions,
            ExpiresIn=FORM_SECONDS,
        )
        return UploadForm(
            url=form["url"],
            fields=form["fields"],
            key=key,
            expires_at=now + timedelta(seconds=FORM_SECONDS),
            max_bytes=max_bytes,
        )

    def origins(self) -> tuple[str, ...]:
        """The web origins of the presigned forms and links: for the Content-Security-Policy."""
        form = self._s3.generate_presigned_post(Bucket=self._intake, Key="x")["url"]
        links = (
            self._s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "x"})
            for bucket in (self._archive, self._intake)
        )
        whole = (urlsplit(one) for one in (form, *links))
        return tuple(dict.fromkeys(f"{one.scheme}://{one.netloc}" for one in whole))

    # ── What is kept ────────────────────────────────────────────────────────────────────────────

    def put(self, key: str, data: bytes, media_type: str, *, filename: str = "") -> StoredFile:
        """Write a new object of the archive bucket (If-None-Match: *).

        The same bytes again answer the version stored first; other bytes under a taken key raise
        DuplicateError (``blob.taken``).
        """
        return self._put(key, data, media_type, filename)[0]

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
        lock = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": _whole_second(until)}
        stored, new = self._put(key, data, media_type, filename, lock)
        if not new:  # written before, perhaps by a run that laid no lock, or a shorter one
            self.lock(stored, until=until, mode=mode)
        return stored

    def _put(
        self,
        key: str,
        data: bytes,
        media_type: str,
        filename: str,
        lock: Mapping[str, Any] | None = None,
    ) -> tuple[StoredFile, bool]:
        """The stored version of these bytes under a key, and whether it is new."""
        digest = hashlib.sha256(data)
        version = ""
        new = False
        for _ in range(_TRIES):
            version = self._put_new(key, data, media_type, digest, lock or {})
            new = bool(version)
            version = version or self._same(key, digest)
            if version:
                break
        else:
            raise UnavailableError("unavailable", service="s3", reason="conflict", key=key)
        stored = StoredFile(
            key=key,
            version_id=version,
            sha256=digest.hexdigest(),
            size=len(data),
            media_type=media_type,
            filename=filename,
        )
        return stored, new

    def _put_new(
        self, key: str, data: bytes, media_type: str, digest: Any, lock: Mapping[str, Any]
    ) -> str:
        """The version of the new object, "" when the key is taken or being written."""
        with failures("s3", key=key):
            try:
                answer = self._s3.put_object(
                    Bucket=self._archive,
                    Key=key,
                    Body=data,
                    ContentType=media_type,
                    IfNoneMatch="*",
                    ChecksumSHA256=_checksum(digest),
                    **lock,
                )
            except ClientError as error:
                if code_of(error) in {"PreconditionFailed", "412", "ConditionalRequestConflict"}:
                    return ""
                raise
        return str(answer["VersionId"])

    def _same(self, key: str, digest: Any) -> str:
        """The version that stands under a key when its bytes are these; "" when it is gone."""
        with failures("s3", key=key):
            try:
                there = self._s3.head_object(Bucket=self._archive, Key=key, ChecksumMode="ENABLED")
            except ClientError as error:
                if code_of(error) == "404":
                    return ""
                raise
        if there.get("ChecksumSHA256") != _checksum(digest):
            raise DuplicateError("blob.taken", key=key)
        return str(there["VersionId"])

    def get(self, file: StoredFile) -> bytes:
        """The bytes of that version; NotFoundError, UnreadableError if the hash differs."""
        with failures("s3", key=file.key):
            try:
                answer = self._s3.get_object(
                    Bucket=self._archive, Key=file.key, VersionId=file.version_id
                )
                data: bytes = answer["Body"].read()
            except FlexibleChecksumError as error:
                raise UnreadableError("unreadable.altered", key=file.key) from error
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise UnreadableError("unreadable.altered", key=file.key)
        return data

    def lock(self, file: StoredFile, *, until: datetime, mode: str) -> None:
        """Put a version under Object Lock until a date (idempotent; never shortens or weakens).

        NotFoundError when the version is not there.
        """
        until = _whole_second(until)
        target = {"Bucket": self._archive, "Key": file.key, "VersionId": file.version_id}
        with failures("s3", key=file.key):
            held_mode, held_until = self._retention(target)
            longest = until if held_until is None else max(until, held_until)
            strongest = "COMPLIANCE" if "COMPLIANCE" in (mode, held_mode) else mode
            if (strongest, longest) == (held_mode, held_until):
                return
            self._s3.put_object_retention(
                **target, Retention={"Mode": strongest, "RetainUntilDate": longest}
            )

    def _retention(self, target: Mapping[str, str]) -> tuple[str, datetime | None]:
        try:
            held = self._s3.get_object_retention(**target)["Retention"]
        except ClientError as error:
            if code_of(error) == "NoSuchObjectLockConfiguration":
                return "", None
            raise
        return held["Mode"], held["RetainUntilDate"]

    def link(self, file: StoredFile, *, download: bool, seconds: int = 300) -> str:
        """A presigned GET of that version; ``download`` names the file and forces saving.

        Shown in the browser are only PDFs and images as such; XML and text as plain text.
        """
        return self._link(
            {"Bucket": self._archive, "Key": file.key, "VersionId": file.version_id},
            filename=file.filename or file.key.rsplit("/", 1)[-1],
            media_type=file.media_type,
            download=download,
            seconds=seconds,
        )

    def _link(
        self,
        target: Mapping[str, str],
        *,
        filename: str,
        media_type: str,
        download: bool,
        seconds: int,
    ) -> str:
        shown = served_type(media_type)
        saved = download or not shown
        parameters = {
            **target,
            "ResponseContentDisposition": content_disposition(filename, attachment=saved),
            "ResponseContentType": shown or "application/octet-stream",
        }
        link: str = self._s3.generate_presigned_url(
            "get_object", Params=parameters, ExpiresIn=seconds
        )
        return link


def _common_start(texts: Sequence[str]) -> str:
    """What all texts begin with, "" when nothing."""
    first, last = min(texts, default=""), max(texts, default="")
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((at for at, (one, other) in pairs if one != other), len(first))]


def _whole_second(at: datetime) -> datetime:
    """The next whole second: what S3 stores must compare equal to what was asked."""
    return at if at.microsecond == 0 else at.replace(microsecond=0) + timedelta(seconds=1)


def _checksum(digest: Any) -> str:
    """A SHA-256 as S3 writes it."""
    return base64.b64encode(digest.digest()).decode()
