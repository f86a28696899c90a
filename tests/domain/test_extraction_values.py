"""Values on a page: amounts, dates and identifiers, however they are written."""
# ruff: noqa: E501

from datetime import date
from decimal import Decimal

import pytest
from facteur.domain.extraction import amounts, blocks, dates, taxes
from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.once import once
from facteur.domain.identifiers import vat_of_siren
from facteur.domain.money import cents
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.grid import reader, text

MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def _numbers(line: str, decimal: str = ",", **more: bool) -> list[Decimal]:
    return [one.value for one in amounts.numbers(text(line).rows[0], decimal=decimal, **more)]


@pytest.mark.parametrize(
    ("written", "decimal", "meant"),
    [
        ("1 245,30", ",", "1245.30"),
        ("1.245,30", ",", "1245.30"),
        ("1,245.30", ".", "1245.30"),
        ("1'245.30", ".", "1245.30"),
        ("12 345 678,90", ",", "12345678.90"),
        ("1245,30", ",", "1245.30"),
        ("0,05", ",", "0.05"),
        ("-12,50", ",", "-12.50"),
        ("12,50-", ",", "-12.50"),
        ("€ 12,50", ",", "12.50"),
        ("€-12.50", ".", "-12.50"),
        ("50,-", ",", "50"),
        ("1.000", ",", "1000"),
        ("1.000", ".", "1.000"),
        ("1,000", ".", "1000"),
        ("9,9000", ",", "9.9000"),
        ("12 , 50", ",", "12.50"),
    ],
)
def test_an_amount_is_understood_in_every_usual_spelling(written, decimal, meant):
    """French, German, English and Swiss thousands and decimals; signs before and after."""
    assert _numbers(written, decimal) == [Decimal(meant)]


@given(st.decimals(min_value=0, max_value=9_999_999, places=2))
def test_any_amount_written_the_french_way_is_read_back(value):
    """Printing with spaces and a comma, then reading, gives the amount."""
    whole, part = f"{value:.2f}".split(".")
    written = f"{int(whole):,}".replace(",", " ") + "," + part
    assert _numbers(written) == [value]


@given(st.decimals(min_value=0, max_value=9_999_999, places=2))
def test_any_amount_written_the_english_way_is_read_back(value):
    """Printing with commas and a point, then reading, gives the amount."""
    assert _numbers(f"{value:,.2f}", ".") == [value]


@given(st.text(alphabet="0123456789 .,'-€%olI/", max_size=40))
def test_no_string_of_digits_and_signs_breaks_the_reader(written):
    """Hostile input: whatever stands there, numbers are Decimals and nothing is raised."""
    line = f"x {written}"
    found = reader(line, ocr=True).numbers
    assert all(isinstance(one.value, Decimal) for one in found)


def test_a_wide_gap_parts_a_quantity_from_a_price():
    """ "3   300,00" is three and three hundred, "3 300,00" is three thousand three hundred."""
    assert _numbers("3   300,00") == [Decimal(3), Decimal("300.00")]
    assert _numbers("3 300,00") == [Decimal("3300.00")]


def test_digits_inside_words_dates_and_references_are_no_amounts():
    """Neither "CT2018" nor "31/12/2026" nor "F-2024-001" holds an amount."""
    found = reader("Contrat CT2018120802 du 31/12/2026 réf. F-2024-001").numbers
    assert [one.value for one in found if one.money] == []


def test_a_percentage_is_no_money():
    """ "20 %" is a rate."""
    (rate,) = amounts.numbers(text("20 %").rows[0], decimal=",")
    assert rate.percent
    assert not rate.money


def test_ocr_lookalikes_are_repaired_between_digits():
    """ "1O7,l0" read by OCR is 107,10; in a text layer letters stay letters."""
    assert _numbers("1O7,l0", ocr=True) == [Decimal("107.10")]
    assert _numbers("1O7,l0") != [Decimal("107.10")]


@pytest.mark.parametrize(
    "written",
    ["07/03/2024", "7/3/2024", "07-03-2024", "07.03.24", "7 mars 2024", "07 MARS 2024", "March 7, 2024",
     "7th March 2024", "7. März 2024", "2024-03-07", "20240307", "7 mrt 2024", "07 / 03 / 2024", "7mars2024"],
)  # fmt: skip
def test_a_date_is_understood_in_every_usual_spelling(written):
    """French, English, German and Dutch months; ISO; digits alone."""
    (found,) = dates.dates(text(written).rows[0])
    assert found.day == date(2024, 3, 7)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2079, 12, 31)))
def test_any_date_written_the_french_way_is_read_back(day):
    """Digits with slashes, short years, and months in letters all give the day back."""
    for written in (
        f"{day:%d/%m/%Y}",
        f"{day:%d/%m/%y}",
        f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    ):
        assert [one.day for one in dates.dates(text(written).rows[0])] == [day]


@pytest.mark.parametrize(
    "written", ["31/02/2024", "00/01/2024", "45/13/2024", "12/2024", "1.2.3", "99/99/9999"]
)
def test_an_impossible_date_is_no_date(written):
    """31 February does not exist: nothing is given rather than something near."""
    assert dates.dates(text(written).rows[0]) == []


def test_the_american_order_is_recognised_by_the_page_itself():
    """02/17/26 can only be month first, so 03/04/26 on the same page is March 4."""
    page = reader("Date: 02/17/2026", "Due: 03/04/2026")
    assert [one.day for one in page.dates] == [date(2026, 2, 17), date(2026, 3, 4)]


