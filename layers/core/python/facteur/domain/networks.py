"""Where an address that somebody types may lead: to a name, or to the public Internet.

What a user or a program names (a server, a mailbox, an address to call back) is no way into the
network that we run in (SSRF). Here the text alone is judged; what a name stands for is looked up
where the connection is made (adapters/network.py, adapters/connectors/http.py).

Sources: RFC 3986 §3.2 (authority), RFC 1123 §2.1 (host names), RFC 6052 (NAT64).
"""

import ipaddress
import re
from urllib.parse import urlsplit

#: Names of the machine itself.
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
_VISIBLE = re.compile(r"[!-~]+")  # no blank, no line break, which urlsplit would pass over


def is_host(name: str) -> bool:
    """True for what may be a host's name, in small letters."""
    return len(name) <= 253 and _HOST.fullmatch(name) is not None


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


def may_be_called(url: str, *, nearby: bool) -> bool:
    """True for an address that a program may ask to be called at.

    ``https`` to a name or to a public address, without user and password, which would be shown,
    and without fragment, which is never sent. ``nearby``: on a laptop its own programs are called
    too, by plain ``http``, and so are those of its network; never a link-local address, where
    clouds keep their secrets.
    """
    if not _VISIBLE.fullmatch(url) or "#" in url:
        return False
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:  # brackets that do not close, a port that is none
        return False
    if port == 0 or "@" in parts.netloc or not _may_be_host(host, nearby=nearby):
        return False
    return parts.scheme == "https" or (nearby and parts.scheme == "http" and host in OWN_NAMES)


def _may_be_host(host: str, *, nearby: bool) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        named = is_host(host) and not host.rpartition(".")[2].isdigit()  # 127.1 is no name
        return named and (nearby or (host not in OWN_NAMES and "." in host))
    return is_public(host) or (nearby and not address.is_link_local)
