"""The clock's round, and the first thing a start does: nothing that was acknowledged stays behind.

Its works: commands of the agenda that are due; stored mails and uploads that made no document
(the notification was lost); locks of what was sealed lately; what people are written to about.
One that fails stops none of the others, and the round fails in the end, so that somebody is woken.

What was lost is not received here but sent to a queue, once: a file that kills whoever opens it
ends in the dead letters, not in every round.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import unquote

from facteur.domain.commands import (
    CheckInvoice,
    Command,
    ConvertDocument,
    DrawPages,
    IndexWords,
    LearnFromDocument,
    PrintMail,
    ReadDocument,
    ReceiveMail,
    ReceiveUpload,
    ReleaseDoubles,
    Scheduled,
    SealDocument,
    SealFile,
    Sweep,
    WriteParts,
)
from facteur.domain.documents import DocumentRef
from facteur.domain.errors import NotFoundError
from facteur.ports import Context
from facteur.services.archive.sealing import relay_locks
from facteur.services.attempts import each
from facteur.services.deciding.trashing import empty_trash, erase_files
from facteur.services.ereporting import reviewing
from facteur.services.intake import arrivals, fetching, mails
from facteur.services.notifications.notifying import begin_digests
from facteur.services.platforms import polling
from facteur.services.staircase import LEASE, Steps, send

log = logging.getLogger(__name__)

#: How far back a start and one round an hour look, how far the other rounds do (each object costs
#: a read), and how long a notification may take before we act for it.
LOOK_BACK = timedelta(days=2)
SHORT_LOOK_BACK = timedelta(hours=1)
GRACE = timedelta(minutes=2)
ROUND = timedelta(minutes=5)  # between two rounds (functions/schedule)
MOST_DUE = 1000  # commands sent in one round
#: The road of a document: each is asked for at once and looks whether it is still wanted. The
#: agenda holds them later than that only while somebody runs them; nobody does at a start.
_ROAD = (
    ReadDocument, ConvertDocument, CheckInvoice, SealDocument, DrawPages, IndexWords, PrintMail,
    WriteParts, SealFile, LearnFromDocument, ReleaseDoubles,
)  # fmt: skip


def sweep(command: Sweep, context: Context) -> Steps:
    """One round. What it finds is sent to the queues, where it runs like everything else.

    Raises the first failure, after everything was tried.
    """
    works = (
        _send_due,
        _find_mails,
        _find_uploads,
        _lay_locks,
        _begin_digests,
        _empty_trash,
        _erase_files,
        _fetch_mailboxes,
        _sync_connections,
        _review_reports,
    )
    each(works, lambda work: work(command, context), "a part of the round")
    return None, ()


def _send_due(command: Sweep, context: Context) -> None:
    until = command.at + LEASE if command.starting else command.at
    for scheduled in context.store.due(until, limit=MOST_DUE):
        if scheduled.due <= command.at:
            send(scheduled, context)
        elif isinstance(scheduled.command, _ROAD):  # a kill took the one who held it
            send(replace(scheduled, due=command.at), context)


def _begin_digests(command: Sweep, context: Context) -> None:
    begin_digests(command.at, context)


def _empty_trash(command: Sweep, context: Context) -> None:
    empty_trash(command.at, context)


def _erase_files(_command: Sweep, context: Context) -> None:
    erase_files(context)


def _fetch_mailboxes(_command: Sweep, context: Context) -> None:
    """Ask the pipeline for the connected mailboxes whose time has come."""
    fetching.fetch_due(context)


def _sync_connections(_command: Sweep, context: Context) -> None:
    """Ask the approved platforms whose time has come what they have."""
    polling.sync_due(context)


def _review_reports(command: Sweep, context: Context) -> None:
    """At night: what e-reporting is due, and whether what was declared is still true."""
    reviewing.review_due(command.at, context)


def _lay_locks(command: Sweep, context: Context) -> None:
    relay_locks(context, since=LOOK_BACK if command.starting else 3 * LEASE)


def _find_mails(command: Sweep, context: Context) -> None:
    """Stored mails that no notification brought: received from what their object remembers."""

    def mail(key: str, stored_at: datetime) -> Command:
        raw, metadata = context.blobs.intake(key)
        named = metadata.get("recipients", "")
        recipients, by_headers = tuple(unquote(one) for one in named.split(",") if one), False
        if not recipients:
            recipients, by_headers = mails.recipients_in_headers(raw)
        return ReceiveMail(
            key=key,
            recipients=recipients,
            by_headers=by_headers,
            received_at=stored_at,
            sender=unquote(metadata.get("sender", "")),
            verdicts={
                name.removeprefix("verdict-"): value
                for name, value in metadata.items()
                if name.startswith("verdict-")
            },
        )

    _find("mail/", mail, command, context)


def _find_uploads(command: Sweep, context: Context) -> None:
    """Uploaded files that no event brought."""

    def upload(key: str, stored_at: datetime) -> Command | None:
        _folder, dossier, identifier = key.split("/", 2)
        try:
            context.store.document(DocumentRef(dossier, identifier))
        except NotFoundError:
            return ReceiveUpload(key=key, received_at=stored_at)
        return None

    _find("uploads/", upload, command, context)


def _find(
    prefix: str,
    lost: Callable[[str, datetime], Command | None],
    command: Sweep,
    context: Context,
) -> None:
    """Send for what was stored a while ago and is not known as received, each object once.

    ``lost`` answers the command that receives an object, None when it was received.
    """
    grace = timedelta() if command.starting else GRACE

    def look(stored: tuple[str, datetime]) -> None:
        key, at = stored
        if command.at - at < grace or arrivals.is_known(key, context):
            return
        receive = lost(key, at)
        if receive is None:
            arrivals.know(key, "done", context)
            return
        log.warning("%s was never received: receiving it now", key)
        scheduled = Scheduled(id=f"lost-{key}", command=receive, due=context.clock.now())
        context.store.schedule(replace(scheduled, due=scheduled.due + LEASE))
        arrivals.know(key, "sent", context)
        send(scheduled, context)

    far = command.starting or command.at.minute < ROUND.total_seconds() // 60
    since = command.at - (LOOK_BACK if far else SHORT_LOOK_BACK)
    stored = context.blobs.intake_keys(prefix, since=since)
    each(stored, look, f"looking for what was lost under {prefix}")
