"""The same decision sent a second time by the same person: a double-click, a second tab, « back ».

The document has moved since the page was shown, because this very decision moved it. Nothing is
left to decide and nobody else was faster: the page answers as it did the first time. Each question
asks for the document as that decision left it, and for the person who took it.
"""

from collections.abc import Sequence

from facteur.domain.documents import Document, State
from facteur.domain.events import Entry, Happened

_ACCEPTED = frozenset({State.ACCEPTED, State.ARCHIVED})
_SPLIT = frozenset({State.SPLITTING, State.SPLIT})


def accepted_by(document: Document, history: Sequence[Entry], by: str) -> bool:
    """True when ``by`` accepted it, or gave it the approval that its circuit asks of them."""
    if any(one.by == by for one in document.approvals):
        return True
    return document.state in _ACCEPTED and _last(history, Happened.INVOICE_ACCEPTED) == by


def refused_by(
    document: Document, history: Sequence[Entry], by: str, *, reason: str, comment: str
) -> bool:
    """True when ``by`` refused it for that reason, in those words."""
    same = (document.refusal, document.refusal_comment) == (reason, comment)
    refused = document.state is State.REFUSED and same
    return refused and _last(history, Happened.INVOICE_REFUSED) == by


def split_by(
    document: Document, history: Sequence[Entry], by: str, *, starts: Sequence[int]
) -> bool:
    """True when ``by`` asked to cut it at those pages."""
    asked = document.state in _SPLIT and document.cuts == tuple(sorted(set(starts)))
    return asked and _last(history, Happened.SPLIT_ASKED) == by


def kept_whole_by(document: Document, history: Sequence[Entry], by: str) -> bool:
    """True when ``by`` said that it is one invoice."""
    return document.kept_whole and _last(history, Happened.KEPT_WHOLE) == by


def cleared_by(document: Document, history: Sequence[Entry], by: str) -> bool:
    """True when ``by`` said that it is no double, and no other was found since."""
    return document.duplicates_cleared and _last(history, Happened.DUPLICATES_CLEARED) == by


def _last(history: Sequence[Entry], name: Happened) -> str:
    """Who did that last, "" when nobody did."""
    done = (one.event.by for one in reversed(history) if one.event.name is name)
    return next(done, "")
