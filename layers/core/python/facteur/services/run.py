"""Command → service: the table, and the two ways in.

``run`` is for callers that wait for the answer (pages, the API): errors reach them. A command of
the queue comes by ``run_scheduled``: at most once per identifier, and a document that cannot go on
is quarantined alone with its reason instead of stopping the queue (NO-02).
"""

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from facteur.domain import commands as c
from facteur.domain.decisions import fault_of, quarantine
from facteur.domain.documents import OPEN_STATES, Document, DocumentRef
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    IllegalTransitionError,
    NotFoundError,
    UnavailableError,
)
from facteur.ports import Context
from facteur.services.staircase import commit, see_to

log = logging.getLogger(__name__)

Steps = tuple[Document | None, tuple[c.Scheduled, ...]]

#: Named, not imported: a page must not pay for the libraries that reading needs, and its function
#: does not have them. A test resolves them all.
SERVICES: Mapping[type, str] = {
    c.ReceiveMail: "intake.receive_mail",
    c.ReceiveUpload: "intake.receive_upload",
    c.ReadDocument: "reading.read_document",
    c.CollectOcr: "reading.collect_ocr",
    c.ConvertDocument: "reading.convert_document",
    c.CheckInvoice: "registering.check_invoice",
    c.CorrectDocument: "deciding.correct_document",
    c.AcceptDocument: "deciding.accept_document",
    c.RefuseDocument: "deciding.refuse_document",
    c.ClearDuplicates: "deciding.clear_duplicates",
    c.ReplayDocument: "deciding.replay_document",
    c.SealDocument: "archiving.seal_document",
    c.Sweep: "sweeping.sweep",
}


def service(command: type) -> Callable[[Any, Context], Steps]:
    """The service of a command; KeyError for what is no command."""
    module, _dot, name = SERVICES[command].partition(".")
    found: Callable[[Any, Context], Steps] = getattr(
        import_module(f"facteur.services.{module}"), name
    )
    return found


def run(command: c.Command, context: Context) -> Document | None:
    """Run a command and what follows from it here; the document as it stands after that."""
    document, follow = service(type(command))(command, context)
    return see_to(follow, context, _follow_up) or document


def _follow_up(command: c.Command, context: Context) -> Document | None:
    """Run a follow-up in the same invocation; a document that cannot go on is quarantined."""
    try:
        return run(command, context)
    except _AGAIN:
        raise
    except FacteurError as error:
        if not _quarantined(command, error, context):
            raise
        return None


def run_scheduled(scheduled: c.Scheduled, context: Context) -> None:
    """Run a command of the queue, at most once; raises only what trying again may mend."""
    context.once.run(scheduled.id, lambda: _guarded(scheduled.command, context))


def _guarded(command: c.Command, context: Context) -> None:
    try:
        run(command, context)
    except IllegalTransitionError as error:
        log.info("%s has nothing left to do: %s", type(command).__name__, error)
    except _AGAIN:
        raise
    except FacteurError as error:
        if not _quarantined(command, error, context):
            raise


#: What trying again may mend: a service away, a race lost, a reference taken meanwhile.
_AGAIN = (UnavailableError, NotFoundError, ConflictError)


def _quarantined(command: c.Command, error: FacteurError, context: Context) -> bool:
    """Keep the document with the reason why it cannot go on; False when there is none."""
    dossier = getattr(command, "dossier", "")
    identifier = getattr(command, "document", "")
    if not (dossier and identifier):
        return False
    document = context.store.document(DocumentRef(dossier, identifier))
    if document.state not in OPEN_STATES:
        return False
    log.warning("%s quarantined: %s", identifier, error)
    failure = fault_of(error.code, **{k: v for k, v in error.values.items() if k != "faults"})
    commit(quarantine(document, failure, at=context.clock.now()), context)
    return True
