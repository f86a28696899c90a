"""Fixtures of the AWS adapters: the adapter under test, on an account of its own."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.store import AwsStore
from facteur.adapters.aws.table import Table
from facteur.domain.documents import Direction, Document, State

from tests.emulator import Platform

NOW = datetime(2026, 11, 20, 9, 34, tzinfo=UTC)


@pytest.fixture
def clients(platform: Platform) -> Clients:
    """The adapters' own clients, on the test's account."""
    return Clients(endpoint_url=platform["AWS_ENDPOINT_URL"])


@pytest.fixture
def table(platform: Platform, clients: Clients) -> Table:
    """The durable table."""
    return Table(clients, platform["FACTEUR_TABLE"], sleep=lambda _seconds: None)


@pytest.fixture
def store(table: Table) -> AwsStore:
    """The store under test."""
    return AwsStore(table)


def a_document(identifier: str = "doc1", dossier: str = "acme", **values: object) -> Document:
    """A new document; ``values`` replace its fields."""
    given: dict[str, object] = {
        "direction": Direction.PURCHASE,
        "state": State.RECEIVED,
        "received_at": NOW,
        "filename": "facture.pdf",
        "media_type": "application/pdf",
        "sha256": "0" * 64,
        "size": 12,
        "sources": (),
    }
    return Document(dossier=dossier, id=identifier, **{**given, **values})  # type: ignore[arg-type]


class Failing:
    """Clients whose every call raises one error; botocore has tried again already."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.meta = SimpleNamespace(events=SimpleNamespace(register=lambda *_, **__: None))
        self.calls = 0

    def __call__(self, _service: str) -> "Failing":
        return self

    def __getattr__(self, _name: str) -> Any:
        def call(*_arguments: object, **_named: object) -> None:
            self.calls += 1
            raise self._error

        return call


def away() -> Any:
    """Clients of services that do not answer."""
    return Failing(EndpointConnectionError(endpoint_url="http://127.0.0.1:9"))


def answering(code: str) -> Any:
    """Clients of services that answer with an error code."""
    return Failing(ClientError({"Error": {"Code": code, "Message": "…"}}, "Call"))
