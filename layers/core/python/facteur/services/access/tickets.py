"""Tokens that work once and not for long: links in mails, second forms, challenges.

The token is given out; its hash is kept, with what it stands for (port Tickets).
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from facteur.domain.errors import NotFoundError
from facteur.ports import Context, Ticket
from facteur.services.access.signing_in import digest


def issue(kind: str, life: timedelta, values: Mapping[str, str], context: Context) -> str:
    """A new ticket of a kind; its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    context.tickets.save(
        Ticket(
            digest=digest(token),
            kind=kind,
            expires_at=context.clock.now() + life,
            values=dict(values),
        )
    )
    return token


def valid(token: str, kind: str, context: Context) -> Ticket:
    """The ticket of a token, which stays good; NotFoundError (``link.over``)."""
    ticket = context.tickets.load(digest(token)) if token else None
    if ticket is None or ticket.kind != kind:
        raise NotFoundError("link.over")
    return ticket


def taken(token: str, kind: str, context: Context) -> Ticket:
    """The ticket, for the only time; NotFoundError (``link.over``)."""
    valid(token, kind, context)
    ticket = context.tickets.take(digest(token))
    if ticket is None:
        raise NotFoundError("link.over")
    return ticket
