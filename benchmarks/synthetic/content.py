"""What an invoice says: companies, lines, rates, discounts, deposits, imagined from a seed.

Every identifier has a right key, every total adds up; nothing is a real company.
"""
# ruff: noqa: E501, S311 - long tables of words; chance that must be repeatable

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from facteur.domain.identifiers import is_siren, is_siret, vat_of_siren
from facteur.domain.money import cents

_TOWNS = (
    ("75011", "PARIS"), ("69003", "Lyon"), ("33000", "BORDEAUX"), ("59000", "Lille"), ("35000", "Rennes"),
    ("13008", "MARSEILLE"), ("67000", "Strasbourg"), ("44000", "Nantes"), ("31000", "TOULOUSE CEDEX 4"),
    ("06200", "Nice"), ("38000", "Grenoble"), ("74370", "Argonay"), ("92130", "Issy-les-Moulineaux"),
    ("97400", "Saint-Denis"), ("97200", "Fort-de-France"), ("20000", "Ajaccio"), ("45100", "ORLEANS"),
)  # fmt: skip
_STREETS = (
    "12 rue des Lilas", "5 bis avenue de la République", "148, boulevard Voltaire", "ZA du Grand Clos",
    "3 place de l'Église", "27 chemin des Vignes", "1 impasse du Moulin", "Route de Vannes", "8 quai Perrache",
    "221 cours Lafayette", "14 allée Jean Jaurès", "Parc d'activités des Landes, bât. C",
)  # fmt: skip
_STEMS = (
    "Menuiserie Caradec", "Boulangerie Pichon", "Nordis Conseil", "Atelier Mauve", "Transports Lebrun", "Ovalia",
    "Plomberie Santoni", "Studio Kerlann", "Verdier Paysages", "Imprimerie du Faubourg", "Texalys", "Cabinet Rousselle",
    "Garage Delmas", "Mécanique Générale Arvor", "Traiteur Bellot", "Lumen Électricité", "Papeterie Centrale", "Batisud",
    "Domaine de la Croix-Haute", "Sopralog", "Fermetures Guérin", "Agence Pixel & Plume", "Dunois Informatique", "Vitalia Services",
)  # fmt: skip
_FORMS = ("SARL", "SAS", "SASU", "EURL", "SA", "SCI", "")
_PEOPLE = (
    "Mme Hélène Marchal",
    "M. Karim Benali",
    "Julie Perrot",
    "Monsieur Paul Vasseur",
    "Sophie Nguyen",
)
_PUBLIC = ("Mairie de Saint-Aubin", "Communauté de communes du Pays Vert", "Lycée Jean Macé", "Association Les Amis du Parc")  # fmt: skip
CATALOGUES = {
    "works": (("Dépose de l'ancienne installation", "forfait"), ("Fourniture et pose porte d'entrée", "u"), ("Main d'œuvre atelier", "h"), ("Carrelage grès cérame 60x60", "m²"), ("Évacuation des gravats", "ens"), ("Peinture murs et plafonds 2 couches", "m²")),
    "goods": (("Ramette papier A4 80 g", "pce"), ("Cartouche d'encre noire XL", "u"), ("Chaise de bureau réf. LUNA 3", "pièce"), ("Câble HDMI 2 m", ""), ("Écran 27 pouces", ""), ("Classeur à levier dos 70", "lot")),
    "services": (("Prestation de conseil", "jour"), ("Développement site internet", "h"), ("Maintenance mensuelle du parc", "mois"), ("Formation bureautique niveau 2", "j"), ("Abonnement Pro", ""), ("Déplacement technicien", "km")),
    "food": (("Pain de campagne 400 g", "pce"), ("Panier de légumes", ""), ("Vin rouge AOC 2019 75 cl", "bout."), ("Plateau repas végétarien", ""), ("Café en grains 1 kg", "kg"), ("Jus de pomme fermier 1L", "l")),
}  # fmt: skip


