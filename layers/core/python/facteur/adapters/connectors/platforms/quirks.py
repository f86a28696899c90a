"""How a platform differs from the standard, as data: what the registry says beside its kind.

A difference that no line here can say is a class of its own (Chorus Pro): the last resort.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What the client must know of a platform beside its addresses."""

    api_key_header: str = ""  # a second key, sent with every call
    scope: str = ""  # asked for with a token (RFC 6749 §3.3)


STANDARD = Quirks()
