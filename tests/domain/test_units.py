"""Units of measure from the words that invoices print."""

import pytest
from facteur.domain.units import code_of


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("h", "HUR"),
        ("Heures", "HUR"),
        ("jour", "DAY"),
        ("J.", "DAY"),
        ("kg", "KGM"),
        ("m²", "MTK"),
        ("m2", "MTK"),
        ("Stk", "H87"),
        ("pce", "H87"),
        ("forfait", "LS"),
        ("mois", "MON"),
        ("L", "LTR"),
        ("Unit(s)", "C62"),
        ("Liter(s)", "LTR"),
        ("", "C62"),
        ("bidule", "C62"),
        ("HUR", "HUR"),
        ("C62", "C62"),
        ("m³", "MTQ"),
    ],
)
def test_a_printed_unit_has_its_code(word, code):
    """Known words give their code, others count things."""
    assert code_of(word) == code
