"""From one dossier of the platform to another: to whom a sale is handed, and what is told of it.

A sale that was accepted and sealed goes to its buyer when the buyer's SIREN has a dossier here:
the same file becomes one of the buyer's purchases. Three things must hold, because nobody can
take an invoice back from a stranger (decision 0185):

- the data are the issuer's own (a Factur-X, a CII, a UBL), not something we recognised on a page;
- the seller that they name is the dossier itself, so that nobody sends in another's name;
- the buyer is named by a SIREN (BT-47), or by the SIRET or VAT number that hold one, and is not
  the seller.

And the operator must vouch for both SIRENs: who signs up only says which company is theirs
(decision 0192).

Pure: services/flows/transferring.py loads, hands over and commits.
"""

from datetime import datetime

from facteur.domain.candidate import Candidate
from facteur.domain.decisions import Decision
from facteur.domain.decisions.base import sealing
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import Dossier
from facteur.domain.events import Event, Happened
from facteur.domain.parties import Side, described
from facteur.domain.self_billing import is_self_billed


def may_be_handed(document: Document) -> bool:
    """True for a sale, sealed or about to be once it is handed, whose data are its issuer's own
    and whose issuer is the seller."""
    return (
        document.direction is Direction.SALE
        and not is_self_billed(document)
        and not document.kept_unsent
        and document.structured
        and document.state in (State.ACCEPTED, State.ARCHIVED)
    )


def addressee(candidate: Candidate, seller: Dossier) -> str:
    """The SIREN of the buyer that a dossier's sale may be handed to, "" when there is none."""
    if described(candidate, Side.SUPPLIER)["siren"] != seller.siren:
        return ""
    buyer = described(candidate, Side.CUSTOMER)["siren"]
    return "" if buyer == seller.siren else buyer


def refusal(seller: Dossier, buyer: Dossier) -> str:
    """Why nothing passes between them, ``own_siren`` or ``buyer_siren``; "" when it may."""
    if not seller.vouched:
        return "own_siren"
    return "" if buyer.vouched else "buyer_siren"


def named(seller: Dossier) -> str:
    """How the buyer sees who sent: the dossier's name and SIREN."""
    return f"{seller.name} (SIREN {seller.siren})"


def handed(document: Document, siren: str, *, at: datetime) -> Decision:
    """The sale reached its buyer's dossier; the seller's history says so, and to which SIREN.

    It names no identifier of the other dossier: they are none of the seller's business.
    """
    values = {"siren": siren, "buyer": document.summary.buyer_name, **sealing(document)}
    event = Event(name=Happened.INVOICE_TRANSFERRED, at=at, values=values)
    return Decision(document=document, events=(event,))


def withheld(document: Document, siren: str, why: str, *, at: datetime) -> Decision:
    """The sale stays, although its buyer is here; the seller's history says why (``refusal``)."""
    values = {"siren": siren, "buyer": document.summary.buyer_name, "why": why}
    event = Event(name=Happened.INVOICE_NOT_TRANSFERRED, at=at, values=values)
    return Decision(document=document, events=(event,))
