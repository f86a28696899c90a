"""Conformance levels: what an invoice's BT-24 means, and how Factur-X's metadata spell it.

Sources: Factur-X 1.0 §6.3.1 (fx:ConformanceLevel), invoice profiles and their BT-24.
"""

import re

LEVELS = ("MINIMUM", "BASIC WL", "BASIC", "EN 16931", "EXTENDED")

_GUIDELINE = re.compile(
    rb"GuidelineSpecifiedDocumentContextParameter[^>]*>\s*<(?:[\w.-]+:)?ID[^>]*>\s*([^<]+?)\s*<"
)
_ENDINGS = (
    ("minimum", "MINIMUM"),
    ("basicwl", "BASICWL"),
    ("basic", "BASIC"),
    ("comfort", "EN16931"),
    ("en16931", "EN16931"),
    ("extended", "EXTENDED"),  # extended-ctc-fr too: its XMP level is EXTENDED
    ("xrechnung", "XRECHNUNG"),
)


def level_key(text: str) -> str:
    """A level without spaces, in capitals, so that "EN 16931" and "EN16931" are one."""
    key = re.sub(r"[\s_]+", "", text).upper()
    return "EN16931" if key == "COMFORT" else key


def level_of_xml(xml: bytes) -> str:
    """The key of the level that a CII's BT-24 stands for, "" when it is unknown or no CII."""
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        xml = xml.decode("utf-16", errors="replace").encode(errors="replace")
    match = _GUIDELINE.search(xml[:65536])
    if match is None:
        return ""
    urn = match.group(1).decode(errors="replace").lower()
    if urn == "urn:cen.eu:en16931:2017":
        return "EN16931"
    tail = re.split(r"[:#]", urn)[-1]
    return next((key for word, key in _ENDINGS if tail.startswith(word)), "")
