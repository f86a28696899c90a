"""Command → service: the table, and the two ways in.

``run`` is for callers that wait for the answer (pages, the API): errors reach them. A command of
the queue comes by ``run_scheduled``: at most once per identifier, and a document that cannot go on
is quarantined alone with its reason instead of stopping the queue (NO-02):

- it cannot be read: quarantined at once, the command is done;
- a mistake of ours raises: quarantined at once with ``work.failed`` and raised all the same, so
  that somebody is woken; the queue's next try finds nothing left to do;
- a service is away: tried again by the queue;
- nothing answers any more (the function is killed by its memory or time limit, or the service
  stays away): the queue's last delivery runs nothing and quarantines with ``work.interrupted``.

A document that was accepted is not quarantined: sealing is tried again every hour, for ever.
Pages that could not be drawn show no image; their document goes on.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any

from facteur.domain import commands as c
from facteur.domain.decisions import fault_of, quarantine
from facteur.domain.documents import Document, DocumentRef, State
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    IllegalTransitionError,
    NotFoundError,
    UnavailableError,
)
from facteur.ports import Context
from facteur.services.staircase import Steps, commit, see_to

log = logging.getLogger(__name__)

#: Named, not imported: a page must not pay for the libraries that reading needs, and its function
#: does not have them. A test resolves them all.
SERVICES: Mapping[type, str] = {
    c.ReceiveMail: "intake.mails.receive_mail",
    c.PrintMail: "intake.printing.print_mail",
    c.ReceiveUpload: "intake.uploads.receive_upload",
    c.ReadDocument: "reading.documents.read_document",
    c.DrawPages: "reading.drawing.draw_pages",
    c.IndexWords: "finding.searching.index_words",
    c.CollectOcr: "reading.documents.collect_ocr",
    c.ConvertDocument: "reading.documents.convert_document",
    c.CheckInvoice: "reading.registering.check_invoice",
    c.CorrectDocument: "deciding.decisions.correct_document",
    c.AcceptDocument: "deciding.decisions.accept_document",
    c.LiftCircuit: "deciding.decisions.lift_circuit",
    c.ReviewWaiting: "deciding.circuits.review_waiting",
    c.ReviewCircuit: "deciding.circuits.review_circuit",
    c.RefuseDocument: "deciding.decisions.refuse_document",
    c.ClearDuplicates: "deciding.decisions.clear_duplicates",
    c.ReleaseDoubles: "intake.doubles.release_doubles",
    c.ReplayDocument: "deciding.decisions.replay_document",
    c.SetAccounting: "archive.archives.change_accounting",
    c.SetPayment: "archive.archives.change_payment",
    c.WriteExport: "exports.jobs.write_export",
    c.ImportKit: "exports.taking_kits.import_kit",
    c.ForwardDocument: "archive.forwarding.forward_document",
    c.Deliver: "archive.forwarding.deliver",
    c.TryServer: "archive.forwarding_servers.try_server",
    c.TrashDocument: "deciding.trashing.trash_document",
    c.RestoreDocument: "deciding.trashing.restore_document",
    c.DeleteDocument: "deciding.trashing.delete_document",
    c.DeclareKind: "deciding.declaring.declare_kind",
    c.SplitDocument: "reading.splitting.split_document",
    c.KeepWhole: "reading.splitting.keep_whole",
    c.WriteParts: "reading.splitting.write_parts",
    c.SealFile: "archive.sealing.seal_file",
    c.SealDocument: "archive.sealing.seal_document",
    c.KeepUnsent: "archive.awaiting.keep_unsent",
    c.TransferDocument: "flows.transferring.transfer_document",
    c.LearnFromDocument: "parties.learning.learn_from_document",
    c.CodeDocument: "parties.learning.code_document",
    c.FreeDocument: "parties.learning.free_document",
    c.BeginSignUp: "access.accounts.begin_sign_up",
    c.BeginReset: "access.accounts.begin_reset",
    c.TellAccess: "access.accounts.mail_access",
    c.SendInvitation: "people.members.send_invitation",
    c.CountWaiting: "people.firms.count_waiting",
    c.MarkHosted: "people.hosting.mark_hosted",
    c.FetchMailbox: "intake.fetching.fetch_mailbox",
    c.FetchAgain: "intake.fetching.fetch_again",
    c.FreeAddress: "intake.addresses.free_address",
    c.AskApproval: "deciding.approving.ask_approval",
    c.AskTogether: "deciding.asking.ask_together",
    c.SendDigests: "notifications.notifying.send_digests",
    c.SendDigest: "notifications.notifying.send_digest",
    c.ConfirmAddress: "notifications.settings.confirm_address",
    c.CopyNotifications: "notifications.settings.copy_notifications",
    c.RecordFeedback: "notifications.mailing.record_feedback",
    c.SyncConnection: "flows.synchronising.sync_connection",
    c.TakeFlow: "flows.synchronising.take_flow",
    c.SendInvoice: "flows.transmitting.send_invoice",
    c.TransmitInvoice: "flows.transmitting.transmit_invoice",
    c.TransmitStatus: "lifecycle.sending.transmit_status",
    c.FollowSending: "flows.acknowledging.follow_sending",
    c.ForgetConsent: "platforms.consenting.forget_consent",
    c.AdvanceSwitch: "platforms.switching.advance_switch",
    c.TellSwitch: "platforms.switching_mails.tell_switch",
    c.TakeSubmission: "programs.submissions.take_submission",
    c.FollowSubmission: "programs.submissions.follow_submission",
    c.PublishDocument: "programs.publishing.publish_document",
    c.PublishStatus: "programs.publishing.publish_status",
    c.DeliverHook: "programs.hooking.deliver",
    c.SetStatus: "lifecycle.statuses.set_status",
    c.CheckStatus: "lifecycle.messages.check_status",
    c.ApplyStatus: "lifecycle.statuses.apply_status",
    c.SeeStatuses: "lifecycle.statuses.see_statuses",
    c.LinkInvoice: "lifecycle.linking.link_invoice",
    c.BuildReport: "ereporting.building.build_report",
    c.CheckReport: "ereporting.checking.check_report",
    c.TransmitReport: "ereporting.sending.transmit_report",
    c.FollowReport: "ereporting.sending.follow_report",
    c.ReviewReports: "ereporting.building.review_reports",
    c.SealReport: "ereporting.sealing.seal_report",
    c.ForwardReport: "ereporting.receiving.forward_report",
    c.Sweep: "sweeping.sweep",
}


def service(command: type) -> Callable[[Any, Context], Steps]:
    """The service of a command; KeyError for what is no command."""
    module, _dot, name = SERVICES[command].rpartition(".")
    found: Callable[[Any, Context], Steps] = getattr(
        import_module(f"facteur.services.{module}"), name
    )
    return found


def run(command: c.Command, context: Context) -> Document | None:
    """Run a command and what follows from it here; the document as it stands after that."""
    document, follow = service(type(command))(command, context)
    return see_to(follow, context, _guarded) or document


def run_scheduled(scheduled: c.Scheduled, context: Context, *, last: bool = False) -> None:
    """Run a command of the queue, at most once; raises what trying again may mend, and mistakes.

    ``last``: the queue delivers it for the last time; its document is given up, visibly.
    """

    def work() -> None:
        if not (last and _given_up(scheduled, context)):
            _scheduled(scheduled.command, context)

    context.once.run(scheduled.id, work)


def _scheduled(command: c.Command, context: Context) -> None:
    try:
        _guarded(command, context)
    except IllegalTransitionError as error:
        log.info("%s has nothing left to do: %s", type(command).__name__, error)


#: What trying again may mend: a service away, a race lost, a reference taken meanwhile.
_AGAIN = (UnavailableError, NotFoundError, ConflictError)

_SEAL_AGAIN = timedelta(hours=1)


def _guarded(command: c.Command, context: Context) -> Document | None:
    """Run it; the document that stops it is quarantined, a mistake of ours raised as well."""
    try:
        return run(command, context)
    except _AGAIN:
        raise
    except FacteurError as error:
        if not _quarantined(command, error, context):
            raise
        return None
    except Exception:
        log.exception("%s failed", type(command).__name__)
        try:
            _quarantined(command, FacteurError("work.failed"), context)
        except FacteurError as second:  # the first is the one to be told
            log.warning("not quarantined either: %s", second)
        raise


#: Whose own service says that it stopped trying (its ``give_up``).
_GIVE_UP: Mapping[type, str] = {
    c.DrawPages: "reading.drawing",
    c.PrintMail: "intake.printing",
    c.CheckStatus: "lifecycle.messages",
    c.BuildReport: "ereporting.checking",
    c.CheckReport: "ereporting.checking",
    c.TransmitReport: "ereporting.checking",
    c.Deliver: "archive.forwarding",
    c.ImportKit: "exports.taking_kits",
    c.WriteExport: "exports.jobs",
}


def _given_up(scheduled: c.Scheduled, context: Context) -> bool:
    """Stop trying; False when there is no document to stop."""
    command = scheduled.command
    log.error("%s was tried as often as the queue tries", scheduled.id)
    if isinstance(command, c.SealDocument):
        due = context.clock.now() + _SEAL_AGAIN
        again = f"{command.document}-seal-{due:%Y%m%dT%H%M}"
        context.store.schedule(c.Scheduled(id=again, command=command, due=due))
        return True
    if type(command) in _GIVE_UP:
        import_module(f"facteur.services.{_GIVE_UP[type(command)]}").give_up(command, context)
        return True
    try:
        return _quarantined(command, FacteurError("work.interrupted"), context)
    except NotFoundError:
        return False


def _quarantined(command: c.Command, error: FacteurError, context: Context) -> bool:
    """Keep the document that waits for this command, with the reason; False when none does."""
    if isinstance(command, c.TakeFlow):
        import_module("facteur.services.flows.synchronising").set_aside(command, error, context)
        return True
    if isinstance(command, c.TransmitInvoice):
        import_module("facteur.services.flows.transmitting").give_up(command, error, context)
        return True
    if isinstance(command, c.TransmitStatus):
        import_module("facteur.services.lifecycle.sending").give_up(command, error, context)
        return True
    match command:
        case c.ReadDocument() | c.CollectOcr():
            waiting = State.RECEIVED
        case c.ConvertDocument() | c.CheckInvoice():
            waiting = State.READ
        case c.WriteParts():
            waiting = State.SPLITTING
        case _:
            return False
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not waiting:
        return False
    log.warning("%s quarantined: %s", document.id, error)
    failure = fault_of(error.code, **{k: v for k, v in error.values.items() if k != "faults"})
    commit(quarantine(document, failure, at=context.clock.now()), context)
    return True
