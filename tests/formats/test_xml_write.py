"""Writing the CII of a Factur-X, and choosing which XML is embedded."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from facteur.domain.invoice import (
    AllowanceCharge,
    CreditTransfer,
    Invoice,
    Line,
    Note,
    Party,
    Payment,
    Totals,
    VatBreakdown,
)
from facteur.formats.xml_invoice import for_facturx, level_of, parse, write_cii
from facteur.formats.xml_invoice.levels import EXTENDED_CTC_FR, PROFILES, SYNONYMS
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import REPO, found
from tests.xml_samples import FILES, direct_debit, full_invoice, sub_lines

GOLDEN = REPO / "tests" / "golden"


def golden(name: str) -> bytes:
    """A golden file."""
    return (GOLDEN / name).read_bytes()


@pytest.mark.parametrize(
    ("invoice", "level"),
    [(full_invoice(), "EN 16931"), (direct_debit(), "EN 16931"), (sub_lines(), "EXTENDED")],
    ids=["every term", "direct debit", "sub-lines"],
)
def test_what_is_written_is_read_back_whole(invoice: Invoice, level: str) -> None:
    """Term by term: nothing is lost, nothing is added."""
    parsed = parse(write_cii(invoice, level, FILES))
    assert parsed.invoice == invoice
    assert parsed.attachments == FILES
    assert parsed.faults == ()


def test_the_samples_use_every_field_of_the_model() -> None:
    """A field added to the model must come here, or the round trip would not see it."""
    samples = (full_invoice(), direct_debit(), sub_lines())
    unused = {
        field.name
        for field in fields(Invoice)
        if not any(getattr(sample, field.name) for sample in samples)
    }
    lines = [line for sample in samples for line in sample.lines]
    unused |= {
        f"line.{field.name}"
        for field in fields(Line)
        if not any(getattr(line, field.name) for line in lines)
    }
    unused |= {
        f"party.{field.name}"
        for field in fields(Party)
        if not any(getattr(sample.seller, field.name) for sample in samples)
    }
    assert unused == set()


@pytest.mark.parametrize(
    ("name", "invoice", "level"),
    [
        ("full-en16931.cii.xml", full_invoice(), "EN 16931"),
        ("full-basicwl.cii.xml", full_invoice(), "BASIC WL"),
        ("sub-lines-extended.cii.xml", sub_lines(), "EXTENDED"),
    ],
)
def test_the_bytes_are_those_of_the_golden_file(name: str, invoice: Invoice, level: str) -> None:
    """A change of what we write is seen, and decided, in the golden files."""
    assert write_cii(invoice, level, FILES) == golden(name)


def test_basic_wl_keeps_the_totals_and_drops_the_lines() -> None:
    """Lines, contacts and account names have no place; parties, VAT and totals stay."""
    full = full_invoice()
    read = parse(write_cii(full, "BASIC WL", FILES)).invoice
    assert read.lines == ()
    assert read.attachments == ()
    assert read.seller == replace(full.seller, contact=None, legal_form="")
    assert read.vat_breakdown == full.vat_breakdown
    assert read.totals == replace(full.totals, rounding=None)
    assert read.profile == PROFILES["BASIC WL"]


def test_another_level_is_refused() -> None:
    """We write three levels; asking for another one is a mistake of the caller."""
    with pytest.raises(ValueError, match="MINIMUM"):
        write_cii(full_invoice(), "MINIMUM")


def test_the_sum_of_lines_is_worked_out_when_the_issuer_gave_none() -> None:
    """CII demands BT-106: from the lines, else from the totals; never anything else."""
    full = full_invoice()
    without = replace(full, totals=replace(full.totals, lines=None))
    assert parse(write_cii(without, "EN 16931")).invoice.totals.lines == Decimal("1191.00")
    bare = replace(without, lines=())
    assert parse(write_cii(bare, "BASIC WL")).invoice.totals.lines == Decimal("1191.00")
    nothing = replace(bare, totals=Totals(due=Decimal(1)))
    assert parse(write_cii(nothing, "BASIC WL")).invoice.totals.lines is None


def test_an_account_without_means_of_payment_is_said_so() -> None:
    """ZUGFeRD 1.0 may give an account alone: the code is then 1, not defined."""
    payment = Payment(transfers=(CreditTransfer(iban="COMPTE INTERNE 7"),))
    read = parse(write_cii(replace(full_invoice(), payment=payment), "EN 16931")).invoice
    assert read.payment == replace(payment, means_code="1")


def test_characters_that_xml_cannot_carry_are_dropped() -> None:
    """Text layers of PDFs hold control characters: they must not stop an invoice."""
    odd = replace(full_invoice(), notes=(Note(text="a\x00b\x0bc\ufffe d\ud800"),))
    assert parse(write_cii(odd, "EN 16931")).invoice.notes == (Note(text="abc d"),)


def test_hostile_text_stays_text() -> None:
    """Markup in a value is escaped, not written."""
    name = '</ram:Name><!DOCTYPE x [<!ENTITY a "b">]>&a;'
    hostile = replace(full_invoice(), seller=replace(full_invoice().seller, name=name))
    assert parse(write_cii(hostile, "EN 16931")).invoice.seller.name == name


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)
rates = st.sampled_from([Decimal("20.00"), Decimal("5.5"), Decimal(0), Decimal("1E+1")])
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=20,
).filter(lambda text: text == text.strip())


@settings(max_examples=40, deadline=None)
@given(
    number=words,
    day=st.dates(date(1000, 1, 1), date(9999, 12, 31)),
    rows=st.lists(st.tuples(amounts, amounts, rates), max_size=3),
    nets=st.lists(amounts, min_size=1, max_size=3),
    reason=words,
)
def test_any_values_survive_the_round_trip(
    number: str, day: date, rows: list[tuple[Decimal, ...]], nets: list[Decimal], reason: str
) -> None:
    """Whatever the text, the day and the amounts, to the last digit."""
    invoice = replace(
        full_invoice(),
        number=number,
        issue_date=day,
        due_date=day - timedelta(days=1) if day.year > 1000 else day,
        vat_breakdown=tuple(
            VatBreakdown(base=base, tax=tax, category="S", rate=rate) for base, tax, rate in rows
        ),
        tax_point_code="5" if rows else "",
        lines=tuple(
            Line(id=str(position), name=reason, net=net, quantity=net, unit="C62")
            for position, net in enumerate(nets)
        ),
        allowances=(AllowanceCharge(amount=nets[0], reason=reason, vat_category="S"),),
    )
    assert parse(write_cii(invoice, "EN 16931", FILES)).invoice == invoice


@pytest.mark.parametrize(
    ("bt24", "level"), [*((v, k) for k, v in PROFILES.items()), *SYNONYMS.items()]
)
def test_a_profile_has_a_level(bt24: str, level: str) -> None:
    """The identifiers of Factur-X, those of its former editions, and the French EXTENDED."""
    assert level_of(bt24) == level
    assert level_of(f" {bt24} ") == level


@pytest.mark.parametrize(
    "bt24",
    [
        "",
        "urn:example:other",
        "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
        "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort",
    ],
)
def test_other_profiles_have_none(bt24: str) -> None:
    """XRechnung, Peppol and the rest are no Factur-X level."""
    assert level_of(bt24) == ""


def test_the_issuer_s_own_factur_x_is_embedded_untouched() -> None:
    """Not a byte of a CII that names a Factur-X profile is changed."""
    for name, level in (
        ("full-en16931.cii.xml", "EN 16931"),
        ("full-basicwl.cii.xml", "BASIC WL"),
    ):
        data = golden(name)
        assert for_facturx(data, parse(data)) == (data, level)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_another_name_of_a_profile_is_replaced_and_nothing_else(encoding: str) -> None:
    """EXTENDED-CTC-FR has no name inside a Factur-X: only its identifier changes."""
    text = golden("sub-lines-extended.cii.xml").decode()
    french = text.replace(PROFILES["EXTENDED"], EXTENDED_CTC_FR)
    data = french.replace("UTF-8", encoding.upper(), 1).encode(encoding)
    embedded, level = for_facturx(data, parse(data))
    assert level == "EXTENDED"
    assert parse(embedded).invoice == sub_lines()
    if encoding == "utf-8":
        assert embedded.decode() == text


@pytest.mark.parametrize(
    ("data", "level"),
    [
        (golden("full.ubl.xml"), "EN 16931"),
        (golden("credit-note.ubl.xml"), "EN 16931"),
        (golden("zugferd1.xml"), "EN 16931"),
        (
            golden("full-en16931.cii.xml").replace(
                b">urn:cen.eu:en16931:2017<",
                b">urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0<",
            ),
            "EN 16931",
        ),
    ],
    ids=["UBL", "Peppol credit note", "ZUGFeRD 1", "XRechnung"],
)
def test_everything_else_is_written_anew(data: bytes, level: str) -> None:
    """The same invoice, in a CII that names its Factur-X profile, files included."""
    parsed = parse(data)
    embedded, found_level = for_facturx(data, parsed)
    again = parse(embedded)
    assert found_level == level == level_of(again.profile)
    assert again.invoice.totals == parsed.invoice.totals
    assert again.invoice.lines == parsed.invoice.lines
    assert again.attachments == parsed.attachments


def test_an_invoice_without_lines_becomes_basic_wl() -> None:
    """The level says no more than the content."""
    text = golden("full.ubl.xml").decode()
    start, end = text.index("  <cac:InvoiceLine>"), text.index("</Invoice>")
    data = (text[:start] + text[end:]).encode()
    embedded, level = for_facturx(data, parse(data))
    assert level == "BASIC WL"
    assert parse(embedded).profile == PROFILES["BASIC WL"]


def test_lines_under_a_profile_without_lines_are_written_anew() -> None:
    """A MINIMUM that holds lines is no MINIMUM: no reader would take it as it is."""
    data = golden("full-en16931.cii.xml").replace(
        b">urn:cen.eu:en16931:2017<", b">urn:factur-x.eu:1p0:minimum<"
    )
    embedded, level = for_facturx(data, parse(data))
    assert level == "EN 16931"
    assert parse(embedded).invoice == full_invoice()


def test_every_official_example_can_be_embedded() -> None:
    """Each gives XML that names a level, with the totals of the issuer to the cent."""
    paths = found("conformance/invoice/examples/*/*.xml")
    if not paths:
        pytest.skip("no official examples: set FACTEUR_SHARED to the shared folder")
    for path in paths:
        data = path.read_bytes()
        parsed = parse(data)
        embedded, level = for_facturx(data, parsed)
        again = parse(embedded)
        assert level_of(again.profile) == level, path.name
        assert again.invoice.totals == parsed.invoice.totals, path.name
