"""A JSON object that somebody sent: bounded, and an object or nothing."""

import json
from typing import Any

from facteur.domain.errors import InvalidError

MOST_BODY = 256 * 1024  # bytes: files never come this way


def object_of(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body; InvalidError (``json.invalid``) for anything else."""
    if len(raw) > MOST_BODY:
        raise InvalidError((), code="json.invalid")
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise InvalidError((), code="json.invalid") from None
    if not isinstance(value, dict):
        raise InvalidError((), code="json.invalid")
    return value
