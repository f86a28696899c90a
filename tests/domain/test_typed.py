"""What a user types, as values, and values as the form shows them."""
# ruff: noqa: E501

from datetime import date
from decimal import Decimal

import pytest
from facteur.domain import typed
from facteur.domain.candidate import FIELDS, AdjustmentRow, LineRow, VatRow
from facteur.domain.faults import Fault
from hypothesis import given
from hypothesis import strategies as st

D = Decimal


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", "25/04/2022", date(2022, 4, 25)),
        ("date", "25.4.22", date(2022, 4, 25)),
        ("date", "2022-04-25", date(2022, 4, 25)),
        ("date", "25 avril 2022", date(2022, 4, 25)),
        ("date", "1er août 2022", date(2022, 8, 1)),
        ("date", "25042022", date(2022, 4, 25)),
        ("amount", "1 312,80", D("1312.80")),
        ("amount", "1\u202f312,80 €", D("1312.80")),
        ("amount", "1312.8", D("1312.8")),
        ("amount", "1.312,80", D("1312.80")),
        ("amount", "1,312.80", D("1312.80")),
        ("amount", "-12", D("-12")),
        ("amount", "5,5 %", D("5.5")),
        ("currency", "eur", "EUR"),
        ("currency", "€", "EUR"),
        ("country", "France", "FR"),
        ("country", "de", "DE"),
        ("siren", "732 829 320", "732829320"),
        ("siret", "732 829 320 00074", "73282932000074"),
        ("vat", "fr 44 732829320", "FR44732829320"),
        ("iban", "FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        ("bic", "agrifrpp882", "AGRIFRPP882"),
        ("type", "credit_note", "credit_note"),
        ("text", "  Ovalia   SAS ", "Ovalia SAS"),
    ],
)
def test_french_habits_are_understood(kind, text, value):
    """Comma or point, spaces, slashes or letters: what people type."""
    assert typed.parse_value(kind, text, path="x") == value


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("date", "31/02/2022", "typed.date"),
        ("date", "demain", "typed.date"),
        ("amount", "douze", "typed.amount"),
        ("amount", "1,2,3,4x", "typed.amount"),
        ("amount", "NaN", "typed.amount"),
        ("amount", "1e999", "typed.amount"),
        ("currency", "francs", "typed.currency"),
        ("country", "Atlantide", "typed.country"),
        ("siren", "12345", "typed.siren"),
        ("siret", "732829320", "typed.siret"),
        ("vat", "44", "typed.vat"),
        ("iban", "FR7630006000011234567890188", "iban.invalid"),
        ("bic", "X", "bic.invalid"),
        ("type", "facture", "typed.type"),
        ("lines", "x", "typed.rows"),
        ("lines", ["x"], "typed.rows"),
        ("lines", [{"net": "abc"}], "typed.amount"),
    ],
)
def test_what_cannot_be_understood_is_a_fault_on_its_field(kind, text, code):
    """The fault names the field (or the cell) and repeats what was typed."""
    fault = typed.parse_value(kind, text, path="champ")
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert fault.path.startswith("champ")
    assert fault.blocking


@pytest.mark.parametrize(
    "kind", sorted(set(FIELDS.values()) - {"lines", "adjustments", "vat_rows"})
)
@pytest.mark.parametrize("nothing", ["", "   ", None])
def test_nothing_typed_is_nothing(kind, nothing):
    """An emptied field is taken away, whatever its kind."""
    assert typed.parse_value(kind, nothing) is None


@given(st.sampled_from(sorted(set(FIELDS.values()))), st.text(max_size=60))
def test_no_text_breaks_the_form(kind, text):
    """Hostile input: a value, nothing or a fault; never an exception."""
    typed.parse_value(kind, text, path="x")


def test_rows_are_read_with_all_their_cells():
    """A line keeps the attributes that the form hides; blank rows fall away."""
    rows = typed.parse_value(
        "lines",
        [
            {"description": "Conseil", "quantity": "2", "unit": "h", "unit_price": "55,00", "net": "110,00",
             "vat_rate": "20", "discount_percent": "", "gross": "1"},
            {"description": "", "net": " "},
        ],
    )  # fmt: skip
    assert rows == (
        LineRow(
            description="Conseil",
            quantity=D(2),
            unit="h",
            unit_price=D("55.00"),
            net=D("110.00"),
            vat_rate=D(20),
            gross=True,
        ),
    )
    assert typed.parse_value(
        "vat_rows", [{"rate": "20", "base": "110", "tax": "22", "category": "S"}]
    ) == (VatRow(rate=D(20), base=D(110), tax=D(22), category="S"),)
    assert typed.parse_value(
        "adjustments", [{"amount": "5", "charge": "1", "reason": "Port"}]
    ) == (AdjustmentRow(amount=D(5), charge=True, reason="Port"),)
    assert typed.parse_value("lines", []) == ()


def test_an_adjustment_without_amount_is_a_fault():
    """A discount of nothing means nothing."""
    fault = typed.parse_value("adjustments", [{"reason": "Remise"}], path="adjustments")
    assert isinstance(fault, Fault)
    assert fault.path == "adjustments.0.amount"


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_any_amount_shown_is_read_back(value):
    """present, then parse_value: the same amount."""
    assert typed.parse_value("amount", typed.present("amount", value)) == value


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_any_date_shown_is_read_back(day):
    """present, then parse_value: the same day."""
    assert typed.parse_value("date", typed.present("date", day)) == day


def test_values_are_shown_the_french_way():
    """Spaces in amounts, accounts and identifiers; two decimals at least."""
    assert typed.present("amount", D("1312.8")) == "1\u202f312,80"
    assert typed.present("amount", D("0.125")) == "0,125"
    assert typed.present("amount", D("-5")) == "-5,00"
    assert (
        typed.present("iban", "FR7630006000011234567890189") == "FR76 3000 6000 0112 3456 7890 189"
    )
    assert typed.present("siren", "732829320") == "732 829 320"
    assert typed.present("siret", "73282932000074") == "732 829 320 00074"
    assert typed.present("text", "Ovalia") == "Ovalia"
    assert typed.present("lines", ()) == ""


@pytest.mark.parametrize(("path", "most"), [("number", 100), ("payment_terms", 2000)])
def test_a_text_beyond_measure_is_told_its_limit(path, most):
    """A number of 5,000 signs would be sealed, and stand in every list."""
    assert typed.parse_value("text", "x" * most, path=path) == "x" * most
    fault = typed.parse_value("text", "x" * (most + 1), path=path)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.path, fault.values) == ("typed.too_long", path, {"limit": str(most)})
