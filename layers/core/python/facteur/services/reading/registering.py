"""The official rules, the doubles, and where the document goes: à accepter or à contrôler."""

import json
from collections.abc import Mapping
from dataclasses import replace

from facteur.domain import acceptance, duplicates
from facteur.domain.candidate import TYPE_CODES, Candidate
from facteur.domain.commands import CheckInvoice
from facteur.domain.decisions import checked
from facteur.domain.documents import (
    Conversion,
    Document,
    DocumentRef,
    State,
    Summary,
    Verdict,
)
from facteur.domain.errors import DuplicateError
from facteur.domain.faults import Fault, Severity
from facteur.ports import Context, RuleReport
from facteur.services.intake import roads
from facteur.services.intake.doubles import doubles
from facteur.services.parties import cards
from facteur.services.programs import publishing
from facteur.services.staircase import Steps, commit

#: Findings kept in the head; the whole report is a file.
MOST_FINDINGS = 40


def check_invoice(command: CheckInvoice, context: Context) -> Steps:
    """Run the official rules on the invoice's XML, look for doubles, register."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.READ or document.conversion is None:
        return document, ()
    xml = context.blobs.get(document.files["invoice_xml"])
    report = concerned(context.rulebook.check(xml), document.conversion)
    stored = context.blobs.put(
        f"{document.dossier}/{document.id}/{context.ids.new()}/report",
        report_json(report),
        "application/json",
        filename="rapport.json",
    )
    conversion = replace(
        document.conversion,
        verdict=report.verdict,
        reform=report.reform,
        rulebook=", ".join(f"{name} {version}" for name, version in report.versions.items()),
    )
    preferences = context.preferences.load(document.dossier)
    trust = cards.standing_of(document, context)
    for _attempt in range(3):
        twins, claims = doubles(document, document.summary, context)
        if twins:
            document, twins, taken = roads.settle(document, twins, context)
            if document.state is State.JOINED:
                return document, ()
            claims = taken or claims
        if not preferences.find_duplicates:
            twins = ()
        decision = checked(
            document,
            conversion=conversion,
            findings=weighed(report, document),
            report=stored,
            duplicates=twins,
            at=context.clock.now(),
        )
        decision = acceptance.registered(
            decision,
            preferences,
            trusted=trust.trusted,
            new_account=trust.new_account,
            category=trust.category,
            at=context.clock.now(),
        )
        try:
            registered, follow = commit(decision, context, claims=claims)
        except DuplicateError:
            continue  # somebody registered the same number meanwhile: look again
        return registered, (*follow, *publishing.told_of(registered, context))
    raise DuplicateError("document.duplicate", documents=document.id)


def concerned(report: RuleReport, conversion: Conversion) -> RuleReport:
    """The report without the reform's rules where conversion saw that they do not apply."""
    if conversion.reform is not Verdict.NOT_CONCERNED:
        return report
    findings = tuple(one for one in report.findings if one.values.get("rulebook") != "br-fr")
    return replace(report, reform=Verdict.NOT_CONCERNED, findings=findings)


def weighed(report: RuleReport, document: Document) -> tuple[Fault, ...]:
    """The findings as faults of this document.

    XSD and the profile decide for what we convert. BR-FR is shown as conformité réforme, and
    blocks only what we issue (decision 25): here its findings are warnings.
    """
    found = []
    for fault in report.findings:
        profile = fault.values.get("rulebook", "") != "br-fr"
        severity = fault.severity if profile else Severity.WARNING
        found.append(replace(fault, severity=severity))
    if report.verdict is Verdict.UNVERIFIED:
        found.insert(0, Fault(code="rules.unverified", severity=Severity.WARNING))
    found.sort(key=lambda fault: not fault.blocking)
    return tuple(found[:MOST_FINDINGS])


def report_json(report: RuleReport) -> bytes:
    """The report as it is kept with the document."""
    body = {
        "verdict": report.verdict.value,
        "reform": report.reform.value,
        "profile": report.profile,
        "versions": dict(report.versions),
        "findings": [fault_json(fault) for fault in report.findings],
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1).encode()


def fault_json(fault: Fault) -> Mapping[str, object]:
    """A fault in public JSON."""
    return {
        "code": fault.code,
        "path": fault.path,
        "severity": fault.severity.value,
        "source": fault.source.value,
        "values": dict(fault.values),
        "message": fault.message,
    }


def summary_of(candidate: Candidate) -> Summary:
    """What lists show of a candidate."""
    siren = candidate.text("seller_siren") or candidate.text("seller_siret")[:9]
    name = candidate.text("seller_name")
    word = candidate.text("type")
    return Summary(
        kind=word or candidate.kind,
        type_code=candidate.type_code or TYPE_CODES.get(word, ""),
        number=candidate.text("number"),
        seller_name=name,
        seller_siren=siren,
        seller_key=duplicates.seller_key(siren=siren, vat=candidate.text("seller_vat"), name=name),
        buyer_name=candidate.text("buyer_name"),
        issue_date=candidate.day("issue_date"),
        due_date=candidate.day("due_date"),
        currency=candidate.text("currency"),  # "": not read, not guessed
        total_excl_vat=candidate.amount("total_excl_vat"),
        total_incl_vat=candidate.amount("total_incl_vat"),
        amount_due=candidate.amount("amount_due"),
    )
