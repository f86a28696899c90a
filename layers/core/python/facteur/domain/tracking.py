"""The name under which something leaves for a platform: ours, known before anything is sent.

A platform finds a flow by it, so it tells whether a submission that got no answer was taken (D08).
AFNOR 1.2.0 takes 36 characters, 1.3.0 takes 64.
"""

import hashlib

_MOST = 36


def tracking_of(name: str) -> str:
    """The tracking identifier of what is sent: its own name where that is short enough.

    ``own:`` before a status's name is left out; a long name becomes its hash.
    """
    plain = name.removeprefix("own:")
    if len(plain) <= _MOST and all(one.isalnum() or one in "-_" for one in plain):
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()[:32]
