"""One file read without any platform: what the command line and the benchmarks share.

The same core as a document's (documents.py), without a dossier: nobody's own identity tells buyer
from seller, and there is no page on which to say where a file of several invoices is cut. Such a
file is said to be one, and of its values none is sure: each is one invoice's, and not the file's.
"""

from dataclasses import dataclass, replace

from facteur.domain.candidate import Candidate
from facteur.domain.faults import Fault
from facteur.ports import Readers
from facteur.services.reading import converting, proposing
from facteur.services.reading.converting import Material
from facteur.services.reading.proposing import Lot

_SIDE = "buyer"  # an invoice that somebody holds is most often one he received


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What a file holds: the material, the candidate, the invoices that it seems to hold."""

    material: Material
    candidate: Candidate
    lot: Lot

    @property
    def several(self) -> tuple[Fault, ...]:
        """All there is to say of a file of several invoices: () when it is one."""
        found = proposing.faults_of(self.lot)
        return (*self.material.faults, *found) if found else ()


def read_alone(data: bytes, readers: Readers, *, whole: bool = False) -> Alone:
    """What the bytes hold, OCR included; ``whole`` when a person said that they are one invoice.

    UnreadableError for what cannot be read.
    """
    material = converting.gather(data, readers)
    if material.scanned_pages:
        material = converting.recognise(material, readers)
    candidate = converting.candidate_of(material, own=None, side=_SIDE)
    lot = Lot()
    if not whole:
        lot = proposing.lot_of(data, material, own=None, side=_SIDE, pdf=readers.pdf)
    return Alone(material=material, candidate=_doubted(candidate, lot), lot=lot)


def _doubted(candidate: Candidate, lot: Lot) -> Candidate:
    """The candidate, each of its values no surer than one invoice among those of the file."""
    if not lot.parts:
        return candidate
    most = 1 / len(lot.parts)
    fields = {
        name: replace(one, confidence=min(one.confidence, most))
        for name, one in candidate.fields.items()
    }
    return replace(candidate, fields=fields)
