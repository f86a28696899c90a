"""Connecting dossiers to approved platforms, one or several at once.

Several dossiers are connected in one gesture (WE-04): those that cannot be (no SIRET, unknown to
the platform) are told one by one, and the others connect. A dossier is connected once the platform
let us in for it; its secrets are sealed for it alone.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from facteur.domain.connections import Connection, ConnectionState, Grant
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedByPlatformError,
    UnavailableError,
)
from facteur.domain.faults import Fault
from facteur.ports import Context, Platform, PlatformKind, Session
from facteur.services.access import signing_in
from facteur.services.platforms import polling
from facteur.services.platforms.connected import (
    PATIENCE,
    Row,
    at_platform,
    disconnect,
    kind_of,
    live_at,
    managed,
    rows,
    tell,
    without_secrets,
)
from facteur.services.platforms.opening import changed, credentials_of, fault_of, opened, seal

log = logging.getLogger(__name__)

MOST_TEXT = 500
MOST_AT_ONCE = 200  # dossiers of one gesture

_TYPED = ("client_id", "client_secret", "api_key", "flow_url", "directory_url", "token_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one dossier of a gesture: ``fault`` is None when it is connected."""

    dossier: str
    name: str
    fault: Fault | None = None


# ── Connecting ──────────────────────────────────────────────────────────────────────────────────


def connect(
    held: Session,
    platform: str,
    chosen: Sequence[str],
    typed: Mapping[str, str],
    context: Context,
    *,
    beside: bool = False,
) -> tuple[Result, ...]:
    """Connect dossiers to a platform, each on its own; what stops one stops no other (WE-06).

    ``beside``: a connection of the same name at another address stays, for a change of platform
    from one to the other (PE-32); else the new one takes its place.

    What the time of a page is too short for is told so, and connects at the next « Enregistrer ».
    What is typed holds for all of them; left empty, the client of a connection that the user
    manages already is used again. InvalidError for what is typed wrong, before anything is done.
    """
    kind = kind_of(platform, context)
    if len(chosen) > MOST_AT_ONCE:
        values = {"most": str(MOST_AT_ONCE)}
        raise InvalidError((Fault(code="connection.too_many", values=values),))
    given = checked(typed, kind, held, context, beside=beside)
    names = {one.dossier: one.name for one in managed(held, context)}
    results: list[Result] = []
    until = context.clock.now() + PATIENCE
    for dossier in dict.fromkeys(chosen):
        caller = signing_in.access(held, dossier, context)
        if caller is None or not caller.may(Permission.MANAGE):
            raise NotFoundError("not_found")
        late = bool(results) and context.clock.now() > until
        later = Fault(code="connection.later")
        fault = later if late else _connect_one(caller, kind, given, context, beside=beside)
        results.append(Result(dossier=dossier, name=names.get(dossier, dossier), fault=fault))
    return tuple(results)


#: What is told otherwise of a connection that never worked: there is nothing to reconnect.
_AT_FIRST = {"platform.login": "connection.login"}


def _connect_one(
    caller: Caller,
    kind: PlatformKind,
    given: Mapping[str, str],
    context: Context,
    *,
    beside: bool,
) -> Fault | None:
    try:
        made = asked(caller, kind, given, context, beside=beside)
        with opened(replace(made, version=0), context) as platform:  # not stored yet
            let_in(platform, made, kind, context)
            made = subscribed(platform, made, kind, context)
    except FacteurError as error:
        faults = getattr(error, "faults", ())
        fault = faults[0] if faults else fault_of(error)
        return replace(fault, code=_AT_FIRST.get(fault.code, fault.code))
    connected(caller, made, context, beside=beside)
    return None


