"""What every service about cards shares: numbers, who may approve, what the journal says.

Apart from recognising.py and learning.py, which need everything that reading needs: a page must
not pay for it.
"""

from contextlib import suppress
from dataclasses import dataclass

from facteur.domain import parties
from facteur.domain.candidate import Candidate
from facteur.domain.documents import Document
from facteur.domain.duplicates import plain
from facteur.domain.errors import DuplicateError, NotFoundError
from facteur.domain.journal import JournalEntry
from facteur.domain.parties import Party, Side, Standing
from facteur.domain.serial import loads
from facteur.ports import Context
from facteur.services import journalling

_MOST_TRIES = 20  # of a number that a user took by hand
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
    """How many people approve a changed account: two, where the dossier has two who may."""
    return min(_NEEDED, max(1, context.parties.people_who_decide(dossier)))


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
