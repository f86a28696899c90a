"""A dossier's mail addresses: shown, chosen, and freed when their ninety days are over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facteur.domain import addresses
from facteur.domain.addresses import Addresses, Retired
from facteur.domain.commands import FreeAddress, Scheduled
from facteur.domain.documents import Direction
from facteur.domain.dossiers import (
    Caller,
    Dossier,
    Permission,
    mailbox_addresses,
    normalise_address,
)
from facteur.domain.errors import DuplicateError, InvalidError
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry, bounded
from facteur.ports import Context
from facteur.services.staircase import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailboxes:
    """Every address by which mail reaches a dossier."""

    shown: Mapping[Direction, str]  # the one to give away
    own: Mapping[Direction, str]  # the SIREN's, which always works
    chosen: Mapping[Direction, str]  # what stands before the @, "" for the SIREN's
    retired: Sequence[tuple[str, Retired]]  # whole addresses that still work, with their end


def shown(dossier: Dossier, context: Context) -> Mapping[Direction, str]:
    """The addresses that a dossier gives away, by direction: one read."""
    held = context.addresses.load(dossier.id)
    return addresses.shown(held, dossier.siren, context.inbound_domain)


def mailboxes(caller: Caller, context: Context) -> Mailboxes:
    """Every address of the caller's dossier."""
    caller.require(Permission.READ)
    dossier = context.store.dossier(caller.dossier)
    held, now = context.addresses.load(dossier.id), context.clock.now()
    return Mailboxes(
        shown=addresses.shown(held, dossier.siren, context.inbound_domain),
        own=mailbox_addresses(dossier.siren, context.inbound_domain),
        chosen={one: held.chosen(one) for one in Direction},
        retired=[
            (addresses.address_of(one.local, one.direction, context.inbound_domain), one)
            for one in held.retired
            if one.until > now
        ],
    )


def choose(caller: Caller, direction: Direction, typed: str, context: Context) -> Addresses:
    """Choose what stands before the @; "" goes back to the SIREN's.

    InvalidError: the faults of domain/addresses.py, and ``address.taken``.
    """
    caller.require(Permission.MANAGE)
    dossier = context.store.dossier(caller.dossier)
    held, now = context.addresses.load(dossier.id), context.clock.now()
    change = addresses.choose(held, direction, typed, siren=dossier.siren, now=now)
    if isinstance(change, tuple):
        raise InvalidError(change)
    if change.addresses == held:
        return held
    before = addresses.shown(held, dossier.siren, context.inbound_domain)[direction]
    after = addresses.shown(change.addresses, dossier.siren, context.inbound_domain)[direction]
    entry = JournalEntry(
        dossier=dossier.id,
        id=context.ids.new(),
        at=now,
        what="address.chosen",
        by=caller.user,
        by_name=caller.name,
        values=bounded({"before": before, "after": after}),
    )
    commands = () if change.given_up is None else (_freeing(dossier.id, change.given_up),)
    take = {normalise_address(after): direction} if change.taken else {}
    try:
        return context.addresses.save(
            change.addresses, take=take, commands=commands, entries=(entry,)
        )
    except DuplicateError as error:
        fault = Fault(code="address.taken", path="local", values={"address": after})
        raise InvalidError((fault,)) from error


def _freeing(dossier: str, retired: Retired) -> Scheduled:
    """The command that frees a name when its time is over; the agenda keeps it until then."""
    command = FreeAddress(dossier=dossier, local=retired.local, direction=retired.direction.value)
    name = f"{dossier}-{retired.direction.value}-{retired.local}-{retired.until:%Y%m%dT%H%M%S}"
    return Scheduled(id=f"address-{name}", command=command, due=retired.until)


def free_address(command: FreeAddress, context: Context) -> Steps:
    """Free a name that was given up ninety days ago; nothing for one that was taken back."""
    held, direction = context.addresses.load(command.dossier), Direction(command.direction)
    left = addresses.freed(held, command.local, direction, now=context.clock.now())
    if left is not None:
        address = addresses.address_of(command.local, direction, context.inbound_domain)
        context.addresses.save(left, take={}, free=(normalise_address(address),))
    return None, ()
