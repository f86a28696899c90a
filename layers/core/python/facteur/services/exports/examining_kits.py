"""Examining a part of an exit kit before it is taken in: what it holds, and what it would do.

Nothing here writes. A part comes from somebody's machine: besides the hashes, the evidence and the
histories (domain/kits.py), each head must be its own document's, whatever taking it in reads must
be readable, and no lock may last longer than any law asks for.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facteur.domain.acceptance import Preferences
from facteur.domain.documents import Document, DocumentRef, State, StoredFile
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.evidence import Examination
from facteur.domain.exports import Accounts
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry
from facteur.domain.kits import MANIFEST, Manifest, examine_kit, read_history, read_manifest
from facteur.domain.parties import Party
from facteur.domain.serial import loads, unpack
from facteur.ports import Context, MailRecord
from facteur.services.ereporting import kits
from facteur.services.finding.queries import suffix_of

_LONGEST = timedelta(days=11 * 366)  # ten years, and the rest of the year

#: What reading texts that somebody made can raise; SerialError is a ValueError.
_DAMAGED = (AttributeError, KeyError, RecursionError, StopIteration, TypeError, ValueError)

#: What names a document: it becomes a part of keys, beside the dossier's folders of mails and
#: of the statuses that platforms brought.
_NAMED = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOLDERS = ("mails", "flows", "ereporting")
_EVIDENCE = re.compile(r"documents/[^/]+/evidence\.[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What taking a part in would do."""

    new: int
    already: int
    sealed: int  # among the new ones
    parties: int  # cards that the part holds


def examined(names: Sequence[str], read: Callable[[str], bytes], context: Context) -> Manifest:
    """The manifest of a part that holds, whole and readable; nothing is written.

    InvalidError: ``kit.altered`` (all that does not hold), ``kit.unreadable``, ``kit.retention``
    (a lock longer than any law asks for).
    """
    if MANIFEST not in names:
        raise _unreadable("no kit.json")
    try:
        wrong = [one for one in examine_kit(names, read) if not one.intact]
        if wrong:
            raise InvalidError(tuple(map(_altered, wrong)), code="kit.altered")
        manifest = read_manifest(read(MANIFEST))
        _check_heads(manifest, names, read)
        _check_readable(manifest, names, read)
        kits.check(names, read, last=_last(context))
    except _DAMAGED as error:
        raise _unreadable(type(error).__name__) from error
    _check_retention(manifest, read, context)
    return manifest


def _unreadable(reason: str) -> InvalidError:
    fault = Fault(code="kit.unreadable", values={"reason": reason[:200]})
    return InvalidError((fault,), code="kit.unreadable")


def _altered(one: Examination) -> Fault:
    files = ", ".join((*one.altered, *one.missing, *one.added))[:300]
    values = {
        "document": one.document[:100],
        "files": files or one.problem[:300] or "historique",
    }
    return Fault(code="kit.altered", values=values)


def rehearsed(
    manifest: Manifest, read: Callable[[str], bytes], dossier: str, context: Context
) -> Rehearsed:
    """What taking an examined part in would do: a read per document. InvalidError
    (``kit.taken``)."""
    new = sealed = 0
    for identifier in manifest.documents:
        if held_whole(identifier, read, dossier, context) is None:
            new += 1
            sealed += loads(Document, read(f"heads/{identifier}.json")).seal is not None
    cards = len(json.loads(read("dossier/parties.json"))) if manifest.part == 1 else 0
    return Rehearsed(new=new, already=len(manifest.documents) - new, sealed=sealed, parties=cards)


def _check_readable(
    manifest: Manifest, names: Sequence[str], read: Callable[[str], bytes]
) -> None:
    """Read everything that taking the part in reads, so that nothing fails halfway."""
    if manifest.part == 1:
        loads(Preferences, read("dossier/preferences.json"))
        loads(Accounts, read("dossier/accounts.json"))
        for kind, name in ((JournalEntry, "journal"), (MailRecord, "mails"), (Party, "parties")):
            rows_of(kind, read(f"dossier/{name}.json"))
    for identifier in manifest.documents:
        read_history(read(f"histories/{identifier}.json"))
        head = loads(Document, read(f"heads/{identifier}.json"))
        for role, file in head.files.items():
            if not role.startswith("page-"):
                place_of_file(identifier, role, file, names)


def _check_retention(manifest: Manifest, read: Callable[[str], bytes], context: Context) -> None:
    """A lock is for years, and nobody takes it off: none longer than the longest we know."""
    last = _last(context)
    faults = []
    for identifier in manifest.documents:
        seal = loads(Document, read(f"heads/{identifier}.json")).seal
        if seal is not None and seal.until > last:
            faults.append(Fault(code="kit.retention", values={"document": identifier[:100]}))
    if faults:
        raise InvalidError(tuple(faults), code="kit.retention")


def _last(context: Context) -> datetime:
    longest = max(_LONGEST, timedelta(days=context.retention_days + 366))
    return context.clock.now() + longest


def held_whole(
    identifier: str, read: Callable[[str], bytes], dossier: str, context: Context
) -> Document | None:
    """The document as the dossier has it already, None when it is to be written or completed.

    InvalidError (``kit.taken``) when another document has its name.
    """
    head = loads(Document, read(f"heads/{identifier}.json"))
    held = held_as(head, dossier, context)
    if held is None:
        return None
    entries = read_history(read(f"histories/{identifier}.json"))
    return held if held.events >= len(entries) else None


def held_as(head: Document, dossier: str, context: Context) -> Document | None:
    """The dossier's document of that name, whole or not. InvalidError (``kit.taken``)."""
    try:
        held = context.store.document(DocumentRef(dossier, head.id))
    except NotFoundError:
        return None
    if held.sha256 != head.sha256:
        fault = Fault(code="kit.taken", values={"document": head.id})
        raise InvalidError((fault,), code="kit.taken")
    return held


def _check_heads(manifest: Manifest, names: Sequence[str], read: Callable[[str], bytes]) -> None:
    """InvalidError (``kit.altered``) for a document whose head is another's, or says that it was
    sealed without the evidence that examine_kit checks: nobody enters an archive by a word."""
    proved = {one.split("/")[1] for one in names if _EVIDENCE.fullmatch(one)}
    faults = []
    for identifier in manifest.documents:
        head = loads(Document, read(f"heads/{identifier}.json"))
        sealed = head.seal is not None or head.state is State.ARCHIVED
        right = (
            head.id == identifier and _NAMED.fullmatch(identifier) and identifier not in _FOLDERS
        )
        if not right or (sealed and identifier not in proved):
            values = {"document": identifier[:100], "files": f"heads/{identifier[:100]}.json"}
            faults.append(Fault(code="kit.altered", values=values))
    if faults:
        raise InvalidError(tuple(faults), code="kit.altered")


def rows_of(kind: type, data: bytes) -> list[Any]:
    """The values of a JSON list."""
    return [unpack(kind, one) for one in json.loads(data)]


def place_of_file(identifier: str, role: str, file: StoredFile, names: Sequence[str]) -> str:
    """Where a part holds a file; StopIteration when it does not."""
    places = (f"{one}/{identifier}/{role}{suffix_of(file)}" for one in ("documents", "others"))
    return next(one for one in places if one in names)
