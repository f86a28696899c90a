"""What a user types in a form, as values; and values as the form shows them.

French habits: ``25/04/2022``, ``1 312,80`` (a point is taken too), an IBAN with its spaces. An
empty text means "nothing". What cannot be understood is a fault beside its field; an identifier
with a wrong key is taken as it is, because the page may carry it so, and check() says it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation

from facteur.domain import identifiers
from facteur.domain.candidate import (
    TYPE_CODES,
    AdjustmentRow,
    LineRow,
    VatRow,
    type_of_value,
)
from facteur.domain.faults import Fault

_THIN = "\u202f"
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("janvier janv", "février fevrier févr fevr", "mars", "avril avr", "mai", "juin",
         "juillet juil", "août aout", "septembre sept", "octobre oct", "novembre nov",
         "décembre decembre déc dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ROWS: Mapping[str, type] = {"lines": LineRow, "vat_rows": VatRow, "adjustments": AdjustmentRow}
_NUMBERS = frozenset(
    {"quantity", "unit_price", "net", "vat_rate", "discount_percent", "discount", "rate", "base", "tax", "amount"}  # noqa: E501
)  # fmt: skip
_FLAGS = frozenset({"charge", "gross"})
#: BT-1, BT-13, BT-12, BT-25: nobody numbers so long; lists, indexes and file names bear them.
_REFERENCES = frozenset({"number", "purchase_order", "contract", "preceding_invoice"})
_MOST_OF_A_REFERENCE, _MOST_OF_A_TEXT = 100, 2000


def parse_value(kind: str, raw: object, *, path: str = "") -> type_of_value | Fault | None:
    """The value of what was typed for a field of this kind (candidate.FIELDS).

    Text for simple kinds, a list of rows (texts by attribute) for "lines", "vat_rows" and
    "adjustments"; a line's ``discount`` typed with a % is its rate (BT-138), else an amount
    (BT-136). None or an empty tuple when nothing was typed; a Fault (``typed.…``, its path the
    field or the cell) when it cannot be understood.
    """
    if kind in _ROWS:
        return _rows(kind, raw, path)
    text = re.sub(r"\s+", " ", str(raw if raw is not None else "")).strip()
    if not text:
        return None
    return _PARSERS[kind](text, path)


def present(kind: str, value: type_of_value) -> str:
    """A simple value as the form shows it: ``25/04/2022``, ``1 312,80``, ``FR76 3000 …``."""
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, Decimal):
        return _figure(value)
    if isinstance(value, tuple):
        return ""
    if kind == "iban":
        return " ".join(value[at : at + 4] for at in range(0, len(value), 4))
    if kind in ("siren", "siret") and value.isdigit():
        return " ".join(part for part in (value[:3], value[3:6], value[6:9], value[9:]) if part)
    return value


def amount(text: str) -> Decimal | None:
    """A number as people type it: ``1 312,80``, ``1312.8``, ``1.312,80``, ``12 €``."""
    bare = re.sub(r"[\s\u00a0\u202f'€$£%]|eur(?:os?)?", "", text, flags=re.IGNORECASE)
    if bare.count(",") and bare.count("."):
        decimal = max(",", ".", key=bare.rfind)
        bare = bare.replace("." if decimal == "," else ",", "").replace(",", ".")
    elif bare.count(",") == 1 or bare.count(".") == 1:
        bare = bare.replace(",", ".")
    else:
        bare = bare.replace(",", "").replace(".", "")
    if not re.fullmatch(r"[-+]?\d{1,15}(?:\.\d{1,10})?|[-+]?\.\d{1,10}", bare):
        return None
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None


def day(text: str) -> date | None:
    """A date as people type it: ``25/04/2022``, ``25.4.22``, ``2022-04-25``, ``25 avril 2022``."""
    words = text.lower().replace("1er", "1").strip()
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words)
    if match:
        return _date(match[1], match[2], match[3])
    match = re.fullmatch(r"(\d{1,2})[ /.\-](\d{1,2})[ /.\-](\d{4}|\d{2})", words)
    if match:
        return _date(match[3], match[2], match[1])
    match = re.fullmatch(r"(\d{2})(\d{2})(\d{4})", words)
    if match:
        return _date(match[3], match[2], match[1])
    match = re.fullmatch(r"(\d{1,2})\s+([a-zûé]+)\.?\s+(\d{4})", words)
    if match and match[2] in _MONTHS:
        return _date(match[3], str(_MONTHS[match[2]]), match[1])
    return None


def _date(year: str, month: str, number: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(number))
    except ValueError:
        return None


def _figure(number: Decimal) -> str:
    exponent = number.normalize().as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    whole, _, part = f"{abs(number):.{places}f}".partition(".")
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", _THIN, whole)
    return f"{'-' if number < 0 else ''}{grouped},{part}"


def _fault(code: str, path: str, text: str) -> Fault:
    return Fault(code=code, path=path, values={"value": text[:80]})


def _text(text: str, path: str) -> str | Fault:
    most = _MOST_OF_A_REFERENCE if path in _REFERENCES else _MOST_OF_A_TEXT
    if len(text) > most:
        return Fault(code="typed.too_long", path=path, values={"limit": f"{most}"})
    return text


def _type(text: str, path: str) -> str | Fault:
    return text if text in TYPE_CODES else _fault("typed.type", path, text)


def _day(text: str, path: str) -> date | Fault:
    return day(text) or _fault("typed.date", path, text)


def _amount(text: str, path: str) -> Decimal | Fault:
    found = amount(text)
    return _fault("typed.amount", path, text) if found is None else found


def _currency(text: str, path: str) -> str | Fault:
    code = {"€": "EUR", "$": "USD", "£": "GBP", "EURO": "EUR", "EUROS": "EUR"}.get(text.upper(), text.upper())  # fmt: skip  # noqa: E501
    return code if re.fullmatch(r"[A-Z]{3}", code) else _fault("typed.currency", path, text)


def _country(text: str, path: str) -> str | Fault:
    code = text.upper()
    if re.fullmatch(r"[A-Z]{2}", code):
        return code
    known = _COUNTRIES.get(text.lower())
    return known or _fault("typed.country", path, text)


def _digits(length: int, code: str) -> Callable[[str, str], str | Fault]:
    def parse(text: str, path: str) -> str | Fault:
        number = identifiers.compact(text)
        fits = number.isdigit() and len(number) == length
        return number if fits else _fault(code, path, text)

    return parse


def _shaped(pattern: str, code: str) -> Callable[[str, str], str | Fault]:
    def parse(text: str, path: str) -> str | Fault:
        number = identifiers.compact(text)
        return number if re.fullmatch(pattern, number) else _fault(code, path, text)

    return parse


def _iban(text: str, path: str) -> str | Fault:
    """An IBAN is only taken with its right key: money follows it."""
    number = identifiers.compact(text)
    return number if identifiers.is_iban(number) else _fault("iban.invalid", path, text)


_PARSERS: Mapping[str, Callable[[str, str], type_of_value | Fault]] = {
    "text": _text,
    "type": _type,
    "date": _day,
    "amount": _amount,
    "currency": _currency,
    "country": _country,
    "siren": _digits(9, "typed.siren"),
    "siret": _digits(14, "typed.siret"),
    "vat": _shaped(r"[A-Z]{2}[A-Z0-9]{2,13}", "typed.vat"),
    "iban": _iban,
    "bic": _shaped(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", "bic.invalid"),
}
_COUNTRIES = {
    "france": "FR", "allemagne": "DE", "belgique": "BE", "luxembourg": "LU", "espagne": "ES",
    "italie": "IT", "suisse": "CH", "pays-bas": "NL", "royaume-uni": "GB", "irlande": "IE",
    "portugal": "PT", "autriche": "AT", "pologne": "PL", "monaco": "MC", "états-unis": "US",
    "guadeloupe": "GP", "martinique": "MQ", "guyane": "GF", "la réunion": "RE", "réunion": "RE",
    "mayotte": "YT",
}  # fmt: skip


def _rows(kind: str, raw: object, path: str) -> type_of_value | Fault:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        return _fault("typed.rows", path, str(raw))
    made: list[object] = []
    for place, texts in enumerate(raw):
        if not isinstance(texts, Mapping):
            return _fault("typed.rows", f"{path}.{place}", str(texts))
        if not any(str(text).strip() for text in texts.values()):
            continue
        values = _row(_ROWS[kind], texts, f"{path}.{place}")
        if isinstance(values, Fault):
            return values
        made.append(_ROWS[kind](**values))
    return tuple(made)  # type: ignore[return-value]  # rows of one kind


def _row(made: type, texts: Mapping[object, object], path: str) -> dict[str, object] | Fault:
    values: dict[str, object] = {}
    for one in fields(made):
        text = str(texts.get(one.name) or "").strip()
        cell = f"{path}.{one.name}"
        if one.name in _FLAGS:
            values[one.name] = text.lower() in ("1", "true", "on", "oui")
        elif one.name not in _NUMBERS:
            values[one.name] = text
        elif text:
            number = amount(text)
            if number is None:
                return _fault("typed.amount", cell, text)
            values[one.name] = number
        elif made is AdjustmentRow and one.name == "amount":
            return _fault("typed.amount", cell, text)
        else:
            values[one.name] = None
    if "%" in str(texts.get("discount") or ""):
        values["discount_percent"], values["discount"] = values["discount"], None
    return values
