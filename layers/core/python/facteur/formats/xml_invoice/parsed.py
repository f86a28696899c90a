"""What reading an XML invoice gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facteur.domain.documents import EmbeddedFile
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedInvoice:
    """What an XML invoice says."""

    invoice: Invoice
    syntax: str  # "cii" | "ubl" | "zugferd1"
    profile: str = ""  # BT-24
    paths: Mapping[str, str] = field(default_factory=dict)  # field of candidate.FIELDS → XML path
    attachments: tuple[EmbeddedFile, ...] = ()  # BG-24, named by Attachment.filename
    faults: tuple[Fault, ...] = ()  # what could not be understood
