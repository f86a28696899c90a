"""A small world for the services: the real store and buckets, fakes for what reads and checks.

The clock stands still until told, identifiers count, the queue is a list that tests deliver.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

from facteur import bootstrap, config
from facteur.adapters.aws.flow_ledger import AwsFlowLedger
from facteur.adapters.aws.hooks import AwsHooks
from facteur.adapters.aws.sessions import AwsSessions, AwsTickets
from facteur.adapters.aws.table import Table
from facteur.adapters.connectors.companies.sandbox import SandboxCompanies
from facteur.domain.commands import ReceiveMail, Scheduled, Sweep
from facteur.domain.documents import Direction, Document, DocumentRef, EmbeddedFile, Verdict
from facteur.domain.dossiers import PERMISSIONS, Caller, Member, Role, mailbox_addresses
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice
from facteur.domain.letters import Letter
from facteur.domain.pages import PageSet
from facteur.domain.splitting import Sheet
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo import invoices
from facteur.ports import (
    Container,
    Context,
    FacturxFile,
    PdfContent,
    PdfInfo,
    RuleReport,
)
from facteur.services import run as running

from tests.emulator import Platform

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)


@dataclass
class FixedClock:
    """Stands still."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def pass_(self, **amount: float) -> None:
        self.time += timedelta(**amount)


@dataclass
class CountingIds:
    """n0001, n0002…"""

    count: int = 0

    def new(self) -> str:
        self.count += 1
        return f"n{self.count:025d}"


@dataclass
class ListQueue:
    """What was sent, in order."""

    sent: list[Scheduled] = field(default_factory=list)

    def send(self, scheduled: Scheduled, *, delay_seconds: int = 0) -> None:
        assert 0 <= delay_seconds <= 900
        self.sent.append(scheduled)


