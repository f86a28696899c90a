"""The mail that a planned change of platform could not be made on its day, to who can mend it.

Invoices go on leaving by the old platform, or by none: somebody must know the next morning, not at
the next visit of the page. It goes to whoever may change the dossier's settings, whatever they
chose for their digests, once: the change remembers it.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

from facteur.domain.commands import TellSwitch
from facteur.domain.dossiers import PERMISSIONS, Permission, normalise_address
from facteur.domain.errors import InvalidError, NotFoundError, StaleVersionError
from facteur.domain.switching import Switched
from facteur.ports import Context
from facteur.services.notifications import mails
from facteur.services.staircase import NOTHING, Steps

log = logging.getLogger(__name__)


def tell_switch(command: TellSwitch, context: Context) -> Steps:
    """Tell of a change that could not be made; nothing when it was told, or was made after all."""
    try:
        switch = context.connections.switch(command.dossier, command.switch)
    except NotFoundError:
        return NOTHING
    if switch.state is not Switched.IMPOSSIBLE or switch.told_at is not None:
        return NOTHING
    for address in dict.fromkeys(_managers(command.dossier, context)):
        try:
            mails.send(
                "changement_impossible",
                address,
                context,
                firm=context.store.dossier(command.dossier).name,
                switch=switch,
                page=mails.link(context, f"/vers/{command.dossier}/changer-de-plateforme"),
                alert=True,
            )
        except InvalidError as error:  # an address that no server takes
            log.warning("%s cannot be told of: %s", switch.id, error)
    try:
        context.connections.save_switch(replace(switch, told_at=context.clock.now()), ())
    except StaleVersionError:  # told by another run at the same moment
        log.warning("%s was told of twice", switch.id)
    return NOTHING


def _managers(dossier: str, context: Context) -> Iterator[str]:
    """The addresses of who may change the settings: of the dossier, and of its linked firm."""
    for one in context.people.members(dossier):
        if Permission.MANAGE in one.permissions:
            yield normalise_address(one.email)
    for link in context.people.links_of_dossier(dossier):
        if link.active and Permission.MANAGE in PERMISSIONS[link.role]:
            for person in context.people.firm_members(link.firm):
                yield normalise_address(person.email)
