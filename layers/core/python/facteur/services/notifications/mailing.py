"""The addresses we write to: what came back, who unsubscribed, who wants our mails again.

A mail that comes back for good, or a complaint, ends every mail of ours to that address: going on
would cost the whole installation its good name with mail servers. Its owner takes that back on
the notifications page of an account of that address; for somebody else's, a link asks them first
(settings.py). Unsubscribing ends digests alone, in one click and without signing in.

Sources: AWS, « Amazon SNS notification contents for Amazon SES »; RFC 8058.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from facteur.domain import attention
from facteur.domain.attention import Feedback, Mailing
from facteur.domain.commands import RecordFeedback
from facteur.domain.errors import InvalidError, NotFoundError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry, bounded
from facteur.ports import Context, Ticket
from facteur.services.access.signing_in import digest
from facteur.services.notifications import mails
from facteur.services.staircase import NOTHING, Steps

log = logging.getLogger(__name__)

UNSUBSCRIBE_LIFE = timedelta(days=365)
_TRIES = 3


def record_feedback(command: RecordFeedback, context: Context) -> Steps:
    """Count what came back; a lasting bounce or a complaint ends our mails to that address."""
    what = Feedback(command.what)
    _change(
        command.address,
        lambda held: attention.fed_back(held, what, command.notice, at=command.at),
        context,
    )
    log.warning("a mail came back: %s", what.value)
    return NOTHING


def refuse_blocked(address: str, context: Context, path: str = "email") -> None:
    """InvalidError (``email.blocked``) for an address that takes no mail of ours any more."""
    if context.notifications.mailing(address).blocked:
        fault = Fault(code="email.blocked", path=path, values={"email": address})
        raise InvalidError((fault,), code="email.blocked")


def reactivate(address: str, context: Context) -> Mailing:
    """Its owner wants our mails again; what was counted stays."""
    return _change(address, attention.reactivated, context)


def try_again(address: str, context: Context) -> Mailing:
    """Somebody else says that the address exists again: a bounce is forgotten, nothing else."""
    return _change(address, attention.tried_again, context)


def resubscribe(address: str, context: Context) -> Mailing:
    """Its owner followed a link of confirmation: digests go there again."""
    return _change(address, attention.resubscribed, context)


def _change(address: str, change: Callable[[Mailing], Mailing], context: Context) -> Mailing:
    """Change an address; somebody faster is followed, not overwritten."""
    for left in reversed(range(_TRIES)):
        held = context.notifications.mailing(address)
        changed = change(held)
        if changed == held:
            return held
        try:
            return context.notifications.save_mailing(changed)
        except StaleVersionError:
            if not left:
                raise
    raise AssertionError  # the loop returns or raises


# ── Unsubscribing ───────────────────────────────────────────────────────────────────────────────


def unsubscribe_link(address: str, dossiers: Sequence[str], context: Context) -> str:
    """A link that ends the digests to an address; its token's hash alone is kept."""
    token = secrets.token_urlsafe(32)
    context.tickets.save(
        Ticket(
            digest=digest(token),
            kind="unsubscribe",
            expires_at=context.clock.now() + UNSUBSCRIBE_LIFE,
            values={"address": address, "dossiers": " ".join(dossiers)},
        )
    )
    return mails.link(context, f"/desabonnement/{token}")


def unsubscribing(token: str, context: Context) -> Mailing:
    """The address that a link would unsubscribe; NotFoundError (``link.over``)."""
    return context.notifications.mailing(_ticket(token, context).values["address"])


def unsubscribe(token: str, context: Context) -> Mailing:
    """No digest goes to that address any more; doing it twice is doing it once. NotFoundError."""
    ticket, now = _ticket(token, context), context.clock.now()
    address = ticket.values["address"]
    if context.notifications.mailing(address).unsubscribed_at is not None:
        return context.notifications.mailing(address)
    changed = _change(address, lambda held: replace(held, unsubscribed_at=now), context)
    context.journal.add(
        [
            JournalEntry(
                dossier=dossier,
                id=f"unsubscribed-{ticket.digest[:16]}",
                at=now,
                what="notifications.unsubscribed",
                by="lien",
                by_name=address,
                values=bounded({"email": address}),
            )
            for dossier in ticket.values["dossiers"].split()
        ]
    )
    return changed


def _ticket(token: str, context: Context) -> Ticket:
    """The link stays good: a mail may be unsubscribed from after another was."""
    ticket = context.tickets.load(digest(token)) if token else None
    if ticket is None or ticket.kind != "unsubscribe":
        raise NotFoundError("link.over")
    return ticket
