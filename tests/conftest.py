"""What every test gets: no network but 127.0.0.1, and the embedded AWS on demand."""

import pytest
from pytest_socket import socket_allow_hosts

pytest_plugins = ["tests.emulator"]


@pytest.fixture(autouse=True)
def _only_this_machine() -> None:
    """Refuse every connection that leaves the machine."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
