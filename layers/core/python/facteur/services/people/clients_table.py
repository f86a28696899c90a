"""A firm's clients from a spreadsheet: a file or pasted lines, tried first, then created.

A file is a list like those of the cards (lists.py): a model, a presigned form, the rows to correct
in a file of their own. Copied cells are text with tabs, a CSV opened in an editor has semicolons
or commas. A row whose SIREN the firm keeps already changes nothing, so that a table is imported
again once it is corrected, or when more remain than one page creates in its time.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace

from facteur.domain.errors import ConflictError, FacteurError, ForbiddenError, InvalidError
from facteur.domain.faults import Fault
from facteur.domain.people import FirmCaller, checked_email, checked_name, checked_siren
from facteur.formats.spreadsheet import Column
from facteur.ports import Context
from facteur.services import lists
from facteur.services.people.firms import create_dossier
from facteur.services.people.hosting import hosted_dossier

MOST_ROWS = 200
MOST_TEXT = 200_000
MOST_CREATED = 25  # at once: each asks the register of companies

#: The model of a firm's list.
SHEET = lists.Sheet(
    title="Dossiers",
    columns={
        "siren": Column(head="SIREN", note="Obligatoire : 9 chiffres."),
        "name": Column(
            head="NOM DE L’ENTREPRISE", width=34, note="Vide : repris du registre des entreprises."
        ),
        "email": Column(
            head="E-MAIL DU GÉRANT", width=30, note="Il reçoit une invitation. Peut rester vide."
        ),
        "person": Column(head="GÉRANT", width=28, note="Prénom et nom. Peut rester vide."),
    },
    example={
        "siren": "552100554", "name": "EXEMPLE Menuiserie Le Goff",
        "email": "yann@legoff.example", "person": "Yann Le Goff",
    },
    mark="name",
    required="siren",
    most=MOST_ROWS,
    heads={"NOM": "name", "E-MAIL": "email", "EMAIL": "email"},
)  # fmt: skip


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
    unchanged: bool = False  # the firm keeps it already

    @property
    def ready(self) -> bool:
        """True when it would be created."""
        return not (self.faults or self.dossier or self.unchanged)


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


def rows_of_file(who: FirmCaller, name: str, context: Context) -> tuple[Row, ...]:
    """The rows of an uploaded list. Raises what lists.rows does."""
    found = lists.rows(SHEET, lists.of_firm(who.firm), name, context)
    return tuple(
        Row(
            number=place,
            siren=values.get("siren", ""),
            name=values.get("name", ""),
            email=values.get("email", ""),
            person=values.get("person", ""),
        )
        for place, values in found
    )


def checked_rows(who: FirmCaller, rows: Sequence[Row], context: Context) -> tuple[Row, ...]:
    """The rows with everything that is wrong in each; nothing is created."""
    kept = {one.siren for one in context.people.links_of_firm(who.firm) if one.active}
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
        unchanged = not faults and siren in kept
        if not (faults or unchanged) and hosted_dossier(siren, context):
            faults.append(Fault(code="dossier.siren_taken", path="siren", values={"siren": siren}))
        found.append(replace(row, faults=tuple(faults), unchanged=unchanged))
    return tuple(found)


def errors_file(
    who: FirmCaller, rows: Sequence[Row], texts: Sequence[str], context: Context
) -> str:
    """A link to the rows with faults, each with its text, to be corrected and imported again."""
    told = [
        ({column: str(getattr(row, column)) for column in SHEET.columns}, text)
        for row, text in zip(rows, texts, strict=True)
    ]
    return lists.errors_file(SHEET, lists.of_firm(who.firm), told, context)


def create_all(who: FirmCaller, rows: Sequence[Row], context: Context) -> tuple[Row, ...]:
    """Create a dossier per right row, MOST_CREATED at once: the others stay ready. A wrong row
    says why and stops nobody else."""
    done: list[Row] = []
    for row in checked_rows(who, rows, context):
        if not row.ready or sum(1 for one in done if one.dossier) >= MOST_CREATED:
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