def asked(
    caller: Caller,
    kind: PlatformKind,
    given: Mapping[str, str],
    context: Context,
    *,
    beside: bool = False,
) -> Connection:
    """The connection to be, not stored; InvalidError (``connection.no_siret``)."""
    dossier = context.store.dossier(caller.dossier)
    if not dossier.siret:
        values = {"name": dossier.name, "dossier": dossier.id}
        raise InvalidError((Fault(code="connection.no_siret", path=dossier.id, values=values),))
    held = context.connections.connections(dossier.id)
    address = given["flow_url"].rstrip("/")  # another one is another platform
    before = at_platform([one for one in held if one.flow_url.rstrip("/") == address], kind.name)
    fresh = Connection(dossier=dossier.id, id=context.ids.new(), platform=kind.name)
    live = [one for one in held if one.state is ConnectionState.CONNECTED]
    staying = [one for one in live if beside or one.platform != kind.name]
    return replace(
        before or fresh,
        state=ConnectionState.CONNECTED,
        grant=Grant.CLIENT,
        flow_url=given["flow_url"],
        directory_url=given["directory_url"],
        token_url=given["token_url"],
        client_id=given["client_id"],
        client_secret=seal(given["client_secret"], dossier.id, context),
        api_key=seal(given["api_key"], dossier.id, context),
        refresh_token="",
        organization=dossier.siret,
        siret=dossier.siret,
        since=context.clock.now(),
        by=caller.name,
        default=not any(one.default for one in staying if before is None or one.id != before.id),
        failures=0,
        failure=None,
        tried_at=None,
    )


def let_in(
    platform: Platform, connection: Connection, kind: PlatformKind, context: Context
) -> None:
    """The platform lets us in for this dossier, and knows it (WE-05)."""
    dossier = context.store.dossier(connection.dossier)
    unknown = InvalidError(
        (Fault(code="connection.unknown_dossier", values={"name": dossier.name}),)
    )
    try:
        platform.check()
        if not kind.directory or platform.legal_unit(dossier.siren) is not None:
            return
        if platform.lines(dossier.siren):
            return
    except ForbiddenError as error:
        if error.code == "platform.denied":
            raise unknown from error
        raise
    except NotFoundError as error:
        raise unknown from error
    raise unknown


def subscribed(
    platform: Platform, connection: Connection, kind: PlatformKind, context: Context
) -> Connection:
    """Ask to be called at each change, where the platform can reach us; polling does it anyway."""
    if not kind.webhooks or connection.webhook:
        return connection
    site = context.site_url.rstrip("/")
    local = not site.startswith("https://")
    if local and not kind.local_only:
        return connection
    callback = f"{site}/pa/webhooks/{connection.dossier}/{connection.id}"
    try:
        name, key = platform.subscribe(callback)
    except (UnavailableError, ForbiddenError, NotFoundError, RefusedByPlatformError) as error:
        log.info("no webhook of %s: %s", connection.platform, error)
        return connection
    return replace(connection, webhook=name, webhook_key=seal(key, connection.dossier, context))


def connected(
    caller: Caller, made: Connection, context: Context, *, beside: bool = False
) -> Connection:
    """Store a connection that works, tell the journal, ask for what there is.

    It takes the place of every other one of the dossier to the same platform; ``beside``: of
    those at the same address only.
    """
    now = context.clock.now()
    stored = context.connections.save(replace(made, token_at=now, worked_at=now))
    for other in context.connections.connections(made.dossier):
        replaced = other.ledger == made.ledger if beside else other.platform == made.platform
        if replaced and other.id != made.id:
            changed(other, context, without_secrets)
    tell(caller, "connection.connected", stored, context)
    polling.sync_soon(stored, f"connected-{stored.version}", context)
    return stored


