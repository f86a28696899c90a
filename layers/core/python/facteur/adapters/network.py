"""Where a server that a user names may stand: on the public Internet, nowhere else.

A mailbox or an SFTP server is no way into the network that we run in (SSRF): the name is looked up
once, all its addresses must be public, and the connection goes to the one that was checked, so
that no second look-up answers another.
"""

import socket

from facteur.domain.errors import InvalidError
from facteur.domain.networks import is_public


def public_address(host: str, port: int, code: str) -> str:
    """An address of the host; InvalidError(``code``) unless all of them are public; OSError."""
    found = [one[4][0] for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(is_public(str(one)) for one in found):
        raise InvalidError((), code=code)
    return str(found[0])
