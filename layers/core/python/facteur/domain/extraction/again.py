"""What one correction may make sure: a hint that no second document has confirmed yet.

The person who corrected a page said where a value stands on this supplier's pages. Where the same
label stands as often as there, with a value of the same shape at the same place, and OCR, if it
read it, had no doubt, that is as good as a reading: of such values none was wrong in text and one
in three hundred by OCR, in the series of ``python -m benchmarks.series`` (decision 0206). Money
never is: amounts, type, VAT and accounts wait for a second document.
"""

from collections.abc import Mapping

from facteur.domain.candidate import Reading
from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.hints import Hint

SURE = 0.95
#: References and dates: what a label names, and nobody is paid by.
FIELDS = frozenset({
    "number", "issue_date", "due_date", "delivery_date", "period_start", "period_end",
    "purchase_order", "contract", "preceding_invoice", "preceding_date",
})  # fmt: skip
_OWN = frozenset({"seller_name", "seller_address", "seller_postcode", "seller_city"})
_IDENTIFIERS = ("seller_siren", "seller_siret", "seller_vat")
_SIDEWAYS, _DOWN = 0.04, 0.03  # of the page: how far it may have moved
_CLEAR = 0.97  # the least certainty of words that OCR read


def found(reader: Reader, hint: Hint, spot: Spot) -> bool:
    """True when a value that an unconfirmed hint found by its label stands where it was taught."""
    if hint.field not in FIELDS or hint.missed or hint.at is None:
        return False
    left, top = place_of(reader, spot)
    near = abs(left - hint.at[0]) <= _SIDEWAYS and abs(top - hint.at[1]) <= _DOWN
    return near and (not reader.ocr or spot.certainty >= _CLEAR)


def identified(hint: Hint, fields: Mapping[str, Reading]) -> bool:
    """True for the seller's own name or address where the page surely identifies him.

    The hints are those of his card, which such an identifier names.
    """
    named = any(name in fields and fields[name].sure for name in _IDENTIFIERS)
    return hint.field in _OWN and named and not hint.missed


def place_of(reader: Reader, spot: Spot) -> tuple[float, float]:
    """Left and top of a spot, as fractions of its page."""
    sheet = reader.text.sheet(spot.page)
    return round(spot.x0 / sheet.width, 4), round(spot.y0 / sheet.height, 4)
