"""Accounting formats: golden files, fixed widths, what an encoding cannot hold."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.domain.exports import Booking, Company, Posting
from facteur.formats.exports import FORMATS
from facteur.formats.exports.text import LATIN9, WINDOWS, cents, holdable, left

GOLDEN = Path(__file__).parent.parent / "golden" / "exports"
COMPANY = Company(name="Delorme", siren="300000007", until=date(2026, 11, 30))
D = Decimal


def _bookings() -> list[Booking]:
    """A purchase at two rates, a credit note, a sale; names that make trouble."""
    supplier = {"auxiliary": "FOUR-001", "auxiliary_label": "Vasseur & fils, « bois »"}
    bad = {"auxiliary": "FOUR-012", "auxiliary_label": "=cmd|' /C calc'!A0"}
    customer = {"auxiliary": "CLI-003", "auxiliary_label": "Łódź Œuvres’ 東京"}
    return [
        Booking(
            document="a", journal="AC", journal_label="Achats", day=date(2026, 11, 5),
            piece="FA-2026-000122527", label="Facture FA-2026-000122527 Vasseur & fils, « bois »",
            party="Vasseur & fils, « bois »", due=date(2026, 12, 5),
            attachment="pieces/AC00001.pdf",
            postings=(
                Posting(account="401000", account_label="Fournisseurs", credit=D("1331.00"),
                        **supplier),
                Posting(account="606400", account_label="Achats", debit=D("100.00"), rate=D(20)),
                Posting(account="606400", account_label="Achats", debit=D("1146.45"),
                        rate=D("5.5")),
                Posting(account="445660", account_label="TVA déductible", debit=D("20.00"),
                        rate=D(20)),
                Posting(account="445660", account_label="TVA déductible", debit=D("64.55"),
                        rate=D("5.5")),
            ),
        ),
        Booking(
            document="b", journal="AC", journal_label="Achats", day=date(2026, 11, 9),
            piece="A-1", label="Avoir A-1 =cmd|' /C calc'!A0", party="=cmd|' /C calc'!A0",
            due=None, attachment="pieces/AC00002.pdf",
            postings=(
                Posting(account="401000", account_label="Fournisseurs", debit=D("12.00"), **bad),
                Posting(account="606000", account_label="Achats", credit=D("10.00"), rate=D(20)),
                Posting(account="445660", account_label="TVA déductible", credit=D("2.00"),
                        rate=D(20)),
            ),
        ),
        Booking(
            document="c", journal="VE", journal_label="Ventes", day=date(2026, 11, 30),
            piece='V"7', label='Facture V"7 Łódź Œuvres’ 東京', party="Łódź Œuvres’ 東京",
            due=date(2027, 1, 31), attachment="",
            postings=(
                Posting(account="411000", account_label="Clients", debit=D("5.00"), **customer),
                Posting(account="706000", account_label="Ventes", credit=D("5.00"), rate=D(0)),
            ),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("name", list(FORMATS))
def test_each_format_writes_its_golden_file(name: str) -> None:
    """Byte for byte what was looked at; a change of format is a change of this file."""
    written = FORMATS[name].write(_bookings(), COMPANY)
    assert written.data == (GOLDEN / f"{name}.txt").read_bytes()


@pytest.mark.parametrize(("name", "width"), [("quadra", 193), ("ciel", 138)])
def test_fixed_widths_hold_whatever_the_texts(name: str, width: int) -> None:
    """A letter that becomes three, a name too long: no field moves the next."""
    data = FORMATS[name].write(_bookings(), COMPANY).data
    lines = data.decode("cp1252").split("\r\n")[:-1]
    assert {len(one) for one in lines} == {width}
    assert len(lines) == 10


def test_the_fec_has_its_eighteen_columns_and_balances() -> None:
    """Names and order of A47 A-1, days without separator, a comma before the cents."""
    text = FORMATS["fec"].write(_bookings(), COMPANY).data.decode(LATIN9)
    rows = [one.split("\t") for one in text.split("\r\n")[:-1]]
    assert rows[0] == [
        "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
        "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
        "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
    ]  # fmt: skip
    assert {len(one) for one in rows} == {18}
    assert rows[1][:5] == ["AC", "Achats", "1", "20261105", "401000"]
    sums = [sum(D(one[at].replace(",", ".")) for one in rows[1:]) for at in (11, 12)]
    assert sums[0] == sums[1] == D("1348.00")
    assert FORMATS["fec"].filename(COMPANY) == "300000007FEC20261130.txt"


def test_fec_plus_names_the_attachment_of_each_line() -> None:
    """A nineteenth column, empty where there is none."""
    text = FORMATS["fec_plus"].write(_bookings(), COMPANY).data.decode(LATIN9)
    rows = [one.split("\t") for one in text.split("\r\n")[:-1]]
    assert {len(one) for one in rows} == {19}
    assert [rows[0][18], rows[1][18], rows[-1][18]] == ["PieceJointe", "pieces/AC00001.pdf", ""]


def test_a_name_cannot_become_a_formula_in_a_spreadsheet() -> None:
    """CSV injection: the cell that begins with = + - @ gets an apostrophe."""
    text = FORMATS["csv"].write(_bookings(), COMPANY).data.decode("utf-8-sig")
    cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(";")]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [one for one in cells if one[:1] in ("=", "+", "-", "@")]


def test_a_separator_in_a_text_adds_no_field() -> None:
    """Commas and quotes have no escape in EBP, tabs and line ends none in the FEC."""
    (first, *_others) = _bookings()
    hostile = Booking(
        document="x", journal="AC", journal_label="Achats", day=first.day,
        piece='a,"b\t\n', label='x",y,"z\r\nAC\tforgé', party="p", due=None,
        postings=first.postings,
    )  # fmt: skip
    ebp = FORMATS["ebp"].write([hostile], COMPANY).data.decode(WINDOWS).split("\r\n")
    assert {one.count(",") for one in ebp[:-1]} == {10}
    assert {one.count('"') for one in ebp[:-1]} == {4}
    fec = FORMATS["fec"].write([hostile], COMPANY).data.decode(LATIN9).split("\r\n")
    assert {one.count("\t") for one in fec[:-1]} == {17}
    assert len(fec) == len(first.postings) + 2


def test_a_separator_in_a_text_adds_no_column() -> None:
    """Nor does a line end: Coala and Sage 100 have no escape either."""
    (first, *_others) = _bookings()
    hostile = Booking(
        document="x", journal="AC", journal_label="Achats", day=first.day,
        piece="a;b\t\n", label="x;y,z\r\nG\tAC\tforgé", party="p", due=None,
        postings=first.postings,
    )  # fmt: skip
    for name, mark, columns in (("coala", ";", 9), ("sage100", "\t", 11)):
        lines = FORMATS[name].write([hostile], COMPANY).data.decode("cp1252").split("\r\n")[:-1]
        assert {columns} == {len(one.split(mark)) for one in lines}, name
        assert len(first.postings) == len(lines), name


def test_entries_of_sage_100_and_coala_balance() -> None:
    """By entry number, to the cent, with a comma."""
    for name, mark, number, debit in (("coala", ";", 7, 4), ("sage100", "\t", 3, 9)):
        data = FORMATS[name].write(_bookings(), COMPANY).data
        text = data.decode("utf-8" if name == "coala" else WINDOWS)
        rows = [one.split(mark) for one in text.split("\r\n")[:-1]]
        for entry in {one[number] for one in rows}:
            sums = [
                sum(D(one[at].replace(",", ".")) for one in rows if one[number] == entry)
                for at in (debit, debit + 1)
            ]
            assert sums[0] == sums[1] > 0, name


@pytest.mark.parametrize(
    ("text", "encoding", "kept", "lost"),
    [("Œuvre’s", LATIN9, "Œuvre's", 0), ("Œuvre’s €", WINDOWS, "Œuvre’s €", 0),
     ("Łódź", WINDOWS, "Lódz", 0), ("東京", LATIN9, "??", 2), ("e\u0301", WINDOWS, "é", 0)],
)  # fmt: skip
def test_what_an_encoding_lacks_loses_its_accent_or_is_counted(
    text: str, encoding: str, kept: str, lost: int
) -> None:
    """A neighbour where there is one; else a question mark that the export tells."""
    assert holdable(text, encoding) == (kept, lost)


def test_lost_characters_are_told_whatever_the_format_cuts() -> None:
    """The sale's customer has letters that no Windows font file of 1995 had."""
    for name in ("quadra", "ebp", "ciel", "fec"):
        assert FORMATS[name].write(_bookings(), COMPANY).replaced > 0, name
    assert FORMATS["csv"].write(_bookings(), COMPANY).replaced == 0


def test_an_amount_too_long_for_its_field_stops_the_export() -> None:
    """Never cut: a wrong amount in a ledger is worse than no ledger."""
    assert cents(D("1312.80"), 12) == "000000131280"
    with pytest.raises(ValueError, match="digits"):
        cents(D("12345678901.00"), 12)
    assert left("a\tb\n", 5) == "a b  "
