"""What scans taught: names run together, sheets measured in pixels, tills, lines at the foot."""

from dataclasses import replace
from datetime import date

import pytest
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.extraction import extract, names
from facteur.domain.pages import Box, Page, PageSet, Word

from tests.domain import grid

INVOICE = """
    !FACTURE                                       Menuiserie Le Goff
    {number}                                       4 rue du Port
    {dates}                                        29000 Quimper
                                                   SIRET 552 100 554 00013
    Porte de garage                                100,00
    Total HT                                       100,00
    TVA 20 %                                        20,00
    Total TTC                                      120,00
    {foot}
"""


def invoice(
    number: str = "Facture n° F-2026-118", dates: str = "Date : 12/11/2026", foot: str = ""
) -> str:
    """The page with these references."""
    return INVOICE.format(number=f"{number:<40}", dates=f"{dates:<40}", foot=foot)


@pytest.mark.parametrize(
    ("read", "page", "name"),
    [
        ("SANYUSTATIONERYSHOP", {"sanyu", "stationery"}, "SANYU STATIONERY SHOP"),
        ("BOULANGERIEKERVELLA", {"kervella"}, "BOULANGERIE KERVELLA"),
        ("BOULANGERIESERVICE", {"kervella"}, "BOULANGERIESERVICE"),  # nothing of the page in it
        ("MENUISERIEGOFFIC", {"goffi"}, "MENUISERIEGOFFIC"),  # a letter would be left
        ("Vasseur", {"vass", "seur"}, "Vasseur"),  # short: one word
        ("Le Goff", {"goff"}, "Le Goff"),
    ],
)
def test_a_name_run_together_is_parted_by_the_page_s_own_words(
    read: str, page: set[str], name: str
) -> None:
    """Words of the page and of trade make up the whole name, or nothing changes."""
    assert name == names.spaced(read, page)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ww.familymart.com.my", ["familymart"]), ("www.amazon.co.uk/x", ["amazon"]),
        ("contact@aubonmoulin.fr", ["aubonmoulin"]), ("https://shop.vasseur.fr/a", ["vasseur"]),
        ("moi@orange.fr", []),
    ],
)  # fmt: skip
def test_the_name_inside_an_address_is_not_its_ending(text: str, found: list[str]) -> None:
    """.com.my and .co.uk are endings; OCR loses a w; a public mail address names nobody."""
    assert found == names.domain_of(text)


def test_a_sheet_measured_in_pixels_reads_as_one_in_points() -> None:
    """The same page, three times as large: the same values, as sure."""
    pages = grid.pages(invoice(), confidence=0.98)
    large = replace(
        pages,
        pages=tuple(
            replace(one, width=3 * one.width, height=3 * one.height) for one in pages.pages
        ),
    )
    small, read = (extract(one, origin=Origin.OCR) for one in (pages, large))

    assert {k: v.value for k, v in small.fields.items()} == {
        k: v.value for k, v in read.fields.items()
    }
    assert {k for k, v in small.fields.items() if v.sure} <= {
        k for k, v in read.fields.items() if v.sure
    }


def test_a_till_s_strip_titled_invoice_has_no_buyer_without_a_heading() -> None:
    """The first name sells; what stands under it is not its customer."""
    read = grid.read("""
        RESTORAN WAN SHENG
        No.2, Jalan Temenggung 19/9
        43200 Cheras, Selangor
        !Tax Invoice
        INV No.: 1170190
        Date : 01-06-2018
        2 Cham      4.40
        Take Away   0.40
        TOTAL       4.80
        CASH        4.80
        """)

    assert ("RESTORAN WAN SHENG", "") == (read.text("seller_name"), read.text("buyer_name"))


@pytest.mark.parametrize(
    "other",
    ["Prochaine facture le 20/08/2027", "Date de mise en service 07/03/2024",
     "Contrat signé le 03/02/2018", "Garantie jusqu'au 01/01/2030", "Next invoice 12/12/2026"],
)  # fmt: skip
def test_a_day_of_something_else_is_no_date_of_issue(other: str) -> None:
    """Neither beside the true one, nor instead of one whose label is unknown."""
    assert date(2026, 11, 12) == grid.read(invoice(foot=other)).day("issue_date")
    alone = grid.read(invoice(dates=other)).fields.get("issue_date")
    assert alone is None or not alone.sure


def test_nummer_alone_is_the_number_where_nothing_better_names_it() -> None:
    """A German « Nummer: » names anything; a « Rechnungsnummer » names the invoice."""
    german = """
        !RECHNUNG                                  Bergmann GmbH
        {labels}
        Datum: 12.11.2026                          20095 Hamburg
        Gesamt netto                               100,00
        MwSt. 19 %                                  19,00
        Gesamtbetrag                               119,00
    """
    lone = grid.read(german.format(labels="Nummer: 4711-22"))
    named = grid.read(german.format(labels="Rechnungsnummer: RE-9   Nummer: 4711-22"))
    several = grid.read(german.format(labels="Nummer: 4711-22      Nummer: 4711-23"))

    assert "4711-22" == lone.text("number")
    assert "RE-9" == named.text("number")
    assert "" == several.text("number")


