"""A hundred mails from twenty suppliers to one company, made here, and how each must be sorted.

The company lets its trusted suppliers through, and two approved senders; a circuit stops what is
above five thousand euros; doubles wait. Every supplier sends five mails: CII, UBL, Factur-X, PDFs
with their text, scans, doubles, a changed account, a usurped name, a forged sender, somebody
else's invoice, broken files, mails without attachment, and an address that nobody has.
"""
# ruff: noqa: S311 - chance that must be repeatable

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage

import pypdfium2
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import (
    Address,
    CreditTransfer,
    Identifier,
    Invoice,
    Line,
    Party,
    Payment,
    PrecedingInvoice,
    Totals,
    VatBreakdown,
)
from facteur.domain.money import cents
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo import invoices

from benchmarks.synthetic.content import iban, luhn
from tests.journeys.ubl import write_ubl

BUYER_SIREN = luhn(random.Random(420), 9)
BUYER = "Brasserie des Trois Ponts"
DAY = date(2026, 11, 18)
ABOVE = Decimal(5000)
PRINTED = invoices.IBAN  # the account of those who send a page: the template prints no other

#: The tabs of the list, by the word of their address.
ARCHIVED, TO_ACCEPT, TO_CHECK, QUARANTINE = "archivees", "a-accepter", "a-controler", "quarantaine"
NOTHING = ""
BY_CARD = "-"  # instead of an account


@dataclass(frozen=True)
class Supplier:
    """Somebody who sends invoices: all his numbers follow from his place in the list."""

    place: int
    name: str
    siren: str = field(init=False)
    iban: str = field(init=False)

    def __post_init__(self) -> None:
        chance = random.Random(7000 + self.place)
        object.__setattr__(self, "siren", luhn(chance, 9))
        object.__setattr__(self, "iban", iban(chance))

    @property
    def sender(self) -> str:
        return f"facturation@fournisseur{self.place}.example"

    def party(self) -> Party:
        siret = luhn(random.Random(self.place), 14, self.siren)
        return Party(
            name=self.name,
            legal_id=Identifier(value=self.siren, scheme="0002"),
            identifiers=(Identifier(value=siret, scheme="0009"),),
            vat=vat_of_siren(self.siren),
            legal_form="SARL au capital de 10 000 €",
            electronic_address=Identifier(value=self.siren, scheme="0225"),
            address=Address(
                line1=f"{self.place} rue du Port", postcode="29000", city="Quimper", country="FR"
            ),
        )


