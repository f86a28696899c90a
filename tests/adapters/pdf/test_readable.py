"""Tests of the readable page: every value of the invoice is on it, in French, and it is PDF/A."""

import dataclasses
import io
import itertools
import json
import types
import typing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pikepdf
import pytest
from facteur.adapters.readable import texts
from facteur.adapters.readable.view import FOOTER, view_of
from facteur.domain.invoice import (
    Address,
    AllowanceCharge,
    CreditTransfer,
    Identifier,
    Invoice,
    Line,
    Note,
    Party,
    Payment,
    Totals,
    VatBreakdown,
)

from tests import samples
from tests.adapters.pdf.conftest import SHARED
from tests.verapdf import broken_rules

EXAMPLES = sorted((SHARED / "conformance" / "invoice" / "examples").rglob("*.xml"))


def _invoice(*, count: int = 2, **values: object) -> Invoice:
    """An ordinary French invoice."""
    given: dict[str, object] = {
        "number": "FA-2026-0042",
        "issue_date": date(2026, 11, 14),
        "due_date": date(2026, 12, 14),
        "type_code": "380",
        "currency": "EUR",
        "seller": Party(
            name="Menuiserie Kervella SARL",
            legal_id=Identifier(value="552100554", scheme="0002"),
            vat="FR29552100554",
            address=Address(
                line1="12 rue des Ateliers", postcode="29200", city="Brest", country="FR"
            ),
        ),
        "buyer": Party(name="Société Exemple SAS", address=Address(city="Rennes", country="FR")),
        "lines": tuple(
            Line(
                id=str(number + 1), name=f"Article {number + 1}", quantity=Decimal(2), unit="H87",
                unit_price=Decimal("450"), net=Decimal("900.00"), vat_category="S",
                vat_rate=Decimal("20"),
            )
            for number in range(count)
        ),
        "vat_breakdown": (
            VatBreakdown(base=Decimal("1092.00"), tax=Decimal("218.40"), rate=Decimal("20")),
        ),
        "totals": Totals(
            tax_exclusive=Decimal("1092.00"), tax=Decimal("218.40"),
            tax_inclusive=Decimal("1310.40"), due=Decimal("1310.40"),
        ),
        "payment": Payment(
            means_code="58", transfers=(CreditTransfer(iban="FR7630006000011234567890189"),)
        ),
        "notes": (Note(text="Pas d'escompte", subject="AAB"),),
    }  # fmt: skip
    return Invoice(**{**given, **values})  # type: ignore[arg-type]


class _Filler:
    """Fills every field of a dataclass with a value that is found nowhere else."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}  # where → the text that must be on the page
        self._number = itertools.count(1)

    def fill(self, kind: type, where: str = "invoice") -> typing.Any:
        hints = typing.get_type_hints(kind)
        return kind(
            **{
                field.name: self._value(hints[field.name], f"{where}.{field.name}")
                for field in dataclasses.fields(kind)
            }
        )

    def _value(self, hint: typing.Any, where: str) -> typing.Any:
        if typing.get_origin(hint) in (types.UnionType, typing.Union):
            hint = next(one for one in typing.get_args(hint) if one is not type(None))
        if typing.get_origin(hint) is tuple:
            inside = typing.get_args(hint)
            if inside[-1] is Ellipsis:
                return (
                    self._value(inside[0], where + "[0]"),
                    self._value(inside[0], where + "[1]"),
                )
            return tuple(self._value(one, where) for one in inside)
        number = next(self._number)
        if dataclasses.is_dataclass(hint):
            return self.fill(hint, where)
        if hint is Decimal:
            value = Decimal(number) + Decimal("1000.13")
            self.shown[where] = texts.number(value)
            return value
        if hint is date:
            value = date(2020, 1, 1) + timedelta(days=number)
            self.shown[where] = texts.day(value)
            return value
        value = f"Zz{number:04d}"
        self.shown[where] = value
        return value


def test_every_field_that_is_filled_is_shown():
    """An invoice with a different value in each of its fields: all of them are on the page.

    Only what another field repeats or a label already says is left out: the unit of a currency,
    the version of a code list that is written with its name.
    """
    filler = _Filler()
    invoice = filler.fill(Invoice)
    shown = json.dumps(view_of(invoice), ensure_ascii=False)
    spaced = shown.replace(" ", "")
    missing = [
        where for where, text in filler.shown.items() if text not in shown and text not in spaced
    ]
    assert missing == [], missing


def test_the_data_reach_the_paper(pdf):
    """What the view says can be read on the PDF, accents, amounts and footer included."""
    content = pdf.read(pdf.readable(_invoice()))
    text = " ".join(word.text for word in content.pages.pages[0].words)
    for expected in (
        "Facture", "n° FA-2026-0042", "14/11/2026", "Menuiserie Kervella SARL", "SIREN 552100554",
        "Article 2", "2 pièce", "450,00", "1 310,40 €", "FR76 3000 6000 0112 3456 7890 189",
        "Virement SEPA", "Escompte : Pas d'escompte", FOOTER, "page 1 / 1",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_credit_note_says_so():
    """The type is in words."""
    assert view_of(_invoice(type_code="381"))["kind"] == "Avoir"


def test_an_unknown_type_is_shown_as_it_is():
    """A code that nobody knows is no reason to hide it."""
    assert view_of(_invoice(type_code="987"))["kind"] == "987"


def test_an_allowance_is_shown_negative():
    """A deduction cannot be mistaken for a charge."""
    view = view_of(
        _invoice(allowances=(AllowanceCharge(amount=Decimal("12.50"), reason="Fidélité"),))
    )
    assert view["adjustments"] == [["Remise · Fidélité", "", "", "", "−12,50\u00a0€"]]


def test_long_invoices_repeat_the_head_of_the_table(pdf):
    """Three hundred lines: several pages, each with the columns' names and its number."""
    pages = pdf.read(pdf.readable(_invoice(count=300))).pages.pages
    assert len(pages) > 5
    for page in pages[:-1]:
        assert "Désignation" in [word.text for word in page.words]
    last = " ".join(word.text for word in pages[-1].words)
    assert f"page {len(pages)} / {len(pages)}" in last


