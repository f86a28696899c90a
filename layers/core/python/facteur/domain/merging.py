"""Two cards of one company become one: what stays, what comes along, what waits again; and back.

The card that goes keeps everything it had, and what it gave: for thirty days the merger is undone
by taking that back from the card that stays, as far as nobody changed it since. Documents name the
card that they were matched with: those of before go back with their card, those that came since
stay with the one that was there to receive them.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from facteur.domain.bank_accounts import brought_together
from facteur.domain.duplicates import plain
from facteur.domain.errors import ConflictError
from facteur.domain.hints import MOST_HINTS
from facteur.domain.parties import (
    MOST_CONTACTS,
    MOST_SEEN,
    Account,
    Contact,
    Merger,
    Party,
    Standing,
)

UNDO_TIME = timedelta(days=30)

_FILLED = ("siren", "siret", "vat", "scheme", "identifier", "address", "postcode", "city",
           "email", "notes")  # fmt: skip


def merged(kept: Party, gone: Party, *, at: datetime) -> tuple[Party, Party]:
    """Two cards of one company: the one that stays with what the other knew, and the other.

    What the card that stays says wins. Where both have accounts that people vouched for, those
    that only one of them knows wait for approval again, whichever card stays: merging two cards
    must not be a way around the approval of a bank account (bank_accounts.brought_together).
    """
    if kept.side is not gone.side or kept.id == gone.id:
        raise ConflictError("party.merge_impossible")
    if Standing.MERGED in (kept.standing, gone.standing):
        raise ConflictError("party.merge_impossible")
    if kept.siren and gone.siren and kept.siren != gone.siren:
        raise ConflictError("party.merge_two_companies")
    filled = {name: getattr(kept, name) or getattr(gone, name) for name in _FILLED}
    accounts = brought_together(kept, gone)
    known = {one.email or one.name for one in kept.contacts}
    whole = replace(
        kept,
        **filled,
        contacts=(
            *kept.contacts,
            *(one for one in gone.contacts if (one.email or one.name) not in known),
        )[:MOST_CONTACTS],
        accounts=accounts,
        aliases=tuple(dict.fromkeys((*kept.aliases, plain(gone.name), *gone.aliases))),
        marks=tuple(dict.fromkeys((*kept.marks, *gone.marks)))[:MOST_SEEN],
        hints=(*kept.hints, *gone.hints)[-MOST_HINTS:],
        products={**gone.products, **kept.products},
        invoices=kept.invoices + gone.invoices,
        merged_from=(*kept.merged_from, gone.id),
    )
    merger = Merger(
        at=at,
        standing=gone.standing,
        trusted=gone.trusted,
        fields=tuple(name for name in _FILLED if filled[name] != getattr(kept, name)),
        contacts=_new(map(_name, whole.contacts), map(_name, kept.contacts)),
        ibans=tuple(one.iban for one in whole.accounts if kept.account(one.iban) is None),
        aliases=_new(whole.aliases, kept.aliases),
        marks=_new(whole.marks, kept.marks),
        hints=_new((one.id for one in gone.hints), (one.id for one in kept.hints)),
        products=_new(gone.products, kept.products),
        accounts=tuple(one for one in kept.accounts if whole.account(one.iban) != one),
    )
    left = replace(
        gone, standing=Standing.MERGED, merged_into=kept.id, trusted=False, merger=merger
    )
    return whole, left


def _name(contact: Contact) -> str:
    return contact.email or contact.name


def _new(after: Iterable[str], before: Iterable[str]) -> tuple[str, ...]:
    held = set(before)
    return tuple(dict.fromkeys(one for one in after if one not in held))


def separated(kept: Party, gone: Party, *, at: datetime) -> tuple[Party, Party]:
    """The two cards of a merger that is undone: what the other one gave is its own again.

    ConflictError: ``party.separate_late`` after UNDO_TIME (and for mergers of before it was
    kept), ``party.separate_impossible`` when they are not merged, or the card that stays was
    itself merged or archived since.
    """
    merger = gone.merger
    if gone.standing is not Standing.MERGED or gone.merged_into != kept.id:
        raise ConflictError("party.separate_impossible")
    if kept.standing is not Standing.ACTIVE:
        raise ConflictError("party.separate_impossible")
    if merger is None or at - merger.at > UNDO_TIME:
        raise ConflictError("party.separate_late", days=UNDO_TIME.days)
    own = {_name(one): one for one in gone.contacts}
    given = {one.iban for one in kept.accounts if _untouched(one, merger)}
    before = {one.iban: one for one in merger.accounts}
    empty: dict[str, Any] = {
        name: ""
        for name in merger.fields
        if getattr(kept, name) == getattr(gone, name)  # else somebody wrote it since
    }
    alone = replace(
        kept,
        **empty,
        contacts=tuple(
            one
            for one in kept.contacts
            if _name(one) not in merger.contacts or one != own.get(_name(one))
        ),
        accounts=tuple(
            _as_before(one, before.get(one.iban), merger)
            for one in kept.accounts
            if one.iban not in given
        ),
        aliases=tuple(one for one in kept.aliases if one not in merger.aliases),
        marks=tuple(one for one in kept.marks if one not in merger.marks),
        hints=tuple(one for one in kept.hints if one.id not in merger.hints),
        products={
            key: one
            for key, one in kept.products.items()
            if key not in merger.products or one != gone.products.get(key)
        },
        invoices=max(0, kept.invoices - gone.invoices),
        merged_from=tuple(one for one in kept.merged_from if one != gone.id),
    )
    back = replace(
        gone, standing=merger.standing, trusted=merger.trusted, merged_into="", merger=None
    )
    return alone, back


def _untouched(account: Account, merger: Merger) -> bool:
    """True for an account that came with the merger and that nobody approved or refused since."""
    decided = account.decided_at
    since = decided is not None and decided > merger.at
    return account.iban in merger.ibans and not since


def _as_before(account: Account, before: Account | None, merger: Merger) -> Account:
    """An account of the card that stays, as it was: unless it was decided since the merger."""
    decided = account.decided_at
    if before is None or (decided is not None and decided > merger.at):
        return account
    return replace(before, documents=account.documents)
