"""EBP: the text import of entries, one line per posting, fields separated by commas.

Line number, day JJMMAAAA, journal, account, nothing, "label" (40 at most), "document" (15 at
most), amount with a point and two decimals, side D or C, due day JJMMAAAA, currency. Quotes and
commas have no escape: in texts they become an apostrophe and a blank. Windows encoding.

Source: https://doc-en.openflyers.com/Accounting-export-template-Ebp and …-Ebp2010 (third party:
fields, order and example read there; encodings differ between the two, Windows' is our choice).
The editor's own description was not available, and no import into the software was tried.
"""

from collections.abc import Sequence

from facteur.domain.exports import Booking, Company, Posting, own_account
from facteur.formats.exports.text import WINDOWS, Written, encoded, flat, holdable, plain_amount

ACCOUNT = 8


def write(bookings: Sequence[Booking], company: Company) -> Written:
    """The lines of all postings, numbered on from the company's first line."""
    pairs = [(one, posting) for one in bookings for posting in one.postings]
    numbered = enumerate(pairs, start=company.first_line)
    lines = [_line(at, one, posting) for at, (one, posting) in numbered]
    return encoded(lines, bookings, WINDOWS)


def _line(number: int, one: Booking, posting: Posting) -> str:
    due = one.due if posting is one.postings[0] and one.due else one.day
    return ",".join(
        (
            str(number),
            f"{one.day:%d%m%Y}",
            one.journal,
            own_account(posting, ACCOUNT) if posting.auxiliary else posting.account,
            "",
            _quoted(one.label, 40),
            _quoted(one.piece, 15),
            plain_amount(posting.debit or posting.credit, "."),
            "D" if posting.debit else "C",
            f"{due:%d%m%Y}",
            "EUR",
        )
    )


def _quoted(text: str, width: int) -> str:
    kept = holdable(flat(text.replace('"', "'").replace(",", " ")), WINDOWS)[0]
    return f'"{kept[:width].replace(chr(34), chr(39))}"'
