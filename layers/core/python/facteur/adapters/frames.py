"""The words that parent and child processes say to each other over a pipe.

A message is a four-byte length, a JSON header, then the byte strings whose lengths the header
lists. JSON and plain bytes on purpose: a child that a hostile document has taken over must not be
able to run anything in its parent, which a pickle would allow. Both sides bound what they read.
"""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

LENGTH = struct.Struct(">I")
MAX_HEADER = 32 * 1024 * 1024
MAX_BLOBS = 400 * 1024 * 1024


class Message(NamedTuple):
    """What was said: ``words`` is JSON's data, ``blobs`` the byte strings beside it."""

    words: dict[str, Any]
    blobs: tuple[bytes, ...] = ()


class BrokenMessageError(Exception):
    """The other side stopped in the middle of a message, or said something impossible."""

    def __init__(self, what: str, detail: object = "") -> None:
        super().__init__(f"{what} {detail}".strip())


def pack(message: Message) -> list[bytes]:
    """The message as byte strings to write one after the other (no copy of the big ones)."""
    header = json.dumps(
        {**message.words, "blobs": [len(blob) for blob in message.blobs]}, ensure_ascii=False
    ).encode(errors="replace")  # file names in PDFs may hold half a surrogate pair
    return [LENGTH.pack(len(header)), header, *message.blobs]


def unpack(read: Callable[[int], bytes]) -> Message:
    """The next message from ``read(n)``, which answers exactly n bytes.

    BrokenMessageError when the lengths make no sense; what ``read`` raises passes through.
    """
    (length,) = LENGTH.unpack(read(LENGTH.size))
    if length > MAX_HEADER:
        raise BrokenMessageError("a header of too many bytes:", length)
    try:
        words = json.loads(read(length))
        sizes = _sizes(words.pop("blobs"))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise BrokenMessageError("not a header:", error) from error
    return Message(words, tuple(read(size) for size in sizes))


def _sizes(sizes: Sequence[int]) -> Sequence[int]:
    """The lengths of the blobs, when each and their sum are possible."""
    if any(not isinstance(size, int) or size < 0 for size in sizes) or sum(sizes) > MAX_BLOBS:
        raise BrokenMessageError("blobs of impossible size")
    return sizes
