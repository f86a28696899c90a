"""What a mail says: the bodies of its parts as text, and when it was sent."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from facteur.domain.letters import Block
from facteur.formats.html_text import MOST_TEXT, blocks, plain_blocks

_CHARSET = re.compile(r"\bcharset\s*=\s*[\"']?([A-Za-z0-9._:+-]{1,40})", re.IGNORECASE)


def decoded(content_type: str, data: bytes) -> str:
    """The text of a body in the charset that its type names, else UTF-8, else Windows-1252."""
    found = _CHARSET.search(content_type)
    named = found[1] if found else "utf-8"
    for charset in (named, "utf-8"):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):  # a charset nobody knows, or which is not this one
            continue
    return data.decode("cp1252", "replace")


def joined(texts: Sequence[str]) -> str:
    """Bodies one after the other, bounded."""
    return "\n".join(texts)[:MOST_TEXT]


def blocks_of(html: str, text: str) -> tuple[Block, ...]:
    """What the HTML says, else the plain text."""
    return blocks(html) or plain_blocks(text)


def sent_at(header: str) -> datetime | None:
    """A Date header (RFC 5322 §3.6.1) in UTC; None when it says nothing readable."""
    try:
        at = parsedate_to_datetime(header)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
