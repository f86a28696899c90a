"""Hundreds of invoices of our own making: what is read is what was written.

The floors are a little under what is reached; ``benchmarks/synthetic`` makes any number more.
"""

from decimal import Decimal

import pytest
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.companies import same
from facteur.domain.extraction import extract

from benchmarks.synthetic import others
from benchmarks.synthetic.content import Content, imagine
from benchmarks.synthetic.layouts import draw


def _checks(found: Candidate, content: Content) -> dict[str, bool]:
    """Each field that the page carries: right or not."""
    sign = {"credit_note": "credit_note", "invoice": "invoice"}.get(content.kind, content.kind)
    checks = {
        "type": found.get("type") == sign,
        "number": found.get("number") == content.number,
        "issue_date": found.get("issue_date") == content.issued,
        "seller_name": same(found.text("seller_name"), content.seller.full)
        or same(found.text("seller_name"), content.seller.name + " EI"),
        "buyer_name": same(found.text("buyer_name"), content.buyer.full),
        "seller_siren": found.text("seller_siren") in ("", content.seller.siren),
        "total_excl_vat": found.get("total_excl_vat") == content.excl,
        "total_vat": found.get("total_vat") == content.vat,
        "total_incl_vat": found.get("total_incl_vat") == content.incl,
        "amount_due": found.get("amount_due") == content.due_amount,
        "vat_breakdown": {(row.rate, row.base, row.tax) for row in found.vat_rows}
        == {(rate, base, content.taxes[rate]) for rate, base in content.bases.items()},
        "lines": [row.net for row in found.lines] == [row.net for row in content.rows],
    }
    if content.extra.get("due"):
        checks["due_date"] = found.get("due_date") == content.due
    if content.extra.get("iban"):
        checks["iban"] = found.get("iban") == content.seller.iban
    return checks


def test_french_invoices_of_many_layouts_are_read_right():
    """200 invoices: 99 % of the fields exact, and of those marked sure hardly one wrong."""
    right: list[bool] = []
    sure: list[bool] = []
    for seed in range(200):
        content = imagine(seed)
        if content.kind == "credit_note" and seed % 2:
            content.extra["negative"] = "yes"
        found = extract(draw(content, seed).pages(), origin=Origin.TEXT)
        for name, good in _checks(found, content).items():
            right.append(good)
            if name in found.fields and found.fields[name].sure:
                sure.append(good)
    assert sum(right) / len(right) >= 0.99
    assert sum(sure) / len(sure) >= 0.995
    assert len(sure) / len(right) >= 0.85


@pytest.mark.parametrize("family", others.FAMILIES, ids=lambda family: family.__name__)
def test_other_families_of_invoices_are_read_right(family):
    """Receipts, prices with tax, subscriptions, fees, foreign suppliers, coded wholesalers."""
    right: list[bool] = []
    for seed in range(25):
        canvas, truth = family(seed)
        found = extract(canvas.pages(), origin=Origin.TEXT)
        assert found.kind in ("invoice", "receipt")
        for name in (
            "number",
            "total_excl_vat",
            "total_vat",
            "total_incl_vat",
            "iban",
            "seller_vat",
        ):
            if truth.get(name) is not None:
                value = truth[name]
                right.append(
                    found.get(name)
                    == (Decimal(str(value)) if isinstance(value, Decimal) else value)
                )
        lines = truth.get("lines")
        if isinstance(lines, list):
            right.append([row.net for row in found.lines] == [row["total"] for row in lines])
    assert sum(right) / len(right) >= 0.98
