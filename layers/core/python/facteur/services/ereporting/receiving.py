"""An e-reporting file that a billing software submits: read, kept among the dossier's, shown.

The software knows what its file is made of: nothing here makes it again. It stands in its period
like a file of ours, under the software's name, is checked by the same rules, and leaves by a
person's « Envoyer », or by itself where the dossier chose so (``Settings.forward``).

Source: XP Z12-013 1.3.0 §2.2 (flowSyntax FRR, flow types); DGFiP v3.2 §3.7.7.
"""

from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import CheckReport, ForwardReport
from facteur.domain.documents import StoredFile
from facteur.domain.ereporting import filings as rules
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.blocks import Report, Role
from facteur.domain.ereporting.calendar import Period, period_of
from facteur.domain.ereporting.filings import Filing, FilingState, Preview, Series
from facteur.domain.errors import DuplicateError, InvalidError
from facteur.domain.faults import Fault
from facteur.domain.flows import FlowType
from facteur.domain.serial import dumps
from facteur.domain.served_flows import ServedFlow
from facteur.formats.flux10_reading import parse
from facteur.ports import Context
from facteur.services import journalling
from facteur.services.ereporting.building import kept
from facteur.services.ereporting.periods import leave, queue, senders, today, too_late
from facteur.services.staircase import Steps

MOST_SHOWN = 1_000  # rows of a block that the page's preview keeps
_SHORTEST = timedelta(days=10)  # from the end of a period to its last day, without a regime


def receive(
    held: ServedFlow, file: StoredFile, data: bytes, context: Context
) -> tuple[Filing, FlowType]:
    """Keep a submitted report, and have it checked; the same submission again is the same filing.

    UnreadableError; InvalidError: ``ereporting.other_siren``, ``ereporting.told_already`` for a
    first declaration (IN) of a period that the State was told of, which only a correction (RE)
    may change; DuplicateError for a name (TT-1) that another file of the dossier bears.
    """
    report = parse(data)
    siren = context.store.dossier(held.dossier).siren
    if report.siren != siren:
        values = {"other": report.siren[:20], "siren": siren}
        raise InvalidError((Fault(code="ereporting.other_siren", path="TT-10", values=values),))
    filings = context.ereporting.filings(held.dossier)
    for one in filings:
        if one.submission == held.flow.id:
            _check(one, context)
            return one, type_of(report)
        if one.report == report.id and one.state is not FilingState.INVALID:
            raise DuplicateError("ereporting.declared", report=report.id)
    series = _series(report, held.dossier, context)
    same = [one for one in filings if one.series.id == series.id]
    base, tax = report.sums
    filing = Filing(
        dossier=held.dossier,
        series=series,
        type=report.type,
        sequence=succession.next_sequence(same),
        state=FilingState.CHECKING,
        at=context.clock.now(),
        by=held.client,
        by_name=held.client_name,
        report=report.id,
        file=file,
        lines=report.lines,
        base=base,
        tax=tax,
        received=held.client_name or held.client or "API",
        submission=held.flow.id,
    )
    if succession.comes_too_late(filing, same):
        raise too_late(series)
    shown = dumps(Preview(report=_first(replace(report, period=series.period))))
    preview = kept(filing, "preview.json", shown, "application/json", context)
    stored = context.ereporting.save(replace(filing, preview=preview))
    entry = journalling.entry(
        "ereporting.received",
        {"report": stored.series.id, "client": stored.received},
        context,
        dossier=stored.dossier,
        by=held.client,
        by_name=held.client_name,
    )
    context.journal.add((entry,))
    _check(stored, context)
    return stored, type_of(report)


def _check(filing: Filing, context: Context) -> None:
    command = CheckReport(dossier=filing.dossier, filing=filing.id, turn=filing.turn)
    queue(filing, f"check-{filing.turn}", command, context)


def _series(report: Report, dossier: str, context: Context) -> Series:
    """The series of the calendar that it is of, else one of its own days."""
    regimes = context.ereporting.settings(dossier).regimes
    own = Series(period=report.period, role=report.role)
    found = rules.series_named(regimes, own.id)
    if found is not None:
        return found
    around = period_of(regimes, report.period.matter, report.period.end)
    due = around.due if around else report.period.end + _SHORTEST
    period = Period(
        matter=report.period.matter, start=report.period.start, end=report.period.end, due=due
    )
    return Series(period=period, role=report.role)


def _first(report: Report) -> Report:
    """The first rows of each block: the file has them all."""
    return replace(
        report,
        invoices=report.invoices[:MOST_SHOWN],
        days=report.days[:MOST_SHOWN],
        invoice_payments=report.invoice_payments[:MOST_SHOWN],
        day_payments=report.day_payments[:MOST_SHOWN],
    )


def type_of(report: Report) -> FlowType:
    """The flow type of a report, by the blocks that it has."""
    unitary = (
        FlowType.UNITARY_CUSTOMER_TRANSACTION_REPORT
        if report.role is Role.SELLER
        else FlowType.UNITARY_SUPPLIER_TRANSACTION_REPORT
    )
    blocks = (
        (report.invoices, unitary),
        (report.days, FlowType.AGGREGATED_CUSTOMER_TRANSACTION_REPORT),
        (report.invoice_payments, FlowType.UNITARY_CUSTOMER_PAYMENT_REPORT),
        (report.day_payments, FlowType.AGGREGATED_CUSTOMER_PAYMENT_REPORT),
    )
    found = [kind for rows, kind in blocks if rows]
    return found[0] if len(found) == 1 else FlowType.MULTI_FLOW_REPORT


def forward_report(command: ForwardReport, context: Context) -> Steps:
    """Have a received report leave by itself; it stays « À envoyer » where it cannot.

    A first declaration (IN) is refused, not sent, once another file of its period left.
    """
    filing = context.ereporting.filing(command.dossier, command.filing)
    live = senders(filing.dossier, context)
    ready = filing.state is FilingState.READY and bool(filing.received)
    if not ready or not live or not rules.over(filing.series, today(context)):
        return None, ()
    held = context.ereporting.filings(filing.dossier, series=filing.series.id)
    if succession.comes_too_late(filing, held):
        findings = too_late(filing.series).faults
        context.ereporting.save(replace(filing, state=FilingState.INVALID, findings=findings))
        return None, ()
    leaving = leave(filing, live[0], filing.received, context)
    entry = journalling.entry(
        "ereporting.sent",
        {"report": leaving.id},
        context,
        dossier=leaving.dossier,
        by=leaving.by,
        by_name=leaving.by_name,
    )
    context.journal.add((entry,))
    return None, ()
