"""Decisions about the trash: what nobody accepted yet may be set aside, restored, and deleted.

Never what was accepted or refused: an accepted invoice is kept as long as the law says, a refused
one is the trace of what was answered to its issuer. A document in the trash keeps everything, so
that restoring it puts it where it was. Deleting takes two steps: the decision here, which nothing
takes back, then its files (services/deciding/trashing). Its name, hash and history stay for good.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from facteur.domain.decisions.base import Actor, Decision, file_of, require, told
from facteur.domain.documents import Document, Duplicate, State, Summary
from facteur.domain.errors import IllegalTransitionError
from facteur.domain.events import Happened

#: What may go to the trash: it waits for a person, and nobody decided anything about it.
TRASHABLE = (State.TO_CHECK, State.TO_ACCEPT, State.QUARANTINED)
#: How long it stays there before it is deleted.
KEPT = timedelta(days=30)


def can_trash(document: Document) -> bool:
    """True when the document may go to the trash: not one whose sealing failed, accepted as it
    was."""
    return document.state in TRASHABLE and document.seal is None and not document.was_accepted


def trash(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """Out of every list but the trash; nothing of it is lost. IllegalTransitionError."""
    require(document, "trash", *TRASHABLE)
    if not can_trash(document):
        raise IllegalTransitionError("document.accepted_once", step="trash")
    head = replace(document, state=State.TRASHED, trashed_at=at, trashed_from=document.state.value)
    return Decision(document=head, events=(told(Happened.DOCUMENT_TRASHED, at, actor),))


def restore(
    document: Document, actor: Actor, duplicates: Sequence[Duplicate], *, at: datetime
) -> Decision:
    """Back where it was. ``duplicates``: what became its double meanwhile is a double to look at.

    IllegalTransitionError for what is not in the trash.
    """
    require(document, "restore", State.TRASHED)
    known = {one.document for one in document.duplicates}
    new = tuple(one for one in duplicates if one.document not in known)
    head = replace(
        document,
        state=State(document.trashed_from),
        trashed_at=None,
        trashed_from="",
        duplicates=(*document.duplicates, *new),
        duplicates_cleared=document.duplicates_cleared and not new,
    )
    return Decision(document=head, events=(told(Happened.DOCUMENT_RESTORED, at, actor),))


def delete(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """For good: what it said is forgotten now, its files right after. Name and hash stay.

    IllegalTransitionError for what is not in the trash, so for whatever was accepted.
    """
    require(document, "delete", State.TRASHED)
    head = replace(
        document,
        state=State.DELETED,
        summary=Summary(),
        faults=(),
        duplicates=(),
        proposal=(),
        coding={},
        party="",
        failure=None,
        trashed_at=None,
    )
    event = told(
        Happened.DOCUMENT_DELETED,
        at,
        actor,
        filename=document.filename,
        sha256=document.sha256,
        **file_of(document),
    )
    return Decision(document=head, events=(event,))


def erased(document: Document, *, at: datetime) -> Decision:
    """Its files are gone from the archive."""
    require(document, "erase", State.DELETED)
    event = told(Happened.FILES_ERASED, at, files=str(len(document.files)))
    return Decision(
        document=replace(document, files={}, pages=0, conversion=None), events=(event,)
    )
