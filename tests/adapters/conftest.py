"""Fixtures of the AWS adapters: the adapter under test, on an account of its own."""

from datetime import UTC, datetime

import pytest
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