@dataclass
class FakePdf:
    """Answers without reading; ``broken`` makes every file unreadable.

    ``embeds``: what every Factur-X holds, instead of what was put in.
    """

    broken: str = ""
    embeds: bytes = b""

    def _maybe(self) -> None:
        if self.broken:
            raise UnreadableError(self.broken)

    def read(self, data: bytes) -> PdfContent:
        self._maybe()
        return PdfContent(info=PdfInfo(pages=1), pages=PageSet(pages=(), origin="text", total=1))

    def container(self, data: bytes) -> Container:
        self._maybe()
        return Container()

    def images(
        self,
        data: bytes,
        *,
        dpi: int,
        first: int = 1,
        last: int = 0,
        form: str = "webp",
        turns: Sequence[int] = (),
    ) -> tuple[bytes, ...]:
        self._maybe()
        return (b"image of " + data[:20],)

    def facturx(
        self,
        data: bytes,
        xml: bytes,
        level: str,
        *,
        words: PageSet | None,
        title: str,
        created: datetime,
    ) -> FacturxFile:
        self._maybe()
        return FacturxFile(data=b"%PDF factur-x " + xml, road="repaired", pdfa=True)

    def readable(self, invoice: Invoice) -> bytes:
        self._maybe()
        return b"%PDF readable " + invoice.number.encode()

    def printed(self, letter: Letter) -> bytes:
        self._maybe()
        return b"%PDF printed " + letter.text.encode()

    def pages(self, data: bytes, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
        self._maybe()
        return tuple(b"%%PDF pages %d-%d of " % one + data[:20] for one in ranges)

    def sheets(self, data: bytes, numbers: Sequence[int]) -> tuple[Sheet, ...]:
        self._maybe()
        return ()

    def read_back(self, data: bytes) -> tuple[EmbeddedFile, ...]:
        self._maybe()
        xml = self.embeds or data.removeprefix(b"%PDF factur-x ")
        return (EmbeddedFile(filename="factur-x.xml", data=xml, relationship="Data"),)

    def from_images(self, images: Sequence[bytes]) -> bytes:
        self._maybe()
        return b"%PDF images"


@dataclass
class FakeRulebook:
    """Answers what the test wants."""

    verdict: Verdict = Verdict.VALID
    findings: tuple[Fault, ...] = ()

    def check(self, xml: bytes) -> RuleReport:
        return RuleReport(
            verdict=self.verdict,
            reform=Verdict.INVALID,
            findings=self.findings,
            versions={"test": "1"},
        )

    def check_status(self, xml: bytes) -> RuleReport:
        return RuleReport(
            verdict=self.verdict, reform=Verdict.NOT_CONCERNED, findings=self.findings
        )

    def check_report(self, xml: bytes) -> RuleReport:
        return RuleReport(
            verdict=self.verdict, reform=Verdict.NOT_CONCERNED, findings=self.findings
        )


@dataclass
class World:
    """One dossier (the demonstration's) and its context."""

    context: Context
    clock: FixedClock
    queue: ListQueue
    pdf: FakePdf
    rulebook: FakeRulebook
    platform: Platform
    caller: Caller

    @property
    def dossier(self) -> str:
        return self.caller.dossier

    def deliver(self) -> None:
        """Run what is in the queue until it is empty, everything in one place."""
        while self.queue.sent:
            running.run_scheduled(self.queue.sent.pop(0), self.context)

    def mail(
        self,
        *files: tuple[str, bytes],
        key: str = "mail/1",
        message_id: str = "m1@x.example",
        to: str = "",
        verdicts: dict[str, str] | None = None,
    ) -> ReceiveMail:
        """Store a raw mail in the intake bucket; the command that receives it."""
        message = EmailMessage()
        message["From"] = "compta@fournisseur.example"
        message["Subject"] = "Votre facture"
        if message_id:
            message["Message-ID"] = f"<{message_id}>"
        message.set_content("Bonjour")
        for name, data in files:
            kind = "pdf" if name.endswith(".pdf") else "xml"
            message.add_attachment(data, maintype="application", subtype=kind, filename=name)
        address = (
            to or mailbox_addresses("300000007", self.context.inbound_domain)[Direction.PURCHASE]
        )
        self.platform.client("s3").put_object(
            Bucket=self.platform["FACTEUR_INTAKE_BUCKET"],
            Key=key,
            Body=message.as_bytes(),
            Metadata={"recipients": address, "sender": "compta@fournisseur.example"},
        )
        return ReceiveMail(
            key=key,
            recipients=(address,),
            received_at=self.clock.now(),
            sender="compta@fournisseur.example",
            verdicts=verdicts or {},
        )

    def sell(self) -> Document:
        """A sale, V1, mailed to the dossier's address for sales: it waits for acceptance."""
        box = f"SIREN300000007@out.{self.context.inbound_domain}"
        self.receive(("v1.xml", xml("V1")), to=box)
        (sale,) = self.documents(Direction.SALE)
        return sale

    def receive(self, *files: tuple[str, bytes], **options: str) -> tuple[Document, ...]:
        """A mail arrives and everything that follows runs; all documents, newest first."""
        running.run(self.mail(*files, **options), self.context)  # type: ignore[arg-type]
        self.deliver()
        return self.documents()

    def documents(self, direction: Direction = Direction.PURCHASE) -> tuple[Document, ...]:
        return self.context.store.documents(self.dossier, direction).documents

    def document(self, identifier: str) -> Document:
        return self.context.store.document(DocumentRef(self.dossier, identifier))

    def with_(self, **ports: object) -> None:
        self.context = replace(self.context, **ports)  # type: ignore[arg-type]


def xml(number: str = "", **changes: object) -> bytes:
    """The workshop's sample invoice as CII, with another number or other fields."""
    invoice = invoices.workshop(DAY)
    changes = {**changes, **({"number": number} if number else {})}
    return write_cii(replace(invoice, **changes), "EN 16931")  # type: ignore[arg-type]


def build(platform: Platform) -> World:
    """A world in a fresh account."""
    clock, queue, pdf, rulebook = FixedClock(), ListQueue(), FakePdf(), FakeRulebook()
    settings = config.load(platform.environment)
    clients = bootstrap._clients(settings)  # the context's own: making one takes 10 ms
    passing = Table(clients, settings.ephemeral_table)  # on the world's own clock
    context = replace(
        bootstrap.context(settings),
        clock=clock,
        ids=CountingIds(),
        queue=queue,
        pdf=pdf,
        ocr=None,
        rulebook=rulebook,
        companies=SandboxCompanies(),
        sessions=AwsSessions(passing, clock),
        tickets=AwsTickets(passing, clock),
        hooks=AwsHooks(Table(clients, settings.table), passing),
        flows=AwsFlowLedger(Table(clients, settings.table), clock),
        here=frozenset(),
    )
    dossier = invoices.DOSSIER
    boxes = {
        address.lower(): direction
        for direction, address in mailbox_addresses(dossier.siren, context.inbound_domain).items()
    }
    member = Member(dossier=dossier.id, user="u1", email="a@b.fr", name="Anne", role=Role.MANAGER)
    context.store.save_dossier(dossier, (member,), boxes)
    caller = Caller(
        user="u1", name="Anne", dossier=dossier.id, permissions=PERMISSIONS[Role.MANAGER]
    )
    return World(
        context=context,
        clock=clock,
        queue=queue,
        pdf=pdf,
        rulebook=rulebook,
        platform=platform,
        caller=caller,
    )


def round_(world: World) -> None:
    """The clock strikes, and everything that follows runs."""
    running.run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
