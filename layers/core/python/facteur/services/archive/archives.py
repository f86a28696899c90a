"""The archives: their list, sorted and filtered, and the two statuses that still change there.

The list is ordered by date and paged flat at any size. A sort by another column, or a filter, acts
on the documents of the period: they are looked at newest first, LOOKED_AT at most, and the page
says when there were more. Invoices are received after they were issued, save those dated ahead:
looking back stops AHEAD before the period.

Changing the statuses of several documents gives back a ticket that undoes it, for UNDO_TIME, for
whoever did it: each document is put back unless somebody changed it since.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from facteur.domain.commands import SetAccounting, SetPayment
from facteur.domain.decisions import Actor
from facteur.domain.decisions.statuses import MANUAL, UNDO, set_accounting, set_payment
from facteur.domain.documents import (
    Accounting,
    Direction,
    Document,
    DocumentRef,
    PaymentStatus,
    State,
)
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.duplicates import plain
from facteur.domain.errors import InvalidError, NotFoundError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.due import due_of, payment_status
from facteur.ports import Context, Ticket
from facteur.services.access.signing_in import digest
from facteur.services.staircase import Steps, commit

log = logging.getLogger(__name__)

PAGE = 50
SORTED = 1000  # documents that a sort or a filter keeps
LOOKED_AT = 5000  # documents that a filter looks at
MOST_AT_ONCE = 100  # documents whose status changes in one go
AHEAD = timedelta(days=62)
UNDO_TIME = timedelta(minutes=15)
_BLOCK = 250

#: The columns of JF-60, by the word of the address: what they sort on.
COLUMNS: Mapping[str, Callable[[Document], object]] = {
    "numero": lambda one: plain(one.summary.number),
    "nom": lambda one: plain(_other(one)),
    "total": lambda one: one.summary.total_incl_vat or Decimal(0),
    "date": lambda one: one.summary.issue_date or date.min,
    "echeance": lambda one: one.summary.due_date or date.min,
    "comptable": lambda one: one.accounting.value,
    "paiement": lambda one: payment_status(one).value,
}


def _other(document: Document) -> str:
    purchase = document.direction is Direction.PURCHASE
    return document.summary.seller_name if purchase else document.summary.buyer_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to show: a period of invoice dates (both days included) and statuses; None = all."""

    direction: Direction
    since: date | None = None
    until: date | None = None
    accounting: Accounting | None = None
    payment: PaymentStatus | None = None

    @property
    def filters(self) -> bool:
        """True when something is left out."""
        return any((self.since, self.until, self.accounting, self.payment))

    def keeps(self, document: Document) -> bool:
        """True for a document that is asked for; one without a date belongs to no period."""
        day = document.summary.issue_date
        return (
            (self.since is None or (day is not None and day >= self.since))
            and (self.until is None or (day is not None and day <= self.until))
            and self.accounting in (None, document.accounting)
            and (self.payment is None or self.payment is payment_status(document))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the archives. ``cursor`` in the flat list, ``pages`` in a sorted one."""

    documents: tuple[Document, ...]
    cursor: str = ""
    kept: int = 0  # documents of the sorted list, 0 in the flat one
    pages: int = 0
    whole: bool = True  # False: there are more than were looked at or kept


def archived(
    caller: Caller,
    wanted: Wanted,
    context: Context,
    *,
    cursor: str = "",
    order: str = "",
    descending: bool = False,
    number: int = 1,
) -> Found:
    """A page of archived documents; newest first unless ``order`` names a column."""
    caller.require(Permission.READ)
    if not wanted.filters and order not in COLUMNS:
        page = context.store.documents(
            caller.dossier, wanted.direction, state=State.ARCHIVED, limit=PAGE, cursor=cursor
        )
        return Found(documents=page.documents, cursor=page.cursor)
    documents, whole = matching(caller.dossier, wanted, context, most=SORTED)
    if order in COLUMNS:
        documents.sort(key=COLUMNS[order], reverse=descending)  # type: ignore[arg-type]
    start = (max(number, 1) - 1) * PAGE
    return Found(
        documents=tuple(documents[start : start + PAGE]),
        kept=len(documents),
        pages=-(-len(documents) // PAGE),
        whole=whole,
    )


def matching(
    dossier: str, wanted: Wanted, context: Context, *, most: int
) -> tuple[list[Document], bool]:
    """The archived documents that are asked for, newest first, ``most`` of them; False beside
    them when there may be more."""
    found: list[Document] = []
    looked, cursor = 0, ""
    oldest = _instant(wanted.since - AHEAD) if wanted.since else None
    while looked < max(LOOKED_AT, most):
        page = context.store.documents(
            dossier, wanted.direction, state=State.ARCHIVED, limit=_BLOCK, cursor=cursor
        )
        looked += len(page.documents)
        found += (one for one in page.documents if wanted.keeps(one))
        if len(found) > most:
            return found[:most], False
        cursor = page.cursor
        if not cursor or (oldest and page.documents[-1].received_at < oldest):
            return found, True
    return found, False


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


# ── Statuses ────────────────────────────────────────────────────────────────────────────────────


def change_accounting(command: SetAccounting, context: Context) -> Steps:
    """« À récupérer » or « Récupérée »; nothing when it is so already."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    decision = set_accounting(
        document,
        Accounting(command.status),
        Actor(id=command.by, name=command.by_name),
        how=command.how,
        at=context.clock.now(),
    )
    return commit(decision, context) if decision.events else (document, ())


