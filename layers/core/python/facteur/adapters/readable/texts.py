"""How values are written on the readable page: French amounts, dates and quantities.

Spaces inside numbers are narrow and unbreakable (U+202F), before a sign unbreakable (U+00A0), as
French typography wants them. Nothing is rounded: a price keeps the decimals its issuer gave.
"""

import re
from datetime import date
from decimal import Decimal

from facteur.domain import codes
from facteur.domain.invoice import Address, Identifier, Period

_LONG, _PIECE, _BREAK = re.compile(r"\S{31,}"), re.compile(r"\S{1,10}"), "\u200b"
NARROW, FIXED = "\u202f", "\u00a0"
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF"}
Row = tuple[str, str]  # a label and what stands beside it
TAX_POINTS = {
    "5": "TVA d'après les débits", "3": "TVA d'après les débits",
    "29": "TVA à la livraison", "35": "TVA à la livraison",
    "72": "TVA à l'encaissement", "432": "TVA à l'encaissement",
}  # fmt: skip
COUNTRIES = {
    "FR": "France", "GP": "Guadeloupe", "MQ": "Martinique", "GF": "Guyane", "RE": "La Réunion",
    "YT": "Mayotte", "NC": "Nouvelle-Calédonie", "PF": "Polynésie française", "MC": "Monaco",
    "AT": "Autriche", "BE": "Belgique", "BG": "Bulgarie", "CH": "Suisse", "CY": "Chypre",
    "CZ": "Tchéquie", "DE": "Allemagne", "DK": "Danemark", "EE": "Estonie", "ES": "Espagne",
    "FI": "Finlande", "GB": "Royaume-Uni", "GR": "Grèce", "HR": "Croatie", "HU": "Hongrie",
    "IE": "Irlande", "IT": "Italie", "LT": "Lituanie", "LU": "Luxembourg", "LV": "Lettonie",
    "MT": "Malte", "NL": "Pays-Bas", "PL": "Pologne", "PT": "Portugal", "RO": "Roumanie",
    "SE": "Suède", "SI": "Slovénie", "SK": "Slovaquie", "US": "États-Unis",
}  # fmt: skip


def number(value: Decimal | None, *, least: int = 2) -> str:
    """The number with at least this many decimals, and all that it has; "" for None."""
    if value is None:
        return ""
    plain = f"{value:f}"
    whole, _, decimals = plain.lstrip("-").partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    groups = f"{int(whole):,}".replace(",", NARROW)
    sign = "−" if plain.startswith("-") and value != 0 else ""
    return f"{sign}{groups},{decimals}" if decimals else f"{sign}{groups}"


def amount(value: Decimal | None, currency: str) -> str:
    """An amount with its currency; "" for None."""
    return f"{number(value)}{FIXED}{SIGNS.get(currency, currency)}" if value is not None else ""


def rate(value: Decimal | None) -> str:
    """A percentage; "" for None."""
    return f"{number(value, least=0)}{FIXED}%" if value is not None else ""


def day(value: date | None) -> str:
    """25/04/2022; "" for None."""
    return value.strftime("%d/%m/%Y") if value is not None else ""


def period(value: Period | None) -> str:
    """A period, open at either end; "" for None."""
    if value is None or (value.start is None and value.end is None):
        return ""
    if value.start is None:
        return f"jusqu'au {day(value.end)}"
    return (
        f"du {day(value.start)} au {day(value.end)}" if value.end else f"dès le {day(value.start)}"
    )


def identifier(value: Identifier | None) -> str:
    """The value alone; "" for None."""
    return value.value if value is not None else ""


def scheme_label(value: Identifier, otherwise: str = "Identifiant") -> str:
    """What kind of identifier it is: SIREN, SIRET, GLN…"""
    if not value.scheme:
        return otherwise
    known = codes.label(codes.SCHEMES, value.scheme)
    return known if known != value.scheme else f"{otherwise} ({value.scheme})"


def country(code: str) -> str:
    """The country's French name; the code itself when it is not a frequent one."""
    return COUNTRIES.get(code.upper(), code)


def address(value: Address | None) -> list[str]:
    """The lines of a postal address."""
    if value is None:
        return []
    town = " ".join(one for one in (value.postcode, value.city) if one)
    lines = [
        value.line1,
        value.line2,
        value.line3,
        town,
        value.subdivision,
        country(value.country),
    ]
    return [line for line in lines if line]


def grouped_iban(iban: str) -> str:
    """An IBAN by groups of four."""
    plain = "".join(iban.split())
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def filled(*rows: Row) -> list[Row]:
    """The rows that have something to show."""
    return [(label, value) for label, value in rows if value]


def breakable(text: str) -> str:
    """The text with places to break inside very long words, so that none leaves its column."""
    return _LONG.sub(lambda found: _BREAK.join(_PIECE.findall(found[0])), text)
