"""A platform in memory that behaves like one: pages, acknowledgements, outages, refusals."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from facteur.domain.connections import Connection, Credentials, PlatformCall
from facteur.domain.errors import (
    ForbiddenError,
    NotFoundError,
    RefusedByPlatformError,
    UnavailableError,
)
from facteur.domain.flows import (
    AckDetail,
    Acknowledgement,
    AckStatus,
    DirectoryLine,
    Flow,
    FlowDirection,
    FlowFile,
    FlowPage,
    FlowSyntax,
    FlowType,
    FlowView,
    LegalUnit,
    LineStatus,
    OutgoingFlow,
)
from facteur.ports import CallLog, KeepToken, PlatformKind, Turn, alone

from tests.services.world import FakeRulebook, World

KEY = base64.b64encode(b"a key of thirty-two bytes, shown").decode()
NOON = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TAKEN = Acknowledgement(status=AckStatus.OK)


@dataclass
class FakePlatform:
    """What stands behind every connection of a test."""

    page: int = 15
    settles: timedelta = timedelta()
    flows: dict[str, Flow] = field(default_factory=dict)
    files: dict[tuple[str, FlowView], bytes] = field(default_factory=dict)
    directory: dict[str, DirectoryLine] = field(default_factory=dict)
    units: set[str] = field(default_factory=lambda: {"300000007"})
    said: list[str] = field(default_factory=list)
    away: bool = False
    locked: bool = False  # the secret is no longer good
    refuses: str = ""  # a reason code
    loses_answers: bool = False  # takes what is submitted, and never says so
    calls: int = 0
    token_due: datetime | None = None  # when the next opening asks for a token

    def bring(
        self,
        name: str,
        data: bytes,
        *,
        kind: FlowType = FlowType.SUPPLIER_INVOICE,
        syntax: FlowSyntax = FlowSyntax.CII,
        sha256: str = "",
        at: datetime | None = None,
        readable: bytes = b"",
        acknowledgement: Acknowledgement = TAKEN,
    ) -> Flow:
        """A flow for us; each a second after the one before."""
        at = at or NOON + timedelta(seconds=len(self.flows))
        flow = Flow(
            id=name, name=f"{name}.xml", syntax=syntax, type=kind, direction=FlowDirection.IN,
            submitted_at=at, updated_at=at, sha256=sha256, acknowledgement=acknowledgement,
        )  # fmt: skip
        self.flows[name] = flow
        self.files[name, FlowView.ORIGINAL] = data
        if readable:
            self.files[name, FlowView.READABLE] = readable
        return flow

    def line(self, address: str, status: LineStatus = LineStatus.ENABLED, **more: object) -> None:
        """An address of the directory."""
        self.directory[address] = DirectoryLine(
            address=address, siren=address[:9], status=status, platform="WK", **more
        )  # type: ignore[arg-type]

    def answer(self, flow: str, *details: AckDetail) -> None:
        """The controls of what we sent end: Ok, or Error with these details."""
        status = AckStatus.ERROR if details else AckStatus.OK
        held = self.flows[flow]
        self.flows[flow] = replace(
            held,
            acknowledgement=Acknowledgement(status=status, details=details),
            updated_at=held.updated_at + timedelta(seconds=30),
        )

    @property
    def sent(self) -> list[Flow]:
        return [one for one in self.flows.values() if one.direction is FlowDirection.OUT]

    def _asked(self, what: str) -> None:
        self.calls += 1
        self.said.append(what)
        if self.away:
            raise UnavailableError("platform.unreachable")
        if self.locked:
            raise ForbiddenError("platform.login")

    # ── The port ────────────────────────────────────────────────────────────────────────────────

    def check(self) -> None:
        self._asked("check")

    def submit(self, flow: OutgoingFlow) -> Flow:
        self._asked(f"submit {flow.tracking_id}")
        if self.refuses:
            raise RefusedByPlatformError(
                "platform.refused", reason=self.refuses, message="Their words."
            )
        at = NOON + timedelta(minutes=5, seconds=len(self.flows))
        made = Flow(
            id=f"out-{len(self.flows)}", name=flow.name, syntax=flow.syntax, type=flow.type,
            direction=FlowDirection.OUT, submitted_at=at, updated_at=at,
            tracking_id=flow.tracking_id, sha256=flow.sha256,
        )  # fmt: skip
        assert hashlib.sha256(flow.data).hexdigest() == flow.sha256
        self.flows[made.id] = made
        self.files[made.id, FlowView.ORIGINAL] = flow.data
        if self.loses_answers:
            raise UnavailableError("platform.unreachable")
        return made

    def find(self, tracking_id: str) -> tuple[Flow, ...]:
        self._asked(f"find {tracking_id}")
        return tuple(one for one in self.sent if one.tracking_id == tracking_id)

    def search(
        self, *, updated_after: datetime, cursor: str = "", received_only: bool = False
    ) -> FlowPage:
        self._asked("search")
        found = sorted(
            (one for one in self.flows.values() if one.updated_at > updated_after),
            key=lambda one: (one.updated_at, one.id),
        )
        start = int(cursor or 0)
        page = found[start : start + self.page]
        more = str(start + self.page) if len(found) > start + self.page else ""
        return FlowPage(flows=tuple(reversed(page)), cursor=more)  # in no promised order

    def flow(self, flow_id: str) -> Flow:
        self._asked(f"flow {flow_id}")
        if flow_id not in self.flows:
            raise NotFoundError("not_found")
        return self.flows[flow_id]

    def file(self, flow_id: str, view: FlowView) -> FlowFile | None:
        self._asked(f"file {flow_id} {view.value}")
        data = self.files.get((flow_id, view))
        return None if data is None else FlowFile(data=data, media_type="application/octet-stream")

    def legal_unit(self, siren: str) -> LegalUnit | None:
        self._asked(f"siren {siren}")
        return LegalUnit(siren=siren, name="Une société") if siren in self.units else None

    def lines(self, siren: str) -> tuple[DirectoryLine, ...]:
        self._asked(f"lines {siren}")
        return tuple(one for one in self.directory.values() if one.siren == siren)

    def line_of(self, address: str) -> DirectoryLine | None:
        self._asked(f"line {address}")
        return self.directory.get(address)

    def subscribe(self, callback_url: str) -> tuple[str, str]:
        self._asked(f"subscribe {callback_url}")
        return "hook-1", KEY

    def unsubscribe(self, webhook: str) -> None:
        self._asked(f"unsubscribe {webhook}")


class _Opened:
    """The platform as one connection reaches it: tells its calls."""

    def __init__(self, platform: FakePlatform, log: CallLog) -> None:
        self._platform, self._log = platform, log
        if platform.token_due is not None:
            log(PlatformCall(
                at=platform.token_due, method="POST", url="https://pa.example/token", status=200,
                milliseconds=5, request_id="token",
            ))  # fmt: skip
            platform.token_due = None

    @property
    def settles(self) -> timedelta:
        return self._platform.settles

    def __getattr__(self, name: str) -> object:
        method = getattr(self._platform, "line_of" if name == "line" else name)

        def call(*args: object, **named: object) -> object:
            self._log(PlatformCall(
                at=NOON + timedelta(seconds=self._platform.calls), method="GET",
                url=f"https://pa.example/v1/{name}", status=0 if self._platform.away else 200,
                milliseconds=12, request_id=f"r{self._platform.calls}",
            ))  # fmt: skip
            return method(*args, **named)

        return call


@dataclass
class FakePlatforms:
    """The registry: one platform, two names."""

    platform: FakePlatform
    rotate: str = ""  # a refresh token that the platform replaces at the next opening
    opened: list[Credentials] = field(default_factory=list)

    def kinds(self) -> Sequence[PlatformKind]:
        return (
            PlatformKind(
                name="afnor", label="Autre plateforme agréée", flow_url="", api_key=False
            ),
            PlatformKind(
                name="super_pdp", label="Super PDP", flow_url="https://pa.example/flow",
                token_url="https://pa.example/token", authorize_url="https://pa.example/consent",
            ),
        )  # fmt: skip

    def open(
        self,
        connection: Connection,
        credentials: Credentials,
        log: CallLog,
        keep: KeepToken,
        turn: Turn = alone,
    ) -> object:
        self.opened.append(credentials)
        self.keep, self.turn = keep, turn
        if self.rotate:
            keep(self.rotate)
            self.rotate = ""
        return _Opened(self.platform, log)

    def consent_url(self, connection: Connection, *, state: str, back: str) -> str:
        return f"https://pa.example/consent?state={state}&redirect_uri={back}"

    def exchange(
        self, connection: Connection, credentials: Credentials, *, code: str, back: str
    ) -> str:
        if code != "good":
            raise RefusedByPlatformError("platform.refused", reason="invalid_grant", message="")
        return "refresh-1"


class Compliant(FakeRulebook):
    """Answers « valid » for the reform too."""

    def check(self, xml: bytes):
        return replace(super().check(xml), reform=self.verdict)


def connected(world: World, **ports: object) -> FakePlatform:
    """A platform, and the dossier's connection to it; other ports may be replaced as well."""
    platform = FakePlatform()
    world.with_(platforms=FakePlatforms(platform), **ports)
    world.context.connections.save(
        Connection(dossier=world.dossier, id="c1", platform="super_pdp", client_id="id")
    )
    return platform
