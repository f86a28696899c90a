"""The platforms that this installation knows: rows of data, and the client that serves each.

A row is a platform that can be connected today with real addresses. Left out, because no AFNOR
address of theirs is published: Iopole and B2Brouter, whose own interfaces are another standard;
whoever has such an address connects it with the generic row.

Addresses as published by the platforms and used by free software that is live there (Super PDP,
Esalink/Hubtimize), by AIFE for PISTE. None was tried with an account of ours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from facteur.adapters.connectors.http import Http
from facteur.adapters.connectors.platforms.account import Account
from facteur.adapters.connectors.platforms.afnor import AfnorPlatform
from facteur.adapters.connectors.platforms.chorus_pro import ChorusPro
from facteur.adapters.connectors.platforms.quirks import STANDARD, Quirks
from facteur.adapters.connectors.platforms.tokens import (
    Endpoint,
    TokenBook,
    Tokens,
    consent_url,
    exchange,
    verifier_of,
)
from facteur.domain.connections import Connection, Credentials
from facteur.domain.errors import NotFoundError
from facteur.ports import CallLog, Clock, Ids, KeepToken, Platform, PlatformKind, Turn, alone

#: What serves a connection: its account, the addresses of its flows and of its directory.
Make = Callable[[Account, str, str], Platform]

_HUBTIMIZE = "https://hubtimize.fr/api/orchestrator"
_HUBTIMIZE_TEST = "https://ppd.hubtimize.fr/api/orchestrator"
_ESALINK = Quirks(api_key_header="hubtimize-api-key")
_PISTE = Quirks(scope="openid", api_key_header="cpro-account", api_key_in_base64=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A platform: what is shown of it, how it differs, what serves it."""

    kind: PlatformKind
    quirks: Quirks = STANDARD
    make: Make = AfnorPlatform


ROWS = (
    Row(
        kind=PlatformKind(
            name="super_pdp",
            label="Super PDP",
            flow_url="https://api.superpdp.tech/afnor-flow",
            directory_url="https://api.superpdp.tech/afnor-directory",
            token_url="https://api.superpdp.tech/oauth2/token",  # noqa: S106 - an address
            authorize_url="https://api.superpdp.tech/oauth2/authorize",
            webhooks=False,  # nothing says that they are served
        )
    ),
    Row(
        kind=PlatformKind(
            name="esalink",
            label="Esalink (Hubtimize)",
            flow_url=_HUBTIMIZE,
            directory_url=_HUBTIMIZE,
            token_url=f"{_HUBTIMIZE}/v1/oauth2/token",
            webhooks=False,
            api_key=True,
        ),
        quirks=_ESALINK,
    ),
    Row(
        kind=PlatformKind(
            name="esalink_test",
            label="Esalink (Hubtimize), préproduction",
            flow_url=_HUBTIMIZE_TEST,
            directory_url=_HUBTIMIZE_TEST,
            token_url=f"{_HUBTIMIZE_TEST}/v1/oauth2/token",
            webhooks=False,
            api_key=True,
            trial=True,
        ),
        quirks=_ESALINK,
    ),
    Row(
        kind=PlatformKind(
            name="chorus_pro",
            label="Chorus Pro (clients publics, par PISTE)",
            flow_url="https://api.piste.gouv.fr/cpro",
            token_url="https://oauth.piste.gouv.fr/api/oauth/token",  # noqa: S106
            receives=False,
            statuses=False,  # it tells its own and takes none
            directory=False,
            webhooks=False,
            api_key=True,  # « identifiant:mot de passe » of the technical account
        ),
        quirks=_PISTE,
        make=ChorusPro,
    ),
    Row(kind=PlatformKind(name="afnor", label="Autre plateforme agréée (API AFNOR XP Z12-013)")),
    Row(
        kind=PlatformKind(
            name="chorus_pro_test",
            label="Chorus Pro, qualification (par PISTE)",
            flow_url="https://sandbox-api.piste.gouv.fr/cpro",
            token_url="https://sandbox-oauth.piste.gouv.fr/api/oauth/token",  # noqa: S106
            receives=False,
            statuses=False,
            directory=False,
            webhooks=False,
            api_key=True,
            trial=True,
        ),
        quirks=_PISTE,
        make=ChorusPro,
    ),
)


