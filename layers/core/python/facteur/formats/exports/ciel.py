"""Ciel and Sage 50: XIMPORT.TXT, one line per posting, fixed widths.

Entry (5), journal (2), day AAAAMMJJ, due day AAAAMMJJ, document (12), account (11), label (25),
amount with a point (13), side D or C, matching (12), analytics (6), name of the account (34), "O"
for euros. Windows encoding.

Source: https://openflyers.com/en/doc/Accounting-export-template-CielXimport (third party: fields,
widths and example read there, in cp850; Sage says « Windows ANSI » for its sister format RImport,
fr-kb.sage.com 211010150086591, which is our choice). No import into the software was tried.
"""

from collections.abc import Sequence

from facteur.domain.exports import Booking, Company, Posting, own_account
from facteur.formats.exports.text import (
    WINDOWS,
    Written,
    day,
    encoded,
    left,
    numbered,
    plain_amount,
    tail,
)

ACCOUNT, _FIELD = 8, 11
_MOST_ENTRIES = 100_000  # five digits


def write(bookings: Sequence[Booking], company: Company) -> Written:
    """The lines of all postings, entries numbered from 1."""
    lines = [_line(*one) for one in numbered(bookings, company)]
    return encoded(lines, bookings, WINDOWS)


def _line(number: int, one: Booking, posting: Posting) -> str:
    third = posting is one.postings[0]
    return "".join(
        (
            f"{number % _MOST_ENTRIES:05d}",
            left(one.journal, 2),
            day(one.day, "%Y%m%d"),
            day(one.due if third else None, "%Y%m%d"),
            tail(one.piece, 12),
            left(own_account(posting, ACCOUNT), _FIELD),
            left(one.label, 25),
            plain_amount(posting.debit or posting.credit, ".").rjust(13, "0"),
            "D" if posting.debit else "C",
            " " * 18,
            left(posting.auxiliary_label or posting.account_label, 34),
            "O",
        )
    )
