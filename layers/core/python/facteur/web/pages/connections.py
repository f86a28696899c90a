"""Paramètres › Connexions: the store of approved platforms, their dossiers, their health.

The store lists what can be connected (WE-19); ⚙ opens the dossiers that it may serve (WE-04) and
➖ leaves them all (WE-14). A connection's page shows how it is, its flows and its journal (PE-13).
"""

from typing import Any

from facteur.domain.connections import EVERY, Connection, ConnectionState, Tally
from facteur.domain.dossiers import Permission
from facteur.domain.errors import FacteurError, InvalidError, UnavailableError
from facteur.domain.seen import mark
from facteur.domain.taken_flows import TakenFlow
from facteur.ports import PlatformKind
from facteur.services.platforms import connected, connecting, consenting, switching
from facteur.web.answers import Answer
from facteur.web.forms.trying import again, form_page
from facteur.web.i18n import _
from facteur.web.showing.present import Badge
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/connexions"
BACK = "/connexions/retour"
_MANAGE = Permission.MANAGE
_TYPED = ("client_id", "flow_url", "directory_url", "token_url")
_CALLS = 20  # shown at first
_SECRET = ("client_secret", "api_key")

OUTCOMES = {
    Tally.CREATED: Badge("Document créé", "circle-check", "green"),
    Tally.STATUSES: Badge("Statut appliqué", "circle-check", "green"),
    Tally.IGNORED: Badge("Déjà là, ou rien pour nous", "circle-dashed", "grey"),
    Tally.QUARANTINED: Badge("Quarantaine", "barrier-block", "purple"),
    Tally.RECEIVED: Badge("Reçu", "inbox", "grey"),
}


def state_of(one: Connection | None) -> Badge:
    """How a connection is, in words."""
    if one is None or one.state is ConnectionState.DISCONNECTED:
        return Badge(_("Non connectée"), "circle-dashed", "grey")
    if one.state is ConnectionState.CONNECTING:
        return Badge(_("Consentement attendu"), "loader-2", "amber")
    if one.failure is not None:
        return Badge(_("En erreur"), "alert-circle", "red")
    return Badge(_("Connectée"), "circle-check", "green")


def outcome_of(flow: TakenFlow) -> Badge:
    """What became of a flow, in words; a status that waits for its invoice is no accident."""
    if flow.ours:
        return Badge(_("Notre envoi, suivi"), "arrow-right", "grey")
    if flow.waits_for:
        return Badge(_("En attente de la facture"), "loader-2", "amber")
    return OUTCOMES[flow.outcome]


def abilities(kind: PlatformKind) -> list[str]:
    """What a platform can do, in words; what it cannot is left out."""
    words = (
        (kind.receives, _("réception")),
        (kind.submits, _("envoi")),
        (kind.statuses, _("cycle de vie")),
        (kind.directory, _("annuaire")),
        (kind.webhooks, _("appels signés")),
    )
    return [word for can, word in words if can]


@page(PATH, permission=_MANAGE)
def connections(visit: Visit) -> Answer:
    """The catalogue, with what is connected."""
    return _store(visit)


