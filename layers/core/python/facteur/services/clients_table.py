"""A firm's clients from a spreadsheet: lines pasted as they are, tried first, then created.

Copying cells gives text with tabs; a CSV opened in an editor gives semicolons or commas. Reading
text costs no library and takes no file: there is nothing in it to open, expand or execute.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace

from facteur.domain.errors import ConflictError, FacteurError, ForbiddenError, InvalidError
from facteur.domain.faults import Fault
from facteur.domain.people import FirmCaller, checked_email, checked_name, checked_siren
from facteur.ports import Context
from facteur.services.firms import create_dossier

MOST_ROWS = 200
MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table of clients, as it was read, and what became of it."""

    number: int
    siren: str
    name: str = ""
    email: str = ""
    person: str = ""
    faults: tuple[Fault, ...] = ()
    dossier: str = ""  # created


def rows_of(text: str) -> tuple[Row, ...]:
    """The lines pasted from a spreadsheet: SIREN, name, gérant's address, gérant's name.

    Tabs, semicolons or commas; a first line of titles is left out. InvalidError
    (``import.empty``, ``import.too_many``, ``import.too_large``).
    """
    if len(text) > MOST_TEXT:
        raise InvalidError((), code="import.too_large")
    lines = [one for one in text.replace("\x00", "").splitlines() if one.strip()]
    if not lines:
        raise InvalidError((), code="import.empty")
    separator = max("\t;,", key=lines[0].count)
    try:
        table = list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise InvalidError((), code="import.unreadable") from error
    if table and not any(char.isdigit() for char in table[0][0]):
        table = table[1:]
    if len(table) > MOST_ROWS:
        raise InvalidError(
            (),
            code="import.too_many",
        )
    rows = []
    for number, cells in enumerate(table, start=1):
        siren, name, email, person = (*(one.strip() for one in cells[:4]), *[""] * 4)[:4]
        rows.append(Row(number=number, siren=siren, name=name, email=email, person=person))
    return tuple(rows)


def checked_rows(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with everything that is wrong in each; nothing is created."""
    seen: set[str] = set()
    found = []
    for row in rows:
        faults: list[Fault] = []
        siren = checked_siren(row.siren, faults)
        if siren in seen:
            faults.append(Fault(code="import.twice", path="siren"))
        seen.add(siren)
        if row.email or row.person:
            checked_email(row.email, faults)
            checked_name(row.person, faults, "person")
        found.append(replace(row, faults=tuple(faults)))
    return tuple(found)


def create_all(who: FirmCaller, rows: Sequence[Row], context: Context) -> tuple[Row, ...]:
    """Create a dossier per right row; a wrong one says why and stops nobody else."""
    done = []
    for row in checked_rows(rows):
        if row.faults:
            done.append(row)
            continue
        try:
            dossier = create_dossier(
                who,
                siren=row.siren,
                name=row.name,
                email=row.email,
                person=row.person,
                context=context,
            )
        except InvalidError as error:
            done.append(replace(row, faults=error.faults or (Fault(code=error.code),)))
        except (ConflictError, ForbiddenError) as error:  # taken, or too many in an hour
            done.append(replace(row, faults=(_fault_of(error),)))
        else:
            done.append(replace(row, dossier=dossier.id, name=dossier.name))
    return tuple(done)


def _fault_of(error: FacteurError) -> Fault:
    values = {name: str(value) for name, value in error.values.items()}
    return Fault(code=error.code, path="siren", values=values)
