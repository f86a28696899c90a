"""Structured invoices: CII, UBL and ZUGFeRD 1.0 read into an Invoice, CII written from one.

``parse`` takes bytes and gives the invoice, where each field was, the supporting documents, and
the faults of what could not be understood. It never judges: the official rules do (adapters/
saxon.py), and ours (domain/rules.py). ``write_cii`` gives the XML of a Factur-X, ``for_facturx``
decides whether the issuer's own XML can be embedded as it is.

Ours rather than the factur-x package's dictionary: that one has no place for a field's path, and
costs five times as much time (docs/decisions). Sources: CEN/TS 16931-3-2 and -3-3, Factur-X 1.09.
"""

from facteur.domain.candidate import Candidate
from facteur.domain.errors import UnreadableError
from facteur.formats.detect import Kind, detect
from facteur.formats.safe_xml import parse as parse_xml
from facteur.formats.xml_invoice import cii, ubl
from facteur.formats.xml_invoice.attachments import Files
from facteur.formats.xml_invoice.candidate import candidate_of
from facteur.formats.xml_invoice.cii_names import CII, CII_PREFIXES, ZUGFERD1, ZUGFERD1_PREFIXES
from facteur.formats.xml_invoice.embed import for_facturx
from facteur.formats.xml_invoice.levels import level_of
from facteur.formats.xml_invoice.node import Node, Sheet
from facteur.formats.xml_invoice.oddities import oddities
from facteur.formats.xml_invoice.parsed import ParsedInvoice
from facteur.formats.xml_invoice.write import write_cii

__all__ = ["ParsedInvoice", "for_facturx", "level_of", "parse", "to_candidate", "write_cii"]


def parse(data: bytes) -> ParsedInvoice:
    """Read a CII, UBL Invoice, UBL CreditNote or ZUGFeRD 1.0 document.

    UnreadableError: the codes of safe_xml.parse, and ``unreadable.xml.not_an_invoice`` when the
    XML is something else. Unknown codes are kept; what has no meaning becomes a fault.
    """
    kind = detect(data)
    root = parse_xml(data)
    if not kind.is_invoice_xml:
        raise UnreadableError("unreadable.xml.not_an_invoice", root=str(root.tag)[:200])
    files = Files()
    if kind in {Kind.CII, Kind.ZUGFERD1}:
        old = kind is Kind.ZUGFERD1
        sheet = Sheet(ZUGFERD1_PREFIXES if old else CII_PREFIXES)
        name = "rsm:CrossIndustryDocument" if old else "rsm:CrossIndustryInvoice"
        node = Node(root, f"/{name}", sheet)
        invoice = cii.read(node, ZUGFERD1 if old else CII, files)
        syntax = "zugferd1" if old else "cii"
    else:
        sheet = Sheet(ubl.UBL_PREFIXES)
        credit_note = kind is Kind.UBL_CREDIT_NOTE
        node = Node(root, "/CreditNote" if credit_note else "/Invoice", sheet)
        invoice = ubl.read(node, files, credit_note=credit_note)
        syntax = "ubl"
    return ParsedInvoice(
        invoice=invoice,
        syntax=syntax,
        profile=invoice.profile,
        paths=sheet.paths,
        attachments=files.found,
        faults=(*sheet.faults, *oddities(node, syntax)),
    )


def to_candidate(parsed: ParsedInvoice) -> Candidate:
    """Every field of the candidate that the XML holds, sure, with its path; totals as issued."""
    return candidate_of(parsed.invoice, parsed.paths)
