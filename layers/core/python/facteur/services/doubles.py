"""The doubles of a document among those of its dossier, as they stand now.

Asked when the rules have answered, and when a document comes back from the trash. Reads rows only,
so that a page may ask too.
"""

from facteur.domain import duplicates
from facteur.domain.documents import Document, DocumentRef, Duplicate, State, Summary
from facteur.ports import Claim, Context

#: Whose place another document may take; the parts of a split file take its place.
_GONE = (State.REFUSED, State.SPLIT, State.TRASHED, State.DELETED)


def doubles(
    document: Document, summary: Summary, context: Context
) -> tuple[tuple[Duplicate, ...], tuple[Claim, ...]]:
    """The doubles of a document, and the claim on its number when nobody holds it."""
    store = context.store
    key = duplicates.number_key(summary)
    held = store.claimed(document.dossier, "NUMBER", key) if key else None
    near: tuple[tuple[str, str], ...] = ()
    if summary.total_incl_vat is not None and summary.issue_date is not None:
        near = store.near(
            document.dossier, str(summary.total_incl_vat), summary.issue_date.isoformat()
        )
    found = duplicates.found(
        document,
        same_bytes=store.claimed(document.dossier, "SHA256", document.sha256),
        same_number=held,
        near=near,
    )
    whole = document.part_of.document if document.part_of else ""  # a part is not its double
    found = tuple(one for one in found if one.document != whole)
    kept = tuple(one for one in found if _stands(one, document.dossier, key, context))
    free = bool(key) and (held is None or (held != document.id and not _named(kept, held)))
    claims = (
        (Claim(kind="NUMBER", value=key, target=document.id, exclusive=held is None),)
        if free
        else ()
    )
    return kept, claims


def _named(found: tuple[Duplicate, ...], document: str) -> bool:
    return any(one.document == document for one in found)


def _stands(found: Duplicate, dossier: str, key: str, context: Context) -> bool:
    """False for a refused document, whose replacement bears the same number; for what is in the
    trash, or was deleted; and for one whose number was corrected since it claimed this one."""
    other = context.store.document(DocumentRef(dossier, found.document))
    if other.state in _GONE:
        return False  # the parts of a split file take its place, the first bears its number
    return found.reason != "number" or duplicates.number_key(other.summary) == key