def luhn(rng: random.Random, length: int, head: str = "") -> str:
    """Digits with a valid Luhn key that start with ``head``."""
    while True:
        digits = head + "".join(rng.choice("0123456789") for _ in range(length - len(head)))
        if digits[0] != "0" and (is_siren(digits) if length == 9 else is_siret(digits)):
            return digits


def iban(rng: random.Random, country: str = "FR") -> str:
    """An account number with a right key."""
    length = {"FR": 23, "DE": 18, "BE": 12, "ES": 20}[country]
    body = "".join(rng.choice("0123456789") for _ in range(length))
    digits = "".join(str(int(sign, 36)) for sign in body + country + "00")
    return f"{country}{98 - int(digits) % 97:02d}{body}"


@dataclass
class Company:
    """A company or a person."""

    name: str
    street: str
    postcode: str
    city: str
    siren: str = ""
    siret: str = ""
    vat: str = ""
    form: str = ""
    phone: str = ""
    mail: str = ""
    web: str = ""
    iban: str = ""
    bic: str = ""
    country: str = "FR"

    @property
    def full(self) -> str:
        """The name with its legal form."""
        return f"{self.name} {self.form}".strip()


@dataclass
class Row:
    """A line."""

    text: str
    quantity: Decimal
    unit: str
    price: Decimal
    rate: Decimal
    discount: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        """The amount without tax."""
        return cents(self.quantity * self.price * (1 - self.discount / 100))


@dataclass
class Content:
    """All that an invoice says."""

    kind: str
    number: str
    issued: date
    due: date
    seller: Company
    buyer: Company
    rows: list[Row]
    regime: str = ""
    allowance: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    prepaid: Decimal = Decimal(0)
    order: str = ""
    preceding: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def bases(self) -> dict[Decimal, Decimal]:
        """HT by rate; the document's discount and shipping go to the first rate."""
        found: dict[Decimal, Decimal] = {}
        for row in self.rows:
            found[row.rate] = found.get(row.rate, Decimal(0)) + row.net
        first = max(found, key=lambda rate: found[rate])
        found[first] += self.shipping - self.allowance
        return dict(sorted(found.items(), reverse=True))

    @property
    def taxes(self) -> dict[Decimal, Decimal]:
        """TVA by rate."""
        return {rate: cents(base * rate / 100) for rate, base in self.bases.items()}

    @property
    def excl(self) -> Decimal:
        """HT."""
        return sum(self.bases.values(), Decimal(0))

    @property
    def vat(self) -> Decimal:
        """TVA."""
        return sum(self.taxes.values(), Decimal(0))

    @property
    def incl(self) -> Decimal:
        """TTC."""
        return self.excl + self.vat

    @property
    def due_amount(self) -> Decimal:
        """Net à payer."""
        return self.incl - self.prepaid


def company(rng: random.Random, used: set[str]) -> Company:
    """A French company."""
    name = rng.choice([stem for stem in _STEMS if stem not in used])
    used.add(name)
    form = rng.choice(_FORMS)
    postcode, city = rng.choice(_TOWNS)
    siren = luhn(rng, 9)
    slug = "".join(sign for sign in name.lower() if sign.isascii() and sign.isalpha())
    return Company(
        name=name, form=form, street=rng.choice(_STREETS), postcode=postcode, city=city, siren=siren,
        siret=luhn(rng, 14, siren), vat=vat_of_siren(siren), phone=f"0{rng.randint(1, 6)} " + " ".join(f"{rng.randint(0, 99):02d}" for _ in range(4)),
        mail=f"contact@{slug}.fr", web=f"www.{slug}.fr", iban=iban(rng), bic=rng.choice(("BNPAFRPPXXX", "AGRIFRPP882", "CMCIFR2A", "SOGEFRPP")),
    )  # fmt: skip


def customer(rng: random.Random, used: set[str]) -> Company:
    """Who buys: a company, a person, a public body."""
    kind = rng.random()
    one = company(rng, used)
    if kind < 0.15:
        return Company(
            name=rng.choice(_PEOPLE), street=one.street, postcode=one.postcode, city=one.city
        )
    if kind < 0.25:
        one.name, one.form = rng.choice(_PUBLIC), ""
    return one