def test_identifiers_are_found_with_spaces_and_labels():
    """SIREN, SIRET, VAT number and IBAN in the spellings of letterheads."""
    found = reader(
        "SIRET : 732 829 320 00074   N° TVA intra : FR 44 732 829 320",
        "732 829 320 RCS Paris",
        "IBAN : FR76 3000 6000 0112 3456 7890 189 - BIC : AGRIFRPP882",
    ).marks
    assert [(one.kind, one.value, one.valid) for one in found] == [
        ("vat", "FR44732829320", True),
        ("siret", "73282932000074", True),
        ("siren", "732829320", True),
        ("iban", "FR7630006000011234567890189", True),
        ("bic", "AGRIFRPP882", True),
    ]


def test_an_identifier_with_a_wrong_key_is_kept_and_said_invalid():
    """The page may carry a mistake: it is shown, with a doubt."""
    (mark,) = reader("SIREN : 123 456 789").marks
    assert (mark.value, mark.valid) == ("123456789", False)


def test_telephones_and_gtins_are_no_identifiers():
    """Fourteen digits of an article code or ten of a telephone are nobody's SIRET."""
    assert reader("Tél : 01 02 03 54 87", "GTIN: 59878541259874", "Commande 123456789").marks == []


def test_an_iban_broken_over_two_lines_is_joined():
    """A narrow column cuts the account number: the rest stands below, at the same edge."""
    page = """
    Banque            IBAN
    Crédit du Nord    FR76 3000 6000 0112 3456
                      7890189
    """
    found = [one for one in reader(page).marks if one.kind == "iban"]
    assert [one.value for one in found] == ["FR7630006000011234567890189"]


def test_ocr_mistakes_in_an_iban_are_mended_when_the_key_proves_it():
    """O for 0 and I for 1: only the reading whose key is right is kept."""
    found = reader("IBAN : FR76 3OOO 6000 0112 3456 7890 I89", ocr=True).marks
    assert [(one.value, one.valid) for one in found] == [("FR7630006000011234567890189", True)]


@given(st.integers(min_value=100_000_000, max_value=999_999_999))
def test_the_vat_number_of_any_siren_is_recognised(number):
    """Any nine digits give a VAT number of the right shape, found by its label."""
    value = vat_of_siren(str(number))
    found = [one.value for one in reader(f"N° TVA : {value}").marks if one.kind == "vat"]
    assert found == [value]


@given(
    st.decimals("0.01", "99999.99", places=2), st.sampled_from(sorted(taxes.RATES)), st.booleans()
)
def test_the_rate_of_a_tax_is_the_one_that_trying_each_gives(base, rate, credit):
    """Looked for near tax / base, common rates first: as when every rate is put to the test."""
    tax = cents(base * rate / 100) * (-1 if credit else 1)
    base = -base if credit else base
    expected = None
    for rates in (taxes._COMMON, taxes._EVERY):
        fitting = [one for one in rates if tax != 0 and taxes.proves(one, base, tax)]
        if fitting:
            expected = fitting[0] if len(fitting) == 1 else None
            break
    assert taxes.rate_of(base, tax) == expected


def test_what_stands_before_the_first_digit_of_a_number_is_read_with_it():
    """Currencies and a sign, as far from the digits as they may be, after many words."""
    line = "virement recu de la societe anonyme des eaux euros - euros -12,50 puis chf 7,00"
    found = amounts.numbers(text(line).rows[0], decimal=",")
    assert [(one.value, one.currency) for one in found] == [
        (Decimal("-12.50"), "EUR"), (Decimal("7.00"), "CHF"),
    ]  # fmt: skip


def test_a_spot_takes_the_place_of_its_signs_even_inside_words():
    """Two words of ten columns: their middle part starts and ends within each."""
    (row,) = text("abcdefghij klmnopqrst").rows
    whole, inside = Spot(row, 0, 21), Spot(row, 5, 16)
    share = (whole.x1 - whole.x0) / 21
    assert inside.x0 == pytest.approx(whole.x0 + 5 * share)
    assert inside.x1 == pytest.approx(whole.x0 + 16 * share)
    assert Spot(row, 30, 30).edges == (0.0, row.y0, 0.0, row.y1)


def test_a_heading_ends_the_block_above_it():
    """Stacks are made once; a heading in the middle of one has them made again around it."""
    page = reader("Ovalia SAS\n12 rue des Lilas\nClient :\nAtelier Mauve\n5 rue Haute")
    (sheet,) = page.text.sheets
    plain = [block.text for block in blocks.blocks(page, sheet)]
    assert plain == ["Ovalia SAS\n12 rue des Lilas\nClient :\nAtelier Mauve\n5 rue Haute"]
    parted = [block.text for block in blocks.blocks(page, sheet, blocks.headings(page))]
    assert parted == ["Ovalia SAS\n12 rue des Lilas", "Client :\nAtelier Mauve\n5 rue Haute"]
    assert page.stacks(sheet) is page.stacks(sheet)


def test_a_value_worked_out_once_is_kept_on_its_object():
    """Asked twice, made once; each object has its own; the class shows the property."""
    made = []

    class Page:
        @once
        def words(self) -> int:
            """How many."""
            made.append(self)
            return len(made)

    first, second = Page(), Page()
    assert [first.words, first.words, second.words] == [1, 1, 2]
    assert Page.words.__doc__ == "How many."
