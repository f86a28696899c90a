"""A new document: its bytes first, then its head; and what of the intake bucket was received."""

from dataclasses import replace

from facteur.domain.commands import Scheduled
from facteur.domain.decisions import receive
from facteur.domain.documents import (
    DeclaredKind,
    Direction,
    Document,
    DocumentRef,
    Duplicate,
    Source,
    State,
)
from facteur.domain.errors import ConflictError, DuplicateError, NotFoundError
from facteur.ports import Claim, Context
from facteur.services.intake.doubles import same_bytes, same_claims
from facteur.services.intake.roads import same_bytes_by_another_road
from facteur.services.staircase import commit

UNROUTED = "-"  # dossier of the mails that no mailbox takes


def arrived(ref: DocumentRef, context: Context) -> Document | None:
    """The document of this name, whatever became of it: it came before; None when it is new.

    Asked before its bytes are written: those of a deleted document must not come back with a
    second delivery.
    """
    try:
        return context.store.document(ref)
    except NotFoundError:
        return None


def new_document(
    context: Context,
    *,
    identifier: str,
    dossier: str,
    direction: Direction,
    source: Source,
    filename: str,
    media_type: str,
    data: bytes,
    declared: DeclaredKind | None = None,
) -> Document:
    """The head of a new document; its original is written first, under the document's own key."""
    original = context.blobs.put(
        f"{dossier}/{identifier}/original", data, media_type, filename=filename
    )
    return Document(
        dossier=dossier,
        id=identifier,
        direction=direction,
        state=State.RECEIVED,
        received_at=source.at,
        filename=filename,
        media_type=media_type,
        sha256=original.sha256,
        size=original.size,
        sources=(source,),
        files={"original": original},
        declared_kind=declared,
    )


def register(document: Document, source: Source, context: Context) -> tuple[Scheduled, ...]:
    """Commit a new document; nothing follows when it is known already.

    The same bytes again make another document, marked as a possible double (JF-40); where one of
    the two roads is an approved platform, or a program submits them to our Flow Service, they are
    two sources of one document (roads.py).
    """
    held = context.store.claimed(document.dossier, "SHA256", document.sha256)
    if held == document.id:
        return ()
    first = document
    if held is not None:
        held = same_bytes(document, context) or held
        joined = same_bytes_by_another_road(document, source, held, context)
        if joined is not None:
            return joined
    claims: tuple[Claim, ...] = (Claim(kind="SHA256", value=document.sha256, target=document.id),)
    if held is not None:
        first = _doubled(document, held)
        claims = same_claims(document, context)
    try:
        decision = receive(first, source, at=context.clock.now())
        return commit(decision, context, claims=claims)[1]
    except DuplicateError:
        if held is not None:
            raise
        return register(document, source, context)  # somebody claimed the hash meanwhile
    except ConflictError:
        return ()  # the document exists: this delivery was a second one


def _doubled(document: Document, other: str) -> Document:
    return replace(document, duplicates=(Duplicate(document=other, reason="sha256"),))


def is_known(key: str, context: Context) -> bool:
    """True when an object of the intake bucket was received, or sent for by the sweep."""
    return context.store.claimed(UNROUTED, "INTAKE", key) is not None


def know(key: str, how: str, context: Context) -> None:
    """Remember that an object of the intake bucket was received ("done") or sent for ("sent")."""
    context.store.mark(UNROUTED, "INTAKE", key, how)
