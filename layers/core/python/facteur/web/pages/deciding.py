"""What is decided on the document page: save, accept, refuse, « pas un doublon », replay.

One form: « Enregistrer » sends what was changed, « Accepter et suivant » accepts and goes to the
next document to handle. When both are asked at once the changes are saved and checked first, and
the page says so: nobody accepts what the rules have not seen.

The version that the page showed travels with the form. Where the document has moved since, what
this very person decided is answered as it was the first time (a double-click, a second tab), and
anything else shows the page as it is now, with what was typed (decision 0337).
"""

from collections.abc import Callable, Mapping, Sequence

from facteur.domain.commands import (
    AcceptDocument,
    ClearDuplicates,
    CorrectDocument,
    KeepWhole,
    RefuseDocument,
    ReplayDocument,
)
from facteur.domain.decisions import again
from facteur.domain.decisions.refusing import MOST_COMMENT
from facteur.domain.documents import Document
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError, StaleVersionError
from facteur.domain.events import Entry
from facteur.services.archive import awaiting
from facteur.services.finding import queries
from facteur.services.run import run
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.forms import conflicts, typed
from facteur.web.i18n import _
from facteur.web.pages.document import EDITABLE, page_of
from facteur.web.showing import present
from facteur.web.site import page
from facteur.web.visit import Visit


@page("/factures/{document}", "POST", permission=Permission.DECIDE)
def decide(visit: Visit, document: str) -> Answer:
    """Save what was changed, or accept; both at once save first."""
    view = queries.document(visit.caller, document, visit.context)
    values = {} if view.document.structured else _typed(visit, view)
    try:
        if values:
            run(
                CorrectDocument(
                    dossier=visit.caller.dossier,
                    document=document,
                    version=visit.version,
                    values=values,
                    by=visit.caller.user,
                    by_name=visit.caller.name,
                ),
                visit.context,
            )
            return visit.go(f"/factures/{document}", fait=_saved(visit))
        if visit.field("action") != "accept":
            return visit.go(f"/factures/{document}", fait="unchanged")
        accepted = run(
            AcceptDocument(
                dossier=visit.caller.dossier,
                document=document,
                version=visit.version,
                by=visit.caller.user,
                by_name=visit.caller.name,
            ),
            visit.context,
        )
    except InvalidError as error:
        return page_of(
            visit,
            view,
            errors=error.faults,
            typed_now=typed.typed_now(visit.form()),
            problem=i18n.sentence(error.code),
            status=422,
        )
    except StaleVersionError:
        return _decided_or_moved(visit, document, values)
    return _next(visit, view, _accepted(accepted, visit))


def _typed(visit: Visit, view: queries.DocumentView) -> dict[str, object]:
    """What was typed over, or confirmed, since the page was shown."""
    seen = conflicts.seen_by(visit, view)
    values = typed.changes(seen, visit.form()) if seen else {}
    if visit.field("ours"):
        own = visit.context.store.dossier(visit.caller.dossier)
        values |= typed.own_identity(own, view.document.direction)
    return values


def _decided_or_moved(visit: Visit, document: str, values: Mapping[str, object]) -> Answer:
    """It moved: by what this form asks, sent before; else by something that must be seen first."""
    view = queries.document(visit.caller, document, visit.context)
    head, me = view.document, visit.caller.user
    lost = conflicts.unsaved(view.candidate, values)
    if values and not lost:
        return visit.go(f"/factures/{document}", fait=_saved(visit))
    if not values and again.accepted_by(head, view.history, me):
        return _next(visit, view, _accepted(head, visit))
    return moved(visit, view, lost)


def moved(
    visit: Visit, view: queries.DocumentView, lost: Mapping[str, object] | None = None
) -> Answer:
    """The document as it is now, and what was typed over what it was: 409."""
    lost = lost or {}
    editable = view.document.state in EDITABLE
    return page_of(
        visit,
        view,
        errors=conflicts.beside(view.candidate, lost, editable=editable),
        typed_now=conflicts.typed_again(visit, lost) if editable else {},
        problem=_("Ce document a changé depuis que vous l’avez ouvert.")
        + " "
        + _kept(lost, editable=editable),
        status=409,
    )


def _kept(lost: Mapping[str, object], *, editable: bool) -> str:
    if lost and not editable:
        return _("Voici ce que vous aviez saisi, qui n’est pas enregistré.")
    if lost:
        return _("Votre saisie est ci-dessous, pas encore enregistrée.")
    return _("Le voici tel qu’il est maintenant : rien n’a été décidé.")


def _accepted(head: Document | None, visit: Visit) -> str:
    if head is not None and head.state in EDITABLE:  # the circuit waits for others
        return "approved"
    to_send = head is not None and awaiting.waits(head, visit.context)
    return "accepted_to_send" if to_send else "accepted"


def _saved(visit: Visit) -> str:
    return "saved_first" if visit.field("action") == "accept" else "saved"


def _next(visit: Visit, view: queries.DocumentView, done: str) -> Answer:
    """The next document to handle, else the list."""
    if view.next_id:
        return visit.go(f"/factures/{view.next_id}", fait=done)
    return visit.go(present.folder(view.document.direction).path, fait=f"{done}_last")


@page("/factures/{document}/refus", "POST", permission=Permission.DECIDE)
def refuse(visit: Visit, document: str) -> Answer:
    """Refuse with a reason, then go to the next document."""
    view = queries.document(visit.caller, document, visit.context)
    reason, comment = visit.field("reason"), visit.field("comment")[:MOST_COMMENT]
    command = RefuseDocument(
        dossier=visit.caller.dossier,
        document=document,
        version=visit.version,
        reason=reason,
        comment=comment,
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    try:
        run(command, visit.context)
    except InvalidError as error:
        return page_of(visit, view, errors=error.faults, status=422)
    except StaleVersionError:
        view = queries.document(visit.caller, document, visit.context)
        me = visit.caller.user
        if not again.refused_by(view.document, view.history, me, reason=reason, comment=comment):
            return moved(visit, view)
    return _next(visit, view, "refused")


def once(
    visit: Visit,
    command: ClearDuplicates | KeepWhole,
    done_by: Callable[[Document, Sequence[Entry], str], bool],
) -> Answer | None:
    """Run a command on a document; the document as it is now, where it moved meanwhile.

    None when it was done, also when this person had done it already.
    """
    try:
        run(command, visit.context)
    except StaleVersionError:
        view = queries.document(visit.caller, command.document, visit.context)
        if not done_by(view.document, view.history, visit.caller.user):
            return moved(visit, view)
    return None


@page("/factures/{document}/pas-un-doublon", "POST", permission=Permission.DECIDE)
def not_a_duplicate(visit: Visit, document: str) -> Answer:
    """« Ce n'est pas un doublon »."""
    command = ClearDuplicates(
        dossier=visit.caller.dossier,
        document=document,
        version=visit.version,
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    return once(visit, command, again.cleared_by) or visit.go(
        f"/factures/{document}", fait="cleared"
    )


@page("/factures/{document}/rejouer", "POST", permission=Permission.DECIDE)
def replay(visit: Visit, document: str) -> Answer:
    """Take a quarantined document through the road again."""
    command = ReplayDocument(
        dossier=visit.caller.dossier,
        document=document,
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    head = run(command, visit.context)
    if visit.field("retour") == "liste" and head is not None:
        path = present.folder(head.direction).path
        return visit.go(path, onglet="quarantaine", fait="replayed")
    return visit.go(f"/factures/{document}", fait="replayed")
