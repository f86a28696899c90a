"""Is a received PDF a proper Factur-X? Faults of the container, found on its bytes.

The XML's own faults belong to the rulebook; these are about how it hangs in the PDF. veraPDF and
Mustang do not see them, approved platforms and their users do. A tolerant reader: only what the
specification forbids outright blocks, and older ZUGFeRD files, accepted on reception, only warn.
Sources: Factur-X 1.0 §6 (name, /AF, AFRelationship, XMP), annex rules BR-HYBRID-01 to 15.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from lxml import etree

from facteur.adapters.pdf.embedded import STANDARD_NAMES, Found, TooLargeError, decoded
from facteur.adapters.pdf.levels import level_key, level_of_xml
from facteur.domain.faults import Fault, Severity

NAME = STANDARD_NAMES[0]
MAX_XMP = 2 * 1024 * 1024
PDFA = "http://www.aiim.org/pdfa/ns/id/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_INVOICE_SCHEMAS = re.compile(r"^urn:(factur-x|zugferd|ferd):pdfa:CrossIndustryDocument:", re.I)
_ALLOWED = {
    "MINIMUM": {"Data"},
    "BASICWL": {"Data"},
}
_USUAL = {"Data", "Alternative"}  # Source is allowed in France, and refused by some readers


@dataclass(frozen=True, slots=True)
class Xmp:
    """What a PDF's metadata claim: PDF/A part and level, the properties of the invoice schema."""

    part: str = ""
    conformance: str = ""
    invoice: dict[str, str] | None = None

    @property
    def claims_pdfa3(self) -> bool:
        """True when the file says it is PDF/A-3, of any level."""
        return self.part == "3"


def metadata_of(pdf: pikepdf.Pdf) -> Xmp:
    """The claims in the catalog's XMP packet; empty when there is none that can be read."""
    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        return Xmp()
    try:
        root = etree.fromstring(
            decoded(stream, MAX_XMP).strip(b"\0 \r\n\t"),
            etree.XMLParser(resolve_entities=False, no_network=True, recover=True),
        )
    except (etree.XMLSyntaxError, TooLargeError, ValueError, pikepdf.PdfError):
        return Xmp()
    if root is None:
        return Xmp()
    held: dict[str, dict[str, str]] = {}
    for name, value in _properties(root):
        space, _, local = name[1:].partition("}")
        group = "invoice" if _INVOICE_SCHEMAS.match(space) else space
        held.setdefault(group, {}).setdefault(local, value.strip())
    claims = held.get(PDFA, {})
    return Xmp(claims.get("part", ""), claims.get("conformance", ""), held.get("invoice"))


def faults_of(files: list[Found], invoice: Found, xmp: Xmp, *, broken: bool) -> list[Fault]:
    """Everything wrong with how ``invoice`` is carried; empty for a proper Factur-X.

    ``broken``: the file does not claim PDF/A-3, or was found to break it.
    A PDF that does not claim to be Factur-X and merely has an invoice attached under a name of
    its own gets one warning, the name; older ZUGFeRD files get warnings only.
    """
    if invoice.name in STANDARD_NAMES:
        strict = invoice.name == NAME
    elif xmp.invoice or invoice.name.lower() == NAME or b"CrossIndustryInvoice" in _head(invoice):
        strict = True
    else:
        return [_warning("facturx.filename", name=invoice.name, expected=NAME)]
    return [
        fault if strict else _warning(fault.code, **fault.values)
        for fault in _faults(files, invoice, xmp, broken=broken)
    ]


def _head(invoice: Found) -> bytes:
    return (invoice.data or b"")[:4096]


def _faults(files: list[Found], invoice: Found, xmp: Xmp, *, broken: bool) -> Iterator[Fault]:
    level = level_of_xml(invoice.data or b"")
    others = [one.name for one in files if one.is_invoice and one is not invoice]
    if others:
        yield _blocking("facturx.many", names=", ".join([invoice.name, *others]))
    if invoice.name not in STANDARD_NAMES:
        yield _blocking("facturx.filename", name=invoice.name, expected=NAME)
    if not invoice.associated:
        yield _blocking("facturx.af_missing", name=invoice.name)
    if invoice.relationship not in _ALLOWED.get(level, _USUAL):
        yield _warning(
            "facturx.relationship", found=invoice.relationship or "-", level=level or "-"
        )
    if not xmp.invoice:
        yield _warning("facturx.xmp_missing")
    else:
        yield from _xmp_faults(invoice, xmp.invoice, level)
    if broken:
        yield _warning("facturx.not_pdfa")


def _xmp_faults(invoice: Found, claims: dict[str, str], level: str) -> Iterator[Fault]:
    claimed = claims.get("ConformanceLevel", "")
    if level and level_key(claimed) != level and not level_key(claimed).startswith(level + "-"):
        yield _blocking("facturx.xmp_level", claimed=claimed or "-", level=level)
    named = claims.get("DocumentFileName", "")
    if named != invoice.name:
        yield _warning("facturx.xmp_filename", claimed=named or "-", name=invoice.name)
    if invoice.name == NAME and claims.get("Version", "") != "1.0":
        yield _warning("facturx.version", found=claims.get("Version", "") or "-")


def _properties(root: etree._Element) -> Iterator[tuple[str, str]]:
    """(qualified name, text) of every simple property, written as an element or an attribute."""
    for description in root.iter(f"{{{RDF}}}Description"):
        yield from (
            (str(name), str(value))
            for name, value in description.attrib.items()
            if str(name).startswith("{")
        )
        for child in description:
            if isinstance(child.tag, str) and child.tag.startswith("{") and len(child) == 0:
                yield child.tag, child.text or ""


def _blocking(code: str, **values: str) -> Fault:
    return Fault(code=code, severity=Severity.BLOCKING, values=values)


def _warning(code: str, **values: str) -> Fault:
    return Fault(code=code, severity=Severity.WARNING, values=values)
