"""The evidence of an archive says what was altered, and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from facteur.domain.documents import StoredFile
from facteur.domain.events import Entry, Event, Happened, broken_at, chained
from facteur.domain.evidence import canonical_json, examine, retention_until, write
from facteur.domain.serial import dumps, loads

from tests.domain.test_decisions import document

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILES = {"original": b"%PDF-1.7 original", "canonical": b"{}"}


def sealed(files: Mapping[str, bytes] = FILES) -> bytes:
    stored = {
        role: StoredFile(
            key=f"d/x/{role}",
            version_id="v1",
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            media_type="application/octet-stream",
        )
        for role, data in files.items()
    }
    events = (
        Event(
            name=Happened.DOCUMENT_RECEIVED,
            at=NOW,
            values={"sha256": stored["original"].sha256},
        ),
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
        (lambda history: history.pop(), 2),
        (lambda history: history.clear(), 1),
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
    "change",
    [
        lambda body: body["validation"].update(verdict="valid"),
        lambda body: body["retention"].update(until="2027-01-01T00:00:00+00:00"),
        lambda body: body["files"]["original"].update(version_id="v2"),
        lambda body: body["sources"].clear(),
        lambda body: body.pop("digest"),
        lambda body: body.update(note="conforme"),
    ],
)
def test_a_rewritten_evidence_is_altered_itself(change) -> None:  # type: ignore[no-untyped-def]
    """Its digest covers what neither a file's hash nor the chain does."""
    body = json.loads(sealed())
    change(body)

    assert ("evidence",) == examine(canonical_json(body), FILES).altered


def test_one_byte_of_the_evidence_is_enough() -> None:
    """Even a space, which changes nothing that JSON says."""
    assert ("evidence",) == examine(sealed() + b" ", FILES).altered


def test_an_evidence_that_names_no_file_is_not_intact() -> None:
    """An empty list of files has no altered one; the original is then missing."""
    body = json.loads(sealed())
    body["files"] = {}
    found = examine(canonical_json(body), {})

    assert ("original",) == found.missing
    assert not found.intact


def test_a_file_that_was_added_is_named() -> None:
    """What is shown beside the invoice must be what was sealed with it."""
    found = examine(sealed(), {**FILES, "attachment-1": b"avenant"})

    assert ("attachment-1",) == found.added
    assert not found.intact


def test_another_original_with_its_hash_is_not_the_one_that_was_received() -> None:
    """File and hash rewritten together: the history still names the first one."""
    body = json.loads(sealed())
    body["files"]["original"]["sha256"] = hashlib.sha256(b"autre").hexdigest()
    found = examine(canonical_json(body), {**FILES, "original": b"autre"})

    assert 1 == found.history_broken_at


def test_the_fingerprint_is_the_hash_of_the_evidence() -> None:
    """What the platform's history names, to be compared."""
    assert hashlib.sha256(sealed()).hexdigest() == examine(sealed(), FILES).fingerprint


@pytest.mark.parametrize(
    "evidence",
    [b"[" * 100_000, b"", b"{}", b"[]", b'{"format": "other/9"}', b'{"format": 1, "files": 3}'],
)
def test_an_unreadable_evidence_is_a_problem_not_a_crash(evidence: bytes) -> None:
    """Whatever the bytes, the answer is an examination."""
    assert examine(evidence, {}).problem


def test_ten_years_count_to_the_end_of_the_year_and_short_ones_do_not() -> None:
    """C. com. L123-22: from the end of the financial year; test stages keep their days."""
    assert datetime(2036, 12, 31, 23, 59, 59, tzinfo=UTC) == retention_until(NOW, 3653)
    assert datetime(2026, 11, 21, 9, 0, tzinfo=UTC) == retention_until(NOW, 1)


@pytest.mark.parametrize("year", range(2024, 2060))
@pytest.mark.parametrize(("month", "day"), [(1, 1), (2, 28), (2, 29), (3, 1), (12, 31)])
def test_no_day_of_any_year_is_kept_less_than_ten_years(year: int, month: int, day: int) -> None:
    """Leap days included: ten years and never two more."""
    try:
        accepted = datetime(year, month, day, 23, 59, tzinfo=UTC)
    except ValueError:
        return  # no 29 February that year
    until = retention_until(accepted, 3653)

    assert (12, 31) == (until.month, until.day)
    assert until.year - year in (10, 11)


def test_the_evidence_does_not_depend_on_when_it_is_written() -> None:
    """Sealing twice writes the same bytes."""
    assert sealed() == sealed()


def test_a_character_that_utf_8_does_not_know_breaks_nothing() -> None:
    """A damaged PDF may give half a surrogate pair as an invoice's number; it is stored as "?"."""
    event = Event(name=Happened.INVOICE_READ, at=NOW, values={"number": "F\ud800"})
    (entry,) = chained((event,), length=0, last="")
    stored = loads(Entry, dumps(entry))

    assert "F?" == stored.event.values["number"]
    assert broken_at((stored,)) is None
