"""The bank accounts of a party: who vouched for each, and what an unknown one stops (PE-03).

A changed account is the classic fraud ("faux RIB"): an account is never learnt from a page. The
first one of a supplier is vouched for by whoever accepts his first invoice or types it on his
card. Another one waits until a person approved it, and a second one where the dossier has two who
may; meanwhile the invoices that show it cannot be accepted.

Nor may cards be moved about to get round that: where a company may have two of them, by a name or
a number that another card bears or bore, each other's accounts are *contested*. They wait, and
nobody vouches for them by accepting an invoice; one person may refuse them, which frees no other
account (decision 0340).
"""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime

from facteur.domain import identifiers
from facteur.domain.decisions import Actor, Decision, needs_a_look
from facteur.domain.documents import OPEN_STATES, Document, State, Verdict
from facteur.domain.errors import ForbiddenError, IllegalTransitionError
from facteur.domain.events import Event, Happened
from facteur.domain.faults import Fault
from facteur.domain.parties import MOST_ACCOUNTS, MOST_HELD, Account, AccountState, Party

#: The fault of an invoice that asks to be paid on an account that nobody approved.
CHANGED = "iban.changed"

MOST_HELD_BY = 5  # accounts of one invoice that are asked about at once


def with_account(party: Party, iban: str, *, by: str, by_name: str, at: datetime) -> Party:
    """The card with an account that a person vouches for: typed on it, or the first one accepted.

    For a party that has accounts already a new one waits for approval (``asked``).
    """
    kept = identifiers.compact(iban)
    if party.account(kept) is not None:
        return party
    if party.known_ibans or party.contested:
        return asked(party, kept, document="", at=at)
    known = Account(
        iban=kept,
        state=AccountState.KNOWN,
        seen_at=at,
        approvals=(by,),
        names=(by_name,),
        decided_at=at,
    )
    return replace(party, accounts=_bounded((*party.accounts, known)))


def vouched(
    party: Party, iban: str, *, document: str, by: str, by_name: str, at: datetime
) -> Party:
    """The card after a person accepted an invoice: who does vouches for a first account only."""
    if party.known_ibans or party.contested:
        return asked(party, iban, document=document, at=at)
    held = party.account(iban)
    if held is not None and held.state is AccountState.PENDING:
        return approved(party, iban, by=by, by_name=by_name, needed=1, at=at)
    return with_account(party, iban, by=by, by_name=by_name, at=at)


def rivals(party: Party | None, other: Party) -> bool:
    """True when another card than this one has accounts, which a new one would get round."""
    if party is not None and other.id in (party.id, *party.merged_from):
        return False
    return bool(other.known_ibans or other.contested)


def contested(party: Party, other: Party | None) -> Party:
    """The card beside a rival of the same company: what the other does not know waits again.

    ``other`` None: no rival, nothing changes.
    """
    return party if other is None else _contest(party, {*other.known_ibans})


def brought_together(kept: Party, gone: Party) -> tuple[Account, ...]:
    """The accounts of two cards that become one.

    Where both have some that people vouched for, what only one of them knows waits again. What
    one of them refused stays refused.
    """
    found: dict[str, Account] = {}
    for one in (*kept.accounts, *gone.accounts):
        there = found.get(one.iban, one)
        said = max(there, one, key=lambda each: _WEIGHT[each.state])
        documents = tuple(dict.fromkeys((*there.documents, *one.documents)))[-MOST_HELD:]
        contested = said.state is not AccountState.KNOWN and (there.contested or one.contested)
        found[one.iban] = replace(said, documents=documents, contested=contested)
    whole = replace(kept, accounts=tuple(found.values()))
    if (kept.known_ibans or kept.contested) and (gone.known_ibans or gone.contested):
        whole = _contest(whole, {*kept.known_ibans} & {*gone.known_ibans})
    return _bounded(whole.accounts)


_WEIGHT = {AccountState.PENDING: 0, AccountState.KNOWN: 1, AccountState.REFUSED: 2}


def _contest(party: Party, sure: Set[str]) -> Party:
    """The card whose known accounts wait again, but those that are ``sure``."""
    accounts = (
        replace(one, state=AccountState.PENDING, approvals=(), names=(), decided_at=None,
                contested=True)
        if one.state is AccountState.KNOWN and one.iban not in sure
        else one
        for one in party.accounts
    )  # fmt: skip
    return replace(party, accounts=tuple(accounts))


def asked(party: Party, iban: str, *, document: str, at: datetime) -> Party:
    """The card after an invoice showed an account that nobody approved: it waits.

    A refused account stays refused; the document is remembered, to be freed or held with it.
    """
    kept = identifiers.compact(iban)
    held = party.account(kept)
    if held is None:
        held = Account(iban=kept, state=AccountState.PENDING, seen_at=at)
        party = replace(party, accounts=_bounded((*party.accounts, held)))
    if held.state is AccountState.KNOWN or not document or document in held.documents:
        return party
    return _with(party, replace(held, documents=(*held.documents, document)[-MOST_HELD:]))


