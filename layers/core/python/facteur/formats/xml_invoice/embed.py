"""The XML that goes into a Factur-X: the issuer's own whenever it can be, else ours.

Three cases (docs/decisions tells why):
- the BT-24 is a Factur-X one: the issuer's bytes, untouched;
- the BT-24 is another name for the content of a Factur-X profile (former editions of ZUGFeRD and
  Factur-X, the French EXTENDED-CTC-FR): the same document with its BT-24 replaced, because a
  Factur-X must name a Factur-X profile;
- anything else (UBL, XRechnung and Peppol CII, ZUGFeRD 1.0): our own CII of the invoice.
The issuer's file is always kept beside the Factur-X. Source: Factur-X 1.09 §6 and §7.
"""

from facteur.formats.safe_xml import parse as parse_xml
from facteur.formats.xml_invoice.build import serialise
from facteur.formats.xml_invoice.cii_names import CII_PREFIXES
from facteur.formats.xml_invoice.levels import (
    BASIC_WL,
    EN_16931,
    EXTENDED,
    MINIMUM,
    PROFILES,
    SYNONYMS,
    level_of,
)
from facteur.formats.xml_invoice.parsed import ParsedInvoice
from facteur.formats.xml_invoice.write import write_cii

_BT24 = "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"


def for_facturx(data: bytes, parsed: ParsedInvoice) -> tuple[bytes, str]:
    """(the XML to embed, its conformance level) for an invoice that came as XML.

    ``data`` is what was parsed. The level is that of the content: EN 16931 where there are lines,
    BASIC WL where only the totals are known, EXTENDED where the issuer's is.
    """
    level = level_of(parsed.profile)
    if parsed.invoice.lines and level in {MINIMUM, BASIC_WL}:
        level = ""  # it says more than its profile allows: no reader would accept it as it is
    if parsed.syntax == "cii" and level:
        if parsed.profile in SYNONYMS:
            return _renamed(data, parsed.profile, PROFILES[level]), level
        return data, level
    if not any(line.is_detail for line in parsed.invoice.lines):
        level = BASIC_WL
    elif level != EXTENDED:
        level = EN_16931
    return write_cii(parsed.invoice, level, parsed.attachments), level


def _renamed(data: bytes, old: str, new: str) -> bytes:
    """The document with another BT-24; every other byte stays, where the encoding allows."""
    if data.count(old.encode("ascii")) == 1:
        return data.replace(old.encode("ascii"), new.encode("ascii"))
    root = parse_xml(data)
    identifier = root.find(_BT24, dict(CII_PREFIXES))
    if identifier is not None:
        identifier.text = new
    return serialise(root)
