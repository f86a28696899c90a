"""The two sample invoices: a page with a text layer only, and a Factur-X."""

import json
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

from facteur.domain.dossiers import Dossier
from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import (
    Address,
    Contact,
    CreditTransfer,
    Identifier,
    Invoice,
    Line,
    Note,
    Party,
    Payment,
    Totals,
    VatBreakdown,
)
from facteur.domain.money import cents

IBAN = "FR7630006000011234567890189"
BIC = "AGRIFRPP"
_NBSP = "\u00a0"

DOSSIER = Dossier(
    id="demo",
    name="Maison Delorme",
    siren="300000007",
    siret="30000000700017",
    vat=vat_of_siren("300000007"),
    address="8 rue des Tanneurs",
    postcode="21000",
    city="Dijon",
    vouched=True,
)

_TERMS = (
    ("PMD", "Pénalités de retard : trois fois le taux d'intérêt légal."),
    ("PMT", "Indemnité forfaitaire pour frais de recouvrement : 40 €."),
    ("AAB", "Pas d'escompte pour paiement anticipé."),
)


def printer(today: date, *, cards: int = 500) -> Invoice:
    """A printer's invoice, two rates; it is sent as a plain PDF page. ``cards``: how many."""
    lines = (
        _line("1", "Cartes de visite, 350 g, recto verso", str(cards), "H87", "0.18", "20"),
        _line("2", "Affiches A2, papier couché 135 g", "120", "H87", "1.45", "20"),
        _line("3", "Livret de présentation, 24 pages", "200", "H87", "2.10", "5.5"),
        _line("4", "Mise en page et bon à tirer", "3.5", "HUR", "62.00", "20"),
    )
    seller = _party(
        "Imprimerie des Quais", "40000000600017", "14 quai Saint-Vincent", "69001", "Lyon", "SARL"
    )
    return _invoice(f"FA-{today.year}-0417", today, seller, lines)


def workshop(today: date) -> Invoice:
    """A joiner's invoice, one rate; it is sent as a Factur-X."""
    lines = (
        _line("1", "Étagère en chêne massif, pose comprise", "2", "H87", "480.00", "20"),
        _line("2", "Déplacement", "1", "C62", "45.00", "20"),
        _line("3", "Heures d'atelier", "6.5", "HUR", "54.00", "20"),
    )
    seller = _party(
        "Atelier Vasseur", "50000000500016", "3 chemin du Moulin", "21120", "Is-sur-Tille", "SAS"
    )
    return _invoice(f"{today.year}11-088", today, seller, lines)


def _party(name: str, siret: str, street: str, postcode: str, city: str, form: str) -> Party:
    siren = siret[:9]
    return Party(
        name=name,
        legal_id=Identifier(value=siren, scheme="0002"),
        identifiers=(Identifier(value=siret, scheme="0009"),),
        vat=vat_of_siren(siren),
        legal_form=f"{form} au capital de 10 000 €",
        electronic_address=Identifier(value=siren, scheme="0225"),
        address=Address(line1=street, postcode=postcode, city=city, country="FR"),
        contact=Contact(email=f"facturation@{siren}.example"),
    )


def _line(number: str, name: str, quantity: str, unit: str, price: str, rate: str) -> Line:
    return Line(
        id=number,
        name=name,
        quantity=Decimal(quantity),
        unit=unit,
        unit_price=Decimal(price),
        net=cents(Decimal(quantity) * Decimal(price)),
        vat_category="S",
        vat_rate=Decimal(rate),
    )


def _invoice(number: str, today: date, seller: Party, lines: tuple[Line, ...]) -> Invoice:
    issued = today - timedelta(days=2)
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        rate, net = line.vat_rate or Decimal(0), line.net or Decimal(0)
        bases[rate] = bases.get(rate, Decimal(0)) + net
    breakdown = tuple(
        VatBreakdown(base=base, tax=cents(base * rate / 100), category="S", rate=rate)
        for rate, base in sorted(bases.items(), reverse=True)
    )
    net, tax = sum(bases.values(), Decimal(0)), sum((row.tax for row in breakdown), Decimal(0))
    return Invoice(
        number=number,
        issue_date=issued,
        due_date=issued + timedelta(days=30),
        type_code="380",
        currency="EUR",
        process="M1",
        notes=tuple(Note(subject=subject, text=text) for subject, text in _TERMS),
        seller=seller,
        buyer=buyer(DOSSIER),
        payment=Payment(
            means_code="30", transfers=(CreditTransfer(iban=IBAN, bic=BIC),), remittance=number
        ),
        totals=Totals(
            lines=net, tax_exclusive=net, tax=tax, tax_inclusive=net + tax, due=net + tax
        ),
        vat_breakdown=breakdown,
        lines=lines,
    )


