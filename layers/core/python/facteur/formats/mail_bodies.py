"""What a mail says: the bodies of its parts as text, and when it was sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from facteur.domain.letters import Block
from facteur.formats.html_text import MOST_TEXT, blocks, plain_blocks


def decoded(part: Message, data: bytes) -> str:
    """The text of a body in the charset that it names, else UTF-8, else Windows-1252."""
    try:
        named = part.get_content_charset() or "utf-8"
    except Exception:  # the standard parser raises many things on hostile RFC 2231 parameters
        named = "utf-8"
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
