"""The evidence of an archived document, and how anyone can check it offline.

The evidence is a JSON file sealed beside the others: it names every file with its SHA-256, size
and version, the result of the official rules, and the whole history up to the acceptance with its
hash chain; its own digest closes it. ``examine`` recomputes all of it from the bytes alone: no
platform needed, so that an auditor can do it in ten years (facteur verify).

Offline, whoever rewrites files, history and digest together makes another evidence that agrees
with itself. What it cannot be is the one that was sealed: the SHA-256 of that one stands in the
platform's history (DocumentArchived), its version under Object Lock. What to compare with them is
``Examination.fingerprint``.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facteur.domain import containers
from facteur.domain.containers import ReadBack
from facteur.domain.documents import Document, StoredFile
from facteur.domain.events import Entry, Event, Happened, broken_at
from facteur.domain.faults import Fault

FORMAT = "facteur-evidence/1"


def canonical_json(body: Mapping[str, object]) -> bytes:
    """JSON whose bytes depend on the content alone: sorted keys, UTF-8, one final newline."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1)
    return f"{text}\n".encode(errors="replace")  # a lone surrogate: see events.py


def write(
    document: Document,
    files: Mapping[str, StoredFile],
    history: tuple[Entry, ...],
    *,
    until: datetime,
    mode: str,
) -> bytes:
    """The evidence of a document that was accepted."""
    conversion = document.conversion
    return _closed(
        {
            "format": FORMAT,
            "dossier": document.dossier,
            "document": document.id,
            "filename": document.filename,
            "received_at": document.received_at.isoformat(),
            "sources": [
                {
                    "channel": one.channel.value,
                    "at": one.at.isoformat(),
                    "sender": one.sender,
                    "subject": one.subject,
                    "message_id": one.message_id,
                    "authenticated": one.authenticated,
                }
                for one in document.sources
            ],
            "files": {role: _file(one) for role, one in files.items()},
            "validation": {
                "profile": conversion.profile if conversion else "",
                "road": conversion.road if conversion else "",
                "pdfa": conversion.pdfa if conversion else False,
                "verdict": conversion.verdict.value if conversion else "",
                "reform": conversion.reform.value if conversion else "",
                "rulebook": conversion.rulebook if conversion else "",
            },
            "retention": {"until": until.isoformat(), "mode": mode},
            "history": [_entry(one) for one in history],
        }
    )


def write_report(
    dossier: str,
    report: str,
    files: Mapping[str, StoredFile],
    history: tuple[Entry, ...],
    *,
    received_at: datetime,
    until: datetime,
    mode: str,
) -> bytes:
    """The evidence of an e-reporting file that left: the same form, checked the same way."""
    return _closed(
        {
            "format": FORMAT,
            "dossier": dossier,
            "document": report,
            "filename": files["original"].filename,
            "received_at": received_at.isoformat(),
            "sources": [],
            "files": {role: _file(one) for role, one in files.items()},
            "validation": {"profile": "Flux 10", "verdict": "valid"},
            "retention": {"until": until.isoformat(), "mode": mode},
            "history": [_entry(one) for one in history],
        }
    )


def _file(one: StoredFile) -> dict[str, object]:
    return {
        "sha256": one.sha256,
        "size": one.size,
        "media_type": one.media_type,
        "filename": one.filename,
        "key": one.key,
        "version_id": one.version_id,
    }


