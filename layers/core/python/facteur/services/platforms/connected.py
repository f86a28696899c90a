"""The platforms of a user's dossiers: the catalogue, their health, and leaving them.

Who may: those who manage the dossier, members or people of its firm (PERMISSIONS). Disconnecting
forgets the secrets and asks nothing more; documents stay (WE-16), and a later connection catches
up what was missed.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from facteur.domain.addresses import folders
from facteur.domain.connections import Connection, ConnectionState, PlatformCall
from facteur.domain.dossiers import PERMISSIONS, Caller, Permission
from facteur.domain.errors import FacteurError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.seen import refuse_moved
from facteur.domain.taken_flows import TakenFlow
from facteur.ports import Context, PlatformKind, Session
from facteur.services import journalling
from facteur.services.access import signing_in
from facteur.services.people import dossiers
from facteur.services.platforms import polling
from facteur.services.platforms.opening import changed, failed, fault_of, opened, worked

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=15)  # of a page, for other people's servers: it has 29 seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A platform of the catalogue, and how many of the user's dossiers are connected to it."""

    kind: PlatformKind
    connected: int
    here: Connection | None  # the open dossier's
    failing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A dossier in the ⚙ window."""

    dossier: str
    name: str
    siren: str
    connection: Connection | None  # with this platform, whatever its state

    @property
    def connected(self) -> bool:
        """True when its box is ticked."""
        return self.connection is not None and self.connection.state is ConnectionState.CONNECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A connection as its page shows it."""

    connection: Connection
    kind: PlatformKind
    calls: tuple[PlatformCall, ...]
    flows: tuple[TakenFlow, ...]
    quarantined: tuple[TakenFlow, ...]
    folders: Mapping[str, str]  # where its documents land, as mail addresses (WE-17)


# ── Looking ─────────────────────────────────────────────────────────────────────────────────────


def managed(held: Session, context: Context) -> tuple[dossiers.Choice, ...]:
    """The dossiers that a user may connect."""
    return tuple(
        one
        for one in dossiers.choices(held, context)
        if Permission.MANAGE in PERMISSIONS[one.role]
    )


def catalogue(held: Session, caller: Caller, context: Context) -> tuple[Offer, ...]:
    """The platforms that can be connected, in order (WE-19)."""
    mine = {one.dossier for one in managed(held, context)}
    live = [one for one in context.connections.all() if one.dossier in mine]
    here = context.connections.connections(caller.dossier)
    return tuple(
        Offer(
            kind=kind,
            connected=sum(one.platform == kind.name for one in live),
            failing=sum(one.platform == kind.name and one.failure is not None for one in live),
            here=at_platform(here, kind.name),
        )
        for kind in context.platforms.kinds()
    )


def rows(held: Session, platform: str, context: Context) -> tuple[Row, ...]:
    """Every dossier that the user may connect, ticked when it is (WE-04). NotFoundError."""
    kind_of(platform, context)
    live = {one.dossier: one for one in context.connections.all() if one.platform == platform}
    return tuple(
        Row(
            dossier=one.dossier,
            name=one.name,
            siren=one.siren,
            connection=live.get(one.dossier),
        )
        for one in managed(held, context)
    )


def kind_of(platform: str, context: Context) -> PlatformKind:
    """A platform of the catalogue; NotFoundError."""
    found = next((one for one in context.platforms.kinds() if one.name == platform), None)
    if found is None:
        raise NotFoundError("not_found")
    return found


def health(caller: Caller, connection: str, context: Context) -> Health:
    """A connection with its last calls and flows; NotFoundError."""
    held = mine(caller, connection, context)
    named = (held.dossier, held.id)
    return Health(
        connection=held,
        kind=kind_of(held.platform, context),
        calls=context.connections.calls(*named),
        flows=context.connections.flows(*named, limit=50),
        quarantined=context.connections.flows(*named, quarantined=True),
        folders=folders(context.store.dossier(held.dossier).siren, context.inbound_domain),
    )


def name_of(connection: Connection, context: Context) -> str:
    """How a connection is called: its platform, and where that one stands if a user said so."""
    label = kind_of(connection.platform, context).label
    host = urlsplit(connection.flow_url).netloc
    return f"{label} ({host})" if host else label


def mine(caller: Caller, connection: str, context: Context) -> Connection:
    """A connection of the caller's dossier, who must manage it; NotFoundError."""
    caller.require(Permission.MANAGE)
    return context.connections.connection(caller.dossier, connection)


