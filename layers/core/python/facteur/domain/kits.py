"""The exit kit: everything of a dossier in ZIP files that anyone can check and another platform
can take in (NO-16).

    kit.json                      what this part holds: SHA-256 and size of every other file
    dossier/*.json                dossier, members, preferences, accounts, cards, journal, mails
    documents/<id>/<role>.<ext>   a sealed document, as ``facteur verify`` has always read it
    others/<id>/<role>.<ext>      a document that is not sealed, and what evidence does not name
    dossier/mandates/<card>       a supplier's mandate to be invoiced in his name
    reports/<id>/<role>.<ext>     an e-reporting file that left, its answers and its evidence
    heads/<id>.json               its head
    histories/<id>.json           its whole history, beyond the sealing too

``examine_kit`` checks a part offline: each file against kit.json, kit.json against its own digest,
each sealed document against its evidence, each history from its first entry to its last, with
the sealed one first. Whoever rewrites a file and kit.json together is still found by the
evidence and the chain; whoever rewrites everything makes another kit, whose fingerprints differ.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from facteur.domain.containers import ReadBack
from facteur.domain.events import Entry, Happened, broken_at
from facteur.domain.evidence import Examination, canonical_json, examine
from facteur.domain.serial import SerialError, pack, unpack

FORMAT = "facteur-kit/1"
MANIFEST = "kit.json"
MANDATES = "dossier/mandates"  # by card: what suppliers signed, as it was declared
REPORTS = "reports"  # the folder of e-reporting files

Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the manifest says of a file."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a part of a kit holds."""

    dossier: str
    name: str
    siren: str
    made_at: str
    part: int
    last: bool
    documents: tuple[str, ...]
    files: Mapping[str, Held]
    reports: tuple[str, ...] = ()  # e-reporting files that left; kits made before know none


def write_manifest(manifest: Manifest) -> bytes:
    """kit.json: canonical JSON, closed by the digest of all the rest."""
    body = {"format": FORMAT, **pack(manifest)}
    digest = hashlib.sha256(canonical_json(body)).hexdigest()
    return canonical_json({**body, "digest": digest})


def read_manifest(data: bytes) -> Manifest:
    """The manifest of a part; SerialError when it is none, or was changed."""
    try:
        body: dict[str, Any] = json.loads(data)
        bare = {name: one for name, one in body.items() if name != "digest"}
        digest = hashlib.sha256(canonical_json(bare)).hexdigest()
        named = (body.get("format"), body.get("digest"))
    except (ValueError, AttributeError, RecursionError) as error:
        msg = f"no manifest: {error}"
        raise SerialError(msg) from None
    if named != (FORMAT, digest):
        msg = f"format {body.get('format')!r:.40}, or a digest that does not hold"
        raise SerialError(msg)
    return unpack(Manifest, bare)


def write_history(entries: Sequence[Entry]) -> bytes:
    """A history as JSON."""
    return canonical_json({"entries": [pack(one) for one in entries]})


def read_history(data: bytes) -> tuple[Entry, ...]:
    """The history that ``write_history`` wrote; SerialError."""
    try:
        rows = json.loads(data)["entries"]
        return tuple(unpack(Entry, one) for one in rows)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"no history: {error}"
        raise SerialError(msg) from None


def examine_kit(
    names: Sequence[str], read: Read, *, read_back: ReadBack | None = None
) -> tuple[Examination, ...]:
    """The examination of the part itself, then of each of its documents. One file in memory."""
    try:
        manifest = read_manifest(read(MANIFEST))
    except SerialError as error:
        return (Examination(document=MANIFEST, checked=0, problem=str(error)),)
    there = set(names) - {MANIFEST}
    altered = []
    for name, held in manifest.files.items():
        if name in there:
            data = read(name)
            if (hashlib.sha256(data).hexdigest(), len(data)) != (held.sha256, held.size):
                altered.append(name)
    whole = Examination(
        document=f"{MANIFEST} ({manifest.name}, partie {manifest.part})",
        checked=len(there & set(manifest.files)),
        altered=tuple(altered),
        missing=tuple(name for name in manifest.files if name not in there),
        added=tuple(sorted(there - set(manifest.files))),
        fingerprint=hashlib.sha256(read(MANIFEST)).hexdigest(),
    )
    folders, reports = _folders(there, "documents"), _folders(there, REPORTS)
    documents = (
        _document(one, folders.get(one, {}), there, read, read_back) for one in manifest.documents
    )
    named = dict.fromkeys((*manifest.reports, *reports))  # one that nobody names is told too
    return (whole, *documents, *(_report(one, reports.get(one, {}), read) for one in named))


def _folders(there: set[str], root: str) -> dict[str, dict[str, str]]:
    """The files of each folder under a root, by role."""
    found: dict[str, dict[str, str]] = {}
    for name in sorted(there):
        path = PurePosixPath(name)
        if path.parts[0] == root and len(path.parts) == 3:
            found.setdefault(path.parts[1], {})[path.stem] = name
    return found


def _report(identifier: str, roles: Mapping[str, str], read: Read) -> Examination:
    """An e-reporting file that left: its evidence, which must be its own, and what it names."""
    if "evidence" not in roles:
        return Examination(document=identifier, checked=0, problem="preuve absente")
    files = {role: read(name) for role, name in roles.items() if role != "evidence"}
    found = examine(read(roles["evidence"]), files)
    if found.intact and found.document != identifier:
        return Examination(document=identifier, checked=0, problem="preuve d’un autre fichier")
    return found


def _document(
    identifier: str,
    roles: Mapping[str, str],
    there: set[str],
    read: Read,
    read_back: ReadBack | None,
) -> Examination:
    """A document: its evidence where it is sealed, its history in any case."""
    found = Examination(document=identifier, checked=0)
    evidence = b""
    if roles:
        if "evidence" not in roles:
            return Examination(document=identifier, checked=0, problem="preuve absente")
        evidence = read(roles["evidence"])
        files = {role: read(name) for role, name in roles.items() if role != "evidence"}
        found = examine(evidence, files, read_back=read_back)
    if not found.intact:
        return found
    name = f"histories/{identifier}.json"
    if name not in there:
        return Examination(document=identifier, checked=found.checked, problem="historique absent")
    try:
        history = read_history(read(name))
        sealed = len(json.loads(evidence)["history"]) if evidence else 0
    except (SerialError, ValueError, KeyError) as error:
        return Examination(document=identifier, checked=found.checked, problem=str(error))
    broken = broken_at(history) or _other_than(history, evidence, sealed, found.fingerprint)
    return Examination(
        document=identifier,
        checked=found.checked + 1,
        history_broken_at=broken,
        fingerprint=found.fingerprint,
    )


def _other_than(
    history: Sequence[Entry], evidence: bytes, sealed: int, fingerprint: str
) -> int | None:
    """Where the history leaves the one that was sealed, or names another evidence."""
    if not evidence:
        return None
    last = json.loads(evidence)["history"][-1]["hash"]
    if len(history) <= sealed or history[sealed - 1].hash != last:
        return min(sealed, len(history)) or 1
    names = {Happened.DOCUMENT_ARCHIVED, Happened.FILE_SEALED}
    proofs = [one for one in history if one.event.name in names]
    if not proofs or all(one.event.values.get("evidence") != fingerprint for one in proofs):
        return sealed + 1
    return None
