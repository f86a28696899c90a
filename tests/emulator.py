"""Fixtures of the embedded AWS: one emulator for the session, one account for each test.

`emulator` is a child process on a free port of 127.0.0.1 which keeps nothing. An account of the
emulator is its access key (twelve digits); accounts do not see each other. `platform` gives a test
its own account with every resource of infrastructure/platform.yaml, and puts the functions'
environment in place (see facteur.config).
"""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.config
import botocore.credentials
import botocore.loaders
import botocore.session
import pytest
from facteur.local.emulator import Emulator, free_port
from facteur.local.provision import REGION, Wanted, provision

# Reading botocore's service models is most of the price of a client: share them, for every
# session anybody makes, pynamodb's included.
_LOADER = botocore.loaders.create_loader()
botocore.session.create_loader = lambda _paths=None: _LOADER

_numbers = itertools.count(1)


@dataclass
class Aws:
    """One account of the emulator: `access` is its environment, `client` its boto3 clients."""

    endpoint: str
    account: str
    access: dict[str, str]
    client: Callable[[str], Any]

    def own_client(self, service: str) -> Any:
        """A client bound to this account for good: for threads that may outlive the test."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.account,
            aws_secret_access_key=self.access["AWS_SECRET_ACCESS_KEY"],
        )


@dataclass
class Platform:
    """An account with every resource of platform.yaml; `environment` is what Settings reads."""

    aws: Aws
    environment: Mapping[str, str]
    client: Callable[[str], Any] = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.aws.client

    def __getitem__(self, name: str) -> str:
        return self.environment[name]


class _Clients:
    """Clients made once; only the credentials change from test to test."""

    def __init__(self, endpoint: str) -> None:
        session = botocore.session.Session()
        self.credentials = botocore.credentials.Credentials("0" * 12, "test")
        session._credentials = self.credentials
        session.set_config_variable("region", REGION)
        self._session = boto3.Session(botocore_session=session)
        self._endpoint = endpoint
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.client(
                service,
                endpoint_url=self._endpoint,
                config=botocore.config.Config(
                    retries={"max_attempts": 1},
                    read_timeout=30,
                    signature_version="s3v4" if service == "s3" else None,
                ),
            )
        return self._made[service]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """The session's emulator; it keeps nothing and dies with the session."""
    process = Emulator(free_port(), None)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def _clients(emulator: Emulator) -> _Clients:
    return _Clients(emulator.endpoint)


@pytest.fixture
def aws(emulator: Emulator, _clients: _Clients, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """A fresh account, its AWS_* variables set, boto3's default session forgotten."""
    account = f"{os.getpid() % 1000000:06d}{next(_numbers):06d}"
    wanted = Wanted(endpoint=emulator.endpoint, account=account)
    for name, value in wanted.access().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    _clients.credentials.access_key = account
    yield Aws(emulator.endpoint, account, wanted.access(), _clients)
    _clients.credentials.access_key = "0" * 12


@pytest.fixture
def platform(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A fresh account with all resources of platform.yaml, stage `test`, OCR off."""
    wanted = Wanted(
        endpoint=aws.endpoint,
        account=aws.account,
        stage="test",
        inbound_domain="factures.example.com",
        ocr="none",
    )
    environment = provision(wanted, aws.client)
    # Tests have a clock of their own: the emulator's, which is the machine's, would take rows
    # away in the middle of one.
    aws.client("dynamodb").update_time_to_live(
        TableName=environment["FACTEUR_EPHEMERAL_TABLE"],
        TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"},
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Platform(aws, environment)
