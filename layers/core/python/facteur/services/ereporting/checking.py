"""The official rules look at an e-reporting file before anybody may send it.

Runs where the rules are. The file that passed is the file that leaves; without the rules nothing
passes.
"""

from dataclasses import replace

from facteur.domain.commands import (
    BuildReport,
    CheckReport,
    ForwardReport,
    TransmitReport,
)
from facteur.domain.documents import Verdict
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.filings import MOST_FINDINGS, Filing, FilingState
from facteur.domain.faults import Fault
from facteur.ports import Context
from facteur.services.ereporting.periods import moved, queue, too_late
from facteur.services.staircase import Steps


def check_report(command: CheckReport, context: Context) -> Steps:
    """Check a filing's file: « à envoyer », or refused with the rules that it breaks.

    A first declaration that was submitted while another file was leaving is refused too.
    """
    filing = context.ereporting.filing(command.dossier, command.filing)
    waits = filing.turn == command.turn and filing.state is FilingState.CHECKING
    if not waits or filing.file is None:
        return None, ()
    report = context.rulebook.check_report(context.blobs.get(filing.file))
    findings = report.findings
    if report.verdict is Verdict.VALID:
        state = FilingState.READY
    else:
        state = FilingState.INVALID
        findings = findings or (Fault(code="rules.unverified"),)
    if filing.received and state is FilingState.READY:
        held = context.ereporting.filings(filing.dossier, series=filing.series.id)
        if succession.comes_too_late(filing, held):
            state, findings = FilingState.INVALID, too_late(filing.series).faults
    checked = context.ereporting.save(
        replace(filing, state=state, findings=findings[:MOST_FINDINGS])
    )
    forwards = checked.received and context.ereporting.settings(checked.dossier).forward
    if state is FilingState.READY and forwards:
        forward = ForwardReport(dossier=checked.dossier, filing=checked.id)
        queue(checked, f"forward-{checked.turn}", forward, context)
    return None, ()


def give_up(command: BuildReport | CheckReport | TransmitReport, context: Context) -> None:
    """Say on the page that this was tried as often as the queue tries, and ends there."""
    interrupted = Fault(code="work.interrupted")

    def ended(one: Filing) -> Filing | None:
        if isinstance(command, TransmitReport):
            leaving = one.state is FilingState.SENDING
            return (
                replace(one, state=FilingState.NOT_SENT, failure=interrupted) if leaving else None
            )
        waits = one.state in {FilingState.PREPARING, FilingState.CHECKING}
        if not waits or one.turn != command.turn:
            return None
        return replace(one, state=FilingState.FAILED, failure=interrupted)

    moved(command.dossier, command.filing, context, ended)
