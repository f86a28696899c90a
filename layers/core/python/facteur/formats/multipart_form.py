"""The parts of a multipart/form-data body (RFC 7578), byte for byte, within bounds.

The package ``multipart`` parses; here its bounds are set and its errors become ours.
"""

import io
from dataclasses import dataclass

from facteur.domain.errors import InvalidError

MOST_PARTS = 10
_HEADERS = 8  # lines of one part
_MEMORY = 64 * 1024 * 1024  # the body is in memory already: nothing is written on disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: its bytes, and what its headers say."""

    data: bytes
    media_type: str = ""
    filename: str = ""


def parts_of(body: bytes, content_type: str, *, most: int = MOST_PARTS) -> dict[str, Part]:
    """The parts by name, the first of each; InvalidError (``multipart.invalid``).

    Strict: what is no whole multipart body is refused, not guessed.
    """
    import multipart  # noqa: PLC0415 - one route in a hundred needs it

    kind, options = multipart.parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind.lower() != "multipart/form-data" or not boundary:
        raise InvalidError((), code="multipart.invalid")
    found: dict[str, Part] = {}
    try:
        parser = multipart.MultipartParser(
            io.BytesIO(body),
            boundary,
            content_length=len(body),
            spool_limit=_MEMORY,
            memory_limit=_MEMORY,
            disk_limit=0,
            part_limit=most,
            header_limit=_HEADERS,
            strict=True,
        )
        for part in parser:
            kept = Part(
                data=part.raw,
                media_type=(part.content_type or "").lower(),
                filename=part.filename or "",
            )
            found.setdefault(part.name, kept)
            part.close()
    except (multipart.MultipartError, ValueError) as error:
        raise InvalidError((), code="multipart.invalid") from error
    return found
