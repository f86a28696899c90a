"""Consent at a platform: the user goes there, agrees, and comes back with a code (PE-15).

The way back carries a state that works once, for twenty minutes, for the user who left. A consent
that leads nowhere leaves no secret behind. Source: RFC 6749 §4.1, RFC 9700 (state, PKCE).
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import ForgetConsent, Scheduled
from facteur.domain.connections import Connection, ConnectionState, Grant
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    FacteurError,
    InvalidError,
    NotFoundError,
    RefusedByPlatformError,
)
from facteur.domain.faults import Fault
from facteur.ports import Context, Session, Ticket
from facteur.services.access import signing_in
from facteur.services.platforms.connected import kind_of, without_secrets
from facteur.services.platforms.connecting import asked, checked, connected, let_in, subscribed
from facteur.services.platforms.opening import changed, credentials_of, opened, seal
from facteur.services.staircase import NOTHING, Steps

CONSENT = "platform_consent"
CONSENT_LIFE = timedelta(minutes=20)
_GRACE = timedelta(minutes=5)  # of somebody who came back at the last moment


def begin_consent(
    held: Session,
    caller: Caller,
    platform: str,
    typed: Mapping[str, str],
    *,
    back: str,
    context: Context,
) -> str:
    """Where the user consents for the open dossier; what comes back works once, for him.

    InvalidError (``connection.no_siret``, what is typed wrong); NotFoundError where the platform
    has no such page.
    """
    kind = kind_of(platform, context)
    caller.require(Permission.MANAGE)
    if not kind.authorize_url:
        raise NotFoundError("not_found")
    given = checked(typed, kind, held, context)
    made = asked(caller, kind, given, context)
    made = context.connections.save(
        replace(
            made,
            id=context.ids.new(),  # one that works goes on working until this one does
            version=0,
            state=ConnectionState.CONNECTING,
            grant=Grant.CODE,
            webhook="",
            webhook_key="",
        )
    )
    state = secrets.token_urlsafe(32)
    context.tickets.save(
        Ticket(
            digest=signing_in.digest(state),
            kind=CONSENT,
            expires_at=context.clock.now() + CONSENT_LIFE,
            values={"dossier": made.dossier, "connection": made.id, "user": held.user},
        )
    )
    _forget_later(made, context)
    return context.platforms.consent_url(made, state=state, back=back)


def _forget_later(made: Connection, context: Context) -> None:
    """Who never comes back leaves no secret behind either: a command of the agenda sees to it."""
    command = ForgetConsent(dossier=made.dossier, connection=made.id)
    due = context.clock.now() + CONSENT_LIFE + _GRACE
    context.store.schedule(Scheduled(id=f"forget-consent-{made.id}", command=command, due=due))


def forget_consent(command: ForgetConsent, context: Context) -> Steps:
    """The way back is too old: what was sealed for a consent that nobody gave is forgotten."""
    try:
        held = context.connections.connection(command.dossier, command.connection)
    except NotFoundError:
        return NOTHING
    if held.state is ConnectionState.CONNECTING:
        _undone(held, context)
    return NOTHING


def finish_consent(
    held: Session, *, state: str, code: str, back: str, context: Context
) -> Connection:
    """The user comes back from the platform. InvalidError (``connection.consent``) when the way
    back was used, is too old, is somebody else's, or the platform said no."""
    refused = InvalidError((Fault(code="connection.consent"),), code="connection.consent")
    ticket = context.tickets.take(signing_in.digest(state)) if state else None
    if ticket is None or ticket.kind != CONSENT or ticket.values["user"] != held.user:
        raise refused
    caller = signing_in.access(held, ticket.values["dossier"], context)
    if caller is None or not caller.may(Permission.MANAGE):
        raise NotFoundError("not_found")
    made = context.connections.connection(caller.dossier, ticket.values["connection"])
    kind = kind_of(made.platform, context)
    try:
        if not code:
            raise refused
        token = context.platforms.exchange(
            made, credentials_of(made, context), code=code, back=back
        )
        made = context.connections.save(
            replace(made, refresh_token=seal(token, made.dossier, context))
        )
        with opened(made, context) as platform:
            let_in(platform, made, kind, context)
            hooked = subscribed(platform, made, kind, context)
    except RefusedByPlatformError as error:
        _undone(made, context)
        raise refused from error
    except FacteurError:
        _undone(made, context)
        raise
    present = context.connections.connection(made.dossier, made.id)  # its token may have moved
    whole = replace(
        present,
        state=ConnectionState.CONNECTED,
        webhook=hooked.webhook,
        webhook_key=hooked.webhook_key,
    )
    return connected(caller, whole, context)


def _undone(connection: Connection, context: Context) -> None:
    """A consent that led nowhere leaves no secret behind; one that did is another's to keep."""

    def ended(present: Connection) -> Connection:
        pending = present.state is ConnectionState.CONNECTING
        return without_secrets(present) if pending else present

    changed(connection, context, ended)
