"""The e-reporting of a dossier in its exit kit, and back (NO-16).

    dossier/ereporting.json          settings, answers, till totals, and every filing
    reports/<filing>/<role>.<ext>    of each file that left: what is sealed, with its evidence

A filing that left comes back with its bytes, its history and its locks; one that was declared
elsewhere, or was empty, with its word. Drafts stay behind: the night's look makes them anew. What
the dossier has already stays as it is.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from facteur.domain.documents import Seal, StoredFile
from facteur.domain.ereporting.building import TillDay
from facteur.domain.ereporting.filings import Filing, FilingState, Preview, Settings
from facteur.domain.ereporting.routes import Answers
from facteur.domain.errors import InvalidError, UnreadableError
from facteur.domain.events import broken_at
from facteur.domain.faults import Fault
from facteur.domain.kits import REPORTS
from facteur.domain.serial import dumps, loads
from facteur.formats.flux10_reading import parse
from facteur.ports import Context
from facteur.services.ereporting.sealing import roles_of
from facteur.services.finding.queries import suffix_of

NAME = "dossier/ereporting.json"
_COMES_BACK = frozenset({FilingState.ELSEWHERE, FilingState.EMPTY})
_EVER = (date(2020, 1, 1), date(2100, 12, 31))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a kit holds of the e-reporting of a dossier."""

    settings: Settings
    answers: Mapping[str, Answers] = field(default_factory=dict)  # by document
    till: tuple[TillDay, ...] = ()
    filings: tuple[Filing, ...] = ()


def files(dossier: str, context: Context) -> Iterator[tuple[str, bytes]]:
    """Each file of the kit, by its name there; nothing where the dossier never reported."""
    reporting = context.ereporting
    kept = Kept(
        settings=reporting.settings(dossier),
        answers=reporting.answers(dossier),
        till=reporting.till(dossier, *_EVER),
        filings=reporting.filings(dossier),
    )
    if not (kept.settings.version or kept.filings or kept.till or kept.answers):
        return
    yield NAME, dumps(kept)
    for filing in kept.filings:
        for role, file in _sealed(filing).items():
            yield f"{REPORTS}/{filing.id}/{role}{suffix_of(file)}", context.blobs.get(file)


def _sealed(filing: Filing) -> dict[str, StoredFile]:
    """What is sealed of a filing, its evidence too; nothing of one that never left."""
    if filing.seal is None:
        return {}
    roles = roles_of(filing)
    named = {(one.key, one.version_id) for one in roles.values()}
    proof = [one for one in filing.seal.files if (one.key, one.version_id) not in named]
    return {**roles, "evidence": proof[0]} if proof else roles


def read(data: bytes) -> Kept:
    """What ``files`` wrote; SerialError."""
    return loads(Kept, data)


def check(names: Sequence[str], get: Callable[[str], bytes], *, last: datetime) -> None:
    """Look at what a kit brings before any of it is written.

    InvalidError: ``kit.altered`` for a filing that is said to be sealed and has no evidence here,
    ``kit.retention`` for a lock that lasts beyond ``last``. The bytes themselves are examined with
    the documents' (domain/kits.py).
    """
    if NAME not in names:
        return
    for filing in read(get(NAME)).filings:
        if filing.seal is None:
            continue
        if filing.seal.until > last:
            fault = Fault(code="kit.retention", values={"document": filing.id[:100]})
            raise InvalidError((fault,), code="kit.retention")
        for role, file in _sealed(filing).items():
            if _place(filing, role, file) not in names:
                raise _altered(filing, role)
        _check_proof(filing, filing.seal, get)


def _check_proof(filing: Filing, seal: Seal, get: Callable[[str], bytes]) -> None:
    """The evidence is there, tells the history that the filing has, and the file can be read."""
    sealed = _sealed(filing)
    if "evidence" not in sealed:
        raise _altered(filing, "evidence")
    history = json.loads(get(_place(filing, "evidence", sealed["evidence"])))["history"]
    last = filing.history[-1].hash if filing.history else ""
    if broken_at(filing.history) or not last == seal.chain == history[-1]["hash"]:
        raise _altered(filing, "history")
    try:
        parse(get(_place(filing, "original", sealed["original"])))
    except UnreadableError as error:
        raise _altered(filing, "original") from error


def _place(filing: Filing, role: str, file: StoredFile) -> str:
    return f"{REPORTS}/{filing.id}/{role}{suffix_of(file)}"


def _altered(filing: Filing, role: str) -> InvalidError:
    values = {"document": filing.id[:100], "files": role[:100]}
    return InvalidError((Fault(code="kit.altered", values=values),), code="kit.altered")


def take(names: Sequence[str], get: Callable[[str], bytes], dossier: str, context: Context) -> int:
    """Write what the dossier does not have yet; how many filings. ``check`` comes first."""
    if NAME not in names:
        return 0
    kept, reporting = read(get(NAME)), context.ereporting
    if kept.settings.version and reporting.settings(dossier).version == 0:
        reporting.save_settings(replace(kept.settings, dossier=dossier, version=0), ())
    known = reporting.answers(dossier)
    for document, said in kept.answers.items():
        if document not in known:
            reporting.save_answers(dossier, document, said)
    held = {(one.day, one.category) for one in reporting.till(dossier, *_EVER)}
    reporting.save_till(dossier, [one for one in kept.till if (one.day, one.category) not in held])
    there = {one.id for one in reporting.filings(dossier)}
    count = 0
    for filing in kept.filings:
        if filing.id in there:
            continue
        if filing.seal is not None:
            reporting.save(_brought(filing, filing.seal, get, dossier, context))
        elif filing.state in _COMES_BACK:
            bare = replace(filing, dossier=dossier, preview=None, file=None, version=0)
            reporting.save(bare)
        else:
            continue
        count += 1
    return count


def _brought(
    filing: Filing, seal: Seal, get: Callable[[str], bytes], dossier: str, context: Context
) -> Filing:
    """A filing that left, with its bytes written and locked here until the same day."""
    stored: dict[str, StoredFile] = {}
    read_here: dict[str, bytes] = {}
    for role, file in _sealed(filing).items():
        data = read_here[role] = get(_place(filing, role, file))
        digest = hashlib.sha256(data).hexdigest()[:32]
        key = f"{dossier}/ereporting/{filing.id}/kit/{digest}/{role}{suffix_of(file)}"
        stored[role] = context.blobs.put(key, data, file.media_type, filename=file.filename)
    if seal.until > context.clock.now():
        for one in stored.values():
            context.blobs.lock(one, until=seal.until, mode=seal.mode)
    shown = Preview(report=parse(read_here["original"]))
    preview = context.blobs.put(
        f"{dossier}/ereporting/{filing.id}/kit/{context.ids.new()}/preview.json",
        dumps(shown),
        "application/json",
    )
    return replace(
        filing,
        dossier=dossier,
        file=stored["original"],
        preview=preview,
        answers=tuple(stored[f"answer-{n}"] for n in range(1, len(filing.answers) + 1)),
        seal=replace(seal, files=tuple(stored.values())),
        version=0,
    )