SUPPLIERS = tuple(
    Supplier(place, name)
    for place, name in enumerate(
        (
            "Papeterie du Steir",
            "Menuiserie Le Gall",
            "Papeterie du Steir",  # another company of that name: an impostor
            "Maltage Fidèle",
            "Verrerie Solène",
            "Houblons Nouveaux",
            "Transports Kermoal",
            "Étiquettes Armor",
            "Fûts et Bouteilles Ouest",
            "Société coopérative agricole des producteurs d’orge brassicole du Finistère Nord",
            "Nettoyage Odet",
            "Imprimerie Penhoët",
            "Plomberie Cariou",
            "Électricité Bozec",
            "Levures Doublet",
            "Conseil Égaré",
            "Comptoir des Erreurs",
            "Télécopie Abîmée",
            "Lettres Sans Pièce",
            "Adresse Inconnue Services",
        ),
        1,
    )
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A mail, and what must become of its document."""

    supplier: Supplier
    sorted: str  # a tab; NOTHING when it makes no document here
    files: tuple[tuple[str, bytes], ...] = ()
    sender: str = ""
    proved: bool = False  # its sender passes SPF and DKIM
    unknown: bool = False  # to an address that nobody has
    double: bool = False
    text: str = "Bonjour,\n\nVeuillez trouver notre facture.\n"

    def message(self, number: int, to: str) -> EmailMessage:
        """The mail itself."""
        made = EmailMessage()
        made["From"] = f"{self.supplier.name} <{self.sender or self.supplier.sender}>"
        made["To"] = to
        made["Subject"] = f"Facture de {self.supplier.name}"
        made["Message-ID"] = f"<cent-{number}@fournisseur{self.supplier.place}.example>"
        made.set_content(self.text)
        for name, data in self.files:
            kind = "pdf" if name.endswith(".pdf") else "xml"
            made.add_attachment(data, maintype="application", subtype=kind, filename=name)
        return made


def invoice(supplier: Supplier, place: int, *, net: str = "", account: str = "") -> Invoice:
    """The n-th invoice of a supplier: one line at 20 %, no two alike."""
    price = Decimal(net) if net else Decimal(100 + 13 * supplier.place) + Decimal(place) * 7
    price += Decimal(supplier.place * 5 + place) / 100
    tax = cents(price / 5)
    issued = DAY - timedelta(days=place)
    paid = CreditTransfer(iban=account or supplier.iban)
    by_card = account == BY_CARD
    number = f"{supplier.name[:2].upper()}{supplier.place:02d}-2026-{place:03d}"
    return Invoice(
        number=number,
        issue_date=issued,
        due_date=issued + timedelta(days=30),
        type_code="380",
        currency="EUR",
        process="M1",
        seller=supplier.party(),
        buyer=Party(
            name=BUYER,
            legal_id=Identifier(value=BUYER_SIREN, scheme="0002"),
            vat=vat_of_siren(BUYER_SIREN),
            electronic_address=Identifier(value=BUYER_SIREN, scheme="0225"),
            address=Address(
                line1="3 quai de l'Odet", postcode="29000", city="Quimper", country="FR"
            ),
        ),
        payment=Payment(means_code="48")
        if by_card
        else Payment(means_code="30", transfers=(paid,)),
        totals=Totals(
            lines=price, tax_exclusive=price, tax=tax, tax_inclusive=price + tax, due=price + tax
        ),
        vat_breakdown=(VatBreakdown(base=price, tax=tax, category="S", rate=Decimal(20)),),
        lines=(
            Line(
                id="1",
                name="Livraison du mois",
                quantity=Decimal(1),
                unit="C62",
                unit_price=price,
                net=price,
                vat_category="S",
                vat_rate=Decimal(20),
            ),
        ),
    )


def first() -> Iterator[Sent]:
    """The mails that nothing came before."""
    yield from _ruled()
    yield from _ordinary()
    yield from _wrong()


def _ruled() -> Iterator[Sent]:
    """Those that a rule of the company is about."""
    trusted, joiner, impostor, faithful, lone, fresh = SUPPLIERS[:6]
    yield from (_cii(trusted, ARCHIVED, place) for place in range(1, 5))
    yield _cii(trusted, TO_CHECK, 5, account=iban(random.Random(99)))
    yield from (_facturx(joiner, ARCHIVED, place) for place in range(1, 4))
    yield _facturx(joiner, TO_ACCEPT, 4, net="5100")
    yield from _five(impostor, _cii)
    for place in range(1, 4):
        yield replace(_cii(faithful, ARCHIVED, place), proved=True)
        yield replace(_cii(lone, ARCHIVED, place, account=BY_CARD), proved=True)
    yield replace(_cii(faithful, TO_ACCEPT, 4, net="9000"), proved=True)
    yield replace(_cii(faithful, TO_ACCEPT, 5), proved=True, sender="moi@autre-domaine.example")
    cousin = "autre@fournisseur5.example"
    yield replace(_cii(lone, TO_ACCEPT, 4, account=BY_CARD), proved=True, sender=cousin)
    yield _cii(lone, TO_ACCEPT, 5, account=BY_CARD)  # the approved address, which nothing proves
    yield from (replace(one, proved=True) for one in _five(fresh, _cii))  # nobody knows its IBAN


def _ordinary() -> Iterator[Sent]:
    """What waits for a person, whatever it comes as."""
    papers = {6: _ubl, 7: _ubl, 9: _cii, 10: _facturx, 11: _page}
    for place, make in papers.items():
        yield from _five(SUPPLIERS[place], make)
    bottles, plumber, electrician, twice = SUPPLIERS[8], *SUPPLIERS[12:15]
    yield from _five(bottles, _cii, most=4)
    yield _xml(bottles, TO_ACCEPT, _credited(invoice(bottles, 5)))
    yield from _five(plumber, _page, most=4)
    yield from _five(electrician, _cii, most=4)
    yield from (_scan(one, TO_CHECK, 5) for one in (plumber, electrician))
    yield from _five(twice, _cii, most=3)


def _wrong() -> Iterator[Sent]:
    """What is not for us, does not add up, cannot be opened, or holds nothing."""
    lost, wrong, torn, empty, unknown = SUPPLIERS[15:20]
    other = Party(
        name="Fromagerie du Cap",
        legal_id=Identifier(value=luhn(random.Random(5), 9), scheme="0002"),
        address=Address(line1="1 place", postcode="29900", city="Concarneau", country="FR"),
    )
    for place in range(1, 6):
        yield _xml(lost, TO_CHECK, replace(invoice(lost, place), buyer=other))
    for place in range(1, 6):
        made = invoice(wrong, place)
        due = Decimal("1.00")
        yield _xml(wrong, TO_CHECK, replace(made, totals=replace(made.totals, due=due)))
    for place in range(1, 3):
        broken = f"%PDF-1.4 abime {place}".encode()
        yield Sent(supplier=torn, sorted=QUARANTINE, files=((f"abime-{place}.pdf", broken),))
    for place in range(3, 6):
        yield _cii(torn, TO_ACCEPT, place)
    for _place in range(1, 3):
        yield Sent(supplier=empty, sorted=NOTHING, text="Bonjour,\n\nNos bureaux seront fermés.\n")
    for place in range(3, 6):
        yield _cii(empty, TO_ACCEPT, place)
    for place in range(1, 4):
        yield replace(_cii(unknown, NOTHING, place), unknown=True)
    for place in range(4, 6):
        yield _cii(unknown, TO_ACCEPT, place)


def doubles() -> Iterator[Sent]:
    """What was sent before, once that was read."""
    joiner, twice = SUPPLIERS[1], SUPPLIERS[14]
    again = replace(
        invoice(joiner, 1, account=PRINTED), purchase_order="BC-12"
    )  # other bytes, the same number
    yield replace(_xml(joiner, TO_ACCEPT, again), double=True)
    for place in range(1, 3):
        yield replace(_cii(twice, TO_ACCEPT, place), double=True)


def _five(
    supplier: Supplier, make: Callable[[Supplier, str, int], Sent], *, most: int = 5
) -> Iterator[Sent]:
    """The first invoices of a supplier, all to accept."""
    return (make(supplier, TO_ACCEPT, place) for place in range(1, most + 1))


def _xml(supplier: Supplier, tab: str, made: Invoice) -> Sent:
    data = write_cii(made, "EN 16931")
    return Sent(supplier=supplier, sorted=tab, files=((f"{made.number}.xml", data),))


def _cii(supplier: Supplier, tab: str, place: int, *, net: str = "", account: str = "") -> Sent:
    return _xml(supplier, tab, invoice(supplier, place, net=net, account=account))


def _ubl(supplier: Supplier, tab: str, place: int) -> Sent:
    made = invoice(supplier, place)
    return Sent(supplier=supplier, sorted=tab, files=((f"{made.number}.xml", write_ubl(made)),))


def _facturx(supplier: Supplier, tab: str, place: int, *, net: str = "") -> Sent:
    made = invoice(supplier, place, net=net, account=PRINTED)
    pdf = ChildPdf(children=1)
    held = pdf.facturx(
        invoices.page(made, accent="#145"),
        write_cii(made, "EN 16931"),
        "EN 16931",
        words=None,
        title=made.number,
        created=datetime(2026, 11, 18, tzinfo=UTC),
    )
    pdf.close()
    return Sent(supplier=supplier, sorted=tab, files=((f"{made.number}.pdf", held.data),))


def _page(supplier: Supplier, tab: str, place: int) -> Sent:
    made = invoice(supplier, place, account=PRINTED)
    data = invoices.page(made, accent="#514")
    return Sent(supplier=supplier, sorted=tab, files=((f"{made.number}.pdf", data),))


def _scan(supplier: Supplier, tab: str, place: int) -> Sent:
    """A scanner's PDF: a grey picture and no text."""
    made = invoice(supplier, place, account=PRINTED)
    document = pypdfium2.PdfDocument(invoices.page(made, accent="#333"))
    picture = document[0].render(scale=200 / 72).to_pil().convert("L")
    document.close()
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=200)
    return Sent(supplier=supplier, sorted=tab, files=((f"numerise-{place}.pdf", out.getvalue()),))


def _credited(made: Invoice) -> Invoice:
    before = PrecedingInvoice(number="FB09-2026-001", issue_date=DAY - timedelta(days=1))
    return replace(made, type_code="381", preceding=(before,))
