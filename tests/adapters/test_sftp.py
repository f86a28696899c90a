"""The SFTP adapter against a small server over real SSH, honest and changed."""

import io
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from facteur.adapters import network
from facteur.adapters.sftp import ParamikoServers
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.servers import Credentials, Server

from tests.adapters.sftp_server import Sftp, sftp_server

RIGHT = Credentials(password="mot de passe")
BYTES = bytes(range(256)) * 400  # more than one piece


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Sftp]:
    with sftp_server(tmp_path / "sftp") as running:
        (running.folder / "depot").mkdir()
        yield running


def server(held: Sftp, **changes: object) -> Server:
    bare = Server(host="127.0.0.1", port=held.port, user=held.user, secret="", folder="depot")
    return replace(bare, **changes)  # type: ignore[arg-type]


def servers() -> ParamikoServers:
    return ParamikoServers(private=True)


def test_a_test_pins_the_host_key_and_leaves_nothing(held: Sftp) -> None:
    """It signs in, writes and removes; what it answers has the fingerprint of the key."""
    found = servers().probe(server(held), RIGHT, name="essai.txt")
    assert found == f"{held.host_key.get_name()} {held.host_key.get_base64()}"
    assert server(held, host_key=found).fingerprint == held.host_key.fingerprint
    assert held.files == {}
    assert "remove /depot/essai.txt" in held.said


@pytest.mark.parametrize("plain_rename", [False, True])
def test_files_arrive_whole_and_a_second_try_takes_their_place(
    held: Sftp, plain_rename: bool
) -> None:
    """Byte for byte, nothing half-written left, once whatever the server's renaming is."""
    held.plain_rename = plain_rename
    for data in (b"%PDF first", BYTES):
        servers().send(server(held), RIGHT, (("F-1.pdf", data), ("F-1.xml", b"<x/>")))
    assert held.files == {"depot/F-1.pdf": BYTES, "depot/F-1.xml": b"<x/>"}
    opened = [one for one in held.said if one.startswith("open")]
    assert set(opened) == {"open /depot/.F-1.pdf.part", "open /depot/.F-1.xml.part"}


def test_another_host_key_is_refused_before_a_password_is_said(held: Sftp) -> None:
    """Of the same kind or of another: nothing is said to it, nothing is written."""
    pinned = servers().probe(server(held), RIGHT, name="essai.txt")
    held.said.clear()
    for changed in (paramiko.ECDSAKey.generate(), paramiko.RSAKey.generate(2048)):
        held.host_key = changed
        with pytest.raises(ForbiddenError) as told:
            servers().send(server(held, host_key=pinned), RIGHT, (("F-1.pdf", BYTES),))
        assert told.value.code == "sftp.host_key"
    assert held.said == []


def test_a_pinned_rsa_key_is_known_again(held: Sftp) -> None:
    """Its algorithms are not named as the key is (RFC 8332)."""
    held.host_key = paramiko.RSAKey.generate(2048)
    pinned = servers().probe(server(held), RIGHT, name="essai.txt")
    servers().send(server(held, host_key=pinned), RIGHT, (("F-1.pdf", b"1"),))
    assert list(held.files) == ["depot/F-1.pdf"]


@pytest.mark.parametrize("passphrase", ["", "phrase"])
def test_a_private_key_opens_too(held: Sftp, passphrase: str) -> None:
    """With its passphrase, when it has one; the password of somebody else does not help."""
    key = paramiko.RSAKey.generate(2048)
    text = io.StringIO()
    key.write_private_key(text, password=passphrase or None)
    held.public_key = key.get_base64()
    given = Credentials(key=text.getvalue(), password=passphrase)
    servers().send(server(held, by_key=True), given, (("F-1.pdf", b"1"),))
    assert list(held.files) == ["depot/F-1.pdf"]
    bad = replace(given, key=given.key.replace("A", "B"))
    with pytest.raises(InvalidError) as told:
        servers().send(server(held, by_key=True), bad, (("F-2.pdf", b"1"),))
    assert told.value.code == "sftp.key"


@pytest.mark.parametrize(
    ("changes", "given", "kind", "code"),
    [
        ({}, Credentials(password="autre"), ForbiddenError, "sftp.login"),
        ({"user": "autre"}, RIGHT, ForbiddenError, "sftp.login"),
        ({"folder": "ailleurs"}, RIGHT, NotFoundError, "sftp.folder"),
        ({"port": 1}, RIGHT, UnavailableError, "sftp.unreachable"),
        ({}, Credentials(key="no key"), InvalidError, "sftp.key"),
    ],
)
def test_what_does_not_work_says_which_field(
    held: Sftp, changes: dict[str, object], given: Credentials,
    kind: type[FacteurError], code: str,
) -> None:  # fmt: skip
    """Each failure has its own code, so that the page can say what to mend."""
    with pytest.raises(kind) as told:
        servers().probe(server(held, **changes), given, name="essai.txt")
    assert told.value.code == code
    assert held.files == {}


def test_a_folder_without_the_right_to_write_says_so(held: Sftp) -> None:
    """Not a wrong password, not a server that is away."""
    held.read_only = True
    with pytest.raises(ForbiddenError) as told:
        servers().probe(server(held), RIGHT, name="essai.txt")
    assert told.value.code == "sftp.forbidden"


def test_what_speaks_no_ssh_is_away(held: Sftp) -> None:
    """A web server on that port: an error of ours, soon, and no hang."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def answer() -> None:
            wire, _peer = listener.accept()
            wire.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100)
            wire.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        odd = server(held, port=listener.getsockname()[1])
        with pytest.raises(UnavailableError) as told:
            servers().probe(odd, RIGHT, name="essai.txt")
        thread.join(5)
    assert told.value.code == "sftp.unreachable"


def test_a_file_that_takes_too_long_is_given_up(held: Sftp) -> None:
    """A server that takes its time ends with ours; the name never holds a half."""
    times = iter(range(0, 10_000, 100))
    slow = ParamikoServers(private=True, now=lambda: float(next(times)))
    with pytest.raises(UnavailableError):
        slow.send(server(held), RIGHT, (("F-1.pdf", BYTES),))
    assert "depot/F-1.pdf" not in held.files


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.1.2.3", "::1",
     "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a00:1::", "224.0.0.1"],
)  # fmt: skip
def test_in_the_cloud_no_private_server_is_asked(
    held: Sftp, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Whatever the name answers, one private address among several is enough."""

    def look_up(host: str, port: int, **how: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (one, port)) for one in ("93.184.216.34", address)]

    monkeypatch.setattr(network.socket, "getaddrinfo", look_up)
    with pytest.raises(InvalidError) as told:
        ParamikoServers().probe(server(held, host="sftp.example"), RIGHT, name="essai.txt")
    assert told.value.code == "sftp.private"
    assert held.said == []
