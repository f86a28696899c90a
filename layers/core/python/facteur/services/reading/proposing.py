"""While a file is read: does it seem to hold several invoices? (PE-04)

Asked once, when the file is read for the first time; not of a part, nor after a user said that
the file is one invoice, nor of an issuer's own data. A file that does is not converted: it waits
with its proposal, and its user cuts it or says that it is one invoice.
"""

import logging
from dataclasses import dataclass

from facteur.domain import proposing, splitting
from facteur.domain.companies import OwnIdentity
from facteur.domain.documents import Direction, Document, ProposedPart, State
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault
from facteur.domain.pages import PageSet
from facteur.domain.splitting import Sheet
from facteur.ports import Context, Pdf
from facteur.services.reading.converting import Material

log = logging.getLogger(__name__)

#: Pages of few words whose image is looked at; a file of more is no batch of invoices.
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """The invoices that a file seems to hold, none when it is one, and the pages between them."""

    parts: tuple[ProposedPart, ...] = ()
    apart: tuple[int, ...] = ()


def lot(
    document: Document, data: bytes, material: Material, own: OwnIdentity, context: Context
) -> Lot:
    """What is proposed for a document that is being read, or was when it was."""
    if document.state is not State.RECEIVED:
        return Lot(parts=document.proposal, apart=document.apart)
    side = "buyer" if document.direction is Direction.PURCHASE else "seller"
    settled = document.part_of is not None or document.kept_whole
    return lot_of(data, material, own=own, side=side, pdf=context.pdf, settled=settled)


def lot_of(
    data: bytes,
    material: Material,
    *,
    own: OwnIdentity | None,
    side: str,
    pdf: Pdf,
    settled: bool = False,
) -> Lot:
    """What the pages of a file propose; ``settled`` when somebody said that it is one invoice.

    ``side`` is ours: "buyer" or "seller". An issuer's own data are one invoice.
    """
    words = material.words
    if material.structured or words is None:
        return Lot()
    sheets = _sheets(material.pdf or data, words, pdf)
    apart = splitting.apart(sheets)
    if settled:
        return Lot(apart=apart)
    parts = proposing.propose(words, sheets, origin=material.origin, own=own, own_side=side)
    return Lot(parts=parts[: splitting.MOST_PARTS], apart=apart)


def faults_of(found: Lot) -> tuple[Fault, ...]:
    """« Plusieurs factures dans ce fichier », when there are."""
    if not found.parts:
        return ()
    return (Fault(code="file.several", values={"n": str(len(found.parts))}),)


def _sheets(pdf: bytes, words: PageSet, reader: Pdf) -> tuple[Sheet, ...]:
    """What the images of the pages with few words say; () when they cannot be drawn."""
    numbers = splitting.suspects(words)[:_MOST_LOOKED_AT]
    if not numbers:
        return ()
    try:
        return splitting.weighed(reader.sheets(pdf, numbers), words)
    except UnreadableError as error:
        log.warning("pages not looked at: %s", error)
        return ()
