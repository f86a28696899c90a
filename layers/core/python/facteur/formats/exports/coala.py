"""Coala (Sage Coala): one line per posting, fields separated by semicolons.

Day JJ/MM/AAAA, journal, document, account, debit, credit with a comma, label (50, filled with
blanks), entry number, "E" for euros. Semicolons and commas have no escape: in texts they become
blanks. UTF-8.

Source: https://openflyers.com/en/doc/Accounting-export-template-SageCoala (third party: fields,
order, encoding and example read there). No import into the software was tried.
"""

from collections.abc import Sequence

from facteur.domain.exports import Booking, Company, Posting, own_account
from facteur.formats.exports.text import Written, flat, numbered, plain_amount

ACCOUNT = 8
_LABEL = 50


def write(bookings: Sequence[Booking], company: Company) -> Written:
    """The lines of all postings, entries numbered on from the company's first."""
    lines = [_line(*one) for one in numbered(bookings, company)]
    return Written("".join(f"{one}\r\n" for one in lines).encode())


def _line(number: int, one: Booking, posting: Posting) -> str:
    return ";".join(
        (
            f"{one.day:%d/%m/%Y}",
            _plain(one.journal),
            _plain(one.piece),
            own_account(posting, ACCOUNT),
            plain_amount(posting.debit, ","),
            plain_amount(posting.credit, ","),
            _plain(one.label)[:_LABEL].ljust(_LABEL),
            str(number),
            "E",
        )
    )


def _plain(text: str) -> str:
    return flat(text.replace(";", " ").replace(",", " "))
