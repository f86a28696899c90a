"""Decisions about a file that holds several invoices: split it, keep it whole, seal it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from facteur.domain.decisions.base import THE_SYSTEM, Actor, Decision, file_of, require, told
from facteur.domain.documents import Document, Seal, State, StoredFile
from facteur.domain.errors import IllegalTransitionError, InvalidError
from facteur.domain.events import Happened
from facteur.domain.splitting import SPLITTABLE, can_split, faults_of_cuts, ranges, written


def ask_split(
    document: Document, starts: tuple[int, ...], actor: Actor, *, at: datetime
) -> Decision:
    """A user says where new invoices start: nothing else may happen until the parts are written.

    InvalidError with all the faults of ``starts``; IllegalTransitionError for a file that cannot
    be split (one page, an issuer's own data).
    """
    require(document, "split", *SPLITTABLE)
    if not can_split(document):
        raise IllegalTransitionError("document.one_invoice", step="split")
    faults = faults_of_cuts(starts, document)
    if faults:
        raise InvalidError(faults)
    cuts = tuple(sorted(set(starts)))
    head = replace(document, state=State.SPLITTING, cuts=cuts, failure=None)
    event = told(Happened.SPLIT_ASKED, at, actor, pages=", ".join(map(str, cuts)))
    return Decision(document=head, events=(event,))


def split(document: Document, parts: tuple[str, ...], *, at: datetime) -> Decision:
    """The parts exist, each a document with its own life: this one is closed, its bytes stay."""
    require(document, "split", State.SPLITTING)
    head = replace(document, state=State.SPLIT, parts=parts)
    pages = ", ".join(written(first, last) for first, last in ranges(document))
    event = told(
        Happened.DOCUMENT_SPLIT,
        at,
        documents=", ".join(parts),
        parts=str(len(parts)),
        pages=pages,
    )
    return Decision(document=head, events=(event,))


def keep_whole(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """« C'est une seule facture »: what was proposed is set aside, the file is converted."""
    require(document, "keep_whole", State.TO_CHECK)
    if not document.proposal:
        raise IllegalTransitionError("document.one_invoice", step="keep_whole")
    head = replace(document, state=State.READ, proposal=(), apart=(), kept_whole=True)
    return Decision(document=head, events=(told(Happened.KEPT_WHOLE, at, actor),))


def seal_file(
    document: Document, seal: Seal, sealed: Mapping[str, StoredFile], *, at: datetime
) -> Decision:
    """A split file, every part of which is decided, is locked like those that were archived."""
    require(document, "seal", State.SPLIT)
    head = replace(document, seal=seal, files={**document.files, **sealed})
    event = told(
        Happened.FILE_SEALED,
        at,
        THE_SYSTEM,
        until=seal.until.date().isoformat(),
        mode=seal.mode,
        evidence=sealed["evidence"].sha256,
        **file_of(document),
    )
    return Decision(document=head, events=(event,))
