"""A candidate as public JSON: what ``facteur read --json`` prints and the corpus scores.

The keys at the top are plain values (amounts as text, dates as ISO 8601); ``fields`` holds every
field again with where it comes from, how often such a reading is right, and whether it is ``sure``
(where it is not, the screens say "à vérifier"). ``type`` at the top says "credit_note" or
"invoice" only; the exact kind of invoice is in ``fields``.
"""

from dataclasses import fields
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import Candidate, LineRow, Provenance, Reading, VatRow

#: The keys at the top, each a field of the same name.
PLAIN = (
    "number", "issue_date", "due_date", "seller_name", "seller_siren", "seller_siret",
    "seller_vat", "buyer_name", "currency", "total_excl_vat", "total_vat", "total_incl_vat",
    "amount_due", "iban",
)  # fmt: skip


def public_json(candidate: Candidate) -> dict[str, object]:
    """The candidate as values that JSON can hold; a field that was not read is absent."""
    body: dict[str, object] = {
        name: _value(candidate.fields[name].value) for name in PLAIN if name in candidate.fields
    }
    if "type" in candidate.fields:
        credit = candidate.text("type") == "credit_note"
        body["type"] = "credit_note" if credit else "invoice"
    if candidate.vat_rows:
        body["vat_breakdown"] = [_vat_row(row) for row in candidate.vat_rows]
    if candidate.lines:
        body["lines"] = [_line(row) for row in candidate.lines]
    body["fields"] = {name: _reading(one) for name, one in candidate.fields.items()}
    return body


def _value(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [{one.name: _value(getattr(row, one.name)) for one in fields(row)} for row in value]
    return value


def _vat_row(row: VatRow) -> dict[str, object]:
    rate = Decimal(0) if row.rate is None and row.tax == 0 else row.rate  # outside the scope
    return {"rate": _value(rate), "base": _value(row.base), "tax": _value(row.tax)}


def _line(row: LineRow) -> dict[str, object]:
    return {
        "description": row.description,
        "quantity": _value(row.quantity),
        "unit_price": _value(row.unit_price),
        "total": _value(row.net),
    }


def _reading(reading: Reading) -> dict[str, object]:
    return {
        "value": _value(reading.value),
        "confidence": reading.confidence,
        "sure": reading.sure,
        "provenance": _provenance(reading.provenance),
    }


def _provenance(place: Provenance) -> dict[str, object]:
    body: dict[str, object] = {"origin": place.origin.value}
    if place.path:
        body["path"] = place.path
    if place.page:
        body["page"] = place.page
    if place.box is not None:
        box = place.box
        body["box"] = [round(side, 4) for side in (box.left, box.top, box.right, box.bottom)]
    if place.text:
        body["text"] = place.text
    if place.by:
        body["by"] = place.by
    return body
