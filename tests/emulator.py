"""Fixtures of the embedded AWS: one emulator for the session, one account for each test.

`emulator` is a child process on a free port of 127.0.0.1 which keeps nothing. An account of the
emulator is its access key (twelve digits); accounts do not see each other. `platform` gives a test
its own account with every resource of infrastructure/platform.yaml, and puts the functions'
environment in place (see facteur.config). One account is provisioned; each test's is its twin
(facteur.local.emulator.twins), which tests/local/test_emulator_twins.py compares with it.
"""

import itertools
import json
import os
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.config
import botocore.credentials
import botocore.endpoint_provider
import botocore.hooks
import botocore.loaders
import botocore.session
import pytest
from facteur.local.emulator import Emulator, free_port
from facteur.local.provision import REGION, Wanted, provision

# Reading botocore's service models is most of the price of a client: share them, for every
# session anybody makes. Most of the rest is three questions with one answer each, asked hundreds
# of times: what a function accepts, what an event is called, what a service's address rules mean.
_LOADER = botocore.loaders.create_loader()
botocore.session.create_loader = lambda _paths=None: _LOADER
_ACCEPTS: dict[Any, bool] = {}
_ALIASES: dict[str, str] = {}
_RULES: dict[int, Any] = {}


def _accepts_kwargs(
    function: Any, asked: Callable[[Any], bool] = botocore.hooks.accepts_kwargs
) -> bool:
    plain = getattr(function, "__func__", function)  # a method accepts what its function does
    if plain not in _ACCEPTS:
        _ACCEPTS[plain] = asked(function)
    return _ACCEPTS[plain]


def _aliaser(
    self: Any, *given: Any, made: Callable[..., None] = botocore.hooks.EventAliaser.__init__
) -> None:
    made(self, *given)
    self._alias_name_cache = _ALIASES


def _rule_set(*, rules: Any, made: Any = botocore.endpoint_provider.RuleSet, **rest: Any) -> Any:
    if id(rules) not in _RULES:  # the loader keeps them: an id is theirs for good
        _RULES[id(rules)] = made(rules=rules, **rest)
    return _RULES[id(rules)]


botocore.hooks.accepts_kwargs = _accepts_kwargs
botocore.hooks.EventAliaser.__init__ = _aliaser
botocore.endpoint_provider.RuleSet = _rule_set

_numbers = itertools.count(1)

# Accounts of tests that ended; the last few stay, for the threads that outlive their test.
_used: deque[str] = deque()
_KEPT = 8


def _new_account() -> str:
    return f"1{os.getpid() % 100000:05d}{next(_numbers):06d}"


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
    process = Emulator(free_port(), None, twins=True)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def _clients(emulator: Emulator) -> _Clients:
    return _Clients(emulator.endpoint)


@dataclass
class Model:
    """A provisioned account, which nobody works in: those of the tests are its twins."""

    wanted: Wanted
    environment: dict[str, str]

    def twin(self, account: str) -> dict[str, str]:
        """Make an account like the model, forget old ones; return its environment."""
        names = {self.wanted.account: account}
        for name in ("FACTEUR_USER_POOL_ID", "FACTEUR_USER_POOL_CLIENT_ID"):  # known by all
            old = self.environment[name]
            names[old] = old[: -len(account[3:])] + account[3:]
        forget = [_used.popleft() for _ in range(len(_used) - _KEPT)]
        asked = {"of": self.wanted.account, "names": names, "forget": forget}
        request = urllib.request.Request(
            f"{self.wanted.endpoint}/_facteur/twins",
            json.dumps(asked).encode(),
            {"authorization": "a program's"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 204
        environment = json.dumps(self.environment)
        for old, new in names.items():
            environment = environment.replace(old, new)
        return dict(json.loads(environment))


@pytest.fixture(scope="session")
def model(emulator: Emulator, _clients: _Clients) -> Model:
    """The account with all resources of platform.yaml, stage `test`, OCR off."""
    wanted = Wanted(
        endpoint=emulator.endpoint,
        account=_new_account(),
        stage="test",
        inbound_domain="factures.example.com",
        ocr="none",
    )
    before, _clients.credentials.access_key = _clients.credentials.access_key, wanted.account
    environment = provision(wanted, _clients)
    # Tests have a clock of their own: the emulator's, which is the machine's, would take rows
    # away in the middle of one.
    _clients("dynamodb").update_time_to_live(
        TableName=environment["FACTEUR_EPHEMERAL_TABLE"],
        TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"},
    )
    _clients.credentials.access_key = before
    return Model(wanted, environment)


@pytest.fixture
def aws(emulator: Emulator, _clients: _Clients, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """A fresh account, its AWS_* variables set, boto3's default session forgotten."""
    account = _new_account()
    wanted = Wanted(endpoint=emulator.endpoint, account=account)
    for name, value in wanted.access().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    _clients.credentials.access_key = account
    yield Aws(emulator.endpoint, account, wanted.access(), _clients)
    _clients.credentials.access_key = "0" * 12
    _used.append(account)


@pytest.fixture
def platform(aws: Aws, model: Model, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A fresh account with all resources of platform.yaml, stage `test`, OCR off."""
    environment = model.twin(aws.account)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Platform(aws, environment)
