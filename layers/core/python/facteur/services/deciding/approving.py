"""An outside approver of a circuit: a link by mail, one page, agree or refuse, no account (PE-01).

The link names one document and one approver. It lives ten days and works once; mailing another
makes it worthless; and it is worth nothing as soon as the document waits for this approver no
more: whoever holds a true one is told which of these it is (``over``), a wrong one nothing. What
is decided goes the way of every decision: the same commands, signed with the address.
"""

import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from facteur.domain import attention
from facteur.domain.acceptance import waited_for
from facteur.domain.commands import AcceptDocument, AskApproval, RefuseDocument
from facteur.domain.decisions.refusing import MOST_COMMENT
from facteur.domain.documents import Approver, Document, DocumentRef, State
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from facteur.domain.faults import Fault
from facteur.ports import Context, Ticket
from facteur.services.access import limits
from facteur.services.access.accounts import later
from facteur.services.access.signing_in import digest
from facteur.services.notifications import mailing, mails
from facteur.services.reading import drawing
from facteur.services.run import run
from facteur.services.staircase import NOTHING, Steps

log = logging.getLogger(__name__)

LIFE = timedelta(days=10)
TOLD = timedelta(days=30)  # how long a spent link says what was answered
MOST_OPENINGS = 60  # of one link in a quarter of an hour
MOST_PAGES = 20  # shown to somebody without an account
_LAST = "APPROVAL"  # the reference that holds the hash of an approver's last link
_KIND, _GIVEN = "approval", "approval_given"  # of tickets: to be answered, answered
DECIDABLE = (State.TO_CHECK, State.TO_ACCEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The page of an outside approver."""

    document: Document
    approver: Approver
    dossier_name: str
    page_links: tuple[str, ...]  # images of the first pages
    more_pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """Why a true link serves no more."""

    why: str  # "given": answered by it; "replaced": by a newer one; "moved": nobody waits for it
    invoice: str  # its number, as the mail said it
    answer: str = ""  # "approve" | "refuse", of what was given
    at: datetime | None = None


def ask_approval(command: AskApproval, context: Context) -> Steps:
    """Mail a fresh link to each outside approver who is waited for."""
    ref = DocumentRef(command.dossier, command.document)
    try:
        document = context.store.document(ref)
    except NotFoundError:
        return NOTHING
    if document.state not in DECIDABLE:
        return NOTHING
    name = context.store.dossier(document.dossier).name
    for approver in waited_for(document):
        if not approver.id.startswith("mail:"):
            continue
        token = _link(document, approver, context)
        try:
            mails.send(
                "approbation",
                approver.email,
                context,
                firm=name,
                document=document,
                summary=document.summary,
                days=LIFE.days,
                page=page_of(token, context),
            )
        except InvalidError as error:  # an address that no server takes: the page still shows it
            log.warning("an approval of %s cannot be asked: %s", document.id, error)
    return NOTHING


def page_of(token: str, context: Context) -> str:
    """The whole address of the page that a token opens."""
    return mails.link(context, f"/approbation/{token}")


def _link(document: Document, approver: Approver, context: Context) -> str:
    token, kept = ticketed(document, approver, context)
    mark(document, approver, kept, context)
    return token


def mark(document: Document, approver: Approver, kept: str, context: Context) -> None:
    """Which link is good for this approver of this document: the hash of its token."""
    context.store.mark(document.dossier, _LAST, f"{document.id}|{approver.id}", kept)


def marked(document: Document, approver: Approver, context: Context) -> str | None:
    """What ``mark`` remembered, None before the first."""
    return context.store.claimed(document.dossier, _LAST, f"{document.id}|{approver.id}")


def ticketed(document: Document, approver: Approver, context: Context) -> tuple[str, str]:
    """A fresh token and its hash, worth nothing before the hash is marked."""
    token = secrets.token_urlsafe(32)
    ticket = Ticket(
        digest=digest(token),
        kind=_KIND,
        expires_at=context.clock.now() + LIFE,
        values={
            "dossier": document.dossier,
            "document": document.id,
            "approver": approver.id,
        },
    )
    context.tickets.save(ticket)
    return token, ticket.digest


def ask_again(caller: Caller, identifier: str, context: Context) -> None:
    """« Renvoyer le lien », for a gérant: the former links are worth nothing.

    NotFoundError; ForbiddenError; ConflictError (``approval.nobody``) when no outside approver is
    waited for; InvalidError (``email.blocked``) when the address takes no mail any more.
    """
    caller.require(Permission.MANAGE)
    document = context.store.document(DocumentRef(caller.dossier, identifier))
    waited = attention.outside_approvers(document)
    if not waited or document.state not in DECIDABLE:
        raise ConflictError("approval.nobody")
    limits.throttle("approval", f"{caller.dossier}|{identifier}", caller.user, context)
    for address in waited:
        mailing.refuse_blocked(address, context)
    later(AskApproval(dossier=caller.dossier, document=identifier), context)


def asked(token: str, context: Context, *, address: str) -> Asked:
    """What a link shows; NotFoundError (``link.over``), ForbiddenError (throttled)."""
    _ticket, document, approver = _valid(token, address, context)
    images = drawing.page_images(document, context) or ()
    return Asked(
        document=document,
        approver=approver,
        dossier_name=context.store.dossier(document.dossier).name,
        page_links=tuple(
            context.blobs.link(one, download=False, seconds=3600) for one in images[:MOST_PAGES]
        ),
        more_pages=max(document.sheets, len(images)) - min(len(images), MOST_PAGES),
    )


def decide(
    token: str,
    action: str,
    *,
    version: int,
    reason: str,
    comment: str,
    address: str,
    context: Context,
) -> Document:
    """Agree (``approve``) or refuse (``refuse``) by a link; it is spent.

    InvalidError (a reason is missing, the document cannot be approved yet), StaleVersionError
    when the document changed since the page was shown: the link is then still good.
    NotFoundError (``link.over``), ForbiddenError (throttled).
    """
    ticket, document, approver = _valid(token, address, context)
    command: AcceptDocument | RefuseDocument
    if action == "refuse":
        command = RefuseDocument(
            dossier=document.dossier,
            document=document.id,
            version=version,
            reason=reason,
            comment=comment[:MOST_COMMENT],
            by=approver.id,
            by_name=approver.email,
        )
    elif action == "approve":
        command = AcceptDocument(
            dossier=document.dossier,
            document=document.id,
            version=version,
            by=approver.id,
            by_name=approver.email,
        )
    else:
        raise InvalidError((Fault(code="approval.action", path="action"),))
    if context.tickets.take(ticket.digest) is None:
        raise NotFoundError("link.over")
    try:
        decided = run(command, context)
    except FacteurError:
        context.tickets.save(ticket)  # nothing was decided: the link stays good
        raise
    now = context.clock.now()
    told = {"answer": action, "at": now.isoformat(), "invoice": _called(document)}
    context.tickets.save(replace(ticket, kind=_GIVEN, expires_at=now + TOLD, values=told))
    return decided or document


def over(token: str, context: Context) -> Over | None:
    """Why a link serves no more; None for one that we never made, or that is too old.

    To be asked once ``asked`` or ``decide`` refused it: they count the attempts.
    """
    ticket = context.tickets.load(digest(token)) if token else None
    if ticket is None or ticket.kind not in (_KIND, _GIVEN):
        return None
    values = ticket.values
    if ticket.kind == _GIVEN:
        at = datetime.fromisoformat(values["at"])
        return Over(why="given", invoice=values["invoice"], answer=values["answer"], at=at)
    document = context.store.document(DocumentRef(values["dossier"], values["document"]))
    waits = values["approver"] in {one.id for one in waited_for(document)}
    why = "replaced" if waits and document.state in DECIDABLE else "moved"
    return Over(why=why, invoice=_called(document))


def _called(document: Document) -> str:
    return document.summary.number or document.filename


def _valid(token: str, address: str, context: Context) -> tuple[Ticket, Document, Approver]:
    """The link's document while it waits for the link's approver; NotFoundError otherwise.

    Links that we never made are counted by network address; a true one counts its own openings
    alone, so that an approver may open a whole pile. ForbiddenError above either limit.
    """
    ticket = context.tickets.load(digest(token)) if token else None
    if ticket is None or ticket.kind not in (_KIND, _GIVEN):
        limits.throttle_place("approval", address, context, code="link.throttled")
        raise NotFoundError("link.over")
    counter, seconds = f"approval|{ticket.digest}", limits.WINDOW_SECONDS
    if context.sessions.hit(counter, window_seconds=seconds) > MOST_OPENINGS:
        raise ForbiddenError("link.throttled")
    if ticket.kind != _KIND:
        raise NotFoundError("link.over")
    values = ticket.values
    place = f"{values['document']}|{values['approver']}"
    if context.store.claimed(values["dossier"], _LAST, place) != ticket.digest:
        raise NotFoundError("link.over")
    document = context.store.document(DocumentRef(values["dossier"], values["document"]))
    waited = {one.id: one for one in waited_for(document)}
    if document.state not in DECIDABLE or values["approver"] not in waited:
        raise NotFoundError("link.over")
    return ticket, document, waited[values["approver"]]
