"""The doubles of a document among those of its dossier, as they stand now.

Asked when the rules have answered, and when a document comes back from the trash. Reads rows only,
so that a page may ask too. Once a document was refused or set aside, those that it held as doubles
are free: a person resolved it, on the other one's page.
"""

from facteur.domain import duplicates
from facteur.domain.commands import ReleaseDoubles
from facteur.domain.decisions import release_double
from facteur.domain.documents import Document, DocumentRef, Duplicate, State, Summary
from facteur.ports import Claim, Context
from facteur.services.staircase import Steps, commit

_SAME = "SAME"  # of a hash: the last document that had it; of a document: the one before it
_MOST_FOLLOWED = 20
_FREED = (State.TO_CHECK, State.TO_ACCEPT)
#: Whose place another document may take; the parts of a split file take its place.
_GONE = (State.REFUSED, State.SPLIT, State.TRASHED, State.DELETED, State.JOINED)


def doubles(
    document: Document, summary: Summary, context: Context
) -> tuple[tuple[Duplicate, ...], tuple[Claim, ...]]:
    """The doubles of a document, and the claim on its number when nobody holds it."""
    store = context.store
    key = duplicates.number_key(summary)
    held = store.claimed(document.dossier, "NUMBER", key) if key else None
    near = _same_total(document.dossier, summary, context)
    found = duplicates.found(
        document,
        same_bytes=same_bytes(document, context),
        same_number=held,
        near=near,
    )
    whole = document.part_of.document if document.part_of else ""  # a part is not its double
    found = tuple(one for one in found if one.document != whole)
    kept = tuple(
        duplicates.with_number(one, other.summary, summary)
        for one in found
        if (other := _standing(one, document.dossier, key, context)) is not None
    )
    free = bool(key) and (held is None or (held != document.id and not _named(kept, held)))
    claims = (
        (Claim(kind="NUMBER", value=key, target=document.id, exclusive=held is None),)
        if free
        else ()
    )
    return kept, claims


def _same_total(dossier: str, summary: Summary, context: Context) -> tuple[tuple[str, str], ...]:
    """(document, number) of the invoices with this total and issue date."""
    if summary.total_incl_vat is None or summary.issue_date is None:
        return ()
    return context.store.near(dossier, str(summary.total_incl_vat), summary.issue_date.isoformat())


def release_doubles(command: ReleaseDoubles, context: Context) -> Steps:
    """Those that a refused or set aside document held as doubles, and that still wait, are freed
    of it; the doubles that are left among themselves are told.

    Does nothing for a document that came back meanwhile. They are found as doubles are: named by
    it, same bytes, same total and day, same number.
    """
    store = context.store
    gone = store.document(DocumentRef(command.dossier, command.document))
    if gone.state not in _GONE:
        return gone, ()
    key = duplicates.number_key(gone.summary)
    names = {one.document for one in gone.duplicates}
    names |= {same_bytes(gone, context) or "", store.claimed(gone.dossier, "NUMBER", key) or ""}
    names |= {one for one, _number in _same_total(gone.dossier, gone.summary, context)}
    others = store.documents_of(gone.dossier, sorted(names - {"", gone.id}))
    for other in others.values():
        if other.state in _FREED and _named(other.duplicates, gone.id):
            found, claims = doubles(other, other.summary, context)
            decision = release_double(other, gone.id, found, at=context.clock.now())
            commit(decision, context, claims=claims)
    return gone, ()


def later(document: Document, context: Context) -> tuple[Document, ...]:
    """Those that came after a document that waits and bear the mark of being its doubles.

    The mark stands on theirs alone. Found by the same bytes, the same total and day: rows only.
    """
    if document.state not in _FREED:
        return ()
    store, dossier = context.store, document.dossier
    names = {one for one, _number in _same_total(dossier, document.summary, context)}
    other = store.claimed(dossier, _SAME, document.sha256)
    for _step in range(_MOST_FOLLOWED):
        if other is None:
            break
        names.add(other)
        other = store.claimed(dossier, _SAME, other)
    known = {document.id, *(one.document for one in document.duplicates)}
    found = store.documents_of(dossier, sorted(names - known)) if names - known else {}
    marked = [
        one
        for one in found.values()
        if one.state not in _GONE
        and not one.duplicates_cleared
        and _named(one.duplicates, document.id)
    ]
    return tuple(sorted(marked, key=lambda one: (one.received_at, one.id)))


def same_bytes(document: Document, context: Context) -> str | None:
    """The first document with these bytes; once that one is gone, the last that stands.

    One read while the first one stands or there is no other.
    """
    store, dossier = context.store, document.dossier
    first = store.claimed(dossier, "SHA256", document.sha256)
    if first in (None, document.id) or _here(dossier, first, context):
        return first
    other = store.claimed(dossier, _SAME, document.sha256)
    for _step in range(_MOST_FOLLOWED):
        if other is None:
            break
        if other != document.id and _here(dossier, other, context):
            return other
        other = store.claimed(dossier, _SAME, other)
    return first


def same_claims(document: Document, context: Context) -> tuple[Claim, ...]:
    """What a document with the bytes of another claims: to be the last one, and who was before."""
    before = context.store.claimed(document.dossier, _SAME, document.sha256)
    last = Claim(kind=_SAME, value=document.sha256, target=document.id, exclusive=False)
    if before in (None, document.id):
        return (last,)
    return (last, Claim(kind=_SAME, value=document.id, target=before, exclusive=False))


def _here(dossier: str, document: str, context: Context) -> bool:
    return context.store.document(DocumentRef(dossier, document)).state not in _GONE


def _named(found: tuple[Duplicate, ...], document: str) -> bool:
    return any(one.document == document for one in found)


def _standing(found: Duplicate, dossier: str, key: str, context: Context) -> Document | None:
    """The other one; None for a refused document, whose replacement bears the same number; for
    what is in the trash, or was deleted; and for one whose number was corrected since it claimed
    this one."""
    other = context.store.document(DocumentRef(dossier, found.document))
    if other.state in _GONE:
        return None  # the parts of a split file take its place, the first bears its number
    corrected = found.reason == "number" and duplicates.number_key(other.summary) != key
    return None if corrected else other
