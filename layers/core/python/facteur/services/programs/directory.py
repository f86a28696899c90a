"""Our Directory Service to a dossier's billing software: what its platform's directory says.

We are no directory: what is asked goes to the directory of the platform that the dossier is
connected to, under the dossier's own account, and nothing is added. A dossier without connection
is told so (``directory.none``) rather than shown an empty directory.

What a platform can be asked is by SIREN or by address; a search by name or place is
``directory.search``: the standard has 501 for it.
"""

from dataclasses import dataclass

from facteur.domain.connections import Connection
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import NotFoundError, UnavailableError
from facteur.domain.flows import DirectoryLine, LegalUnit
from facteur.ports import Context
from facteur.services.platforms.opening import opened
from facteur.services.platforms.reaching import directory_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A company and its addresses."""

    unit: LegalUnit
    lines: tuple[DirectoryLine, ...]


def company(caller: Caller, siren: str, context: Context) -> Known:
    """A company and its addresses; NotFoundError when the directory does not have it.

    ForbiddenError without the right; UnavailableError (``directory.none``) without a connection.
    """
    connection = _connection(caller, context)
    with opened(connection, context) as platform:
        unit = platform.legal_unit(siren)
        lines = platform.lines(siren) if unit else ()
    if unit is None:
        raise NotFoundError("directory.unknown")
    return Known(unit=unit, lines=lines)


def line(caller: Caller, address: str, context: Context) -> DirectoryLine:
    """The very address that is asked for; NotFoundError when the directory does not have it."""
    with opened(_connection(caller, context), context) as platform:
        found = platform.line(address)
    if found is None:
        raise NotFoundError("directory.unknown")
    return found


def _connection(caller: Caller, context: Context) -> Connection:
    caller.require(Permission.READ)
    connection = directory_of(caller.dossier, context)
    if connection is None:
        raise UnavailableError("directory.none")
    return connection
