"""Numbers on a page: amounts, rates and quantities, in French, German and English spellings.

``1 245,30`` · ``1.245,30`` · ``1,245.30`` · ``1'245.30`` · ``29.99 €`` · ``EUR 12`` · ``50,-`` ·
``5,5 %``. A lone ``1.000`` is a thousand or a one: the page's own habit decides (``habit``).
A space joins digits only where it is narrow: in ``3   300,00`` a column ends. Amounts are exact
Decimals; nothing here knows what an amount is for.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from facteur.domain.extraction.lines import Row, Spot, Text

#: How a currency is printed, and its ISO 4217 code. A sign alone is the usual currency of it.
CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "usd": "USD",
    "us$": "USD", "£": "GBP", "gbp": "GBP", "chf": "CHF", "fr.": "CHF", "₹": "INR", "inr": "INR",
    "rs": "INR", "rs.": "INR", "rm": "MYR", "myr": "MYR", "cad": "CAD", "pln": "PLN", "zł": "PLN",
    "sek": "SEK", "dkk": "DKK", "nok": "NOK", "jpy": "JPY", "¥": "JPY", "xpf": "XPF",
    "cfp": "XPF", "aud": "AUD", "sgd": "SGD", "mad": "MAD", "huf": "HUF", "czk": "CZK",
}  # fmt: skip
_MONEY = r"(?:us\$|€|\$|£|₹|¥|eur(?:os?)?\b|usd\b|gbp\b|chf\b|inr\b|rs\.?(?=\s?\d)|rm(?=\s?\d)|myr\b|cad\b|pln\b|zł|sek\b|dkk\b|nok\b|jpy\b|xpf\b|cfp\b|aud\b|sgd\b|mad\b|huf\b|czk\b)"  # noqa: E501
_NUMBER = re.compile(
    rf"""
    (?<![\w/#@°])(?<!\d[.,:'\-])
    (?P<before>{_MONEY}\s?)?
    (?P<sign>[-+]\s?(?={_MONEY}|\d))?
    (?P<between>{_MONEY}\s?)?
    (?P<late>-(?=\d))?
    (?P<digits>
        \d{{1,3}}(?:[ ]\d{{3}})+(?![\d])(?:\s?[.,]\s?\d{{1,6}})?
      | \d{{1,3}}(?:[.]\d{{3}})+(?:,\d{{1,6}}|(?![\d,]))
      | \d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,6}}|(?![\d.]))
      | \d{{1,3}}(?:'\d{{3}})+(?:[.,]\d{{1,6}})?
      | \d+[ ]?[.,][ ]?\d{{2}}(?![\d])
      | \d+[.,]\d{{1,6}}
      | \d+
    )
    (?P<dash>,-{{1,2}}|(?P<trailing>(?<=[.,]\d\d)-(?![\w\d])))?
    (?P<after>\s?(?:{_MONEY}|%))?
    (?!\d)(?![.,:/'\-]\d)
    """,
    re.VERBOSE,
)
_DIGIT = re.compile(r"\d")
_LONGEST_LEAD = 16  # signs that a number may have before its first digit: "euros - euros -"
_DECIMALS = re.compile(r"\d([.,])\d{2}(?![\d.,]|\s?%)")
#: What OCR sees for a digit, when digits stand around it.
_LOOKALIKE = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1"})
_CONFUSED = re.compile(r"(?<![a-z])[\dol|i]*\d[\dol|i]*(?:[.,][\dol|i]+)?(?![a-z])")


@dataclass(frozen=True)
class Number:
    """One number as printed: its value, its decimals, and what stands beside it."""

    spot: Spot
    value: Decimal
    decimals: int
    currency: str = ""
    percent: bool = False

    @property
    def money(self) -> bool:
        """True when it is written as an amount: two decimals, or a currency beside it."""
        return not self.percent and (self.decimals == 2 or self.currency != "")


def habit(text: Text) -> str:
    """The decimal sign this document uses: "," or "."."""
    votes = Counter(found for row in text.rows for found in _DECIMALS.findall(row.plain))
    return "." if votes["."] > votes[","] else ","


def numbers(
    row: Row, *, decimal: str, ocr: bool = False, taken: Iterable[Spot] = ()
) -> list[Number]:
    """Every number of a row from left to right, but those inside the spots already taken."""
    if not row.digits:
        return []
    source = row.plain
    for spot in taken:
        source = source[: spot.start] + "_" * (spot.end - spot.start) + source[spot.end :]
    if ocr:
        source = _CONFUSED.sub(lambda found: found[0].translate(_LOOKALIKE), source)
    found: list[Number] = []
    at = 0
    while (digit := _DIGIT.search(source, at)) and (
        match := _NUMBER.search(source, max(at, digit.start() - _LONGEST_LEAD))
    ):
        at = match.end("digits")
        digits = match["digits"]
        cut = _column_end(row, match.start("digits"), digits, 0.85 if ocr else 0.62)
        if cut:
            digits = digits[:cut]
            at = match.start("digits") + cut
        if source[at : at + 1].isalpha() and not match["after"] and not _unit(source[at : at + 8]):
            continue
        parsed = parse(digits, decimal=decimal)
        if parsed is None:
            continue
        value, decimals = parsed
        if match["dash"] and not match["trailing"]:
            decimals = 2
        negative = match["sign"] or match["late"] or match["trailing"] or ""
        after = "" if cut else (match["after"] or "").strip()
        sign = (match["before"] or match["between"] or after).strip()
        found.append(
            Number(
                Spot(row, match.start("digits"), at),
                -value if "-" in negative else value,
                decimals,
                CURRENCIES.get(sign, ""),
                after == "%",
            )
        )
    return found


def parse(digits: str, *, decimal: str) -> tuple[Decimal, int] | None:
    """The value of printed digits and the number of decimals; None when they make no number.

    ``decimal`` ("," or ".") decides only where the writing is ambiguous: "1.000".
    """
    text = digits.replace(" ", "").replace("'", "")
    signs = [sign for sign in text if sign in ".,"]
    if not signs:
        return (Decimal(text), 0) if text.isdigit() else None
    last = signs[-1]
    whole, _, rest = text.rpartition(last)
    several = len(signs) > 1 and signs.count(last) == len(signs)
    thousands = several or (
        len(rest) == 3
        and len(signs) == 1
        and last != decimal
        and 0 < len(whole) <= 3
        and whole != "0"
    )
    whole = whole.replace(".", "").replace(",", "")
    if not whole.isdigit() or not rest.isdigit():
        return None
    if thousands:
        return Decimal(whole + rest), 0
    return Decimal(f"{whole}.{rest}"), len(rest)


def currency(text: Text, found: Iterable[Number]) -> tuple[str, float, Spot | None]:
    """The document's currency, how sure, and where; "" when the page says none."""
    label = re.compile(
        rf"(?:devise|currency|wahrung|valuta|monnaie)\s*:?[\s\w(]{{0,24}}?({_MONEY})"
    )
    for row in text.rows:
        if match := label.search(row.plain):
            return CURRENCIES[match[1]], 0.99, Spot(row, match.start(1), match.end(1))
    votes: Counter[str] = Counter()
    first: dict[str, Spot] = {}
    for number in found:
        if number.currency:
            votes[number.currency] += 1
            first.setdefault(number.currency, number.spot)
    if votes:
        (code, count), *others = votes.most_common()
        return code, 0.97 if not others or count >= 4 * others[0][1] else 0.7, first[code]
    words = re.compile(r"€|\beur(?:os?)?\b|\bin eur\b|\b(usd|gbp|chf)\b|[$£]")
    for row in text.rows:
        for match in words.finditer(row.plain):
            votes[CURRENCIES[match[0].removeprefix("in ")]] += 1
            first.setdefault(CURRENCIES[match[0].removeprefix("in ")], Spot(row, *match.span()))
    if votes:
        (code, _), *others = votes.most_common()
        return code, 0.6 if others else 0.92, first[code]
    return "", 0.0, None


def _column_end(row: Row, start: int, digits: str, widest: float) -> int:
    """Where digits joined by spaces must be cut because a space is too wide; 0: nowhere.

    ``widest`` is in heights of the row: OCR places words less exactly than a text layer.
    """
    for place, sign in enumerate(digits):
        if sign == " ":
            left = Spot(row, start, start + place)
            right = Spot(row, start + place + 1, start + len(digits))
            if right.x0 - left.x1 > widest * row.height:
                return place
    return 0


def _unit(rest: str) -> bool:
    """True when letters glued to a number are a unit or a word of its own ("20Stk", "5kg")."""
    return (
        re.match(
            r"(?:x|h|j|kg|g|l|m|ml|cl|cm|km|m2|m²|st|stk|pce|pcs|u|jours?|heures?|ht|ttc)(?![a-z])",
            rest,
        )
        is not None
    )
