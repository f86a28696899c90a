"""Splitting a file that holds several invoices: the cuts, the confirmation, the demand (PE-04).

The document page offers « Nouvelle facture ici » between two pages. The choice comes here by a
plain GET form, so that it needs no script and changes nothing: this page shows what each part
would hold, lets it be changed, and asks for confirmation. Only the POST records the demand.
"""

from facteur.domain.commands import KeepWhole, SplitDocument
from facteur.domain.decisions import again
from facteur.domain.dossiers import Permission
from facteur.domain.errors import IllegalTransitionError, InvalidError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.splitting import can_split, faults_of_cuts, pages_of, ranges
from facteur.services.finding import queries
from facteur.services.run import run
from facteur.web.answers import Answer
from facteur.web.forms.numbers import whole
from facteur.web.i18n import _
from facteur.web.pages.deciding import moved, once
from facteur.web.showing import lots, present, separator_sheet
from facteur.web.site import page
from facteur.web.visit import Visit


@page("/factures/{document}/decouper", permission=Permission.DECIDE)
def confirm_split(visit: Visit, document: str) -> Answer:
    """What the parts would be, ``cut`` by ``cut``, and the button that confirms."""
    view = queries.document(visit.caller, document, visit.context)
    if not can_split(view.document):
        raise IllegalTransitionError("document.one_invoice")
    asked = visit.queries("cut")
    starts = numbers(asked)
    return _page(visit, view, starts, faults_of_cuts(starts, view.document) if asked else ())


@page("/factures/{document}/decouper", "POST", permission=Permission.DECIDE)
def split(visit: Visit, document: str) -> Answer:
    """Record the demand; the page of the document then follows the work."""
    starts = numbers(visit.fields("cut"))
    version = visit.field("version")
    command = SplitDocument(
        dossier=visit.caller.dossier,
        document=document,
        version=numbers((version,))[0],
        starts=starts,
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    try:
        run(command, visit.context)
    except InvalidError as error:
        view = queries.document(visit.caller, document, visit.context)
        return _page(visit, view, starts, error.faults)
    except StaleVersionError:
        view = queries.document(visit.caller, document, visit.context)
        if not again.split_by(view.document, view.history, visit.caller.user, starts=starts):
            return _moved(visit, view, starts)
    return visit.go(f"/factures/{document}", fait="split")


def _moved(visit: Visit, view: queries.DocumentView, starts: tuple[int, ...]) -> Answer:
    """The cuts that were chosen, over the file as it is now; the document, once it has no page
    to cut."""
    if not can_split(view.document):
        return moved(visit, view)
    return _page(visit, view, starts, faults_of_cuts(starts, view.document), moved=True)


@page("/factures/{document}/une-seule", "POST", permission=Permission.DECIDE)
def keep_whole(visit: Visit, document: str) -> Answer:
    """« C'est une seule facture »: the proposal goes, the file is converted and checked."""
    command = KeepWhole(
        dossier=visit.caller.dossier,
        document=document,
        version=numbers((visit.field("version"),))[0],
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    return once(visit, command, again.kept_whole_by) or visit.go(
        f"/factures/{document}", fait="whole"
    )


@page("/feuille-de-separation")
def separator(visit: Visit) -> Answer:
    """The separator sheet to print, as a PDF."""
    name = 'attachment; filename="feuille-de-separation.pdf"'
    return Answer(
        body=separator_sheet.pdf(),
        media_type="application/pdf",
        headers={"Content-Disposition": name},
    )


def numbers(texts: tuple[str, ...]) -> tuple[int, ...]:
    """Page numbers as sent; what is none becomes -1, which no file has."""
    return tuple(whole(one, digits=9, otherwise=-1) for one in texts)


def _page(
    visit: Visit,
    view: queries.DocumentView,
    starts: tuple[int, ...],
    faults: tuple[Fault, ...],
    *,
    moved: bool = False,
) -> Answer:
    head = view.document
    good = bool(starts) and not faults
    return visit.page(
        "split.html",
        status=422 if faults else 409 if moved else 200,
        moved=moved,
        storage=True,
        doc=head,
        folder=present.folder(head.direction),
        heading=present.title(head),
        sheets=pages_of(head),
        links=view.page_links,
        starts=frozenset(starts),
        faults=faults,
        parts=lots.parts(view, starts) if good else (),
        left_out=lots.left_out(head, starts) if good else "",
        button=_("Découper en {n} factures").format(
            n=len(ranges(head, starts)) if good else len(set(starts)) + 1
        ),
    )
