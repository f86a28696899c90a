"""What the export formats share: one-byte encodings, fixed widths, amounts and days as text.

Old formats hold what Windows or Latin-9 holds. A letter that they do not have loses its accent, or
becomes the sign nearest to it; what has no neighbour becomes "?", and is counted: the export says
so, because a name that was changed must not pass for the one that was read.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from facteur.domain.exports import Booking, Company, Posting

WINDOWS, LATIN9 = "cp1252", "iso8859-15"

#: Signs that have a plain neighbour.
_NEIGHBOURS = str.maketrans({
    "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ",
    "\u202f": " ", "œ": "oe", "Œ": "OE", "€": "EUR", "−": "-", "•": "-",
    "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ø": "O", "ø": "o", "ı": "i", "ẞ": "SS",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of a file, and how many characters its encoding could not hold."""

    data: bytes
    replaced: int = 0


def numbered(
    bookings: Sequence[Booking], company: Company
) -> Iterator[tuple[int, Booking, Posting]]:
    """Each posting with its entry and the entry's number, on from the company's first."""
    for number, one in enumerate(bookings, start=company.first):
        for posting in one.postings:
            yield number, one, posting


def encoded(lines: Sequence[str], bookings: Sequence[Booking], encoding: str) -> Written:
    """The lines, each ended by CR LF, in a one-byte encoding; what was lost is counted on the
    texts of the entries, each once, whatever the fields cut of them."""
    text = "".join(f"{holdable(one, encoding)[0]}\r\n" for one in lines)
    texts = {one for booking in bookings for one in (booking.label, booking.piece, booking.party)}
    return Written(text.encode(encoding), sum(holdable(one, encoding)[1] for one in texts))


def holdable(text: str, encoding: str) -> tuple[str, int]:
    """The text as the encoding can hold it, one character for one wherever it may be, and how
    many became "?"."""
    found, lost = [], 0
    for one in unicodedata.normalize("NFC", text):
        if _fits(one, encoding):
            found.append(one)
            continue
        plain = one.translate(_NEIGHBOURS)
        if plain == one:
            plain = "".join(part for part in unicodedata.normalize("NFKD", one) if part.isascii())
        lost += not plain
        found.append(plain or "?")
    return "".join(found), lost


def _fits(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def flat(text: str) -> str:
    """The text on one line: control characters and runs of blanks become one blank."""
    kept = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    return " ".join(kept.split())


def left(text: str, width: int, encoding: str = WINDOWS) -> str:
    """The text at the left of a field of that width, cut or filled with blanks.

    It is made holdable first: "€" is three characters where the encoding has no such sign.
    """
    return holdable(flat(text), encoding)[0][:width].ljust(width)


def tail(text: str, width: int) -> str:
    """The last characters of a reference, which tell most, in a field of that width."""
    return holdable(flat(text), WINDOWS)[0][-width:].ljust(width)


def cents(amount: Decimal, width: int) -> str:
    """The amount in cents, filled with zeros; ValueError when it has more digits."""
    text = f"{int(amount * 100):d}"
    if len(text) > width:
        msg = f"{amount} has more than {width} digits in cents"
        raise ValueError(msg)
    return text.rjust(width, "0")


def plain_amount(amount: Decimal, mark: str) -> str:
    """The amount with two decimals after ``mark``: 1312,80."""
    return f"{amount:.2f}".replace(".", mark)


def day(value: date | None, form: str) -> str:
    """The day in a strftime form; blanks of the same length for none."""
    if value is None:
        return " " * len(date(2000, 1, 1).strftime(form))
    return value.strftime(form)