def checked(
    typed: Mapping[str, str],
    kind: PlatformKind,
    held: Session,
    context: Context,
    *,
    beside: bool = False,
) -> Mapping[str, str]:
    """What was typed, completed from a connection that the user manages already. InvalidError.

    Another address is another platform: the client of the first is never taken for it (``beside``,
    or typed), nor sent there.
    """
    given = {name: typed.get(name, "").strip()[:MOST_TEXT] for name in _TYPED}
    before = {} if given["client_id"] else dict(_used_before(kind, held, context))
    elsewhere = before and (beside or _differs(given, before))
    if before and not elsewhere:
        given = before
    faults = [
        Fault(code="connection.elsewhere" if elsewhere else f"connection.{name}", path=name)
        for name in ("client_id", "client_secret")
        if not given[name]
    ]
    if kind.api_key and not given["api_key"]:
        faults.append(Fault(code="connection.api_key", path="api_key"))
    for name, needed in (("flow_url", not kind.flow_url), ("token_url", not kind.token_url)):
        if needed and not given[name]:
            faults.append(Fault(code="connection.url_missing", path=name))
    laptop = not context.site_url.startswith("https://")
    safe = ("https://", "http://") if laptop else ("https://",)
    for name in ("flow_url", "directory_url", "token_url"):
        if given[name] and not given[name].startswith(safe):
            faults.append(Fault(code="connection.url", path=name))
    if faults:
        raise InvalidError(tuple(faults))
    return given


def _differs(given: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """True when something was typed that is not what the connection of before has."""
    return any(one and one.rstrip("/") != before[name].rstrip("/") for name, one in given.items())


def _used_before(kind: PlatformKind, held: Session, context: Context) -> Iterator[tuple[str, str]]:
    """The client of a live connection to the same platform that the user manages."""
    mine_ = {one.dossier for one in managed(held, context)}
    for one in context.connections.all():
        if one.platform != kind.name or one.dossier not in mine_ or not one.client_secret:
            continue
        for name in ("client_id", "flow_url", "directory_url", "token_url"):
            yield name, getattr(one, name)
        held_secrets = credentials_of(one, context)
        yield "client_secret", held_secrets.client_secret
        yield "api_key", held_secrets.api_key
        return


def _to_connect(row: Row, client: str) -> bool:
    """A dossier without a connection; or with one that the typed client mends."""
    if not row.connected or row.connection is None:
        return True
    return bool(client) and (
        row.connection.client_id == client or row.connection.failure is not None
    )


def set_dossiers(
    held: Session,
    platform: str,
    ticked: Sequence[str],
    typed: Mapping[str, str],
    context: Context,
    *,
    beside: bool = False,
) -> tuple[tuple[Result, ...], int]:
    """« Enregistrer » in the ⚙ window: connect what was ticked, disconnect what was unticked.

    ``beside``: connect what was ticked to another address, and disconnect nothing (PE-32).
    A client typed again renews the connected dossiers that use it, or that fail.

    What became of each dossier that was to be connected, and how many were disconnected.
    InvalidError (``connection.none_ticked``) when a client was typed and would serve nobody.
    """
    until = context.clock.now() + PATIENCE
    known = {one.dossier: one for one in rows(held, platform, context)}
    wanted = {one for one in ticked if one in known}
    client = typed.get("client_id", "").strip()
    new = [one for one in ticked if one in known and (beside or _to_connect(known[one], client))]
    leaving = not beside and any(
        one.connected for one in known.values() if one.dossier not in wanted
    )
    if not new and any(one.strip() for one in typed.values()):  # nothing typed is passed over
        checked(typed, kind_of(platform, context), held, context, beside=beside)
    if client and not new and not leaving:
        raise InvalidError((Fault(code="connection.none_ticked", path="dossier"),))
    results = connect(held, platform, new, typed, context, beside=beside) if new else ()
    gone = 0
    for row in () if beside else known.values():
        if row.connected and row.dossier not in wanted and row.connection is not None:
            caller = signing_in.access(held, row.dossier, context)
            if caller is not None:
                for one in live_at(row.dossier, platform, context):
                    in_time = context.clock.now() < until
                    disconnect(caller, one.id, context, tell_it=in_time)
                gone += 1
    return results, gone