@pytest.mark.parametrize(
    ("foot", "street"),
    [
        ("Nordis EURL au capital de 7 500 € - 148, boulevard Voltaire - 69003 Lyon",
         "148, boulevard Voltaire"),
        ("Nordis SAS | Parc d'activités des Landes, bât. C | 59000 Lille",
         "Parc d'activités des Landes, bât. C"),
        ("Nordis SAS, 5 bis avenue de la République, 74370 Argonay",
         "5 bis avenue de la République"),
    ],
)  # fmt: skip
def test_an_address_on_one_line_at_the_foot_is_the_seller_s(foot: str, street: str) -> None:
    """Its street with its commas, its town, under a head that has neither."""
    read = grid.read(f"""
        !NORDIS
        !Facture n° F-1
        Date : 12/11/2026
        Conseil                                        100,00
        Total HT                                       100,00
        TVA 20 %                                        20,00
        Total TTC                                      120,00




        {foot}
        SIRET 552 100 554 00013
        """)

    assert street == read.text("seller_address")
    assert read.text("seller_postcode")


@pytest.mark.parametrize(
    "printed",
    ["12/112026", "1211/2026", "12/11:2026", "12:11/2026", "12.11/2026", "12112026"],
)
def test_a_date_that_lost_a_stroke_is_read_to_check(printed: str) -> None:
    """Marginal scans lose strokes before digits: a label makes it a date, and a person looks."""
    read = grid.read(invoice(dates=f"Date : {printed}"), ocr=True)

    assert read.get("issue_date") == date(2026, 11, 12)
    assert not read.fields["issue_date"].sure


@pytest.mark.parametrize(
    ("printed", "ocr"),
    [
        ("1211/2026", False),  # a text layer loses nothing
        ("99/112026", True),  # no day
        ("12/992026", True),  # no month
        ("12/112126", True),  # no year of ours
        ("5512112026", True),  # within a longer number
    ],
)
def test_what_only_looks_like_a_date_is_none(printed: str, *, ocr: bool) -> None:
    """Day, month and year must be whole, in words that OCR read."""
    assert grid.read(invoice(dates=f"Date : {printed}"), ocr=ocr).get("issue_date") is None


def test_a_number_is_no_date_without_a_label_that_says_so() -> None:
    """ "1211/2026" after « Facture n° » is a number."""
    read = grid.read(invoice(number="Facture n° 1211/2026"), ocr=True)

    assert read.get("number") == "1211/2026"
    assert read.get("issue_date") == date(2026, 11, 12)


def test_a_whole_date_goes_before_a_mended_one() -> None:
    """The same label beside both: the one that lost nothing."""
    read = grid.read(invoice(dates="Date : 12/11/2026   13/112026"), ocr=True)

    assert read.get("issue_date") == date(2026, 11, 12)


#: The head of a page rendered at 200 dpi, as the embedded OCR gave it: left, top, right, bottom in
#: ten thousandths. The engine draws its boxes a little tall, so the rows of references overlap.
TIGHT = """
    Imprimerie 926 561 2370 789 | des 2441 561 2904 789 | Quais 2975 561 3666 789
    FACTURE 7786 572 9035 789 | 14 958 961 1099 1100 | quai 1154 961 1452 1100
    Saint-Vincent 1484 961 2363 1100 | 69001 965 1094 1358 1261 | Lyon 1397 1094 1711 1261
    Facture 7190 1061 7708 1206 | n° 7739 1061 7881 1206 | FA-2026-0417 8124 1067 9058 1206
    facturation@400000006.example 958 1256 3140 1394 | Date 7229 1194 7512 1344
    08/11/2026 8265 1200 9027 1344 | Échéance 7198 1317 7841 1483
    08/12/2026 8265 1322 9058 1489 | Total 6154 4756 6538 4922 | HT 6538 4756 6750 4922
    901,00 8446 4761 8878 4928 | € 8925 4761 8995 4928 | Total 6154 4933 6515 5100
    TVA 6562 4933 6805 5100 | 119,30 8446 4944 8878 5111 | € 8925 4944 8995 5111
    Total 6162 5117 6523 5283 | TTC 6570 5117 6813 5283 | 1 8328 5117 8407 5283
    020,30 8454 5117 8878 5283 | € 8925 5117 8995 5283 | Net 6209 5306 6468 5489
    à 6515 5306 6601 5489 | payer 6688 5306 7135 5489 | 1 8124 5322 8218 5472
    020,30 8265 5322 8830 5472 | € 8878 5322 8972 5472
"""


def _recorded(*lost: str) -> Candidate:
    """What is read in these words, without those that the engine would have lost."""
    words = []
    for word in TIGHT.replace("\n", "|").split("|"):
        text, *edges = word.split() or [""]
        if text and text not in lost:
            words.append(Word(text, Box(*(int(edge) / 10_000 for edge in edges)), 0.99))
    page = Page(number=1, words=tuple(words), width=1274.0, height=1800.0)
    return extract(PageSet(pages=(page,), origin="ocr:test", total=1), origin=Origin.OCR)


def test_the_label_of_the_next_tight_row_does_not_take_a_date_that_has_its_own() -> None:
    """« Date » says less than « Échéance », which stands almost level: each keeps its date."""
    read = _recorded()

    assert (date(2026, 11, 8), date(2026, 12, 8)) == (read.day("issue_date"), read.day("due_date"))


def test_a_due_date_that_ocr_lost_is_not_the_date_of_the_row_above() -> None:
    """« Échéance » without its value takes none; the date of issue stays where it stands."""
    read = _recorded("08/12/2026")

    assert date(2026, 11, 8) == read.day("issue_date")
    assert read.get("due_date") is None


def test_a_date_without_a_label_on_its_row_still_goes_to_the_one_almost_level() -> None:
    """Where « Date » was lost, the sheet may lie askew: the label of the next row may claim it."""
    read = _recorded("Date", "08/12/2026")

    assert date(2026, 11, 8) == read.get("due_date")
