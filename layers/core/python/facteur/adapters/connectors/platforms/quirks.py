"""How a platform differs from the standard, as data: what the registry says beside its kind.

A difference that no line here can say is a class of its own (Chorus Pro): the last resort.
"""

import base64
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What the client must know of a platform beside its addresses."""

    api_key_header: str = ""  # a second key, sent with every call
    api_key_in_base64: bool = False
    scope: str = ""  # asked for with a token (RFC 6749 §3.3)

    def headers(self, *, organization: str, api_key: str) -> dict[str, str]:
        """What is sent with every call beside the token."""
        made = {"Organization-Id": organization} if organization else {}
        if self.api_key_header and api_key:
            key = (
                base64.b64encode(api_key.encode()).decode() if self.api_key_in_base64 else api_key
            )
            made[self.api_key_header] = key
        return made


STANDARD = Quirks()
