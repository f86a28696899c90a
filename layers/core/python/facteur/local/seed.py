"""The first start: a demonstration dossier and a firm, their users, an API key, invoices by mail.

What it made is remembered in ``demo.json`` of the data folder (readable by its owner only), so
that a second start prints the same sign-in and seeds nothing twice.
"""

import contextlib
import json
import secrets
import smtplib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from facteur.config import Settings
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import Member, Role, mailbox_addresses
from facteur.domain.errors import DuplicateError
from facteur.domain.invoice import Invoice
from facteur.local.demo import ereporting, firm, invoices
from facteur.local.sandbox_pa import beside
from facteur.ports import Context
from facteur.services.programs.keys import first_key

EMAIL = "demo@facteur.example"
PATIENCE_SECONDS = 60.0
_MOST_SHOWN = 5  # invoices to accept that the terminal names: the page has them all
_STEPS = (
    (State.RECEIVED, "reçue"),
    (State.READ, "lue et convertie"),
    (State.TO_ACCEPT, "règles officielles passées : à accepter"),
)

_ELSEWHERE = {State.TO_CHECK: "à contrôler", State.QUARANTINED: "en quarantaine"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demonstration made: printed at each start."""

    password: str  # written before its user is made: a crash must not lose it
    api_key: str = ""  # "" until the first dossier is there
    sent: bool = False
    firm_password: str = ""  # of the firm's head
    firm_sent: bool = False
    reports_ready: bool = False  # the regime, the sales and the till of e-reporting
    reports_sent: bool = False  # what leaves once the test platform is connected


def seed(
    context: Context,
    settings: Settings,
    *,
    smtp: tuple[str, int],
    folder: Path,
    out: Callable[[str], None],
) -> None:
    """Make the demonstration when it is not there, mail its invoices, print how to sign in.

    Then, behind the pages, its e-reporting: this waits for the test platform to be connected.
    """
    demo = _load(folder) or _save(folder, Demo(password=_password()))
    if not demo.api_key:
        demo = _create(demo, context, settings, folder)
    if not demo.sent:
        before = _documents(context)
        _mail_all(context, settings, smtp)
        demo = _save(folder, replace(demo, sent=True))
        _watch(context, out, known=set(before))
    if not demo.firm_sent:
        demo = _with_firm(demo, context, settings, smtp=smtp, folder=folder)
    _summary(context, settings, demo, out, folder)
    if not demo.reports_ready:
        ereporting.prepared(context)
        demo = _save(folder, replace(demo, reports_ready=True))
    if not demo.reports_sent and ereporting.follow(context, folder, out):
        _save(folder, replace(demo, reports_sent=True))


def _path(folder: Path) -> Path:
    return folder / "demo.json"


def _load(folder: Path) -> Demo | None:
    path = _path(folder)
    return Demo(**json.loads(path.read_text("utf-8"))) if path.exists() else None


def _save(folder: Path, demo: Demo) -> Demo:
    path = _path(folder)
    fresh = path.with_suffix(".tmp")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(demo)), "utf-8")
    fresh.replace(path)
    return demo


def _create(demo: Demo, context: Context, settings: Settings, folder: Path) -> Demo:
    """The dossier, its user and its key; safe to run again after a crash in the middle."""
    person = context.identity.create(EMAIL, "Camille Delorme", demo.password)
    dossier = invoices.DOSSIER
    boxes = {
        address.lower(): direction
        for direction, address in mailbox_addresses(dossier.siren, settings.inbound_domain).items()
    }
    member = Member(
        dossier=dossier.id,
        user=person.subject,
        email=EMAIL,
        name="Camille Delorme",
        role=Role.MANAGER,
    )
    with contextlib.suppress(DuplicateError):  # a first start that was interrupted
        context.store.save_dossier(dossier, (member,), boxes)
    return _save(folder, replace(demo, api_key=first_key(dossier.id, "démonstration", context)))


def _password() -> str:
    return secrets.token_urlsafe(12) + "-Aa1"


def _with_firm(
    demo: Demo, context: Context, settings: Settings, *, smtp: tuple[str, int], folder: Path
) -> Demo:
    """The firm and its clients, after the first dossier's invoices: nothing waits for them."""
    demo = _save(folder, replace(demo, firm_password=demo.firm_password or _password()))
    firm.create(demo.firm_password, context, settings)
    with smtplib.SMTP(*smtp, timeout=30) as server:
        for dossier, invoice, data in firm.sent(context.clock.now().date()):
            to = firm.purchases_of(dossier, settings)
            server.send_message(_mail(invoice.number, invoice.seller.name, data, to, context))
    return _save(folder, replace(demo, firm_sent=True))


def _mail_all(context: Context, settings: Settings, smtp: tuple[str, int]) -> None:
    """Two suppliers each send their invoice to the dossier's SIREN address, over SMTP."""
    today = context.clock.now().date()
    to = mailbox_addresses(invoices.DOSSIER.siren, settings.inbound_domain)[Direction.PURCHASE]
    with smtplib.SMTP(*smtp, timeout=30) as server:
        for invoice, data in samples(context, today):
            server.send_message(_mail(invoice.number, invoice.seller.name, data, to, context))


def samples(context: Context, today: date) -> list[tuple[Invoice, bytes]]:
    """The two invoices and their files: a page with text only, and a Factur-X."""
    from facteur.formats.xml_invoice import write_cii  # noqa: PLC0415

    printer, workshop = invoices.printer(today), invoices.workshop(today)
    page = invoices.page(workshop, accent="#7a4a1e")
    facturx = context.pdf.facturx(
        page,
        write_cii(workshop, "EN 16931"),
        "EN 16931",
        words=None,
        title=f"Facture {workshop.number}",
        created=context.clock.now(),
    )
    return [
        (printer, invoices.page(printer, accent="#1d4f6b")),
        (workshop, facturx.data),
    ]


def _mail(number: str, seller: str, data: bytes, to: str, context: Context) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"{seller} <facturation@fournisseur.example>"
    message["To"] = to
    message["Subject"] = f"Facture {number}"
    message["Date"] = format_datetime(context.clock.now())
    message["Message-ID"] = f"<demo-{number}@fournisseur.example>"
    message.set_content(f"Bonjour,\n\nVeuillez trouver notre facture {number}.\n\n{seller}\n")
    message.add_attachment(
        data, maintype="application", subtype="pdf", filename=f"Facture-{number}.pdf"
    )
    return message


def _documents(context: Context) -> Mapping[str, Document]:
    page = context.store.documents(invoices.DOSSIER.id, Direction.PURCHASE)
    return {one.id: one for one in page.documents}


def _watch(context: Context, out: Callable[[str], None], *, known: set[str]) -> None:
    """Tell the way of the two invoices, step by step, until they wait for a person."""
    out("Deux factures viennent d'arriver par courriel. Leur chemin :")
    told: dict[str, set[State]] = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        here = {key: one for key, one in _documents(context).items() if key not in known}
        for one in here.values():
            _tell(one, told.setdefault(one.id, set()), out)
        settled = [one for one in here.values() if one.state not in (State.RECEIVED, State.READ)]
        if len(settled) >= 2:
            return
        time.sleep(0.15)
    out("  (le traitement continue : suivez-le sur la page « Factures d'achat »)")


def _tell(document: Document, told: set[State], out: Callable[[str], None]) -> None:
    reached = [state for state, _text in _STEPS]
    for state, text in _STEPS:
        passed = document.state in reached and reached.index(document.state) >= reached.index(
            state
        )
        if passed and state not in told:
            told.add(state)
            out(f"  {document.filename:32} {text}")
    if document.state not in reached and document.state not in told:
        told.add(document.state)
        out(f"  {document.filename:32} {_ELSEWHERE.get(document.state, document.state.value)}")


def _summary(
    context: Context, settings: Settings, demo: Demo, out: Callable[[str], None], folder: Path
) -> None:
    addresses = mailbox_addresses(invoices.DOSSIER.siren, settings.inbound_domain)
    site = settings.site_url
    out("")
    out(f"  Facteur est prêt : {site}/")
    out("")
    out(f"  Se connecter       {EMAIL}")
    out(f"  Mot de passe       {demo.password}")
    out(f"  Clé d'API          {demo.api_key}")
    out("")
    out(f"  En cabinet         {firm.EMAIL}")
    out(f"  Mot de passe       {demo.firm_password}")
    out("")
    for line in to_accept(_documents(context).values(), site):
        out(line)
    out("")
    out(f"  Achats par mail    {addresses[Direction.PURCHASE]}")
    out(f"  Ventes par mail    {addresses[Direction.SALE]}")
    out(f"  Courriels envoyés  {site}/courriels-envoyes")
    out("")
    if settings.sandbox_pa:
        beside.tell(folder, settings.sandbox_pa, out)
    out("  Ctrl-C arrête tout ; le prochain démarrage reprend où on en était.")


def to_accept(documents: Iterable[Document], site: str) -> list[str]:
    """The lines that name the invoices to accept and where they are: a few, then the page."""
    waiting = [one for one in documents if one.state is State.TO_ACCEPT]
    lines = []
    for one in waiting[:_MOST_SHOWN]:
        total = one.summary.total_incl_vat
        shown = invoices.money(total) if total is not None else ""
        lines.append(
            f"  À accepter         {one.summary.seller_name}, {one.summary.number}, {shown}"
        )
        lines.append(f"                     {site}/factures/{one.id}")
    if len(waiting) > _MOST_SHOWN:
        lines.append(f"  Et d'autres        {site}/achats?onglet=a-accepter")
    return lines
