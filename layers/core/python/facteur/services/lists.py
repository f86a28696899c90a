"""Lists that people fill in a spreadsheet and import: the model, the file, the rows to correct.

One road for every list (cards of suppliers and customers, dossiers of a firm): a model to download
with its columns, checks and an example row that is never imported; a presigned form for the file;
its rows by the names of our columns, whatever their order; and, for the rows that were left, a
file with the same columns and « Erreur », to be corrected and imported again. What a row means is
its list's own business (parties/lists.py, people/clients_table.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from facteur.domain.duplicates import plain
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.formats import spreadsheet
from facteur.formats.spreadsheet import Column
from facteur.ports import Context, UploadForm
from facteur.services.sent_files import Back, Place

ERROR = "ERREUR"


class Outcome(StrEnum):
    """What a row of an import does."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A list as a spreadsheet."""

    title: str  # of the sheet; in lower case, the name of its files
    columns: Mapping[str, Column]  # in order, by our names
    example: Mapping[str, str]  # the model's one row
    mark: str  # the column whose example says that the row is the model's
    required: str  # the column without which a file is another list
    most: int  # rows of one import
    heads: Mapping[str, str] = field(default_factory=dict)  # other heads that people write

    @property
    def file_name(self) -> str:
        """The name of its files, without suffix."""
        return self.title.lower()


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a dossier's or a firm's lists pass."""

    name: str

    @property
    def sent(self) -> Place:
        """Where the lists that its pages were sent wait."""
        return Place(
            owner=self.name,
            folder="lists",
            media_type=spreadsheet.XLSX,
            most_bytes=spreadsheet.MOST_BYTES,
        )


def of_dossier(dossier: str) -> Folder:
    """The folder of a dossier's lists."""
    return Folder(dossier)


def of_firm(firm: str) -> Folder:
    """The folder of a firm's lists."""
    return Folder(f"cabinet-{firm}")


def template(sheet: Sheet, folder: Folder, context: Context) -> str:
    """A link to the model: columns, checks, one example row that is never imported."""
    row = tuple(sheet.example.get(name, "") for name in sheet.columns)
    columns = tuple(sheet.columns.values())
    data = spreadsheet.to_xlsx(sheet.title, columns, [row], spare=sheet.most)
    return passed(folder, data, "xlsx", f"modele-{sheet.file_name}", context)


def passed(folder: Folder, data: bytes, form: str, name: str, context: Context) -> str:
    """A link to a list of ours, as .xlsx or .csv."""
    media = spreadsheet.CSV if form == "csv" else spreadsheet.XLSX
    key = f"exports/{folder.name}/{context.ids.new()}.{form}"
    return context.blobs.put_passing(key, data, media, f"{name}.{form}")


def import_form(folder: Folder, context: Context, *, back: Back) -> UploadForm:
    """The presigned form for a list to import; ``back``: the page that asks its rows by name."""
    return folder.sent.form(context, back=back)


def rows(
    sheet: Sheet, folder: Folder, name: str, context: Context
) -> tuple[tuple[int, Mapping[str, str]], ...]:
    """The rows of an uploaded list, each with its place in the file (from 2: the heads are row 1).

    UnreadableError for a file that is no list; InvalidError (``list.…``) when its heads are not
    those of the model or it has too many rows; NotFoundError when it was never uploaded.
    """
    table = spreadsheet.read(folder.sent.data(name, context))
    names = _heads(sheet, table)
    if len(table) - 1 > sheet.most:
        values = {"most": str(sheet.most), "rows": str(len(table) - 1)}
        raise InvalidError((Fault(code="list.too_many", values=values),), code="list.too_many")
    example = sheet.example[sheet.mark].upper()
    found = []
    for place, row in enumerate(table[1:], start=2):
        values = {head: text for head, text in zip(names, row, strict=False) if head}
        if any(values.values()) and values.get(sheet.mark, "").upper() != example:
            found.append((place, values))
    return tuple(found)


def _heads(sheet: Sheet, table: Sequence[Sequence[str]]) -> list[str]:
    """Our name of each column of a file; "" for one that is not ours."""
    known = {plain(one.head): name for name, one in sheet.columns.items()}
    known |= {plain(head): name for head, name in sheet.heads.items()}
    names = [known.get(plain(head), "") for head in (table[0] if table else ())]
    if sheet.required not in names:
        raise InvalidError((Fault(code="list.heads"),), code="list.heads")
    return names


def errors_file(
    sheet: Sheet,
    folder: Folder,
    bad: Sequence[tuple[Mapping[str, str], str]],
    context: Context,
) -> str:
    """A link to the rows that were left, each with why: same columns and « Erreur »."""
    heads = (*sheet.columns.values(), Column(head=ERROR, width=60))
    written = [(*(values.get(name, "") for name in sheet.columns), text) for values, text in bad]
    data = spreadsheet.to_xlsx(sheet.title, heads, written)
    return passed(folder, data, "xlsx", f"{sheet.file_name}-a-corriger", context)
