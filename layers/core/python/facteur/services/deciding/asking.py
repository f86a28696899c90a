"""One mail for all: who has no account is asked for what a changed circuit stopped at once.

A circuit that is applied to fifty invoices that wait already must not send fifty mails. Each
review marks its invoice as to be asked for, before it commits, and puts one command for all of
them in the agenda, a few minutes after the change; that command gathers what is marked and mails
a line and a link per invoice to each address. A review that comes late gets the next command. A
link is good once its mail left: when sending fails, the whole is tried again, with other links.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from facteur.domain import circuits
from facteur.domain.acceptance import waited_for
from facteur.domain.commands import AskTogether, Scheduled
from facteur.domain.documents import Approver, Direction, Document
from facteur.domain.errors import InvalidError
from facteur.ports import Context
from facteur.services.deciding import approving
from facteur.services.notifications import mails
from facteur.services.staircase import NOTHING, Steps, queued

log = logging.getLogger(__name__)

WAIT = timedelta(minutes=2)  # what is reviewed within it is asked for by the same mail
_SLACK = timedelta(seconds=30)  # for a review that began before the end and wrote after it
_TO_ASK = "to ask"  # marked in place of a link's hash
_PAGE = 100
_PAGES = 10  # of one command; the next goes on
MOST_LINES = 100  # of one mail


def announce(document: Document, walk: str, began: datetime | None, context: Context) -> None:
    """A review is about to stop this document: its outside approvers are to be asked, soon."""
    outside = tuple(_outside(document))
    if not outside:
        return
    for approver in outside:
        approving.mark(document, approver, _TO_ASK, context)
    now = context.clock.now()
    began = began or now
    window = (now - began) // WAIT + 1
    command = AskTogether(dossier=document.dossier, walk=walk)
    due = began + window * WAIT + _SLACK
    name = f"{walk or document.id}-ask-{window}"
    context.store.schedule(Scheduled(id=name, command=command, due=due))


def _outside(document: Document) -> Iterator[Approver]:
    return (one for one in waited_for(document) if one.id.startswith("mail:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One invoice of such a mail."""

    document: Document
    page: str


def ask_together(command: AskTogether, context: Context) -> Steps:
    """Mail each outside approver one list of what is marked; the rest of a long list goes on."""
    asked: dict[str, list[tuple[Document, Approver]]] = defaultdict(list)
    place, cursor = command.place, command.cursor
    for _ in range(_PAGES):
        if place == len(circuits.WAITING):
            break
        page = context.store.documents(
            command.dossier,
            Direction.PURCHASE,
            state=circuits.WAITING[place],
            limit=_PAGE,
            cursor=cursor,
        )
        for document in page.documents:
            for approver in _outside(document):
                if approving.marked(document, approver, context) == _TO_ASK:
                    asked[approver.email].append((document, approver))
        cursor = page.cursor
        place += not cursor
    for address, some in asked.items():
        for first in range(0, len(some), MOST_LINES):
            _ask(address, some[first : first + MOST_LINES], context)
    if place < len(circuits.WAITING):
        following = AskTogether(
            dossier=command.dossier, walk=command.walk, place=place, cursor=cursor
        )
        name = f"{command.walk}-ask-{place}-{cursor[-40:]}"
        queued(Scheduled(id=name, command=following, due=context.clock.now()), context)
    return NOTHING


def _ask(address: str, some: list[tuple[Document, Approver]], context: Context) -> None:
    """One mail; its links are good from then on."""
    tickets = [approving.ticketed(document, approver, context) for document, approver in some]
    lines = [
        Line(document=document, page=approving.page_of(token, context))
        for (document, _), (token, _) in zip(some, tickets, strict=True)
    ]
    firm = context.store.dossier(some[0][0].dossier).name
    try:
        mails.send(
            "approbations", address, context, firm=firm, lines=lines, days=approving.LIFE.days
        )
    except InvalidError as error:  # an address that no server takes: the pages still show it
        log.warning("%s approvals cannot be asked for: %s", len(some), error)
    for (document, approver), (_, kept) in zip(some, tickets, strict=True):
        approving.mark(document, approver, kept, context)
