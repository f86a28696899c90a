"""The same invoice by two roads is one document with two sources (NO-01, D01).

A platform, a mail and a portal may each bring an invoice. The document that holds the issuer's own
data is the master; the other is *joined* to it: it keeps its bytes and its history, leaves the
lists, and the master names it among its sources. Once the first was accepted it stays the master
whatever comes after, and what is structured is kept beside it.

Only what an approved platform brings is joined, or joins, by itself: two mails with the same
invoice go on being shown as possible doubles, because two people may have meant two things. The
bytes that a program submits to our Flow Service a second time are joined too: it is told that they
are here (AlreadyExistingFlow), so that nobody has anything left to decide.
"""

from dataclasses import replace
from datetime import datetime

from facteur.domain.decisions.base import THE_SYSTEM, Decision, require, told
from facteur.domain.documents import Channel, Document, State, Summary
from facteur.domain.duplicates import number_key
from facteur.domain.errors import IllegalTransitionError
from facteur.domain.events import Happened

#: States in which a person has not decided anything yet: another document may take the place.
_UNDECIDED = frozenset({State.RECEIVED, State.READ, State.TO_CHECK, State.TO_ACCEPT})
#: Roads that a document names at most: a program caught in a loop submits without end.
MOST_ROADS = 20
_STANDS = _UNDECIDED | {State.ACCEPTED, State.ARCHIVED}


def another_road(one: Document, other: Document) -> bool:
    """True when the two may be one invoice by two roads, one of them an approved platform."""
    if one.direction is not other.direction or one.id == other.id:
        return False
    ours, theirs = _roads(one), _roads(other)
    return Channel.PA.value in {road[0] for road in ours | theirs} and not ours & theirs


def submitted_again(new: Document, held: Document) -> bool:
    """True for a flow of a program with the very bytes of a document that stands: its
    acknowledgement refuses it. What its first sending left in quarantine may come again."""
    flow = any(one.channel is Channel.API and one.flow for one in new.sources)
    return flow and held.state in _STANDS and new.direction is held.direction


def _roads(document: Document) -> frozenset[tuple[str, str]]:
    """How a document came: each flow of a platform is a road, as it may say one thing twice."""
    return frozenset((one.channel.value, one.flow) for one in document.sources)


def same_invoice(one: Summary, other: Summary) -> bool:
    """True when seller, number, year, kind, currency and totals are the same, and all known."""
    if not number_key(one) or one.total_incl_vat is None:
        return False
    return (
        number_key(one) == number_key(other)
        and one.issue_date == other.issue_date
        and one.kind == other.kind
        and one.currency == other.currency
        and one.total_incl_vat == other.total_incl_vat
        and (one.total_excl_vat == other.total_excl_vat or other.total_excl_vat is None)
    )


def master_of(new: Document, held: Document) -> Document | None:
    """Which of the two stays, None when neither can give its place."""
    if held.state not in _STANDS or new.state not in _UNDECIDED:
        return None
    if held.state in _UNDECIDED and new.structured and not held.structured:
        return new
    return held


def join_source(master: Document, other: Document, *, at: datetime) -> Decision | None:
    """The master with the sources of ``other``; None when it names them already."""
    if any(one.document == other.id for one in master.sources):
        return None
    added = tuple(
        replace(one, document=one.document or other.id)
        for one in other.sources
        if one.document != master.id
    )
    head = replace(
        master,
        sources=(*master.sources, *added),
        duplicates=tuple(one for one in master.duplicates if one.document != other.id),
    )
    values = {
        "document": other.id,
        "channels": ", ".join(dict.fromkeys(one.channel.value for one in added)),
        "sha256": other.sha256,
        "structured": "oui" if other.structured else "non",
    }
    return Decision(
        document=head, events=(told(Happened.SOURCE_JOINED, at, THE_SYSTEM, **values),)
    )


def join(document: Document, master: str, *, at: datetime) -> Decision:
    """This document is another road of ``master``: out of the lists, everything of it is kept."""
    require(document, "join", *_UNDECIDED, State.QUARANTINED)
    if document.was_accepted:
        raise IllegalTransitionError("document.accepted_once", step="join")
    head = replace(document, state=State.JOINED, joined_to=master, duplicates=())
    return Decision(document=head, events=(told(Happened.DOCUMENT_JOINED, at, document=master),))
