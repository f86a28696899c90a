"""What the emulator does not do like AWS, mended where Facteur relies on it.

ministack 1.5.33 was probed call by call; these are the differences that matter to an archive.
Everything here reaches into private names of a pinned release:
`tests/local/test_emulator_durability.py` fails when a new release moves them.

- The bucket's default retention is not applied to multipart uploads and copies. AWS applies it:
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
- Versioning can be suspended on a bucket with Object Lock. AWS answers 409 InvalidBucketState.
- A version read by its identifier ignores `response-content-disposition` and the like: a presigned
  link to a sealed version would neither name nor save the file.
- CloudFormation ignores `ObjectLockEnabled` of AWS::S3::Bucket.
"""
# ruff: noqa: PLC0415 - ministack reads the environment when imported: never at our import
# ruff: noqa: SLF001 - a pinned release is corrected from the outside; tests watch the names

from collections.abc import Callable
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


def mend(emulator: Any) -> None:
    """Apply every correction to the imported emulator; call once, before it serves."""
    from ministack.services import s3

    _lock_multipart_and_copies(s3)
    _refuse_suspending_locked_buckets(s3)
    _override_headers_of_versions(s3)
    _mend_cloudformation_when_used(emulator, s3)


def _lock_multipart_and_copies(s3: Any) -> None:
    def locking(create: Callable[..., Answer]) -> Callable[..., Answer]:
        def wrapped(bucket: str, key: str, *args: Any, **kwargs: Any) -> Answer:
            answer = create(bucket, key, *args, **kwargs)
            headers = {name.lower(): value for name, value in answer[1].items()}
            version = headers.get("x-amz-version-id")
            locked = answer[0] == 200 and s3._bucket_object_lock.get(bucket)
            if locked and version and (bucket, key, version) not in s3._object_retention:
                s3._apply_object_lock_from_headers(bucket, key, {}, version)
            return answer

        return wrapped

    s3._complete_multipart_upload = locking(s3._complete_multipart_upload)
    s3._copy_object = locking(s3._copy_object)


def _refuse_suspending_locked_buckets(s3: Any) -> None:
    original = s3._put_bucket_versioning

    def put_bucket_versioning(name: str, body: bytes) -> Answer:
        if b"Suspended" in body and s3._bucket_object_lock.get(name):
            refusal: Answer = s3._error(
                "InvalidBucketState",
                "An Object Lock configuration is present on this bucket, "
                "so the versioning state cannot be changed.",
                409,
            )
            return refusal
        answer: Answer = original(name, body)
        return answer

    s3._put_bucket_versioning = put_bucket_versioning


def _override_headers_of_versions(s3: Any) -> None:
    original = s3._get_object

    def get_object(bucket: str, key: str, headers: Any, query: Any = None) -> Answer:
        answer: Answer = original(bucket, key, headers, query)
        if answer[0] == 200 and query and "versionId" in query:
            s3._apply_response_overrides(answer[1], query)
        return answer

    s3._get_object = get_object


def _mend_cloudformation_when_used(emulator: Any, s3: Any) -> None:
    # Its provisioners import fifty services: a second that only the rehearsal should pay.
    get_module = emulator._get_module

    def get_and_mend(name: str) -> Any:
        new = name == "cloudformation" and name not in emulator._loaded_modules
        module = get_module(name)
        if new:
            from ministack.services.cloudformation import provisioners

            _honour_object_lock_in_cloudformation(s3, provisioners)
        return module

    emulator._get_module = get_and_mend


def _honour_object_lock_in_cloudformation(s3: Any, provisioners: Any) -> None:
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    original = handlers["create"]

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        made = original(logical_id, props, stack_name)
        if str(props.get("ObjectLockEnabled", "")).lower() == "true":
            name = made[0]
            s3._bucket_object_lock[name] = {"enabled": True, "default_retention": None}
            s3._bucket_versioning[name] = "Enabled"
        return made

    handlers["create"] = create
