"""A large object written to S3 as it is made: multipart upload, one part in memory at a time.

A ZIP of a thousand invoices is never whole anywhere but in S3. What is smaller than one part is
sent in one call; what fails is aborted, so that no half upload is paid for.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html (parts of 5 MiB at
least but the last, 10,000 at most).
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from facteur.adapters.aws.failures import failures

PART = 8 * 1024 * 1024


class PassingWriter(io.RawIOBase):
    """What is written goes to S3 part by part; ``size`` and ``sha256`` tell of the whole."""

    def __init__(self, s3: Any, target: dict[str, str], media_type: str) -> None:
        super().__init__()
        self._s3, self._target, self._media_type = s3, target, media_type
        self._buffer = bytearray()
        self._upload = ""
        self._parts: list[dict[str, Any]] = []
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written so far, hex."""
        return self._digest.hexdigest()

    def writable(self) -> bool:
        """True: bytes only go in."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; send a part when there is one."""
        taken = bytes(data)
        self._buffer += taken
        self._digest.update(taken)
        self.size += len(taken)
        while len(self._buffer) >= PART:
            self._send(bytes(self._buffer[:PART]))
            del self._buffer[:PART]
        return len(taken)

    def _send(self, part: bytes) -> None:
        with failures("s3", key=self._target["Key"]):
            if not self._upload:
                answer = self._s3.create_multipart_upload(
                    **self._target, ContentType=self._media_type
                )
                self._upload = answer["UploadId"]
            number = len(self._parts) + 1
            answer = self._s3.upload_part(
                **self._target, UploadId=self._upload, PartNumber=number, Body=part
            )
            self._parts.append({"ETag": answer["ETag"], "PartNumber": number})

    def finish(self) -> None:
        """Send what is left: from then on the object exists."""
        with failures("s3", key=self._target["Key"]):
            if not self._upload:
                self._s3.put_object(
                    **self._target, Body=bytes(self._buffer), ContentType=self._media_type
                )
                return
            if self._buffer:
                self._send(bytes(self._buffer))
            self._s3.complete_multipart_upload(
                **self._target, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
            )

    def abort(self) -> None:
        """Nothing of it stays."""
        if self._upload:
            with failures("s3", key=self._target["Key"]):
                self._s3.abort_multipart_upload(**self._target, UploadId=self._upload)


@contextmanager
def passing(s3: Any, bucket: str, key: str, media_type: str) -> Iterator[PassingWriter]:
    """A writer whose object exists when the block ends well, and not at all when it raises."""
    writer = PassingWriter(s3, {"Bucket": bucket, "Key": key}, media_type)
    try:
        yield writer
    except BaseException:
        writer.abort()
        raise
    writer.finish()
