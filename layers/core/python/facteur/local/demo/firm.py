"""The demonstration's accounting firm: one head, three clients, two invoices on their way.

So that whoever evaluates Facteur for a firm sees a portfolio at once: one client has an invoice to
accept, another one that was sent to the wrong company, the third nothing yet. Everything has a
name of its own, so that making it twice makes it once.
"""

import contextlib
from dataclasses import replace
from datetime import date, datetime

from facteur.config import Settings
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Dossier, Role, mailbox_addresses
from facteur.domain.errors import DuplicateError, StaleVersionError
from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import Invoice
from facteur.domain.people import Firm, FirmMember, FirmRole, Link, LinkState
from facteur.local.demo import invoices
from facteur.ports import Context, PeopleChanges

EMAIL = "cabinet@facteur.example"
NAME = "Paule Ferrand"
FIRM = Firm(
    id="demo-cabinet",
    name="Cabinet Ferrand",
    siren="900000001",
    address="2 place de la Mairie",
    postcode="21000",
    city="Dijon",
)


def _client(name: str, siren: str, street: str, postcode: str, city: str) -> Dossier:
    return Dossier(
        id=f"demo-{siren}",
        name=name,
        siren=siren,
        vat=vat_of_siren(siren),
        address=street,
        postcode=postcode,
        city=city,
        vouched=True,
    )


CLIENTS = (
    _client("Le Fournil des Halles", "600000004", "11 rue des Halles", "21000", "Dijon"),
    _client("Garage Morvandiau", "700000003", "40 route de Paris", "21400", "Châtillon-sur-Seine"),
    _client("Studio Lumen", "800000002", "6 passage du Port", "71100", "Chalon-sur-Saône"),
)


def create(password: str, context: Context, settings: Settings) -> None:
    """The firm, its head and its clients' dossiers; what is there already stays as it is."""
    person = context.identity.create(EMAIL, NAME, password)
    head = FirmMember(
        firm=FIRM.id, user=person.subject, email=EMAIL, name=NAME, role=FirmRole.HEAD
    )
    with contextlib.suppress(StaleVersionError):  # a first start that was interrupted
        context.people.commit(PeopleChanges(firm=FIRM, firm_members=(head,)))
    for dossier in CLIENTS:
        with contextlib.suppress(DuplicateError):
            context.people.commit(_changes(dossier, context.clock.now(), settings))


def _changes(dossier: Dossier, at: datetime, settings: Settings) -> PeopleChanges:
    boxes = mailbox_addresses(dossier.siren, settings.inbound_domain)
    link = Link(
        firm=FIRM.id,
        firm_name=FIRM.name,
        dossier=dossier.id,
        dossier_name=dossier.name,
        siren=dossier.siren,
        state=LinkState.ACTIVE,
        role=Role.MANAGER,
        since=at,
    )
    return PeopleChanges(
        dossier=dossier,
        links=(link,),
        mailboxes={one.lower(): direction for direction, one in boxes.items()},
    )


def sent(today: date) -> tuple[tuple[Dossier, Invoice, bytes], ...]:
    """What the clients' suppliers send: to whom, the invoice, and its page."""
    baker, garage, _studio = CLIENTS
    right, wrong = invoices.printer(today), invoices.workshop(today)
    right = replace(right, number=f"FA-{today.year}-0418", buyer=invoices.buyer(baker))
    return (
        (baker, right, invoices.page(right, accent="#1d4f6b")),
        (garage, wrong, invoices.page(wrong, accent="#7a4a1e")),
    )


def purchases_of(dossier: Dossier, settings: Settings) -> str:
    """The address that a client's suppliers write to."""
    return mailbox_addresses(dossier.siren, settings.inbound_domain)[Direction.PURCHASE]
