"""Quadratus: the ASCII import of QuadraCompta (Cegid Quadra), lines "M" of fixed widths.

Positions from 1: 1 "M"; 2 account (8); 10 journal (2); 12 folio "000"; 15 day JJMMAA; 22 label
(20); 42 side D or C; 43 sign and amount in cents (1 + 12); 56 contra account (8); 64 due day
JJMMAA; 75 document (5); 100 document (8); 108 "EUR"; 111 journal (3); 117 label (30); 149 document
(10); 169 sign and amount (1 + 12); 182 name of the attachment (12). What is not named is blank.

Source: https://doc-en.openflyers.com/Accounting-export-template-Quadratus (third party: order,
widths and example read there; its label and filler before the side are worked out to position 42).
Confirmed up to position 111 by the editor's own, « Fichier d'entrée ASCII dans Cegid Quadra
Comptabilité », KB0014530, 08/2023 (wiki.dolibarr.org/images/f/fd), whose rest could not be read.
No import into the software was tried.
"""

from collections.abc import Sequence

from facteur.domain.exports import Booking, Company, Posting, own_account
from facteur.formats.exports.text import WINDOWS, Written, cents, day, encoded, left, tail

ACCOUNT = 8
_ATTACHMENT = 12


def write(bookings: Sequence[Booking], company: Company) -> Written:
    """The lines of all postings."""
    lines = [_line(one, posting) for one in bookings for posting in one.postings]
    return encoded(lines, bookings, WINDOWS)


def _line(one: Booking, posting: Posting) -> str:
    amount = f"+{cents(posting.debit or posting.credit, 12)}"
    third = one.postings[0]
    contra = "" if posting is third else own_account(third, ACCOUNT)
    name = one.attachment.rpartition("/")[2]
    return "".join(
        (
            "M",
            left(own_account(posting, ACCOUNT), ACCOUNT),
            left(one.journal, 2),
            "000",
            day(one.day, "%d%m%y"),
            " ",
            left(one.label, 20),
            "D" if posting.debit else "C",
            amount,
            left(contra, ACCOUNT),
            day(one.due if posting is third else None, "%d%m%y"),
            " " * 5,  # matching, statistics
            tail(one.piece, 5),
            " " * 20,  # analytics, quantity
            tail(one.piece, 8),
            "EUR",
            left(one.journal, 3),
            " " * 3,  # VAT code and method
            left(one.label, 30),
            " " * 2,
            tail(one.piece, 10),
            " " * 10,
            amount,
            left(name if len(name) <= _ATTACHMENT else "", _ATTACHMENT),
        )
    )
