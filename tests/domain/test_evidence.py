"""The evidence of an archive says what was altered, and nothing else."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from facteur.domain.documents import StoredFile
from facteur.domain.events import Event, Happened, chained
from facteur.domain.evidence import examine, retention_until, write

from tests.domain.test_decisions import document

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILES = {"original": b"%PDF-1.7 original", "canonical": b"{}"}


def sealed() -> bytes:
    stored = {
        role: StoredFile(
            key=f"d/x/{role}",
            version_id="v1",
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            media_type="application/octet-stream",
        )
        for role, data in FILES.items()
    }
    events = (
        Event(name=Happened.DOCUMENT_RECEIVED, at=NOW),
        Event(name=Happened.INVOICE_ACCEPTED, at=NOW, by="u1", values={"noticed": ""}),
    )
    history = chained(events, length=0, last="")
    return write(document(), stored, history, until=NOW, mode="GOVERNANCE")


def test_an_untouched_archive_is_intact() -> None:
    """Every named file is hashed again and the chain holds."""
    found = examine(sealed(), FILES)

    assert found.intact
    assert 2 == found.checked


def test_an_altered_file_is_named() -> None:
    """One byte is enough."""
    found = examine(sealed(), {**FILES, "original": b"%PDF-1.7 Original"})

    assert ("original",) == found.altered
    assert not found.intact


def test_a_missing_file_is_named() -> None:
    """A file that is not there is not « intact »."""
    assert ("canonical",) == examine(sealed(), {"original": FILES["original"]}).missing


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda history: history[1]["values"].update(noticed="rien"), 2),
        (lambda history: history[0].update(by="u2"), 1),
        (lambda history: history.pop(0), 1),
    ],
)
def test_a_rewritten_history_is_broken_where_it_was_rewritten(change, place: int) -> None:  # type: ignore[no-untyped-def]
    """The hash chain tells the place."""
    body = json.loads(sealed())
    change(body["history"])

    found = examine(json.dumps(body).encode(), FILES)

    assert place == found.history_broken_at
    assert not found.intact


@pytest.mark.parametrize(
    "evidence", [b"", b"{}", b"[]", b'{"format": "other/9"}', b'{"format": 1, "files": 3}']
)
def test_an_unreadable_evidence_is_a_problem_not_a_crash(evidence: bytes) -> None:
    """Whatever the bytes, the answer is an examination."""
    assert examine(evidence, {}).problem


def test_ten_years_count_to_the_end_of_the_year_and_short_ones_do_not() -> None:
    """C. com. L123-22: from the end of the financial year; test stages keep their days."""
    assert datetime(2036, 12, 31, 23, 59, 59, tzinfo=UTC) == retention_until(NOW, 3653)
    assert datetime(2026, 11, 21, 9, 0, tzinfo=UTC) == retention_until(NOW, 1)


def test_the_evidence_does_not_depend_on_when_it_is_written() -> None:
    """Sealing twice writes the same bytes."""
    assert sealed() == sealed()
