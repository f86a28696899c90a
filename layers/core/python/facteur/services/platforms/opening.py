"""Opening a platform as a connection reaches it: its secrets, its journal, its health.

Secrets are opened here and given to the adapter only. Every call is told in the journal of the
connection (PE-13), also of what failed. A refresh token that the platform replaced is sealed and
written before anything else is done with the new one (PE-15). Functions renew one at a time, by a
short lease on the connection: who used a token twice would lose it (RFC 9700 §4.14). Who meets the
lease tries again later, with the token that the other kept.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from facteur.domain.connections import (
    PURPOSE,
    Connection,
    ConnectionState,
    Credentials,
    Grant,
    PlatformCall,
)
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.faults import Fault
from facteur.ports import Context, Platform

_TRIES = 5
HTTP_OK = 200
_RENEWAL = timedelta(seconds=90)  # longer than a call may last


@contextmanager
def opened(
    connection: Connection, context: Context, *, document: str = "", about: Sequence[str] = ()
) -> Iterator[Platform]:
    """The platform behind a connection; its calls are told, about ``document`` where there is one.

    ``about``: the same, filled by the caller once he knows which document it is.

    UnavailableError (``platform.token_moved``) when somebody else renewed the token meanwhile;
    whatever the platform raises passes.
    """
    calls: list[PlatformCall] = []

    def keep(token: str) -> None:
        sealed = seal(token, connection.dossier, context)
        now = context.clock.now()

        def kept(one: Connection) -> Connection:
            return replace(_same(one, connection), refresh_token=sealed, token_at=now)

        changed(connection, context, kept)

    def turn() -> AbstractContextManager[str]:
        return _turn(connection, context)

    try:
        credentials = credentials_of(connection, context)
        yield context.platforms.open(connection, credentials, calls.append, keep, turn)
    except ForbiddenError as error:
        if error.code == "platform.login" and _renewed_elsewhere(connection, context):
            raise UnavailableError("platform.token_moved") from error
        raise
    finally:
        if calls:
            which = next(iter(about), document)
            told = [replace(one, document=one.document or which) for one in calls]
            context.connections.log(connection.dossier, connection.id, told)
            _note_token(connection, calls, context)


@contextmanager
def _turn(connection: Connection, context: Context) -> Iterator[str]:
    """The lease to renew a refresh token, given back at the end; the token as it stands.

    UnavailableError (``platform.token_moved``) while another has it, or once we have left.
    """
    now = context.clock.now()
    until = now + _RENEWAL

    def begun(one: Connection) -> Connection:
        if one.renewing_until is not None and one.renewing_until > now:
            raise UnavailableError("platform.token_moved")
        return replace(_same(one, connection), renewing_until=until)

    def ended(one: Connection) -> Connection:
        return replace(one, renewing_until=None) if one.renewing_until == until else one

    present = changed(connection, context, begun)
    try:
        yield credentials_of(present, context).refresh_token
    finally:
        changed(connection, context, ended)


def _same(present: Connection, opened_as: Connection) -> Connection:
    """The connection, where it is still the one that was opened: not left, nor made again."""
    gone = present.state is ConnectionState.DISCONNECTED
    if gone or present.since != opened_as.since:
        raise UnavailableError("platform.token_moved")
    return present


def _note_token(connection: Connection, calls: Sequence[PlatformCall], context: Context) -> None:
    """When a token was had, for the connection's health; nothing for one not stored yet."""
    kinds = {one.name: one.token_url for one in context.platforms.kinds()}
    where = connection.token_url or kinds.get(connection.platform, "")
    had = [one.at for one in calls if where and one.url == where and one.status == HTTP_OK]
    if had and connection.version:
        changed(connection, context, lambda one: replace(one, token_at=max(had)))


def _renewed_elsewhere(connection: Connection, context: Context) -> bool:
    if connection.grant is not Grant.CODE:
        return False
    present = context.connections.connection(connection.dossier, connection.id)
    return present.refresh_token != connection.refresh_token


def credentials_of(connection: Connection, context: Context) -> Credentials:
    """The opened secrets of a connection: for an adapter, never for a log or a page."""

    def unsealed(sealed: str) -> str:
        if not sealed:
            return ""
        return context.secrets.open(sealed, dossier=connection.dossier, purpose=PURPOSE)

    return Credentials(
        client_secret=unsealed(connection.client_secret),
        api_key=unsealed(connection.api_key),
        refresh_token=unsealed(connection.refresh_token),
    )


def seal(secret: str, dossier: str, context: Context) -> str:
    """A secret of a connection as it is kept; "" stays ""."""
    return context.secrets.seal(secret, dossier=dossier, purpose=PURPOSE) if secret else ""


def changed(
    connection: Connection, context: Context, change: Callable[[Connection], Connection]
) -> Connection:
    """Change a connection as it stands by now; StaleVersionError when it never stands still."""
    for attempt in range(_TRIES):
        present = context.connections.connection(connection.dossier, connection.id)
        wanted = change(present)
        if wanted == present:
            return present
        try:
            return context.connections.save(wanted)
        except StaleVersionError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError  # the loop returns or raises


def worked(connection: Connection, context: Context, **more: object) -> Connection:
    """A round went to its end: nothing is wrong any more."""
    now = context.clock.now()
    return changed(
        connection,
        context,
        lambda one: replace(
            one,
            tried_at=now,
            worked_at=now,
            failures=0,
            failure=None,
            **({"token_at": one.token_at or now} | more),  # type: ignore[arg-type]
        ),
    )


def failed(connection: Connection, error: FacteurError, context: Context) -> Connection:
    """A round failed: kept as the connection's health, and tried less and less often."""
    now, fault = context.clock.now(), fault_of(error)
    return changed(
        connection,
        context,
        lambda one: replace(one, tried_at=now, failures=one.failures + 1, failure=fault),
    )


def troubled(connection: Connection, error: FacteurError, context: Context) -> Connection:
    """One call failed: shown, and no reason to ask less often. A hundred flows write it once."""
    fault = fault_of(error)
    return changed(connection, context, lambda one: replace(one, failure=fault))


def fault_of(error: FacteurError, path: str = "") -> Fault:
    """What a platform's error is kept as: its code and values, as text."""
    values = {name: str(one)[:500] for name, one in error.values.items() if name != "faults"}
    return Fault(code=error.code, path=path, values=values)


def later(at: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two times, where there are two."""
    if at is None or other is None:
        return at or other
    return max(at, other)
