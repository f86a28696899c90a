"""Two cards of one company become one: what stays, what comes along, what waits again."""

from dataclasses import replace

from facteur.domain.duplicates import plain
from facteur.domain.errors import ConflictError
from facteur.domain.hints import MOST_HINTS
from facteur.domain.parties import (
    MOST_ACCOUNTS,
    MOST_CONTACTS,
    MOST_SEEN,
    AccountState,
    Party,
    Standing,
)


def merged(kept: Party, gone: Party) -> tuple[Party, Party]:
    """Two cards of one company: the one that stays with what the other knew, and the other.

    What the card that stays says wins; the other's accounts come with their state, except that a
    known one waits for approval again where the card that stays has its own: merging two cards
    must not be a way around the approval of a bank account.
    """
    if kept.side is not gone.side or kept.id == gone.id:
        raise ConflictError("party.merge_impossible")
    if Standing.MERGED in (kept.standing, gone.standing):
        raise ConflictError("party.merge_impossible")
    if kept.siren and gone.siren and kept.siren != gone.siren:
        raise ConflictError("party.merge_two_companies")
    filled = {
        name: getattr(kept, name) or getattr(gone, name)
        for name in ("siren", "siret", "vat", "scheme", "identifier", "address", "postcode",
                     "city", "email", "notes")
    }  # fmt: skip
    accounts = [one for one in gone.accounts if kept.account(one.iban) is None]
    if kept.known_ibans:
        accounts = [
            replace(one, state=AccountState.PENDING, approvals=(), names=(), decided_at=None)
            if one.state is AccountState.KNOWN
            else one
            for one in accounts
        ]
    known = {one.email or one.name for one in kept.contacts}
    whole = replace(
        kept,
        **filled,
        contacts=(
            *kept.contacts,
            *(one for one in gone.contacts if (one.email or one.name) not in known),
        )[:MOST_CONTACTS],
        accounts=(*kept.accounts, *accounts)[:MOST_ACCOUNTS],
        aliases=tuple(dict.fromkeys((*kept.aliases, plain(gone.name), *gone.aliases))),
        marks=tuple(dict.fromkeys((*kept.marks, *gone.marks)))[:MOST_SEEN],
        hints=(*kept.hints, *gone.hints)[-MOST_HINTS:],
        products={**gone.products, **kept.products},
        invoices=kept.invoices + gone.invoices,
        merged_from=(*kept.merged_from, gone.id),
    )
    return whole, replace(gone, standing=Standing.MERGED, merged_into=kept.id, trusted=False)
