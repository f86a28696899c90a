"""What is done to several documents at once, the trash, and the views that a person saves.

Each document answers for itself: the page says what was done, what was not and why. What can be
taken back offers « Annuler »; what cannot asks for a word typed.
"""

from collections.abc import Sequence

from facteur.domain.decisions.refusing import MOST_COMMENT
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.services.deciding import trashing
from facteur.services.deciding.trashing import Bulk, Chosen
from facteur.services.finding import searching
from facteur.web import i18n
from facteur.web.answers import Answer, redirect
from facteur.web.forms import filters
from facteur.web.forms.numbers import version_of
from facteur.web.showing import present
from facteur.web.site import page
from facteur.web.visit import Visit

#: What must be typed before something is deleted for good.
WORD = "SUPPRIMER"
_LISTS = {present.PURCHASES.path: present.PURCHASES, present.SALES.path: present.SALES}
_KEPT = ("onglet", *filters.NAMES, "tri", "ordre")
_LONGEST = 100


def chosen_of(values: Sequence[str]) -> tuple[Chosen, ...]:
    """The ticked boxes: ``document:version`` each; what is none is a version that never was."""
    found = []
    for value in values:
        document, _colon, version = value.partition(":")
        found.append(Chosen(document=document, version=version_of(version)))
    return tuple(found)


def _folder(visit: Visit) -> present.Folder:
    return _LISTS.get(visit.field("liste"), present.PURCHASES)


def _kept(visit: Visit) -> dict[str, str]:
    """The state of the list that the form came from."""
    return {name: visit.field(name)[:_LONGEST] for name in _KEPT if visit.field(name)}


def _confirmed(visit: Visit) -> None:
    """InvalidError unless the word was typed."""
    if visit.field("confirmation").upper() != WORD:
        fault = Fault(code="trash.confirm", path="confirmation", values={"word": WORD})
        raise InvalidError((fault,), code="trash.confirm")


@page("/lot", "POST", permission=Permission.DECIDE)
def bulk(visit: Visit) -> Answer:
    """Do one thing to every ticked document."""
    action = visit.field("action")
    if action == "delete":
        _confirmed(visit)
    result = trashing.bulk(
        visit.caller,
        action,
        chosen_of(visit.fields("document")),
        visit.context,
        reason=visit.field("reason"),
        comment=visit.field("comment")[:MOST_COMMENT],
    )
    return _told(visit, action, result)


def _told(visit: Visit, action: str, result: Bulk) -> Answer:
    """Back to the list when all is done; else a page that says what was not, and why."""
    folder, kept = _folder(visit), _kept(visit)
    undo = ",".join(result.done) if action == "trash" else ""
    if not result.not_done:
        return redirect(visit.site.link(folder.path, **kept, fait=f"bulk_{action}", lot=undo))
    rows = [(one.document, i18n.told(one.error)) for one in result.not_done]
    return visit.page(
        "bulk.html",
        folder=folder,
        kept=kept,
        action=action,
        done_count=len(result.done),
        undo=undo,
        rows=rows,
    )


@page("/lot/annuler", "POST", permission=Permission.DECIDE)
def undo(visit: Visit) -> Answer:
    """Take back what was just put in the trash."""
    names = [one for one in visit.field("lot").split(",") if one]
    chosen = tuple(Chosen(document=one, version=0) for one in names)
    result = trashing.bulk(visit.caller, "restore", chosen, visit.context)
    return _told(visit, "restore", result)


@page("/factures/{document}/corbeille", "POST", permission=Permission.DECIDE)
def trash(visit: Visit, document: str) -> Answer:
    """Put one document in the trash; back to its list, which offers to undo."""
    _one(visit, "trash", f"{document}:{visit.field('version')}")
    return visit.go(_folder(visit).path, fait="bulk_trash", lot=document)


@page("/factures/{document}/restaurer", "POST", permission=Permission.DECIDE)
def restore(visit: Visit, document: str) -> Answer:
    """Take one document out of the trash."""
    _one(visit, "restore", document)
    return visit.go(f"/factures/{document}", fait="bulk_restore")


@page("/factures/{document}/supprimer", "POST", permission=Permission.DECIDE)
def delete(visit: Visit, document: str) -> Answer:
    """Delete one document of the trash for good, once the word is typed."""
    _confirmed(visit)
    _one(visit, "delete", document)
    return visit.go(_folder(visit).path, onglet="corbeille", fait="bulk_delete")


def _one(visit: Visit, action: str, value: str) -> None:
    result = trashing.bulk(visit.caller, action, chosen_of((value,)), visit.context)
    if result.not_done:
        raise result.not_done[0].error


# ── Saved views ─────────────────────────────────────────────────────────────────────────────────


@page("/vues", "POST")
def save_view(visit: Visit) -> Answer:
    """Name the list as it is filtered now, for oneself."""
    folder, kept = _folder(visit), _kept(visit)
    searching.save_view(visit.caller, visit.field("nom"), folder.path, kept, visit.context)
    return redirect(visit.site.link(folder.path, **kept, fait="view_saved"))


@page("/vues/{view}/oublier", "POST")
def forget_view(visit: Visit, view: str) -> Answer:
    """Forget one of one's own views."""
    searching.forget_view(visit.caller, view, visit.context)
    return visit.go(_folder(visit).path, fait="view_forgotten")
