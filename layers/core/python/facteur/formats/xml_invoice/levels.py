"""Specification identifiers (BT-24) and the Factur-X conformance levels they stand for.

A Factur-X names its profile twice: in the XML (BT-24) and in the PDF's metadata (fx:Conformance
Level); the two must agree. Older editions of Factur-X and ZUGFeRD 2, and the French EXTENDED-CTC-
FR, describe the same content under another identifier. Sources: Factur-X 1.09 §7, ZUGFeRD 2.0,
XP Z12-012; reference: invoice-formats.md §2, docs/decisions.
"""

from collections.abc import Mapping

EN_16931 = "EN 16931"
BASIC_WL = "BASIC WL"
MINIMUM = "MINIMUM"
EXTENDED = "EXTENDED"

#: Conformance level → the BT-24 of Factur-X 1.09.
PROFILES: Mapping[str, str] = {
    MINIMUM: "urn:factur-x.eu:1p0:minimum",
    BASIC_WL: "urn:factur-x.eu:1p0:basicwl",
    "BASIC": "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic",
    EN_16931: "urn:cen.eu:en16931:2017",
    EXTENDED: "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
}

EXTENDED_CTC_FR = "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr"

#: Other identifiers of the same content: former editions, and the French twin of EXTENDED.
SYNONYMS: Mapping[str, str] = {
    "urn:zugferd.de:2p0:minimum": MINIMUM,
    "urn:zugferd.de:2p0:basicwl": BASIC_WL,
    "urn:cen.eu:en16931:2017#compliant#urn:zugferd.de:2p0:basic": "BASIC",
    "urn:cen.eu:en16931:2017#conformant#urn:zugferd.de:2p0:extended": EXTENDED,
    "urn:cen.eu:en16931:2017:compliant:factur-x.eu:1p0:basic": "BASIC",
    "urn:cen.eu:en16931:2017:conformant:factur-x.eu:1p0:extended": EXTENDED,
    EXTENDED_CTC_FR: EXTENDED,
}

_LEVELS = {identifier: level for level, identifier in PROFILES.items()}


def level_of(bt24: str) -> str:
    """The Factur-X conformance level of a BT-24 ("EN 16931", "BASIC WL"…), "" when it has none."""
    identifier = bt24.strip()
    return _LEVELS.get(identifier) or SYNONYMS.get(identifier, "")
