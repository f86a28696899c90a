"""Is this document the double of another? Three signs, from sure to likely (JF-40, D02, D58).

Same bytes; same seller, number and year (the uniqueness key of the reform, invoice-formats.md
§7); same total and issue date with a near number. Always within one dossier. A double is marked
and linked, never dropped: a person decides.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from facteur.domain.documents import Document, Duplicate, Summary

_NOT_ALNUM = re.compile(r"[^A-Z0-9]+")


def plain(text: str) -> str:
    """Capitals and digits only, without accents: how names and numbers are compared."""
    flat = unicodedata.normalize("NFKD", text).upper()
    return _NOT_ALNUM.sub("", "".join(one for one in flat if not unicodedata.combining(one)))


def seller_key(*, siren: str, vat: str, name: str) -> str:
    """Who the seller is: SIREN, else VAT number, else the plain name; "" when none is known."""
    return plain(siren) or plain(vat) or plain(name)


def number_key(summary: Summary) -> str:
    """Seller, number and year, "" while one of them is unknown."""
    number = plain(summary.number)
    if not (summary.seller_key and number and summary.issue_date):
        return ""
    return f"{summary.seller_key}|{number}|{summary.issue_date.year}"


def near_numbers(left: str, right: str) -> bool:
    """True when two numbers differ by at most one character, added, dropped or changed.

    A missing number is near to any: a photo of an invoice that we have already may lack it.
    """
    one, other = plain(left), plain(right)
    if not one or not other or one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) == len(long):
        # 0041 and 0042 are two invoices of one supplier: a changed digit is no sign of a double.
        both_digits = short[at].isdigit() and long[at].isdigit()
        return not both_digits and short[at + 1 :] == long[at + 1 :]
    return short[at:] == long[at + 1 :]


def found(
    document: Document,
    *,
    same_bytes: str | None,
    same_number: str | None,
    near: Iterable[tuple[str, str]],
) -> tuple[Duplicate, ...]:
    """The doubles of ``document``, one per other document, its surest reason first.

    ``near`` holds (document, number) of the invoices with the same total and issue date.
    """
    reasons: dict[str, str] = {}
    for other, reason in ((same_bytes, "sha256"), (same_number, "number")):
        if other and other != document.id:
            reasons.setdefault(other, reason)
    for other, number in near:
        if other != document.id and near_numbers(number, document.summary.number):
            reasons.setdefault(other, "near")
    return tuple(Duplicate(document=other, reason=why) for other, why in reasons.items())


def with_number(found: Duplicate, other: Summary, summary: Summary) -> Duplicate:
    """A near double that bears the very number of the same seller and year says so.

    « same_number », not « number »: it came beside or after, and holds nothing before this one.
    """
    key = number_key(summary)
    if found.reason == "near" and key and key == number_key(other):
        return replace(found, reason="same_number")
    return found
