"""Rows and cells rebuilt from words with boxes, also on a photographed sheet."""

import math
from decimal import Decimal

import pytest
from facteur.domain.candidate import Origin
from facteur.domain.extraction import extract
from facteur.domain.extraction.lines import rebuild
from facteur.domain.pages import Box, Page, PageSet, Word
from facteur.domain.plain import plain

from tests.domain.grid import pages, read, text
from tests.domain.test_extraction_invoices import WORKS


def test_plain_text_keeps_its_length():
    """Offsets found on the plain text are offsets of the printed one."""
    printed = "Échéance : œuvre – « l’été » №½ ﬁ 1\u202f200 €"
    assert len(plain(printed)) == len(printed)
    assert plain("Échéance") == "echeance"


def test_words_of_one_height_make_a_row_parted_by_wide_gaps():
    """Two spaces or more on the grid make two cells."""
    (row,) = text("Total HT    1 998,00 €").rows
    assert [cell.text for cell in row.cells] == ["Total HT", "1 998,00 €"]


def test_two_columns_with_their_own_leading_keep_their_rows():
    """Lines of the right column between those of the left one do not merge with them."""
    left = [Word(f"g{n}", Box(0.05, 0.1 + n * 0.02, 0.1, 0.11 + n * 0.02)) for n in range(4)]
    right = [Word(f"d{n}", Box(0.6, 0.106 + n * 0.024, 0.7, 0.116 + n * 0.024)) for n in range(4)]
    page = Page(number=1, words=(*left, *right))
    rows = rebuild(PageSet(pages=(page,), origin="text"), Origin.TEXT).rows
    assert all(
        len({word.text[0] for word in row.words}) == 1 or len(row.words) == 2 for row in rows
    )
    assert sum(len(row.words) for row in rows) == 8


@pytest.mark.parametrize("degrees", [-2.5, -1.0, 1.0, 2.5])
def test_a_sheet_photographed_askew_reads_as_a_straight_one(degrees):
    """Turned by up to 2.5 degrees, the same invoice gives the same fields."""
    straight = pages(WORKS).pages[0]
    turn = math.radians(degrees)

    def moved(x: float, y: float) -> tuple[float, float]:
        across, down = x * straight.width, y * straight.height
        return (
            (across * math.cos(turn) - down * math.sin(turn)) / straight.width,
            (across * math.sin(turn) + down * math.cos(turn)) / straight.height,
        )

    words = []
    for word in straight.words:
        left, top = moved(word.box.left, word.box.top)
        right, bottom = moved(word.box.right, word.box.bottom)
        shift = 0.06  # keep everything on the sheet
        words.append(
            Word(word.text, Box(left + shift, top + shift, right + shift, bottom + shift), 0.99)
        )
    askew = Page(number=1, words=tuple(words), width=straight.width, height=straight.height)
    found = extract(PageSet(pages=(askew,), origin="ocr:test"), origin=Origin.OCR)
    reference = extract(pages(WORKS), origin=Origin.TEXT)
    for name in (
        "number",
        "total_incl_vat",
        "amount_due",
        "buyer_name",
        "vat_breakdown",
        "due_date",
    ):
        assert found.get(name) == reference.get(name), name
    assert [line.net for line in found.lines] == [line.net for line in reference.lines]


def test_boxes_given_back_are_those_of_the_page():
    """Straightening is for reading: provenance shows where the words really are."""
    found = extract(pages(WORKS), origin=Origin.TEXT)
    place = found.fields["number"].provenance
    word = next(word for word in pages(WORKS).pages[0].words if word.text == "F-2024-0117")
    assert place.box == word.box


def test_empty_and_degenerate_words_are_passed_over():
    """Bad input: words without width, without text, outside the page."""
    words = (
        Word("", Box(0, 0, 0.1, 0.1)),
        Word("x", Box(0.5, 0.5, 0.5, 0.5)),
        Word("Facture", Box(-0.2, -0.1, 1.4, 0.02)),
        Word(" ", Box(0.1, 0.1, 0.2, 0.2)),
    )
    page = Page(number=1, words=words)
    assert [
        row.text for row in rebuild(PageSet(pages=(page,), origin="text"), Origin.TEXT).rows
    ] == ["Facture"]


def test_a_quantity_wider_than_its_head_is_no_word_of_the_description() -> None:
    """Set flush right with its unit, it begins under the description."""
    found = read("""
        !FACTURE F-2026-118                            Menuiserie Le Goff
        Date : 12/11/2026                              SIRET 552 100 554 00013
        Désignation                       Qté     PU HT     Montant HT
        Chaise de bureau      2,00 exemplaires    70,00     140,00
        Lampe                     1,00 unité      60,00      60,00
        Total HT                                            200,00
        TVA 20 %                                             40,00
        Total TTC                                           240,00
    """)

    assert [(one.description, one.quantity) for one in found.lines] == [
        ("Chaise de bureau", Decimal("2.00")),
        ("Lampe", Decimal("1.00")),
    ]
