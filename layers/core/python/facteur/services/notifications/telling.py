"""What is said of invoices, in the digests: whom it concerns, and the lines that tell of it.

A status that came is news of its document until somebody opens it (domain/lifecycle/telling.py);
the digest that is due looks again, so that what was seen meanwhile is no reason to write.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from facteur.domain import attention
from facteur.domain.attention import Line, Topic
from facteur.domain.documents import Direction, Document
from facteur.domain.lifecycle.telling import unseen_of
from facteur.ports import Context

_SAID = "said:"  # begins the names of documents among the news of a digest
_MOST_NEWS = 50  # documents of one dossier and window: enough to know that something is new
_LISTED, _SHOWN = 50, 5  # documents looked at, named under a line
#: Where a line leads (web/pages/notifications.PLACES).
_PLACES = {Direction.PURCHASE: "statuts", Direction.SALE: "ventes-statuts"}
_LINES = {Topic.WAITING: "said", Topic.ERRORS: "wrong"}


def said(since: datetime, until: datetime, context: Context) -> Mapping[str, Sequence[str]]:
    """By dossier, the documents of which something was said in that time and nobody opened."""
    found: dict[str, list[str]] = defaultdict(list)
    for dossier, document in context.notifications.said(since, until):
        found[dossier].append(document)
    return found


def heard(dossier: str, names: Sequence[str], context: Context) -> Mapping[Topic, Sequence[str]]:
    """The same by block, under their names among the news of a digest."""
    found: dict[Topic, list[str]] = defaultdict(list)
    held = context.store.documents_of(dossier, names[-_MOST_NEWS:]) if names else {}
    for document in held.values():
        for topic in attention.topics_said(document):
            found[topic].append(_SAID + document.id)
    return found


def lines(
    dossier: str,
    direction: Direction,
    news: Mapping[Topic, Collection[str]],
    context: Context,
) -> tuple[list[Line], bool]:
    """The lines of what waits to be seen, and whether some of this news still does."""
    wanted = [one for one, some in news.items() if any(name.startswith(_SAID) for name in some)]
    if not wanted:
        return [], False
    names = context.store.unseen(dossier, direction)
    held = context.store.documents_of(dossier, names[:_LISTED])
    waiting = [held[one] for one in names if one in held]
    told = list[Line]()
    fresh = False
    for topic in wanted:
        some = [one for one in waiting if topic in attention.topics_said(one)]
        fresh = fresh or any(_SAID + one.id in news[topic] for one in some)
        if some:
            told.append(_line(topic, direction, some, more=len(names) > _LISTED))
    return told, fresh


def _line(topic: Topic, direction: Direction, some: Sequence[Document], *, more: bool) -> Line:
    """« 2 factures dont un statut reçu est à voir », each with its reason and what to do."""
    shown = tuple(some[:_SHOWN])
    wrong = topic is Topic.ERRORS
    return Line(
        what=_LINES[topic],
        count=len(some),
        more=more,
        place=_PLACES[direction],
        shown=shown,
        said={one.id: [told for told in unseen_of(one) if told.wrong is wrong] for one in shown},
    )
