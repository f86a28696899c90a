"""Asking the directory whether a sale can reach its buyer, and remembering what was chosen.

The question is about the very address that will be written (BT-49), and its answer is kept a day
with who gave it and when (PE-08, D30, D31). What nobody could say is « indéterminé », and is not
kept: the next look asks again. Where a company has several lines a person chooses once, and the
customer's card remembers (PE-09).
"""

from dataclasses import dataclass, replace

from facteur.domain.connections import Connection, default_of
from facteur.domain.documents import Document, DocumentRef
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedByPlatformError,
    UnavailableError,
)
from facteur.domain.faults import Fault
from facteur.domain.flows import DirectoryLine
from facteur.domain.parties import Party
from facteur.domain.reach import (
    Reach,
    Reachable,
    address_of,
    proposed,
    reach_of,
    siren_of,
)
from facteur.domain.self_billing import is_self_billed, issued_here, mandate_gap
from facteur.ports import Context, Platform
from facteur.services.parties import book
from facteur.services.platforms.opening import opened

_ASKING = (UnavailableError, ForbiddenError, NotFoundError, RefusedByPlatformError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The addresses of a sale's buyer, and the one that would be written."""

    written: str  # on the invoice, "" when it has none
    chosen: str  # remembered on the customer's card
    lines: tuple[DirectoryLine, ...]
    proposed: str  # "" when somebody must choose
    reach: Reach | None  # of the proposed one, else of the written one
    trouble: Fault | None = None  # why the directory could not be asked


def target(document: Document, party: Party | None) -> str:
    """The address that a sale would be sent to: chosen on the card, else written on it."""
    chosen = party.electronic_address if party is not None else ""
    return chosen or document.buyer_address


def known(document: Document, address: str, context: Context) -> Reach | None:
    """What is remembered of an address, without asking anybody; None when nothing is."""
    if not address:
        return None
    kept = context.connections.reach(document.dossier, address)
    return kept if kept is not None and kept.fresh(context.clock.now()) else None


def look_up(dossier: str, address: str, context: Context, *, again: bool = False) -> Reach:
    """What the directory says of an address; from memory within a day unless ``again``."""
    kept = context.connections.reach(dossier, address)
    if kept is not None and not again and kept.fresh(context.clock.now()):
        return kept
    connection = directory_of(dossier, context)
    if connection is None:
        return Reach(address=address, state=Reachable.UNKNOWN, why="reach.no_platform")
    try:
        with opened(connection, context) as platform:
            found = ask(platform, connection, address, context)
    except _ASKING as error:
        return _unknown(address, connection, error, context)
    context.connections.keep_reach(dossier, found)
    return found


def ask(platform: Platform, connection: Connection, address: str, context: Context) -> Reach:
    """Ask a platform that is open already.

    « Absent » is said once the company's own lines were looked at too: a platform that does not
    serve one line by its address answers as for one that does not exist.
    """
    source, at = _label(connection, context), context.clock.now()
    line = platform.line(address)
    if line is None:
        lines = platform.lines(siren_of(address))
        line = next((one for one in lines if one.address == address), None)
    return reach_of(address, line, source=source, at=at)


def addresses(caller: Caller, document: str, context: Context) -> Addresses:
    """« Vérifier l'adresse »: every line of the buyer, and what is known of the one proposed."""
    head, party = _sale(caller, document, context)
    chosen = party.electronic_address if party is not None else ""
    siren = siren_of(head.buyer_address) or (party.siren if party is not None else "")
    connection = directory_of(head.dossier, context)
    if not siren or connection is None:
        code = "reach.no_siren" if connection is not None else "reach.no_platform"
        return Addresses(
            written=head.buyer_address, chosen=chosen, lines=(), proposed=chosen, reach=None,
            trouble=Fault(code=code),
        )  # fmt: skip
    written = head.buyer_address
    try:
        with opened(connection, context, document=head.id) as platform:
            lines = platform.lines(siren)
            pick = proposed(lines, siren=siren, chosen=chosen, written=written)
            asked = chosen or written or pick
            reach = ask(platform, connection, asked, context) if asked else None
    except _ASKING as error:
        asked = chosen or written
        reach = _unknown(asked, connection, error, context) if asked else None
        return Addresses(
            written=written, chosen=chosen, lines=(), proposed="", reach=reach,
            trouble=Fault(code=error.code),
        )  # fmt: skip
    if reach is not None:
        context.connections.keep_reach(head.dossier, reach)
    return Addresses(written=written, chosen=chosen, lines=lines, proposed=pick, reach=reach)


def choose(caller: Caller, document: str, typed: str, context: Context) -> str:
    """Remember the address of a customer on his card; the address.

    InvalidError (``sending.address``) for what is none, or of another company; NotFoundError.
    """
    caller.require(Permission.DECIDE)
    head, party = _sale(caller, document, context)
    address = address_of(typed)
    own = siren_of(head.buyer_address) or (party.siren if party is not None else "")
    if not address or (own and siren_of(address) != own):
        raise InvalidError((Fault(code="sending.address", path="address"),))
    if party is None:
        raise InvalidError((Fault(code="reach.no_card", path="address"),))
    if party.electronic_address != address:
        book.save(
            caller,
            replace(party, electronic_address=address),
            "party.address_chosen",
            context,
            address=address,
        )
    return address


def _sale(caller: Caller, document: str, context: Context) -> tuple[Document, Party | None]:
    caller.require(Permission.READ)
    head = context.store.document(DocumentRef(caller.dossier, document))
    if not issued_here(head):
        raise NotFoundError("not_found")
    return head, card_of(head, context)


def card_of(document: Document, context: Context) -> Party | None:
    """The customer's card of a sale, None when it has none."""
    if not document.party:
        return None
    try:
        return context.parties.party(document.dossier, document.party)
    except NotFoundError:
        return None


def mandate_gap_of(document: Document, context: Context) -> str:
    """What lacks for sending an invoice in its seller's name, "" for every other invoice."""
    if not (is_self_billed(document) and issued_here(document)):
        return ""
    party = card_of(document, context)
    return mandate_gap(party.mandate if party else None, document.summary.issue_date)


def directory_of(dossier: str, context: Context) -> Connection | None:
    """The connection whose directory is asked."""
    serving = {one.name for one in context.platforms.kinds() if one.directory}
    held = context.connections.connections(dossier)
    return default_of(tuple(one for one in held if one.platform in serving))


def _label(connection: Connection, context: Context) -> str:
    kinds = {one.name: one.label for one in context.platforms.kinds()}
    return kinds.get(connection.platform, connection.platform)


def _unknown(address: str, connection: Connection, error: FacteurError, context: Context) -> Reach:
    return Reach(
        address=address,
        state=Reachable.UNKNOWN,
        source=_label(connection, context),
        at=context.clock.now(),
        why=error.code,
    )
