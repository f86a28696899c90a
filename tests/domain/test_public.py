"""The public JSON of a candidate: plain keys, and every field with its origin."""

import json
from dataclasses import replace
from decimal import Decimal

from facteur.domain.candidate import Candidate, VatRow
from facteur.domain.pages import Box
from facteur.domain.public import public_json

from tests.domain.candidates import candidate


def test_the_public_json_is_json_with_the_documented_keys():
    """Amounts as text, dates as ISO 8601, tables as lists."""
    body = json.loads(json.dumps(public_json(candidate())))
    assert body["number"] == "F-1"
    assert body["issue_date"] == "2024-03-01"
    assert body["total_incl_vat"] == "143.00"
    assert body["type"] == "invoice"
    assert body["vat_breakdown"][0] == {"rate": "20", "base": "110.00", "tax": "22.00"}
    assert body["lines"][0] == {
        "description": "Conseil",
        "quantity": "2",
        "unit_price": "55.00",
        "total": "110.00",
    }


def test_what_is_to_be_checked_is_not_called_sure():
    """The same word as on the screens, from the same bar."""
    one = candidate()
    doubt = replace(one.fields["number"], confidence=0.94)
    body = public_json(one.with_("number", doubt))
    assert body["fields"]["number"]["sure"] is False


def test_each_field_says_where_it_comes_from():
    """Origin, page and box, path or person, beside the confidence."""
    one = candidate()
    reading = one.fields["number"]
    place = replace(reading.provenance, box=Box(0.1, 0.2, 0.3, 0.4), text="F-1", path="p", by="u1")
    body = public_json(one.with_("number", replace(reading, provenance=place)))
    assert body["fields"]["number"] == {
        "value": "F-1",
        "confidence": 1.0,
        "sure": True,
        "provenance": {
            "origin": "text",
            "path": "p",
            "page": 1,
            "box": [0.1, 0.2, 0.3, 0.4],
            "text": "F-1",
            "by": "u1",
        },
    }


def test_special_invoices_are_invoices_or_credit_notes_at_the_top():
    """The exact type stands in fields."""
    body = public_json(candidate(type="prepayment"))
    assert body["type"] == "invoice"
    assert body["fields"]["type"]["value"] == "prepayment"
    assert public_json(candidate(type="credit_note"))["type"] == "credit_note"


def test_a_base_outside_the_scope_has_rate_zero():
    """Category O has no rate; readers of JSON expect one."""
    row = VatRow(rate=None, base=Decimal(100), tax=Decimal(0), category="O")
    assert public_json(candidate(vat_breakdown=(row,)))["vat_breakdown"][0]["rate"] == "0"


def test_an_empty_candidate_gives_no_field():
    """Nothing read, nothing said."""
    assert public_json(Candidate(kind="other")) == {"fields": {}}
