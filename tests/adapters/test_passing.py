"""Large passing objects: written part by part, whole or not at all."""

import hashlib
import io
import zipfile
from typing import Any, cast

import pytest
from facteur import bootstrap, config
from facteur.adapters.aws.passing import PART

from tests.emulator import Platform

KEY = "exports/d/x/1.zip"


def _stored(platform: Platform) -> list[str]:
    s3 = platform.client("s3")
    listed = s3.list_objects_v2(Bucket=platform["FACTEUR_INTAKE_BUCKET"], Prefix="exports/")
    return [one["Key"] for one in listed.get("Contents", ())]


@pytest.mark.parametrize("size", [0, 10, PART, 2 * PART + 12_345])
def test_what_is_written_is_there_at_the_end(platform: Platform, size: int) -> None:
    """Small in one call, large in parts: the same bytes, their size and hash told."""
    blobs = bootstrap.context(config.load(platform.environment)).blobs
    data = bytes(range(256)) * (size // 256) + b"\x07" * (size % 256)
    with blobs.passing(KEY, "application/zip") as target:
        for start in range(0, len(data), 1_000_003):
            assert target.write(data[start : start + 1_000_003])
        assert _stored(platform) == []  # nothing before the end
    assert (target.size, target.sha256) == (size, hashlib.sha256(data).hexdigest())
    s3 = platform.client("s3")
    got = s3.get_object(Bucket=platform["FACTEUR_INTAKE_BUCKET"], Key=KEY)["Body"].read()
    assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()


def test_what_fails_leaves_nothing_behind(platform: Platform) -> None:
    """No object, and no half upload that somebody pays for."""
    blobs = bootstrap.context(config.load(platform.environment)).blobs

    def fail() -> None:
        with blobs.passing(KEY, "application/zip") as target:
            target.write(bytes(PART + 1))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    s3 = platform.client("s3")
    pending = s3.list_multipart_uploads(Bucket=platform["FACTEUR_INTAKE_BUCKET"])
    assert (_stored(platform), pending.get("Uploads", [])) == ([], [])


def test_a_zip_is_written_straight_to_it(platform: Platform) -> None:
    """zipfile needs neither to go back nor to know the end."""
    blobs = bootstrap.context(config.load(platform.environment)).blobs
    with (
        blobs.passing(KEY, "application/zip") as target,
        zipfile.ZipFile(cast("Any", target), "w", zipfile.ZIP_STORED) as archive,
    ):
        archive.writestr("a.bin", bytes(PART))
        archive.writestr("b.txt", "b")
    s3 = platform.client("s3")
    got = s3.get_object(Bucket=platform["FACTEUR_INTAKE_BUCKET"], Key=KEY)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(got)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.bin", "b.txt"]
