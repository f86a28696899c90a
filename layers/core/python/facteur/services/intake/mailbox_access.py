"""What opens a fetched mailbox: its password, or a token that its provider renews for each round.

Two who use one refresh token may lose it both (RFC 9700 §4.14): whose turn it is stands on the
mailbox for a short while, whoever comes meanwhile is tried again by the queue. The token that
replaces another is sealed and written before anything is done with the new access.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from facteur.domain.errors import FacteurError, StaleVersionError
from facteur.domain.mailboxes import Mailbox
from facteur.ports import Context

PURPOSE = "imap"
_TURN = timedelta(seconds=90)  # longer than a call to a provider may last
_TRIES = 5


def seal(secret: str, dossier: str, context: Context) -> str:
    """A password or a refresh token as it is kept."""
    return context.secrets.seal(secret, dossier=dossier, purpose=PURPOSE)


def secret_of(held: Mailbox, context: Context) -> tuple[Mailbox, str]:
    """The mailbox as it stands by now, and what its server takes: a password or an access token.

    StaleVersionError while somebody else renews; whatever ``MailConsents.renew`` raises.
    """
    kept = context.secrets.open(held.secret, dossier=held.dossier, purpose=PURPOSE)
    if not held.provider:
        return held, kept
    now = context.clock.now()
    if held.renewing_until is not None and held.renewing_until > now:
        raise StaleVersionError("fetch_box.stale", id=held.id)
    mine = context.mailboxes.save(replace(held, renewing_until=now + _TURN))
    try:
        given = context.mail_consents.renew(held.provider, kept)
    except FacteurError:
        _changed(mine, lambda one: replace(one, renewing_until=None), context)
        raise
    sealed = held.secret if given.refresh == kept else seal(given.refresh, held.dossier, context)
    after = _changed(mine, lambda one: replace(one, secret=sealed, renewing_until=None), context)
    return after, given.access


def _changed(mine: Mailbox, change: Callable[[Mailbox], Mailbox], context: Context) -> Mailbox:
    """Change a mailbox as it stands, whoever added a rule meanwhile; not one that was reconnected.

    StaleVersionError, NotFoundError (it was disconnected).
    """
    present = mine
    for attempt in range(_TRIES):
        try:
            return context.mailboxes.save(change(present))
        except StaleVersionError:
            if attempt == _TRIES - 1:
                raise
            present = context.mailboxes.mailbox(mine.dossier, mine.id)
            if present.secret != mine.secret:
                raise
    raise AssertionError  # the loop returns or raises
