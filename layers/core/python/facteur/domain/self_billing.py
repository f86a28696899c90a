"""Self-billing: an invoice that its buyer writes and sends in its seller's name (389, 261…).

Whoever writes is the buyer, so the roads are reversed: the buyer's platform sends, the seller
receives, at his own address (BT-34); what the seller says of it comes back to the buyer. It stays
a purchase of the one and a sale of the other: sides, accounts and payments do not move. Law asks
for an express and prior written mandate of the seller; the card of the supplier keeps it.

Sources: CGI 289 I-2 and annexe II art. 242 nonies; XP Z12-014 annex A V1.3 §1.4.5.3, §3.2.18.2;
reference: invoice-formats.md §14, lifecycle.md §3; decision 0295.
"""

from dataclasses import dataclass
from datetime import date, datetime

from facteur.domain.documents import Direction, Document, StoredFile
from facteur.domain.invoice import SELF_BILLED_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A supplier's written mandate to be invoiced in his name, as somebody here declared it."""

    signed_on: date
    file: StoredFile  # the mandate itself
    at: datetime  # when it was declared
    by: str = ""  # and by whom


def is_self_billed(document: Document) -> bool:
    """True where its buyer wrote it (BT-3)."""
    return document.summary.type_code in SELF_BILLED_TYPES


def issued_here(document: Document) -> bool:
    """True for what the dossier itself writes: its sales, and the purchases that it bills."""
    purchase = document.direction is Direction.PURCHASE
    return purchase is is_self_billed(document)


def side_for(seller: str, buyer: str, own: str) -> Direction | None:
    """On whose side a self-billed invoice stands for a dossier, by the SIRENs that it names.

    None where it names the dossier twice, or not at all: it stays where it came in.
    """
    if not own or seller == buyer or own not in (seller, buyer):
        return None
    return Direction.SALE if own == seller else Direction.PURCHASE


def mandate_gap(mandate: Mandate | None, issued_on: date | None) -> str:
    """The code of what lacks for invoicing in a supplier's name on a day, "" when nothing does."""
    if mandate is None:
        return "sending.no_mandate"
    if issued_on is None or mandate.signed_on > issued_on:
        return "sending.mandate_later"
    return ""