def approved(
    party: Party, iban: str, *, by: str, by_name: str, needed: int, at: datetime
) -> Party:
    """The card after a person approved an account: known once ``needed`` people did (1 or 2).

    IllegalTransitionError when it waits for nobody; ForbiddenError (``iban.second_person``) when
    the same person approves twice.
    """
    held = _waiting(party, iban)
    if by in held.approvals:
        raise ForbiddenError("iban.second_person")
    given = replace(held, approvals=(*held.approvals, by), names=(*held.names, by_name))
    if len(given.approvals) >= needed:
        given = replace(given, state=AccountState.KNOWN, decided_at=at, contested=False)
    return _with(party, given)


def refused(party: Party, iban: str, *, by: str, by_name: str, at: datetime) -> Party:
    """The card after a person refused an account: its invoices stay frozen."""
    held = _waiting(party, iban)
    return _with(
        party,
        replace(
            held, state=AccountState.REFUSED, approvals=(by,), names=(by_name,), decided_at=at
        ),
    )


def _waiting(party: Party, iban: str) -> Account:
    held = party.account(iban)
    if held is None or held.state is not AccountState.PENDING:
        raise IllegalTransitionError("iban.not_waiting")
    return held


def _bounded(accounts: tuple[Account, ...]) -> tuple[Account, ...]:
    """At most MOST_ACCOUNTS: the oldest that only waits goes first, then the oldest refused.

    What people decided stays: whoever sends many invoices, each with an account of its own, must
    not make a supplier's card forget the account that he is paid on. Nor those that hold another
    one: what is contested, and the first that waits (``_first_waiting``). Where all are such, the
    oldest goes: as many are left as hold the rest.
    """
    left = list(accounts)
    while len(left) > MOST_ACCOUNTS:
        free = [one for one in left if not one.contested]
        waiting = [one for one in free if one.state is AccountState.PENDING]
        refused = [one for one in free if one.state is AccountState.REFUSED]
        left.remove([*waiting[1:], *refused, *waiting, left[0]][0])
    return tuple(left)


def _with(party: Party, account: Account) -> Party:
    accounts = tuple(account if one.iban == account.iban else one for one in party.accounts)
    return replace(party, accounts=accounts)


def account_fault(party: Party, iban: str, *, needed: int) -> Fault | None:
    """The fault of an invoice of this party that gives this account, None when it may be paid.

    A party that nobody vouched an account for changes nothing: whoever accepts the invoice does.
    But when the system let its invoices through, the account that they showed first is the only
    one: another one waits. Where one is contested, each waits. A refused account is refused in
    any case.
    """
    kept = identifiers.compact(iban)
    held = party.account(kept)
    refused = held is not None and held.state is AccountState.REFUSED
    expected = party.known_ibans or (() if party.contested else _first_waiting(party))
    if not kept or kept in expected or not (expected or refused or party.contested):
        return None
    values = {"party": party.name, "card": party.id, "iban": kept[-4:], "people": str(needed)}
    if refused:
        return Fault(code=CHANGED, path="iban", values={**values, "state": "refused"})
    return Fault(code=CHANGED, path="iban", values={**values, "state": "pending"})


def unknown(party: Party, ibans: Sequence[str]) -> tuple[str, ...]:
    """The accounts of an invoice that hold it; at most MOST_HELD_BY, one is enough."""
    found = [one for one in ibans if account_fault(party, one, needed=1)]
    return tuple(found[:MOST_HELD_BY])


def account_faults(party: Party, ibans: Sequence[str], *, needed: int) -> tuple[Fault, ...]:
    """The faults of an invoice that gives these accounts, () when it may be paid on any."""
    faults = (account_fault(party, one, needed=needed) for one in ibans)
    return tuple(one for one in faults if one is not None)


def _first_waiting(party: Party) -> tuple[str, ...]:
    waiting = (one.iban for one in party.accounts if one.state is AccountState.PENDING)
    return tuple(waiting)[:1]


def faults_of(iban: str) -> tuple[Fault, ...]:
    """What is wrong with a typed account; nothing when none was typed."""
    if not iban or identifiers.is_iban(iban):
        return ()
    return (Fault(code="iban.invalid", path="iban", values={"value": iban[:40]}),)


def freed(
    document: Document, actor: Actor, *, iban: str, at: datetime, left: tuple[Fault, ...] = ()
) -> Decision | None:
    """The document once its account is approved: what was held goes on; None when nothing was.

    ``left``: the faults of the other accounts that it gives, which still hold it.
    """
    held = tuple(one for one in document.faults if one.code == CHANGED)
    if not held or held == left or document.state not in OPEN_STATES:
        return None
    faults = (*(one for one in document.faults if one.code != CHANGED), *left)
    approved = Event(
        name=Happened.ACCOUNT_APPROVED,
        at=at,
        by=actor.id,
        by_name=actor.name,
        values={"iban": iban[-4:]},
    )
    head = replace(document, faults=faults)
    conversion = document.conversion
    ready = conversion is not None and conversion.verdict is Verdict.VALID
    if document.state is not State.TO_CHECK or not ready or any(map(needs_a_look, faults)):
        return Decision(document=head, events=(approved,))
    registered = Event(
        name=Happened.INVOICE_REGISTERED, at=at, values={"number": document.summary.number}
    )
    return Decision(document=replace(head, state=State.TO_ACCEPT), events=(approved, registered))
