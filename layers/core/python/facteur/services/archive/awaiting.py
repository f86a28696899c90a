"""Which sales wait for their sending before they are sealed, and what is done of them meanwhile.

SealDocument comes again whenever something may have ended the wait (policies.py), and once a day:
what was sent and lost its follow-up, what has no channel any more, and what has waited for too
long are found by the sale's own clock, in the agenda, without looking through anything else.
"""

from datetime import timedelta

from facteur.domain.commands import (
    KeepUnsent,
    Scheduled,
    SealDocument,
    TransferDocument,
)
from facteur.domain.connections import default_of
from facteur.domain.decisions import awaiting as decide
from facteur.domain.decisions.base import Actor
from facteur.domain.documents import Document, DocumentRef
from facteur.domain.errors import StaleVersionError
from facteur.domain.self_billing import issued_here
from facteur.ports import Context
from facteur.services.flows import transferring
from facteur.services.staircase import Steps, commit

EVERY = timedelta(days=1)


def waits(document: Document, context: Context) -> bool:
    """True while an accepted sale has a channel to leave by, and has not left."""
    if not decide.sent_from_here(document) or transferring.handed(document, context):
        return False
    if decide.may_leave(document) and (document.sendings or _connected(document, context)):
        return True
    return not decide.gone(document) and transferring.buyer_of(document, context) is not None


def unsent(document: Document, context: Context) -> bool:
    """True for a sale of ours that is sealed because nothing could carry it."""
    ours = decide.sent_from_here(document) and issued_here(document)
    if not ours or document.sendings:
        return False
    return not transferring.handed(document, context)


def _connected(document: Document, context: Context) -> bool:
    return default_of(context.connections.connections(document.dossier)) is not None


def hold(document: Document, context: Context) -> Steps:
    """Let it wait, and look again tomorrow; the second time, see to what is due meanwhile."""
    now = context.clock.now()
    again = SealDocument(dossier=document.dossier, document=document.id)
    due = now + EVERY
    name = f"{document.id}-seal-{due:%Y%m%d}"
    context.store.schedule(Scheduled(id=name, command=again, due=due))
    if document.to_send_since is None:
        return commit(decide.hold(document, at=now), context)
    follow: tuple[Scheduled, ...] = ()
    if transferring.buyer_of(document, context) is not None:  # handing over was interrupted
        hand = TransferDocument(dossier=document.dossier, document=document.id)
        follow = (Scheduled(id=f"{document.id}-hand-{now:%Y%m%d}", command=hand, due=now),)
    decision = decide.late(document, at=now)
    if decision is None:
        return document, follow
    head, more = commit(decision, context)
    return head, (*follow, *more)


def keep_unsent(command: KeepUnsent, context: Context) -> Steps:
    """Archive a sale that nobody sends from here; sealing follows."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.version != command.version:
        raise StaleVersionError("document.stale")
    actor = Actor(id=command.by, name=command.by_name)
    return commit(decide.keep_unsent(document, actor, at=context.clock.now()), context)
