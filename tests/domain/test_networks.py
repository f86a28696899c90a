"""Where an address that somebody types may lead, by its text alone."""

import pytest
from facteur.domain.networks import is_host, is_public, may_be_called


@pytest.mark.parametrize(
    "url",
    [
        "https://logiciel.example/rappel",
        "https://logiciel.example:8443/rappel?dossier=1&jeton=a%20b",
        "https://LOGICIEL.example",
        "https://xn--caf-dma.example/",
        "https://93.184.216.34/x",
        "https://[2606:4700::1111]/x",
    ],
)
def test_a_public_address_may_be_called(url: str) -> None:
    """A name or a public address, a port, a path and a query."""
    assert may_be_called(url, nearby=False)
    assert may_be_called(url, nearby=True)


@pytest.mark.parametrize(
    "url",
    [
        "", "https://", "https:///x", "https://a b/", "https://a.example/x y", "ftp://a.example",
        "https://a.example/\nx", "https://a.\texample/", "https://a.example/\x7f", "a.example",
        "https://user:pw@a.example/", "https://user@a.example/", "https://@a.example/",
        "https://a.example:99999/", "https://a.example:0/", "https://a.example:x/",
        "https://[::1/", "https://[a.example]/", "https://-a.example/", "https://a..example/",
        "https://café.example/", "https://a.example/#part", "https://a\\b.example/",
        "http://a.example/", "https://169.254.169.254/latest/meta-data", "https://[fe80::1]/",
        "https://127.1/", "https://2130706433/", "https://0x7f000001.1/",
    ],
)  # fmt: skip
def test_what_is_no_address_to_call_is_refused_everywhere(url: str) -> None:
    """Nothing but https to a host; no password to show; no link-local address."""
    assert not may_be_called(url, nearby=False)
    assert not may_be_called(url, nearby=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x", "https://10.0.0.8/x", "https://192.168.1.4/", "https://[::1]/",
        "https://localhost/x", "https://serveur/x", "https://[::ffff:10.0.0.1]/",
        "http://localhost:8000/x", "http://127.0.0.1:9/x",
    ],
)  # fmt: skip
def test_our_own_network_is_called_on_a_laptop_only(url: str) -> None:
    """In the cloud the network around us is nobody's to call."""
    assert not may_be_called(url, nearby=False)
    assert may_be_called(url, nearby=True)


def test_an_address_is_public_whatever_it_is_wrapped_in() -> None:
    """IPv4 inside IPv6: mapped, 6to4, NAT64."""
    assert is_public("93.184.216.34")
    for one in ("10.0.0.1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "224.0.0.1"):
        assert not is_public(one), one


def test_a_host_s_name_is_letters_digits_and_dashes() -> None:
    """As RFC 1123 has it, 253 characters at most."""
    assert is_host("sftp.cabinet-duval.example")
    for one in ("", "a_b.example", "-a.example", "a..example", "a.example.", "a" * 64, "é.fr"):
        assert not is_host(one), one
    assert not is_host(".".join(["a" * 60] * 5))
