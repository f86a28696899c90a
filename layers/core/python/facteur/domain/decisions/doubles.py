"""Decisions about doubles (JF-40, JF-41): a person says that there is none, or one left."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from facteur.domain.decisions.base import Actor, Decision, require, told
from facteur.domain.documents import Document, Duplicate, State
from facteur.domain.events import Happened


def clear_duplicates(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """« Ce n'est pas un doublon »: a person looked and says so."""
    require(document, "clear_duplicates", State.TO_CHECK, State.TO_ACCEPT)
    head = replace(document, duplicates_cleared=True)
    return Decision(document=head, events=(told(Happened.DUPLICATES_CLEARED, at, actor),))


def release_double(
    document: Document, gone: str, found: Sequence[Duplicate], *, at: datetime
) -> Decision:
    """What seemed its double, ``gone``, was refused or set aside: it is no longer one.

    ``found``: the doubles that it has now. One that nobody has seen blocks, whatever was said
    of the others.
    """
    require(document, "release_double", State.TO_CHECK, State.TO_ACCEPT)
    left = tuple(one for one in document.duplicates if one.document != gone)
    known = {one.document for one in document.duplicates}
    new = tuple(one for one in found if one.document not in known)
    head = replace(
        document,
        duplicates=(*left, *new),
        duplicates_cleared=document.duplicates_cleared and not new,
    )
    return Decision(document=head, events=(told(Happened.DOUBLE_GONE, at, document=gone),))
