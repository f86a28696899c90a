"""One warm PDF child for all the tests here, and the shared corpus where it is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from facteur.adapters.pdf.client import ChildPdf

REPO = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("FACTEUR_SHARED", REPO.parent / "shared"))  # noqa: TID251


@pytest.fixture(scope="session")
def pdf() -> Iterator[ChildPdf]:
    """The body of ports.Pdf."""
    client = ChildPdf()
    yield client
    client.close()


def corpus(folder: str) -> list[Path]:
    """The PDFs of a folder of the shared corpus, none where it is absent."""
    return sorted((SHARED / "corpus" / folder).glob("*.pdf"))