def imagine(seed: int) -> Content:
    """The invoice of a seed."""
    rng = random.Random(seed)
    used: set[str] = set()
    seller, buyer = company(rng, used), customer(rng, used)
    regime = rng.choices(
        ("normal", "mixed", "franchise", "reverse", "dom", "old"), (60, 18, 8, 6, 5, 3)
    )[0]
    kind = rng.choices(("invoice", "credit_note", "prepayment", "corrective"), (80, 12, 5, 3))[0]
    issued = date(2019, 1, 1) + timedelta(days=rng.randint(0, 2800))
    rows = [
        _row(rng, regime, seed)
        for _ in range(rng.choices((1, 2, 3, 4, 6, 9, 14, 40), (14, 18, 18, 15, 14, 11, 7, 3))[0])
    ]
    if regime == "franchise":
        seller.vat = ""
        seller.form = rng.choice(("EI", ""))
    if regime == "reverse" and not buyer.siren:
        buyer = company(rng, used)
    content = Content(
        kind,
        _number(rng, issued, kind),
        issued,
        issued + timedelta(days=rng.choice((0, 15, 30, 30, 45, 60))),
        seller,
        buyer,
        rows,
        regime,
    )
    if rng.random() < 0.12 and content.excl > 100:
        content.allowance = cents(content.excl * Decimal(rng.choice(("0.02", "0.05", "0.10"))))
    if rng.random() < 0.12:
        content.shipping = Decimal(rng.choice(("9.90", "15.00", "6.50", "45.00")))
    if kind == "invoice" and rng.random() < 0.15:
        content.prepaid = cents(content.incl * Decimal(rng.choice(("0.3", "0.5", "0.2"))))
    if rng.random() < 0.3:
        content.order = rng.choice(("BC-", "CMD", "", "PO")) + str(rng.randint(1000, 99999))
    if kind in ("credit_note", "corrective"):
        content.preceding = _number(rng, issued - timedelta(days=20), "invoice")
    return content


def _row(rng: random.Random, regime: str, seed: int) -> Row:
    sector = ("works", "goods", "services", "food")[seed % 4]
    text, unit = rng.choice(CATALOGUES[sector])
    rates = {
        "normal": ("20",), "mixed": ("20", "10", "5.5", "20"), "franchise": ("0",), "reverse": ("0",),
        "dom": ("8.5", "2.1", "8.5"), "old": ("19.6",),
    }[regime]  # fmt: skip
    quantity = Decimal(
        rng.choice(("1", "1", "2", "3", "5", "10", "24", "0.5", "1.5", "7.25", "120"))
    )
    price = (
        cents(Decimal(rng.randint(50, 90000)) / 100)
        if rng.random() < 0.75
        else Decimal(rng.randint(5, 900))
    )
    discount = Decimal(rng.choice((5, 10, 15, 20))) if rng.random() < 0.08 else Decimal(0)
    if rng.random() < 0.25:
        text += rng.choice(
            (
                " - suite à votre demande du 3 mars",
                " (chantier Duval)",
                " modèle 2024",
                " coloris gris anthracite, finition mate",
            )
        )
    return Row(text, quantity, unit, price, Decimal(rng.choice(rates)), discount)


def _number(rng: random.Random, issued: date, kind: str) -> str:
    count = rng.randint(1, 4999)
    head = {
        "credit_note": ("AV", "A", "AVO-"),
        "prepayment": ("FAC", "AC"),
        "corrective": ("FR", "F"),
        "invoice": ("F", "FA", "FAC", "FC", ""),
    }[kind]
    prefix = rng.choice(head)
    form = rng.choice(
        (
            "{h}{y}-{c:04d}",
            "{h}{y}{m:02d}{c:04d}",
            "{h}-{y}-{c:05d}",
            "{h}{c:06d}",
            "{y}/{c:03d}",
            "{h}{y}/{m:02d}/{c:04d}",
            "{c:08d}",
        )
    )
    if not prefix:
        form = form.replace("{h}-", "")
    return form.format(h=prefix, y=issued.year, m=issued.month, c=count)