def _store(visit: Visit, error: FacteurError | None = None) -> Answer:
    offers = connected.catalogue(visit.person, visit.caller, visit.context)
    values: dict[str, Any] = {
        "offers": [(one, state_of(one.here), abilities(one.kind)) for one in offers],
        "minutes": int(EVERY.total_seconds() // 60),
        "change": switching.last(visit.caller, visit.context),
    }
    return form_page(visit, "connections.html", error, **values)


@page(PATH + "/{platform}", permission=_MANAGE)
def choose_dossiers(visit: Visit, platform: str) -> Answer:
    """⚙: the dossiers that this platform may serve."""
    return _window(visit, platform)


@page(PATH + "/{platform}", "POST", permission=_MANAGE)
def save_dossiers(visit: Visit, platform: str) -> Answer:
    """Connect what is ticked, disconnect what is not; what cannot be is told by its name."""
    try:
        results, gone = connecting.set_dossiers(
            visit.person,
            platform,
            visit.fields("dossier"),
            _typed(visit),
            visit.context,
            beside=visit.field("beside") == "1",
        )
    except InvalidError as error:
        return _window(visit, platform, error)
    wrong = [one for one in results if one.fault is not None]
    if wrong:
        return _window(visit, platform, refused=wrong, made=len(results) - len(wrong))
    return visit.go(PATH, fait="connected" if results or not gone else "connection_gone")


def _typed(visit: Visit) -> dict[str, str]:
    return {one: visit.field(one) for one in (*_TYPED, *_SECRET)}


def _window(
    visit: Visit,
    platform: str,
    error: FacteurError | None = None,
    *,
    refused: Any = (),
    made: int = 0,
) -> Answer:
    kind = connected.kind_of(platform, visit.context)
    rows = connected.rows(visit.person, platform, visit.context)
    beside = "1" in (visit.field("beside"), visit.query("ajouter"))  # PE-32: at another address
    if beside:
        rows = tuple(one for one in rows if one.dossier == visit.caller.dossier)
    ticked = set(visit.fields("dossier")) if visit.route.method == "POST" else None
    if ticked is None and len(rows) == 1:  # there is nobody else to choose
        ticked = {one.dossier for one in rows}
    values: dict[str, Any] = {
        "kind": kind,
        "rows": [
            (
                one,
                one.connected if ticked is None else one.dossier in ticked,
                state_of(one.connection),
            )
            for one in rows
        ],
        "live": sum(one.connected for one in rows),
        "refused": refused,
        "made": made,
        "typed": {one: visit.field(one)[:500] for one in _TYPED},
        "here": visit.caller.dossier,
        "leaving": visit.query("retirer") == "1",
        "beside": beside,
        "abilities": abilities(kind),
    }
    if error is not None:
        return again(visit, "connection_choose.html", error, **values)
    status = 422 if refused else 200
    return visit.page("connection_choose.html", status=status, errors={}, wrong="", **values)


@page(PATH + "/{platform}/tout-deconnecter", "POST", permission=_MANAGE)
def leave_platform(visit: Visit, platform: str) -> Answer:
    """➖: every dossier of this user leaves the platform; the documents stay."""
    connected.disconnect_all(visit.person, platform, visit.context)
    return visit.go(PATH, fait="connection_gone")


@page(PATH + "/{platform}/consentir", "POST", permission=_MANAGE)
def ask_consent(visit: Visit, platform: str) -> Answer:
    """Prepare the way to the platform's consent page, and show the link to it."""
    try:
        towards = consenting.begin_consent(
            visit.person,
            visit.caller,
            platform,
            _typed(visit),
            back=visit.site.url(BACK),
            context=visit.context,
        )
    except InvalidError as error:
        return _window(visit, platform, error)
    kind = connected.kind_of(platform, visit.context)
    return visit.page("connection_consent.html", kind=kind, towards=towards)


@page(BACK, permission=_MANAGE)
def come_back(visit: Visit) -> Answer:
    """Back from the platform, with its answer."""
    try:
        made = consenting.finish_consent(
            visit.person,
            state=visit.query("state"),
            code=visit.query("code"),
            back=visit.site.url(BACK),
            context=visit.context,
        )
    except (InvalidError, UnavailableError) as error:
        return _store(visit, error)
    return visit.go(f"{PATH}/{made.platform}/{made.id}", fait="connected")


# ── One connection ──────────────────────────────────────────────────────────────────────────────


@page(PATH + "/{platform}/{connection}", permission=_MANAGE)
def connection_page(visit: Visit, platform: str, connection: str) -> Answer:
    """Health, counters, flows, journal."""
    shown = connected.health(visit.caller, connection, visit.context)
    about = visit.query("facture")
    whole = bool(about) or visit.query("journal") == "tout"
    calls = [one for one in shown.calls if about in ("", one.document)]
    return visit.page(
        "connection.html",
        here=f"{PATH}/{platform}/{connection}",
        kind=shown.kind,
        held=shown.connection,
        state=state_of(shown.connection),
        live=shown.connection.state is ConnectionState.CONNECTED,
        calls=calls if whole else calls[:_CALLS],
        about=about,
        more=len(shown.calls) > _CALLS and not whole,
        flows=[(one, outcome_of(one)) for one in shown.flows],
        quarantined=shown.quarantined,
        folders=shown.folders,
        counted=[
            (_("reçus"), shown.connection.tallies.get("received", 0)),
            (_("documents créés"), shown.connection.tallies.get("created", 0)),
            (_("statuts appliqués"), shown.connection.tallies.get("statuses", 0)),
            (_("ignorés"), shown.connection.tallies.get("ignored", 0)),
            (_("en quarantaine"), shown.connection.tallies.get("quarantined", 0)),
        ],
        minutes=int(EVERY.total_seconds() // 60),
        seen=mark(shown.connection, connected.OPTIONS),
    )


@page(PATH + "/{platform}/{connection}/tester", "POST", permission=_MANAGE)
def test_connection(visit: Visit, platform: str, connection: str) -> Answer:
    """« Tester »: the answer is on the page that follows."""
    fault = connected.try_out(visit.caller, connection, visit.context)
    done = "" if fault else "connection_works"
    return visit.go(f"{PATH}/{platform}/{connection}", fait=done)


@page(PATH + "/{platform}/{connection}/synchroniser", "POST", permission=_MANAGE)
def sync_connection_now(visit: Visit, platform: str, connection: str) -> Answer:
    """« Synchroniser maintenant »."""
    connected.sync_now(visit.caller, connection, visit.context)
    return visit.go(f"{PATH}/{platform}/{connection}", fait="connection_asked")


@page(PATH + "/{platform}/{connection}/rejouer", "POST", permission=_MANAGE)
def replay_flow(visit: Visit, platform: str, connection: str) -> Answer:
    """« Rejouer » a flow in quarantine."""
    connected.replay(visit.caller, connection, visit.field("flow"), visit.context)
    return visit.go(f"{PATH}/{platform}/{connection}", fait="connection_asked")


@page(PATH + "/{platform}/{connection}/options", "POST", permission=_MANAGE)
def connection_options(visit: Visit, platform: str, connection: str) -> Answer:
    """The default connection, and whether what is unreachable is stopped."""
    connected.choose_options(
        visit.caller,
        connection,
        default=bool(visit.field("default")),
        block=bool(visit.field("block")),
        seen=visit.field("seen"),
        context=visit.context,
    )
    return visit.go(f"{PATH}/{platform}/{connection}", fait="connection_saved")


@page(PATH + "/{platform}/{connection}/deconnecter", "POST", permission=_MANAGE)
def disconnect_connection(visit: Visit, platform: str, connection: str) -> Answer:
    """Disconnect the open dossier; its documents stay."""
    connected.disconnect(visit.caller, connection, visit.context)
    return visit.go(PATH, fait="connection_gone")
