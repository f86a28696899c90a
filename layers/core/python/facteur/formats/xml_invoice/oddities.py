"""What only the raw XML shows, and the official rules let pass: blanks around the number.

BT-1 with a leading space or a no-break space is a different number for every program that
compares; the value is read without them, and the fault says so. Source: blind spots of the
official schematrons, ../corpus cases ``id-lead-space`` and ``id-nbsp``; BR-FR-02.
"""

from facteur.domain.faults import Fault, Severity
from facteur.formats.xml_invoice.node import Node

_NUMBER = {
    "cii": "rsm:ExchangedDocument/ram:ID",
    "zugferd1": "rsm:HeaderExchangedDocument/ram:ID",
    "ubl": "cbc:ID",
}
_INVISIBLE = "\u00a0\u202f\u2007\u200b\u2060\ufeff"


def oddities(root: Node, syntax: str) -> tuple[Fault, ...]:
    """Faults about how the values were written, not about what they say."""
    number = root.at(_NUMBER[syntax])
    raw = number.raw()
    line = raw.strip("\r\n\t")  # a pretty-printer's line break is nobody's mistake
    if "\n" in raw:
        line = raw.strip()
    if line == line.strip(" ") and not any(sign in line for sign in _INVISIBLE):
        return ()
    return (
        Fault(
            code="number.blanks",
            path="number",
            severity=Severity.WARNING,
            values={"location": number.path, "value": line},
        ),
    )
