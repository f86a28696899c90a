"""Doubles among the cards: seen as one before it is done, merged, and taken apart again.

What a merger moves and what undoing it gives back: domain/merging.py.
"""

from facteur.domain import merging
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.duplicates import plain
from facteur.domain.errors import ConflictError
from facteur.domain.parties import Party
from facteur.ports import Context
from facteur.services.parties.book import Card, mine
from facteur.services.parties.cards import entry_of


def merge_preview(caller: Caller, kept: str, gone: str, context: Context) -> tuple[Party, Party]:
    """What merging would make: the card that stays, and the one that goes as it is now.

    ConflictError (``party.merge_…``) when they cannot be one.
    """
    staying, going = mine(caller, kept, context), mine(caller, gone, context)
    whole, _left = merging.merged(staying, going, at=context.clock.now())
    return whole, going


def merge(caller: Caller, kept: str, gone: str, context: Context) -> Party:
    """Merge two cards of one company, in one transaction; the journal of both says so."""
    staying, going = mine(caller, kept, context), mine(caller, gone, context)
    whole, left = merging.merged(staying, going, at=context.clock.now())
    entry = entry_of(
        whole, "party.merged", caller.user, caller.name, context,
        kept=f"{staying.number} {staying.name}", gone=f"{going.number} {going.name}",
    )  # fmt: skip
    return context.parties.save((whole, left), (entry,))[0]


def separable(view: Card, context: Context) -> bool:
    """True while the merger of this card can still be undone."""
    into = view.merged_into
    if into is None:
        return False
    try:
        merging.separated(into, view.party, at=context.clock.now())
    except ConflictError:
        return False
    return True


def separate(caller: Caller, gone: str, context: Context) -> Party:
    """Undo a merger (merging.separated), in one transaction; the journal of both says so.

    NotFoundError; ConflictError (``party.separate_…``); DuplicateError when what names the card
    is another one's by now.
    """
    caller.require(Permission.DECIDE)
    going = context.parties.party(caller.dossier, gone)
    if not going.merged_into:
        raise ConflictError("party.separate_impossible")
    staying = context.parties.party(caller.dossier, going.merged_into)
    alone, back = merging.separated(staying, going, at=context.clock.now())
    entry = entry_of(
        back, "party.separated", caller.user, caller.name, context,
        kept=f"{alone.number} {alone.name}", gone=f"{back.number} {back.name}",
    )  # fmt: skip
    return context.parties.save((back, alone), (entry,))[0]


def doubles_of(caller: Caller, party: Party, context: Context) -> tuple[Party, ...]:
    """Cards that may be the same company: those whose names begin alike."""
    caller.require(Permission.READ)
    word = next((one for one in party.name.split() if len(plain(one)) >= 3), party.name)
    page = context.parties.by_name(caller.dossier, party.side, prefix=plain(word)[:12], limit=20)
    return tuple(one for one in page.parties if one.id != party.id)
