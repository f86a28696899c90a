"""Sage 100: the text of entries in columns, one line per posting, separated by tabulations.

"G" (general ledger), journal, day JJMMAA, document, account, party, label, means of payment, due
day JJMMAA, debit, credit with a comma. Lines of one journal, day and document are one entry: the
document is ours, counted, so that two suppliers' numbers never meet in one entry; the invoice's
number stands in the label. Due day and party are the first line's. Windows encoding.

Source: https://developer.sage.com/100/fr/saas/guides/samples/exemplesmappage (the editor's own
example of an import: columns, order, how lines are gathered; it does not say the widths nor the
encoding, which are our choice). No import into the software was tried.
"""

from collections.abc import Sequence

from facteur.domain.exports import Booking, Company, Posting
from facteur.formats.exports.text import WINDOWS, Written, encoded, flat, numbered, plain_amount

_LABEL = 35


def write(bookings: Sequence[Booking], company: Company) -> Written:
    """The lines of all postings; documents numbered on from the company's first entry."""
    lines = [_line(*one) for one in numbered(bookings, company)]
    return encoded(lines, bookings, WINDOWS)


def _line(number: int, one: Booking, posting: Posting) -> str:
    third = posting is one.postings[0]
    return "\t".join(
        (
            "G",
            flat(one.journal),
            f"{one.day:%d%m%y}",
            f"{number:05d}",
            posting.account,
            flat(posting.auxiliary),
            flat(one.label)[:_LABEL].rstrip(),
            "",
            f"{one.due:%d%m%y}" if third and one.due else "",
            plain_amount(posting.debit, ","),
            plain_amount(posting.credit, ","),
        )
    )
