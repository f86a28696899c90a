"""The two headers that decide what a client does with a file of ours.

``Content-Disposition`` names the file (RFC 6266, RFC 8187): an ASCII name for old clients, then
the real one in UTF-8, percent-encoded. A name comes from a stranger's mail: it keeps no control
character, no quote and no path, so it can neither add a header nor choose a folder.

``Content-Type`` is one of a short list: what may run scripts (HTML, SVG, XML with a style sheet)
is shown as plain text or saved, never rendered under our buckets' origin.
"""

import unicodedata
from urllib.parse import quote

_LONGEST = 150  # characters of a name
_SHOWN_AS_IS = frozenset({
    "application/pdf", "image/png", "image/jpeg", "image/webp", "image/tiff", "image/heic",
})  # fmt: skip
_SHOWN_AS_TEXT = frozenset({"application/xml", "text/xml", "application/json", "text/plain"})
_NOT_IN_A_NAME = frozenset('/\\:*?"<>|%;')


def content_disposition(filename: str, *, attachment: bool) -> str:
    """The header for a file: saved (attachment) or shown (inline), under this name."""
    name = safe_name(filename)
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(one if one.isalnum() or one in " ._-()" else "_" for one in flat)
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain or 'document'}\"; filename*=UTF-8''{quote(name, safe='')}"


def safe_name(filename: str) -> str:
    """A file name without control characters, separators or leading dots; never empty, short."""
    kept = "".join(
        "_" if one in _NOT_IN_A_NAME else one
        for one in filename.encode(errors="replace").decode()
        if unicodedata.category(one)[0] not in "CZ" or one == " "
    )
    kept = kept.strip().lstrip(".").strip() or "document"
    stem, dot, suffix = kept.rpartition(".")
    if dot and len(suffix) <= 10:
        return f"{stem[: _LONGEST - len(suffix)]}.{suffix}"
    return kept[:_LONGEST]


def served_type(media_type: str) -> str:
    """The type to answer with when a file is shown, "" when it may only be saved."""
    plain = media_type.partition(";")[0].strip().lower()
    if plain in _SHOWN_AS_IS:
        return plain
    return "text/plain; charset=utf-8" if plain in _SHOWN_AS_TEXT else ""
