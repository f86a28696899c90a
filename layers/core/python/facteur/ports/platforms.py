"""Approved platforms: what we ask of one, whoever runs it, and what we keep of connections."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from facteur.domain.connections import Connection, Credentials, PlatformCall, Tally
from facteur.domain.flows import (
    DirectoryLine,
    Flow,
    FlowFile,
    FlowPage,
    FlowView,
    LegalUnit,
    OutgoingFlow,
)
from facteur.domain.journal import JournalEntry
from facteur.domain.reach import Reach
from facteur.domain.switching import PlatformSwitch
from facteur.domain.taken_flows import TakenFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformKind:
    """A platform that can be connected (WE-19): what it is called and what it can do."""

    name: str  # in the registry: "afnor", "super_pdp", "esalink_test", "chorus_pro", "sandbox"…
    label: str  # French, in the catalogue
    flow_url: str = ""  # "" = the user gives it
    directory_url: str = ""
    token_url: str = ""
    authorize_url: str = ""  # "" = no consent page: client credentials only
    receives: bool = True
    submits: bool = True
    statuses: bool = True  # takes those that are set here
    directory: bool = True
    webhooks: bool = True
    api_key: bool = False  # asks for a second key
    local_only: bool = False  # offered on a laptop only: the test platform
    trial: bool = False  # everything there is a trial: what it marks so (MDT-1) is applied


class Platform(Protocol):
    """One account at one platform.

    Every method: UnavailableError when the platform is away, slow or throttles
    (``platform.unreachable``, ``platform.throttled``, ``platform.broken``); ForbiddenError when it
    does not let us in (``platform.login``, ``platform.denied``); RefusedByPlatformError when it
    has said no for good, with its reason code and words.
    """

    @property
    def settles(self) -> timedelta:
        """How long what was submitted may stay out of ``find``'s sight; zero: not at all."""
        ...

    def check(self) -> None:
        """Ask for a token and the health of the service: returns when both are fine."""
        ...

    def submit(self, flow: OutgoingFlow) -> Flow:
        """Send a file; the flow as accepted (acknowledgement Pending).

        UnavailableError after a time-out does not say that it was not taken: ``find`` first.
        """
        ...

    def find(self, tracking_id: str) -> tuple[Flow, ...]:
        """The flows sent with this tracking id."""
        ...

    def search(
        self, *, updated_after: datetime, cursor: str = "", received_only: bool = False
    ) -> FlowPage:
        """Flows changed strictly after a time, at most 100; the cursor leads to the next page.

        With a platform of version 1.2.0 there is no cursor: the adapter cuts time in windows. A
        flow may come twice in a walk; a page may be empty and have a next one.
        """
        ...

    def flow(self, flow_id: str) -> Flow:
        """A flow as it stands; NotFoundError."""
        ...

    def file(self, flow_id: str, view: FlowView) -> FlowFile | None:
        """The bytes of a view, None when the platform does not have this view."""
        ...

    def legal_unit(self, siren: str) -> LegalUnit | None:
        """A company of the directory, None when it is not there."""
        ...

    def lines(self, siren: str) -> tuple[DirectoryLine, ...]:
        """The addresses of a company."""
        ...

    def line(self, address: str) -> DirectoryLine | None:
        """The very address that is going to be written (BT-49), None when it is not there."""
        ...

    def subscribe(self, callback_url: str) -> tuple[str, str]:
        """Ask to be called at each change: (webhook id, signing key in base64)."""
        ...

    def unsubscribe(self, webhook: str) -> None:
        """Stop being called; nothing happens when it was gone."""
        ...


#: Where each call of a platform is told: the journal of a connection (PE-13).
CallLog = Callable[[PlatformCall], None]
#: Where a rotated refresh token is kept before anything else is done with the new tokens.
KeepToken = Callable[[str], None]
#: Around a renewal: nobody else renews meanwhile. The refresh token as it stands ("" = as given);
#: UnavailableError (``platform.token_moved``) while somebody else is at it.
Turn = Callable[[], AbstractContextManager[str]]


def alone() -> AbstractContextManager[str]:
    """The turn of who shares his token with nobody."""
    return nullcontext("")


class Platforms(Protocol):
    """The platforms that this installation knows."""

    def kinds(self) -> Sequence[PlatformKind]:
        """The catalogue, in the order it is shown."""
        ...

    def open(
        self,
        connection: Connection,
        credentials: Credentials,
        log: CallLog,
        keep: KeepToken,
        turn: Turn = alone,
    ) -> Platform:
        """A platform as this connection reaches it; NotFoundError for an unknown name."""
        ...

    def consent_url(self, connection: Connection, *, state: str, back: str) -> str:
        """Where the user consents (authorization code grant, PKCE left to the adapter)."""
        ...

    def exchange(
        self, connection: Connection, credentials: Credentials, *, code: str, back: str
    ) -> str:
        """The refresh token that a consent's code gives; RefusedByPlatformError."""
        ...


class Connections(Protocol):
    """What is kept of connections."""

    def connection(self, dossier: str, connection: str) -> Connection:
        """One connection, read consistently; NotFoundError."""
        ...

    def connections(self, dossier: str) -> tuple[Connection, ...]:
        """All of a dossier, disconnected ones too."""
        ...

    def all(self) -> tuple[Connection, ...]:
        """The connected ones of every dossier: for the clock."""
        ...

    def save(self, connection: Connection) -> Connection:
        """Create or change; StaleVersionError when it moved."""
        ...

    def log(self, dossier: str, connection: str, calls: Sequence[PlatformCall]) -> None:
        """Add to the journal of calls, kept 90 days."""
        ...

    def calls(
        self, dossier: str, connection: str, *, limit: int = 100
    ) -> tuple[PlatformCall, ...]:
        """The last calls, newest first."""
        ...

    def count(self, dossier: str, connection: str, tallies: Mapping[Tally, int]) -> None:
        """Add to the counters of a connection."""
        ...

    def taken(self, dossier: str, platform: str, flows: Sequence[str]) -> Mapping[str, TakenFlow]:
        """Those of these flows that were taken, by their id."""
        ...

    def save_taken(self, flow: TakenFlow) -> None:
        """Remember what became of a flow (idempotent)."""
        ...

    def flows(
        self, dossier: str, connection: str, *, quarantined: bool = False, limit: int = 100
    ) -> tuple[TakenFlow, ...]:
        """The last flows that a connection brought, or those in quarantine; newest first."""
        ...

    def reach(self, dossier: str, address: str) -> Reach | None:
        """What was last heard of an address, None when nothing is kept."""
        ...

    def keep_reach(self, dossier: str, reach: Reach) -> None:
        """Keep an answer for a day."""
        ...

    def switch(self, dossier: str, switch: str) -> PlatformSwitch:
        """One change of platform, read consistently; NotFoundError."""
        ...

    def switches(self, dossier: str) -> tuple[PlatformSwitch, ...]:
        """Every change of platform of a dossier, oldest first."""
        ...

    def save_switch(
        self, switch: PlatformSwitch, entries: Sequence[JournalEntry]
    ) -> PlatformSwitch:
        """Create or change, with what the journal says; StaleVersionError (``switch.stale``)."""
        ...
