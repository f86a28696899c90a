"""A JSON object that somebody sent: bounded, and an object or nothing.

What Python's reader lets through and nothing after it can carry is refused here: half a surrogate
pair (RFC 8259 §8.2), which is no text in UTF-8; NaN and Infinity, which are no JSON (§6).
"""

import json
from typing import Any, NoReturn

from facteur.domain.errors import InvalidError

MOST_BODY = 256 * 1024  # bytes: files never come this way


def object_of(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body; InvalidError (``json.invalid``) for anything else."""
    if len(raw) > MOST_BODY:
        raise InvalidError((), code="json.invalid")
    try:
        value = json.loads(raw, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise InvalidError((), code="json.invalid") from None
    if not isinstance(value, dict):
        raise InvalidError((), code="json.invalid")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
