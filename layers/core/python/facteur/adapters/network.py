"""Where a server that a user names may stand: on the public Internet, nowhere else.

A mailbox or an SFTP server is no way into the network that we run in (SSRF): the name is looked up
once, all its addresses must be public, and the connection goes to the one that was checked, so
that no second look-up answers another.
"""

import ipaddress
import socket

from facteur.domain.errors import InvalidError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits


def public_address(host: str, port: int, code: str) -> str:
    """An address of the host; InvalidError(``code``) unless all of them are public; OSError."""
    found = [one[4][0] for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(is_public(str(one)) for one in found):
        raise InvalidError((), code=code)
    return str(found[0])


def is_public(text: str) -> bool:
    """True for an address of the public Internet, whatever it is wrapped in."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return inside.is_global and not inside.is_multicast
    return address.is_global and not address.is_multicast
