"""The technical controls of the test platform: what a file is, and whether it can be taken.

Each problem bears the reason code of the acknowledgement (XP Z12-013), and, for a file that no
invoice can be read from, the reason of the 501 that goes with it (BR-FR-CDV, CL-09).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from facteur.domain.errors import UnreadableError
from facteur.domain.invoice import Invoice, Party
from facteur.formats.detect import Kind, detect
from facteur.formats.safe_xml import parse as parse_xml
from facteur.formats.xml_invoice import parse as parse_invoice
from facteur.local.sandbox_pa.store import StoredFlow, StoredInvoice
from facteur.ports import Pdf

#: What anti-virus programs agree to call a virus, so that they can be tried (EICAR); in two
#: halves, so that this file is not taken for one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
INVOICES = frozenset({"CII", "UBL", "Factur-X"})
MOST_BYTES = 100 * 1024 * 1024

_EXPECTED = {
    "CII": {Kind.CII},
    "UBL": {Kind.UBL_INVOICE, Kind.UBL_CREDIT_NOTE},
    "Factur-X": {Kind.PDF},
    "CDAR": {Kind.CDAR},
    "FRR": {Kind.OTHER_XML},
}


class HasPdf(Protocol):
    """What reads a Factur-X; made when the first one comes."""

    def __call__(self) -> Pdf:
        """The reader."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a flow is not taken. ``unreadable``: the reason of a 501; "" when it can be read."""

    reason: str
    message: str
    item: str = "file"
    unreadable: str = ""


def file_problem(flow: StoredFlow, data: bytes) -> Problem | None:
    """What is wrong with the bytes themselves."""
    if not data:
        return Problem(reason="EmptyFlow", message="The file is empty", unreadable="IRR_VIDE_F")
    if EICAR in data[:10_000]:
        return infected()
    if flow.claimed and hashlib.sha256(data).hexdigest() != flow.claimed:
        return altered()
    kind = detect(data)
    if kind not in _EXPECTED.get(flow.syntax, set()):
        return Problem(
            reason="FlowTypeError",
            message=f"The file is no {flow.syntax}: {kind.value}",
            unreadable="IRR_TYPE_F",
        )
    if kind is not Kind.PDF:
        try:
            parse_xml(data)
        except UnreadableError as error:
            return Problem(reason="InvalidSchema", message=str(error), unreadable="IRR_SYNTAX")
    return None


def infected() -> Problem:
    """The problem of a virus."""
    return Problem(reason="VirusFound", message="A virus was found", unreadable="IRR_ANTIVIRUS")


def altered() -> Problem:
    """The problem of a file that is not what its sender had."""
    return Problem(reason="ChecksumMismatch", message="sha256 differs", item="sha256")


def invoice_in(flow: StoredFlow, data: bytes, pdf: HasPdf) -> tuple[bytes, Invoice] | Problem:
    """(XML, invoice) of a flow that carries one."""
    try:
        xml = data
        if flow.syntax == "Factur-X":
            embedded = pdf().read(data).invoice_xml
            if embedded is None:
                message = "The PDF holds no factur-x.xml"
                return Problem(reason="FlowTypeError", message=message, unreadable="IRR_TYPE_F")
            xml = embedded.data
        return xml, parse_invoice(xml).invoice
    except UnreadableError as error:
        return Problem(reason="InvalidSchema", message=str(error), unreadable="IRR_SYNTAX")


def party_problem(flow: StoredFlow, invoice: Invoice) -> Problem | None:
    """An account submits what it issues: its sales, or what it bills to itself."""
    issuer = invoice.buyer if invoice.is_self_billed else invoice.seller
    if not invoice.number or invoice.issue_date is None:
        return Problem(reason="InvalidSchema", message="BT-1 or BT-2 is missing", item="BT-1")
    if not invoice.seller.siren:
        return Problem(reason="InvalidSchema", message="BT-30: no seller SIREN", item="BT-30")
    if issuer.siren != flow.siren:
        message = f"The issuer {issuer.siren or '?'} is not the company of this account"
        return Problem(reason="OtherTechnicalError", message=message, item="BT-30")
    return None


def stored(invoice: Invoice, received: int) -> StoredInvoice:
    """What is kept of an invoice to route what is said of it; it has passed ``party_problem``."""
    day = invoice.issue_date or datetime.fromtimestamp(received / 1e6, UTC).date()
    return StoredInvoice(
        seller=invoice.seller.siren,
        number=invoice.number,
        year=day.year,
        buyer=invoice.buyer.siren,
        type_code=invoice.type_code,
        issue_date=day.isoformat(),
        seller_name=invoice.seller.name,
        buyer_name=invoice.buyer.name,
        seller_address=_address(invoice.seller),
        buyer_address=_address(invoice.buyer),
        self_billed=invoice.is_self_billed,
        received=received,
    )


def _address(party: Party) -> str:
    """The address of the French directory that an invoice gives, "" for another kind."""
    one = party.electronic_address
    return one.value if one and one.scheme in ("", "0225") else ""
