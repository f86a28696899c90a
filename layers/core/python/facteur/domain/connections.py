"""A dossier's connection to an approved platform (plateforme agréée): WE-01 to WE-19, PE-15.

A dossier may have several, of several platforms; each walks its own flows and keeps its own
counters. Its secrets are sealed for the dossier (ports.Secrets) and never shown again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from facteur.domain.faults import Fault

EVERY = timedelta(minutes=10)  # how often a platform is asked when no webhook came
_SLOWEST = 5  # a platform that keeps failing is asked less and less: 10 min × 2^5 = 5 h 20

#: The purpose under which a connection's secrets are sealed (ports.Secrets).
PURPOSE = "platform"


class Grant(StrEnum):
    """How a connection gets its token (RFC 6749)."""

    CLIENT = "client_credentials"  # §4.4
    CODE = "authorization_code"  # §4.1, the user consents at the platform (PE-15)


class ConnectionState(StrEnum):
    """Where a connection stands."""

    CONNECTING = "connecting"  # the user is at the platform, consenting
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"  # nothing more is asked or sent; its documents stay (WE-16)


class Tally(StrEnum):
    """What became of the flows that a connection brought (D23)."""

    RECEIVED = "received"
    CREATED = "created"  # documents
    STATUSES = "statuses"  # applied to a document that was there
    IGNORED = "ignored"  # known already, or nothing for us
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One dossier at one platform."""

    dossier: str
    id: str
    platform: str  # a name of the registry of platforms
    state: ConnectionState = ConnectionState.CONNECTED
    grant: Grant = Grant.CLIENT
    flow_url: str = ""  # base of the Flow service, without /v1; "" = the registry's
    directory_url: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""  # sealed
    api_key: str = ""  # sealed: the second key that some platforms ask for
    refresh_token: str = ""  # sealed, of the code grant; replaced at each use
    organization: str = ""  # the Organization-Id header, where an account holds several companies
    siret: str = ""  # of the dossier, as the platform was asked for it (WE-06)
    since: datetime | None = None  # connected at
    by: str = ""  # who connected it
    watermark: datetime | None = None  # updatedAt up to which every flow was taken
    token_at: datetime | None = None  # when the last token was had
    renewing_until: datetime | None = None  # somebody renews the refresh token, till then alone
    tried_at: datetime | None = None
    worked_at: datetime | None = None
    failures: int = 0  # in a row
    failure: Fault | None = None  # the last one, None when the last round worked
    tallies: Mapping[str, int] = field(default_factory=dict)  # Tally → count
    webhook: str = ""  # id of our subscription there
    webhook_key: str = ""  # its signing key, sealed
    default: bool = False  # the one that the dossier sends by
    block_unreachable: bool = False  # nothing leaves for an address proved absent or inactive
    version: int = field(default=0, compare=False)

    @property
    def ledger(self) -> str:
        """Under which its flows are known: the platform, and where it stands if a user said so.

        Another address is another platform, which numbers its flows as it likes.
        """
        where = self.flow_url.rstrip("/")
        if not where:
            return self.platform
        return f"{self.platform}@{hashlib.sha256(where.encode()).hexdigest()[:12]}"

    def due(self, now: datetime) -> bool:
        """True when the clock should ask the platform: less and less often while it fails."""
        if self.state is not ConnectionState.CONNECTED:
            return False
        if self.tried_at is None:
            return True
        return now - self.tried_at >= EVERY * (1 << min(self.failures, _SLOWEST))


def default_of(connections: Sequence[Connection]) -> Connection | None:
    """The one that a dossier sends by: marked so, else the first that is connected."""
    live = [one for one in connections if one.state is ConnectionState.CONNECTED]
    marked = [one for one in live if one.default]
    return next(iter((*marked, *live)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The opened secrets of a connection: never stored, never logged."""

    client_secret: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCall:
    """One call to a platform, for disputes (PE-13): no body, no header, no secret."""

    at: datetime
    method: str
    url: str  # without query values that could be secrets
    status: int  # 0 = no answer
    milliseconds: int
    request_id: str  # the Request-Id header that we sent
    reason: str = ""  # of a failure: the platform's errorCode, or ours
    document: str = ""  # that it was about, where one is
