"""The clock's round, and the first thing a start does: nothing that was acknowledged stays behind.

Three sweeps: commands of the agenda that are due; stored mails and uploads that made no document
(the notification was lost); locks of what was sealed lately.
"""

import logging
from datetime import timedelta

from facteur.domain.commands import ReceiveMail, ReceiveUpload, Scheduled, Sweep
from facteur.domain.documents import Document, DocumentRef
from facteur.domain.errors import FacteurError, NotFoundError
from facteur.ports import Context
from facteur.services import intake
from facteur.services.archiving import relay_locks
from facteur.services.staircase import LEASE

log = logging.getLogger(__name__)

#: How far back the round looks, and how long a notification may take before we act for it.
LOOK_BACK = timedelta(days=2)
GRACE = timedelta(minutes=2)

Steps = tuple[Document | None, tuple[Scheduled, ...]]


def sweep(command: Sweep, context: Context) -> Steps:
    """One round. What it finds is sent to the queues, where it runs like everything else."""
    follow = list(context.store.due(command.at))
    follow += _lost_mails(command, context)
    follow += _lost_uploads(command, context)
    relay_locks(context, since=LOOK_BACK if command.starting else 3 * LEASE)
    return None, tuple(follow)


def _quiet(command: Sweep) -> timedelta:
    return timedelta() if command.starting else GRACE


def _lost_mails(command: Sweep, context: Context) -> list[Scheduled]:
    """Stored mails that no notification brought: received from what their object remembers."""
    follow: list[Scheduled] = []
    since = command.at - LOOK_BACK
    for key, stored_at in context.blobs.intake_keys("mail/", since=since):
        if command.at - stored_at < _quiet(command):
            continue
        if context.store.claimed(intake.UNROUTED, "INTAKE", key) is not None:
            continue
        log.warning("mail %s was never received: receiving it now", key)
        _raw, metadata = context.blobs.intake(key)
        recipients = tuple(one for one in metadata.get("recipients", "").split(",") if one)
        verdicts = {
            name.removeprefix("verdict-"): value
            for name, value in metadata.items()
            if name.startswith("verdict-")
        }
        mail = ReceiveMail(
            key=key,
            recipients=recipients or intake.recipients_in_headers(_raw),
            received_at=stored_at,
            sender=metadata.get("sender", ""),
            verdicts=verdicts,
        )
        follow += _now(mail, key, context)
    return follow


def _lost_uploads(command: Sweep, context: Context) -> list[Scheduled]:
    """Uploaded files that no event brought."""
    follow: list[Scheduled] = []
    since = command.at - LOOK_BACK
    for key, stored_at in context.blobs.intake_keys("uploads/", since=since):
        if command.at - stored_at < _quiet(command):
            continue
        _folder, dossier, identifier = key.split("/", 2)
        try:
            context.store.document(DocumentRef(dossier, identifier))
        except NotFoundError:
            log.warning("upload %s was never received: receiving it now", key)
            follow += _now(ReceiveUpload(key=key, received_at=stored_at), key, context)
    return follow


def _now(
    command: ReceiveMail | ReceiveUpload, key: str, context: Context
) -> tuple[Scheduled, ...]:
    """Receive one lost object here; one that fails is left for the next round, said."""
    try:
        if isinstance(command, ReceiveMail):
            return intake.receive_mail(command, context)[1]
        return intake.receive_upload(command, context)[1]
    except FacteurError as error:
        log.warning("%s could not be received: %s", key, error)
        return ()
