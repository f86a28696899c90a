"""A sale is archived once it was sent (JF-59): it waits for that, accepted and not sealed.

It waits while it can leave by a channel that the dossier has: an approved platform, Chorus Pro
among them, or the buyer's own dossier here. The channel's answer ends it (« Ok » of the platform's
controls, or a status that it went on; the hand-over). What was refused, or given back (213), goes
on waiting, in sight, until it is mended and sent again, or until somebody says that it is kept
without being sent. Nothing of the file moves meanwhile: what left is what is sealed.

Pure: services/archive/awaiting.py knows the channels (decision 0298).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from facteur.domain.decisions.base import THE_SYSTEM, Actor, Decision, require, told
from facteur.domain.decisions.sendings import given_back, last_sending, why_not
from facteur.domain.documents import Channel, Direction, Document, State
from facteur.domain.errors import ConflictError
from facteur.domain.events import Happened
from facteur.domain.lifecycle.records import Transmission
from facteur.domain.lifecycle.telling import LATE, with_unseen

PATIENCE = timedelta(days=7)  # what waits longer is told among the errors

#: What came in and says that the invoice did not go on: every other status says that it did.
_STOPPED = frozenset({"213", "221", "501"})


def sent_from_here(document: Document) -> bool:
    """True for a sale that is sent from here: not one that a platform brought, already on its
    way, nor one that somebody keeps without sending it."""
    brought = any(one.channel is Channel.PA for one in document.sources)
    return document.direction is Direction.SALE and not (brought or document.kept_unsent)


def may_leave(document: Document) -> bool:
    """True while an accepted sale could leave by a platform, or is on its way there."""
    return why_not(document) in ("", "sending.under_way") and not gone(document)


def gone(document: Document) -> bool:
    """True once a platform took it: its controls passed, or a status says that it went on."""
    last = last_sending(document)
    if last is None or given_back(document):
        return False
    return last.transmission is Transmission.CONFIRMED or any(
        one.transmission is Transmission.NONE
        and one.code not in _STOPPED
        and one.set_at >= last.at
        for one in document.statuses
    )


def hold(document: Document, *, at: datetime) -> Decision:
    """Accepted, and sealed once it was sent: waiting from now on."""
    require(document, "hold", State.ACCEPTED)
    structured = {"direction": document.direction.value} if document.structured else {}
    event = told(Happened.SENDING_AWAITED, at, THE_SYSTEM, **structured)
    return Decision(document=replace(document, to_send_since=at), events=(event,))


def late(document: Document, *, at: datetime) -> Decision | None:
    """It has waited for a week: told once, among the errors. None before that, and afterwards."""
    since = document.to_send_since
    if since is None or document.told_late or at - since < PATIENCE:
        return None
    event = told(Happened.SENDING_LATE, at, days=str(PATIENCE.days))
    head = with_unseen(replace(document, told_late=True), LATE)
    return Decision(document=head, events=(event,))


def keep_unsent(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """« Archiver sans envoyer »: a person says that it leaves by other means, or not at all.

    ConflictError (``sending.under_way``) while a platform holds it.
    """
    require(document, "keep_unsent", State.ACCEPTED)
    if document.sendings and not given_back(document):
        raise ConflictError("sending.under_way")
    event = told(Happened.SENDING_WAIVED, at, actor)
    return Decision(document=replace(document, kept_unsent=True), events=(event,))
