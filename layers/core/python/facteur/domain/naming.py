"""Names: identifiers that follow from what they name, and file names that others gave.

A mail delivered twice, a flow listed again, an upload sent once more under its sender's own name:
each finds what the first made, with nothing to look up (decision 0042). Doing a thing twice then
makes one thing.
"""

import hashlib

_LENGTH = 26  # as the identifiers that are drawn


def derived(*parts: str) -> str:
    """The identifier that these parts always give: 26 hexadecimal characters.

    Parts stand apart by « | »: one of them at most may hold what somebody else wrote.
    """
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:_LENGTH]


#: The longest file name that is kept, and the longest end of it that is taken for a suffix.
_MOST, _SUFFIX = 200, 10


def file_name(given: str) -> str:
    """A file's name without folders nor control characters, shortened before its suffix; may be
    ""."""
    clean = "".join(one for one in given if one.isprintable())
    name = clean.replace("\\", "/").rsplit("/", 1)[-1].strip()
    stem, dot, suffix = name.rpartition(".")
    if len(name) <= _MOST or not dot or len(suffix) > _SUFFIX:
        return name[:_MOST]
    return f"{stem[: _MOST - len(suffix) - 1]}.{suffix}"
