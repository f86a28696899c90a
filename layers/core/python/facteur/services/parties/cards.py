"""What every service about cards shares: numbers, who may approve, what the journal says.

Apart from recognising.py and learning.py, which need everything that reading needs: a page must
not pay for it.
"""

from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import dataclass

from facteur.domain import bank_accounts, parties
from facteur.domain.candidate import Candidate
from facteur.domain.documents import Document
from facteur.domain.dossiers import PERMISSIONS, Permission
from facteur.domain.duplicates import plain
from facteur.domain.errors import DuplicateError, NotFoundError
from facteur.domain.journal import JournalEntry
from facteur.domain.parties import Party, Side, Standing
from facteur.domain.serial import loads
from facteur.ports import Context
from facteur.services import journalling

_MOST_TRIES = 20  # of a number that a user took by hand
_MOST_MERGERS = 20  # of cards, one into the other, that are followed
_NEEDED = 2  # people who approve a changed account, where there are as many


def next_number(dossier: str, side: Side, context: Context) -> str:
    """The next number of a side that no card bears: a user may have taken some by hand."""
    for _attempt in range(_MOST_TRIES):
        number = parties.number_of(side, context.parties.number(dossier, side))
        key = f"{side.value}|number|{plain(number)}"
        if not context.parties.find(dossier, (key,)):
            return number
    raise DuplicateError("party.taken", kind="number", party="")


def people_needed(dossier: str, context: Context) -> int:
    """How many people approve a changed account: two, where the dossier has two who may.

    Its members, and the people of a firm whose link lets them decide.
    """
    who = {one.user for one in context.people.members(dossier) if _decides(one.permissions)}
    for link in context.people.links_of_dossier(dossier) if len(who) < _NEEDED else ():
        if link.active and _decides(PERMISSIONS[link.role]):
            who |= {one.user for one in context.people.firm_members(link.firm)}
    return min(_NEEDED, max(1, len(who)))


def _decides(permissions: Set[Permission]) -> bool:
    return Permission.DECIDE in permissions


def rival(party: Party, context: Context) -> Party | None:
    """Another card that may be the same company and has accounts, which a new one gets round.

    By a number that this card bears and that one bore, by its name unless they are two SIRENs.
    """
    names = (plain(party.name), *party.aliases)
    return rival_of(
        party, party.dossier, party.side, names, siren=party.siren, vat=party.vat, context=context
    )


def rival_of(
    party: Party | None,
    dossier: str,
    side: Side,
    names: Sequence[str],
    *,
    siren: str,
    vat: str,
    context: Context,
) -> Party | None:
    """The rival of whoever a document names; ``party``: its card, if it has one."""
    numbers = parties.searched(side, siren=siren, vat=vat, name="")
    found = context.parties.bore(dossier, numbers)
    keys = [f"{side.value}|name|{one}" for one in dict.fromkeys(names) if one]
    by_name = [context.parties.find(dossier, (one,)) for one in keys]
    for one in dict.fromkeys(each for each in (*found, *by_name) if each):
        other = present(dossier, one, context)
        if other is None:
            continue
        two = siren and other.siren and siren != other.siren and one not in found
        if not two and bank_accounts.rivals(party, other):
            return other
    return None


def present(dossier: str, identifier: str, context: Context) -> Party | None:
    """The card of this identifier, or the one it was merged into; None when there is none."""
    for _merger in range(_MOST_MERGERS):
        if not identifier:
            return None
        try:
            found = context.parties.party(dossier, identifier)
        except NotFoundError:
            return None
        if not found.merged_into:
            return found
        identifier = found.merged_into
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a document's card says of it, for who accepts it (domain/acceptance.py)."""

    trusted: bool = False
    new_account: bool = False  # it may be paid on an account that nobody vouched for
    category: str = ""


def standing_of(document: Document, context: Context) -> Trust:
    """The trust that a document deserves: its supplier's, when it bears more than the name."""
    candidate = Candidate()
    if "candidate" in document.files:
        candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    party = None
    if document.party:
        with suppress(NotFoundError):
            party = context.parties.party(document.dossier, document.party)
    if party is None:
        return Trust(new_account=bool(candidate.ibans))
    return Trust(
        trusted=party.trusted
        and party.standing is Standing.ACTIVE
        and parties.proved(party, candidate),
        new_account=any(one not in party.known_ibans for one in candidate.ibans),
        category=document.coding.get("category", "") or party.defaults.category,
    )


def entry_of(
    party: Party, what: str, by: str, by_name: str, context: Context, **values: object
) -> JournalEntry:
    """An entry of the dossier's journal about a card, which it names."""
    return journalling.entry(
        what,
        {"party": party.id, "party_name": party.name, **values},
        context,
        dossier=party.dossier,
        by=by,
        by_name=by_name,
    )
