"""Spreadsheets: what goes out comes back, what is hostile is stopped."""

import io
import zipfile
from datetime import date

import pytest
from facteur.domain.errors import UnreadableError
from facteur.formats import spreadsheet
from facteur.formats.spreadsheet import Column
from openpyxl import Workbook, load_workbook

COLUMNS = (Column(head="NOM"), Column(head="CONFIANCE", choices=("oui", "non")), Column(head="N"))
HOSTILE = ('=HYPERLINK("http://x")', "+33 1", "-2", "@SUM(A1)", "\tx", "|calc", "été", "'=1")


def _book(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_is_written_is_read_again() -> None:
    """Texts, numbers kept as texts with their zeros, empty cells, in both forms."""
    rows = (("Atelier", "oui", "0042"), ("", "non", "12,50"), ("a;b", "", "x"))
    heads = ("NOM", "CONFIANCE", "N")

    assert (heads, *rows) == spreadsheet.read(spreadsheet.to_xlsx("Liste", COLUMNS, rows))
    assert (heads, *rows) == spreadsheet.read(spreadsheet.to_csv(heads, rows))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str) -> None:
    """A name that a stranger chose is a text in .xlsx, and starts with an apostrophe in .csv."""
    book = load_workbook(io.BytesIO(spreadsheet.to_xlsx("L", COLUMNS, [(text, "", "")])))
    cell = book.active["A2"]
    assert "s" == cell.data_type
    line = spreadsheet.to_csv(("NOM",), [(text,)]).decode("utf-8-sig").split("\r\n")[1]
    assert line.lstrip('"')[:1] not in ("=", "+", "-", "@", "\t", "|")


def test_what_was_made_harmless_comes_back_as_it_was() -> None:
    """The apostrophe is ours: reading takes it off."""
    texts = [("+33 1 02",), ("=1",), ("-2",)]

    assert texts == list(spreadsheet.read(spreadsheet.to_csv(("N",), texts)))[1:]


def test_cells_of_all_kinds_are_texts() -> None:
    """Whole numbers without decimals, days in French, booleans in words, formulas empty."""
    rows = spreadsheet.read(
        _book((403156540, 20.0, 5.5, date(2026, 11, 20), True, "=1+1", " a  b "), (None,))
    )

    assert (("403156540", "20", "5.5", "20/11/2026", "oui", "", "a b"),) == rows


def test_the_sheet_checks_what_is_typed() -> None:
    """A column of choices has its list, over spare rows too."""
    data = spreadsheet.to_xlsx("Liste", COLUMNS, [("a", "oui", "")], spare=10)
    (check,) = load_workbook(io.BytesIO(data)).active.data_validations.dataValidation

    assert ('"oui,non"', "B2:B12") == (check.formula1, str(check.sqref))


def test_a_latin_csv_of_an_old_excel_is_read() -> None:
    """Windows-1252 with semicolons."""
    assert (("NOM", "VILLE"), ("Café", "Orléans")) == spreadsheet.read(
        "NOM;VILLE\r\nCafé;Orléans\r\n".encode("cp1252")
    )


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


CODED = b"<?xml version='1.0' encoding='cp037'?>" + "<!DOCTYPE x []><w/>".encode("cp037")
BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_zip(xl__workbook_xml=b"<w/>", xl__sheet_xml=b"0" * 40_000_000), "unreadable.bomb"),
        (_zip(xl__workbook_xml=b"<w/>", xl__sheet_xml=b"0" * 5_000_000), "unreadable.bomb"),
        (_zip(xl__workbook_xml=BOMB), "unreadable.bomb"),
        (_zip(xl__workbook_xml=b"<!--" + b"long" * 40_000 + b"-->" + BOMB), "unreadable.bomb"),
        (_zip(xl__workbook_xml=("\ufeff" + BOMB.decode()).encode("utf-16-le")), "unreadable.bomb"),
        (_zip(xl__workbook_xml=CODED), "unreadable.bomb"),
        (_zip(xl__workbook_xml=b"<w/>", xl__sheet_bin=BOMB), "unreadable.bomb"),
        (_zip(**{f"p{at}": b"" for at in range(300)}), "unreadable.bomb"),
        (_zip(word__document_xml=b"<w/>"), "unreadable.spreadsheet"),
        (_zip(xl__workbook_xml=b"<w/>"), "unreadable.spreadsheet"),
        (b"PK\x03\x04 broken", "unreadable.spreadsheet"),
        (_book(("a",))[:-200], "unreadable.spreadsheet"),
        (b"\x00\x01\x02" * 100, "unreadable.spreadsheet"),
        (b"a;b\n" * 600_000, "unreadable.too_large"),
        (b"a;b\n" * 3_000, "unreadable.spreadsheet_rows"),
        (b";" * 500 + b"\n", "unreadable.spreadsheet_rows"),
        (_book(*((str(at),) for at in range(2_100))), "unreadable.spreadsheet_rows"),
    ],
)  # fmt: skip
def test_hostile_and_damaged_files_are_stopped(data: bytes, code: str) -> None:
    """Bombs of ZIP and of entities, other files, broken ones, and more rows than we take."""
    with pytest.raises(UnreadableError) as raised:
        spreadsheet.read(data)

    assert code == raised.value.code


def test_nothing_is_an_empty_table() -> None:
    """An empty file has no row."""
    assert () == spreadsheet.read(b"")


def test_a_name_that_no_xml_carries_spoils_no_list() -> None:
    """Half a character, or one that is none: left out, and the list is written."""
    table = spreadsheet.to_xlsx("T", [Column(head="N")], [("Zo\ufffeé\ud800 \U0001f600\x01",)])

    assert (("N",), ("Zoé \U0001f600",)) == spreadsheet.read(table)
