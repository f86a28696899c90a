"""The SftpServers port on paramiko (LGPL), bounded.

The connection goes to an address that was checked; the host key is compared before anything is
said of who we are. Only the kind of key that was pinned is negotiated, so that a server with
several keys, or a later release of the library, does not look like a change. A file is written
beside its name, acknowledged piece by piece, then renamed: whoever collects there never takes half
of one. Each wait is bounded, and the whole conversation too.

Sources: draft-ietf-secsh-filexfer-02 (SFTP 3); OpenSSH's posix-rename@openssh.com; RFC 8332.
"""

import io
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import paramiko

from facteur.adapters.network import public_address
from facteur.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.servers import Credentials, Server

SECONDS_TO_ANSWER = 15  # for the connection, each step of signing in and each answer
SECONDS_IN_ALL = 150
_PIECE = 32_768  # bytes: what every server takes at once
_KEYS: tuple[type[paramiko.PKey], ...] = (
    paramiko.Ed25519Key,
    paramiko.ECDSAKey,
    paramiko.RSAKey,
)
#: The algorithms that sign with an RSA key (RFC 8332); others are named as their key.
_RSA = ("rsa-sha2-512", "rsa-sha2-256")


class ParamikoServers:
    """Implements facteur.ports.SftpServers."""

    def __init__(
        self, *, private: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        """``private``: servers of private networks may be reached: on one's own machine only."""
        self._private = private
        self._now = now

    def probe(self, server: Server, given: Credentials, *, name: str) -> str:
        """Sign in, write and remove a small file; the host key as « type base64 »."""
        with self._open(server, given) as (sftp, host_key, _deadline):
            with sftp.open(name, "wb") as file:
                file.write(b"Facteur\r\n")
            with suppress(OSError):  # a drop box may let us write and nothing else
                sftp.remove(name)
        return host_key

    def send(self, server: Server, given: Credentials, files: Sequence[tuple[str, bytes]]) -> None:
        """Write the files, each whole under its name."""
        with self._open(server, given) as (sftp, _host_key, deadline):
            for name, data in files:
                self._write(sftp, name, data, server.host, deadline)

    def _write(
        self, sftp: paramiko.SFTPClient, name: str, data: bytes, host: str, deadline: float
    ) -> None:
        part = f".{name}.part"
        with sftp.open(part, "wb") as file:
            for start in range(0, len(data), _PIECE):
                if self._now() > deadline:
                    raise UnavailableError("sftp.unreachable", host=host, reason="deadline")
                file.write(data[start : start + _PIECE])
        try:
            sftp.posix_rename(part, name)
        except OSError:  # a server without that extension renames to a name that is free
            with suppress(OSError):
                sftp.remove(name)
            sftp.rename(part, name)

    @contextmanager
    def _open(
        self, server: Server, given: Credentials
    ) -> Iterator[tuple[paramiko.SFTPClient, str, float]]:
        """A session in the server's folder, what its host key is, and when time is over."""
        deadline = self._now() + SECONDS_IN_ALL
        key = _private_key(given) if given.key else None
        with _translated(server), _connection(self._address(server), server.port) as wire:
            transport = paramiko.Transport(wire)
            try:
                host_key = _greeted(transport, server)
                _sign_in(transport, server, given, key)
                sftp = paramiko.SFTPClient.from_transport(transport)
                if sftp is None:
                    raise UnavailableError("sftp.broken", host=server.host)
                channel = sftp.get_channel()
                if channel is not None:
                    channel.settimeout(SECONDS_TO_ANSWER)
                if server.folder:
                    sftp.chdir(server.folder)
                yield sftp, host_key, deadline
            finally:
                transport.close()

    def _address(self, server: Server) -> str:
        if self._private:
            return server.host
        return public_address(server.host, server.port, "sftp.private")


@contextmanager
def _connection(address: str, port: int) -> Iterator[socket.socket]:
    with socket.create_connection((address, port), SECONDS_TO_ANSWER) as wire:
        yield wire


@contextmanager
def _translated(server: Server) -> Iterator[None]:
    """Our errors for the library's and the system's."""
    try:
        yield
    except PermissionError as error:
        raise ForbiddenError("sftp.forbidden", host=server.host) from error
    except FileNotFoundError as error:
        raise NotFoundError("sftp.folder", folder=server.folder) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        reason = type(error).__name__
        raise UnavailableError("sftp.unreachable", host=server.host, reason=reason) from error


def _greeted(transport: paramiko.Transport, server: Server) -> str:
    """Agree on keys with the server; its host key. ForbiddenError unless it is the pinned one."""
    transport.banner_timeout = SECONDS_TO_ANSWER
    transport.handshake_timeout = SECONDS_TO_ANSWER
    transport.auth_timeout = SECONDS_TO_ANSWER
    kind = server.host_key.partition(" ")[0]
    if kind:
        wanted = _RSA if kind == "ssh-rsa" else (kind,)
        options = transport.get_security_options()
        options.key_types = tuple(one for one in options.key_types if one in wanted)
    try:
        transport.start_client(timeout=SECONDS_TO_ANSWER)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        if kind:  # it has no key of the pinned kind any more
            raise ForbiddenError("sftp.host_key", host=server.host) from error
        raise UnavailableError("sftp.broken", host=server.host) from error
    key = transport.get_remote_server_key()
    found = f"{key.get_name()} {key.get_base64()}"
    if kind and found != server.host_key:
        raise ForbiddenError("sftp.host_key", host=server.host)
    return found


def _sign_in(
    transport: paramiko.Transport, server: Server, given: Credentials, key: paramiko.PKey | None
) -> None:
    try:
        if key is not None:
            transport.auth_publickey(server.user, key)
        else:
            transport.auth_password(server.user, given.password)
    except paramiko.AuthenticationException as error:
        raise ForbiddenError("sftp.login", host=server.host) from error
    if not transport.is_authenticated():  # it wants a second proof, which we do not have
        raise ForbiddenError("sftp.login", host=server.host)


def _private_key(given: Credentials) -> paramiko.PKey:
    """The private key of a text; InvalidError (``sftp.key``) when it is none, or stays closed."""
    for kind in _KEYS:
        try:
            return kind.from_private_key(io.StringIO(given.key), given.password or None)
        except (paramiko.SSHException, ValueError, TypeError, IndexError):
            continue
    raise InvalidError((), code="sftp.key")
