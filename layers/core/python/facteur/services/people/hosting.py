"""Which dossier of this platform a SIREN has, if any.

The SIREN's own address is never given to anybody else (domain/addresses.py), so it is the index
from a SIREN to its dossier: one read, whatever the number of dossiers.

Cards keep the answer, because lists sort and filter by it. It changes when a dossier is created
and never back, so that is when the other dossiers' cards of that SIREN are looked for, some
dossiers at a time; a card that this missed is put right by its next accepted invoice.
"""

import logging
from dataclasses import replace

from facteur.domain.addresses import folder_of
from facteur.domain.commands import MarkHosted, Scheduled
from facteur.domain.documents import Direction
from facteur.domain.dossiers import mailbox_addresses, normalise_address
from facteur.domain.errors import StaleVersionError
from facteur.domain.parties import Side, searched
from facteur.ports import Context
from facteur.services.staircase import Steps, queued

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200  # dossiers looked at by one command


def mailbox_of(address: str, context: Context) -> tuple[str, Direction] | None:
    """The dossier and direction that a mail address reaches, None when it reaches nobody.

    ``compta+NAME@`` and ``ventes+NAME@`` are aliases of the boxes of ``NAME@`` (WE-17).
    """
    plain = normalise_address(address)
    found = context.store.mailbox(plain)
    alias = folder_of(plain)
    if found is not None or alias is None:
        return found
    box, direction = alias
    held = context.store.mailbox(box)
    return None if held is None else (held[0], direction)


def hosted_dossier(siren: str, context: Context) -> str:
    """The dossier of a SIREN on this platform, "" when it has none, and for no SIREN."""
    if not siren:
        return ""
    address = mailbox_addresses(siren, context.inbound_domain)[Direction.PURCHASE]
    found = context.store.mailbox(normalise_address(address))
    return "" if found is None else found[0]


def mark_cards(siren: str, context: Context) -> None:
    """Have the cards of a SIREN say that it has a dossier from now on."""
    now = context.clock.now()
    queued(Scheduled(id=f"hosted-{siren}", command=MarkHosted(siren=siren), due=now), context)


def mark_hosted(command: MarkHosted, context: Context) -> Steps:
    """Mark the cards of a SIREN in some dossiers, then ask for the next ones."""
    if not hosted_dossier(command.siren, context):
        return None, ()
    left = sorted(one.id for one in context.store.dossiers() if one.id > command.after)
    for dossier in left[:MOST_AT_ONCE]:
        for side in Side:
            _mark(dossier, side, command.siren, context)
    if len(left) <= MOST_AT_ONCE:
        return None, ()
    last = left[MOST_AT_ONCE - 1]
    following = Scheduled(
        id=f"hosted-{command.siren}-{last}",
        command=MarkHosted(siren=command.siren, after=last),
        due=context.clock.now(),
    )
    queued(following, context)
    return None, ()


def _mark(dossier: str, side: Side, siren: str, context: Context) -> None:
    found = context.parties.find(dossier, searched(side, siren=siren, vat="", name=""))
    held = context.parties.party(dossier, found) if found else None
    if held is None or held.hosted:
        return
    try:
        context.parties.save((replace(held, hosted=True),), ())
    except StaleVersionError:  # somebody works on it: its next invoice puts it right
        log.info("the card %s moved while it was marked", held.id)
