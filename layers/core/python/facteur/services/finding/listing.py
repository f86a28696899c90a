"""Lists of documents at any size: by date, filtered, or sorted, at a price that does not grow.

By date, a page reads one query for each state of its tab, bounded by the period, wherever it is.
What is filtered otherwise (supplier, amount, channel) or sorted by another column is looked for in
a window: the newest thousand documents of the period. A filtered list goes on behind its window,
page after page; a sorted one cannot, and says so (decision 0181).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from facteur.domain.documents import Channel, Direction, Document, State
from facteur.domain.duplicates import plain
from facteur.domain.errors import unknown_place
from facteur.ports import DocumentPage, Store

PAGE = 50
WINDOW = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader asks of a list; everything may be left out."""

    since: datetime | None = None  # received from then on
    until: datetime | None = None  # received before
    party: str = ""  # a part of the other side's name
    least: Decimal | None = None  # total with VAT
    most: Decimal | None = None
    channel: Channel | None = None
    order: str = ""  # of ORDERS; "" is by date of reception
    descending: bool = False

    @property
    def sifted(self) -> bool:
        """True when more than the period is asked of each document."""
        return bool(self.party or self.channel) or (self.least, self.most) != (None, None)


ANYTHING = Asked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list, and what was looked at to make it."""

    documents: tuple[Document, ...]
    cursor: str = ""
    looked_at: int = 0  # documents of the window; 0 when nothing was filtered nor sorted
    all_looked: bool = True  # False: the period holds more than the window


def other_side(document: Document) -> str:
    """The supplier of a purchase, the customer of a sale."""
    summary = document.summary
    purchase = document.direction is Direction.PURCHASE
    return summary.seller_name if purchase else summary.buyer_name


#: What a list may be sorted by; a document without the value comes first.
ORDERS: Mapping[str, Callable[[Document], tuple[object, ...]]] = {
    "party": lambda one: (plain(other_side(one)),),
    "number": lambda one: (plain(one.summary.number),),
    "total": lambda one: (one.summary.total_incl_vat or Decimal(0),),
    "issued": lambda one: (one.summary.issue_date or date.min,),
    "due": lambda one: (one.summary.due_date or date.min,),
}


def listed(
    dossier: str,
    direction: Direction,
    states: frozenset[State] | None,
    asked: Asked,
    cursor: str,
    store: Store,
) -> Listed:
    """One page of the documents in some states (None: all), as asked.

    InvalidError (``cursor.invalid``).
    """
    if asked.order in ORDERS:
        return _sorted(dossier, direction, states, asked, cursor, store)
    if not asked.sifted:
        page = by_date(dossier, direction, states, store, cursor=cursor, asked=asked, limit=PAGE)
        return Listed(documents=page.documents, cursor=page.cursor)
    window = by_date(dossier, direction, states, store, cursor=cursor, asked=asked, limit=WINDOW)
    matches = [one for one in window.documents if _kept(one, asked)]
    after = window.cursor
    if len(matches) > PAGE:
        after = store.cursor(matches[PAGE - 1])
    return Listed(
        documents=tuple(matches[:PAGE]),
        cursor=after,
        looked_at=len(window.documents),
        all_looked=not window.cursor,
    )


def unseen(dossier: str, direction: Direction, asked: Asked, cursor: str, store: Store) -> Listed:
    """One page of the documents of which something was said and nobody opened, as asked.

    The last said first, unless sorted. InvalidError (``cursor.invalid``).
    """
    start = _start(cursor)
    names = store.unseen(dossier, direction)
    held = store.documents_of(dossier, names[:WINDOW])
    found = [held[one] for one in names[:WINDOW] if one in held]
    matches = [one for one in found if _within(one, asked) and _kept(one, asked)]
    if asked.order in ORDERS:
        matches.sort(key=ORDERS[asked.order], reverse=asked.descending)
    asked_more = asked != ANYTHING
    return _page(matches, start, found if asked_more else (), whole=len(names) <= WINDOW)


def _within(document: Document, asked: Asked) -> bool:
    """True for a document of the period."""
    early = asked.since is not None and document.received_at < asked.since
    return not early and (asked.until is None or document.received_at < asked.until)


def _start(cursor: str) -> int:
    """The number of documents before a page of a list that is sorted here."""
    if len(cursor) > 5 or (cursor and not (cursor.isascii() and cursor.isdigit())):
        raise unknown_place()
    if cursor and int(cursor) >= WINDOW:
        raise unknown_place()
    return int(cursor or 0)


def _page(
    matches: Sequence[Document], start: int, looked_at: Sequence[Document], *, whole: bool
) -> Listed:
    end = start + PAGE
    return Listed(
        documents=tuple(matches[start:end]),
        cursor=str(end) if len(matches) > end else "",
        looked_at=len(looked_at),
        all_looked=whole,
    )


def _sorted(
    dossier: str,
    direction: Direction,
    states: frozenset[State] | None,
    asked: Asked,
    cursor: str,
    store: Store,
) -> Listed:
    """The window, sorted; the cursor is then the number of documents before the page."""
    start = _start(cursor)
    window = by_date(dossier, direction, states, store, asked=asked, limit=WINDOW)
    matches = [one for one in window.documents if _kept(one, asked)]
    matches.sort(key=ORDERS[asked.order], reverse=asked.descending)
    return _page(matches, start, window.documents, whole=not window.cursor)


def _kept(document: Document, asked: Asked) -> bool:
    total = document.summary.total_incl_vat
    if asked.party and plain(asked.party) not in plain(other_side(document)):
        return False
    if asked.channel and asked.channel not in {one.channel for one in document.sources}:
        return False
    if asked.least is not None and (total is None or total < asked.least):
        return False
    return asked.most is None or (total is not None and total <= asked.most)


def by_date(
    dossier: str,
    direction: Direction,
    states: frozenset[State] | None,
    store: Store,
    *,
    cursor: str = "",
    asked: Asked = ANYTHING,
    limit: int,
) -> DocumentPage:
    """The newest documents in some states: the lists of each, merged.

    Never the list of all, sifted: ten thousand archived invoices hide five open ones.
    """

    def of(state: State | None) -> DocumentPage:
        return store.documents(
            dossier,
            direction,
            state=state,
            limit=limit,
            cursor=cursor,
            since=asked.since,
            until=asked.until,
        )

    if states is None:
        return of(None)
    pages = [of(one) for one in sorted(states)]
    return pages[0] if len(pages) == 1 else _merged(pages, limit, store)


def _merged(pages: Sequence[DocumentPage], limit: int, store: Store) -> DocumentPage:
    found = sorted(
        (one for page in pages for one in page.documents),
        key=lambda one: (one.received_at, one.id),
        reverse=True,
    )
    more = len(found) > limit or any(page.cursor for page in pages)
    shown = tuple(found[:limit])
    return DocumentPage(documents=shown, cursor=store.cursor(shown[-1]) if more else "")