def change_payment(command: SetPayment, context: Context) -> Steps:
    """What somebody says of its payment; nothing when it is said already."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    decision = set_payment(
        document,
        PaymentStatus(command.status),
        Actor(id=command.by, name=command.by_name),
        how=command.how,
        at=context.clock.now(),
    )
    return commit(decision, context) if decision.events else (document, ())


#: The permission that each status asks for: an accountant fetches, and says nothing of payments.
_NEEDED = {"accounting": Permission.EXPORT, "payment": Permission.DECIDE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """How many documents changed, and the token that undoes it ("" when none did)."""

    count: int
    undo: str


def change(caller: Caller, documents: Sequence[str], status: str, context: Context) -> Changed:
    """Give a status to several archived documents; all of them are looked up before one changes.

    ``status``: a value of Accounting or PaymentStatus. InvalidError (``zip.empty``,
    ``archives.too_many``, ``archives.status``); NotFoundError when one is another dossier's;
    ForbiddenError; IllegalTransitionError for one that is not archived.
    """
    kind = _kind_of(status)
    caller.require(_NEEDED[kind])
    chosen = tuple(dict.fromkeys(documents))
    if not chosen:
        raise InvalidError((Fault(code="zip.empty"),), code="zip.empty")
    if len(chosen) > MOST_AT_ONCE:
        fault = Fault(code="archives.too_many", values={"limit": str(MOST_AT_ONCE)})
        raise InvalidError((fault,), code="archives.too_many")
    before = {one: context.store.document(DocumentRef(caller.dossier, one)) for one in chosen}
    for one in before.values():
        if one.state is not State.ARCHIVED:
            raise NotFoundError("not_found", document=one.id)
    if kind == "payment":
        _given_by_hand(before.values())
    values = {}
    for identifier, document in before.items():
        held = getattr(document, kind).value
        if held != status:
            _set(caller, identifier, kind, status, MANUAL, context)
            values[identifier] = held
    if not values:
        return Changed(count=0, undo="")
    token = context.ids.new()
    context.tickets.save(
        Ticket(
            digest=digest(f"undo-{token}"),
            kind="undo",
            expires_at=context.clock.now() + UNDO_TIME,
            values={**values, "": f"{caller.dossier} {caller.user} {kind} {status}"},
        )
    )
    return Changed(count=len(values), undo=token)


def _given_by_hand(documents: Iterable[Document]) -> None:
    """InvalidError naming those whose payments were said: their status follows from them."""
    faults = tuple(
        Fault(code="payment.follows", values={"number": one.summary.number or one.filename})
        for one in documents
        if due_of(one).said
    )
    if faults:
        raise InvalidError(faults, code="payment.follow")


def undo(caller: Caller, token: str, context: Context) -> int:
    """Put back what ``change`` changed, where nobody changed it since; how many documents.

    NotFoundError for a token that is unknown, used, too old, or somebody else's; ForbiddenError
    for who may not give that status any more.
    """
    held = context.tickets.load(digest(f"undo-{token}"))
    if held is None or held.kind != "undo":
        raise NotFoundError("not_found")
    dossier, user, kind, status = held.values[""].split(" ")
    if (dossier, user) != (caller.dossier, caller.user):
        raise NotFoundError("not_found")
    caller.require(_NEEDED[kind])  # it may have been taken from them meanwhile
    if context.tickets.take(held.digest) is None:
        raise NotFoundError("not_found")
    count = 0
    for identifier, before in held.values.items():
        if not identifier:
            continue
        document = context.store.document(DocumentRef(dossier, identifier))
        given = kind == "accounting" or not due_of(document).said
        if given and getattr(document, kind).value == status:
            _set(caller, identifier, kind, before, UNDO, context)
            count += 1
    return count


def _kind_of(status: str) -> str:
    if status in [one.value for one in Accounting]:
        return "accounting"
    if status in [one.value for one in PaymentStatus]:
        return "payment"
    raise InvalidError((Fault(code="archives.status"),), code="archives.status")


def _set(
    caller: Caller, document: str, kind: str, status: str, how: str, context: Context
) -> None:
    """One document; whoever is faster wins, and we say ours on top of it."""
    asked = SetAccounting if kind == "accounting" else SetPayment
    work: Callable[..., Steps] = change_accounting if kind == "accounting" else change_payment
    command = asked(
        dossier=caller.dossier,
        document=document,
        status=status,
        how=how,
        by=caller.user,
        by_name=caller.name,
    )
    try:
        work(command, context)
    except StaleVersionError:
        log.info("%s moved meanwhile: its status is set again", document)
        work(command, context)
