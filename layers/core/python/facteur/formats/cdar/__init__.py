"""Lifecycle messages (CDV) as XML: UN/CEFACT CDAR D22B, uncoupled, both ways.

``write`` gives a message in the order that the schema enforces; ``parse`` reads one with suspicion
(safe_xml) and tolerates codes it does not know. Neither judges: the official rules do, behind
ports.Rulebook. The message itself, with the MDT beside each field, is domain/lifecycle/messages.

Times of format 204 bear no zone: they are those of a French clock. MDT-100 is written as 102
(AAAAMMJJ) like all the official examples, and read as 102 or 204.

Sources: CDAR D22B XSD; DGFiP annexe 2 V2.2; XP Z12-014 annex B V1.4 (examples); reference:
lifecycle.md §5. Written by us because pyfrctc's writer has no VAT rate (MDT-224): decisions.md 17.
"""

from facteur.formats.cdar.parse import parse as parse
from facteur.formats.cdar.write import write as write

__all__ = ["parse", "write"]
