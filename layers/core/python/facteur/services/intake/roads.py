"""One invoice by several roads becomes one document: where the decisions of roads.py are written.

Two documents change, one transaction each, in an order that a crash cannot break: the master names
the other first, then the other leaves. Trying again finds what was done and goes on.
"""

from collections.abc import Sequence

from facteur.domain.candidate import Candidate
from facteur.domain.commands import Scheduled
from facteur.domain.decisions import Decision, receive
from facteur.domain.decisions.roads import (
    MOST_ROADS,
    another_road,
    join,
    join_source,
    master_of,
    same_invoice,
    submitted_again,
)
from facteur.domain.documents import (
    Channel,
    Document,
    DocumentRef,
    Duplicate,
    Source,
    State,
)
from facteur.domain.duplicates import number_key
from facteur.domain.errors import NotFoundError, StaleVersionError
from facteur.domain.identifiers import is_iban
from facteur.domain.serial import loads
from facteur.ports import Claim, Context
from facteur.services.staircase import commit

_TRIES = 3
_GONE = (State.REFUSED, State.SPLIT, State.SPLITTING, State.TRASHED, State.DELETED)
_MOST_STEPS = 5  # a joined document leads to its master, which may have been joined since


def same_bytes_by_another_road(
    document: Document, source: Source, held: str, context: Context
) -> tuple[Scheduled, ...] | None:
    """Join a document that arrives to the one that has its bytes; None when they stay apart."""
    first = master(document.dossier, held, context)
    if first is None or not (another_road(document, first) or submitted_again(document, first)):
        return None
    if len(first.sources) < MOST_ROADS:
        _name(first, document, context)
    came = receive(document, source, at=context.clock.now())
    left = join(came.document, first.id, at=context.clock.now())
    decision = Decision(document=left.document, events=(*came.events, *left.events))
    return commit(decision, context)[1]


def settle(
    document: Document, twins: Sequence[Duplicate], context: Context
) -> tuple[Document, tuple[Duplicate, ...], tuple[Claim, ...]]:
    """Join a document that was read with those that are the same invoice by another road.

    The document (joined, or naming what it took the place of), the doubles that are left, and the
    claim on its number when it took somebody's place.
    """
    left: list[Duplicate] = []
    claims: tuple[Claim, ...] = ()
    for twin in twins:
        other = master(document.dossier, twin.document, context)
        if other is None or not _one_invoice(document, other, context):
            left.append(twin)
            continue
        first = master_of(document, other)
        if first is None:
            left.append(twin)
        elif first.id == other.id:
            _name(other, document, context)
            joined = join(document, other.id, at=context.clock.now())
            return commit(joined, context)[0], (), ()
        else:
            document = _name(document, other, context)
            _leave(other, document, context)
            key = number_key(document.summary)
            claims = (Claim(kind="NUMBER", value=key, target=document.id, exclusive=False),)
    return document, tuple(left), claims


def _one_invoice(document: Document, other: Document, context: Context) -> bool:
    return (
        another_road(document, other)
        and same_invoice(document.summary, other.summary)
        and _same_accounts(document, other, context)
    )


def _same_accounts(document: Document, other: Document, context: Context) -> bool:
    """False when what no platform vouches for is to be paid on an account that the other lacks.

    A copy by mail of a genuine invoice with a thief's IBAN must not swallow the genuine one.
    """
    for one, than in ((document, other), (other, document)):
        vouched = any(source.channel is Channel.PA for source in one.sources)
        if not vouched and _accounts(one, context) - _accounts(than, context):
            return False
    return True


def _accounts(document: Document, context: Context) -> frozenset[str]:
    """The accounts that a document says it may be paid on; a misread one is none."""
    if "candidate" not in document.files:
        return frozenset()
    candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    return frozenset(filter(is_iban, candidate.ibans))


def followed(dossier: str, document: str, context: Context) -> Document | None:
    """A document, or the one it was joined to; None when there is none."""
    for _step in range(_MOST_STEPS):
        try:
            found = context.store.document(DocumentRef(dossier, document))
        except NotFoundError:
            return None
        if found.state is not State.JOINED:
            return found
        document = found.joined_to
    return None


def master(dossier: str, document: str, context: Context) -> Document | None:
    """The same, None when it has left the road: refused, split, in the trash or deleted."""
    found = followed(dossier, document, context)
    return None if found is None or found.state in _GONE else found


def _name(first: Document, other: Document, context: Context) -> Document:
    """The master with the other's sources, written; as it stands by now when somebody moves it."""
    for attempt in range(_TRIES):
        decision = join_source(first, other, at=context.clock.now())
        if decision is None:
            return first
        try:
            return commit(decision, context)[0]
        except StaleVersionError:
            if attempt == _TRIES - 1:
                raise
            first = context.store.document(first.ref)
    raise AssertionError  # the loop returns or raises


def _leave(other: Document, first: Document, context: Context) -> None:
    """The other leaves the lists; nothing for one that was decided meanwhile."""
    for attempt in range(_TRIES):
        if master_of(first, other) is not first:
            return
        try:
            commit(join(other, first.id, at=context.clock.now()), context)
        except StaleVersionError:
            if attempt == _TRIES - 1:
                raise
            other = context.store.document(other.ref)
        else:
            return
