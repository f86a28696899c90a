"""SFTP servers that archived documents go to (PE-22): who they are, and what proves it.

A server is known by its host key. Nobody can vouch for the first one that is seen, so the first
test pins it and the page shows its fingerprint, in the form that ``ssh-keygen -l`` prints, to be
compared with what the server's owner says. From then on another key is refused, whatever the
reason: a person says that the change is right.

Sources: RFC 4251 §4.1 (host keys), RFC 4253 §6.6; OpenSSH's fingerprints (SHA-256, base64).
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from facteur.domain.faults import Fault
from facteur.domain.networks import is_host

PORT = 22
_PATIENCE = timedelta(minutes=10)
MOST_SECRET = 3600  # characters of a password, or of a key in PEM: what the key service encrypts
MOST_BYTES = 120 * 1024 * 1024  # of one document's files: what is uploaded, twice
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s.+-----END [A-Z ]*PRIVATE KEY-----", re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where files go by SFTP. Its secret is sealed (ports.Secrets), and never shown again."""

    host: str
    user: str
    secret: str  # sealed for the dossier: ``Credentials`` as JSON
    port: int = PORT
    folder: str = ""  # on the server; "" where it lets us in
    by_key: bool = False  # a private key, not a password
    host_key: str = ""  # « ssh-ed25519 AAAA… », "" before the first test
    asked_at: datetime | None = None  # the test that runs, None when none does
    tried_at: datetime | None = None  # the last test that ended
    failure: Fault | None = None  # why it failed, None when it did not

    @property
    def address(self) -> str:
        """Where, in one line: ``sftp://cabinet@sftp.example/depot``."""
        port = "" if self.port == PORT else f":{self.port}"
        folder = self.folder.lstrip("/")
        return f"sftp://{self.user}@{self.host}{port}" + (f"/{folder}" if folder else "")

    def testing(self, now: datetime) -> bool:
        """True while a test runs; one that gave no word in ten minutes gives none any more."""
        return self.asked_at is not None and now - self.asked_at < _PATIENCE

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its host key, ``SHA256:…``; "" before the first test."""
        return fingerprint(self.host_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What opens a server: a password, or a private key with its passphrase."""

    password: str = ""
    key: str = ""  # PEM


def fingerprint(host_key: str) -> str:
    """``SHA256:`` and the digest of a host key in base64, as ssh-keygen prints it; "" for none."""
    _kind, _space, body = host_key.partition(" ")
    try:
        digest = hashlib.sha256(base64.b64decode(body, validate=True)).digest()
    except (ValueError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=") if body else ""


def faults_of(server: Server, port: str, given: Credentials) -> tuple[Fault, ...]:
    """All that is wrong with a server as typed; ``port``: as typed."""
    faults = []
    if not is_host(server.host):
        faults.append(Fault(code="sftp.host", path="host"))
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        faults.append(Fault(code="sftp.port", path="port"))
    if not server.user or len(server.user) > 100 or not server.user.isprintable():
        faults.append(Fault(code="sftp.user", path="user"))
    if len(server.folder) > 250 or not server.folder.isprintable():
        faults.append(Fault(code="sftp.folder_name", path="folder"))
    if not (given.password or given.key):
        faults.append(Fault(code="sftp.secret", path="password"))
    if len(given.password) + len(given.key) > MOST_SECRET:
        faults.append(Fault(code="sftp.secret_size", path="key" if given.key else "password"))
    elif given.key and not _KEY.fullmatch(given.key):
        faults.append(Fault(code="sftp.key", path="key"))
    return tuple(faults)


def file_name(parts: tuple[str, ...], suffix: str) -> str:
    """A file name that any server takes: letters, digits and dashes, its last part whole."""
    kept = ["".join(one if one.isascii() and one.isalnum() else "-" for one in part)
            for part in parts]  # fmt: skip
    named = [re.sub("-+", "-", one).strip("-")[:40] for one in kept]
    return "_".join(one for one in named if one) + suffix