def buyer(dossier: Dossier) -> Party:
    """A dossier as its suppliers' invoices name it."""
    return Party(
        name=dossier.name,
        legal_id=Identifier(value=dossier.siren, scheme="0002"),
        vat=dossier.vat,
        electronic_address=Identifier(value=dossier.siren, scheme="0225"),
        address=Address(
            line1=dossier.address,
            postcode=dossier.postcode,
            city=dossier.city,
            country=dossier.country,
        ),
    )


#: TrueType only: these can be proved PDF/A without being drawn again as an image.
_FACES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Bold.ttf", "SourceSansPro-Light.ttf")


def page(invoice: Invoice, *, accent: str) -> bytes:
    """The page that the supplier would print: a PDF with a text layer, nothing embedded."""
    import font_source_sans_pro  # noqa: PLC0415  only when the demonstration is seeded
    import typst  # noqa: PLC0415  the same: 77 MB

    faces = Path(font_source_sans_pro.__file__).parent / "files"
    template = resources.files(__package__) / "facture.typ"
    with tempfile.TemporaryDirectory() as folder, resources.as_file(template) as source:
        for name in _FACES:
            (Path(folder) / name).symlink_to(faces / name)
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        data = json.dumps(_data(invoice, accent), ensure_ascii=False)
        made: bytes = typst.compile(str(source), sys_inputs={"data": data}, font_paths=fonts)
    return made


def money(value: Decimal) -> str:
    """``1 312,80 €`` with no-break spaces, as French software prints it."""
    return f"{value:,.2f}".replace(",", _NBSP).replace(".", ",") + f"{_NBSP}€"


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


_UNITS = {"H87": "pièce", "HUR": "h", "C62": "forfait"}


def _data(invoice: Invoice, accent: str) -> dict[str, object]:
    seller, buyer = invoice.seller, invoice.buyer
    total = invoice.totals
    return {
        "title": f"Facture {invoice.number}",
        "accent": accent,
        "heading": "FACTURE",
        "seller": {
            "name": seller.name,
            "lines": [
                seller.address.line1,
                f"{seller.address.postcode} {seller.address.city}",
                seller.contact.email if seller.contact else "",
            ],
        },
        "buyer": {
            "name": buyer.name,
            "lines": [
                buyer.address.line1,
                f"{buyer.address.postcode} {buyer.address.city}",
                f"SIREN : {buyer.siren}",
                f"N° TVA : {buyer.vat}",
            ],
        },
        "references": [
            ["Facture n°", invoice.number],
            ["Date", _day(invoice.issue_date)],
            ["Échéance", _day(invoice.due_date)],
        ],
        "rows": [
            [
                line.name,
                _number(line.quantity or Decimal(0)),
                _UNITS.get(line.unit, line.unit),
                money(line.unit_price or Decimal(0)),
                f"{_number(line.vat_rate or Decimal(0))}{_NBSP}%",
                money(line.net or Decimal(0)),
            ]
            for line in invoice.lines
        ],
        "vat": [
            [f"{_number(row.rate or Decimal(0))}{_NBSP}%", money(row.base), money(row.tax)]
            for row in invoice.vat_breakdown
        ],
        "totals": [
            ["Total HT", money(total.tax_exclusive or Decimal(0))],
            ["Total TVA", money(total.tax or Decimal(0))],
            ["Total TTC", money(total.tax_inclusive or Decimal(0))],
            ["Net à payer", money(total.due or Decimal(0))],
        ],
        "payment": [
            f"Règlement par virement avant le {_day(invoice.due_date)}.",
            f"IBAN : {IBAN[:4]} {' '.join(IBAN[4:][i : i + 4] for i in range(0, 23, 4))}",
            f"BIC : {BIC}",
        ],
        "terms": [text for _subject, text in _TERMS],
        "footer": (
            f"{seller.name} – {seller.legal_form} – SIRET {seller.siret} – "
            f"N° TVA intracommunautaire {seller.vat}"
        ),
    }
