"""Invoices that replace others: credit notes and corrective invoices, tied to what they name.

A corrective invoice (384…) replaces the one it names (BG-3), a credit note takes it back, whole or
in part. Both documents know of each other; the screens then propose to cancel (220) the one that
was replaced (lifecycle/allowed.py). Source: XP Z12-014 annex A V1.3 §2.6, §2.7.
"""

from dataclasses import replace
from datetime import datetime

from facteur.domain.decisions.base import Decision, told
from facteur.domain.documents import Document, Related, Relation
from facteur.domain.events import Happened
from facteur.domain.invoice import CORRECTIVE_TYPES, CREDIT_NOTE_TYPES
from facteur.domain.lifecycle.allowed import type_code_of

_MIRROR = {
    Relation.CORRECTS: Relation.CORRECTED_BY,
    Relation.CREDITS: Relation.CREDITED_BY,
}


def names_another(document: Document) -> dict[str, str]:
    """Said of a document whose type refers to an earlier invoice."""
    relation = relation_of(type_code_of(document))
    return {} if relation is None else {"refers": relation.value}


def relation_of(type_code: str) -> Relation | None:
    """What an invoice of this type (BT-3) does to the one it names, None for an ordinary one."""
    if type_code in CORRECTIVE_TYPES:
        return Relation.CORRECTS
    return Relation.CREDITS if type_code in CREDIT_NOTE_TYPES else None


def tie(newer: Document, older: Document) -> tuple[Related, Related] | None:
    """How two documents hold together: what the newer and what the older are to know.

    None when the newer names nothing by its type.
    """
    relation = relation_of(type_code_of(newer))
    if relation is None:
        return None
    amounts = (newer.summary.total_incl_vat, older.summary.total_incl_vat)
    whole = None not in amounts and abs(amounts[0] or 0) == abs(amounts[1] or 0)
    there = Related(document=older.id, relation=relation, number=older.summary.number, whole=whole)
    back = Related(
        document=newer.id, relation=_MIRROR[relation], number=newer.summary.number, whole=whole
    )
    return there, back


def link(document: Document, other: Related, *, at: datetime) -> Decision:
    """Another invoice of the dossier corrects or credits this one, or the other way round."""
    known = [one for one in document.related if one.document == other.document]
    if other in known:
        return Decision(document=document, events=())
    rest = tuple(one for one in document.related if one.document != other.document)
    event = told(
        Happened.INVOICES_LINKED, at,
        relation=other.relation.value, number=other.number, other=other.document,
    )  # fmt: skip
    return Decision(document=replace(document, related=(*rest, other)), events=(event,))