def _closed(body: Mapping[str, object]) -> bytes:
    """The canonical JSON of a body with the digest of all the rest."""
    digest = hashlib.sha256(canonical_json(body)).hexdigest()
    return canonical_json({**body, "digest": digest})


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "name": entry.event.name.value,
        "at": entry.event.at.isoformat(),
        "by": entry.event.by,
        "by_name": entry.event.by_name,
        "values": dict(entry.event.values),
        "previous": entry.previous,
        "hash": entry.hash,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What checking one archived document found: () is « intact »."""

    document: str
    checked: int  # files whose hash was recomputed
    altered: tuple[str, ...] = ()  # names of files whose bytes differ
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()  # files that the evidence does not name
    history_broken_at: int | None = None
    fingerprint: str = ""  # SHA-256 of the evidence: what the platform's history names
    container: Fault | None = None  # the Factur-X does not hold the XML it should (containers.py)
    problem: str = ""  # the evidence itself cannot be read

    @property
    def intact(self) -> bool:
        """True when nothing was altered, lost, added or reordered."""
        wrong = (*self.altered, *self.missing, *self.added, self.problem, self.container)
        return not any(wrong) and self.history_broken_at is None


def examine(
    evidence: bytes, files: Mapping[str, bytes | None], *, read_back: ReadBack | None = None
) -> Examination:
    """Check an archive: ``files`` are bytes by role, None for one that is not there.

    A change of the evidence itself is told as the altered file "evidence". ``read_back`` reads the
    files embedded in a PDF: with it, the Factur-X is opened too (containers.py).
    """
    try:
        body: dict[str, Any] = json.loads(evidence)
        if body["format"] != FORMAT:
            return Examination(document="", checked=0, problem=f"format {body['format']}")
        named: dict[str, dict[str, Any]] = body["files"]
        history = tuple(_read_entry(one) for one in body["history"])
        hashes = {role: str(one["sha256"]) for role, one in named.items()}
        whole = _closed({name: one for name, one in body.items() if name != "digest"})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return Examination(document="", checked=0, problem=f"{type(error).__name__}: {error}")
    missing = tuple(role for role in hashes if files.get(role) is None)
    altered = [
        role
        for role, digest in hashes.items()
        if (data := files.get(role)) is not None and hashlib.sha256(data).hexdigest() != digest
    ]
    if whole != evidence:
        altered.append("evidence")
    return Examination(
        document=str(body.get("document", "")),
        checked=len(hashes) - len(missing),
        altered=tuple(altered),
        missing=missing if "original" in hashes else ("original", *missing),
        added=tuple(sorted(role for role in files if role not in hashes)),
        container=_contained(body, files, hashes, read_back) if read_back else None,
        history_broken_at=_broken_at(history, hashes.get("original", "")),
        fingerprint=hashlib.sha256(evidence).hexdigest(),
    )


def _contained(
    body: Mapping[str, Any],
    files: Mapping[str, bytes | None],
    hashes: Mapping[str, str],
    read_back: ReadBack,
) -> Fault | None:
    """What is wrong inside the Factur-X; None too where there is none, or no XML to compare."""
    facturx = files.get("facturx")
    if facturx is None or "invoice_xml" not in hashes:
        return None
    road = str(body.get("validation", {}).get("road", ""))
    return containers.fault_in(facturx, hashes["invoice_xml"], road=road, read_back=read_back)


#: What a sealed history ends with.
_LAST = frozenset({
    Happened.INVOICE_ACCEPTED, Happened.DOCUMENT_SPLIT, Happened.REPORT_SENT,
    Happened.REPORT_ANSWERED,
})  # fmt: skip


def _broken_at(history: tuple[Entry, ...], original: str) -> int | None:
    """Where the history does not hold: it begins with this original and ends accepted, or split
    for a file that was cut into the documents that were accepted; that of a report tells how it
    left and what was answered."""
    broken = broken_at(history)
    if broken is not None:
        return broken
    if not history or history[0].event.values.get("sha256") != original:
        return 1
    if history[-1].event.name in _LAST or _decided(history):
        return None
    return len(history) + 1


def _decided(history: tuple[Entry, ...]) -> bool:
    """True when it was accepted before: a sale is sealed once it was sent (decision 0298)."""
    return any(one.event.name is Happened.INVOICE_ACCEPTED for one in history)


def _read_entry(body: Mapping[str, Any]) -> Entry:
    event = Event(
        name=Happened(body["name"]),
        at=datetime.fromisoformat(body["at"]),
        by=body["by"],
        by_name=body["by_name"],
        values={str(name): str(value) for name, value in body["values"].items()},
    )
    return Entry(
        sequence=int(body["sequence"]),
        event=event,
        previous=str(body["previous"]),
        hash=str(body["hash"]),
    )


def retention_until(at: datetime, days: int) -> datetime:
    """When an archived document may go: ``days`` later, rounded up to the end of that year.

    Ten years count from the end of the financial year (C. com. L123-22); short retentions, of
    test stages, are not rounded.
    """
    until = at + timedelta(days=days)
    if days < 365:
        return until
    return until.replace(month=12, day=31, hour=23, minute=59, second=59, microsecond=0)
