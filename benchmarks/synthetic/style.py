"""The habits of an issuer: how amounts, dates and labels are printed."""

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


@dataclass
class Style:
    """The habits of an issuer."""

    rng: random.Random
    money: str
    dates: str
    size: float
    upper: bool

    def amount(self, value: Decimal, *, sign: bool = True) -> str:
        """An amount as this issuer prints it."""
        whole, part = f"{abs(value):.2f}".split(".")
        groups = []
        while whole:
            groups.insert(0, whole[-3:])
            whole = whole[:-3]
        text = {
            "fr": " ".join(groups) + "," + part,
            "frn": "".join(groups) + "," + part,
            "dot": "".join(groups) + "." + part,
            "frdot": ".".join(groups) + "," + part,
        }[self.money.rstrip("€e")]
        text = ("-" if value < 0 else "") + text
        if not sign:
            return text
        return text + (
            " €" if self.money.endswith("€") else " EUR" if self.money.endswith("e") else ""
        )

    def day(self, value: date) -> str:
        """A date as this issuer prints it."""
        if self.dates == "long":
            first = "1er" if value.day == 1 else str(value.day)
            return f"{first} {_MONTHS[value.month - 1]} {value.year}"
        return value.strftime(self.dates)

    def label(self, text: str) -> str:
        """A label in this issuer's case."""
        return text.upper() if self.upper else text

    def pick(self, *options: str) -> str:
        """One of several ways to say it."""
        return self.rng.choice(options)
