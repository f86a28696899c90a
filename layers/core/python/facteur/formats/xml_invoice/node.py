"""Reading values out of an invoice's XML: text, amounts, dates, each with its path.

A ``Node`` is one element and the path it was reached by; a missing element is an empty node, so
that readers follow paths without asking at each step. What cannot be understood (a date that does
not exist, a number with a comma) becomes a fault of the shared ``Sheet``, never an exception and
never a guess. The sheet also notes where each field of the candidate was found.

Sources: UN/CEFACT format codes 102 (CCYYMMDD) and 203/204 (with time), ISO 8601 for UBL,
XML Schema 1.0 part 2 §3.2.3 for decimals.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from facteur.domain.faults import Fault, Severity
from facteur.domain.invoice import Identifier

if TYPE_CHECKING:
    from lxml.etree import _Element

#: No invoice needs more than fifteen digits before the point (BR-FR-DEC allows 19 in all), and
#: longer numbers would be beyond the precision that sums are made with.
_DECIMAL = re.compile(r"[+-]?(0*\d{1,15}(\.\d{0,20})?|\.\d{1,20})", re.ASCII)
_LONGEST_NUMBER = 60
_COMPANY_FIELDS = {"0002": "siren", "0009": "siret"}
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
# Formats 203 and 204: with hours and minutes, and seconds.
_COMPACT_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})\d{4}(\d{2})?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_ISO_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})T.{1,30}", re.ASCII)


@dataclass(slots=True)
class Sheet:
    """What one reading gathers: the prefixes in use, the faults met, where each field was."""

    prefixes: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)  # of single steps, as ``tag`` spelt them

    def tag(self, step: str) -> str:
        """A path of one step (``ram:A``) as lxml names elements; "" for any other path."""
        if step not in self.tags:
            prefix, colon, name = step.partition(":")
            alone = bool(colon) and name.replace("_", "").isalnum()
            self.tags[step] = f"{{{self.prefixes[prefix]}}}{name}" if alone else ""
        return self.tags[step]

    def complain(
        self,
        code: str,
        name: str,
        location: str,
        *,
        severity: Severity = Severity.BLOCKING,
        value: str = "",
    ) -> None:
        """Note a fault about a field of the candidate, and where it stands in the XML."""
        values = {"location": location, "value": value}
        self.faults.append(Fault(code=code, path=name, severity=severity, values=values))


class Node:
    """One element, maybe absent, and how it was reached."""

    __slots__ = ("element", "path", "sheet")

    def __init__(self, element: "_Element | None", path: str, sheet: Sheet) -> None:
        self.element = element
        self.path = path
        self.sheet = sheet

    def __bool__(self) -> bool:
        return self.element is not None

    def at(self, path: str) -> "Node":
        """The first element under a relative path (``ram:A/ram:B``), or an empty node."""
        found = next(self._under(path), None)
        return Node(found, f"{self.path}/{path}", self.sheet)

    def each(self, path: str) -> Iterator["Node"]:
        """Every element under a relative path, in order, counted from 1 in its path."""
        for position, element in enumerate(self._under(path), start=1):
            yield Node(element, f"{self.path}/{path}[{position}]", self.sheet)

    def _under(self, path: str) -> Iterator["_Element"]:
        if self.element is None:
            return iter(())
        tag = self.sheet.tag(path)  # nearly every path: as lxml finds it, without its detour
        if tag:
            return self.element.iterchildren(tag)
        return self.element.iterfind(path, self.sheet.prefixes)

    def first(self, *paths: str) -> "Node":
        """The first of several places that holds something."""
        for path in paths:
            node = self.at(path)
            if node.raw():
                return node
        return self.at(paths[0])

    def raw(self) -> str:
        """The element's own text, untouched; "" when absent."""
        return "" if self.element is None else (self.element.text or "")

    def attribute(self, name: str) -> str:
        """An attribute, stripped; "" when absent."""
        return "" if self.element is None else (self.element.get(name) or "").strip()

    def text(self, path: str = ".", name: str = "") -> str:
        """The text under a path, stripped; ``name`` is the candidate field it fills."""
        node = self if path == "." else self.at(path)
        value = node.raw().strip()
        if value:
            node.note(name)
        return value

    def amount(self, path: str = ".", name: str = "") -> Decimal | None:
        """The number under a path; None, with a fault when there is something else."""
        node = self if path == "." else self.at(path)
        text = node.raw().strip()
        if not text:
            return None
        if len(text) > _LONGEST_NUMBER or not _DECIMAL.fullmatch(text):
            node.sheet.complain("xml.number", name, node.path, value=text[:40])
            return None
        node.note(name)
        return Decimal(text)

    def day(self, path: str = ".", name: str = "") -> date | None:
        """The date under a path, in the format its syntax uses.

        CII says ``20260816`` (format 102), UBL ``2026-08-16``. Another way of writing a date that
        cannot be misread is understood and noted as a warning; the rest is a fault.
        """
        node = self if path == "." else self.at(path)
        text = node.raw().strip()
        if not text:
            return None
        found, usual = _day(text, compact="DateTimeString" in path or "DateString" in path)
        if found is None:
            node.sheet.complain("xml.date", name, node.path, value=text[:40])
            return None
        if not usual:
            node.sheet.complain(
                "xml.date_format", name, node.path, severity=Severity.WARNING, value=text[:40]
            )
        node.note(name)
        return found

    def identifier(self, side: str = "") -> Identifier | None:
        """The identifier held here with its scheme; None when empty.

        ``side`` ("seller", "buyer") notes the SIREN (0002) and the SIRET (0009) of that party.
        """
        value = self.text()
        if not value:
            return None
        scheme = self.attribute("schemeID")
        if side and scheme in _COMPANY_FIELDS:
            self.note(f"{side}_{_COMPANY_FIELDS[scheme]}")
        return Identifier(value=value, scheme=scheme)

    def note(self, name: str) -> None:
        """Remember that a field of the candidate ("" for none) was found here; the first wins."""
        if name:
            self.sheet.paths.setdefault(name, self.path)


def required(node: Node, name: str) -> Decimal | None:
    """An amount that its group cannot do without: a fault says so when it is missing."""
    if node.raw().strip():
        return node.amount()
    node.sheet.complain("xml.missing", name, node.path)
    return None


def _day(text: str, *, compact: bool) -> tuple[date | None, bool]:
    """(date, written as its syntax wants). (None, …) when it is no date of the calendar."""
    usual = (_COMPACT_DAY, _COMPACT_MOMENT) if compact else (_ISO_DAY,)
    for pattern in (_COMPACT_DAY, _COMPACT_MOMENT, _ISO_DAY, _ISO_MOMENT):
        match = pattern.fullmatch(text)
        if match:
            try:
                return date(*(int(part) for part in match.groups()[:3])), pattern in usual
            except ValueError:
                return None, False
    return None, False
