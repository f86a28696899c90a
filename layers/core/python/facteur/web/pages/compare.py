"""Two documents side by side, to tell whether one is the double of the other (PE-05)."""

from facteur.domain.candidate import FIELDS
from facteur.domain.documents import State
from facteur.services.finding import queries
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.i18n import _
from facteur.web.showing import present, readings
from facteur.web.site import page
from facteur.web.visit import Visit

_EDITABLE = frozenset({State.TO_CHECK, State.TO_ACCEPT})


@page("/factures/{document}/comparer/{other}")
def compare(visit: Visit, document: str, other: str) -> Answer:
    """Two documents side by side, to tell whether one is the double of the other."""
    left = queries.document(visit.caller, document, visit.context)
    right = queries.document(visit.caller, other, visit.context)
    named = [one for one in left.document.duplicates if one.document == other]
    pending = left.document.duplicate_blocks and left.document.state in _EDITABLE
    return visit.page(
        "compare.html",
        storage=True,
        folder=present.folder(left.document.direction),
        doc=left.document,
        other=right.document,
        reason=i18n.sentence(f"duplicate.{named[0].reason}") if named else "",
        rows=_rows(left, right),
        links_left=left.page_links,
        links_right=right.page_links,
        decidable=pending and visit.can("decide"),
    )


_COMPARED = ("type", "number", "issue_date", "due_date", "seller_name", "seller_siren",
             "total_excl_vat", "total_vat", "total_incl_vat", "iban")  # fmt: skip


def _rows(left: queries.DocumentView, right: queries.DocumentView) -> list[tuple[str, str, str]]:
    """What is compared: the label and both values."""
    found = [
        (present.label(name), _value(left, name), _value(right, name))
        for name in _COMPARED
        if name in FIELDS
    ]
    one, other = left.document, right.document
    found += [
        (_("Reçu"), i18n.clock_time(one.received_at), i18n.clock_time(other.received_at)),
        (_("Canal"), present.channel(one).label, present.channel(other).label),
        (_("Fichier"), one.filename, other.filename),
        (_("Empreinte SHA-256"), one.sha256[:16], other.sha256[:16]),
    ]
    return found


def _value(view: queries.DocumentView, name: str) -> str:
    if view.candidate is None:
        return ""
    text = readings.value_text(view.candidate, name)
    return present.kind(text) if name == "type" else text