def sandbox(url: str) -> Row:
    """The test platform that stands at this address (local/sandbox_pa)."""
    return Row(
        kind=PlatformKind(
            name="sandbox",
            label="Plateforme de test",
            flow_url=f"{url}/afnor-flow",
            directory_url=f"{url}/afnor-directory",
            token_url=f"{url}/oauth2/token",
            authorize_url=f"{url}/oauth2/authorize",
            local_only=True,
            trial=True,
        )
    )


class PlatformRegistry:
    """Implements facteur.ports.Platforms."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        nearby: bool = False,
        sandbox_url: str = "",
        http: Http | None = None,
    ) -> None:
        """``nearby``: this is the laptop. ``sandbox_url``: the test platform's, "" for none."""
        self._http = http or Http(clock, ids, nearby=nearby)
        self._tokens = TokenBook()
        rows = (*ROWS, sandbox(sandbox_url)) if sandbox_url else ROWS
        self._rows: Mapping[str, Row] = {one.kind.name: one for one in rows}

    def kinds(self) -> Sequence[PlatformKind]:
        """The catalogue, in the order it is shown."""
        return tuple(one.kind for one in self._rows.values())

    def open(
        self,
        connection: Connection,
        credentials: Credentials,
        log: CallLog,
        keep: KeepToken,
        turn: Turn = alone,
    ) -> Platform:
        """A platform as this connection reaches it; NotFoundError for an unknown name."""
        row = self._row(connection)
        tokens = Tokens(
            self._http,
            self._endpoint(row, connection, credentials),
            self._tokens.seat(connection, credentials),
            grant=connection.grant,
            refresh=credentials.refresh_token,
            log=log,
            keep=keep,
            turn=turn,
        )
        headers = row.quirks.headers(
            organization=connection.organization, api_key=credentials.api_key
        )
        return row.make(
            Account(self._http, tokens, log, headers),
            _base(connection.flow_url or row.kind.flow_url),
            _base(connection.directory_url or row.kind.directory_url),
        )

    def consent_url(self, connection: Connection, *, state: str, back: str) -> str:
        """Where the user consents; NotFoundError when the platform has no such page."""
        row = self._row(connection)
        if not row.kind.authorize_url:
            raise NotFoundError("platform.no_consent", platform=connection.platform)
        return consent_url(
            row.kind.authorize_url,
            connection.client_id,
            state=state,
            back=back,
            verifier=verifier_of(connection),
            scope=row.quirks.scope,
        )

    def exchange(
        self, connection: Connection, credentials: Credentials, *, code: str, back: str
    ) -> str:
        """The refresh token that a consent's code gives; RefusedByPlatformError."""
        row = self._row(connection)
        endpoint = self._endpoint(row, connection, credentials)
        verifier = verifier_of(connection)
        return exchange(self._http, endpoint, code=code, back=back, verifier=verifier)

    def _row(self, connection: Connection) -> Row:
        row = self._rows.get(connection.platform)
        if row is None:
            raise NotFoundError("platform.unknown", platform=connection.platform)
        return row

    @staticmethod
    def _endpoint(row: Row, connection: Connection, credentials: Credentials) -> Endpoint:
        return Endpoint(
            url=connection.token_url or row.kind.token_url,
            client_id=connection.client_id,
            client_secret=credentials.client_secret,
            scope=row.quirks.scope,
        )


def _base(url: str) -> str:
    """An address as typed, without a final slash and without the /v1 that the client adds."""
    return url.strip().rstrip("/").removesuffix("/v1").rstrip("/")
