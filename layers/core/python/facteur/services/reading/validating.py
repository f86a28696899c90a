"""Is this file a valid invoice? What the command ``facteur validate`` answers, without a platform.

Three judges, each named in its findings: the container (a Factur-X must be announced as one), the
official rules (XSD, profile, BR-FR), and ours where the official ones are blind. The verdict:

- ``reject``: the file is no readable invoice, or a finding blocks. BR-FR blocks when the reform
  applies, that is when seller and buyer are both in France (domain/rules.py);
- ``unverified``: nothing blocks, but the official rules could not run;
- ``warn``: only warnings; ``accept``: nothing, or only hints (rules.HINTS).

A foreign invoice is not judged by BR-FR, so its findings are left out. Source: decision 25 and
docs/decisions; reference: invoice-formats.md §1, corpus/validation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from facteur.domain import rules
from facteur.domain.documents import Verdict
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault, FaultSource, Severity
from facteur.formats import xml_invoice
from facteur.formats.detect import Kind, detect
from facteur.ports import Pdf, Rulebook

Answer = Literal["accept", "warn", "reject", "unverified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What was found. ``rules``: the official identifiers, each once, in alphabetical order."""

    verdict: Answer
    rules: tuple[str, ...] = ()
    findings: tuple[Fault, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def validate(data: bytes, filename: str, *, rulebook: Rulebook, pdf: Pdf | None) -> Validation:
    """Judge an invoice: XML, or a PDF that carries one (``pdf`` reads those).

    ``filename`` is only repeated in the findings; what the file is comes from its bytes.
    """
    try:
        xml, found = _xml_of(data, pdf)
    except UnreadableError as error:
        values = {name: str(value) for name, value in error.values.items()}
        fault = Fault(code=error.code, values={**values, "file": filename})
        return Validation(verdict="reject", findings=(fault,))
    return _judged(xml, found, rulebook)


def _xml_of(data: bytes, pdf: Pdf | None) -> tuple[bytes, tuple[Fault, ...]]:
    """The invoice's XML, and what is wrong with the file that carries it."""
    kind = detect(data)
    if kind is not Kind.PDF:
        return data, ()
    if pdf is None:
        raise UnreadableError("unreadable.no_pdf_reader")
    content = pdf.read(data)
    if content.invoice_xml is None:
        raise UnreadableError("unreadable.no_invoice_xml")
    return content.invoice_xml.data, pdf.container(data).faults


def _judged(xml: bytes, found: tuple[Fault, ...], rulebook: Rulebook) -> Validation:
    report = rulebook.check(xml)
    french = False
    ours: tuple[Fault, ...] = ()
    try:
        parsed = xml_invoice.parse(xml)
    except UnreadableError:
        pass  # the rulebook says the same, as a finding
    else:
        french = rules.reform_applies(parsed.invoice)
        ours = (*parsed.faults, *rules.check(parsed.invoice))
    official = tuple(_weighed(report.findings, french=french))
    findings = (*found, *official, *ours)
    asked = (report.verdict, report.reform) if french else (report.verdict,)
    return Validation(
        verdict=_verdict(findings, asked),
        rules=_identifiers(official),
        findings=findings,
        versions=report.versions,
    )


def _weighed(findings: Iterable[Fault], *, french: bool) -> Iterable[Fault]:
    """BR-FR blocks a French invoice and says nothing of a foreign one; the rest is as it came."""
    for fault in findings:
        if fault.values.get("rulebook") != "br-fr":
            yield fault
        elif french:
            fatal = fault.values.get("flag") == "fatal"
            yield replace(fault, severity=Severity.BLOCKING if fatal else Severity.WARNING)


def _identifiers(findings: Iterable[Fault]) -> tuple[str, ...]:
    """The broken rules by name: what an assertion of the official files found, warnings apart."""
    return tuple(
        sorted(
            {
                fault.code
                for fault in findings
                if fault.blocking and fault.source is FaultSource.OFFICIAL and fault.code != "XSD"
            }
        )
    )


def _verdict(findings: Sequence[Fault], answers: Sequence[Verdict]) -> Answer:
    """``answers``: those of the official files that this invoice is asked to follow."""
    if answers[0] is Verdict.INVALID or any(fault.blocking for fault in findings):
        return "reject"
    if Verdict.UNVERIFIED in answers:
        return "unverified"
    return "warn" if any(fault.code not in rules.HINTS for fault in findings) else "accept"
