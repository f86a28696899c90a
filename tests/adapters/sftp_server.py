"""A small SFTP server for tests: one folder of this machine, on paramiko's own server side.

It runs on threads of its own, on a free port of 127.0.0.1; its host key may be changed.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface


@dataclass
class Sftp:
    """What the server holds and how it behaves; ``said`` is what was asked of it."""

    folder: Path
    host_key: paramiko.PKey
    user: str = "cabinet"
    password: str = "mot de passe"
    public_key: str = ""  # base64 of the key that opens too
    read_only: bool = False
    plain_rename: bool = False  # no posix-rename extension
    said: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def files(self) -> dict[str, bytes]:
        """Every file by its path."""
        return {
            one.relative_to(self.folder).as_posix(): one.read_bytes()
            for one in sorted(self.folder.rglob("*"))
            if one.is_file()
        }


class _Door(paramiko.ServerInterface):
    def __init__(self, held: Sftp) -> None:
        self.held = held

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        self.held.said.append(f"password of {username}")
        right = (username, password) == (self.held.user, self.held.password)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.held.said.append(f"key of {username}")
        right = (username, key.get_base64()) == (self.held.user, self.held.public_key)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Handle(SFTPHandle):
    def stat(self) -> SFTPAttributes:
        return SFTPAttributes.from_stat(os.fstat(self.writefile.fileno()))


class _Files(SFTPServerInterface):
    def __init__(self, server: _Door, *args: object) -> None:
        self.held = server.held

    def _place(self, path: str) -> Path:
        return self.held.folder / self.canonicalize(path).lstrip("/")

    def _done(self, act):  # type: ignore[no-untyped-def]
        try:
            act()
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def stat(self, path: str):  # type: ignore[no-untyped-def]
        try:
            return SFTPAttributes.from_stat(os.stat(self._place(path)))
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr):  # type: ignore[no-untyped-def]
        self.held.said.append(f"open {path}")
        if self.held.read_only:
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            descriptor = os.open(self._place(path), flags, 0o600)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)
        handle = _Handle(flags)
        handle.writefile = os.fdopen(descriptor, "wb")
        return handle

    def remove(self, path: str) -> int:
        self.held.said.append(f"remove {path}")
        return self._done(lambda: self._place(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> int:
        self.held.said.append(f"rename {newpath}")
        if self._place(newpath).exists():
            return paramiko.SFTP_FAILURE  # as SFTP 3 says
        return self._done(lambda: self._place(oldpath).rename(self._place(newpath)))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if self.held.plain_rename:
            return paramiko.SFTP_OP_UNSUPPORTED
        return self._done(lambda: self._place(oldpath).replace(self._place(newpath)))


@contextmanager
def sftp_server(folder: Path) -> Iterator[Sftp]:
    """The server, until the block ends."""
    folder.mkdir(exist_ok=True)
    held = Sftp(folder=folder, host_key=paramiko.ECDSAKey.generate())
    listener = socket.create_server(("127.0.0.1", 0))
    held.port = listener.getsockname()[1]
    open_: list[paramiko.Transport] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                wire, _peer = listener.accept()
                transport = paramiko.Transport(wire)
                open_.append(transport)
                transport.add_server_key(held.host_key)
                transport.set_subsystem_handler("sftp", SFTPServer, _Files)
                with suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=_Door(held))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in open_:
            one.close()
        thread.join(5)
