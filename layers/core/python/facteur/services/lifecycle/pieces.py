"""What is attached to a status that is set here (MDT-96): a proof for a dispute, what was missing.

The CDAR carries the bytes themselves, so they are few and small, and of kinds that anybody opens:
PDF, JPEG, PNG, told from the bytes and never from the name. Between platforms the norm lets any
number through; the public platform takes none (G7.49), and what is told to it is written by the
platform of the buyer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facteur.domain.documents import Document, EmbeddedFile, StoredFile
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.allowed import CARRYING, MOST_PIECES
from facteur.formats.detect import Kind, detect
from facteur.ports import Context

#: Of all the pieces of a status: what API Gateway carries, and a message of some megabytes.
MOST_BYTES = 3_000_000
_LONGEST_NAME = 100
_KINDS: Mapping[Kind, tuple[str, str]] = {
    Kind.PDF: ("application/pdf", ".pdf"),
    Kind.PHOTOS: ("application/pdf", ".pdf"),
    Kind.JPEG: ("image/jpeg", ".jpg"),
    Kind.PNG: ("image/png", ".png"),
}
_SAME = {".jpeg": ".jpg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A file as somebody gave it."""

    filename: str
    data: bytes


def keep(
    document: Document,
    code: str,
    given: Sequence[Given],
    context: Context,
    *,
    again: Sequence[StoredFile] = (),
) -> tuple[StoredFile, ...]:
    """Keep the pieces of a status of a document; InvalidError with what is wrong with them.

    ``again``: pieces of a status that did not leave, said again: the files that are kept already.
    Nothing deletes what is kept here: ask before whether the status may be said at all
    (``check``, then ``statuses.foreseen``).

    ``status.piece_code`` (this status carries none), ``.pieces_many``, ``.pieces_large``,
    ``.piece_empty``, ``.piece_kind``.
    """
    check(code, given, again)
    some = [one for one in given if one.filename or one.data]
    folder = f"{document.dossier}/{document.id}/{context.ids.new()}"
    kept: list[StoredFile] = list(again)
    for place, one in enumerate(some, start=1):
        media_type, suffix = _KINDS[detect(one.data)]
        name = _name(one.filename, suffix, place, [held.filename for held in kept])
        kept.append(
            context.blobs.put(f"{folder}/piece-{place}", one.data, media_type, filename=name)
        )
    return tuple(kept)


def check(code: str, given: Sequence[Given], again: Sequence[StoredFile] = ()) -> None:
    """InvalidError with what is wrong with these files; nothing is kept."""
    faults = _faults(code, [one for one in given if one.filename or one.data], again)
    if faults:
        raise InvalidError(faults, code="status.pieces")


def _faults(code: str, given: Sequence[Given], again: Sequence[StoredFile]) -> tuple[Fault, ...]:
    if (given or again) and code not in CARRYING:
        return (Fault(code="status.piece_code", path="pieces"),)
    found = []
    if len(given) + len(again) > MOST_PIECES:
        found.append(_fault("status.pieces_many", most=str(MOST_PIECES)))
    if sum(len(one.data) for one in given) + sum(one.size for one in again) > MOST_BYTES:
        found.append(_fault("status.pieces_large", most=str(MOST_BYTES // 1_000_000)))
    for one in given:
        kind = detect(one.data)
        if kind is Kind.EMPTY:
            found.append(_fault("status.piece_empty", name=one.filename[:_LONGEST_NAME]))
        elif kind not in _KINDS:
            found.append(_fault("status.piece_kind", name=one.filename[:_LONGEST_NAME]))
    return tuple(found)


def _fault(code: str, **values: str) -> Fault:
    return Fault(code=code, path="pieces", values=values)


def _name(given: str, suffix: str, place: int, taken: Sequence[str]) -> str:
    """A name that any system can keep, with the suffix of what the bytes are, used once."""
    base = re.split(r"[/\\]", given)[-1]
    stem, dot, end = base.rpartition(".")
    ends = f".{end.lower()}" if dot else ""
    kept = stem if _SAME.get(ends, ends) == suffix else base
    plain = re.sub(r"[^\w .()-]+", "-", kept).strip(" .-")
    name = f"{plain[: _LONGEST_NAME - len(suffix)] or f'piece-{place}'}{suffix}"
    return name if name not in taken else f"piece-{place}-{name}"[-_LONGEST_NAME:]


def roles_of(document: Document, role: str) -> tuple[str, ...]:
    """The roles of the pieces of a status whose message has this role, in their order."""
    start = f"{role}-piece-"
    found = [one for one in document.files if one.startswith(start)]
    return tuple(sorted(found, key=lambda one: int(one.removeprefix(start))))


def embedded(document: Document, role: str, context: Context) -> tuple[EmbeddedFile, ...]:
    """The pieces as its message carries them."""
    files = [document.files[one] for one in roles_of(document, role)]
    return tuple(
        EmbeddedFile(filename=one.filename, data=context.blobs.get(one), media_type=one.media_type)
        for one in files
    )
