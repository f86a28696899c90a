"""The files of a Factur-X as another library reads them: pypdf, where pikepdf wrote.

A mistake of the writer, or of how we use it, would hide from the writer's own reader. So before a
Factur-X is sealed for ten years, its embedded files are read here without a line in common with
what embedded them (docs/decisions/0112). Only files that the catalogue associates (/AF) or names
(/EmbeddedFiles) count. Runs in the PDF child: pypdf is slow and patient with hostile files too.
Sources: ISO 32000-2 §7.11.4 and §14.13 (associated files), Factur-X 1.0 §6.2.
"""

import io
from collections.abc import Iterator
from typing import NamedTuple

import pypdf
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from facteur.domain.errors import UnreadableError

MOST_FILES = 100
MOST_BYTES = 100 * 1024 * 1024


class Attached(NamedTuple):
    """An embedded file as pypdf reads it."""

    name: str
    relationship: str  # AFRelationship without the slash, "" when there is none
    data: bytes


def attached(data: bytes) -> tuple[Attached, ...]:
    """The embedded files of a PDF, each once, associated ones first.

    UnreadableError ``unreadable.damaged`` for what pypdf cannot read, ``.bomb`` for too much.
    """
    found: dict[str, Attached] = {}
    left = MOST_BYTES
    try:
        root = pypdf.PdfReader(io.BytesIO(data), strict=False).root_object
        for spec in _specifications(root):
            one = _attached(spec)
            if one is None or one.name in found:
                continue
            left -= len(one.data)
            if left < 0 or len(found) >= MOST_FILES:
                raise UnreadableError("unreadable.bomb", name=one.name)
            found[one.name] = one
    except (PyPdfError, AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise UnreadableError("unreadable.damaged", reason=f"pypdf: {error}"[:300]) from error
    return tuple(found.values())


def _specifications(root: DictionaryObject) -> Iterator[DictionaryObject]:
    """File specifications: of the catalogue's /AF, then of its tree of names."""
    yield from _dictionaries(root.get("/AF"))
    names = root.get("/Names", DictionaryObject()).get_object()
    waiting, met = [names.get("/EmbeddedFiles")], 0
    while waiting and met < 10 * MOST_FILES:  # a loop in the tree ends here
        node, met = waiting.pop(0), met + 1
        tree = node.get_object() if node is not None else None
        if isinstance(tree, DictionaryObject):
            yield from _dictionaries(tree.get("/Names"))
            waiting += list(tree.get("/Kids", ()))[:MOST_FILES]


def _dictionaries(held: PdfObject | None) -> Iterator[DictionaryObject]:
    """The dictionaries of an array; names between them, in a tree, are passed over."""
    things = held.get_object() if held is not None else None
    for thing in things if isinstance(things, ArrayObject) else ():
        one = thing.get_object()
        if isinstance(one, DictionaryObject):
            yield one


def _attached(spec: DictionaryObject) -> Attached | None:
    """One embedded file, None when the specification holds no bytes."""
    held = spec.get("/EF", DictionaryObject()).get_object()
    stream = held.get("/F", held.get("/UF"))
    stream = stream.get_object() if stream is not None else None
    if not isinstance(stream, StreamObject):
        return None
    name = str(spec.get("/UF", spec.get("/F", "")))
    relationship = str(spec.get("/AFRelationship", "")).removeprefix("/")
    return Attached(name, relationship, stream.get_data())
