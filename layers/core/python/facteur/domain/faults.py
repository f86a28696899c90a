"""What is wrong with a document, as values: a check returns all of them, never the first only.

A fault carries a code, the path of the field it is about and the values its sentence needs; the
French sentence stands in web/messages/fr.toml. Official rules keep their own identifier as code
(``BR-CO-10``); ours are lower-case words (``total.lines_sum``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a fault weighs. Warn rather than block, unless the law blocks."""

    BLOCKING = "blocking"
    WARNING = "warning"


class FaultSource(StrEnum):
    """Who says so."""

    OFFICIAL = "official"  # XSD or schematron, by their identifier
    FACTEUR = "facteur"  # our own rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong: ``path`` names a field of the candidate ("total_vat", "lines.2.net")."""

    code: str
    path: str = ""
    severity: Severity = Severity.BLOCKING
    source: FaultSource = FaultSource.FACTEUR
    values: dict[str, str] = field(default_factory=dict)
    message: str = ""  # the official text of the rule, where there is one

    @property
    def blocking(self) -> bool:
        """True when the document cannot go on with this fault."""
        return self.severity is Severity.BLOCKING


#: Faults that nobody may pass over: a bank account that is not approved (bank_accounts.py).
HOLDING = frozenset({"iban.changed"})


def holding(faults: Iterable[Fault]) -> bool:
    """True when one of them holds the document, whoever wants to accept it."""
    return any(fault.code in HOLDING for fault in faults)


def blocking(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Those that block."""
    return tuple(fault for fault in faults if fault.blocking)
