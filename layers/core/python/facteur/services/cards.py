"""What every service about cards shares: numbers, who may approve, what the journal says.

Apart from recognising.py and learning.py, which need everything that reading needs: a page must
not pay for it.
"""

from facteur.domain import parties
from facteur.domain.documents import Document
from facteur.domain.duplicates import plain
from facteur.domain.errors import DuplicateError, NotFoundError
from facteur.domain.journal import JournalEntry, bounded
from facteur.domain.parties import Party, Side, Standing
from facteur.ports import Context

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


def standing_of(document: Document, context: Context) -> tuple[bool, str]:
    """(trusted, category) of a document's party, for who accepts it (domain/acceptance.py)."""
    if not document.party:
        return False, ""
    try:
        party = context.parties.party(document.dossier, document.party)
    except NotFoundError:
        return False, ""
    trusted = party.trusted and party.standing is Standing.ACTIVE
    return trusted, document.coding.get("category", "") or party.defaults.category


def entry_of(
    party: Party, what: str, by: str, by_name: str, context: Context, **values: object
) -> JournalEntry:
    """An entry of the dossier's journal about a card, which it names."""
    return JournalEntry(
        dossier=party.dossier,
        id=context.ids.new(),
        at=context.clock.now(),
        what=what,
        by=by,
        by_name=by_name,
        values=bounded({"party": party.id, "party_name": party.name, **values}),
    )
