"""The trash: set aside, restored in a click, deleted after thirty days or by hand.

A decision is for one document; several at once are ``bulk``: each by its own version, and what is
refused is told with its reason, without stopping the others.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from facteur.domain import codes, decisions
from facteur.domain.commands import (
    AcceptDocument,
    DeleteDocument,
    RefuseDocument,
    ReplayDocument,
    RestoreDocument,
    Scheduled,
    TrashDocument,
)
from facteur.domain.decisions import trash as rules
from facteur.domain.decisions.base import THE_SYSTEM, Actor
from facteur.domain.documents import Document, DocumentRef, Duplicate, State
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import FacteurError, InvalidError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.ports import Context
from facteur.services.attempts import each
from facteur.services.intake.doubles import doubles
from facteur.services.run import run
from facteur.services.staircase import LEASE, Steps, commit, send

log = logging.getLogger(__name__)

MOST_AT_ONCE = 50  # documents of one page
#: In which states each of them can be done.
_POSSIBLE = {
    "accept": decisions.ACCEPTABLE,
    "refuse": decisions.REFUSABLE,
    "replay": (State.QUARANTINED,),
    "trash": rules.TRASHABLE,
    "restore": (State.TRASHED,),
    "delete": (State.TRASHED,),
}
ACTIONS = tuple(_POSSIBLE)
_MOST_SWEPT = 100  # deleted in one round: the next one goes on


def trash_document(command: TrashDocument, context: Context) -> Steps:
    """Put a document that nobody accepted in the trash."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.version != command.version:
        raise StaleVersionError("document.stale")
    return commit(rules.trash(document, _actor(command), at=context.clock.now()), context)


def restore_document(command: RestoreDocument, context: Context) -> Steps:
    """Back where it was; what arrived meanwhile may be its double."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    found: tuple[Duplicate, ...] = ()
    if document.state is State.TRASHED:
        found, _claims = doubles(document, document.summary, context)
    decision = rules.restore(document, _actor(command), found, at=context.clock.now())
    return commit(decision, context)


def delete_document(command: DeleteDocument, context: Context) -> Steps:
    """For good; the clock's next round erases its files."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    return commit(rules.delete(document, _actor(command), at=context.clock.now()), context)


def erase_files(context: Context) -> None:
    """Erase every version of every file of what was deleted. Raises the first failure, after all.

    Asked by the clock's round alone: its function is the only one that may delete an object, and
    it opens no file (decision 0183).
    """

    def erase(document: Document) -> None:
        if document.state is State.DELETED and document.seal is None:
            context.blobs.erase(f"{document.dossier}/{document.id}/")
            commit(rules.erased(document, at=context.clock.now()), context)

    each(context.store.to_erase(limit=_MOST_SWEPT), erase, "erasing what was deleted")


def _actor(command: TrashDocument | RestoreDocument | DeleteDocument) -> Actor:
    return Actor(id=command.by, name=command.by_name)


def empty_trash(at: datetime, context: Context) -> None:
    """Delete what has been in the trash for thirty days. Raises the first failure, after all."""
    old = context.store.trashed_before(at - rules.KEPT, limit=_MOST_SWEPT)

    def delete(document: Document) -> None:
        command = DeleteDocument(dossier=document.dossier, document=document.id, by=THE_SYSTEM.id)
        identifier = f"{document.id}-expired-{document.version}"
        scheduled = Scheduled(id=identifier, command=command, due=at)
        context.store.schedule(replace(scheduled, due=at + LEASE))
        send(scheduled, context)

    each(old, delete, "emptying the trash")


# ── Several at once ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A document that was ticked, as its reader saw it."""

    document: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """A document that the action left as it was, and why."""

    document: Document | None
    error: FacteurError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What an action on several documents did."""

    done: tuple[str, ...]
    not_done: tuple[NotDone, ...] = ()


def offered(documents: Sequence[Document]) -> frozenset[str]:
    """The ACTIONS that can be done to one at least of these documents, as they stand."""
    states = {one.state for one in documents}
    return frozenset(action for action, some in _POSSIBLE.items() if states.intersection(some))


def bulk(
    caller: Caller,
    action: str,
    chosen: Sequence[Chosen],
    context: Context,
    *,
    reason: str = "",
    comment: str = "",
) -> Bulk:
    """Do one thing of ACTIONS to each document on its own.

    InvalidError (``bulk.none``, ``bulk.too_many``, ``bulk.unknown``) before anything is done.
    """
    caller.require(Permission.DECIDE)
    once = {one.document: one for one in chosen}
    faults = []
    if not once:
        faults.append(Fault(code="bulk.none"))
    if len(once) > MOST_AT_ONCE:
        faults.append(Fault(code="bulk.too_many", values={"limit": str(MOST_AT_ONCE)}))
    if action not in ACTIONS:
        faults.append(Fault(code="bulk.unknown"))
    if action == "refuse" and not codes.is_refusal(reason):
        faults.append(Fault(code="refusal.reason_missing", path="reason"))
    if faults:
        raise InvalidError(tuple(faults), code=faults[0].code)
    done, not_done = [], []
    for one in once.values():
        try:
            run(_command(caller, action, one, reason, comment), context)
        except FacteurError as error:
            not_done.append(NotDone(document=_known(caller, one.document, context), error=error))
        else:
            done.append(one.document)
    return Bulk(done=tuple(done), not_done=tuple(not_done))


def _command(
    caller: Caller, action: str, one: Chosen, reason: str, comment: str
) -> (
    AcceptDocument
    | RefuseDocument
    | ReplayDocument
    | TrashDocument
    | RestoreDocument
    | DeleteDocument
):
    who = {
        "dossier": caller.dossier,
        "document": one.document,
        "by": caller.user,
        "by_name": caller.name,
    }
    match action:
        case "accept":
            return AcceptDocument(version=one.version, **who)
        case "refuse":
            return RefuseDocument(version=one.version, reason=reason, comment=comment, **who)
        case "replay":
            return ReplayDocument(**who)
        case "trash":
            return TrashDocument(version=one.version, **who)
        case "restore":
            return RestoreDocument(**who)
        case _:
            return DeleteDocument(**who)


def _known(caller: Caller, identifier: str, context: Context) -> Document | None:
    try:
        return context.store.document(DocumentRef(caller.dossier, identifier))
    except FacteurError:
        return None
