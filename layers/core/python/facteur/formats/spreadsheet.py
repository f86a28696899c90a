"""Spreadsheets in and out: .xlsx and .csv tables of texts, bounded and harmless.

What comes in may be hostile: an .xlsx is a ZIP of XML, so its parts are counted and their declared
sizes added before anything is opened, entities are refused, and rows, columns and cells have their
bounds. Formulas are never evaluated: the cell's cached value is read, and one without is empty.
What goes out holds texts written by strangers (a supplier's name): in .csv, one that a spreadsheet
would take for a formula gets an apostrophe; in .xlsx it is written as text. An apostrophe before
such a sign is taken off again on the way in.

Sources: ECMA-376; RFC 4180; OWASP, "CSV Injection".
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from facteur.domain.errors import UnreadableError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

MOST_BYTES = 2_000_000
MOST_UNPACKED = 30_000_000
MOST_PARTS = 200
MOST_ROWS = 2_000
MOST_COLUMNS = 60
MOST_CELL = 2_000  # characters
_RATIO = 200  # a ZIP part that unpacks more than so many times its size was made to
_PIECE = 65_536
#: What opens a declaration, in bytes of capitals: UTF-8 and its kin, UTF-16 either way round.
_DECLARATIONS = tuple(
    sign.encode(code)
    for sign in ("<!DOCTYPE", "<!ENTITY")
    for code in ("ascii", "utf-16-le", "utf-16-be")
)
_ENCODING = re.compile(rb"(?:\xEF\xBB\xBF)?\s*<\?XML[^>]*?\sENCODING\s*=\s*[\"']([^\"']*)")
_ENCODINGS = (b"UTF-8", b"US-ASCII", b"ISO-8859-1", b"WINDOWS-1252", b"UTF-16")
_NO_XML = re.compile("[^\t -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


#: What openpyxl raises on damaged or hostile parts, whatever its XML reader met.
_DAMAGED = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table we write: its head, its width, and the only values it takes, if any."""

    head: str
    width: int = 18
    choices: tuple[str, ...] = ()
    note: str = ""  # shown when the cell is chosen


def read(data: bytes) -> tuple[tuple[str, ...], ...]:
    """The rows of the first sheet as texts, trimmed; empty ones at the end are left out,
    columns too.

    .xlsx, or .csv with ``;``, ``,`` or tabs. UnreadableError: ``unreadable.too_large``,
    ``.spreadsheet`` (neither, or damaged), ``.spreadsheet_rows`` (too many rows or columns).
    """
    if len(data) > MOST_BYTES:
        raise UnreadableError("unreadable.too_large", limit=MOST_BYTES // 1_000_000)
    rows = _of_xlsx(data) if data.startswith(b"PK") else _of_csv(data)
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((at for row in rows for at, one in enumerate(row, start=1) if one), default=0)
    return tuple(row[:width] for row in rows)


def _of_xlsx(data: bytes) -> list[tuple[str, ...]]:
    _bounded(data)
    import openpyxl  # noqa: PLC0415 - 150 ms that only imports and exports pay

    try:
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        sheet = book.worksheets[0]
        rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), MOST_ROWS + 2)
        found = [tuple(_cell(one) for one in row) for row in rows]
        book.close()
    except _DAMAGED as error:
        raise UnreadableError("unreadable.spreadsheet", reason=type(error).__name__) from error
    if len(found) > MOST_ROWS + 1:
        raise UnreadableError("unreadable.spreadsheet_rows", limit=MOST_ROWS)
    return found


