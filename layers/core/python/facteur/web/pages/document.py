"""The document page: the page received on the left, the fields on the right, the decision below.

What its buttons send is answered by ``deciding``, which shows this page again where something that
was typed does not hold, or was not saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from facteur.domain import codes
from facteur.domain.candidate import FIELDS, Candidate
from facteur.domain.commands import SeeStatuses
from facteur.domain.decisions import acceptable, told_by_refusing
from facteur.domain.documents import Document, DocumentRef, State, StoredFile
from facteur.domain.errors import ConflictError
from facteur.domain.faults import Fault, FaultSource, holding
from facteur.domain.splitting import can_split, pages_of, proposed_starts
from facteur.services.deciding.preferences import preferences
from facteur.services.finding import queries
from facteur.services.run import run
from facteur.web import i18n
from facteur.web.answers import Answer, redirect
from facteur.web.forms import fields
from facteur.web.i18n import _
from facteur.web.pages.approval import approval_of, blocked_because
from facteur.web.showing import lifecycle, lots, present, readings, sendings, transmissions
from facteur.web.site import page
from facteur.web.visit import Visit

_WAITING = frozenset({State.RECEIVED, State.READ, State.ACCEPTED, State.SPLITTING})
_CLOSED = frozenset(
    {
        State.ACCEPTED,
        State.ARCHIVED,
        State.REFUSED,
        State.SPLIT,
        State.TRASHED,
        State.DELETED,
        State.JOINED,
    }
)
#: Findings that have their own place on the page.
_ELSEWHERE = frozenset({"field.unsure", "file.several", "document.not_recognised"})
EDITABLE = frozenset({State.TO_CHECK, State.TO_ACCEPT})

_FILES: Mapping[str, tuple[str, str]] = {
    "original": ("Original reçu", "file-text"),
    "facturx": ("Factur-X (PDF/A-3)", "file-type-pdf"),
    "invoice_xml": ("Données de la facture (XML)", "file-code"),
    "readable": ("Vue lisible donnée par la plateforme (PDF)", "file-type-pdf"),
    "report": ("Rapport de validation (JSON)", "shield-check"),
    "canonical": ("Facture telle qu’acceptée (JSON)", "file-code"),
    "evidence": ("Preuve d’archivage (JSON)", "lock"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file that can be downloaded."""

    role: str
    label: str
    icon: str
    file: StoredFile


@page("/factures/{document}")
def document_page(visit: Visit, document: str) -> Answer:
    """Everything about a document; ``vue=donnees`` shows its XML."""
    view = queries.document(visit.caller, document, visit.context)
    shown = visit.request.method == "GET"  # HEAD shows nothing to anybody
    if shown and view.document.unseen and visit.can("decide") and _seen(visit, document):
        view = queries.document(visit.caller, document, visit.context)
    return page_of(visit, view)


def _seen(visit: Visit, document: str) -> bool:
    """Who opens it sees what was said of it; False when the document moved meanwhile."""
    caller = visit.caller
    try:
        run(
            SeeStatuses(
                dossier=caller.dossier, document=document, by=caller.user, by_name=caller.name
            ),
            visit.context,
        )
    except ConflictError:
        return False
    return True


def page_of(
    visit: Visit,
    view: queries.DocumentView,
    *,
    errors: tuple[Fault, ...] = (),
    typed_now: Mapping[str, object] | None = None,
    problem: str = "",
    status: int = 200,
) -> Answer:
    """The page; with a ``problem`` or ``errors`` it shows ``typed_now`` again, beside them."""
    head = view.document
    editable = head.state in EDITABLE and visit.can("decide")
    editable_fields = editable and not head.structured and not head.proposal
    data = visit.query("vue") == "donnees" and "invoice_xml" in head.files
    candidate = view.candidate
    if candidate is not None and head.state in (State.ACCEPTED, State.ARCHIVED):
        candidate = _settled(candidate)
    approval = approval_of(visit, head)
    waiting = head.state in _WAITING and head.to_send_since is None
    # What was found before is being looked at again, or was decided: it is no longer asked.
    found = () if waiting or head.state in _CLOSED else view.findings
    unlike = _unlike(found)
    return visit.page(
        "document.html",
        part="_viewer.html",
        status=status,
        storage=True,
        view=view,
        doc=head,
        folder=present.folder(head.direction),
        heading=present.title(head),
        party=present.other_party(head),
        ways=[present.channel_of(one.channel) for one in head.sources],
        waiting=waiting,
        closed=head.state in _CLOSED,
        editable=editable,
        editable_fields=editable_fields,
        mode="data" if data else "page",
        detached=False,
        splittable=can_split(head) and visit.can("decide") and not head.proposal,
        proposal=() if head.state in _CLOSED else lots.proposed(view),
        proposed_cuts=proposed_starts(head),
        left_out=lots.left_out(head, proposed_starts(head)) if head.proposal else "",
        sheets=pages_of(head),
        xml=queries.file_text(visit.caller, head.id, "invoice_xml", visit.context) if data else "",
        fields=candidate.fields if candidate else {},
        named=FIELDS if candidate else {},  # a missing field has its input too
        boxes=readings.boxes(candidate) if candidate and not head.proposal else (),
        blocks=fields.blocks(
            candidate,
            (*errors, *found),
            direction=head.direction,
            editable=editable_fields,
            typed_now=typed_now or {},
        )
        if candidate
        else (),
        unlike=unlike,
        unlike_kind=_kind(unlike) if unlike else "",
        seen=queries.candidate_mark(head) if editable_fields else "",
        errors=errors,
        again=bool(problem or errors),
        moved=status == 409,
        confirmed=visit.fields("confirm") if errors or problem else (),
        problem=problem or _("Ce qui est saisi ne convient pas encore."),
        summary=_ours(found),
        unsure=_unsure(found),
        official=[one for one in view.findings if one.source is FaultSource.OFFICIAL],
        road=present.road(head.conversion) if head.conversion else "",
        files=_files(head),
        refusal=_(codes.refusal_label(head.refusal)) if head.refusal else "",
        reasons=present.refusals(head),
        refusal_told=told_by_refusing(head),
        chosen_reason=visit.query("refuser") or _typed(visit, "reason"),
        chosen_comment=_typed(visit, "comment"),
        later_doubles=queries.later_doubles(visit.caller, head, visit.context),
        duplicate_reason=_duplicate_reason(head),
        approval=approval,
        sending=sendings.panel_of(visit, head),
        lifecycle=lifecycle.panel_of(visit, head, view.history),
        transmissions=transmissions.transmissions(visit, head, view.history),
        blocked_because=(_blocked_because(visit, head) or blocked_because(approval))
        if editable
        else "",
    )


