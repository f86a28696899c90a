"""An invoice's XML with another address of whom it is sent to, everything else untouched.

That is its buyer (BT-49); its seller (BT-34) where the buyer writes it (self-billing).

For sending again what came back because of its address: the rest of the file stays as its issuer
wrote it, byte for byte where the serialiser allows. CII: URIUniversalCommunication of the party;
UBL: its EndpointID. Sources: CEN/TS 16931-3-2 and -3-3.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml import etree

from facteur.domain.errors import UnreadableError
from facteur.formats.detect import Kind, detect
from facteur.formats.safe_xml import parse
from facteur.formats.xml_invoice.cii_names import CII_PREFIXES
from facteur.formats.xml_invoice.ubl import UBL_PREFIXES

if TYPE_CHECKING:
    from lxml.etree import _Element

#: What follows the address among the children of a CII party (Factur-X 1.09).
_AFTER_ADDRESS = ("SpecifiedTaxRegistration",)


def with_address(data: bytes, address: str, scheme: str, *, of_seller: bool = False) -> bytes:
    """The same invoice written to ``scheme``:``address``. UnreadableError for no CII nor UBL."""
    kind, root = detect(data), parse(data)
    if kind is Kind.CII:
        _cii(root, address, scheme, "Seller" if of_seller else "Buyer")
    elif kind in (Kind.UBL_INVOICE, Kind.UBL_CREDIT_NOTE):
        _ubl(root, address, scheme, "Supplier" if of_seller else "Customer")
    else:
        raise UnreadableError("unreadable.xml.not_an_invoice", root=str(root.tag)[:200])
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _cii(root: "_Element", address: str, scheme: str, who: str) -> None:
    path = f".//ram:ApplicableHeaderTradeAgreement/ram:{who}TradeParty"
    party = _found(root, path, CII_PREFIXES)
    name = f"{{{CII_PREFIXES['ram']}}}URIUniversalCommunication"
    held = party.find(name)
    if held is None:
        held = etree.Element(name)
        after = [one for one in party if etree.QName(one).localname in _AFTER_ADDRESS]
        if after:
            after[0].addprevious(held)
        else:
            party.append(held)
    for one in list(held):
        held.remove(one)
    line = etree.SubElement(held, f"{{{CII_PREFIXES['ram']}}}URIID", schemeID=scheme)
    line.text = address


def _ubl(root: "_Element", address: str, scheme: str, who: str) -> None:
    party = _found(root, f"./cac:Accounting{who}Party/cac:Party", UBL_PREFIXES)
    name = f"{{{UBL_PREFIXES['cbc']}}}EndpointID"
    held = party.find(name)
    if held is None:
        held = etree.Element(name)
        party.insert(0, held)
    held.set("schemeID", scheme)
    held.text = address


def _found(root: "_Element", path: str, prefixes: Mapping[str, str]) -> "_Element":
    found = root.find(path, dict(prefixes))
    if found is None:
        raise UnreadableError("unreadable.xml.not_an_invoice", root=str(root.tag)[:200])
    return found
