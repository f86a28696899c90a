"""A sale is handed to its buyer's dossier, when the buyer is on this platform too (JF-22, JF-56).

Once: the document at the buyer's is named after the seller's, so handing it again finds it there,
and the seller's history claims the transfer in the transaction that tells of it. A crash between
the two is mended by the next try. The bytes are copied into the buyer's own folder: from then on
the two dossiers share nothing.
"""

import logging

from facteur.domain import transfers
from facteur.domain.candidate import Candidate
from facteur.domain.commands import TransferDocument
from facteur.domain.documents import Channel, Direction, Document, DocumentRef, Source
from facteur.domain.dossiers import Dossier
from facteur.domain.errors import StaleVersionError
from facteur.domain.naming import derived
from facteur.domain.serial import loads
from facteur.ports import Claim, Context
from facteur.services.intake import arrivals
from facteur.services.people.hosting import hosted_dossier
from facteur.services.staircase import Steps, commit

log = logging.getLogger(__name__)

CLAIM = "TRANSFER"
WITHHELD = "TRANSFER_WITHHELD"  # told once, however often it is asked
_TRIES = 3  # learning from the same document may move it meanwhile


def transfer_document(command: TransferDocument, context: Context) -> Steps:
    """Hand a sealed sale to its buyer's dossier; nothing happens when there is none, nor twice."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if not transfers.may_be_handed(document) or "candidate" not in document.files:
        return document, ()
    if handed(document, context):
        return document, ()
    siren, seller, buyer = _addressee(document, context)
    if buyer is None:
        return document, ()
    why = transfers.refusal(seller, buyer)
    if why:
        return _tell(document, siren, context, withheld=why)
    source = Source(
        channel=Channel.PLATFORM,
        at=context.clock.now(),
        sender=transfers.named(seller),
        authenticated=True,  # the seller is the dossier that it comes from, its SIREN vouched for
    )
    original = document.files["original"]
    there = arrivals.new_document(
        context,
        identifier=_name(document, buyer.id),
        dossier=buyer.id,
        direction=Direction.PURCHASE,
        source=source,
        filename=document.filename,
        media_type=document.media_type,
        data=context.blobs.get(original),
    )
    follow = arrivals.register(there, source, context)
    told, more = _tell(document, siren, context)
    log.info("%s handed to another dossier", document.id, extra={"dossier": document.dossier})
    return told, (*follow, *more)


def handed(document: Document, context: Context) -> bool:
    """True once a sale reached its buyer's dossier."""
    return context.store.claimed(document.dossier, CLAIM, document.id) is not None


def buyer_of(document: Document, context: Context) -> Dossier | None:
    """The dossier that a sale is to be handed to; None when it is not, or was handed already."""
    if not transfers.may_be_handed(document) or "candidate" not in document.files:
        return None
    if handed(document, context):
        return None
    _siren, seller, buyer = _addressee(document, context)
    return None if buyer is None or transfers.refusal(seller, buyer) else buyer


def _addressee(document: Document, context: Context) -> tuple[str, Dossier, Dossier | None]:
    """The SIREN that a sale goes to, the seller's dossier, and the buyer's where it is here."""
    seller = context.store.dossier(document.dossier)
    candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    siren = transfers.addressee(candidate, seller)
    buyer = hosted_dossier(siren, context) if siren else ""
    if buyer in ("", document.dossier):
        return siren, seller, None
    return siren, seller, context.store.dossier(buyer)


def _name(document: Document, buyer: str) -> str:
    """The identifier of the document at the buyer's: the same each time."""
    return derived("transfer", document.dossier, document.id, buyer)


def _tell(document: Document, siren: str, context: Context, *, withheld: str = "") -> Steps:
    """Write the transfer, or why there is none, into the seller's history, as it stands by now."""
    kind = WITHHELD if withheld else CLAIM
    claim = Claim(kind=kind, value=document.id, target=siren)
    for _try in range(_TRIES):
        if context.store.claimed(document.dossier, kind, document.id) is not None:
            return document, ()  # another delivery of this command was faster, or it was told
        try:
            at = context.clock.now()
            if withheld:
                decision = transfers.withheld(document, siren, withheld, at=at)
            else:
                decision = transfers.handed(document, siren, at=at)
            return commit(decision, context, claims=(claim,))
        except StaleVersionError:
            document = context.store.document(document.ref)
    raise StaleVersionError("document.stale", document=document.id)
