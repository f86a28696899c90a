"""Paper to type on, and the case that is typed: parties, dates, lines, and their truth.

A row is typed with tabs: ``paper.row("40|Désignation", ">555|Montant HT")`` (``>`` ends at the
tab, ``^`` is centred on it); ``paper.grid("40 >430 >555", …)`` types many rows on the same tabs.
"""
# ruff: noqa: E501 - rows are read as rows

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import Company, company, luhn
from benchmarks.synthetic.family import Truth, fr, some_day

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
_ALIGN = {">": "right", "^": "centre"}


@dataclass
class Paper:
    """A page being typed; ``y`` is the next row."""

    size: float = 9
    gap: float = 1.5
    y: float = 50
    canvas: Canvas = field(default_factory=Canvas)

    def row(self, *cells: str, size: float = 0, bold: bool = False, gap: float = 0) -> None:
        """One row of cells, each "tab|text"."""
        size = size or self.size
        for cell in cells:
            tab, _, text = cell.partition("|")
            if text:
                align = _ALIGN.get(tab[0], "left")
                self.canvas.text(float(tab.strip(">^")), self.y, text, size, align, bold=bold)
        self.y += (gap or self.gap) * size

    def grid(self, tabs: str, *rows: Sequence[object], gap: float = 0) -> None:
        """Rows on the same tabs; an empty text leaves its tab empty."""
        for row in rows:
            cells = zip(tabs.split(), row, strict=False)
            self.row(*(f"{tab}|{text}" for tab, text in cells), gap=gap)

    def block(self, x: float, *texts: str, y: float = 0, size: float = 0) -> None:
        """Lines under each other at a place; the next row stays where it was unless it is below."""
        size = size or self.size
        top = y or self.y
        self.canvas.block(x, top, [text for text in texts if text], size)
        if not y:
            self.y = max(self.y, top + 1.3 * size * len(texts))

    def title(self, text: str, x: str = "40", size: float = 14) -> None:
        """A large row."""
        self.row(f"{x}|{text}", size=size, bold=True)

    def skip(self, points: float = 12) -> None:
        """Leave a space."""
        self.y += points

    def turn(self) -> None:
        """Turn the page."""
        self.canvas.next_page()
        self.y = 50


@dataclass
class Line:
    """A line of the table."""

    text: str
    quantity: Decimal
    price: Decimal
    rate: Decimal
    unit: str = ""

    @property
    def net(self) -> Decimal:
        """HT."""
        return cents(self.quantity * self.price)


@dataclass
class Case:
    """What one invoice says."""

    rng: random.Random
    seller: Company
    buyer: Company
    issued: date
    number: str
    lines: list[Line] = field(default_factory=list)

    @property
    def due(self) -> date:
        """Thirty days later."""
        return self.issued + timedelta(days=30)

    @property
    def excl(self) -> Decimal:
        """HT of the lines."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def rows(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Rate, base, tax."""
        bases: dict[Decimal, Decimal] = {}
        for line in self.lines:
            bases[line.rate] = bases.get(line.rate, Decimal(0)) + line.net
        return [(rate, base, cents(base * rate / 100)) for rate, base in sorted(bases.items())]

    @property
    def vat(self) -> Decimal:
        """TVA of the lines."""
        return sum((tax for _, _, tax in self.rows), Decimal(0))

    @property
    def incl(self) -> Decimal:
        """TTC of the lines."""
        return self.excl + self.vat

    def add(
        self, things: Sequence[str], count: int, low: int = 5, high: int = 900, rate: str = "20",
        *, unit: str = "", quantities: str = "1 2 3 5 10 0.5 12",
    ) -> "Case":  # fmt: skip
        """More lines, of these things."""
        names = list(things) * 8
        for place in range(count):
            quantity = Decimal(self.rng.choice(quantities.split()))
            price = cents(Decimal(self.rng.randint(low * 100, high * 100)) / 100)
            self.lines.append(Line(names[place], quantity, price, Decimal(rate), unit))
        return self

    def truth(self, *, kind: str = "invoice", **more: object) -> Truth:
        """What must be read: the case's own totals unless given."""
        found: Truth = {
            "type": kind, "number": self.number, "issue_date": self.issued, "currency": "EUR",
            "seller_name": self.seller.full, "buyer_name": self.buyer.full,
            "total_excl_vat": self.excl, "total_vat": self.vat, "total_incl_vat": self.incl,
            "amount_due": self.incl, "vat_breakdown": self.rows,
            "lines": [line.net for line in self.lines],
        }  # fmt: skip
        found |= more
        return found


def case(rng: random.Random, number: str = "", **seller: str) -> Case:
    """Two companies, a day, a number."""
    used: set[str] = set()
    one, other = company(rng, used), company(rng, used)
    for name, value in seller.items():
        setattr(one, name, value)
    issued = some_day(rng)
    number = number or rng.choice(("F{y}-{n:04d}", "FA{n:06d}", "{y}{n:05d}", "FC-{n:05d}"))
    text = number.format(y=issued.year, m=issued.month, n=rng.randint(1, 4999), s=f"{issued:%y}")
    return Case(rng, one, other, issued, text)


def address(one: Company) -> tuple[str, str, str]:
    """Name, street, town."""
    return one.full, one.street, f"{one.postcode} {one.city}"


def spaced(text: str, *sizes: int) -> str:
    """Digits in groups."""
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return " ".join((*parts, text[at:])).strip()


def siret(one: Company) -> str:
    """A SIRET as printed."""
    return spaced(one.siret, 3, 3, 3)


def iban(text: str) -> str:
    """An IBAN in groups of four."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def count(value: Decimal) -> str:
    """A quantity in French."""
    return f"{value.normalize():f}".replace(".", ",")


def percent(rate: Decimal) -> str:
    """A rate in French."""
    return f"{rate.normalize():f} %".replace(".", ",")


def ch(value: Decimal) -> str:
    """1'234.50."""
    return f"{value:,.2f}".replace(",", "'")


def spaced_dot(value: Decimal) -> str:
    """1 234.50."""
    return f"{value:,.2f}".replace(",", " ")


def long_day(day: date) -> str:
    """3 mars 2025."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def money(value: Decimal) -> str:
    """1 234,50."""
    return fr(value, "")


def footer(paper: Paper, one: Company, *, y: float = 800) -> None:
    """The small print of a seller at the foot of the page."""
    text = f"{one.full} au capital de 10 000 € - RCS {one.city.upper()} {spaced(one.siren, 3, 3)}"
    paper.canvas.text(297, y, f"{text} - TVA {one.vat}", 7, "centre")


def other_siren(rng: random.Random) -> str:
    """The SIREN of a third company, which is neither seller nor buyer."""
    return luhn(rng, 9)
