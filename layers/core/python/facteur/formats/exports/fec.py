"""FEC: the fichier des écritures comptables of article A47 A-1 of the LPF.

Eighteen columns in their order, one line per posting, names of the columns on the first line,
separated by tabs; days AAAAMMJJ, a comma before the cents, no separator of thousands; ISO 8859-15
(A47 A-1 III). The name is the SIREN, "FEC" and the last day of the period.

What stands here is an import file of one period, not the file of a closed year: entries are
numbered from 1 in the export, on through its parts; EcritureLet, DateLet and ValidDate stay empty
because nothing was matched nor validated. FEC+ is ours: a nineteenth column names the attachment
inside the ZIP.

Source: LPF art. A47 A-1 (arrêté du 29 juillet 2013), read from documentation.
"""

from collections.abc import Sequence

from facteur.domain.exports import Booking, Company
from facteur.formats.exports.text import LATIN9, Written, encoded, flat, plain_amount

COLUMNS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
    "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip
ATTACHMENT = "PieceJointe"


def filename(company: Company) -> str:
    """``123456789FEC20261231.txt``."""
    return f"{company.siren}FEC{company.until:%Y%m%d}.txt"


def write(bookings: Sequence[Booking], company: Company) -> Written:
    """The eighteen columns."""
    lines = _lines(bookings, company.first, plus=False)
    return encoded([_line(COLUMNS), *lines], bookings, LATIN9)


def write_plus(bookings: Sequence[Booking], company: Company) -> Written:
    """The eighteen columns and the path of the attachment in the ZIP."""
    lines = _lines(bookings, company.first, plus=True)
    return encoded([_line((*COLUMNS, ATTACHMENT)), *lines], bookings, LATIN9)


def _lines(bookings: Sequence[Booking], first: int, *, plus: bool) -> list[str]:
    found = []
    for number, one in enumerate(bookings, start=first):
        for posting in one.postings:
            cells = [
                one.journal, one.journal_label, str(number), f"{one.day:%Y%m%d}",
                posting.account, posting.account_label, posting.auxiliary,
                posting.auxiliary_label, one.piece, f"{one.day:%Y%m%d}", one.label,
                plain_amount(posting.debit, ","), plain_amount(posting.credit, ","),
                "", "", "", "", "",
            ]  # fmt: skip
            found.append(_line((*cells, one.attachment) if plus else cells))
    return found


def _line(cells: Sequence[str]) -> str:
    return "\t".join(flat(one) for one in cells)
