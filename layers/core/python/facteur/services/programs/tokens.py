"""Access tokens for programs: OAuth 2.0 client credentials (RFC 6749 §4.4).

An API key is the client: its identifier is ``client_id``, the key itself ``client_secret``. The
token is random, kept by its hash for half an hour, and worth what the key is worth when it is
used: revoking the key ends its tokens at once.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from facteur.domain.dossiers import Caller
from facteur.domain.errors import ForbiddenError
from facteur.ports import Context, Ticket
from facteur.services.access.signing_in import digest
from facteur.services.programs import keys, publishing

PREFIX = "fat_"
LIFE = timedelta(minutes=30)
_KIND = "api_token"
_MOST_FAILURES, _WINDOW = 30, 900  # wrong secrets for one client in a quarter of an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A new token, shown once, and how long it works."""

    token: str
    seconds: int


def issue(client_id: str, client_secret: str, context: Context) -> Issued:
    """A token for a client.

    ForbiddenError: ``token.client`` for an identifier and secret that do not go together,
    ``token.throttled`` after too many of these.
    """
    counter = f"token|{digest(client_id)}"
    try:
        found = keys.key_of(client_secret, context)
    except ForbiddenError:
        found = None
    if found is None or found.id != client_id:
        if context.sessions.hit(counter, window_seconds=_WINDOW) > _MOST_FAILURES:
            raise ForbiddenError("token.throttled")
        raise ForbiddenError("token.client")
    publishing.watch(found.dossier, context)
    token = PREFIX + secrets.token_urlsafe(32)
    context.tickets.save(
        Ticket(
            digest=digest(token),
            kind=_KIND,
            expires_at=context.clock.now() + LIFE,
            values={"key": found.digest},
        )
    )
    return Issued(token=token, seconds=int(LIFE.total_seconds()))


def caller_of(secret: str, context: Context) -> Caller:
    """Who asks with a token, or with an API key itself.

    ForbiddenError: ``api_key.unknown`` for what opens nothing, ``token.expired`` for a token that
    is over.
    """
    if not secret.startswith(PREFIX):
        return keys.caller_of(secret, context)
    ticket = context.tickets.load(digest(secret))
    if ticket is None or ticket.kind != _KIND:
        raise ForbiddenError("token.expired")
    return keys.caller_by_digest(ticket.values["key"], context)
