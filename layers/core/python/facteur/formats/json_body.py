"""A JSON object that somebody sent: bounded, and an object or nothing; amounts and days in it.

What Python's reader lets through and nothing after it can carry is refused here: half a surrogate
pair (RFC 8259 §8.2), which is no text in UTF-8; NaN and Infinity, which are no JSON (§6).
"""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from facteur.domain.errors import InvalidError

MOST_BODY = 256 * 1024  # bytes: files never come this way

# Python's own readers take more: "1_000", the digits of every script, the weeks of ISO 8601.
_AMOUNT = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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


def amount_of(text: str) -> Decimal | None:
    """An amount as programs write it, ``-1312.80``; None for anything else."""
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def day_of(text: str) -> date | None:
    """A day as programs write it (RFC 3339), ``2026-11-20``; None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
