"""The test platform for tests: in memory, its jobs done on demand, two companies on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from facteur.adapters.connectors.http import Answer, Http, Request
from facteur.adapters.connectors.registry import PlatformRegistry
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.connections import Connection, Credentials, PlatformCall
from facteur.domain.flows import FlowSyntax, OutgoingFlow
from facteur.domain.invoice import Identifier, Invoice
from facteur.formats.xml_invoice import write_cii
from facteur.local.sandbox_pa.calling import Calling
from facteur.local.sandbox_pa.platform import Sandbox
from facteur.local.sandbox_pa.server import Server
from facteur.local.sandbox_pa.store import Client
from facteur.ports import CallLog, Clock, Pdf, Platform

from tests.xml_samples import small_invoice

SELLER, BUYER = "552100554", "732829320"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def no_pdf() -> Pdf:
    """No test here reads a PDF."""
    raise AssertionError("a PDF was read")


class Recording(Http):
    """A client that remembers what it asked and what it was told."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.seen: list[tuple[Request, Answer]] = []

    def ask(self, request: Request, log: CallLog) -> Answer:
        """Ask, and remember."""
        answer = super().ask(request, log)
        self.seen.append((request, answer))
        return answer


@dataclass
class House:
    """A test platform, and how one program reaches it."""

    server: Server
    sandbox: Sandbox
    clients: dict[str, Client]
    registry: PlatformRegistry
    http: Recording
    calls: list[PlatformCall] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def connection(self, siren: str, **more: object) -> Connection:
        """The connection of a company by its own client."""
        made = Connection(
            dossier=siren,
            id=f"c-{siren}",
            platform="sandbox",
            client_id=self.clients[siren].id,
            client_secret="sealed",
        )
        return replace(made, **more)  # type: ignore[arg-type]

    def credentials(self, siren: str) -> Credentials:
        """What its secrets are."""
        return Credentials(client_secret=self.clients[siren].secret)

    def open(self, siren: str = SELLER, **more: object) -> Platform:
        """The platform as a company's client reaches it."""
        return self.registry.open(
            self.connection(siren, **more),
            self.credentials(siren),
            self.calls.append,
            lambda _token: None,
        )


@contextmanager
def running(*, working: bool = False, clock: Clock | None = None) -> Iterator[House]:
    """Start a test platform with the two companies of ``invoice`` and stop it in the end."""
    clock, ids = clock or SystemClock(), SystemIds()
    sandbox = Sandbox(None, clock, ids, pdf=no_pdf, calling=Calling(pauses=(0, 0, 0)))
    server = Server(sandbox, working=working)
    server.start()
    pauses: list[float] = []
    try:
        clients = {
            SELLER: sandbox.register(SELLER, "Menuiserie Kervella"),
            BUYER: sandbox.register(BUYER, "Hôtel des Dunes"),
        }
        http = Recording(clock, ids, nearby=True, pause=pauses.append, chance=lambda: 0.5)
        registry = PlatformRegistry(clock, ids, nearby=True, sandbox_url=server.url, http=http)
        yield House(server, sandbox, clients, registry, http, pauses=pauses)
    finally:
        server.stop()


def invoice(number: str = "F-1", *, to: str = BUYER, address: str | None = None) -> Invoice:
    """An invoice between the two companies; ``address`` "" leaves BT-49 out."""
    base = small_invoice()
    written = to if address is None else address
    return replace(
        base,
        number=number,
        seller=replace(
            base.seller,
            legal_id=Identifier(value=SELLER, scheme="0002"),
            identifiers=(),
            electronic_address=Identifier(value=SELLER, scheme="0225"),
        ),
        buyer=replace(
            base.buyer,
            legal_id=Identifier(value=to, scheme="0002"),
            identifiers=(),
            electronic_address=Identifier(value=written, scheme="0225") if written else None,
        ),
    )


def outgoing(
    document: Invoice | bytes,
    tracking: str = "t-1",
    syntax: FlowSyntax = FlowSyntax.CII,
    **more: object,
) -> OutgoingFlow:
    """A file to submit; ``more`` changes what is said of it."""
    data = document if isinstance(document, bytes) else write_cii(document, "EN 16931")
    made = OutgoingFlow(
        name=f"{tracking}.xml",
        syntax=syntax,
        data=data,
        media_type="application/xml",
        tracking_id=tracking,
        sha256=sha256(data).hexdigest(),
    )
    return replace(made, **more)  # type: ignore[arg-type]