def _typed(visit: Visit, name: str) -> str:
    return visit.field(name) if visit.route.method == "POST" else ""


def _settled(candidate: Candidate) -> Candidate:
    """The candidate of an accepted document: a person vouched for it, no doubt is left."""
    settled = {name: replace(one, confidence=1.0) for name, one in candidate.fields.items()}
    return replace(candidate, fields=settled)


def _ours(findings: tuple[Fault, ...]) -> list[Fault]:
    """What the top of the page lists: our own findings, and official ones that block."""
    return [
        one
        for one in findings
        if (one.source is FaultSource.FACTEUR or one.blocking) and one.code not in _ELSEWHERE
    ]


def _unlike(findings: tuple[Fault, ...]) -> Fault | None:
    """What the document is instead of an invoice, None for an invoice."""
    return next((one for one in findings if one.code == "document.not_recognised"), None)


def _kind(unlike: Fault) -> str:
    """« Bulletin de paie »; « Autre document » for what was not recognised at all."""
    name = unlike.values.get("kind", "")
    return present.kind(name) if name in present.KINDS and name != "other" else _("Autre document")


def _unsure(findings: tuple[Fault, ...]) -> list[str]:
    """The fields that the reading was not sure of: one line for all of them."""
    return [one.path for one in findings if one.code == "field.unsure" and one.path in FIELDS]


def _blocked_because(visit: Visit, head: Document) -> str:
    """Why « Accepter » is not offered yet, "" when it is."""
    if head.proposal:
        return _("Dites d’abord si ce fichier contient plusieurs factures.")
    if head.duplicate_blocks and preferences(visit.caller, visit.context).block_duplicates:
        return _("Dites d’abord si c’est un doublon.")
    if holding(head.faults):
        return _("Approuvez d’abord le nouvel IBAN, sur la fiche du fournisseur.")
    if not acceptable(head):
        return _("À compléter avant d’accepter.")
    return ""


def _duplicate_reason(head: Document) -> str:
    if not head.duplicates:
        return ""
    return i18n.sentence(f"duplicate.{head.duplicates[0].reason}")


def _files(head: Document) -> list[FileView]:
    """The files to download: ours by name, the issuer's attachments after them."""
    found = [
        FileView(role=role, label=_(label), icon=icon, file=head.files[role])
        for role, (label, icon) in _FILES.items()
        if role in head.files
    ]
    found += [
        FileView(role=role, label=_("Pièce jointe"), icon="paperclip", file=one)
        for role, one in head.files.items()
        if role.startswith("attachment-")
    ]
    return found


@page("/factures/{document}/etat")
def progress(visit: Visit, document: str) -> Answer:
    """Polled while a document is being read: the page is loaded again once it has moved."""
    head = visit.context.store.document(DocumentRef(visit.caller.dossier, document))
    if str(head.version) == visit.query("version"):
        return Answer(status=204)
    return Answer(headers={"HX-Refresh": "true"})


@page("/factures/{document}/page")
def second_window(visit: Visit, document: str) -> Answer:
    """The page alone, for a second window that follows the document (PE-06)."""
    view = queries.document(visit.caller, document, visit.context)
    return visit.page(
        "viewer.html",
        part="_viewer.html",
        storage=True,
        view=view,
        doc=view.document,
        heading=present.title(view.document),
        party=present.other_party(view.document),
        mode="page",
        detached=True,
        splittable=False,
        waiting=view.document.state in _WAITING and view.document.to_send_since is None,
        boxes=readings.boxes(view.candidate) if view.candidate else (),
    )


@page("/factures/{document}/fichiers/{role}")
def file(visit: Visit, document: str, role: str) -> Answer:
    """A file of the document: shown by the browser, or downloaded."""
    download = visit.query("telecharger") == "1"
    link = queries.file_link(visit.caller, document, role, visit.context, download=download)
    return redirect(link)