def test_what_does_not_fit_on_paper_is_said(pdf):
    """Beyond two thousand lines the page stays within the child's memory, and tells the rest."""
    pages = pdf.read(pdf.readable(_invoice(count=2500))).pages.pages
    shown = " ".join(word.text for page in pages for word in page.words)
    assert "500 autres lignes ne figurent que dans les données structurées" in shown
    assert "Article 2000" in shown
    assert "Article 2001" not in shown


def test_a_very_long_name_stays_on_the_paper(pdf):
    """A thousand characters, with and without spaces."""
    for name, piece, count in (("mot " * 250, "mot", 250), ("ж" * 1000, "ж", 1000)):
        line = Line(id="1", name=name, description="d" * 3000, net=Decimal(1))
        content = pdf.read(pdf.readable(_invoice(lines=(line,))))
        shown = "".join(word.text for page in content.pages.pages for word in page.words)
        assert shown.count(piece) == count


@pytest.mark.parametrize(
    "text",
    ["中文発票", "🙂 Facture", "עברית", "\u0007bell", "a\u200bb", "#strong[x] $y$ \\ // *gras*"],
)
def test_any_character_can_come(pdf, text):
    """What no face can draw becomes a question mark, markup stays text; the page is made."""
    made = pdf.readable(_invoice(number=f"N {text}"))
    assert broken_rules(made) == ()
    words = [word.text for word in pdf.read(made).pages.pages[0].words]
    if "strong" in text:
        assert "#strong[x]" in words
        assert "*gras*" in words


def test_an_empty_invoice_still_has_a_page(pdf):
    """Nothing but what the model requires."""
    bare = Invoice(
        number="", issue_date=None, type_code="", currency="", seller=Party(), buyer=Party(),
        totals=Totals(),
    )  # fmt: skip
    assert pdf.read(pdf.readable(bare)).info.pages == 1


def test_it_becomes_a_facturx_by_its_own_road(pdf):
    """PDF/A-3b as typst writes it, and still with the XML inside; same data, same bytes."""
    page = pdf.readable(_invoice())
    assert pdf.readable(_invoice()) == page
    assert broken_rules(page) == ()
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    made = pdf.facturx(page, samples.cii(), "EN 16931", words=None, title="F", created=moment)
    assert (made.road, made.pdfa) == ("readable", True)
    assert broken_rules(made.data) == ()
    with pikepdf.open(io.BytesIO(made.data)) as document:
        assert document.Root.Lang == "fr"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem[:40])
def test_official_examples_have_a_readable_page(pdf, path):
    """CII and UBL of the standard's annex: drawn, PDF/A by veraPDF and by our own check."""
    from facteur.formats.xml_invoice import parse

    data = path.read_bytes()
    page = pdf.readable(parse(data).invoice)
    assert broken_rules(page) == ()
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    made = pdf.facturx(page, data, "EN 16931", words=None, title="F", created=moment)
    assert (made.road, made.pdfa) == ("readable", True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1312.8", "1\u202f312,80"), ("-0.5", "−0,50"), ("0", "0,00"),
        ("1234567.123456", "1\u202f234\u202f567,123456"),
        ("1E+3", "1\u202f000,00"), ("2.500", "2,50"), ("-0.00", "0,00"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_in_france(value, expected):
    """Narrow spaces, a comma, every decimal that matters."""
    assert texts.number(Decimal(value)) == expected
