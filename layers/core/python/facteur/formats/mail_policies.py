"""How mails are parsed: the standard library's two policies, on headers that are cut first.

Its parser takes a minute for half a megabyte of encoded words, and recurses on brackets.
"""

from email import policy
from functools import lru_cache

MAX_HEADER = 4000  # characters of one header: RFC 5322 knows lines of 998


class _Modern(policy.EmailPolicy):
    """The standard policy on bounded headers."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of a header, cut."""
        return _bounded(super().header_source_parse(sourcelines))

    def header_fetch_parse(self, name: str, value: str) -> str:
        """A header as an object, parsed once: a part is asked for its type ten times."""
        return _parsed(name, value)


@lru_cache(maxsize=64)
def _parsed(name: str, value: str) -> str:
    parsed: str = policy.default.header_fetch_parse(name, value)
    return parsed


class _Plain(policy.Compat32):
    """The old policy, which looks into no header while it parses: for what the other refuses."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of a header, cut."""
        return _bounded(super().header_source_parse(sourcelines))


MODERN, PLAIN = _Modern(), _Plain()


def _bounded(header: tuple[str, str]) -> tuple[str, str]:
    """A header, cut; its bytes outside ASCII (surrogates here) are UTF-8, else Windows-1252."""
    name, value = header[0], header[1][:MAX_HEADER]
    if value.isascii():
        return name, value
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return name, raw.decode("utf-8")
    except UnicodeDecodeError:
        return name, raw.decode("cp1252", "replace")
