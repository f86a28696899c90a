"""SFTP servers that archived documents are written to."""

from collections.abc import Sequence
from typing import Protocol

from facteur.domain.servers import Credentials, Server


class SftpServers(Protocol):
    """Writes files to somebody else's server, after its host key is known to be the pinned one.

    Errors of both: InvalidError (``sftp.private``: it is not on the public Internet; ``sftp.key``:
    no private key that we read); ForbiddenError (``sftp.host_key``: not the pinned one, nothing
    was said to it; ``sftp.login``; ``sftp.forbidden``); NotFoundError (``sftp.folder``);
    UnavailableError (``sftp.unreachable``, ``sftp.broken``).
    """

    def probe(self, server: Server, given: Credentials, *, name: str) -> str:
        """Sign in, write and remove a small file called ``name``; the server's host key."""
        ...

    def send(self, server: Server, given: Credentials, files: Sequence[tuple[str, bytes]]) -> None:
        """Write the files, each whole under its name or not at all."""
        ...