def _bounded(data: bytes) -> None:
    """UnreadableError for a ZIP that would fill the memory, or whose XML has entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            total = sum(one.file_size for one in parts)
            dense = any(
                one.file_size > 1_000_000 and one.file_size > _RATIO * max(one.compress_size, 1)
                for one in parts
            )
            if len(parts) > MOST_PARTS or total > MOST_UNPACKED or dense:
                raise UnreadableError("unreadable.bomb")
            if not any(one.filename == "xl/workbook.xml" for one in parts):
                raise UnreadableError("unreadable.spreadsheet", reason="no workbook")
            if any(_declares(archive, one) for one in parts):  # names say nothing of what is read
                raise UnreadableError("unreadable.bomb")
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise UnreadableError("unreadable.spreadsheet", reason=type(error).__name__) from error


def _declares(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """True for XML with a document type: no spreadsheet has one, entity bombs do.

    The whole part is looked at, whatever stands before the declaration, and so is its encoding:
    in another one than those of spreadsheets a declaration would be spelt in other bytes.
    """
    with archive.open(part) as opened:
        before = opened.read(_PIECE).upper()
        encoding = _ENCODING.match(before)
        if encoding and encoding[1] not in _ENCODINGS:
            return True
        while True:
            if any(sign in before for sign in _DECLARATIONS):
                return True
            more = opened.read(_PIECE).upper()
            if not more:
                return False
            before = before[-32:] + more


def _of_csv(data: bytes) -> list[tuple[str, ...]]:
    if b"\x00" in data:
        raise UnreadableError("unreadable.spreadsheet", reason="binary")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what Excel writes on a French machine
    first = text.partition("\n")[0]
    sign = max((";", ",", "\t"), key=first.count)
    found: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=sign):
            if len(found) > MOST_ROWS or len(row) > MOST_COLUMNS:
                raise UnreadableError("unreadable.spreadsheet_rows", limit=MOST_ROWS)
            found.append(tuple(_cell(one) for one in row))
    except csv.Error as error:
        raise UnreadableError("unreadable.spreadsheet", reason="csv") from error
    return found


def _cell(value: object) -> str:
    """A cell as text: whole numbers without decimals, days as dd/mm/yyyy, oui and non."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime | date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, int | Decimal) or hasattr(value, "is_integer"):
        text = format(Decimal(str(value)).normalize(), "f")
    else:
        text = str(value)
    text = " ".join(text.split())[:MOST_CELL]
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA and len(text) > 1 else text


def harmless(text: str) -> str:
    """The text as a cell of a .csv that no spreadsheet takes for a formula."""
    flat = text.replace("\r", " ").replace("\n", " ")
    return f"'{flat}" if text[:1] in _FORMULA and text[:1] else flat


def to_csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A .csv that French spreadsheets open: UTF-8 with its mark, ``;`` between cells."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(one) for one in heads])
    writer.writerows([[harmless(one) for one in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def to_xlsx(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, spare: int = 0
) -> bytes:
    """An .xlsx with one sheet: heads in bold, every cell a text, choices checked by the sheet.

    ``spare``: how many empty rows below are checked too, for people to fill.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - 150 ms that only imports and exports pay
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    last = _fill(sheet, [[one.head for one in columns], *rows])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E6EBF2")
    sheet.freeze_panes = "A2"
    for at, column in enumerate(columns, start=1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        _check(sheet, column, f"{letter}2:{letter}{max(last, 2) + spare}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, rows: Iterable[Sequence[str]]) -> int:
    """Write the rows as texts, whatever they look like; how many there are."""
    count = 0
    for count, row in enumerate(rows, start=1):
        for at, text in enumerate(row, start=1):
            cell = sheet.cell(row=count, column=at)
            cell.value = _printable(text)
            cell.data_type = "s"
            cell.number_format = "@"
            if text[:1] in _FORMULA and text[:1]:
                cell.quotePrefix = True
    return count


def _printable(text: str) -> str:
    """What XML can carry (XML 1.0 §2.2): other characters, which a hostile name may hold, are left
    out, or one name would make every export fail."""
    return _NO_XML.sub("", text)[:MOST_CELL]


def _check(sheet: Any, column: Column, cells: str) -> None:
    """The sheet's own check of a column, and its note."""
    if not (column.choices or column.note):
        return
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    rule: Mapping[str, object] = {}
    if column.choices:
        rule = {"type": "list", "formula1": '"{}"'.format(",".join(column.choices))}
    check = DataValidation(allow_blank=True, showErrorMessage=bool(column.choices), **rule)
    if column.note:
        check.promptTitle, check.prompt = column.head[:32], column.note[:255]
        check.showInputMessage = True
    sheet.add_data_validation(check)
    check.add(cells)
