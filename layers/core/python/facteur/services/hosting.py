"""Which dossier of this platform a SIREN has, if any.

The SIREN's own address is never given to anybody else (domain/addresses.py), so it is the index
from a SIREN to its dossier: one read, whatever the number of dossiers.
"""

from facteur.domain.addresses import folder_of
from facteur.domain.documents import Direction
from facteur.domain.dossiers import mailbox_addresses, normalise_address
from facteur.ports import Context


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
