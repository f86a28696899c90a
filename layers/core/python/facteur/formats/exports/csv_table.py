"""CSV: the entries as a table for French spreadsheets, and the list of what was left out.

UTF-8 with its mark, ``;``, a comma before the cents. Names written by strangers cannot become
formulas: formats/spreadsheet.py puts an apostrophe before those that would (OWASP, CSV Injection).
"""

from collections.abc import Sequence

from facteur.domain.exports import Booking, Company
from facteur.formats.exports.text import Written, plain_amount
from facteur.formats.spreadsheet import to_csv

HEADS = (
    "Journal", "Date", "Compte", "Compte auxiliaire", "Tiers", "Pièce", "Libellé", "Débit",
    "Crédit", "Taux de TVA", "Échéance", "Pièce jointe",
)  # fmt: skip


def write(bookings: Sequence[Booking], company: Company) -> Written:
    """One row per posting."""
    rows = [
        (
            one.journal,
            f"{one.day:%d/%m/%Y}",
            posting.account,
            posting.auxiliary,
            one.party,
            one.piece,
            one.label,
            plain_amount(posting.debit, ","),
            plain_amount(posting.credit, ","),
            "" if posting.rate is None else f"{posting.rate:f}".replace(".", ","),
            f"{one.due:%d/%m/%Y}" if one.due else "",
            one.attachment,
        )
        for one in bookings
        for posting in one.postings
    ]
    return Written(to_csv(HEADS, rows))