def at_platform(connections: Sequence[Connection], platform: str) -> Connection | None:
    """The dossier's connection to a platform: the live one, else the last that was."""
    held = [one for one in connections if one.platform == platform]
    live = [one for one in held if one.state is ConnectionState.CONNECTED]
    return next(iter((*live, *held[::-1])), None)


def live_at(dossier: str, platform: str, context: Context) -> tuple[Connection, ...]:
    """The dossier's connections to a platform that work: two, while one address gives way."""
    return tuple(
        one
        for one in context.connections.connections(dossier)
        if one.platform == platform and one.state is ConnectionState.CONNECTED
    )


def tell(caller: Caller, what: str, connection: Connection, context: Context) -> None:
    """Write what was done in the dossier's journal."""
    kind = kind_of(connection.platform, context)
    entry = journalling.entry_by(caller, what, {"platform": kind.label}, context)
    context.journal.add((entry,))


# ── Leaving ─────────────────────────────────────────────────────────────────────────────────────


def disconnect(
    caller: Caller, connection: str, context: Context, *, tell_it: bool = True
) -> Connection:
    """Ask and send nothing more; the secrets are forgotten, the documents stay (WE-15, WE-16).

    ``tell_it``: the platform is asked to call us no more. It need not: its calls find nobody.
    """
    gone = leave(mine(caller, connection, context), context, tell_it=tell_it)
    tell(caller, "connection.disconnected", gone, context)
    return gone


def leave(held: Connection, context: Context, *, tell_it: bool = True) -> Connection:
    """Leave a connection, whoever asked: nothing of it works any more."""
    if held.webhook and tell_it:
        try:
            with opened(held, context) as platform:
                platform.unsubscribe(held.webhook)
        except FacteurError as error:
            log.info("%s was not told that we leave: %s", held.platform, error)
    return changed(held, context, without_secrets)


def without_secrets(connection: Connection) -> Connection:
    """The connection once it is left: nothing more can be done with what is kept of it."""
    return replace(
        connection,
        state=ConnectionState.DISCONNECTED,
        client_secret="",
        api_key="",
        refresh_token="",
        webhook="",
        webhook_key="",
        default=False,
        failure=None,
        failures=0,
    )


def disconnect_all(held: Session, platform: str, context: Context) -> int:
    """The ➖ button: every dossier that the user manages; how many there were (WE-14)."""
    kind_of(platform, context)
    live = [one for one in rows(held, platform, context) if one.connection is not None]
    until = context.clock.now() + PATIENCE
    for one in live:
        caller = signing_in.access(held, one.dossier, context)
        if caller is not None and caller.may(Permission.MANAGE):
            for each in live_at(one.dossier, platform, context):
                in_time = context.clock.now() < until
                disconnect(caller, each.id, context, tell_it=in_time)
    return len(live)


# ── Mending ─────────────────────────────────────────────────────────────────────────────────────


def try_out(caller: Caller, connection: str, context: Context) -> Fault | None:
    """« Tester »: a token and the health of the service, now; None when both are fine."""
    held = mine(caller, connection, context)
    if held.state is not ConnectionState.CONNECTED:
        raise NotFoundError("not_found")
    try:
        with opened(held, context) as platform:
            platform.check()
    except FacteurError as error:
        failed(held, error, context)
        return fault_of(error)
    worked(held, context, token_at=context.clock.now())
    return None


def sync_now(caller: Caller, connection: str, context: Context) -> None:
    """« Synchroniser maintenant »: within seconds."""
    held = mine(caller, connection, context)
    if held.state is not ConnectionState.CONNECTED:
        raise NotFoundError("not_found")
    polling.sync_soon(held, f"now-{context.ids.new()}", context)


def replay(caller: Caller, connection: str, flow: str, context: Context) -> None:
    """« Rejouer » a flow in quarantine; NotFoundError."""
    held = mine(caller, connection, context)
    known = context.connections.taken(held.dossier, held.ledger, (flow,)).get(flow)
    if known is None:
        raise NotFoundError("not_found")
    polling.take_again(known, context)


OPTIONS = ("default", "block_unreachable")  # what the form saves at once


def choose_options(
    caller: Caller,
    connection: str,
    *,
    default: bool,
    block: bool,
    context: Context,
    seen: str = "",
) -> Connection:
    """Send by this one; stop what is proved unreachable (D32, off until somebody asks).

    StaleVersionError when they are not what the form showed (``seen``).
    """
    held = mine(caller, connection, context)
    refuse_moved(seen, held, OPTIONS)
    if default:
        for other in context.connections.connections(held.dossier):
            if other.default and other.id != held.id:
                changed(other, context, lambda one: replace(one, default=False))
    return changed(
        held, context, lambda one: replace(one, default=default, block_unreachable=block)
    )
